from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..platform.local_text import bracketed


class CustomerPause(models.Model):
    """Days in which a customer is left alone and its clocks stand still (CAD-8)."""

    _name = 'customer.pause'
    _description = "Customer Pause"
    _order = 'date_from desc, id desc'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade')
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", required=True, help="The last day of the pause.")
    reason_id = fields.Many2one(comodel_name='customer.followup.reason', required=True, ondelete='restrict')
    note = fields.Char()
    user_id = fields.Many2one(
        comodel_name='res.users', string="Paused By", default=lambda self: self.env.user, readonly=True, ondelete='set null')
    begun = fields.Boolean(
        readonly=True, copy=False, help="The planner has taken the beginning of this pause into account.")

    _dates = models.Constraint('CHECK (date_to >= date_from)', "The pause ends before it begins.")
    _not_begun_idx = models.Index('(date_from) WHERE begun IS NOT TRUE')

    @api.constrains('reason_id', 'note')
    def _check_note(self):
        for pause in self:
            if pause.reason_id.needs_note and not (pause.note or '').strip():
                raise ValidationError(self.env._(
                    "Please add a sentence: the reason “%(reason)s” asks for one.", reason=pause.reason_id.name))

    @api.depends('date_from', 'date_to', 'reason_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for pause in self:
            first, last = (day and format_date(self.env, day) or "–" for day in (pause.date_from, pause.date_to))
            pause.display_name = bracketed(self.env, f'{first} – {last}', pause.reason_id.name)

    @api.model_create_multi
    def create(self, vals_list):
        today = fields.Date.context_today(self)
        for vals in vals_list:
            if vals.get('date_to') and fields.Date.to_date(vals['date_to']) < today:
                raise ValidationError(self.env._("This pause would already be over. Choose a day to come."))
        pauses = super().create(vals_list)
        pauses._apply()
        return pauses

    def write(self, vals):
        result = super().write(vals)
        if {'date_from', 'date_to', 'partner_id'} & vals.keys():
            self._apply()
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        self.env['customer.planner'].sudo()._plan(partners.ids)  # whoever may end a pause may re-plan the customer
        return result

    def _apply(self):
        """Re-plan the customers of these pauses."""
        today = fields.Date.context_today(self)
        for pause in self:
            pause.begun = pause.date_from <= today
        self.env['customer.planner'].sudo()._plan(self.partner_id.ids)  # as above

    def _end(self):
        """End these pauses: yesterday was their last day, and those of today never were."""
        today = fields.Date.context_today(self)
        fresh = self.filtered(lambda pause: pause.date_from >= today)
        fresh.unlink()
        (self - fresh).write({'date_to': fields.Date.subtract(today, days=1)})

    @api.model
    def _running_domain(self):
        """Return the domain of the pauses of today."""
        today = fields.Date.context_today(self)
        return Domain('date_from', '<=', today) & Domain('date_to', '>=', today)
