from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerFollowupChange(models.TransientModel):
    """Log, skip, move, reassign or cancel follow-ups, one or many (CAD-5, CAD-8)."""

    _name = 'customer.followup.change'
    _description = "Change Follow-ups"

    followup_ids = fields.Many2many(comodel_name='customer.followup', required=True)
    count = fields.Integer(compute='_compute_count')
    action = fields.Selection(
        selection=[
            ('move', "Move to another day"),
            ('done', "Done"),
            ('skip', "Skip this time"),
            ('reassign', "Give to somebody else"),
            ('cancel', "Cancel"),
        ],
        required=True,
        default='move',
    )
    date = fields.Date(string="New Date")
    company_ids = fields.Many2many(comodel_name='res.company', compute='_compute_count')
    user_id = fields.Many2one(
        comodel_name='res.users', string="To Whom",
        domain=lambda self: self.env['customer.responsibility']._role_domain('company_ids'))
    reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', compute='_compute_reason_id', store=True, readonly=False)
    needs_note = fields.Boolean(related='reason_id.needs_note')
    note = fields.Char()
    consequence = fields.Char(compute='_compute_consequence')

    @api.depends('followup_ids')
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.followup_ids)
            wizard.company_ids = wizard.followup_ids.company_id

    @api.depends('action')
    def _compute_reason_id(self):
        """A reason is chosen of those for the action; another one would stay where nobody sees it."""
        offered = {'move': 'for_move', 'skip': 'for_skip'}
        for wizard in self:
            kept = self.env.context.get('default_reason_id') == wizard.reason_id.id
            if not kept and wizard.action in offered and not wizard.reason_id[offered[wizard.action]]:
                wizard.reason_id = False

    @api.depends('action')
    @api.depends_context('lang')
    def _compute_consequence(self):
        setting = self.env['res.config.settings']._customer_success
        texts = {
            'done': self.env._("Each is logged as a contact of now, with the note as what was said."),
            'move': self.env._("They are not overdue until the new day has passed. Moves in a row of which the team leader "
                               "hears: %(count)s.", count=setting('move_limit')),
            'skip': self.env._("The next one counts from the planned day. Skips in a row of which the team leader hears: "
                               "%(count)s.", count=setting('skip_limit')),
            'reassign': self.env._("Reminders move along."),
            'cancel': self.env._("Follow-ups of a cadence come back as long as it applies. To leave a customer alone, "
                                 "pause it instead."),
        }
        for wizard in self:
            wizard.consequence = texts.get(wizard.action, '')

    def action_apply(self):
        """Do it."""
        self._customer_one()
        followups = self.followup_ids
        if self.action == 'reassign':
            if not self.user_id:
                raise ValidationError(self.env._("Please choose who takes these follow-ups over."))
            followups._reassign(self.user_id)
        elif self.action == 'done':
            # for many at once nobody says how each customer was, but perhaps that nobody was there
            nobody = self.env['customer.channel']._says_nobody_reached(self.note)
            with followups._closed_together() as together:
                for followup in together:
                    followup._log_contact(
                        channel=followup.channel_id, contact_at=fields.Datetime.now(),
                        outcome='no_answer' if nobody else False, feedback=self.note or '')
        else:
            self._check_reason()
            if self.action == 'skip':
                followups._skip(self.reason_id, self.note or '')
            elif self.action == 'move':
                followups._move(self.date, self.reason_id, self.note or '')
            else:
                followups._cancel(' '.join(filter(None, (self.reason_id.name, self.note))))
        return {'type': 'ir.actions.act_window_close'}

    def _check_reason(self):
        if not self.reason_id:
            raise ValidationError(self.env._("Please give a reason: the report on kept rhythms shows it."))
        if self.reason_id.needs_note and not (self.note or '').strip():
            raise ValidationError(self.env._(
                "Please add a sentence: the reason “%(reason)s” asks for one.", reason=self.reason_id.name))
