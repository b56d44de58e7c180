from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..platform.counted import plural
from ..profile.res_partner import GROUP_USER
from .customer_case import AT_WORK, NOT_OVER

#: What policies may ask of a customer, by the field of a contact that people write.
WATCHED = {
    'category_id': ('category_id',), 'customer_demand_type_id': ('demand_type_id',),
    'country_id': ('of_customer', 'of_company'), 'state_id': ('of_customer', 'of_company'),
}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_case_ids = fields.One2many(
        comodel_name='customer.case', inverse_name='partner_id', string="Cases", groups=GROUP_USER)
    customer_open_case_count = fields.Integer(
        string="Open Cases", compute='_compute_customer_open_case_count', groups=GROUP_USER,
        help="Complaints, problems and needs that are not closed.")
    customer_has_complaint = fields.Boolean(
        string="Open Complaint", compute='_compute_customer_has_complaint', search='_search_customer_has_complaint',
        compute_sudo=True, help="A complaint is being worked on: nothing is sent by itself meanwhile, and nobody is greeted.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('customer_case_ids.state')
    @api.depends_context('uid')
    def _compute_customer_open_case_count(self):
        cases = self.env['customer.case']
        counts = {partner.id: count for partner, count in cases._read_group(
            [('partner_id', 'in', self._origin.ids), ('state', 'in', NOT_OVER)], ['partner_id'], ['__count'],
        )} if cases.has_access('read') else {}
        for partner in self:
            partner.customer_open_case_count = counts.get(partner._origin.id, 0)

    @api.depends('customer_case_ids.state', 'customer_case_ids.case_type')
    def _compute_customer_has_complaint(self):
        found = {partner for [partner] in self.env['customer.case']._read_group(
            [('partner_id', 'in', self._origin.ids), ('case_type', '=', 'complaint'), ('state', 'in', AT_WORK)], ['partner_id'])}
        for partner in self:
            partner.customer_has_complaint = partner._origin in found

    def _search_customer_has_complaint(self, operator, value):
        if operator != 'in':
            return NotImplemented
        self.env['customer.case'].flush_model(['partner_id', 'case_type', 'state'])
        return Domain.custom(to_sql=lambda model, alias, query: self._customer_complaint_sql(SQL.identifier(alias, 'id')))

    @api.model
    def _customer_complaint_sql(self, customer_id):
        """Return SQL for: a complaint of a customer is being worked on.

        :param SQL customer_id: its id
        """
        return SQL(
            """EXISTS (SELECT 1 FROM customer_case open_case
                        WHERE open_case.partner_id = %s AND open_case.case_type = 'complaint'
                          AND open_case.state IN ('new', 'working', 'waiting'))""", customer_id)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Cases go to whoever looks after the customer now, unless somebody else was asked to; and their deadlines follow what
        a policy may ask of the customer."""
        handed = self._customer_cases_to_hand_on() if 'user_id' in vals else self.env['customer.case']
        result = super().write(vals)
        responsibility = self.env['customer.responsibility']
        for (partner, company), own in handed.grouped(lambda case: (case.partner_id, case.company_id)).items():
            doer = responsibility._doer('manager', partner.user_id, company)
            own.with_context(mail_auto_subscribe_no_notify=True).write({'user_id': doer.id, 'absence_id': False})
        if names := {name for field, watched in WATCHED.items() if field in vals for name in watched}:
            self.env['customer.case.clock'].sudo()._replan_of_partners(self, names)  # cases of everybody
        return result

    def _customer_cases_to_hand_on(self):
        """Return the open cases of these customers that go along when they get another salesperson."""
        # whoever may change the salesperson hands these over as well
        cases = self.env['customer.case'].sudo().search([('partner_id', 'in', self.ids), ('state', 'in', NOT_OVER)])
        people = self._account_people() if cases else {}
        return cases.filtered(
            lambda case: not case.given_by_id and case.user_id <= people[case.partner_id.with_env(self.env)])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_cases(self):
        """Open the cases of this customer, those that are open first; where there is none, begin one."""
        self._customer_one()
        partner = self.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_case_action')
        action['context'] = {
            'default_partner_id': partner.id, 'default_contact_id': self.id if self != partner else False}
        action['domain'] = [('partner_id', '=', partner.id)]
        cases = self.env['customer.case'].search(action['domain'])
        if not cases:
            action['views'] = [(False, 'form')]
        return action

    def action_customer_new_case(self):
        """Begin a case of this customer."""
        self._customer_one()
        partner = self.commercial_partner_id
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New case"), 'res_model': 'customer.case',
            'views': [(False, 'form')],
            'context': {'default_partner_id': partner.id, 'default_contact_id': self.id if self != partner else False},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _customer_strip(self):
        """Add the ``cases`` that are open: how many (``name``), the ``subject`` and ``deadline`` of the most urgent, how much
        time is ``left`` where it is less than a day, and whether one was ``missed``."""
        strip = super()._customer_strip()
        cases = self.env['customer.case'].search(
            Domain('partner_id', '=', self.id) & Domain('state', 'in', NOT_OVER))
        first = cases.sorted(lambda case: (case.state not in AT_WORK, case.case_type != 'complaint'))[:1]
        left = first.next_due and (first.next_due - fields.Datetime.now()).total_seconds() / 60
        complaints = cases.filtered(lambda case: case.case_type == 'complaint' and case.state in AT_WORK)
        strip['cases'] = bool(cases) and {
            'name': plural(len(complaints), self.env._("Open complaint"), self.env._(
                "%(count)s open complaints", count=len(complaints))) if complaints else plural(
                len(cases), self.env._("Open case"), self.env._("%(count)s open cases", count=len(cases))),
            'complaint': bool(complaints),
            'subject': first.name,
            'deadline': first.deadline or '',
            'left': self.env._("%(time)s left", time=self.env['customer.case.clock']._say_minutes(left))
            if left and 0 < left < 24 * 60 else '',
            'missed': any(cases.mapped('breached')),
        }
        return strip

    @api.model
    def _given_domain(self):
        """Add the customers with an open case that the user was given by somebody, or by an absence."""
        given = Domain('state', 'in', NOT_OVER) & Domain('user_id', '=', self.env.uid) & (
            Domain('absence_id', '!=', False) | Domain('given_by_id', 'not in', [self.env.uid, False]))
        return super()._given_domain() | Domain('customer_case_ids', 'any', given)
