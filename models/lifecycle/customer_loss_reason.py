from odoo import fields, models


class CustomerLossReason(models.Model):
    """Why customers are lost: what win-back is measured by (LIF-4)."""

    _name = 'customer.loss.reason'
    _inherit = ['customer.named']
    _description = "Reason for a Loss"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    advice = fields.Text(
        string="How to Win Back", translate=True,
        help="What helps with customers that left for this reason. It stands on the loss and in the dialog.")
    needs_note = fields.Boolean(string="Needs a Note", help="Whoever gives this reason has to add a sentence.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already such a reason.")
