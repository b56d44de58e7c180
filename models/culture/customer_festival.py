from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine import calendars

#: What the days of a festival follow from; a change of one makes them anew.
RULE_FIELDS = {
    'method', 'month', 'day', 'weekday', 'nth', 'country_id', 'holiday_name', 'shift', 'duration', 'active', 'follows_id',
    'follows', 'sighting',
}


class CustomerFestival(models.Model):
    """A festival or season, and how its days are found (CUL-2).

    The days of the coming years stand in rows that can be corrected: what depends on sighting is known for sure only
    shortly before.
    """

    _name = 'customer.festival'
    _description = "Festival or Season"
    _inherit = ['customer.named', 'customer.asking', 'mail.thread', 'mail.activity.mixin', 'customer.cached']
    _order = 'sequence, name, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    method = fields.Selection(
        selection=[
            ('fixed', "The same day every year"),
            ('weekday', "A weekday of a month"),
            ('easter', "Days from Easter"),
            ('orthodox', "Days from Orthodox Easter"),
            ('lunar', "Chinese lunar calendar"),
            ('hijri', "Islamic calendar (Umm al-Qura)"),
            ('holiday', "A public holiday of a country"),
            ('manual', "Typed in"),
        ],
        required=True, default='fixed', string="Found By")
    month = fields.Integer(default=1, help="In the calendar the festival belongs to.")
    day = fields.Integer(default=1)
    weekday = fields.Selection(
        selection=[('0', "Monday"), ('1', "Tuesday"), ('2', "Wednesday"), ('3', "Thursday"), ('4', "Friday"),
                   ('5', "Saturday"), ('6', "Sunday")],
        default='0')
    nth = fields.Integer(string="Which", default=1, help="1: the first in the month, 4: the fourth, -1: the last.")
    country_id = fields.Many2one(comodel_name='res.country')
    holiday_name = fields.Char(help="English name of the public holiday, as the calendar of that country has it.")
    shift = fields.Integer(
        string="Shifted By (days)", default=0, required=True, help="-1: begins on the day before.")
    duration = fields.Integer(
        string="Lasts (days)", default=1, required=True,
        help="30 days from the first of an Islamic month mean the whole month, which may have 29.")
    sighting = fields.Boolean(
        string="Depends on Sighting", help="The day is announced shortly before and may differ by one. Correct it below.")
    follows_id = fields.Many2one(
        comodel_name='customer.festival', string="Moves With", index='btree_not_null', ondelete='set null',
        help="When somebody corrects the days of that festival in a country, the days of this one move by as much there.")
    follows = fields.Selection(
        selection=[('start', "Its first day"), ('end', "Its last day")], string="Moves By", default='start',
        help="Eid begins when Ramadan ends: it moves by as much as the last day of Ramadan.")
    follower_ids = fields.One2many(comodel_name='customer.festival', inverse_name='follows_id')
    date_ids = fields.One2many(comodel_name='customer.festival.date', inverse_name='festival_id', string="Dates")
    period_ids = fields.One2many(comodel_name='customer.culture.period', inverse_name='festival_id')
    looked_up_on = fields.Date(readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help="Why the days of the coming years are not known.")
    next_date = fields.Date(string="Next", compute='_compute_next_date')

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a festival with this name.")
    _duration_limit = models.Constraint('CHECK (duration BETWEEN 1 AND 366)', "A festival lasts 1 to 366 days.")
    _shift_limit = models.Constraint('CHECK (shift BETWEEN -366 AND 366)', "Shift a festival by a year at most.")

    @api.constrains('method', 'month', 'day', 'weekday', 'nth', 'country_id', 'holiday_name')
    def _check_method(self):
        for festival in self:
            if not festival._is_complete():
                raise ValidationError(self.env._(
                    "%(festival)s: this is not a day that can be found. A month is 1 to 12, a day 1 to 31 (1 to 30 in the "
                    "lunar and the Islamic calendar), a weekday the 1st to 5th or -1 for the last; a public holiday needs "
                    "its country and its name.", festival=festival.name))

    @api.constrains('follows_id')
    def _check_follows(self):
        for festival in self:
            if festival.follows_id.follows_id or festival.follows_id and festival.with_context(active_test=False).follower_ids:
                raise ValidationError(self.env._(
                    "%(festival)s can't move with a festival that moves with another one: choose that one.",
                    festival=festival.name))

    def _is_complete(self):
        """Return whether the rule names a day that some year has."""
        self.ensure_one()
        last_day = 30 if self.method in ('lunar', 'hijri') else 31
        if self.method in ('fixed', 'lunar', 'hijri'):
            return 1 <= self.month <= 12 and 1 <= self.day <= last_day
        if self.method == 'weekday':
            return 1 <= self.month <= 12 and bool(self.weekday) and (1 <= self.nth <= 5 or self.nth == -1)
        return self.method != 'holiday' or bool(self.country_id and self.holiday_name)

    @api.depends('date_ids.date_from', 'date_ids.date_to', 'date_ids.country_id')
    def _compute_next_date(self):
        today = fields.Date.context_today(self)
        for festival in self:
            festival.next_date = min(
                (row.date_from for row in festival._days_in() if row.date_to and row.date_to >= today), default=False)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        festivals = super().create(vals_list)
        self.env['customer.calendar.keeper']._festivals_changed(festivals)
        return festivals

    def write(self, vals):
        result = super().write(vals)
        if RULE_FIELDS & vals.keys():
            self.env['customer.calendar.keeper']._festivals_changed(self)
        if 'active' in vals:
            self.with_context(active_test=False).period_ids._replan_customers()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _describe_archiving(self, active):
        cultures = self.with_context(active_test=False).period_ids.culture_id
        return self._describe_planned_anew(len(cultures._customers()))

    def action_refresh(self):
        """Find the days of these festivals now."""
        self.check_access('write')
        self.env['customer.calendar.keeper'].sudo()._refresh_festivals(self)  # rows are made by the system
        return True

    def _days_in(self, country=None):
        """Return the days that hold in a country.

        :param country: res.country; without one the days that hold where there are no others
        :rtype: customer.festival.date
        """
        self.ensure_one()
        own = self.date_ids.filtered(lambda row: country and row.country_id == country)
        years = set(own.mapped('year'))
        return own | self.date_ids.filtered(lambda row: not row.country_id and row.year not in years)

    def _move_followers(self, countries):
        """Let move what moves with these festivals, because somebody corrected the days.

        :param countries: res.country in which they were corrected; none: in all without days of their own
        """
        keeper = self.env['customer.calendar.keeper']
        keeper._festivals_changed(self.follower_ids)
        if (self | self.follower_ids).filtered(lambda festival: festival.method == 'hijri'):
            self.env['customer.festival.days']._changed(countries)

    def _rule(self):
        """Return the rule of this festival for the engine."""
        self.ensure_one()
        return calendars.Festival(
            method=self.method, month=self.month, day=self.day, weekday=int(self.weekday or 0), nth=self.nth,
            country=self.country_id.code or '', name=self.holiday_name or '', shift=self.shift, duration=self.duration)
