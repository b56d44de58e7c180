from datetime import timedelta

from odoo import fields, models

#: A day that suits is looked for so far behind the one that was meant.
LOOK_AHEAD = timedelta(days=62)
ONE_DAY = timedelta(days=1)


class CustomerFollowupDays(models.AbstractModel):
    """The days to which a follow-up is put off from its row, without a dialog: by the same rules as with it (CAD-8)."""

    _name = 'customer.followup.days'
    _description = "Days to Put Follow-ups Off To"

    def _offered(self, followup):
        """Return the days that the row of a follow-up offers; see ``customer.followup.get_put_off_days``."""
        env, reader = followup.env, followup.env['customer.contact.reader']
        today = fields.Date.context_today(followup)
        meant = {
            today + ONE_DAY: env._("Tomorrow"),
            today + timedelta(days=7 - today.weekday()): env._("Monday"),
            today + timedelta(days=7): env._("In a week"),
        }
        unsuitable = followup._unsuitable_days(min(meant), max(meant) + LOOK_AHEAD)
        days = {}
        for first, name in sorted(meant.items()):
            span = (first + number * ONE_DAY for number in range(LOOK_AHEAD.days + 1))
            day = next((day for day in span if not unsuitable(day)), None)
            if day and (day not in days or day == first):
                days[day] = {
                    'day': fields.Date.to_string(day), 'name': name, 'text': reader._short_day(day),
                    'note': '' if day == first else env._(
                        "%(day)s: %(why)s", day=reader._short_day(first), why=unsuitable(first))}
        return [days[day] for day in sorted(days)]

    def _unsuitable(self, followup, first, last):
        """Return a function that says of a day why a follow-up should not be put off to it; see
        ``customer.followup._unsuitable_days``."""
        followup.ensure_one()
        env = followup.env
        user = (followup.user_id or env.user).sudo()  # working hours and absences are no secret among colleagues
        company = followup.company_id.sudo()  # as above
        calendar = user.resource_calendar_id or company.resource_calendar_id
        works = env['resource.calendar']._customer_is_working(calendar.id or 0, company.id)
        absences = env['customer.absence'].sudo().search([  # as above
            ('user_id', '=', user.id), ('date_from', '<=', last), ('date_to', '>=', first)])
        partner = followup.partner_id

        def unsuitable(day):
            if any(absence.date_from <= day <= absence.date_to for absence in absences):
                return env._("%(user)s is away", user=user.name)
            if not works(day):
                return env._("not a working day")
            return next(iter(partner._customer_stops(day)), '') if partner else ''

        return unsuitable

    def _describe_put_off(self, followup):
        """Return how to say that a follow-up was moved: with its ``type`` and ``message``."""
        env = followup.env
        limit = env['res.config.settings']._customer_success('move_limit')
        values = {'what': followup.display_name, 'count': followup.move_count,
                  'day': env['customer.contact.reader']._short_day(followup.date_planned)}
        if followup.move_count >= limit:
            return {'type': 'warning', 'message': env._(
                "%(what)s: moved to %(day)s. That is move number %(count)s in a row; the team leader hears of it.", **values)}
        return {'type': 'success', 'message': env._("%(what)s: moved to %(day)s.", **values)}
