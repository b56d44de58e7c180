"""HEA-3: the email of the morning, up to a real mail server on the loopback."""
from datetime import datetime
from email import policy
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tools import mute_logger

from ..postbox import open_postbox
from .warning_common import DAY, START, WarningCase


class TestDigest(WarningCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postbox = open_postbox(cls, policy=policy.default)

    def setUp(self):
        super().setUp()
        self.postbox.received.clear()
        with self._on(START):
            self.warning = self._raised(level='3')

    def _hours(self, first, hours):
        """Let the action run each hour, and Odoo send what is in the queue."""
        for number in range(hours):
            with freeze_time(first) as clock:
                clock.tick(number * 3600)
                self._run_cron('digest')
                self.env['customer.warning.digest'].search([]).mail_id.send()
        return self.postbox.received

    @staticmethod
    def _text(message):
        return message.get_body(('html',)).get_content()

    def test_hea_3_once_a_day_in_the_morning(self):
        """HEA-3: one email a day, at 8 where the user is, whatever the server's time."""
        self.anna.tz = 'Asia/Shanghai'
        self.assertFalse(self._hours(datetime(2026, 3, 2, 16), 8), "it is night in Shanghai")
        [(recipients, message)] = self._hours(datetime(2026, 3, 3), 24)
        self.assertEqual(recipients, ['anna@example.com'])
        self.assertEqual(message['Subject'], "A warning to look at, 1 red")
        self.assertIn("Health fell from 60 to 43, below 50", self._text(message))
        self.assertIn("Watched", self._text(message))
        self.assertIn(f'/odoo/customer-warnings/{self.warning.id}', self._text(message))
        sent = self.env['customer.warning.digest'].search([('user_id', '=', self.anna.id)])
        self.assertEqual((sent.day, sent.warnings), (START + DAY, 1))
        self.assertEqual(len(self._hours(datetime(2026, 3, 4), 12)), 2, "the next morning the next one")

    def test_hea_3_at_the_hour_of_the_settings(self):
        """HEA-3: the hour is a setting; what could not be sent in the morning waits for the next."""
        self.env['res.config.settings'].create({'customer_warn_digest_hour': 6}).execute()
        self.assertFalse(self._hours(datetime(2026, 3, 3, 5), 1))
        self.assertFalse(self._hours(datetime(2026, 3, 3, 10), 14))
        self.assertEqual(len(self._hours(datetime(2026, 3, 4, 9), 3)), 1)

    def test_hea_3_in_the_user_s_language(self):
        """HEA-3: subject, levels and dates are in the language of the user."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.anna.lang = 'fr_FR'
        [(__, message)] = self._hours(datetime(2026, 3, 3, 8), 1)
        self.assertIn("mardi", self._text(message))
        self.assertIn("02/03/2026", self._text(message))

    def test_hea_3_silent_when_there_is_nothing(self):
        """HEA-3: nothing about what somebody works on, what was put off, on a free day, or when switched off."""
        with self._on(START):
            self.warning.with_user(self.anna)._snooze(START + 2 * DAY, "Their fair is on")
        runs = self.env['customer.run'].search_count([])
        self.assertFalse(self._hours(datetime(2026, 3, 3, 8), 4))
        self.assertEqual(self.env['customer.run'].search_count([]), runs)
        self.assertEqual(len(self._hours(datetime(2026, 3, 4, 8), 4)), 1, "its day has come")
        self.assertEqual(len(self._hours(datetime(2026, 3, 7, 8), 28)), 1, "a weekend")
        self.anna.with_user(self.anna).customer_warn_digest = False
        self.assertEqual(len(self._hours(datetime(2026, 3, 9, 8), 4)), 1)
        self.anna.customer_warn_digest = True
        with self._on(START):
            self.warning.with_user(self.anna).action_take_on()
        self.assertEqual(len(self._hours(datetime(2026, 3, 10, 8), 4)), 1)

    def test_hea_3_not_while_away(self):
        """HEA-3: who is away gets no email."""
        self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': START, 'date_to': START + 3 * DAY})
        self.assertFalse(self._hours(datetime(2026, 3, 3, 8), 4))

    def test_hea_3_only_what_the_user_sees(self):
        """HEA-3, PLT-2: everybody gets the own ones, in all own companies."""
        with self._on(START):
            theirs = self._customer("Theirs", user_id=self.zoe.id, company_id=self.company_2.id)
            self._raised(theirs)
            self._raised(self._customer("Otto's", user_id=self.otto.id))
        received = self._hours(datetime(2026, 3, 3, 8), 1)
        texts = {recipients[0]: self._text(message) for recipients, message in received}
        self.assertEqual(set(texts), {'anna@example.com', 'otto@example.com', 'zoe@example.com'})
        self.assertNotIn("Otto", texts['anna@example.com'])
        self.assertIn("Theirs", texts['zoe@example.com'])

    def test_hea_3_what_is_new(self):
        """HEA-3: what was raised or became worse since the last email is marked."""
        [(__, message)] = self._hours(datetime(2026, 3, 3, 8), 1)
        self.assertIn(">new<", self._text(message))
        message = self._hours(datetime(2026, 3, 4, 8), 1)[1][1]
        self.assertNotIn(">new<", self._text(message))
        self.warning.news_on = START + 2 * DAY
        message = self._hours(datetime(2026, 3, 5, 8), 1)[2][1]
        self.assertIn(">new<", self._text(message))

    def test_hea_3_one_broken_email(self):
        """HEA-3, PLT-3: an email that can't be written holds up nobody, and who has lost the role gets none."""
        with self._on(START):
            self._raised(self._customer("Otto's", user_id=self.otto.id))
            self._raised(self._customer("Ben's", user_id=self.ben.id))
        self.ben.group_ids -= self.env.ref('customer_success.group_customer_success_user')
        digests = type(self.env['customer.warning.digest'])
        original = digests._render

        def render(model, warnings, day):
            if model.env.user == self.anna:
                raise ValueError("broken")
            return original(model, warnings, day)

        with patch.object(digests, '_render', render), mute_logger(
                'odoo.addons.customer_success.models.health.customer_warning_digest'):
            received = self._hours(datetime(2026, 3, 3, 8), 1)
        self.assertEqual([recipients for recipients, __ in received], [['otto@example.com']])
        run = self.env['customer.run'].search([('name', '=', 'digest')], limit=1)
        self.assertEqual((run.done, run.failed), (1, 1))

    def test_hea_3_two_workers(self):
        """HEA-3, PLT-3: the database keeps two servers from writing twice."""
        self._hours(datetime(2026, 3, 3, 8), 1)
        digests = self.env['customer.warning.digest']
        with self._refused("one email with warnings a day"):
            digests.create({'user_id': self.anna.id, 'day': START + DAY})
