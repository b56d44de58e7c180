from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...engine import anniversaries
from ...engine.calendar_errors import CalendarError
from ..platform.local_text import day_text


class CustomerOccasion(models.Model):
    """A day on which a person or a customer is greeted: an anniversary, a key moment, a festival they observe (CUL-4).

    Nobody's religion is kept: a person observes a festival, or does not.
    """

    _name = 'customer.occasion'
    _description = "Occasion"
    _order = 'partner_id, kind_id, id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Person or Customer", required=True, index=True, ondelete='cascade',
        domain=[('commercial_partner_id.customer_managed', '=', True), ('type', '=', 'contact')])
    customer_id = fields.Many2one(related='partner_id.commercial_partner_id', string="Customer")
    is_company = fields.Boolean(related='partner_id.is_company')
    kind_id = fields.Many2one(
        comodel_name='customer.occasion.kind', string="Occasion", required=True, index=True, ondelete='restrict')
    source = fields.Selection(related='kind_id.source')
    once = fields.Boolean(related='kind_id.once')
    calendar = fields.Selection(
        selection=[('gregorian', "Gregorian"), ('lunar', "Chinese lunar")], required=True,
        compute='_compute_proposal', store=True, readonly=False, precompute=True)
    month = fields.Integer(compute='_compute_proposal', store=True, readonly=False, precompute=True)
    day = fields.Integer(compute='_compute_proposal', store=True, readonly=False, precompute=True)
    leap = fields.Boolean(string="Leap Month", help="In the leap month of this number (闰月).")
    year = fields.Integer(
        string="First Time (year)", compute='_compute_proposal', store=True, readonly=False, precompute=True,
        help="The year of birth or founding, in the same calendar. 0: not known.")
    date = fields.Date(string="On", help="The day of what happens only once.")
    festival_id = fields.Many2one(
        comodel_name='customer.festival', string="Observes", index='btree_not_null', ondelete='restrict')
    greet = fields.Selection(
        selection=[('culture', "As is customary there"), ('always', "Always"), ('never', "Never")],
        required=True, default='culture',
        help="As is customary there: not where the culture profile says that such an occasion is not greeted on.")
    note = fields.Char(help="What to think of: likes Longjing tea, the daughter started university. It is for whoever writes "
                            "the greeting.")
    may_tell = fields.Boolean(
        string="May Be Told", help="The note may stand in the letter as it is: the draft quotes it to the person.")
    active = fields.Boolean(default=True)
    when = fields.Char(compute='_compute_when')
    # not searchable: the screen Coming Occasions answers what is next, over all sources
    next_date = fields.Date(string="Next", compute='_compute_next_date')

    _day_idx = models.Index("(calendar, month, day) WHERE active")
    _date_idx = models.Index("(date) WHERE date IS NOT NULL AND active")

    @api.constrains('kind_id', 'calendar', 'month', 'day', 'leap', 'year', 'date', 'festival_id')
    def _check_day(self):
        for occasion in self:
            if occasion.source == 'festival' and not occasion.festival_id:
                raise ValidationError(self.env._("Please choose the festival that %(person)s observes.",
                                                 person=occasion.partner_id.display_name))
            if occasion.once and not occasion.date:
                raise ValidationError(self.env._("Please say on which day: %(kind)s.", kind=occasion.kind_id.name))
            if occasion.source != 'festival' and not occasion.once:
                occasion._check_anniversary()
                this_year = fields.Date.context_today(occasion).year
                if occasion.year and not 1000 <= occasion.year <= this_year + 1:
                    raise ValidationError(self.env._(
                        "%(year)s can't be the year of the first time. Write it with four digits, or 0 when it is not "
                        "known.", year=occasion.year))

    def _check_anniversary(self):
        """Refuse a day that no year has, in words."""
        self.ensure_one()
        try:
            anniversaries.check(self._anniversary())
        except anniversaries.Impossible as error:
            texts = {
                'month': self.env._("There is no month %(month)s: it is 1 to 12.", month=self.month),
                'leap': self.env._(
                    "Only the Chinese lunar calendar has leap months. Take the mark away, or choose the lunar calendar."),
                'day': self.env._(
                    "A lunar month has no day %(day)s: it has 29 or 30 days.", day=self.day)
                if self.calendar == 'lunar' else self.env._(
                    "Month %(month)s has no day %(day)s.", day=self.day, month=self.month),
            }
            raise ValidationError(texts[error.kind]) from error

    @api.constrains('kind_id', 'partner_id')
    def _check_applies_to(self):
        for occasion in self:
            wanted, is_company = occasion.kind_id.applies_to, occasion.partner_id.is_company
            if wanted == 'person' and is_company:
                raise ValidationError(self.env._(
                    "%(kind)s is for persons, and %(partner)s is a company. Note it on the contact person.",
                    kind=occasion.kind_id.name, partner=occasion.partner_id.display_name))
            if wanted == 'company' and not is_company and occasion.partner_id.parent_id:
                raise ValidationError(self.env._(
                    "%(kind)s is for companies, and %(partner)s is a person. Note it on the company.",
                    kind=occasion.kind_id.name, partner=occasion.partner_id.display_name))

    @api.constrains('kind_id', 'partner_id', 'festival_id', 'active')
    def _check_twice(self):
        yearly = self.filtered(lambda occasion: occasion.active and not occasion.once)
        # also one that the user does not see, for the greeting would be one
        groups = self.sudo()._read_group(
            [('partner_id', 'in', yearly.partner_id.ids), ('kind_id', 'in', yearly.kind_id.ids)],
            ['partner_id', 'kind_id', 'festival_id'], having=[('__count', '>', 1)])
        for partner, kind, festival in groups:
            if yearly.filtered(lambda o, row=(partner, kind, festival): (o.partner_id, o.kind_id, o.festival_id) == row):
                raise ValidationError(self.env._(
                    "%(kind)s of %(person)s is noted already. Change that one.",
                    kind=festival.name or kind.name, person=partner.display_name))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('kind_id', 'partner_id')
    def _compute_proposal(self):
        """Propose what is known: the birth date of the person, the first order of the customer."""
        for occasion in self:
            kind, partner = occasion.kind_id, occasion.partner_id
            occasion.calendar = occasion.calendar if not kind else kind.calendar
            if occasion.month:
                continue
            known = False
            if kind.source == 'birthdate':
                known = partner.birthdate_date
            elif kind.source == 'cooperation':
                customer = partner.commercial_partner_id
                known = customer.customer_first_order or customer.customer_managed_since
            occasion.month, occasion.day, occasion.year = (
                (known.month, known.day, known.year) if known and kind.calendar == 'gregorian'
                else (occasion.month, occasion.day, occasion.year))

    @api.depends('partner_id', 'kind_id', 'festival_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for occasion in self:
            occasion.display_name = self.env._(
                "%(customer)s: %(what)s", customer=occasion.partner_id.name, what=occasion._what())

    @api.depends('calendar', 'month', 'day', 'leap', 'year', 'date', 'kind_id', 'festival_id')
    @api.depends_context('lang')
    def _compute_when(self):
        for occasion in self:
            occasion.when = occasion._describe_when()

    def _describe_when(self):
        """Return the day in words, whatever calendar it is in."""
        self.ensure_one()
        if self.source == 'festival':
            return self.festival_id.name or ''
        if self.once:
            return format_date(self.env, self.date) if self.date else ''
        if not 1 <= self.month <= 12 or not self.day:
            return ''
        values = {'day': self.day, 'month': self.month}
        if self.calendar == 'lunar':
            return (self.env._("day %(day)s of the lunar leap month %(month)s", **values) if self.leap
                    else self.env._("day %(day)s of the lunar month %(month)s", **values))
        try:
            # 2000 has a 29 February
            return day_text(self.env, fields.Date.to_date(f'2000-{self.month:02}-{self.day:02}'), 'MMMMd')
        except ValueError:
            return ''

    @api.depends('calendar', 'month', 'day', 'leap', 'date', 'kind_id', 'festival_id')
    def _compute_next_date(self):
        today = fields.Date.context_today(self)
        in_march = self.env['res.config.settings']._customer_success('leap_day_in_march')
        for occasion in self:
            occasion.next_date = occasion._next_on(today, in_march)

    def _next_on(self, today, in_march):
        """Return the next day of this occasion, today included, or False."""
        self.ensure_one()
        if self.source == 'festival':
            if not self.festival_id:  # on a form, before one is chosen
                return False
            country = self.partner_id.country_id or self.partner_id.commercial_partner_id.country_id
            # whoever keeps the calendars, when a festival is is no secret
            days = self.festival_id.sudo()._days_in(country)
            return min((row.date_from for row in days if row.date_from >= today), default=False)
        if self.once:
            return self.date if self.date and self.date >= today else False
        try:
            return anniversaries.next_on(self._anniversary(), today, in_march)[1]
        except (CalendarError, anniversaries.Impossible):
            return False

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        occasions = super().create(vals_list)
        self.env['customer.greeter']._wake()
        return occasions

    def write(self, vals):
        result = super().write(vals)
        self.env['customer.greeter']._wake()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _anniversary(self):
        """Return the day for the engine."""
        self.ensure_one()
        return anniversaries.Anniversary(self.month, self.day, self.calendar == 'lunar', self.leap)

    def _what(self):
        """Return what is greeted on: the festival, else the kind."""
        self.ensure_one()
        return self.festival_id.name or self.kind_id.name or ''
