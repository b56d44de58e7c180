from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...engine import prospect, worth
from ..platform.counted import plural, points

BANDS = [('high', "High"), ('middle', "Middle"), ('low', "Low"), ('none', "Not known")]

STATES = [
    ('ok', "With an estimate"), ('few', "Too few orders"), ('no_model', "No churn model"), ('no_rate', "No exchange rate"),
    ('negative', "Credited to nothing")]

#: What is told only where it was estimated.
ESTIMATED = ('active_percent', 'expected_orders', 'expected_value')


class CustomerValue(models.Model):
    """What a customer is worth to us, and what it may bring in the next twelve months (SEG-5): a row per customer beside the
    contacts, as the last night found it."""

    _name = 'customer.value'
    _description = "Customer Value"
    _inherit = ['customer.known', 'customer.main.currency']
    _rec_name = 'partner_id'
    _order = 'score desc nulls last, id'
    _known_when = {
        'score': [('band', '!=', 'none')], **{name: [('prospect_state', '=', 'ok')] for name in ESTIMATED},
        'order_value': [('prospect_state', 'in', ('ok', 'negative'))]}

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(string="As Of", required=True, readonly=True, help="Since that day nothing of it has changed.")
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id', string="Tier")
    segment_id = fields.Many2one(related='partner_id.customer_segment_id', string="Segment")
    health_band = fields.Selection(related='partner_id.customer_health_band', string="Health")
    risk_level = fields.Selection(related='partner_id.customer_risk_level', string="Risk")

    # the score
    score = fields.Float(
        string="Value Score", readonly=True, digits=(5, 2), aggregator='avg', falsy_value=None,
        help="0 to 100: what is known of the customer, weighed by the value model. What is not known is left out.")
    band = fields.Selection(selection=BANDS, string="Value Class", required=True, readonly=True)
    coverage = fields.Integer(
        string="Known (%)", readonly=True, aggregator='avg', help="The share of all weights of the value model that is known.")
    parts = fields.Json(string="Made Of", readonly=True)
    signature = fields.Char(readonly=True, help="The points of all components in short: whether something changed is seen by it.")

    # the next twelve months
    prospect_state = fields.Selection(
        selection=STATES, string="Estimate", required=True, readonly=True, help="Whether there is an estimate, and if not, why.")
    orders = fields.Integer(string="Days With an Order", readonly=True)
    waits = fields.Boolean(
        string="Out of Season", readonly=True, help="Buys in one season of the year, and is as silent as it was last year.")
    order_value = fields.Monetary(
        string="Value of an Order", readonly=True, aggregator='avg', currency_field='currency_id',
        help="What the customer's own orders of a day are worth on average.")
    order_spread = fields.Monetary(
        string="Spread of Orders", readonly=True, aggregator=None, currency_field='currency_id',
        help="The standard deviation of what its orders are worth.")
    orders_seen = fields.Integer(string="Told From Orders", readonly=True, aggregator=None)
    orders_unpriced = fields.Integer(
        string="Orders Without a Rate", readonly=True, help="Left out: the exchange rate of their currency is not known.")
    shape = fields.Float(
        readonly=True, digits=(16, 4), aggregator=None, help="How evenly it buys, by the churn model and its orders.")
    active_percent = fields.Float(string="Still Buying (%)", readonly=True, digits=(5, 1), aggregator='avg')
    expected_orders = fields.Float(
        string="Orders Expected (estimate)", readonly=True, digits=(8, 2), help="In the next twelve months, by the churn model.")
    expected_value = fields.Monetary(
        string="Expected Value (estimate)", readonly=True, currency_field='currency_id',
        help="What the customer may bring in the next twelve months: the orders to expect by the churn model, times what its own "
             "orders are worth, without taxes, in the main company's currency. An estimate; empty where too little is known.")
    expected_low = fields.Monetary(
        string="Expected at Least", compute='_compute_range', currency_field='currency_id', aggregator=None,
        help="In 8 of 10 cases it is more than this or as much, and not more than the other end.")
    expected_high = fields.Monetary(
        string="Expected at Most", compute='_compute_range', currency_field='currency_id', aggregator=None)
    expected_range = fields.Char(
        string="In 8 of 10 Cases (estimate)", compute='_compute_range',
        help="Between which amounts it lies in 8 of 10 cases; or why there is no estimate.")
    expected_text = fields.Char(string="Next 12 Months (estimate)", compute='_compute_range')
    explanation = fields.Html(string="Why", compute='_compute_explanation', sanitize=False)

    _partner_uniq = models.Constraint('UNIQUE (partner_id)', "A customer has one value.")

    # ------------------------------------------------------------
    # THE NEXT TWELVE MONTHS
    # ------------------------------------------------------------

    @api.depends('prospect_state', 'expected_value', 'expected_orders', 'active_percent', 'order_value', 'order_spread',
                 'orders_seen', 'shape')
    @api.depends_context('lang')
    def _compute_range(self):
        for value in self:
            value.expected_low = value.expected_high = 0
            value.expected_range = value.expected_text = value._why_no_estimate()
            if value.prospect_state == 'ok':
                value.expected_low, value.expected_high = map(prospect.about, prospect.span(value._prospect()))
                value.expected_range = self.env._(
                    "%(low)s to %(high)s", low=value._money(value.expected_low), high=value._money(value.expected_high))
                value.expected_text = self.env._(
                    "%(expected)s (%(range)s)", expected=value._money(value.expected_value), range=value.expected_range)

    def _prospect(self):
        """Return what is known of what this customer may bring as the engine takes it."""
        return prospect.Prospect(
            active=self.active_percent / 100, orders=self.expected_orders, shape=self.shape, worth=self.order_value,
            spread=self.order_spread, seen=self.orders_seen)

    def _money(self, amount):
        """Return an amount in words; what is estimated has no cents, but where there is little else."""
        return self.env['customer.fact']._format_money(round(amount) if abs(amount) >= 100 else amount)

    def _why_no_estimate(self):
        """Return in a sentence why it is not said what this customer may bring."""
        minimum = self.env['res.config.settings']._customer_success('value_minimum_orders')
        return {
            'few': plural(self.orders, self.env._(
                "No estimate: it takes %(minimum)s days with an order, and there is one.", minimum=minimum), self.env._(
                "No estimate: it takes %(minimum)s days with an order, and there are %(orders)s.",
                minimum=minimum, orders=self.orders)),
            'no_model': self.env._("No estimate: there is no churn model yet. It takes more customers who bought again."),
            'no_rate': self.env._("No estimate: the exchange rate of its orders is not known. Enter it."),
            'negative': self.env._("No estimate: its orders were credited to nothing or less."),
        }.get(self.prospect_state, '')

    def _explain_estimate(self):
        """Return sentences that say how the estimate came about.

        :rtype: list[str]
        """
        self.ensure_one()
        if self.prospect_state != 'ok':
            return [self._why_no_estimate()]
        lines = [self.env._(
            "Estimate for the next 12 months: orders expected %(orders)s × %(worth)s = %(expected)s. In 8 of 10 cases it is "
            "between %(low)s and %(high)s.", orders=formatLang(self.env, self.expected_orders, digits=2),
            worth=self._money(self.order_value), expected=self._money(self.expected_value),
            low=self._money(self.expected_low), high=self._money(self.expected_high)), self.env._(
            "The orders are those that the churn model expects; the chance that the customer still buys is %(active)s %%. What "
            "an order is worth is the mean of its own, give or take %(spread)s; days with an order looked at: %(seen)s.",
            active=formatLang(self.env, self.active_percent, digits=1), seen=self.orders_seen,
            spread=self._money(self.order_spread)), self.env._(
            "The range follows from how the number of orders varies in that model, and how much the customer's own orders do.")]
        if self.waits:
            lines.append(self.env._(
                "It buys in one season of the year: its silence out of season is not counted against it."))
        if self.orders_unpriced:
            lines.append(self.env._(
                "Left out are days with orders whose exchange rate is not known: %(count)s", count=self.orders_unpriced))
        return lines

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    @api.depends('parts', 'score', 'expected_text')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for value in self:
            value.explanation = self.env['ir.qweb']._render('customer_success.customer_value_why', {
                'dimensions': value._explain_score(), 'value': value, 'total': value._total(),
                'estimate': value._explain_estimate(),
                'as_of': self.env._("As of %(day)s", day=format_date(self.env, value.date)) if value.date else ''})

    def _total(self):
        """Return the sentence about the score as a whole."""
        least = self.env['res.config.settings']._customer_success('value_minimum_known')
        if self.band == 'none':
            return self.env._(
                "Too little is known for a value score: %(known)s %% of the value model, and it takes %(needed)s %%.",
                known=self.coverage, needed=least)
        return self.env._(
            "Value score %(score)s of 100. %(known)s %% of the value model is known; what is not known is left out, and the rest "
            "weighs more.", score=formatLang(self.env, self.score, digits=2), known=self.coverage)

    def _explain_score(self):
        """Return the dimensions with their components, and what each gives: the gains add up to the score exactly.

        :return: ``name``, ``points`` (None where nothing is known), ``earned`` and ``components`` with ``name``, ``points``,
            ``earned``, ``possible``, and a ``sentence`` of what is known or what to do
        :rtype: list[dict]
        """
        self.ensure_one()
        parts = self.parts or {}
        found = worth.worth(parts)
        shares = {share.key: share for share in found.shares}
        components = self.env['customer.value.component'].with_context(active_test=False).browse(
            map(int, parts)).exists().sorted(lambda component: (component.sequence, component.id))
        dimensions = components.dimension_id.sorted(lambda dimension: (dimension.sequence, dimension.id))
        rows = []
        for dimension in dimensions:
            own = [self._explain_component(component, parts[str(component.id)], shares.get(str(component.id)))
                   for component in components.filtered(lambda one, of=dimension: one.dimension_id == of)]
            rows.append({
                'name': dimension.name, 'components': own, 'points': found.dimensions.get(dimension.id),
                'earned': sum(row['earned'] or 0 for row in own), 'possible': sum(row['possible'] or 0 for row in own)})
        return rows

    def _explain_component(self, component, part, share):
        as_of = fields.Date.to_date(part.get('d'))
        if part.get('p') is None:
            sentence = self.env._("not known: left out, the others weigh more") if part.get('v') is None else self.env._(
                "too old: left out, the others weigh more")
        else:
            sentence = component._describe(part['v'], as_of, self.date)
        return {
            'name': component.name, 'sentence': sentence, 'rule': component._describe_points(),
            'points': None if part.get('p') is None else points(self.env, part['p']),
            'earned': share.earned if share else None, 'possible': share.possible if share else None}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_recompute(self):
        """Value these customers anew, with the orders and answers of this moment."""
        return self.partner_id.action_customer_recompute()

    def action_influence(self):
        """Open the dialog that says how much a customer counts in its industry."""
        self._customer_one()
        return self.partner_id.action_customer_influence()

    def action_history(self):
        """Open how the value of a customer changed."""
        action = self.env['ir.actions.actions']._for_xml_id('customer_success.customer_value_history_action')
        return {**action, 'domain': [('partner_id', 'in', self.partner_id.ids)], 'context': {}}
