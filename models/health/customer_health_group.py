from odoo import fields, models


class CustomerHealthGroup(models.Model):
    """A side of the relation that measures look at: purchasing, engagement, payment … (HEA-1).

    A score is published only where measures of several groups are known, so that one side alone is never the whole.
    """

    _name = 'customer.health.group'
    _inherit = ['customer.named']
    _description = "Group of Health Measures"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    measure_ids = fields.One2many(
        comodel_name='customer.health.measure', inverse_name='group_id', string="Measures")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a group with this name.")
