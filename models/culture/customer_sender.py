from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.suitability import CLOSED


class CustomerSender(models.AbstractModel):
    _inherit = 'customer.sender'

    @api.model
    def _due_domain(self):
        """Leave to people what has taken its fallback channel: the email of the touchpoint is not what suits the day."""
        return super()._due_domain() & Domain('switched', '=', False)

    @api.model
    def _open_days(self, followups):
        """Let nothing leave on the customer's weekend and public holidays, and in periods that forbid the channel.

        The planner keeps off such days as far as the touchpoint allows; what has to stay on one waits for the next.
        """
        suitability = self.env['customer.suitability']
        places = {followup.id: suitability._key(followup.partner_id) for followup in followups}
        channels = {followup.id: followup.channel_id.id for followup in followups}
        today, margin = fields.Datetime.now().date(), timedelta(days=1)  # it may be another day at the customer's
        sides = suitability._sides(places.values(), today - margin, today + margin)
        by_week = super()._open_days(followups)

        def is_open(followup, day):
            side = sides[places[followup.id]]
            if len(side.week) == 7 and not by_week(followup, day):
                return False  # nothing is known of the customer's week
            return side.verdict(day, channels[followup.id]).fit != CLOSED

        return is_open
