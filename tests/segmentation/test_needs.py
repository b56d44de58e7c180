"""Leads have a needs grade that follows from three answers, and says why (SEG-6)."""
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from odoo.addons.customer_success.engine import needs
from odoo.addons.customer_success.tests.common import CustomerCase


class NeedsCase(CustomerCase):
    """Leads of Anna and Otto, and the shipped rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ref = cls.env.ref
        cls.month, cls.quarter, cls.later = (
            ref(f'customer_success.customer_needs_urgency_{name}') for name in ('month', 'quarter', 'later'))
        cls.much, cls.some, cls.little = (
            ref(f'customer_success.customer_needs_importance_{name}') for name in ('high', 'mid', 'low'))
        cls.fits, cls.partly, cls.misfit = (
            ref(f'customer_success.customer_needs_fit_{name}') for name in ('high', 'partial', 'low'))
        cls.grade_a, cls.grade_b, cls.grade_c = (
            ref(f'customer_success.customer_needs_grade_{name}') for name in 'abc')
        cls.lead = cls._lead("Line for bottles")

    @classmethod
    def _lead(cls, name, urgency=None, importance=None, fit=None, **vals):
        """Return a lead of Anna, without company and contact unless said so."""
        return cls.env['crm.lead'].create({
            'name': name, 'user_id': cls.anna.id, 'type': 'opportunity',
            'customer_urgency_id': urgency.id if urgency else False,
            'customer_importance_id': importance.id if importance else False,
            'customer_fit_id': fit.id if fit else False, **vals})

    @classmethod
    def _graded(cls, name="Graded", grade='a', **vals):
        """Return a lead with the answers of a grade."""
        answers = {'a': (cls.month, cls.much, cls.fits), 'b': (cls.quarter, cls.some, cls.partly),
                   'c': (cls.later, cls.little, cls.misfit)}[grade]
        return cls._lead(name, *answers, **vals)


class TestNeedsGrade(NeedsCase):

    def test_seg_6_all_answers(self):
        """SEG-6, K1: each of the 27 sets of answers has one grade, the one that the engine gives; an incomplete one none."""
        answers = self.env['customer.needs.answer'].search([])
        by_question = {question: answers.filtered(lambda answer, q=question: answer.question == q)
                       for question in ('urgency', 'importance', 'fit')}
        rules = [(grade.id, grade.minimum) for grade in self.grade_a + self.grade_b + self.grade_c]
        sets = [(urgency, importance, fit) for urgency in by_question['urgency']
                for importance in by_question['importance'] for fit in by_question['fit']]
        self.assertEqual(len(sets), 27)
        for number, answered in enumerate(sets):
            lead = self._lead(f"Lead {number}", *answered)
            total, grade_id = needs.grade([answer.points for answer in answered], rules)
            self.assertEqual((lead.customer_points, lead.customer_grade_id.id), (total, grade_id))
            lead.customer_fit_id = False
            self.assertFalse(lead.customer_grade_id, "half an answer has no grade")

    def test_seg_6_importance_by_amount(self):
        """SEG-6: the importance follows the expected value, on every boundary; without one it is what a person says."""
        lead = self._lead("By amount", self.month, self.little, self.fits)
        self.assertEqual((lead.customer_importance_id, lead.customer_grade_id), (self.little, self.grade_b), "7 points")
        for amount, importance in (
                (0.01, self.little), (99999.99, self.little), (100000, self.some), (499999.99, self.some),
                (500000, self.much), (10**8, self.much)):
            lead.expected_revenue = amount
            self.assertEqual(lead.customer_importance_id, importance, amount)
        self.assertEqual(lead.customer_grade_id, self.grade_a, "9 points")
        lead.expected_revenue = 0
        lead.customer_importance_id = self.some
        self.assertEqual(lead.customer_points, 8, "nothing is known: the person says it")
        lead.expected_revenue = -500
        self.assertEqual(lead.customer_importance_id, self.some, "less than nothing is not known either")

    def test_seg_6_old_leads_stay_ungraded(self):
        """SEG-6: an expected value alone grades nobody."""
        lead = self._lead("Old", expected_revenue=900000)
        self.assertFalse(lead.customer_importance_id or lead.customer_grade_id)
        self.env['customer.needs.grader']._grade('rules')
        self.assertFalse(lead.customer_importance_id or lead.customer_grade_id or lead.customer_grade_change_ids)

    def test_seg_6_another_currency(self):
        """SEG-6: the value of a lead of another company counts in the main currency; without a rate it is not known, in
        words."""
        currency = self.env['res.currency'].create({'name': 'QQQ', 'symbol': 'Q', 'rate_ids': [
            Command.create({'name': '2020-01-01', 'rate': 4, 'company_id': False})]})
        self.company_2.currency_id = currency
        lead = self._lead("Abroad", self.month, None, self.fits, company_id=self.company_2.id, user_id=self.zoe.id,
                          expected_revenue=400000)
        self.assertEqual(lead.customer_need_value, 100000, "at 4 for 1")
        self.assertEqual(lead.customer_importance_id, self.some)
        other = self.env['res.currency'].create({'name': 'QQX', 'symbol': 'X'})
        self.company_2.currency_id = other
        strange = self._lead("Far abroad", self.month, None, self.fits, company_id=self.company_2.id, user_id=self.zoe.id,
                             expected_revenue=400000)
        self.assertFalse(strange.customer_grade_id)
        self.assertIn("no exchange rate for QQX", strange.customer_grade_note)
        self.env['res.currency.rate'].create({
            'currency_id': other.id, 'name': '2020-01-01', 'rate': 0.5, 'company_id': False})
        self.assertEqual(self.env['customer.needs.grader']._refresh(), 1, "taken up by night")
        self.assertEqual((strange.customer_need_value, strange.customer_grade_id), (800000, self.grade_a))

    def test_seg_6_sentence(self):
        """SEG-6: the grade says how it adds up, and what is missing."""
        lead = self._graded()
        self.assertIn("A, points: 9 of 9", lead.customer_grade_note)
        self.assertIn("Urgency 3 (Within a month)", lead.customer_grade_note)
        self.assertIn("A begins at 8", lead.customer_grade_note)
        lead.customer_urgency_id = False
        self.assertIn("Still missing: Urgency", lead.customer_grade_note)
        self.assertIn("answer how urgent", self.lead.customer_grade_note)

    def test_seg_6_history(self):
        """SEG-6: each change is kept with date, before, after and cause."""
        with self._on('2026-03-02'):
            lead = self._graded(grade='c')
        with self._on('2026-03-20'):
            lead.with_user(self.anna).write({
                'customer_urgency_id': self.month.id, 'customer_importance_id': self.much.id, 'customer_fit_id': self.fits.id})
            lead.name = "Another name"
        changes = lead.customer_grade_change_ids.sorted('id')
        self.assertEqual([(str(c.date), c.old_grade_id.name, c.new_grade_id.name, c.cause, c.points) for c in changes], [
            ('2026-03-02', False, 'C', 'answers', 3), ('2026-03-20', 'C', 'A', 'answers', 9)])
        self.assertEqual(changes[1].user_id, self.anna)
        self.assertEqual(str(lead.customer_grade_since), '2026-03-20')

    def test_seg_6_by_hand(self):
        """SEG-6: a grade by hand holds until its last day, with its reason; then the answers decide."""
        with self._on('2026-03-02'):
            lead = self._graded(grade='c')
            action = lead.with_user(self.anna).action_customer_grade()
            wizard = self.env['customer.needs.manual'].with_user(self.anna).with_context(**action['context'])
            with self.assertRaisesRegex(ValidationError, "say why"):
                wizard.create({'grade_id': self.grade_a.id}).action_set()
            with self.assertRaisesRegex(ValidationError, "is past"):
                wizard.create({'grade_id': self.grade_a.id, 'reason': "x", 'until': '2026-03-01'}).action_set()
            wizard.create({'grade_id': self.grade_a.id, 'reason': "The board asked", 'until': '2026-03-10'}).action_set()
            self.assertEqual(lead.customer_grade_id, self.grade_a)
            self.assertIn("A by hand until 03/10/2026: The board asked", lead.customer_grade_note)
            lead.customer_fit_id = self.partly
            self.assertEqual((lead.customer_grade_id, lead.customer_points), (self.grade_a, 4), "the answers go on")
        with self._on('2026-03-10'):
            self.env['customer.needs.grader']._refresh()
            self.assertEqual(lead.customer_grade_id, self.grade_a, "its last day")
        with self._on('2026-03-11'):
            self.env['customer.needs.grader']._refresh()
            self.assertEqual((lead.customer_grade_id, lead.customer_grade_manual_id.id), (self.grade_c, False))
        self.assertEqual(lead.customer_grade_change_ids.sorted('id').mapped('cause'), ['answers', 'manual', 'expired'])

    def test_seg_6_changed_rules(self):
        """SEG-6: leads follow the rules as soon as they change, and only those that change are written."""
        seven = self._lead("Seven", self.month, self.some, self.partly)
        nine = self._graded("Nine")
        before = nine.write_date
        self.assertEqual(seven.customer_grade_id, self.grade_b)
        self.grade_a.minimum = 7
        self.assertEqual(seven.customer_grade_id, self.grade_a)
        self.assertEqual(seven.customer_grade_change_ids.sorted('id')[-1].cause, 'rules')
        self.assertEqual(nine.write_date, before)
        self.some.minimum = 200000
        amount = self._lead("Amount", self.month, None, self.fits, expected_revenue=150000)
        self.assertEqual(amount.customer_importance_id, self.little)
        self.some.minimum = 150000
        self.assertEqual(amount.customer_importance_id, self.some)

    def test_seg_6_bad_rules(self):
        """SEG-6: rules that contradict each other are refused in words; those in use stay."""
        with self._refused("begin at the same points"):
            self.grade_a.minimum = 6
        with self._refused("begin at the same expected value"):
            self.much.minimum = 100000
        with self._refused("0 to 1,000 points"):
            self.much.points = -1
        self._graded()
        with self.assertRaisesRegex(UserError, "(one lead has|leads have) it"):
            self.grade_a.unlink()
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            self.month.unlink()
        with self.assertRaisesRegex(ValidationError, "no answer to the question"):
            self.lead.customer_urgency_id = self.fits

    def test_seg_6_form(self):
        """SEG-6: the form shows what follows before it is saved."""
        with Form(self.lead.with_user(self.anna)) as form:
            form.expected_revenue = 600000
            form.customer_urgency_id = self.month
            self.assertEqual(form.customer_importance_id, self.much)
            self.assertIn("Still missing: Fit", form.customer_grade_note)
            form.customer_fit_id = self.fits
            self.assertIn("A, points: 9", form.customer_grade_note)
            form.customer_core_need = "Bottles without a stop"
        self.assertEqual(self.lead.customer_grade_id, self.grade_a)

    def test_seg_6_merge(self):
        """SEG-6, PLT-2: merged leads lose no answer, no word and no history."""
        first = self._graded("First", grade='b', customer_core_need="Speed", probability=80)
        second = self._lead("Second", None, None, self.fits, customer_core_need="Quiet", customer_solution="Type 4")
        second._customer_set_grade(self.grade_a, "The board", False)
        history = (first | second).customer_grade_change_ids
        merged = (first | second)._merge_opportunity()
        self.assertEqual(merged, first)
        self.assertEqual(merged.customer_core_need, "Speed\nQuiet")
        self.assertEqual(merged.customer_solution, "Type 4")
        self.assertEqual((merged.customer_grade_id, merged.customer_points), (self.grade_a, 6))
        self.assertLessEqual(history, merged.customer_grade_change_ids)

    @users('anna')
    def test_seg_6_kept(self):
        """SEG-6, PLT-2: what follows from the answers is nobody's to write, not by RPC and not by import."""
        lead = self.lead.with_user(self.env.user)
        for values in ({'customer_grade_id': self.grade_a.id}, {'customer_points': 9},
                       {'customer_grade_manual_id': self.grade_a.id}, {'customer_grade_since': '2026-01-01'}):
            with self.assertRaisesRegex(AccessError, "kept by the grading"):
                lead.write(values)
            with self.assertRaisesRegex(AccessError, "kept by the grading"):
                lead.create({'name': "New", **values})
        result = lead.load(['name', 'customer_grade_id'], [["Imported", "A"]])
        self.assertTrue(result['messages'])

    def test_seg_6_rights(self):
        """SEG-6, PLT-2: own leads, all leads, companies: history and report show what the leads show."""
        own, other = self._graded("Own"), self._graded("Of Otto", user_id=self.otto.id)
        far = self._graded("Far", user_id=self.zoe.id, company_id=self.company_2.id)
        (own | other | far).flush_recordset()
        for user, leads in ((self.anna, own), (self.otto, other), (self.zoe, far)):
            for model in ('customer.needs.grade.change', 'customer.needs.report'):
                seen = self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids).search([])
                self.assertEqual(seen.lead_id & (own | other | far), leads, (user.name, model))
        self.mara.group_ids += self.env.ref('sales_team.group_sale_salesman_all_leads')
        seen = self.env['customer.needs.grade.change'].with_user(self.mara).search([])
        self.assertEqual(seen.lead_id & (own | other | far), own | other)
        for model in ('customer.needs.grade.change', 'customer.needs.report'):
            for user, leads in ((self.lena, own), (self.li, other), (self.nils, None)):
                rows = self.env[model].with_user(user)
                if leads:
                    self.assertEqual(rows.search([]).lead_id & (own | other | far), leads)
                else:
                    self.assertFalse(rows.has_access('read'))
        with self.assertRaises(AccessError):
            other.with_user(self.anna)._customer_set_grade(self.grade_c, "Mine", False)
        with self.assertRaises(AccessError):
            self.grade_a.with_user(self.anna).minimum = 1

    def test_seg_6_report(self):
        """SEG-6, K3: conversion is won of all, with n; those still open count as not won yet."""
        team = self.env['crm.team'].create({'name': "Report"})
        leads = self.env['crm.lead'].concat(*(self._graded(f"R{n}", team_id=team.id, expected_revenue=600000) for n in range(4)))
        leads[0].action_set_won()
        leads[1].action_set_lost()
        self._graded("R c", 'c', team_id=team.id).action_set_won()
        rows = self.env['customer.needs.report']._read_group(
            [('team_id', '=', team.id)], ['grade_id'], ['conversion:avg', 'count:sum', 'won:sum', 'value:sum'])
        self.assertEqual(rows, [(self.grade_a, 25.0, 4, 1, 2400000.0), (self.grade_c, 100.0, 1, 1, False)])
        self.assertEqual(rows[0][1], 100 * 1 / 4)

    def test_seg_6_many(self):
        """SEG-6, PLT-3: many leads are graded by the same few statements as few."""
        self.env['res.partner'].search([], limit=1)
        for count in (1, 2, 40):  # the first one reads what is kept afterwards
            leads = self.env['crm.lead'].concat(*(self._lead(f"Q{n}") for n in range(count)))
            self.env.flush_all()
            leads.write({'customer_urgency_id': self.month.id, 'customer_importance_id': self.much.id})
            self.env.flush_all()
            self.env.cr.execute("SELECT 1")
            before = self.env.cr.sql_log_count
            leads.write({'customer_fit_id': self.fits.id})
            self.env.flush_all()
            spent = self.env.cr.sql_log_count - before
            self.assertEqual(leads.customer_grade_id, self.grade_a)
            self.assertLessEqual(spent, 25 if count > 1 else 100, count)
