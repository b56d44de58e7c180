from odoo import api, fields, models
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.counted import customers

PARAM_RULES = 'customer_success.tier_rules_in_force'

#: Ways of ranking by which the place among all customers decides, and not the revenue by itself.
BY_PLACE = ('share', 'revenue')


class CustomerRanking(models.AbstractModel):
    """Revenue, first and last order, tier and segment of customers, in a few SQL statements (SEG-1, SEG-4).

    What a purchase is, is said by ``customer.purchase.reader``, and what it is worth in one currency by ``customer.money``.
    One customer and all customers go through the same statements: :meth:`_rank` only narrows them. What differs is where
    the revenue of the *other* customers comes from, for the rank: for all it has just been added up, for one the
    stored figures are taken.
    """

    _name = 'customer.ranking'
    _description = "Refresh of Customer Figures"

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly: who is a customer, what are they worth, which tier are they in."""
        with self.env['customer.run']._measure('refresh') as run:
            result = self._refresh_all()
            run['done'] = result['rows'] + result['differed']
            run['note'] = self.env._(
                "%(customers)s, with another tier: %(tiers)s",
                customers=customers(self.env, result['customers']), tiers=result['tier_changes'])
            if result['differed']:
                run['note'] = self.env._(
                    "%(note)s. All orders and invoices were gone through, and what was kept of them was mended: %(customers)s",
                    note=run['note'], customers=customers(self.env, result['differed']))
            money = self.env['customer.money']
            if unpriced := money._describe_unpriced(money._unpriced()):
                run['note'] = f"{run['note']}. {unpriced}"

    @api.model
    def _refresh_all(self):
        """Refresh all customers.

        :return: ``customers`` looked at, ``tier_changes``, ``rows`` written, and of how many customers what was kept
            ``differed`` from their documents, see ``customer.purchase``
        :rtype: dict[str, int]
        """
        statistics = self.env['customer.statistics']
        statistics._keep_small('res_users', 'res_company', 'crm_team')
        statistics._keep(
            'res_partner', 'sale_order', 'sale_order_line', 'account_move', 'account_move_line', 'customer_tier_change',
            'customer_segment_change', 'customer_potential', 'customer_potential_answer', 'customer_potential_change')
        kept = self.env['customer.purchase']._keep()
        statistics._keep('customer_purchase')
        self._collect_bought()
        joined, left = self.env['customer.registry'].with_context(customer_rank_later=True)._refresh()
        # segments follow from it, and are written with the ranking
        potential = self.env['customer.potential.keeper'].with_context(customer_bought_collected=True)._refresh(place=False)
        result = self._rank()
        self.env.cr.execute(SQL("DROP TABLE customer_bought"))
        statistics._keep_columns(
            result['tier_changes'], 'res_partner', 'customer_tier_id', 'customer_segment_id', 'customer_revenue',
            'customer_potential')
        self.env['customer.assigner']._joined(joined)
        result['rows'] += len(joined) + len(left) + potential['rows'] + self.env['customer.needs.grader']._refresh()
        return {**result, 'differed': kept['differed']}

    @api.model
    def _collect_bought(self):
        """Add up once what everybody bought, for the registry and for the ranking: the dear part of both."""
        self.env['customer.document']._flush()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_bought"))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_bought ON COMMIT DROP AS %s",
            self._bought_sql(self.env['customer.tier.scheme']._get_current())))

    @api.model
    def _rank(self, partner_ids=None):
        """Compute revenue, tier and segment of managed customers; write what changes, with its history.

        :param partner_ids: ids of the customers, or None for all, after :meth:`_collect_bought`
        :return: see :meth:`_refresh_all`
        """
        scheme = self.env['customer.tier.scheme']._get_current()
        partner_model = self.env['res.partner']
        self.env['customer.document']._flush()
        for model in ('customer.tier.change', 'customer.segment.change'):
            self.env[model].flush_model()
        segmenter = self.env['customer.segmenter']
        segments_changed = partner_ids is None and segmenter._rules_changed()
        rules = scheme._fingerprint()
        parameters = self.env['ir.config_parameter'].sudo()  # the action's own bookkeeping
        rules_changed = partner_ids is None and rules != parameters.get_param(PARAM_RULES)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_rank"))
        self.env.cr.execute(SQL(
            # in the order of the partners, which is how they lie in the table: writing in this order is half as dear
            """CREATE TEMPORARY TABLE customer_rank ON COMMIT DROP AS
               SELECT * FROM (%s) AS verdict
                WHERE tier_changed OR expired OR figures_changed OR segment_changed
             ORDER BY id""", self._verdict_sql(scheme, partner_ids, rules_changed)))
        changed_rows = self._write_figures()
        changed_tier = self._write_history(partner_ids)
        segmenter._write_history(SQL("customer_rank"), 'tier', segments_changed, partner_ids is not None)
        if changed_rows:
            partner_model.invalidate_model([
                'customer_revenue', 'customer_first_order', 'customer_last_order', 'customer_tier_id',
                'customer_tier_since', 'customer_tier_manual_id', 'customer_tier_manual_until',
                'customer_tier_manual_reason', 'customer_tier_change_ids', *segmenter._written_fields()])
        if rules_changed:
            parameters.set_param(PARAM_RULES, rules)
        if segments_changed:
            segmenter._remember_rules()
        self.env['customer.path.keeper']._forget_moved()
        self._figures_changed()
        self.env.cr.execute(SQL("DROP TABLE customer_rank"))
        [[customers]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM res_partner p WHERE p.customer_managed IS TRUE %s", self.env['customer.document']._only_sql(
                SQL("p.id"), partner_ids)))
        return {'customers': customers, 'tier_changes': changed_tier, 'rows': changed_rows}

    @api.model
    def _figures_changed(self):
        """Hook for the other wings: the temporary table ``customer_rank`` holds the customers (``id``) with a change, whether
        their tier changed (``tier_changed``), whether their segment did (``segment_changed``, from ``old_segment_id`` to
        ``new_segment_id``) and whether they ordered (``order_changed``)."""

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_history(self, partner_ids):
        self.env.cr.execute(SQL(
            """INSERT INTO customer_tier_change (partner_id, date, old_tier_id, new_tier_id, cause, direction, revenue,
                                                 position, currency_id, create_uid, create_date, write_uid, write_date)
                    SELECT r.id, %(today)s, r.old_tier_id, r.new_tier_id, r.cause,
                           CASE WHEN r.old_tier_id IS NULL THEN 'same'
                                WHEN (new_tier.sequence, new_tier.id) < (old_tier.sequence, old_tier.id) THEN 'up'
                                ELSE 'down' END,
                           r.revenue, r.position, %(currency)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_rank r
                 LEFT JOIN customer_tier old_tier ON old_tier.id = r.old_tier_id
                 LEFT JOIN customer_tier new_tier ON new_tier.id = r.new_tier_id
                     WHERE r.tier_changed
                  ORDER BY r.id""",
            today=fields.Date.context_today(self), currency=self.env['customer.registry']._main_company().currency_id.id,
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if partner_ids is not None else None, now=self.env.cr.now(),
        ))
        return self.env.cr.rowcount

    @api.model
    def _write_figures(self):
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_revenue = r.revenue,
                      customer_first_order = r.first_order,
                      customer_last_order = r.last_order,
                      customer_tier_id = r.new_tier_id,
                      customer_tier_since = CASE WHEN r.tier_changed THEN %(tier_since)s ELSE p.customer_tier_since END,
                      customer_tier_manual_id = CASE WHEN r.expired THEN NULL ELSE p.customer_tier_manual_id END,
                      customer_tier_manual_until = CASE WHEN r.expired THEN NULL ELSE p.customer_tier_manual_until END,
                      customer_tier_manual_reason = CASE WHEN r.expired THEN NULL ELSE p.customer_tier_manual_reason END,
                      customer_segment_id = r.new_segment_id,
                      customer_segment_since = CASE WHEN r.segment_changed THEN %(segment_since)s
                                                    ELSE p.customer_segment_since END,
                      write_date = %(now)s
                 FROM customer_rank r
                WHERE r.id = p.id""",
            now=self.env.cr.now(), **{
                f'{kind}_since': self.env['customer.registry']._since_sql(
                    kind, SQL("r.id"), SQL.identifier('r', f'old_{kind}_id'), SQL.identifier('r', f'new_{kind}_id'))
                for kind in ('tier', 'segment')},
        ))
        return self.env.cr.rowcount

    # ------------------------------------------------------------
    # THE NUMBERS
    # ------------------------------------------------------------

    @api.model
    def _verdict_sql(self, scheme, partner_ids, rules_changed, bought=None):
        """Return SQL with a row per managed customer: figures, old and new tier with the cause of a change, old and new
        segment.

        The tier follows from the metric (rank in percent, or revenue) by the bounds of the ranking. It stays what it is
        inside the dead band and during the minimum stay, unless the ranking itself was changed; the first tier, given on
        the day the customer came, holds nobody. A tier set by hand comes before everything until its last day.

        :param SQL bought: see :meth:`_figures_sql`
        """
        metric, by_rule, bounds = self._tier_by_rule_sql(scheme, rules_changed)
        segmenter = self.env['customer.segmenter']
        return SQL(
            """WITH bounds (tier_id, low, high, keep_low, keep_high) AS (VALUES %(bounds)s),
                    figures AS (%(figures)s),
                    verdict AS (
                    SELECT f.*, CASE WHEN f.manual_id IS NOT NULL AND NOT f.expired THEN f.manual_id
                                     ELSE %(by_rule)s END AS new_tier_id
                      FROM figures f
                 LEFT JOIN bounds b ON %(metric)s >= b.low AND %(metric)s < b.high
                 LEFT JOIN bounds cur ON cur.tier_id = f.old_tier_id
                    ),
                    placed AS (SELECT v.*, %(segment)s AS new_segment_id FROM verdict v)
             SELECT id, revenue, position, first_order, last_order, old_tier_id, new_tier_id, expired,
                    potential, risk, old_segment_id, new_segment_id %(more)s,
                    new_tier_id IS DISTINCT FROM old_tier_id AS tier_changed,
                    new_segment_id IS DISTINCT FROM old_segment_id AS segment_changed,
                    last_order IS DISTINCT FROM old_last_order AND last_order IS NOT NULL AS order_changed,
                    (revenue, first_order, last_order)
                    IS DISTINCT FROM (old_revenue, old_first_order, old_last_order) AS figures_changed,
                    CASE WHEN manual_id IS NOT NULL AND NOT expired THEN 'manual'
                         WHEN expired THEN 'expired'
                         WHEN old_tier_id IS NULL THEN 'first'
                         WHEN %(rules_changed)s THEN 'rules'
                         ELSE 'revenue' END AS cause
               FROM placed""",
            bounds=SQL(", ").join(
                SQL("(%s::int, %s::numeric, %s::numeric, %s::numeric, %s::numeric)", *row) for row in bounds),
            figures=self._figures_sql(scheme, partner_ids, bought), by_rule=by_rule, metric=metric, rules_changed=rules_changed,
            segment=segmenter._segment_sql('v', SQL("v.new_tier_id")), more=segmenter._more_columns(),
        )

    @api.model
    def _tier_by_rule_sql(self, scheme, rules_changed):
        """Return what a tier follows from where nobody set it by hand.

        :return: SQL of the metric, SQL of the tier, and the bounds as rows of tier id, bounds, bounds with the dead band
        """
        today = fields.Date.context_today(self)
        bounds = scheme._bounds()
        last_tier_id = bounds[-1][0] if bounds else None
        by_place = scheme.method in BY_PLACE
        metric = SQL("f.position") if by_place else SQL("f.revenue")
        stays = SQL("cur.tier_id IS NOT NULL AND NOT %(rules_changed)s AND ("
                    "%(metric)s >= cur.keep_low AND %(metric)s < cur.keep_high AND %(sold)s"
                    " OR f.tier_since > %(today)s::date - %(stay)s AND f.tier_since > f.managed_since)",
                    rules_changed=rules_changed, metric=metric, today=today, stay=scheme.minimum_stay_days,
                    # with shares, who bought nothing is in the last tier, however few customers bought
                    sold=SQL("(f.revenue > 0 OR cur.tier_id = %s)", last_tier_id)
                    if by_place else SQL("TRUE"))
        computed = SQL("CASE WHEN f.revenue <= 0 AND %s THEN %s ELSE b.tier_id END",
                       by_place, last_tier_id)
        by_rule = SQL("CASE WHEN f.expired OR NOT (%s) THEN %s ELSE f.old_tier_id END", stays, computed)
        if scheme.method == 'manual' or not bounds:
            by_rule = SQL("f.old_tier_id")
            bounds = [(None, None, None, None, None)]
        return metric, by_rule, bounds

    @api.model
    def _figures_sql(self, scheme, partner_ids, bought=None):
        """Return SQL with a row per managed customer: what it bought, its rank, and what is stored of it now.

        :param SQL bought: a relation as :meth:`_bought_sql` makes it; without one, all customers take ``customer_bought``
        """
        own = SQL(
            """SELECT p.id,
                      round(COALESCE(b.revenue, 0), %(decimals)s) AS revenue, b.first_order, b.last_order,
                      p.customer_revenue AS old_revenue, p.customer_first_order AS old_first_order,
                      p.customer_last_order AS old_last_order, p.customer_tier_id AS old_tier_id,
                      p.customer_tier_since AS tier_since, p.customer_managed_since AS managed_since,
                      p.customer_tier_manual_id AS manual_id, p.customer_segment_id AS old_segment_id,
                      p.customer_potential AS potential, p.customer_risk_level AS risk %(columns)s,
                      p.customer_tier_manual_id IS NOT NULL
                      AND COALESCE(p.customer_tier_manual_until < %(today)s, FALSE) AS expired
                 FROM res_partner p
            LEFT JOIN %(bought)s b ON b.id = p.id
                -- the planner expects half of the rows of such an expression, and not one as of a mark that was
                -- NULL everywhere when the statistics were made
                WHERE p.customer_managed IS TRUE %(only)s""",
            only=SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL(),
            columns=self.env['customer.segmenter']._columns_sql(),
            bought=bought or (
                SQL("customer_bought") if partner_ids is None else SQL("(%s)", self._bought_sql(scheme, partner_ids))),
            decimals=self.env['customer.registry']._main_company().currency_id.decimal_places,
            today=fields.Date.context_today(self))
        if partner_ids is not None:
            return self._placed_sql(own, scheme)
        return SQL("SELECT f.*, %s AS position FROM (%s) f", self._position_sql(scheme), own)

    @api.model
    def _position_sql(self, scheme):
        """Return SQL for the place of a row ``f`` among all by its ``revenue``: how many percent of the customers have more, or
        which part of the revenue those make."""
        if scheme.method != 'revenue':
            return SQL("round((rank() OVER (ORDER BY f.revenue DESC) - 1) * 100.0 / count(*) OVER (), 4)")
        return SQL(
            # all up to those of the same revenue, less these: a frame without them would be added up anew for each row
            """round(COALESCE(
                   (sum(GREATEST(f.revenue, 0)) OVER (ORDER BY f.revenue DESC)
                    - GREATEST(f.revenue, 0) * count(*) OVER (PARTITION BY f.revenue)) * 100.0
                   / NULLIF(sum(GREATEST(f.revenue, 0)) OVER (), 0), 0), 4)""")

    @api.model
    def _placed_sql(self, own, scheme):
        """Return SQL with the rank in percent of some customers among all, by one look at all, however many they are.

        Customers are counted, or their revenue is, by the revenues that they stand between; what is stored of the own ones is
        taken off.

        :param SQL own: a row per customer, see :meth:`_figures_sql`
        """
        def weight(revenue):
            return SQL("GREATEST(%s, 0)", revenue) if scheme.method == 'revenue' else SQL("1")

        return SQL(
            """(WITH own AS MATERIALIZED (%s),
                     steps AS MATERIALIZED (SELECT array_agg(DISTINCT -revenue ORDER BY -revenue) AS at FROM own),
                     places AS (
                     SELECT place, sum(n) OVER () AS total,
                            sum(n) OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS better
                       FROM (SELECT place, sum(n) AS n
                               FROM (SELECT width_bucket(-COALESCE(p.customer_revenue, 0), steps.at) AS place, sum(%s) AS n
                                       FROM res_partner p CROSS JOIN steps WHERE p.customer_managed IS TRUE GROUP BY 1
                                      UNION ALL
                                     SELECT width_bucket(-COALESCE(own.old_revenue, 0), steps.at), -%s FROM own CROSS JOIN steps
                                      UNION ALL
                                     SELECT width_bucket(-own.revenue, steps.at), %s FROM own CROSS JOIN steps) AS counted
                           GROUP BY place) AS added)
              SELECT f.*, round(COALESCE(COALESCE(places.better, 0) * 100.0 / NULLIF(places.total, 0), 0), 4) AS position
                FROM (SELECT own.*, dense_rank() OVER (ORDER BY revenue DESC) AS place FROM own) f
                JOIN places ON places.place = f.place)""",
            own, weight(SQL("COALESCE(p.customer_revenue, 0)")), weight(SQL("COALESCE(own.old_revenue, 0)")),
            weight(SQL("own.revenue")))

    @api.model
    def _bought_sql(self, scheme, partner_ids=None, day=None):
        """Return SQL that adds up what each commercial partner bought, without taxes, in the main company's currency.

        Columns: ``id``, ``revenue`` of the period, ``first_order`` and ``last_order`` of all times, and ``bought``: there
        is an order or an invoice, whether it counts or not.

        :param date day: the last day of the period, today unless said otherwise
        """
        last_day = day or fields.Date.context_today(self)
        first_day = fields.Date.add(fields.Date.subtract(last_day, months=scheme.window_months), days=1)
        period = SQL("day BETWEEN %s AND %s", first_day, last_day) if day else SQL("day >= %s", first_day)
        return SQL(
            """SELECT id, sum(amount) FILTER (WHERE %(period)s) AS revenue,
                      min(day) FILTER (WHERE counts) AS first_order, max(day) FILTER (WHERE counts) AS last_order,
                      bool_or(bought) AS bought
                 FROM (%(documents)s) AS documents (id, day, counts, bought, amount, pending)
             GROUP BY id""",
            period=period, documents=self.env['customer.purchase.reader']._documents_sql(scheme, partner_ids))
