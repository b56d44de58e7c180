from odoo import api, fields, models


class CustomerRhythm(models.Model):
    """When a customer bought: the few figures that its buying rhythm follows from (HEA-4).

    Nothing here depends on today, so a row changes only when the customer buys, cancels or is credited.
    """

    _name = 'customer.rhythm'
    _description = "Buying Rhythm"
    _rec_name = 'partner_id'
    _order = 'last_day, id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    purchases = fields.Integer(
        string="Days With an Order", readonly=True, required=True, default=0,
        help="Several orders on one day count once.")
    first_day = fields.Date(string="First Order", readonly=True)
    last_day = fields.Date(string="Last Order", readonly=True)

    usual_days = fields.Float(
        string="Usual Gap (days)", compute='_compute_usual_days', digits=(8, 1), help="Mean days between two orders.")
    # of today
    gap = fields.Float(related='partner_id.customer_gap')
    active_percent = fields.Float(related='partner_id.customer_active_percent')
    risk_level = fields.Selection(related='partner_id.customer_risk_level')
    user_id = fields.Many2one(related='partner_id.user_id')

    _partner_uniq = models.Constraint('UNIQUE (partner_id)', "A customer has one buying rhythm.")

    @api.depends('purchases', 'first_day', 'last_day')
    def _compute_usual_days(self):
        for rhythm in self:
            rhythm.usual_days = rhythm.purchases > 1 and (rhythm.last_day - rhythm.first_day).days / (rhythm.purchases - 1)
