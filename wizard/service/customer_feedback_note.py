from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerFeedbackNote(models.TransientModel):
    """What is behind feedback, what was done, and what the customer was told: of one or many (SRV-6)."""

    _name = 'customer.feedback.note'
    _description = "Note What Was Done About Feedback"

    feedback_ids = fields.Many2many(comodel_name='customer.feedback', string="Which Feedback", required=True)
    analysis = fields.Text(
        string="What Is Behind It", compute='_compute_texts', store=True, readonly=False, precompute=True)
    measure = fields.Text(string="What Was Done", compute='_compute_texts', store=True, readonly=False, precompute=True)
    reply = fields.Text(
        string="What the Customer Was Told", compute='_compute_texts', store=True, readonly=False, precompute=True)
    hint = fields.Char(compute='_compute_hint')

    @api.depends('feedback_ids')
    def _compute_texts(self):
        for wizard in self:
            feedback = wizard.feedback_ids if len(wizard.feedback_ids) == 1 else wizard.feedback_ids.browse()
            wizard.analysis, wizard.measure, wizard.reply = feedback.analysis, feedback.measure, feedback.reply

    @api.depends('feedback_ids')
    @api.depends_context('lang')
    def _compute_hint(self):
        for wizard in self:
            wizard.hint = self.env._(
                "Of an unhappy answer all three are needed before it counts as answered.") if any(
                wizard.feedback_ids.mapped('unhappy')) else self.env._(
                "It counts as answered as soon as it is said here what the customer was told.")

    def action_apply(self):
        """Keep it."""
        self._customer_one()
        texts = {name: self[name] for name in ('analysis', 'measure', 'reply')}
        if not any((text or '').strip() for text in texts.values()):
            raise ValidationError(self.env._("Please say what is behind it, what was done, or what the customer was told."))
        self.feedback_ids._note(**texts)
        return {'type': 'ir.actions.act_window_close'}
