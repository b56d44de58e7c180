"""REP-6: how customers are looked after, in Odoo's own digest email."""
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import convert_file

from ..common import CustomerCase

NOW = '2026-09-16 08:00:00'
KPIS = ('kept', 'missed', 'warnings', 'nps', 'sla')


@freeze_time(NOW)
@tagged('post_install', '-at_install')
class TestDigest(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOW):
            cls.customer = cls._customer("Ready Mat", customer_cadence_id=cls.cadence.id)
            cls.theirs = cls._customer("Ben's", user_id=cls.ben.id)
        cls.digest = cls.env['digest.digest'].create({
            'name': "Ours", 'company_id': cls.env.company.id, 'user_ids': [Command.set(cls.anna.ids)],
            **{f'kpi_customer_{name}': True for name in KPIS}})

    def _cells(self, user, column=2):
        """Return the values of a column of somebody's digest by name; default: the last 7 days."""
        kpis = self.digest._compute_kpis(self.env.company, user)
        return {kpi['kpi_name'].removeprefix('kpi_customer_'): kpi[f'kpi_col{column}']['value'] for kpi in kpis
                if kpi['kpi_name'].startswith('kpi_customer_')}

    def _touch(self, customer, limit, done=None):
        """Note a follow-up whose last day was then, made on a day or not at all."""
        values = {
            'partner_id': customer.id, 'company_id': self.env.company.id, 'channel_id': self.call.id, 'step_id': self.step.id,
            'cadence_id': self.cadence.id, 'user_id': customer.user_id.id, 'date_planned': limit - timedelta(days=3),
            'date_limit': limit, 'event_date': limit}
        if done:
            values |= {'state': 'done', 'contact_day': done, 'contact_at': datetime.combine(done, datetime.min.time()),
                       'closed_at': NOW, 'qualifies': True}
        return self.env['customer.followup'].create(values)

    def test_figures(self):
        """What is shown is what a person counts by hand: of four whose last day was in the week one was missed."""
        for limit, done in ((date(2026, 9, 10), date(2026, 9, 9)), (date(2026, 9, 11), date(2026, 9, 11)),
                            (date(2026, 9, 14), date(2026, 9, 14)), (date(2026, 9, 15), None),
                            (date(2026, 9, 8), None), (date(2026, 9, 16), date(2026, 9, 16))):
            self._touch(self.customer, limit, done)
        rule = self.env['customer.warning.rule'].search([], limit=1)
        for signal, day in (('score_drop', '2026-09-12 08:00:00'), ('payment', '2026-09-01 08:00:00')):
            self.env['customer.warning'].create({
                'partner_id': self.customer.id, 'rule_id': rule.id, 'signal': signal, 'level': '3', 'date': day[:10],
                'raised_at': day, 'user_id': self.anna.id})
        self.env['ir.config_parameter'].set_param('customer_success.feedback_minimum', '1')
        for score in (10, 9, 3):
            self.env['customer.feedback'].create({
                'partner_id': self.customer.id, 'score': score, 'given_at': '2026-09-13 08:00:00'})
        self.assertEqual(self._cells(self.lena), {
            'kept': '75.00', 'missed': 1, 'warnings': 1, 'nps': '33.33', 'sla': "–"})

    def test_nothing_is_no_bad_figure(self):
        """Where nothing was planned, said or decided, a dash stands, and not 0 %."""
        self.env['customer.followup'].search([]).sudo().write({'state': 'cancelled'})
        self.assertEqual(self._cells(self.ben), {'kept': "–", 'missed': 0, 'warnings': 0, 'nps': "–", 'sla': "–"})

    def test_deadlines(self):
        """Deadlines of cases that were decided in the time."""
        case = self.env['customer.case'].create({
            'partner_id': self.customer.id, 'name': "x", 'company_id': self.env.company.id, 'user_id': self.anna.id})
        clocks = case.clock_ids.sudo()
        self.assertGreater(len(clocks), 1)
        clocks[0].write({'state': 'met', 'ended_at': '2026-09-14 08:00:00'})
        clocks[1:].write({'state': 'failed', 'ended_at': '2026-09-14 08:00:00'})
        self.assertEqual(self._cells(self.lena)['sla'], f"{100 / len(clocks):.2f}")
        self.assertEqual(self._cells(self.lena, column=1)['sla'], "–", "nothing was decided since yesterday")

    def test_of_what_one_may_see(self):
        """A salesperson reads of the own customers, a leader of those of the team, and who has no role reads nothing of it."""
        self._touch(self.customer, date(2026, 9, 14), date(2026, 9, 14))
        self._touch(self.theirs, date(2026, 9, 14))
        self.assertEqual(self._cells(self.anna)['kept'], '100.00')
        self.assertEqual(self._cells(self.ben)['kept'], '0.00')
        self.assertEqual(self._cells(self.lena)['kept'], '50.00')
        self.assertEqual(self._cells(self.nils), {})
        self.assertEqual(self._cells(self.zoe), {}, "of another company")

    def test_email(self):
        """The email that Odoo sends has the figures, and each opens what it is made of."""
        self._touch(self.customer, date(2026, 9, 14), date(2026, 9, 14))
        self.digest.with_context(lang='en_US')._action_send_to_user(self.mara, tips_count=0, consume_tips=False)
        mail = self.env['mail.mail'].search([], order='id desc', limit=1)
        self.assertIn("Follow-ups on Time (%)", mail.body_html)
        self.assertIn("100.00", mail.body_html)
        self.assertIn('customer_success.customer_adherence_action', mail.body_html)

    def test_default_digest(self):
        """A new installation tells it in Odoo's own digest from the beginning."""
        default = self.env.ref('digest.digest_digest_default', raise_if_not_found=False)
        if not default:
            self.skipTest("Somebody deleted Odoo's digest")
        default.write({f'kpi_customer_{name}': False for name in KPIS})
        convert_file(self.env, 'customer_success', 'data/reporting/digest_data.xml', {}, mode='update', noupdate=True)
        self.assertFalse(default.kpi_customer_nps, "what is sent already stays as it is")
        convert_file(self.env, 'customer_success', 'data/reporting/digest_data.xml', {}, mode='init', noupdate=True)
        self.assertTrue(all(default[f'kpi_customer_{name}'] for name in KPIS))
