import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..base.customer_fact import Spans
from ..base.local_day import in_company_zone
from .facts import PURCHASE_TABLE

_logger = logging.getLogger(__name__)

#: What is kept of a fact until its sentence is told.
KEPT = ('day', 'res_id', 'count', 'detail')


class CustomerPathKeeper(models.AbstractModel):
    """Finds by night which customers could rise or are falling, and writes only what changed (SEG-7).

    Each condition is asked once of all customers of its tier; one statement counts what is met. Who stands in a tier by hand is
    left alone, since somebody decided; where all tiers are set by hand, nobody is.
    """

    _name = 'customer.path.keeper'
    _description = "Keeper of the Upgrade Path"

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly, after everything that facts look at: who could rise, who is falling?"""
        with self.env['customer.run']._measure('path') as run:
            result = self._refresh()
            run['done'], run['failed'] = result['rows'], result['failed']
            run['note'] = self.env._(
                "could rise: %(rise)s, falling: %(fall)s, changed: %(rows)s",
                rise=result['rise'], fall=result['fall'], rows=result['rows'])

    @api.model
    def _refresh(self, partner_ids=None):
        """Bring the lists up to date.

        :param partner_ids: ids of customers, None for all
        :return: ``rows`` written, steps that ``failed``, and how many customers meet the conditions: ``rise`` and ``fall``
        :rtype: dict[str, int]
        """
        self.env.flush_all()  # facts don't say what they look at
        if partner_ids is None:
            self.env['customer.statistics']._keep('res_partner', 'customer_path')
        self._make_table()
        self.env['customer.fact']._keep_purchases(partner_ids)
        rules = self.env['customer.path.rule'].search([])
        broken = self.env['customer.path.rule'].browse()
        for rule in rules:
            problem = self._find(rule, partner_ids)
            broken += rule if problem else broken.browse()
            if (rule.problem or False) != problem:
                rule.problem = problem
        rows = self._write_lists(rules - broken, broken, partner_ids)
        self.env.cr.execute(SQL("DROP TABLE customer_path_found, %s", SQL.identifier(PURCHASE_TABLE)))
        if rows:
            self.env['customer.path'].invalidate_model()
        counts = dict(self.env.execute_query(SQL(
            "SELECT direction, count(*) FROM customer_path WHERE state = 'met' GROUP BY direction")))
        return {'rows': rows, 'failed': len(broken), 'rise': counts.get('rise', 0), 'fall': counts.get('fall', 0)}

    @api.model
    def _forget_moved(self):
        """Take customers off the lists that are in another tier now: they stand in the temporary table ``customer_rank``."""
        self.env['customer.path'].flush_model()
        self.env.cr.execute(SQL(
            """DELETE FROM customer_path x USING customer_rank r
                WHERE x.partner_id = r.id AND r.tier_changed AND x.from_tier_id IS DISTINCT FROM r.new_tier_id"""))
        if self.env.cr.rowcount:
            self.env['customer.path'].invalidate_model()

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    @api.model
    def _make_table(self):
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_path_found"))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_path_found (
                   rule_id int, condition_id int, partner_id int, must boolean, met boolean, value float8, day date, res_id int,
                   count int, detail jsonb) ON COMMIT DROP"""))

    @api.model
    def _find(self, rule, partner_ids):
        """Find of whom the conditions of a step are met; what fails is taken back.

        :return: why it could not be looked up, or False
        """
        try:
            with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                for condition in rule.condition_ids:
                    self._find_condition(condition, partner_ids)
        except psycopg2.OperationalError:
            raise  # another transaction was in the way, which is no fault of a rule
        except Exception as error:  # whatever another addon's code raises
            _logger.warning("The step %s of the upgrade path can't be looked up", rule.id, exc_info=True)
            return self.env['customer.fact']._problem(error)
        return False

    @api.model
    def _find_condition(self, condition, partner_ids):
        """Put into the table what is known of one condition, of customers of its tier."""
        facts, name = self.env['customer.fact'].sudo(), condition._fact_name()  # a figure is one for all users
        fact, options = facts._get(name), condition._options()
        spans = self._spans(condition, partner_ids, options['today'])
        self.env.cr.execute(SQL(
            """INSERT INTO customer_path_found
               SELECT %(rule)s, %(condition)s, partner_id, %(must)s, COALESCE(%(holds)s, FALSE), value, day, res_id, count, detail
                 FROM (SELECT s.partner_id, %(value)s::float8 AS value, f.day, f.res_id, f.count, f.detail
                         FROM %(spans)s AS s LEFT JOIN (%(found)s) AS f ON f.span_id = s.id) AS known
                WHERE value IS NOT NULL""",
            rule=condition.rule_id.id, condition=condition.id, must=condition.must, spans=spans.table,
            holds=facts._holds_sql(fact, condition.comparison, condition.threshold),
            # whoever has nothing of it has none
            value=SQL("COALESCE(f.value, 0)") if fact.nothing else SQL("f.value"),
            found=facts._query(name, spans, options, *KEPT)))
        facts._refuse_strange(
            SQL("(SELECT * FROM customer_path_found WHERE condition_id = %s) AS found", condition.id), SQL("partner_id"))

    @api.model
    def _spans(self, condition, partner_ids, today):
        """Return the days that a condition looks back on, of the customers of its tier; the id of a span is the customer's."""
        only = SQL("AND id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL()
        if self.env['customer.tier.scheme']._get_current().method != 'manual':
            only = SQL("%s AND customer_tier_manual_id IS NULL", only)
        return Spans(SQL(
            """(SELECT id, id AS partner_id, %s::date AS start, %s::date AS stop, FALSE AS running
                  FROM res_partner WHERE customer_managed IS TRUE AND customer_tier_id = %s %s)""",
            fields.Date.subtract(today, days=condition.window_days - 1), today, condition.rule_id.from_tier_id.id, only),
            partner_ids, kept=True)

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_lists(self, rules, broken, partner_ids):
        """Make the lists true to what was found.

        :param rules: the steps that were looked up
        :param broken: those that could not be: what they proposed stays
        :return: how many rows were written
        """
        today, now = fields.Date.context_today(self), self.env.cr.now()
        only = SQL("AND x.partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_path_now"))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_path_now ON COMMIT DROP AS %s", self._now_sql(rules, broken)))
        self.env.cr.execute(SQL(
            # what was set aside stays away for its time, also where it is not found meanwhile
            """DELETE FROM customer_path x
                WHERE NOT EXISTS (SELECT FROM customer_path_now n WHERE n.partner_id = x.partner_id AND n.direction = x.direction)
                  AND NOT x.rule_id = ANY(%(broken)s) AND COALESCE(x.dismissed_until < %(today)s, TRUE) %(only)s""",
            broken=broken.ids, today=today, only=only))
        rows = self.env.cr.rowcount + self._write_known(today, now) + self._write_new(today, now)
        self.env.cr.execute(SQL("DROP TABLE customer_path_now"))
        return rows

    @api.model
    def _write_known(self, today, now):
        """Write what changed of customers that are listed already; a proposal for another tier is a new one.

        :return: how many rows were written
        """
        self.env.cr.execute(SQL(
            """UPDATE customer_path x
                  SET rule_id = n.rule_id, from_tier_id = n.from_tier_id, to_tier_id = n.to_tier_id, met_count = n.met_count,
                      needed_count = n.needed_count, percent = n.percent, found = n.found, state = n.kept_state,
                      since = CASE WHEN n.is_same THEN x.since ELSE %(today)s END,
                      dismissed_until = CASE WHEN n.stays_away THEN x.dismissed_until END,
                      dismiss_reason = CASE WHEN n.stays_away THEN x.dismiss_reason END,
                      dismissed_by_id = CASE WHEN n.stays_away THEN x.dismissed_by_id END,
                      dismissed_on = CASE WHEN n.stays_away THEN x.dismissed_on END, write_date = %(now)s
                 FROM (SELECT w.*, CASE WHEN w.stays_away THEN 'dismissed' ELSE w.state END AS kept_state
                         FROM (SELECT n.*, o.id AS path_id,
                                      (o.from_tier_id, o.to_tier_id) = (n.from_tier_id, n.to_tier_id) AS is_same,
                                      (o.from_tier_id, o.to_tier_id) = (n.from_tier_id, n.to_tier_id)
                                      AND COALESCE(o.dismissed_until >= %(today)s, FALSE) AS stays_away
                                 FROM customer_path_now n
                                 JOIN customer_path o ON o.partner_id = n.partner_id AND o.direction = n.direction) AS w) AS n
                WHERE x.id = n.path_id
                  AND (x.rule_id, x.from_tier_id, x.to_tier_id, x.met_count, x.needed_count, x.found, x.state)
                      IS DISTINCT FROM
                      (n.rule_id, n.from_tier_id, n.to_tier_id, n.met_count, n.needed_count, n.found, n.kept_state)""",
            today=today, now=now))
        return self.env.cr.rowcount

    @api.model
    def _write_new(self, today, now):
        """List the customers that are not listed yet.

        :return: how many rows were written
        """
        self.env.cr.execute(SQL(
            """INSERT INTO customer_path (partner_id, direction, rule_id, from_tier_id, to_tier_id, state, met_count,
                                          needed_count, percent, found, since, create_date, write_date)
                    SELECT n.partner_id, n.direction, n.rule_id, n.from_tier_id, n.to_tier_id, n.state, n.met_count,
                           n.needed_count, n.percent, n.found, %(today)s, %(now)s, %(now)s
                      FROM customer_path_now n
                     WHERE NOT EXISTS (SELECT FROM customer_path x
                                        WHERE x.partner_id = n.partner_id AND x.direction = n.direction)
                  ORDER BY n.partner_id""", today=today, now=now))
        return self.env.cr.rowcount

    @api.model
    def _now_sql(self, rules, broken):
        """Return SQL with a row per customer and direction: the first step of which it meets the conditions, else the one of
        which it lacks the fewest."""
        rows = [(rule.id, rule.direction, rule.from_tier_id.id, rule.to_tier_id.id, place, rule._how_many(), rule.near,
                 len(rule.condition_ids.filtered('must'))) for place, rule in enumerate(rules)] or [(None,) * 8]
        return SQL(
            """WITH step (rule_id, direction, from_tier_id, to_tier_id, place, needed, near, musts) AS (VALUES %(steps)s),
                    counted AS (
                    SELECT f.rule_id, f.partner_id, count(*) FILTER (WHERE f.met) AS met,
                           count(*) FILTER (WHERE f.met AND f.must) AS musts
                      FROM customer_path_found f
                  GROUP BY f.rule_id, f.partner_id),
                    chosen AS MATERIALIZED (
                    SELECT DISTINCT ON (c.partner_id, s.direction)
                           c.partner_id, s.direction::varchar, s.rule_id, s.from_tier_id, s.to_tier_id,
                           CASE WHEN c.met >= s.needed THEN 'met' ELSE 'near' END::varchar AS state,
                           c.met::int AS met_count, s.needed AS needed_count,
                           round(LEAST(100.0 * c.met / s.needed, 100), 1) AS percent
                      FROM counted c JOIN step s ON s.rule_id = c.rule_id
                     WHERE c.met >= GREATEST(s.needed - s.near, 1) AND c.musts = s.musts
                       -- what a step that could not be looked up proposed is not to be replaced by another
                       AND NOT EXISTS (SELECT FROM customer_path x WHERE x.partner_id = c.partner_id AND x.direction = s.direction
                                                                     AND x.rule_id = ANY(%(broken)s))
                  ORDER BY c.partner_id, s.direction, GREATEST(s.needed - c.met, 0), s.place),
                    told AS (
                    SELECT f.rule_id, f.partner_id, jsonb_object_agg(f.condition_id::text, jsonb_strip_nulls(jsonb_build_object(
                               'm', f.met, 'v', round(f.value::numeric, 4), 'd', f.day, 'r', f.res_id, 'c', f.count,
                               'x', f.detail)) ORDER BY f.condition_id) AS found
                      FROM customer_path_found f JOIN chosen ON chosen.rule_id = f.rule_id AND chosen.partner_id = f.partner_id
                  GROUP BY f.rule_id, f.partner_id)
             SELECT chosen.*, told.found FROM chosen JOIN told USING (rule_id, partner_id)""",
            steps=SQL(", ").join(
                SQL("(%s::int, %s::varchar, %s::int, %s::int, %s::int, %s::int, %s::int, %s::int)", *row) for row in rows),
            broken=broken.ids)
