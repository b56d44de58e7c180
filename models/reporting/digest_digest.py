from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: What the addon tells in Odoo's digest, and what a click opens.
KPIS = {
    'kpi_customer_kept': 'customer_adherence_action',
    'kpi_customer_missed': 'customer_adherence_action',
    'kpi_customer_warnings': 'customer_warning_action',
    'kpi_customer_nps': 'customer_feedback_action_report',
    'kpi_customer_sla': 'customer_case_clock_action',
}

#: Figures that may be unknown: of nothing that was planned there is no share.
SHARES = {'kpi_customer_kept', 'kpi_customer_nps', 'kpi_customer_sla'}


class DigestDigest(models.Model):
    """How customers are looked after, in Odoo's own digest email (REP-6). Each reader gets the figures of what that one may see:
    a salesperson of the own customers, a manager of all."""

    _inherit = 'digest.digest'

    kpi_customer_kept = fields.Boolean(string="Follow-ups on Time (%)")
    kpi_customer_kept_value = fields.Float(string="Value of Follow-ups on Time", compute='_compute_kpi_customer')
    kpi_customer_missed = fields.Boolean(string="Follow-ups Missed")
    kpi_customer_missed_value = fields.Integer(string="Value of Follow-ups Missed", compute='_compute_kpi_customer')
    kpi_customer_warnings = fields.Boolean(string="Warnings Raised")
    kpi_customer_warnings_value = fields.Integer(string="Value of Warnings Raised", compute='_compute_kpi_customer')
    kpi_customer_nps = fields.Boolean(string="Recommendation (NPS)")
    kpi_customer_nps_value = fields.Float(string="Value of Recommendation", compute='_compute_kpi_customer')
    kpi_customer_sla = fields.Boolean(string="Case Deadlines Met (%)")
    kpi_customer_sla_value = fields.Float(string="Value of Case Deadlines Met", compute='_compute_kpi_customer')

    @api.depends_context('start_datetime', 'end_datetime', 'uid', 'company')
    def _compute_kpi_customer(self):
        if not self.env.user.has_group('customer_success.group_customer_success_user'):
            raise AccessError(self.env._("Figures of Customer Success are for people with a role in it."))
        start, end, __ = self._get_kpi_compute_parameters()
        for digest in self:
            figures = digest._customer_figures(start, end)
            for name in KPIS:
                digest[f'{name}_value'] = figures[name] or 0

    def _customer_figures(self, start, end):
        """Return the figures of this digest for a time; None for a share of nothing.

        :param str start: the first moment
        :param str end: the moment after the last
        :rtype: dict[str, float | None]
        """
        self.ensure_one()
        company = Domain('company_id', '=', (self.company_id or self.env.company).id)
        # of a day that is not over nobody knows what was kept: the days that ended in this time
        first, last = (fields.Date.to_date(moment) for moment in (start, end))
        planned, on_time, missed = self.env['customer.adherence']._read_group(
            company & Domain('date_limit', '>=', first) & Domain('date_limit', '<', last), [],
            ['planned:sum', 'on_time:sum', 'missed:sum'])[0]
        of_company = Domain('partner_id.customer_company_id', '=', (self.company_id or self.env.company).id)
        warnings = self.env['customer.warning'].search_count(
            of_company & Domain('raised_at', '>=', start) & Domain('raised_at', '<', end))
        (recommended, answers), = self.env['customer.feedback']._read_group(
            of_company & Domain('kind', '=', 'nps') & Domain('given_at', '>=', start) & Domain('given_at', '<', end), [],
            ['nps:avg', '__count'])
        enough = self.env['res.config.settings']._customer_success('feedback_minimum')
        states = dict(self.env['customer.case.clock']._read_group(
            Domain('case_id.company_id', '=', (self.company_id or self.env.company).id)
            & Domain('state', 'in', ('met', 'failed')) & Domain('ended_at', '>=', start) & Domain('ended_at', '<', end),
            ['state'], ['__count']))
        decided = sum(states.values())
        return {
            'kpi_customer_kept': 100 * on_time / planned if planned else None,
            'kpi_customer_missed': missed or 0,
            'kpi_customer_warnings': warnings,
            'kpi_customer_nps': recommended if answers and answers >= enough else None,
            'kpi_customer_sla': 100 * states.get('met', 0) / decided if decided else None,
        }

    def _compute_kpis(self, company, user):
        """Write a dash where a share is of nothing: 0 % would be a bad figure and not a missing one."""
        kpis = super()._compute_kpis(company, user)
        ours = [kpi for kpi in kpis if kpi['kpi_name'] in SHARES]
        if ours:
            reader = self.with_user(user).with_company(company)
            for column, (__, periods) in enumerate(self._compute_timeframes(company), 1):
                now, before = (reader._customer_figures(*map(fields.Datetime.to_string, period)) for period in periods)
                for kpi in ours:
                    cell = kpi[f'kpi_col{column}']
                    if now[kpi['kpi_name']] is None:
                        cell.update(value="–", margin=0.0)
                    elif before[kpi['kpi_name']] is None:
                        cell['margin'] = 0.0
        return kpis

    def _compute_kpis_actions(self, company, user):
        """Let a figure open what it is made of."""
        menu = self.env.ref('customer_success.customer_success_menu_root').id
        return super()._compute_kpis_actions(company, user) | {
            name: f'customer_success.{action}?menu_id={menu}' for name, action in KPIS.items()}
