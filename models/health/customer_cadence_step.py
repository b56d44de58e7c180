from odoo import fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    event = fields.Selection(
        selection_add=[('contact_left', "Loses a contact person")], ondelete={'contact_left': 'cascade'})
