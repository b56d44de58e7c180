from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        invoices = posted.filtered(lambda move: move.move_type == 'out_invoice')
        # who gets an invoice is a customer at once; accountants need no right for that
        invoices.commercial_partner_id.sudo()._refresh_managed()
        return posted
