from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerHealthScorecard(models.Model):
    """Which measures make the score of a kind of customer, and how much each of them weighs (HEA-1).

    A customer is judged by the first card that fits its segment and its tier.
    """

    _name = 'customer.health.scorecard'
    _description = "Health Scorecard"
    _inherit = ['customer.health.config', 'customer.health.preview']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True, help="A customer is judged by the first card that fits.")
    active = fields.Boolean(default=True)
    tier_ids = fields.Many2many(comodel_name='customer.tier', string="Tiers", help="Empty: customers of any tier.")
    segment_ids = fields.Many2many(
        comodel_name='customer.segment', string="Segments", help="Empty: customers of any segment.")
    line_ids = fields.One2many(
        comodel_name='customer.health.scorecard.line', inverse_name='scorecard_id', string="Measures", copy=True)
    healthy_from = fields.Float(default=75, required=True, help="From this score on a customer is healthy.")
    watch_from = fields.Float(default=50, required=True, help="Below this score a customer is at risk.")
    minimum_coverage = fields.Integer(
        string="Known at Least (%)", default=60, required=True,
        help="A score is given only where the measures that are known make up this share of all weights.")
    minimum_groups = fields.Integer(
        string="Groups at Least", default=2, required=True,
        help="A score is given only where measures of this many groups are known.")

    _minimum_coverage_range = models.Constraint(
        'CHECK (minimum_coverage BETWEEN 0 AND 100)', "The share that has to be known is between 0 and 100 percent.")
    _minimum_groups_positive = models.Constraint(
        'CHECK (minimum_groups >= 1)', "Measures of at least one group have to be known.")

    @api.constrains('healthy_from', 'watch_from')
    def _check_thresholds(self):
        for card in self:
            if not 0 <= card.watch_from <= card.healthy_from <= 100:
                raise ValidationError(self.env._(
                    "On “%(card)s” customers would be healthy from %(healthy)s and at risk below %(watch)s. Both lie between "
                    "0 and 100, and healthy begins at the higher one.",
                    card=card.name, healthy=f'{card.healthy_from:g}', watch=f'{card.watch_from:g}'))

    # the name is given whenever a card is made, also when it is made without any line
    @api.constrains('name', 'line_ids')
    def _check_weights(self):
        for card in self:
            weights = card.line_ids.mapped('weight')
            if not weights:
                raise ValidationError(self.env._(
                    "The scorecard “%(card)s” needs at least one measure.", card=card.name))
            if any(weight < 0 for weight in weights):
                raise ValidationError(self.env._(
                    "A weight on “%(card)s” is negative. What should not count weighs 0.", card=card.name))
            if not any(weights):
                raise ValidationError(self.env._(
                    "All weights on “%(card)s” are zero, so that no measure would count. Give at least one of them a weight.",
                    card=card.name))

    @api.model
    def _get_lines(self):
        """Return the lines in force: those of active measures on active scorecards, by card."""
        return self.search([]).line_ids.filtered('measure_id.active')

    def _rules_values(self):
        """Return what a version of the rules keeps of this scorecard."""
        self.ensure_one()
        return {
            'name': self.name,
            'weights': {str(line.measure_id.id): line.weight for line in self.line_ids.filtered('measure_id.active')},
            'healthy': self.healthy_from,
            'watch': self.watch_from,
            'coverage': self.minimum_coverage,
            'groups': self.minimum_groups,
            'tiers': sorted(self.tier_ids.ids),
            'segments': sorted(self.segment_ids.ids),
        }

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        return [
            *super()._preview_triggers(), 'active', 'sequence', 'tier_ids', 'segment_ids', 'healthy_from', 'watch_from',
            'minimum_coverage', 'minimum_groups', 'line_ids.measure_id', 'line_ids.weight']

    def _preview_put(self, rules):
        key = self._origin.id or 0
        rules['cards'].pop(str(key), None)
        order = [card for card in self.search([]) if card != self._origin]
        if self.active:
            rules['cards'][str(key)] = self._rules_values()
            self._preview_use(rules, self.line_ids.measure_id)
            order.append(self)
        # a card that is not saved yet is the youngest
        order.sort(key=lambda card: (card.sequence, card._origin.id or float('inf')))
        rules['order'] = [card._origin.id or 0 for card in order]
