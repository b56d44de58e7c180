"""Strategies with KPIs that a test names, and their cycles."""
from datetime import datetime, time

from freezegun import freeze_time

from odoo import Command, fields

from ..common import CustomerCase


class StrategyCase(CustomerCase):
    """``customer`` is Anna's; strategies are hers as well, and begin today, unless a test says otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Strategic Ltd")

    @classmethod
    def _kpi(cls, name, source='manual', **vals):
        """Return a new KPI, entered by hand unless it has a source."""
        return cls.env['customer.kpi'].create({'name': name, 'source': source, **vals})

    @classmethod
    def _strategy(cls, partner, *lines, start=None, days=90, **vals):
        """Return a strategy of a customer, running since its start unless the state is ``draft``.

        :param lines: tuples of a KPI, its target and, where it is known, the actual value, entered by hand
        :param start: the first day, today by default; one of the past was really begun on that day
        :param int days: the length of a cycle
        """
        start = fields.Date.to_date(start) or fields.Date.context_today(partner)
        state = vals.pop('state', 'active')
        strategy = cls.env['customer.strategy'].create({
            'partner_id': partner.id, 'core_approach': "Be there", 'date_start': start,
            'date_end': fields.Date.add(start, days=days - 1), 'kpi_ids': [
                Command.create({'kpi_id': kpi.id, 'target': target}) for kpi, target, *__ in lines],
            **vals,
        })
        for line, (__, __, *actual) in zip(strategy.kpi_ids.sorted('id'), lines, strict=True):
            if actual:
                line.write({
                    'actual': actual[0], 'has_actual': True, 'by_hand': True, 'entered_by_id': cls.anna.id,
                    'entered_on': start, 'note': "Asked"})
        if state == 'active':
            with freeze_time(datetime.combine(start, time(12))):
                cls.env['customer.strategy.cycle']._begin(strategy)
            cls.env['customer.strategy.measurer']._measure(strategy)
        cls.env.flush_all()
        return strategy

    @classmethod
    def _close_cycle(cls, strategy):
        """Let the night after the last day of a cycle pass.

        :return: the next cycle, if there is one
        """
        with freeze_time(datetime.combine(fields.Date.add(strategy.date_end, days=1), time(2, 20))):
            cls.env['customer.strategy.cycle']._end_cycles()
        cls.env.flush_all()
        cls.env.invalidate_all()
        return cls.env['customer.strategy'].search([('previous_id', '=', strategy.id)])
