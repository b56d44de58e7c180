from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import schedule, workdays

#: The dry run looks a year ahead.
MONTHS = 12


class CustomerCadenceDryRun(models.TransientModel):
    """What a cadence would plan for one customer, and how many it would touch, before it goes live (CAD-1)."""

    _name = 'customer.cadence.dry.run'
    _description = "Dry Run of a Cadence"

    cadence_id = fields.Many2one(comodel_name='customer.cadence', required=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", domain=[('customer_managed', '=', True)],
        compute='_compute_partner_id', store=True, readonly=False)
    reach = fields.Char(compute='_compute_reach')
    line_ids = fields.One2many(
        comodel_name='customer.cadence.dry.run.line', inverse_name='dry_run_id', compute='_compute_line_ids',
        store=True)

    @api.depends('cadence_id')
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = self.env['res.partner'].browse(wizard._reached()[:1])

    @api.depends('cadence_id')
    @api.depends_context('lang')
    def _compute_reach(self):
        for wizard in self:
            reached, now = set(wizard._reached()), set(wizard._reached(live=False))
            touches = sum(
                365 / ((schedule.Interval(step.interval_count, step.interval_unit).after(today) - today).days)
                for today in [fields.Date.context_today(wizard)]
                for step in wizard.cadence_id.step_ids if step.active and step.kind == 'recurring')
            wizard.reach = self.env._(
                "Customers who would follow it: %(reached)s, of whom follow another one today: %(new)s. Contacts a week: about "
                "%(touches)s.",
                reached=len(reached), new=len(reached - now), touches=round(len(reached) * touches / 52))

    @api.depends('cadence_id', 'partner_id', 'step_ids', 'spread')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [(5, 0, 0)] + [
                (0, 0, values) for values in (wizard._foresee() if wizard.partner_id else [])]

    def _reached(self, live=True):
        """Return the ids of the customers on the cadence: as if it were live, or as it is today."""
        self.ensure_one()
        if not self.cadence_id:
            return []
        planner = self.env['customer.planner'].sudo()  # a cadence is judged by all customers it touches
        self.env['res.partner'].flush_model()
        rows = self.env.execute_query(SQL(
            "SELECT id FROM (%s) AS c WHERE cadence_id = %s ORDER BY id",
            planner._cadence_of_customer_sql(candidate=self.cadence_id if live else None), self.cadence_id.id))
        return [partner_id for partner_id, in rows]

    def _foresee(self):
        """Return the touches of a year as values of lines, as if each were made on its day."""
        self.ensure_one()
        partner, today = self.partner_id.commercial_partner_id, fields.Date.context_today(self)
        end = fields.Date.add(today, months=MONTHS)
        move = self._prepare_move(today, end)
        pauses = [schedule.Pause(pause.date_from, pause.date_to) for pause in partner.customer_pause_ids]
        latest = self.env['customer.anchor'].sudo()._latest_sql(partner.ids)  # contacts of other users count too
        anchors = {
            step_id: max(filter(None, days)) for __, step_id, *days in self.env.execute_query(latest)}
        lines = []
        for step in self.cadence_id.step_ids.filtered(lambda step: step.active and step.kind == 'recurring'):
            interval = schedule.Interval(step.interval_count, step.interval_unit)
            anchor, first = anchors.get(step.id, today), self._first_day(step, interval, anchors.get(step.id))
            while True:
                due = schedule.next_due(anchor, interval, pauses=pauses, today=today)
                if first:
                    due, first = due._replace(raw=first, unpaused=schedule.skip_pauses(anchor, first, pauses, today)), None
                values = move(step, due.unpaused)
                # a touch before its own anchor would never come to an end
                anchor = max(values['date'], today, anchor + timedelta(days=1))
                if anchor > end:
                    break
                lines.append({
                    'step_id': step.id, 'date_raw': due.raw if due.raw != values['date'] else False, **values})
        return sorted(lines, key=lambda values: values['date'])

    def _first_day(self, step, interval, anchor):
        """Return the day of the first touch where the first round is spread over an interval, or None.

        :param anchor: the day from which the touch would count otherwise; None: nobody was contacted before
        """
        begins = self._spread_from(step)
        if not begins or anchor and interval.after(anchor) >= begins:
            return None
        begins = begins if anchor else max(begins, fields.Date.context_today(self))
        return schedule.spread(begins, interval, self.partner_id.commercial_partner_id._origin.id, step._origin.id)

    def _spread_from(self, step):
        """Return the day from which the first round of a touchpoint is spread, or None."""
        return step.spread_from or None

    def _prepare_move(self, first, last):
        """Return a function of a touchpoint and a day that gives the day and the channel to take.

        :param date first: first day that matters
        :param date last: last day that matters
        :return: gives the values ``date`` and ``channel_id`` of a line
        """
        works = self._working_days()
        return lambda step, day: {
            'date': workdays.next_working_day(day, works), 'channel_id': step.channel_id.id}

    def _working_days(self):
        """Return a function that tells whether the account manager works on a day."""
        partner = self.partner_id.commercial_partner_id
        company = partner._planning_company()
        calendar = partner.user_id.sudo().resource_calendar_id or company.sudo().resource_calendar_id  # as above
        return self.env['resource.calendar']._customer_is_working(calendar.id or 0, company.id)


class CustomerCadenceDryRunLine(models.TransientModel):
    """One touch that a cadence would plan."""

    _name = 'customer.cadence.dry.run.line'
    _description = "Line of a Dry Run"
    _order = 'date, id'

    dry_run_id = fields.Many2one(comodel_name='customer.cadence.dry.run', required=True, ondelete='cascade', index=True)
    date = fields.Date(string="Due")
    date_raw = fields.Date(string="Moved From")
    step_id = fields.Many2one(comodel_name='customer.cadence.step', string="Touchpoint")
    channel_id = fields.Many2one(comodel_name='customer.channel')
