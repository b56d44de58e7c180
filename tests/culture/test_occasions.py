"""CUL-4: what can be noted, who sees it, and what comes up."""
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, users

from ..common import CustomerCase


class OccasionCase(CustomerCase):
    """A customer of Anna's with two people, in a culture of its own that greets on a festival with set days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = {
            name: cls.env.ref(f'customer_success.customer_occasion_kind_{name}') for name in (
                'birthday', 'lunar_birthday', 'founding', 'cooperation', 'opening', 'award', 'team', 'festival')}
        # nobody else's occasions in the way
        cls.env['customer.greeting'].search([]).unlink()
        cls.env['customer.occasion'].search([]).active = False
        cls.env['res.partner'].with_context(active_test=False).search([('birthdate_date', '!=', False)]).birthdate_date = False
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.kinds['cooperation'].active = False
        cls.festival = cls.env['customer.festival'].create({'name': "Day of Tests", 'method': 'manual'})
        cls.culture = cls.env['customer.culture'].create({
            'name': "Testland",
            'period_ids': [Command.create({'festival_id': cls.festival.id, 'effect': 'suggest', 'greet': True})]})
        cls.customer = cls._customer("Acme", customer_culture_manual_id=cls.culture.id)
        cls.fang, cls.john = cls.env['res.partner'].create([
            {'name': "Wang Fang", 'parent_id': cls.customer.id, 'email': 'fang@acme.example.com'},
            {'name': "John Doe", 'parent_id': cls.customer.id, 'email': 'john@acme.example.com'},
        ])

    @classmethod
    def _note(cls, partner, kind, **vals):
        """Return an occasion noted on a partner."""
        return cls.env['customer.occasion'].create({'partner_id': partner.id, 'kind_id': cls.kinds[kind].id, **vals})

    @classmethod
    def _days(cls, *days, festival=None):
        """Give the festival its days, one per year."""
        return cls.env['customer.festival.date'].create([
            {'festival_id': (festival or cls.festival).id, 'year': day.year, 'date_from': day, 'date_to': day}
            for day in map(date.fromisoformat, days)])

    def _coming(self, day, user=None):
        """Return what comes up from a day on: date, name and kind."""
        with self._on(day):
            coming = self.env['customer.occasion.coming'].with_user(user or self.mara).search([])
            return [(str(row.date), row.sudo().partner_id.name, row.kind_id.name) for row in coming]


class TestOccasions(OccasionCase):

    def test_cul_4_festival_not_chosen_yet(self):
        """CUL-4: while nobody has chosen the festival, the form says no day, and saving asks for it."""
        kind = self.env['customer.occasion.kind'].search([('source', '=', 'festival')], limit=1)
        festival = self.env['customer.festival'].search([], limit=1)
        occasion = self.env['customer.occasion'].create({
            'partner_id': self.customer.id, 'kind_id': kind.id, 'festival_id': festival.id})
        draft = self.env['customer.occasion'].new({'festival_id': False}, origin=occasion)
        self.assertEqual((draft.next_date, draft.when), (False, ''))
        with self.assertRaisesRegex(ValidationError, "choose the festival"):
            occasion.festival_id = False

    def test_cul_4_impossible_days(self):
        """CUL-4: days that no year has are refused in words."""
        for vals, message in (
            ({'month': 4, 'day': 31}, "Month 4 has no day 31"),
            ({'month': 13, 'day': 1}, "no month 13"),
            ({'month': 0, 'day': 1}, "no month 0"),
            ({'calendar': 'lunar', 'month': 8, 'day': 31}, "lunar month has no day 31"),
            ({'month': 6, 'day': 1, 'leap': True}, "leap months"),
            ({'month': 6, 'day': 1, 'year': 87}, "four digits"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self._note(self.fang, 'birthday', **vals)
        with self.assertRaisesRegex(ValidationError, "on which day"), self.env.cr.savepoint():
            self._note(self.customer, 'opening')
        with self.assertRaisesRegex(ValidationError, "choose the festival"), self.env.cr.savepoint():
            self._note(self.fang, 'festival')
        self._note(self.fang, 'birthday', month=2, day=29)
        with self.assertRaisesRegex(ValidationError, "born in the future"), self.env.cr.savepoint():
            self.john.birthdate_date = '2199-01-01'

    def test_cul_4_for_whom(self):
        """CUL-4: a birthday is of a person, a founding day of a company."""
        with self.assertRaisesRegex(ValidationError, "Note it on the contact person"):
            self._note(self.customer, 'birthday', month=6, day=1)
        with self.assertRaisesRegex(ValidationError, "Note it on the company"):
            self._note(self.fang, 'founding', month=6, day=1)

    def test_cul_4_noted_twice(self):
        """CUL-4: what comes every year is noted once; awards can be several."""
        self._note(self.fang, 'birthday', month=6, day=1)
        with self.assertRaisesRegex(ValidationError, "noted already"):
            self._note(self.fang, 'birthday', month=6, day=2)
        self._note(self.fang, 'award', date='2026-05-01')
        self._note(self.fang, 'award', date='2026-06-01')

    def test_cul_4_proposed(self):
        """CUL-4: a form proposes the calendar of the kind, and the day that is known."""
        self.fang.birthdate_date = '1985-02-28'
        with Form(self.env['customer.occasion'].with_context(default_partner_id=self.fang.id)) as form:
            form.kind_id = self.kinds['birthday']
            self.assertEqual((form.calendar, form.month, form.day, form.year), ('gregorian', 2, 28, 1985))
            form.kind_id = self.kinds['lunar_birthday']
            self.assertEqual(form.calendar, 'lunar')
            form.month, form.day = 1, 10

    def test_cul_4_next_date(self):
        """CUL-4: an occasion says when it comes next; one of the past comes no more."""
        with self._on('2026-03-02'):
            lunar = self._note(self.fang, 'lunar_birthday', month=8, day=15)
            opening = self._note(self.customer, 'opening', date='2026-03-02')
            self.assertEqual((str(lunar.next_date), str(opening.next_date)), ('2026-09-25', '2026-03-02'))
            self.assertEqual(lunar.when, "day 15 of the lunar month 8")
        with self._on('2026-10-01'):
            self.assertEqual((str(lunar.next_date), opening.next_date), ('2027-09-15', False))

    def test_cul_4_coming_sources(self):
        """CUL-4: birthdates, first orders and the festivals of the culture come up without being noted; what is noted on
        the person wins over its birthdate."""
        self.kinds['cooperation'].active = True
        self.fang.birthdate_date = '1985-03-10'
        self.john.birthdate_date = '1970-03-11'
        self._note(self.john, 'lunar_birthday', month=2, day=2)
        self._order(self.customer, 100, '2019-04-01')
        self._note(self.customer, 'founding', month=4, day=20)
        self._days('2026-03-20')
        self.assertEqual(self._coming('2026-03-02'), [
            ('2026-03-10', "Wang Fang", "Birthday"), ('2026-03-20', "Acme", "Festival"),
            ('2026-03-20', "John Doe", "Lunar birthday"), ('2026-04-01', "Acme", "Cooperation anniversary"),
            ('2026-04-20', "Acme", "Founding day")])
        with self._on('2026-03-02'):
            for row in self.env['customer.occasion.coming'].with_user(self.anna).search([]):
                self.assertIn(row.action_open()['res_model'], ('customer.occasion', 'res.partner'))
                self.assertEqual(row.exists(), row)

    def test_cul_4_coming_only_customers(self):
        """CUL-4: who is archived, not a customer or not to be contacted does not come up."""
        self.fang.birthdate_date = '1985-03-10'
        self.assertEqual(len(self._coming('2026-03-02')), 1)
        self.fang.active = False
        self.assertFalse(self._coming('2026-03-02'))
        self.fang.active = True
        self.customer.sudo().customer_do_not_contact = True
        self.assertFalse(self._coming('2026-03-02'))
        self.customer.sudo().customer_do_not_contact = False
        self.customer.action_customer_exclude()
        self.assertFalse(self._coming('2026-03-02'))

    def test_cul_4_who_sees_occasions(self):
        """CUL-4, PLT-2: a user sees the occasions of the own customers, a leader those of the team, a manager all; of
        another company nobody, and without a role nobody."""
        self.fang.birthdate_date = '1985-03-10'
        noted = self._note(self.fang, 'birthday', month=3, day=10)
        for user, sees in (
            (self.anna, True), (self.ben, False), (self.lena, True), (self.li, False), (self.mara, True),
        ):
            self.assertEqual(bool(self._coming('2026-03-02', user)), sees, user.name)
            self.assertEqual(bool(self.env['customer.occasion'].with_user(user).search([])), sees, user.name)
        self.customer.write({'company_id': self.env.company.id})
        self.assertFalse(self._coming('2026-03-02', self.zoe))
        self.assertFalse(self.env['customer.occasion'].with_user(self.zoe).search([]))
        with self.assertRaises(AccessError):
            self.fang.with_user(self.nils).read(['birthdate_date'])
        with self.assertRaises(AccessError):
            noted.with_user(self.nils).read(['note'])

    @users('anna')
    def test_cul_4_user_notes_and_manager_configures(self):
        """CUL-4: a user notes occasions of the own customers; what kinds there are is for managers."""
        occasion = self.env['customer.occasion'].create({
            'partner_id': self.fang.id, 'kind_id': self.kinds['birthday'].id, 'month': 3, 'day': 10})
        occasion.note = "likes tea"
        occasion.unlink()
        self.fang.with_env(self.env).birthdate_date = '1985-03-10'
        with self.assertRaises(AccessError):
            self.kinds['birthday'].with_env(self.env).lead_days = 1
        theirs = self._customer("Otto's", user_id=self.otto.id)
        with self.assertRaises(AccessError):
            self.env['customer.occasion'].create({
                'partner_id': theirs.id, 'kind_id': self.kinds['founding'].id, 'month': 3, 'day': 10})

    def test_cul_4_panel(self):
        """CUL-4: the tab Relationship shows the occasions of the customer and its people, the next one first."""
        with self._on('2026-03-02'):
            self._note(self.fang, 'birthday', month=3, day=10, note="likes tea")
            self._note(self.customer, 'founding', month=3, day=5)
            shown = self.customer.with_user(self.anna).get_customer_relationship()['occasions']
            self.assertEqual(
                [(row['what'], row['who'], row['date'], row['note']) for row in shown],
                [("Founding day", "", '2026-03-05', ""), ("Birthday", "Wang Fang", '2026-03-10', "likes tea")])
            action = self.fang.action_view_customer_occasions()
            self.assertEqual(self.env['customer.occasion'].search(action['domain']).partner_id, self.fang)

    def test_cul_4_kinds_are_one_per_source(self):
        """CUL-4: two kinds that come from the birthdate would greet twice."""
        with self._refused("known from there"):
            self.kinds['birthday'].copy({'name': "Second", 'source': 'birthdate'})
