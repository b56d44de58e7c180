from odoo import fields, models


class CustomerCareEventKind(models.Model):
    """A kind of event for customers: executive golf day, technical seminar, family day (CUL-5)."""

    _name = 'customer.care.event.kind'
    _inherit = ['customer.named']
    _description = "Kind of Care Event"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers Invited", help="Proposed when guests are chosen. Empty: every tier.")
    persons = fields.Integer(
        string="Persons per Customer", default=1, help="So many contacts of a customer are proposed as guests.")
    care_kind_id = fields.Many2one(
        comodel_name='customer.care.kind', string="Cost Counts As", required=True, ondelete='restrict',
        default=lambda self: self.env.ref('customer_success.customer_care_kind_event', raise_if_not_found=False),
        help="The cost of an event is spread over the customers who attended, as this kind of care.")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', string="Attendance Counts As", required=True, ondelete='restrict',
        default=lambda self: self.env.ref('customer_success.customer_channel_event', raise_if_not_found=False),
        help="Whoever attended is logged as a contact on this channel.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a kind of event with this name.")
    _persons = models.Constraint('CHECK (persons > 0)', "At least one person of a customer is invited.")
