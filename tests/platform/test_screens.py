"""S7, REP-1: every screen that the menus lead to opens, shows something and fits the window, for whoever opens it."""
import json

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

    def test_graph_has_the_colours_of_the_app(self):
        """S3: in graphs, too, healthy is green, watch is yellow, and only what is at risk is red."""
        customers = [self._customer(f"Coloured {number}") for number in range(3)]
        for customer, band in zip(customers, ('healthy', 'watch', 'risk'), strict=True):
            customer.sudo().customer_health_band = band
        action = {
            'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'domain': [['name', 'like', 'Coloured ']],
            'views': [[self.env.ref('customer_success.res_partner_view_graph_health').id, 'graph']]}
        self.env.flush_all()
        with self._opened('mara', '1440x900') as browser:
            browser.run(f'customerScreens.open({json.dumps(action)}, {{}})')
            colors = browser.run("""(() => {
                const names = ["healthy", "watch", "risk"].map((band) => {
                    const node = document.createElement("i");
                    node.className = `o_customer_health_${band}`;
                    document.body.append(node);
                    return getComputedStyle(node).backgroundColor;
                });
                const { datasets } = Chart.getChart(document.querySelector(".o_graph_canvas_container canvas")).data;
                const bars = datasets.filter((one) => one.type !== "line"); // the other is the sum of them
                return Object.fromEntries(bars.map((one) => [one.label, names.indexOf(one.backgroundColor)]));
            })()""")
        self.assertEqual(colors, {"Healthy": 0, "Watch": 1, "At risk": 2})

    def test_leader(self):
        """A team leader without customers or team."""
        self.assertEqual(self._sweep('li', self._screens(self.li)), [])

    def test_nobody_yet(self):
        """Where nothing is there yet, every screen says so instead of being blank."""
        self.assertEqual(self._sweep('zoe', self._first_views(self.zoe), PHONE), [])
        self.assertEqual(self._sweep('otto', self._first_views(self.otto)), [])
