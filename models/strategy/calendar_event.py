from odoo import fields, models

from ..profile.res_partner import GROUP_USER


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    customer_review_ids = fields.One2many(
        comodel_name='customer.review', inverse_name='event_id', string="Reviews", readonly=True, groups=GROUP_USER)

    def write(self, vals):
        """A review that is moved in the calendar takes place then."""
        result = super().write(vals)
        if {'start', 'stop', 'duration'} & vals.keys():
            reviews = self.sudo().customer_review_ids  # whoever moves the meeting need not see the review
            for review in reviews.filtered(lambda review: review.state == 'draft'):
                event = review.event_id
                hours = (event.stop - event.start).total_seconds() / 3600
                if review.meeting_at != event.start or hours > 0 and review.meeting_hours != hours:
                    review.write({'meeting_at': event.start, 'meeting_hours': hours if 0 < hours <= 24 else 24})
        return result
