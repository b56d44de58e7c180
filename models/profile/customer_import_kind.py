from odoo import api, models

from ..base.customer_import_kind import QUIETLY, Column, Kind

#: What a column of a list of customers becomes, where it is one text.
TEXTS = {
    'website': 'website', 'vat': 'vat', 'city': 'city', 'street': 'street', 'zip': 'zip', 'needs': 'customer_needs',
    'source_detail': 'customer_source_detail', 'note': 'comment',
}

#: What a column becomes where it is the name of a record.
RECORDS = {
    'industry': ('industry_id', 'res.partner.industry'), 'source': ('customer_source_id', 'utm.source'),
}


class CustomerImportKind(models.AbstractModel):
    """Lists of customers (PRO-2, REP-5)."""

    _inherit = 'customer.import.kind'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'customers': Kind(
            label=self.env._("Customers"), sequence=20, model='res.partner',
            hint=self.env._(
                "New customers come under care, those that are there get what is new. Empty cells leave alone what is known."),
            columns=self._columns_of_customers(), plan=self._plan_customers, write=self._write_customers)}

    @api.model
    def _columns_of_customers(self):
        return {
            **self._columns_of_customer(),
            'position': Column(self.env._("Position of the contact")),
            'user': Column(self.env._("Account manager"), type='person'),
            'industry': Column(self.env._("Industry")),
            'source': Column(self.env._("Source")),
            'source_detail': Column(self.env._("Source in detail")),
            'needs': Column(self.env._("Needs"), type='text'),
            'filed': Column(self.env._("Filed on"), type='day'),
            'country': Column(self.env._("Country")),
            'province': Column(self.env._("Province or state")),
            'city': Column(self.env._("City")),
            'street': Column(self.env._("Address")),
            'zip': Column(self.env._("Postal code")),
            'website': Column(self.env._("Website")),
            'vat': Column(self.env._("Tax number")),
            'note': Column(self.env._("Remarks"), type='text'),
        }

    @api.model
    def _plan_customers(self, rows, options):
        """Find who is there already, and what a row would change."""
        finder = self.env['customer.import.finder']
        finder._find(rows, {**options, 'missing': 'create'})
        rows = [row for row in rows if row.state != 'bad']
        places, people = self._places(rows), finder._people_of(rows)
        rows = [row for row in rows if row.state != 'bad']
        seen = {}
        customers = self.env['res.partner'].browse({row.customer for row in rows if row.customer})
        customers.fetch(['name', 'user_id', 'customer_filed_on', 'customer_enrolment', *TEXTS.values(),
                         *(name for name, __ in RECORDS.values())])
        for row in rows:
            key = row.customer or finder._key('name', row)
            row.vals = {'first': seen.setdefault(key, row), 'values': self._values_of_customer(row, places)}
            self._plan_customer(row, finder, people)
            if row.state != 'bad' and row.values.get('phone') and not finder._dialled(
                    row.values['phone'], customers.browse(row.customer or ())):
                row.refuse('phone', self.env._("This is no phone number. Write it with the country code, like +86 21 5555 0123."))

    @api.model
    def _plan_customer(self, row, finder, people):
        """Say what becomes of one row."""
        if not row.customer:
            row.state = 'new' if row.vals['first'] is row or row.values.get('person') else 'same'
            return
        customer = self.env['res.partner'].browse(row.customer)
        changed = self._changed(customer, row.vals['values'])
        if customer.customer_enrolment == 'excluded':
            row.refuse('customer', self.env._(
                "%(customer)s is excluded from care. Take it back on its form first.", customer=customer.display_name))
            return
        if not customer.customer_managed:
            changed['customer_enrolment'] = 'enrolled'
        person = finder._person_of(row, people)
        missing = bool(row.values.get('person') and not row.values.get('is_person') and not person)
        contact = self.env['res.partner'].browse(person or ())
        of_person = self._changed(contact, self._values_of_person(row)) if person else {}
        row.record, row.vals['changed'], row.vals['person'] = row.customer, changed, (person, of_person)
        row.state = 'update' if changed or of_person or missing else 'same'

    @api.model
    def _changed(self, record, values):
        """Return those of the values that say something else than what is kept."""
        def kept(name):
            return record._fields[name].convert_to_write(record[name], record)
        return {name: value for name, value in values.items() if (kept(name) or False) != value and (
            name != 'comment' or str(value) not in str(kept(name) or ''))}

    @api.model
    def _values_of_customer(self, row, places):
        """Return what a row says of the customer itself."""
        values = {name: row.values[column] for column, name in TEXTS.items() if row.values.get(column)}
        if website := values.get('website'):
            values['website'] = self.env['res.partner']._clean_website(website)
        values.update(places[row.number])
        if row.values.get('filed'):
            values['customer_filed_on'] = row.values['filed'].day
        if row.values.get('user'):
            values['user_id'] = row.values['user']
        if row.values.get('is_person') or not row.values.get('person'):
            values.update(self._values_of_person(row))
        return values

    @api.model
    def _values_of_person(self, row):
        customer = self.env['res.partner'].browse(row.customer or ())
        phone = self.env['customer.import.finder']._dialled(row.values.get('phone'), customer)
        return {**({'phone': phone} if phone else {}), **{name: row.values[column] for column, name in (
            ('email', 'email'), ('position', 'function')) if row.values.get(column)}}

    @api.model
    def _places(self, rows):
        """Return country, state, industry and source of rows, by row number; names that nobody knows are refused or, of sources
        and industries, noted."""
        found = {row.number: {} for row in rows}
        countries = self._by_names('res.country', {row.values.get('country') for row in rows}, ('name', 'code'))
        states = self._by_names('res.country.state', {row.values.get('province') for row in rows}, ('name', 'code'))
        for row in rows:
            country = countries.get((row.values.get('country') or '').casefold())
            if row.values.get('country') and not country:
                row.refuse('country', self.env._("There is no country “%(name)s”.", name=row.values['country']))
            elif country:
                found[row.number]['country_id'] = country[0].id
            of_country = [state for state in states.get((row.values.get('province') or '').casefold(), [])
                          if not country or state.country_id == country[0]]
            if len(of_country) == 1:
                found[row.number].update(state_id=of_country[0].id, country_id=of_country[0].country_id.id)
            elif row.values.get('province'):
                row.notes.append(self.env._("“%(name)s” is no state that we know.", name=row.values['province']))
        for column, (name, model) in RECORDS.items():
            records = self._by_names(model, {row.values.get(column) for row in rows}, ('name',))
            for row in rows:
                if text := row.values.get(column):
                    known = records.get(text.casefold())
                    found[row.number][name] = known[0].id if known else f'{model}:{text}'
        return found

    @api.model
    def _by_names(self, model, texts, names):
        """Return records by the small letters of their names, in each language in use."""
        wanted, found = {text.casefold() for text in texts if text}, {}
        for lang, __ in self.env['res.lang'].get_installed() if wanted else ():
            for record in self.env[model].with_context(lang=lang).search([]):
                for name in names:
                    key = (record[name] or '').casefold()
                    for one in {key, key.removesuffix('省').removesuffix('市')}:
                        if one in wanted and record not in found.setdefault(one, []):
                            found[one].append(record)
        return found

    @api.model
    def _write_customers(self, rows, options):
        """Create and update customers with their contact persons."""
        made, groups, trace = {}, {}, options['trace']
        for row in rows:
            row.customer = row.customer or row.vals['first'].customer
            if not row.customer:
                groups.setdefault(id(row.vals['first']), []).append(row)
        partners = self.env['res.partner'].with_context(**QUIETLY)
        created = trace.make(partners.create([self._values_of_new(group[0], made) for group in groups.values()]))
        for group, partner in zip(groups.values(), created, strict=True):
            group[0].vals['first'].customer = partner.id
            for row in group:
                row.customer = partner.id
        for row in rows:
            row.record = row.customer
            if row.vals.get('changed'):
                trace.change(partners.browse(row.customer), self._made_records(row.vals['changed'], made))
            person, of_person = row.vals.get('person') or (False, {})
            if of_person:
                trace.change(partners.browse(person), of_person)
        self.env['customer.import.finder']._add_people(rows, QUIETLY, trace)

    @api.model
    def _values_of_new(self, row, made):
        """Return the values of a customer that nobody knew; whoever loads the own customers gets them."""
        leads = self.env.user.has_group('customer_success.group_customer_success_leader')
        return {
            'name': row.values['customer'], 'is_company': not row.values.get('is_person'), 'customer_enrolment': 'enrolled',
            **({'ref': row.values['number']} if row.values.get('number') else {}),
            **self._made_records(row.vals['values'], made),
            **({} if leads else {'user_id': self.env.uid}),
        }

    @api.model
    def _made_records(self, values, made):
        """Return values in which sources and industries that nobody knew are records.

        :param dict made: those that were made already, by what stands in their place
        """
        values, models_of = dict(values), {model for __, model in RECORDS.values()}
        for name, value in values.items():
            model, __, text = value.partition(':') if isinstance(value, str) else ('', '', '')
            if model in models_of and name in {field for field, __ in RECORDS.values()}:
                if value not in made:
                    words = self.env[model].sudo()  # a source is a word, and whoever may file customers may say it
                    made[value] = words.search([('name', '=ilike', text)], limit=1).id or words.create({'name': text}).id
                values[name] = made[value]
        return values
