from odoo import fields, models


class CustomerImportQuestion(models.Model):
    """What a column of a sheet leaves open: asked once for all of its rows (REP-5)."""

    _name = 'customer.import.question'
    _description = "Question About a Sheet"
    _order = 'sequence, id'
    _rec_name = 'text'

    import_id = fields.Many2one(
        comodel_name='customer.import', required=True, readonly=True, index=True, ondelete='cascade')
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(selection=[
        ('order', "Order of day and month"), ('year', "Days without a year"), ('lunar', "Calendar"),
        ('word', "Word of the sheet"),
        ('person', "Name of a colleague")], required=True, readonly=True)
    column = fields.Char(required=True, readonly=True, help="Technical name of what the column means.")
    word = fields.Char(string="As in the Sheet", readonly=True)
    count = fields.Integer(string="Rows", readonly=True)
    text = fields.Char(string="Question", readonly=True)
    option_ids = fields.One2many(comodel_name='customer.import.option', inverse_name='question_id')
    option_id = fields.Many2one(
        comodel_name='customer.import.option', string="Answer to It", domain="[('question_id', '=', id)]", ondelete='set null',
        index='btree_not_null')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Colleague", domain=[('share', '=', False)], ondelete='set null')

    def _key(self):
        """Return by which the answer is remembered."""
        self.ensure_one()
        return f'{self.kind}:{self.column}:{self.word or ""}'

    def _answer(self):
        """Return what was answered, '' for nothing."""
        self.ensure_one()
        return str(self.user_id.id or '') if self.kind == 'person' else self.option_id.value or ''


class CustomerImportOption(models.Model):
    """A possible answer, or a sheet of a workbook that may be loaded."""

    _name = 'customer.import.option'
    _description = "Choice About a Sheet"
    _order = 'id'

    import_id = fields.Many2one(
        comodel_name='customer.import', required=True, readonly=True, index=True, ondelete='cascade')
    question_id = fields.Many2one(
        comodel_name='customer.import.question', string="Asked In", readonly=True, index='btree_not_null', ondelete='cascade')
    name = fields.Char(required=True, readonly=True)
    value = fields.Char(string="Kept As", readonly=True)
