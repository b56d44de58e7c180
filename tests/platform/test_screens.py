"""S7, REP-1: every screen that the menus lead to opens, shows something and fits the window, for whoever opens it."""
from odoo.tests import tagged

from ..common import CustomerCase
from ..screens import ScreensCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestScreens(ScreensCase, CustomerCase):
    maxDiff = None
    """Managers see the demo data, Otto and Zoe (of another company) a house in which nobody is a customer yet."""

    def _demo_user(self, login):
        """Return a user of the demo data who can log in here."""
        user = self.env['res.users'].search([('login', '=', login)])
        if not user:
            self.skipTest("The database has no demo data.")
        user.password = login
        return user

    def _first_views(self, user):
        """Return the screen that each menu of a user opens with."""
        seen, first = set(), []
        for name, action, options in self._screens(user):
            if not isinstance(action, dict) and action not in seen:
                seen.add(action)
                first.append((name, action, options))
        return first

    def test_manager(self):
        """A manager, at a desk: every view of every menu, and a form of each."""
        screens = self._screens(self.mara)
        self.assertGreater(len(screens), 150)
        self.assertEqual(self._sweep('mara', screens), [])

    def test_salesperson_with_a_phone(self):
        """A salesperson with customers, at the width of a phone."""
        user = self._demo_user('greta')
        self.assertEqual(self._sweep('greta', self._screens(user), PHONE), [])

    def test_long_names(self):
        """S9: a name of 120 characters breaks no form on a phone, in whatever script it is written."""
        latin = "International Association of " + "Precisionmachinery" * 3 + " Manufacturers of the North and the South"
        arabic = "شركة الشرق الأوسط للصناعات الدقيقة والتوريدات الهندسية والمقاولات العامة المحدودة وشركاؤها في المنطقة"
        screens = []
        for name in (latin[:120], arabic):
            customer = self._customer(name, customer_cadence_id=self.cadence.id)
            person = self.env['res.partner'].create({'name': name[::-1][:120], 'parent_id': customer.id})
            followup = self._open(customer)
            followup.contact_id = person
            for record in (customer, followup):
                screens.append((f'{record._name} {name[:8]}', {
                    'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id,
                    'views': [[False, 'form']]}, {}))
        self.env.flush_all()
        self.assertEqual(self._sweep('anna', screens, PHONE), [])

    def test_leader(self):
        """A team leader without customers or team."""
        self.assertEqual(self._sweep('li', self._screens(self.li)), [])

    def test_nobody_yet(self):
        """Where nothing is there yet, every screen says so instead of being blank."""
        self.assertEqual(self._sweep('zoe', self._first_views(self.zoe), PHONE), [])
        self.assertEqual(self._sweep('otto', self._first_views(self.otto)), [])
