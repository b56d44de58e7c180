from odoo import api, fields, models


class CustomerHealthBand(models.Model):
    """From which value on a measure gives how many points, up to where the next band begins (HEA-1)."""

    _name = 'customer.health.band'
    _description = "Band of a Health Measure"
    _inherit = 'customer.health.config'
    _order = 'measure_id, value_from, id'

    measure_id = fields.Many2one(
        comodel_name='customer.health.measure', required=True, index=True, ondelete='cascade')
    value_from = fields.Float(
        string="From Value", required=True, digits=(16, 4), help="The band begins here, this value included.")
    points = fields.Integer(default=0, required=True, help="0 is the worst, 100 the best.")

    @api.constrains('measure_id', 'value_from', 'points')
    def _check_bands(self):
        self.measure_id._check_bands()

    @api.depends('value_from', 'points')
    def _compute_display_name(self):
        for band in self:
            band.display_name = f'{band.value_from:g} → {band.points}'
