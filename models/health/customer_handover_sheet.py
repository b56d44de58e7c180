from odoo import api, models

from ..profile.customer_handover_sheet import Section


class CustomerHandoverSheet(models.AbstractModel):
    """What the customer is worth, and what its health warns of."""

    _inherit = 'customer.handover.sheet'

    @api.model
    def _sections(self, customer):
        warnings = self.env['customer.warning'].search(
            [('partner_id', '=', customer.id), ('state', '!=', 'closed')], order='level desc, id')
        rows = [(warning.rule_id.sudo().name or '', warning.reason or '') for warning in warnings]  # rules, not the user's
        value = self.env['customer.value'].search([('partner_id', '=', customer.id)])
        worth = [
            (self.env._("Value score"), value._total()),
            (self.env._("Next 12 months (estimate)"), value.expected_text)] if value else []
        return [
            *super()._sections(customer), Section(65, self.env._("Customer Value"), worth),
            Section(70, self.env._("Open warnings"), rows)]
