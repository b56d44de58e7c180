from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import churn
from ..base.local_day import in_company_zone

WEEK = 7


class CustomerChurn(models.AbstractModel):
    """Who is about to be lost, by each customer's own buying rhythm (HEA-4).

    Two rules stand side by side. The *model* (``engine.churn``) is fitted once a month on the orders of all customers and
    gives who bought again a chance to buy once more. The *plain rule* divides the days since the last order by the
    customer's own mean interval; it needs three days with an order. The risk level follows from the model where there is
    a fit, else from the plain rule, and moves only when a value passes a level by the dead band.

    What a purchase is, is said by the ranking (``customer.refresh._documents_sql``); several on one day are one.
    """

    _name = 'customer.churn'
    _description = "Buying Rhythm and Churn"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_fit(self):
        """Monthly, or when the settings changed: fit the model. What was fitted today with these settings stays."""
        settings = self.env['res.config.settings']
        wanted = [
            ('date', '=', fields.Date.context_today(self)), ('model', '=', settings._customer_success('churn_model')),
            ('minimum_customers', '=', settings._customer_success('churn_minimum_customers')),
            ('holdout_days', '=', settings._customer_success('churn_holdout_days')),
        ]
        today = self.env['customer.churn.fit'].search(wanted, limit=1)
        if today and (today.state != 'few' or today.repeat_customers == self._count_repeat(self._sample(today.date))):
            return  # the empty one of the day of the installation holds nobody up
        with self.env['customer.run']._measure('churn') as run:
            fit = self._fit()
            run['done'], run['failed'], run['note'] = 1, int(fit.state == 'failed'), fit.summary
        self._wake_health()

    @api.model
    def _wake(self):
        self.env.ref('customer_success.ir_cron_churn').sudo()._trigger()  # whoever may change the settings

    @api.model
    def _wake_health(self):
        """Have the risk of all customers computed anew as soon as possible."""
        cron = self.env.ref('customer_success.ir_cron_health', raise_if_not_found=False)
        if cron:
            cron._trigger()

    # ------------------------------------------------------------
    # THE RHYTHM
    # ------------------------------------------------------------

    @api.model
    def _refresh_rhythm(self, partner_ids=None):
        """Make customer.rhythm true to the orders and invoices until now; write only what changes.

        :param partner_ids: ids of managed customers, or None for all
        :return: how many rows were written or deleted
        """
        self.env['customer.document']._flush()
        self.env['customer.rhythm'].flush_model()
        only = SQL("WHERE partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_rhythm_now"))
        self.env.cr.execute(SQL(
            # only what differs from what is there; who is a customer is asked of these few alone
            """CREATE TEMPORARY TABLE customer_rhythm_now ON COMMIT DROP AS
               SELECT COALESCE(b.id, r.partner_id) AS id, b.purchases, b.first_day, b.last_day
                 FROM (SELECT id, count(DISTINCT day)::int AS purchases, min(day) AS first_day, max(day) AS last_day
                         FROM (%(days)s) AS d GROUP BY id) AS b
            FULL JOIN (SELECT partner_id, purchases, first_day, last_day FROM customer_rhythm %(only)s) AS r
                   ON r.partner_id = b.id
                WHERE (b.purchases, b.first_day, b.last_day) IS DISTINCT FROM (r.purchases, r.first_day, r.last_day)""",
            days=self._purchase_days_sql(partner_ids=partner_ids), only=only))
        written = self._write_rhythm(partner_ids)
        self.env.cr.execute(SQL("DROP TABLE customer_rhythm_now"))
        if written:
            self.env['customer.rhythm'].invalidate_model()
        return written

    @api.model
    def _write_rhythm(self, partner_ids):
        """Write what differs, and forget the rhythm of who bought nothing that counts, or is no customer any more."""
        only = SQL("AND r.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        self.env.cr.execute(SQL(
            """DELETE FROM customer_rhythm r
                USING res_partner p
                WHERE p.id = r.partner_id %s
                  AND (NOT COALESCE(p.customer_managed, FALSE)
                       OR p.id IN (SELECT id FROM customer_rhythm_now WHERE purchases IS NULL))""", only))
        written = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """INSERT INTO customer_rhythm (partner_id, purchases, first_day, last_day,
                                            create_uid, create_date, write_uid, write_date)
                    SELECT n.id, n.purchases, n.first_day, n.last_day, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_rhythm_now n
                      JOIN res_partner c ON c.id = n.id AND c.customer_managed
                     WHERE n.purchases IS NOT NULL
                  ORDER BY n.id
               ON CONFLICT (partner_id) DO UPDATE
                       SET purchases = EXCLUDED.purchases, first_day = EXCLUDED.first_day, last_day = EXCLUDED.last_day,
                           write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date""",
            uid=self.env.uid, now=self.env.cr.now()))
        return written + self.env.cr.rowcount

    @api.model
    def _purchase_days_sql(self, until=None, partner_ids=None):
        """Return SQL with the days on which commercial partners bought, as columns ``id`` and ``day``; a day comes as often
        as there were purchases on it.

        :param date until: the last day that counts; by default the one that it is where among us it is latest
        """
        scheme = self.env['customer.tier.scheme']._get_current()
        return SQL(
            """SELECT id, day
                 FROM (%(documents)s) AS documents (id, day, counts, bought, amount, pending)
                WHERE counts AND day <= %(until)s""",
            documents=self.env['customer.refresh']._documents_sql(scheme, partner_ids, amounts=False),
            until=until or self.env['customer.document']._latest_day())

    # ------------------------------------------------------------
    # THE FIT
    # ------------------------------------------------------------

    @api.model
    def _fit(self, model=None, day=None, holdout_days=None):
        """Fit the model on everybody's orders until a day, and try it on the last days of them.

        Everybody is whoever ever bought, those included who are archived since: a sample without them would tell that
        nobody leaves. Left out are our own companies and who was excluded from care.

        :param str model: ``mbgnbd`` or ``bgnbd``; default: the settings'
        :param date day: default: today
        :param int holdout_days: how many days the model that is tried must not see; default: the settings'
        :return: the new customer.churn.fit, whatever came out
        """
        settings = self.env['res.config.settings']
        model = model or settings._customer_success('churn_model')
        day = day or fields.Date.context_today(self)
        holdout_days = holdout_days or settings._customer_success('churn_holdout_days')
        minimum = settings._customer_success('churn_minimum_customers')
        sample = self._sample(day)
        repeat = self._count_repeat(sample)
        values = {
            'date': day, 'model': model, 'holdout_days': holdout_days, 'minimum_customers': minimum,
            'customers': sum(sample.values()), 'repeat_customers': repeat, 'state': 'few',
        }
        if repeat >= minimum:
            try:
                found = churn.fit(self._without_later(sample), model)
            except churn.FitError as error:
                values.update(state='failed', reason=error.reason)
            else:
                __, r, alpha, a, b = found.parameters
                values.update(
                    state='ok', r=r, alpha=alpha, a=a, b=b, log_likelihood=found.log_likelihood,
                    **self._back_test(model, day, holdout_days, minimum))
        return self.env['customer.churn.fit'].sudo().create(values)  # results are not for people to write

    @api.model
    def _back_test(self, model, day, holdout_days, minimum):
        """Fit the model on the orders before the held-out days and compare what it says of them with what happened.

        :return: the values of the fit's test fields; none where there were too few customers then
        """
        test_date = fields.Date.subtract(day, days=holdout_days)
        sample = self._sample(test_date, day)
        if self._count_repeat(sample) < minimum:
            return {}
        try:
            found = churn.fit(self._without_later(sample), model)
        except churn.FitError:
            return {}
        result = churn.back_test(
            found.parameters, sample, holdout_days / WEEK,
            self.env['res.config.settings']._customer_success('risk_high_gap'))
        return {
            'test_date': test_date, 'test_expected': result.expected, 'test_actual': result.actual,
            'test_customers': result.judged, 'test_bought': result.bought, 'test_right_model': result.right_model,
            'test_right_gap': result.right_gap, 'test_repeat': result.repeat, 'test_left': result.left,
            'test_warned_model': result.warned_model, 'test_hit_model': result.hit_model,
            'test_warned_gap': result.warned_gap, 'test_hit_gap': result.hit_gap,
        }

    @api.model
    def _sample(self, day, until=None):
        """Count customers by how they bought.

        :param date day: what is looked at are the orders up to this day
        :param date until: the end of the days after, in which later orders are counted
        :return: how many customers there are of each ``(x, t_x, T, later)``, times in weeks (see ``engine.churn``)
        """
        self.env['customer.document']._flush()
        rows = self.env.execute_query(SQL(
            """SELECT purchases - 1, last_day - first_day, %(day)s - first_day, later, count(*)
                 FROM (SELECT d.id, count(DISTINCT d.day) FILTER (WHERE d.day <= %(day)s) AS purchases, min(d.day) AS first_day,
                              max(d.day) FILTER (WHERE d.day <= %(day)s) AS last_day,
                              count(DISTINCT d.day) FILTER (WHERE d.day > %(day)s) AS later
                         FROM (%(days)s) AS d
                     GROUP BY d.id) AS b
                 JOIN res_partner c ON c.id = b.id
                WHERE b.purchases > 0 AND c.customer_enrolment IS DISTINCT FROM 'excluded'
                  AND NOT EXISTS (SELECT 1 FROM res_company own WHERE own.partner_id = c.id)
             GROUP BY 1, 2, 3, 4""", day=day, days=self._purchase_days_sql(until or day)))
        return {(x, last / WEEK, known / WEEK, later): count for x, last, known, later, count in rows}

    @api.model
    def _count_repeat(self, sample):
        return sum(count for (x, *__), count in sample.items() if x)

    @api.model
    def _without_later(self, sample):
        customers = Counter()
        for (x, last, known, __), count in sample.items():
            customers[x, last, known] += count
        return customers

    # ------------------------------------------------------------
    # THE RISK
    # ------------------------------------------------------------

    @api.model
    def _risk_sql(self, partner_ids=None):
        """Return SQL with the risk of managed customers.

        Columns: ``partner_id``; ``percent``, 100 × (1 − the chance to buy again), NULL for who bought once and where
        there is no fit in use; ``gap``, the days since the last order over the mean interval, NULL below three days with
        an order; ``level``, from the percent where there is one, else from the gap, else NULL.

        :param partner_ids: ids of customers, or None for all
        """
        setting = self.env['res.config.settings']._customer_success
        by_percent = self._level_sql(
            SQL("v.percent"), setting('risk_medium_percent'), setting('risk_high_percent'),
            setting('risk_margin_percent'))
        by_gap = self._level_sql(SQL("v.gap"), setting('risk_medium_gap'), setting('risk_high_gap'), setting('risk_margin_gap'))
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT v.partner_id, v.percent, v.gap,
                      CASE WHEN v.percent IS NOT NULL THEN %(by_percent)s
                           WHEN v.gap IS NOT NULL THEN %(by_gap)s END AS level
                 FROM (SELECT p.id AS partner_id, p.customer_risk_level AS level,
                              %(percent)s AS percent, %(gap)s AS gap
                         FROM res_partner p
                    LEFT JOIN customer_rhythm r ON r.partner_id = p.id
                        WHERE COALESCE(p.customer_managed, FALSE) %(only)s) AS v""",
            by_percent=by_percent, by_gap=by_gap, percent=self._percent_sql(), gap=self._gap_sql(), only=only)

    @api.model
    def _level_sql(self, value, medium, high, band):
        """Return SQL for the level of a value, next to the level ``v.level`` that is stored: a border has to be passed by
        a margin, so that nothing flaps."""
        return SQL(
            """CASE WHEN %(value)s >= %(high)s + CASE v.level WHEN 'high' THEN -%(band)s WHEN 'medium' THEN %(band)s
                                                              WHEN 'low' THEN %(band)s ELSE 0 END THEN 'high'
                    WHEN %(value)s >= %(medium)s + CASE v.level WHEN 'high' THEN -%(band)s WHEN 'medium' THEN -%(band)s
                                                                WHEN 'low' THEN %(band)s ELSE 0 END THEN 'medium'
                    ELSE 'low' END""", value=value, medium=medium, high=high, band=band)

    @api.model
    def _percent_sql(self, day=None):
        """Return SQL for 100 × (1 − the chance to buy again) of a customer.rhythm ``r``, as ``engine.churn.p_active``; NULL
        for who bought once, and without a fit in use.

        :param day: SQL of the day that it is of, when ``r`` is the rhythm until then; today by default
        """
        return SQL("100 / (1 + exp(-%s))", self._odds_sql(day))

    @api.model
    def _active_percent_sql(self):
        """Return SQL for 100 × the chance to buy again. However small, it is never 0: that stands for not known."""
        return SQL("100 / (1 + exp(%s))", self._odds_sql())

    @api.model
    def _odds_sql(self, day=None):
        """Return SQL for the logarithm of the odds that the customer of a customer.rhythm ``r`` has left, on a day."""
        fit = self.env['customer.churn.fit']._get_current()
        if not fit:
            return SQL("NULL::float8")
        odds = SQL(
            """ln(%(a)s::float8 / (%(b)s::float8 + r.purchases - 2 + %(k)s))
               + (%(r)s::float8 + r.purchases - 1)
               * (ln(%(alpha)s::float8 + (%(today)s - r.first_day)::float8 / 7)
                  - ln(%(alpha)s::float8 + (r.last_day - r.first_day)::float8 / 7))""",
            a=fit.a, b=fit.b, r=fit.r, alpha=fit.alpha, k=churn.MODELS[fit.model],
            today=day or fields.Date.context_today(self))
        # beyond 700 the exponential is no number any more
        return SQL("CASE WHEN r.purchases >= 2 THEN LEAST(%s, 700) END", odds)

    @api.model
    def _gap_sql(self):
        """Return SQL for the days since the last order of a customer.rhythm ``r``, over its mean interval."""
        return SQL(
            "GREATEST(%s - r.last_day, 0)::float8 / %s", fields.Date.context_today(self), self._usual_sql())

    @api.model
    def _usual_sql(self):
        """Return SQL for the mean days between two orders of a customer.rhythm ``r``; NULL below three days with an order:
        two intervals are the least that tell a rhythm."""
        return SQL(
            """CASE WHEN r.purchases >= 3 AND r.last_day > r.first_day
                    THEN (r.last_day - r.first_day)::float8 / (r.purchases - 1) END""")
