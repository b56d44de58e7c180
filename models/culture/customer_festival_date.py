from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..platform.local_text import bracketed


class CustomerFestivalDate(models.Model):
    """The days of a festival in one year: computed, and kept as a person corrected them (CUL-2).

    A country that keeps the festival on other days has a row of its own, which holds there instead of the general one.
    """

    _name = 'customer.festival.date'
    _inherit = ['customer.cached']
    _description = "Days of a Festival"
    _order = 'date_from desc, id desc'

    festival_id = fields.Many2one(comodel_name='customer.festival', required=True, index=True, ondelete='cascade')
    year = fields.Integer(
        required=True, help="In the calendar the festival belongs to: 1447, not 2026, in the Islamic one.",
        default=lambda self: fields.Date.context_today(self).year)
    country_id = fields.Many2one(
        comodel_name='res.country', index='btree_not_null', ondelete='cascade',
        help="These days hold in this country. Empty: in all countries without days of their own.")
    date_from = fields.Date(
        string="First Day", required=True, help="Moving the first day alone moves the last day along.")
    date_to = fields.Date(string="Last Day", required=True)
    source = fields.Char(readonly=True, help="Where the days come from.")
    estimated = fields.Boolean(readonly=True, help="Nobody has announced the day yet: it may still change by one.")
    edited = fields.Boolean(
        string="By Hand", readonly=True, help="A person set these days: no scheduled action changes them.")

    _country_year_uniq = models.UniqueIndex(
        "(festival_id, year, COALESCE(country_id, 0))", "This festival already has its days of that year in that country.")
    _dates = models.Constraint('CHECK (date_to >= date_from)', "The festival ends before it begins.")
    _days_idx = models.Index('(date_from, date_to)')

    @api.depends('festival_id', 'year', 'country_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for row in self:
            row.display_name = bracketed(self.env, f'{row.festival_id.name} {row.year}', row.country_id.name)

    @api.onchange('date_from')
    def _onchange_date_from(self):
        before = self._origin.date_from
        if before and self.date_from and self.date_to == self._origin.date_to:
            self.date_to += self.date_from - before

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create([{'edited': not vals.get('source'), **vals} for vals in vals_list])
        rows._replan_customers()
        self.env['customer.calendar.keeper']._settle(rows.festival_id)
        rows.filtered('edited')._move_along()
        return rows

    def write(self, vals):
        if not {'date_from', 'date_to', 'country_id', 'year'} & vals.keys():
            return super().write(vals)
        by_hand = vals.get('edited', True)
        if by_hand and vals.get('date_from') and 'date_to' not in vals:
            return all([row._move(vals) for row in self])
        spans = self._spans()
        if by_hand:
            vals = {
                'edited': True, 'estimated': False, 'source': self.env._("set by %(user)s", user=self.env.user.name), **vals}
        result = super().write(vals)
        self._replan_customers(spans)
        if by_hand:
            self._move_along()
        return result

    def _move_along(self):
        """Let what moves with these days move, because somebody corrected them."""
        for country, rows in self.grouped('country_id').items():
            rows.festival_id._move_followers(country)

    def _move(self, vals):
        """Let the days of this row begin on another day and last as long as before."""
        self.ensure_one()
        self._check_customer_values(vals)  # the last day follows from a day that can be meant
        last_day = self.date_to + (fields.Date.to_date(vals['date_from']) - self.date_from)
        return self.write({**vals, 'date_to': last_day})

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
        by_hand = {country: rows.festival_id for country, rows in self.filtered('edited').grouped('country_id').items()}
        result = super().unlink()
        self.browse()._replan_customers(spans, festivals)
        for country, corrected in by_hand.items():
            self.env['customer.calendar.keeper']._festivals_changed(corrected)
            corrected._move_followers(country)
        return result

    def action_reset(self):
        """Take the computed days again."""
        self.check_access('write')
        spans, festivals, country = self._spans(), self.festival_id, self.country_id
        self.edited = False
        self.env['customer.calendar.keeper'].sudo()._refresh_festivals(festivals)  # rows are made by the system
        rows = self.exists()  # a country that nobody knows other days of has no row any more
        rows._replan_customers(spans, festivals)
        festivals._move_followers(country)
        return True

    def _spans(self):
        return [(row.date_from, row.date_to) for row in self]

    def _replan_customers(self, spans=(), festivals=None):
        """Ask for the planning of the customers that have something planned around these days."""
        periods = (self.festival_id | (festivals or self.env['customer.festival'])).period_ids
        if not periods:
            return
        before, after = (timedelta(days=max(periods.mapped(name))) for name in ('days_before', 'days_after'))
        self.env['customer.calendar.keeper']._replan_around(
            [(start - before, end + after) for start, end in [*spans, *self._spans()]], cultures=periods.culture_id)

    @api.model
    def _holds_sql(self, alias, country):
        """Return SQL for: these days hold in a country, because they are its own or it has none of its own.

        :param str alias: of a relation with the columns of customer_festival_date
        :param SQL country: expression of the id of the country, NULL where it is not known
        """
        return SQL(
            """(%(d)s.country_id = %(country)s OR %(d)s.country_id IS NULL AND NOT EXISTS (
                   SELECT 1 FROM customer_festival_date own
                    WHERE own.festival_id = %(d)s.festival_id AND own.year = %(d)s.year AND own.country_id = %(country)s))""",
            d=SQL.identifier(alias), country=country)
