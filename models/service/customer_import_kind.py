from odoo import Command, api, fields, models

from ...engine import sheet_value
from ..base.customer_import_kind import QUIETLY, Column, Kind

#: A subject is so long at most.
SUBJECT = 80

#: What a row says in words.
TEXTS = ('description', 'cause', 'solution', 'improvement')


class CustomerImportKind(models.AbstractModel):
    """The record of complaints 投诉处理记录表 (SRV-3, REP-5)."""

    _inherit = 'customer.import.kind'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'cases': Kind(
            label=self.env._("Record of complaints"), sequence=40, model='customer.case',
            hint=self.env._(
                "Each row is a case that came in on its day. No deadlines run for it, and nobody is told of it; what is not "
                "solved yet stands open among the cases."),
            columns=self._columns_of_cases(), plan=self._plan_cases, write=self._write_cases)}

    @api.model
    def _columns_of_cases(self):
        return {
            **self._columns_of_customer(),
            'day': Column(self.env._("Came in on"), type='moment', required=True),
            'subject': Column(self.env._("Subject")),
            'description': Column(self.env._("What the customer says"), type='text'),
            'case_type': Column(
                self.env._("Kind of case"), type='choice', choices=lambda kinds: kinds._case_choices('case_type')),
            'priority': Column(
                self.env._("Priority"), type='choice', choices=lambda kinds: kinds._case_choices('priority')),
            'channel': Column(self.env._("Came by"), type='choice', choices=lambda kinds: kinds._channels()),
            'cause': Column(self.env._("What caused it"), type='text'),
            'solution': Column(self.env._("What was done"), type='text'),
            'improvement': Column(self.env._("Against a repetition"), type='text'),
            'user': Column(self.env._("Responsible"), type='person'),
            'result': Column(self.env._("Result"), type='choice', choices=lambda kinds: kinds._results()),
            'solved': Column(self.env._("Solved on"), type='moment'),
            'satisfied': Column(
                self.env._("Satisfied with the solution"), type='choice', choices=lambda kinds: kinds._case_choices('satisfied')),
        }

    @api.model
    def _case_choices(self, name):
        return self._user_choices(self.env['customer.case']._fields[name])

    @api.model
    def _results(self):
        states = self._case_choices('state')
        return {state: states[state] for state in ('closed', 'working', 'withdrawn')}

    @api.model
    def _plan_cases(self, rows, options):
        """Find the cases that are there already, and what a row would change."""
        self.env['customer.import.finder']._find(rows, options)
        for row in rows:
            if row.state != 'bad':
                self._plan_case(row, fields.Date.context_today(self))
        planned, there = [row for row in rows if row.state != 'bad'], {}
        cases = self.env['customer.case'].sudo()  # one of a colleague is the same case
        for case in cases.search([('partner_id', 'in', list({row.customer for row in planned if row.customer}))], order='id'):
            day = fields.Datetime.context_timestamp(case, case.opened_at).date()
            there.setdefault((case.partner_id.id, day), []).append(case)
        for row in planned:
            self._pair_case(row, there.get((row.customer, row.values['day'].day), []), options)

    @api.model
    def _plan_case(self, row, today):
        """Say what one row is."""
        values, day = row.values, row.values['day']
        if day.day > today:
            row.refuse('day', self.env._("This day is still to come."))
            return
        text = values.get('subject') or sheet_value.line(values.get('description')) or sheet_value.line(values.get('solution'))
        if not text:
            row.refuse('description', self.env._("Nothing says what the case is about."))
            return
        solved = values.get('solved')
        if solved and solved.day < day.day:
            row.refuse('solved', self.env._("It can't have been solved before it came in."))
            return
        opened = self._moment_of(day)
        state = values.get('result') or ('closed' if solved else 'working')
        row.vals = {
            'name': text[:SUBJECT], 'opened_at': opened, 'state': state,
            'case_type': values.get('case_type') or 'complaint', 'priority': values.get('priority') or '1',
            'channel_id': self._channel_of(values['channel']).id if values.get('channel') else False,
            **{name: values.get(name) or False for name in TEXTS}, 'satisfied': values.get('satisfied') or False,
        }
        if state == 'closed':
            end = max(self._moment_of(solved), opened) if solved else opened
            row.vals.update(solved_at=end, closed_at=end)
            if not solved:
                row.notes.append(self.env._("Nothing says when it was solved: the day it came in stands there."))

    @api.model
    def _pair_case(self, row, there, options):
        """Let a row be the case of that day that says the same, or that somebody went on writing."""
        def text(record):
            return sheet_value.line(record['description'] or record['name'] or '')

        said = text(row.vals)
        found = next((case for case in there if text(case).startswith(said)), None) or next(
            (case for case in there if case.imported_at and case.imported_at < options['started']
             and sheet_value.similar(text(case), said)), None)
        if not found:
            return
        there.remove(found)
        row.record = found.id
        names = (*TEXTS, 'satisfied', *(('state', 'solved_at', 'closed_at') if row.vals['state'] == 'closed' else ()))
        # what was noted behind a text when it was loaded, stays
        changed = {name: row.vals[name] for name in names if row.vals.get(name) and row.vals[name] != found[name]
                   and not (name in TEXTS and (found[name] or '').startswith(row.vals[name]))}
        row.state = 'update' if changed and found.imported_at else 'same'
        row.vals['changed'] = changed

    @api.model
    def _write_cases(self, rows, options):
        """Keep cases as they were; no deadline runs for what came in before it was here."""
        self._open_customers(rows, options)
        finder, trace = self.env['customer.import.finder'], options['trace']
        people = finder._add_people(rows, QUIETLY, trace)
        cases = self.env['customer.case'].sudo().with_context(**QUIETLY)  # states come from the buttons alone
        new, values = [row for row in rows if row.state == 'new'], []
        for row in new:
            customer = self.env['res.partner'].browse(row.customer)
            company = self.env['customer.responsibility']._company_of(customer)
            values.append({
                **row.vals, 'partner_id': row.customer, 'contact_id': finder._person_of(row, people), 'company_id': company.id,
                'imported_at': options['started'], 'taken_at': row.vals['opened_at'],
                **self._responsible_for(row, customer, company),
                # a clock that is not counted: no other one starts
                'clock_ids': [Command.create({
                    'kind': 'response', 'state': 'void', 'date_start': row.vals['opened_at'],
                    'counted_from': row.vals['opened_at']})],
            })
        for row, case in zip(new, trace.make(cases.create(values)), strict=True):
            row.record = case.id
        for row in rows:
            if row.state == 'update':
                trace.change(cases.browse(row.record), row.vals['changed'])

    @api.model
    def _responsible_for(self, row, customer, company):
        """Return who is in charge: whoever the sheet names, if that one could still open it; else the name is noted."""
        responsibility = self.env['customer.responsibility']
        user = self.env['res.users'].browse(row.values.get('user') or customer.user_id.id or ())
        if not user or responsibility._is_able(user, company):
            return {'user_id': user.id}
        note = self.env._("Responsible at the time: %(user)s", user=user.sudo().name)  # a colleague who left
        return {'user_id': False, 'description': '\n'.join(filter(None, (row.vals['description'], note)))}
