from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache
from odoo.tools.i18n import format_list

from ..base.customer_fact import COMPARISONS, PREFIX
from ..health.customer_health_snapshot import BANDS
from ..segmentation.customer_segment_rule import UNKNOWN
from ..segmentation.res_partner import RISKS


class Measured(NamedTuple):
    """A number that a rule looks at.

    :param kind: of ``customer.stage.condition._days`` or a fact with its prefix
    :param window: days that a fact looks back
    :param comparison: one of ``COMPARISONS``
    :param enter: the threshold for who is in another stage
    :param leave: the threshold for who is in the rule's stage already
    """

    kind: str
    window: int
    comparison: str
    enter: float
    leave: float


class Rule(NamedTuple):
    """A rule as it is tried.

    :param id: of the rule, 0 for one that is not saved yet
    :param stage_id: where whoever fits stands
    :param at_once: it does not wait for the minimum stay
    :param choices: names and values of the conditions that are choices
    :param measured: the numbers it looks at, see :class:`Measured`
    """

    id: int
    stage_id: int
    at_once: bool
    choices: tuple
    measured: tuple


class CustomerStageRule(models.Model):
    """Which customers stand in a stage; of all rules, the first that fits a customer decides (LIF-3)."""

    _name = 'customer.stage.rule'
    _inherit = ['customer.place.rule']
    _description = "Rule of a Customer Stage"

    stage_id = fields.Many2one(comodel_name='customer.stage', required=True, index=True, ondelete='cascade')
    situation = fields.Selection(selection='_selection_situation', help="Empty: whatever the situation.")
    from_stage_ids = fields.Many2many(
        comodel_name='customer.stage', relation='customer_stage_rule_from_rel', string="Standing In", ondelete='restrict',
        help="Customers that are in one of these stages until now. Empty: in any.")
    tenure = fields.Selection(
        selection=[('strategic', "Strategic"), ('growth', "Growth"), ('new', "New")],
        help="Empty: however long the customer has been buying.")
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers", ondelete='restrict', help="Empty: customers of any tier.")
    segment_ids = fields.Many2many(
        comodel_name='customer.segment', string="Segments", ondelete='restrict', help="Empty: customers of any segment.")
    risk = fields.Selection(
        selection=[*RISKS, (UNKNOWN, "Not known")], help="Empty: whatever the risk, also where it is not known.")
    health = fields.Selection(
        selection=BANDS,
        help="Empty: whatever the health, also where there is no score. A better health counts when the score has passed the "
             "border by the margin of the settings.")
    condition_ids = fields.One2many(
        comodel_name='customer.stage.condition', inverse_name='rule_id', string="And", copy=True)
    at_once = fields.Boolean(
        string="Does Not Wait", help="Customers who fit come here at once, also during the minimum stay of their stage.")
    text = fields.Char(string="Customers That", compute='_compute_text', help="The conditions in words.")
    waits = fields.Boolean(related='stage_id.waits')
    report = fields.Char(related='stage_id.report')
    problem = fields.Char(
        readonly=True, copy=False,
        help="Why the rule could not be looked up last night. Meanwhile nobody comes into its stage by it, and nobody leaves "
             "the stage because of it.")

    @api.model
    def _situations(self):
        """Return what a customer may be in besides what its figures say, with a label: another part of the wing adds what it
        knows, and in ``customer.stager._situation_sql`` how that is found.

        :rtype: dict[str, str]
        """
        return {
            'lost': self.env._("Marked as lost"),
            'never': self.env._("Never ordered"),
            'onboarding': self.env._("Onboarding is open"),
        }

    @api.model
    def _selection_situation(self):
        return list(self._situations().items())

    @api.model
    def _kind(self):
        return 'stage'

    @api.model
    def _describe_nobody(self):
        return self.env._(
            "Every customer needs a stage. Keep one rule without any condition: it is for the customers that no other rule "
            "fits, and comes last.")

    @api.depends(lambda self: [*self._conditions(), 'condition_ids.text'])
    @api.depends_context('lang')
    def _compute_text(self):
        for rule in self:
            rule.text = rule._describe()

    @api.depends('stage_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = self.env._("Rule of the stage %(stage)s", stage=rule.stage_id.name or '–')

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _conditions(self):
        """Return the fields that are choices of a rule, in the order in which they are told; each that is empty does not
        matter."""
        return ['situation', 'from_stage_ids', 'tenure', 'tier_ids', 'segment_ids', 'risk', 'health']

    @api.model
    def _reached_by(self):
        return [*super()._reached_by(), 'condition_ids']

    @api.model
    def _rule_triggers(self):
        return [*super()._rule_triggers(), 'at_once', *(f'condition_ids.{name}' for name in (
            'kind', 'comparison', 'threshold', 'has_leave', 'leave_threshold', 'window_days'))]

    @api.model
    def _says_nothing(self):
        return {'problem'}

    @api.model
    @ormcache()
    def _get_rules(self):
        """Return the rules in force, in their order.

        :rtype: tuple[Rule, ...]
        """
        return tuple(rule._as_rule() for rule in self.sudo()._in_order())  # one set of rules for everybody

    def _as_rule(self, stage=None):
        """Return this rule as it is tried.

        :param stage: the stage on whose form it stands
        :rtype: Rule
        """
        self.ensure_one()
        choices = tuple(
            (name, tuple(sorted(self[name]._origin.ids)) if isinstance(self[name], models.BaseModel) else self[name])
            for name in self._conditions() if self[name])
        measured = tuple(condition._as_measured() for condition in self.condition_ids if condition.kind)
        return Rule(self._origin.id or 0, (stage or self.stage_id)._origin.id or 0, self.at_once, choices, measured)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _describe(self):
        """Return the conditions in words."""
        self.ensure_one()
        rule = self._as_rule()
        parts = self._describe_choices(rule.choices) + [condition.text for condition in self.condition_ids if condition.text]
        return format_list(self.env, parts) if parts else self.env._("everybody else")

    @api.model
    def _describe_choices(self, choices):
        """Return conditions that are choices in words, a list.

        :param choices: pairs of names and values, see :class:`Rule`; of an older time perhaps
        """
        return [text for name, value in choices if (text := self._describe_choice(name, value))]

    @api.model
    def _describe_choice(self, name, value):
        field = self._fields.get(name)
        if field is None:
            return ''
        if field.type == 'many2many':
            # what they are called is no secret
            records = self.env[field.comodel_name].sudo().with_context(active_test=False).browse(value).exists()
            shown = format_list(self.env, records.mapped('name'), style='or') if records else "–"
        else:
            shown = dict(field._description_selection(self.env)).get(value, value)
        return {
            'situation': lambda: self.env._("situation “%(value)s”", value=shown),
            'from_stage_ids': lambda: self.env._("until now in %(value)s", value=shown),
            'tenure': lambda: self.env._("tenure “%(value)s”", value=shown),
            'tier_ids': lambda: self.env._("tier %(value)s", value=shown),
            'segment_ids': lambda: self.env._("segment %(value)s", value=shown),
            'risk': lambda: self.env._("risk “%(value)s”", value=shown),
            'health': lambda: self.env._("health “%(value)s”", value=shown),
        }[name]()


class CustomerStageCondition(models.Model):
    """A number that a rule of a stage looks at: days since something happened, or a fact of the catalogue (LIF-3)."""

    _name = 'customer.stage.condition'
    _inherit = ['customer.cached']
    _description = "Condition of a Customer Stage"
    _order = 'id'

    rule_id = fields.Many2one(comodel_name='customer.stage.rule', required=True, index=True, ondelete='cascade')
    kind = fields.Selection(
        selection='_selection_kind', string="Looks At", required=True, default='order_days',
        help="Whoever it is not known of does not fit.")
    comparison = fields.Selection(selection=COMPARISONS, string="Fits At", required=True, default='from')
    threshold = fields.Float(
        required=True, aggregator=None, digits=(16, 2),
        help="Who is in another stage comes here from this value on (at least), or up to it (at most).")
    has_leave = fields.Boolean(
        string="Leaves Elsewhere",
        help="Who stands here already stays until another value, so that nobody goes back and forth on the border.")
    leave_threshold = fields.Float(
        string="Stays Until", aggregator=None, digits=(16, 2),
        help="Who stands here already stays as long as the value is at least (or at most) this one.")
    window_days = fields.Integer(
        string="Period (days)", default=90, required=True, help="So many days up to today are looked at, where it looks at days.")
    unit = fields.Char(compute='_compute_text')
    text = fields.Char(string="In Words", compute='_compute_text')

    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "The period must be at least one day.")

    @api.model
    def _days(self):
        """Return the days that every customer has, with a label.

        :rtype: dict[str, str]
        """
        return {
            'order_days': self.env._("Days since the last order"),
            'first_order_days': self.env._("Days since the first order"),
            'managed_days': self.env._("Days as a customer of ours"),
            'won_back_days': self.env._("Days since it was won back"),
        }

    @api.model
    def _selection_kind(self):
        facts = self.env['customer.fact']._offered()
        return [*self._days().items(), *((PREFIX + name, fact.label) for name, fact in facts.items())]

    @api.constrains('kind', 'comparison', 'threshold', 'has_leave', 'leave_threshold')
    def _check_thresholds(self):
        facts = self.env['customer.fact']
        for condition in self:
            name = condition._label()
            if fact := facts._facts().get(condition.kind.removeprefix(PREFIX)):
                facts._check_threshold(fact, condition.comparison, condition.threshold, name)
            elif condition.threshold < 0:
                raise ValidationError(self.env._("%(what)s: days can't be negative.", what=name))
            inside = condition.leave_threshold <= condition.threshold if condition.comparison == 'from' \
                else condition.leave_threshold >= condition.threshold
            if condition.has_leave and not inside:
                raise ValidationError(self.env._(
                    "%(what)s: who comes at %(enter)s would have left at %(leave)s already. The value until which customers "
                    "stay has to be easier to keep than the one at which they come.", what=name,
                    enter=f'{condition.threshold:g}', leave=f'{condition.leave_threshold:g}'))

    @api.depends('kind', 'comparison', 'threshold', 'has_leave', 'leave_threshold', 'window_days')
    @api.depends_context('lang')
    def _compute_text(self):
        for condition in self:
            condition.text = condition.kind and self._describe(condition._as_measured())
            condition.unit = condition.kind and self._unit(condition.kind)

    @api.depends('text')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = condition.text or "–"

    @api.onchange('kind')
    def _onchange_kind(self):
        fact = self.env['customer.fact']._facts().get((self.kind or '').removeprefix(PREFIX))
        self.comparison = self.env['customer.fact']._worse(fact) if fact else 'from'

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Make conditions; a fact is bad in its worse direction where nothing else is said."""
        conditions = super().create(self.env['customer.fact']._complete_rules(vals_list, 'kind'))
        conditions.rule_id.stage_id._ask_for_refresh()
        return conditions

    def write(self, vals):
        result = super().write(vals)
        self.rule_id.stage_id._ask_for_refresh()
        return result

    def unlink(self):
        stages = self.rule_id.stage_id
        result = super().unlink()
        stages.exists()._ask_for_refresh()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _as_measured(self):
        self.ensure_one()
        return Measured(
            self.kind, self.window_days or 1, self.comparison or 'from', self.threshold,
            self.leave_threshold if self.has_leave else self.threshold)

    def _label(self):
        self.ensure_one()
        return dict(self._selection_kind()).get(self.kind, self.kind)

    @api.model
    def _unit(self, kind):
        """Return what the values of a kind count, in words."""
        if kind in self._days():
            return self.env._("days")
        fact = self.env['customer.fact']._facts().get(kind.removeprefix(PREFIX))
        return self.env['customer.fact']._unit_name(fact) if fact else ''

    @api.model
    def _describe(self, measured, value=None):
        """Return a condition in words, and the value that met it.

        :param Measured measured: the condition
        :param value: what was found, None to leave it out
        """
        facts = self.env['customer.fact']
        fact = facts._facts().get(measured.kind.removeprefix(PREFIX))
        label = self._days().get(measured.kind) or (fact.label if fact else measured.kind)
        unit = fact.unit if fact and not fact.counted else 'count'

        def shown(number):
            return facts._format(number, 'count' if unit == 'days' else unit)
        values = {'what': label, 'threshold': shown(measured.enter), 'leave': shown(measured.leave)}
        if value is not None:
            return self.env._("%(what)s: %(value)s", what=label, value=shown(value))
        if measured.comparison == 'to':
            return self.env._("%(what)s at most %(threshold)s (stays up to %(leave)s)", **values) \
                if measured.leave != measured.enter else self.env._("%(what)s at most %(threshold)s", **values)
        return self.env._("%(what)s at least %(threshold)s (stays from %(leave)s on)", **values) \
            if measured.leave != measured.enter else self.env._("%(what)s at least %(threshold)s", **values)
