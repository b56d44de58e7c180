from odoo import models


class ResCurrencyRate(models.Model):
    """Whether a currency has one decides which amounts are known."""

    _name = 'res.currency.rate'
    _inherit = ['res.currency.rate', 'customer.cached']
