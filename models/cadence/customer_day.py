from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

from ..base.customer_day import BETWEEN, COUNTED, Act, Kind, Line, Told
from ..platform.counted import days, followups, plural
from ..platform.local_text import day_text

#: So many days after today are told of.
COMING = 7


class CustomerDay(models.AbstractModel):
    """What was promised, what is overdue, what is due, and which meetings there are or have no record."""

    _inherit = 'customer.day'

    @api.model
    def _kinds(self):
        lines, people = self._followup_lines, ('partner_id', 'contact_id')
        return super()._kinds() | {
            'promise': Kind(
                self.env._("Promises that are due"), 'customer.followup', self._promise_domain, lines,
                order='date_planned, id', people=people, action='customer_followup_action'),
            'overdue': Kind(
                self.env._("Overdue follow-ups"), 'customer.followup', self._overdue_domain, lines, find=self._find_by_tier,
                people=people, action='customer_followup_action'),
            'due': Kind(
                self.env._("Follow-ups that are due"), 'customer.followup', self._due_domain, lines, find=self._find_by_tier,
                people=people, action='customer_followup_action'),
            'meeting': Kind(
                self.env._("Meetings of today"), 'calendar.event', self._meeting_domain, self._meeting_lines,
                order='start, id', people=(), action='calendar.action_calendar_event'),
            'record': Kind(
                self.env._("Meetings without a record"), 'customer.meeting', self._record_domain, self._record_lines,
                order='ended_at, id', action='customer_meeting_action'),
            'nobody': Kind(
                self.env._("Due, and nobody's"), 'customer.followup', self._nobody_domain, self._nobody_lines,
                order='date_planned, id', role='leader', action='customer_followup_action'),
        }

    # ------------------------------------------------------------
    # FOLLOW-UPS
    # ------------------------------------------------------------

    @api.model
    def _mine_domain(self, day):
        """Return the domain of what is to be done by this person: what is sent by itself is not, unless that failed."""
        by_hand = Domain('step_id', '=', False) | Domain('step_id.automatic', '=', False) | Domain('send_error', '!=', False)
        return Domain('user_id', '=', day.user.id) & Domain('state', '=', 'planned') & Domain(
            'date_planned', '<=', day.today) & by_hand

    @api.model
    def _promise_domain(self, day):
        return self._mine_domain(day) & Domain('anchor_kind', '=', 'promise')

    @api.model
    def _overdue_domain(self, day):
        return self._mine_domain(day) & Domain('anchor_kind', '!=', 'promise') & Domain('date_limit', '<', day.today)

    @api.model
    def _due_domain(self, day):
        late = Domain('date_limit', '!=', False) & Domain('date_limit', '<', day.today)
        return self._mine_domain(day) & Domain('anchor_kind', '!=', 'promise') & ~late

    @api.model
    def _nobody_domain(self, day):
        """Return the domain of what is due and nobody's. What somebody does who stands in, stands in that one's day."""
        if day.user != self.env.user:
            return Domain.FALSE
        return Domain('user_id', '=', False) & Domain('state', '=', 'planned') & Domain('date_planned', '<=', day.today)

    @api.model
    def _find_by_tier(self, domain, day, limit):
        """Return the first follow-ups: those of the best customers, of one tier those that wait longest, and of one day those of
        who buys most."""
        followup = self.env['customer.followup']
        followup.flush_model(['date_limit', 'date_planned', 'partner_id'])
        self.env['res.partner'].flush_model(['customer_tier_id', 'customer_revenue'])
        query = followup._search(domain)
        partner = query.left_join('customer_followup', 'partner_id', 'res_partner', 'id', 'customer')
        tier = query.left_join(partner, 'customer_tier_id', 'customer_tier', 'id', 'tier')
        query.order = SQL(
            "%(tier)s.sequence NULLS LAST, COALESCE(%(own)s.date_limit, %(own)s.date_planned), "
            "%(partner)s.customer_revenue DESC NULLS LAST, %(own)s.id",
            tier=SQL.identifier(tier), own=SQL.identifier('customer_followup'), partner=SQL.identifier(partner))
        query.limit = limit
        return followup.browse(query)

    @api.model
    def _followup_lines(self, records, day):
        said = self._said(records)
        return [self._followup_line(followup, day, said[followup.id]) for followup in records]

    @api.model
    def _said(self, records):
        """Return what was said last with the customers of open follow-ups, of the contacts that the user may see.

        The same stands in :attr:`sheet_feedback`, for which all dates of the customer are looked up besides.

        :param records: customer.followup
        :rtype: dict[int, str]
        """
        followups, of_leads = self.env['customer.followup'], records.filtered(lambda followup: not followup.partner_id)
        query = followups._search(Domain('partner_id', 'in', records.partner_id.ids) & Domain('state', '=', 'done') & Domain(
            'qualifies', '=', True))
        column = {name: followups._field_to_sql(query.table, name, query) for name in (
            'partner_id', 'feedback', 'contact_at', 'id')}
        query.order = SQL("%(partner_id)s, %(contact_at)s DESC, %(id)s DESC", **column)
        rows = self.env.execute_query(query.select(
            SQL("DISTINCT ON (%s) %s", column['partner_id'], column['partner_id']), column['feedback']))
        last = {partner_id: (feedback or '').replace('\n', ' ') for partner_id, feedback in rows}
        return {
            **{followup.id: last.get(followup.partner_id.id, '') for followup in records},
            **{followup.id: followup.sheet_feedback or '' for followup in of_leads}}

    @api.model
    def _followup_line(self, followup, day, said):
        late = bool(followup.date_limit and followup.date_limit < day.today)
        promised = followup.anchor_kind == 'promise'
        name = followup.name or followup.step_id.name
        what = followup.channel_id.name if not name else self.env._(
            "%(channel)s: %(what)s", channel=followup.channel_id.name, what=name)
        person = followup.contact_id
        if person:
            what = self.env._("%(what)s, with %(person)s", what=what, person=person.name)
        return Line(
            followup, followup.partner_id, what, self._why_due(followup, day, late, promised), title=followup.whose,
            icon=followup.channel_id.icon or 'fa-comment-o', late=late, person=person or followup.partner_id,
            until=followup.planned_at or None, does=(Act('action_log', self.env._("Log"), 'fa-check'),), put_off=True,
            writes='action_write_email' if followup.medium == 'email' else '',
            said=said)

    @api.model
    def _why_due(self, followup, day, late, promised):
        """Return why a follow-up stands in the day, in one line."""
        planned = day_text(self.env, followup.date_planned, 'MMMEd')
        gone = (day.today - followup.date_planned).days
        if promised:
            why = self.env._("Promised for today") if not gone else self.env._(
                "Promised for %(day)s, %(late)s ago", day=planned, late=days(self.env, gone))
        elif late:
            why = self.env._(
                "Overdue for %(late)s, since %(day)s", late=days(self.env, (day.today - followup.date_limit).days),
                day=day_text(self.env, followup.date_limit, 'MMMEd'))
        elif followup.date_limit and followup.date_limit > day.today:
            limit = day_text(self.env, followup.date_limit, 'MMMEd')
            why = self.env._("Due today, until %(limit)s at the latest", limit=limit) if not gone else self.env._(
                "Due since %(day)s, until %(limit)s at the latest", day=planned, limit=limit)
        else:
            why = self.env._("Today is the last day")
        return BETWEEN.join(text for text in (why, followup.cycle, followup.send_error) if text)

    @api.model
    def _nobody_lines(self, records, day):
        return [Line(
            followup, followup.partner_id, followup.name or followup.step_id.name or followup.channel_id.name,
            self.env._("Nobody is there who could do it"), title=followup.whose, icon='fa-user-times',
            does=(Act('action_change', self.env._("Give to somebody"), 'fa-share'),)) for followup in records]

    # ------------------------------------------------------------
    # THE PILE
    # ------------------------------------------------------------

    @api.model
    def _pile_domain(self):
        """Return the domain of the own follow-ups that are late: overdue ones, and promises whose day is past."""
        day = self._day(self.env.user)
        return self._overdue_domain(day) | self._promise_domain(day) & Domain('date_planned', '<', day.today)

    @api.model
    def _pile(self, limit):
        """Return the own follow-ups that are late, of the best customers first.

        :param int limit: so many
        :rtype: customer.followup
        """
        return self._find_by_tier(self._pile_domain(), self._day(self.env.user), limit)

    @api.model
    def _pile_count(self):
        """Return how many own follow-ups are late."""
        return self.env['customer.followup'].search_count(self._pile_domain(), limit=COUNTED + 1)

    @api.model
    @api.readonly
    def look(self, user_id=None):
        """Say with ``pile`` how many follow-ups are late, where they are so many that they ought to be sorted first."""
        seen = super().look(user_id)
        least = self.env['res.config.settings']._customer_success('day_pile')
        count = self._late_of(seen, least) if seen['user']['own'] else 0
        return {**seen, 'pile': count >= least and self.env._(
            "Late: %(what)s. Sort them first: what today, what in the days ahead, what not at all.",
            what=followups(self.env, count))}

    @api.model
    def _late_of(self, seen, least):
        """Return how many own follow-ups are late, see :meth:`_pile_count`: what stands in the day already is not counted again.

        :param dict seen: the day
        :param int least: below it does not matter how many
        """
        shown, parts = {kind.code for kind in self.env['customer.day.kind']._shown()}, ('overdue', 'promise')
        if seen['problems'] or not shown.issuperset(parts):
            return self._pile_count()
        number = {kind['code']: kind['count'] for kind in seen['kinds']}
        overdue, promised = (number.get(part, 0) for part in parts)
        # not every promise that is due is late
        return self._pile_count() if promised and overdue + promised >= least else overdue

    # ------------------------------------------------------------
    # MEETINGS
    # ------------------------------------------------------------

    @api.model
    def _meeting_domain(self, day):
        """Return the domain of the meetings of this day with people of customers; those that are over are asked about."""
        now = fields.Datetime.now()
        ours = Domain('user_id', '=', day.user.id) | Domain('partner_ids', 'in', day.user.sudo().partner_id.ids)  # of a colleague
        return ours & Domain('allday', '=', False) & Domain('start', '<', day.end) & Domain('stop', '>', max(day.begin, now)) \
            & Domain('partner_ids', 'any', [('commercial_partner_id.customer_managed', '=', True)])

    @api.model
    def _meeting_lines(self, records, day):
        lines = []
        for event in records:
            customer = event._customers_met()[:1]
            person = event._customer_person(customer) if customer else customer
            begins = format_datetime(self.env, event.start, dt_format='HH:mm')
            lines.append(Line(
                event, customer, event.display_name, BETWEEN.join(text for text in (
                    begins, event.location, person.name if person != customer else '') if text),
                icon='fa-calendar', until=event.start, person=person or customer))
        return lines

    @api.model
    def _record_domain(self, day):
        return Domain('user_id', '=', day.user.id) & Domain('state', '=', 'asked')

    @api.model
    def _record_lines(self, records, day):
        return [Line(
            meeting, meeting.partner_id, self.env._("What was said in the meeting of %(day)s?", day=format_date(
                self.env, meeting.day)), self.env._("Nothing is on record of it yet"), icon='fa-pencil-square-o',
            does=(Act('action_log', self.env._("Log"), 'fa-check'),
                  Act('action_void', self.env._("Did not take place"), 'fa-times')),
        ) for meeting in records]

    # ------------------------------------------------------------
    # BEFORE AND AFTER
    # ------------------------------------------------------------

    @api.model
    def _done_today(self, day):
        return super()._done_today(day) + self.env['customer.followup'].search_count([
            ('closed_by_id', '=', day.user.id), ('state', '=', 'done'), ('closed_at', '>=', day.begin),
            ('closed_at', '<', day.end)])

    @api.model
    def _coming(self, day):
        last = day.today + timedelta(days=COMING)
        rows = self.env['customer.followup']._read_group(
            self._mine_domain(day._replace(today=last)) & Domain('date_planned', '>', day.today), ['date_planned:day'],
            ['__count'], order='date_planned:day')
        return super()._coming(day) + rows

    @api.model
    def _meanwhile(self, day, start):
        followups_of = self.env['customer.followup']
        own = Domain('partner_id.user_id', '=', day.user.id)
        spoken = own & Domain('state', '=', 'done') & Domain('qualifies', '=', True) & Domain(
            'contact_day', '>=', start) & Domain('closed_by_id', '!=', day.user.id)
        waits = Domain('user_id', '=', day.user.id) & Domain('state', '=', 'planned') & Domain('date_limit', '<', day.today)
        promised = Domain('user_id', '=', day.user.id) & Domain('state', '=', 'planned') & Domain(
            'anchor_kind', '=', 'promise') & Domain('create_date', '>=', fields.Datetime.to_datetime(start)) & Domain(
            'create_uid', '!=', day.user.id)
        says = [
            (spoken, lambda count: plural(count, self.env._("Colleagues talked to one of your customers."), self.env._(
                "Colleagues talked to your customers %(count)s times.", count=count))),
            (promised, lambda count: self.env._("Colleagues promised for you: %(what)s.", what=followups(self.env, count))),
            (waits, lambda count: self.env._("Overdue by now: %(what)s.", what=followups(self.env, count))),
        ]
        return super()._meanwhile(day, start) + [
            Told(say(count), 'customer.followup', domain) for domain, say in says if (count := followups_of.search_count(domain))]
