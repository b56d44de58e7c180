from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import churn, foretell, pareto
from ..base.local_day import in_company_zone
from .season import LATE, OUT_OF_SEASON, YEAR

WEEK = 7

#: Where it is kept what counts as a purchase, and since when.
COUNTED, COUNTED_SINCE = 'customer_success.rhythm_counted', 'customer_success.rhythm_counted_since'

#: A pause that ended longer ago than that before the last order says nothing of how a customer buys now.
PAUSE_DAYS = 730

#: From so few customers who bought again, what is usual between the first and the second order is not told.
ENOUGH_SECOND = 20


class CustomerChurn(models.AbstractModel):
    """Who is about to be lost, by each customer's own buying rhythm (HEA-4).

    Two rules stand side by side. The *model* (``engine.churn``, ``engine.pareto``) is fitted once a month on the orders of
    all customers, the one that foretold best (``engine.foretell``), and gives who bought again a chance to buy once more.
    The *plain rule* divides the days since the last order by the customer's own mean interval; it needs three days with an
    order. The risk level follows from the model where there is a fit, else from the plain rule, and moves only when a value
    passes a level by the dead band. Of who bought once neither says anything: what is usual between the first and the
    second order of the others stands for the interval.

    What a purchase is, is said by the ranking (``customer.purchase.reader._documents_sql``); several on one day are one.
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
            ('date', '=', fields.Date.context_today(self)), ('wanted', '=', settings._customer_success('churn_model')),
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
        self.env['customer.value.refresh']._wake()

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

        Of all, those are looked at who bought something since the last time, as ``customer.purchase`` knows; once a week
        everybody is.

        :param partner_ids: ids of managed customers, or None for all
        :return: how many rows were written or deleted
        """
        everybody = partner_ids is None
        self.env['customer.document']._flush()
        self.env['customer.rhythm'].flush_model()
        if everybody:
            self.env['customer.statistics']._keep(
                'res_partner', 'sale_order', 'account_move', 'customer_rhythm', 'customer_purchase')
            partner_ids = self.env['customer.rhythm']._begin_night()
        self._note_counted()
        only = SQL("WHERE partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_rhythm_now"))
        self.env.cr.execute(SQL(
            # only what differs from what is there; who is a customer is asked of these few alone
            """CREATE TEMPORARY TABLE customer_rhythm_now ON COMMIT DROP AS
                 WITH pauses AS MATERIALIZED (%(pauses)s)
               SELECT COALESCE(b.id, r.partner_id) AS id, b.purchases, b.first_day, b.last_day, b.longest_days, b.season_day
                 FROM (SELECT d.*, s.season_day
                         FROM (SELECT id, count(DISTINCT day)::int AS purchases, min(day) AS first_day, max(day) AS last_day,
                                      COALESCE(max(pause) FILTER (WHERE day > last - %(recent)s), 0) AS longest_days
                                 FROM pauses GROUP BY id) AS d
                    LEFT JOIN (%(seasons)s) AS s ON s.id = d.id) AS b
            FULL JOIN (SELECT partner_id, purchases, first_day, last_day, longest_days, season_day
                         FROM customer_rhythm %(only)s) AS r
                   ON r.partner_id = b.id
                WHERE (b.purchases, b.first_day, b.last_day, b.longest_days, b.season_day)
                      IS DISTINCT FROM (r.purchases, r.first_day, r.last_day, r.longest_days, r.season_day)""",
            pauses=self._pauses_sql(self._purchase_days_sql(partner_ids=partner_ids)), recent=PAUSE_DAYS, only=only,
            seasons=self._season_sql(SQL("pauses"))))
        written = self._write_rhythm(partner_ids)
        self.env.cr.execute(SQL("DROP TABLE customer_rhythm_now"))
        if written:
            self.env['customer.rhythm'].invalidate_model()
        if everybody and self._is_enough_now():
            self._wake()
        return written

    @api.model
    def _is_enough_now(self):
        """Return whether enough customers bought again for the model, while there were too few for the last fit: orders that
        were loaded after the installation need not wait for the next month."""
        return bool(self.env.execute_query(SQL(
            """SELECT 1
                 FROM (SELECT state, minimum_customers FROM customer_churn_fit ORDER BY date DESC, id DESC LIMIT 1) AS f
                WHERE f.state = 'few'
                  AND (SELECT count(*) FROM customer_rhythm WHERE purchases > 1) >= f.minimum_customers""")))

    @api.model
    def _note_counted(self):
        """Note since when purchases are counted as they are now: with another basis of the ranking all rhythms change, and no
        customer did anything."""
        scheme = self.env['customer.tier.scheme']._get_current()
        counted = f'{scheme.basis},{scheme.running_days}'
        parameters = self.env['ir.config_parameter'].sudo()  # kept by the scheduled action, nobody sets it
        before = parameters.get_param(COUNTED)
        if before != counted:
            parameters.set_param(COUNTED, counted)
            # as long as nothing was counted otherwise, nothing changed
            parameters.set_param(COUNTED_SINCE, before and fields.Date.to_string(fields.Date.context_today(self)))

    @api.model
    def _counted_since(self):
        """Return the day on which purchases were counted otherwise for the last time, or None."""
        return fields.Date.to_date(self.env['ir.config_parameter'].sudo().get_param(COUNTED_SINCE)) or None  # as above

    @api.model
    def _write_rhythm(self, partner_ids):
        """Write what differs, and forget the rhythm of who bought nothing that counts, or is no customer any more."""
        only = SQL("AND r.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        self.env.cr.execute(SQL(
            """DELETE FROM customer_rhythm r
                USING res_partner p
                WHERE p.id = r.partner_id %s
                  AND (p.customer_managed IS NOT TRUE
                       OR p.id IN (SELECT id FROM customer_rhythm_now WHERE purchases IS NULL))""", only))
        written = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """INSERT INTO customer_rhythm (partner_id, purchases, first_day, last_day, longest_days, season_day,
                                            create_uid, create_date, write_uid, write_date)
                    SELECT n.id, n.purchases, n.first_day, n.last_day, n.longest_days, n.season_day,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_rhythm_now n
                      JOIN res_partner c ON c.id = n.id AND c.customer_managed IS TRUE
                     WHERE n.purchases IS NOT NULL
                  ORDER BY n.id
               ON CONFLICT (partner_id) DO UPDATE
                       SET purchases = EXCLUDED.purchases, first_day = EXCLUDED.first_day, last_day = EXCLUDED.last_day,
                           longest_days = EXCLUDED.longest_days, season_day = EXCLUDED.season_day, write_uid = EXCLUDED.write_uid,
                           write_date = EXCLUDED.write_date""",
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
            documents=self.env['customer.purchase.reader']._documents_sql(scheme, partner_ids, amounts=False),
            until=until or self.env['customer.document']._latest_day())

    @api.model
    def _pauses_sql(self, days, until=None):
        """Return SQL with the days on which customers bought, the days since they bought before (``pause``), and the first
        and the last of them (``first``, ``last``).

        :param SQL days: see :meth:`_purchase_days_sql`
        :param date until: the last day that may be the last one; by default there is none
        """
        return SQL(
            """SELECT id, day, day - lag(day) OVER (PARTITION BY id ORDER BY day) AS pause,
                      min(day) OVER (PARTITION BY id) AS first, max(day) %(until)s OVER (PARTITION BY id) AS last
                 FROM (%(days)s) AS d""",
            days=days, until=SQL("FILTER (WHERE day <= %s)", until) if until else SQL())

    # ------------------------------------------------------------
    # THE FIT
    # ------------------------------------------------------------

    @api.model
    def _fit(self, model=None, day=None, holdout_days=None):
        """Fit the model on everybody's orders until a day, and try it on the last days of them.

        Everybody is whoever ever bought, those included who are archived since: a sample without them would tell that
        nobody leaves. Left out are our own companies and who was excluded from care.

        :param str model: ``auto`` for the one that foretells best, or a key of ``customer.churn.fit``'s models; default: the
            settings'
        :param date day: default: today
        :param int holdout_days: how many days the model that is tried must not see; default: the settings'
        :return: the new customer.churn.fit, whatever came out
        """
        settings = self.env['res.config.settings']
        wanted = model or settings._customer_success('churn_model')
        day = day or fields.Date.context_today(self)
        holdout_days = holdout_days or settings._customer_success('churn_holdout_days')
        minimum = settings._customer_success('churn_minimum_customers')
        sample = self._sample(day)
        repeat = self._count_repeat(sample)
        values = {
            'date': day, 'wanted': wanted, 'model': wanted != 'auto' and wanted, 'holdout_days': holdout_days,
            'minimum_customers': minimum, 'customers': sum(sample.values()), 'repeat_customers': repeat, 'state': 'few',
            'second_days': self._second_order_days(day),
        }
        if repeat >= minimum:
            values |= self._fitted_values(wanted, sample, day, holdout_days, minimum)
        return self.env['customer.churn.fit'].sudo().create(values)  # results are not for people to write

    @api.model
    def _fitted_values(self, wanted, sample, day, holdout_days, minimum):
        """Return what a fit keeps: parameters of the chosen model, and how well it foretold; or why there are none.

        :param Counter sample: of that day
        """
        names = foretell.SINGLE if wanted in ('auto', foretell.BLEND) else (wanted,)
        fits, failed = foretell.fit_all(self._without_later(sample), names)
        tested = self._back_test(wanted, names, day, holdout_days, minimum)
        if not fits:
            return tested['values'] | {'state': 'failed', 'reason': next(iter(failed.values()))}
        chosen = foretell.choose(result for result in tested['results'] if result.model in (*fits, foretell.BLEND))
        name = chosen.model if chosen else 'mbgnbd' if 'mbgnbd' in fits else next(iter(fits))
        if wanted == foretell.BLEND:
            name = wanted
        single = fits.get(name)
        model = foretell.Model(name, (single.parameters,)) if single else foretell.blend(fits, tested['factor'])
        values = {
            'state': 'ok', 'model': name, 'factor': model.factor, 'parts': [list(part) for part in model.parts],
            'log_likelihood': single.log_likelihood if single else 0,
        }
        if single:
            values |= dict(zip(('r', 'alpha', 'a', 'b'), single.parameters[1:], strict=True))
        return values | tested['values'] | (self._test_values(chosen, tested['results']) if chosen else {})

    @api.model
    def _back_test(self, wanted, names, day, holdout_days, minimum):
        """Fit models on the orders before the held-out days and compare what they say of them with what happened.

        What the blend is multiplied by comes from the held-out days before those, so that nothing is tried on what it was
        taken from.

        :param names: of the models
        :return: ``results`` of the models, ``values`` of the test fields that need no model, and the ``factor`` of the blend
        :rtype: dict
        """
        test_date = fields.Date.subtract(day, days=holdout_days)
        sample, weeks = self._sample(test_date, day), holdout_days / WEEK
        tested = {'results': [], 'values': {}, 'factor': 1.0}
        if self._count_repeat(sample) < minimum:
            return tested
        repeat, left, trials = foretell.try_pauses(sample)
        tested['values'] = {
            'test_date': test_date, 'test_repeat': repeat, 'test_left': left, 'trials': [list(trial) for trial in trials]}
        fits, __ = foretell.fit_all(self._without_later(sample), names)
        models = [foretell.Model(name, (found.parameters,)) for name, found in fits.items()]
        if len(fits) > 1:
            models.append(foretell.blend(fits, self._earlier_factor(names, test_date, holdout_days, minimum)))
            tested['factor'] = foretell.calibration(foretell.blend(fits), sample, weeks)
        limit = self.env['res.config.settings']._customer_success('risk_high_gap')
        tested['results'] = [
            foretell.back_test(model, sample, weeks, limit) for model in models
            if wanted != foretell.BLEND or model.name == foretell.BLEND]
        return tested

    @api.model
    def _earlier_factor(self, names, day, holdout_days, minimum):
        """Return what the purchases expected by the blend have to be multiplied by, by the held-out days until a day."""
        sample = self._sample(fields.Date.subtract(day, days=holdout_days), day)
        if self._count_repeat(sample) < minimum:
            return 1.0
        fits, __ = foretell.fit_all(self._without_later(sample), names)
        return foretell.calibration(foretell.blend(fits), sample, holdout_days / WEEK) if fits else 1.0

    @api.model
    def _test_values(self, chosen, results):
        """Return the values of a fit's test fields.

        :param BackTest chosen: of the model that is used
        :param results: of all models
        """
        return {
            'test_expected': chosen.expected, 'test_actual': chosen.actual, 'test_order': chosen.order,
            'test_customers': chosen.judged, 'test_bought': chosen.bought, 'test_right_model': chosen.right_model,
            'test_right_gap': chosen.right_gap, 'trials': [list(trial) for trial in chosen.trials],
            'compared': [[result.model, result.likelihood, result.order, result.expected, result.actual]
                         for result in results],
        }

    @api.model
    def _sample(self, day, until=None):
        """Count customers by how they bought.

        :param date day: what is looked at are the orders up to this day
        :param date until: the end of the days after, in which later orders are counted
        :return: how many customers there are of each ``(x, t_x, T, longest pause, later)``, times in weeks (see
            ``engine.foretell``, also for who buys in one season)
        """
        self.env['customer.document']._flush()
        rows = self.env.execute_query(SQL(
            """WITH pauses AS MATERIALIZED (%(pauses)s)
               SELECT purchases - 1, last_day - first_day, %(day)s - first_day,
                      CASE WHEN r.season_day IS NULL THEN longest WHEN %(over)s THEN 0 ELSE 'Infinity' END, later, count(*)
                 FROM (SELECT d.id, count(DISTINCT d.day) FILTER (WHERE d.day <= %(day)s) AS purchases, min(d.day) AS first_day,
                              max(d.day) FILTER (WHERE d.day <= %(day)s) AS last_day,
                              COALESCE(max(d.pause) FILTER (WHERE d.day <= %(day)s AND d.day > d.last - %(recent)s), 0)
                                  ::float8 AS longest,
                              count(DISTINCT d.day) FILTER (WHERE d.day > %(day)s) AS later
                         FROM pauses AS d
                     GROUP BY d.id) AS b
                 JOIN res_partner c ON c.id = b.id
            LEFT JOIN (%(seasons)s) AS r ON r.id = b.id
                WHERE b.purchases > 0 AND %(counts)s
             GROUP BY 1, 2, 3, 4, 5""",
            day=day, recent=PAUSE_DAYS, counts=self._in_sample_sql(), over=self._season_over_sql(SQL("%s::date", day)),
            seasons=self._season_sql(SQL("pauses"), day),
            pauses=self._pauses_sql(self._purchase_days_sql(until or day), day)))
        return {(x, last / WEEK, known / WEEK, longest / WEEK, later): count for x, last, known, longest, later, count in rows}

    @api.model
    def _in_sample_sql(self):
        """Return SQL for whether a partner ``c`` tells how customers buy."""
        return SQL(
            """c.customer_enrolment IS DISTINCT FROM 'excluded'
               AND NOT EXISTS (SELECT 1 FROM res_company own WHERE own.partner_id = c.id)""")

    @api.model
    def _second_order_days(self, day):
        """Return how many days lie between the first and the second order usually (half of those who bought again took no
        longer), 0 where too few did to tell."""
        [[count, days]] = self.env.execute_query(SQL(
            """SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY second - first)
                 FROM (SELECT d.id, min(d.first) AS first, min(d.day) AS second
                         FROM (%(pauses)s) AS d
                        WHERE d.day > d.first
                     GROUP BY d.id) AS b
                 JOIN res_partner c ON c.id = b.id
                WHERE %(counts)s""",
            pauses=self._pauses_sql(self._purchase_days_sql(day)), counts=self._in_sample_sql()))
        return days if count >= ENOUGH_SECOND else 0

    @api.model
    def _count_repeat(self, sample):
        return sum(count for (x, *__), count in sample.items() if x)

    @api.model
    def _without_later(self, sample):
        customers = Counter()
        for (x, last, known, *__), count in sample.items():
            customers[x, last, known] += count
        return customers

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
            "%(weight)s::float8 * exp(z.at_once * %(grown)s"
            " + GREATEST(-z.other * ln(exp(%(grown)s) * z.part + 1 - z.part), -600))", weight=weight,
            grown=SQL("(-ln(1 - %s::float8 * z.z) / z.faster)", node)) for node, weight in pareto.QUADRATURE)
        # OFFSET keeps the parts from being worked out again in each of the terms
        return SQL(
            """(SELECT CASE WHEN z.z <= 0 THEN -700 ELSE ln(z.z * z.times) + z.bought + z.left + ln(%(terms)s) END
                  FROM (SELECT x.*, 1 - exp(-LEAST(CASE WHEN leads THEN x.left ELSE bought END, 700)) AS z,
                               CASE WHEN leads THEN %(s)s::float8 ELSE power END AS faster,
                               CASE WHEN leads THEN power ELSE %(s)s::float8 + 1 END AS other,
                               CASE WHEN leads THEN 0 ELSE 1 END AS at_once,
                               CASE WHEN leads THEN beta_last / alpha_last ELSE alpha_last / beta_last END AS part,
                               CASE WHEN leads THEN 1 ELSE %(s)s::float8 / power * alpha_last / beta_last END AS times
                          FROM (SELECT y.*, %(s)s::float8 * alpha_last > power * beta_last AS leads,
                                       power * (ln(alpha_known) - ln(alpha_last)) AS bought,
                                       %(s)s::float8 * (ln(beta_known) - ln(beta_last)) AS left
                                  FROM (SELECT %(r)s::float8 + r.purchases - 1 AS power,
                                               %(alpha)s::float8 + %(known)s AS alpha_known,
                                               %(beta)s::float8 + %(known)s AS beta_known,
                                               %(alpha)s::float8 + %(last)s AS alpha_last,
                                               %(beta)s::float8 + %(last)s AS beta_last
                                        OFFSET 0) AS y OFFSET 0) AS x OFFSET 0) AS z)""",
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

    # ------------------------------------------------------------
    # SEASONS
    #
    # Customers who buy in one season of the year (HEA-3, HEA-4, T2).
    #
    # The same season of last year is looked at: whoever came back from one long silence at the same time of the year twice in
    # succession (the very first order is such a return) is expected back at that time again. Until then it is silent as it was
    # last year, which is no reason to worry; when it has not come some weeks later, the season passes without it, however long
    # its silences were before. Whoever bought through the last winter has no season any more.
    # ------------------------------------------------------------

    @api.model
    def _season_sql(self, pauses, until=None):
        """Return SQL with the customers who have a season (``id``) and the day on which they last came back (``season_day``).

        :param SQL pauses: name of a relation as of :meth:`_pauses_sql`
        :param date until: what came later does not count
        """
        return SQL(
            """SELECT returned.id, returned.day AS season_day
                 FROM (SELECT id, day, pause, last, lag(day) OVER returns AS before, lead(day) OVER returns IS NULL AS is_latest
                         FROM %(pauses)s AS p
                        WHERE (pause >= %(long)s OR pause IS NULL) %(until)s
                       WINDOW returns AS (PARTITION BY id ORDER BY day)) AS returned
            LEFT JOIN (SELECT id, max(pause) AS longest FROM %(pauses)s AS p
                        WHERE pause < %(long)s %(until)s GROUP BY id) AS short ON short.id = returned.id
                WHERE is_latest AND pause >= 2 * COALESCE(short.longest, 0) AND last < day + %(earliest)s
                  AND day - before BETWEEN %(earliest)s AND %(latest)s""",
            long=OUT_OF_SEASON, pauses=pauses, earliest=YEAR - LATE, latest=YEAR + LATE,
            until=SQL("AND day <= %s", until) if until else SQL())

    @api.model
    def _season_over_sql(self, day):
        """Return SQL for whether the season of a customer.rhythm ``r`` has passed without it on a day; NULL for who has none.

        :param day: SQL or a date
        """
        return SQL("%s >= r.season_day + %s", day, YEAR + LATE)

    @api.model
    def _waits_sql(self, day):
        """Return SQL for whether a customer.rhythm ``r`` is as silent on a day as it was last year."""
        return SQL("COALESCE(NOT (%s), FALSE)", self._season_over_sql(day))
