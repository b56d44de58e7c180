from odoo import api, fields, models


class CustomerNeedsManual(models.TransientModel):
    """Why a lead has its needs grade, and setting it by hand (SEG-6)."""

    _name = 'customer.needs.manual'
    _description = "Needs Grade of a Lead"

    lead_ids = fields.Many2many(
        comodel_name='crm.lead', string="For These Leads", required=True, context={'active_test': False})
    grade_id = fields.Many2one(comodel_name='customer.needs.grade')
    reason = fields.Char()
    until = fields.Date(
        string="Last Day", default=lambda self: fields.Date.add(fields.Date.context_today(self), months=1),
        help="The last day on which it holds. Empty: until somebody ends it.")
    explanation = fields.Char(compute='_compute_explanation')
    change_ids = fields.Many2many(comodel_name='customer.needs.grade.change', compute='_compute_explanation')
    is_manual = fields.Boolean(compute='_compute_explanation')

    @api.depends('lead_ids')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for wizard in self:
            leads = wizard.lead_ids
            wizard.is_manual = bool(leads.customer_grade_manual_id)
            wizard.change_ids = leads.customer_grade_change_ids
            wizard.explanation = leads.customer_grade_note if len(leads) == 1 else False

    def action_set(self):
        """Keep the leads in the chosen grade."""
        self._customer_one()
        self._leads()._customer_set_grade(self.grade_id, self.reason, self.until)
        return True

    def action_end(self):
        """Let the answers decide again."""
        self._customer_one()
        self._leads()._customer_end_grade()
        return True

    def _leads(self):
        """Return the leads, where the user may still write all of them."""
        # those that went to somebody else meanwhile would be missing without a word
        leads = self.sudo().lead_ids.sudo(False)
        leads.check_access('write')
        return leads
