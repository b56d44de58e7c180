"""K3, K6: whom may we write to: who left, said no or is an address for parcels is not asked for any more."""
import ast
from datetime import datetime
from pathlib import Path

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, users

from ..common import CustomerCase

ROOT = Path(__file__).parents[2]


class TakenBackError(Exception):
    """What changed was for one check."""


class AddresseeCase(CustomerCase):
    """Alpha with its office, two people who buy, and addresses for invoices and parcels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alpha = cls._customer("Alpha", customer_cadence_id=cls.cadence.id)
        cls.beta = cls._customer("Beta")
        cls.invoices, cls.wei, cls.mei = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.alpha.id, 'email': f'{name.lower()}@alpha.example', 'type': kind,
             'phone': '+86 21 5555 0123'}
            for name, kind in (("Invoices", 'invoice'), ("Wei", 'contact'), ("Mei", 'contact'))])

    def _ask(self, person, moment='2026-11-10 10:00:00'):
        """Log a call with a person."""
        with freeze_time(moment):
            return self._log(self.alpha, contact=person, feedback="talked")

    def _refused(self, medium='email', chosen=None):
        __, refused = self.env['customer.addressee']._people(self.alpha, medium, chosen)
        return {person.name: why_not for person, why_not in refused}


class TestAddressee(AddresseeCase):

    def test_who_comes_first(self):
        """Who was asked last, the customer itself, the others; an address for invoices only where somebody chose it."""
        self.assertEqual(self.alpha._customer_recipients('email'), self.wei + self.mei)
        self.alpha.email = 'office@alpha.example'
        self.assertEqual(self.alpha._customer_recipients('email'), self.alpha + self.wei + self.mei)
        self._ask(self.mei)
        self.assertEqual(self.alpha._customer_recipients('email'), self.mei + self.alpha + self.wei)
        self.assertEqual(
            self.alpha._customer_recipients('email', self.invoices), self.invoices + self.mei + self.alpha + self.wei)
        self.assertEqual(self.mei._customer_recipients('email')[:1], self.mei, "asked of a person: its customer's people")

    def test_why_not(self):
        """Each reason by itself, and in the sentence that people read."""
        # addresses from before they were checked
        self.env['ir.config_parameter'].set_param('customer_success.check_contact_data', 'False')
        self._ask(self.wei)
        for change, medium, chosen, why_not, words in (
            (lambda: self.wei.write({'active': False}), 'email', self.wei, 'archived', "Wei: archived"),
            (lambda: self.wei.write({'parent_id': self.beta.id}), 'email', self.wei, 'moved', "not with this customer"),
            (lambda: self.wei.write({'email': False}), 'email', None, 'no_address', "Wei: no email address"),
            (lambda: self.wei.write({'email': "ask her"}), 'email', None, 'no_address', "Wei: no email address"),
            (lambda: self.wei.write({'phone': False}), 'sms', None, 'no_address', "Wei: no phone number"),
            (lambda: self.env['mail.blacklist']._add('wei@alpha.example'), 'email', None, 'opted_out', "wants no emails"),
            (lambda: self.env['phone.blacklist'].add(self.wei.phone_sanitized or self.wei.phone), 'sms', None, 'opted_out',
             "wants no text messages"),
            (lambda: self.wei.sudo().write({'customer_do_not_contact': True}), 'email', None, 'stopped', "not to be contacted"),
            (lambda: self.alpha.sudo().write({'customer_do_not_contact': True}), 'email', None, 'stopped',
             "not to be contacted"),
            (lambda: self.wei.write({'type': 'delivery'}), 'email', None, 'place', "an address for invoices or parcels"),
        ):
            with self.subTest(why_not=why_not, medium=medium):
                try:
                    with self.env.cr.savepoint():
                        change()
                        self.assertNotIn(self.wei, self.alpha._customer_recipients(medium, chosen))
                        self.assertEqual(self._refused(medium, chosen).get("Wei"), why_not)
                        self.assertIn(words, self.alpha._customer_nobody(medium, chosen))
                        raise TakenBackError
                except TakenBackError:
                    self.env.invalidate_all()
        self.assertIn(self.wei, self.alpha._customer_recipients('email'))

    def test_spoken_to(self):
        """Who can be spoken to needs no address and may have opted out of emails."""
        self.wei.email = self.wei.phone = False
        self.alpha.sudo().customer_do_not_contact = True
        self.assertEqual(self.alpha._customer_recipients() - self.alpha, self.wei + self.mei)


class TestWhereItIsAsked(AddresseeCase):

    @users('anna')
    def test_log_dialog(self):
        """K3: the dialog proposes who was asked last, and not who left since."""
        self._ask(self.mei)
        dialogs = self.env['customer.followup.log'].with_context(default_partner_id=self.alpha.id)
        self.assertEqual(Form(dialogs).contact_id, self.mei)
        self.mei.sudo().parent_id = self.beta
        self.assertEqual(Form(dialogs).contact_id, self.wei)
        self.wei.sudo().active = False
        self.assertFalse(Form(dialogs).contact_id)

    @users('anna')
    def test_write_email(self):
        """K3: *Write email* of a promise to somebody who works elsewhere by now goes to who is there."""
        followup = self.env['customer.followup'].create({
            'partner_id': self.alpha.id, 'contact_id': self.mei.id, 'channel_id': self.email.id, 'name': "Send the offer"})
        self.assertEqual(followup.action_write_email()['context']['default_partner_ids'], self.mei.ids)
        self.mei.sudo().parent_id = self.beta
        self.assertEqual(followup.action_write_email()['context']['default_partner_ids'], self.wei.ids)
        self.env['mail.blacklist'].sudo()._add('wei@alpha.example')
        self.wei.sudo().flush_recordset()
        # the customer itself has no address: the composer asks for it
        self.assertEqual(followup.action_write_email()['context']['default_partner_ids'], self.alpha.ids)
        self.alpha.sudo().email = 'wei@alpha.example'
        with self.assertRaisesRegex(UserError, "Mei: not with this customer any more.*Wei: wants no emails"):
            followup.action_write_email()

    def test_automatic(self):
        """K3, CAD-1: the email for Alpha doesn't go to who works for Beta now, and the reason stands on the follow-up."""
        template = self.env['mail.template'].create({
            'name': "News", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "News", 'body_html': "<p>x</p>"})
        rhythm = self._cadence("By itself", {
            'name': "News", 'channel_id': self.email.id, 'automatic': True, 'mail_template_id': template.id,
            'interval_count': 2, 'interval_unit': 'week', 'alternative_channel_ids': [Command.set(self.call.ids)]})

        def send(day, **office):
            with freeze_time(datetime.fromisoformat(f'{day} 08:00')):
                self.alpha.write({'customer_cadence_id': rhythm.id, **office})
                self.env['customer.planner']._plan(self.alpha.ids)
                followup = self._open(self.alpha)
                followup.date_planned = day
            before = self.env['mail.mail'].search([])
            with freeze_time(datetime.fromisoformat(f'{day} 10:00')):
                self._run_cron('send')
            return (self.env['mail.mail'].search([]) - before).recipient_ids, followup

        self._ask(self.wei)
        self.assertEqual(send('2026-11-24')[0], self.wei)
        self.wei.parent_id = self.beta
        self.assertEqual(send('2026-12-08')[0], self.mei)
        self.mei.active = False
        self.assertEqual(send('2026-12-22', email='office@alpha.example')[0], self.alpha)
        mails, followup = send('2027-01-05', email=False)
        self.assertFalse(mails)
        self.assertRegex(followup.send_error, "Nobody of Alpha .*no email address")
        with freeze_time('2027-01-05 11:00:00'):
            self._run_cron('remind')
        self.assertTrue(followup.reminded, "a person does it")

    def test_no_other_place(self):
        """The next one of the kind: nobody picks a person of a customer by type, or looks into the lists of who opted out,
        but the one place. What is allowed stands here with its reason."""
        allowed = {
            # asks for contact data, whether it is written to or not
            'models/profile/customer_profile_requirement.py',
            # names the people of a customer on a sheet, and tells persons from addresses: nobody is written to by either
            'models/profile/customer_handover_sheet.py', 'models/profile/res_partner.py',
            # counts and keeps in mind who is there and who left
            'models/health/res_partner.py', 'models/culture/facts.py', 'models/health/customer_action_rule.py',
            # looks whether the customer itself opted out of a channel, to plan on another one
            'models/cadence/customer_plan_wanted.py', 'models/cadence/customer_cadence_chooser.py',
            'models/profile/customer_addressee.py',
        }
        found = set()
        for path in [*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py')]:
            tree = ast.parse(path.read_text())
            words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
            names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
            by_type = 'contact' in words and 'type' in names and 'child_ids' in names
            in_sql = any(" type = 'contact'" in word or ".type = 'contact'" in word or 'FROM mail_blacklist' in word
                         or 'JOIN mail_blacklist' in word for word in words)
            if by_type or in_sql or {'is_blacklisted', 'phone_sanitized_blacklisted'} & (names | words):
                found.add(str(path.relative_to(ROOT)))
        self.assertLessEqual(found, allowed)
        self.assertIn('models/cadence/customer_plan_wanted.py', found, "the search finds what it looks for")


class TestTwins(AddresseeCase):

    def test_many_and_one_agree(self):
        """What one statement says of many people is what is said of each customer."""
        self.env['mail.blacklist']._add('mei@alpha.example')
        people = self.invoices + self.wei + self.mei + self.alpha
        refused = self.env['customer.addressee']._refused([(person.id, self.alpha.id) for person in people], 'email')
        self.assertEqual(
            {self.env['res.partner'].browse(person_id).name: why_not for person_id, why_not in refused.items()},
            self._refused())
        self.assertEqual(set(refused.values()), {'place', 'opted_out', 'no_address'})
