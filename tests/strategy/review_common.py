"""Customers with strategies, and what happened to them in a month."""
from odoo import Command

from ..common import CustomerCase

#: Reviews of these tests look back at this month, from the first Monday after it.
START, STOP, TODAY = '2026-03-01', '2026-03-31', '2026-04-06'


class ReviewCase(CustomerCase):
    """Figures are written as the nightly jobs leave them behind; nobody has customers but those that a test makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.env['res.partner'].search([('customer_managed_since', '!=', False)]).customer_managed_since = False
        cls.env['customer.review'].search([]).plan_id = False
        cls.env['customer.review'].search([]).unlink()
        cls.env['customer.review.plan'].search([]).active = False
        cls.grades = cls.env['customer.strategy.grade']
        cls.grades.search([]).filtered(lambda grade: grade.minimum not in (100, 90, 60, 0)).unlink()
        for name, minimum in (("excellent", 100), ("good", 90), ("fair", 60), ("poor", 0)):
            grade = cls.grades.search([('minimum', '=', minimum)]) or cls.grades.create({
                'name': name, 'minimum': minimum})
            grade.write({'name': name, 'is_failure': not minimum})
            cls.grades += grade
        cls.excellent, cls.good, cls.fair, cls.poor = cls.grades
        cls.repurchase, cls.complaints = cls.env['customer.kpi'].create([
            {'name': "Test repurchase rate", 'unit': 'percent', 'better': 'higher'},
            {'name': "Test complaints", 'unit': 'percent', 'better': 'lower'}])

    @classmethod
    def _old_customer(cls, name, **vals):
        """Return a customer of Anna's who came years ago."""
        with_date = cls._customer(name, **vals)
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE res_partner SET customer_managed_since = '2020-01-01' WHERE id = %s", (with_date.id,))
        cls.env.invalidate_all()
        return with_date

    @classmethod
    def _running(cls, partner, *kpis, grade=None, attainment=0, **vals):
        """Return a strategy with KPIs (definition, target, actual, attainment), measured at the end of March.

        :param grade: customer.strategy.grade it has
        """
        strategy = cls.env['customer.strategy'].create({
            'partner_id': partner.id, 'company_id': cls.env.company.id, 'user_id': partner.user_id.id,
            'core_approach': "Keep in touch", 'date_start': '2026-01-12', 'date_end': '2026-04-11', 'state': 'active',
            'kpi_ids': [Command.create({
                'kpi_id': kpi.id, 'target': target, 'actual': actual, 'has_actual': True, 'attainment': reached,
            }) for kpi, target, actual, reached in kpis],
            **vals})
        # new KPIs are judged at once, by the rule
        strategy.write({
            'effect_id': grade and grade.id, 'grade_id': grade and grade.id, 'attainment': attainment,
            'measured_on': STOP, 'known_percent': 100})
        return strategy

    @classmethod
    def _milestone(cls, strategy, name, date, done_on=False):
        """Return a milestone of a strategy."""
        return cls.env['customer.strategy.milestone'].create({
            'strategy_id': strategy.id, 'name': name, 'date': date, 'done_on': done_on})

    @classmethod
    def _adjustment(cls, strategy, **vals):
        """Return an adjustment of a strategy in any state."""
        number = vals.pop('name', "ADJ/1")
        adjustment = cls.env['customer.strategy.adjustment'].create({'strategy_id': strategy.id, **vals})
        adjustment.name = number
        return adjustment

    @classmethod
    def _health(cls, partner, *stretches):
        """Set the health of a customer: pairs of first day and score, the oldest first."""
        cls.env['customer.health.snapshot'].search([('partner_id', '=', partner.id)]).unlink()
        for place, (day, score) in enumerate(stretches):
            last = place + 1 == len(stretches)
            cls.env['customer.health.snapshot'].create({
                'partner_id': partner.id, 'date': day, 'state': 'scored', 'score': score, 'computed': score,
                'uncapped': score, 'band': 'risk' if score < 50 else 'watch' if score < 75 else 'healthy',
                'coverage': 100, 'parts': {},
                'date_end': False if last else cls._day_before(stretches[place + 1][0])})

    @classmethod
    def _day_before(cls, day):
        cls.env.cr.execute("SELECT %s::date - 1", (day,))
        return cls.env.cr.fetchone()[0]

    @classmethod
    def _warn(cls, partner, date, **vals):
        """Return a warning of a customer, raised on a day."""
        return cls.env['customer.warning'].create({
            'partner_id': partner.id, 'signal': 'score_level', 'level': '2', 'date': date, **vals})

    def _review(self, **vals):
        """Return a review of Anna's customers in March, without findings."""
        return self.env['customer.review'].create({
            'user_id': self.anna.id, 'date_start': START, 'date_end': STOP, 'company_id': self.env.company.id, **vals})

    def _draft(self, review=None, day=TODAY):
        """Draft a review on a day and return the texts of its findings in their order."""
        review = review or self._review()
        with self._on(day):
            failed = review._draft_lines()
        self.assertEqual((failed, review.problem), (0, False))
        return review.line_ids.sorted(lambda line: (
            ('success', 'shortfall', 'point').index(line.kind), line.sequence)).mapped('text')
