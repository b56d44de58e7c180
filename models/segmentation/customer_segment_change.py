from odoo import api, fields, models

from .res_partner import POTENTIALS, RISKS


class CustomerSegmentChange(models.Model):
    """One change of a customer's segment, with its cause and what it followed from (SEG-4)."""

    _name = 'customer.segment.change'
    _inherit = ['customer.moves']
    _description = "Customer Segment Change"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True, index=True)
    old_segment_id = fields.Many2one(comodel_name='customer.segment', readonly=True, ondelete='restrict')
    new_segment_id = fields.Many2one(comodel_name='customer.segment', readonly=True, ondelete='restrict')
    cause = fields.Selection(
        selection=[
            ('first', "First look"), ('tier', "Tier"), ('potential', "Potential"), ('risk', "Risk"),
            ('rules', "Changed rules"), ('left', "Not a customer any more"),
            ('back', "A customer again"),
        ],
        required=True, readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', string="Tier Then", readonly=True, ondelete='restrict')
    potential = fields.Selection(selection=POTENTIALS, string="Potential Then", readonly=True)
    risk = fields.Selection(selection=RISKS, string="Risk Then", readonly=True)

    # the last change of a customer is looked up for many at once: an index of the customer alone leaves the choice to guesses
    _customer_day_idx = models.Index('(partner_id, date, id)')

    @api.model
    def _moved(self):
        return 'segment'
