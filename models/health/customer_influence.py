from odoo import fields, models

LEVELS = [
    ('1', "Hardly known"), ('2', "Known in its region"), ('3', "Known in its industry"), ('4', "Sets the tone in its industry")]


class CustomerInfluence(models.Model):
    """How much a customer counts in its industry, by somebody's judgement on a day (SEG-5): its strategic value."""

    _name = 'customer.influence'
    _description = "Influence in the Industry"
    _inherit = 'customer.judgement'
    _judgement = 'level'

    level = fields.Selection(selection=LEVELS, string="Influence", required=True)
    note = fields.Char(string="What Shows It", help="What it is judged by: a prize, a standard it wrote, whom others ask.")
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")

    _day_uniq = models.Constraint(
        'UNIQUE (partner_id, date)', "The influence of this customer was already judged on this day. Change that instead.")
