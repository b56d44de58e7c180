from odoo import models


class ResCompany(models.Model):
    """Its currency, zone and schedule are asked for with every customer."""

    _name = 'res.company'
    _inherit = ['res.company', 'customer.cached']
