from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerFestivalDate(models.Model):
    """The days of a festival in one year: computed, and kept as a person corrected them (CUL-2)."""

    _name = 'customer.festival.date'
    _description = "Days of a Festival"
    _order = 'date_from desc, id desc'

    festival_id = fields.Many2one(comodel_name='customer.festival', required=True, index=True, ondelete='cascade')
    year = fields.Integer(
        required=True, help="In the calendar the festival belongs to: 1447, not 2026, in the Islamic one.",
        default=lambda self: fields.Date.context_today(self).year)
    date_from = fields.Date(string="First Day", required=True)
    date_to = fields.Date(string="Last Day", required=True)
    source = fields.Char(readonly=True, help="Where the days come from.")
    edited = fields.Boolean(
        string="By Hand", readonly=True, help="A person set these days: no scheduled action changes them.")

    _year_uniq = models.Constraint('UNIQUE (festival_id, year)', "This festival already has its days of that year.")
    _dates = models.Constraint('CHECK (date_to >= date_from)', "The festival ends before it begins.")
    _days_idx = models.Index('(date_from, date_to)')

    @api.depends('festival_id', 'year')
    def _compute_display_name(self):
        for row in self:
            row.display_name = f'{row.festival_id.name} {row.year}'

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.setdefault('edited', not vals.get('source'))
        rows = super().create(vals_list)
        rows._replan_customers()
        self.env['customer.calendar']._settle(rows.festival_id)
        return rows

    def write(self, vals):
        moves = {'date_from', 'date_to'} & vals.keys()
        spans = self._spans() if moves else []
        if moves:
            vals = {'edited': True, 'source': self.env._("set by %(user)s", user=self.env.user.name), **vals}
        result = super().write(vals)
        if moves:
            self._replan_customers(spans)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computed(self):
        if self.env.su:
            return  # the action that keeps the calendars
        if computed := self.filtered(lambda row: not row.edited and row.festival_id.method != 'manual'):
            raise UserError(self.env._(
                "The days of %(festival)s are computed and would come back. Correct them, or archive the festival.",
                festival=computed[0].display_name))

    def unlink(self):
        spans, festivals = self._spans(), self.festival_id
        result = super().unlink()
        self.browse()._replan_customers(spans, festivals)
        self.env['customer.calendar']._festivals_changed(festivals)
        return result

    def action_reset(self):
        """Take the computed days again."""
        spans, festivals = self._spans(), self.festival_id
        self.edited = False
        self.env['customer.calendar'].sudo()._refresh_festivals(festivals)  # rows are made by the system
        self._replan_customers(spans)
        return True

    def _spans(self):
        return [(row.date_from, row.date_to) for row in self]

    def _replan_customers(self, spans=(), festivals=None):
        """Ask for the planning of the customers that have something planned around these days."""
        periods = (self.festival_id | (festivals or self.env['customer.festival'])).period_ids
        if not periods:
            return
        before, after = (timedelta(days=max(periods.mapped(name))) for name in ('days_before', 'days_after'))
        self.env['customer.calendar']._replan_around(
            [(start - before, end + after) for start, end in [*spans, *self._spans()]], cultures=periods.culture_id)
