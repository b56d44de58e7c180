from odoo import api, models
from odoo.fields import Domain

from ..base.customer_day import Act, Kind, Line, Told
from ..platform.counted import plural


class CustomerDay(models.AbstractModel):
    """Warnings about customers, the red ones apart from the others."""

    _inherit = 'customer.day'

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            'warning_red': Kind(
                self.env._("Red warnings"), 'customer.warning', lambda day: self._warning_domain(day, '=', '3'),
                self._warning_lines, order='date, id', action='customer_warning_action'),
            'warning': Kind(
                self.env._("Other warnings"), 'customer.warning', lambda day: self._warning_domain(day, '!=', '3'),
                self._warning_lines, action='customer_warning_action'),
        }

    @api.model
    def _warning_domain(self, day, operator, level):
        awake = Domain('snooze_until', '=', False) | Domain('snooze_until', '<=', day.today)
        return Domain('user_id', '=', day.user.id) & Domain('state', '=', 'open') & Domain('level', operator, level) & awake

    @api.model
    def _warning_lines(self, records, day):
        labels = dict(self.env['customer.warning']._selection_signal())
        return [Line(
            warning, warning.partner_id, labels.get(warning.signal, warning.signal), warning.reason or '',
            icon='fa-exclamation-triangle', late=warning.level == '3',
            does=(Act('action_take_on', self.env._("Take on"), 'fa-check'),
                  Act('action_change', self.env._("Put off, hand over or close"), 'fa-forward')),
        ) for warning in records]

    @api.model
    def _meanwhile(self, day, start):
        domain = Domain('partner_id.user_id', '=', day.user.id) & Domain('date', '>=', start)
        count = self.env['customer.warning'].search_count(domain)
        return super()._meanwhile(day, start) + ([Told(plural(
            count, self.env._("One warning was raised."), self.env._("%(count)s warnings were raised.", count=count)),
            'customer.warning', domain)] if count else [])
