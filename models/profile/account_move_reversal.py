from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = 'account.move.reversal'

    def _modify_default_reverse_values(self, origin_move):
        """Note which invoice a corrected one takes the place of: Odoo forgets it."""
        values = super()._modify_default_reverse_values(origin_move)
        if origin_move.move_type == 'out_invoice':
            values['customer_corrects_id'] = (origin_move.customer_corrects_id or origin_move).id
        return values
