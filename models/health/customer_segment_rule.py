from odoo import api, fields, models

from ..platform.counted import points
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
            return self.health == self.env['customer.segmenter']._calm_band(partner)
        return super()._meets(name, partner)

    def _explain_conditions(self, partner):
        lines, shown = super()._explain_conditions(partner), partner.customer_health_band or 'none'
        if not self.health or self.health == shown:
            return lines
        margin = self.env['res.config.settings']._customer_success('segment_health_margin')
        return [*lines, self.env._(
            "Its health is “%(shown)s” by now. It counts as better when the score has passed the border by %(points)s.",
            shown=dict(self._fields['health']._description_selection(self.env))[shown], points=points(self.env, margin))]

    def _describe_condition(self, name):
        if name == 'health':
            return self.env._("health “%(band)s”", band=self._describe_value(name))
        return super()._describe_condition(name)
