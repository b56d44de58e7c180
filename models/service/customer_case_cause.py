from odoo import fields, models

#: What went wrong: SRV-3.
CLASSES = [('product', "Product"), ('service', "Service"), ('process', "Process")]


class CustomerCaseCause(models.Model):
    """Why things go wrong: what cases are counted by (SRV-3)."""

    _name = 'customer.case.cause'
    _inherit = ['customer.named']
    _description = "Root Cause"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    case_class = fields.Selection(
        selection=CLASSES, string="Class", required=True, default='product', help="Cases with this root cause are of it.")
    description = fields.Text(translate=True, help="When to choose this root cause, and what helps against it.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a root cause with this name.")
