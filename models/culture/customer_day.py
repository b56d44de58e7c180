from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from ..base.customer_day import BETWEEN, Kind, Line
from ..platform.local_text import day_text


class CustomerDay(models.AbstractModel):
    """Occasions of the coming days of whom nobody is asked to greet: to be known before one calls."""

    _inherit = 'customer.day'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'occasion': Kind(
            self.env._("Occasions of the coming days"), 'customer.occasion.coming', self._occasion_domain,
            self._occasion_lines, order='date, partner_id, id', people=('partner_id', 'customer_id'),
            reads=('date', 'partner_id', 'customer_id', 'kind_id', 'festival_id', 'note'),
            action='customer_occasion_coming_action')}

    @api.model
    def _occasion_domain(self, day):
        """Return the domain of the occasions that have no greeting: one that is there is a follow-up of its own."""
        last = day.today + timedelta(days=self.env['res.config.settings']._customer_success('day_ahead'))
        return Domain('user_id', '=', day.user.id) & Domain('date', '>=', day.today) & Domain('date', '<=', last) & Domain(
            'greeting_id', '=', False) & Domain('customary', '=', True)

    @api.model
    def _occasion_lines(self, records, day):
        return [Line(
            row, row.customer_id, row.festival_id.name or row.kind_id.name, BETWEEN.join(text for text in (
                day_text(self.env, row.date, 'MMMEd'), row.partner_id.name if row.partner_id != row.customer_id else '',
                row.note) if text),
            icon=row.kind_id.icon or 'fa-gift', person=row.partner_id, opens='action_open') for row in records]
