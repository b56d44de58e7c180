from odoo import api, fields, models
from odoo.fields import Domain


class CustomerLeadLog(models.TransientModel):
    """Log a contact about a lead: what was said, and the next step (SEG-6, CAD-5)."""

    _name = 'customer.lead.log'
    _inherit = ['customer.log']
    _description = "Log a Contact about a Lead"
    _with = 'lead_id'

    lead_id = fields.Many2one(comodel_name='crm.lead', required=True)
    followup_id = fields.Many2one(
        domain="[('lead_id', '=', lead_id), ('partner_id', '=', False), ('state', '=', 'planned')]",
        help="The follow-up that this contact is. Empty: the one for which the channel counts.")
    # what helps to talk
    phone = fields.Char(compute='_compute_facts')
    core_need = fields.Text(compute='_compute_facts')
    solution = fields.Text(string="Solution Direction", compute='_compute_facts')
    last = fields.Char(string="Last Talk", compute='_compute_facts')

    def _next_touchpoint(self):
        """Return the next open follow-up of the lead that the user may see."""
        return self.env['customer.followup'].search(
            Domain('lead_id', '=', self.lead_id.id) & Domain('partner_id', '=', False) & Domain('state', '=', 'planned'),
            order='date_planned, id', limit=1)

    def _usual_channel(self):
        return self.channel_id

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

    def _contact_record(self, day):
        return self.lead_id._customer_contact_record(self.channel_id, day, self.followup_id)

    def action_done(self):
        """Record the contact, and say what comes next."""
        self._customer_one()
        self.check_access('write')
        self.lead_id._customer_check_may_log()
        followup = self.followup_id.sudo()  # may have become a colleague's
        if followup.state != 'planned':
            followup = followup.browse()  # somebody closed it meanwhile: what was typed is kept
        followup = followup.sudo(False)  # back to the user's rights
        self.lead_id._customer_log_contact(**{**self._prepare_contact_values(), 'followup': followup})
        coming = self._next_touchpoint()
        return self._say(
            self.env._("Next: %(steps)s", steps=self.env['customer.contact.reader']._describe_next(
                coming.date_planned, coming.channel_id.id)) if coming else self.env._("Nothing further is planned"),
            {'type': 'ir.actions.act_window_close'})
