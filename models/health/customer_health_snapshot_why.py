from odoo import api, fields, models


class CustomerHealthSnapshot(models.Model):
    _inherit = 'customer.health.snapshot'

    parts_html = fields.Html(
        string="Made of These Measures", compute='_compute_parts_html', sanitize=False,
        help="What each measure said at the beginning of these days, and what it gave.")

    @api.depends('parts', 'rules_id', 'scorecard_id')
    @api.depends_context('lang')
    def _compute_parts_html(self):
        why = self.env['customer.health.why']
        for snapshot in self:
            snapshot.parts_html = self.env['ir.qweb']._render(
                'customer_success.customer_health_parts', {'measures': why._measures_then(snapshot)})

    def action_why(self):
        """Explain the health of this customer as it is today."""
        self._customer_one()
        return self.partner_id.action_customer_health()
