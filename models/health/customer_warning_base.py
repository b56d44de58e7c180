from odoo import api, fields, models
from odoo.tools import SQL

#: Foretold is of who ordered in so many days before.
ACTIVE_DAYS = 365

#: How far back warnings are judged, so that the report on a year has all of its days with what followed.
MONTHS = 15


class CustomerWarningBase(models.Model):
    """How many customers stop ordering anyway: what warnings have to be better than (HEA-3).

    For the first day of a month, the customers who had ordered in the year before, and how many of them did not in the days
    after. Warnings of that month are held against it. Both are looked up once, when the days are over.
    """

    _name = 'customer.warning.base'
    _description = "Customers Who Stop Ordering Anyway"
    _order = 'day desc'
    _rec_name = 'day'

    day = fields.Date(required=True, readonly=True)
    horizon_days = fields.Integer(string="Looked Ahead (days)", required=True, readonly=True)
    customers = fields.Integer(readonly=True, help="Customers who had ordered in the year before.")
    stopped = fields.Integer(
        string="Stopped Buying", readonly=True, help="How many of them did not order in the days after.")

    _day_uniq = models.UniqueIndex("(day, horizon_days)", "A month is looked at once.")

    @api.model
    def _look_back(self):
        """Judge the warnings of which the days after are over, and count who stopped anyway in the months of them.

        :return: how many warnings were judged
        """
        horizon = self.env['res.config.settings']._customer_success('churn_horizon_days')
        over = fields.Date.subtract(fields.Date.context_today(self), days=horizon + 1)
        self._count_months(horizon, over)
        return self._judge_warnings(horizon, over)

    @api.model
    def _count_months(self, horizon, over):
        """Count the months that are not counted yet.

        :param int horizon: days
        :param date over: the last day of which the days after are over
        """
        first = fields.Date.start_of(over, 'month')
        days = [fields.Date.subtract(first, months=number) for number in range(MONTHS)]
        known = set(self.search([('horizon_days', '=', horizon), ('day', 'in', days)]).mapped('day'))
        missing = [day for day in days if day not in known]
        if not missing:
            return
        churn = self.env['customer.churn']
        self.env['customer.document']._flush()
        rows = self.env.execute_query(SQL(
            """WITH bought AS MATERIALIZED (SELECT DISTINCT id, day FROM (%(days)s) AS d)
               SELECT m.day, count(*), count(*) FILTER (WHERE NOT b.again)
                 FROM unnest(%(months)s::date[]) AS m (day)
           CROSS JOIN LATERAL (SELECT d.id, bool_or(d.day > m.day) AS again
                                 FROM bought d
                                WHERE d.day > m.day - %(active)s AND d.day <= m.day + %(horizon)s
                             GROUP BY d.id
                               HAVING bool_or(d.day <= m.day)) AS b
                 JOIN res_partner c ON c.id = b.id
                WHERE %(counts)s
             GROUP BY m.day""",
            days=churn._purchase_days_sql(), months=missing, active=ACTIVE_DAYS, horizon=horizon,
            counts=churn._in_sample_sql()))
        found = {day: counts for day, *counts in rows}
        self.create([{
            'day': day, 'horizon_days': horizon,
            **dict(zip(('customers', 'stopped'), found.get(day, (0, 0)), strict=True))} for day in missing])

    @api.model
    def _judge_warnings(self, horizon, over):
        """Note on warnings whether the customer ordered in the days after; nothing on those of who had not before.

        :return: how many were judged
        """
        first = fields.Date.subtract(over, months=MONTHS)
        self.env['customer.warning'].flush_model(['partner_id', 'date', 'foretold'])
        ids = [partner_id for partner_id, in self.env.execute_query(SQL(
            "SELECT DISTINCT partner_id FROM customer_warning WHERE foretold IS NULL AND date BETWEEN %s AND %s", first, over))]
        if not ids:
            return 0
        self.env.cr.execute(SQL(
            """WITH bought AS MATERIALIZED (SELECT DISTINCT id, day FROM (%(days)s) AS d)
             UPDATE customer_warning w
                SET foretold = CASE WHEN b.again THEN 'no' ELSE 'yes' END
               FROM (SELECT w.id, bool_or(d.day > w.date) AS again
                       FROM customer_warning w
                       JOIN bought d ON d.id = w.partner_id AND d.day > w.date - %(active)s AND d.day <= w.date + %(horizon)s
                      WHERE w.foretold IS NULL AND w.date BETWEEN %(first)s AND %(over)s
                   GROUP BY w.id
                     HAVING bool_or(d.day <= w.date)) AS b
              WHERE b.id = w.id""",
            days=self.env['customer.churn']._purchase_days_sql(partner_ids=ids), active=ACTIVE_DAYS, horizon=horizon,
            first=first, over=over))
        judged = self.env.cr.rowcount
        self.env['customer.warning'].invalidate_model(['foretold'])
        return judged
