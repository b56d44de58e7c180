from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.service.customer_case_pause import WAITS


class CustomerCaseChange(models.TransientModel):
    """What happens to a case, where more has to be said than that it did: one or many (SRV-1, SRV-2, SRV-4)."""

    _name = 'customer.case.change'
    _description = "Change Cases"

    case_ids = fields.Many2many(comodel_name='customer.case', string="Which Cases", required=True)
    action = fields.Selection(
        selection=[
            ('hand_over', "Hand over"), ('refuse', "Don't take it"), ('pause', "Wait"), ('solve', "Solved"),
            ('reopen', "Reopen"), ('withdraw', "Withdraw"), ('promise', "Can't be met now"),
        ], required=True, default='pause')
    user_id = fields.Many2one(
        comodel_name='res.users', string="To Whom", domain=lambda self: self.env['customer.responsibility']._role_domain())
    wait_for = fields.Selection(selection=WAITS, default='customer')
    note = fields.Char(string="Why")
    # the solution
    solution = fields.Text(string="What Was Done", compute='_compute_case', store=True, readonly=False, precompute=True)
    cause_id = fields.Many2one(
        comodel_name='customer.case.cause', string="Root Cause", compute='_compute_case', store=True, readonly=False,
        precompute=True)
    # the promise
    unmet_reason = fields.Text(string="Why Not Now")
    alternative = fields.Text(string="Offered Instead", help="What the customer was offered meanwhile.")
    promised_on = fields.Date(string="Promised For", help="On this day the customer is told what became of it.")
    consequence = fields.Char(compute='_compute_consequence')

    @api.depends('case_ids')
    def _compute_case(self):
        for wizard in self:
            case = wizard.case_ids if len(wizard.case_ids) == 1 else wizard.case_ids.browse()
            wizard.solution = case.solution
            wizard.cause_id = case.cause_id

    @api.depends('action')
    @api.depends_context('lang')
    def _compute_consequence(self):
        texts = {
            'hand_over': self.env._("You stay in charge until it is accepted."),
            'refuse': self.env._("It stays with whoever asked you, who is told why."),
            'pause': self.env._("The time for the answer and the solution stands still, until somebody goes on or the customer "
                                "answers."),
            'solve': self.env._("The customer is asked in some days whether it helped. Only then the case can be closed."),
            'reopen': self.env._("New deadlines begin now. What the old ones were counted as stays."),
            'withdraw': self.env._("For what was no case. Its open deadlines are not counted."),
            'promise': self.env._("The time stands still, and you are reminded to tell the customer on that day."),
        }
        for wizard in self:
            wizard.consequence = texts.get(wizard.action, '')

    def action_apply(self):
        """Do it."""
        self._customer_one()
        getattr(self, f'_apply_{self.action}')()
        return {'type': 'ir.actions.act_window_close'}

    def _apply_hand_over(self):
        if not self.user_id:
            raise ValidationError(self.env._("Please choose who is to take it over."))
        self.env['customer.case.assigner']._offer(self.case_ids, self.user_id, self.note or '')

    def _apply_refuse(self):
        self.env['customer.case.assigner']._refuse(self.case_ids, self.note)

    def _apply_pause(self):
        self.env['customer.case.course']._pause(self.case_ids, self.wait_for, self.note or '')

    def _apply_solve(self):
        if self.cause_id:
            self.case_ids.cause_id = self.cause_id
        self.env['customer.case.course']._solve(self.case_ids, self.solution or '')

    def _apply_reopen(self):
        if not (self.note or '').strip():
            raise ValidationError(self.env._("Please say why it is opened again."))
        self.env['customer.case.course']._reopen(self.case_ids, self.note)

    def _apply_withdraw(self):
        self.env['customer.case.course']._withdraw(self.case_ids, self.note)

    def _apply_promise(self):
        self.env['customer.case.agenda']._promise(self.case_ids, self.unmet_reason, self.alternative or '', self.promised_on)
