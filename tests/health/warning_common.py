"""Customers with a history, and rules that watch them."""
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields

from ..common import CustomerCase

DAY = timedelta(days=1)
START = fields.Date.to_date('2026-03-02')  # a Monday


class WarningCase(CustomerCase):
    """One customer of Anna's, and no rule of warnings or of next best actions but those that a test makes.

    Scores are made of two measures of the same weight, *Rhythm* and *Payment*; where a test says nothing else, both have the
    points of the score.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the scores of these tests are given, not measured: a judgement entered meanwhile makes none
        cls.startClassPatcher(patch.object(
            type(cls.env['customer.health.refresh']), '_refresh', lambda model, partner_ids=None: {'rows': 0}))
        cls.env['customer.health.snapshot'].search([]).unlink()
        cls.env['customer.warning'].search([]).unlink()
        cls.env['customer.warning.rule'].search([]).active = False
        # each night asks whether all of these can be looked up
        cls.env['customer.action.rule'].search([]).active = False
        cls.group = cls.env['customer.health.group'].create({'name': "Test group"})
        cls.rhythm, cls.payment = cls.env['customer.health.measure'].create([
            {'name': name, 'group_id': cls.group.id, 'source': 'payment',
             'band_ids': [Command.create({'value_from': 0, 'points': 0})]} for name in ("Rhythm", "Payment")])
        cls.card = cls.env['customer.health.scorecard'].create({
            'name': "Test card", 'line_ids': [Command.create({'measure_id': cls.rhythm.id})]})
        cls.rules, cls.other_rules = cls.env['customer.health.rules'].create([
            {'date': START, 'fingerprint': str(weights), 'rules': cls._rules_json(*weights)}
            for weights in ((50, 50), (90, 10))])
        cls.customer = cls._customer("Watched")
        cls.plan = cls.env.ref('customer_success.customer_warning_plan_trust')
        cls.allowed_problems = cls.env['customer.warning.rule']

    def tearDown(self):
        """What a rule can't do must not pass unnoticed."""
        problems = self.env['customer.warning.rule'].search([('problem', '!=', False)]) - self.allowed_problems
        self.assertEqual(problems.mapped('problem'), [])
        super().tearDown()

    @classmethod
    def _rules_json(cls, *weights):
        """Return health rules in which a value is as many points, with weights of the two measures."""
        measures = [str(measure.id) for measure in cls.rhythm + cls.payment]
        return {
            'measures': {key: {
                'name': key, 'group': cls.group.id, 'bands': [[number / 10, number / 10] for number in range(1001)],
                'validity': 0, 'policy': 'leave_out'} for key in measures},
            'cards': {str(cls.card.id): {
                'name': "Test card", 'weights': dict(zip(measures, weights, strict=True)), 'healthy': 75, 'watch': 50,
                'coverage': 0, 'groups': 1}},
            'caps': [],
        }

    @classmethod
    def _rule(cls, signal='score_level', threshold=50, **vals):
        """Return a rule of level orange, which needs two evaluations."""
        return cls.env['customer.warning.rule'].create({
            'name': f'{signal} {threshold}', 'signal': signal, 'threshold': threshold, 'level': '2', **vals})

    @classmethod
    def _part(cls, points, weight=50, status='known'):
        return {'w': weight, 'p': points if status == 'known' else None, 'v': points, 'd': None, 's': status,
                'g': cls.group.id, 'i': False}

    @classmethod
    def _history(cls, partner, scores, rules=None, **vals):
        """Continue the health of a customer: from each day on it is so.

        :param scores: pairs of day and score, or of day and the points of the two measures (None: stale)
        """
        snapshots = cls.env['customer.health.snapshot'].sudo()
        for day, points in scores:
            pair = points if isinstance(points, tuple) else (points, points)
            known = {measure: number for measure, number in zip((cls.rhythm, cls.payment), pair, strict=True)
                     if number is not None}
            weights = (rules or cls.rules).rules['cards'][str(cls.card.id)]['weights']
            weights = {measure: weights[str(measure.id)] for measure in known}
            score = sum(weights[measure] * number for measure, number in known.items()) / sum(weights.values())
            day = fields.Date.to_date(day)
            snapshots.search([('partner_id', '=', partner.id), ('date_end', '=', False)]).date_end = day - DAY
            cls.env.flush_all()
            snapshots.create({
                'partner_id': partner.id, 'date': day, 'state': 'scored', 'score': score, 'computed': score,
                'uncapped': score, 'band': 'risk' if score < 50 else 'watch' if score < 75 else 'healthy', 'coverage': 100,
                'rules_id': (rules or cls.rules).id, 'scorecard_id': cls.card.id,
                'parts': {str(measure.id): cls._part(number, status='stale' if number is None else 'known')
                          for measure, number in zip((cls.rhythm, cls.payment), pair, strict=True)}, **vals})
        cls.env.flush_all()

    def _watch(self, day, hour=2):
        """Let the night of a day pass."""
        with self._on(day, hour):
            self._run_cron('warn')

    def _live(self, scores, partner=None, **vals):
        """Let days go by, each with a score and its night."""
        for day, score in scores:
            self._history(partner or self.customer, [(day, score)], **vals)
            self._watch(day)

    def _warnings(self, partner=None, **vals):
        """Return the warnings of a customer, the first one first."""
        domain = [('partner_id', '=', (partner or self.customer).id), *((name, '=', value) for name, value in vals.items())]
        return self.env['customer.warning'].search(domain, order='id')

    @classmethod
    def _raised(cls, partner=None, signal='score_level', level='2', **vals):
        """Return a warning that is there, as the night would have raised it."""
        partner = partner or cls.customer
        rule = cls._rule(signal, level=level, plan_id=cls.plan.id)
        return cls.env['customer.warning.monitor']._raise([{
            'partner_id': partner.id, 'signal': signal, 'user_id': partner.user_id.id, 'rule_id': rule.id, 'level': level,
            'threshold': 50, 'value': 43, 'detail': {'before': 60}, 'plan_id': cls.plan.id, **vals}])
