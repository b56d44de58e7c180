from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

GROUP_USER = 'customer_success.group_customer_success_user'

#: See ``res.partner``.
PREFETCH = 'customer_success'


class CustomerEntered(models.AbstractModel):
    """What is asked of a contact as it is entered and corrected: whether it is there already, and whether what is noted of it
    is still true (PRO-6). Contacts inherit from it."""

    _name = 'customer.entered'
    _description = "What Is Entered of a Contact"

    customer_confirmed_on = fields.Date(
        string="Profile Confirmed On", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="When somebody last said that the profile is true, or corrected it.")
    customer_confirmed_by_id = fields.Many2one(
        comodel_name='res.users', string="Profile Confirmed By", readonly=True, copy=False, ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH)
    customer_confirm_asked_on = fields.Date(
        string="Asked to Confirm On", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="Since when the account manager is asked whether the profile is still true.")
    customer_confirm_state = fields.Selection(
        selection=[('asked', "Asked"), ('due', "To be confirmed"), ('fresh', "Up to date")], string="State of the Profile",
        compute='_compute_customer_confirm_state', search='_search_customer_confirm_state', groups=GROUP_USER)
    customer_duplicate_note = fields.Char(
        string="May Be There Already", compute='_compute_customer_duplicate_note', groups=GROUP_USER)
    customer_has_duplicate = fields.Boolean(
        string="Possible Duplicate", compute='_compute_customer_has_duplicate', search='_search_customer_has_duplicate',
        groups=GROUP_USER, help="Another contact has the same email, phone, tax ID or name.")

    @api.depends('customer_managed', 'customer_confirmed_on', 'customer_confirm_asked_on')
    @api.depends_context('tz')
    def _compute_customer_confirm_state(self):
        due = self.env['customer.confirmer']._due_among(self._origin)
        for partner in self:
            asked = due.get(partner._origin.id)
            partner.customer_confirm_state = partner.customer_managed and (
                'fresh' if asked is None else 'asked' if asked else 'due')

    def _search_customer_confirm_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain('customer_managed', '=', True) & Domain.custom(to_sql=lambda model, alias, query: SQL(
            "%s IN %s", model._customer_confirm_state_sql(alias), tuple(value) or (None,)))

    def _customer_confirm_state_sql(self, alias):
        """Return SQL for how the profile of a customer stands."""
        today = SQL("%s::date", fields.Date.context_today(self))
        return SQL(
            "CASE WHEN NOT %s THEN 'fresh' WHEN %s IS NOT NULL THEN 'asked' ELSE 'due' END",
            self.env['customer.confirmer']._due_sql(alias, today), SQL.identifier(alias, 'customer_confirm_asked_on'))

    @api.depends('name', 'email', 'phone', 'vat', 'country_id', 'is_company', 'parent_id')
    @api.depends_context('uid', 'lang', 'allowed_company_ids')
    def _compute_customer_duplicate_note(self):
        pairs = self.env['customer.duplicate']
        similar = pairs._similar(self) if self.env['res.config.settings']._customer_success('duplicate_check') else {}
        for partner in self:
            partner.customer_duplicate_note = pairs._say_similar(similar.get(partner))

    def _compute_customer_has_duplicate(self):
        found = self.search([('id', 'in', self._origin.ids), ('customer_has_duplicate', '=', True)])
        for partner in self:
            partner.customer_has_duplicate = partner._origin in found

    def _search_customer_has_duplicate(self, operator, value):
        if operator != 'in':
            return NotImplemented
        pairs = self.env['customer.duplicate']._search([('state', '=', 'open')])
        return Domain.OR(
            Domain('id', 'in', pairs.subselect(SQL.identifier(pairs.table, name))) for name in ('partner_id', 'other_id'))

    # ------------------------------------------------------------
    # ENTERING
    # ------------------------------------------------------------

    def _customer_noted(self, vals):
        """Return by contact what is noted of it in the fields of a profile that are written.

        :param vals: what is written
        :rtype: dict[res.partner, list]
        """
        names = () if self.env.su else sorted(self.env['customer.confirmer']._noted_fields() & vals.keys())
        return {partner: [partner[name] for name in names] for partner in self} if names else {}

    def _customer_entered(self, corrected):
        """Compare what was entered with what is there; whoever corrected a profile has looked at it.

        :param corrected: those of whom a person wrote something new
        """
        self.env['customer.duplicate'].sudo()._entered(self)  # kept by the addon
        if corrected and not self.env.su and not self.env.context.get('install_mode'):
            # whether it is managed may be hidden from the user
            corrected.commercial_partner_id.sudo().filtered('customer_managed')._customer_confirm()

    def _customer_confirm(self):
        """Note that the profile of these customers is true, as of today."""
        values = {'customer_confirmed_on': fields.Date.context_today(self), 'customer_confirmed_by_id': self.env.uid,
                  'customer_confirm_asked_on': False}
        asked = self.filtered('customer_confirm_asked_on').user_id
        changed = self.filtered(lambda partner: any(
            partner._fields[name].convert_to_write(partner[name], partner) != value for name, value in values.items()))
        if changed:
            changed.with_context(tracking_disable=True).write(values)
        if asked:
            self.env['customer.confirmer'].sudo()._tell(asked)  # the task of a colleague

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_confirm(self):
        """Say that the profile of these customers is true."""
        customers = self.commercial_partner_id
        customers._check_works_with()
        customers.sudo()._customer_confirm()  # these fields are not for people to write
        return True

    def action_customer_profile(self):
        """Open the form of this customer."""
        self._customer_one()
        return self._customer_open()

    def action_customer_duplicates(self):
        """Open the dialog that merges this contact with those that it may be the same as."""
        self._customer_one()
        similar = self.env['customer.duplicate']._similar(self).get(self, {})
        return (self + self.browse().union(*list(similar)[:2]))._customer_merge_action()

    def action_customer_different(self):
        """Remember that those that this contact may be are others."""
        self._customer_one()
        self.env['customer.duplicate'].check_access('read')
        self.commercial_partner_id._check_works_with()
        pairs = self.env['customer.duplicate'].sudo()  # kept by the addon
        pairs._look(self)  # nobody may have looked at it yet
        found = pairs.search([('state', '=', 'open'), '|', ('partner_id', '=', self.id), ('other_id', '=', self.id)])
        return found.with_env(self.env).action_different()

    def _customer_merge_action(self):
        """Return the action that opens Odoo's dialog that merges these contacts."""
        action = self.env['ir.actions.act_window']._for_xml_id('base.action_partner_merge')
        return {**action, 'context': {'active_model': 'res.partner', 'active_ids': self.ids}}
