from odoo import fields, models
from odoo.tools import SQL


class CustomerActionRule(models.Model):
    """What is best done for customers of a stage (LIF-3, HEA-6)."""

    _inherit = 'customer.action.rule'

    stage_ids = fields.Many2many(
        comodel_name='customer.stage', relation='customer_action_rule_customer_stage_rel', column1='customer_action_rule_id',
        column2='customer_stage_id', string="Stages", help="Empty: customers in any stage.")

    def _whose_sql(self):
        conditions = [super()._whose_sql()]
        conditions += [
            SQL("(met.place <> %s OR p.customer_stage_id = ANY(%s))", place, rule.stage_ids.ids)
            for place, rule in enumerate(self) if rule.stage_ids]
        return SQL(" AND ").join(conditions)
