from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain


class CustomerAutomatic(models.AbstractModel):
    """What is in the queue and must not leave any more (CAD-10)."""

    _inherit = 'customer.automatic'

    @api.model
    def _cancel_unsent(self, steps):
        """Cancel the messages of touchpoints that are in the queue: what was closed with them is open again, for people or for
        the cadence that holds now.

        :param steps: customer.cadence.step that send nothing by themselves any more
        :return: how many
        """
        unsent = self._unsent(Domain('step_id', 'in', steps.ids))
        for followup in unsent:
            says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            self._stop_message(followup, says.env._("It was switched off before the message left."), 'stopped')
        return len(unsent)

    @api.model
    def _unsent(self, domain):
        """Return the closed follow-ups whose message has not left the queue yet.

        :param domain: domain on customer.followup
        """
        closed = Domain(domain) & Domain('state', '=', 'done')
        followups = self.env['customer.followup'].search(closed & Domain('mail_id.state', '=', 'outgoing'))
        texts = self.env['sms.sms'].search([('state', '=', 'outgoing'), ('customer_delivery', '=', 'waiting')])
        return followups | followups.search(closed & Domain('sent_message_id', 'in', texts.mail_message_id.ids))

    @api.model
    def _cancel_message(self, followup):
        """Take the message of a follow-up out of the queue."""
        followup.mail_id.filtered(lambda mail: mail.state == 'outgoing').cancel()
        self.env['sms.sms'].search([
            ('mail_message_id', '=', followup.sent_message_id.id), ('mail_message_id', '!=', False), ('state', '=', 'outgoing'),
        ]).action_set_canceled()

    @api.model
    def _stop_in_queue(self, followups):
        """Take out of the queue what must not leave any more: the person left or wants no messages, which is for a person to
        look at; or the customer is not to be contacted, is paused or waits for something, and it is planned again.

        :param followups: closed ones with messages in the queue
        :return: those that were stopped
        """
        stopped, addressee, waits = followups.browse(), self.env['customer.addressee'], followups.browse()
        for medium, group in followups.grouped(lambda followup: followup.channel_id.medium).items():
            refused = addressee._refused(
                [(followup.contact_id.id, followup.partner_id.id) for followup in group], medium, chosen=True)
            for followup in group:
                if followup.contact_id.id not in refused:
                    continue
                says = addressee.with_context(lang=followup.user_id.lang or self.env.lang)
                self._stop_message(followup, says._describe_refused(
                    followup.partner_id, medium, [(followup.contact_id, refused[followup.contact_id.id])]), 'stopped')
                stopped |= followup
        for __, domain in self._waits().values():
            waits |= followups.filtered_domain(domain)
        for followup in followups - stopped:
            stops = followup.partner_id._customer_stops(followup.partner_id._customer_now().date())
            if stops or followup in waits:
                says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
                self._stop_message(followup, says.env._("It was stopped before the message left."), None)
                stopped |= followup
        return stopped

    @api.model
    def _stop_message(self, followup, reason, problem):
        self._cancel_message(followup)
        self._take_back(followup, reason, for_good=True, problem=problem)

    # ------------------------------------------------------------
    # OFFICE HOURS OF WHAT IS IN THE QUEUE
    # ------------------------------------------------------------

    @api.model
    def _too_late(self, followups):
        """Return those whose message comes to leave out of the customer's office hours, because the queue stood still.

        :param followups: closed ones with messages in the queue
        """
        return followups - self._ready(followups)

    @api.model
    def _morning(self, followup):
        """Return when the next day's office hours begin at the customer's; whether they are open then is asked again.

        :rtype: datetime.datetime
        """
        hour = self.env['res.config.settings']._customer_success('send_from_hour')
        now = followup.partner_id._customer_now()
        day = now.date() if now.hour < hour else now.date() + timedelta(days=1)
        zone = pytz.timezone(followup.partner_id._customer_zone())
        # an hour that the clocks leave out begins when they go on
        morning = zone.normalize(zone.localize(datetime.combine(day, time(hour % 24))))
        return max(morning.astimezone(pytz.utc).replace(tzinfo=None), fields.Datetime.now() + timedelta(minutes=5))
