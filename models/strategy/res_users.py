from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def _customer_people_left(self):
        result = super()._customer_people_left()
        self.env['customer.review']._follow_people(self)
        return result
