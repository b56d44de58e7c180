import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ...engine import scoring
from .customer_judging import column

#: Arguments of one function call: PostgreSQL takes 100.
CHUNK = 40


def _any(conditions):
    return SQL("(%s)", SQL(" OR ").join(conditions)) if conditions else SQL("FALSE")


def _sum(terms):
    return SQL(" + ").join(terms) if terms else SQL("0::float8")


class CustomerHealthRefresh(models.AbstractModel):
    """The statement that measures and scores: one line per customer, some columns per measure.

    It is made of layers, each a sub-query that adds columns to the one inside: what the sources say (``r``, as of ``d``), the
    value as it is kept (``v``), its known points (``k``) and its weight on the customer's card (``w``), the points that count
    (``p``), sums over all measures, the score. It says the same as :mod:`engine.scoring`.
    """

    _inherit = 'customer.health.refresh'

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
