import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..base.customer_fact import PREFIX, Spans
from ..base.local_day import in_company_zone
from .target_measure import MEMBERS, WINDOWS, Measure, Window

_logger = logging.getLogger(__name__)

#: Months gone by that a new target shows.
HISTORY = 12


class CustomerTargetMeasurer(models.AbstractModel):
    """What the targets of tiers are held against: each measure with its definition, one statement for all its periods (SEG-8).

    **Whose figures.** A period is about the customers of the tier on the evening before it begins, by the kept history of tiers.
    Who rises, falls or comes later is not exchanged: else a tier would be praised for losing its bad customers to another one.
    Before the history begins nobody was in a tier, and nothing is known. A target without a tier is about all customers who had
    ordered before the period.

    **Which period.** So many months up to the end of a month; in the month that runs, up to today. A month that is over is
    measured once more and kept as it was then.
    """

    _name = 'customer.target.measurer'
    _description = "Measures Targets of Tiers"

    @api.model
    def _measures(self):
        """Return what targets can be set for, besides facts of the catalogue, by technical name; wings and addons add theirs.

        :rtype: dict[str, Measure]
        """
        return {
            'order_value_growth': Measure(
                label=self.env._("Growth of the average order value"), counted=self.env._("customers"),
                sql=self._order_value_growth_sql, definition=self.env._(
                    "Revenue over the number of orders in the period, against the same in the equally long period before it, in "
                    "percent more. Only customers who ordered in both periods count, all together: so a tier does not grow by "
                    "who came or went. n: these customers.")),
            'conversion': Measure(
                label=self.env._("Conversion"), counted=self.env._("opportunities"), sql=self._conversion_sql,
                open=self._open_leads, definition=self.env._(
                    "Won opportunities in percent of those that were decided, won or lost, in the period. Of a tier: those of "
                    "its customers; of all: those of new prospects too. n: decided opportunities.")),
            'conversion_growth': Measure(
                label=self.env._("Growth of the conversion"), counted=self.env._("opportunities"),
                sql=self._conversion_growth_sql, open=self._open_leads, definition=self.env._(
                    "The conversion of the period against that of the equally long period before it, in percent more: from 20 % "
                    "to 23 % is 15 % more. n: the decided opportunities of the period that had fewer.")),
        }

    @api.model
    def _known_measures(self):
        """Return all measures: those of :meth:`_measures`, and the facts that are known of days gone by."""
        facts = self.env['customer.fact']._offered(past=True)
        return self._measures() | {PREFIX + name: self._fact_measure(name, fact) for name, fact in facts.items()}

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_measure(self):
        """Nightly: how do the tiers stand?"""
        with self.env['customer.run']._measure('target') as run:
            run['done'], run['failed'] = self._measure(self.env['customer.target'].search([]))
            run['note'] = self.env._("months written: %(rows)s, targets set aside: %(failed)s",
                                     rows=run['done'], failed=run['failed'])

    @api.model
    def _measure(self, targets):
        """Measure targets: the month that runs, and those that are over and not kept yet.

        :param targets: customer.target
        :return: how many months were written, and how many targets could not be measured
        :rtype: tuple[int, int]
        """
        self.env.flush_all()  # measures don't say what they look at
        if targets:
            self.env['customer.statistics']._keep(
                'res_partner', 'customer_tier_change', 'customer_purchase', 'crm_lead')
        rows = failed = 0
        for target in targets:
            found, problem = self._measure_one(target)
            if (target.problem or False) != problem:
                target.problem = problem
            failed += bool(problem)
            rows += target._keep_values(found) if not problem else 0
        return rows, failed

    @api.model
    def _measure_one(self, target):
        """Return what was found of the months of a target that are not kept yet.

        :return: a list of month, its :class:`Window`, and the rows ``(value, n, hits)`` of it and of the period before; and the
            problem, False where there is none
        """
        months = target._open_months()
        windows = [self._windows(target, number, stop) for number, (month, stop) in enumerate(months)]
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(), mute_logger('odoo.sql_db'):
                self._fill(target, [window for some in windows for window in some])
                rows = self.env.execute_query(SQL(
                    "SELECT window_id, value::float8, n::int, hits::int FROM (%s) AS measured", target._measure().sql(target)))
        except psycopg2.OperationalError:
            raise  # another transaction was in the way, which is no fault of a target
        except Exception as error:  # whatever another addon's code raises
            _logger.warning("The target %s can't be measured", target.id, exc_info=True)
            return [], self.env['customer.fact']._problem(error)
        by_window = {row[0]: row[1:] for row in rows}
        return [
            (month, some[0], by_window.get(some[0].id, (None, 0, None)), by_window.get(some[1].id, (None, 0, None)))
            for (month, stop), some in zip(months, windows, strict=True)], False

    @api.model
    def _windows(self, target, number, stop):
        """Return the period of a target that ends on a day, and the two before it.

        :param int number: which of the periods that are measured together
        :rtype: list[Window]
        """
        after = fields.Date.add(stop, days=1)
        firsts = [fields.Date.subtract(after, months=target.period_months * count) for count in range(4)]
        return [
            Window(3 * number + back, firsts[back + 1], fields.Date.subtract(firsts[back], days=1),
                   3 * number + back + 1 if back < 2 else None) for back in range(3)]

    @api.model
    def _fill(self, target, windows):
        """Fill the temporary tables of the periods and of the customers that each begins with."""
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s, %s", WINDOWS, MEMBERS))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE %s (id int, start date, stop date, before_id int) ON COMMIT DROP", WINDOWS))
        self.env.cr.execute(SQL("INSERT INTO %s VALUES %s", WINDOWS, SQL(", ").join(
            SQL("(%s, %s, %s, %s)", *window) for window in windows)))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", MEMBERS, self._members_sql(target, WINDOWS)))
        self.env.cr.execute(SQL("CREATE INDEX ON %s (partner_id)", MEMBERS))
        self.env.cr.execute(SQL("ANALYZE %s", MEMBERS))

    # ------------------------------------------------------------
    # WHOSE FIGURES
    # ------------------------------------------------------------

    @api.model
    def _members_sql(self, target, windows):
        """Return SQL with the customers that periods begin with: ``window_id``, ``partner_id``; see the class.

        :param SQL windows: a relation of periods
        """
        found = self._in_tier_sql(target.tier_id.id, windows) if target.tier_id else SQL(
            # who is no customer any more was one until then
            """SELECT w.id AS window_id, p.id AS partner_id
                 FROM res_partner p JOIN %s w ON p.customer_first_order < w.start
                WHERE p.customer_managed IS TRUE OR EXISTS (
                      SELECT FROM customer_tier_change c
                       WHERE c.partner_id = p.id AND c.cause = 'left' AND c.date >= w.start)""", windows)
        if not target.company_id:
            return found
        return SQL(
            """SELECT m.window_id, m.partner_id FROM (%s) AS m JOIN res_partner p ON p.id = m.partner_id
                WHERE %s = %s""",
            found, self.env['customer.responsibility']._company_sql('p'), target.company_id.id)

    @api.model
    def _in_tier_sql(self, tier_id, windows):
        """Return SQL with the customers that were in a tier on the evening before periods begin: after the last change until
        then; before the first change what that one found; without any change what they are, if they were customers by then."""
        return SQL(
            """SELECT window_id, partner_id
                 FROM (SELECT DISTINCT ON (w.id, c.partner_id) w.id AS window_id, c.partner_id, c.new_tier_id
                         FROM %(windows)s w JOIN customer_tier_change c ON c.date < w.start
                     ORDER BY w.id, c.partner_id, c.date DESC, c.id DESC) AS last
                WHERE new_tier_id = %(tier)s
                UNION ALL
               SELECT w.id, earliest.partner_id
                 FROM (SELECT DISTINCT ON (partner_id) partner_id, date, old_tier_id
                         FROM customer_tier_change ORDER BY partner_id, date, id) AS earliest
                 JOIN %(windows)s w ON earliest.date >= w.start
                WHERE earliest.old_tier_id = %(tier)s
                UNION ALL
               SELECT w.id, p.id
                 FROM res_partner p JOIN %(windows)s w ON p.customer_managed_since < w.start
                WHERE p.customer_managed IS TRUE AND p.customer_tier_id = %(tier)s
                  AND NOT EXISTS (SELECT FROM customer_tier_change c WHERE c.partner_id = p.id)""",
            windows=windows, tier=tier_id)

    # ------------------------------------------------------------
    # MEASURES
    # ------------------------------------------------------------

    @api.model
    def _order_value_growth_sql(self, target):
        """Average order value of the period against that of the period before, in percent more.

        *Average order value* = what the customers bought in a period, credit notes deducted, in the main company's currency,
        over the number of their purchases in it. Counted are the customers of the tier at the start who purchased in both
        periods, added up before they are divided: a customer with many orders weighs more than one with few. n is their number,
        hits the number of orders in the period.
        """
        return SQL(
            """SELECT window_id, 100 * (sum(amount) / sum(orders) / (sum(old_amount) / sum(old_orders)) - 1) AS value,
                      count(*) AS n, sum(orders) AS hits
                 FROM (SELECT m.window_id, m.partner_id,
                              sum(d.amount) FILTER (WHERE d.day >= w.start) AS amount,
                              count(*) FILTER (WHERE d.day >= w.start AND d.counts) AS orders,
                              sum(d.amount) FILTER (WHERE d.day < w.start) AS old_amount,
                              count(*) FILTER (WHERE d.day < w.start AND d.counts) AS old_orders
                         FROM %(windows)s w
                         JOIN %(windows)s b ON b.id = w.before_id
                         JOIN %(members)s m ON m.window_id = w.id
                         JOIN %(purchases)s d ON d.partner_id = m.partner_id AND d.day BETWEEN b.start AND w.stop
                     GROUP BY m.window_id, m.partner_id) AS bought
                WHERE orders > 0 AND old_orders > 0
             GROUP BY window_id HAVING sum(old_amount) > 0""",
            windows=WINDOWS, members=MEMBERS,
            purchases=self.env['customer.fact']._purchases_sql(Spans(SQL("customer_target_window"))))

    @api.model
    def _decided_sql(self, target):
        """Return SQL with the opportunities that were decided in each period: ``window_id``, ``id``, ``won``.

        An opportunity is decided on the day on which it was won or lost, where its company is. What a period of a tier counts
        are those of its customers at the start.
        """
        self.env['crm.lead'].flush_model()
        clock = self.env['customer.clock']
        day = clock._day_sql(SQL("l.date_closed"), clock._company_zone_sql(SQL("l.company_id")))
        whose = SQL(
            """JOIN res_partner p ON p.id = l.partner_id
               JOIN %s m ON m.window_id = w.id AND m.partner_id = p.commercial_partner_id""",
            MEMBERS) if target.tier_id else SQL()
        company = SQL("AND COALESCE(l.company_id, %s) = %s", clock._main_company().id, target.company_id.id) \
            if target.company_id and not target.tier_id else SQL()
        return SQL(
            """SELECT w.id AS window_id, l.id, l.won_status = 'won' AS won
                 FROM %(windows)s w JOIN crm_lead l ON %(day)s BETWEEN w.start AND w.stop %(whose)s
                WHERE l.type = 'opportunity' AND l.won_status IN ('won', 'lost') AND l.date_closed IS NOT NULL %(company)s""",
            windows=WINDOWS, day=day, whose=whose, company=company)

    @api.model
    def _conversion_sql(self, target):
        """Won opportunities in percent of the decided ones of the period. n is the decided, hits the won."""
        return SQL(
            """SELECT window_id, 100.0 * count(*) FILTER (WHERE won) / count(*) AS value, count(*) AS n,
                      count(*) FILTER (WHERE won) AS hits
                 FROM (%s) AS decided GROUP BY window_id""", self._decided_sql(target))

    @api.model
    def _conversion_growth_sql(self, target):
        """The conversion of the period against that of the period before, in percent more; unknown where that was 0.

        n is the smaller number of decided opportunities of both, hits the won of the period.
        """
        return SQL(
            """WITH rate AS (%(rates)s)
               SELECT w.id AS window_id, 100 * (now.value / NULLIF(old.value, 0) - 1) AS value, LEAST(now.n, old.n) AS n, now.hits
                 FROM %(windows)s w JOIN rate now ON now.window_id = w.id JOIN rate old ON old.window_id = w.before_id""",
            rates=self._conversion_sql(target), windows=WINDOWS)

    @api.model
    def _fact_measure(self, name, fact):
        """Return a fact of the catalogue as a measure."""
        return Measure(
            label=fact.label, unit=fact.unit, better=fact.better or 'higher', counted=self.env._("customers"),
            sql=lambda target: self._fact_sql(name), definition=self.env._(
                "“%(fact)s” over the period, as facts about customers say it: the mean of the customers that the period begins "
                "with. n: those of whom it is known.", fact=fact.label))

    @api.model
    def _fact_sql(self, name):
        """The mean of a fact over the customers at the start of the period. n is those of whom it is known."""
        facts = self.env['customer.fact'].sudo()  # a figure is one for all users
        span_table = SQL("customer_target_span")
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", span_table))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE %s ON COMMIT DROP AS
               SELECT row_number() OVER () AS id, m.partner_id, w.start, w.stop, FALSE AS running, w.id AS window_id
                 FROM %s w JOIN %s m ON m.window_id = w.id""", span_table, WINDOWS, MEMBERS))
        self.env.cr.execute(SQL("ANALYZE %s", span_table))
        return SQL(
            """SELECT s.window_id, avg(f.value) AS value, count(*) AS n, NULL::int AS hits
                 FROM (%(found)s) AS f JOIN %(spans)s s ON s.id = f.span_id
                WHERE f.value IS NOT NULL GROUP BY s.window_id""",
            spans=span_table, found=facts._query(name, Spans(span_table), {}))

    # ------------------------------------------------------------
    # WHO IS BEHIND IT
    # ------------------------------------------------------------

    @api.model
    def _open_leads(self, target, value):
        """Return the action that shows the opportunities that were decided in the period."""
        self.env.flush_all()
        self._fill(target, [Window(0, value.start, value.stop, None)])
        rows = self.env.execute_query(SQL("SELECT DISTINCT id FROM (%s) AS decided", self._decided_sql(target)))
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Decided Opportunities"), 'res_model': 'crm.lead',
            'views': [(False, 'list'), (False, 'form')], 'view_mode': 'list,form',
            'domain': [('id', 'in', sorted(row[0] for row in rows))], 'context': {'active_test': False},
        }
