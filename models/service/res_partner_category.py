from odoo import models
from odoo.tools import SQL


class ResPartnerCategory(models.Model):
    """The deadlines of cases follow the tags of their customers, and a tag goes together with the policies for it (SRV-1)."""

    _inherit = 'res.partner.category'

    def write(self, vals):
        """Customers may get a tag from its side, too."""
        before = self.partner_ids if 'partner_ids' in vals else self.env['res.partner']
        result = super().write(vals)
        if 'partner_ids' in vals:
            self.env['customer.case.replanner'].sudo()._replan_of(  # cases of everybody
                SQL("SELECT unnest(%s::int[])", (before | self.partner_ids).ids), 'category_id')
        return result

    def unlink(self):
        # those below go along
        self.env['customer.sla.policy']._drop_of('category_id', self.search([('id', 'child_of', self.ids)]))
        return super().unlink()
