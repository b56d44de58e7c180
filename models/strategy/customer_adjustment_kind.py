from odoo import fields, models


class CustomerAdjustmentKind(models.Model):
    """What an adjustment changes for the customer: price, service, rhythm, … (STR-3)."""

    _name = 'customer.adjustment.kind'
    _inherit = ['customer.named']
    _description = "Kind of Strategy Change"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    announce = fields.Boolean(
        string="Announce First", help="The customer has to be told before such a change applies.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already such a kind of change.")
