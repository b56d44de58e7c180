from odoo import api, models

from .customer_import_kind import BY_HAND


class CustomerImportUndoer(models.AbstractModel):
    """Where a tier that a sheet named is taken back, the ranking decides again (SEG-1, REP-5)."""

    _inherit = 'customer.import.undoer'

    @api.model
    def _restored(self, restored):
        result = super()._restored(restored)
        if ids := [one for (model, one), values in restored.items() if model == 'res.partner' and values.keys() & set(BY_HAND)]:
            self.env['customer.ranking']._rank(ids)
        return result
