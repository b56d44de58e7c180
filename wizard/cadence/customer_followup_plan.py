from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.platform.local_text import listed_first

#: So many customers are named; more are counted.
NAMED = 5


class CustomerFollowupPlan(models.TransientModel):
    """Plan a follow-up with each of some customers (SEG-7)."""

    _name = 'customer.followup.plan'
    _description = "Plan Follow-ups"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    name = fields.Char(string="What For")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', required=True, default=lambda self: self.env['customer.channel'].search([], limit=1))
    date_planned = fields.Date(
        string="Due", required=True, default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7))
    left_out = fields.Text(compute='_compute_left_out', help="These customers get no follow-up.")

    @api.depends('partner_ids', 'date_planned')
    @api.depends_context('uid', 'lang')
    def _compute_left_out(self):
        for plan in self:
            stopped = plan._stopped()
            names = listed_first(self.env, stopped.mapped('name'), NAMED)
            plan.left_out = bool(stopped) and self.env._("Not to be contacted on that day: %(customers)s", customers=names)

    def _stopped(self):
        """Return the customers that are not to be contacted on the day."""
        day = self.date_planned or fields.Date.context_today(self)
        return self.partner_ids._origin.filtered(lambda partner: partner._customer_stops(day))

    def action_plan(self):
        """Plan the follow-ups: each for the account manager of the customer."""
        self._customer_one()
        self.partner_ids._check_may_log()
        if not (self.name or '').strip():
            raise ValidationError(self.env._("Please say what the follow-up is for."))
        partners = self.partner_ids - self._stopped()
        if not partners:
            raise ValidationError(self.env._("None of these customers may be contacted on that day. Choose another one."))
        self.env['customer.followup'].check_access('create')
        self.env['customer.followup.opener']._check_next_day(self.date_planned)
        several = len(partners) > 1  # one email for many, see customer.reminder
        # whoever may log may open it, with what the planner keeps
        followups = self.env['customer.followup'].sudo().with_context(mail_auto_subscribe_no_notify=several).create([{
            'partner_id': partner.id, 'company_id': partner._planning_company().id, 'channel_id': self.channel_id.id,
            'name': self.name.strip(), 'date_planned': self.date_planned,
            'user_id': partner.user_id.id or self.env.uid,
        } for partner in partners]).with_env(self.env)
        for user, given in followups.grouped('user_id').items():
            if several and user != self.env.user:
                self.env['customer.reminder']._tell_given(given, user)
        if len(followups) == 1:
            return {
                'type': 'ir.actions.act_window', 'res_model': 'customer.followup', 'res_id': followups.id,
                'views': [(False, 'form')], 'name': followups.display_name}
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_followup_action')
        return {**action, 'domain': [('id', 'in', followups.ids)], 'context': {}}
