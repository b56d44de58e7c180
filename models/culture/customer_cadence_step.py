from odoo import api, fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    when_unfit = fields.Selection(
        selection=[
            ('wait', "Wait for a day that suits"),
            ('switch', "Take the fallback channel"),
            ('wait_switch', "Wait, else take the fallback channel"),
        ],
        string="If the Day Does Not Suit",
        default='wait_switch',
        required=True,
        help="On a public holiday of the customer, or in a period in which the customer's culture forbids the channel. "
             "Nobody waits past the latest day: then the follow-up stays where it is, with a warning.",
    )
    direction = fields.Selection(
        selection=[('later', "Later"), ('earlier', "Earlier, else later"), ('nearest', "The nearest day")],
        string="Which Way",
        default='later',
        required=True,
        help="Earlier and nearest look back as many days as the touchpoint has until it is overdue, at most half its "
             "interval.",
    )

    @api.model
    def _planning_fields(self):
        return super()._planning_fields() | {'when_unfit', 'direction'}

    def _days_back(self):
        """Return how many days earlier than due the touch may be made."""
        self.ensure_one()
        if self.direction == 'later':
            return 0
        days = {'day': 1, 'week': 7, 'month': 30, 'year': 365}
        if self.kind == 'event':
            span = self.delay_count if self.delay_unit == 'day' else 0
        else:
            span = self.interval_count * days[self.interval_unit] // 2
        return min(self.grace_days, span)
