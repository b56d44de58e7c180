"""PLT-1: the components of the addon's screens, one by one, in a real browser."""
from odoo.tests import HttpCase, no_retry, tagged


@tagged('post_install', '-at_install')
class TestUnits(HttpCase):

    @no_retry
    def test_units(self):
        """PLT-1: Odoo's runner of unit tests finds those of the addon, and all of them pass."""
        # how the runner names the suite of an addon in its address
        suite = 0
        for character in '@customer_success':
            suite = (suite * 31 + ord(character)) & 0xFFFFFFFF
        self.browser_js(
            f'/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite:08x}', "", "", login='admin', timeout=300,
            success_signal="[HOOT] Test suite succeeded", error_checker=lambda message: '[HOOT]' not in message)
