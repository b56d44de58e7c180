from odoo import api, fields, models

from ..platform.counted import days as in_days


class CustomerSegmentRule(models.Model):
    """Silence as a condition of segments: nobody unheard of for long is called stable (SEG-4, CAD-1)."""

    _inherit = 'customer.segment.rule'

    silent_days = fields.Integer(
        string="Silent (days)",
        help="Customers with whom nobody spoke for more days than this; who came later counts from that day. 0: whatever.")

    _silent_days_positive = models.Constraint('CHECK (silent_days >= 0)', "The days of silence can't be negative.")

    @api.model
    def _conditions(self):
        return [*super()._conditions(), 'silent_days']

    def _meets(self, name, partner):
        if name == 'silent_days':
            heard_on = partner._customer_heard_on()
            return bool(heard_on) and (fields.Date.context_today(self) - heard_on).days > self.silent_days
        return super()._meets(name, partner)

    def _describe_condition(self, name):
        if name == 'silent_days':
            return self.env._("silent for more than %(days)s", days=in_days(self.env, self.silent_days))
        return super()._describe_condition(name)
