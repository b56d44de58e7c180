"""A strategy of Anna's customer, and proposals to change it."""
from freezegun import freeze_time

from odoo import Command, fields

from .strategy_common import StrategyCase


class AdjustmentCase(StrategyCase):
    """``strategy`` is that of Anna's customer: repurchase ≥ 80 % (85 %), satisfaction ≥ 90 % (88 %).

    It is noon of Monday, 2 March 2026, in all time zones of these tests the same day.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time('2026-03-02 12:00:00')
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.repurchase = cls._kpi("Agreed repurchase", target=80)
        cls.satisfaction = cls._kpi("Agreed satisfaction", target=90)
        cls.orders = cls._kpi("Agreed orders", target=2, unit='count')
        cls.strategy = cls._strategy(cls.customer, (cls.repurchase, 80, 85), (cls.satisfaction, 90, 88))
        cls.why = cls.env.ref('customer_success.customer_adjustment_reason_missed')
        cls.price, cls.approach = (
            cls.env.ref(f'customer_success.customer_adjustment_kind_{name}') for name in ('price', 'approach'))

    @classmethod
    def _content(cls, **vals):
        """Return what a proposal needs to be submitted; it changes the approach, today."""
        return {
            'reason_id': cls.why.id, 'reason': "Satisfaction fell", 'root_cause': "Slow answers",
            'kind_ids': [Command.set(cls.approach.ids)], 'core_approach': "Answer within a day",
            'expected_effect': "Satisfaction above 90", 'feasibility': 'high', 'date': fields.Date.context_today(cls.customer),
            **vals,
        }

    @classmethod
    def _adjustment(cls, user=None, strategy=None, state='draft', by=None, **vals):
        """Return a proposal that a user (Anna) wrote, submitted and, if asked for, approved (by Lena)."""
        strategy = (strategy or cls.strategy).with_user(user or cls.anna)
        adjustment = cls.env['customer.strategy.proposer']._propose_adjustment(strategy, cls._content(**vals))
        if state != 'draft':
            adjustment.action_submit()
        if state == 'approved':
            adjustment.with_user(by or cls.lena).action_approve()
        cls.env.flush_all()
        return adjustment.with_env(cls.env)

    @classmethod
    def _inform(cls, adjustment, user=None, **vals):
        """Let a user (Anna) note that the customer was told."""
        cls.env['customer.adjustment.inform'].with_user(user or cls.anna).create({
            'adjustment_id': adjustment.id, 'channel_id': cls.call.id, 'note': "Agreed", **vals}).action_inform()
        adjustment.invalidate_recordset()

    @classmethod
    def _end(cls, adjustment, action, reason, user):
        """Let a user refuse or withdraw an adjustment in the dialog."""
        button = getattr(adjustment.with_user(user), f'action_{action}')()
        wizard = cls.env[button['res_model']].with_user(user).with_context(**button['context']).create({'reason': reason})
        getattr(wizard, f'action_{action}')()
        adjustment.invalidate_recordset()

    def _activities(self, adjustment, user=None):
        """Return what is left to do about an adjustment."""
        activities = self.env['mail.activity'].search([
            ('res_model', '=', adjustment._name), ('res_id', '=', adjustment.id)])
        return activities.filtered(lambda activity: activity.user_id == user) if user else activities
