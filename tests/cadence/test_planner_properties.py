"""Random lives of customers, against an oracle that knows the rules and none of the code (CAD-4)."""
import copy
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command, fields

from ...engine.schedule import Interval, Pause, skip_pauses
from ..common import CustomerCase

DAY = timedelta(days=1)
UNITS = {'day': 'days', 'week': 'weeks', 'month': 'months', 'year': 'years'}


class Crash(BaseException):
    """What nobody catches: the process is gone."""


@dataclass
class Memory:
    """What really happened, written down next to the database: partners, channels and touchpoints by id."""

    contacts: list = field(default_factory=list)  # (partner, channel, day, touchpoint done) of those who were reached
    skips: dict = field(default_factory=lambda: defaultdict(list))  # (partner, step): (decided on, day)
    pauses: dict = field(default_factory=lambda: defaultdict(dict))  # partner: {pause: (from, to)}
    moves: dict = field(default_factory=dict)  # follow-up: (anchor then, day)
    promises: dict = field(default_factory=dict)  # follow-up without touchpoint: (partner, day)
    stopped: set = field(default_factory=set)
    enrolment: dict = field(default_factory=dict)
    orders: dict = field(default_factory=lambda: defaultdict(set))  # partner: ids of the confirmed ones
    signed: dict = field(default_factory=dict)  # order: the day on which it was confirmed first
    archived: set = field(default_factory=set)
    holidays: dict = field(default_factory=dict)  # leave: (calendar or None, first, last)
    risk: dict = field(default_factory=dict)  # partner: how likely it is lost
    potential: dict = field(default_factory=dict)
    segment: dict = field(default_factory=dict)  # partner: (segment, since)
    morning: dict = field(default_factory=dict)  # partner: (day, the segment in which that day began, since)
    left_from: dict = field(default_factory=dict)  # partner: (segment, since) when it left
    applying: dict = field(default_factory=dict)  # partner: the touchpoints that apply
    away: dict = field(default_factory=dict)  # (partner, step): since when it does not apply
    back: dict = field(default_factory=dict)  # (partner, step): taken up again after it came due meanwhile
    had: set = field(default_factory=set)  # (partner, step) that was somebody's to do
    held: dict = field(default_factory=dict)  # promise that is held back: (partner, day, stopped on)
    blacklist: set = field(default_factory=set)
    flexible: set = field(default_factory=set)  # schedules without hours
    answered: dict = field(default_factory=dict)  # (partner, step): the follow-up that is a person's, as the customer answered
    sent: dict = field(default_factory=dict)  # automatic follow-up: its contact, see above
    agreed: dict = field(default_factory=dict)  # partner: (cadence of its strategy, since, last day, days of a cycle)


class TestPlannerProperties(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # who is asked last: of the managers one who administers nothing
        managers = cls.env.ref('customer_success.group_customer_success_manager').all_user_ids
        (managers - cls.mara - cls.zoe).group_ids -= cls.env.ref('customer_success.group_customer_success_manager')
        cls.manager = cls.mara
        gulf = cls.env['resource.calendar'].create({
            'name': "Sunday to Thursday", 'tz': 'UTC', 'company_id': cls.company.id, 'attendance_ids': [
                Command.create({'name': str(weekday), 'dayofweek': str(weekday), 'hour_from': 8, 'hour_to': 16})
                for weekday in (6, 0, 1, 2, 3)]})
        cls.env['resource.resource'].create({'name': "Ben", 'user_id': cls.ben.id, 'calendar_id': gulf.id})
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.tz = 'UTC'
        cls.gulf = gulf
        cls.tiers = cls.env['customer.tier'].create([
            {'name': "Tier A", 'sequence': 1}, {'name': "Tier B", 'sequence': 2}])
        talks = cls._cadence(
            "Talks",
            {'name': "Talk", 'channel_id': cls.call.id, 'interval_count': 1, 'interval_unit': 'month',
             'alternative_channel_ids': [Command.set(cls.messenger.ids)]},
            {'name': "Visit", 'channel_id': cls.visit.id, 'interval_count': 5, 'interval_unit': 'week',
             'role': 'leader', 'grace_days': 2},
            {'name': "Thank for the order", 'channel_id': cls.call.id, 'kind': 'event', 'event': 'order',
             'delay_count': 2},
            {'name': "Thank at once", 'channel_id': cls.video.id, 'kind': 'event', 'event': 'signing', 'delay_count': 3,
             'delay_unit': 'hour', 'on_timeout': 'cancel', 'grace_days': 12},
            sequence=1, tier_ids=[Command.set(cls.tiers[0].ids)])
        cls.template = cls.env['mail.template'].create({
            'name': "News", 'model_id': cls.env['ir.model']._get_id('customer.followup'),
            'subject': "News for {{ object.contact_id.name }}", 'body_html': "<p>News</p>"})
        mails = cls._cadence(
            "Mails",
            {'name': "News", 'channel_id': cls.email.id, 'interval_count': 2, 'interval_unit': 'week',
             'fallback_channel_id': cls.sms.id, 'mail_template_id': cls.template.id, 'automatic': True},
            {'name': "Offer", 'channel_id': cls.email.id, 'interval_count': 11, 'interval_unit': 'day'},
            sequence=1, tier_ids=[Command.set(cls.tiers[1].ids)])
        cls._make_segments()
        by_segment = cls._cadence(
            "Close",
            {'name': "Closer talk", 'channel_id': cls.video.id, 'interval_count': 9, 'interval_unit': 'day'},
            {'name': "Message", 'channel_id': cls.messenger.id, 'interval_count': 6, 'interval_unit': 'week'},
            sequence=1, segment_ids=[Command.set(cls.segments[0].ids)])
        kept = cls._cadence(
            "Kept", {'name': "Talk to keep them", 'channel_id': cls.call.id, 'interval_count': 3, 'interval_unit': 'week'},
            sequence=2, segment_ids=[Command.set(cls.segments[:2].ids)], tier_ids=[Command.set(cls.tiers[1].ids)])
        cls.cadences = talks + mails + by_segment + kept + cls.cadence
        cls.at_once = talks.step_ids.filtered(lambda step: step.event == 'signing')
        cls.next_one = cls.env['customer.cadence.step'].create({
            'cadence_id': talks.id, 'name': "And then", 'channel_id': cls.call.id, 'kind': 'event', 'event': 'step',
            'after_step_id': cls.at_once.id, 'delay_count': 4, 'date_start': '2020-01-01', 'wait_days': 3, 'grace_days': 9})
        cls._make_countries()

    @classmethod
    def _make_segments(cls):
        """Three segments, by rules of their own that come before the shipped ones."""
        cls.segments = cls.env['customer.segment'].create([
            {'name': f"Segment {number}", 'sequence': number} for number in range(3)])
        cls.env['customer.segment.rule'].create([
            {'segment_id': cls.segments[0].id, 'sequence': 0, 'potential': 'high', 'tier_ids': [Command.set(cls.tiers.ids)]},
            {'segment_id': cls.segments[1].id, 'sequence': 0, 'risk': 'high'},
            {'segment_id': cls.segments[2].id, 'sequence': 1},
        ])

    @classmethod
    def _make_countries(cls):
        """Two countries that no library knows, with weekends, holidays and seasons of their own."""
        cls.countries = cls.env['res.country'].create([
            {'name': "Ruritania", 'code': 'X1'}, {'name': "Desertia", 'code': 'X2'}])
        wait = cls.env['customer.country.calendar'].with_context(customer_calendar_wait=True)
        cls.country_calendars = wait.create([
            {'country_id': cls.countries[0].id},
            {'country_id': cls.countries[1].id, 'work_fri': False, 'work_sat': False, 'work_sun': True}])
        cls.festivals = cls.env['customer.festival'].create([
            {'name': f"Season {number}", 'method': 'manual'} for number in range(3)])
        cls.cultures = cls.env['customer.culture'].create([
            {'name': "Ruritanian", 'country_ids': [Command.set(cls.countries[0].ids)]},
            {'name': "Desertian", 'country_ids': [Command.set(cls.countries[1].ids)]}])
        cls.cultures += cls.env['customer.culture'].create({'name': "Capital", 'parent_id': cls.cultures[0].id})

    # ------------------------------------------------------------
    # THE ORACLE
    # ------------------------------------------------------------

    def _in_scope(self, partner):
        enrolment = self.memory.enrolment[partner.id]
        managed = enrolment == 'enrolled' or enrolment == 'auto' and self.memory.orders[partner.id]
        return managed and partner.id not in self.memory.stopped | self.memory.archived

    def _agreed_with(self, partner):
        """The cadence of the running strategy, and since when."""
        cadence_id, since, *__ = self.memory.agreed.get(partner.id, (False, None))
        cadence = self.env['customer.cadence'].browse(cadence_id)
        return (cadence, since) if cadence and cadence.active else (cadence.browse(), None)

    def _cadence_of(self, partner):
        if agreed := self._agreed_with(partner)[0]:
            return agreed
        if partner.customer_cadence_id.active:
            return partner.customer_cadence_id
        cadences = self.env['customer.cadence'].search([('company_id', 'in', (False, self.company.id))])
        cadences = cadences.sorted(lambda cadence: (not cadence.company_id, cadence.sequence, cadence.id))
        segment = self._segment_of(partner)
        by_segment = [cadence for cadence in cadences if segment in cadence.segment_ids]
        if by_segment:
            return by_segment[0]
        by_tier = [cadence for cadence in cadences if partner.customer_tier_id in cadence.tier_ids]
        return (by_tier + [cadence for cadence in cadences if cadence.is_default])[0]

    def _segment_of(self, partner):
        """The one segment of a managed customer, by the rules as they are told to a person."""
        if not partner.customer_managed:
            return self.segments.browse()
        rules = [
            (self.segments[0], partner.customer_tier_id in self.tiers and self.memory.potential.get(partner.id) == 'high'),
            (self.segments[1], self.memory.risk.get(partner.id) == 'high'),
            (self.segments[2], True)]
        rules = [(segment, fits) for segment, fits in rules if segment.active]
        return next(segment for segment, fits in rules if fits)

    def _channel_of(self, partner, step):
        """The channel a touch is planned on, or none."""
        if step.channel_id.medium == 'email' and partner.id in self.memory.blacklist:
            return step.fallback_channel_id
        return step.channel_id

    def _anchor_of(self, partner, step):
        direct = step.channel_id + step.alternative_channel_ids
        counting = {
            channel.id for channel in self.env['customer.channel'].search([])
            if channel in direct or channel.satisfies_ids & direct}
        happened = [day for who, channel, day, done in self.memory.contacts
                    if who == partner.id and (channel in counting or done == step.id)]
        skips = self.memory.skips[partner.id, step.id]
        if skips and not (happened and max(happened) >= max(decided for decided, __ in skips)):
            happened += [day for __, day in skips]  # nobody was reached since it was decided
        happened += [day for key, day in self.memory.back.items() if key == (partner.id, step.id)]
        since = (partner.customer_managed_since, partner.customer_tier_since, partner.customer_cadence_since,
                 step.date_start, self._meant_since(partner))
        return max(happened) if happened else max(filter(None, since))

    def _meant_since(self, partner):
        """Since when the cadence is meant for the customer: by its strategy or its segment."""
        agreed, agreed_since = self._agreed_with(partner)
        own = agreed or partner.customer_cadence_id.active
        by_segment = not own and self._segment_of(partner) in self._cadence_of(partner).segment_ids
        return agreed_since or by_segment and self.memory.segment[partner.id][1]

    def _look_at_returns(self, partner, steps, is_open):
        """What applies again is what it was; only what came due meanwhile counts from today, and nobody is overdue with what
        was never theirs to do."""
        memory = self.memory
        before = memory.applying.get(partner.id, set())
        memory.applying[partner.id] = set(steps.ids)
        for step_id in before - set(steps.ids):
            memory.away[partner.id, step_id] = self.today
        for step in steps.filtered(lambda step: step.id not in before):
            key, anchor = (partner.id, step.id), self._anchor_of(partner, step)
            followup = is_open.filtered(lambda followup, step=step: followup.step_id == step)
            due = anchor + relativedelta(**{UNITS[step.interval_unit]: step.interval_count})
            moved = memory.moves.get(followup.id)
            wished = moved[1] if moved and moved[0] == anchor else due
            if key in memory.away:
                days = (self.today - memory.away.pop(key)).days
                # a day after the mistake it depends on the hour
                returns = wished < self.today and (days > 1 or days == 1 and followup.date_back == self.today)
            else:
                applies = max(filter(None, (
                    partner.customer_managed_since, partner.customer_tier_since, partner.customer_cadence_since,
                    step.date_start, self._meant_since(partner))))
                returns = key not in memory.had and max(due, applies) + step.grace_days * DAY < self.today
            if returns:
                memory.back[key] = self.today
            memory.had.add(key)

    def _owner_of(self, partner, step):
        account_manager, nobody = partner.user_id, self.env['res.users']
        if not account_manager:
            return nobody
        leader = self.li if account_manager in self.otto + self.li else self.lena
        line = [leader, account_manager] if step.role == 'leader' else [account_manager, leader]
        return next((user for user in line if user.active), self.manager)

    def _works(self, user, day):
        calendar, week = (self.gulf, (6, 0, 1, 2, 3)) if user == self.ben else (self.calendar, range(5))
        if calendar.id in self.memory.flexible:
            week = range(5)  # that of the company
        closed = any(
            first <= day <= last and calendar_id in (None, calendar.id)
            for calendar_id, first, last in self.memory.holidays.values())
        return day.weekday() in week and not closed

    def _next_working(self, user, day):
        while not self._works(user, day):
            day += DAY
        return day

    def _culture_of(self, partner):
        own = partner.customer_culture_manual_id
        return own or self.cultures.filtered(lambda culture: partner.country_id in culture.country_ids)

    def _fit(self, partner, day, channel):
        """2: suits, 1: better not, 0: forbidden, -1: nobody works at the customer's."""
        culture = self._culture_of(partner)
        said, opens = set(), set()
        for period in culture.period_ids + culture.parent_id.period_ids:
            for row in period.festival_id.date_ids:
                if row.date_from - period.days_before * DAY <= day <= row.date_to + period.days_after * DAY:
                    if not period.channel_ids or channel in period.channel_ids:
                        scope = 'this' if period.channel_ids else 'all'
                        said.add((period.effect, scope))
                        if period.greet:
                            opens.add(scope)
        calendar = self.country_calendars.filtered(lambda calendar: calendar.country_id == partner.country_id)
        rows = calendar.holiday_ids.filtered(lambda row: row.date == day)
        week = [calendar[f'work_{name}'] for name in ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')] if calendar else []
        closed = week and 'workday' not in rows.mapped('kind') and (
            'holiday' in rows.mapped('kind') or not week[day.weekday()])
        if ('forbid', 'this') in said:
            return 0
        counting = {'this'} if ('forbid', 'all') in said else {'this', 'all'}
        if any(('suggest', scope) in said for scope in counting):
            return 2 if opens & counting or not closed else -1
        if ('forbid', 'all') in said:
            return 0
        if closed:
            return -1
        return 1 if any(effect == 'discourage' for effect, __ in said) else 2

    def _choose(self, partner, step, wished, paused):
        """The day and the channel for a touch, and whether it does not suit: by looking at every day there is."""
        owner, planned = self._owner_of(partner, step), self._channel_of(partner, step)
        due = self._next_working(owner, wished)
        half = {'day': 1, 'week': 7, 'month': 30}[step.interval_unit] * step.interval_count // 2
        back = 0 if paused or step.direction == 'later' else min(step.grace_days, half)
        cost = {}
        for offset in range(-back, (due - wished).days + step.grace_days + 1):
            day = wished + offset * DAY
            if self._works(owner, day):
                if step.direction == 'nearest' and not paused:
                    cost[day] = 2 * abs(offset) + (offset < 0)
                else:
                    cost[day] = -offset if offset <= 0 else 1000 + offset

        def best(channel):
            open_days = [(3 - self._fit(partner, day, channel), cost[day], day) for day in cost
                         if self._fit(partner, day, channel) > 0]
            return min(open_days)[2] if open_days else None

        fallback = step.fallback_channel_id if planned == step.channel_id else None
        in_order = sorted(cost, key=cost.get)
        first = in_order[0]
        if self._fit(partner, first, planned) == 2:
            return first, planned, False
        if fallback and step.when_unfit == 'switch':
            closed = [self._fit(partner, day, planned) for day in in_order if self._fit(partner, day, planned) >= 0]
            if closed and closed[0] == 0 and best(fallback):
                return best(fallback), fallback, False
        if best(planned):
            return best(planned), planned, False
        if fallback and step.when_unfit == 'wait_switch' and best(fallback):
            return best(fallback), fallback, False
        return first, planned, True

    def _happened(self, partner, step):
        """Whether the touch counts from something that happened, and not from the day since when it applies."""
        direct = step.channel_id + step.alternative_channel_ids
        counting = {channel.id for channel in self.env['customer.channel'].search([])
                    if channel in direct or channel.satisfies_ids & direct}
        return (any(who == partner.id and (channel in counting or done == step.id)
                    for who, channel, __, done in self.memory.contacts)
                or bool(self.memory.skips[partner.id, step.id]) or (partner.id, step.id) in self.memory.back)

    def _due_from(self, partner, step, anchor):
        """The day that the interval asks for, or the one that the customer has in a first round that is spread."""
        due = anchor + relativedelta(**{UNITS[step.interval_unit]: step.interval_count})
        if not step.spread_from:
            return due
        if not self._happened(partner, step):
            begins = max(anchor, step.spread_from)
        elif due < step.spread_from:
            begins = step.spread_from
        else:
            return due
        length = (begins + relativedelta(**{UNITS[step.interval_unit]: step.interval_count}) - begins).days
        place = (partner.id + step.id) * 0x9E3779B9 % 2 ** 32
        return begins + (place * length // 2 ** 32 + 1) * DAY

    def _paused(self, partner, anchor, day):
        pauses = [Pause(*span) for span in self.memory.pauses[partner.id].values()]
        return skip_pauses(anchor, day, pauses, self.today)

    def _place_of(self, partner, step, followup):
        """What the open follow-up has to be: day, anchor, channel, and whether it stays on a day that does not suit."""
        anchor = self._anchor_of(partner, step)
        moved = self.memory.moves.get(followup.id)
        if moved and moved[0] == anchor:
            wished, day = moved[1], self._paused(partner, moved[1] - DAY, moved[1])
            if day == wished:
                return day, anchor, self._channel_of(partner, step), False
        else:
            self.memory.moves.pop(followup.id, None)
            wished = self._due_from(partner, step, anchor)
            day = self._paused(partner, anchor, wished)
        day, channel, unfit = self._choose(partner, step, day, day != wished)
        return day, anchor, channel, unfit

    # ------------------------------------------------------------
    # THE INVARIANT
    # ------------------------------------------------------------

    def _check(self):
        self.env['customer.planner']._begin_pauses()
        self.env['customer.planner']._work_queue()
        failed = self.env['customer.plan.request'].search([('attempts', '>', 0)])
        self.assertFalse(failed, failed.mapped('error'))
        self.env.invalidate_all()
        for partner in self.customers:
            self._check_segment(partner)
            is_open = self._open(partner)
            recurring = is_open.filtered(lambda followup: followup.step_id.kind == 'recurring')
            steps = self.env['customer.cadence.step']
            if self._in_scope(partner):
                steps = self._cadence_of(partner).step_ids.filtered(
                    lambda step, partner=partner: step.kind == 'recurring' and self._channel_of(partner, step))
            self._look_at_returns(partner, steps, is_open)
            # exactly one for each touchpoint, and none beside them
            self.assertEqual(sorted(followup.step_id.id for followup in recurring), sorted(steps.ids), partner.name)
            for followup in recurring:
                planned, anchor, channel, unfit = self._place_of(partner, followup.step_id, followup)
                self.assertEqual(
                    (followup.date_planned, followup.date_anchor, followup.channel_id, followup.unfit, followup.owner_id),
                    (planned, anchor, channel, unfit, self._owner_of(partner, followup.step_id)),
                    f'{partner.name}, {followup.step_id.name}')
                self._check_promises_of_the_calendar(partner, followup)
            # nobody who left has anything, and what somebody is meant to do has somebody
            self.assertTrue(all(followup.user_id.active for followup in is_open if followup.user_id), partner.name)
            self.assertTrue(all(followup.user_id for followup in is_open if partner.user_id), partner.name)
            promises = is_open.filtered(lambda followup: not followup.step_id)
            wanted = {followup_id: self._paused(partner, day - DAY, day)
                      for followup_id, (who, day) in self.memory.promises.items() if who == partner.id}
            self.assertEqual({followup.id: followup.date_planned for followup in promises}, wanted, partner.name)
            self._check_events(partner)
        self._check_settled()

    def _check_events(self, partner):
        """CAD-1: what was signed has one follow-up as long as it is signed, for its hour, and the next one comes after it; what
        is not signed any more has none open; and nothing hangs."""
        signed = {self.memory.signed[order_id] for order_id in self.memory.orders[partner.id]}
        ever = self.env['customer.followup'].search([
            ('partner_id', '=', partner.id), ('step_id', 'in', (self.at_once + self.next_one).ids)])
        is_open = ever.filtered(lambda followup: followup.state == 'planned')
        self.assertTrue(is_open.mapped('event_date') == [] or self._in_scope(partner))
        self.assertLessEqual(set(is_open.mapped('event_date')), signed, partner.name)
        kept = [(followup.step_id, followup.event_date) for followup in ever if followup.state != 'cancelled']
        self.assertEqual(len(kept), len(set(kept)), "each event once")
        for followup in is_open.filtered(lambda followup: followup.step_id == self.at_once and followup.planned_at):
            # orders are confirmed at noon or, the second time, at nine
            self.assertGreaterEqual(followup.planned_at, datetime.combine(followup.event_date, time(12)))
            if followup.date_planned == followup.event_date:
                self.assertEqual(followup.planned_at, datetime.combine(followup.event_date, time(15)))
        for followup in is_open:
            self.assertTrue(followup.date_limit and followup.date_escalate > followup.date_limit, "it has an end")
        if self._in_scope(partner) and self._cadence_of(partner) == self.at_once.cadence_id:
            own = ever.filtered(lambda followup: followup.step_id == self.at_once)
            there = set(own.filtered(lambda f: f.state != 'cancelled' or f.close_kind == 'timeout').mapped('event_date'))
            # what was made for an order that is not there any more stands for an earlier one
            made = {*own.filtered(lambda f: f.state in ('done', 'skipped')).mapped('event_date')}
            first = max(max(made - signed, default=date.min), self.today - self.at_once.grace_days * DAY)
            self.assertLessEqual({day for day in signed if day >= first}, there, partner.name)
        for followup in ever.filtered(lambda followup: followup.step_id == self.next_one and followup.state == 'planned'):
            first = ever.filtered(lambda f, day=followup.event_date: f.step_id == self.at_once and f.event_date == day and (
                f.state != 'cancelled' or f.close_kind == 'timeout'))
            self.assertTrue(first.state != 'planned' or first.date_limit + self.next_one.wait_days * DAY < self.today)

    def _check_segment(self, partner):
        """SEG-4: exactly one segment for who is managed, since the day on which it became this one, with its history."""
        segment = self._segment_of(partner)
        self.assertEqual(partner.customer_segment_id, segment, partner.name)
        nothing = (segment.browse(), None)
        known, since = self.memory.segment.get(partner.id, nothing)
        if self.memory.morning.get(partner.id, (None,))[0] != self.today:
            self.memory.morning[partner.id] = (self.today, known, since)
        __, morning, morning_since = self.memory.morning[partner.id]
        if segment != known:
            if not segment:
                self.memory.left_from[partner.id] = (known, since)
            returned = nothing if known else self.memory.left_from.get(partner.id, nothing)
            since = (returned[1] if segment and segment == returned[0]
                     else morning_since if segment and segment == morning else self.today)
            self.memory.segment[partner.id] = (segment, since)
            if segment != morning:
                last = partner.customer_segment_change_ids[0]
                self.assertEqual((last.new_segment_id, last.date), (segment, self.today))
        if segment:
            self.assertEqual(partner.customer_segment_since, self.memory.segment[partner.id][1])

    def _check_promises_of_the_calendar(self, partner, followup):
        """CUL-2: never on a forbidden day or past the maximum date without a warning, never moved without a reason."""
        if followup.date_manual:
            return
        self.assertLessEqual(followup.date_planned, followup.date_limit)
        self.assertTrue(followup.unfit or self._fit(partner, followup.date_planned, followup.channel_id) > 0)
        if followup.date_planned != followup.date_raw or followup.switched or followup.unfit:
            self.assertNotEqual(followup.move_kind, 'none')
        if followup.switched or followup.unfit:
            self.assertTrue(followup.move_note)

    def _check_settled(self):
        """Planning again, by request or by name, writes nothing at all: a row that is written moves in its table."""
        rows = self._rows()
        self.env['customer.plan.request']._request(self.customers.ids, at_once=0)
        counts = self.env['customer.planner']._work_queue()
        for (place, row), (place_now, row_now) in zip(rows, self._rows(), strict=True):
            changed = {key: (row[key], row_now[key]) for key in row if row[key] != row_now[key]}
            self.assertEqual((place, changed), (place_now, {}), changed)
        self.assertEqual(counts, {'opened': 0, 'moved': 0, 'cancelled': 0, 'failed': 0})

    def _rows(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT ctid::text, to_jsonb(f) FROM customer_followup f WHERE partner_id = ANY(%s) ORDER BY id",
            [self.customers.ids])
        return self.env.cr.fetchall()

    # ------------------------------------------------------------
    # WHAT HAPPENS TO CUSTOMERS
    # ------------------------------------------------------------

    def _happens_contact(self, partner, planned=True):
        """A contact: on time or recorded late, answered or not, for a follow-up or out of the blue."""
        dice = self.dice
        moment = datetime.combine(self.today, datetime.min.time()) + timedelta(hours=dice.randint(6, 8))
        moment -= dice.choice((0, 0, 1, 3, 12, 40)) * DAY
        is_open = self._open(partner)
        followup = dice.choice(is_open or [is_open]) if planned else is_open.browse()
        channel = followup.channel_id if followup and dice.random() < 0.7 else dice.choice(self.channels)
        outcome = dice.choice(('neutral', 'need', 'satisfied', 'no_answer'))
        promise = {}
        if dice.random() < 0.15:
            promise = {'next_step': "Send the offer", 'next_date': self.today + dice.randint(0, 20) * DAY}
        record = partner._log_contact(
            channel=channel, contact_at=moment, outcome=outcome, followup=followup or None, **promise)
        if outcome != 'no_answer':
            self.memory.contacts.append((partner.id, channel.id, moment.date(), record.step_id.id))
            self.memory.promises.pop(record.id, None)
        if record.next_followup_id and partner.id in self.memory.stopped:
            self.memory.held[record.next_followup_id.id] = (partner.id, promise['next_date'], self.today)
        elif record.next_followup_id:
            self.memory.promises[record.next_followup_id.id] = (partner.id, promise['next_date'])

    def _happens_unplanned(self, partner):
        self._happens_contact(partner, planned=False)

    def _some_open(self, partner):
        return self.dice.choice(self._open(partner).filtered(
            lambda followup: followup.step_id.kind == 'recurring') or [self.env['customer.followup']])

    def _happens_skip(self, partner):
        if followup := self._some_open(partner):
            day = max(followup.date_planned, self.today)
            followup._skip(self.reason)
            self.memory.skips[partner.id, followup.step_id.id].append((self.today, day))

    def _happens_move(self, partner):
        if followup := self._some_open(partner):
            anchor, day = followup.date_anchor, self.today + self.dice.randint(0, 40) * DAY
            followup._move(day, self.reason)
            self.memory.moves[followup.id] = (anchor, day)

    def _happens_cancel(self, partner):
        if followup := self._some_open(partner):
            followup._cancel("Not now")

    def _happens_reassign(self, partner):
        if followup := self._some_open(partner):
            if here := (self.otto + self.ben).filtered('active'):
                followup._reassign(self.dice.choice(here))

    def _happens_archived_user(self, partner):
        """Somebody leaves, as people do it, or comes back to the team."""
        user = self.dice.choice(self.anna + self.ben + self.otto + self.lena + self.li)
        if user.active:
            user.with_user(self.env.ref('base.user_admin')).action_archive()
        else:
            user.active = True
            team = self.team_south if user in self.otto + self.li else self.team_north
            team.member_ids += user

    def _happens_new_account_manager(self, partner):
        partner.user_id = self.dice.choice([self.anna, self.ben, self.otto, self.env['res.users']])

    def _happens_pause(self, partner):
        start = self.today + self.dice.choice((-5, 0, 0, 4, 15)) * DAY
        end = max(start, self.today) + self.dice.randint(0, 30) * DAY
        pause = self.env['customer.pause'].create({
            'partner_id': partner.id, 'date_from': start, 'date_to': end, 'reason_id': self.reason.id})
        self.memory.pauses[partner.id][pause.id] = (start, end)

    def _happens_resume(self, partner):
        partner.action_customer_resume()
        self.memory.stopped.discard(partner.id)
        for followup_id, (who, day, stopped) in list(self.memory.held.items()):
            if who == partner.id:
                del self.memory.held[followup_id]
                followup = self.env['customer.followup'].browse(followup_id)
                passed = day < self.today and (
                    stopped < self.today - DAY or stopped == self.today - DAY and followup.date_back == self.today)
                self.memory.promises[followup_id] = (who, self.today if passed else day)
        pauses = self.memory.pauses[partner.id]
        for pause_id, (start, end) in list(pauses.items()):
            if start == self.today <= end:
                del pauses[pause_id]
            elif start < self.today <= end:
                pauses[pause_id] = (start, self.today - DAY)

    def _happens_stop(self, partner):
        self.env['customer.pause.wizard'].create({
            'partner_ids': [Command.set(partner.ids)], 'kind': 'stop', 'reason_id': self.reason.id}).action_apply()
        self.memory.stopped.add(partner.id)
        for followup_id, (who, __) in list(self.memory.promises.items()):
            if who == partner.id:
                self.memory.held[followup_id] = (*self.memory.promises.pop(followup_id), self.today)

    def _happens_enrolment(self, partner):
        partner.customer_enrolment = enrolment = self.dice.choice(('auto', 'enrolled', 'enrolled', 'excluded'))
        self.memory.enrolment[partner.id] = enrolment

    def _happens_order(self, partner):
        order = self._order(partner, self.dice.randint(1, 9) * 1000, self.today)
        self.memory.orders[partner.id].add(order.id)
        self.memory.signed[order.id] = self.today

    def _happens_event_made(self, partner):
        """A touch after an event is made, or left out."""
        followups = self._open(partner).filtered('event_date')
        if followups and self.dice.random() < 0.6:
            followup = self.dice.choice(followups)
            partner._log_contact(
                channel=followup.channel_id, contact_at=fields.Datetime.now(), outcome='neutral', followup=followup)
            self.memory.contacts.append((partner.id, followup.channel_id.id, self.today, followup.step_id.id))
        elif followups:
            self.dice.choice(followups)._skip(self.reason)

    def _happens_reminders(self, partner):
        """What nobody made by its latest day is dealt with."""
        reminder = self.env['customer.reminder']
        late = self.env['customer.followup'].search(reminder._escalate_domain())
        reminder._escalate_overdue(late.filtered(lambda followup: followup.partner_id in self.customers))

    def _happens_set_back(self, partner):
        """An order is cancelled, and perhaps confirmed again; the same one or another."""
        orders = self.env['sale.order'].browse(self.memory.orders[partner.id])
        if not orders:
            return
        order = self.dice.choice(orders.sorted('id'))
        order._action_cancel()
        self.memory.orders[partner.id].discard(order.id)
        if self.dice.random() < 0.6:
            order.action_draft()
            order.action_confirm()
            self.memory.orders[partner.id].add(order.id)

    def _happens_archived_customer(self, partner):
        """A customer is archived, perhaps by mistake, or comes back."""
        for __ in range(self.dice.choice((1, 1, 2))):
            partner.active = not partner.active
            (self.memory.archived.discard if partner.active else self.memory.archived.add)(partner.id)

    def _happens_group(self, partner):
        """A company comes under another one, or out: it stays a customer of its own."""
        partner.parent_id = self.dice.choice([self.group, self.group.browse()])

    def _happens_company_mark(self, partner):
        """The mark of a company in a group goes off and on: it is a part of the group, and then what it was."""
        parent = partner.parent_id
        partner.parent_id = self.group
        partner.is_company = False
        self.assertFalse(self._open(partner))
        partner.is_company = True
        partner.parent_id = parent

    def _happens_tier_round_trip(self, partner):
        """Up and down, or down and up, on one day: nothing happened."""
        tier = partner.customer_tier_manual_id
        since = partner.customer_tier_since
        if partner.customer_managed and tier and tier == partner.customer_tier_id and len(self.tiers - tier) == 1:
            agreed = {followup.id: followup.date_planned for followup in self._open(partner) if followup.date_manual}
            for there in (self.tiers - tier, tier):
                partner._set_tier_by_hand(there, "Random")
            self.env['customer.planner']._work_queue()
            self.assertEqual((partner.customer_tier_id, partner.customer_tier_since), (tier, since))
            self.env['customer.followup'].invalidate_model()
            self.assertEqual(agreed, {
                followup.id: followup.date_planned for followup in self._open(partner) if followup.date_manual})

    def _happens_tier(self, partner):
        if self.dice.random() < 0.7:
            partner._set_tier_by_hand(self.dice.choice(self.tiers), "Random")
        else:
            partner._end_tier_by_hand()

    def _happens_potential(self, partner):
        potential = self.dice.choice(('high', 'high', 'low', False))
        partner.write({'customer_potential': potential, 'customer_potential_reason': potential and "Random"})
        self.memory.potential[partner.id] = potential

    def _happens_risk(self, partner):
        """What the wing health finds out in the night, and everybody is placed anew."""
        self.memory.risk[partner.id] = risk = self.dice.choice(('high', 'medium', None))
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET customer_risk_level = %s WHERE id = %s", [risk, partner.id])
        self.env.invalidate_all()
        self.env['customer.segmenter']._refresh(self.dice.choice((self.customers.ids, None)))

    def _happens_archived_segment(self, partner):
        """A segment comes or goes; its customers are placed by the other rules, by the button or in the night."""
        segment = self.dice.choice(self.segments[:2])
        segment.active = not segment.active
        if self.dice.random() < 0.5:
            self.env['customer.segment'].action_place_customers()
        else:
            self.env['customer.ranking']._refresh_all()

    def _happens_cadence_segments(self, partner):
        cadence = self.dice.choice(self.cadences[2:4])
        cadence.segment_ids = self.dice.choice((self.segments, self.segments[:1], self.segments[1:], self.segments[:0]))

    def _happens_own_cadence(self, partner):
        partner.customer_cadence_id = self.dice.choice([*self.cadences, self.env['customer.cadence']])

    def _happens_strategy(self, partner):
        """A strategy with a cadence begins, is replaced by another version, or is stopped."""
        strategies, cadence = self.env['customer.strategy'], self.dice.choice([*self.cadences, self.env['customer.cadence']])
        running = strategies.search([('partner_id', '=', partner.id), ('state', '=', 'active')])
        days = self.dice.choice((7, 20, 90))
        if running and self.dice.random() < 0.5:
            running.action_stop()
            del self.memory.agreed[partner.id]
        elif running:
            before, since, *__ = self.memory.agreed[partner.id]
            running._replace({'cadence_id': cadence.id, 'cycle_days': days}, self.today)
            self.memory.agreed[partner.id] = (
                cadence.id, since if before == cadence.id else self.today, self.today + (days - 1) * DAY, days)
        else:
            start = self.today - self.dice.choice((0, 0, 6)) * DAY
            end = start + (days - 1) * DAY
            self.env['customer.strategy.cycle']._begin(strategies.create({
                'partner_id': partner.id, 'core_approach': "Random", 'cadence_id': cadence.id, 'date_start': start,
                'date_end': end}))
            self.memory.agreed[partner.id] = (cadence.id, start, end, days)

    def _happens_end_of_cycles(self, partner):
        self.env['customer.strategy.cycle']._end_cycles()
        for other in self.customers:
            cadence_id, since, end, days = self.memory.agreed.get(other.id, (False, None, self.today, 1))
            if end < self.today and not other.customer_managed:
                del self.memory.agreed[other.id]
                continue
            while end < self.today:
                end += days * DAY
                self.memory.agreed[other.id] = (cadence_id, since, end, days)

    def _happens_archived_cadence(self, partner):
        cadence = self.dice.choice(self.cadences)
        if cadence.step_ids:
            cadence.active = not cadence.active

    def _happens_cadence_sequence(self, partner):
        cadence = self.dice.choice(self.cadences)
        cadence.write({'tier_ids': [Command.set(self.dice.choice((self.tiers, self.tiers[:1], self.tiers[1:])).ids)],
                       'sequence': self.dice.randint(1, 5)})

    def _some_step(self):
        steps = self.env['customer.cadence.step'].with_context(active_test=False).search([
            ('cadence_id', 'in', self.cadences.ids), ('kind', '=', 'recurring')])
        return self.dice.choice(steps).with_env(self.env)

    def _happens_interval(self, partner):
        self._some_step().write({
            'interval_count': self.dice.randint(1, 6), 'interval_unit': self.dice.choice(('day', 'week', 'month'))})

    def _happens_archived_step(self, partner):
        step = self._some_step()
        if not step.active or step.cadence_id.step_ids.filtered('active') != step:  # the last one can't go
            step.active = not step.active

    def _happens_step_channel(self, partner):
        self._some_step().write({
            'alternative_channel_ids': [Command.set(self.dice.choice(self.channels).ids)],
            'fallback_channel_id': self.dice.choice([self.sms, self.env['customer.channel']]).id})

    def _happens_new_step(self, partner):
        if len(self.cadences.step_ids) < 12:
            self.env['customer.cadence.step'].create({
                'cadence_id': self.dice.choice(self.cadences).id, 'name': f"Extra {self.dice.random()}",
                'channel_id': self.dice.choice(self.channels).id, 'interval_count': self.dice.randint(3, 20),
                'interval_unit': 'day'})

    def _happens_removed_step(self, partner):
        step = self._some_step()
        if len(step.cadence_id.step_ids - step) > 1:
            step.unlink()

    def _happens_equivalence(self, partner):
        channel, other = self.dice.sample(list(self.channels), 2)
        channel.satisfies_ids = [
            Command.unlink(other.id) if other in channel.satisfies_ids else Command.link(other.id)]

    def _happens_opt_out(self, partner):
        blacklist = self.env['mail.blacklist']
        if partner.id in self.memory.blacklist:
            blacklist._remove(partner.email)
            self.memory.blacklist.discard(partner.id)
        else:
            blacklist._add(partner.email)
            self.memory.blacklist.add(partner.id)

    def _happens_holiday(self, partner):
        if self.memory.holidays and self.dice.random() < 0.4:
            leave_id = self.dice.choice(sorted(self.memory.holidays))
            self.env['resource.calendar.leaves'].browse(leave_id).unlink()
            del self.memory.holidays[leave_id]
            return
        first = self.today + self.dice.randint(0, 60) * DAY
        last = first + self.dice.randint(0, 9) * DAY
        calendar = self.dice.choice([self.calendar, self.gulf])
        leave = self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'calendar_id': calendar.id,
            'date_from': datetime.combine(first, datetime.min.time()),
            'date_to': datetime.combine(last, datetime.max.time().replace(microsecond=0))})
        self.memory.holidays[leave.id] = (calendar.id, first, last)

    def _happens_flexible(self, partner):
        """Somebody's schedule loses its hours, or gets them back."""
        calendar = self.dice.choice([self.calendar, self.gulf])
        self.memory.flexible ^= {calendar.id}
        calendar.schedule_type = 'flexible' if calendar.id in self.memory.flexible else 'fully_fixed'

    def _happens_zone(self, partner):
        """Somebody moves to where it is the same day: nothing of what is planned may move."""
        zone = self.dice.choice((False, 'UTC', 'Asia/Shanghai', 'Pacific/Auckland', 'America/Los_Angeles'))
        self.dice.choice([partner, self.company.partner_id] + [
            user.partner_id for user in self.anna + self.ben + self.otto + self.lena]).tz = zone

    def _happens_country(self, partner):
        partner.country_id = self.dice.choice([*self.countries, self.countries.browse()])

    def _happens_culture(self, partner):
        partner.customer_culture_manual_id = self.dice.choice([self.cultures[2], self.cultures.browse()])

    def _happens_customer_holiday(self, partner):
        holidays = self.country_calendars.holiday_ids
        if holidays and self.dice.random() < 0.5:
            holiday = self.dice.choice(holidays)
            if self.dice.random() < 0.5:
                holiday.date += self.dice.choice((-1, 1)) * DAY
            else:
                holiday.unlink()
            return
        vals = {
            'calendar_id': self.dice.choice(self.country_calendars).id, 'name': "Feast",
            'date': self.today + self.dice.randint(0, 60) * DAY,
            'kind': self.dice.choice(('holiday', 'holiday', 'workday'))}
        there = [(name, '=', vals[name]) for name in ('calendar_id', 'date', 'kind')]
        if not self.env['customer.holiday'].search_count(there, limit=1):  # typed in twice it would be refused
            self.env['customer.holiday'].create(vals)

    def _happens_week(self, partner):
        calendar = self.dice.choice(self.country_calendars)
        calendar.work_fri = not calendar.work_fri

    def _happens_season(self, partner):
        festival = self.dice.choice(self.festivals)
        festival.date_ids.unlink()
        start = self.today + self.dice.randint(-10, 50) * DAY
        self.env['customer.festival.date'].create({
            'festival_id': festival.id, 'year': start.year, 'date_from': start,
            'date_to': start + self.dice.choice((0, 3, 10, 40)) * DAY})

    def _happens_season_rule(self, partner):
        periods = self.cultures.period_ids
        if len(periods) > 4 or periods and self.dice.random() < 0.3:
            self.dice.choice(periods).unlink()
            return
        effect = self.dice.choice(('forbid', 'forbid', 'discourage', 'suggest'))
        self.env['customer.culture.period'].create({
            'culture_id': self.dice.choice(self.cultures).id, 'festival_id': self.dice.choice(self.festivals).id,
            'effect': effect, 'greet': effect == 'suggest' and self.dice.random() < 0.5,
            'days_before': self.dice.choice((0, 0, 3)), 'days_after': self.dice.choice((0, 0, 5)),
            'channel_ids': [Command.set(self.dice.choice((self.channels[:3], self.channels[3:5], self.channels[:0])).ids)]})

    def _happens_step_rule(self, partner):
        self._some_step().write({
            'when_unfit': self.dice.choice(('wait', 'switch', 'wait_switch')),
            'direction': self.dice.choice(('later', 'earlier', 'nearest')),
            'grace_days': self.dice.choice((0, 3, 10, 35)),
            'fallback_channel_id': self.dice.choice([self.sms, self.call, self.env['customer.channel']]).id})

    def _happens_sent(self, partner):
        """What is due and leaves by itself is sent, to whoever may be written to; the hours are another test's."""
        due = self.env['customer.followup'].search(self.env['customer.sender']._due_domain())
        due = due.filtered(lambda followup: followup.partner_id in self.customers and followup.date_planned <= self.today)
        with patch.object(self.env.registry['customer.sender'], '_ready', lambda model, followups: followups):
            for __ in range(2):
                self.env['customer.sender']._send_batch(due)
        for followup in due:
            if followup.partner_id.id in self.memory.blacklist:
                self.assertEqual((followup.state, followup.send_problem), ('planned', 'nobody'))
                continue
            self.assertEqual((followup.state, followup.qualifies), ('done', True))
            contact = (followup.partner_id.id, followup.channel_id.id, followup.contact_day, followup.step_id.id)
            self.memory.contacts.append(contact)
            self.memory.sent[followup.id] = contact
        messages = self.env['mail.mail'].search([('customer_delivery', '!=', False), ('res_id', 'in', list(self.memory.sent))])
        self.assertEqual(sorted(messages.mapped('res_id')), sorted(self.memory.sent), "each once")

    def _some_sent(self, partner):
        sent = self.env['customer.followup'].browse(self.memory.sent).filtered(lambda followup: followup.partner_id == partner)
        return self.dice.choice(sent or [sent])

    def _happens_answered(self, partner):
        """The customer answers to what was sent: it arrived, whatever a server said, and a person writes next."""
        if followup := self._some_sent(partner):
            if not followup.qualifies:
                self.memory.contacts.append(self.memory.sent[followup.id])
            followup._take_answer("Yes, please")
            self.assertTrue(followup.qualifies)
            coming = self.env['customer.delivery']._coming(followup)[followup]
            self.assertEqual(coming.send_problem, 'answered' if coming else False)

    def _happens_bounced(self, partner):
        """What was sent comes back, at once or weeks later: it was no contact."""
        followup = self._some_sent(partner)
        if followup and followup.qualifies and not followup.answered_at:
            for_good = self.dice.random() < 0.5
            self.env['customer.delivery']._take_bounce(followup.sent_message_id, "550 5.1.1 Unknown", for_good)
            self.memory.contacts.remove(self.memory.sent[followup.id])
            self.assertFalse(followup.qualifies)
            again = self.env['customer.delivery']._coming(followup)[followup]
            if again and for_good:
                self.assertEqual(again.send_problem, 'failed')

    def _happens_by_itself_again(self, partner):
        left = self._open(partner).filtered(lambda followup: followup.send_error and followup.automatic)
        left.action_send_by_itself()

    def _happens_spread(self, partner):
        """The first round of a touchpoint is spread from a day on, or not any more."""
        step = self._some_step()
        step.spread_from = self.dice.choice((False, self.today, self.today - 20 * DAY, self.today + 10 * DAY))

    def _happens_automatic(self, partner):
        """A touchpoint is switched on or off."""
        step = self._some_step()
        if step.channel_id.medium == 'email':
            step.write({'automatic': not step.automatic, 'mail_template_id': self.template.id})

    def _happens_cron(self, partner):
        """The scheduled action runs, and again, with everybody waiting in the queue twice."""
        for __ in range(2):
            self.env['customer.plan.request']._request(self.customers.ids, at_once=0)
            self._run_cron('plan')
        self._run_cron('plan')

    def _happens_night(self, partner):
        self.env['customer.ranking']._rank(self.customers.ids)
        self.env['customer.planner']._request_missing()

    def _happens_crash(self, partner):
        """Something happens, and the process dies in the middle of the planning: nothing of it has happened."""
        before = copy.deepcopy(self.memory)
        step = self.dice.choice(('_apply_calendars', '_cancel_unwanted', '_update_open', '_open_missing'))
        happens = self.dice.choice([name for name in self.happenings if name not in ('_happens_crash', '_happens_cron')])
        planner = self.env.registry['customer.planner']
        original = getattr(planner, step)

        def die(self, *args):
            original(self, *args)
            raise Crash

        try:
            with patch.object(planner, step, die), self.env.cr.savepoint():
                getattr(self, happens)(partner)
                self.env['customer.planner']._work_queue()
                raise Crash
        except Crash:
            self.memory = before
            self.env.invalidate_all()

    # ------------------------------------------------------------
    # LIVES
    # ------------------------------------------------------------

    def _live(self, seed, happenings, mostly=()):
        """Let things happen to a few customers, and look after each whether everything is as it has to be.

        :param mostly: names of what happens more often than anything else
        """
        self.dice, self.memory = random.Random(seed), Memory()
        self.channels = self.call + self.video + self.visit + self.email + self.sms + self.messenger + self.survey
        self.happenings = sorted(name for name in dir(self) if name.startswith('_happens_'))
        often = dict.fromkeys(('_happens_contact', '_happens_unplanned'), 6) | dict.fromkeys((
            '_happens_move', '_happens_pause', '_happens_crash', '_happens_season', '_happens_season_rule'), 2)
        often |= dict.fromkeys(mostly, 8)
        weights = [often.get(name, 1) for name in self.happenings]
        self.today = date(2027, 12, 20) + self.dice.randint(0, 60) * DAY  # the leap day of 2028 lies ahead
        with freeze_time(datetime.combine(self.today, datetime.min.time()) + timedelta(hours=9)) as clock:
            self.customers = self.env['res.partner']
            self.group = self.customers.create({'name': "Group", 'is_company': True})
            for number in range(4):
                enrolment = self.dice.choice(('auto', 'enrolled', 'enrolled'))
                partner = self._customer(
                    f"Customer {number}", customer_enrolment=enrolment, email=f'customer{number}@example.com',
                    user_id=self.dice.choice((self.anna, self.ben)).id,
                    country_id=self.dice.choice([*self.countries, self.countries.browse()]).id)
                self.customers += partner
                self.memory.enrolment[partner.id] = enrolment
            self._check()
            story = []
            for __ in range(happenings):
                if self.dice.random() < 0.5:
                    days = self.dice.choice((1, 1, 2, 5, 9, 30))
                    clock.tick(days * DAY)
                    self.today += days * DAY
                [name] = self.dice.choices(self.happenings, weights)
                partner = self.dice.choice(self.customers)
                story.append(f'{self.today} {name} {partner.name}')
                with self.subTest(seed=seed, story='\n'.join(story[-8:])):
                    getattr(self, name)(partner)
                    self.env.flush_all()
                    self._check()
                    continue
                self.fail(f"seed {seed} failed after {len(story)} happenings")

    def test_cad_4_random_lives_1(self):
        """CAD-4: always exactly one open follow-up, on the day that the last qualifying contact asks for."""
        self._live(1, 110)

    def test_cad_4_random_lives_2(self):
        """CAD-4: the same, other dice."""
        self._live(2, 110)

    def test_cad_4_random_lives_3(self):
        """CAD-4: the same, other dice."""
        self._live(3, 110)

    def test_cad_1_random_segments(self):
        """CAD-1: whose cadence applies follows the segment, whatever changes it, and nobody is overdue for the time before."""
        self._live(4, 90, mostly=(
            '_happens_potential', '_happens_risk', '_happens_tier', '_happens_archived_segment',
            '_happens_cadence_segments', '_happens_archived_cadence', '_happens_enrolment'))

    def test_str_1_random_strategies(self):
        """STR-1: as long as a strategy runs its cadence applies, whatever else changes."""
        self._live(5, 90, mostly=(
            '_happens_strategy', '_happens_end_of_cycles', '_happens_own_cadence', '_happens_archived_cadence'))

    def test_cad_4_random_zones_and_schedules(self):
        """K6, CAD-4: whatever zones people, companies and customers live in and whether their schedules have hours."""
        self._live(7, 70, mostly=('_happens_zone', '_happens_flexible', '_happens_holiday', '_happens_pause'))

    def test_cad_1_random_events(self):
        """CAD-1, LIF-1: touches after orders, and after each other, whatever becomes of the orders."""
        self._live(9, 90, mostly=(
            '_happens_order', '_happens_set_back', '_happens_event_made', '_happens_reminders', '_happens_tier'))

    def test_cad_10_random_automatic_touches(self):
        """CAD-10, CAD-4: whatever is sent, answered and comes back, each touch is sent once, and what did not arrive was none."""
        self._live(10, 110, mostly=(
            '_happens_sent', '_happens_answered', '_happens_bounced', '_happens_opt_out', '_happens_automatic',
            '_happens_spread'))

    # ------------------------------------------------------------
    # WHAT RANDOM LIVES HAVE TAUGHT
    # ------------------------------------------------------------

    def test_cad_4_archived_cadence_in_any_context(self):
        """CAD-4: an archived cadence plans nothing, also when the planning is triggered by something that looks at archived
        records, as Odoo does when an address comes off the blacklist."""
        retired = self._cadence(
            "Retired", {'name': "Visit", 'channel_id': self.visit.id}, sequence=0, tier_ids=[Command.set(self.tiers.ids)])
        retired.active = False
        customer = self._customer("Context", email='context@example.com')
        customer._set_tier_by_hand(self.tiers[0], "Test")
        before = self._open(customer)
        self.assertEqual(before.cadence_id, self.cadences[0])
        self.env['mail.blacklist']._add(customer.email)
        self.env['mail.blacklist']._remove(customer.email)
        self.assertEqual(self._open(customer), before)

    def test_cad_8_do_not_contact_ends_promises_of_everybody(self):
        """CAD-8: "do not contact" ends what was agreed, also with a partner who is no managed customer."""
        partner = self._customer("Prospect", customer_enrolment='auto')
        self._log(partner, next_step="Send the catalogue", next_date=fields.Date.today() + 5 * DAY)
        self.assertEqual(self._open(partner).name, "Send the catalogue")
        self.env['customer.pause.wizard'].create({
            'partner_ids': [Command.set(partner.ids)], 'kind': 'stop', 'reason_id': self.reason.id}).action_apply()
        self.assertFalse(self._open(partner))

    def test_cad_4_removed_step_leaves_nothing_open(self):
        """CAD-4: what was planned by a touchpoint that is removed does not stay behind as somebody's next step."""
        visit = self.env['customer.cadence.step'].create({
            'cadence_id': self.cadence.id, 'name': "Visit", 'channel_id': self.visit.id})
        customer = self._customer("Removed", customer_cadence_id=self.cadence.id)
        self.assertEqual(len(self._open(customer)), 2)
        visit.unlink()
        self.assertEqual(self._open(customer).step_id, self.step)
        self.assertEqual(len(self._open(customer)), 1)

    def test_cad_4_calendar_changes(self):
        """CAD-4: whoever gets other working days has the follow-ups on them, the planner's next run at the latest."""
        with self._on('2026-03-02'):
            customer = self._customer("Calendar", customer_cadence_id=self.cadence.id)  # due on Thursday, 2 April
            resource = self.env['resource.resource'].create({
                'name': "Anna", 'user_id': self.anna.id, 'calendar_id': self.calendar.id})
            thursday = fields.Date.to_date('2026-04-02')
            self.assertEqual(self._open(customer).date_planned, thursday)
            without_thursday = self.calendar.copy({'name': "No Thursdays"})
            without_thursday.attendance_ids.filtered(lambda hours: hours.dayofweek == '3').unlink()
            resource.calendar_id = without_thursday
            self._night()
            self.assertEqual(self._open(customer).date_planned, thursday + DAY)
            without_thursday.attendance_ids.filtered(lambda hours: hours.dayofweek == '4').unlink()
            self._night()
            self.assertEqual(self._open(customer).date_planned, thursday + 4 * DAY)

    def test_cad_4_team_changes(self):
        """CAD-4, CAD-1: who changes the team has another leader, also for the touchpoints of the leader."""
        self.step.role = 'leader'
        customer = self._customer("Team", customer_cadence_id=self.cadence.id)
        self.assertEqual(self._open(customer).owner_id, self.lena)
        self.team_north.member_ids -= self.anna
        self.team_south.member_ids += self.anna
        self.assertEqual(self.anna.sale_team_id, self.team_south)
        self._night()
        self.assertEqual(self._open(customer).owner_id, self.li)

    def _night(self):
        for name in ('refresh', 'plan'):
            self._run_cron(name)

    def test_cad_8_pause_begins_in_another_time_zone(self):
        """CAD-8: a pause that begins today in Tokyo has begun for whoever plans later in the day elsewhere, too."""
        with self._on('2026-01-30'):
            customer = self._customer("Tokyo", customer_cadence_id=self.cadence.id)  # due on Monday, 2 March
        with self._on('2026-03-02', hour=20):  # 3 March, 5 o'clock in Tokyo
            self.anna.tz = 'Asia/Tokyo'
            self.env['customer.pause'].with_user(self.anna).with_context(tz='Asia/Tokyo').create({
                'partner_id': customer.id, 'date_from': '2026-03-03', 'date_to': '2026-03-09',
                'reason_id': self.reason.id})
            customer.sudo().with_context(tz='UTC').user_id = self.otto
        with self._on('2026-03-03'):
            self._run_cron('plan')
            self.assertEqual(self._open(customer).date_planned, fields.Date.to_date('2026-03-10'))

    # ------------------------------------------------------------
    # WHERE POSTGRESQL AND THE ENGINE HAVE TO AGREE
    # ------------------------------------------------------------

    def test_cad_4_interval_as_in_postgresql(self):
        """CAD-4: the planner adds intervals in SQL; the engine gives the same day, at all month ends too."""
        counts = [('day', 1), ('day', 45), ('week', 2), ('month', 1), ('month', 3), ('month', 11), ('year', 1), ('year', 4)]
        for unit, count in counts:
            self.env.cr.execute("""
                SELECT day::date, (day::date + (%s || ' ' || %s)::interval)::date
                  FROM generate_series('2027-01-01'::date, '2032-12-31'::date, '1 day') AS day""", [count, unit])
            for start, end in self.env.cr.fetchall():
                self.assertEqual(Interval(count, unit).after(start), end, f'{start} + {count} {unit}')

    def test_cad_4_date_is_that_of_the_engine(self):
        """CAD-4: a contact on 31 January, monthly: the end of February, which is a Saturday in 2026, so Monday."""
        with self._on('2026-01-30'):
            customer = self._customer("Month end", customer_cadence_id=self.cadence.id)
        with self._on('2026-01-31'):
            self._log(customer, feedback="Good talk")
        followup = self._open(customer)
        self.assertEqual(followup.date_raw, fields.Date.to_date('2026-02-28'))
        self.assertEqual(followup.date_planned, fields.Date.to_date('2026-03-02'))
        self.assertEqual(followup.move_kind, 'workday')
