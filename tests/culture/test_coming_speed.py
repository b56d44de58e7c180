"""CUL-4: a salesperson's screen costs what the own customers cost, however many others have."""
from ..plans import cost_of
from .test_occasions import OccasionCase

MINE = 4


class TestComingSpeed(OccasionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds['cooperation'].active = True
        cls._days('2026-03-20')
        cls._customers(MINE, cls.anna)

    @classmethod
    def _customers(cls, count, user):
        """Make customers of a user, each with a person who has a birthday and one who noted an occasion."""
        customers = cls.env['res.partner'].create([{
            'name': f"{user.name} {number}", 'is_company': True, 'user_id': user.id, 'customer_enrolment': 'enrolled',
            'customer_culture_manual_id': cls.culture.id} for number in range(count)])
        people = cls.env['res.partner'].create([
            {'name': f"Person {number}", 'parent_id': customer.id, 'birthdate_date': '1970-03-10'}
            for customer in customers for number in range(2)])
        cls.env['customer.occasion'].create([{
            'partner_id': person.id, 'kind_id': cls.kinds['lunar_birthday'].id, 'month': 2, 'day': 2, 'calendar': 'lunar'}
            for person in people[::2]])

    def _rows_read(self):
        """Return how many rows PostgreSQL looks at for Anna's first screen, and how many it shows."""
        with self._on('2026-03-02'):
            return cost_of(
                self.env['customer.occasion.coming'].with_user(self.anna), [('user_id', '=', self.anna.id)],
                'date, partner_id, id', 'res_partner, customer_occasion')

    def test_cul_4_cost_follows_the_own_customers(self):
        """CUL-4: with ten times as many customers of a colleague as much is read as before."""
        self._customers(10, self.ben)
        before, shown = self._rows_read()
        self.assertGreaterEqual(shown, 3 * MINE, "birthdays and a festival, or nothing was measured")
        self._customers(100, self.ben)
        after, still_shown = self._rows_read()
        self.assertEqual(still_shown, shown)
        self.assertLess(after, before + 100, "one row of each of 100 customers is too much")
