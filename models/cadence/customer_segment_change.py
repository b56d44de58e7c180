from odoo import fields, models


class CustomerSegmentChange(models.Model):
    _inherit = 'customer.segment.change'

    cause = fields.Selection(selection_add=[('silence', "Silence"), ('rules',)], ondelete={'silence': 'cascade'})
