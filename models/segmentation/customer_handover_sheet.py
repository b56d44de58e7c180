from odoo import api, models

from ..profile.customer_handover_sheet import Section


class CustomerHandoverSheet(models.AbstractModel):
    """Who else knows the customer."""

    _inherit = 'customer.handover.sheet'

    @api.model
    def _sections(self, customer):
        own = customer.sudo()  # names of colleagues and teams are no secret
        rows = [(self.env._("Backup"), own.customer_backup_id.name),
                (self.env._("Technical contact"), own.customer_expert_id.name),
                (self.env._("Regional team"), own.customer_team_id.name)]
        return [*super()._sections(customer), Section(65, self.env._("Care team"), [row for row in rows if row[1]])]
