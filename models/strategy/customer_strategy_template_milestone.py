from odoo import fields, models


class CustomerStrategyTemplateMilestone(models.Model):
    """Something to have reached some days after the start of a strategy."""

    _name = 'customer.strategy.template.milestone'
    _description = "Milestone of a Strategy Template"
    _order = 'days, id'

    template_id = fields.Many2one(
        comodel_name='customer.strategy.template', required=True, index=True, ondelete='cascade')
    name = fields.Char(required=True, translate=True)
    days = fields.Integer(string="Days After the Start", required=True, default=30)

    _days_check = models.Constraint('CHECK (days >= 0)', "A milestone can't lie before the start of the strategy.")
