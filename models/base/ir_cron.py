from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

#: What an administrator changes who wants an action at another time.
MOVED = {'nextcall', 'interval_number', 'interval_type'}


class IrCron(models.Model):
    """Scheduled actions of the night run in that of the main company, wherever the server stands and whatever daylight
    saving does."""

    _inherit = 'ir.cron'

    customer_night_minutes = fields.Integer(
        string="Minutes Into the Night", readonly=True,
        help="So many minutes after the night begins, by the clock of the main company. When that is stands in the settings "
             "of Customer Success.")
    customer_by_hand = fields.Boolean(
        string="Moved by Hand", help="It runs when an administrator said. Untick it to have it run in the night again.")

    @api.model_create_multi
    def create(self, vals_list):
        crons = super().create(vals_list)
        for cron, vals in zip(crons, vals_list, strict=True):
            if vals.get('customer_night_minutes') and 'nextcall' not in vals:
                now = fields.Datetime.now()
                cron.with_context(customer_night=True).nextcall = min(
                    call for call in cron._customer_nights(now) if call > now)
        return crons

    def write(self, vals):
        """An action that somebody moves stays where it was moved to."""
        if MOVED & vals.keys() and 'customer_by_hand' not in vals and not self.env.context.get('customer_night'):
            vals = {**vals, 'customer_by_hand': True}
        result = super().write(vals)
        if vals.get('customer_by_hand') is False:
            self._customer_to_night()
        return result

    @api.model
    def _customer_keep_night(self):
        """Put the actions of the night where they belong: the company may have moved, the clocks been changed, another hour
        been set. What runs right now, or was moved by hand, stays."""
        crons = self.sudo().with_context(active_test=False).search([  # whoever changes the company's address
            ('customer_night_minutes', '>', 0), ('customer_by_hand', '=', False)])
        crons.try_lock_for_update(allow_referencing=True)._customer_to_night()

    def _customer_to_night(self):
        """Let these actions run next in the night that is nearest to when they would."""
        now = fields.Datetime.now()
        for cron in self.filtered('customer_night_minutes'):
            calls = cron._customer_calls(max(cron.nextcall, now))
            if cron.nextcall > now and cron.nextcall not in calls:
                nextcall = cron.nextcall
                cron.with_context(customer_night=True).nextcall = min(
                    (call for call in calls if call > now), key=lambda call: abs(call - nextcall))

    def _customer_calls(self, moment):
        """Return when this action may run around a moment: at its time of the night, and from there on in its interval if
        that is one of hours.

        :param datetime moment: in UTC
        :rtype: list[datetime]
        """
        nights = self._customer_nights(moment)
        if self.interval_type != 'hours':
            return nights
        step = timedelta(hours=self.interval_number)
        return [night + number * step for night in nights for number in range(max(24 // self.interval_number, 1))]

    def _customer_nights(self, moment):
        """Return the times of this action in the nights around a moment, in UTC.

        :param datetime moment: in UTC
        :rtype: list[datetime]
        """
        clock = self.env['customer.clock']
        zone = pytz.timezone(clock._zone(clock._main_company()))
        minutes = 60 * self.env['res.config.settings']._customer_success('night_hour') + self.customer_night_minutes
        today, day = pytz.utc.localize(moment).astimezone(zone).date(), timedelta(days=1)
        return [
            zone.normalize(zone.localize(datetime.combine(today + offset * day, time()) + timedelta(minutes=minutes)))
            .astimezone(pytz.utc).replace(tzinfo=None)
            for offset in range(-2, 3)]
