from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

SATISFACTION = [('1', "Very unhappy"), ('2', "Unhappy"), ('3', "So-so"), ('4', "Happy"), ('5', "Very happy")]


class CustomerPulse(models.Model):
    """How satisfied a customer is by the account manager's judgement, on a day (HEA-1)."""

    _name = 'customer.pulse'
    _description = "Satisfaction Pulse"
    _inherit = 'customer.health.input'
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    score = fields.Selection(selection=SATISFACTION, string="Satisfaction", required=True)
    note = fields.Char(string="Why", help="What it is judged by.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Judged By", readonly=True, default=lambda self: self.env.user,
        ondelete='set null')
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Logged Contact", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The contact in which it showed.")
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')

    _day_uniq = models.Constraint(
        'UNIQUE (partner_id, date)', "The satisfaction of this customer was already judged on this day. Change that instead.")

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        if coming := self.filtered(lambda pulse: pulse.date > today)[:1]:
            raise ValidationError(self.env._(
                "Nobody knows how satisfied %(customer)s will be on %(day)s. Choose today or an earlier day.",
                customer=coming.partner_id.display_name, day=format_date(self.env, coming.date)))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _complete_values(self, vals):
        """Whoever writes or changes a judgement is who judged."""
        vals = dict(super()._complete_values(vals))
        if not self.env.su:
            vals.pop('user_id', None)
            if 'score' in vals:
                vals['user_id'] = self.env.uid
        return vals
