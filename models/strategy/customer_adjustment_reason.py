from odoo import fields, models


class CustomerAdjustmentReason(models.Model):
    """Why strategies are adjusted, for the analysis of adjustments (STR-3)."""

    _name = 'customer.adjustment.reason'
    _inherit = ['customer.named']
    _description = "Reason for a Strategy Adjustment"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already such a reason.")
