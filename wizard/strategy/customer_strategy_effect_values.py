from odoo import api, fields, models

from ...models.strategy.customer_strategy_adjustment_kpi import VALUES


class CustomerStrategyEffectValues(models.TransientModel):
    """Enter what a KPI that nothing measures was before and after, of the customer and of its segment (STR-4)."""

    _name = 'customer.strategy.effect.values'
    _description = "Values Before and After"

    line_id = fields.Many2one(comodel_name='customer.strategy.adjustment.kpi', required=True, readonly=True)
    # a value of 0 is known as well: hence the ticks
    has_before = fields.Boolean(string="Before Is Known")
    before = fields.Float()
    has_after = fields.Boolean(string="After Is Known")
    after = fields.Float()
    has_segment_before = fields.Boolean(string="Segment Before Is Known")
    segment_before = fields.Float()
    has_segment_after = fields.Boolean(string="Segment After Is Known")
    segment_after = fields.Float()

    @api.model
    def default_get(self, fields):
        """Begin with what is known already."""
        values = super().default_get(fields)
        line = self.env['customer.strategy.adjustment.kpi'].browse(values.get('line_id')).exists()
        for name in VALUES if line else ():
            values |= {name: line[name], f'has_{name}': line[f'has_{name}']}
        for side in ('before', 'after') if line else ():
            values |= line._entered_elsewhere(side)
        return values

    def action_apply(self):
        """Keep the values."""
        self._customer_one()
        self.line_id._enter({name: self[name] if self[f'has_{name}'] else None for name in VALUES})
        return {'type': 'ir.actions.act_window_close'}
