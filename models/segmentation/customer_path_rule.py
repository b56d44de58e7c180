from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..base.customer_fact import COMPARISONS, PREFIX, Found
from ..platform.local_text import listed


class CustomerPathRule(models.Model):
    """When customers of a tier are proposed for another one: the next better, or the one that they fall to (SEG-7)."""

    _name = 'customer.path.rule'
    _description = "Step of the Upgrade Path"
    _order = 'sequence, id'
    _rec_name = 'from_tier_id'

    sequence = fields.Integer(default=10, required=True, help="A customer that fits several steps is shown with the first.")
    active = fields.Boolean(default=True)
    from_tier_id = fields.Many2one(
        comodel_name='customer.tier', required=True, index=True, ondelete='cascade')
    to_tier_id = fields.Many2one(
        comodel_name='customer.tier', required=True, index=True, ondelete='cascade')
    direction = fields.Selection(
        selection=[('rise', "Up"), ('fall', "Down")], compute='_compute_direction', help="As the tiers stand in their order.")
    mode = fields.Selection(
        selection=[('all', "All conditions"), ('some', "At least so many")], string="It Takes", required=True, default='all')
    needed = fields.Integer(string="How Many", required=True, default=1, help="So many conditions have to be met.")
    near = fields.Integer(
        string="Show With So Many Missing", required=True, default=1,
        help="A customer of whom no more than so many conditions are missing is listed as well, with what is missing. 0: only "
             "who meets what it takes.")
    condition_ids = fields.One2many(
        comodel_name='customer.path.condition', inverse_name='rule_id', string="Conditions", copy=True)
    text = fields.Char(string="Customers With", compute='_compute_text', help="The conditions in words.")
    problem = fields.Char(
        readonly=True, copy=False,
        help="Why it could not be looked up last night. The customers that it had proposed stay as they were.")

    _needed_positive = models.Constraint('CHECK (needed > 0)', "At least one condition has to be met.")
    _near_positive = models.Constraint('CHECK (near >= 0)', "The number of missing conditions can't be negative.")
    _tiers_differ = models.Constraint(
        'CHECK (from_tier_id <> to_tier_id)', "A step leads from one tier to another. Choose two different tiers.")

    @api.depends('from_tier_id', 'to_tier_id')
    def _compute_direction(self):
        for rule in self:
            before, after = rule.from_tier_id, rule.to_tier_id
            rule.direction = bool(before and after) and (
                'rise' if (after.sequence, after._origin.id) < (before.sequence, before._origin.id) else 'fall')

    @api.depends('from_tier_id', 'to_tier_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f'{rule.from_tier_id.name or "–"} → {rule.to_tier_id.name or "–"}'

    @api.depends('mode', 'needed', 'condition_ids.text')
    @api.depends_context('lang')
    def _compute_text(self):
        for rule in self:
            texts = listed(self.env, [condition.text for condition in rule.condition_ids if condition.text])
            rule.text = texts if rule.mode == 'all' else self.env._(
                "%(needed)s of: %(conditions)s", needed=rule.needed, conditions=texts)

    @api.constrains('condition_ids', 'mode', 'needed', 'active')
    def _check_conditions(self):
        if self.env.context.get('install_mode'):
            return  # what is shipped comes one record after the other
        for rule in self.filtered('active'):
            count = len(rule.condition_ids)
            if not count:
                raise ValidationError(self.env._(
                    "“%(step)s” would hold for every customer of its tier: add a condition.", step=rule.display_name))
            if rule.mode == 'some' and rule.needed > count:
                raise ValidationError(self.env._(
                    "“%(step)s”: nobody could meet it (conditions needed: %(needed)s, there: %(count)s). Add some, or ask for "
                    "fewer.", step=rule.display_name, needed=rule.needed, count=count))

    def _how_many(self):
        """Return how many conditions have to be met."""
        self.ensure_one()
        return len(self.condition_ids) if self.mode == 'all' else self.needed

    def action_refresh(self):
        """Look now which customers meet the conditions."""
        self.check_access('write')
        result = self.env['customer.path.keeper'].sudo()._refresh()  # customers of every salesperson, and nobody writes results
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'type': 'warning' if result['failed'] else 'info', 'message': self.env._(
                "Could rise: %(rise)s, falling: %(fall)s, steps that could not be looked up: %(failed)s.",
                rise=result['rise'], fall=result['fall'], failed=result['failed']),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}},
        }


class CustomerPathCondition(models.Model):
    """Something that a step of the upgrade path asks of a customer: a fact of the catalogue, and from where on (SEG-7)."""

    _name = 'customer.path.condition'
    _description = "Condition of the Upgrade Path"
    _order = 'sequence, id'

    rule_id = fields.Many2one(
        comodel_name='customer.path.rule', string="Step", required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)
    name = fields.Char(
        string="In Your Words", translate=True,
        help="What it asks for, in a few words: “contact with the decision maker”. It stands among what is met, or what is "
             "missing. Empty: what the fact says.")
    kind = fields.Selection(
        selection='_selection_kind', string="Looks At", required=True, help="Of whom it is not known, it is not met.")
    comparison = fields.Selection(selection=COMPARISONS, string="Met At", required=True, default='from')
    threshold = fields.Float(required=True, aggregator=None, digits=(16, 2))
    window_days = fields.Integer(
        string="Period (days)", default=90, required=True, help="So many days up to today are looked at, where it looks at days.")
    must = fields.Boolean(
        string="Always Needed", help="Who does not meet it is not listed, however many of the others are met.")
    unit = fields.Char(compute='_compute_text')
    text = fields.Char(string="In Words", compute='_compute_text')

    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "The period must be at least one day.")

    @api.model
    def _selection_kind(self):
        return [(PREFIX + name, fact.label) for name, fact in self.env['customer.fact']._offered().items()]

    @api.depends('kind', 'comparison', 'threshold')
    @api.depends_context('lang')
    def _compute_text(self):
        facts = self.env['customer.fact']
        for condition in self:
            fact = condition._fact()
            condition.unit = fact and facts._unit_name(fact)
            condition.text = fact and condition._describe(fact)

    @api.depends('text')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = condition.text or "–"

    @api.constrains('kind', 'comparison', 'threshold')
    def _check_threshold(self):
        for condition in self:
            fact = condition._fact()
            # what a customer has nothing of is met by having none
            if fact and not (fact.nothing and condition.comparison == 'to' and condition.threshold >= 0):
                self.env['customer.fact']._check_threshold(fact, condition.comparison, condition.threshold, fact.label)

    @api.constrains('rule_id', 'kind')
    def _check_kind(self):
        offered = dict(self._selection_kind())
        for condition in self:
            if condition.kind not in offered:
                raise UserError(self.env._(
                    "What it looks at, “%(name)s”, is not there any more: was an addon taken away?", name=condition.kind))

    @api.onchange('kind')
    def _onchange_kind(self):
        fact = self._fact()
        self.comparison = 'from' if not fact or self.env['customer.fact']._worse(fact) == 'to' else 'to'

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        conditions.rule_id._check_conditions()
        return conditions

    def unlink(self):
        rules = self.rule_id
        result = super().unlink()
        rules.exists()._check_conditions()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _fact_name(self):
        return (self.kind or '').removeprefix(PREFIX)

    def _fact(self):
        """Return the fact that this condition looks at, or None where it is not there any more."""
        return self.env['customer.fact']._facts().get(self._fact_name())

    def _options(self):
        """Return what this condition tells the fact."""
        return {
            'window_days': self.window_days, 'threshold': self.threshold, 'today': fields.Date.context_today(self)}

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _shown(self, fact, value):
        """Return a value of the fact with its unit."""
        text = self.env['customer.fact']._format(value, fact.unit)
        return f'{text} {fact.counted}'.strip() if fact.unit == 'count' else text

    def _describe(self, fact):
        values = {'what': fact.label, 'threshold': self._shown(fact, self.threshold)}
        return self.env._("%(what)s at most %(threshold)s", **values) if self.comparison == 'to' else self.env._(
            "%(what)s at least %(threshold)s", **values)

    def _say(self, found):
        """Return what a customer meets in words: one's own, else those of the fact.

        :param dict found: of ``customer.path.found``: ``v``, ``d``, ``r``, ``c``, ``x``
        """
        return self.name or self._tell(found)

    def _say_missing(self, found):
        """Return what is missing, and how it is instead."""
        what = self.name or self.text or self.kind
        if found.get('v') is None or not self._fact():
            return self.env._("%(what)s (not known)", what=what)
        return self.env._("%(what)s (%(instead)s)", what=what, instead=self._tell(found))

    def _tell(self, found):
        """Return what the fact said of a customer, as a part of a sentence."""
        fact = self._fact()
        if not fact or found.get('v') is None:
            return self.text or self.kind
        sentence = self.env['customer.fact']._say(self._fact_name(), fact, Found(
            found['v'], day=fields.Date.to_date(found.get('d')), res_id=found.get('r'), count=found.get('c'),
            detail=found.get('x')), self._options())
        return sentence.rstrip('.。')
