from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, ormcache

from ...engine.suitability import CustomerSide, Period
from .customer_week import WEEKDAYS


class CustomerSuitability(models.AbstractModel):
    """Reads the days of customers out of the calendars: working week, public holidays, culture periods (CUL-2).

    Of a customer without a country, and of a country without a calendar, nothing is known: every day suits it, and the
    calendar of the responsible person decides alone. A customer without a culture profile has no periods.
    """

    _name = 'customer.suitability'
    _description = "Which Days Suit a Customer"

    @api.model
    def _sides(self, keys, first, last):
        """Return the days of customers.

        :param keys: ids of country, state and culture profile, 0 for none, as tuples
        :param date first: first day that will be asked about
        :param date last: last day that will be asked about
        :rtype: dict[tuple, CustomerSide]
        """
        keys = set(keys)
        countries = {key[0] for key in keys} - {0}
        weeks, state_weeks, own_weeks = self._known_weeks()
        holidays = self._holidays(countries, first, last)
        periods = self._periods({(key[2], key[0]) for key in keys if key[2]}, first, last)
        sides = {}
        for key in keys:
            country, state, culture = key
            closed, worked = {}, set()
            for place in (0, state) if state else (0,):
                for day, kind, holiday_id in holidays.get((country, place), ()):
                    if kind == 'holiday':
                        closed.setdefault(day, ('customer.holiday', holiday_id))
                    elif kind == 'workday':
                        worked.add(day)
                    else:  # the country's, and not kept in this state
                        closed.pop(day, None)
                        worked.discard(day)
            week = own_weeks.get(culture) or state_weeks.get(state) or weeks.get(country) or frozenset(range(7))
            sides[key] = CustomerSide(week, closed, worked, periods.get((culture, country), ()))
        return sides

    @api.model
    def _side_of(self, partner, first, last):
        """Return the days of one customer."""
        return self._side(self._key(partner), first, last)

    @api.model
    @ormcache('key', 'first', 'last')
    def _side(self, key, first, last):
        """Return the days that follow from a place and a profile; whoever opens a customer there today asks the same."""
        return self._sides([key], first, last)[key]

    @api.model
    def _key(self, partner):
        """Return what the days of a customer depend on, for :meth:`_sides`."""
        country = partner.country_id or partner.state_id.country_id
        return (country.id or 0, partner.state_id.id or 0, partner.customer_culture_id.id or 0)

    @api.model
    def _key_of_lead(self, lead):
        """Return the same for a lead: of where it is, else of where its customer is."""
        customer = lead.partner_id.commercial_partner_id
        where = lead if lead.country_id else customer
        states, countries = self.env['customer.culture']._get_places()
        culture = customer.customer_culture_id.id or states.get(where.state_id.id) or countries.get(where.country_id.id)
        return (where.country_id.id or 0, where.state_id.id or 0, culture or 0)

    @api.model
    @ormcache()
    def _known_weeks(self):
        """Return the worked weekdays by country, by state where it has a week of its own, and by culture where it has one."""
        for model in ('customer.country.calendar', 'customer.state.calendar', 'customer.culture'):
            self.env[model].flush_model()
        days = SQL(", ").join(SQL.identifier('w', name) for name in WEEKDAYS)
        return (
            self._weeks(SQL("SELECT w.country_id, %s FROM customer_country_calendar w WHERE w.active", days)),
            self._weeks(SQL(
                """SELECT w.state_id, %s FROM customer_state_calendar w
                     JOIN customer_country_calendar c ON c.id = w.calendar_id AND c.active
                    WHERE w.own_week""", days)),
            self._weeks(SQL("SELECT w.id, %s FROM customer_culture w WHERE w.own_week", days)))

    @api.model
    def _weeks(self, query):
        """Return the worked weekdays by id; a week without any is left out, as if there were no calendar."""
        weeks = {}
        for record_id, *works in self.env.execute_query(query):
            if any(works):
                weeks[record_id] = frozenset(weekday for weekday, worked in enumerate(works) if worked)
        return weeks

    @api.model
    def _holidays(self, country_ids, first, last):
        """Return holidays and make-up working days by country and state; what a state does not keep comes first."""
        self.env['customer.holiday'].flush_model()
        found = {}
        for country_id, state_id, day, kind, holiday_id in self.env.execute_query(SQL(
                """SELECT c.country_id, COALESCE(h.state_id, 0), h.date, h.kind, h.id
                     FROM customer_holiday h
                     JOIN customer_country_calendar c ON c.id = h.calendar_id AND c.active
                    WHERE h.active AND c.country_id = ANY(%s) AND h.date BETWEEN %s AND %s
                 ORDER BY h.kind <> 'ordinary', h.date, h.id""", list(country_ids), first, last)):
            found.setdefault((country_id, state_id), []).append((day, kind, holiday_id))
        return found

    @api.model
    def _periods(self, places, first, last):
        """Return the periods by culture and country, those of the profile it builds on included.

        :param places: ids of culture and country, 0 for none, as tuples
        """
        for model in ('customer.culture', 'customer.culture.period', 'customer.festival', 'customer.festival.date'):
            self.env[model].flush_model()
        places = sorted(places)
        found = {}
        for culture_id, country_id, period_id, effect, opens, start, end, estimated, channel_ids in self.env.execute_query(SQL(
                """SELECT k.culture_id, k.country_id, p.id, p.effect, p.greet, d.date_from - p.days_before,
                          d.date_to + p.days_after, d.estimated,
                          ARRAY(SELECT customer_channel_id FROM customer_culture_period_channel r
                                 WHERE r.customer_culture_period_id = p.id)
                     FROM unnest(%(cultures)s::int[], %(countries)s::int[]) AS k(culture_id, country_id)
                     JOIN customer_culture c ON c.id = k.culture_id
                     JOIN customer_culture_period p ON p.culture_id = c.id OR p.culture_id = c.parent_id
                     JOIN customer_festival f ON f.id = p.festival_id AND f.active
                     JOIN customer_festival_date d ON d.festival_id = f.id AND %(holds)s
                    WHERE d.date_from - COALESCE(p.days_before, 0) <= %(last)s
                      AND d.date_to + COALESCE(p.days_after, 0) >= %(first)s
                 ORDER BY p.culture_id <> c.id, p.sequence, p.id""",
                cultures=[culture for culture, __ in places], countries=[country for __, country in places], first=first,
                last=last, holds=self.env['customer.festival.date']._holds_sql('d', SQL("k.country_id")))):
            found.setdefault((culture_id, country_id), []).append(Period(
                start, end, effect, frozenset(channel_ids), ('customer.culture.period', period_id), opens, bool(estimated)))
        return found

    @api.model
    def _margin(self):
        """Return how far a day may be away from a planned date and still matter to it."""
        [[grace]] = self.env.execute_query(SQL("SELECT COALESCE(max(grace_days), 0) FROM customer_cadence_step WHERE active"))
        return timedelta(days=2 * (grace + 7))
