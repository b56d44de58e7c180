from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class CustomerJudgement(models.AbstractModel):
    """What somebody among us judges of a customer on a day: one judgement a day, dated, with who judged."""

    _name = 'customer.judgement'
    _description = "Judgement of a Customer"
    _inherit = 'customer.health.input'
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    #: The field that is the judgement.
    _judgement = ''

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Judged By", readonly=True, default=lambda self: self.env.user,
        ondelete='set null')

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        if coming := self.filtered(lambda judgement: judgement.date > today)[:1]:
            raise ValidationError(self.env._(
                "Nobody knows today how %(customer)s will be on %(day)s. Choose today or an earlier day.",
                customer=coming.partner_id.display_name, day=format_date(self.env, coming.date)))

    @api.model
    def _complete_values(self, vals):
        """Whoever writes or changes a judgement is who judged."""
        vals = dict(super()._complete_values(vals))
        if not self.env.su:
            vals.pop('user_id', None)
            if self._judgement in vals:
                vals['user_id'] = self.env.uid
        return vals
