"""REP-4: sheets by email: who gets what and when, up to a real mail server on the loopback."""
import io
from email import policy
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..postbox import open_postbox
from .test_sheets import SheetCase

XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'


@tagged('post_install', '-at_install')
class TestSubscriptions(SheetCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.report.subscription'].search([]).unlink()
        cls.postbox = open_postbox(cls, policy=policy.default)

    def setUp(self):
        super().setUp()
        self.postbox.received.clear()

    def _subscription(self, user=None, **values):
        """Return a subscription that was made on 20 May 2026, of the tracking sheet as workbook on the second of a month."""
        one = self.env['customer.report.subscription'].create({
            'user_id': (user or self.anna).id, 'kind': 'tracking', 'as_pdf': False, 'month_day': 2, **values})
        self.env.flush_all()
        # the clock of the database stands still for nobody
        self.env.cr.execute(SQL(
            "UPDATE customer_report_subscription SET create_date = %s WHERE id = %s", '2026-05-20 08:00:00', one.id))
        one.invalidate_recordset()
        return one

    def _night(self, day, times=1):
        """Let the action run on a day, and Odoo send what is in the queue; return what arrived."""
        self.postbox.received.clear()
        with freeze_time(f'{day} 06:00:00'):
            for __ in range(times):
                self._run_cron('reports')
                self.env['customer.report.sending'].search([]).mail_id.send()
        return self.postbox.received

    def _sheet_of(self, message):
        [attached] = list(message.iter_attachments())
        self.assertEqual(attached.get_content_type(), XLSX)
        return load_workbook(io.BytesIO(attached.get_content())).worksheets[0]

    def test_rep_4_once(self):
        """REP-4: it comes on its day, once, however often the action runs; after a gap the last one alone."""
        one = self._subscription()
        with freeze_time('2026-05-21 08:00:00'):
            self.assertEqual(str(one.next_on), '2026-06-02')
        self.assertFalse(self._night('2026-06-01'), "nobody asked for what was due before")
        [(recipients, message)] = self._night('2026-06-02', times=3)
        self.assertEqual(recipients, ['anna@example.com'])
        self.assertEqual(message['subject'], "Tracking sheet")
        self.assertIn("Dear Anna", message.get_body(('html',)).get_content())
        names = {row[0].value for row in self._sheet_of(message).iter_rows(min_row=2)}
        self.assertLessEqual({"Blue =1+1", "Red"}, names)
        self.assertFalse(self._night('2026-06-03'))
        self.assertEqual(len(self._night('2026-09-20')), 1, "one of three months without a run")
        self.assertEqual([str(sending.due_on) for sending in one.sending_ids], ['2026-09-02', '2026-06-02'])

    def test_rep_4_every_week(self):
        """REP-4: every week on its day."""
        self._subscription(every='week', weekday='0')
        self.assertEqual([day for day in range(21, 32) if self._night(f'2026-05-{day}')], [25])

    def test_rep_4_as_its_reader(self):
        """REP-4: each gets what that one may see, in the own language, whoever asked for it."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.otto.lang = 'zh_CN'
        self.env.ref('customer_success.field_customer_followup__partner_id').with_context(
            lang='zh_CN').field_description = "客户"
        self.red.user_id = self.otto
        self._open(self.red)
        self._subscription(self.anna, whose='all')
        self._subscription(self.otto, whose='all')
        arrived = {recipients[0]: message for recipients, message in self._night('2026-06-02')}
        sheets = {name: self._sheet_of(arrived[f'{name}@example.com']) for name in ('anna', 'otto')}
        names = {name: {row[0].value for row in sheet.iter_rows(min_row=2)} for name, sheet in sheets.items()}
        self.assertIn("Blue =1+1", names['anna'])
        self.assertNotIn("Red", names['anna'])
        self.assertIn("Red", names['otto'])
        self.assertNotIn("Blue =1+1", names['otto'])
        self.assertEqual(sheets['anna']['A1'].value, "Customer")
        self.assertEqual(sheets['otto']['A1'].value, "客户")

    def test_rep_4_nobody_to_send_to(self):
        """REP-4: who was archived, lost the role or has no address gets nothing, and it is seen why; nothing to see, no email."""
        gone = self._subscription(self.ben)
        blind = self._subscription(self.otto, whose='chosen', partner_ids=self.blue.ids)
        self.ben.active = False
        self.assertFalse(self._night('2026-06-02'))
        self.assertIn("Ben was archived", gone.obstacle)
        self.assertFalse(gone.sending_ids)
        self.assertIn("Nothing", blind.sending_ids.note)
        self.assertFalse(blind.sending_ids.mail_id)
        self.assertIn("no role", self._subscription(self.nils).obstacle)
        self.anna.email = False
        self.assertIn("no email address", self._subscription(self.anna).obstacle)

    def test_rep_4_one_fails(self):
        """REP-4: one that can't be made says so on itself, the others are sent; the next night it is tried again."""
        bad, good = self._subscription(self.anna), self._subscription(self.lena, whose='all')
        sheet = type(self.env['customer.sheet'])
        original = sheet._make_all

        def fail(self, *args):
            if self.env.user.login == 'anna':
                raise ZeroDivisionError
            return original(self, *args)

        with patch.object(sheet, '_make_all', fail), mute_logger(
                'odoo.addons.customer_success.models.reporting.customer_report_subscription'):
            arrived = self._night('2026-06-02')
        self.assertEqual([recipients for recipients, __ in arrived], [['lena@example.com']])
        self.assertIn("tried again", bad.problem)
        self.assertFalse(good.problem)
        self.assertEqual([recipients for recipients, __ in self._night('2026-06-03')], [['anna@example.com']])
        self.assertFalse(bad.problem)

    def test_rep_4_who_may_ask(self):
        """REP-4: a user has sheets sent to nobody else, a leader to the team, a manager to everybody; what was sent is nobody's
        to write."""
        subscriptions = self.env['customer.report.subscription']
        values = {'kind': 'tracking', 'whose': 'mine'}
        self.assertTrue(subscriptions.with_user(self.anna).create(values))
        self.assertTrue(subscriptions.with_user(self.lena).create({**values, 'user_id': self.anna.id}))
        self.assertTrue(subscriptions.with_user(self.mara).create({**values, 'user_id': self.otto.id}))
        for user, reader in ((self.anna, self.ben), (self.lena, self.otto)):
            with self.assertRaises(AccessError):
                subscriptions.with_user(user).create({**values, 'user_id': reader.id})
        one = self._subscription()
        with self.assertRaises(AccessError):
            one.with_user(self.anna).write({'problem': "x"})
        with self.assertRaises(AccessError):
            self.env['customer.report.sending'].with_user(self.mara).create({
                'subscription_id': one.id, 'user_id': self.anna.id, 'due_on': '2026-06-02'})
        with self.assertRaisesRegex(ValidationError, "choose the customers"):
            subscriptions.with_user(self.anna).create({**values, 'whose': 'segment'})

    def test_rep_4_send_now(self):
        """REP-4: at once, as often as a person asks for it."""
        one = self._subscription()
        for __ in range(2):
            action = one.with_user(self.anna).action_send_now()
            self.assertIn("On its way to Anna", action['params']['message'])
        self.assertEqual(len(one.sending_ids), 1)

    def test_rep_4_on_request(self):
        """REP-4: on request to several: each what that one may see; who may see none of it is named."""
        dialog = self.env['customer.sheet.print'].with_user(self.anna).create({
            'kind': 'monthly', 'whose': 'chosen', 'partner_ids': self.blue.ids, 'as_pdf': False,
            'user_ids': (self.anna + self.lena + self.otto).ids})
        action = dialog.action_send()
        self.assertIn("On its way to Anna, Lena", action['params']['message'])
        self.assertIn("Otto", action['params']['message'])
        mails = self.env['mail.mail'].search([('subject', 'like', 'Customer Report')])
        self.assertEqual(len(mails), 2)
        mails.send()
        self.assertEqual(
            sorted(recipients[0] for recipients, __ in self.postbox.received), ['anna@example.com', 'lena@example.com'])
