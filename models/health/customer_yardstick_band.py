from odoo import api, fields, models


class CustomerYardstickBand(models.AbstractModel):
    """From which value on a yardstick gives how many points, up to where the next band begins (HEA-1, SEG-5)."""

    _name = 'customer.yardstick.band'
    _description = "Band of a Yardstick"
    _inherit = 'customer.health.config'

    #: The field with the yardstick that a band is of.
    _band_of = ''

    value_from = fields.Float(
        string="From Value", required=True, digits=(16, 4), help="The band begins here, this value included.")
    points = fields.Integer(default=0, required=True)

    @api.constrains(lambda self: (self._band_of, 'value_from', 'points'))
    def _check_bands(self):
        self[self._band_of]._check_bands()

    @api.depends('value_from', 'points')
    def _compute_display_name(self):
        for band in self:
            band.display_name = f'{band.value_from:g} → {band.points}'
