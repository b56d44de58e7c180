from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_week import WEEKDAYS


class CustomerCountryCalendar(models.Model):
    """The calendar of a country: its working week and its public holidays (CUL-2)."""

    _name = 'customer.country.calendar'
    _description = "Country Calendar"
    _inherit = ['customer.week', 'mail.thread', 'mail.activity.mixin']
    _order = 'country_id'
    _rec_name = 'country_id'

    country_id = fields.Many2one(comodel_name='res.country', required=True, index=True, ondelete='cascade')
    active = fields.Boolean(default=True, help="An archived calendar moves nothing, and is not kept up to date.")
    week_edited = fields.Boolean(
        string="Week Set by Hand", readonly=True, help="No scheduled action changes the working week any more.")
    holiday_ids = fields.One2many(
        comodel_name='customer.holiday', inverse_name='calendar_id', string="Holidays")
    coming_ids = fields.One2many(
        comodel_name='customer.holiday', inverse_name='calendar_id', string="Coming Holidays",
        domain=[('date', '>=', 'today -7d')])
    known_until = fields.Integer(readonly=True, help="The last year with public holidays.")
    source = fields.Char(readonly=True)
    looked_up_on = fields.Date(readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help="Why the public holidays of the coming years are not known.")
    week = fields.Char(string="Working Week", compute='_compute_week')
    next_holiday = fields.Char(compute='_compute_next_holiday')

    _country_uniq = models.Constraint('UNIQUE (country_id)', "This country already has its calendar.")

    @api.constrains(*WEEKDAYS)
    def _check_week(self):
        for calendar in self:
            if not any(calendar[name] for name in WEEKDAYS):
                raise ValidationError(self.env._(
                    "%(country)s has no working day: nobody could ever be contacted. Tick at least one.",
                    country=calendar.country_id.name))

    @api.depends(*WEEKDAYS)
    def _compute_week(self):
        labels = {name: self._fields[name]._description_string(self.env) for name in WEEKDAYS}
        for calendar in self:
            calendar.week = ", ".join(labels[name] for name in WEEKDAYS if calendar[name])

    @api.depends('holiday_ids.date', 'holiday_ids.active')
    def _compute_next_holiday(self):
        today = fields.Date.context_today(self)
        for calendar in self:
            coming = calendar.holiday_ids.filtered(lambda row: row.date >= today and row.kind == 'holiday')
            calendar.next_holiday = coming.sorted('date')[:1].display_name or False

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create(vals_list)
        self.env['customer.calendar']._countries_changed(calendars)
        return calendars

    def write(self, vals):
        if {*WEEKDAYS} & vals.keys():
            vals = {'week_edited': True, **vals}
        result = super().write(vals)
        if {*WEEKDAYS, 'active'} & vals.keys():
            self._replan_customers()
        return result

    def unlink(self):
        countries = self.country_id
        result = super().unlink()
        self._replan_customers_of(countries)
        return result

    def action_refresh(self):
        """Look the public holidays of these countries up now."""
        self.check_access('write')
        self.env['customer.calendar'].sudo()._refresh_countries(self)  # rows are made by the system
        return True

    def action_view_holidays(self):
        """Open all holidays of this country, past and archived ones included."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_holiday_action')
        action['domain'] = [('calendar_id', '=', self.id)]
        action['context'] = {'active_test': False, 'default_calendar_id': self.id}
        return action

    def _replan_customers(self):
        """Ask for the planning of the customers of these countries."""
        self._replan_customers_of(self.country_id)

    @api.model
    def _replan_customers_of(self, countries):
        # whoever keeps the calendars has perhaps no right on customers
        partners = self.env['res.partner'].sudo()._search([
            ('customer_managed', '=', True), ('country_id', 'in', countries.ids)])
        self.env['customer.plan.request']._request([partner_id for partner_id, in self.env.execute_query(partners.select())])
