import resource

from markupsafe import Markup

from odoo.tests import mute_logger

from odoo.addons.mail.tests.common import MailCommon

from .common import ServiceCase, at

EMAIL = """Return-Path: <{sender}>
To: {to}
From: {sender}
Subject: {subject}
MIME-Version: 1.0
Content-Type: {content}; charset="utf-8"
Date: Mon, 07 Dec 2026 09:00:00 +0000
Message-ID: {message_id}
{headers}

{body}
"""


class CaseMailCase(ServiceCase, MailCommon):
    """Lets emails come in at the address of cases, through Odoo's own gateway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        alias = cls.env.ref('customer_success.mail_alias_cases')
        alias.alias_domain_id = cls.mail_alias_domain
        cls.address = f'{alias.alias_name}@{cls.alias_domain}'

    def _receive(self, body="The crates are broken.", sender='Captain <captain@harbour.example>', subject="Broken crates",
                 message_id='<one@harbour.example>', headers='', content='text/plain', to=None):
        """Let an email come in."""
        with mute_logger('odoo.addons.mail.models.mail_thread', 'odoo.models.unlink'):
            result = self.env['mail.thread'].message_process(None, EMAIL.format(
                sender=sender, to=to or self.address, subject=subject, message_id=message_id, headers=headers.strip(),
                content=content, body=body).replace('\n\n\n', '\n\n'))
        self.env.flush_all()
        self.env.invalidate_all()
        return result

    def _cases(self):
        return self.env['customer.case'].search([('create_date', '!=', False), ('name', 'in', ("Broken crates", "(No subject)"))])

    def _reply(self, case, body, number=2, **vals):
        """Let the customer answer to what was written last about a case."""
        last = case.message_ids.filtered('message_id').sorted('id')[-1]
        return self._receive(
            body=body, subject=f"Re: {case.name}", message_id=f'<reply-{number}@harbour.example>',
            headers=f"In-Reply-To: {last.message_id}\nReferences: {last.message_id}\n{vals.pop('headers', '')}", **vals)

    def _solved(self):
        with self._at('Mon 09:00'):
            self._receive()
            case = self._cases()
            case.with_user(self.anna).action_take()
        with self._at('Mon 10:00'):
            self._change(case, 'solve', solution="New crates")
        return case


class TestCaseMail(CaseMailCase):
    """Emails to the address of cases (SRV-1)."""

    def test_email_opens_a_case(self):
        """SRV-1: one email, one case, with its clocks; it goes to the customer's account manager."""
        with self._at('Mon 09:00'):
            self._receive()
        case = self._cases()
        self.assertEqual(len(case), 1)
        self.assertEqual(
            (case.partner_id, case.contact_id, case.user_id, case.state, case.case_type, case.description, case.channel_id),
            (self.harbour, self.captain, self.anna, 'new', 'problem', "The crates are broken.", self.email))
        self.assertClock(self._clock(case, 'response'), 'running', 'Mon 11:00')
        self.assertEqual(case.message_ids.filtered(lambda message: message.message_type == 'email').author_id, self.captain)

    def test_same_email_twice(self):
        """The same email twice is one case."""
        with self._at('Mon 09:00'):
            self._receive()
            self._receive()
        self.assertEqual(len(self._cases()), 1)

    def test_unknown_sender(self):
        """Whose it is can be said later: the case is there to be assigned, with its clocks."""
        with self._at('Mon 09:00'):
            self._receive(sender='Who <who@nowhere.example>', subject='')
        case = self._cases()
        self.assertEqual((case.name, case.partner_id.id, case.user_id.id), ("(No subject)", False, False))
        self.assertIn('who@nowhere.example', case.email_from)
        self.assertClock(self._clock(case, 'response'), 'running', 'Mon 11:00')
        self.assertIn(case, case.with_user(self.otto).search([('partner_id', '=', False)]))

    def test_colleague_forwards(self):
        """A colleague who forwards an email is no customer."""
        with self._at('Mon 09:00'):
            self._receive(sender='Anna <anna@example.com>')
        self.assertFalse(self._cases().partner_id)

    def test_answer_goes_on(self):
        """The customer's answer stands on the case, and what waited for it goes on."""
        with self._at('Mon 09:00'):
            self._receive()
            case = self._cases()
            case.with_user(self.anna).action_take()
            self._change(case, 'pause', wait_for='customer')
        with self._at('Mon 11:00'):
            self._reply(case, "Here are the pictures")
        self.assertEqual(len(self._cases()), 1)
        self.assertEqual((case.state, case.pause_ids.end_reason), ('working', 'reply'))
        self.assertClock(self._clock(case, 'response'), 'running', 'Mon 14:00')
        self.assertIn("Here are the pictures", case.message_ids[0].body)

    def test_what_does_not_reopen(self):
        """frappe 3465, 2228: thanks, an auto-reply, a colleague and our own messages reopen nothing."""
        case = self._solved()
        with self._at('Mon 11:00'):
            self._reply(case, "Many thanks, Anna!\n> Solved: new crates", 2)
            self._reply(case, "谢谢，已收到", 3)
            self._reply(case, "I am out of office.", 4, headers="Auto-Submitted: auto-replied")
            self._reply(case, "Out of office", 5, headers="X-Autoreply: yes")
            self._reply(case, "Seen", 6, sender='Ben <ben@example.com>')
            case.with_user(self.anna).message_post(body=Markup("Sent"), message_type='comment', subtype_xmlid='mail.mt_comment')
        self.assertEqual((case.state, case.cycle), ('solved', 1))
        self.assertEqual(len(self._cases()), 1)
        self.assertIn("Many thanks", "".join(case.message_ids.mapped('body')))

    def test_mail_loop(self):
        """A machine that answers to every message opens no case after case."""
        self.env['ir.config_parameter'].set_param('mail.gateway.loop.threshold', 5)
        case = self._solved()
        with self._at('Mon 11:00'):
            for number in range(8):
                self._reply(case, f"I am away {number}", 20 + number, headers="Auto-Submitted: auto-generated")
        self.assertEqual((case.state, case.cycle, len(self._cases())), ('solved', 1, 1))

    def test_number_in_the_subject(self):
        """SRV-3: what we write says the number; the answer finds its case by the Message-Id, whatever its subject says."""
        with self._at('Mon 09:00'):
            self._receive()
            case, other = self._cases(), self._case()
        with self._at('Mon 09:10'), self.mock_mail_gateway():
            case.with_user(self.anna).message_post(
                body=Markup("We look into it"), message_type='comment', subtype_xmlid='mail.mt_comment',
                partner_ids=self.captain.ids)
        self.assertIn(f"[{case.number}] Broken crates", [mail['subject'] for mail in self._mails])
        with self._at('Mon 09:30'):
            last = case.message_ids.filtered('message_id').sorted('id')[-1]
            self._receive(
                body="Here are pictures", subject=f"Re: [{other.number}] something else", message_id='<misnamed@harbour.example>',
                headers=f"In-Reply-To: {last.message_id}\nReferences: {last.message_id}")
        self.assertIn("Here are pictures", case.message_ids[0].body)
        self.assertFalse(other.message_ids.filtered(lambda message: "pictures" in (message.body or '')))

    def test_archived_customer(self):
        """An email of a customer that is archived is not lost: the case is there, with its clocks."""
        (self.captain + self.harbour).active = False
        with self._at('Mon 09:00'):
            self._receive()
        case = self._cases()
        self.assertEqual(len(case), 1)
        self.assertClock(self._clock(case, 'response'), 'running')
        self.assertIn('captain@harbour.example', case.email_from)

    def test_two_machines(self):
        """SRV-1: a machine at the other end that answers to each of our messages, and says nothing of being one: after the
        threshold of Odoo's gateway nothing is taken any more, and what was thanked for stays closed."""
        self.env['ir.config_parameter'].set_param('mail.gateway.loop.threshold', 3)
        with self._at('Mon 09:00'):
            for number in range(12):
                self._receive(message_id=f'<loop-{number}@harbour.example>')
        self.assertLess(len(self._cases()), 12)

    def test_answer_reopens(self):
        """What is more than thanks reopens the case, with new clocks; the old results stay."""
        case = self._solved()
        with self._at('Tue 11:00'):
            self._reply(case, "Thanks, but two of them are broken again")
        self.assertEqual((case.state, case.cycle), ('working', 2))
        self.assertClock(self._clock(case, 'response', 2), 'running', 'Tue 14:00')
        self.assertClock(self._clock(case, 'solution', 1), 'met')

    def test_late_answer_is_a_new_case(self):
        """After the days of the setting an answer is a new case that is linked to the old one."""
        case = self._solved()
        with self._on('2026-12-30'):
            self._reply(case, "It has happened again")
        new = self._cases() - case
        self.assertEqual((case.state, new.previous_id, new.partner_id, new.state), ('solved', case, self.harbour, 'new'))

    def test_our_answer_by_email(self):
        """A message to the customer is an answer; a note for colleagues is none."""
        with self._at('Mon 09:00'):
            self._receive()
            case = self._cases()
        with self._at('Mon 10:00'):
            case.with_user(self.anna).message_post(
                body=Markup("Ask the plant"), message_type='comment', subtype_xmlid='mail.mt_note')
            self.assertFalse(case.answered_at)
            case.with_user(self.anna).message_post(
                body=Markup("We look into it"), message_type='comment', subtype_xmlid='mail.mt_comment',
                partner_ids=self.captain.ids)
        self.assertEqual(case.answered_at, at('Mon 10:00'))
        self.assertClock(self._clock(case, 'response'), 'met', taken=1)

    def test_scripts(self):
        """What an email would run in the browser is gone."""
        with self._at('Mon 09:00'):
            self._receive(
                body="<p>Broken<script>alert(1)</script><img src=x onerror=alert(2)></p>", content='text/html')
        case = self._cases()
        self.assertNotIn('script', case.description)
        body = "".join(case.message_ids.mapped('body'))
        self.assertNotIn('<script', body)
        self.assertNotIn('onerror', body)

    def test_attachments(self):
        """20 MB of attachments are kept with the case."""
        # a worker reads a mail with the memory that Odoo allows it; here all tests of a run share that
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_AS, (soft, hard))
        parts, size = [], 0
        for number in range(4):
            data = ('QUJD' * 19 + '\n') * 88000  # about 5 MB each
            size += len(data.replace('\n', '')) * 3 // 4
            parts.append(
                f'--BOUND\nContent-Type: image/jpeg; name="p{number}.jpg"\nContent-Transfer-Encoding: base64\n'
                f'Content-Disposition: attachment; filename="p{number}.jpg"\n\n{data}\n')
        body = f'--BOUND\nContent-Type: text/plain\n\nSee the pictures\n{"".join(parts)}--BOUND--'
        with self._at('Mon 09:00'):
            self._receive(body=body, content='multipart/mixed; boundary="BOUND"')
        case = self._cases()
        attachments = self.env['ir.attachment'].search([('res_model', '=', 'customer.case'), ('res_id', '=', case.id)])
        self.assertEqual(len(attachments), 4)
        self.assertEqual(sum(attachments.mapped('file_size')), size)
        self.assertGreater(size, 19 * 1024 * 1024)
