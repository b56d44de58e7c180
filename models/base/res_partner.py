from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: What the zone of a contact follows from.
ZONE_FIELDS = {'tz', 'country_id', 'state_id'}


class ResPartner(models.Model):
    """Who works with a customer: one rule, asked everywhere."""

    _inherit = 'res.partner'

    customer_company_id = fields.Many2one(
        comodel_name='res.company', string="Company of the Customer", compute='_compute_customer_company_id',
        search='_search_customer_company_id', compute_sudo=True,
        help="Its own, else that of its account manager, else the main company: what is noted of it is for people there.")

    @api.depends('commercial_partner_id.company_id', 'commercial_partner_id.user_id.company_id')
    def _compute_customer_company_id(self):
        responsibility = self.env['customer.responsibility']
        for partner in self:
            partner.customer_company_id = responsibility._company_of(partner.commercial_partner_id)

    def write(self, vals):
        """Forget which zones we ourselves live in when one of them may be another one."""
        result = super().write(vals)
        if (ZONE_FIELDS & vals.keys()
                and not self.env['customer.clock']._our_contact_ids().isdisjoint(self.ids)):
            self.env.registry.clear_cache()
        return result

    def _search_customer_company_id(self, operator, value):
        if operator != 'in':
            return NotImplemented
        responsibility = self.env['customer.responsibility']
        company_ids = [company_id for company_id in value if company_id]  # every customer has one
        if set(self.env['customer.clock']._company_ids()) <= set(company_ids):
            return Domain.TRUE

        def to_sql(model, alias, query):
            customer, manager = query.make_alias(alias, 'customer_company'), query.make_alias(alias, 'customer_company_user')
            return SQL(
                """EXISTS (SELECT 1 FROM res_partner AS %(customer)s LEFT JOIN res_users AS %(manager)s ON %(link)s
                            WHERE %(id)s = %(commercial)s AND %(company)s = ANY(%(company_ids)s))""",
                customer=SQL.identifier(customer), manager=SQL.identifier(manager), id=SQL.identifier(customer, 'id'),
                link=SQL("%s = %s", SQL.identifier(manager, 'id'), SQL.identifier(customer, 'user_id')),
                commercial=model._field_to_sql(alias, 'commercial_partner_id', query),
                company=responsibility._company_sql(customer, manager), company_ids=company_ids)

        self.env['res.users'].flush_model(['company_id'])
        return Domain.custom(to_sql=to_sql)

    @api.model
    def _worked_with_domain(self):
        """Return the domain of the customers that the user works with.

        All are of a company in which the user works. A manager works with all; everybody with the own ones, with those that
        nobody looks after, and with those of which something open was given to them (see :meth:`_given_domain`); a team
        leader with those of the team, those of who left it included.
        """
        user = self.env.user
        here = Domain('customer_company_id', 'in', user._get_company_ids())
        if user.has_group('customer_success.group_customer_success_manager'):
            return here
        domain = Domain('user_id', 'in', [user.id, False]) | self._given_domain()
        if user.has_group('customer_success.group_customer_success_leader'):
            domain |= Domain('user_id.customer_team_id.user_id', '=', user.id)
        return here & domain

    @api.model
    def _given_domain(self):
        """Return the domain of the customers of which the user was given something to do; for wings to fill in.

        What people give to themselves is no right: it has to come from whoever works with the customer, or from a plan.
        """
        return Domain.FALSE

    def _account_people(self):
        """Return by customer who has what is the account manager's: that one, and who does it for one who left.

        What these have goes to the next account manager; what others have was given to them.

        :rtype: dict[res.partner, res.users]
        """
        responsibility, owners, result = self.env['customer.responsibility'], {}, {}
        for partner in self.sudo():  # colleagues of other companies
            key = partner.user_id, responsibility._company_of(partner)
            if key not in owners:
                owners[key] = key[0] | responsibility._owner('manager', *key).sudo()  # as above
            result[self.browse(partner.id)] = owners[key]
        return result

    def _filtered_worked_with(self):
        """Return those of these customers that the user works with."""
        if self.env.su:
            return self
        company_of, company_ids = self.env['customer.responsibility']._company_of, self.env.user._get_company_ids()
        # most are: no query for them
        own = self.filtered(
            lambda partner: partner.user_id.id in (self.env.uid, False) and company_of(partner).id in company_ids)
        others = self - own
        if not others.ids:
            return own
        # teams of others, and what was given by whom, are hidden from users
        found = others.sudo().with_context(active_test=False).search(self._worked_with_domain() & Domain('id', 'in', others.ids))
        return self.browse(partner.id for partner in self if partner in own or partner.id in found._ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_with_tasks(self):
        self.env['customer.task']._forget_with(self)

    def _check_belongs_to(self, customer):
        """Refuse, as somebody at a customer, contacts of another one: the choice of a screen doesn't hold for files and programs.

        :raises ValidationError: with a sentence that says who it is
        """
        for person in self:
            if person.sudo().commercial_partner_id != customer.sudo().commercial_partner_id:  # compared, and not shown
                raise ValidationError(self.env._(
                    "%(person)s does not belong to %(customer)s. Choose a contact of this customer.",
                    person=person.display_name, customer=customer.display_name))

    def _check_works_with(self):
        """Refuse, with a sentence that says who does, to work with customers of others.

        :raises AccessError: when the user does not work with one of these customers
        """
        if others := self - self._filtered_worked_with():
            customer = others[0]
            raise AccessError(self.env._(
                "%(customer)s is looked after by %(manager)s. Ask them or your team leader for it.",
                customer=customer.display_name, manager=customer.sudo().user_id.name))  # a colleague of another company

    def action_customer_screens(self):
        """Open the list of everything that there may be of this customer, whatever stands in the reader's menu."""
        self._customer_one()
        partner = self.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_screen_action')
        name = self.env._("Everything About %(customer)s", customer=partner.display_name)
        return {
            **action, 'name': name, 'display_name': name, 'path': False,
            'domain': [('id', 'in', self.env['customer.screen']._of_customer().ids)],
            'context': {'customer_screen_of': partner.id, 'search_default_group_section': 1}}
