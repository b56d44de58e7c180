from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...models.service.customer_sla_policy import CASE_TYPES


class CustomerFollowupLog(models.TransientModel):
    _inherit = 'customer.followup.log'

    case_id = fields.Many2one(
        comodel_name='customer.case', help="The case that was spoken about.",
        domain="[('partner_id', '=', partner_id), ('state', 'in', ('new', 'working', 'waiting', 'solved'))]")
    case_purpose = fields.Selection(related='followup_id.case_purpose')
    open_case = fields.Boolean(
        string="Open a Case", compute='_compute_open_case', store=True, readonly=False, precompute=True,
        help="What you typed is kept as a case, which is worked on against the clock.")
    case_type = fields.Selection(selection=CASE_TYPES, string="As a", default='complaint')
    case_name = fields.Char(string="In a Word", help="The subject of the case. Empty: the first words of what was said.")

    @api.depends('outcome', 'followup_id', 'case_id')
    def _compute_open_case(self):
        for wizard in self:
            known = wizard.case_id or wizard.followup_id.case_id
            wizard.open_case = wizard.outcome == 'problem' and not known

    def _describe_effect(self):
        """Say what the answer means for the case that is asked about."""
        if self.case_purpose != 'revisit' or self.outcome == 'no_answer':
            return super()._describe_effect()
        case = self.followup_id.sudo().case_id.name  # it may be a colleague's
        if self.outcome == 'satisfied':
            return self.env._("Closes the case “%(case)s”.", case=case)
        if self.outcome == 'problem':
            return self.env._("Reopens the case “%(case)s”, and whoever leads hears of it.", case=case)
        return self.env._("Choose “Satisfied” or “Has a problem”: the question is whether “%(case)s” is solved.", case=case)

    def _instead(self):
        """Refuse what leaves open whether the customer is satisfied, before anything is kept."""
        self.check_access('read')  # what the case is about is looked up past the rules
        if self.case_purpose == 'revisit' and self.outcome not in ('satisfied', 'problem', 'no_answer'):
            raise ValidationError(self.env._(
                "You asked whether “%(case)s” is solved. Choose “Satisfied”, “Has a problem” or “No answer”.",
                case=self.followup_id.sudo().case_id.name))  # it may be a colleague's
        if self.open_case and self.outcome in ('problem', 'need') and not (self.case_name or self.feedback or '').strip():
            raise ValidationError(self.env._("Please say what the problem is: a case is opened with it."))
        return super()._instead()

    def _log(self):
        record = super()._log()
        if self.case_id and not record.case_id:
            record.sudo().case_id = self.case_id  # the columns of the planner are not for people to write
            record._tell_case()
        elif self.open_case and self.outcome in ('problem', 'need'):
            self._open_case(record)
        return record

    def _open_case(self, record):
        """Open a case with what was typed.

        :param record: the customer.followup of the contact
        """
        said = (self.feedback or '').strip()
        case = self.env['customer.case'].create({
            'partner_id': self.partner_id.id, 'contact_id': self.contact_id.id, 'channel_id': self.channel_id.id,
            'name': (self.case_name or said.split('\n')[0][:80]).strip(), 'description': said, 'case_type': self.case_type})
        record.sudo().case_id = case  # as above
        return case
