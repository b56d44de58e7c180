from odoo import api, fields, models
from odoo.tools import SQL


class CustomerTierChange(models.Model):
    """One change of a customer's tier, with its cause and the figures of that moment (SEG-1)."""

    _name = 'customer.tier.change'
    _inherit = ['customer.moves']
    _description = "Customer Tier Change"

    old_tier_id = fields.Many2one(
        comodel_name='customer.tier', readonly=True, ondelete='restrict')
    new_tier_id = fields.Many2one(
        comodel_name='customer.tier', readonly=True, ondelete='restrict')
    cause = fields.Selection(
        selection=[
            ('first', "First ranking"),
            ('revenue', "Revenue"),
            ('rules', "Changed ranking"),
            ('manual', "Set by hand"),
            ('expired', "Tier set by hand ended"),
            ('left', "Not a customer any more"),
            ('back', "A customer again"),
        ],
        required=True,
        readonly=True,
    )
    direction = fields.Selection(
        selection=[('up', "Up"), ('down', "Down"), ('same', "First")],
        readonly=True,
    )
    revenue = fields.Monetary(string="Revenue Then", readonly=True, aggregator=None)
    position = fields.Float(
        string="Rank Then (%)",
        readonly=True,
        digits=(16, 2),
        aggregator=None,
        help="How many percent of the customers had more revenue; where shares of revenue rank them, which percentage of the "
             "revenue those made.",
    )
    currency_id = fields.Many2one(comodel_name='res.currency', readonly=True)
    reason = fields.Char(readonly=True, help="What the person who set the tier by hand wrote.")
    user_id = fields.Many2one(comodel_name='res.users', string="Set By", readonly=True, ondelete='set null')

    @api.model
    def _tier_on_sql(self, partner_id, day):
        """Return SQL for the tier of a customer on a day: after the last change up to it; before the first change what that one
        found; without any change what it is.

        :param SQL partner_id: id of the customer
        :param SQL day: the day
        """
        return SQL(
            # as arrays: that there was no tier on the day is an answer as well
            """(COALESCE(
                (SELECT ARRAY[c.new_tier_id] FROM customer_tier_change c
                  WHERE c.partner_id = %(partner)s AND c.date <= %(day)s ORDER BY c.date DESC, c.id DESC LIMIT 1),
                (SELECT ARRAY[c.old_tier_id] FROM customer_tier_change c
                  WHERE c.partner_id = %(partner)s ORDER BY c.date, c.id LIMIT 1),
                (SELECT ARRAY[p.customer_tier_id] FROM res_partner p WHERE p.id = %(partner)s)))[1]""",
            partner=partner_id, day=day)

    @api.model
    def _moved(self):
        return 'tier'
