from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.platform.counted import days as in_days


class CustomerWarningChange(models.TransientModel):
    """Close warnings with their outcome, put them off, or hand them over, one or many (HEA-3)."""

    _name = 'customer.warning.change'
    _description = "Change Warnings"

    warning_ids = fields.Many2many(comodel_name='customer.warning', required=True)
    count = fields.Integer(compute='_compute_count')
    action = fields.Selection(
        selection=[('close', "Close"), ('snooze', "Put off"), ('reassign', "Give to somebody else")], required=True,
        default='close')
    outcome = fields.Selection(
        selection=[('solved', "Solved"), ('lost', "Customer lost"), ('dismissed', "No reason to worry")],
        string="What Came of It", default='solved')
    cancel_followups = fields.Boolean(string="Cancel the Steps Left", default=True)
    steps_left = fields.Integer(compute='_compute_count')
    date = fields.Date(string="Until", default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7))
    user_id = fields.Many2one(
        comodel_name='res.users', string="To Whom", domain=lambda self: self.env['customer.responsibility']._role_domain())
    note = fields.Char(string="Why")
    consequence = fields.Char(compute='_compute_consequence')

    @api.depends('warning_ids')
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.warning_ids)
            wizard.steps_left = sum(wizard.warning_ids.mapped('open_followup_count'))

    @api.depends('action', 'outcome', 'warning_ids')
    @api.depends_context('lang')
    def _compute_consequence(self):
        for wizard in self:
            days = max(wizard.warning_ids.rule_id.mapped('cool_down_days'), default=0)
            wizard.consequence = {
                'close': self.env._(
                    "For %(days)s no such warning is raised for this customer, unless it is worse.",
                    days=in_days(self.env, days)),
                'snooze': self.env._("Nobody is reminded until then. It comes back at once when it becomes worse."),
                'reassign': self.env._("The activity moves along."),
            }.get(wizard.action, '')

    def action_apply(self):
        """Do it."""
        self._customer_one()
        if self.action == 'close':
            self.warning_ids._finish(self.outcome, self.note or '', self.cancel_followups)
        elif self.action == 'snooze':
            self.warning_ids._snooze(self.date, self.note or '')
        elif not self.user_id:
            raise ValidationError(self.env._("Please choose who takes these warnings over."))
        else:
            self.warning_ids._check_not_closed()
            self.warning_ids.user_id = self.user_id
        return {'type': 'ir.actions.act_window_close'}
