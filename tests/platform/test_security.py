"""PLT-2: who may see and do what."""
from markupsafe import Markup

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import users

from ..common import CustomerCase


class TestSecurity(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.annas = cls._customer("Anna's", customer_cadence_id=cls.cadence.id)
        cls.ottos = cls._customer("Otto's", customer_cadence_id=cls.cadence.id, user_id=cls.otto.id)
        cls.nobodys = cls._customer("Nobody's", customer_cadence_id=cls.cadence.id, user_id=False)
        cls.theirs = cls._customer(
            "Theirs", customer_cadence_id=cls.cadence.id, user_id=cls.zoe.id, company_id=cls.company_2.id)
        cls.all_four = cls.annas + cls.ottos + cls.nobodys + cls.theirs

    def _seen(self, user):
        """Return the names of the customers whose follow-ups a user finds."""
        followups = self.env['customer.followup'].with_user(user).search([('partner_id', 'in', self.all_four.ids)])
        return set(followups.sudo().partner_id.mapped('name'))

    def test_who_sees_which_followups(self):
        """A user sees the own and unassigned ones, a leader those of the team, a manager all of the company."""
        self.assertEqual(self._seen(self.anna), {"Anna's", "Nobody's"})
        self.assertEqual(self._seen(self.otto), {"Otto's", "Nobody's"})
        self.assertEqual(self._seen(self.lena), {"Anna's", "Nobody's"})
        self.assertEqual(self._seen(self.li), {"Otto's", "Nobody's"})
        self.assertEqual(self._seen(self.mara), {"Anna's", "Otto's", "Nobody's"})
        self.assertEqual(self._seen(self.zoe), {"Theirs"})

    @users('otto')
    def test_neither_seen_nor_changed(self):
        """Also by RPC and export another's follow-ups neither show nor change."""
        self.env.user.sudo().group_ids += self.env.ref('base.group_allow_export')
        followup = self._open(self.annas).with_env(self.env)
        for call in (
            lambda: followup.read(['feedback']),
            lambda: followup.web_read({'partner_id': {}}),
            lambda: followup.export_data(['partner_id/name', 'feedback']),
            lambda: followup.write({'feedback': "x"}),
            lambda: followup._skip(self.reason),
            lambda: followup._reassign(self.otto),
            lambda: followup.unlink(),
            lambda: followup.message_post(body=Markup("x")),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertFalse(self.env['customer.followup'].search([('id', 'in', followup.ids)]))
        self.assertFalse(self.env['customer.followup'].formatted_read_group(
            [('partner_id', '=', self.annas.id)], ['user_id'], ['__count']))
        self.assertTrue(followup.sudo().exists())

    @users('otto')
    def test_computed_dates_do_not_leak(self):
        """On another's customer the contact dates show nothing, computed as well as searched and grouped."""
        self._log(self.annas.sudo())
        customer = self.annas.with_env(self.env)
        self.assertFalse(customer.customer_next_contact)
        self.assertFalse(customer.customer_last_contact)
        self.assertFalse(customer.customer_last_text)
        self.assertFalse(self.env['res.partner'].search([
            ('id', '=', customer.id), ('customer_last_contact', '!=', False)]))
        self.assertEqual(self.env['res.partner']._read_group(
            [('id', '=', customer.id)], ['customer_contact_state']), [('colleague',)])

    @users('nils')
    def test_without_a_role(self):
        """Who has no role in the addon works with contacts as ever, and sees nothing of customer care."""
        partner = self.annas.with_env(self.env)
        for name in ('customer_tier_id', 'customer_revenue', 'customer_followup_ids', 'customer_number'):
            with self.assertRaises(AccessError):
                partner.read([name])
        self.assertNotIn('customer_tier_id', self.env['res.partner'].fields_get())
        self.assertFalse(partner.customer_contact_state)
        with self.assertRaises(AccessError):
            self.env['customer.followup'].search([])
        arch = self.env['res.partner'].get_view(view_type='form')['arch']
        self.assertNotIn('customer_success_strip', arch)
        self.assertNotIn('customer_enrolment', arch)
        partner.read(['name', 'email'])

    @users('anna')
    def test_users_do_not_configure(self):
        for record in (
            self.step, self.cadence, self.call, self.tier_high, self.reason,
            self.env['customer.demand.type'].search([], limit=1),
            self.env['customer.profile.requirement'].search([], limit=1),
        ):
            record = record.with_env(self.env)
            record.read()
            with self.assertRaises(AccessError):
                record.write({'name': "x"})
            with self.assertRaises(AccessError):
                record.unlink()
        for model in ('customer.run', 'customer.plan.request'):
            with self.assertRaises(AccessError):
                self.env[model].search([])

    @users('mara')
    def test_managers_configure(self):
        self.step.with_env(self.env).interval_count = 2
        self.env['customer.channel'].create({'name': "Fax"})
        self.env['customer.tier.scheme']._get_current().with_env(self.env).action_recompute()
        self.env['customer.run'].search([])
        self.env['customer.plan.request'].search([])

    @users('anna')
    def test_history_is_not_for_writing(self):
        self.env['customer.ranking'].sudo()._refresh_all()
        change = self.annas.with_env(self.env).customer_tier_change_ids
        self.assertTrue(change)
        with self.assertRaises(AccessError):
            change.write({'cause': 'manual'})
        with self.assertRaises(AccessError):
            change.unlink()

    @users('anna')
    def test_what_follows_is_not_for_writing(self):
        """Readonly in the form is readonly by RPC and import too: tier, revenue, number, do not contact."""
        customer = self.annas.with_env(self.env)
        for vals in ({'customer_tier_id': self.tier_high.id}, {'customer_revenue': 5}, {'customer_number': "X"},
                     {'customer_managed': False}, {'customer_do_not_contact': True},
                     {'customer_tier_manual_id': self.tier_high.id}):
            with self.assertRaisesRegex(AccessError, "can't be written"):
                customer.write(vals)
            with self.assertRaises(AccessError):
                self.env['res.partner'].create({'name': "x", **vals})
        dialog = self.env['customer.tier.manual'].create({
            'partner_ids': customer.ids, 'tier_id': self.tier_high.id, 'reason': "x"})
        for action in (dialog.action_set, dialog.action_end):
            with self.assertRaisesRegex(AccessError, "team leaders"):
                action()

    @users('zoe')
    def test_user_of_another_company(self):
        """Figures are in the main company's currency, also for those who are not in that company."""
        customer = self.theirs.with_env(self.env)
        self.assertEqual(customer.customer_currency_id, self.env.ref('base.main_company').sudo().currency_id)
        customer.get_customer_relationship()
        dialog = self.env['customer.tier.manual'].create({'partner_ids': customer.ids})
        self.assertIn("Revenue", str(dialog.explanation))
        self._log(customer)
        self.assertEqual(self._open(self.theirs).date_anchor, fields.Date.today())

    @users('anna')
    def test_absences(self):
        """Everybody sees who is away; users keep their own absences, leaders those of the team."""
        absence = self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2030-01-01', 'date_to': '2030-01-09'})
        absence.with_user(self.otto).read(['user_id'])
        with self.assertRaises(AccessError):
            absence.with_user(self.otto).write({'note': "x"})
        with self.assertRaises(AccessError):
            self.env['customer.absence'].with_user(self.otto).create({
                'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2031-01-01', 'date_to': '2031-01-09'})
        absence.with_user(self.lena).write({'note': "Holiday"})

    def test_every_model_has_rights(self):
        """Every model of the addon is readable by users or kept for managers, and none is open to everybody."""
        models = self.env['ir.model'].search([('model', '=like', 'customer.%')])
        for model in models.filtered(lambda model: not self.env[model.model]._abstract):
            groups = model.access_ids.mapped('group_id')
            self.assertTrue(groups, model.model)
            self.assertTrue(all(groups), model.model)

    def test_companies(self):
        """A customer shared by companies has one plan, in one company; a company's customer is planned there."""
        self.assertEqual(self._open(self.theirs).company_id, self.company_2)
        self.assertEqual(self._open(self.annas).company_id, self.env.company)
        self.annas.user_id = self.zoe
        self.assertEqual(self._open(self.annas).company_id, self.company_2)
        self.assertEqual(len(self._open(self.annas)), 1)
        self.assertEqual(self._seen(self.zoe), {"Theirs", "Anna's"})
