from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..base.customer_day import Act, Kind, Line


class CustomerDay(models.AbstractModel):
    """What an onboarding waits for."""

    _inherit = 'customer.day'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'onboarding': Kind(
            self.env._("Items of onboardings that are due"), 'customer.onboarding.item', self._item_domain, self._item_lines,
            order='due_at, id')}

    @api.model
    def _item_domain(self, day):
        """Return the domain of the items that are due today; whose follow-up is planned stands there by that."""
        return Domain('onboarding_id.user_id', '=', day.user.id) & Domain('onboarding_id.state', '=', 'running') & Domain(
            'done_at', '=', False) & Domain('due_at', '<', day.end) & Domain('plan_item_id.step_id', '=', False)

    @api.model
    def _item_lines(self, records, day):
        now, tick = fields.Datetime.now(), (Act('action_tick', self.env._("Done"), 'fa-check'),)
        return [Line(
            item, item.onboarding_id.partner_id, item.name, self.env._(
                "Onboarding, due %(moment)s", moment=format_datetime(self.env, item.due_at, dt_format='short')),
            icon='fa-rocket', late=item.due_at < now, until=item.due_at, does=tick, opens='action_open_onboarding')
            for item in records]
