"""CAD-10, CAD-4: what comes back of automatic touches: answers, and what did not arrive, through Odoo's own gateway."""
from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .test_automatic import MONDAY_NOON, AutomaticCase

ANSWER = """To: {to}
From: {sender}
Subject: Re: News
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Message-ID: <{number}@reader.example>
In-Reply-To: {answered}
References: {answered}
{headers}
{body}
"""

BOUNCE = """To: {to}
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"
Message-ID: <{number}@mx.example.net>

--x
Content-Type: text/plain; charset="utf-8"

This is the mail system.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--x
Content-Type: message/rfc822

Message-ID: {bounced}
From: anna@example.com
To: {address}
Subject: News

Dear reader

--x--
"""


class TestAutomaticBack(AutomaticCase, MailCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.company.alias_domain_id = cls.mail_alias_domain
        cls.number = 0

    def setUp(self):
        super().setUp()
        self._send()
        self.sent = self.followup.sent_message_id
        self._mails().filtered(lambda mail: mail.state == 'outgoing').write({'state': 'sent'})

    def _receive(self, form, day='2027-03-03', **values):
        """Let an email come in."""
        type(self).number += 1
        values = {'to': self.mail_alias_domain.catchall_email, 'number': self.number, 'headers': '', **values}
        with freeze_time(f'{day} 08:00:00'), mute_logger('odoo.addons.mail.models.mail_thread'):
            self.env['mail.thread'].message_process(None, form.format(**values))
        self.env.flush_all()
        self.env.invalidate_all()

    def _answer(self, body="Yes, please send the offer.\n\n> Dear reader", sender="Ann <ann@example.com>", **values):
        self._receive(ANSWER, body=body, sender=sender, answered=self.sent.message_id, **values)

    def _bounce(self, status='5.1.1', action='failed', said="550 5.1.1 User unknown", **values):
        values.setdefault('bounced', self.sent.message_id)
        values.setdefault('to', self.mail_alias_domain.bounce_email)
        self._receive(BOUNCE, address='ann@example.com', status=status, action=action, said=said, **values)

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def test_from_whom_and_where_answers_go(self):
        """CAD-10: it comes from the salesperson, and the answer to an address that Odoo reads."""
        mail = self._mails()
        self.assertEqual((mail.email_from, mail.author_id), (self.anna.email_formatted, self.anna.partner_id))
        self.assertIn(self.mail_alias_domain.catchall_email, mail.reply_to)
        self.assertIn("Anna", mail.reply_to)

    def test_answer_is_a_contact(self):
        """CAD-10: the answer is a contact on the follow-up, the salesperson reads it, and a person goes on."""
        coming = self._open(self.customer)
        self._answer()
        self.assertRecordValues(self.followup, [{
            'state': 'done', 'qualifies': True, 'outcome': 'neutral', 'contact_id': self.person.id,
            'answered_at': datetime(2027, 3, 3, 8)}])
        self.assertIn("Answered: Yes, please send the offer.", self.followup.feedback)
        self.assertNotIn("Dear reader", self.followup.feedback.split("Answered:")[1])
        answer = self.followup.message_ids.filtered(lambda message: message.message_type == 'email')
        self.assertEqual(answer.author_id, self.person)
        self.assertIn(self.anna.partner_id, answer.notified_partner_ids)
        self.assertEqual(self._open(self.customer), coming)
        self.assertEqual(coming.send_problem, 'answered')
        self.assertIn("answered", coming.send_error)
        self.assertEqual(self.env['customer.followup'].search([('answered_at', '!=', False)]), self.followup)
        self._send(datetime(2027, 4, 5, 12))
        self.assertEqual(coming.state, 'planned', "a person writes next")
        with freeze_time(datetime(2027, 4, 5, 12)):
            self._log(self.customer, self.email, followup=coming)
        self._send(datetime(2027, 5, 10, 12))
        self.assertEqual(len(self._mails()), 2, "and after that it goes on by itself")

    def test_answer_counts_once(self):
        """CAD-6, CAD-10: where emails of customers count by rule, the answer to what left by itself is no second contact; an
        email of its own is one."""
        self.env['customer.contact.rule'].search([('kind', '!=', 'email_in')]).active = False
        finder = self.env['customer.contact.finder']
        finder._seen()  # what was there before
        own = "One thing more"
        with freeze_time(datetime(2027, 3, 5, 8)):
            self._answer()
            self.customer.message_post(
                author_id=self.person.id, body=own, message_type='email', subtype_xmlid='mail.mt_comment')
        self.env.cr.execute("UPDATE mail_message SET date = '2027-03-05 08:00:00' WHERE author_id = %s", [self.person.id])
        self.env.invalidate_all()
        with freeze_time(datetime(2027, 3, 5, 12)):
            found = [values['message'].model for *__, values in finder._emails_to_count()]
        self.assertEqual(found, ['res.partner'])

    def test_what_is_no_answer(self):
        """CAD-10: a machine, a colleague and a stranger have not answered for the customer."""
        for values in (
            {'headers': "Auto-Submitted: auto-replied\n"}, {'headers': "X-Autoreply: yes\n"},
            {'headers': "Precedence: auto_reply\n"}, {'sender': "Ben <ben@example.com>"},
            {'sender': "Somebody <some.body@elsewhere.example>"},
        ):
            self._answer(**values)
            self.assertFalse(self.followup.answered_at, values)
        self.assertFalse(self._open(self.customer).send_problem)

    def test_answer_from_another_address(self):
        """Somebody of the customer's whom nobody knows yet has answered: the domain is theirs."""
        self.person.email = 'ann@reader.example'
        self._answer(sender="Bob <bob@reader.example>")
        self.assertTrue(self.followup.answered_at)
        self.assertEqual(self.followup.contact_id, self.person)

    def test_public_domain_is_nobodys(self):
        self.person.email = 'ann@gmail.com'
        self._answer(sender="Bob <bob@gmail.com>")
        self.assertFalse(self.followup.answered_at)

    def test_answer_of_a_colleague_of_the_person(self):
        other = self.env['res.partner'].create({
            'name': "Bea", 'parent_id': self.customer.id, 'email': 'bea@elsewhere.example'})
        self._answer(sender="Bea <bea@elsewhere.example>")
        self.assertEqual(self.followup.contact_id, other)

    # ------------------------------------------------------------
    # BOUNCES
    # ------------------------------------------------------------

    def test_bounce(self):
        """CAD-4: bounced mail never counts; what is refused for good is a person's at once, with the reason."""
        self._bounce()
        self.assertFalse(self.followup.qualifies)
        again = self._open(self.customer)
        self.assertEqual((again.send_problem, str(again.date_raw)), ('failed', '2027-02-04'))
        self.assertIn("550 5.1.1 User unknown", again.send_error)
        self.assertIn("550 5.1.1 User unknown", self.followup.send_error)
        self._send(datetime(2027, 3, 4, 12))
        self.assertEqual(len(self._mails()), 1)

    def test_late_bounce(self):
        """CAD-10: days later, after the next one was sent, the next open one is a person's."""
        self._send(datetime(2027, 4, 5, 12))
        second = self._mails()[0]
        self.assertEqual(len(self._mails()), 2)
        self._bounce(day='2027-04-06')
        self.assertFalse(self.followup.qualifies)
        coming = self._open(self.customer)
        self.assertEqual((str(coming.date_raw), coming.send_problem), ('2027-05-05', 'failed'))
        done = self.customer.customer_followup_ids.filtered(lambda one: one.mail_id == second)
        self.assertTrue(done.qualifies, "nothing is known of that")

    def test_bounce_that_may_pass(self):
        """A full mailbox may be empty tomorrow: it is sent again by rule."""
        self._bounce(status='4.2.2', said="452 4.2.2 Over quota")
        again = self._open(self.customer)
        self.assertEqual((again.send_problem, again.send_wait), (False, 'retry'))
        self._send(datetime(2027, 3, 4, 12))
        self.assertEqual(again.state, 'done')

    def test_delayed_is_no_bounce(self):
        self._bounce(action='delayed', status='4.4.7', said="delivery temporarily suspended")
        self.assertTrue(self.followup.qualifies)

    def test_twice_is_once(self):
        self._bounce()
        self._bounce()
        self.assertEqual(self._open(self.customer).send_tries, 1)

    def test_bounce_of_something_else(self):
        self._bounce(bounced='<unknown@example.com>')
        self.assertTrue(self.followup.qualifies)

    def test_answered_after_all(self):
        """One of several servers complained, and the customer has answered: it did arrive."""
        self._bounce()
        self._answer()
        self.assertTrue(self.followup.qualifies)
        self.assertEqual(str(self._open(self.customer).date_raw), '2027-04-01')

    def test_event(self):
        """The touch of an event is due once: what came back is the same follow-up again."""
        with freeze_time('2027-03-01 08:00:00'):
            thanks = self._cadence("Thanks", {
                'name': "Thank you", 'kind': 'event', 'event': 'managed', 'delay_count': 0, 'channel_id': self.email.id,
                'automatic': True, 'mail_template_id': self.template.id})
            new = self._customer("New", customer_cadence_id=thanks.id, tz='UTC', child_ids=[
                Command.create({'name': "Cy", 'email': 'cy@example.com'})])
            followup = self._open(new)
        self._send(MONDAY_NOON)
        self.assertEqual(followup.state, 'done')
        self.sent = followup.sent_message_id
        self._bounce()
        self.assertEqual((followup.state, followup.send_problem, followup.contact_day), ('planned', 'failed', False))
        self.assertEqual(new.customer_followup_ids, followup)
        self.assertIn("User unknown", followup.message_ids[0].body)

    def test_in_the_language_of_who_reads_it(self):
        """CAD-10: why it did not arrive is told in the language of who looks after the customer: the gateway has none."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.anna.lang = 'zh_CN'
        self._bounce()
        said = self._open(self.customer).send_error
        self.assertIn("User unknown", said)
        self.assertNotIn("Came back", said)
