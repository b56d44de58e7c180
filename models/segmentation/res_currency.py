from odoo import models


class ResCurrency(models.Model):
    """Which ones are in use decides what has a price."""

    _name = 'res.currency'
    _inherit = ['res.currency', 'customer.cached']
