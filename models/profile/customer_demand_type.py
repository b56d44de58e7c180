from odoo import fields, models


class CustomerDemandType(models.Model):
    """What a customer above all wants of us, with the service that suits it (PRO-5)."""

    _name = 'customer.demand.type'
    _inherit = ['customer.named']
    _description = "Customer Demand Type"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    service = fields.Html(
        string="Recommended Service",
        translate=True,
        help="Shown on the customer's form: what to offer customers of this type.",
    )

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a demand type with this name.")
