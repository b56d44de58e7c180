from odoo import fields, models

SATISFACTION = [('1', "Very unhappy"), ('2', "Unhappy"), ('3', "So-so"), ('4', "Happy"), ('5', "Very happy")]


class CustomerPulse(models.Model):
    """How satisfied a customer is by the account manager's judgement, on a day (HEA-1)."""

    _name = 'customer.pulse'
    _description = "Satisfaction Pulse"
    _inherit = 'customer.judgement'
    _judgement = 'score'

    score = fields.Selection(selection=SATISFACTION, string="Satisfaction", required=True)
    note = fields.Char(string="Why", help="What it is judged by.")
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Logged Contact", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The contact in which it showed.")
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')

    _day_uniq = models.Constraint(
        'UNIQUE (partner_id, date)', "The satisfaction of this customer was already judged on this day. Change that instead.")
