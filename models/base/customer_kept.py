from odoo import api, models


class CustomerKept(models.AbstractModel):
    """Guarded records that check nothing else when people write: what is not open is refused, in new records too.

    Where a model does more before or after the guard, it takes `customer.guarded` and calls `_guard` itself: what it adds to
    the values is not written by people.
    """

    _name = 'customer.kept'
    _description = "Records That Actions Keep"
    _inherit = ['customer.guarded']

    @api.model_create_multi
    def create(self, vals_list):
        self._guard({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._guard(vals)
        return super().write(vals)
