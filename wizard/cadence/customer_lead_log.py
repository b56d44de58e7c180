from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...models.cadence.customer_followup import OUTCOMES


class CustomerLeadLog(models.TransientModel):
    """Log a contact about a lead: what was said, and the next step (SEG-6, CAD-5)."""

    _name = 'customer.lead.log'
    _description = "Log a Contact about a Lead"

    lead_id = fields.Many2one(comodel_name='crm.lead', required=True)
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Stands For",
        domain="[('lead_id', '=', lead_id), ('partner_id', '=', False), ('state', '=', 'planned')]",
        help="The follow-up that this contact is. Empty: the one for which the channel counts.")
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
    phone = fields.Char(compute='_compute_facts')
    core_need = fields.Text(compute='_compute_facts')
    solution = fields.Text(string="Solution Direction", compute='_compute_facts')
    last = fields.Char(string="Last Talk", compute='_compute_facts')
    guidance = fields.Text(related='channel_id.guidance')
    instructions = fields.Text(related='followup_id.instructions')
    effect = fields.Char(compute='_compute_effect')

    def _coming(self):
        """Return the next open follow-up of the lead that the user may see."""
        return self.env['customer.followup'].search(
            Domain('lead_id', '=', self.lead_id.id) & Domain('partner_id', '=', False) & Domain('state', '=', 'planned'),
            order='date_planned, id', limit=1)

    @api.depends('lead_id', 'followup_id')
    def _compute_channel_id(self):
        for wizard in self:
            wizard.channel_id = (wizard.followup_id or wizard._coming()).channel_id or wizard.channel_id or self.env[
                'customer.channel'].search([], limit=1)

    @api.depends('lead_id')
    @api.depends_context('lang')
    def _compute_facts(self):
        for wizard in self:
            # whoever was given the follow-up has to know what it is about
            lead = wizard.lead_id._customer_filtered_may_log().sudo()
            wizard.phone = lead.phone or lead.partner_id.phone
            wizard.core_need = lead.customer_core_need
            wizard.solution = lead.customer_solution
            wizard.last = wizard._describe_last()

    def _describe_last(self):
        last = self.env['customer.followup'].search(
            [('lead_id', '=', self.lead_id.id), ('state', '=', 'done'), ('qualifies', '=', True)],
            order='contact_at desc, id desc', limit=1)
        reader = self.env['customer.contact.reader']
        return reader._describe_last(last.contact_day, last.channel_id.id, last.feedback) if last else False

    @api.depends('lead_id', 'followup_id', 'channel_id', 'outcome', 'contact_at')
    @api.depends_context('lang')
    def _compute_effect(self):
        """Say what logging this contact will do to the open follow-ups."""
        for wizard in self:
            wizard.effect = wizard._describe_effect() if wizard.channel_id and wizard.contact_at else ''

    def _describe_effect(self):
        if self.outcome == 'no_answer':
            return self.env._("Kept as an attempt. What is planned stays planned.")
        day = fields.Datetime.context_timestamp(self, self.contact_at).date()
        followup = self.lead_id._customer_contact_record(self.channel_id, day, self.followup_id)
        if not followup:
            return self.env._("Kept as a contact of its own. What is planned stays planned.")
        if not followup.step_id:
            return self.env._("Closes: %(what)s.", what=followup.name)
        step = followup.step_id.sudo()  # which cadence applies is no secret
        return self.env._(
            "Closes: %(what)s (%(cycle)s). The next one is counted from %(day)s.",
            what=step.name, cycle=step.cycle, day=format_date(self.env, day))

    def action_done(self):
        """Record the contact, and say what comes next."""
        self._customer_one()
        self.check_access('write')
        self.lead_id._customer_check_may_log()
        followup = self.followup_id.sudo()  # may have become a colleague's
        if followup.state != 'planned':
            followup = followup.browse()  # somebody closed it meanwhile: what was typed is kept
        followup = followup.sudo(False)  # back to the user's rights
        self.lead_id._customer_log_contact(
            channel=self.channel_id, contact_at=self.contact_at, feedback=self.feedback or '', outcome=self.outcome,
            followup=followup, issue_progress=self.issue_progress or '', next_step=self.next_step or '',
            next_date=self.next_date, next_channel=self.next_channel_id, reason=self.reason_id)
        coming = self._coming()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success', 'title': self.lead_id.sudo().name,  # given to somebody else
                'message': self.env._("Next: %(steps)s", steps=self.env['customer.contact.reader']._describe_next(
                    coming.date_planned, coming.channel_id.id)) if coming else self.env._("Nothing further is planned"),
                'next': {'type': 'ir.actions.act_window_close'}},
        }
