from odoo import Command
from odoo.tests import tagged

from ..screens import ScreensCase
from .test_automatic import AutomaticCase


@tagged('post_install', '-at_install')
class TestAutomaticScreens(ScreensCase, AutomaticCase):
    """What is sent by itself, at a desk and on a phone: before it is switched on, while it waits, and after it came back."""

    def _screens_of_touches(self):
        form = {'type': 'ir.actions.act_window', 'views': [[False, 'form']]}
        cadence = self.env.ref('customer_success.customer_cadence_mid')
        customer = self._customer("Harbour", customer_cadence_id=cadence.id, child_ids=[
            Command.create({'name': "Captain", 'email': 'captain@example.com', 'phone': '+86 10 8888 7777'})])
        left = self._open(self.customer)
        left.write({
            'send_error': "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown", 'send_problem': 'failed'})
        cadence.step_ids[0].automatic = True
        waits = self._open(customer)[:1]
        self.env.flush_all()
        dry_run = cadence.with_user(self.mara).action_dry_run()
        dry_run['context'] = {**dry_run['context'], 'default_partner_id': customer.id}
        return [
            ('dry run', {**dry_run, 'views': [[False, 'form']]}, {}),
            ('cadence', {**form, 'res_model': 'customer.cadence', 'res_id': cadence.id}, {}),
            ('left', {**form, 'res_model': 'customer.followup', 'res_id': left.id}, {}),
            ('waits', {**form, 'res_model': 'customer.followup', 'res_id': waits.id}, {}),
        ]

    def test_desk(self):
        self.assertEqual(self._sweep('mara', self._screens_of_touches()), [])

    def test_phone(self):
        self.assertEqual(self._sweep('mara', self._screens_of_touches(), '390x844'), [])
