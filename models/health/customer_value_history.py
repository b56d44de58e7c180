from odoo import fields, models

from ..segmentation.res_partner import RISKS
from .customer_value import BANDS


class CustomerValueHistory(models.Model):
    """What a customer was worth to us in a month in which that changed, as the month ended, next to health and risk (SEG-5)."""

    _name = 'customer.value.history'
    _description = "History of Customer Value"
    _inherit = ['customer.known', 'customer.main.currency']
    _rec_name = 'partner_id'
    _order = 'month desc, id desc'
    _known_when = {
        'score': [('band', '!=', 'none')], 'expected_value': [('expected_value', '>', 0)], 'health': [('health', '>', 0)]}

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    month = fields.Date(
        string="In the Month", required=True, readonly=True, help="Months without a change have no row: the one before holds on.")
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    score = fields.Float(string="Value Score", readonly=True, digits=(5, 2), aggregator='avg', falsy_value=None)
    band = fields.Selection(selection=BANDS, string="Value Class", required=True, readonly=True)
    expected_value = fields.Monetary(
        string="Expected Value (estimate)", readonly=True, aggregator='avg', currency_field='currency_id',
        help="What it was estimated to bring in the twelve months to come.")
    health = fields.Float(readonly=True, digits=(5, 2), aggregator='avg', falsy_value=None)
    risk_level = fields.Selection(selection=RISKS, string="Risk", readonly=True)

    _month_uniq = models.Constraint('UNIQUE (partner_id, month)', "The value of a customer is kept once a month.")
