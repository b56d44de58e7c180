from odoo import api, models

from ..profile.customer_handover_sheet import Section
from .customer_case import NOT_OVER


class CustomerHandoverSheet(models.AbstractModel):
    """What is not settled, and what was promised for it."""

    _inherit = 'customer.handover.sheet'

    @api.model
    def _sections(self, customer):
        cases = self.env['customer.case'].search([('partner_id', '=', customer.id), ('state', 'in', NOT_OVER)], order='id')
        choices = dict(cases._fields['state']._description_selection(self.env))
        rows = [(case.number or '', case.name, choices[case.state], case.description or '') for case in cases]
        return [*super()._sections(customer), Section(
            40, self.env._("Open cases"), rows, self.env._("No complaint and no problem is open."))]
