from odoo import api, models


class CustomerPersonChange(models.Model):
    """Greetings follow their people at once: nobody congratulates who has left (CUL-4, PRO-3)."""

    _inherit = 'customer.person.change'

    @api.model
    def _follow(self, people):
        result = super()._follow(people)
        self.env['customer.greeter'].sudo()._withdraw_of(people.ids)  # of every salesperson
        return result
