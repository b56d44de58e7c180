from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ...engine import hanzi, names, phones
from ..platform.local_text import bracketed, listed
from .customer_duplicate_key import PERSON

#: So many names are looked at in one go, where that was left to the night.
AT_A_TIME = 10000

#: More are looked at behind the screen: nobody waits a minute in front of it.
AT_ONCE = 20000

#: So many of those that a name may stand for are named.
NAMED = 3


class CustomerImportFinder(models.AbstractModel):
    """Finds whom the rows of a sheet are about, for all rows at once (REP-5).

    By customer number; else by name, without its legal form and in either way of writing Chinese; what stands for several is
    narrowed down by email and phone; a name that nobody knows may still have the phone of a customer. A name is not guessed at:
    what is left open is refused with the names it may stand for.
    """

    _name = 'customer.import.finder'
    _description = "Customers of a Sheet"

    @api.model
    def _find(self, rows, options):
        """Set the customer of each row, or refuse the row.

        :param rows: of ``customer.import.kind``
        :param options: ``missing``: ``create`` to let rows of unknown customers be new ones; ``phone``: ``same`` where a customer
            with another name and the same phone is the same
        """
        self._settle_names(rows)
        rows = [row for row in rows if row.state != 'bad']
        known = {kind: self._lookup(kind, {key for row in rows if (key := self._key(kind, row))}) for kind in ('ref', 'name')}
        # to read a phone number takes longer than all the rest: only of those of whom the name says too little
        unclear = [row for row in rows if len(known['name'].get(self._key('name', row), ())) != 1]
        for kind in ('email', 'phone'):
            known[kind] = self._lookup(kind, {key for row in unclear if (key := self._key(kind, row))})
        for row in rows:
            self._decide(row, known, options)
        self._check(rows)

    @api.model
    def _settle_names(self, rows):
        """Let ``customer`` be the firm where a person stands in its place, and the person a contact of it."""
        keys = {}
        for row in rows:
            values = row.values
            if firm := values.get('firm'):
                if values.get('customer') and values['customer'] != firm:
                    values.setdefault('person', values['customer'])
                values['customer'] = firm
            elif not values.get('customer') and values.get('person') and not values.get('number'):
                values['customer'], values['is_person'] = values['person'], True
            if not values.get('customer') and not values.get('number'):
                row.refuse('customer', self.env._("The name of the customer is missing."))
            name = values.get('customer') or ''
            if name not in keys:
                keys[name] = self.env['customer.duplicate.key']._name_key(name)
            values['name_key'] = keys[name]

    @api.model
    def _key(self, kind, row):
        """Return what a row is looked for by, or ''."""
        values = row.values
        if kind == 'ref':
            return values.get('number') or ''
        if kind == 'name':
            return values['name_key']
        if kind == 'email':
            return email_normalize(values.get('email') or '') or ''
        if 'phone_key' not in values:
            country = self.env.company.country_id.code or None
            values['phone_key'] = phones.international(values['phone'], country) if values.get('phone') else ''
        return values['phone_key']

    @api.model
    def _lookup(self, kind, keys):
        """Return the customers by what they are looked for by, of those that the user may see.

        :return: sets of ids of commercial partners
        :rtype: dict[str, set[int]]
        """
        found = defaultdict(set)
        if not keys:
            return found
        people = self.env['res.partner']
        if kind == 'name':
            pairs = self._by_name(keys)
        elif kind == 'ref':
            pairs = [(partner.ref, partner.id) for partner in people.search_fetch([('ref', 'in', list(keys))], ['ref'])]
        else:
            name = {'email': 'email_normalized', 'phone': 'phone_sanitized'}[kind]
            pairs = [(partner[name], partner.id) for partner in people.search_fetch([(name, 'in', list(keys))], [name])]
        of_companies = Domain('company_id', 'in', [False, *self.env.companies.ids])
        there = people.search_fetch(
            Domain('id', 'in', {partner_id for __, partner_id in pairs}) & of_companies, ['commercial_partner_id'])
        ours = set(self.env['res.company'].sudo().search([]).partner_id.ids)  # none of them is a customer
        for key, partner_id in pairs:
            if partner_id in there._ids:
                customer = people.browse(partner_id).commercial_partner_id.id
                if customer not in ours:
                    found[key].add(customer)
        return found

    @api.model
    def _by_name(self, keys):
        """Return pairs of a name and the contact that has it: companies by their names without the legal form, people who
        belong to none by theirs."""
        self._compare_all()
        self.env['customer.duplicate.key'].flush_model()
        self.env['res.partner'].flush_model(['active'])
        return self.env.execute_query(SQL(
            """SELECT k.value, k.partner_id
                 FROM customer_duplicate_key k JOIN res_partner p ON p.id = k.partner_id AND p.active
                WHERE k.kind IN ('name', %s) AND k.value = ANY(%s)
             ORDER BY 1, 2""", PERSON, sorted(keys)))

    @api.model
    def _is_ready(self):
        """Return whether customers are found by name without much ado; else have them looked at as soon as possible."""
        [[waiting]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM (SELECT FROM %s LIMIT %s) AS waiting", self._waiting_sql(), AT_ONCE + 1))
        if waiting > AT_ONCE:
            self.env.ref('customer_success.ir_cron_duplicates').sudo()._trigger()  # whoever loads a sheet
        return waiting <= AT_ONCE

    @api.model
    def _waiting_sql(self):
        return SQL("%s AND p.customer_managed IS TRUE", self.env['customer.duplicate.key']._unknown_sql())

    @api.model
    def _compare_all(self):
        """Compare the customers that came in one go and wait for the night: whoever is not found by name would be refused as
        unknown, or come twice."""
        while rows := self.env.execute_query(SQL(
            "SELECT p.id FROM %s ORDER BY p.id LIMIT %s", self._waiting_sql(), AT_A_TIME)):
            # all customers are compared, whoever may see them
            partners = self.env['res.partner'].sudo().browse(partner_id for partner_id, in rows)
            self.env['customer.duplicate'].sudo()._compare(partners)  # as above
            partners.invalidate_recordset()  # there may be many

    @api.model
    def _decide(self, row, known, options):
        """Set the customer of one row from what was found for all."""
        values = row.values
        if number := values.get('number'):
            if customers := known['ref'].get(number):
                return self._take(row, customers, 'number')
            if not values.get('customer'):
                return row.refuse('number', self.env._("There is no customer with the number “%(number)s”.", number=number))
        by_name = self._managed_first(known['name'].get(self._key('name', row), set()))
        if len(by_name) == 1:
            return self._take(row, by_name, 'customer')
        reached = {kind: known[kind].get(self._key(kind, row), set()) for kind in ('email', 'phone')}
        if by_name:
            narrowed = by_name & (reached['email'] or by_name) & (reached['phone'] or by_name)
            return self._take(row, narrowed or by_name, 'customer')
        others = self._managed_first(reached['email'] | reached['phone'])
        if others and (values.get('is_person') or options.get('phone') == 'same'):
            return self._take(row, others, 'phone')
        if others and options.get('missing') == 'create' and options.get('phone') != 'other':
            return row.refuse('phone' if reached['phone'] else 'email', self.env._(
                "“%(name)s” is not known, but %(customers)s can be reached in the same way. Give the customer number, or the "
                "name that we know.", name=values['customer'], customers=self._named(others)))
        if options.get('missing') == 'create':
            return None
        return row.refuse('customer', self.env._("There is no customer “%(name)s”.", name=values['customer']))

    @api.model
    def _managed_first(self, ids):
        """Return those that are under care, if there are some, else all."""
        managed = {partner.id for partner in self.env['res.partner'].browse(ids) if partner.customer_managed} \
            if len(ids) > 1 else set()
        return managed or ids

    @api.model
    def _take(self, row, customers, column):
        if len(customers) == 1:
            row.customer = next(iter(customers))
        else:
            row.refuse(column, self.env._(
                "“%(name)s” may be %(customers)s. Add the customer number.",
                name=row.values.get('number') if column == 'number' else row.values.get('customer'),
                customers=self._named(customers)))

    @api.model
    def _named(self, ids):
        partners = self.env['res.partner'].browse(sorted(ids)[:NAMED])
        return listed(self.env, [
            bracketed(self.env, partner.display_name, partner.ref) for partner in partners])

    @api.model
    def _check(self, rows):
        """Refuse the rows of customers that the user doesn't work with."""
        customers = self.env['res.partner'].browse({row.customer for row in rows if row.customer and row.state != 'bad'})
        others = customers - customers._filtered_worked_with()
        if not others:
            return
        for row in rows:
            if row.customer in others._ids:
                row.refuse('customer', self.env._(
                    "%(customer)s is looked after by a colleague. Ask a team leader to load this row.",
                    customer=self.env['res.partner'].browse(row.customer).display_name))

    # ------------------------------------------------------------
    # PEOPLE OF A CUSTOMER
    # ------------------------------------------------------------

    @api.model
    def _people_of(self, rows):
        """Return the contact persons of customers by name, for rows that name one.

        :return: ids by customer id and plain name
        :rtype: dict[tuple[int, str], int]
        """
        customers = {row.customer for row in rows if row.customer and row.values.get('person')}
        people = self.env['res.partner'].search_fetch(
            [('commercial_partner_id', 'in', list(customers)), ('type', '=', 'contact')],
            ['name', 'commercial_partner_id'], order='id desc') if customers else ()
        return {(person.commercial_partner_id.id, self._person_key(person.name)): person.id for person in people}

    @api.model
    def _person_key(self, name):
        return hanzi.simplified(names.plain(name or '').replace(' ', ''))

    @api.model
    def _person_of(self, row, people):
        """Return the id of the contact person that a row names, False for none; a person who is the customer is none."""
        name = row.values.get('person')
        if not name or row.values.get('is_person'):
            return False
        found = people.get((row.customer, self._person_key(name)))
        return found if found != row.customer else False

    @api.model
    def _dialled(self, phone, customer):
        """Return a phone number that can be dialled at a customer's: as it was typed where that can be; with the code of the
        country that it is of, where only that can be; '' where nobody could dial it.

        :param str phone: as it was typed
        :param customer: res.partner
        """
        own = self.env.company.country_id.code or None
        if not phone or phones.numbers(phone, customer.country_id.code or customer.commercial_partner_id.country_id.code or None):
            return phone
        # a mobile number of China is known by itself
        return phones.international(phone, own) or phones.international(phone, 'CN')

    @api.model
    def _add_people(self, rows, context, trace):
        """Create the contact persons that rows name and customers lack, each once.

        :param context: of what is created
        :param trace: where that is noted
        :return: as :meth:`_people_of`
        """
        people, new = self._people_of(rows), {}
        for row in rows:
            values, key = row.values, (row.customer, self._person_key(row.values.get('person')))
            if not values.get('person') or values.get('is_person') or not row.customer or key in people:
                continue
            kept = new.setdefault(key, {'parent_id': row.customer, 'name': values['person'], 'type': 'contact'})
            kept.update({name: values[source] for name, source in (
                ('email', 'email'), ('function', 'position')) if values.get(source)})
            if phone := self._dialled(values.get('phone'), self.env['res.partner'].browse(row.customer)):
                kept['phone'] = phone
        if new:
            created = trace.make(self.env['res.partner'].with_context(**context).create(list(new.values())))
            people.update(zip(new, created.ids, strict=True))
        return people
