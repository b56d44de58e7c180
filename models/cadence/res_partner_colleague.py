from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html


class ResPartner(models.Model):
    """Customers of colleagues: what the record rules hide is theirs, not "none", and what one hears of them reaches them
    (S1)."""

    _inherit = 'res.partner'

    customer_contacts_hidden = fields.Boolean(
        compute='_compute_customer_contact', search='_search_customer_contacts_hidden',
        help="A colleague looks after it, and what was said and is planned is for that one to see.")
    customer_with = fields.Char(compute='_compute_customer_with')
    customer_tell_label = fields.Char(compute='_compute_customer_tell_label')

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _customer_hidden_sql(self, alias):
        """Return SQL that is true where the contacts with a customer are hidden from the user: the record rules of
        follow-ups, seen from the customer."""
        if self.env.su:
            return SQL("FALSE")
        user, uid = self.env.user, self.env.uid
        elsewhere = SQL("%s <> ALL(%s)", self.env['customer.responsibility']._company_sql(alias), self.env.companies.ids)
        if user.has_group('customer_success.group_customer_success_manager'):
            return elsewhere
        manager_id = SQL.identifier(alias, 'user_id')
        others = SQL("COALESCE(%s, %s) <> %s", manager_id, uid, uid)
        if user.has_group('customer_success.group_customer_success_leader'):
            others = SQL(
                """%s AND NOT EXISTS (SELECT 1 FROM res_users AS seller JOIN crm_team AS team ON team.id = seller.customer_team_id
                                       WHERE seller.id = %s AND team.user_id = %s)""", others, manager_id, uid)
        return SQL("(%s OR %s)", elsewhere, others)

    def _search_customer_contacts_hidden(self, operator, value):
        if operator != 'in':
            return NotImplemented
        hidden = Domain.custom(to_sql=lambda model, alias, query: model._customer_hidden_sql(alias))
        return Domain.OR(hidden if wanted else ~hidden for wanted in value)

    @api.depends('customer_contacts_hidden', 'user_id')
    @api.depends_context('uid', 'lang')
    def _compute_customer_with(self):
        for partner in self:
            partner.customer_with = partner.customer_contacts_hidden and self.env._(
                "With %(manager)s", manager=partner._looked_after_by())

    @api.depends('user_id')
    @api.depends_context('uid', 'lang')
    def _compute_customer_tell_label(self):
        worked_with = self._filtered_worked_with()
        for partner in self:
            partner.customer_tell_label = partner not in worked_with and self.env._(
                "Tell %(manager)s", manager=partner._looked_after_by())

    def _looked_after_by(self):
        """Return the name of the account manager, where that one left of whoever has the work now, else of the company."""
        self.ensure_one()
        user = self.sudo().user_id  # a colleague, perhaps of another company
        company = self._planning_company()
        if user and not user.active:
            user = self.env['customer.responsibility']._owner('manager', user, company).sudo()  # as above
        return user.name or company.sudo().name  # as above

    # ------------------------------------------------------------
    # STRIP
    # ------------------------------------------------------------

    def _customer_strip(self):
        """Add ``with``, whose customer it is where its contacts are hidden, and ``tell``, what the button says then."""
        return {**super()._customer_strip(), 'with': self.customer_with, 'tell': self.customer_tell_label}

    @api.readonly
    def get_customer_relationship(self):
        """Add ``with``: whose customer it is, where what is planned is hidden."""
        relationship = super().get_customer_relationship()
        return {**relationship, 'with': self.customer_with} if relationship else relationship

    # ------------------------------------------------------------
    # TELLING A COLLEAGUE
    # ------------------------------------------------------------

    def _action_tell(self, note=''):
        """Open the dialog that tells whoever looks after this customer something.

        :param str note: what was typed already
        """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("%(tell)s: %(customer)s", tell=self.customer_tell_label, customer=self.name),
            'res_model': 'customer.tell',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_partner_id': self.id, 'default_note': note},
        }

    def customer_tell(self, note):
        """Tell whoever looks after this customer something: as a message on the customer and an activity for today.

        For those who don't work with the customer and can't log a contact; other programs may call it too.

        :param str note: what there is to tell
        :return: id of the message
        :rtype: int
        """
        self._customer_one()
        customer = self.commercial_partner_id
        customer.check_access('read')
        self.env['customer.followup'].check_access('create')
        if not isinstance(note, str) or not note.strip():
            raise ValidationError(self.env._("Please write what there is to tell."))
        responsibility, company = self.env['customer.responsibility'], customer._planning_company()
        manager = customer.sudo().user_id  # as above
        doer = responsibility._doer('manager', manager, company)
        if not doer:
            raise UserError(self.env._(
                "Nobody is there who looks after %(customer)s. Ask your team leader who takes it.",
                customer=customer.display_name))
        told = responsibility._owner('manager', manager, company) | doer
        # a note is no change of the customer, and colleagues may do without the right to change it
        customer = customer.sudo()
        message = customer.message_post(
            body=plaintext2html(note), message_type='comment', subtype_xmlid='mail.mt_note',
            partner_ids=told.sudo().partner_id.ids)  # the address of a colleague, perhaps of another company
        says = customer.with_context(lang=doer.sudo().lang)  # as above
        says.with_context(mail_activity_quick_update=True).activity_schedule(  # the message notifies already
            'mail.mail_activity_data_todo', summary=says.env._("From %(user)s", user=self.env.user.name),
            note=plaintext2html(note), user_id=doer.id)
        return message.id
