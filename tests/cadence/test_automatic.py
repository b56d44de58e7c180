"""CAD-1: touchpoints that are done automatically."""
from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

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
        return self.env['mail.mail'].search([('model', '=', 'res.partner'), ('res_id', '=', self.customer.id)])

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
        self._mails().write({'state': 'exception', 'failure_reason': "Mailbox unknown"})
        self._send(datetime(2027, 3, 1, 13))
        self.assertFalse(self.followup.qualifies)
        again = self._open(self.customer)
        self.assertEqual(again.send_error, "Mailbox unknown")
        self.assertLess(again.date_planned, MONDAY_NOON.date().replace(day=10))
        self._send(datetime(2027, 3, 1, 14))
        self.assertEqual(len(self._mails()), 1, "a person looks at it first")

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
        for vals in ({'channel_id': self.call.id}, {'mail_template_id': False}):
            with self.assertRaisesRegex(ValidationError, "only emails with a message template"), self.env.cr.savepoint():
                self.rhythm.step_ids.write(vals)
        with self.assertRaisesRegex(ValidationError, "begin before they end"):
            self.env['res.config.settings'].create({'customer_send_from_hour': 18}).execute()


class TestAutomaticMail(AutomaticCase):
    """The same, up to a real mail server on the loopback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postbox = open_postbox(cls)

    def _deliver(self):
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
