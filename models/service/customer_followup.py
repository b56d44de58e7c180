from odoo import fields, models


class CustomerFollowup(models.Model):
    _inherit = 'customer.followup'

    case_id = fields.Many2one(
        comodel_name='customer.case', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="The case that is asked about, or in which something was promised.")
    case_purpose = fields.Selection(
        selection=[('revisit', "Ask whether it helped"), ('promise', "Tell what became of it")], readonly=True, copy=False)
    feedback_id = fields.Many2one(
        comodel_name='customer.feedback', string="Because of the Answer", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The unhappy answer because of which the customer is called.")
    close_kind = fields.Selection(selection_add=[('case', "The case has moved on")], ondelete={'case': 'set null'})

    _case_open_uniq = models.UniqueIndex(
        "(case_id, case_purpose) WHERE state = 'planned' AND case_id IS NOT NULL AND case_purpose IS NOT NULL",
        "The customer of this case is going to be asked or told already.")

    def write(self, vals):
        """What is logged for a revisit or a promise is said about the case."""
        result = super().write(vals)
        if vals.get('state') == 'done':
            for followup in self.filtered('case_id'):
                followup._tell_case()
            for followup in self.filtered('feedback_id'):
                followup.sudo().feedback_id._take_call(followup)  # the feedback may be a colleague's
        return result

    def _tell_case(self):
        """Let the case know what the customer said."""
        case = self.sudo().case_id  # the case may be a colleague's
        if not self.qualifies:
            return
        if case._is_open() and not case.answered_at:
            self.env['customer.case.course']._answer(case, max(self.contact_at, case.opened_at))
        if self.case_purpose == 'promise':
            self.env['customer.case.agenda']._take_told(case)
        elif self.case_purpose == 'revisit' and self.outcome in ('satisfied', 'problem'):
            self.env['customer.case.agenda']._take_revisit(case, self.outcome == 'satisfied', self.feedback or '')
