from datetime import date, timedelta

from odoo import api, models
from odoo.tools import SQL

from ...engine import clock, schedule
from ...engine.zones import day_in


class CustomerPlanDates(models.AbstractModel):
    """Moves the dates of a plan that hang on working hours and pauses: few, so that they go through the engine row by row
    (CAD-4)."""

    _name = 'customer.plan.dates'
    _description = "Dates of a Plan"

    def _apply_working_time(self, planner):
        """Count the waits of touchpoints that count in working time. They are few, so this goes through the engine row by
        row; where nobody ever works by the calendar, the wait counts all the time."""
        rows = planner.env.execute_query(SQL(
            """SELECT w.ctid::text, w.work_from, w.timed_zone, w.calendar_id, w.company_id, s.delay_count, s.delay_unit
                 FROM customer_plan w JOIN customer_cadence_step s ON s.id = w.step_id WHERE w.work_from IS NOT NULL"""))
        if not rows:
            return
        schedules, counted = {}, []
        for row_id, start, zone, *place, count, unit in rows:
            if tuple(place) not in schedules:
                schedules[tuple(place)] = self._schedule(*place, min(row[1] for row in rows))
            try:
                moment, day = self._after_work(schedules[tuple(place)], start, count, unit)
            except clock.NeverWorksError:
                continue
            counted.append((row_id, moment, day or day_in(zone, moment)))
        if counted:
            planner.env.cr.execute(SQL(
                """UPDATE customer_plan w
                      SET timed_at = m.moment, timed_on = m.day, date_raw = m.day, date_planned = COALESCE(w.date_manual, m.day)
                     FROM unnest(%s, %s::timestamp[], %s) AS m(row_id, moment, day) WHERE w.ctid = m.row_id::tid""",
                *(list(column) for column in zip(*counted, strict=True))))

    @api.model
    def _schedule(self, calendar_id, company_id, since):
        """Return the working hours of a calendar for the engine, see ``resource.calendar._customer_schedule``."""
        return self.env['resource.calendar'].browse(calendar_id or [])._customer_schedule(
            self.env['res.company'].browse(company_id), since)

    @api.model
    def _after_work(self, hours, start, count, unit):
        """Return the moment at which so much working time is over; of whole days the day alone.

        :param hours: ``engine.clock.Schedule``
        :param datetime start: in UTC
        :param str unit: minute, hour, or day: one on which somebody works at all
        :rtype: tuple[datetime | None, date | None]
        :raises NeverWorksError: when nobody works by this schedule
        """
        if unit == 'day':
            return None, clock.working_day_after(hours, day_in(hours.zone, start), count)
        return clock.plan(hours, start, timedelta(minutes=count * (60 if unit == 'hour' else 1))).due, None

    def _apply_pauses(self, planner):
        """Let the clocks of paused customers stand still. Pauses are few, so this goes through the engine row by row."""
        pauses, today, day = {}, {}, timedelta(days=1)
        for partner_id, start, end, begun, manager_day in planner.env.execute_query(SQL(
                "SELECT q.id, s.date_from, s.date_to, s.begun, %s FROM %s",
                planner._pause_day_sql(SQL("p")), planner._paused_sql())):
            pauses.setdefault(partner_id, []).append(schedule.Pause(start, end))
            # what has begun for one user has begun for all, whatever day it is where the others are
            today[partner_id] = max(today.get(partner_id, manager_day), start if begun else date.min)
        if not pauses:
            return
        moved = []
        for row_id, partner_id, anchor, raw, manual in planner.env.execute_query(SQL(
                """SELECT ctid::text, partner_id, date_anchor, date_raw, date_manual FROM customer_plan
                    WHERE partner_id = ANY(%s)""", list(pauses))):
            if manual:
                free = schedule.skip_pauses(manual - day, manual, pauses[partner_id], today[partner_id])
            else:
                free = schedule.skip_pauses(anchor, raw, pauses[partner_id], today[partner_id])
            if free != (manual or raw):
                moved.append((row_id, free))
        if moved:
            planner.env.cr.execute(SQL(
                """UPDATE customer_plan w SET date_planned = m.day, move_kind = 'pause'
                     FROM unnest(%s, %s) AS m(row_id, day) WHERE w.ctid = m.row_id::tid""",
                [row_id for row_id, __ in moved], [free for __, free in moved]))
