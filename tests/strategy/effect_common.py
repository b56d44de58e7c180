"""A customer whose strategy is changed, and others of its segment to compare it with."""
from datetime import timedelta

from odoo import fields

from .strategy_common import StrategyCase

DAY = timedelta(days=1)
APPROVED = fields.Date.to_date('2026-04-01')
APPLIED = fields.Date.to_date('2026-04-06')


class EffectCase(StrategyCase):
    """Anna's customer *Changed* and four others are in a segment of their own.

    A change of its strategy is approved on 1 April 2026 and applied on 6 April, for a cycle of 60 days: *before* are the days
    from 31 January to 31 March, *after* those from 6 April to 4 June.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls.env['customer.segment'].create({'name': "Compared"})
        cls.orders = cls._kpi("Test orders", 'new_orders', unit='count')
        cls.quality = cls._kpi("Test quality", unit='percent')
        cls.customer = cls._customer("Changed")
        cls.others = cls.env['res.partner'].union(*(cls._customer(f"Other {number}") for number in range(4)))
        cls._place(cls.customer + cls.others)
        cls.effect = cls.env['customer.strategy.effect']

    @classmethod
    def _place(cls, partners):
        """Put customers into the segment, whatever they bought."""
        partners.write({'customer_segment_id': cls.segment.id})

    @classmethod
    def _orders(cls, partner, *days):
        """Let a customer order on some days."""
        for day in days:
            cls._order(partner, 100, day)
        cls._place(partner)

    @classmethod
    def _adjustment(cls, strategy, *targets, cycle_days=60, **vals):
        """Return an adjustment of a strategy as it is when it was submitted.

        :param targets: pairs of KPI and new target
        """
        adjustment = cls.env['customer.strategy.adjustment'].create({
            'strategy_id': strategy.id, 'user_id': strategy.user_id.id, 'cycle_days': cycle_days, 'state': 'submitted',
            **vals})
        for kpi, target in targets:
            line = adjustment.kpi_ids.filtered(lambda line, kpi=kpi: line.kpi_id == kpi)
            line = line or line.create({'adjustment_id': adjustment.id, 'kpi_id': kpi.id, 'new_target': target})
            current = strategy.kpi_ids.filtered(lambda line, kpi=kpi: line.kpi_id == kpi)
            line.write({'new_target': target, 'actual': current.actual, 'has_actual': current.has_actual})
        return adjustment

    def _approve(self, adjustments, day=APPROVED):
        """Let adjustments be approved on a day."""
        with self._on(day):
            adjustments.state = 'approved'
            self.effect._freeze_before(adjustments)

    def _apply(self, adjustment, day=APPLIED, **vals):
        """Let an adjustment be applied on a day."""
        strategy = adjustment.strategy_id
        strategy.write({'state': 'done', 'ended_by': 'adjustment'})
        strategy.flush_recordset()  # one runs at a time
        new = strategy.create({
            'partner_id': strategy.partner_id.id, 'company_id': strategy.company_id.id, 'user_id': strategy.user_id.id,
            'core_approach': "Visit more often", 'date_start': day, 'date_end': day + (adjustment.cycle_days - 1) * DAY,
            'state': 'active', 'version': 2, 'previous_id': strategy.id,
            'kpi_ids': [(0, 0, {'kpi_id': line.kpi_id.id, 'target': line.new_target}) for line in adjustment.kpi_ids],
        })
        adjustment.write({
            'state': 'applied', 'applied_on': day, 'new_strategy_id': new.id, 'after_start': day,
            'after_stop': day + (adjustment.cycle_days - 1) * DAY, **vals})
        return new

    def _changed(self, *targets, **vals):
        """Return an adjustment of the customer that is approved and applied."""
        strategy = self._strategy(self.customer, *((kpi, target) for kpi, target in targets), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, *targets, **vals)
        self._approve(adjustment)
        self._apply(adjustment)
        return adjustment

    def _measure(self, day='2026-06-05'):
        """Let the nightly job run on a day; nothing may be set aside unnoticed."""
        with self._on(day, hour=3):
            self._run_cron('effect')
            problems = self.env['customer.strategy.adjustment'].search([('effect_problem', '!=', False)])
            self.assertEqual(problems.mapped('effect_problem'), [])
