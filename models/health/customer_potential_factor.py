from odoo import api, models


class CustomerPotentialFactor(models.Model):
    """A customer's worth has its potential in it, and is no factor of that."""

    _inherit = 'customer.potential.factor'

    @api.model
    def _made_of_it(self):
        return super()._made_of_it() | {'value_score'}
