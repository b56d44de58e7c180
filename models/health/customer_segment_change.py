from odoo import fields, models

from .customer_health_snapshot import BANDS


class CustomerSegmentChange(models.Model):
    _inherit = 'customer.segment.change'

    cause = fields.Selection(selection_add=[('health', "Health"), ('rules',)], ondelete={'health': 'cascade'})
    health_band = fields.Selection(selection=BANDS, string="Health Then", readonly=True)
