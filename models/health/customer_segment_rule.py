from odoo import api, fields, models

from .customer_health_snapshot import BANDS


class CustomerSegmentRule(models.Model):
    """Health as a condition of segments: nobody at risk is called stable (SEG-4, HEA-1)."""

    _inherit = 'customer.segment.rule'

    health = fields.Selection(
        selection=BANDS, help="Empty: whatever the health, also where there is no score.")

    @api.model
    def _conditions(self):
        return [*super()._conditions(), 'health']

    def _meets(self, name, partner):
        if name == 'health':
            return self.health == (partner.customer_health_band or 'none')
        return super()._meets(name, partner)

    def _describe_condition(self, name):
        if name == 'health':
            return self.env._("health “%(band)s”", band=self._describe_value(name))
        return super()._describe_condition(name)


class CustomerSegmentChange(models.Model):
    _inherit = 'customer.segment.change'

    cause = fields.Selection(selection_add=[('health', "Health"), ('rules',)], ondelete={'health': 'cascade'})
    health_band = fields.Selection(selection=BANDS, string="Health Then", readonly=True)
