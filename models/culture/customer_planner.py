from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...engine import suitability

#: So far a date may end up from where it was: a calendar is asked no further.
LOOK_AHEAD = timedelta(days=400)

#: What a day is asked about: all customers that agree in these get the same answer.
KEY = ('calendar_id', 'company_id', 'country_id', 'state_id', 'culture_id', 'step_id', 'channel_id')


class CustomerPlanner(models.AbstractModel):
    _inherit = 'customer.planner'

    @api.model
    def _planned_columns(self):
        return [*super()._planned_columns(), 'move_period_id', 'move_holiday_id', 'switched', 'unfit']

    @api.model
    def _customer_columns_sql(self):
        """Add where the customer is and which culture profile it has, 0 for none."""
        return SQL(
            """%s, COALESCE(p.country_id, (SELECT country_id FROM res_country_state WHERE id = p.state_id), 0) AS country_id,
               COALESCE(p.state_id, 0) AS state_id,
               COALESCE(%s, 0) AS culture_id""",
            super()._customer_columns_sql(), self.env['customer.culture']._partner_sql('p'))

    @api.model
    def _carried_sql(self, customer):
        """Carry these columns on to the plan, and make room for what the calendars will say."""
        super()._carried_sql(customer)
        result = SQL(
            ", NULL::int AS move_period_id, NULL::int AS move_holiday_id, FALSE AS switched, FALSE AS unfit")
        if not customer:
            return SQL(", 0 AS country_id, 0 AS state_id, 0 AS culture_id %s", result)
        return SQL(
            # a state makes a difference only where it has holidays or a working week of its own
            """, %(customer)s.country_id, CASE WHEN %(customer)s.state_id IN (
                   SELECT state_id FROM customer_holiday WHERE state_id IS NOT NULL
                    UNION SELECT state_id FROM customer_state_calendar WHERE own_week
               ) THEN %(customer)s.state_id ELSE 0 END AS state_id, %(customer)s.culture_id %(result)s""",
            customer=SQL.identifier(customer), result=result)

    @api.model
    def _apply_calendars(self):
        """Move what falls on a day that does not suit to one that does, or give it the fallback channel (CUL-2).

        Customers that agree in everything that matters get their answer together, so the cost follows the number of
        different answers, not that of customers.
        """
        result = super()._apply_calendars()
        key = SQL(", ").join(SQL.identifier(name) for name in KEY)
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT %s, date_planned, move_kind = 'pause' FROM customer_plan
                WHERE step_id IS NOT NULL AND channel_id IS NOT NULL AND date_planned IS NOT NULL
                  AND move_kind <> 'manual'""", key))
        moves = list(self._moves(rows)) if rows else []
        if moves:
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_plan_move"))
            self.env.cr.execute(SQL(
                """CREATE TEMPORARY TABLE customer_plan_move (
                       calendar_id int, company_id int, country_id int, state_id int, culture_id int, step_id int,
                       channel_id int, day date, paused bool, new_day date, due date, new_channel_id int, kind text,
                       period_id int, holiday_id int, unfit bool) ON COMMIT DROP"""))
            self.env.cr.execute_values("INSERT INTO customer_plan_move VALUES %s", moves, page_size=1000)
            self.env.cr.execute(SQL("ANALYZE customer_plan_move"))
            same = SQL(" AND ").join(
                SQL("w.%s = m.%s", SQL.identifier(name), SQL.identifier(name)) for name in KEY)
            self.env.cr.execute(SQL(
                """UPDATE customer_plan w
                      SET date_planned = m.new_day, date_due = m.due, channel_id = m.new_channel_id,
                          move_kind = CASE w.move_kind WHEN 'none' THEN m.kind ELSE w.move_kind END,
                          move_period_id = m.period_id, move_holiday_id = m.holiday_id, unfit = m.unfit,
                          switched = m.new_channel_id <> m.channel_id
                     FROM customer_plan_move m
                    WHERE %s AND w.date_planned = m.day AND (w.move_kind = 'pause') = m.paused
                      AND w.step_id IS NOT NULL AND w.move_kind <> 'manual'""", same))
        return result

    @api.model
    def _moves(self, rows):
        """Yield what changes, as rows of the temporary table.

        :param rows: the different questions: :data:`KEY`, the planned day, and whether a pause made it
        """
        self._ask_for_calendars({row[2] for row in rows} - {0})
        days = [row[-2] for row in rows]
        first, last = min(days) - LOOK_AHEAD, max(days) + LOOK_AHEAD
        sides = self.env['customer.suitability']._sides({row[2:5] for row in rows}, first, last)
        calendars = {
            key: self.env['resource.calendar']._customer_is_working(*key)
            for key in {row[:2] for row in rows}}
        steps = {step.id: step for step in self.env['customer.cadence.step'].browse({row[5] for row in rows})}
        for row in rows:
            *place, step_id, channel_id, day, paused = row
            wish = self._wish(steps[step_id], channel_id, paused)
            choice = suitability.choose(
                day, wish, calendars[tuple(place[:2])], sides[tuple(place[2:])].verdict)
            if choice.day != day or choice.channel != channel_id or choice.unfit:
                model, cause_id = choice.cause or (None, None)
                yield (
                    *row[:-2], day, paused, choice.day, choice.due, choice.channel, choice.kind,
                    cause_id if model == 'customer.culture.period' else None,
                    cause_id if model == 'customer.holiday' else None, choice.unfit)

    @api.model
    def _wish(self, step, channel_id, paused=False):
        """Return what a touchpoint asks of a day, for the engine.

        :param step: customer.cadence.step
        :param int channel_id: the channel it is planned on
        :param bool paused: the day follows a pause, so nothing is done earlier
        """
        # whoever opted out of the channel is on the fallback already
        fallback = step.fallback_channel_id.id if channel_id == step.channel_id.id else None
        return suitability.Wish(
            channel_id, fallback or None, step.when_unfit, 'later' if paused else step.direction, step.grace_days,
            0 if paused else step._days_back())

    @api.model
    def _ask_for_calendars(self, country_ids):
        """Have the calendars of countries looked up that nobody had a customer in before."""
        [[missing]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM unnest(%s::int[]) AS c(id) WHERE id NOT IN (SELECT country_id FROM customer_country_calendar)",
            list(country_ids)))
        if missing:
            self.env['customer.calendar.keeper']._wake()

    @api.model
    def _cancel_unwanted(self, partner_ids):
        """The greetings of what is cancelled are taken back."""
        cancelled = super()._cancel_unwanted(partner_ids)
        self.env['customer.greeting'].search([
            ('state', '=', 'planned'), ('followup_ids', 'in', cancelled)]).write({'state': 'skipped', 'withdrawn': True})
        return cancelled
