from odoo import api, models

from ..platform.local_text import day_text
from ..profile.customer_handover_sheet import Section


class CustomerHandoverSheet(models.AbstractModel):
    """What is being changed, and what was agreed for it."""

    _inherit = 'customer.handover.sheet'

    @api.model
    def _sections(self, customer):
        strategies = self.env['customer.strategy'].search(
            [('partner_id', '=', customer.id), ('state', 'in', ('draft', 'active'))], order='date_start, id')
        return [*super()._sections(customer), Section(45, self.env._("Strategy"), [
            (strategy.template_id.name or self.env._("Strategy"), self._span(strategy), strategy.core_approach or '',
             strategy.effect_id.name or '') for strategy in strategies])]

    @api.model
    def _span(self, strategy):
        """Return from when to when a strategy runs."""
        start, end = (day_text(self.env, day) if day else '…' for day in (strategy.date_start, strategy.date_end))
        return f'{start} – {end}'
