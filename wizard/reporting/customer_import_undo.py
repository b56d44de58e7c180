from odoo import api, fields, models


class CustomerImportUndo(models.TransientModel):
    """What comes of taking a loaded sheet back, before it is done (REP-5)."""

    _name = 'customer.import.undo'
    _description = "Take a Sheet Back"

    import_id = fields.Many2one(comodel_name='customer.import', string="Loaded Sheet", required=True)
    goes = fields.Char(compute='_compute_look')
    comes_back = fields.Char(compute='_compute_look')
    stays = fields.Text(compute='_compute_look')

    @api.depends('import_id')
    @api.depends_context('lang')
    def _compute_look(self):
        for wizard in self:
            wizard.goes = wizard.comes_back = wizard.stays = False
            if wizard.import_id:
                wizard.import_id._check_may_undo()
                wizard.goes, wizard.comes_back, wizard.stays = wizard.import_id._say_look(
                    self.env['customer.import.undoer']._look(wizard.import_id))

    def action_take_back(self):
        """Take the sheet back, and show what came of it."""
        self._customer_one()
        self.import_id._undo()
        return self.import_id._reopen()
