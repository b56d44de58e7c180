"""S13: where people begin, and who is there to begin with."""
import sys
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, loaded_demo_data, tagged

from ..common import CustomerCase

DEV = Path(__file__).resolve().parents[2] / 'dev'


@tagged('post_install', '-at_install')
class TestHome(HttpCase, CustomerCase):

    def _home(self, login):
        """Return the action that somebody begins with: one of two xmlids, or False."""
        self.authenticate(login, login)
        answer = self.make_jsonrpc_request('/web/session/get_session_info')
        names = ('customer_success.customer_day_action', 'crm.crm_lead_action_pipeline')
        return {self.env.ref(name).id: name for name in names}.get(answer['home_action_id'], answer['home_action_id'])

    def test_begin_here(self):
        """People with a role begin with their day; others, and who administers the system, where they always did; a
        home of one's own comes first, and the setting ends it. Nothing is written on users."""
        ours = 'customer_success.customer_day_action'
        for login in ('anna', 'lena', 'mara'):
            self.assertEqual(self._home(login), ours)
        self.assertFalse(self._home('nils'))
        self.mara.group_ids += self.env.ref('base.group_system')
        self.assertFalse(self._home('mara'))
        own = self.env['ir.actions.act_window']._for_xml_id('crm.crm_lead_action_pipeline')['id']
        self.anna.action_id = own
        self.assertEqual(self._home('anna'), 'crm.crm_lead_action_pipeline')
        self.assertFalse(self.lena.action_id)
        self.env['ir.config_parameter'].set_param('customer_success.begin_here', 'False')
        self.assertFalse(self._home('lena'))
        self.env['ir.config_parameter'].set_param('customer_success.begin_here', 'True')
        self.lena.group_ids -= self.env.ref('customer_success.group_customer_success_leader')
        self.lena.group_ids -= self.env.ref('customer_success.group_customer_success_user')
        self.assertFalse(self._home('lena'))

    def test_screen(self):
        """The first page shows the own day, under the menus of the addon."""
        self.start_tour('/odoo', 'customer_success_begin_here', login='anna')

    def test_logins_of_the_demo(self):
        """The table that dev/run prints has each person of the demo data, with a password that opens."""
        if not loaded_demo_data(self.env) or not DEV.is_dir():
            self.skipTest("The demo data or the tooling are not there")
        with patch.object(sys, 'path', [str(DEV), *sys.path]):
            logins = import_module('tooling.logins')
        rows = {login: (password, who) for login, password, who, __ in logins.people()}
        users = self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=', 'res.users')]).mapped('res_id')
        people = self.env['res.users'].browse(users) | self.env.ref('base.user_demo')
        self.assertGreater(len(people), 4)
        self.assertEqual(set(rows), set(people.mapped('login')))
        for person in people:
            password, who = rows[person.login]
            self.assertIn(person.name, who)
            self.assertEqual(self.authenticate(person.login, password).uid, person.id)
        for role, word in (('user', "Account manager"), ('leader', "Team leader"), ('manager', "Manager")):
            group = self.env.ref(f'customer_success.group_customer_success_{role}')
            those = people.filtered(lambda one, g=group: g in one.group_ids)
            self.assertTrue(those)
            for person in those:
                self.assertIn(f', {word}', rows[person.login][1])
        self.assertIn("Good for", logins.table())
        self.assertNotIn("greta", logins.table(demo=False))
