from odoo import fields, models


class CustomerCareKind(models.Model):
    """What money of care is spent on: strategic meeting, training, gifts, … (CUL-6)."""

    _name = 'customer.care.kind'
    _inherit = ['customer.named']
    _description = "Kind of Care"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_gift = fields.Boolean(
        string="Gift",
        help="Spending of this kind stands in the gift register: it has a recipient, and the limits for gifts hold.",
    )
    channel_ids = fields.Many2many(
        comodel_name='customer.channel',
        string="Proposed For",
        help="Whoever logs a contact on one of these channels is asked for its cost, as this kind of care.",
    )

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a kind of care with this name.")

    def _for_channel(self, channel):
        """Return the kind of care that a contact on the channel proposes, or none."""
        return self.search([('channel_ids', 'in', channel.ids)], limit=1) if channel else self.browse()
