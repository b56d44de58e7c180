from odoo import fields, models


class ResCompany(models.Model):
    """Its currency, zone and schedule are asked for with every customer."""

    _name = 'res.company'
    _inherit = ['res.company', 'customer.cached']

    customer_first_steps = fields.Boolean(
        string="First Steps in My Day", default=True,
        help="Managers of this company see in their day what is still to do, until all of it is done.")
