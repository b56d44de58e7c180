import functools
import json
from datetime import datetime, time

import pytz

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.zones import FORMER_NAMES, day_in, day_shifts, local_time, trusted


def in_company_zone(method):
    """Let a scheduled action live by the clock of the main company, and write in its language: its user, OdooBot, has none, and
    the server's clock or that of Greenwich is nobody's day. What belongs to a person asks ``customer.clock`` for the day of
    that person, and is written in the language of that person."""
    @functools.wraps(method)
    def at_home(self, *args, **kwargs):
        clock = self.env['customer.clock']
        company = clock._main_company()
        return method(self.with_context(
            tz=clock._zone(company), lang=company.partner_id.lang or self.env.lang), *args, **kwargs)

    at_home.in_company_zone = True
    return at_home


class CustomerClock(models.AbstractModel):
    """What time and what day it is for whom.

    Of whom nothing is known, the next one decides; nobody is without a zone:

    * a customer: its state, its country, the zone on its contact as far as it is one of that place
      (``engine.zones.trusted``), its account manager, its company;
    * a user: the zone in the preferences, else that of the company;
    * a company: the zone on its contact, its state, its country, its working schedule.

    Everything is there in Python for a record and in SQL for statements over many; a test holds them to each other.
    """

    _name = 'customer.clock'
    _description = "What Day It Is for Whom"

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    @api.model
    def _main_company(self):
        """Return the company in whose night the scheduled actions run, and that stands in where no other is known."""
        return self.env['customer.responsibility']._main_company()

    @api.model
    @tools.ormcache()
    def _company_ids(self):
        """Return the ids of all companies: they are asked for whenever somebody is planned. Odoo empties the cache when one
        comes or goes.

        :rtype: tuple[int]
        """
        # it is one day for users of other companies too
        return tuple(self.env['res.company'].sudo().with_context(active_test=False).search([], order='id').ids)

    @api.model
    @tools.ormcache()
    def _our_zones(self):
        """Return the time zones that stand on our own contacts.

        :return: that of each company by its id, None where there is none; and those of all colleagues
        :rtype: tuple[dict[int, str | None], frozenset[str]]
        """
        self.env['res.partner'].flush_model(['tz'])
        for model, names in (('res.company', ['partner_id']), ('res.users', ['partner_id', 'share'])):
            self.env[model].flush_model(names)
        companies = dict(self.env.execute_query(SQL(
            """SELECT c.id, NULLIF(p.tz, '') FROM res_company c JOIN res_partner p ON p.id = c.partner_id ORDER BY c.id""")))
        people = self.env.execute_query(SQL(
            """SELECT DISTINCT p.tz FROM res_users u JOIN res_partner p ON p.id = u.partner_id
                WHERE p.tz <> '' AND u.share IS NOT TRUE"""))
        return companies, frozenset(zone for zone, in people)

    @api.model
    @tools.ormcache()
    def _our_contact_ids(self):
        """Return the ids of the contacts that stand for companies and colleagues."""
        self.env['res.company'].flush_model(['partner_id'])
        self.env['res.users'].flush_model(['partner_id', 'share'])
        return frozenset(partner_id for partner_id, in self.env.execute_query(SQL(
            """SELECT partner_id FROM res_company UNION SELECT partner_id FROM res_users WHERE share IS NOT TRUE""")))

    @api.model
    def _zone(self, record):
        """Return the name of the zone somebody lives by.

        :param record: at most one user, company or contact; an empty one stands for the main company
        :rtype: str
        """
        if record._name == 'res.users':
            user = record.sudo()  # the clock of a colleague is no secret
            return user.tz or self._zone(user.company_id)
        if record._name == 'res.partner':
            customer = record.sudo()  # as above
            return (self._place_zone(record)
                    or self._zone(customer.commercial_partner_id.user_id or customer.company_id))
        company = (record or self._main_company()).sudo()  # as above
        return (company.partner_id.tz or self._place_zone(company.partner_id) or company.resource_calendar_id.tz or 'UTC')

    @api.model
    def _place_zone(self, partner):
        """Return the zone of a contact as its place and what stands on it tell, or False where nothing is known."""
        partner = partner.sudo()  # as above
        return trusted(partner.tz or None, self.env['customer.zone']._there(partner)) or False

    @api.model
    def _today(self, record):
        """Return what day it is for somebody, see :meth:`_zone`."""
        return day_in(self._zone(record), fields.Datetime.now())

    @api.model
    def _begin(self, record, day):
        """Return the moment, in UTC, at which a day begins for somebody, see :meth:`_zone`.

        :param date day: by the calendar there
        :rtype: datetime
        """
        midnight = pytz.timezone(self._zone(record)).localize(datetime.combine(day, time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _now(self, record, moment=None):
        """Return what clock and calendar say where somebody is, see :meth:`_zone`.

        :param datetime moment: in UTC; now by default
        :return: the moment, with its time zone
        """
        return local_time(self._zone(record), moment or fields.Datetime.now())

    @api.model
    def _last_day(self):
        """Return the day where it is latest: whatever is not due there is due for nobody."""
        return day_in('Pacific/Kiritimati', fields.Datetime.now())

    @api.model
    def _first_day(self):
        """Return the day where it is earliest: what is due there is due for everybody."""
        return day_in('Etc/GMT+12', fields.Datetime.now())

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _company_zone_sql(self, company_id):
        """Return SQL for the zone of a company.

        :param SQL company_id: its id, may be null: the main company
        """
        zones, main = self._company_zones()
        return SQL("COALESCE(%s::jsonb ->> %s::text, %s)", zones, company_id, main)

    @api.model
    @tools.ormcache()
    def _company_zones(self):
        """Return the zones of all companies as JSON, and that of the main one."""
        zones = {company.id: self._zone(company) for company in self.env['res.company'].browse(self._company_ids())}
        return json.dumps(zones), self._zone(self._main_company())

    @api.model
    def _user_zone_sql(self, user_id, company_id=None):
        """Return SQL for the zone of a user.

        :param SQL user_id: the id, may be null
        :param SQL company_id: the company that decides where there is no user
        """
        return SQL(
            """COALESCE((SELECT COALESCE(zone_partner.tz, %(of_user)s)
                           FROM res_users zone_user JOIN res_partner zone_partner ON zone_partner.id = zone_user.partner_id
                          WHERE zone_user.id = %(user)s), %(of_company)s)""",
            user=user_id, of_user=self._company_zone_sql(SQL("zone_user.company_id")),
            of_company=self._company_zone_sql(company_id or SQL("NULL")))

    @api.model
    def _customer_zone_sql(self, alias):
        """Return SQL for the zone of a customer.

        :param SQL alias: ``res_partner`` of a commercial partner
        """
        return SQL(
            "COALESCE(%s, %s)", self.env['customer.zone']._there_sql(alias),
            self._user_zone_sql(SQL("%s.user_id", alias), SQL("%s.company_id", alias)))

    @api.model
    def _today_sql(self, zone):
        """Return SQL for what day it is in a zone.

        The database may not know every zone that a person can choose, so it is told in which of them it is another day.

        :param SQL zone: name of the zone
        """
        now = fields.Datetime.now()
        shifts = day_shifts(now)
        days = [SQL("WHEN zone = ANY(%s) THEN %s::date", list(names), fields.Date.add(now.date(), days=shift))
                for shift, names in shifts.items() if names]
        if not days:
            return SQL("%s::date", now.date())
        return SQL("(SELECT CASE %s ELSE %s::date END FROM (SELECT %s AS zone) AS clock)",
                   SQL(" ").join(days), now.date(), zone)

    @api.model
    def _day_sql(self, moment, zone):
        """Return SQL for the day of a moment in a zone.

        :param SQL moment: a column in UTC
        :param SQL zone: name of the zone
        """
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self._known_zone_sql(zone))

    @api.model
    def _begin_sql(self, day, zone):
        """Return SQL for the moment, in UTC, at which a day begins in a zone.

        :param SQL day: a date
        :param SQL zone: name of the zone
        """
        return SQL("(%s::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')", day, self._known_zone_sql(zone))

    @api.model
    def _known_zone_sql(self, zone):
        """Return SQL for a zone by a name that the database knows.

        :param SQL zone: name of the zone
        """
        if not (unknown := self._zones_unknown_to_database()):
            return zone
        return SQL(
            "CASE WHEN %(zone)s = ANY(%(unknown)s) THEN COALESCE(%(names)s::jsonb ->> %(zone)s, 'UTC') ELSE %(zone)s END",
            zone=zone, unknown=list(unknown), names=json.dumps(FORMER_NAMES))

    @api.model
    @tools.ormcache(cache='stable')
    def _zones_unknown_to_database(self):
        """Return the zones that a person can choose and the database would refuse: it may have another table of them.

        :rtype: tuple[str]
        """
        known = {name for name, in self.env.execute_query(SQL("SELECT name FROM pg_timezone_names"))}
        return tuple(name for name in pytz.all_timezones if name not in known)

    @api.model
    def _reached_domain(self, day, *users):
        """Return the domain of records whose day has come where the user is that they are for.

        :param str day: name of a date field
        :param str users: names of stored fields with the user; the first one that is set decides, else the main company
        """
        def to_sql(model, alias, query):
            user_id = SQL("COALESCE(%s)", SQL(", ").join(model._field_to_sql(alias, name, query) for name in users))
            # what has come for everybody needs no look at anybody's clock
            return SQL("(%(day)s <= %(first)s OR %(day)s <= %(today)s)", day=model._field_to_sql(alias, day, query),
                       first=self._first_day(), today=self._user_today_sql(user_id))

        # the first condition is for the index
        return Domain(day, '<=', self._last_day()) & Domain.custom(to_sql=to_sql)

    @api.model
    def _user_today_sql(self, user_id, company_id=None):
        """Return SQL for what day it is for a user, see :meth:`_user_zone_sql`."""
        return self._today_sql(self._user_zone_sql(user_id, company_id))
