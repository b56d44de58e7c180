"""REP-2: the dashboard in a real browser, at a desk and on a phone."""
from odoo.tests import HttpCase, tagged

from ..screens import ScreensCase
from .dashboard_common import DashboardCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestDashboardTour(HttpCase, DashboardCase):

    def test_a_look(self):
        """A leader looks at the team, chooses a time, and opens what a figure counts."""
        self.start_tour('/odoo/customer-dashboard', 'customer_success_dashboard', login='lena')

    def test_a_look_on_a_phone(self):
        self.browser_size, self.touch_enabled = '390x844', True
        self.start_tour('/odoo/customer-dashboard', 'customer_success_dashboard', login='lena')


@tagged('post_install', '-at_install')
class TestDashboardScreens(ScreensCase, DashboardCase):

    def test_desk_and_phone(self):
        """Nothing is cut, overlaps or fails at 1440 and at 390 pixels, also where long names stand."""
        self.of_anna.customer_tier_id.name = "A very long name of a tier that somebody chose"
        self.ben.name = "Maximilian Friedrich Wilhelm von und zu Hohenstein-Ottersbach"
        action = self.env.ref('customer_success.customer_dashboard_action').id
        problems = []
        for size in ('1440x900', PHONE):
            problems += self._sweep('lena', [('Dashboard', action, {})], size=size)
        self.assertFalse(problems, '\n'.join(problems))
