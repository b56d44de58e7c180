from odoo import models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _customer_monthly_file_name(self):
        """Return what the printed monthly report of the last month is called."""
        title = self.env['customer.monthly']._title()
        return f'{title} {self.name}' if len(self) == 1 else title
