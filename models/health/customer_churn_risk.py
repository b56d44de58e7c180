from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import churn, pareto


class CustomerChurn(models.AbstractModel):
    """The risk of each customer, of this moment: chances and gaps in SQL."""

    _inherit = 'customer.churn'

    # ------------------------------------------------------------
    # THE RISK
    # ------------------------------------------------------------

    @api.model
    def _risk_sql(self, partner_ids=None):
        """Return SQL with the risk of managed customers.

        Columns: ``partner_id``; ``percent``, 100 × (1 − the chance to buy again), NULL for who bought once and where
        there is no fit in use; ``gap``, the days since the last order over the mean interval, NULL below three days with
        an order; ``level``, from the percent where there is one, else from the gap; of who bought once from the days since
        then over those usual before a second order, but never ``low``: nobody knows yet; else NULL. Who is as silent as last
        year is at low risk.

        :param partner_ids: ids of customers, or None for all
        """
        setting = self.env['res.config.settings']._customer_success
        by_percent = self._level_sql(
            SQL("v.percent"), setting('risk_medium_percent'), setting('risk_high_percent'),
            setting('risk_margin_percent'))
        by_gap, by_once = (
            self._level_sql(value, setting('risk_medium_gap'), setting('risk_high_gap'), setting('risk_margin_gap'))
            for value in (SQL("v.gap"), SQL("v.once")))
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT v.partner_id, v.percent, v.gap,
                      CASE WHEN v.waits THEN 'low'
                           WHEN v.percent IS NOT NULL THEN %(by_percent)s
                           WHEN v.gap IS NOT NULL THEN %(by_gap)s
                           WHEN v.once IS NOT NULL THEN NULLIF(%(by_once)s, 'low') END AS level
                 FROM (SELECT p.id AS partner_id, p.customer_risk_level AS level,
                              %(percent)s AS percent, %(gap)s AS gap, %(once)s AS once, %(waits)s AS waits
                         FROM res_partner p
                    LEFT JOIN customer_rhythm r ON r.partner_id = p.id
                        WHERE p.customer_managed IS TRUE %(only)s) AS v""",
            by_percent=by_percent, by_gap=by_gap, by_once=by_once, percent=self._percent_sql(), gap=self._gap_sql(),
            once=self._once_sql(), waits=self._waits_sql(SQL("%s::date", fields.Date.context_today(self))), only=only)

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
        """Return SQL for 100 × (1 − the chance to buy again) of a customer.rhythm ``r``, as ``engine.foretell``; NULL for who
        bought once, and without a fit in use.

        :param day: SQL of the day that it is of, when ``r`` is the rhythm until then; today by default
        """
        return self._mean_sql([SQL("100 / (1 + exp(-(%s)))", odds) for odds in self._odds_sql(day)])

    @api.model
    def _active_percent_sql(self, day=None):
        """Return SQL for 100 × the chance to buy again. However small, it is never 0: that stands for not known."""
        return self._mean_sql([SQL("100 / (1 + exp(%s))", odds) for odds in self._odds_sql(day)])

    @api.model
    def _mean_sql(self, values):
        """Return SQL for the mean of values for who bought on two days or more; NULL for others, and where there are none."""
        if not values:
            return SQL("NULL::float8")
        return SQL("CASE WHEN r.purchases >= 2 THEN (%s) / %s END", SQL(" + ").join(values), len(values))

    @api.model
    def _odds_sql(self, day=None):
        """Return for each model of the fit in use SQL for the logarithm of the odds that the customer of a customer.rhythm
        ``r`` has left, on a day; where ``r`` is later it is of that day.

        :rtype: list[SQL]
        """
        fit = self.env['customer.churn.fit']._get_current()
        if not fit:
            return []
        # what is known until the last order is known on it at the earliest
        known = SQL("(GREATEST(%s, r.last_day) - r.first_day)::float8 / 7", day or fields.Date.context_today(self))
        last = SQL("(r.last_day - r.first_day)::float8 / 7")
        # beyond 700 the exponential is no number any more
        return [
            SQL("LEAST(GREATEST(%s, -700), 700)", (
                self._pareto_odds_sql if part.model == 'pareto' else self._buying_odds_sql)(part, last, known))
            for part in fit._model().parts]

    @api.model
    def _buying_odds_sql(self, part, last, known):
        """Return SQL for the odds by BG/NBD or MBG/NBD, as ``engine.churn.p_active``."""
        __, r, alpha, a, b = part
        return SQL(
            """ln(%(a)s::float8 / (%(b)s::float8 + r.purchases - 2 + %(k)s))
               + (%(r)s::float8 + r.purchases - 1)
               * (ln(%(alpha)s::float8 + %(known)s) - ln(%(alpha)s::float8 + %(last)s))""",
            a=a, b=b, r=r, alpha=alpha, k=churn.MODELS[part.model], known=known, last=last)

    @api.model
    def _pareto_odds_sql(self, part, last, known):
        """Return SQL for the odds by Pareto/NBD, as ``engine.pareto.p_active``: the sum over its nodes."""
        __, r, alpha, s, beta = part
        # written out node by node: a sum over rows would cost ten times as much
        terms = SQL(" + ").join(SQL(
            "%(weight)s::float8 * exp(%(grown)s + GREATEST(-%(s)s::float8 * ln(exp(%(grown)s) * z.alpha_last / z.beta_last"
            " + %(apart)s::float8 / z.beta_last), -600))", weight=weight, s=s + 1, apart=beta - alpha,
            grown=SQL("(-ln(1 - %s::float8 * z.z) / z.power)", node)) for node, weight in pareto.QUADRATURE)
        # OFFSET keeps the parts from being worked out again in each of the terms
        return SQL(
            """(SELECT CASE WHEN z.z <= 0 THEN -700 ELSE
                       ln(%(s)s::float8 * z.z / z.power) + z.power * (ln(z.alpha_known) - ln(z.alpha_last))
                       + %(s)s::float8 * (ln(z.beta_known) - ln(z.beta_last)) + ln(z.alpha_last) - ln(z.beta_last)
                       + ln(%(terms)s) END
                  FROM (SELECT y.*, 1 - exp(GREATEST(-y.power * (ln(y.alpha_known) - ln(y.alpha_last)), -700)) AS z
                          FROM (SELECT %(r)s::float8 + r.purchases - 1 AS power,
                                       %(alpha)s::float8 + %(known)s AS alpha_known, %(beta)s::float8 + %(known)s AS beta_known,
                                       %(alpha)s::float8 + %(last)s AS alpha_last, %(beta)s::float8 + %(last)s AS beta_last
                                OFFSET 0) AS y OFFSET 0) AS z)""",
            r=r, alpha=alpha, s=s, beta=beta, terms=terms, known=known, last=last)

    @api.model
    def _once_sql(self):
        """Return SQL for the days since the only order of a customer.rhythm ``r``, over the days usual before a second one;
        NULL for who bought again, and where that is not known."""
        days = self.env['customer.churn.fit'].search([('second_days', '>', 0)], limit=1).second_days
        if not days:
            return SQL("NULL::float8")
        return SQL(
            "CASE WHEN r.purchases = 1 THEN GREATEST(%s - r.last_day, 0)::float8 / %s END", fields.Date.context_today(self), days)

    @api.model
    def _pause_sql(self):
        """Return SQL for the longest days between two orders of a customer.rhythm ``r`` with two days or more."""
        return SQL("COALESCE(NULLIF(r.longest_days, 0), (r.last_day - r.first_day)::float8 / (r.purchases - 1))")

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
