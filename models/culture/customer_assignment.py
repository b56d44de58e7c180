from odoo import api, models


class CustomerAssignment(models.Model):
    _inherit = 'customer.assignment'

    @api.model
    def _say_known(self, env, name, key):
        if name != 'culture':
            return super()._say_known(env, name, key)
        return env._("at home in the culture %(culture)s", culture=self._name_of(env, 'customer.culture', int(key)))
