from contextlib import suppress
from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, html_sanitize
from odoo.tools.i18n import format_list

from ...engine import clock, schedule, workdays
from ...models.cadence.customer_cadence_step import MINUTES

#: So many days on which a message leaves are named.
NAMED = 3

#: The dry run looks a year ahead.
MONTHS = 12


class CustomerCadenceDryRun(models.TransientModel):
    """What a cadence would plan for one customer, and how many it would touch, before it goes live (CAD-1); the messages that it
    would send by itself, as this customer would read them, and the switch that is turned after reading that (CAD-10)."""

    _name = 'customer.cadence.dry.run'
    _description = "Dry Run of a Cadence"

    cadence_id = fields.Many2one(comodel_name='customer.cadence', required=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", domain=[('customer_managed', '=', True)],
        compute='_compute_partner_id', store=True, readonly=False)
    of_leads = fields.Boolean(compute='_compute_of_leads')
    lead_id = fields.Many2one(
        comodel_name='crm.lead', domain=[('won_status', '=', 'pending'), ('customer_grade_id', '!=', False)],
        compute='_compute_lead_id', store=True, readonly=False)
    reach = fields.Char(compute='_compute_reach')
    line_ids = fields.One2many(
        comodel_name='customer.cadence.dry.run.line', inverse_name='dry_run_id', compute='_compute_line_ids',
        store=True)
    has_events = fields.Boolean(compute='_compute_has_events')
    # the messages that are sent by themselves, or would be
    able_step_ids = fields.Many2many(comodel_name='customer.cadence.step', compute='_compute_able_step_ids')
    step_ids = fields.Many2many(
        comodel_name='customer.cadence.step', relation='customer_cadence_dry_run_step', string="Sent by Themselves",
        compute='_compute_step_ids', store=True, readonly=False,
        help="The touchpoints whose message is sent by itself. The others are done by people.")
    spread = fields.Boolean(
        string="Spread the First Round", default=True,
        help="Who is due already, or was never contacted, gets the first message on one of the days of the first interval, so "
             "that not everybody gets it on one day.")
    unable = fields.Char(string="What Is Missing", compute='_compute_able_step_ids')
    volume = fields.Char(string="How Many Messages", compute='_compute_volume')
    letters = fields.Html(string="What They Read", compute='_compute_letters', sanitize=False)  # made by the server
    may_switch = fields.Boolean(compute='_compute_may_switch')
    cadence_active = fields.Boolean(related='cadence_id.active')

    @api.depends('cadence_id')
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = self.env['res.partner'].browse([] if wizard.of_leads else wizard._reached()[:1])

    @api.depends('cadence_id')
    def _compute_of_leads(self):
        for wizard in self:
            wizard.of_leads = bool(wizard.cadence_id.needs_grade_ids)

    @api.depends('cadence_id')
    def _compute_lead_id(self):
        for wizard in self:
            reached = wizard._reached() if wizard.of_leads else []
            # the first one that the user may see
            wizard.lead_id = self.env['crm.lead'].search([('id', 'in', reached)], order='id', limit=1) if reached else False

    @api.depends('cadence_id')
    @api.depends_context('lang')
    def _compute_reach(self):
        for wizard in self:
            reached, now = set(wizard._reached()), set(wizard._reached(live=False))
            touches = sum(
                365 / ((schedule.Interval(step.interval_count, step.interval_unit).after(today) - today).days)
                for today in [fields.Date.context_today(wizard)]
                for step in wizard.cadence_id.step_ids if step.active and step.kind == 'recurring')
            if wizard.of_leads:
                wizard.reach = self.env._(
                    "Leads that would follow it: %(reached)s, of which are not followed up today: %(new)s. Contacts a week: "
                    "about %(touches)s.", reached=len(reached), new=len(reached - now),
                    touches=round(len(reached) * touches / 52))
                continue
            wizard.reach = self.env._(
                "Customers who would follow it: %(reached)s, of whom follow another one today: %(new)s. Contacts a week: about "
                "%(touches)s.",
                reached=len(reached), new=len(reached - now), touches=round(len(reached) * touches / 52))

    @api.depends('cadence_id', 'partner_id', 'lead_id', 'step_ids', 'spread')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [(5, 0, 0)] + [
                (0, 0, values) for values in (wizard._foresee() if wizard._subject() else [])]

    @api.depends('line_ids.after')
    def _compute_has_events(self):
        for wizard in self:
            wizard.has_events = any(wizard.line_ids.mapped('after'))

    def _reached(self, live=True):
        """Return the ids of the customers, or leads, on the cadence: as if it were live, or as it is today."""
        self.ensure_one()
        if not self.cadence_id:
            return []
        planner = self._planner()
        self.env['crm.lead' if self.of_leads else 'res.partner'].flush_model()
        rows = self.env.execute_query(SQL(
            "SELECT id FROM (%s) AS c WHERE cadence_id = %s ORDER BY id",
            planner._cadence_of_customer_sql(candidate=self.cadence_id if live else None), self.cadence_id.id))
        return [partner_id for partner_id, in rows]

    def _planner(self):
        """Return the planner of what the cadence is for."""
        # a cadence is judged by all customers and leads it touches
        return self.env['customer.lead.planner' if self.of_leads else 'customer.planner'].sudo()

    def _subject(self):
        """Return the customer, or the lead, that is looked at."""
        return self.lead_id._origin if self.of_leads else self.partner_id.commercial_partner_id._origin

    def _foresee(self):
        """Return the touches of a year as values of lines, as if each were made on its day; those after an event as if that
        happened now."""
        self.ensure_one()
        subject, today = self._subject(), fields.Date.context_today(self)
        customer = subject.partner_id.commercial_partner_id if self.of_leads else subject
        end = fields.Date.add(today, months=MONTHS)
        move = self._prepare_move(today, end)
        pauses = [schedule.Pause(pause.date_from, pause.date_to) for pause in customer.customer_pause_ids]
        latest = self._planner()._anchor_sql(subject.ids)
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
        return sorted(lines + self._foresee_events(move, pauses), key=lambda values: values['date'])

    def _foresee_events(self, move, pauses):
        """Return the touches after events as values of lines; what waits for another touchpoint waits until its day.

        :param move: see :meth:`_prepare_move`
        """
        partner, now, lines, over = self.partner_id.commercial_partner_id, fields.Datetime.now(), [], {}
        waiting = self.cadence_id.step_ids.filtered(lambda step: step.active and step.kind == 'event')
        while waiting:
            # they wait for each other in no circle: the constraints of touchpoints see to that
            step = next((step for step in waiting if step.after_step_id not in waiting), waiting[0])
            waiting -= step
            start = over.get(step.after_step_id, now)
            day = self._day_after(step, start)
            begun = partner._customer_now(start).date()
            values = move(step, schedule.skip_pauses(begun, day, pauses, partner._customer_now(now).date()))
            over[step] = max(start, datetime.combine(values['date'], time(12)))
            lines.append({
                'step_id': step.id, 'date_raw': day if day != values['date'] else False, 'after': step.cycle, **values})
        return lines

    def _day_after(self, step, start):
        """Return the day on which the wait of a touchpoint is over, where the customer is.

        :param datetime start: of the wait, in UTC
        """
        partner, dates = self.partner_id.commercial_partner_id, self.env['customer.plan.dates'].sudo()  # schedules of others
        count, unit = step.delay_count, step.delay_unit
        moment, day = start + timedelta(minutes=count * MINUTES[unit]), None
        if step.delay_clock == 'work':
            company = partner._planning_company()
            calendar = partner.user_id.sudo().resource_calendar_id or company.sudo().resource_calendar_id  # as above
            with suppress(clock.NeverWorksError):
                moment, day = dates._after_work(dates._schedule(calendar.id, company.id, start), start, count, unit)
        return day or partner._customer_now(moment).date()

    def _first_day(self, step, interval, anchor):
        """Return the day of the first touch where the first round is spread over an interval, or None.

        :param anchor: the day from which the touch would count otherwise; None: nobody was contacted before
        """
        begins = self._spread_from(step)
        if not begins or anchor and interval.after(anchor) >= begins:
            return None
        begins = begins if anchor else max(begins, fields.Date.context_today(self))
        return schedule.spread(begins, interval, self._subject().id, step._origin.id)

    def _spread_from(self, step):
        """Return the day from which the first round of a touchpoint is spread, or None. What is about to be switched on is
        spread from today on."""
        if self.of_leads and not self.cadence_id.active:
            return fields.Date.context_today(self)  # see customer.cadence._spread_first_round
        turned_on = self.spread and step._origin in self.step_ids._origin and not step.automatic
        return fields.Date.context_today(self) if turned_on and step.kind == 'recurring' else step.spread_from or None

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
        subject = self._subject()
        company = subject._customer_company() if self.of_leads else subject._planning_company()
        calendar = subject.user_id.sudo().resource_calendar_id or company.sudo().resource_calendar_id  # as above
        return self.env['resource.calendar']._customer_is_working(calendar.id or 0, company.id)

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    @api.depends('cadence_id')
    @api.depends_context('lang')
    def _compute_able_step_ids(self):
        for wizard in self:
            missing = {step: step._missing_to_send() for step in wizard.cadence_id.step_ids.filtered('active')}
            wizard.able_step_ids = wizard.cadence_id.step_ids.filtered(lambda step, missing=missing: missing.get(step) == '')
            wizard.unable = format_list(self.env, [
                self.env._("%(step)s: %(reason)s", step=step.name, reason=reason)
                for step, reason in missing.items() if reason and step._may_be_automatic()], style='unit') or False

    @api.depends('able_step_ids')
    def _compute_step_ids(self):
        for wizard in self:
            already = wizard.able_step_ids.filtered('automatic')
            wizard.step_ids = [Command.set((already or wizard.able_step_ids)._origin.ids)]

    @api.depends('cadence_id')
    @api.depends_context('uid')
    def _compute_may_switch(self):
        for wizard in self:
            wizard.may_switch = wizard.cadence_id.has_access('write') if wizard.cadence_id else False

    @api.depends('step_ids', 'cadence_id')
    @api.depends_context('lang')
    def _compute_volume(self):
        for wizard in self:
            steps, reached = wizard.step_ids._origin, wizard._reached()
            wizard.volume = False
            if steps and reached:
                # a cadence is judged by all customers it touches
                wizard.volume = self.env['customer.automatic.preview'].sudo()._describe_volume(steps, reached)

    @api.depends('step_ids', 'partner_id', 'line_ids')
    @api.depends_context('lang')
    def _compute_letters(self):
        for wizard in self:
            letters = [
                {**wizard._preview_of(step), 'step': step.name, 'days': wizard._days_of(step)}
                for step in wizard.step_ids._origin] if wizard.partner_id else []
            wizard.letters = self.env['ir.qweb']._render('customer_success.customer_cadence_letters', {
                'letters': letters}) if letters else False

    def _preview_of(self, step):
        """Return the message of a touchpoint as this customer would read it: ``to``, ``subject``, ``body``, or the
        ``problem``."""
        partner = self.partner_id.commercial_partner_id
        letter = self.env['customer.automatic.preview']._preview(step, partner)
        return {**letter, 'body': html_sanitize(letter['body'])} if letter.get('body') else letter

    def _days_of(self, step):
        """Return the first days on which a touchpoint's message would leave."""
        days = sorted(line.date for line in self.line_ids if line.step_id._origin == step and line.date)
        return format_list(self.env, [format_date(self.env, day) for day in days[:NAMED]], style='unit') if days else ''

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_switch(self):
        """Let the chosen touchpoints be sent by themselves from now on, and the others be done by people."""
        self._customer_one()
        self.cadence_id.check_access('write')
        chosen, today = self.step_ids, fields.Date.context_today(self)
        if wrong := chosen - self.able_step_ids:
            raise UserError(self.env._(
                "%(step)s can't be sent by itself: %(reason)s", step=wrong[0].name,
                reason=wrong[0]._missing_to_send() or self.env._("it is not a touchpoint of this cadence.")))
        on = chosen.filtered(lambda step: not step.automatic)
        recurring = on.filtered(lambda step: step.kind == 'recurring')
        if self.spread:
            recurring.write({'automatic': True, 'spread_from': today})
            on -= recurring
        on.write({'automatic': True})
        (self.cadence_id.step_ids - chosen).filtered('automatic').write({'automatic': False})
        return {'type': 'ir.actions.act_window_close'}

    def action_switch_on_cadence(self):
        """Let the cadence be followed from now on, after its messages were read."""
        self._customer_one()
        self.cadence_id.action_unarchive()
        return {'type': 'ir.actions.act_window_close'}


class CustomerCadenceDryRunLine(models.TransientModel):
    """One touch that a cadence would plan."""

    _name = 'customer.cadence.dry.run.line'
    _description = "Line of a Dry Run"
    _order = 'date, id'

    dry_run_id = fields.Many2one(comodel_name='customer.cadence.dry.run', required=True, ondelete='cascade', index=True)
    date = fields.Date(string="Due")
    date_raw = fields.Date(string="Moved From")
    after = fields.Char(string="If It Happened Now", help="What the touch waits for, and how long. It is planned each time.")
    step_id = fields.Many2one(comodel_name='customer.cadence.step', string="Touchpoint")
    channel_id = fields.Many2one(comodel_name='customer.channel')
