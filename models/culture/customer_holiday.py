from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..platform.local_text import bracketed


class CustomerHoliday(models.Model):
    """A public holiday of a country or state, or a weekend day that is worked (CUL-2)."""

    _name = 'customer.holiday'
    _inherit = ['customer.cached']
    _description = "Public Holiday"
    _order = 'date, id'

    calendar_id = fields.Many2one(
        comodel_name='customer.country.calendar', required=True, index=True, ondelete='cascade')
    country_id = fields.Many2one(related='calendar_id.country_id', store=True, index=True)
    state_id = fields.Many2one(
        comodel_name='res.country.state', string="State or Province", index='btree_not_null', ondelete='cascade',
        domain="[('country_id', '=', country_id)]", help="Empty: the whole country.")
    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True)
    kind = fields.Selection(
        selection=[
            ('holiday', "Holiday"), ('workday', "Make-up working day"), ('ordinary', "Not kept here")],
        required=True, default='holiday',
        help="Not kept here: a holiday or make-up working day of the country that its state does not have.")
    active = fields.Boolean(default=True)
    estimated = fields.Boolean(readonly=True, help="The day is an estimate and may still change by one.")
    source = fields.Char(readonly=True, help="Where the day comes from.")
    source_date = fields.Date(readonly=True, help="The day as the source has it.")
    edited = fields.Boolean(
        string="By Hand", readonly=True, help="A person set this row: no scheduled action changes it.")

    _source_uniq = models.UniqueIndex(
        "(calendar_id, COALESCE(state_id, 0), source_date, kind) WHERE source_date IS NOT NULL",
        "This day of the source is kept already.")
    _day_idx = models.Index('(calendar_id, date)')

    @api.constrains('calendar_id', 'state_id', 'date', 'kind', 'active')
    def _check_twice(self):
        """Refuse a day that is typed in though the calendar has it."""
        for holiday in self.filtered(lambda holiday: holiday.active and not holiday.source_date):
            twin = self.search([
                ('calendar_id', '=', holiday.calendar_id.id), ('state_id', '=', holiday.state_id.id),
                ('date', '=', holiday.date), ('kind', '=', holiday.kind), ('id', '!=', holiday.id)], limit=1)
            if twin:
                raise ValidationError(self.env._(
                    "%(holiday)s is in the calendar already, for the same place. Correct it there.",
                    holiday=twin.display_name))

    @api.depends('name', 'date', 'state_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for holiday in self:
            holiday.display_name = bracketed(
                self.env, " · ".join(filter(None, (holiday.name, holiday.state_id.name))), format_date(self.env, holiday.date))

    @api.model_create_multi
    def create(self, vals_list):
        holidays = super().create([{'edited': not vals.get('source_date'), **vals} for vals in vals_list])
        holidays._replan_customers()
        self.env['customer.calendar.keeper']._settle(holidays.calendar_id)
        return holidays

    def write(self, vals):
        moves = {'date', 'kind', 'active', 'state_id', 'calendar_id'} & vals.keys()
        days = self.mapped('date') if moves else []
        if moves or 'name' in vals:
            vals = {'edited': True, **({'estimated': False} if 'date' in vals else {}), **vals}
        result = super().write(vals)
        if moves:
            self._replan_customers(days)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sourced(self):
        if self.env.su:
            return  # the action that keeps the calendars
        if sourced := self.filtered('source_date'):
            raise UserError(self.env._(
                "%(holiday)s comes from the calendar of the country and would come back. Archive it instead.",
                holiday=sourced[0].display_name))

    def unlink(self):
        days, countries = self.mapped('date'), self.country_id
        result = super().unlink()
        self.browse()._replan_customers(days, countries)
        return result

    def _replan_customers(self, days=(), countries=None):
        """Ask for the planning of the customers that have something planned around these days."""
        countries = self.country_id | (countries or self.env['res.country'])
        self.env['customer.calendar.keeper']._replan_around(
            [(day, day) for day in [*days, *self.mapped('date')]], countries=countries)
