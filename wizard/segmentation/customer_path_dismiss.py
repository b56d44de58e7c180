from odoo import fields, models


class CustomerPathDismiss(models.TransientModel):
    """Why customers are not proposed for another tier for a while (SEG-7)."""

    _name = 'customer.path.dismiss'
    _description = "Set a Proposal Aside"

    path_ids = fields.Many2many(comodel_name='customer.path', string="Proposals", required=True)
    reason = fields.Char(string="Why")
    until = fields.Date(
        default=lambda self: fields.Date.add(
            fields.Date.context_today(self), days=self.env['res.config.settings']._customer_success('path_dismiss_days')),
        help="The last day. After it the customer is proposed again if it still meets the conditions.")

    def action_dismiss(self):
        """Set the proposals aside."""
        self._customer_one()
        self.path_ids._dismiss(self.reason, self.until)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
