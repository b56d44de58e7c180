from odoo import api, fields, models

from ...models.strategy.adjustment_choices import VERDICTS


class CustomerStrategyAdjustmentReview(models.TransientModel):
    """Conclude what was learned from an adjustment, and propose the next one where it did not help (STR-4)."""

    _name = 'customer.strategy.adjustment.review'
    _description = "Review an Adjustment"

    adjustment_id = fields.Many2one(comodel_name='customer.strategy.adjustment', required=True, readonly=True)
    verdict = fields.Selection(selection=VERDICTS, compute='_compute_verdict')
    summary = fields.Text(compute='_compute_verdict')
    obstacle = fields.Char(compute='_compute_verdict')
    conclusion = fields.Text(string="What We Learned", compute='_compute_answer', store=True, readonly=False)
    propose = fields.Boolean(
        string="Propose the Next Change", compute='_compute_answer', store=True, readonly=False,
        help="Opens a draft for the running strategy, with this conclusion as its reason.")

    @api.depends('adjustment_id')
    def _compute_verdict(self):
        for wizard in self:
            adjustment = wizard.adjustment_id
            wizard.verdict = adjustment.verdict
            panel = adjustment.effect_panel or {'lines': [], 'total': ''}
            wizard.summary = "\n".join(filter(None, [panel['total'], *(line['sentence'] for line in panel['lines'])]))
            wizard.obstacle = self.env['customer.adjustment.conclusion']._proposal_obstacle(adjustment) if adjustment else ''

    @api.depends('adjustment_id')
    def _compute_answer(self):
        for wizard in self:
            wizard.conclusion = wizard.adjustment_id.conclusion
            wizard.propose = wizard.verdict == 'not' and not wizard.obstacle

    def action_apply(self):
        """Keep the conclusion; open the proposal where there is one."""
        self._customer_one()
        proposal = self.env['customer.adjustment.conclusion']._review(self.adjustment_id, self.conclusion, self.propose)
        return proposal._customer_open() if proposal else {'type': 'ir.actions.act_window_close'}
