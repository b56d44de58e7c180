from odoo import api, models

from ..base.customer_cached import NOTES


class CustomerHealthConfig(models.AbstractModel):
    """What the health of all customers follows from: when somebody changes it, the scores are made anew."""

    _name = 'customer.health.config'
    _inherit = ['customer.cached']
    _description = "Rules of the Health Score"

    #: The scheduled action that applies the rules.
    _config_cron = 'ir_cron_health'

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self._ask_for_refresh()
        return records

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - NOTES:
            self._ask_for_refresh()
        return result

    def unlink(self):
        result = super().unlink()
        self._ask_for_refresh()
        return result

    @api.model
    def _ask_for_refresh(self):
        """Have the nightly action run as soon as possible."""
        # while the addon is being installed the action may not be there yet
        if cron := self.env.ref(f'customer_success.{self._config_cron}', raise_if_not_found=False):
            cron.sudo()._trigger()  # whoever may change the rules may have them applied
