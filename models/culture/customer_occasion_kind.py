from odoo import fields, models


class CustomerOccasionKind(models.Model):
    """A kind of occasion on which customers are greeted: when the greeting opens, on which channel, with what draft."""

    _name = 'customer.occasion.kind'
    _inherit = ['customer.named']
    _description = "Kind of Occasion"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default='fa-gift', help="Name of a Font Awesome icon, like fa-birthday-cake.")
    source = fields.Selection(
        copy=False,
        selection=[
            ('row', "Noted on the contact"),
            ('birthdate', "Birth date of the contact"),
            ('cooperation', "First order of the customer"),
            ('festival', "Festivals of the customer's culture"),
        ],
        string="Known From", required=True, default='row',
        help="Where the day comes from when nothing is noted on the contact. What is noted there comes first.")
    applies_to = fields.Selection(
        selection=[('person', "Persons"), ('company', "Companies"), ('both', "Persons and companies")],
        required=True, default='both')
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', relation='customer_occasion_kind_tier', string="Only for Tiers",
        help="Customers of other tiers and their people are not greeted, unless it is noted on the person to always do so. "
             "Empty: everybody is.")
    once = fields.Boolean(string="Only Once", help="A key moment on a certain day, which does not come back every year.")
    calendar = fields.Selection(
        selection=[('gregorian', "Gregorian"), ('lunar', "Chinese lunar")], required=True, default='gregorian',
        help="Proposed when such an occasion is noted.")
    instead_of_id = fields.Many2one(
        comodel_name='customer.occasion.kind', string="Takes the Place Of", ondelete='set null',
        help="Who has an occasion of this kind is not greeted on the other one as well, unless that is noted too: "
             "a lunar birthday instead of the birthday.")
    lead_days = fields.Integer(
        string="Opens Before (days)", default=3, help="So many days before it is due, the greeting opens as a follow-up.")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', ondelete='restrict',
        help="Empty: the preferred channel of the customer's culture.")
    fallback_channel_id = fields.Many2one(
        comodel_name='customer.channel', ondelete='restrict',
        help="For who has no address on the channel or does not want to be written to on it. Empty: they are not greeted.")
    template_id = fields.Many2one(
        comodel_name='mail.template', string="Draft Made From", ondelete='set null', domain=[('model', '=', 'customer.greeting')],
        help="The text that the draft is made from, in the language of the person. Empty: the draft begins empty.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a kind of occasion with this name.")
    _source_uniq = models.UniqueIndex(
        "(source) WHERE source <> 'row' AND active",
        "There is already a kind of occasion that is known from there. Archive the other one first.")
    _lead_days_range = models.Constraint(
        'CHECK (lead_days BETWEEN 0 AND 60)', "A greeting opens 0 to 60 days ahead.")
    _once_row = models.Constraint(
        "CHECK (NOT once OR source = 'row')", "What happens only once has to be noted on the contact.")
