from odoo import models


class CustomerCadence(models.Model):
    _inherit = 'customer.cadence'

    def _used_besides(self):
        """Those that were agreed on in a strategy, or are in a template of strategies, are in use."""
        used = super()._used_besides()
        for model, running in (('customer.strategy', [('state', '!=', 'done')]), ('customer.strategy.template', [])):
            # strategies of every salesperson
            used |= {cadence.id for cadence, in self.env[model].sudo()._read_group(
                [('cadence_id', 'in', self.ids), *running], ['cadence_id'])}
        return used
