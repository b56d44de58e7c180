from odoo import api, fields, models


class CustomerTell(models.TransientModel):
    """Tell the colleague who looks after a customer what one heard of it (S1)."""

    _name = 'customer.tell'
    _description = "Tell a Colleague"

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", required=True)
    note = fields.Text(string="What There Is to Tell")
    explanation = fields.Char(compute='_compute_explanation')

    @api.depends('partner_id')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for wizard in self:
            wizard.explanation = self.env._(
                "%(customer)s is looked after by %(manager)s, who gets this as a message and as an activity for today. It also "
                "stands on the customer.", customer=wizard.partner_id.name,
                manager=self.env['customer.colleague']._looked_after_by(wizard.partner_id)) if wizard.partner_id else False

    def action_tell(self):
        """Tell it."""
        self._customer_one()
        self.partner_id.customer_tell(self.note or '')
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._(
                    "%(manager)s was told.", manager=self.env['customer.colleague']._looked_after_by(self.partner_id)),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }
