from odoo import api, fields, models
from odoo.tools import SQL

from .warning_event import WarningEvent

#: No order is foretold of who ordered in so many days before.
ACTIVE_DAYS = 365

#: How far back warnings are judged, so that the report on a year has all of its days with what followed.
MONTHS = 15

#: What a rule foretells that says nothing else.
ORDER = 'order'


class CustomerWarningBase(models.Model):
    """How often what warnings foretell happens anyway: what they have to be better than (HEA-3).

    For the first day of a month, the customers to whom it could happen, and to how many of them it did in the days after.
    Warnings of that month are held against it. Both are looked up once, when the days are over.
    """

    _name = 'customer.warning.base'
    _description = "What Happens to Customers Anyway"
    _order = 'day desc, event'
    _rec_name = 'day'

    event = fields.Selection(selection='_selection_event', string="What Happens", required=True, readonly=True, default=ORDER)
    day = fields.Date(required=True, readonly=True)
    horizon_days = fields.Integer(string="Looked Ahead (days)", required=True, readonly=True)
    customers = fields.Integer(readonly=True, help="Customers to whom it could happen.")
    stopped = fields.Integer(
        string="To Whom It Happened", readonly=True, help="To how many of them it happened in the days after.")

    _day_uniq = models.UniqueIndex("(event, day, horizon_days)", "A month is looked at once.")

    # ------------------------------------------------------------
    # WHAT CAN BE FORETOLD
    # ------------------------------------------------------------

    @api.model
    def _events(self):
        """Return what rules can foretell, by key: **this is how other wings and addons add what they know**.

        :rtype: dict[str, WarningEvent]
        """
        return {
            ORDER: WarningEvent(self.env._("No order comes"), self._no_order_sql, lambda **values: self.env._(
                "Of the warnings of the last twelve months (%(judged)s) %(precision)s %% were followed by no order within "
                "%(days)s days; of all customers it is %(base)s %% anyway.", **values)),
            'left': WarningEvent(self.env._("The customer leaves"), self._left_sql, lambda **values: self.env._(
                "Of the warnings of the last twelve months (%(judged)s) %(precision)s %% were about customers who had left "
                "within %(days)s days; of all customers it is %(base)s %% anyway.", **values)),
        }

    @api.model
    def _selection_event(self):
        return [(key, event.label) for key, event in self._events().items()]

    @api.model
    def _no_order_sql(self, asked, horizon, partner_ids):
        """Who had ordered in the year before, and whether no order came."""
        churn = self.env['customer.churn']
        self.env['customer.document']._flush()
        return SQL(
            """WITH bought AS MATERIALIZED (SELECT DISTINCT id, day FROM (%(days)s) AS d)
               SELECT d.id AS partner_id, a.day, NOT bool_or(d.day > a.day) AS happened
                 FROM %(asked)s a JOIN bought d ON %(same)s d.day > a.day - %(active)s AND d.day <= a.day + %(horizon)s
                 JOIN res_partner c ON c.id = d.id
                WHERE %(counts)s
             GROUP BY d.id, a.day
               HAVING bool_or(d.day <= a.day)""",
            days=churn._purchase_days_sql(partner_ids=partner_ids), asked=asked, active=ACTIVE_DAYS, horizon=horizon,
            same=self._same_sql(SQL("d.id"), partner_ids),
            # of who is warned of it does not matter what became of them
            counts=churn._in_sample_sql() if partner_ids is None else SQL("TRUE"))

    @api.model
    def _left_sql(self, asked, horizon, partner_ids):
        """Who was a customer, and whether it is none any more when the days are over: by the history of the tiers, which says
        when customers left and came back. Who became a part of another customer did not leave.

        What somebody wrote when closing a warning does not count: it would prove itself.
        """
        self.env['customer.tier.change'].flush_model()
        self.env['res.partner'].flush_model(['commercial_partner_id', 'customer_managed'])
        only = SQL("AND h.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """WITH spells AS MATERIALIZED (
                    SELECT partner_id, date AS since, until
                      FROM (SELECT partner_id, date, cause,
                                   -- the history of a customer that became a part of this one may say that it left
                                   CASE WHEN managed AND lead(date, 2) OVER comings IS NULL THEN NULL
                                        ELSE lead(date) OVER comings END AS until
                              FROM (SELECT h.partner_id, h.date, h.id, h.cause, c.customer_managed AS managed,
                                           row_number() OVER (PARTITION BY h.partner_id ORDER BY h.date, h.id) AS number
                                      FROM customer_tier_change h
                                      JOIN res_partner c ON c.id = h.partner_id AND c.commercial_partner_id = c.id %(only)s
                                   ) AS changes
                             WHERE number = 1 OR cause IN ('left', 'back')
                            WINDOW comings AS (PARTITION BY partner_id ORDER BY date, id)) AS comings
                     WHERE cause <> 'left')
               SELECT s.partner_id, a.day, NOT bool_or(s.until IS NULL OR s.until > a.day + %(horizon)s) AS happened
                 FROM %(asked)s a JOIN spells s ON %(same)s s.since <= a.day + %(horizon)s
             GROUP BY s.partner_id, a.day
               HAVING bool_or(s.since <= a.day AND (s.until IS NULL OR s.until > a.day))""",
            only=only, horizon=horizon, asked=asked, same=self._same_sql(SQL("s.partner_id"), partner_ids))

    @api.model
    def _same_sql(self, partner_id, partner_ids):
        """Return a condition, before AND, that a customer is the one asked about by ``a``, unless that are all."""
        return SQL("%s = a.partner_id AND", partner_id) if partner_ids is not None else SQL()

    # ------------------------------------------------------------
    # LOOKING BACK
    # ------------------------------------------------------------

    @api.model
    def _look_back(self):
        """Judge the warnings of which the days after are over, and count to whom it happened anyway in the months of them.

        :return: how many warnings were judged
        """
        horizon = self.env['res.config.settings']._customer_success('churn_horizon_days')
        over = fields.Date.subtract(fields.Date.context_today(self), days=horizon + 1)
        rules = self.env['customer.warning.rule'].with_context(active_test=False)
        foretold, judged = {ORDER, *rules.search([]).mapped('foretells')}, 0
        for key, event in self._events().items():
            if key in foretold:
                self._count_months(key, event, horizon, over)
                judged += self._judge_warnings(key, event, horizon, over)
        return judged

    @api.model
    def _count_months(self, key, event, horizon, over):
        """Count the months that are not counted yet.

        :param str key: of the event
        :param int horizon: days
        :param date over: the last day of which the days after are over
        """
        first = fields.Date.start_of(over, 'month')
        days = [fields.Date.subtract(first, months=number) for number in range(MONTHS)]
        known = set(self.search([
            ('event', '=', key), ('horizon_days', '=', horizon), ('day', 'in', days)]).mapped('day'))
        missing = [day for day in days if day not in known]
        if not missing:
            return
        asked = SQL("(SELECT NULL::int AS partner_id, day FROM unnest(%s::date[]) AS m (day))", missing)
        rows = self.env.execute_query(SQL(
            "SELECT day, count(*), count(*) FILTER (WHERE happened) FROM (%s) AS found GROUP BY day",
            event.sql(asked, horizon, None)))
        found = {day: counts for day, *counts in rows}
        self.create([{
            'event': key, 'day': day, 'horizon_days': horizon,
            **dict(zip(('customers', 'stopped'), found.get(day, (0, 0)), strict=True))} for day in missing])

    @api.model
    def _judge_warnings(self, key, event, horizon, over):
        """Note on the warnings of rules that foretell an event whether it happened in the days after; nothing on those of
        customers to whom it could not.

        :return: how many were judged
        """
        first = fields.Date.subtract(over, months=MONTHS)
        self.env['customer.warning'].flush_model(['partner_id', 'rule_id', 'date', 'foretold'])
        self.env['customer.warning.rule'].flush_model(['foretells'])
        waiting = SQL(
            """SELECT w.id, w.partner_id, w.date AS day
                 FROM customer_warning w LEFT JOIN customer_warning_rule r ON r.id = w.rule_id
                WHERE w.foretold IS NULL AND w.date BETWEEN %s AND %s AND COALESCE(r.foretells, %s) = %s""",
            first, over, ORDER, key)
        ids = [partner_id for partner_id, in self.env.execute_query(SQL("SELECT DISTINCT partner_id FROM (%s) AS w", waiting))]
        if not ids:
            return 0
        asked = SQL("(SELECT DISTINCT partner_id, day FROM (%s) AS waiting)", waiting)
        self.env.cr.execute(SQL(
            """UPDATE customer_warning w
                  SET foretold = CASE WHEN b.happened THEN 'yes' ELSE 'no' END
                 FROM (%(waiting)s) AS waiting
                 JOIN (%(found)s) AS b ON b.partner_id = waiting.partner_id AND b.day = waiting.day
                WHERE w.id = waiting.id""",
            waiting=waiting, found=event.sql(asked, horizon, ids)))
        judged = self.env.cr.rowcount
        self.env['customer.warning'].invalidate_model(['foretold'])
        return judged
