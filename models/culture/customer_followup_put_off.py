from odoo import models

from ...engine.suitability import GOOD
from ..platform.counted import days


class CustomerFollowup(models.Model):
    _inherit = 'customer.followup'

    def _unsuitable_days(self, first, last):
        """Add the days on which the customer is closed or its culture speaks against the channel, and those that come too
        soon for a visit: what the dialog warns of."""
        by_person, advice = super()._unsuitable_days(first, last), self.env['customer.advice']
        look = advice._look(self.partner_id.commercial_partner_id, last, self.channel_id)

        def unsuitable(day):
            if why := by_person(day):
                return why
            verdict = look.side.verdict(day, self.channel_id.id)
            if verdict.fit != GOOD:
                return advice._cause_name(look, verdict) or self.env._("not a working day at the customer's")
            return '' if advice._in_time(look, self.channel_id, day) else self.env._(
                "a visit is announced %(days)s ahead", days=days(self.env, advice._notice_days(look.culture)))

        return unsuitable
