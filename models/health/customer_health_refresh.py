import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ...engine import scoring
from ..base.local_day import in_company_zone
from ..platform.counted import customers as in_customers
from ..platform.local_text import listed
from .customer_judging import column

_logger = logging.getLogger(__name__)

#: Arguments of one function call: PostgreSQL takes 100.
CHUNK = 40

def _any(conditions):
    return SQL("(%s)", SQL(" OR ").join(conditions)) if conditions else SQL("FALSE")

def _sum(terms):
    return SQL(" + ").join(terms) if terms else SQL("0::float8")


class CustomerHealthRefresh(models.AbstractModel):
    """Measures, scores and snapshots of customers, in a few SQL statements (HEA-1).

    One customer and all customers go through the same statements. Only what differs is written: the current snapshot is a
    stretch of days that lasts until something changes. What is said of the score stands in ``engine/scoring.py``; the
    statement that does it for many is below, and a test holds them to each other.
    """

    _name = 'customer.health.refresh'
    _description = "Refresh of Customer Health"
    _inherit = ['customer.judging']
    _judged_model = 'customer.health.measure'
    _judged_table = 'customer_health_now'

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly: how do customers buy, who may be lost, in which segment are they, how healthy are they.

        Each step has its own transaction. One that fails leaves the data of yesterday to the next ones, and is shown in
        the run.
        """
        progress = self.env['ir.cron']._commit_progress
        steps = self._steps()
        progress(remaining=len(steps))
        with self.env['customer.run']._measure('health') as run:
            notes = []
            for name, step in steps:
                try:
                    result = step(None)
                except Exception:
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    _logger.exception("The step “%s” of the health refresh failed", name)
                    result = {'rows': 0, 'failed': 1, 'note': self.env._("failed: %(step)s", step=name)}
                run['done'] += result['rows']
                run['failed'] += result.get('failed', 0)
                notes += filter(None, [result.get('note')])
                progress(1)
            run['note'] = listed(self.env, notes)

    @api.model
    def _refresh(self, partner_ids=None):
        """Measure and score customers anew; write what changes.

        :param partner_ids: ids of managed customers, or None for all
        :return: ``customers`` looked at, ``scored``, ``rows`` written, measures ``failed``
        :rtype: dict[str, int]
        """
        total = {'customers': 0, 'scored': 0, 'rows': 0, 'failed': 0}
        if partner_ids is not None and not partner_ids:
            return total
        if partner_ids is None:
            self.env['customer.statistics']._keep(
                'res_partner', 'sale_order', 'account_move', 'account_move_line', 'customer_followup', 'customer_pulse',
                'customer_reading', 'customer_rhythm', 'customer_segment_change', 'customer_tier_change',
                'customer_health_snapshot', 'customer_warning')
        for __, step in self.sudo()._steps():  # figures are one for all users, and for the addon to write
            result = step(partner_ids)
            for key in total:
                total[key] += result.get(key, 0)
        return total

    @api.model
    def _steps(self):
        """Return what a refresh does, in this order: pairs of a name for people and a function of customers' ids (or None
        for all). The function returns a dict with ``rows`` written, and may add ``failed`` and a ``note`` for the run."""
        return [
            (self.env._("readings of Odoo's apps"), self._step_readings),
            (self.env._("buying rhythm"), self._step_rhythm),
            (self.env._("risk"), self._step_risk),
            (self.env._("segments"), self._step_segments),
            (self.env._("health"), self._step_health),
            (self.env._("segments by health"), self._step_segments_by_health),
        ]

    # ------------------------------------------------------------
    # BEFORE THE SCORE
    # ------------------------------------------------------------

    @api.model
    def _step_readings(self, partner_ids):
        """What Odoo itself counted comes in for all at once, at night."""
        return self.env['customer.reading.taker']._take() if partner_ids is None else {'rows': 0}

    @api.model
    def _step_rhythm(self, partner_ids):
        return {'rows': self.env['customer.churn']._refresh_rhythm(partner_ids)}

    @api.model
    def _step_risk(self, partner_ids):
        """Write how likely customers are lost, where it changed; who is no customer any more has no risk."""
        self.env.flush_all()
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        # looking is apart from writing: a query alone may use several processes
        rows = self.env.execute_query(SQL(
            """SELECT p.id, r.level
                 FROM res_partner p
            LEFT JOIN (%(risk)s) r ON r.partner_id = p.id
                WHERE p.customer_managed IS TRUE AND p.customer_risk_level IS DISTINCT FROM r.level %(only)s
             ORDER BY p.id""",
            risk=self.env['customer.churn']._risk_sql(partner_ids), only=only))
        if rows:
            self.env.cr.execute(SQL(
                """UPDATE res_partner p
                      SET customer_risk_level = v.level, write_date = %s
                     FROM unnest(%s, %s::varchar[]) AS v (id, level)
                    WHERE p.id = v.id""", self.env.cr.now(), [row[0] for row in rows], [row[1] for row in rows]))
            self.env['res.partner'].invalidate_model(['customer_risk_level', 'write_date'])
        return {'rows': len(rows)}

    @api.model
    def _step_segments(self, partner_ids):
        return self.env['customer.segmenter']._refresh(partner_ids)

    @api.model
    def _step_segments_by_health(self, partner_ids):
        """Place customers by the health that was just found. The score was made with the card of the segment before: a card
        for a segment that health decides on holds from the next night on."""
        if not self.env['customer.segment.rule']._asks_for('health'):
            return {'rows': 0}
        return self.env['customer.segmenter']._refresh(partner_ids, cause='health')

    # ------------------------------------------------------------
    # THE SCORE
    # ------------------------------------------------------------

    @api.model
    def _step_health(self, partner_ids):
        """Take the measures, score and write; measures that fail are set aside and noted on themselves."""
        version = self.env['customer.health.rules']._get_current()
        self.env.flush_all()
        refresh, problems = self._sources_in_force(version.rules, partner_ids, version)
        medians = self._write_medians(refresh, problems) if partner_ids is None else 0
        refresh = self._collect(refresh, problems)
        rows = medians + self._write_snapshots(refresh) + self._write_figures(refresh)
        [[customers, scored]] = self.env.execute_query(SQL("SELECT count(*), count(score) FROM customer_health_now"))
        rows += self._write_left(partner_ids)
        self.env.cr.execute(SQL("DROP TABLE customer_health_now"))
        self._note_problems(problems, refresh.sources)
        if rows:
            self.env['res.partner'].invalidate_model(
                ['customer_health', 'customer_health_band', 'customer_risk_level', 'customer_snapshot_ids', 'write_date'])
            self.env['customer.health.snapshot'].invalidate_model()
            self.env['customer.health.median'].invalidate_model()
        return {
            'customers': customers, 'scored': scored, 'rows': rows, 'failed': len(problems),
            'note': self.env._(
                "%(customers)s, %(scored)s of them scored", customers=in_customers(self.env, customers), scored=scored),
        }

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_snapshots(self, refresh):
        """End the stretches that are over and begin new ones; a stretch that began today is changed in place."""
        today = fields.Date.context_today(self)
        self.env.cr.execute(SQL(
            """UPDATE customer_health_snapshot s
                  SET date_end = %(today)s::date - 1, write_date = %(now)s
                 FROM customer_health_now n
                WHERE s.id = n.snapshot_id AND n.snapshot_changed AND s.date < %(today)s""",
            today=today, now=self.env.cr.now()))
        columns = ('scorecard_id', 'rules_id', 'state', 'score', 'computed', 'uncapped', 'band', 'coverage', 'groups_known',
                   'cap_id', 'override_id', 'parts', 'signature')
        self.env.cr.execute(SQL(
            # a clock may have been wrong: a stretch that began later is today's
            """INSERT INTO customer_health_snapshot
                           (partner_id, date, date_end, %(columns)s, create_uid, create_date, write_uid, write_date)
                    SELECT id, GREATEST(%(today)s::date, snapshot_date), NULL, %(columns)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_health_now
                     WHERE snapshot_changed
                  ORDER BY id
               ON CONFLICT (partner_id, date) DO UPDATE SET date_end = NULL, %(replaced)s, write_date = %(now)s""",
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            replaced=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in columns),
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if refresh.partner_ids is not None else None, today=today, now=self.env.cr.now()))
        return self.env.cr.rowcount

    @api.model
    def _write_figures(self, refresh):
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_health = n.score, customer_health_band = n.band, write_date = %s
                 FROM customer_health_now n
                WHERE n.id = p.id AND n.figures_changed""", self.env.cr.now()))
        return self.env.cr.rowcount

    @api.model
    def _write_left(self, partner_ids):
        """Who is no customer any more has no health: its last stretch ended yesterday."""
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        today = fields.Date.context_today(self)
        self.env.cr.execute(SQL(
            """UPDATE customer_health_snapshot s
                  SET date_end = GREATEST(%(today)s::date - 1, s.date), write_date = %(now)s
                 FROM res_partner p
                WHERE p.id = s.partner_id AND s.date_end IS NULL AND p.customer_managed IS NOT TRUE %(only)s""",
            today=today, now=self.env.cr.now(), only=only))
        rows = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_health = NULL, customer_health_band = NULL, customer_risk_level = NULL, write_date = %(now)s
                WHERE p.customer_managed IS NOT TRUE
                  AND (p.customer_health_band IS NOT NULL OR p.customer_risk_level IS NOT NULL) %(only)s""",
            now=self.env.cr.now(), only=only))
        return rows + self.env.cr.rowcount

    @api.model
    def _write_medians(self, refresh, problems):
        """Find out what is usual in each segment, for the measures that put it in place of the unknown.

        :return: how many rows were written
        """
        wanted = {key for key, measure in refresh.rules['measures'].items()
                  if measure['policy'] == 'median' and key in refresh.sources}
        failed = self._probe({key: refresh.sources[key] for key in wanted}, None, problems)
        for key in failed:
            del refresh.sources[key]
        rows = 0
        for key in sorted(wanted - failed, key=int):
            self.env.cr.execute(self._median_sql(refresh, key))
            rows += self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """DELETE FROM customer_health_median m
                WHERE NOT measure_id = ANY(%s)
                   OR NOT EXISTS (SELECT 1 FROM res_partner p WHERE p.customer_segment_id = m.segment_id)""",
            [int(key) for key, measure in refresh.rules['measures'].items() if measure['policy'] == 'median']))
        return rows + self.env.cr.rowcount

    # ------------------------------------------------------------
    # THE STATEMENT
    # ------------------------------------------------------------

    @api.model
    def _now_sql(self, refresh):
        """Return SQL with a line per managed customer: its health now, and what of it differs from what is written.

        Columns: ``id``, those of the snapshot, ``snapshot_id`` and ``snapshot_date`` of the current one, ``snapshot_changed``,
        ``figures_changed``. ``parts`` are there only where the snapshot changed: they are dear to make.
        """
        only = SQL("AND p.id = ANY(%s)", refresh.partner_ids) if refresh.partner_ids is not None else SQL()
        today = fields.Date.context_today(self)
        kept = ('scorecard_id', 'rules_id', 'state', 'score', 'coverage', 'cap_id', 'override_id', 'signature')
        return SQL(
            """SELECT n.*, CASE WHEN snapshot_changed THEN %(parts)s END AS parts
                 FROM (SELECT s.*, c.id AS snapshot_id, c.date AS snapshot_date,
                              c.id IS NULL OR ROW(%(new)s) IS DISTINCT FROM ROW(%(old)s) AS snapshot_changed,
                              (s.score, s.band) IS DISTINCT FROM (s.old_score, s.old_band) AS figures_changed
                         FROM (%(shown)s OFFSET 0) s
                    LEFT JOIN customer_health_snapshot c ON c.partner_id = s.id AND c.date_end IS NULL
                       OFFSET 0) n""",
            parts=self._parts_sql(refresh.rules),
            new=SQL(", ").join(SQL.identifier('s', name) for name in kept),
            old=SQL(", ").join(SQL.identifier('c', name) for name in kept),
            shown=self._shown_sql(refresh, only, today),
        )

    @api.model
    def _kept_sql(self):
        return SQL(", p.customer_health AS old_score, p.customer_health_band AS old_band")

    @api.model
    def _shown_sql(self, refresh, only, today):
        """The score that is shown, and its band."""
        rules = refresh.rules
        healthy, watch = (self._by_card_sql(rules, lambda key, card, name=name: SQL("%s::numeric", card[name]))
                          for name in ('healthy', 'watch'))
        return SQL(
            """SELECT b.*, CASE WHEN score IS NULL THEN 'none'
                                WHEN score >= COALESCE(%(healthy)s, %(healthy_default)s) THEN 'healthy'
                                WHEN score >= COALESCE(%(watch)s, %(watch_default)s) THEN 'watch' ELSE 'risk' END AS band
                 FROM (SELECT u.*, card_id AS scorecard_id, %(rules)s AS rules_id, o.id AS override_id,
                              CASE WHEN card_id IS NULL THEN 'no_card' WHEN computed IS NULL THEN 'thin'
                                   ELSE 'scored' END AS state,
                              COALESCE(o.score, computed)::numeric AS score
                         FROM (%(capped)s OFFSET 0) u
                    LEFT JOIN (SELECT DISTINCT ON (partner_id) id, partner_id, score
                                 FROM customer_health_override
                                WHERE ended_on IS NULL AND date_from <= %(today)s AND date_to >= %(today)s
                                -- two contacts that were merged may both have had one
                             ORDER BY partner_id, id DESC) o ON o.partner_id = u.id
                       OFFSET 0) b""",
            healthy=healthy, watch=watch, healthy_default=scoring.HEALTHY_FROM, watch_default=scoring.WATCH_FROM,
            rules=refresh.version.id, capped=self._capped_sql(refresh, only, today), today=today)

    @api.model
    def _capped_sql(self, refresh, only, today):
        """The computed score: what the measures give, where enough is known, held by the lowest cap."""
        rules = refresh.rules
        enough_weight = self._by_card_sql(rules, lambda key, card: SQL(
            "100 * known_weight >= %s::float8", card['coverage'] * self._total_weight(card) - scoring.TOLERANCE))
        enough_groups = self._by_card_sql(rules, lambda key, card: SQL("groups_known >= %s", card['groups']))
        # the lowest first, among equals the first; so the first that fits is the one
        caps = sorted(rules['caps'], key=lambda cap: cap['maximum'])
        maximum, cap_id = (
            SQL("CASE %s END", SQL(" ").join(
                SQL("WHEN %s THEN %s", self._fits_sql(cap), cap[name]) for cap in caps)) if caps else SQL("NULL::int")
            for name in ('maximum', 'id'))
        return SQL(
            """SELECT g.*, CASE WHEN enough THEN round(mean::numeric, 2) END AS uncapped,
                      CASE WHEN enough THEN LEAST(round(mean::numeric, 2), maximum) END AS computed,
                      CASE WHEN enough AND maximum < round(mean::numeric, 2) THEN fitting_cap_id END AS cap_id
                 FROM (SELECT t.*, weighed / NULLIF(weight, 0) AS mean, %(maximum)s AS maximum, %(cap)s AS fitting_cap_id,
                              COALESCE(floor(100 * known_weight / NULLIF(%(total)s, 0) + %(tolerance)s), 0)::int AS coverage,
                              weight > 0 AND %(enough_weight)s AND %(enough_groups)s AS enough
                         FROM (%(sums)s OFFSET 0) t OFFSET 0) g""",
            maximum=maximum, cap=cap_id, tolerance=scoring.TOLERANCE,
            total=self._by_card_sql(rules, lambda key, card: SQL("%s::float8", self._total_weight(card))),
            enough_weight=enough_weight, enough_groups=enough_groups, sums=self._sums_sql(refresh, only, today))

    @api.model
    def _sums_sql(self, refresh, only, today):
        """Sums over the measures, and the signature by which a change is seen."""
        measures = refresh.rules['measures']
        groups = {}
        for key, measure in measures.items():
            groups.setdefault(measure['group'], []).append(
                SQL("%s IS NOT NULL AND %s > 0", column('k', key), column('w', key)))
        codes = [SQL(
            """CASE WHEN %(weight)s IS NULL THEN NULL WHEN %(known)s IS NOT NULL THEN %(known)s
                    ELSE COALESCE(%(points)s, 500) + CASE WHEN %(value)s IS NULL THEN 2000 ELSE 1000 END END""",
            weight=column('w', key), known=column('k', key), points=column('p', key), value=column('v', key))
            for key in self._ordered(measures)]
        signature = SQL(" || ',' || ").join(
            SQL("concat_ws(',', %s)", SQL(", ").join(codes[start:start + CHUNK])) for start in range(0, len(codes), CHUNK))
        keys = self._ordered(measures)
        return SQL(
            """SELECT p.*, %(weight)s AS weight, %(weighed)s AS weighed, %(known)s AS known_weight, %(groups)s AS groups_known,
                      %(signature)s AS signature
                 FROM (%(points)s OFFSET 0) p""",
            weight=_sum([SQL("CASE WHEN %s IS NULL THEN 0 ELSE COALESCE(%s, 0) END", column('p', key), column('w', key))
                         for key in keys]),
            weighed=_sum([SQL("COALESCE(%s * %s, 0)", column('w', key), column('p', key)) for key in keys]),
            known=_sum([SQL("CASE WHEN %s IS NULL THEN 0 ELSE COALESCE(%s, 0) END", column('k', key), column('w', key))
                        for key in keys]),
            groups=SQL(" + ").join(
                SQL("CASE WHEN %s THEN 1 ELSE 0 END", _any(conditions)) for conditions in groups.values())
            if groups else SQL("0"),
            signature=signature if codes else SQL("''"), points=self._points_sql(refresh, only, today))

    # ------------------------------------------------------------
    # PIECES
    # ------------------------------------------------------------

    @api.model
    def _total_weight(self, card):
        return sum(scoring.weights(card).values())

    @api.model
    def _fits_sql(self, cap):
        """SQL for whether a cap fits: its measure is known, and stands there."""
        key = str(cap['measure'])
        return SQL(
            "%s IS NOT NULL AND %s %s %s::float8", column('k', key), column('v', key),
            SQL(">=") if cap['comparison'] == 'from' else SQL("<"), cap['value'])

    @api.model
    def _median_sql(self, refresh, key):
        """SQL that writes what is usual for a measure in each segment, where it changed."""
        measure = refresh.rules['measures'][key]
        one = refresh._replace(
            sources={key: refresh.sources[key]}, rules={**refresh.rules, 'measures': {key: measure}})
        return SQL(
            """WITH usual AS MATERIALIZED (
                    SELECT segment_id, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY points)::numeric)::int AS points,
                           count(*) AS customers
                      FROM (SELECT v.segment_id, %(points)s AS points FROM (%(values)s) v) k
                     WHERE segment_id IS NOT NULL AND points IS NOT NULL
                  GROUP BY segment_id),
                    gone AS (
                    DELETE FROM customer_health_median
                     WHERE measure_id = %(measure)s AND segment_id NOT IN (SELECT segment_id FROM usual))
             INSERT INTO customer_health_median AS m (measure_id, segment_id, points, customers, create_date, write_date)
                  SELECT %(measure)s, segment_id, points, customers, %(now)s, %(now)s FROM usual
             ON CONFLICT (measure_id, segment_id) DO UPDATE
                     SET points = EXCLUDED.points, customers = EXCLUDED.customers, write_date = EXCLUDED.write_date
                   WHERE (m.points, m.customers) IS DISTINCT FROM (EXCLUDED.points, EXCLUDED.customers)""",
            points=self._known_points_sql(key, measure, fields.Date.context_today(self)),
            values=self._values_sql(one, SQL()), measure=int(key), now=self.env.cr.now())

    # ------------------------------------------------------------
    # ONE CUSTOMER, LIVE
    # ------------------------------------------------------------

    @api.model
    def _measure_live(self, partner):
        """Return what the measures of a customer's card say at this moment: the parts of a snapshot, not written.

        A measure that fails is missing.

        :param partner: one managed customer
        :rtype: dict[str, dict]
        """
        self = self.sudo()  # figures are one for all users; who sees the customer is for the caller to ask
        self.env.flush_all()
        version = self.env['customer.health.rules']._get_current()
        refresh, problems = self._sources_in_force(version.rules, partner.ids, version)
        try:
            # planning the query costs more than the query: the measures are tried one by one only where all together fail
            with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                rows = self._parts_of(partner, refresh)
                if len(rows) > 1:
                    raise psycopg2.DataError("a source returns a customer twice")
        except psycopg2.OperationalError:
            raise  # another transaction was in the way, which is no fault of a source
        except psycopg2.Error:
            failed = self._probe(refresh.sources, partner.ids, problems)
            rows = self._parts_of(partner, refresh._replace(
                sources={key: source for key, source in refresh.sources.items() if key not in failed}))
        return rows[0][0] or {} if rows else {}

    @api.model
    def _parts_of(self, partner, refresh):
        return self.env.execute_query(SQL(
            "SELECT %s FROM (%s) p", self._parts_sql(refresh.rules),
            self._points_sql(refresh, SQL("AND p.id = %s", partner.id), fields.Date.context_today(self))))
