from odoo import api, fields, models
from odoo.tools import format_date

from ...models.cadence.customer_followup import OUTCOMES


class CustomerLog(models.AbstractModel):
    """What is asked about a contact, whoever it was with: what was said, and the next step (CAD-5)."""

    _name = 'customer.log'
    _description = "Log of a Contact"

    #: The field that says who the contact was with.
    _with = 'followup_id'

    followup_id = fields.Many2one(comodel_name='customer.followup', string="Stands For")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', required=True, compute='_compute_channel_id', store=True, precompute=True,
        readonly=False)
    contact_at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    feedback = fields.Text(string="What was said")
    outcome = fields.Selection(selection=OUTCOMES, string="They", default='neutral', required=True)
    reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', string="Why", domain=[('for_no_answer', '=', True)])
    issue_progress = fields.Char(string="Issue progress")
    next_step = fields.Char(string="Next step")
    next_date = fields.Date(string="On")
    next_channel_id = fields.Many2one(comodel_name='customer.channel')
    # what helps to talk
    guidance = fields.Text(related='channel_id.guidance')
    instructions = fields.Text(related='followup_id.instructions')
    effect = fields.Char(compute='_compute_effect')

    @api.depends(lambda self: (self._with, 'followup_id'))
    def _compute_channel_id(self):
        # apart from the person: whoever opens the dialog for somebody is proposed a channel too
        for wizard in self:
            followup = wizard.followup_id or wizard._next_touchpoint()
            wizard.channel_id = (
                followup.channel_id or wizard._usual_channel() or self.env['customer.channel'].search([], limit=1))

    def _next_touchpoint(self):
        """Return the follow-up that is done now where nobody says which, empty for none."""
        raise NotImplementedError

    def _usual_channel(self):
        """Return the channel on which one talks where nothing is planned, empty for none."""
        raise NotImplementedError

    @api.model
    def _effect_triggers(self):
        """Return the fields from which it follows what becomes of open follow-ups."""
        return [self._with, 'followup_id', 'channel_id', 'outcome', 'contact_at']

    @api.depends(lambda self: self._effect_triggers())
    @api.depends_context('lang')
    def _compute_effect(self):
        """Say what logging this contact will do to the open follow-ups."""
        for wizard in self:
            wizard.effect = wizard._describe_effect() if wizard.channel_id and wizard.contact_at else ''

    def _describe_effect(self):
        if self.outcome == 'no_answer':
            return self._describe_unanswered()
        day = fields.Datetime.context_timestamp(self, self.contact_at).date()
        followup = self._contact_record(day)
        if not followup:
            return self.env._("Kept as a contact of its own. What is planned stays planned.")
        if not followup.step_id:
            return self.env._("Closes: %(what)s.", what=followup.name)
        step = followup.step_id.sudo()  # which cadence applies is no secret
        return self.env._(
            "Closes: %(what)s (%(cycle)s). The next one is counted from %(day)s.",
            what=step.name, cycle=step.cycle, day=format_date(self.env, day))

    def _describe_unanswered(self):
        """Say what becomes of an attempt without an answer."""
        return self.env._("Kept as an attempt. What is planned stays planned.")

    def _contact_record(self, day):
        """Return the open follow-up that a contact on a day closes, empty for none."""
        raise NotImplementedError

    def _prepare_contact_values(self):
        """Return the arguments by which the contact is recorded."""
        return {
            'channel': self.channel_id,
            'contact_at': self.contact_at,
            'feedback': self.feedback,
            'outcome': self.outcome,
            'followup': self.followup_id,
            'issue_progress': self.issue_progress,
            'next_step': self.next_step,
            'next_date': self.next_date,
            'next_channel': self.next_channel_id,
            'reason': self.reason_id,
        }

    def _say(self, message, following):
        """Return an action that says something about who the contact was with, and one that follows."""
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success', 'title': self[self._with].sudo().name,  # may have been given to somebody else
                'message': message, 'next': following},
        }
