from odoo import fields, models

from .customer_potential import POTENTIALS


class CustomerPotentialChange(models.Model):
    """One change of a customer's potential, or a judgement of it, with its cause (SEG-3)."""

    _name = 'customer.potential.change'
    _description = "Change of a Customer's Potential"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True, index=True)
    old_potential = fields.Selection(selection=POTENTIALS, string="Potential Before", readonly=True)
    new_potential = fields.Selection(selection=POTENTIALS, string="Potential After", readonly=True)
    cause = fields.Selection(
        selection=[
            ('computed', "Computed"), ('judged', "Judged by hand"), ('expired', "The judgement ended"),
            ('cleared', "The judgement was taken back")], required=True, readonly=True)
    score = fields.Float(
        string="Computed Then", digits=(5, 2), readonly=True, aggregator=None, help="Empty where too little was known.")
    reason = fields.Char(readonly=True, help="What the person wrote who judged it.")
    until = fields.Date(string="Judged Until", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Judged By", readonly=True, ondelete='set null')
