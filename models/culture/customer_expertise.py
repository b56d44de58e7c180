from odoo import fields, models


class CustomerExpertise(models.Model):
    _inherit = 'customer.expertise'

    culture_ids = fields.Many2many(
        comodel_name='customer.culture', string="At Home in the Cultures",
        help="Whose manners this person knows without having to read about them.")
