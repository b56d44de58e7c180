"""HEA-2: scores set by hand."""
from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, users

from .health_common import HealthCase


class TestOverride(HealthCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Judged")

    def _override(self, user=None, customer=None, **vals):
        return self.env['customer.health.override'].with_user(user or self.lena).create({
            'partner_id': (customer or self.customer).id, 'score': 30, 'reason': "Their factory burnt down", **vals})

    def test_hea_2_override(self):
        """HEA-2: the score set by hand is shown at once, the computed one stays beside it, and the customer's history says
        who and why."""
        self._set(self.customer, a=80, b=80)
        self._refresh()
        override = self._override()
        now = self._now(self.customer)
        self.assertEqual((now.score, now.computed, now.band, now.override_id), (30, 80, 'risk', override))
        self.assertEqual((self.customer.customer_health, self.customer.customer_health_band), (30, 'risk'))
        self.assertEqual((override.user_id, override.is_running), (self.lena, True))
        note = self.customer.message_ids[0]
        self.assertIn("Their factory burnt down", note.body)
        self.assertEqual(note.author_id, self.lena.partner_id)
        override.with_user(self.lena).score = 40
        self.assertEqual(self.customer.customer_health, 40)
        override.with_user(self.mara).action_end()
        self.assertEqual((override.ended_on, override.ended_by_id), (fields.Date.today(), self.mara))
        self.assertFalse(override.is_running)
        self.assertEqual(self.customer.customer_health, 80)
        self.assertFalse(self._now(self.customer).override_id)

    def test_hea_2_override_ends_by_itself(self):
        """HEA-2: it ends after 30 days unless said otherwise; 90 are the most. Nobody has to do anything."""
        self._set(self.customer, a=80, b=80)
        with self._on('2026-03-01'):
            override = self._override()
            self.assertEqual(override.date_to, date(2026, 3, 31))
            self._override(date_to='2026-05-30')
            with self._invalid("90 days at most"):
                self._override(date_to='2026-05-31')
            with self._invalid("already have ended"):
                self._override(date_to='2026-02-28')
        for day, score in (('2026-05-30', 30), ('2026-05-31', 80)):
            with self._on(day):
                self._refresh()
                self.assertEqual(self._column(self.customer), score)
        self.env['ir.config_parameter'].set_param('customer_success.health_override_max_days', '5')
        with self._invalid("5 days at most"):
            self._override()

    def test_hea_2_override_one_at_a_time(self):
        """HEA-2: another score ends the one before."""
        first = self._override()
        second = self._override(score=60)
        self.assertEqual((first.is_running, second.is_running), (False, True))
        self.assertEqual(self._column(self.customer), 60)
        self.assertEqual(
            self.env['customer.health.override'].search([('partner_id', '=', self.customer.id), ('is_running', '=', True)]),
            second)
        with self._invalid("one score"):
            self.env['customer.health.override'].create([
                {'partner_id': self.customer.id, 'score': 1, 'reason': "x"}] * 2)

    def test_hea_2_override_after_a_merge(self):
        """HEA-2: two that are in force after two contacts were merged break nothing; the later one counts."""
        other = self._override(customer=self._customer("Other"), score=60)
        self._override()
        self.env.cr.execute("UPDATE customer_health_override SET partner_id = %s WHERE id = %s", [
            self.customer.id, other.id])
        self.assertEqual(self._refresh()['failed'], 0)
        self.assertEqual(self._column(self.customer), 30)

    def test_hea_2_override_of_the_unknown(self):
        """HEA-2: of whom too little is known a person may still say how it is; the state says that it is not computed."""
        self._refresh()
        self._override(score=76)
        now = self._now(self.customer)
        self.assertEqual((now.state, now.score, now.band), ('thin', 76, 'healthy'))
        self.assertFalse(now.computed)
        self.card.action_archive()
        self._refresh()
        self.assertEqual((self._now(self.customer).state, self._now(self.customer).band), ('no_card', 'healthy'))

    def test_hea_2_override_needs_a_reason(self):
        """HEA-2: bad input is refused in words."""
        for vals, message in (({'reason': "  "}, "say why"), ({'reason': False}, None), ({'score': 101}, None)):
            with self.subTest(vals), self.env.cr.savepoint():
                if message:
                    with self._invalid(message):
                        self._override(**vals)
                else:
                    with self._refused("between 0" if 'score' in vals else "(?i)reason|required|missing"):
                        self._override(**vals)
        plain = self.env['res.partner'].create({'name': "No customer", 'is_company': True, 'user_id': self.anna.id})
        with self._invalid("no managed customer"):
            self._override(customer=plain)

    @users('anna')
    def test_hea_2_override_is_for_leaders(self):
        """HEA-2: users read it, leaders set it for their team, managers for everybody."""
        override = self._override(self.lena)
        self.assertEqual(self.env['customer.health.override'].search([('partner_id', '=', self.customer.id)]), override)
        with self.assertRaises(AccessError):
            self._override(self.anna)
        with self.assertRaises(AccessError):
            override.with_user(self.anna).action_end()
        for call in (
            lambda: self._override(self.li),
            lambda: override.with_user(self.li).action_end(),
            lambda: override.with_user(self.li).write({'score': 1}),
            lambda: override.with_user(self.mara).unlink(),
        ):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaisesRegex(UserError, "can't be changed"):
            override.with_user(self.mara).write({'partner_id': self.customer.id})
        self.assertTrue(override.is_running)
        theirs = self._customer("Theirs", company_id=self.env.ref('base.main_company').id)
        with self.assertRaises(AccessError):
            self._override(self.zoe, theirs)

    def test_hea_2_override_says_who(self):
        """HEA-2: nobody sets a score in another's name or for days that are past."""
        override = self._override(user_id=self.mara.id, date_from='2020-01-01')
        self.assertEqual((override.user_id, override.date_from), (self.lena, fields.Date.today()))

    def test_hea_2_override_dialog(self):
        """HEA-2: from the customer in one dialog, and back."""
        action = self.customer.with_user(self.lena).action_customer_health_override()
        with Form(self.env['customer.health.override'].with_user(self.lena).with_context(**action['context'])) as form:
            form.score, form.reason = 20, "They told me"
        self.assertEqual(self._column(self.customer), 20)
        self.customer.with_user(self.lena).action_customer_health_override_end()
        self.assertIsNone(self._column(self.customer))
