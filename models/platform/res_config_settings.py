from odoo import models


class ResConfigSettings(models.TransientModel):
    _name = 'res.config.settings'
    _inherit = ['customer.settings.fields', 'res.config.settings']
