from odoo import fields, models


class CustomerSupplyCategory(models.Model):
    """What customers offer and need, in the words by which they are brought together (LIF-6)."""

    _name = 'customer.supply.category'
    _inherit = ['customer.named']
    _description = "Category of Offers and Needs"
    _order = 'sequence, name'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already such a category.")
