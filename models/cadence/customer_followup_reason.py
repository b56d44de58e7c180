from odoo import fields, models


class CustomerFollowupReason(models.Model):
    """Why a follow-up was skipped or moved, a customer paused (CAD-8), why nobody answers (CAD-7), or why a
    customer is not interested in an offer (HEA-7)."""

    _name = 'customer.followup.reason'
    _inherit = ['customer.named']
    _description = "Follow-up Reason"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    for_skip = fields.Boolean(string="Skip", default=True)
    for_move = fields.Boolean(string="Move", default=True)
    for_pause = fields.Boolean(string="Pause")
    for_no_contact = fields.Boolean(string="Do Not Contact")
    for_no_answer = fields.Boolean(string="No Answer")
    for_offer = fields.Boolean(string="Not Interested")
    needs_note = fields.Boolean(
        string="Needs a Note", help="Whoever gives this reason has to add a sentence.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a reason with this name.")
