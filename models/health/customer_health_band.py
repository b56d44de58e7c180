from odoo import fields, models


class CustomerHealthBand(models.Model):
    """From which value on a measure gives how many points, up to where the next band begins (HEA-1)."""

    _name = 'customer.health.band'
    _description = "Band of a Health Measure"
    _inherit = 'customer.yardstick.band'
    _band_of = 'measure_id'
    _order = 'measure_id, value_from, id'

    measure_id = fields.Many2one(
        comodel_name='customer.health.measure', required=True, index=True, ondelete='cascade')
    points = fields.Integer(help="0 is the worst, 100 the best.")
