from odoo import api, fields, models


class CustomerFollowup(models.Model):
    _inherit = 'customer.followup'

    warning_id = fields.Many2one(
        comodel_name='customer.warning', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="The warning whose action plan opened this follow-up.")
    close_kind = fields.Selection(selection_add=[('warning', "The warning is over")], ondelete={'warning': 'set null'})

    @api.depends('warning_id')
    def _compute_move_note(self):
        return super()._compute_move_note()

    def _describe_move(self):
        """Say that a follow-up is a step of an action plan."""
        notes = super()._describe_move()
        if self.warning_id:
            notes.append(self.env._("step of an action plan"))
        return notes

    def _cancel_for_warning(self):
        """Cancel the open ones of these follow-ups, because their warning is closed."""
        if planned := self.filtered(lambda followup: followup.state == 'planned'):
            planned._mark_cancelled('warning', '')
