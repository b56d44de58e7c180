"""S1: what a record rule hides is a colleague's and not "none", and what is typed for a colleague is not lost."""
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged, users

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestColleague(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Annas Ltd", customer_cadence_id=cls.cadence.id)
        cls._log(cls.customer, feedback="Quite content")

    def _strip(self, user, partner=None):
        return (partner or self.customer).with_user(user).get_customer_strip()

    def test_with_a_colleague(self):
        """Card, strip, tab and search say whose it is; who may see the contacts sees them."""
        partner = self.customer.with_user(self.otto)
        self.assertEqual(partner.customer_with, "With Anna")
        self.assertEqual(partner.customer_contact_state, 'colleague')
        self.assertEqual(partner.customer_tell_label, "Tell Anna")
        strip = self._strip(self.otto)
        self.assertEqual((strip['last'], strip['next'], strip['with'], strip['tell'], strip['state']),
                         (False, False, "With Anna", "Tell Anna", 'colleague'))
        self.assertEqual(partner.get_customer_relationship()['with'], "With Anna")
        for user in (self.anna, self.lena, self.mara):
            strip = self._strip(user)
            self.assertIn("Quite content", strip['last'])
            self.assertEqual((strip['with'], strip['tell'], strip['state']), (False, False, 'track'), user.name)

    def test_search_and_group(self):
        """The columns say the same as the fields: nobody finds a colleague's customer among those never contacted."""
        never = self._customer("Never", user_id=self.otto.id)
        both = self.customer + never
        for user in (self.otto, self.li, self.anna, self.lena, self.mara):
            partners = both.with_user(user)
            for name in ('customer_contact_state', 'customer_contacts_hidden'):
                for value in set(partners.mapped(name)) | {'none', True} - {name}:
                    if isinstance(value, str) == (name == 'customer_contact_state'):
                        found = partners.search([('id', 'in', both.ids), (name, '=', value)])
                        self.assertEqual(found, partners.filtered(lambda one, n=name, v=value: one[n] == v), (user.name, name))
            grouped = dict(partners._read_group(
                [('id', 'in', both.ids)], ['customer_contact_state'], ['__count']))
            self.assertEqual(sum(grouped.values()), 2)
            self.assertEqual(set(grouped), set(partners.mapped('customer_contact_state')))
        domain = [('customer_contacts_hidden', '=', False), ('customer_last_contact', '=', False), ('id', 'in', both.ids)]
        self.assertEqual(both.with_user(self.otto).search(domain), never)
        self.assertFalse(both.with_user(self.anna).search(domain))

    def test_given_and_nobodys(self):
        """Who stands in sees what was given, and that the rest is a colleague's; nobody's customers are everybody's."""
        self._open(self.customer).with_user(self.lena).user_id = self.otto
        strip = self._strip(self.otto)
        self.assertTrue(strip['next'])
        self.assertEqual((strip['last'], strip['with'], strip['tell']), (False, "With Anna", False))
        self.assertNotEqual(strip['state'], 'colleague')
        nobodys = self._customer("Nobodys", user_id=False)
        strip = self._strip(self.otto, nobodys)
        self.assertEqual((strip['with'], strip['tell']), (False, False))

    def test_other_company(self):
        """A manager of another company reads whose it is, too; where nobody is, which company."""
        shared = self._customer("Shared")
        self.assertEqual(self._strip(self.zoe, shared)['with'], "With Anna")
        shared.user_id = False
        main = self.env['customer.responsibility']._main_company()
        self.assertEqual(self._strip(self.zoe, shared)['with'], f"With {main.name}")

    @users('otto')
    def test_tell(self):
        """*Log* becomes *Tell Anna*: a message that reaches her and an activity for today, the customer as it was."""
        partner = self.customer.with_env(self.env)
        action = partner.action_customer_log()
        self.assertEqual(action['res_model'], 'customer.tell')
        self.assertEqual(action['name'], "Tell Anna: Annas Ltd")
        form = Form(self.env['customer.tell'].with_context(**action['context']))
        self.assertIn("looked after by Anna", form.explanation)
        form.note = "Wants a quote <b>soon</b>\nfor pumps"
        form.save().action_tell()
        message = self.customer.message_ids[0]
        self.assertEqual(message.author_id, self.otto.partner_id)
        self.assertIn(self.anna.partner_id, message.notified_partner_ids)
        self.assertIn("&lt;b&gt;soon", message.body)
        self.assertTrue(message.subtype_id.internal, "the customer does not get it")
        activity = self.customer.activity_ids.filtered(lambda one: one.user_id == self.anna)
        self.assertEqual((activity.summary, activity.date_deadline), ("From Otto", fields.Date.context_today(activity)))
        self.assertIn("for pumps", activity.note)
        self.assertFalse(self.env['customer.followup'].sudo().search([('feedback', 'ilike', "pumps")]))

    def test_tell_who_stands_in(self):
        """Anna is away: her stand-in has the activity, both have the message."""
        today = fields.Date.context_today(self.customer)
        self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': today, 'date_to': today + timedelta(days=3)})
        self.customer.with_user(self.otto).customer_tell("They moved")
        self.assertEqual(self.customer.message_ids[0].notified_partner_ids, (self.anna + self.ben).partner_id)
        self.assertEqual(self.customer.activity_ids.filtered(lambda one: one.summary == "From Otto").user_id, self.ben)

    def test_tell_bad_input(self):
        """Nothing to tell, no role, nobody there."""
        for nothing in ('', "  \n", False, 7):
            with self.assertRaisesRegex(ValidationError, "what there is to tell"):
                self.customer.with_user(self.otto).customer_tell(nothing)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.nils).customer_tell("x")
        self.env['res.users'].search([('group_ids', 'in', self.env['customer.responsibility']._group_ids())]).filtered(
            lambda user: user not in self.otto).write({'active': False})
        self.otto.write({'company_id': self.company_2.id, 'company_ids': [Command.set(self.company_2.ids)]})
        with self.assertRaisesRegex(UserError, "Nobody is there"):
            self.customer.with_user(self.otto).customer_tell("x")

    def test_nothing_typed_is_lost(self):
        """The customer is given away while the dialog is open: what was typed goes on to whoever has it now."""
        wizard = self.env['customer.followup.log'].with_user(self.anna).create({
            'partner_id': self.customer.id, 'feedback': "Wants samples", 'next_step': "Send them", 'next_date': '2099-01-01'})
        self.customer.user_id = self.otto
        for method in ('action_done', 'action_done_next'):
            action = getattr(wizard, method)()
            self.assertEqual(action['res_model'], 'customer.tell')
            self.assertEqual(action['context']['default_note'], "Wants samples\nSend them on Thu, Jan 1")
        self.assertFalse(self.env['customer.followup'].search([('feedback', '=', "Wants samples")]))
        with self.assertRaisesRegex(AccessError, "looked after by Otto"):
            self._log(self.customer.with_user(self.anna))

    def test_closed_meanwhile(self):
        """A colleague closes the follow-up while the dialog is open: it stays open with what was typed, and *Done* keeps
        that as a contact of its own."""
        followup = self._open(self.customer, self.step)
        wizard = self.env['customer.followup.log'].with_user(self.anna).create({
            'partner_id': self.customer.id, 'followup_id': followup.id, 'feedback': "Rang too"})
        self._log(self.customer, followup=followup)
        action = wizard.action_done()
        self.assertEqual((action['res_model'], action['res_id']), ('customer.followup.log', wizard.id))
        self.assertIn("was closed meanwhile", wizard.notice)
        self.assertEqual((wizard.feedback, wizard.followup_id.id), ("Rang too", False))
        self.assertEqual(wizard.action_done()['tag'], 'display_notification')
        self.assertTrue(self.env['customer.followup'].search([('feedback', '=', "Rang too"), ('state', '=', 'done')]))

    def test_log_dialog(self):
        """S10: first what was said last; the phone to tap, unless nobody is to be contacted."""
        person = self.env['res.partner'].create({
            'name': "Eve", 'parent_id': self.customer.id, 'phone': "+49 30 5555 0102"})
        self.customer.phone = "+49 30 5555 0101"
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(default_partner_id=self.customer.id))
        self.assertIn("Quite content", str(form.good_to_know))
        form.contact_id = person
        self.assertEqual((form.phone, form.phone_of), ("+49 30 5555 0102", "Eve"))
        form.contact_id = self.env['res.partner']
        self.assertEqual((form.phone, form.phone_of), ("+49 30 5555 0101", "Annas Ltd"))
        self.customer.customer_do_not_contact = True
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(default_partner_id=self.customer.id))
        self.assertFalse(form.phone)

    @users('anna')
    def test_what_comes_next(self):
        """S10: after *Done* a line says what comes next: the touchpoint and what was agreed, the nearer one first."""
        with self._on('2026-03-04'):
            customer = self._customer("Next", customer_cadence_id=self.cadence.id).with_env(self.env)
            wizard = self.env['customer.followup.log'].create({
                'partner_id': customer.id, 'channel_id': self.call.id, 'next_step': "send samples", 'next_date': '2026-03-09'})
            params = wizard.action_done()['params']
            self.assertEqual(params['message'], "Next: send samples on Mon, Mar 9; Call on Mon, Apr 6")
            self.assertEqual(params['next']['type'], 'ir.actions.act_window_close')
            nothing = self._customer("Nothing").with_env(self.env)
            self._open(nothing).sudo().write({'state': 'cancelled'})
            self.assertEqual(self.env['customer.contact.reader']._describe_coming(nothing), "Nothing further is planned")
