from odoo import api, fields, models


class CustomerImportProfile(models.Model):
    """What was said about the columns of a sheet, kept for the next one with the same headings (REP-5)."""

    _name = 'customer.import.profile'
    _description = "Remembered Sheet"
    _order = 'used_at desc, id desc'

    name = fields.Char(string="Last File", required=True, readonly=True)
    kind = fields.Selection(selection='_selection_kind', string="Kind of Sheet", required=True, readonly=True)
    signature = fields.Char(required=True, readonly=True, index=True, help="Made of the headings.")
    headings = fields.Char(readonly=True)
    columns = fields.Json(string="What Columns Mean", readonly=True, help="What each column means, by its heading.")
    answers = fields.Json(string="Answers Given", readonly=True, help="What was answered, by question.")
    used_at = fields.Datetime(string="Last Used", required=True, readonly=True)

    _sheet_uniq = models.Constraint('UNIQUE (kind, signature)', "This sheet is remembered already.")

    @api.model
    def _selection_kind(self):
        return self.env['customer.import.kind']._ordered()

    @api.model
    def _of(self, kind, signature):
        """Return what is remembered of a sheet."""
        # how a sheet of ours is read is for whoever loads one
        return self.sudo().search([('kind', '=', kind), ('signature', '=', signature)], limit=1)

    @api.model
    def _remember(self, kind, signature, values):
        """Keep what was said about a sheet."""
        values = {**values, 'used_at': fields.Datetime.now()}
        known = self._of(kind, signature)
        if known:
            known.write({**values, 'answers': {**(known.answers or {}), **values['answers']}})
        else:
            self.sudo().create({'kind': kind, 'signature': signature, **values})  # as above
