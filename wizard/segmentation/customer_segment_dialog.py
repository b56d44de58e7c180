from markupsafe import Markup

from odoo import api, fields, models

from ...models.segmentation.customer_potential import POTENTIALS
from ...models.segmentation.customer_potential_factor import ANSWER_FIELDS


class CustomerSegmentDialog(models.TransientModel):
    """Why customers are in their segment, and what more they could buy (SEG-3, SEG-4)."""

    _name = 'customer.segment.dialog'
    _description = "Segment of a Customer"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    is_one = fields.Boolean(compute='_compute_explanation', export_string_translation=False)
    potential = fields.Selection(selection=POTENTIALS)
    reason = fields.Char()
    until = fields.Date(
        help="The last day. The day after, the computed potential counts again. Empty: until somebody takes it back.")
    explanation = fields.Html(compute='_compute_explanation')
    potential_explanation = fields.Html(string="Why This Potential", compute='_compute_explanation', sanitize=False)
    change_ids = fields.Many2many(comodel_name='customer.segment.change', compute='_compute_explanation')
    potential_change_ids = fields.Many2many(comodel_name='customer.potential.change', compute='_compute_explanation')
    is_judged = fields.Boolean(compute='_compute_explanation')
    # the questions, of one customer
    upgrade_need = fields.Selection(
        selection=[('yes', "Yes"), ('maybe', "Maybe"), ('no', "No")], string="Is newer technology needed?",
        compute='_compute_answers', store=True, readonly=False,
        help="Is what they work with old, or too small for what they plan?")
    expansion = fields.Selection(
        selection=[('yes', "Yes"), ('maybe', "Maybe"), ('no', "No")], string="Are they expanding?",
        compute='_compute_answers', store=True, readonly=False,
        help="Do they open plants, offices or shops where they have none yet?")
    budget_trend = fields.Selection(
        selection=[('growing', "Growing"), ('level', "About the same"), ('shrinking', "Shrinking")],
        string="How does their budget go?", compute='_compute_answers', store=True, readonly=False,
        help="Where is what they can spend on things like ours going?")
    answer_note = fields.Char(string="What they said")

    @api.depends('partner_ids')
    def _compute_explanation(self):
        for wizard in self:
            partners = wizard.partner_ids._origin  # of a form that is not saved yet they are new ones
            wizard.is_one = len(partners) == 1 and partners.customer_managed
            wizard.is_judged = any(partners.mapped('customer_potential_reason'))
            wizard.change_ids = self.env['customer.segment.change'].search([('partner_id', 'in', partners.ids)])
            wizard.potential_change_ids = self.env['customer.potential.change'].search([('partner_id', 'in', partners.ids)])
            wizard.explanation = wizard.potential_explanation = False
            if wizard.is_one:
                wizard.explanation = Markup("<ul>%s</ul>") % Markup().join(
                    Markup("<li>%s</li>") % line for line in partners._explain_segment())
                wizard.potential_explanation = self.env['ir.qweb']._render(
                    'customer_success.customer_potential_explained', partners._explain_potential())

    @api.depends('partner_ids')
    def _compute_answers(self):
        for wizard in self:
            customer = wizard.partner_ids._origin if len(wizard.partner_ids) == 1 else self.env['res.partner']
            for name in ANSWER_FIELDS.values():
                wizard[name.removeprefix('customer_')] = customer[name]

    def action_judge(self):
        """Keep the potential of these customers, with its reason."""
        self._customer_one()
        self.partner_ids.write({
            'customer_potential': self.potential, 'customer_potential_reason': self.reason,
            'customer_potential_until': self.until})
        return True

    def action_clear(self):
        """Let the computed potential of these customers count again."""
        self._customer_one()
        self.partner_ids.write({'customer_potential': False})
        return True

    def action_answer(self):
        """Keep what was answered, and show what follows from it."""
        self._customer_one()
        self.partner_ids._customer_one()
        self.partner_ids.check_access('read')
        self.partner_ids._answer_questions(
            {question: self[name.removeprefix('customer_')] for question, name in ANSWER_FIELDS.items()}, self.answer_note)
        return self.partner_ids.action_customer_segment_dialog()
