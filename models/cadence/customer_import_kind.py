import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import sheet_day, sheet_value
from ..base.customer_import_kind import QUIETLY, Column, Kind


class CustomerImportKind(models.AbstractModel):
    """The tracking sheet 客户关系维护跟踪表: contacts that took place (CAD-5, REP-5)."""

    _inherit = 'customer.import.kind'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'followups': Kind(
            label=self.env._("Tracking sheet"), sequence=10, model='customer.followup',
            hint=self.env._(
                "Each row is a contact that took place: it keeps its day and its person, reminds nobody and is late for nobody. "
                "A next contact that is still to come is planned."),
            columns=self._columns_of_followups(), plan=self._plan_followups, write=self._write_followups)}

    @api.model
    def _columns_of_followups(self):
        return {
            **self._columns_of_customer(),
            'day': Column(self.env._("Contacted on"), type='moment', required=True),
            'channel': Column(self.env._("Channel"), type='choice', choices=lambda kinds: kinds._channels(), default='call'),
            'feedback': Column(self.env._("What was said"), type='text'),
            'outcome': Column(self.env._("The customer"), type='choice', choices=lambda kinds: kinds._outcomes()),
            'issue_progress': Column(self.env._("Issue progress")),
            'user': Column(self.env._("Responsible"), type='person'),
            'next_step': Column(self.env._("Next step")),
            'next_day': Column(self.env._("Next contact on"), type='day', ahead=True),
            'tier': Column(self.env._("Tier"), type='choice', choices=lambda kinds: kinds._tiers()),
        }

    @api.model
    def _channels(self):
        """Return the channels, see :meth:`_coded`."""
        return self._coded('customer.channel')

    @api.model
    def _channel_of(self, code):
        """Return the channel that a value of :meth:`_channels` stands for."""
        return self._of_code('customer.channel', code)

    @api.model
    def _outcomes(self):
        return self._user_choices(self.env['customer.followup']._fields['outcome'])

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _plan_followups(self, rows, options):
        """Find the contacts that are there already, and what a row would change."""
        self.env['customer.import.finder']._find(rows, options)
        today, channels = fields.Date.context_today(self), {code: self._channel_of(code).id for code in self._channels()}
        for row in rows:
            if row.state != 'bad':
                self._plan_followup(row, today, channels)
        planned = [row for row in rows if row.state != 'bad']
        self._pair(planned, options['started'])
        self._plan_tiers(planned, options)

    @api.model
    def _plan_followup(self, row, today, channels):
        """Say what one row is: when it was, on which channel, what is next."""
        values, day = row.values, row.values['day']
        if day.day > today:
            row.refuse('day', self.env._("This day is still to come: a contact is recorded when it has taken place."))
            return
        if not (values.get('feedback') or values.get('next_step') or values.get('issue_progress') or values.get('channel')):
            row.notes.append(self.env._("Nothing was noted of this contact."))
        coming = values['next_day'].day if values.get('next_day') else None
        if coming and coming < today:
            row.notes.append(self.env._("The next contact was planned for a day that has passed: it is not opened."))
        row.vals = {
            'contact_at': self._moment_of(day), 'contact_day': day.day,
            'channel_id': channels.get(values.get('channel') or 'call') or channels['call'],
            'feedback': values.get('feedback') or '', 'outcome': values.get('outcome') or 'neutral',
            'issue_progress': values.get('issue_progress') or False, 'next_step': values.get('next_step') or False,
            'next_day': coming if coming and coming >= today else None,
        }

    @api.model
    def _pair(self, rows, started):
        """Find which rows are contacts that are there: those of the same customer, day and channel that say the same; and what
        somebody went on writing of those that were loaded before.

        :param datetime started: when this load began: what it brought itself is no contact that was there
        """
        there = self._contacts_there(rows)
        waiting = []
        seen = set()
        for row in rows:
            key = (row.customer or self.env['customer.import.finder']._key('name', row), row.vals['contact_day'],
                   row.vals['channel_id'])
            text = sheet_value.line(row.vals['feedback'])
            if (*key, text) in seen:
                row.state, row.reason = 'same', self.env._("This contact stands in the sheet twice.")
                continue
            seen.add((*key, text))
            found = next((one for one in there.get(key, ()) if sheet_value.line(one['feedback'] or '') == text), None)
            if found:
                there[key].remove(found)
                self._compare(row, found)
            else:
                waiting.append((row, key))
        for row, key in waiting:
            found = next((one for one in there.get(key, ()) if one['imported_at'] and one['imported_at'] < started
                          and sheet_value.similar(one['feedback'] or '', row.vals['feedback'])), None)
            if found:
                there[key].remove(found)
                self._compare(row, found)

    @api.model
    def _contacts_there(self, rows):
        """Return the contacts of the customers on the days of these rows, by customer, day and channel."""
        followups = self.env['customer.followup'].sudo()  # a colleague's record of this contact is this contact, too
        customers, days = {row.customer for row in rows if row.customer}, {row.vals['contact_day'] for row in rows}
        found = {}
        if customers:
            followups.flush_model()
            for one in self.env.execute_query_dict(SQL(
                    """SELECT id, partner_id, contact_day, channel_id, feedback, imported_at, outcome, issue_progress, next_step
                         FROM customer_followup
                        WHERE state = 'done' AND partner_id = ANY(%s) AND contact_day = ANY(%s)
                     ORDER BY id""", list(customers), list(days))):
                found.setdefault((one['partner_id'], one['contact_day'], one['channel_id']), []).append(one)
        return found

    @api.model
    def _compare(self, row, found):
        """Let a row change the contact that it is, where it was loaded before and says something else now."""
        row.record = found['id']
        names = ('feedback', 'issue_progress', 'next_step')
        changed = {name: row.vals[name] for name in names if row.vals[name] and row.vals[name] != (found[name] or '')}
        if changed and found['imported_at']:
            row.state, row.vals['changed'] = 'update', changed
        else:
            row.state = 'same'

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_followups(self, rows, options):
        """Keep contacts as they were: with their day and their person, as if they had been recorded then."""
        self._open_customers(rows, options)
        finder, trace = self.env['customer.import.finder'], options['trace']
        people = finder._add_people(rows, QUIETLY, trace)
        customers = self.env['res.partner'].browse({row.customer for row in rows})
        companies = {customer.id: self.env['customer.responsibility']._company_of(customer).id for customer in customers}
        followups = self.env['customer.followup'].sudo().with_context(**QUIETLY)  # what was done comes from logging alone
        new = [row for row in rows if row.state == 'new']
        created = trace.make(followups.create(
            [self._values_of_contact(row, companies, finder._person_of(row, people), options) for row in new]))
        for row, record in zip(new, created, strict=True):
            row.record = record.id
        for row in rows:
            if row.state == 'update' and row.vals.get('changed'):
                trace.change(followups.browse(row.record), row.vals['changed'])
        self._open_next_steps(new, companies, followups, trace)
        self._write_tiers(rows, options)
        self.env['customer.plan.request']._request(customers.ids)

    @api.model
    def _open_customers(self, rows, options):
        """Take the customers under care that nobody knew, where that was chosen."""
        finder, new = self.env['customer.import.finder'], {}
        for row in rows:
            if not row.customer:
                new.setdefault(finder._key('name', row), []).append(row)
        created = options['trace'].make(self.env['res.partner'].with_context(**QUIETLY).create([{
            'name': group[0].values['customer'], 'is_company': not group[0].values.get('is_person'),
            'customer_enrolment': 'enrolled', 'user_id': group[0].values.get('user') or self.env.uid,
            **({'phone': group[0].values['phone']} if group[0].values.get('phone') and group[0].values.get('is_person') else {}),
        } for group in new.values()]))
        for customer, group in zip(created, new.values(), strict=True):
            for row in group:
                row.customer = customer.id

    @api.model
    def _values_of_contact(self, row, companies, person, options):
        """Return the values of a contact that took place."""
        vals = row.vals
        person_in_charge = row.values.get('user') or self.env['res.partner'].browse(row.customer).user_id.id or self.env.uid
        return {
            'partner_id': row.customer, 'company_id': companies[row.customer], 'contact_id': person, 'state': 'done',
            'user_id': person_in_charge, 'owner_id': person_in_charge, 'given_by_id': False,
            'closed_by_id': person_in_charge, 'closed_at': vals['contact_at'], 'recorded_late': False,
            'qualifies': vals['outcome'] != 'no_answer', 'imported_at': options['started'],
            **{name: vals[name] for name in (
                'contact_at', 'contact_day', 'channel_id', 'feedback', 'outcome', 'issue_progress', 'next_step')},
        }

    @api.model
    def _open_next_steps(self, rows, companies, followups, trace):
        """Plan the next contacts that are still to come, each once."""
        coming = {}
        for row in rows:
            if row.vals['next_day']:
                coming.setdefault((row.customer, row.vals['next_day']), row)
        if not coming:
            return
        there = {(one.partner_id.id, one.date_planned) for one in followups.search_fetch(
            [('partner_id', 'in', [row.customer for row in coming.values()]), ('state', '=', 'planned'), ('step_id', '=', False)],
            ['partner_id', 'date_planned'])}
        wanted = [(day, row) for (customer, day), row in coming.items() if (customer, day) not in there]
        opened = trace.make(followups.create([{
            'partner_id': row.customer, 'company_id': companies[row.customer], 'channel_id': row.vals['channel_id'],
            'contact_id': followups.browse(row.record).contact_id.id, 'date_planned': day, 'given_by_id': False,
            'name': row.vals['next_step'] or self.env._("Next contact, as noted"),
            # what is still to do is for whoever has the customer now
            'user_id': self.env['res.partner'].browse(row.customer).user_id.id or followups.browse(row.record).user_id.id,
        } for day, row in wanted]))
        for (__, row), step in zip(wanted, opened, strict=True):
            followups.browse(row.record).next_followup_id = step

    @api.model
    def _moment_of(self, day):
        """Return the moment of a day of a sheet in UTC, at noon where nobody said when; not after now.

        :param day: ``engine.sheet_day.Day``
        """
        moment = self.env.tz.localize(sheet_day.moment(day)).astimezone(pytz.utc).replace(tzinfo=None)
        return min(moment, fields.Datetime.now())
