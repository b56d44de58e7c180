from odoo import api, fields, models


class CustomerStrategyJudge(models.TransientModel):
    """Judge the effect of a strategy in place of the rule, with a reason (STR-2)."""

    _name = 'customer.strategy.judge'
    _description = "Judge the Effect of a Strategy"

    strategy_id = fields.Many2one(comodel_name='customer.strategy', required=True, readonly=True, ondelete='cascade')
    grade_id = fields.Many2one(comodel_name='customer.strategy.grade', string="Your Judgement", required=True, ondelete='cascade')
    reason = fields.Char(string="Why", required=True)
    rule_grade_id = fields.Many2one(related='strategy_id.grade_id', string="By the Rule")
    attainment = fields.Float(related='strategy_id.attainment')
    rule = fields.Text(related='strategy_id.grade_rule')
    warnings = fields.Char(
        string="Beside It", compute='_compute_warnings', help="What the KPIs do not know of, and your judgement should.")

    @api.depends('strategy_id')
    @api.depends_context('uid', 'lang')
    def _compute_warnings(self):
        doubts = self.env['customer.strategy.doubt']._doubts(self.strategy_id, whatever_grade=True)
        for wizard in self:
            warnings = doubts.get(wizard.strategy_id.id)
            wizard.warnings = warnings and self.env['customer.strategy.doubt']._describe_warnings(warnings)

    def action_apply(self):
        """Judge."""
        self._customer_one()
        self.env['customer.strategy.judgement']._judge(self.strategy_id, self.grade_id, self.reason)
        return True
