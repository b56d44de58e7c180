"""PLT-5: the first steps of a company that begins, each done by what is really there, from nothing to the first follow-up."""
from odoo import Command
from odoo.tests import HttpCase, tagged, users

from odoo.addons.customer_success.models.base.customer_first_steps import Step

from ..common import CustomerCase
from ..screens import ScreensCase

PHONE = '390x844'


class BeginningCase(CustomerCase):
    """A third company in which there is nothing but its manager, Maya: no customers, no team, no server for emails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_3 = cls._create_company(name="New Company")
        cls.company_3.partner_id.tz = 'UTC'
        cls.maya = cls._user('maya', 'manager', company_id=cls.company_3.id, company_ids=[Command.set(cls.company_3.ids)])
        cls.env['customer.preset.change'].search([]).unlink()
        cls.env['ir.mail_server'].search([]).active = False
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE customer_cadence SET write_uid = 1; UPDATE customer_health_scorecard SET write_uid = 1;"
                           "UPDATE customer_health_measure SET write_uid = 1")
        cls.env.invalidate_all()
        cls.env.registry.clear_cache()

    def _look(self, user=None):
        """Return the first steps as somebody sees them, by their code."""
        self.env.flush_all()
        data = self.env['customer.first.steps'].with_user(user or self.maya).look()
        return data, {step['code']: step for step in data['steps']}

    def _done(self):
        return {code for code, step in self._look()[1].items() if step['done']}


class TestFirstSteps(BeginningCase):

    def test_from_nothing_to_the_first_follow_up(self):
        """PLT-5: each step is done by what is there, and is not done any more when that goes."""
        self.assertEqual(self._done(), set())
        data, steps = self._look()
        self.assertEqual(list(steps), ['customers', 'preset', 'people', 'followup', 'mail', 'holidays', 'health'])
        self.assertTrue(data['shown'])
        self.assertEqual((data['done'], data['total']), (0, 7))
        self.assertEqual(steps['mail']['action'], '', "its servers are for administrators of Odoo")
        self.assertIn("An administrator", steps['mail']['says'])
        customer = self._customer("First", user_id=self.maya.id, company_id=self.company_3.id)
        self.assertEqual(self._done(), {'customers', 'followup'})
        self.assertRegex(self._look()[1]['followup']['says'], "The first one: .*, First, ")
        self.env.ref('customer_success.customer_preset_three_two').with_user(self.maya)._apply()
        self.assertIn("3 + 2", self._look()[1]['preset']['says'])
        team = self.env['crm.team'].create({'name': "New", 'member_ids': [Command.set(self.maya.ids)]})
        self.env['ir.mail_server'].create({'name': "Out", 'smtp_host': 'localhost'})
        self.assertEqual(self._done(), {'customers', 'followup', 'preset', 'people', 'mail'})
        customer.country_id = self.env.ref('base.jp')
        calendar = self.env['customer.country.calendar'].search([('country_id', '=', customer.country_id.id)]) \
            or self.env['customer.country.calendar'].create({'country_id': customer.country_id.id})
        calendar.known_until = 0
        self.assertEqual(self._look()[1]['holidays']['says'], "Not known yet: Japan.")
        calendar.known_until = 2100
        self.env['customer.health.scorecard'].search([], limit=1).with_user(self.maya).healthy_from = 76
        self.assertEqual(len(self._done()), 7)
        self.assertFalse(self._look()[0]['shown'], "there is nothing left to do")
        team.unlink()
        self.assertEqual(set(self._look()[1]) - self._done(), {'people'})
        customer.action_customer_exclude()
        self.assertFalse(self._done() & {'customers', 'followup', 'holidays'})

    def test_of_the_own_company(self):
        """PLT-5, PLT-2: what another company has done does nothing here."""
        self._customer("There", company_id=self.company_2.id, user_id=self.zoe.id)
        self.assertEqual(self._done() & {'customers', 'followup', 'people'}, set())
        self.assertIn("1 customer.", self._look(self.zoe)[1]['customers']['says'])
        self.assertIn("Without an account manager: 1", (
            self._customer("Nobody's", company_id=self.company_2.id, user_id=False),
            self._look(self.zoe)[1]['customers']['says'])[1])

    @users('anna', 'lena', 'nils')
    def test_for_managers(self):
        """PLT-5, REP-1: nobody else sees any, and nobody else puts them away."""
        steps = self.env['customer.first.steps']
        self.assertEqual(steps.look(), {'steps': [], 'done': 0, 'total': 0, 'shown': False})
        steps.show(False)
        self.assertTrue(self.env.company.sudo().customer_first_steps)

    @users('maya')
    def test_put_away_and_back(self):
        """PLT-5: put away in one company, had back on the settings page; nothing else of a company is written."""
        steps = self.env['customer.first.steps']
        steps.show(False)
        self.assertFalse(steps.look()['shown'])
        self.assertEqual(len(steps.look()['steps']), 7, "the settings page shows them all the same")
        with self.assertQueryCount(maya=0):
            self.assertFalse(steps.look(always=False)['steps'], "the day looks nothing up")
        self.assertTrue(self.company_2.customer_first_steps)
        self.env['customer.settings'].create({'customer_first_steps': True}).execute()
        self.assertTrue(steps.look()['shown'])

    def test_buttons_open(self):
        """PLT-5: each button opens something that a manager may open."""
        steps = self._look(self.env.ref('base.user_admin'))[1]
        self.assertEqual([code for code, step in steps.items() if not step['action']], [])
        for user, mine in ((self.env.ref('base.user_admin'), steps), (self.maya, self._look()[1])):
            for step in mine.values():
                if step['action']:
                    action = self.env.ref(step['action'])
                    self.assertTrue(self.env[action.res_model].with_user(user).has_access('read'), step['code'])

    def test_another_addon_adds_a_step(self):
        """PLT-5: `_steps` is where others add theirs."""
        cls = self.registry['customer.first.steps']
        original = cls._steps
        self.patch(cls, '_steps', lambda model, company: original(model, company) | {'mine': Step(
            5, "Mine", "It is good for something", True, "", "Open", 'base.action_partner_form')})
        data, steps = self._look()
        self.assertEqual((next(iter(steps)), data['done'], data['total']), ('mine', 1, 8))

    def test_cost(self):
        """PLT-5: looking costs as much with thirty customers as with one, and writes nothing."""
        counts = []
        for number in (1, 30):
            for at in range(number):
                self._customer(f"Buyer {number} {at}", user_id=self.maya.id, company_id=self.company_3.id)
            self._look()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['customer.first.steps'].with_user(self.maya).look()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
        self.assertLess(counts[0], 45)


@tagged('post_install', '-at_install')
class TestFirstStepsTours(HttpCase, BeginningCase):

    def _begin(self, size):
        self.browser_size = size
        self.start_tour('/odoo/my-day', 'customer_success_first_steps', login='maya', timeout=150)
        self.env.invalidate_all()
        customer = self.env['res.partner'].search([('name', '=', "Tour Trading")])
        self.assertTrue(customer.customer_managed)
        self.assertEqual(self._open(customer).step_id.cadence_id, self.env.ref('customer_success.customer_cadence_three_two'))
        self.assertEqual(self.env['customer.preset.change'].search([]).user_id, self.maya)
        self.assertFalse(self.company_3.customer_first_steps, "put away at the end")

    def test_at_a_desk(self):
        """PLT-5: from an empty company to the first planned follow-up, by the buttons of the panel."""
        self._begin('1440x900')

    def test_on_a_phone(self):
        """PLT-5: the same with a thumb."""
        self.touch_enabled = True
        self._begin(PHONE)

    def test_settings(self):
        """PLT-5: the settings page has eight questions, its search finds what people look for, the panel comes back from it."""
        self.company_3.customer_first_steps = False
        self.start_tour('/odoo/customer-settings', 'customer_success_settings', login='maya', timeout=150)
        self.env.invalidate_all()
        self.assertTrue(self.company_3.customer_first_steps)


@tagged('post_install', '-at_install')
class TestFirstStepsScreens(ScreensCase, BeginningCase):
    def test_desk_and_phone(self):
        """PLT-5: nothing is cut, overlaps or fails at 1440 and at 390 pixels."""
        problems = []
        screens = [
            (name, self.env.ref(f'customer_success.{xml_id}').id, {}) for name, xml_id in (
                ("My Day", 'customer_day_action'), ("Fits My Business", 'customer_preset_action'),
                ("Presets That Were Applied", 'customer_preset_change_action'), ("Settings", 'customer_success_settings_action'))]
        self.env.ref('customer_success.customer_preset_abc').with_user(self.maya)._apply()
        for size in ('1440x900', PHONE):
            problems += self._sweep('maya', screens, size=size)
        self.assertFalse(problems, '\n'.join(problems))
