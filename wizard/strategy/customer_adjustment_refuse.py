from odoo import fields, models


class CustomerAdjustmentRefuse(models.TransientModel):
    """Refuse or withdraw adjustments, with the reason (STR-3)."""

    _name = 'customer.adjustment.refuse'
    _description = "Refuse or Withdraw Adjustments"

    adjustment_ids = fields.Many2many(comodel_name='customer.strategy.adjustment', required=True)
    action = fields.Selection(
        selection=[('refuse', "Refuse"), ('cancel', "Withdraw")], required=True, default='refuse')
    reason = fields.Text(string="Why")

    def action_refuse(self):
        """Refuse the proposals."""
        self._customer_one()
        self.env['customer.adjustment.flow']._refuse(self.adjustment_ids, self.reason)
        return {'type': 'ir.actions.act_window_close'}

    def action_cancel(self):
        """Withdraw the adjustments."""
        self._customer_one()
        self.env['customer.adjustment.flow']._cancel(self.adjustment_ids, self.reason)
        return {'type': 'ir.actions.act_window_close'}
