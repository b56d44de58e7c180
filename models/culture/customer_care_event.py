from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, float_compare, format_datetime
from odoo.tools.misc import clean_context

from odoo.addons.base.models.res_partner import _tz_get

from ...engine.zones import day_in
from ..cadence.selection_order import order_by_selection
from ..platform.counted import plural
from ..platform.local_text import day_text, listed
from ..platform.locks import wait_for_update

#: What an invitation shows, by field of the event.
MEETING_FIELDS = {
    'name': 'name', 'date_begin': 'start', 'date_end': 'stop', 'place': 'location', 'description': 'description',
}

#: Guests in one of these states take no place.
NO_PLACE = ('declined', 'absent')


class CustomerCareEvent(models.Model):
    """An event for customers: golf day, seminar, family day (CUL-5).

    Guests are invited by meetings of Odoo's calendar, one per customer: customers do not see each other's names, and the
    answer of an attendee is the state of the guest.
    """

    _name = 'customer.care.event'
    _description = "Care Event"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_begin desc, id desc'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    kind_id = fields.Many2one(
        comodel_name='customer.care.event.kind', required=True, index=True, ondelete='restrict',
        default=lambda self: self.env['customer.care.event.kind'].search([], limit=1))
    state = fields.Selection(
        selection=[('draft', "Draft"), ('invited', "Invited"), ('done', "Done"), ('cancelled', "Cancelled")],
        default='draft', required=True, readonly=True, copy=False, tracking=True)
    # when and where
    date_begin = fields.Datetime(string="Begins", required=True, tracking=True, index=True)
    date_end = fields.Datetime(string="Ends", required=True, tracking=True)
    date_tz = fields.Selection(
        selection=_tz_get, string="Time Zone There", required=True,
        default=lambda self: self.env['customer.clock']._zone(self.env.user))
    when_there = fields.Char(string="Local Time", compute='_compute_when_there')
    place = fields.Char(tracking=True)
    capacity = fields.Integer(string="Places", help="0: as many as come.")
    # who
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", required=True, index=True, ondelete='restrict', tracking=True,
        default=lambda self: self.env.user,
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers Invited", compute='_compute_tier_ids', store=True, readonly=False)
    guest_ids = fields.One2many(comodel_name='customer.care.guest', inverse_name='event_id', string="Guests")
    meeting_ids = fields.One2many(comodel_name='calendar.event', inverse_name='care_event_id', string="Invitations")
    description = fields.Html(string="Programme", help="Stands in the invitation.")
    # money
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    planned_cost = fields.Monetary()
    actual_cost = fields.Monetary(
        tracking=True, copy=False, help="Spread in equal parts over the customers who attended, as care spending.")
    attended_customers = fields.Integer(
        string="Customers Attending", compute='_compute_cost_per_customer', store=True, aggregator='sum')
    cost_per_customer = fields.Monetary(
        string="Cost per Attending Customer", compute='_compute_cost_per_customer', store=True, aggregator='avg')
    budget_warning = fields.Char(compute='_compute_budget_warning')
    # numbers, of all guests, those of colleagues included
    guest_count = fields.Integer(string="Guests on the List", compute='_compute_counts')
    invited_count = fields.Integer(string="Invited", compute='_compute_counts')
    answered_count = fields.Integer(string="Answered", compute='_compute_counts')
    accepted_count = fields.Integer(string="Accepted", compute='_compute_counts')
    declined_count = fields.Integer(string="Not Coming", compute='_compute_counts')
    attended_count = fields.Integer(string="Attended", compute='_compute_counts')
    waiting_count = fields.Integer(string="To Invite", compute='_compute_counts')
    taken = fields.Integer(string="Places Taken", compute='_compute_counts')
    has_begun = fields.Boolean(compute='_compute_has_begun')
    can_edit = fields.Boolean(compute='_compute_can_edit')

    _dates = models.Constraint('CHECK (date_end > date_begin)', "The event ends before it begins.")
    _capacity_positive = models.Constraint('CHECK (capacity >= 0)', "The number of places can't be negative.")
    _cost_positive = models.Constraint(
        'CHECK (COALESCE(planned_cost, 0) >= 0 AND COALESCE(actual_cost, 0) >= 0)', "A cost can't be negative.")

    @api.constrains('capacity')
    def _check_capacity(self):
        """Refuse more guests than there are places; whoever declined makes room."""
        self.invalidate_recordset(['taken'])
        for event in self.filtered('capacity'):
            if event.taken > event.capacity:
                raise ValidationError(self.env._(
                    "There are more guests for %(event)s than places: %(guests)s for %(places)s. Take guests off the list, or "
                    "raise the number of places.",
                    event=event.name, places=event.capacity, guests=event.taken))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('kind_id')
    def _compute_tier_ids(self):
        for event in self:
            event.tier_ids = event.kind_id.tier_ids

    @api.depends('date_begin', 'date_end', 'date_tz')
    @api.depends_context('lang')
    def _compute_when_there(self):
        for event in self:
            if not event.date_begin or not event.date_end:
                event.when_there = False
                continue
            event.when_there = self._say_when(event.date_begin, event.date_end, event.date_tz)

    @api.model
    def _say_when(self, start, stop, zone):
        """Return from when until when something takes place, as the clocks of a zone say it, the day once where it is one.

        :param datetime start: as the database keeps it
        :param datetime stop: as above
        :param str zone: name of a time zone
        """
        first, last = day_in(zone, start), day_in(zone, stop)
        begin, end = (format_datetime(self.env, moment, tz=zone, dt_format='HH:mm') for moment in (start, stop))
        return self.env._(
            "%(begin)s – %(end)s (%(zone)s)", zone=zone, begin=f'{day_text(self.env, first)} {begin}',
            end=end if first == last else f"{day_text(self.env, last, 'MMMEd')} {end}")

    @api.depends('guest_ids.state')
    def _compute_counts(self):
        by_event = {}
        # the numbers are those of the event, whoever looks at it
        for event, state, count in self.env['customer.care.guest'].sudo()._read_group(
                [('event_id', 'in', self.ids)], ['event_id', 'state'], ['__count']):
            by_event.setdefault(event.id, {})[state] = count
        for event in self:
            states = by_event.get(event._origin.id, {})
            event.guest_count = sum(states.values())
            event.waiting_count = states.get('to_invite', 0)
            event.accepted_count = states.get('accepted', 0)
            event.declined_count = states.get('declined', 0)
            event.attended_count = states.get('attended', 0)
            event.invited_count = event.guest_count - event.waiting_count
            event.answered_count = event.invited_count - states.get('invited', 0)
            event.taken = event.guest_count - sum(states.get(state, 0) for state in NO_PLACE)

    @api.depends('actual_cost', 'guest_ids.attendance', 'guest_ids.customer_id')
    def _compute_cost_per_customer(self):
        for event in self:
            event.attended_customers = len(event._attending())
            event.cost_per_customer = event.attended_customers and event.actual_cost / event.attended_customers

    @api.depends('actual_cost', 'planned_cost', 'guest_ids.state', 'kind_id', 'date_begin', 'company_id', 'state')
    @api.depends_context('lang')
    def _compute_budget_warning(self):
        """Say how many customers go over their budget by this event, before they do and after."""
        for event in self:
            count = len(event._customers_over_budget()) if event._origin and event.date_begin else 0
            kind = event.kind_id.care_kind_id.name
            event.budget_warning = bool(count) and plural(
                count, self.env._("One customer goes over its budget for %(kind)s by this event.", kind=kind),
                self.env._("%(count)s customers go over their budget for %(kind)s by this event.", count=count, kind=kind))

    def _customers_over_budget(self):
        """Return the customers whose budget does not suffice for their part of the cost, the planned one until it is
        known."""
        self.ensure_one()
        guests = self.sudo().guest_ids  # the customers of colleagues cost as well
        customers = self._attending() or guests.filtered(lambda guest: guest.state not in NO_PLACE).customer_id
        cost = self.actual_cost or self.planned_cost
        if not customers or not cost or self.state == 'cancelled':
            return customers.browse()
        spread = self.env['customer.care.expense'].sudo().search([  # as above
            ('event_id', '=', self._origin.id), ('spread', '=', True)])
        # which kind an event counts as is no secret
        kind, year = self.sudo().kind_id.care_kind_id, str(self._day('date_begin').year)
        keys = {(customer.id, kind.id, year, self.company_id.id): customer for customer in customers}
        standing = self.env['customer.care.ledger']._standing(keys, without=spread.ids)
        share, rounding = cost / len(customers), self.currency_id.rounding
        return customers.browse([
            keys[key].id for key, (budget, spent) in standing.items()
            if budget is not None and float_compare(spent + share, budget, precision_rounding=rounding) > 0])

    @api.depends('date_begin')
    def _compute_has_begun(self):
        now = fields.Datetime.now()
        for event in self:
            event.has_begun = event.date_begin and event.date_begin <= now

    @api.depends('user_id')
    @api.depends_context('uid')
    def _compute_can_edit(self):
        """Everybody sees an event, and whoever may not change it does not get fields to type in."""
        writable = self._origin._filtered_access('write')
        for event in self:
            event.can_edit = not event._origin or event._origin in writable

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get('state', 'draft') != 'draft' for vals in vals_list):
            raise AccessError(self.env._("A care event begins as a draft. Invite its guests to go on."))
        events = super().create(vals_list)
        if any(vals.get('user_id') for vals in vals_list):
            events._check_user()
        return events

    def _check_user(self):
        """Refuse a responsible person who could not open it, where a person chose it."""
        if not self.env.su:
            for event in self:
                self.env['customer.responsibility']._check_able(event.user_id.id, event.company_id.id)

    def write(self, vals):
        """Invitations move along with the event, and the cost is spread anew when it changes."""
        if 'state' in vals and not self.env.su:
            raise AccessError(self.env._("The state of a care event changes by its buttons: invite, done, cancel."))
        before = {event.id: [event[name] for name in MEETING_FIELDS] for event in self}
        result = super().write(vals)
        if 'user_id' in vals:
            self._check_user()
        for event in self.filtered(lambda event: event.state == 'invited'):
            changed = {
                name for name, value in zip(MEETING_FIELDS, before[event.id], strict=True) if event[name] != value}
            if changed or 'user_id' in vals:
                event._update_meetings(changed)
        if {'actual_cost', 'kind_id', 'date_begin', 'date_tz', 'name', 'company_id'} & vals.keys():
            self._spread_cost()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invited(self):
        for event in self:
            if event.state != 'draft' or event.invited_count:
                raise UserError(self.env._(
                    "%(event)s can't be deleted: guests were invited, or it took place. Cancel it instead.",
                    event=event.name))

    def _read_group_select(self, aggregate_spec, query):
        """The cost per customer of several events is what they cost together over who attended them."""
        if aggregate_spec == 'cost_per_customer:avg':
            return SQL(
                "SUM(%(cost)s) FILTER (WHERE %(customers)s > 0) / NULLIF(SUM(%(customers)s), 0)",
                cost=self._field_to_sql(self._table, 'actual_cost', query),
                customers=self._field_to_sql(self._table, 'attended_customers', query))
        return super()._read_group_select(aggregate_spec, query)

    def _read_group_orderby(self, order, groupby_terms, query):
        return order_by_selection(super()._read_group_orderby, self, ['state'], order, groupby_terms, query)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_choose_guests(self):
        """Open the dialog that proposes guests."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Choose guests"),
            'res_model': 'customer.care.guest.choose', 'view_mode': 'form', 'target': 'new',
            'context': {'default_event_id': self.id},
        }

    def action_invite(self):
        """Invite the guests who are not invited yet and whom the user looks after."""
        for event in self:
            waiting = event.guest_ids.filtered(lambda guest: guest.state == 'to_invite')
            if not waiting:
                raise UserError(self.env._("Everybody on the list is invited already. Choose guests first."))
            event._invite(waiting)
        return True

    def action_done(self):
        """The event took place."""
        self._check_begun()
        self._set_state('done', ('draft', 'invited'))
        self._after_attendance()
        return True

    def action_cancel(self):
        """Call the event off: the invited guests are told, and the meetings leave the calendars."""
        for event in self:
            if event._attending():
                raise UserError(self.env._("%(event)s took place: somebody attended.", event=event.name))
        self._set_state('cancelled', ('draft', 'invited'))
        for event in self:
            # guests of colleagues too
            guests = event.sudo().guest_ids.filtered(lambda guest: guest.state in ('invited', 'tentative', 'accepted'))
            event._notify(guests, 'cancelled')
            event.sudo().meeting_ids.active = False  # meetings of the account managers
        return True

    def action_draft(self):
        """Plan a cancelled event anew: its guests are not invited yet."""
        self._set_state('draft', ('cancelled',))
        self.sudo().guest_ids._lose_invitation()  # guests of colleagues too
        return True

    def action_view_guests(self):
        """Open the guests."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_care_guest_action')
        action['domain'] = [('event_id', '=', self.id)]
        action['context'] = {'default_event_id': self.id}
        return action

    def action_view_expenses(self):
        """Open what was spent on this event."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_care_expense_action')
        action['domain'] = [('event_id', '=', self.id)]
        action['context'] = {'default_event_id': self.id}
        return action

    def _set_state(self, state, allowed):
        self.check_access('write')
        labels = dict(self._fields['state']._description_selection(self.env))
        for event in self:
            if event.state not in allowed:
                raise UserError(self.env._(
                    "%(event)s is already in the state “%(state)s”.", event=event.name, state=labels[event.state]))
        self.sudo().write({'state': state})  # the state is not for people to write

    # ------------------------------------------------------------
    # INVITATIONS
    # ------------------------------------------------------------

    def _invite(self, guests):
        """Send calendar invitations, one meeting per customer; whoever has one already gets none.

        The first invitations are those of whoever may change the event; then everybody invites the own customers' guests.

        :param guests: customer.care.guest of this event that the user may change
        """
        self.ensure_one()
        self._check_may_invite()
        guests.check_access('write')
        wait_for_update(self.sudo())  # twice at the same moment sends nothing twice
        guests.invalidate_recordset(['attendee_id', 'state'])
        guests = guests.filtered(lambda guest: guest.state == 'to_invite').sudo()  # meetings of the account managers
        guests._check_invitable()
        for customer, persons in guests.grouped('customer_id').items():
            meeting = self.sudo().guest_ids.filtered(  # guests of colleagues too
                lambda guest, customer=customer: guest.customer_id == customer).attendee_id.event_id.filtered('active')[:1]
            people = persons.partner_id
            if meeting:
                meeting.with_context(dont_notify=True).write({
                    'partner_ids': [Command.link(person.id) for person in people]})
            else:
                meeting = self._create_meeting(customer, people)
            attendees = {attendee.partner_id: attendee for attendee in meeting.attendee_ids}
            for guest in persons:
                guest.write({'attendee_id': attendees[guest.partner_id].id, 'invited_on': fields.Datetime.now()})
        if self.state == 'draft':
            self.sudo().write({'state': 'invited'})  # people don't write the state

    def _check_may_invite(self):
        self.ensure_one()
        if self.state not in ('draft', 'invited'):
            raise UserError(self.env._("%(event)s is over or cancelled: nobody can be invited.", event=self.name))
        if self.date_begin <= fields.Datetime.now():
            raise UserError(self.env._(
                "%(event)s has begun already. Change its date before you invite, or put down who attended.",
                event=self.name))
        if self.state == 'draft' and not self.has_access('write'):
            raise AccessError(self.env._(
                "%(event)s is still a draft. %(user)s, who is responsible, sends the first invitations.",
                event=self.name, user=self.user_id.name))

    def _create_meeting(self, customer, people):
        """Return the meeting by which the guests of one customer are invited; it is sent at once."""
        organizer = customer.user_id.filtered('active') or self.user_id
        colleagues = (organizer + self.user_id).partner_id
        # the list the user comes from is not what the meeting is about
        context = {**clean_context(self.env.context), 'active_model': False, 'active_id': False}
        # guests may be contacts of colleagues, and the account manager organizes it
        meeting = self.env['calendar.event'].sudo().with_context(**context, skip_contact_description=True).create({
            **{meeting_name: self[name] for name, meeting_name in MEETING_FIELDS.items()},
            'user_id': organizer.id,
            'partner_ids': [Command.set((people + colleagues).ids)],
            'privacy': 'private',
            'care_event_id': self.id,
        })
        meeting.attendee_ids.filtered(lambda attendee: attendee.partner_id in colleagues).state = 'accepted'
        return meeting

    def _update_meetings(self, changed):
        """Bring the invitations in line with the event, and tell the guests; another date needs another answer.

        :param set changed: names of the fields that changed
        """
        self.ensure_one()
        meetings = self.sudo().meeting_ids.with_context(skip_attendee_notification=True)  # of the account managers
        meetings.write({
            **{meeting_name: self[name] for name, meeting_name in MEETING_FIELDS.items()},
            'partner_ids': [Command.link(self.user_id.partner_id.id)],
        })
        guests = self.sudo().guest_ids.filtered('attendee_id')  # guests of colleagues too
        if {'date_begin', 'date_end'} & changed:
            guests.attendee_id.state = 'needsAction'
        if {'date_begin', 'date_end', 'place'} & changed:
            self._notify(guests, 'changed')

    def _notify(self, guests, template_name):
        """Tell invited guests about the event, unless it is over.

        :param guests: customer.care.guest
        :param str template_name: ``changed`` or ``cancelled``
        """
        if self.date_end > fields.Datetime.now():
            # a rule for everybody, whoever changes the event
            template = self.env.ref(f'customer_success.mail_template_care_event_{template_name}').sudo()
            guests.attendee_id.with_context(customer_care_cancelled=template_name == 'cancelled')._notify_attendees(
                template, force_send=True)

    # ------------------------------------------------------------
    # ATTENDANCE AND COST
    # ------------------------------------------------------------

    def _day(self, name):
        """Return the day of a moment, where the event takes place."""
        self.ensure_one()
        return day_in(self.date_tz, self[name])

    def _check_begun(self):
        for event in self:
            if event.date_begin > fields.Datetime.now():
                raise UserError(self.env._(
                    "%(event)s has not begun yet. Put down who attended when it takes place.", event=event.name))

    def _attending(self):
        """Return the customers of whom somebody attended."""
        guests = self.sudo().guest_ids  # customers of colleagues too
        return guests.filtered(lambda guest: guest.attendance == 'attended').customer_id

    def _after_attendance(self):
        """Log a contact with each customer who attended, once, and spread the cost over them."""
        with self.env['customer.followup'].sudo()._closed_together() as together:  # of customers of colleagues too
            for event in self.with_context(**together.env.context):
                wait_for_update(event.sudo())  # two people at the reception desk
                event._log_attendance()
        self._spread_cost()

    def _log_attendance(self):
        """Log the contacts of the customers who attended; whoever turns out not to have come was not in touch."""
        self.ensure_one()
        for customer, guests in self.sudo().guest_ids.grouped('customer_id').items():  # customers of colleagues too
            present = guests.filtered(lambda guest: guest.attendance == 'attended')
            record = guests.followup_id[:1]
            text = self.env._(
                "Attended %(event)s: %(people)s", event=self.name, people=listed(self.env, present.partner_id.mapped('name')))
            if present and not record:
                record = customer._log_contact(
                    channel=self.kind_id.channel_id, contact_at=min(self.date_end, fields.Datetime.now()),
                    feedback=text, contact=present[:1].partner_id)
            elif record and record.qualifies != bool(present):
                record.write({
                    'qualifies': bool(present), 'outcome': 'neutral' if present else 'no_answer',
                    'feedback': text if present else self.env._("Did not come to %(event)s.", event=self.name)})
                record._after_close()
            elif present and record.feedback != text:
                record.feedback = text
            guests.filtered(lambda guest, record=record: guest.followup_id != record).followup_id = record

    def _spread_cost(self):
        """Book the actual cost on the customers who attended, in equal parts; what is booked already follows.

        The parts add up to the cost: the last customers carry a cent less or more. Nothing is refused here, the money is
        spent: who goes over a budget by it has the event as the reason.
        """
        for event in self:
            customers = event._attending().sorted('id') if event.state != 'cancelled' else self.env['res.partner']
            # follows from the event, whoever changed it
            booked = self.env['customer.care.expense'].sudo().search([
                ('event_id', '=', event.id), ('spread', '=', True)], order='id')
            by_customer = {expense.partner_id: expense for expense in reversed(booked)}
            wanted = {} if not event.actual_cost else dict(zip(customers, event._parts(len(customers)), strict=True))
            booked.filtered(
                lambda expense, wanted=wanted, kept=by_customer:
                expense.partner_id not in wanted or kept[expense.partner_id] != expense).unlink()
            common = event._prepare_spread_values()
            missing = []
            for customer, amount in wanted.items():
                values = {**common, 'amount': amount}
                expense = by_customer.get(customer)
                if not expense:
                    missing.append({**values, 'partner_id': customer.id, 'event_id': event.id, 'spread': True})
                elif changed := {
                    name: value for name, value in values.items()
                    if (expense[name].id if expense._fields[name].relational else expense[name]) != value
                }:
                    expense.write(changed)
            booked.create(missing)

    def _parts(self, count):
        """Return the cost in so many parts of whole cents, which add up to it."""
        self.ensure_one()
        currency, parts = self.currency_id, []
        for index in range(count):
            parts.append(currency.round((self.actual_cost - sum(parts)) / (count - index)))
        return parts

    def _prepare_spread_values(self):
        """Return the values that the parts of the cost have in common."""
        self.ensure_one()
        return {
            'name': self.name,
            'kind_id': self.kind_id.care_kind_id.id,
            'date': min(self._day('date_begin'), fields.Date.context_today(self)),
            'company_id': self.company_id.id,
            'user_id': self.user_id.id,
            'reason': self.env._("Care event: %(event)s", event=self.name),
        }
