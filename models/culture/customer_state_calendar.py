from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import places
from ...engine.calendar_errors import CalendarError
from .customer_week import WEEKDAYS


class CustomerStateCalendar(models.Model):
    """Which calendar holds in a state: where it stands in the calendar library, and its own working week (CUL-2).

    Its holidays are rows of the country's calendar. A state that the library does not know keeps those of the country and
    says so here; somebody who knows where it belongs enters it.
    """

    _name = 'customer.state.calendar'
    _description = "State Calendar"
    _inherit = ['customer.week']
    _order = 'country_id, state_id'
    _rec_name = 'state_id'

    calendar_id = fields.Many2one(
        comodel_name='customer.country.calendar', required=True, index=True, ondelete='cascade')
    country_id = fields.Many2one(related='calendar_id.country_id', store=True)
    state_id = fields.Many2one(
        comodel_name='res.country.state', string="State or Province", required=True, ondelete='cascade',
        domain="[('country_id', '=', country_id)]")
    place = fields.Char(
        string="Holidays Of",
        help="The place whose public holidays hold here, by its code in the calendar library: DE-BY for Bavaria, HK for Hong "
             "Kong. Empty: those of the country.")
    place_edited = fields.Boolean(
        string="Place Set by Hand", readonly=True, help="No scheduled action changes the place any more.")
    own_week = fields.Boolean(string="Own Working Week", help="Otherwise the working week of the country holds.")
    week_edited = fields.Boolean(
        string="Week Set by Hand", readonly=True, help="No scheduled action changes the working week any more.")
    week_source = fields.Char(readonly=True, help="Where the working week comes from.")
    week = fields.Char(string="Working Week", compute='_compute_week')
    problem = fields.Char(readonly=True, help="Why this state has no holidays of its own.")

    _state_uniq = models.Constraint('UNIQUE (state_id)', "This state has its calendar already.")

    @api.constrains('own_week', *WEEKDAYS)
    def _check_week(self):
        for state in self:
            if state.own_week and not any(state[name] for name in WEEKDAYS):
                raise ValidationError(self.env._(
                    "%(state)s has no working day: nobody could ever be contacted. Tick at least one, or take the own "
                    "working week away.", state=state.state_id.name))

    @api.constrains('calendar_id', 'state_id')
    def _check_country(self):
        for state in self:
            if state.state_id.country_id != state.country_id:
                raise ValidationError(self.env._(
                    "%(state)s is not in %(country)s.", state=state.state_id.name, country=state.country_id.name))

    @api.constrains('place')
    def _check_place(self):
        self.env['customer.calendar.keeper']._check_places(self)

    @api.depends('own_week', *WEEKDAYS)
    def _compute_week(self):
        for state in self:
            state.week = state._week_text() if state.own_week else False

    @api.model_create_multi
    def create(self, vals_list):
        states = super().create([{
            'place_edited': bool(vals.get('place')), 'week_edited': bool({'own_week', *WEEKDAYS} & vals.keys()), **vals,
        } for vals in vals_list])
        states._look_up()
        return states

    def write(self, vals):
        if 'place' in vals:
            vals = {'place_edited': True, **vals}
        if {'own_week', *WEEKDAYS} & vals.keys():
            vals = {'week_edited': True, 'week_source': False, **vals}
        result = super().write(vals)
        if {'own_week', *WEEKDAYS} & vals.keys():
            self._replan_customers()
        if 'place' in vals and vals['place_edited']:
            self._look_up()
        return result

    def unlink(self):
        states, calendars = self.state_id, self.calendar_id
        result = super().unlink()
        self.env['customer.calendar.keeper']._states_changed(calendars)
        self.browse()._replan_customers(states)
        return result

    def _look_up(self):
        """Have the holidays of these states looked up, when a person changed what they are."""
        self.env['customer.calendar.keeper']._states_changed(self.calendar_id)

    def _replan_customers(self, states=None):
        """Ask for the planning of the customers of these states."""
        # whoever keeps the calendars has perhaps no right on customers
        partners = self.env['res.partner'].sudo()._search([
            ('customer_managed', '=', True), ('state_id', 'in', (states or self.state_id).ids)])
        self.env['customer.plan.request']._request([partner_id for partner_id, in self.env.execute_query(partners.select())])

    def _stands(self):
        """Return where this state stands in the library, or None when the holidays of the country hold.

        :rtype: engine.places.Place | None
        """
        self.ensure_one()
        if self.place_edited:
            return places.parse(self.place) if self.place else None
        # names of states are not translated
        return places.place_of_state(self.country_id.code, self.state_id.code, self.state_id.name)

    def _explain_place(self):
        """Return why this state has no holidays of its own, or False."""
        self.ensure_one()
        if self.place or self.place_edited:
            return False
        try:
            told_apart = places.parts(self.country_id.code)
        except CalendarError:
            return False  # the calendar of the country says it
        return bool(told_apart) and self.env._(
            "The calendar does not know this state: the public holidays of the country hold, its own are missing. Enter "
            "where it belongs, or type the days in.")
