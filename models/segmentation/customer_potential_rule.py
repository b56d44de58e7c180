from odoo import api, models


class CustomerPotentialRule(models.AbstractModel):
    """A rule of the potential: when it changes, that of all customers is computed anew as soon as possible."""

    _name = 'customer.potential.rule'
    _inherit = ['customer.cached']
    _description = "Rule of the Potential"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env['customer.potential.keeper']._ask()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if self._matters() & vals.keys():
            self.env['customer.potential.keeper']._ask()
        return result

    def unlink(self):
        result = super().unlink()
        self.env['customer.potential.keeper']._ask()
        return result

    @api.model
    def _matters(self):
        """Return the fields whose change makes another potential."""
        return set()
