from odoo import api, fields, models


class CustomerChannel(models.Model):
    _inherit = 'customer.channel'

    two_way = fields.Boolean(
        string="Conversation", compute='_compute_two_way', store=True, readonly=False, precompute=True,
        help="Whoever is in touch on this channel hears the customer, as in a call or a visit. On the others, like email, "
             "only contacts count for the customer's health in which the customer said something: is satisfied, has a "
             "need, has a problem. What we merely sent never counts.")

    @api.depends('medium')
    def _compute_two_way(self):
        for channel in self:
            channel.two_way = channel.medium in ('phone', 'meeting')
