import logging
from datetime import timedelta

from markupsafe import Markup, escape
from psycopg2.extras import Json

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...engine import calendars, places, published
from ...engine.calendar_errors import CalendarError, CalendarMissing, OutOfRange
from ..base.local_day import in_company_zone
from ..platform.local_text import listed
from .customer_week import WEEKDAYS

_logger = logging.getLogger(__name__)

DECEMBER = 12

#: So many changed days are listed, the others counted.
LISTED = 20

ACTIVITY_TYPE = 'customer_success.mail_activity_type_calendar'


class CustomerCalendarKeeper(models.AbstractModel):
    """Keeps the holidays and festivals of the coming years as rows that people can correct (CUL-2).

    The planner reads rows, never a library: so a wrong date is corrected where it stands, and a row that a person changed
    is left alone for good. Each country and each festival is a unit of its own: one that can't be looked up keeps its old
    rows and says why, and the others go on.
    """

    _name = 'customer.calendar.keeper'
    _description = "Holidays and Festivals"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Look up the coming years of every country with customers and of every festival, one per transaction.

        What was looked up today is left out, so a run that was cut short goes on where it ended.
        """
        if self._open_calendars():
            # a new country may keep festivals on days of its own
            self.env['customer.festival'].search([('method', '=', 'hijri')]).looked_up_on = False
        self._look_at_typed_in()
        not_today = Domain('looked_up_on', '!=', fields.Date.context_today(self))
        units = [
            *self.env['customer.country.calendar'].search(not_today),
            *self.env['customer.festival'].search(not_today & Domain('method', '!=', 'manual'))]
        with self.env['customer.run']._measure('calendar') as run:
            def refresh(batch):
                [unit] = batch
                run['done'] += self._refresh_safely(unit.with_prefetch())
                run['failed'] += bool(unit.problem)

            self.env['customer.routine']._work_through(units, refresh)
            run['note'] = self.env._(
                "days that came or changed: %(rows)s, calendars to look at: %(failed)s", rows=run['done'], failed=run['failed'])
        self._announce_missing()

    @api.model
    def _refresh_all(self):
        """Do the same in this transaction."""
        self._open_calendars()
        self._refresh_countries(self.env['customer.country.calendar'].search([]))
        self._refresh_festivals(self.env['customer.festival'].search([('method', '!=', 'manual')]))
        self._look_at_typed_in()

    @api.model
    def _look_at_typed_in(self):
        """Say of festivals with typed-in days which of them run out."""
        for festival in self.env['customer.festival'].search([('method', '=', 'manual')]):
            problem = self._missing_years(festival)
            if (festival.problem or False) != problem:
                festival.problem = problem

    @api.model
    def _wake(self):
        self.env.ref('customer_success.ir_cron_calendar').sudo()._trigger()  # whoever has a customer in a new country

    @api.model
    def _years(self):
        """Return the first and the last year that should be known.

        Last year is kept, because an interval counts on from it and reports look back.
        """
        this_year = fields.Date.context_today(self).year
        return this_year - 1, this_year + max(self.env['res.config.settings']._customer_success('calendar_years'), 1)

    @api.model
    def _open_calendars(self):
        """Give every country that has a managed customer its calendar."""
        self.env['res.partner'].flush_model(['customer_managed', 'country_id', 'state_id'])
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT COALESCE(p.country_id, s.country_id) FROM res_partner p
            LEFT JOIN res_country_state s ON s.id = p.state_id
                WHERE p.customer_managed IS TRUE AND COALESCE(p.country_id, s.country_id) IS NOT NULL
                  AND COALESCE(p.country_id, s.country_id) NOT IN (SELECT country_id FROM customer_country_calendar)"""))
        return self.env['customer.country.calendar'].with_context(customer_calendar_wait=True).create([
            {'country_id': country_id} for country_id, in rows])

    @api.model
    def _festivals_changed(self, festivals):
        """The rule of festivals changed: find their days anew."""
        self.sudo()._refresh_festivals(festivals.filtered('active'))  # rows are made by the system

    @api.model
    def _countries_changed(self, country_calendars):
        """Country calendars are new: look their holidays up."""
        if not self.env.context.get('customer_calendar_wait'):
            self.sudo()._refresh_countries(country_calendars)  # rows are made by the system
            self.sudo()._refresh_festivals(self.env['customer.festival'].search([('method', '=', 'hijri')]))  # as above

    @api.model
    def _states_changed(self, country_calendars):
        """A person said what holds in a country or its states: look their holidays up."""
        self._countries_changed(country_calendars.filtered('active'))

    @api.model
    def _refresh_countries(self, country_calendars):
        for country_calendar in country_calendars:
            self._refresh_safely(country_calendar)

    @api.model
    def _refresh_festivals(self, festivals):
        for festival in festivals:
            if festival.method != 'manual':
                self._refresh_safely(festival)

    @api.model
    def _refresh_safely(self, unit):
        """Refresh one country or festival; what goes wrong stands on it, and its old rows stay.

        :return: how many rows came, changed or went
        """
        self, unit = self.sudo(), unit.sudo()  # rows are made and taken away by the system, whoever asks for it
        refresh = self._refresh_country if unit._name == 'customer.country.calendar' \
            else self.env['customer.festival.days']._refresh

        def explain(error):
            if isinstance(error, CalendarError):
                return 0, self._explain(error)
            _logger.info("%s could not be looked up", unit, exc_info=True)
            return 0, self.env._(
                "The calendar of %(name)s could not be computed (%(library)s). The days known so far hold; you can type in "
                "others. Your administrator finds the cause in the log of the server.",
                name=unit.display_name,
                library=calendars.source('holiday' if unit._name == 'customer.country.calendar' else unit.method))

        changed, problem = self.env['customer.routine']._attempt(lambda: (refresh(unit), False), explain)
        if not problem:
            problem = self._missing_years(unit)
        unit.write({'problem': problem, 'looked_up_on': fields.Date.context_today(self)})
        return changed

    @api.model
    def _settle(self, units):
        """Take the problem away from countries and festivals that have days in all coming years now."""
        for unit in units.filtered('problem'):
            if not self._missing_years(unit):
                unit.sudo().problem = False  # whoever typed the days in
                unit.sudo().activity_unlink([ACTIVITY_TYPE])  # as above

    @api.model
    def _explain(self, error):
        """Return what is wrong with a calendar, and what to do."""
        if isinstance(error, CalendarMissing):
            return self.env._(
                "The Python library %(library)s is missing. Ask your administrator to install it; meanwhile the days known "
                "so far hold, and you can type in others.", library=error.library)
        if isinstance(error, OutOfRange):
            return self.env._(
                "This calendar is known only from %(first)s to %(last)s. Type in the days of other years.",
                first=error.first, last=error.last)
        return self.env._("No published calendar is at hand for %(what)s. Type in the days.", what=error.what)

    @api.model
    def _missing_years(self, unit):
        """Return a sentence about the coming years without any day, or False."""
        __, last = self._years()
        years = range(fields.Date.context_today(self).year, last + 1)
        if unit._name == 'customer.country.calendar':
            if unit.country_id.code in published.WITHOUT_HOLIDAYS:
                return False
            known = {row.date.year for row in unit.holiday_ids}
        else:
            general = unit._days_in()
            known = {row.date_from.year for row in general}
            if unit.method == 'manual':
                return self._runs_out(unit, known)
            if unit.method == 'lunar':
                known |= {row.date_from.year + 1 for row in general if row.date_from.month == DECEMBER}
        missing = [str(year) for year in years if year not in known]
        if missing:
            return self.env._("Nothing is known yet about %(years)s. Type in the days.", years=listed(self.env, missing))
        return unit._name == 'customer.country.calendar' and self._not_arranged(unit)

    @api.model
    def _runs_out(self, festival, known):
        """Return a sentence about a festival whose typed-in days end within a year, or False.

        What was typed in for a single year is an event that does not come again.

        :param set known: the years in which it has days
        """
        year = fields.Date.context_today(self).year + 1
        if len(known) < 2 or year <= max(known):  # noqa: PLR2004
            return False
        return self.env._(
            "The days of this festival are typed in, and those of %(year)s are missing. Type them in, or archive the festival.",
            year=year)

    @api.model
    def _not_arranged(self, country_calendar):
        """Return a sentence about make-up days that should be published by now and are not known, or False.

        Governments publish those of the next year in autumn, so from December on they are missed.
        """
        today = fields.Date.context_today(self)
        due = today.year + (today.month == DECEMBER)
        if not 0 < country_calendar.arranged_until < due:
            return False
        return self.env._(
            "The make-up working days and bridge days of %(years)s are not known yet. Type them in as soon as the government "
            "has published them, then raise the year up to which they are known.",
            years=country_calendar._years_text(country_calendar.arranged_until + 1, due))

    # ------------------------------------------------------------
    # COUNTRIES
    # ------------------------------------------------------------

    @api.model
    def _refresh_country(self, country_calendar):
        """Bring the working weeks and the public holidays of a country and its states in line with the library."""
        place, (first, last) = country_calendar._stands(), self._years()
        if not country_calendar.place_edited:
            country_calendar._write_changed({'place': str(place), 'place_edited': False})
        self._refresh_weeks(country_calendar, place)
        languages = tuple(code for code, __ in self.env['res.lang'].get_installed())
        national = self._days_of(place, first, last, languages)
        wanted = {(0, *key): day for key, day in national.items()}
        by_place = {place: national}
        for state in country_calendar.state_ids:
            if not state.place:
                continue  # the holidays of the country hold, as for a customer without a state
            stands = places.parse(state.place)
            if stands not in by_place:
                by_place[stands] = self._days_of(stands, first, last, languages)
            wanted |= self._differences(state.state_id.id, national, by_place[stands])
        wanted = self.env['customer.festival.days']._seen_here(country_calendar, wanted)
        changed = self._write_holidays(country_calendar, wanted, first, last)
        arranged = calendars.arranged_until(place)
        country_calendar._write_changed({
            'source': published.WITHOUT_HOLIDAYS.get(place.country) or calendars.source('holiday'),
            'known_until': max((day.day.year for day in national.values()), default=0),
            # who typed the days of a year in raises it
            'arranged_until': 0 if arranged is None else max(arranged, country_calendar.arranged_until),
        })
        return changed

    @api.model
    def _days_of(self, place, first, last, languages):
        """Return the ``calendars.PublicHoliday`` of a place by day and kind."""
        return {
            (day.day, 'workday' if day.works else 'holiday'): day
            for day in calendars.public_holidays(place, first, last, languages)}

    @api.model
    def _differences(self, state_id, national, own):
        """Return the rows that make the holidays of a country those of a state, see :meth:`_write_holidays`."""
        rows = {(state_id, *key): day for key, day in own.items() if key not in national}
        for key, day in national.items():
            if key not in own:
                rows[state_id, key[0], 'ordinary'] = day
        return rows

    @api.model
    def _refresh_weeks(self, country_calendar, place):
        """Bring the states of a country that matter, and all working weeks, in line with the library."""
        today = fields.Date.context_today(self)
        week = calendars.weekend(place, today)
        if not country_calendar.week_edited:
            country_calendar._write_changed({
                **self._working(week), 'week_source': week.source, 'week_edited': False})
        country, missing = country_calendar.country_id, self._states(country_calendar.country_id)
        new = [state for state in missing - country_calendar.state_ids.state_id if self._matters(country, state)]
        country_calendar.with_context(customer_calendar_wait=True).state_ids = [
            Command.create({'state_id': state.id, 'week_edited': False}) for state in new]
        for state in country_calendar.state_ids:
            stands = state._stands()
            if not state.place_edited:
                state._write_changed({'place': str(stands or ''), 'place_edited': False})
            state._write_changed({'problem': state._explain_place()})
            if not state.week_edited:
                own = self._weekend_of(country, state.state_id, stands, today) or week
                state._write_changed({
                    'own_week': own.days != week.days, **self._working(own), 'week_source': own.source, 'week_edited': False})

    @api.model
    def _weekend_of(self, country, state, stands, today):
        """Return the weekend of a state, or None when nobody says that it has one of its own."""
        stands = published.STATE_WEEKENDS.get((country.code, state.code)) or stands
        return stands and calendars.weekend(stands, today)

    @api.model
    def _working(self, weekend):
        """Return the fields of a working week that leaves a weekend free."""
        return {name: weekday not in weekend.days for weekday, name in enumerate(WEEKDAYS)}

    @api.model
    def _matters(self, country, state):
        """Return whether anything may be different in a state of a country."""
        return bool(
            places.parts(country.code) or places.place_of_state(country.code, state.code, state.name)
            or (country.code, state.code) in published.STATE_WEEKENDS)

    @api.model
    def _check_places(self, units):
        """Refuse a place that the library does not know.

        :param units: customer.country.calendar or customer.state.calendar
        """
        for unit in units.filtered(lambda unit: unit.place and unit.place_edited):
            try:
                known = places.is_known(places.parse(unit.place))
            except CalendarMissing as error:
                raise ValidationError(self._explain(error)) from error
            if not known:
                raise ValidationError(self.env._(
                    "%(place)s is no place that the calendar library knows. Enter the code of a country and, behind a "
                    "hyphen, that of its part: DE-BY for Bavaria, HK for Hong Kong.", place=unit.place))

    @api.model
    def _states(self, country):
        """Return the states of a country that managed customers are in."""
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT p.state_id FROM res_partner p JOIN res_country_state s ON s.id = p.state_id
                WHERE p.customer_managed IS TRUE AND s.country_id = %s
                  AND (p.country_id = s.country_id OR p.country_id IS NULL)""",
            country.id))
        return self.env['res.country.state'].browse(state_id for state_id, in rows)

    @api.model
    def _write_holidays(self, country_calendar, wanted, first, last):
        """Write the difference between the rows that are there and those that should be; rows of people stay.

        :param dict wanted: ``calendars.PublicHoliday`` by state id, day and kind
        :return: how many rows came or went
        """
        holidays = self.env['customer.holiday'].with_context(active_test=False)
        there = {
            (row.state_id.id or 0, row.source_date, row.kind if not row.edited else False): row
            for row in holidays.search([('calendar_id', '=', country_calendar.id), ('source_date', '!=', False)])}
        by_hand = {(state_id, day) for state_id, day, kind in there if not kind}
        gone = holidays.browse(
            row.id for (state_id, day, kind), row in there.items()
            if kind and first <= day.year <= last and (state_id, day, kind) not in wanted)
        new = [
            (key, public) for key, public in wanted.items()
            if key not in there and (key[0], key[1]) not in by_hand]
        source = calendars.source('holiday')
        lost = gone.mapped('display_name')
        gone.unlink()
        rows = holidays.create([{
            'calendar_id': country_calendar.id, 'state_id': state_id or False, 'date': public.day, 'source_date': day,
            'kind': kind, 'source': public.source or source, 'estimated': public.estimated,
            'name': public.names['en_US'],
        } for (state_id, day, kind), public in new])
        moved = self._move_holidays(there, wanted)
        self._name_holidays(country_calendar, wanted)
        told_apart = {state_id for state_id, __, __ in there}  # the first look-up of a state is no news
        self._list_changes(country_calendar, lost, moved, rows.filtered(
            lambda row: row.date.year <= country_calendar.known_until and (row.state_id.id or 0) in told_apart))
        return len(lost) + len(rows) + len(moved)

    @api.model
    def _move_holidays(self, there, wanted):
        """Put the rows that no person changed on the days where they should be.

        :return: what moved, in words
        """
        moved = []
        for key, public in wanted.items():
            row = there.get(key)
            if row and (row.date, row.estimated) != (public.day, public.estimated):
                if row.date != public.day:
                    moved.append(self.env._(
                        "%(holiday)s, now on %(day)s", holiday=row.display_name, day=format_date(self.env, public.day)))
                row.write({'date': public.day, 'estimated': public.estimated, 'edited': False})
        return moved

    @api.model
    def _list_changes(self, country_calendar, lost, moved, came):
        """List on a calendar that was known before what a look-up changed.

        :param lost: what went, in words
        :param moved: what moved, in words
        :param came: customer.holiday that are new
        """
        news = [
            (title, texts) for title, texts in (
                (self.env._("New"), came.sorted('date').mapped('display_name')), (self.env._("Moved"), moved),
                (self.env._("Gone"), lost)) if texts]
        if not news or not country_calendar.known_until:
            return
        body = Markup("<p>%s</p>") % self.env._(
            "The look-up (%(library)s) changed these days; what was planned around them is planned anew.",
            library=calendars.source('holiday'))
        for title, texts in news:
            body += Markup("<b>%s</b><ul>%s</ul>") % (
                title, Markup().join(Markup("<li>%s</li>") % text for text in texts[:LISTED]))
            if len(texts) > LISTED:
                body += Markup("<p>%s</p>") % self.env._("and %(count)s more", count=len(texts) - LISTED)
        country_calendar.message_post(body=body)

    @api.model
    def _name_holidays(self, country_calendar, wanted):
        """Give the rows that no person changed their names in all languages that are installed now."""
        made_up = {
            code: self.with_context(lang=code).env._("Make-up working day")
            for code, __ in self.env['res.lang'].get_installed()}
        rows = [
            (country_calendar.id, state_id, day, kind, Json({**public.names, **made_up} if public.works else public.names))
            for (state_id, day, kind), public in wanted.items()]
        self.env['customer.holiday'].flush_model()
        self.env.cr.execute_values(
            """UPDATE customer_holiday h SET name = v.names
                 FROM (VALUES %s) AS v (calendar_id, state_id, day, kind, names)
                WHERE h.calendar_id = v.calendar_id AND COALESCE(h.state_id, 0) = v.state_id AND h.source_date = v.day
                  AND h.kind = v.kind AND NOT h.edited AND h.name IS DISTINCT FROM v.names""",
            rows, template='(%s, %s, %s::date, %s, %s::jsonb)')
        self.env['customer.holiday'].invalidate_model(['name'])

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    @api.model
    def _announce_missing(self):
        """Give a manager an activity for each calendar in use that lacks a coming year, once; done ones go by themselves."""
        manager = self.env.ref('customer_success.group_customer_success_manager').all_user_ids.filtered(
            lambda user: user.active and not user.share and user.id != self.env.ref('base.user_root').id)[:1]
        for model, domain in (
            ('customer.country.calendar', Domain.TRUE), ('customer.festival', Domain('period_ids', '!=', False)),
        ):
            units = self.env[model].search(domain)
            needy = units.filtered(self._complaint)
            told = needy.filtered(lambda unit: unit.activity_ids)
            says = self.with_context(lang=manager.lang or self.env.lang)
            for unit in (needy - told).with_env(says.env) if manager else ():
                unit.with_context(mail_activity_quick_update=True).activity_schedule(
                    ACTIVITY_TYPE, user_id=manager.id, summary=says.env._("Days are missing"),
                    note=escape(says._complaint(unit)))
            (units - needy).filtered('activity_ids').activity_unlink([ACTIVITY_TYPE])

    @api.model
    def _complaint(self, unit):
        """Return what whoever keeps the calendars has to know of a country or festival, or False."""
        if unit.problem or unit._name == 'customer.festival' or not unit.unknown_states:
            return unit.problem
        return self.env._(
            "Not known to the calendar: %(states)s. The public holidays of the country hold there. Enter where they belong, "
            "or type their days in.", states=unit.unknown_states)

    # ------------------------------------------------------------
    # PLANNING ANEW
    # ------------------------------------------------------------

    @api.model
    def _replan_around(self, spans, countries=None, cultures=None):
        """Ask for the planning of the customers that have something planned around these days.

        :param spans: pairs of first and last day
        :param countries: only customers of these res.country
        :param cultures: only customers of these customer.culture, and of those that build on them
        """
        if not spans:
            return
        margin = self.env['customer.suitability']._margin()
        near = Domain.OR(
            Domain('date_planned', '>=', start - margin) & Domain('date_planned', '<=', end + margin)
            for start, end in self._merged(spans, margin))
        who = Domain('partner_id.country_id', 'in', countries.ids) if countries is not None else \
            Domain('partner_id', 'in', SQL("(%s)", cultures._customers_sql()))
        self.env['customer.plan.request']._request_of(Domain('step_id', '!=', False) & who & near)

    @api.model
    def _merged(self, spans, margin):
        """Return spans that lie closer together than twice the margin as one."""
        merged = []
        for start, end in sorted(spans):
            if merged and start - merged[-1][1] <= 2 * margin + timedelta(days=1):
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        return merged
