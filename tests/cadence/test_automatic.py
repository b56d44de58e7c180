"""CAD-1, CAD-10: touchpoints that are done automatically."""
from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from odoo.addons.sms.tools.sms_api import SmsApi

from ..common import CustomerCase
from ..postbox import open_postbox

MONDAY_NOON = datetime(2027, 3, 1, 12)


class AutomaticCase(CustomerCase):
    """A reader with a monthly email that is due on 4 February 2027."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env['mail.template'].create({
            'name': "News", 'model_id': cls.env['ir.model']._get_id('res.partner'),
            'subject': "News for {{ object.name }}", 'body_html': "<p>Dear reader</p>", 'auto_delete': False})
        with freeze_time('2027-01-04 12:00:00'):
            cls.rhythm = cls._cadence(
                "By itself", {'name': "News", 'channel_id': cls.email.id, 'automatic': True, 'remind_days': 0,
                              'mail_template_id': cls.template.id})
            cls.customer = cls._customer("Reader", customer_cadence_id=cls.rhythm.id, tz='UTC')
            cls.person = cls.env['res.partner'].create({
                'name': "Ann", 'parent_id': cls.customer.id, 'email': 'ann@example.com'})
            cls.followup = cls._open(cls.customer)

    def _mails(self):
        return self.env['mail.mail'].search([
            ('model', '=', 'customer.followup'), ('res_id', 'in', self.customer.customer_followup_ids.ids),
            ('customer_delivery', '!=', False)])

    def _send(self, moment=MONDAY_NOON):
        with freeze_time(moment):
            self._run_cron('send')

    def _reminders(self):
        return self.followup.activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref(
            'customer_success.mail_activity_type_followup'))


class TestAutomatic(AutomaticCase):

    def test_sent_once(self):
        """The email leaves on its day, personally, and never twice; the next one is planned from it."""
        self._send(datetime(2027, 2, 1, 12))
        self.assertFalse(self._mails(), "not due yet")
        self._send()
        mail = self._mails()
        self.assertEqual((mail.subject, mail.recipient_ids), ("News for Reader", self.person))
        self.assertRecordValues(self.followup, [{
            'state': 'done', 'qualifies': True, 'contact_id': self.person.id, 'mail_id': mail.id}])
        self.assertIn("News for Reader", self.followup.feedback)
        self.assertEqual(str(self._open(self.customer).date_raw), '2027-04-01')
        self._send()
        self.assertEqual(len(self._mails()), 1)

    def test_office_hours_of_the_customer(self):
        self.customer.tz = 'Asia/Shanghai'
        self._send()
        self.assertFalse(self._mails(), "it is 20 o'clock in Shanghai")
        self._send(datetime(2027, 3, 6, 3))
        self.assertFalse(self._mails(), "it is Saturday")
        self._send(datetime(2027, 3, 2, 2))
        self.assertEqual(len(self._mails()), 1)

    def test_nobody_is_reminded(self):
        with freeze_time(MONDAY_NOON):
            self._run_cron('remind')
            self.assertFalse(self._reminders())

    def test_without_address_it_is_left_to_people(self):
        self.person.email = False
        self._send()
        self.assertEqual(self.followup.state, 'planned')
        self.assertIn("no email address", self.followup.send_error)
        with freeze_time(MONDAY_NOON):
            self._run_cron('remind')
            self.assertEqual(self._reminders().user_id, self.anna)
        self._send()
        self.assertFalse(self._mails())

    def test_paused_customers_get_nothing(self):
        with freeze_time(MONDAY_NOON):
            self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_to': '2027-03-20', 'reason_id': self.reason.id})
        self._send()
        self.assertFalse(self._mails())

    def test_refused_mail_was_no_contact(self):
        """What the mail server refuses is due again, for a person, with the reason (CAD-4: bounced mail never counts)."""
        self._send()
        self._mails().write({'state': 'exception', 'failure_reason': "550 5.1.1 Mailbox unknown"})
        self._send(datetime(2027, 3, 1, 13))
        self.assertFalse(self.followup.qualifies)
        again = self._open(self.customer)
        self.assertEqual(again.send_error, "550 5.1.1 Mailbox unknown")
        self.assertLess(again.date_planned, MONDAY_NOON.date().replace(day=10))
        self._send(datetime(2027, 3, 1, 14))
        self.assertEqual(len(self._mails()), 1, "a person looks at it first")

    def test_a_broken_return_holds_up_nobody(self):
        """CAD-10, PLT-3: a message that came back and can't be taken back stays as it is: the others are taken back, and what is
        due leaves."""
        with freeze_time('2027-01-04 12:00:00'):
            other = self._customer("Other", customer_cadence_id=self.rhythm.id, tz='UTC', email='other@example.com')
            sent = self._open(other)
        self._send()
        (self.followup + sent).mail_id.write({'state': 'exception', 'failure_reason': "550 5.1.1 Mailbox unknown"})
        with freeze_time('2027-01-04 12:00:00'):
            third = self._customer("Third", customer_cadence_id=self.rhythm.id, tz='UTC', email='third@example.com')
            due = self._open(third)
        self._poison(self.followup, 'qualifies')
        with mute_logger('odoo.sql_db'):
            self._send(datetime(2027, 3, 1, 13))
        self.assertEqual((self.followup + sent).mapped('qualifies'), [True, False])
        self.assertEqual(due.state, 'done')
        run = self.env['customer.run'].search([('name', '=', 'send')], limit=1)
        self.assertIn("sent: 1, left to people: 0, did not arrive: 1", run.note)

    def test_a_broken_template_holds_up_nobody(self):
        """PLT-3: what can't be written is set aside with the error, and the rest goes on."""
        broken = self.template.copy({'subject': "{{ 1 / (object.name != 'Unlucky') }}"})
        with freeze_time('2027-01-04 12:00:00'):
            rhythm = self._cadence(
                "Broken", {'name': "News", 'channel_id': self.email.id, 'automatic': True, 'mail_template_id': broken.id})
            other = self._customer("Unlucky", customer_cadence_id=rhythm.id, tz='UTC', email='unlucky@example.com')
            self._open(other).sudo().date_planned = '2027-01-05'  # before the other one
        with mute_logger('odoo.addons.mail.models.mail_render_mixin'):
            self._send()
        self.assertTrue(self._open(other).send_error)
        self.assertEqual(len(self._mails()), 1)

    def test_bad_input(self):
        for vals, why in (
            ({'channel_id': self.call.id}, "only emails and text messages"),
            ({'mail_template_id': False}, "choose the template"), ({'channel_id': self.sms.id}, "choose the template"),
        ):
            with self.assertRaisesRegex(ValidationError, why), self.env.cr.savepoint():
                self.rhythm.step_ids.write(vals)
        with self.assertRaisesRegex(ValidationError, "begin before they end"):
            self.env['res.config.settings'].create({'customer_send_from_hour': 18}).execute()


    def test_many_at_once(self):
        """CAD-10: of many that are due at once none is sent twice and none is lost; the one whose text can't be made is set
        aside with what is wrong, and everybody is addressed personally, in the own language."""
        self.env['res.lang']._activate_lang('fr_FR')
        template = self.env['mail.template'].create({
            'name': "Letter", 'model_id': self.env['ir.model']._get_id('customer.followup'),
            'subject': "To {{ object.contact_id.name }}",
            'body_html': """<p>Dear <t t-out="object.contact_id.name"/>, <t t-out="100 / (object.contact_id.color != 9)"/> percent
                <t t-out="object.user_id.name"/></p>"""})
        template.with_context(lang='fr_FR').write({'subject': "Pour {{ object.contact_id.name }}", 'body_html': """
            <p>Bonjour <t t-out="object.contact_id.name"/> <t t-out="100 / (object.contact_id.color != 9)"/></p>"""})
        count = 230
        with freeze_time('2027-01-04 12:00:00'):
            rhythm = self._cadence("Letters", {
                'name': "Letter", 'channel_id': self.email.id, 'automatic': True, 'mail_template_id': template.id})
            customers = self.env['res.partner'].create([{
                'name': f"Many {number}", 'is_company': True, 'user_id': self.ben.id, 'customer_enrolment': 'enrolled',
                'customer_cadence_id': rhythm.id, 'tz': 'UTC',
                'child_ids': [Command.create({
                    'name': f"Person {number}", 'email': f'p{number}@example.com', 'color': 9 if number == 77 else 4,
                    'lang': 'fr_FR' if number % 3 == 0 else 'en_US'})]} for number in range(count)])
            self.env['customer.planner']._work_queue()
        self.rhythm.active = False
        with mute_logger('odoo.addons.mail.models.mail_render_mixin'):
            self._send()
            self._send()
        followups = customers.customer_followup_ids
        mails = self.env['mail.mail'].search([('res_id', 'in', followups.ids), ('model', '=', 'customer.followup')])
        self.assertEqual(len(mails), count - 1)
        self.assertEqual(Counter(mails.mapped('recipient_ids.email')), Counter(
            f'p{number}@example.com' for number in range(count) if number != 77))
        for mail in mails:
            person = mail.recipient_ids
            french = person.lang == 'fr_FR'
            self.assertEqual(mail.subject, f"{'Pour' if french else 'To'} {person.name}")
            self.assertIn(f"{'Bonjour' if french else 'Dear'} {person.name}", mail.body_html)
            self.assertEqual(mail.email_from, self.ben.email_formatted)
        self.assertEqual(Counter(followups.mapped('state')), {'done': count - 1, 'planned': count})
        left = self._open(customers[77])
        self.assertEqual(left.send_problem, 'text')
        self.assertRegex(left.send_error, "“Letter”.*division by zero")
        run = self.env['customer.run'].search([('name', '=', 'send')], limit=1)
        self.assertIn(f"sent: {count - 1}, left to people: 1", run.note)

    def test_office_hours_around_the_world(self):
        """CAD-10: each in its own office hours, over the changes of the clocks of 2027 (New York 14 March, Sydney 4 April)."""
        places = ('America/New_York', 'Asia/Shanghai', 'Asia/Riyadh', 'Australia/Sydney')
        with freeze_time('2027-01-04 12:00:00'):
            customers = {zone: self._customer(
                zone, customer_cadence_id=self.rhythm.id, tz=zone, email=f'{zone[-5:]}@example.com') for zone in places}
        self.customer.customer_do_not_contact = True
        sent = {}
        for monday in ('2027-03-08', '2027-03-15', '2027-04-05'):
            for customer in customers.values():
                self._open(customer).sudo().write({'date_planned': monday, 'date_anchor': '2027-01-05'})
            # Sunday evening in Greenwich is Monday morning in Sydney
            begin = datetime.fromisoformat(f'{monday} 00:00') - timedelta(hours=4)
            for hour in range(24):
                moment = begin + timedelta(hours=hour)
                with freeze_time(moment):
                    self._run_cron('send')
                for zone, customer in customers.items():
                    done = customer.customer_followup_ids.filtered(lambda one: one.state == 'done')
                    if len(done) > sent.get(zone, (0,))[0]:
                        sent[zone] = (len(done), moment)
                        local = customer._customer_now(moment)
                        self.assertEqual((local.hour, str(local.date())), (9, monday), (zone, moment))
                        self.assertEqual(str(done.sorted('contact_at')[-1].contact_day), monday)
        self.assertEqual({zone: count for zone, (count, __) in sent.items()}, dict.fromkeys(customers, 3))

    def test_asks_once_for_all(self):
        """Speed: who is written to, and where it is office time, is asked for all together."""
        def queries(count, name):
            with freeze_time('2027-01-04 12:00:00'):
                for number in range(count):
                    self._customer(f"{name} {number}", customer_cadence_id=self.rhythm.id, email=f'{name}{number}@example.com')
            with freeze_time(MONDAY_NOON):
                followups = self.env['customer.followup'].search([('step_id', '=', self.rhythm.step_ids.id)])
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                people = self.env['customer.sender']._people(self.rhythm.step_ids, followups)
                self.assertEqual(len(people), len(followups))
                self.env['customer.sender']._ready(followups)
                return self.env.cr.sql_log_count - before

        queries(2, 'a')
        self.assertEqual(queries(5, 'b'), queries(20, 'c'))

    def test_why_it_waits_or_was_left(self):
        """CAD-10: what waits and what was left to a person says why, can be filtered, and goes on when a person says so."""
        with freeze_time(MONDAY_NOON):
            self.assertIn("Leaves by itself", self.followup.send_note)
            self.assertFalse(self.followup.send_wait)
        self.env['mail.blacklist']._add(self.person.email)
        self._send()
        self.assertEqual(self.followup.send_problem, 'nobody')
        self.assertIn("wants no emails", self.followup.send_error)
        found = self.env['customer.followup'].search([('state', '=', 'planned'), ('send_problem', '!=', False)])
        self.assertEqual(found, self.followup)
        with freeze_time(MONDAY_NOON):
            self._run_cron('remind')
        self.assertTrue(self._reminders())
        self.env['mail.blacklist']._remove(self.person.email)
        self.followup.with_user(self.anna).action_send_by_itself()
        self.assertFalse(self._reminders())
        self._send()
        self.assertEqual(self.followup.state, 'done')
        with self.assertRaisesRegex(UserError, "is closed already"):
            self.followup.with_user(self.anna).action_send_by_itself()

    def test_on_the_fallback_channel_a_person_does_it(self):
        """CAD-8, CAD-10: the customer wants no emails, so a call is planned: no email leaves, and its person is reminded."""
        self.rhythm.step_ids.fallback_channel_id = self.call
        self.customer.email = 'office@example.com'
        self.env['mail.blacklist']._add('office@example.com')
        self.assertEqual(self.followup.channel_id, self.call)
        self._send()
        self.assertFalse(self._mails())
        with freeze_time(MONDAY_NOON):
            self.assertFalse(self.followup.send_note)
            self._run_cron('remind')
        self.assertEqual(self._reminders().user_id, self.anna)

    def test_places_only_if_chosen(self):
        """CAD-10: an address for invoices gets it only where somebody chose just that."""
        invoices = self.env['res.partner'].create({
            'name': "Invoices", 'parent_id': self.customer.id, 'type': 'invoice', 'email': 'invoices@example.com'})
        self.person.active = False
        self._send()
        self.assertIn("Invoices: an address for invoices", self.followup.send_error)
        self.followup.with_user(self.anna).contact_id = invoices
        self.followup.action_send_by_itself()
        self._send()
        self.assertEqual(self._mails().recipient_ids, invoices)

    def test_each_company_for_itself(self):
        """PLT-2: customers of two companies on one cadence: each email is of its company, and the answer comes back there."""
        domains = self.env['mail.alias.domain'].create([{'name': 'one.example'}, {'name': 'two.example'}])
        self.company.alias_domain_id, self.company_2.alias_domain_id = domains
        with freeze_time('2027-01-04 12:00:00'):
            theirs = self._customer(
                "Theirs", customer_cadence_id=self.rhythm.id, tz='UTC', email='theirs@example.com', user_id=self.zoe.id,
                company_id=self.company_2.id)
        self._send()
        followups = self.followup + theirs.customer_followup_ids.filtered(lambda one: one.state == 'done')
        self.assertEqual(followups.company_id, self.company + self.company_2)
        for followup, domain, user in zip(followups, domains, self.anna + self.zoe, strict=True):
            mail = followup.mail_id
            self.assertIn(f'catchall@{domain.name}', mail.reply_to)
            self.assertEqual((mail.record_company_id, mail.record_alias_domain_id), (followup.company_id, domain))
            self.assertEqual(mail.email_from, user.email_formatted)

    def test_the_template_is_gone(self):
        self.template.unlink()
        self._send()
        self.assertEqual((self.followup.state, self.followup.send_problem), ('planned', 'text'))
        self.assertIn("no message template any more", self.followup.send_error)

    def test_whatever_stands_in_a_template(self):
        """A template with a layout, variables of its own, files and a report: each customer gets what is theirs."""
        view = self.env['ir.ui.view'].create({
            'type': 'qweb', 'key': 'customer_success.test_sheet', 'name': "Sheet",
            'arch': '<t t-name="test_sheet"><t t-foreach="docs" t-as="doc">Sheet of <t t-out="doc.name"/></t></t>'})
        report = self.env['ir.actions.report'].create({
            'name': "Sheet", 'model': 'res.partner', 'report_type': 'qweb-text', 'report_name': view.key,
            'print_report_name': "'Sheet of ' + object.name"})
        self.template.write({
            'email_layout_xmlid': 'mail.mail_notification_light', 'report_template_ids': [Command.set(report.ids)],
            'attachment_ids': [Command.create({'name': "terms.txt", 'raw': b"Terms"})],
            'reply_to': "desk@example.com", 'email_from': "care@example.com",
            'body_html': """<p><t t-if="object.name == 'Reader'" t-set="greeting" t-value="'Welcome back'"/>
                <t t-out="greeting or 'Hello'"/> <t t-out="object.name"/></p>"""})
        with freeze_time('2027-01-04 12:00:00'):
            other = self._customer("Other", customer_cadence_id=self.rhythm.id, tz='UTC', email='other@example.com')
        self._send()
        for customer, greeting in ((self.customer, "Welcome back Reader"), (other, "Hello Other")):
            mail = self.env['mail.mail'].search([('res_id', 'in', customer.customer_followup_ids.ids), (
                'customer_delivery', '=', 'waiting')])
            self.assertIn(greeting, " ".join(mail.body_html.split()))
            self.assertIn('<html lang=', mail.body_html)
            self.assertEqual(
                sorted(mail.attachment_ids.mapped('name')), sorted(["terms.txt", f"Sheet of {customer.name}.text"]))
            self.assertEqual((mail.reply_to, mail.email_from), ("desk@example.com", "care@example.com"))

    def test_nothing_in_their_language(self):
        """Bad input: a template in no language of the customer is sent as it was written; the follow-up and the run say so."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.person.lang = 'fr_FR'
        self._send()
        self.assertEqual(self.followup.state, 'done')
        self.assertIn("no text in French", self.followup.feedback)
        run = self.env['customer.run'].search([('name', '=', 'send')], limit=1)
        self.assertIn("in another language than the reader's: 1", run.note)

    def test_switched_off(self):
        """CAD-10: what is in the queue when it is switched off does not leave, and its touch is a person's."""
        step = self.rhythm.step_ids
        step.copy({'name': "Visit", 'channel_id': self.visit.id, 'automatic': False})
        for off in (lambda: step.write({'automatic': False}), lambda: self.rhythm.write({'active': False}), step.unlink):
            with self.subTest(), self.env.cr.savepoint() as savepoint:
                self._send()
                mail = self._mails()
                self.assertEqual(mail.state, 'outgoing')
                with freeze_time(MONDAY_NOON):
                    off()
                self.assertEqual((mail.state, self.followup.qualifies), ('cancel', False))
                again = self._open(self.customer)
                self.assertTrue(again)
                self.assertFalse(any(again.mapped('automatic')))
                savepoint.rollback()
                self.env.invalidate_all()


class TestAutomaticSms(AutomaticCase):
    """CAD-10: the same by text message, through Odoo's queue for these."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = cls.env['sms.template'].create({
            'name': "Sign of life", 'model_id': cls.env['ir.model']._get_id('customer.followup'),
            'body': "Dear {{ object.contact_id.name }}, all well? {{ object.user_id.name }}"})
        cls.person.phone = '+1 202-555-0134'
        with freeze_time('2027-01-04 12:00:00'):
            cls.rhythm.step_ids.write({'channel_id': cls.sms.id, 'sms_template_id': cls.text.id})
        cls.followup = cls._open(cls.customer)

    def _texts(self):
        return self.env['sms.sms'].search([('partner_id', '=', self.person.id)])

    def _deliver(self, answer='success', moment=MONDAY_NOON):
        """Let Odoo's queue run, with a provider that says the same of all."""
        self.handed_over = []

        def hand_over(api, messages, delivery_reports_url=False):
            numbers = [number for message in messages for number in message['numbers']]
            self.handed_over += numbers
            return [{'uuid': number['uuid'], 'state': answer} for number in numbers]

        with freeze_time(moment), patch.object(SmsApi, '_send_sms_batch', hand_over):
            self._texts().filtered(lambda text: text.state == 'outgoing').send()
        self.env.invalidate_all()

    def test_sent_once(self):
        self._send()
        text = self._texts()
        self.assertEqual((text.number, text.body), ('+12025550134', "Dear Ann, all well? Anna"))
        self.assertRecordValues(self.followup, [{'state': 'done', 'qualifies': True, 'contact_id': self.person.id}])
        self.assertIn("Dear Ann", self.followup.feedback)
        self._deliver()
        self.assertEqual(len(self.handed_over), 1)
        self._send()
        self._deliver()
        self.assertFalse(self.handed_over)
        self.assertTrue(self.followup.qualifies)

    def test_refused_for_good(self):
        self._send()
        self._deliver('wrong_number_format')
        self._send(datetime(2027, 3, 1, 13))
        self.assertFalse(self.followup.qualifies)
        again = self._open(self.customer)
        self.assertEqual((again.send_problem, again.send_tries), ('failed', 1))
        self.assertIn("Wrong Number Format", again.send_error)

    def test_without_credit_it_is_sent_again(self):
        self._send()
        self._deliver('insufficient_credit')
        self._send(datetime(2027, 3, 1, 13))
        again = self._open(self.customer)
        self.assertEqual((again.send_problem, again.send_tries), (False, 1))
        self._send(datetime(2027, 3, 1, 14))
        self.assertEqual(again.state, 'planned')
        self._send(datetime(2027, 3, 2, 14))
        self.assertEqual(again.state, 'done')
        self._deliver(moment=datetime(2027, 3, 2, 14))
        self.assertEqual(len(self.handed_over), 1)

    def test_report_comes_later(self):
        """The provider reports days later that it could not be delivered."""
        self._send()
        self._deliver()
        tracker = self.followup.sent_message_id.notification_ids.sms_tracker_ids
        tracker._action_update_from_provider_error('rejected')
        self._send(datetime(2027, 3, 5, 13))
        self.assertFalse(self.followup.qualifies)
        self.assertEqual(self._open(self.customer).send_problem, 'failed')

    def test_opted_out(self):
        """A blacklisted number: the touch takes its fallback channel, without one the customer is left alone."""
        self.env['phone.blacklist'].add(self.person.phone_sanitized)
        self._send()
        self.assertEqual(self.followup.send_problem, 'nobody')
        self.assertIn("wants no text messages", self.followup.send_error)

    def test_what_was_about_to_leave_is_not_sent_again(self):
        self._send()
        self._texts().customer_delivery = 'begun'
        self._deliver()
        self.assertFalse(self.handed_over)
        self._send(datetime(2027, 3, 1, 13))
        self.assertIn("Nobody knows whether it arrived", self._open(self.customer).send_error)

    def test_at_night_it_waits(self):
        self._send()
        self._deliver(moment=datetime(2027, 3, 1, 20))
        self.assertFalse(self.handed_over)
        self._deliver(moment=datetime(2027, 3, 2, 10))
        self.assertEqual(len(self.handed_over), 1)


class TestAutomaticMail(AutomaticCase):
    """The same, up to a real mail server on the loopback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postbox = open_postbox(cls)

    def _deliver(self, moment=MONDAY_NOON):
        with freeze_time(moment):
            self._mails().filtered(lambda mail: mail.state == 'outgoing').send()

    def test_it_arrives_once(self):
        self._send()
        self._deliver()
        self._send()
        self._deliver()
        [(recipients, message)] = self.postbox.received
        self.assertEqual(recipients, ['ann@example.com'])
        self.assertEqual(message['Subject'], "News for Reader")
        self.assertTrue(self.followup.qualifies)
        self.postbox.received.clear()

    def test_at_night_it_waits(self):
        """CAD-10: what the queue comes to only in the evening waits for the morning, at the customer's."""
        self._send()
        self._deliver(datetime(2027, 3, 1, 20))
        self.assertFalse(self.postbox.received)
        self.assertEqual(self._mails().scheduled_date, datetime(2027, 3, 2, 9))
        self._deliver(datetime(2027, 3, 2, 9, 30))
        self.assertEqual(len(self.postbox.received), 1)
        self.postbox.received.clear()

    def test_stopped_in_the_queue(self):
        """CAD-10: who wants no emails any more, or is paused, while the email is in the queue, gets none."""
        for stop, problem in (
            (lambda: self.env['mail.blacklist']._add(self.person.email), 'stopped'),
            (lambda: self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_to': '2027-03-20', 'reason_id': self.reason.id}), False),
        ):
            with self.env.cr.savepoint() as savepoint:
                self._send()
                mail = self._mails()
                with freeze_time(MONDAY_NOON):
                    stop()
                self._deliver()
                self.assertFalse(self.postbox.received)
                self.assertEqual((mail.state, self.followup.qualifies), ('cancel', False))
                self.assertEqual(self._open(self.customer).send_problem, problem)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_was_about_to_leave_is_not_sent_again(self):
        """CAD-10: killed between sending and noting it, nobody knows whether it left: it is not sent again, and a person hears
        of it."""
        self._send()
        self._mails().customer_delivery = 'begun'
        self._deliver()
        self.assertFalse(self.postbox.received)
        self._send(datetime(2027, 3, 1, 13))
        self.assertFalse(self.followup.qualifies)
        self.assertIn("Nobody knows whether it arrived", self._open(self.customer).send_error)

    def test_sent_again_by_rule(self):
        """CAD-10: what may arrive later is sent again, as often as the settings say; then a person gets it with the reason."""
        self._send()
        day = MONDAY_NOON
        for tries in (1, 2, 3):
            self._mails().filtered(lambda mail: mail.state == 'outgoing').write({
                'state': 'exception', 'failure_reason': "451 4.3.0 Mail server temporarily rejected message"})
            self._send(day + timedelta(hours=1))
            again = self._open(self.customer)
            self.assertEqual(again.send_tries, tries)
            if tries < 3:
                self.assertEqual((again.send_wait, again.send_error), ('retry', False))
                for domain in ([('send_wait', '=', 'retry')], [('send_wait', '!=', False)]):
                    self.assertEqual(self.env['customer.followup'].search(domain), again)
                self.assertNotIn(again, self.env['customer.followup'].search([('send_wait', '=', False)]))
                self.assertIn("is sent again", again.send_note)
                day += timedelta(days=1, hours=1)
                self._send(day)
                self.assertEqual(again.state, 'done')
        self.assertIn("451 4.3.0", again.send_error)
        self.assertIn("3 times", again.send_error)
        self.assertEqual(len(self._mails()), 3)

    def test_the_server_refuses(self):
        self.person.email = 'ann@gone.example.com'
        self._send()
        with mute_logger('odoo.addons.mail.models.mail_mail', 'odoo.addons.base.models.ir_mail_server'):
            self._deliver()
        self.assertEqual(self._mails().state, 'exception')
        self._send(datetime(2027, 3, 1, 13))
        self.assertFalse(self.followup.qualifies)
        self.assertIn("No such mailbox", self._open(self.customer).send_error)
        self.assertFalse(self.postbox.received)
