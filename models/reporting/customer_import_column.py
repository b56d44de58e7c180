from datetime import datetime, time

from odoo import api, fields, models

from ...engine import sheet_book, sheet_table


class CustomerImportColumn(models.Model):
    """A column of a sheet: how it is called, what stands in it, what it means and how that is understood (REP-5)."""

    _name = 'customer.import.column'
    _description = "Column of a Sheet"
    _order = 'sequence, id'

    import_id = fields.Many2one(
        comodel_name='customer.import', required=True, readonly=True, index=True, ondelete='cascade')
    sequence = fields.Integer(readonly=True)
    letter = fields.Char(compute='_compute_letter')
    name = fields.Char(string="Heading", readonly=True)
    samples = fields.Json(readonly=True)
    sample = fields.Char(string="For Example", compute='_compute_sample')
    meaning_id = fields.Many2one(
        comodel_name='customer.import.word', string="Means", domain="[('id', 'in', meaning_ids)]", ondelete='set null',
        index='btree_not_null', help="Empty: it is left out.")
    meaning_ids = fields.Many2many(comodel_name='customer.import.word', string="What It May Mean", compute='_compute_meaning_ids')
    understood = fields.Char(string="Understood As", compute='_compute_understood')

    @api.depends('name', 'letter')
    def _compute_display_name(self):
        for column in self:
            column.display_name = column.name or column.letter

    @api.depends('sequence')
    def _compute_letter(self):
        for column in self:
            number, letters = column.sequence, ''
            while number:
                number, rest = divmod(number - 1, 26)
                letters = chr(65 + rest) + letters
            column.letter = letters

    @api.depends('samples')
    def _compute_sample(self):
        for column in self:
            column.sample = ' · '.join(sheet_table.shown(value) for value in column._cells())[:120]

    @api.depends('import_id.kind')
    def _compute_meaning_ids(self):
        for column in self:
            kind = self.env['customer.import.kind']._kinds().get(column.import_id.kind)
            column.meaning_ids = self.env['customer.import.word'].search(
                [('value', '=', False), ('key', 'in', list(kind.columns))]) if kind else False

    @api.depends('samples', 'meaning_id', 'import_id.kind')
    @api.depends_context('lang', 'tz')
    def _compute_understood(self):
        for column in self:
            kind = self.env['customer.import.kind']._kinds().get(column.import_id.kind)
            of_kind = kind and kind.columns.get(column.meaning_id.key)
            column.understood = ' · '.join(dict.fromkeys(
                self.env['customer.import.reader']._in_words(of_kind, column.meaning_id.key, value, column.import_id.date1904)
                for value in column._cells())) if of_kind else False

    def _cells(self):
        """Return the kept cells as they were read."""
        return [self._thawed(value) for value in self.samples or ()]

    @api.model
    def _frozen(self, value):
        """Return a cell as JSON keeps it."""
        if isinstance(value, datetime):
            return {'moment': value.isoformat()}
        if isinstance(value, time):
            return {'time': value.isoformat()}
        return {'broken': value.code} if isinstance(value, sheet_book.Broken) else value

    @api.model
    def _thawed(self, value):
        if not isinstance(value, dict):
            return value
        if 'broken' in value:
            return sheet_book.Broken(value['broken'])
        return datetime.fromisoformat(value['moment']) if 'moment' in value else time.fromisoformat(value['time'])
