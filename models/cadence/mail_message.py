from odoo import api, fields, models


class MailMessage(models.Model):
    _inherit = 'mail.message'

    customer_by_itself = fields.Boolean(
        string="Written by a Machine", readonly=True, copy=False,
        help="An email that came in, like an absence note: no person of the customer has written it, so it is no contact.")

    @api.model_create_multi
    def create(self, vals_list):
        """Keep of an email that comes in that a machine has written it: its headers are gone afterwards."""
        if self.env.context.get('customer_by_itself'):
            vals_list = [{**vals, 'customer_by_itself': True} if vals.get('message_type') == 'email' else vals
                         for vals in vals_list]
        return super().create(vals_list)
