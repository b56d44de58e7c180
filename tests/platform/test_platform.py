"""PLT-2, PLT-3, PLT-5: settings, runs, merging contacts."""
from odoo.exceptions import ValidationError
from odoo.tests import users

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

    @users('anna')
    def test_menus_by_role(self):
        """A user sees what a user needs; configuration is for managers."""
        def names(user):
            menus = self.env['ir.ui.menu'].with_user(user).load_menus(False)
            root = self.env.ref('customer_success.customer_success_menu_root').id
            return {menus[child]['name'] for child in menus[root]['children']}
        self.assertEqual(names(self.anna), {"Follow-ups", "Customers", "Reporting", "Absences"})
        self.assertIn("Configuration", names(self.mara))
