from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerValueDimension(models.Model):
    """A side of what a customer is worth to us: what it brings today, what it could bring, its name, its past, the relation
    (SEG-5). Its points are the mean of its components that are known."""

    _name = 'customer.value.dimension'
    _description = "Dimension of Customer Value"
    _inherit = ['customer.named', 'customer.health.config']
    _config_cron = 'ir_cron_value'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    weight = fields.Float(
        default=10, required=True, help="In proportion to the weights of the other dimensions; 0 leaves it out.")
    share = fields.Float(
        string="Share (%)", compute='_compute_share', digits=(5, 1),
        help="The weight in percent, where something is known of every dimension.")
    component_ids = fields.One2many(
        comodel_name='customer.value.component', inverse_name='dimension_id', string="Components", copy=True)
    description = fields.Text(translate=True, help="What it stands for, in words for the sales staff.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a dimension with this name.")

    @api.constrains('weight', 'active')
    def _check_weight(self):
        for dimension in self:
            if dimension.weight < 0:
                raise ValidationError(self.env._(
                    "The weight of “%(dimension)s” is negative. What should not count weighs 0.", dimension=dimension.name))
        if not self.search_count([('weight', '>', 0)], limit=1):
            raise ValidationError(self.env._(
                "No dimension of customer value would weigh anything, so that nobody would have a value score. Give one of them "
                "a weight."))

    @api.depends('weight', 'active')
    def _compute_share(self):
        total = sum(self.search([('weight', '>', 0)]).mapped('weight'))
        for dimension in self:
            dimension.share = 100 * dimension.weight / total if total and dimension.active else 0
