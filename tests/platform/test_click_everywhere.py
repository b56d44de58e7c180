"""Odoo's own robot clicks on every entry of the menu, every view and every filter of the application; nothing breaks (PLT-5)."""
from odoo.tests import HttpCase, tagged

from ..common import CustomerCase

#: So long it may take, in seconds: it opens some hundred screens.
LONGEST = 1500


@tagged('post_install', '-at_install')
class TestClickEverywhere(HttpCase, CustomerCase):

    allow_end_on_form = True

    def _click(self, login, light):
        """Let the robot go through the application as somebody.

        :param bool light: whether only the menu is clicked on, and no views and filters
        """
        self.env['res.users'].search([]).write({'tour_enabled': False})
        start = "odoo.loader.modules.get('@web/webclient/clickbot/clickbot_loader').startClickEverywhere"
        self.browser_js(
            '/odoo', f"{start}('customer_success.customer_success_menu_root', {str(light).lower()});", "odoo.isReady === true",
            login=login, timeout=LONGEST, success_signal="clickbot test succeeded")

    def test_plt_5_salesperson(self):
        """As a salesperson with customers: everything."""
        self.env['res.partner'].search([('customer_managed', '=', True)], limit=20).user_id = self.anna
        self._click('anna', light=False)

    def test_plt_5_admin(self):
        """As an administrator, who has every entry: the menu."""
        self._click('admin', light=True)
