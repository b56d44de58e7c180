"""PLT-5: what the addon draws itself can be used without eyes or a mouse: axe finds nothing serious in it."""
import base64
import json
import os
from pathlib import Path

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..common import CustomerCase
from ..health.common import HealthFigures
from ..reporting import sheets
from ..screens import ScreensCase

#: The script of axe-core, which is no part of the addon.
AXE = os.environ.get('CUSTOMER_SUCCESS_AXE')

#: Checks what is ours on a page. What Odoo's own client draws around it and into it is not looked at, nor are the colours of its
#: palette, in which muted text and badges are written everywhere. Answers a line for each finding and how many elements were
#: looked at.
CHECK = """
(async () => {
    const OURS = '[class*="o_customer_"], .app_settings_block[data-key="customer_success"]';
    const own = [...document.querySelectorAll(`:is(.o_action_manager, .modal) :is(${OURS})`)];
    const outer = own.filter((node) => !node.parentElement.closest(OURS) && node.getClientRects().length);
    if (!outer.length) {
        return [0, []];
    }
    const exclude = [
        ".o_control_panel", ".o_field_many2one_avatar_user", ".o_field_kanban_activity", ".o-dropdown", ".o_select_menu",
        ".o-autocomplete", ".o_list_record_selector",
    ].filter((selector) => document.querySelector(selector)).map((selector) => [selector]);
    const { violations } = await axe.run({ include: outer, exclude }, { resultTypes: ["violations"], elementRef: true });
    const ofOdoo = ({ element }) => element.closest('.text-muted, .o_form_label, [class*="text-bg-"]');
    const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    return [outer.length, serious.flatMap(({ id, help, nodes }) =>
        nodes.filter((node) => id !== "color-contrast" || !ofOdoo(node)).map(
            ({ html, failureSummary }) => `${id}: ${help} – ${html.slice(0, 160)} (${failureSummary.slice(0, 200)})`))];
})()
"""


class AccessCase(ScreensCase):
    """What axe says of screens."""

    maxDiff = None

    def _check(self, login, screens, size='1440x900'):
        """Open screens and let axe look at what is ours on each.

        :param screens: name, action, options and what to run in the page before
        :return: a line for each finding; every screen has something of ours
        """
        if not AXE:
            self.skipTest("The check of accessibility is not installed.")
        problems = []
        with self._opened(login, size) as browser:
            browser.run(Path(AXE).read_text())
            for name, action, options, before in screens:
                browser.run(f'customerScreens.open({json.dumps(action)}, {json.dumps(options)})')
                if before:
                    browser.run(before)
                looked_at, found = browser.run(CHECK, timeout=120)
                self.assertGreater(looked_at, 0, f'{name}: nothing of ours was there')
                problems += [f'{name} {size}: {line}' for line in found]
                browser.run('customerScreens.close()')
        return problems

    def _screens_of(self, customer):
        def form(record):
            return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [[False, 'form']]}

        def tab(name):
            return f"""(async () => {{
                document.querySelector('.o_notebook .nav-link[name={name}]').click();
                await new Promise((done) => setTimeout(done, 2500));
            }})()"""

        action = self.env.ref
        return [
            ("My Day", action('customer_success.customer_day_action').id, {}, ''),
            ("Customers", action('customer_success.res_partner_action_customers').id, {'viewType': 'kanban'}, ''),
            ("Relationship", form(customer), {}, tab('customer_success')),
            ("Health", form(customer), {}, tab('customer_health')),
            ("Log", {**customer.with_user(self.anna).action_customer_log(), 'target': 'new'}, {}, ''),
        ]


@tagged('post_install', '-at_install')
class TestAccess(AccessCase, CustomerCase):

    def _customer_with_all(self):
        """A customer of Anna that each part of the form has something to show of."""
        customer = self._customer(
            "Accessible", customer_cadence_id=self.cadence.id, email='a@example.com', phone='+49 711 255501')
        customer.country_id = self.env.ref('base.sa')
        self.env['res.partner'].create({'name': "Somebody", 'parent_id': customer.id})
        self._open(customer)
        self.env.flush_all()
        return customer

    def test_leader(self):
        """The dashboard, the usage map of a customer and what a manager begins with."""
        customer = self._customer_with_all()
        metric = self.env['customer.metric'].search([('source', '=', False)], limit=1)
        self.env['customer.reading'].create([
            {'partner_id': customer.id, 'metric_id': metric.id, 'value': 10 + week,
             'date': fields.Date.subtract(fields.Date.today(), weeks=week)} for week in range(1, 9)])
        self.env.flush_all()
        screens = [
            ("Dashboard", self.env.ref('customer_success.customer_dashboard_action').id, {}, ''),
            ("My Day", self.env.ref('customer_success.customer_day_action').id, {}, ''),
            ("Usage map", self.env['customer.usage.map']._action_map(customer), {}, ''),
        ]
        for size in ('1440x900', '390x844'):
            self.assertEqual(self._check('mara', screens, size), [])

    def _dialog(self, model):
        return {'type': 'ir.actions.act_window', 'res_model': model, 'views': [[False, 'form']], 'target': 'new'}

    def test_dialogs(self):
        """Loading a sheet, giving customers to somebody else, the pile of overdue ones, and what a preset would do."""
        customer = self._customer_with_all()
        today = fields.Date.today()
        self._open(customer).sudo().write({
            'date_planned': fields.Date.subtract(today, days=9), 'date_limit': fields.Date.subtract(today, days=2)})
        sheet = self.env['customer.import'].with_user(self.mara).create({
            'kind': 'followups', 'name': "sheet.xlsx", 'file': base64.b64encode(sheets.table([
                ["Customer", "Contact Date", "Channel", "Feedback", "Colour"],
                [customer.name, "2026-01-05", "Call", "All is well", "red"],
                ["Nobody knows", "someday", "Call", "", "blue"]]))})
        screens = [("A sheet to load", self._dialog('customer.import') | {'target': 'current'}, {}, '')]
        for step in ('action_read', 'action_ask', 'action_preview'):
            getattr(sheet, step)()
        self.assertTrue(sheet.bad_ids)
        preset = self.env.ref('customer_success.customer_preset_abc').with_user(self.mara)
        self.env.flush_all()
        screens += [
            ("A sheet that was read", self._dialog(sheet._name) | {'res_id': sheet.id, 'target': 'current'}, {}, ''),
            ("Presets", self.env.ref('customer_success.customer_preset_action').id, {}, ''),
            ("What a preset would do", {**preset.action_preview(), 'views': [[False, 'form']]}, {}, ''),
            ("Giving to somebody else", customer.with_user(self.mara).action_customer_handover(), {}, ''),
            ("A sheet", self.env.ref('customer_success.customer_strategy_sheet_action').id, {'viewType': 'list'}, ''),
            ("Everything of a customer", customer.with_user(self.mara).action_customer_screens(), {}, ''),
        ]
        for size in ('1440x900', '390x844'):
            self.assertEqual(self._check('mara', screens, size), [])
        pile = [("The pile", self._dialog('customer.triage'), {}, '')]
        self.assertTrue(self.env['customer.day'].with_user(self.anna)._pile_count())
        for size in ('1440x900', '390x844'):
            self.assertEqual(self._check('anna', pile, size), [])

    def test_settings(self):
        """The questions of the settings page, with the first steps above them."""
        admin = self.env.ref('base.user_admin')
        admin.password = 'admin'
        settings = [("Settings", self.env.ref('customer_success.customer_success_settings_action').id, {}, '')]
        self.assertEqual(self._check('admin', settings), [])

    def test_desk(self):
        """At a desk."""
        self.assertEqual(self._check('anna', self._screens_of(self._customer_with_all())), [])

    def test_phone(self):
        """With a phone."""
        self.assertEqual(self._check('anna', self._screens_of(self._customer_with_all()), '390x844'), [])


@tagged('post_install', '-at_install')
class TestAccessOfTrouble(AccessCase, HealthFigures):
    """What is drawn in red and orange, whatever the hour: a customer of whom everything is bad."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.customer
        customer.write({'email': 'figures@example.com', 'country_id': cls.env.ref('base.sa').id})
        cls._health(customer, (60, 88), (5, 41))
        for signal, level in (('silence', '3'), ('payment', '2')):
            cls._warn(customer, signal, level)
        cls.env['customer.planner']._plan(customer.ids)
        cls.env['customer.followup'].search([('partner_id', '=', customer.id), ('state', '=', 'planned')]).sudo().write({
            'date_planned': cls._ago(9), 'date_limit': cls._ago(2)})
        cls.env['customer.sla.policy'].search([]).active = False
        cls.env['customer.sla.policy'].create({
            'name': "At once", 'hours': 'always', 'response_hours': 0.5, 'solution_hours': 0.75, 'revisit_days': 1})
        now = fields.Datetime.now()
        for name, minutes in (("Crates broken", 0), ("Invoice wrong", 180)):
            with freeze_time(fields.Datetime.subtract(now, minutes=minutes)):
                cls.env['customer.case'].with_user(cls.anna).create({'name': name, 'partner_id': customer.id})
        cls.env['customer.insight'].create([
            {'partner_id': customer.id, 'kind': 'competitor', 'threat': '3', 'name': "Has an offer of somebody else",
             'competitor_id': cls.env['customer.competitor'].create({'name': "Rival"}).id},
            {'partner_id': customer.id, 'kind': 'pain', 'name': "Late deliveries"}])
        cls.env['customer.feedback'].create({'partner_id': customer.id, 'kind': 'nps', 'score': 2, 'comment': "Never again"})
        cls.env.flush_all()

    def _red(self, size):
        screens = self._screens_of(self.customer)
        own = "document.querySelectorAll('.o_customer_strip .text-danger, .o_customer_day .text-danger, .o_customer_red').length"
        with self._opened('anna', size) as browser:
            for name, action, options, before in screens[:1] + screens[2:4]:
                browser.run(f'customerScreens.open({json.dumps(action)}, {json.dumps(options)})')
                if before:
                    browser.run(before)
                self.assertGreater(browser.run(own), 0, f'{name}: nothing is red')
                browser.run('customerScreens.close()')
        return self._check('anna', screens, size)

    def test_trouble_at_desk(self):
        """At a desk."""
        self.assertEqual(self._red('1440x900'), [])

    def test_trouble_on_phone(self):
        """With a phone."""
        self.assertEqual(self._red('390x844'), [])

    def test_bands(self):
        """What is drawn in green and yellow: a customer that is better than a month ago, and one to watch."""
        for before, score in ((41, 88), (88, 62)):
            self._health(self.customer, (60, before), (5, score))
            self._warn(self.customer, f'yellow_{score}', '1')
            self.env['customer.warning'].search(
                [('partner_id', '=', self.customer.id), ('level', '!=', '1')]).sudo().unlink()
            screens = self._screens_of(self.customer)[1:4]
            for size in ('1440x900', '390x844'):
                self.assertEqual(self._check('anna', screens, size), [], score)
