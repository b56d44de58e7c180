from odoo import api, fields, models
from odoo.tools import html2plaintext

from ...engine.thanks import own_words


class CustomerCase(models.Model):
    """What the customer says about a case when it is over, and the words in its emails that tell a mood (SRV-5)."""

    _inherit = 'customer.case'

    feedback_ids = fields.One2many(comodel_name='customer.feedback', inverse_name='case_id')
    feedback_request_ids = fields.One2many(
        comodel_name='customer.feedback.request', inverse_name='case_id', string="Asked For Feedback")
    asked_note = fields.Char(
        string="Asked How It Was", compute='_compute_asked_note', help="Who was asked how satisfied the customer is, or why not.")
    mood_ids = fields.One2many(comodel_name='customer.mood.hit', inverse_name='case_id', string="Words Found")

    @api.depends('feedback_request_ids.state', 'feedback_request_ids.feedback_ids.score')
    @api.depends_context('lang')
    def _compute_asked_note(self):
        for case in self:
            last = case.sudo().feedback_request_ids.sorted('id')[-1:]  # who sees a case may know who was asked about it
            case.asked_note = last._say_state() if last else False

    @api.model_create_multi
    def create(self, vals_list):
        """Look for words in what the customer wrote."""
        cases = super().create(vals_list)
        self.env['customer.mood.hit'].sudo()._keep(  # words are kept by the rules
            [(case, case.description) for case in cases if case.email_from], 'case_id')
        return cases

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        """Look for words in what the customer answers."""
        result = super().message_update(msg_dict, update_vals=update_vals)
        if not self.env.context.get('customer_by_itself') and not self._is_colleague(msg_dict):
            text = own_words(html2plaintext(msg_dict.get('body') or ''))
            self.env['customer.mood.hit'].sudo()._keep([(case, text) for case in self], 'case_id')  # as above
        return result

    def _drop_questions(self):
        """Nobody is asked how it was while it is worked on again."""
        self.sudo().feedback_request_ids.filtered(  # people don't write what becomes of a question
            lambda request: request.state == 'waiting')._drop('reopened')

    def _ask_for_feedback(self, moment):
        """Have the customers of these cases asked how satisfied they are, where a survey says so, once for each time that a
        case is worked on.

        :param str moment: ``solved`` or ``closed``
        """
        surveys, asker = self.env['customer.survey'], self.env['customer.feedback.asker'].sudo()  # surveys ask everybody
        for case in self.sudo():  # as above
            since = max(case.clock_ids.filtered(
                lambda clock, case=case: clock.cycle == case.cycle).mapped('date_start'), default=case.opened_at)
            if case.feedback_request_ids.filtered(lambda request, since=since: request.create_date >= since):
                continue
            if case.partner_id and (survey := surveys._after_case(case, moment)):
                asker._ask_about(case, survey)
