"""PLT-2, PLT-3, PLT-5: settings, runs, merging contacts."""
from lxml import etree

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import users

from ...hooks import post_init_hook
from ..common import CustomerCase


class TestPlatform(CustomerCase):

    def test_settings(self):
        """PLT-5: each setting is kept as entered, 0 included, and is in force."""
        self.env['res.config.settings'].create({
            'customer_grace_days': 0, 'customer_remind_days': 0, 'customer_escalate_days': 4, 'customer_skip_limit': 1,
            'customer_move_limit': 2}).execute()
        settings = self.env['res.config.settings'].create({})
        self.assertEqual((settings.customer_grace_days, settings.customer_remind_days), (0, 0))
        self.assertEqual((settings.customer_skip_limit, settings.customer_move_limit), (1, 2))
        customer = self._customer("Promised")
        self._log(customer, next_step="Call back", next_date='2099-01-01')
        promise = self._open(customer).filtered(lambda followup: not followup.step_id)
        self.assertEqual(str(promise.date_limit), '2099-01-01')
        self.assertEqual(str(promise.date_escalate), '2099-01-05')

    def test_settings_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "can't be negative"):
            self.env['res.config.settings'].create({'customer_grace_days': -1}).execute()
        with self.assertRaisesRegex(ValidationError, "first one on"):
            self.env['res.config.settings'].create({'customer_skip_limit': 0}).execute()

    def test_another_ranking_in_the_settings(self):
        other = self.env.ref('customer_success.customer_tier_scheme_20_60_20')
        self.env['res.config.settings'].create({'customer_tier_scheme_id': other.id}).execute()
        self.assertEqual(self.env['customer.tier.scheme']._get_current(), other)
        self.assertTrue(other.is_current)
        trigger = self.env['ir.cron.trigger'].search([
            ('cron_id', '=', self.env.ref('customer_success.ir_cron_refresh').id)])
        self.assertTrue(trigger, "the nightly action does not wait for the night")

    def test_installing_again_changes_nothing(self):
        """PLT-1: what happens once at the installation finds nothing left to do when it happens again."""
        self._customer("Installed")
        found = []
        for __ in range(2):
            post_init_hook(self.env)
            self.env.flush_all()
            self.env.cr.execute(
                "SELECT (SELECT max(id) FROM customer_followup), (SELECT max(id) FROM customer_tier_change),"
                " (SELECT count(*) FROM res_partner WHERE customer_managed), (SELECT count(*) FROM customer_plan_request)")
            found.append(self.env.cr.fetchone())
        self.assertEqual(*found)

    def test_runs_are_kept(self):
        """PLT-3: what a scheduled action did can be looked up, and nothing is written when nothing was done."""
        self._customer("Ran")
        self._run_cron('refresh')
        self._run_cron('plan')
        before = self.env['customer.run'].search_count([])
        self._run_cron('refresh')
        self._run_cron('plan')
        self.assertEqual(self.env['customer.run'].search_count([]), before)
        self._customer("New").customer_revenue = 5
        self._run_cron('refresh')
        run = self.env['customer.run'].search([], limit=1)
        self.assertEqual(run.name, 'refresh')
        self.assertGreaterEqual(run.done, 1)

    def test_merging_loses_nothing(self):
        """PLT-2: the contacts of both, and one open follow-up per touchpoint."""
        kept, gone = (self._customer(name, customer_cadence_id=self.cadence.id) for name in ("Kept", "Gone"))
        number = kept.ref
        self._log(kept, feedback="To the kept one")
        self._log(gone, self.visit, feedback="To the other one", next_step="Send offer", next_date='2099-01-01')
        self._order(gone, 500)
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((kept + gone).ids, kept)
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertEqual(kept.ref, number)
        done = self.env['customer.followup'].search([('partner_id', '=', kept.id), ('state', '=', 'done')])
        self.assertEqual(set(done.mapped('feedback')), {"To the kept one", "To the other one"})
        self.assertEqual(len(self._open(kept, self.step)), 1)
        self.assertEqual(self._open(kept).filtered(lambda followup: not followup.step_id).name, "Send offer")
        self.assertEqual(kept.customer_revenue, 500)

    @users('mara')
    def test_merging_by_a_user(self):
        """Who may merge contacts needs no right on what the addon alone writes."""
        self.env.user.sudo().group_ids += self.env.ref('base.group_partner_manager')
        one, two = (self._customer(name, email='same@example.com') for name in ("One", "Two"))
        number = two.ref
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((one + two).ids, one.with_env(self.env))
        self.env.invalidate_all()
        self.assertFalse(two.exists())
        self.assertTrue(one.customer_managed)
        self.assertIn(number, str(one.message_ids.mapped('body')))

    def test_merging_into_a_plain_contact(self):
        """The number of the customer goes over to a contact that had none."""
        kept = self.env['res.partner'].create({'name': "Plain", 'is_company': True})
        gone = self._customer("Numbered")
        number = gone.ref
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((kept + gone).ids, kept)
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.invalidate_all()
        self.assertEqual(kept.ref, number)
        self.assertTrue(kept.customer_managed)
        self.assertTrue(self._open(kept))

    def test_chinese(self):
        """PLT-4: the shipped rules and the messages speak simplified and traditional Chinese."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['res.lang']._activate_lang('zh_TW')
        module = self.env['ir.module.module'].search([('name', '=', 'customer_success')])
        module._update_translations(['zh_CN', 'zh_TW'])
        for lang, high, message in (('zh_CN', "客户", "未来"), ('zh_TW', "客戶", "未來")):
            env = self.env(context={'lang': lang})
            label = env['customer.followup'].fields_get(['partner_id'])['partner_id']['string']
            self.assertEqual(label, high)
            self.assertNotEqual(self.step.with_env(env).cycle, "monthly")
            self.assertNotEqual(self.tier_high.with_env(env).name, "High value")
            with self.assertRaises(ValidationError) as refused:
                self._log(self._customer(f"In {lang}").with_env(env), contact_at='2099-01-01')
            self.assertIn(message, str(refused.exception))

    def test_groups_come_in_the_order_of_work(self):
        """What is overdue comes first, on the board as in the list, and not what is first in the alphabet."""
        customer = self._customer("Ordered", customer_cadence_id=self.cadence.id)
        domain = [('partner_id', '=', customer.id)]
        today = fields.Date.today()
        self._log(customer)
        for days in (-30, 0, 60):
            followup = self.env['customer.followup'].create({
                'partner_id': customer.id, 'channel_id': self.call.id, 'name': "x", 'date_planned': today})
            day = fields.Date.add(today, days=days)
            followup.write({'date_planned': day, 'date_limit': day})
        states = [state for state, in self.env['customer.followup']._read_group(domain, ['due_state'])]
        self.assertEqual(states, ['overdue', 'today', 'later', 'closed'])
        self.env['res.partner'].search([('customer_managed', '=', True)], limit=1).action_customer_exclude()
        states = [state for state, in self.env['res.partner']._read_group(
            [('customer_managed', '=', True)], ['customer_contact_state'])]
        order = [key for key, __ in self.env['res.partner']._fields['customer_contact_state'].selection]
        self.assertEqual(states, sorted(states, key=order.index))

    def _menu(self, user):
        """Return the names of the sections of a user's menu, and those of the screens in it."""
        menus = self.env['ir.ui.menu'].with_user(user).with_context(lang='en_US').load_menus(False)

        def leaves(menu_id):
            children = menus[menu_id]['children']
            return [name for child in children for name in leaves(child)] if children else [menus[menu_id]['name']]
        root = self.env.ref('customer_success.customer_success_menu_root').id
        return [menus[child]['name'] for child in menus[root]['children']], leaves(root)

    def test_menus_by_role(self):
        """PLT-5: at most eight sections, for a salesperson fewer than twenty screens; configuration is for managers, by the
        questions of the settings page."""
        sections, screens = self._menu(self.anna)
        self.assertEqual(
            sections, ["My Day", "Customers", "Follow-ups", "Cases", "Strategies", "Care", "Reporting"])
        self.assertLess(len(screens), 20)
        self.assertLessEqual({"My Day", "Customers", "Follow-ups", "Warnings", "Absences", "Kept Rhythms"}, set(screens))
        self.assertIn("To Approve", self._menu(self.lena)[1])
        sections, screens = self._menu(self.mara)
        self.assertEqual(len(sections), 8)
        self.assertGreater(len(screens), 100)
        self.assertEqual(len(screens), len(set(screens)), "each name once")
        asked = self.env.ref('customer_success.customer_success_menu_configuration').child_id.filtered('child_id')
        page = etree.fromstring(self.env.ref('customer_success.res_config_settings_view_form').arch)
        self.assertEqual(asked.mapped('name'), [block.get('title') for block in page.iter('block')])

