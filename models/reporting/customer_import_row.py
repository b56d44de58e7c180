from odoo import fields, models


class CustomerImportRow(models.Model):
    """What becomes of a row of a sheet: why it can't be taken, or what it was understood as (REP-5)."""

    _name = 'customer.import.row'
    _description = "Row of a Sheet"
    _order = 'number, id'
    _rec_name = 'number'

    import_id = fields.Many2one(
        comodel_name='customer.import', required=True, readonly=True, index=True, ondelete='cascade')
    number = fields.Integer(string="Row", readonly=True, aggregator=None)
    state = fields.Selection(
        selection=[('bad', "Left out"), ('new', "New"), ('update', "Changes something"), ('same', "There already")],
        required=True, readonly=True)
    column = fields.Char(readonly=True)
    value = fields.Char(string="What Stands There", readonly=True)
    reason = fields.Char(string="Why", readonly=True)
    text = fields.Char(string="Understood As", readonly=True)
