from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import worth
from ..base.local_day import in_company_zone
from ..platform.counted import customers as in_customers
from .customer_judging import column
from .customer_prospect import TABLE

#: The one card of the value model, as ``customer.judging`` takes it.
CARD = '0'

#: What is estimated is written anew when it moved by more than so many percent: every day changes it a little.
MOVED = 2

#: The columns of the value that are written, and those by which a change is seen.
SCORED = ('score', 'band', 'coverage', 'signature')
ESTIMATED = ('prospect_state', 'orders', 'waits', 'order_value', 'order_spread', 'orders_seen', 'orders_unpriced')
MOVING = ('active_percent', 'expected_orders', 'expected_value')

#: What goes along with them.
KEPT = ('shape', 'parts')


class CustomerValueRefresh(models.AbstractModel):
    """The value of customers and what they may bring, in a few SQL statements; one customer and all go through the same, and
    only what differs is written (SEG-5). What the score says stands in ``engine/worth.py``; a test holds both to each other."""

    _name = 'customer.value.refresh'
    _description = "Refresh of Customer Value"
    _inherit = ['customer.judging']
    _judged_model = 'customer.value.component'
    _judged_table = 'customer_value_now'

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly: what are customers worth, health, risk and offers being known, and what may they bring?"""
        with self.env['customer.run']._measure('value') as run:
            result = self._refresh()
            run['done'], run['failed'], run['note'] = result['rows'], result['failed'], result['note']

    @api.model
    def _wake(self):
        """Have all customers valued anew as soon as possible."""
        # while the addon is being installed the action may not be there yet
        if cron := self.env.ref('customer_success.ir_cron_value', raise_if_not_found=False):
            cron.sudo()._trigger()  # whoever may change what the value follows from

    @api.model
    def _refresh(self, partner_ids=None):
        """Value customers anew.

        :param partner_ids: ids of managed customers, or None for all
        :return: ``rows`` written, components ``failed``, ``customers`` looked at, and a ``note``
        :rtype: dict
        """
        if partner_ids is not None and not partner_ids:
            return {'rows': 0, 'failed': 0, 'customers': 0, 'note': ''}
        self = self.sudo()  # figures are one for all users, and for the addon to write
        self.env.flush_all()
        if partner_ids is None:
            self.env['customer.statistics']._keep('res_partner', 'customer_purchase', 'customer_rhythm', 'customer_value')
        self.env['customer.prospect']._make(partner_ids)
        refresh, problems = self._sources_in_force(self._rules(), partner_ids)
        refresh = self._collect(refresh, problems)
        [[total, scored]] = self.env.execute_query(SQL("SELECT count(*), count(score) FROM customer_value_now"))
        history = self._write_history()
        rows = self._write_values() + history + self._forget(partner_ids)
        self.env.cr.execute(SQL("DROP TABLE customer_value_now, %s", TABLE))
        self._note_problems(problems, refresh.sources)
        if rows:
            self._forget_cached()
        return {
            'rows': rows, 'failed': len(problems), 'customers': total,
            'note': self.env._(
                "%(customers)s, %(scored)s of them valued", customers=in_customers(self.env, total), scored=scored)}

    @api.model
    def _forget_cached(self):
        """Have what was read of values read anew."""
        self.env['customer.value'].invalidate_model()
        self.env['customer.value.history'].invalidate_model()
        self.env['res.partner'].invalidate_model(
            ['customer_value_ids', 'customer_value_score', 'customer_value_band', 'customer_expected_value'])

    @api.model
    def _rules(self):
        """Return the value model as :mod:`engine.scoring` takes rules: one card for everybody, whose weights are those of the
        components in the whole.

        :rtype: dict
        """
        dimensions = self.env['customer.value.dimension'].search([])
        components = dimensions.component_ids.filtered('active')
        weights = worth.nominal([
            (dimension.weight, {str(component.id): component.weight for component in dimension.component_ids & components})
            for dimension in dimensions])
        return {
            'measures': {
                str(component.id): component._rules_values() for component in components if str(component.id) in weights},
            'cards': {CARD: {'weights': weights, 'tiers': [], 'segments': []}},
            'order': [int(CARD)],
            'caps': [],
        }

    # ------------------------------------------------------------
    # THE STATEMENT
    # ------------------------------------------------------------

    @api.model
    def _now_sql(self, refresh):
        """Return SQL with a line per managed customer: its value now, and whether it differs from what is written.

        Columns: ``id``, those of ``customer.value``, ``changed``; ``parts`` are there only where something changed: they are
        dear to make.
        """
        only = SQL("AND p.id = ANY(%s)", refresh.partner_ids) if refresh.partner_ids is not None else SQL()
        names = (*SCORED, *ESTIMATED)
        moved = [SQL(
            "abs(%(new)s - %(old)s) > %(moved)s * abs(%(old)s) / 100 OR (%(new)s IS NULL) <> (%(old)s IS NULL)",
            new=SQL.identifier('s', name), old=SQL.identifier('v', name), moved=MOVED) for name in MOVING]
        return SQL(
            """SELECT n.*, CASE WHEN changed THEN %(parts)s END AS parts
                 FROM (SELECT s.*, v.id IS NULL OR ROW(%(new)s) IS DISTINCT FROM ROW(%(old)s)
                                   OR COALESCE(%(moved)s, FALSE) AS changed
                         FROM (%(banded)s OFFSET 0) s
                    LEFT JOIN customer_value v ON v.partner_id = s.id
                       OFFSET 0) n""",
            parts=self._parts_sql(refresh.rules), moved=SQL(" OR ").join(moved), banded=self._banded_sql(refresh, only),
            new=SQL(", ").join(SQL.identifier('s', name) for name in names),
            old=SQL(", ").join(SQL.identifier('v', name) for name in names))

    @api.model
    def _banded_sql(self, refresh, only):
        """The score with its band, and what the customer may bring."""
        setting = self.env['res.config.settings']._customer_success
        return SQL(
            """SELECT t.*, e.*, CASE WHEN t.score IS NULL THEN 'none' WHEN t.score >= %(high)s THEN 'high'
                                     WHEN t.score >= %(middle)s THEN 'middle' ELSE 'low' END AS band
                 FROM (%(scored)s OFFSET 0) t
                 JOIN %(prospects)s e ON e.partner_id = t.id""",
            high=setting('value_high_from'), middle=setting('value_middle_from'), scored=self._scored_sql(refresh, only),
            prospects=TABLE)

    @api.model
    def _scored_sql(self, refresh, only):
        """The value score, the share of all weights that is known, and the signature by which a change is seen; see
        :func:`engine.worth.worth`."""
        measures, weights = refresh.rules['measures'], refresh.rules['cards'][CARD]['weights']
        least = self.env['res.config.settings']._customer_success('value_minimum_known')
        keys, groups = self._ordered(measures), {}
        for key in keys:
            groups.setdefault(measures[key]['group'], []).append(key)
        if not keys:
            # nothing is known of anybody; the statement goes on, so that what is written is taken away
            return SQL(
                "SELECT p.*, NULL::numeric AS score, 0 AS coverage, ''::varchar AS signature FROM (%s) p",
                self._points_sql(refresh, only, fields.Date.context_today(self)))
        columns, means = [], []
        for place, own in enumerate(groups.values()):
            known, weighed = SQL.identifier(f'known_{place}'), SQL.identifier(f'weighed_{place}')
            whole = sum(weights[key] for key in own)
            columns += [
                SQL("%s AS %s", self._plus([SQL(
                    "CASE WHEN %s IS NULL THEN 0 ELSE %s::float8 END", column('p', key), weights[key]) for key in own]), known),
                SQL("%s AS %s", self._plus([SQL(
                    "COALESCE(%s::float8 * %s, 0)", weights[key], column('p', key)) for key in own]), weighed)]
            means.append((known, weighed, whole))
        return SQL(
            """SELECT p.*, floor(100 * known / %(everything)s::float8 + %(tolerance)s)::int AS coverage,
                      CASE WHEN 100 * known >= %(least)s::float8 THEN round((weighed / NULLIF(counting, 0))::numeric, 2) END
                          AS score
                 FROM (SELECT p.*, %(known)s AS known, %(weighed)s AS weighed, %(counting)s AS counting
                         FROM (SELECT p.*, %(columns)s, concat_ws(',', VARIADIC ARRAY[%(signature)s]::text[]) AS signature
                                 FROM (%(points)s OFFSET 0) p OFFSET 0) p OFFSET 0) p""",
            everything=sum(weights[key] for key in keys), tolerance=1e-9,
            least=(least - 1e-9) * sum(weights[key] for key in keys),
            known=self._plus([known for known, *__ in means]),
            weighed=self._plus([SQL("COALESCE(%s::float8 * %s / NULLIF(%s, 0), 0)", whole, weighed, known)
                               for known, weighed, whole in means]),
            counting=self._plus([SQL("CASE WHEN %s > 0 THEN %s::float8 ELSE 0 END", known, whole) for known, __, whole in means]),
            columns=SQL(", ").join(columns),
            # where nothing is known there is a place in the list all the same
            signature=SQL(", ").join(SQL("COALESCE(%s::text, '')", column('p', key)) for key in keys),
            points=self._points_sql(refresh, only, fields.Date.context_today(self)))

    @api.model
    def _plus(self, terms):
        return SQL(" + ").join(terms)

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_values(self):
        """Write what differs.

        :return: how many rows
        """
        names = [SQL.identifier(name) for name in (*SCORED, *ESTIMATED, *MOVING, *KEPT)]
        self.env.cr.execute(SQL(
            """INSERT INTO customer_value (partner_id, date, %(names)s, create_date, write_date)
                    SELECT id, %(today)s, %(names)s, %(now)s, %(now)s FROM customer_value_now WHERE changed ORDER BY id
               ON CONFLICT (partner_id) DO UPDATE SET date = EXCLUDED.date, write_date = EXCLUDED.write_date, %(replaced)s""",
            names=SQL(", ").join(names), today=fields.Date.context_today(self), now=self.env.cr.now(),
            replaced=SQL(", ").join(SQL("%s = EXCLUDED.%s", name, name) for name in names)))
        return self.env.cr.rowcount

    @api.model
    def _write_history(self):
        """Keep a row a month of who changed: the last one of the month, where it differs from the one before by a point, in its
        band, or by more than the estimate moves anyhow.

        :return: how many rows
        """
        today = fields.Date.context_today(self)
        self.env.cr.execute(SQL(
            """INSERT INTO customer_value_history (partner_id, month, score, band, expected_value, health, risk_level,
                                                   create_date, write_date)
                    SELECT n.id, %(month)s, n.score, n.band, n.expected_value, p.customer_health, p.customer_risk_level,
                           %(now)s, %(now)s
                      FROM customer_value_now n
                      JOIN res_partner p ON p.id = n.id
         LEFT JOIN LATERAL (SELECT h.* FROM customer_value_history h
                             WHERE h.partner_id = n.id AND h.month <= %(month)s ORDER BY h.month DESC LIMIT 1) h ON TRUE
                     WHERE n.changed AND (n.band <> 'none' OR n.expected_value IS NOT NULL OR h.id IS NOT NULL)
                       AND (h.id IS NULL OR h.band <> n.band OR round(h.score) IS DISTINCT FROM round(n.score)
                            OR (h.expected_value IS NULL) <> (n.expected_value IS NULL)
                            OR abs(h.expected_value - n.expected_value) > %(moved)s * abs(h.expected_value) / 100)
                  ORDER BY n.id
               ON CONFLICT (partner_id, month) DO UPDATE
                       SET score = EXCLUDED.score, band = EXCLUDED.band, expected_value = EXCLUDED.expected_value,
                           health = EXCLUDED.health, risk_level = EXCLUDED.risk_level, write_date = EXCLUDED.write_date""",
            month=today.replace(day=1), now=self.env.cr.now(), moved=MOVED))
        return self.env.cr.rowcount

    @api.model
    def _forget(self, partner_ids):
        """Who is no customer any more has no value.

        :return: how many rows were deleted
        """
        self.env.cr.execute(SQL(
            """DELETE FROM customer_value v USING res_partner p
                WHERE p.id = v.partner_id AND p.customer_managed IS NOT TRUE %s""",
            SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()))
        return self.env.cr.rowcount
