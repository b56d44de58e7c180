from odoo import models


class CustomerAbsence(models.Model):
    _inherit = 'customer.absence'

    def _give_back(self):
        """Give back at once what was handed over; the action hands over anew what is due."""
        result = super()._give_back()
        self.env['customer.reminder'].sudo()._give_back(self.ids)  # follow-ups of others
        return result

    def _changed(self):
        result = super()._changed()
        self.env.ref('customer_success.ir_cron_remind')._trigger()
        return result
