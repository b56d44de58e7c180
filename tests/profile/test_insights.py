"""PRO-4: what was learned of customers: dated, by whom, open or settled; competitors among it."""
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ...models.base.customer_fact import Span
from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestInsights(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue, cls.red = cls._customer("Blue"), cls._customer("Red")
        cls.person = cls.env['res.partner'].create({'name': "Bo", 'parent_id': cls.blue.id})
        cls.rival = cls.env['customer.competitor'].create({'name': "Rival"})

    def _note(self, name="Slow answers", **vals):
        return self.env['customer.insight'].create({'partner_id': self.blue.id, 'name': name, **vals})

    def _threat(self, level='3', **vals):
        return self._note("Offers less", kind='competitor', competitor_id=self.rival.id, threat=level, **vals)

    def _fact(self, name, start='2026-03-01', stop='2026-03-31'):
        facts = self.env['customer.fact'].sudo()
        spans = [Span(self.blue.id, self.blue.id, fields.Date.to_date(start), fields.Date.to_date(stop))]
        found, problems = facts._measure({name: (name, {'window_days': 30}, spans)})
        self.assertFalse(problems)
        row = found[name].get(self.blue.id)
        return row and (row.value, facts._say(name, facts._get(name), row, {'window_days': 30, 'today': None}))

    def test_pro_4_dated_with_author(self):
        """PRO-4: who noted what, when; settled with a day and how; taken up again."""
        with self._on('2026-03-02'):
            insight = self.env['customer.insight'].with_user(self.anna).create({
                'partner_id': self.person.id, 'name': "No figures", 'contact_id': self.person.id})
            self.assertRecordValues(insight, [{
                'partner_id': self.blue.id, 'kind': 'pain', 'state': 'open', 'user_id': self.anna.id,
                'date': fields.Date.to_date('2026-03-02')}])
        with self._on('2026-03-09'):
            insight.settled_how = "Release 4"
            insight.action_settle()
            insight.action_settle()
            self.assertRecordValues(insight, [{
                'state': 'settled', 'settled_on': fields.Date.to_date('2026-03-09'), 'settled_how': "Release 4",
                'settled_by_id': self.anna.id}])
        with self._on('2026-03-20'):
            insight.write({'state': 'settled', 'name': "No figures yet"})
            self.assertEqual(insight.settled_on, fields.Date.to_date('2026-03-09'), "settled then")
            insight.action_reopen()
            self.assertFalse(insight.settled_on or insight.settled_how or insight.settled_by_id)

    def test_pro_4_refused(self):
        """PRO-4: bad input is refused in words."""
        with self.assertRaisesRegex(ValidationError, "which competitor it is"):
            self._note("Offers less", kind='competitor')
        with self.assertRaisesRegex(ValidationError, "it needs a name"):
            self.env['customer.competitor'].create({'name': "  "})
        with self._refused("already a competitor with this name"):
            self.env['customer.competitor'].create({'name': " RIVAL "})
        with self.assertRaisesRegex(ValidationError, "not with Red"):
            self.env['customer.insight'].create({'partner_id': self.red.id, 'name': "x", 'contact_id': self.person.id})
        with self.assertRaisesRegex(ValidationError, "in the future"):
            self._note(date='2100-01-01')
        with self.assertRaisesRegex(ValidationError, "before it was noted"):
            self._note(date='2026-03-02', state='settled', settled_on='2026-03-01')
        insight = self._note()
        with self.assertRaisesRegex(AccessError, "kept by themselves"):
            insight.with_user(self.anna).settled_by_id = self.ben
        with self.assertRaisesRegex(AccessError, "kept by themselves"):
            insight.with_user(self.anna).followup_id = False
        with self.assertRaisesRegex(UserError, "something that was settled"):
            insight.action_reopen()
        self.assertFalse(self._note(kind='pain', threat='3').threat, "a threat is one by a competitor")
        self.assertEqual(self._note(competitor_id=self.rival.id).kind, 'competitor')

    def test_pro_4_people_by_role(self):
        """PRO-4, PLT-2: who works with the customer, the leader, a manager; no other, and nobody of another company."""
        insight = self._note()
        for user, may in ((self.anna, True), (self.lena, True), (self.mara, True), (self.otto, False), (self.zoe, False)):
            self.assertEqual(bool(insight.with_user(user).search([('id', '=', insight.id)])), may, user.name)
            if may:
                insight.with_user(user).name = user.name
            else:
                with self.assertRaises(AccessError):
                    insight.with_user(user).create({'partner_id': self.blue.id, 'name': "x"})
        self.assertTrue(self.env['customer.competitor'].with_user(self.anna).create({'name': "New"}))
        with self.assertRaises(AccessError):
            self.rival.with_user(self.anna).unlink()

    def test_pro_4_competitors_are_one(self):
        """PRO-4: competitors that are one become one, with what was noted of all customers."""
        other = self.env['customer.competitor'].create({'name': "Rival Ltd", 'answer': "Price"})
        insights = self._threat(), self.env['customer.insight'].create({
            'partner_id': self.red.id, 'name': "x", 'competitor_id': other.id})
        (other | self.rival).with_user(self.mara).action_merge()
        self.assertFalse(other.exists())
        self.assertEqual([insight.competitor_id for insight in insights], [self.rival] * 2)
        self.assertEqual((self.rival.name, self.rival.answer, self.rival.open_count), ("Rival", "Price", 2))

    def test_pro_4_logged(self):
        """PRO-4, CAD-5: a need and a problem that are logged are insights, linked to the contact; nothing else is one."""
        insights = self.env['customer.insight']
        with self._on('2026-03-02'):
            self._log(self.blue.with_user(self.anna), outcome='need', feedback="A second line\nin Poland", contact=self.person)
            self._log(self.blue, outcome='problem', feedback="The pump stops")
            for outcome, said in (('satisfied', "Fine"), ('neutral', "Hello"), ('no_answer', "Voicemail"), ('need', "  ")):
                self._log(self.blue, outcome=outcome, feedback=said)
            found = insights.search([('partner_id', '=', self.blue.id)], order='id')
            self.assertRecordValues(found, [
                {'kind': 'need', 'name': "A second line", 'note': "in Poland", 'contact_id': self.person.id,
                 'user_id': self.anna.id, 'date': fields.Date.to_date('2026-03-02')},
                {'kind': 'pain', 'name': "The pump stops", 'note': False, 'contact_id': False,
                 'user_id': self.env.uid, 'date': fields.Date.to_date('2026-03-02')}])
            self.assertEqual(found.followup_id.mapped('outcome'), ['need', 'problem'])

    def test_pro_4_log_dialog(self):
        """PRO-4, CAD-5: the dialog asks for a competitor by name, and keeps what was said once."""
        action = self.blue.with_user(self.anna).action_customer_log()
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(**action['context']))
        form.feedback = "They have an offer of Rival"
        self.assertFalse(form.insight_kind)
        form.outcome = 'need'
        self.assertEqual(form.insight_kind, 'need')
        form.outcome = 'neutral'
        self.assertFalse(form.insight_kind)
        form.insight_kind = 'competitor'
        form.competitor_id, form.competitor_threat = self.rival, '3'
        form.save().action_done()
        self.assertRecordValues(self.blue.customer_insight_ids, [{
            'kind': 'competitor', 'competitor_id': self.rival.id, 'threat': '3', 'name': "They have an offer of Rival"}])
        wizard = self.env['customer.followup.log'].with_user(self.anna).create({
            'partner_id': self.blue.id, 'channel_id': self.call.id, 'insight_kind': 'competitor', 'feedback': "x"})
        with self.assertRaisesRegex(ValidationError, "which competitor it is"):
            wizard.action_done()

    def test_pro_4_facts(self):
        """PRO-4, HEA-3: pain_points, open_pain_points, competitor_threat, news_silence, on the days asked about."""
        self.assertIsNone(self._fact('competitor_threat'))
        self.assertIsNone(self._fact('news_silence'))
        self.assertEqual(self._fact('pain_points')[0], 0)
        with self._on('2026-03-31'):
            first = self._note("Slow", date='2026-03-02')
            self._note("Old", date='2026-02-28', kind='need')
            self._note("Market", date='2026-03-20', kind='market')
            weak = self._threat('1', date='2026-03-05', offers="Half the price")
            strong = self._threat('2', date='2026-03-04')
            self.assertEqual(self._fact('pain_points')[0], 1)
            self.assertEqual(self._fact('open_pain_points'), (2, "2 pain points are open, the oldest since 02/28/2026: Old"))
            self.assertEqual(self._fact('competitor_threat'), (2, "Rival, threat Medium since 03/04/2026"))
            self.assertEqual(self._fact('news_silence'), (11, "Nothing new noted for 11 days, last on 03/20/2026"))
            strong.write({'state': 'settled', 'settled_on': '2026-03-10'})
            self.assertEqual(
                self._fact('competitor_threat'), (1, "Rival, threat Low since 03/05/2026: Half the price"))
            self.assertEqual(self._fact('competitor_threat', stop='2026-03-09')[0], 2, "it was open then")
            weak.action_settle()
            first.write({'state': 'settled', 'settled_on': '2026-03-03'})
            self.assertIsNone(self._fact('competitor_threat'))
            self.assertEqual(self._fact('open_pain_points')[1], "Open since 02/28/2026: Old")
            self.assertEqual(self._fact('pain_points')[0], 1, "settled ones are on file")

    def test_pro_4_warning(self):
        """PRO-4, HEA-3: a high threat raises a warning by the shipped rule, and settling it ends that."""
        rule = self.env.ref('customer_success.customer_warning_rule_competitor')
        self.env['customer.warning.rule'].search([('id', '!=', rule.id)]).action_archive()

        def watch():
            self.env['customer.warning.rule'].search([]).evaluated_on = False  # another night
            self.env['customer.warning.monitor']._evaluate('fact_competitor_threat')
            self.env.invalidate_all()

        insight = self._threat('2')
        watch()
        self.assertFalse(self.blue.customer_warning_ids)
        insight.threat = '3'
        watch()
        self.assertEqual(self.blue.customer_warning_ids.mapped('state'), ['open'])
        self.assertIn("Rival, threat High", self.blue.customer_warning_ids.reason)
        insight.action_settle()
        watch()
        watch()
        self.assertEqual(self.blue.customer_warning_ids.outcome, 'cleared')

    def test_pro_4_found_and_grouped(self):
        """PRO-4: customers are found by what is open, and insights grouped by competitor."""
        self._threat()
        customers = self.env['res.partner'].search([
            ('customer_insight_ids', 'any', [('state', '=', 'open'), ('threat', 'in', ('2', '3'))])])
        self.assertIn(self.blue, customers)
        self.assertNotIn(self.red, customers)
        self.assertEqual(self.env['customer.insight']._read_group(
            [('partner_id', '=', self.blue.id)], ['competitor_id'], ['__count']), [(self.rival, 1)])

    def test_pro_4_panel_and_causes(self):
        """PRO-4, STR-3: the form shows what is open; a proposal begins with it as its root cause."""
        with self._on('2026-03-02'):
            self._note("Slow")
            self._threat(offers="Half the price")
            self._note("Done").action_settle()
            panel = self.env['customer.insight'].with_user(self.anna)._panel(self.blue)
            self.assertEqual([line['text'] for line in panel['insights']], [
                "Rival · Offers less · Half the price · threat: High", "Slow"])
            self.assertEqual(self.env['customer.insight']._causes(self.blue), {self.blue: (
                "Competitor (03/02/2026): Rival · Offers less · Half the price · threat: High\nPain point (03/02/2026): Slow")})
            strategy = self.env['customer.strategy'].create({
                'partner_id': self.blue.id, 'company_id': self.env.company.id, 'user_id': self.anna.id, 'core_approach': "x",
                'state': 'active', 'date_start': '2026-03-01', 'date_end': '2026-05-31'})
            adjustment = self.env['customer.strategy.adjustment'].create({'strategy_id': strategy.id})
            self.assertIn("Rival · Offers less", adjustment.root_cause)
