from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import places
from ..platform.local_text import listed
from .customer_week import WEEKDAYS


class CustomerCountryCalendar(models.Model):
    """The calendar of a country: its working week and its public holidays (CUL-2)."""

    _name = 'customer.country.calendar'
    _description = "Country Calendar"
    _inherit = ['customer.week', 'customer.asking', 'mail.thread', 'mail.activity.mixin']
    _order = 'country_id'
    _rec_name = 'country_id'

    country_id = fields.Many2one(comodel_name='res.country', required=True, index=True, ondelete='cascade')
    active = fields.Boolean(default=True, help="An archived calendar moves nothing, and is not kept up to date.")
    place = fields.Char(
        string="Holidays Of",
        help="The place whose public holidays hold for customers without a state, by its code in the calendar library: GB-ENG "
             "for England, CH-ZH for Zurich. Empty: those that the whole country has.")
    place_edited = fields.Boolean(
        string="Place Set by Hand", readonly=True, help="No scheduled action changes the place any more.")
    week_edited = fields.Boolean(
        string="Week Set by Hand", readonly=True, help="No scheduled action changes the working week any more.")
    week_source = fields.Char(readonly=True, help="Where the working week comes from.")
    state_ids = fields.One2many(
        comodel_name='customer.state.calendar', inverse_name='calendar_id', string="States")
    holiday_ids = fields.One2many(
        comodel_name='customer.holiday', inverse_name='calendar_id', string="Holidays")
    coming_ids = fields.One2many(
        comodel_name='customer.holiday', inverse_name='calendar_id', string="Coming Holidays",
        domain=[('date', '>=', 'today -7d')])
    known_until = fields.Integer(readonly=True, help="The last year with public holidays.")
    arranged_until = fields.Integer(
        string="Make-up Days Known Until",
        help="The government decides year by year which weekend days are worked for which bridge days: the last year that is "
             "known. Raise it when the days of another year have been typed in. 0: nothing of the kind is decided here.")
    known = fields.Char(compute='_compute_known')
    unknown_states = fields.Char(compute='_compute_unknown_states')
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

    @api.constrains('place')
    def _check_place(self):
        self.env['customer.calendar.keeper']._check_places(self)

    @api.depends(*WEEKDAYS)
    def _compute_week(self):
        for calendar in self:
            calendar.week = calendar._week_text()

    @api.depends('known_until', 'arranged_until')
    @api.depends_context('lang')
    def _compute_known(self):
        for calendar in self:
            if not calendar.known_until:
                calendar.known = False
            elif not 0 < calendar.arranged_until < calendar.known_until:
                calendar.known = str(calendar.known_until)
            else:
                calendar.known = self.env._(
                    "%(arranged)s; of %(years)s the make-up days are not known yet", arranged=calendar.arranged_until,
                    years=calendar._years_text(calendar.arranged_until + 1, calendar.known_until))

    @api.depends('state_ids.problem')
    @api.depends_context('lang')
    def _compute_unknown_states(self):
        for calendar in self:
            calendar.unknown_states = listed(
                self.env, calendar.state_ids.filtered('problem').state_id.mapped('name')) or False

    def _years_text(self, first, last):
        """Return a stretch of years in words."""
        return str(first) if first == last else self.env._("%(first)s to %(last)s", first=first, last=last)

    @api.depends('holiday_ids.date', 'holiday_ids.active')
    def _compute_next_holiday(self):
        today = fields.Date.context_today(self)
        for calendar in self:
            coming = calendar.holiday_ids.filtered(
                lambda row: row.date and row.date >= today and row.kind == 'holiday' and not row.state_id)
            calendar.next_holiday = coming.sorted('date')[:1].display_name or False

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create([{'place_edited': bool(vals.get('place')), **vals} for vals in vals_list])
        self.env['customer.calendar.keeper']._countries_changed(calendars)
        return calendars

    def write(self, vals):
        if {*WEEKDAYS} & vals.keys():
            vals = {'week_edited': True, 'week_source': False, **vals}
        if 'place' in vals:
            vals = {'place_edited': True, **vals}
        result = super().write(vals)
        if {*WEEKDAYS, 'active'} & vals.keys():
            self._replan_customers()
        if 'place' in vals and vals['place_edited']:
            self.env['customer.calendar.keeper']._states_changed(self)
        elif 'arranged_until' in vals:
            self.env['customer.calendar.keeper']._settle(self)
        return result

    def unlink(self):
        countries = self.country_id
        result = super().unlink()
        self._replan_customers_of(countries)
        return result

    def action_refresh(self):
        """Look the public holidays of these countries up now."""
        self.check_access('write')
        self.env['customer.calendar.keeper'].sudo()._refresh_countries(self)  # rows are made by the system
        return True

    def _stands(self):
        """Return where this country stands in the library.

        :rtype: engine.places.Place
        """
        self.ensure_one()
        if self.place_edited:
            return places.parse(self.place or self.country_id.code)
        return places.place_of_country(self.country_id.code)

    def action_view_holidays(self):
        """Open all holidays of this country, past and archived ones included."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_holiday_action')
        action['domain'] = [('calendar_id', '=', self.id)]
        action['context'] = {'active_test': False, 'default_calendar_id': self.id}
        return action

    def _replan_customers(self):
        """Ask for the planning of the customers of these countries."""
        self._replan_customers_of(self.country_id)

    def _describe_archiving(self, active):
        # how many are concerned is no secret
        return self._describe_planned_anew(self.env['res.partner'].sudo().search_count([
            ('customer_managed', '=', True), ('country_id', 'in', self.country_id.ids)]))

    @api.model
    def _replan_customers_of(self, countries):
        # whoever keeps the calendars has perhaps no right on customers
        partners = self.env['res.partner'].sudo()._search([
            ('customer_managed', '=', True), ('country_id', 'in', countries.ids)])
        self.env['customer.plan.request']._request([partner_id for partner_id, in self.env.execute_query(partners.select())])
