from odoo import api, fields, models

from .res_partner import POTENTIALS, RISKS


class CustomerSegmentChange(models.Model):
    """One change of a customer's segment, with its cause and what it followed from (SEG-4)."""

    _name = 'customer.segment.change'
    _inherit = ['customer.moves']
    _description = "Customer Segment Change"

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

    @api.model
    def _moved(self):
        return 'segment'
