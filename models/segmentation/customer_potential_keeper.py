import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.customer_fact import PREFIX
from .customer_potential_factor import ASKED, GROWTH, VALUES

_logger = logging.getLogger(__name__)

#: With so many customers at once, as after the growth of an industry was corrected, the nightly action does it, right away.
AT_ONCE = 500


class CustomerPotentialKeeper(models.AbstractModel):
    """Computes the potential of customers, and writes what changes (SEG-3).

    One customer whose account manager gives an answer and all customers by night go through the same statements: what is known
    of each factor is collected, turned into points and added up; a narrow row per customer keeps score and parts, and the
    contact is written only where its grade changes. What somebody judged by hand stays until its last day, and from the day
    after it the computed grade counts again. ``engine.potential`` says the same for one customer.
    """

    _name = 'customer.potential.keeper'
    _description = "Computing the Potential"

    @api.model
    def _ask(self):
        """Have the nightly action compute the potential of all customers as soon as possible."""
        if not self.env.context.get('install_mode'):  # data files write the rules one after the other
            self.env.ref('customer_success.ir_cron_refresh').sudo()._trigger()  # whoever may change the rules

    @api.model
    def _recompute(self, partners):
        """Compute the potential of some customers at once, or of very many as soon as possible.

        :param partners: res.partner; who is no managed customer is left alone
        """
        customers = partners.sudo().filtered('customer_managed')  # whether it is managed may be hidden from the user
        if len(customers) > AT_ONCE:
            self._ask()
        elif customers:
            self._refresh(customers.ids)

    @api.model
    def _joined(self, partner_ids):
        """Compute the potential of new customers, where there is anything to compute it from."""
        self.env['res.partner'].flush_model(['industry_id'])
        self.env['customer.potential.answer'].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT p.id FROM res_partner p
                WHERE p.id = ANY(%s) AND (p.industry_id IS NOT NULL
                      OR EXISTS (SELECT 1 FROM customer_potential_answer a WHERE a.partner_id = p.id))""", list(partner_ids)))
        if rows:
            self._refresh([partner_id for partner_id, in rows], place=False)

    @api.model
    def _left(self, partner_ids):
        """Forget what was computed of who is no customer any more. What was judged by hand stays."""
        self.env['customer.potential'].flush_model()
        self.env['res.partner'].flush_model()
        self.env.cr.execute(SQL("DELETE FROM customer_potential WHERE partner_id = ANY(%s)", list(partner_ids)))
        self.env.cr.execute(SQL(
            """UPDATE res_partner SET customer_potential = NULL
                WHERE id = ANY(%s) AND customer_potential IS NOT NULL AND customer_potential_reason IS NULL""",
            list(partner_ids)))
        self._invalidate()

    @api.model
    def _refresh(self, partner_ids=None, cause='computed', place=True):
        """Compute the potential of managed customers.

        :param partner_ids: ids of customers, None for all
        :param str cause: what the history says of a grade that changes, see ``customer.potential.change``
        :param bool place: put who changed its grade into its segment; the ranking does it for all
        :return: ``rows`` written
        :rtype: dict[str, int]
        """
        self.env.flush_all()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_potential_new"))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_potential_new ON COMMIT DROP AS
               SELECT * FROM (%s) AS verdict
                WHERE changed OR over OR new_grade IS DISTINCT FROM old_grade
             ORDER BY id""", self._verdict_sql(self._collect(partner_ids), partner_ids)))
        rows = self._write_rows()
        self._write_history(cause, partner_ids is not None)
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_potential = r.new_grade,
                      customer_potential_reason = CASE WHEN r.over THEN NULL ELSE p.customer_potential_reason END,
                      customer_potential_date = CASE WHEN r.over THEN NULL ELSE p.customer_potential_date END,
                      customer_potential_until = CASE WHEN r.over THEN NULL ELSE p.customer_potential_until END,
                      write_date = %(now)s
                 FROM customer_potential_new r
                WHERE r.id = p.id AND (r.over OR r.new_grade IS DISTINCT FROM r.old_grade)""", now=self.env.cr.now()))
        rows += self.env.cr.rowcount
        moved = [partner_id for partner_id, in self.env.execute_query(SQL(
            """SELECT r.id FROM customer_potential_new r JOIN res_partner p ON p.id = r.id AND p.customer_managed IS TRUE
                WHERE r.new_grade IS DISTINCT FROM r.old_grade ORDER BY r.id"""))] if place else []
        self.env.cr.execute(SQL("DROP TABLE customer_potential_new"))
        if rows:
            self._invalidate()
        if moved:
            rows += self.env['customer.segmenter']._refresh(moved, cause='potential')['rows']
        return {'rows': rows}

    @api.model
    def _invalidate(self):
        self.env['customer.potential'].invalidate_model()
        self.env['customer.potential.change'].invalidate_model()
        self.env['res.partner'].invalidate_model([
            'customer_potential', 'customer_potential_reason', 'customer_potential_date', 'customer_potential_until',
            'customer_potential_score', 'write_date'])

    # ------------------------------------------------------------
    # WHAT IS KNOWN
    # ------------------------------------------------------------

    @api.model
    def _collect(self, partner_ids):
        """Return what is known of each factor, without those that can't be asked.

        :return: the factors with SQL of ``partner_id``, ``value`` and ``said``, the day or year that the value is of
        :rtype: list[tuple[Rule, SQL]]
        """
        known, problems = [], {}
        for rule in self.env['customer.potential.factor']._get_rules():
            if rule.source.startswith(PREFIX):
                problems[rule.id] = self._collect_fact(rule, partner_ids)
                known += [(rule, self._fact_sql(rule))] if problems[rule.id] is None else []
            else:
                known.append((rule, self._known_sql(rule, partner_ids)))
        if partner_ids is None:
            self._note_problems(problems)
        return known

    @api.model
    def _known_sql(self, rule, partner_ids):
        """Return SQL with what is known of a factor that is no fact: ``partner_id``, ``value``, and the day or year that it is
        of as ``said``."""
        if rule.source == GROWTH:
            only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
            return SQL(
                """SELECT p.id AS partner_id, i.customer_growth AS value, i.customer_growth_year AS said
                     FROM res_partner p JOIN res_partner_industry i ON i.id = p.industry_id
                    WHERE p.customer_managed IS TRUE AND i.customer_growth_year >= %(oldest)s %(only)s""",
                oldest=self.env['res.partner.industry']._oldest_growth_year(), only=only)
        if rule.source.startswith(ASKED):
            values = SQL(" ").join(SQL("WHEN %s THEN %s", answer, value) for answer, value in VALUES.items())
            return SQL(
                "SELECT partner_id, CASE answer %s END AS value, date AS said FROM (%s) AS answered", values,
                self.env['customer.potential.answer']._latest_sql([rule.source.removeprefix(ASKED)], partner_ids))
        return SQL("SELECT NULL::int AS partner_id, NULL::numeric AS value, NULL AS said WHERE FALSE")

    @api.model
    def _fact_table(self, rule):
        return SQL.identifier(f'customer_potential_fact_{rule.id}')

    @api.model
    def _collect_fact(self, rule, partner_ids):
        """Keep what a fact says in a temporary table; one that fails is left out.

        :return: why it failed, else None
        """
        facts, table = self.env['customer.fact'], self._fact_table(rule)
        try:
            with self.env.cr.savepoint(flush=False):
                spans = facts._days_back(partner_ids, rule.window_days)
                sql = facts._query(rule.source.removeprefix(PREFIX), spans, {'window_days': rule.window_days})
                self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
                self.env.cr.execute(SQL(
                    """CREATE TEMPORARY TABLE %s ON COMMIT DROP AS
                       SELECT f.span_id AS partner_id, f.value FROM (%s) AS f WHERE f.value IS NOT NULL""", table, sql))
                facts._refuse_strange(table, SQL("partner_id"))
                if partner_ids is None:
                    self.env.cr.execute(SQL("ANALYZE %s", table))
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction is not the fact's fault
        except Exception as error:  # whatever another addon's code raises
            _logger.warning("A factor of the potential could not be asked", exc_info=True)
            return facts._problem(error)

    @api.model
    def _fact_sql(self, rule):
        """Return SQL with what a fact said, an amount against what the customer bought in the period of the ranking."""
        if not rule.per_revenue:
            return SQL("SELECT partner_id, value, NULL AS said FROM %s", self._fact_table(rule))
        if self.env.context.get('customer_bought_collected'):
            # by night the revenue is that of tonight, which is written after this
            return SQL(
                """SELECT f.partner_id, 100 * f.value / round(b.revenue, %s) AS value, NULL AS said
                     FROM %s f JOIN customer_bought b ON b.id = f.partner_id AND round(b.revenue, %s) > 0""",
                self._decimals(), self._fact_table(rule), self._decimals())
        return SQL(
            """SELECT f.partner_id, 100 * f.value / p.customer_revenue AS value, NULL AS said
                 FROM %s f JOIN res_partner p ON p.id = f.partner_id AND p.customer_revenue > 0""", self._fact_table(rule))

    @api.model
    def _decimals(self):
        """Return to how many decimals the revenue of customers is kept."""
        return self.env['customer.registry']._main_company().currency_id.decimal_places

    @api.model
    def _note_problems(self, problems):
        """Say on the factors which of them could not be asked."""
        factors = self.env['customer.potential.factor'].sudo()  # readonly for everybody
        for factor in factors.browse(problems):
            if (factor.problem or None) != problems[factor.id]:
                factor.problem = problems[factor.id]

    # ------------------------------------------------------------
    # THE VERDICT
    # ------------------------------------------------------------

    @api.model
    def _verdict_sql(self, known, partner_ids):
        """Return SQL with a row per managed customer, and per contact whose judgement is over: what is computed, what was, and
        the grade in force before and after.

        :param list known: see :meth:`_collect`
        """
        setting = self.env['res.config.settings']._customer_success
        high, medium = self.env['customer.potential']._bounds()
        everything = sum(rule.weight for rule in self.env['customer.potential.factor']._get_rules())
        return SQL(
            """WITH known AS (%(known)s),
                    scores AS (
                    SELECT k.*, 100 * sure / %(everything)s AS known,
                           CASE WHEN sure > 0 AND 100 * sure >= %(minimum)s * %(everything)s
                                THEN round(total::numeric / sure, 2) END AS score
                      FROM known k),
                    compared AS (
                    SELECT s.id, k.id AS row_id, s.score, s.known, s.parts, s.sure > 0 AS is_known,
                           CASE WHEN s.score >= %(high)s THEN 'high' WHEN s.score >= %(medium)s THEN 'medium'
                                WHEN s.score IS NOT NULL THEN 'low' END AS grade,
                           k.score AS kept_score, k.known AS kept_known, k.parts AS kept_parts, k.grade AS kept_grade,
                           s.old_grade, s.by_hand, s.over
                      FROM scores s
                 LEFT JOIN customer_potential k ON k.partner_id = s.id)
             SELECT c.id, c.row_id, c.score, c.known, c.parts, c.grade, c.is_known, c.old_grade, c.over,
                    CASE WHEN c.is_known THEN (c.score, c.known::int, c.parts, c.grade)
                              IS DISTINCT FROM (c.kept_score, c.kept_known, c.kept_parts, c.kept_grade)
                         ELSE c.row_id IS NOT NULL END AS changed,
                    CASE WHEN c.by_hand AND NOT c.over THEN c.old_grade WHEN %(counts)s THEN c.grade END AS new_grade
               FROM compared c""",
            known=self._added_up_sql(known, partner_ids), everything=everything or 1,
            minimum=setting('potential_known_percent'), high=high, medium=medium, counts=setting('potential_counts'))

    @api.model
    def _added_up_sql(self, known, partner_ids):
        """Return SQL with a row per customer: the weight of what is known (``sure``), the points with their weights (``total``),
        and the parts, as text that is read as JSON and quickly compared.

        What is known is rounded to what people read, so that the points follow from that.
        """
        joins, sure, total, parts = [], [SQL("0")], [SQL("0")], [SQL("NULL")]
        for place, (rule, sql) in enumerate(known):
            alias = SQL.identifier(f'f{place}')
            joins.append(SQL(
                """LEFT JOIN (SELECT partner_id, value, said,
                                     (%(points)s::int[])[GREATEST(width_bucket(value, %(starts)s::float8[]), 1)] AS points
                                FROM (SELECT partner_id, round(value::numeric, 2)::float8 AS value, said
                                        FROM (%(known)s) AS found WHERE value IS NOT NULL) AS rounded) AS %(alias)s
                          ON %(alias)s.partner_id = p.id AND p.customer_managed IS TRUE""",
                points=list(rule.points), starts=list(rule.starts), known=sql, alias=alias))
            sure.append(SQL("CASE WHEN %s.points IS NULL THEN 0 ELSE %s END", alias, rule.weight))
            total.append(SQL("COALESCE(%s.points * %s, 0)", alias, rule.weight))
            parts.append(SQL(
                """CASE WHEN %(alias)s.points IS NOT NULL
                        THEN '{"f":' || %(factor)s || ',"w":' || %(weight)s || ',"p":' || %(alias)s.points || ',"v":'
                             || %(alias)s.value || COALESCE(',"d":"' || %(alias)s.said::text || '"', '') || '}' END""",
                alias=alias, factor=str(rule.id), weight=str(rule.weight)))
        plus = SQL(" + ")
        today = fields.Date.context_today(self)
        return SQL(
            """SELECT p.id, p.customer_potential AS old_grade, p.customer_potential_reason IS NOT NULL AS by_hand,
                      p.customer_potential_reason IS NOT NULL
                      AND COALESCE(p.customer_potential_until < %(today)s, FALSE) AS over,
                      %(sure)s AS sure, %(total)s AS total, '[' || concat_ws(',', %(parts)s) || ']' AS parts
                 FROM res_partner p %(joins)s
                WHERE (p.customer_managed IS TRUE OR p.customer_potential_until < %(today)s) %(only)s""",
            sure=plus.join(sure), total=plus.join(total), parts=SQL(", ").join(parts), joins=SQL(" ").join(joins), today=today,
            only=SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL())

    @api.model
    def _write_rows(self):
        """Write the computed potential of those of whom another one was kept.

        :return: how many
        """
        values = {'today': fields.Date.context_today(self), 'now': self.env.cr.now()}
        self.env.cr.execute(SQL(
            """DELETE FROM customer_potential k USING customer_potential_new r
                WHERE k.id = r.row_id AND r.changed AND NOT r.is_known"""))
        gone = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """INSERT INTO customer_potential (partner_id, score, known, parts, grade, date, create_date, write_date)
                    SELECT id, score, known, parts, grade, %(today)s, %(now)s, %(now)s
                      FROM customer_potential_new WHERE changed AND is_known ORDER BY id
               ON CONFLICT (partner_id) DO UPDATE
                       SET score = EXCLUDED.score, known = EXCLUDED.known, parts = EXCLUDED.parts, grade = EXCLUDED.grade,
                           date = EXCLUDED.date, write_date = EXCLUDED.write_date""", **values))
        return gone + self.env.cr.rowcount

    @api.model
    def _write_history(self, cause, by_person):
        """Keep which customers have another grade in force, and whose judgement ended."""
        self.env.cr.execute(SQL(
            """INSERT INTO customer_potential_change (partner_id, date, old_potential, new_potential, cause, score, user_id,
                                                      create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, old_grade, new_grade, CASE WHEN over THEN 'expired' ELSE %(cause)s END, score,
                           CASE WHEN NOT over THEN %(user)s::int END, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_potential_new
                     WHERE over OR new_grade IS DISTINCT FROM old_grade
                  ORDER BY id""",
            today=fields.Date.context_today(self), cause=cause, now=self.env.cr.now(),
            user=self.env.uid if cause == 'cleared' else None,
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if by_person else None))
