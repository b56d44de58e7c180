from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare, float_round, ormcache
from odoo.tools.i18n import format_list

from ..platform.counted import plural
from .customer_placing import GROUP_MANAGER
from .customer_ranking import BY_PLACE, PARAM_RULES
from .customer_tier_scheme_line import TOGETHER

#: What everybody's tier follows from.
ACTING = {'method', 'line_ids', 'window_months', 'basis', 'running_days', 'dead_band', 'minimum_stay_days'}

#: What the stored figures of a customer hang on; while these stay, nobody's revenue is added up for a preview.
FIGURES = ('window_months', 'basis', 'running_days')


class Edge(NamedTuple):
    """Where a tier of the ranking in force ends, in revenue.

    :param tier_id: the tier
    :param above_id: the next better tier, None for the best
    :param rise: the smallest revenue that lifts a customer out of the tier, None where no revenue does
    :param below_id: the next lower tier, None for the last
    :param floor: the smallest revenue with which a customer stays in the tier, None where it can't fall
    """

    tier_id: int
    above_id: int | None
    rise: float | None
    below_id: int | None
    floor: float | None


class CustomerTierScheme(models.Model):
    """A way to rank customers into tiers; one of them is in force (SEG-1)."""

    _name = 'customer.tier.scheme'
    _inherit = ['customer.acting', 'customer.cached']
    _description = "Customer Tier Ranking"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    method = fields.Selection(
        selection=[
            ('share', "Share of customers, by revenue"),
            ('revenue', "Share of revenue (ABC)"),
            ('threshold', "Revenue thresholds"),
            ('manual', "By hand"),
        ],
        default='share',
        required=True,
        help="Share of customers: the best so many percent of the customers are in the first tier, and so on. "
             "Share of revenue: whoever together makes the first so many percent of the revenue is in the first tier, and so on. "
             "Thresholds: a tier begins at a revenue. By hand: tiers are set by people and stay.",
    )
    line_ids = fields.One2many(
        comodel_name='customer.tier.scheme.line',
        inverse_name='scheme_id',
        string="Tiers",
        copy=True,
    )
    window_months = fields.Integer(
        string="Period (months)",
        default=12,
        required=True,
        help="Revenue of this many months up to today counts.",
    )
    basis = fields.Selection(
        selection=[
            ('orders', "Orders, and invoices without an order"),
            ('invoices', "Posted invoices"),
        ],
        string="Revenue Basis",
        default='orders',
        required=True,
        help="What counts as revenue, without taxes. What was credited is deducted until it is invoiced again.",
    )
    running_days = fields.Integer(
        string="Running Order After (days)",
        default=21,
        required=True,
        help="An order whose goods are invoiced over more days than this is a running order, like a framework order that is "
             "called off every month: what was invoiced counts on the days of the invoices, and each of them is a purchase. "
             "Any other order counts on its own day. 0: no order is a running one.",
    )
    dead_band = fields.Float(
        digits=(16, 2),
        default=2.0,
        help="A customer on a boundary stays where it is: its rank has to pass the boundary by this many percent of the "
             "customers, or its revenue by this many percent of the threshold.",
    )
    minimum_stay_days = fields.Integer(
        string="Minimum Stay (days)",
        default=90,
        help="After a change of tier, revenue does not change it again for so many days.",
    )
    unpriced = fields.Char(string="Left Out", compute='_compute_unpriced')
    share_total = fields.Float(string="Total (%)", compute='_compute_share_total')
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_currency_id')
    is_current = fields.Boolean(string="In Force", compute='_compute_is_current')
    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False, groups=GROUP_MANAGER,
        help="How many customers would go from which tier to which, before anything is saved.")

    _window_months_positive = models.Constraint(
        'CHECK (window_months > 0)', "The period must be at least one month.")
    _running_days_positive = models.Constraint(
        'CHECK (running_days >= 0)', "The days after which an order is a running one can't be negative.")
    _dead_band_range = models.Constraint(
        'CHECK (dead_band >= 0 AND dead_band < 50)', "The dead band must be between 0 and 50 percent.")
    _minimum_stay_positive = models.Constraint(
        'CHECK (minimum_stay_days >= 0)', "The minimum stay can't be negative.")

    @api.constrains('method', 'line_ids')
    def _check_lines(self):
        for scheme in self.filtered(lambda scheme: scheme.method != 'manual'):
            lines = scheme.line_ids.sorted(lambda line: (line.sequence, line.id))
            if not lines:
                raise ValidationError(self.env._("A ranking needs at least one tier."))
            if scheme.method in BY_PLACE:
                scheme._check_shares(lines)
            else:
                scheme._check_thresholds(lines)

    def _check_shares(self, lines):
        if any(line.share < 0 for line in lines):
            raise ValidationError(self.env._("A share can't be negative."))
        total = sum(lines.mapped('share'))
        if float_compare(total, 100, precision_digits=2):
            raise ValidationError(self.env._(
                "The shares of the tiers add up to %(total)s %%. They have to add up to 100 %%, so that every customer "
                "has a tier.", total=f'{total:g}'))

    def _check_thresholds(self, lines):
        for upper, lower in zip(lines[:-1], lines[1:], strict=True):
            if upper.threshold <= max(lower.threshold, 0):
                raise ValidationError(self.env._(
                    "The thresholds must fall from tier to tier and be above zero: %(upper)s begins at %(first)s, "
                    "%(lower)s at %(second)s.",
                    upper=upper.tier_id.name, first=f'{upper.threshold:,.2f}',
                    lower=lower.tier_id.name, second=f'{lower.threshold:,.2f}'))

    @api.depends('line_ids.share')
    def _compute_share_total(self):
        for scheme in self:
            scheme.share_total = sum(scheme.line_ids.mapped('share'))

    def _compute_currency_id(self):
        self.currency_id = self.env['customer.registry']._main_company().currency_id

    @api.depends_context('lang')
    def _compute_unpriced(self):
        current = self._get_current()
        money = self.env['customer.money'].sudo()  # figures are one over all companies
        for scheme in self:
            scheme.unpriced = scheme._origin == current and money._describe_unpriced(money._unpriced())

    def _compute_is_current(self):
        current = self._get_current()
        for scheme in self:
            scheme.is_current = scheme._origin == current

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super(CustomerTierScheme, self.with_context(customer_scheme_lines=TOGETHER)).create(vals_list).with_env(self.env)

    def write(self, vals):
        # the lines are looked at together, once all are written
        result = super(CustomerTierScheme, self.with_context(customer_scheme_lines=TOGETHER)).write(vals)
        if self._get_current() in self:
            if ACTING & vals.keys():
                self._get_current()._act()
            self._ask_for_refresh()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_current(self):
        if self._get_current() in self:
            raise UserError(self.env._("This ranking is in force. Put another one in force before you delete it."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_put_in_force(self):
        """Rank all customers by this ranking from now on."""
        self._customer_one()
        self.check_access('write')
        self.env['ir.config_parameter'].sudo().set_param(  # managers configure the addon, not all of Odoo
            'customer_success.tier_scheme_id', self.id)
        self._act()
        self._ask_for_refresh()
        return self.action_recompute()

    def action_recompute(self):
        """Rank all customers now, and say what changed since the ranking was."""
        self.check_access('write')
        self.env['customer.ranking'].sudo()._refresh_all()  # writes figures of customers of all companies
        return self._get_current()._tell_report()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _get_current(self):
        """Return the ranking in force: the one of the settings, else the first."""
        return self.browse(self._current_id())

    @api.model
    @ormcache()
    def _current_id(self):
        """Return the id of the ranking in force, None where there is none."""
        everywhere = self.sudo()  # which one is in force depends on nobody's rights
        scheme_id = self.env['res.config.settings']._customer_success('tier_scheme_id')
        return (everywhere.browse(scheme_id).exists() or everywhere.search([], limit=1)).id or None

    def _describe_outcome(self, since):
        """Return how many customers are in another tier than then, and from which to which they went."""
        moves = self.env['customer.tier.change'].sudo()._moves(since)  # customers of every salesperson
        total = self.env['res.partner'].sudo().search_count([('customer_managed', '=', True)])  # as above
        if not moves:
            return self.env._("no customer of %(total)s is in another tier.", total=total)
        values = {'total': total, 'moves': self.env['customer.tier.change']._describe_moves(moves)}
        return plural(
            sum(moves.values()), self.env._("one customer of %(total)s is in another tier (%(moves)s).", **values),
            self.env._("%(changed)s customers of %(total)s are in another tier (%(moves)s).",
                       changed=sum(moves.values()), **values))

    def _ask_for_refresh(self):
        """Have the nightly action run as soon as possible."""
        self.env.ref('customer_success.ir_cron_refresh')._trigger()

    def _bounds(self):
        """Return for each tier, best first, where it begins and ends, and the same widened by the dead band.

        The metric is the rank in percent, of customers or of revenue (shares: lower is better), or the revenue (threshold:
        higher is better).

        :return: rows ``(tier id, low, high, keep low, keep high)``; a value belongs to a tier when low <= value < high
        """
        self.ensure_one()
        # what is typed at this moment, beside what is in force
        return self._bounds_in_force() if self.id else self._make_bounds()

    @ormcache('self.id')
    def _bounds_in_force(self):
        return self._make_bounds()

    def _make_bounds(self):
        infinity = float('inf')
        rows, edge = [], 0.0 if self.method in BY_PLACE else infinity
        lines = self.line_ids.sorted(lambda line: (line.sequence, line.id))
        for line in lines:
            is_last = line == lines[-1]
            if self.method in BY_PLACE:
                low, high = edge, infinity if is_last else edge + line.share
                rows.append((line.tier_id._origin.id, low, high, low - self.dead_band, high + self.dead_band))
                edge = high
            else:
                low, high = -infinity if is_last else line.threshold, edge
                band = self.dead_band / 100
                rows.append((line.tier_id._origin.id, low, high, low * (1 - band), high * (1 + band)))
                edge = low
        return rows

    def _fingerprint(self):
        """Return what the tiers follow from, as text: when it differs from last time, the ranking was changed."""
        self.ensure_one()
        return repr((self._origin.id, self.method, self.window_months, self.basis, self.running_days,
                     [row[:3] for row in self._bounds()]))

    def _describe_period(self):
        """Return of which time the revenue is."""
        self.ensure_one()
        return plural(
            self.window_months, self.env._("Revenue of the last month"),
            self.env._("Revenue of the last %(months)s months", months=self.window_months))

    def _explain_rules(self):
        """Return sentences that say how this ranking makes tiers."""
        self.ensure_one()
        lines = self.line_ids.sorted(lambda line: (line.sequence, line.id))
        if self.method == 'manual' or not lines:
            return [self.env._("Tiers are set by hand.")]
        if self.method in BY_PLACE:
            parts = format_list(self.env, [
                f'{line.tier_id.name} {self.env._("%(number)s %%", number=f"{line.share:g}")}' for line in lines], style='unit')
            rule = self.env._("By revenue, from the highest down: %(parts)s.", parts=parts) if self.method == 'share' else \
                self.env._("By who makes which part of the revenue, from the highest down: %(parts)s.", parts=parts)
        else:
            parts = [f'{line.tier_id.name} ≥ {self.currency_id.format(line.threshold)}' for line in lines[:-1]]
            rule = self.env._(
                "By revenue: %(parts)s, else %(last)s.",
                parts=format_list(self.env, parts, style='unit'), last=lines[-1].tier_id.name)
        band = self.env._(
            "A customer on a boundary stays until it passes it by %(band)s %%.", band=f'{self.dead_band:g}')
        return [rule, band] if self.dead_band else [rule]

    # ------------------------------------------------------------
    # PREVIEW
    #
    # What a ranking would do to the customers, shown before it is saved (SEG-1).
    # ------------------------------------------------------------

    @api.depends('method', 'window_months', 'basis', 'running_days', 'dead_band', 'minimum_stay_days', 'line_ids.share',
                 'line_ids.threshold', 'line_ids.tier_id', 'line_ids.sequence')
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for scheme in self:
            scheme.preview = self.env['ir.qweb']._render('customer_success.customer_moves_preview', scheme._preview_values())

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for a ranking that can't be saved."""
        self.ensure_one()
        try:
            self._check_lines()
        except ValidationError as error:
            return {'refused': str(error)}
        history = self.env['customer.tier.change'].sudo()  # customers of every salesperson are ranked together
        return {
            'refused': False, 'in_force': self._origin == self._get_current() and bool(self._origin),
            **history._preview_moves(self._preview_sql()),
        }

    def _preview_sql(self):
        """Return SQL with a row per managed customer: its tier, and the one that this ranking gives."""
        return SQL("SELECT id, old_tier_id AS old_id, new_tier_id AS new_id FROM (%s) AS verdict", self._foreseen_sql())

    def _foreseen_sql(self):
        """Return SQL with where customers would stand if this ranking was in force, see ``customer.ranking._verdict_sql``."""
        ranking = self.env['customer.ranking'].sudo()  # as above
        current = self._get_current()
        self.env['res.partner'].flush_model()
        self.env['customer.document']._flush()
        bought = SQL("(%s)", ranking._bought_sql(self)) if any(self[name] != current[name] for name in FIGURES) else SQL(
            """(SELECT id, customer_revenue AS revenue, customer_first_order AS first_order,
                       customer_last_order AS last_order FROM res_partner WHERE customer_managed IS TRUE)""")
        # the action's own bookkeeping
        changed = self._fingerprint() != self.env['ir.config_parameter'].sudo().get_param(PARAM_RULES)
        return ranking._verdict_sql(self, None, changed, bought)

    # ------------------------------------------------------------
    # EDGES
    #
    # How much revenue a customer is away from the next tier, and from leaving its own (SEG-7).
    # ------------------------------------------------------------

    @api.model
    def _edges(self):
        """Return where the tiers of the ranking in force end, in the main company's currency; none where tiers are set by hand.

        What counts is where a customer really moves: behind the dead band. With shares that is the revenue of the customer who
        has the place today; it moves with everybody's revenue.

        :rtype: list[Edge]
        """
        scheme = self._get_current()
        if not scheme or scheme.method == 'manual':
            return []
        bounds = scheme._bounds()
        limits = {'share': scheme._limits_by_rank, 'revenue': scheme._limits_by_part}.get(
            scheme.method, scheme._limits_by_revenue)(bounds)
        ids = [None, *(row[0] for row in bounds), None]
        return [
            Edge(tier_id, above, rise if above else None, below, floor if below else None)
            for tier_id, above, below, (rise, floor) in zip(ids[1:-1], ids, ids[2:], limits, strict=False)]

    def _limits_by_revenue(self, bounds):
        """Return for each tier from which revenue on a customer rises, and down to which it stays."""
        rounding = self.currency_id.rounding
        return [
            tuple(float_round(limit, precision_rounding=rounding, rounding_method='UP') if abs(limit) != float('inf') else None
                  for limit in (keep_high, keep_low))
            for *__, keep_low, keep_high in bounds]

    def _limits_by_rank(self, bounds):
        """Return the same where the rank decides: the revenue of whoever stands at the place.

        A customer rises when so few have more revenue that its rank is before the band of its tier, and stays while its rank is
        before the end of it. Nobody without revenue is in any tier but the last.
        """
        self.env['res.partner'].flush_model(['customer_managed', 'customer_revenue'])
        [[total]] = self.env.execute_query(SQL("SELECT count(*) FROM res_partner WHERE customer_managed IS TRUE"))
        places = [
            (self._places_before(keep_low, total) - 1, self._places_before(keep_high, total))
            for *__, keep_low, keep_high in bounds]
        revenue = self._revenue_at({place for pair in places for place in pair if 0 <= place < total})
        least = self.currency_id.rounding
        return [
            (max(revenue[rise], least) if rise >= 0 and total else None, max(revenue.get(floor, 0), least))
            for rise, floor in places]

    def _limits_by_part(self, bounds):
        """Return the same where the part of the revenue decides that those before a customer make: whoever has as much as the
        last one before the border stands before it, too."""
        self.env['res.partner'].flush_model(['customer_managed', 'customer_revenue'])
        borders = [border for *__, keep_low, keep_high in bounds for border in (keep_low, keep_high)]
        ranking = self.env['customer.ranking'].sudo()  # customers of every salesperson are ranked together
        [row] = self.env.execute_query(SQL(
            "SELECT %(least)s FROM (SELECT f.revenue, %(position)s AS position FROM %(stored)s f) AS r WHERE r.revenue > 0",
            least=SQL(", ").join(SQL("min(r.revenue) FILTER (WHERE r.position < %s)", border) for border in borders),
            position=ranking._position_sql(self), stored=SQL(
                "(SELECT customer_revenue AS revenue FROM res_partner WHERE customer_managed IS TRUE)")))
        values, least = iter(float(value or 0) for value in row), self.currency_id.rounding
        return [(rise or None, max(floor, least)) for rise, floor in zip(values, values, strict=True)]

    @api.model
    def _places_before(self, percent, total):
        """Return how many places, from 0 on, have a rank before so many percent of the customers; ranks have four decimals, as
        the ranking rounds them."""
        if percent == float('inf'):
            return total
        limit, step = Decimal(repr(percent)), Decimal('0.0001')
        count = max(min(int(limit * total / 100) + 2, total), 0)
        while count and (Decimal(100 * (count - 1)) / total).quantize(step, 'ROUND_HALF_UP') >= limit:
            count -= 1
        return count

    @api.model
    def _revenue_at(self, places):
        """Return the revenue of the customers at some places, the best at 0.

        :param set places: within the number of customers
        :rtype: dict[int, float]
        """
        if not places:
            return {}
        found = SQL(", ").join(SQL(
            """(SELECT customer_revenue FROM res_partner WHERE customer_managed IS TRUE AND customer_revenue IS NOT NULL
              ORDER BY customer_revenue DESC OFFSET %s LIMIT 1)""", place) for place in sorted(places))
        [row] = self.env.execute_query(SQL("SELECT %s", found))
        return {place: float(value or 0) for place, value in zip(sorted(places), row, strict=True)}

    @api.model
    def _edges_sql(self):
        """Return SQL naming a relation ``edge`` with the columns of :class:`Edge`."""
        rows = self._edges() or [Edge(None, None, None, None, None)]
        return SQL("(VALUES %s) AS edge (tier_id, above_id, rise, below_id, floor)", SQL(", ").join(
            SQL("(%s::int, %s::int, %s::numeric, %s::int, %s::numeric)", *edge) for edge in rows))
