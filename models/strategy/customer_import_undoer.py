from odoo import api, models


class CustomerImportUndoer(models.AbstractModel):
    """Strategies that began with a sheet go with it (STR-3, REP-5)."""

    _inherit = 'customer.import.undoer'

    @api.model
    def _remove(self, records):
        if records._name == 'customer.strategy':
            # one that nobody did anything with is none that stays in the history
            records._keep({'state': 'draft'})
        return super()._remove(records)
