from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: A day that suits is looked for so far behind the one that was meant.
LOOK_AHEAD = timedelta(days=62)
ONE_DAY = timedelta(days=1)


class CustomerFollowup(models.Model):
    """Follow-ups put off from their row, without a dialog: by the same rules as with it (CAD-8)."""

    _inherit = 'customer.followup'

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.readonly
    def get_put_off_days(self):
        """Return the days that the row of a follow-up offers: the first that suits from tomorrow, from Monday, and from this
        day of next week on. Of two that come to the same day the one is named that means just that day.

        :return: dicts with the ``day`` (ISO), its ``name``, the day as ``text``, and a ``note`` that says why it is not the
            day that was meant, or ''
        :rtype: list[dict]
        """
        self._customer_one()
        if self.state != 'planned':
            return []
        today = fields.Date.context_today(self)
        meant = {
            today + ONE_DAY: self.env._("Tomorrow"),
            today + timedelta(days=7 - today.weekday()): self.env._("Monday"),
            today + timedelta(days=7): self.env._("In a week"),
        }
        unsuitable = self._unsuitable_days(min(meant), max(meant) + LOOK_AHEAD)
        days = {}
        for first, name in sorted(meant.items()):
            span = (first + number * ONE_DAY for number in range(LOOK_AHEAD.days + 1))
            day = next((day for day in span if not unsuitable(day)), None)
            if day and (day not in days or day == first):
                days[day] = {
                    'day': fields.Date.to_string(day), 'name': name, 'text': self._short_day(day),
                    'note': '' if day == first else self.env._(
                        "%(day)s: %(why)s", day=self._short_day(first), why=unsuitable(first))}
        return [days[day] for day in sorted(days)]

    def action_put_off(self, day):
        """Move this follow-up to a day, for the shipped reason; where that asks for a sentence, the dialog opens.

        :param day: a date or its text (ISO), today or later
        :return: an action that says what was done, or the dialog
        :rtype: dict
        """
        self._customer_one()
        try:
            day = fields.Date.to_date(day)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.env._("“%(text)s” is not a day. Write it like 2027-01-31.", text=day)) from error
        self._check_customer_values({'date_planned': day})
        reason = self.env.ref('customer_success.customer_reason_put_off', raise_if_not_found=False)
        reason = reason or self.env['customer.reason']
        if reason.needs_note:
            return self.with_context(
                default_action='move', default_date=day, default_reason_id=reason.id).action_change()
        self._move(day, reason)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {**self._describe_put_off(), 'next': {'type': 'ir.actions.act_window_close'}},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _describe_put_off(self):
        """Return how to say that this follow-up was moved: with its ``type`` and ``message``."""
        limit = self.env['res.config.settings']._customer_success('move_limit')
        values = {'what': self.display_name, 'day': self._short_day(self.date_planned), 'count': self.move_count}
        if self.move_count >= limit:
            return {'type': 'warning', 'message': self.env._(
                "%(what)s: moved to %(day)s. That is move number %(count)s in a row; the team leader hears of it.", **values)}
        return {'type': 'success', 'message': self.env._("%(what)s: moved to %(day)s.", **values)}

    @api.model
    def _short_day(self, day):
        """Return a day with its weekday, the way the language writes it short."""
        return self.env['customer.contact.reader']._short_day(day)

    def _unsuitable_days(self, first, last):
        """Return a function that says of a day why this follow-up should not be put off to it; '' where it may.

        Other wings add what speaks against a day.

        :param date first: first day that will be asked about
        :param date last: last day that will be asked about
        """
        self.ensure_one()
        user = (self.user_id or self.env.user).sudo()  # working hours and absences are no secret among colleagues
        company = self.company_id.sudo()  # as above
        calendar = user.resource_calendar_id or company.resource_calendar_id
        works = self.env['resource.calendar']._customer_is_working(calendar.id or 0, company.id)
        absences = self.env['customer.absence'].sudo().search([  # as above
            ('user_id', '=', user.id), ('date_from', '<=', last), ('date_to', '>=', first)])
        partner = self.partner_id

        def unsuitable(day):
            if any(absence.date_from <= day <= absence.date_to for absence in absences):
                return self.env._("%(user)s is away", user=user.name)
            if not works(day):
                return self.env._("not a working day")
            return next(iter(partner._customer_stops(day)), '') if partner else ''

        return unsuitable
