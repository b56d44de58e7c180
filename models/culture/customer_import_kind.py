from odoo import api, models

from ..base.customer_import_kind import QUIETLY, Column, Kind


class CustomerImportKind(models.AbstractModel):
    """Contact persons with their birthdays, in whichever calendar (CUL-4, REP-5)."""

    _inherit = 'customer.import.kind'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'birthdays': Kind(
            label=self.env._("Contact persons and birthdays"), sequence=30, model='res.partner',
            hint=self.env._(
                "Contact persons of customers, with birthdays in the Gregorian or the Chinese lunar calendar, with or without a "
                "year."),
            columns=self._columns_of_birthdays(), plan=self._plan_birthdays, write=self._write_birthdays)}

    @api.model
    def _columns_of_birthdays(self):
        columns = self._columns_of_customer()
        return {
            **columns,
            'person': columns['person']._replace(required=True),
            'birthday': Column(self.env._("Birthday"), type='birthday', beside='calendar'),
            'calendar': Column(self.env._("Calendar of the birthday"), type='choice', choices=lambda kinds: kinds._calendars()),
            'position': Column(self.env._("Position of the contact")),
            'note': Column(self.env._("What to think of")),
        }

    @api.model
    def _calendars(self):
        return self._user_choices(self.env['customer.occasion']._fields['calendar'])

    @api.model
    def _plan_birthdays(self, rows, options):
        """Find the people and their birthdays that are there already."""
        finder = self.env['customer.import.finder']
        finder._find(rows, options)
        rows = [row for row in rows if row.state != 'bad']
        people = finder._people_of(rows)
        known = self.env['res.partner'].browse({person for row in rows if (person := finder._person_of(row, people))})
        known.fetch(['birthdate_date', 'phone', 'email', 'function'])
        noted = self._occasions_of(known)
        seen = set()
        for row in rows:
            key = (row.customer or finder._key('name', row), finder._person_key(row.values.get('person')))
            if key in seen:
                row.refuse('person', self.env._("This person stands in the sheet twice."))
                continue
            seen.add(key)
            self._plan_person(row, known.browse(finder._person_of(row, people) or ()), noted)

    @api.model
    def _occasions_of(self, people):
        """Return the birthdays that are noted, by person and kind."""
        occasions = self.env['customer.occasion'].search(
            [('partner_id', 'in', people.ids), ('kind_id', 'in', (self._occasion_kind(True) | self._occasion_kind(False)).ids)])
        return {(occasion.partner_id.id, occasion.kind_id.id): occasion for occasion in occasions}

    @api.model
    def _occasion_kind(self, lunar):
        return self.env.ref(f"customer_success.customer_occasion_kind_{'lunar_' if lunar else ''}birthday")

    @api.model
    def _plan_person(self, row, person, noted):
        """Say what becomes of one person."""
        values = self._values_of_person(row)
        day, occasion = row.values.get('birthday'), {}
        if day and day.lunar:
            occasion = {'kind_id': self._occasion_kind(True).id, 'calendar': 'lunar', 'month': day.lunar.month,
                        'day': day.lunar.day, 'leap': day.lunar.leap, 'year': day.lunar.year}
        elif day and day.month_day:
            occasion = {'kind_id': self._occasion_kind(False).id, 'calendar': 'gregorian', 'month': day.month_day[0],
                        'day': day.month_day[1], 'leap': False, 'year': 0}
        elif day and day.day:
            values['birthdate_date'] = day.day
        if occasion and row.values.get('note'):
            occasion['note'] = row.values['note']
        row.record = person.id or None
        changed = {name: value for name, value in values.items() if not person or (person[name] or False) != value}
        there = noted.get((person.id, occasion.get('kind_id')))
        if there:
            occasion = {name: value for name, value in occasion.items() if name != 'kind_id' and there[name] != value}
        row.vals = {'values': values, 'changed': changed, 'occasion': occasion, 'there': there.id if there else False}
        if person:
            row.state = 'update' if changed or occasion else 'same'

    @api.model
    def _write_birthdays(self, rows, options):
        """Create and update people, and note their birthdays."""
        self._open_customers(rows, options)
        trace = options['trace']
        finder, partners = self.env['customer.import.finder'], self.env['res.partner'].with_context(**QUIETLY)
        people = finder._add_people([row for row in rows if not row.record], QUIETLY, trace)
        occasions, new = self.env['customer.occasion'].with_context(**QUIETLY), []
        for row in rows:
            row.record = row.record or finder._person_of(row, people) or row.customer
            person = partners.browse(row.record)
            if row.vals['changed']:
                trace.change(person, row.vals['changed'])
            if row.vals['there'] and row.vals['occasion']:
                trace.change(occasions.browse(row.vals['there']), row.vals['occasion'])
            elif row.vals['occasion']:
                new.append({'partner_id': row.record, **row.vals['occasion']})
        trace.make(occasions.create(new))
