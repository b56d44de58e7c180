from odoo import fields, models

from ...models.health.customer_pulse import SATISFACTION

#: So many offers are told of.
OFFERS = 2


class CustomerFollowupLog(models.TransientModel):
    _inherit = 'customer.followup.log'

    pulse = fields.Selection(
        selection=SATISFACTION, string="Satisfaction",
        help="How satisfied the customer is by your judgement. It counts for the customer's health.")

    def _prepare_good_to_know(self):
        """Add what to offer: the likeliest two, with their reasons."""
        offers = self.env['customer.offer'].search(
            [('partner_id', '=', self.partner_id.id), ('state', '=', 'open')], order='place, id', limit=OFFERS)
        return {**super()._prepare_good_to_know(), 'offers': offers}

    def _log(self):
        record = super()._log()
        if self.pulse and self.outcome != 'no_answer':
            self._log_pulse(record)
        return record

    def _log_pulse(self, record):
        """Keep how satisfied the customer showed to be in a contact; one of the same day is changed.

        :param record: the customer.followup of the contact
        """
        # whoever may log a contact with a customer may say how it was, also when standing in for a colleague
        pulses = self.env['customer.pulse'].sudo()
        values = {'score': self.pulse, 'followup_id': record.id, 'user_id': self.env.uid}
        pulse = pulses.search([('partner_id', '=', record.partner_id.id), ('date', '=', record.contact_day)])
        if pulse:
            pulse.write(values)
        else:
            pulses.create({'partner_id': record.partner_id.id, 'date': record.contact_day, **values})
