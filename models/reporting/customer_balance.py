from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..health.customer_health_snapshot import BANDS
from ..health.customer_value import BANDS as VALUE_BANDS
from ..platform.counted import months
from ..segmentation.customer_potential import POTENTIALS
from ..segmentation.res_partner import RISKS

#: Longer than these years nobody looks back.
MOST_MONTHS = 120


class CustomerBalance(models.Model):
    """What customers bring, and what we do for them: a row per customer, by tier, segment, country and whoever looks after it
    (REP-3).

    What is done for a customer is counted over the same days as what it brought: those of the ranking, or so many months as
    ``customer_balance_months`` in the context says. A contact is one in which somebody was reached, or in which one of us tried;
    what left by itself is no effort.

    The customers that the reader may see stand in the innermost relation, so that a team's report costs what the team's customers
    cost.
    """

    _name = 'customer.balance'
    _inherit = ['customer.relation', 'customer.known', 'customer.main.currency']
    _description = "Value and Effort of Customers"
    _auto = False
    _rows_of = 'res.partner'
    _order = 'revenue desc, id'
    _rec_name = 'partner_id'
    _known_when = {
        'expected_value': [('expected_value', '!=', False)], 'value_score': [('value_band', 'not in', ('none', False))]}
    _depends = {
        'res.partner': [
            'customer_managed', 'customer_tier_id', 'customer_segment_id', 'customer_potential', 'customer_health_band',
            'customer_risk_level', 'customer_revenue', 'customer_first_order', 'country_id', 'industry_id', 'user_id',
            'company_id'],
        'res.users': ['customer_team_id', 'company_id'],
        'customer.value': ['partner_id', 'score', 'band', 'expected_value', 'prospect_state'],
        'customer.followup': [
            'partner_id', 'state', 'contact_day', 'qualifies', 'outcome', 'answered_at', 'sent_message_id', 'counted_by_id',
            'send_error', 'step_id', 'channel_id', 'meeting_id'],
        'customer.cadence.step': ['automatic'],
        'customer.channel': ['medium'],
        'customer.contact.rule': ['kind'],
        'customer.case': ['partner_id', 'opened_at'],
        'customer.care.expense': ['partner_id', 'date', 'direction', 'amount', 'company_id'],
        'calendar.event': ['duration'],
    }

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    company_id = fields.Many2one(
        comodel_name='res.company', readonly=True, help="To which the customer belongs: its figures are one over all companies.")
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    team_id = fields.Many2one(comodel_name='crm.team', readonly=True, help="That of the account manager.")
    tier_id = fields.Many2one(comodel_name='customer.tier', readonly=True)
    segment_id = fields.Many2one(comodel_name='customer.segment', readonly=True)
    tenure = fields.Selection(selection='_selection_tenure', readonly=True)
    country_id = fields.Many2one(comodel_name='res.country', readonly=True)
    industry_id = fields.Many2one(comodel_name='res.partner.industry', readonly=True)
    potential = fields.Selection(selection=POTENTIALS, readonly=True)
    health_band = fields.Selection(selection=BANDS, string="Health Status", readonly=True)
    risk_level = fields.Selection(selection=RISKS, string="Risk", readonly=True)
    # what it brings
    revenue = fields.Monetary(
        string="Revenue of the Period", readonly=True, currency_field='currency_id',
        help="In the period of the ranking, as the tiers go by it: credit notes deducted, without taxes, over all companies.")
    revenue_meanwhile = fields.Monetary(
        readonly=True, currency_field='currency_id',
        help="In the same days as the contacts and the other effort are counted.")
    expected_value = fields.Monetary(
        string="Expected Value (estimate)", readonly=True, currency_field='currency_id',
        help="In the next twelve months. An estimate; customers without one are left out.")
    value_score = fields.Float(readonly=True, aggregator='avg', digits=(5, 2))
    value_band = fields.Selection(selection=VALUE_BANDS, string="Value Class", readonly=True)
    # what we do for it
    contacts = fields.Integer(
        string="Contacts Made", readonly=True,
        help="In which somebody was reached, or one of us tried to. What left by itself is none.")
    visits = fields.Integer(readonly=True, help="Of the contacts, those on the spot.")
    hours = fields.Float(
        string="Hours in Meetings", readonly=True, digits=(16, 1),
        help="Of the contacts that stand in a calendar, how long they took.")
    care = fields.Monetary(
        string="Spent on Care", readonly=True, currency_field='currency_id',
        help="Gifts, events and the like given in these days, in the main company's currency at the rate of the day.")
    cases = fields.Integer(string="Cases Opened", readonly=True, help="Complaints, problems and needs that came in.")

    def _selection_tenure(self):
        return self.env['res.partner']._fields['customer_tenure']._description_selection(self.env)

    @api.model
    def get_customer_denominator(self):
        """Return of which days the figures of this report are, in a sentence, to be written on it.

        :rtype: str
        """
        return self.env._(
            "Revenue looks back %(window)s, as the ranking does. Contacts, meetings, care spending, cases and “Revenue "
            "Meanwhile” look back %(months)s. Amounts are in the main company's currency.",
            window=months(self.env, self._window()), months=months(self.env, self._months()))

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _window(self):
        """Return over how many months the ranking looks."""
        return self.env['customer.tier.scheme']._get_current().window_months

    @api.model
    def _months(self):
        """Return over how many months the effort is counted."""
        asked = self.env.context.get('customer_balance_months')
        return asked if isinstance(asked, int) and 0 < asked <= MOST_MONTHS else self._window()

    @api.model
    def _first_day(self):
        """Return the first day that is counted, as the ranking reckons it."""
        return fields.Date.add(fields.Date.subtract(fields.Date.context_today(self), months=self._months()), days=1)

    @api.model
    def _seen_domain(self):
        """Return the domain of the customers whose figures the user may see, as the rules of this report say it."""
        user, domain = self.env.user, Domain('customer_managed', '=', True)
        if self.env.su or user.has_group('customer_success.group_customer_success_manager'):
            return domain
        own = Domain('user_id', 'in', [self.env.uid, False])
        if user.has_group('customer_success.group_customer_success_leader'):
            own |= Domain('user_id.customer_team_id.user_id', '=', self.env.uid)
        return domain & own

    @property
    def _table_query(self):
        partners = self.env['res.partner']
        seen, responsibility = partners._search(self._seen_domain()), self.env['customer.responsibility']
        columns = {
            'tier_id': 'customer_tier_id', 'segment_id': 'customer_segment_id', 'country_id': 'country_id',
            'industry_id': 'industry_id', 'user_id': 'user_id', 'own_company_id': 'company_id', 'potential': 'customer_potential',
            'health_band': 'customer_health_band', 'risk_level': 'customer_risk_level', 'revenue': 'customer_revenue'}
        chosen = [SQL("%s AS %s", SQL.identifier(seen.table, column), SQL.identifier(name)) for name, column in columns.items()]
        tenure = partners._customer_field_to_sql(seen.table, 'customer_tenure', seen)
        meanwhile, join = self._meanwhile_sql()
        return SQL(
            """SELECT c.id, c.id AS partner_id, COALESCE(c.own_company_id, u.company_id, %(main)s) AS company_id, c.user_id,
                      u.customer_team_id AS team_id, c.tier_id, c.segment_id, c.tenure, c.country_id, c.industry_id, c.potential,
                      c.health_band, c.risk_level, COALESCE(c.revenue, 0) AS revenue, %(meanwhile)s AS revenue_meanwhile,
                      CASE WHEN v.prospect_state = 'ok' THEN v.expected_value END AS expected_value,
                      CASE WHEN v.band <> 'none' THEN v.score END AS value_score, v.band AS value_band,
                      COALESCE(f.contacts, 0) AS contacts, COALESCE(f.visits, 0) AS visits, COALESCE(f.hours, 0) AS hours,
                      COALESCE(e.care, 0) AS care, COALESCE(k.cases, 0) AS cases
                 FROM (%(seen)s) AS c
            LEFT JOIN res_users u ON u.id = c.user_id
            LEFT JOIN %(value)s v ON v.partner_id = c.id
            LEFT JOIN (%(contacts)s) AS f ON f.partner_id = c.id
            LEFT JOIN (%(care)s) AS e ON e.partner_id = c.id
            LEFT JOIN (%(cases)s) AS k ON k.partner_id = c.id %(join)s""",
            main=responsibility._main_company().id, meanwhile=meanwhile, join=join, contacts=self._contacts_sql(),
            care=self._care_sql(), cases=self._cases_sql(), value=SQL.identifier(self.env['customer.value']._table),
            seen=seen.select(SQL("%s AS id", SQL.identifier(seen.table, 'id')), SQL("%s AS tenure", tenure), *chosen))

    @api.model
    def _meanwhile_sql(self):
        """Return SQL for the revenue of the days that are counted, and the join that it needs: where these are the days of the
        ranking, what that found."""
        if self._months() == self._window():
            return SQL("COALESCE(c.revenue, 0)"), SQL()
        self.env['customer.document']._flush()
        documents = self.env['customer.purchase.reader']._documents_sql(self.env['customer.tier.scheme']._get_current())
        return SQL("COALESCE(d.amount, 0)"), SQL(
            """LEFT JOIN (SELECT id, sum(amount) AS amount
                            FROM (%s) AS documents (id, day, counts, bought, amount, pending)
                           WHERE day >= %s GROUP BY id) AS d ON d.id = c.id""", documents, self._first_day())

    @api.model
    def _contacts_sql(self):
        """Return SQL with the contacts of each customer that the reader may see: ``partner_id``, ``contacts``, ``visits`` and
        ``hours``."""
        followups, attempts = self.env['customer.followup'], self.env['customer.followup.attempts']
        query = followups._search(Domain('state', '=', 'done') & Domain('contact_day', '>=', self._first_day()))
        table = query.table
        medium = followups._field_to_sql(table, 'medium', query)
        event = query.left_join(table, 'meeting_id', 'calendar_event', 'id', 'meeting')
        query.add_where(SQL("(%s OR %s)", attempts._reached_sql(table), attempts._tried_sql(table)))
        return SQL(
            """SELECT partner_id, count(*) AS contacts, count(*) FILTER (WHERE medium = 'meeting') AS visits,
                      sum(duration) AS hours
                 FROM (%s) AS contact GROUP BY partner_id""",
            query.select(SQL.identifier(table, 'partner_id'), SQL("%s AS medium", medium), SQL.identifier(event, 'duration')))

    @api.model
    def _care_sql(self):
        """Return SQL with what was spent on each customer: ``partner_id``, ``care``."""
        query = self.env['customer.care.expense']._search(
            Domain('direction', '=', 'given') & Domain('date', '>=', self._first_day()))
        factor, join = self.env['customer.money']._rate_sql(SQL("spent.company_id"), SQL("spent.date"))
        return SQL(
            "SELECT spent.partner_id, sum(spent.amount%s) AS care FROM (%s) AS spent %s GROUP BY spent.partner_id",
            factor, query.select(*(SQL.identifier(query.table, name) for name in ('partner_id', 'company_id', 'date', 'amount'))),
            join)

    @api.model
    def _cases_sql(self):
        """Return SQL with how many cases of each customer came in: ``partner_id``, ``cases``."""
        clock = self.env['customer.clock']
        query = self.env['customer.case']._search(Domain('partner_id', '!=', False) & Domain(
            'opened_at', '>=', clock._begin(self.env.user, self._first_day())))
        return SQL(
            "SELECT partner_id, count(*) AS cases FROM (%s) AS came GROUP BY partner_id",
            query.select(SQL.identifier(query.table, 'partner_id')))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """Open the customer."""
        self._customer_one()
        return self.partner_id._customer_open()
