from datetime import date, timedelta
from typing import NamedTuple

from odoo import Command, api, models

from ...engine import calendars, islamic, places
from ...engine.calendar_errors import CalendarMissing, NotKnown

#: The public holidays of a festival begin on its eve.
EVE = timedelta(days=1)


class FestivalDays(NamedTuple):
    """The days of a festival in one year and place.

    :param start: first day
    :param end: last day
    :param source: where they come from
    :param estimated: not announced yet
    """

    start: date
    end: date
    source: str
    estimated: bool


class CustomerFestivalDays(models.AbstractModel):
    """The days of festivals, those of countries that keep them on others, and what moves with them."""

    _name = 'customer.festival.days'
    _description = "Days of Festivals"

    @api.model
    def _refresh(self, festival):
        """Bring the computed days of a festival in line with its rule; rows of people stay."""
        first, last = self.env['customer.calendar.keeper']._years()
        there = {(row.year, row.country_id.id or 0): row for row in festival.date_ids}
        wanted = self._moved_along(festival, self._computed_days(festival, first, last), first, last)
        changed = 0
        for (year, country_id), days in wanted.items():
            row = there.get((year, country_id))
            if row and (row.edited or (row.date_from, row.date_to, row.estimated) == (days.start, days.end, days.estimated)):
                continue
            values = {
                'date_from': days.start, 'date_to': days.end, 'source': days.source, 'estimated': days.estimated,
                'edited': False}
            festival.date_ids = [
                Command.update(row.id, values) if row
                else Command.create({'year': year, 'country_id': country_id or False, **values})]
            changed += 1
        gone = festival.date_ids.filtered(
            lambda row: not row.edited and (row.year, row.country_id.id or 0) not in wanted
            and first <= row.date_from.year <= last)
        changed += len(gone)
        gone.unlink()
        return changed

    @api.model
    def _computed_days(self, festival, first, last):
        """Return the days of a festival as computed, those of countries only where they are others than the general ones.

        :rtype: dict[tuple[int, int], FestivalDays]
        :return: days by year of the festival's calendar and id of the country, 0 for the general ones
        """
        rule, source = festival._rule(), calendars.source(festival.method)
        found = {
            (day.year, 0): FestivalDays(day.start, day.end, source, festival.sighting)
            for day in calendars.occurrences(rule, first, last)}
        if festival.method != 'hijri':
            return found
        for country in self.env['customer.country.calendar'].search([]).country_id:
            try:
                kept = islamic.kept_in(places.place_of_country(country.code), rule, first, last)
            except (CalendarMissing, NotKnown):
                continue  # its calendar says so
            for day in kept:
                general = found.get((day.year, 0))
                if general and (day.start, day.end) != (general.start, general.end):
                    found[day.year, country.id] = FestivalDays(
                        day.start, day.end, calendars.source('holiday'), day.estimated)
        return found

    @api.model
    def _moved_along(self, festival, computed, first, last):
        """Return the days of a festival, moved by as much as people moved those of the festival that it moves with."""
        base = festival.follows_id
        corrected = base.date_ids.filtered('edited')
        if not corrected:
            return computed
        before, moved = self._computed_days(base, first, last), dict(computed)
        for row in corrected:
            key = row.year, row.country_id.id or 0
            was, own = (days.get(key) or days.get((row.year, 0)) for days in (before, computed))
            if not was or not own:
                continue
            by = row.date_to - was.end if festival.follows == 'end' else row.date_from - was.start
            if by:
                moved[key] = FestivalDays(
                    own.start + by, own.end + by, self.env._("moved with %(festival)s", festival=base.name), own.estimated)
        return moved

    # ------------------------------------------------------------
    # PUBLIC HOLIDAYS OF A FESTIVAL
    # ------------------------------------------------------------

    @api.model
    def _seen_here(self, country_calendar, wanted):
        """Move the estimated holidays of a festival by as much as people moved that festival in the country.

        :param dict wanted: ``calendars.PublicHoliday`` by key, see :meth:`_write_holidays`; the key keeps the day of the source
        """
        moves = self._sightings(country_calendar.country_id)
        if not moves:
            return wanted
        return {
            key: next((
                day._replace(day=day.day + by, estimated=False) for start, by in moves
                if day.estimated and start - EVE <= day.day <= start + calendars.FEAST), day)
            for key, day in wanted.items()}

    @api.model
    def _sightings(self, country):
        """Return how far people moved the days of the Islamic festivals in a country.

        :return: pairs of the first day as estimated and the difference in days
        """
        (first, last), moves = self.env['customer.calendar.keeper']._years(), []
        for festival in self.env['customer.festival'].search([('method', '=', 'hijri'), ('shift', '=', 0)]):
            rows = festival._days_in(country)
            if festival.duration >= calendars.HIJRI_MONTH or not (
                    rows.filtered('edited') or (festival.follows_id.date_ids.filtered('edited'))):
                continue
            computed = self._computed_days(festival, first, last)
            for row in rows:
                was = computed.get((row.year, country.id)) or computed.get((row.year, 0))
                if was and row.date_from != was.start:
                    moves.append((was.start, row.date_from - was.start))
        return moves

    @api.model
    def _changed(self, countries):
        """A person moved a festival: its public holidays move along.

        :param countries: res.country in which it moved; none: in all without days of their own
        """
        if countries:
            calendars_there = self.env['customer.country.calendar'].search([('country_id', 'in', countries.ids)])
            self.env['customer.calendar.keeper']._refresh_countries(calendars_there)
            return
        # many countries: the scheduled action does it at once, and nobody waits for it; the date is the system's to write
        self.env['customer.country.calendar'].sudo().search([('holiday_ids.estimated', '=', True)]).looked_up_on = False
        self.env['customer.calendar.keeper']._wake()
