"""What the potential of a customer is made of: factors with their weight, and what each is worth."""
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..base.customer_fact import PREFIX

#: The three questions about a customer, with their answers from the worst to the best; see ``customer.potential.answer``.
QUESTIONS = {
    'upgrade': ('no', 'maybe', 'yes'), 'expansion': ('no', 'maybe', 'yes'), 'budget': ('shrinking', 'level', 'growing')}
#: The field of a customer that holds the answer to each.
ANSWER_FIELDS = {'upgrade': 'customer_upgrade_need', 'expansion': 'customer_expansion', 'budget': 'customer_budget_trend'}
ANSWERS = [
    ('yes', "Yes"), ('maybe', "Maybe"), ('no', "No"), ('growing', "Growing"), ('level', "About the same"),
    ('shrinking', "Shrinking")]
#: What an answer is in numbers.
VALUES = {answer: value for answers in QUESTIONS.values() for value, answer in enumerate(answers)}

#: Before the name of a question where it is a source.
ASKED = 'answer_'
GROWTH = 'industry_growth'


class Rule(NamedTuple):
    """A factor as the statement takes it.

    :param id: of the factor
    :param source: one of ``_selection_source``
    :param weight: how much it counts
    :param window_days: how many days a fact looks back
    :param per_revenue: an amount is taken in percent of the customer's revenue
    :param starts: where the bands begin, rising
    :param points: what each band is worth
    """

    id: int
    source: str
    weight: int
    window_days: int
    per_revenue: bool
    starts: tuple
    points: tuple


class CustomerPotentialFactor(models.Model):
    """One thing that the potential of a customer follows from: where it is known from, how much it counts, and what it is worth
    in points (SEG-3)."""

    _name = 'customer.potential.factor'
    _inherit = ['customer.potential.rule']
    _description = "Factor of the Potential"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, help="As salespeople read it where the potential is explained.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    source = fields.Selection(
        selection='_selection_source', string="Known From", required=True,
        help="The growth of the customer's industry, an answer that salespeople give, or anything else that is known of "
             "customers.")
    question = fields.Char(string="Which Question", compute='_compute_source')
    is_money = fields.Boolean(compute='_compute_source', export_string_translation=False)
    has_window = fields.Boolean(compute='_compute_source')
    unit = fields.Char(compute='_compute_source', string="Values Are In")
    weight = fields.Integer(
        default=10, required=True, aggregator=None,
        help="How much this factor counts, against the weights of the others. What is not known of a customer is left out, and "
             "the others count for more.")
    window_days = fields.Integer(
        string="Looks Back (days)", default=730, required=True, aggregator=None,
        help="So many days up to today are looked at.")
    per_revenue = fields.Boolean(
        string="In Percent of the Revenue",
        help="An amount says more beside what the customer buys already: 5,000 is much for one, and little for another.")
    band_ids = fields.One2many(
        comodel_name='customer.potential.band', inverse_name='factor_id', string="Points", copy=True)
    description = fields.Text(translate=True, help="What this factor says, in words for the sales staff.")
    problem = fields.Char(
        string="Set Aside Because", readonly=True, copy=False,
        help="Why this factor could not be asked. The potential is computed without it until it works again.")

    _weight_counts = models.Constraint(
        'CHECK (weight BETWEEN 1 AND 1000)',
        "A factor weighs between 1 and 1,000. To leave it out, archive it.")
    _window_days_positive = models.Constraint(
        'CHECK (window_days BETWEEN 1 AND 3650)', "A factor looks back between one day and ten years (3,650 days).")

    # ------------------------------------------------------------
    # WHERE IT IS KNOWN FROM
    # ------------------------------------------------------------

    @api.model
    def _selection_source(self):
        """Return what a factor can be known from. Facts are offered of which more is better, and that need no choice."""
        return [
            (GROWTH, self.env._("Growth of the customer's industry (percent a year)")),
            (f'{ASKED}upgrade', self.env._("Answer: do they need newer technology?")),
            (f'{ASKED}expansion', self.env._("Answer: do they expand into other regions?")),
            (f'{ASKED}budget', self.env._("Answer: where is their budget going?")),
            *((f'{PREFIX}{name}', fact.label) for name, fact in self.env['customer.fact']._offered().items()
              if fact.better == 'higher' and name not in self._made_of_it()),
        ]

    @api.model
    def _made_of_it(self):
        """Return the facts that follow from the potential themselves; wings add theirs."""
        return {'potential'}

    @api.depends('source', 'per_revenue')
    @api.depends_context('lang')
    def _compute_source(self):
        catalogue = self.env['customer.fact']
        facts = catalogue._facts()
        for factor in self:
            source = factor.source or ''
            fact = facts.get(source.removeprefix(PREFIX)) if source.startswith(PREFIX) else None
            factor.question = source.removeprefix(ASKED) if source.startswith(ASKED) else False
            factor.is_money = bool(fact) and fact.unit == 'money'
            factor.has_window = bool(fact) and fact.period
            factor.unit = (
                self.env._("percent of the revenue of the ranking") if factor.is_money and factor.per_revenue
                else catalogue._unit_name(fact) if fact else self.env._("percent a year") if source == GROWTH else False)

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    # name and source are given whenever a factor is made, also when it is made without any band
    @api.constrains('name', 'source', 'band_ids')
    def _check_bands(self):
        for factor in self:
            bands = factor.band_ids.sorted('value_from')
            factor._check_answers(bands)
            starts = bands.mapped('value_from')
            if not bands:
                raise ValidationError(self.env._(
                    "Please say how many points “%(factor)s” gives: it needs at least one band.", factor=factor.name))
            if len(set(starts)) < len(starts):
                raise ValidationError(self.env._(
                    "Two bands of “%(factor)s” begin with the same value. Only one of them can hold.", factor=factor.name))
            if any(not 0 <= band.points <= 100 for band in bands):
                raise ValidationError(self.env._(
                    "The points of “%(factor)s” must be between 0 (promises nothing) and 100 (promises most).",
                    factor=factor.name))
            worth = bands.mapped('points')
            if worth != sorted(worth):
                raise ValidationError(self.env._(
                    "More of “%(factor)s” would be worth less. Let the points rise from band to band, or stay the same.",
                    factor=factor.name))

    def _check_answers(self, bands):
        """Refuse bands that begin with a number where a question is answered, and the reverse."""
        answers = QUESTIONS.get(self.question or '', ())
        if any(bool(answers) != bool(band.answer) or band.answer and band.answer not in answers for band in bands):
            raise ValidationError(self.env._(
                "The bands of “%(factor)s” don't fit where it is known from: answers for a question, and values for anything "
                "else. Choose again where each band begins.", factor=self.name))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _matters(self):
        return {'active', 'source', 'weight', 'window_days', 'per_revenue', 'sequence', 'band_ids'}

    @api.model
    @ormcache()
    def _get_rules(self):
        """Return the factors in force, in their order.

        :rtype: tuple[Rule, ...]
        """
        rules = []
        for factor in self.sudo().search([]):  # rules bind everybody
            bands = factor.band_ids.sorted('value_from')
            rules.append(Rule(
                factor.id, factor.source, factor.weight, factor.window_days, factor.per_revenue,
                tuple(bands.mapped('value_from')), tuple(bands.mapped('points'))))
        return tuple(rules)


class CustomerPotentialBand(models.Model):
    """From which value on, or with which answer, a factor gives how many points (SEG-3)."""

    _name = 'customer.potential.band'
    _inherit = ['customer.potential.rule']
    _description = "Points of a Factor"
    _order = 'factor_id, value_from, id'

    factor_id = fields.Many2one(
        comodel_name='customer.potential.factor', required=True, index=True, ondelete='cascade')
    answer = fields.Selection(selection=ANSWERS, string="Answered With")
    value_from = fields.Float(
        string="From Value", compute='_compute_value_from', store=True, readonly=False, digits=(16, 2), aggregator=None,
        help="The band begins here, this value included, and ends where the next one begins. What is below the lowest band is "
             "worth as much as that.")
    points = fields.Integer(required=True, default=0, aggregator=None, help="0 promises nothing, 100 most.")

    @api.depends('answer')
    def _compute_value_from(self):
        for band in self:
            band.value_from = VALUES[band.answer] if band.answer else band.value_from

    @api.constrains('factor_id', 'answer', 'value_from', 'points')
    def _check_bands(self):
        self.factor_id._check_bands()

    @api.depends('answer', 'value_from', 'points')
    @api.depends_context('lang')
    def _compute_display_name(self):
        names = dict(self._fields['answer']._description_selection(self.env))
        for band in self:
            band.display_name = f'{names.get(band.answer) or f"{band.value_from:g}"} → {band.points}'

    @api.model
    def _matters(self):
        return {'factor_id', 'answer', 'value_from', 'points'}
