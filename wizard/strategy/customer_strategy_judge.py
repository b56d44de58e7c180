from odoo import fields, models


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

    def action_apply(self):
        """Judge."""
        self._customer_one()
        self.strategy_id._judge(self.grade_id, self.reason)
        return True
