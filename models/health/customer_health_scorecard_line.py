from odoo import api, fields, models


class CustomerHealthScorecardLine(models.Model):
    """How much a measure weighs on a scorecard (HEA-1)."""

    _name = 'customer.health.scorecard.line'
    _description = "Measure on a Health Scorecard"
    _inherit = 'customer.health.config'
    _order = 'scorecard_id, sequence, id'
    _rec_name = 'measure_id'

    scorecard_id = fields.Many2one(
        comodel_name='customer.health.scorecard', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    measure_id = fields.Many2one(
        comodel_name='customer.health.measure', required=True, index=True, ondelete='restrict')
    group_id = fields.Many2one(related='measure_id.group_id')
    weight = fields.Float(default=10, required=True, help="In proportion to the other weights of this card; 0 only shows it.")
    share = fields.Float(string="Share (%)", compute='_compute_share', help="The weight, in percent of all weights of the card.")

    _measure_uniq = models.Constraint(
        'UNIQUE (scorecard_id, measure_id)', "This measure is already on the scorecard. Change its weight instead.")

    @api.constrains('weight')
    def _check_weights(self):
        self.scorecard_id._check_weights()

    @api.depends('weight', 'scorecard_id.line_ids.weight')
    def _compute_share(self):
        for line in self:
            total = sum(line.scorecard_id.line_ids.mapped('weight'))
            line.share = 100 * line.weight / total if total else 0
