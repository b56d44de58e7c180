import logging
import uuid
from datetime import timedelta

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import anniversaries
from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: Greetings opened in one transaction.
BATCH = 500

#: So many days back a working day is looked for; without any, a greeting stays on the day itself.
LOOK_BACK = 14

#: An open greeting that is overdue for longer stays, whatever becomes of its occasion.
LOOK_BEHIND = timedelta(days=31)

#: What a greeting is made of, in the order of :meth:`CustomerGreeter._due_sql`.
COLUMNS = (
    'partner_id', 'customer_id', 'contact_id', 'kind_id', 'occasion_id', 'festival_id', 'year', 'moment', 'date', 'since',
    'company_id', 'user_id', 'culture_id', 'due', 'note',
)

#: What of it is kept, in the order of :meth:`CustomerGreeter._insert`.
KEPT = COLUMNS[:11]

#: Set aside greetings are tried again after so long.
RETRY = timedelta(hours=20)


class CustomerGreeter(models.AbstractModel):
    """Opens a greeting for every occasion in time, once (CUL-4).

    The question is asked of the data: which occasions are kept in the coming days and have no greeting of their year yet?
    So it does not matter how often it is asked, nor after what interruption. All sources of occasions are one SQL relation
    (``customer.occasion.coming`` shows it): the cost follows what comes up, not the number of customers.
    """

    _name = 'customer.greeter'
    _description = "Opens Greetings"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_open(self):
        """Open what is due, one transaction per batch, until the time of the action is up."""
        with self.env['customer.run']._measure('greet') as run:
            run['done'] = withdrawn = self._withdraw()

            def open_batch(rows):
                opened, failed = self._open_safely(rows)
                run['done'] += opened
                run['failed'] += failed

            self.env['customer.routine']._work_through(self._due(), open_batch, BATCH, done=withdrawn)
            run['note'] = self.env._(
                "greetings opened: %(opened)s, taken back: %(withdrawn)s, set aside: %(failed)s",
                opened=run['done'] - withdrawn, withdrawn=withdrawn, failed=run['failed'])

    @api.model
    def _open_due(self):
        """Open what is due in this transaction.

        :return: how many greetings were opened, and how many set aside
        :rtype: tuple[int, int]
        """
        self._withdraw()
        return self._open_safely(self._due())

    @api.model
    def _wake(self):
        """Look soon: an occasion may be close."""
        # whoever notes an occasion
        self.env.ref('customer_success.ir_cron_greet').sudo()._trigger()

    # ------------------------------------------------------------
    # WHICH GREETINGS ARE DUE
    # ------------------------------------------------------------

    @api.model
    def _due(self):
        """Return what to open today, the earliest first, as rows of :data:`COLUMNS`."""
        today, day = fields.Datetime.now().date(), timedelta(days=1)
        leads = self.env['customer.occasion.kind'].search([]).mapped('lead_days')
        if not leads:
            return []
        # somewhere it is still yesterday or tomorrow already
        return self.env.execute_query(self._due_sql(today - day, today + timedelta(days=max(leads) + LOOK_BACK) + day))

    @api.model
    def _due_sql(self, first, last):
        """Return SQL with the occasions whose greeting should open: in time before a working day of the responsible
        person, on whose day it opens, not while the customer is paused, and not if there is one of this year.

        :param date first: the day where it is earliest
        :param date last: the last day that is looked at
        """
        clock = self.env['customer.clock']
        return SQL(
            """WITH calendar AS (
                    SELECT DISTINCT ON (user_id) user_id, calendar_id FROM resource_resource
                     WHERE user_id IS NOT NULL AND active ORDER BY user_id, id
                    ),
                    clock AS MATERIALIZED (SELECT id AS user_id, %(user_today)s AS today FROM res_users),
                    due AS (%(due)s)
             SELECT %(columns)s
               FROM (SELECT o.*, CASE WHEN p.is_company IS NOT TRUE THEN p.id ELSE main.id END AS contact_id,
                            p.is_company AND main.id IS NULL AND main.shy AS nobody, there.today,
                            GREATEST(due.due, there.today) AS due
                       FROM (%(occurrences)s) o
                       JOIN customer_occasion_kind t ON t.id = o.kind_id
                       JOIN res_partner p ON p.id = o.partner_id
                       JOIN res_company company ON company.id = o.company_id
                  LEFT JOIN calendar ON calendar.user_id = o.user_id
                  LEFT JOIN clock ON clock.user_id = o.user_id
         CROSS JOIN LATERAL (SELECT COALESCE(clock.today, %(company_today)s) AS today) AS there
                       JOIN due ON due.calendar_id = COALESCE(calendar.calendar_id, company.resource_calendar_id, 0)
                        AND due.company_id = o.company_id AND due.date = o.date
          LEFT JOIN LATERAL (%(main_contact)s) AS main ON p.is_company
                      WHERE o.customary AND o.date >= there.today AND due.due - t.lead_days <= there.today) AS o
              WHERE o.nobody IS NOT TRUE AND %(not_paused)s AND %(not_there)s
           ORDER BY o.due, o.date, o.partner_id""",
            due=self._due_days_sql(first, last), occurrences=self.env['customer.occurrence']._sql(first, last),
            user_today=clock._user_today_sql(SQL("res_users.id")),
            company_today=clock._today_sql(clock._company_zone_sql(SQL("o.company_id"))),
            columns=SQL(", ").join(SQL.identifier('o', column) for column in COLUMNS),
            main_contact=self._main_contact_sql(), not_paused=self._not_paused_sql(), not_there=self._not_there_sql())

    @api.model
    def _main_contact_sql(self):
        """Return SQL with the person to greet for a company ``o.customer_id``: who was spoken to last, else the first
        contact; ``shy`` when there are people, but all of them said that they are never greeted on this."""
        return SQL(
            """SELECT (array_agg(x.id ORDER BY spoken.day DESC NULLS LAST, x.id) FILTER (WHERE NOT never.is_set))[1] AS id,
                      count(*) > 0 AS shy
                 FROM res_partner x
                 JOIN res_partner c ON c.id = o.customer_id
    LEFT JOIN LATERAL (SELECT max(f.contact_day) AS day FROM customer_followup f
                        WHERE f.contact_id = x.id AND f.state = 'done' AND f.qualifies) AS spoken ON TRUE
   CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM customer_occasion own
                                       WHERE own.active AND own.partner_id = x.id AND own.kind_id = o.kind_id
                                         AND own.greet = 'never'
                                         AND own.festival_id IS NOT DISTINCT FROM o.festival_id) AS is_set) AS never
                WHERE x.commercial_partner_id = o.customer_id AND x.id <> o.customer_id AND x.is_company IS NOT TRUE
                  AND (%s) IS NULL""",
            # some medium: which one is decided when it is opened
            self.env['customer.addressee']._why_not_sql(SQL("x"), SQL("c"), 'other'))

    @api.model
    def _not_paused_sql(self):
        return SQL(
            """NOT EXISTS (SELECT 1 FROM customer_pause s WHERE s.partner_id = o.customer_id
                              AND (o.today BETWEEN s.date_from AND s.date_to
                                   OR o.date BETWEEN s.date_from AND s.date_to))""")

    @api.model
    def _not_there_sql(self):
        """Return SQL for: the occasion has no greeting of this year. One that was set aside is tried again, later; one that
        was taken back does not count."""
        return SQL(
            """NOT EXISTS (SELECT 1 FROM customer_greeting g
                            WHERE g.partner_id = o.partner_id AND g.kind_id = o.kind_id AND g.year = o.year
                              AND COALESCE(g.festival_id, 0) = COALESCE(o.festival_id, 0) AND g.moment = o.moment
                              AND g.withdrawn IS NOT TRUE AND (g.state <> 'failed' OR g.write_date > %s))
               AND NOT EXISTS (SELECT 1 FROM customer_greeting g
                                WHERE g.contact_id = o.contact_id AND g.kind_id = o.kind_id AND g.year = o.year
                                  AND g.festival_id = o.festival_id AND g.partner_id <> o.partner_id
                                  AND g.withdrawn IS NOT TRUE)""",
            self.env.cr.now() - RETRY)

    @api.model
    def _due_days_sql(self, today, last):
        """Return SQL with the day on which a greeting is due, by calendar, company and day of the occasion: the day itself,
        or the last working day before when it is a free one, but never a day that has passed."""
        pairs = self.env.execute_query(SQL(
            """SELECT DISTINCT COALESCE(r.calendar_id, company.resource_calendar_id, 0), company.id
                 FROM (%s) c
                 JOIN res_company company ON company.id = c.company_id
            LEFT JOIN resource_resource r ON r.user_id = c.user_id AND r.active""",
            self.env['customer.occurrence']._customers_sql()))
        rows = []
        for calendar_id, company_id in pairs:
            is_working = self.env['resource.calendar']._customer_is_working(calendar_id, company_id)
            for date in anniversaries.days_between(today, last):
                candidates = (date - timedelta(days=back) for back in range(LOOK_BACK + 1))
                due = next((day for day in candidates if day < today or is_working(day)), date)
                rows.append((calendar_id, company_id, date, max(due, today)))
        return SQL(
            """SELECT * FROM unnest(%s::int[], %s::int[], %s::date[], %s::date[])
                   AS d (calendar_id, company_id, date, due)""",
            *(map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])))

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    @api.model
    def _open_safely(self, rows):
        """Open greetings; one that can't be opened is set aside with its error, and the others go on.

        :param rows: rows of :data:`COLUMNS`
        :return: how many were opened, and how many set aside
        """
        def set_aside(row, error):
            _logger.info("The greeting of partner %s could not be opened", row[0], exc_info=True)
            self._set_aside(row, error)
            return 0, 1

        results = self.env['customer.routine']._by_halves(rows, lambda some: (self._open(some), 0), set_aside)
        return sum(opened for opened, __ in results), sum(failed for __, failed in results)

    @api.model
    def _open(self, rows):
        """Open greetings with their follow-ups and drafts.

        :return: how many
        """
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        greetings = self._insert(rows)
        by_key = {self._key(row): row for row in rows}
        rows = [by_key[self._key(greeting)] for greeting in greetings]
        channels = self._choose_channels(greetings, rows)
        wanted = [(greeting, row, channel) for greeting, row, channel in zip(greetings, rows, channels, strict=True) if channel]
        for greeting, channel in zip(greetings, channels, strict=True):
            if not channel:
                says = self.with_context(lang=greeting.customer_id.user_id.lang or self.env.lang).env
                greeting.write({'state': 'skipped', 'problem': says._(
                    "No channel is left: no address, or they do not want to be written to.")})
        # read together here: the follow-ups look at their customers one by one
        greetings.customer_id.fetch(['commercial_partner_id', 'user_id'])
        owners = self._owners({(row['user_id'], row['company_id']) for __, row, __ in wanted})
        self.env['customer.followup'].with_context(tracking_disable=True).create([
            self._prepare_followup_values(greeting, {**row, 'user_id': owners[row['user_id'], row['company_id']]}, channel)
            for greeting, row, channel in wanted])
        self._draft(greetings.filtered(lambda greeting: greeting.state == 'planned'))
        return len(wanted)

    @api.model
    def _owners(self, pairs):
        """Return who greets the customers of account managers: they themselves, or who does it for one who left.

        :param pairs: ids of account managers and companies
        :rtype: dict[tuple, int]: id of a user, or False
        """
        owner, users, companies = (
            self.env['customer.responsibility']._owner, self.env['res.users'], self.env['res.company'])
        return {(user_id, company_id): owner('manager', users.browse(user_id or ()), companies.browse(company_id)).id
                for user_id, company_id in pairs}

    @api.model
    def _insert(self, rows):
        """Insert greetings, those left out that another process opened meanwhile. What was set aside or taken back before
        is opened again, as it is now.

        :param list[dict] rows: by :data:`COLUMNS`
        :return: the new customer.greeting
        """
        greetings = self.env['customer.greeting']
        now = self.env.cr.now()
        constants = ('planned', 'none', self.env.uid, now, self.env.uid, now)
        ids = self.env.cr.execute_values(
            """INSERT INTO customer_greeting (
                       partner_id, customer_id, contact_id, kind_id, occasion_id, festival_id, year, moment, date, since,
                       company_id, state, fact_source, create_uid, create_date, write_uid, write_date) VALUES %s
                    ON CONFLICT (partner_id, kind_id, COALESCE(festival_id, 0), year, moment) DO UPDATE
                   SET state = 'planned', problem = NULL, withdrawn = FALSE, customer_id = EXCLUDED.customer_id,
                       contact_id = EXCLUDED.contact_id, occasion_id = EXCLUDED.occasion_id, date = EXCLUDED.date,
                       since = EXCLUDED.since, company_id = EXCLUDED.company_id, write_date = EXCLUDED.write_date
                 WHERE customer_greeting.state = 'failed' OR customer_greeting.withdrawn
             RETURNING id""", [tuple(row[name] for name in KEPT) + constants for row in rows], fetch=True)
        greetings = greetings.browse(greeting_id for greeting_id, in ids)
        greetings.invalidate_recordset(flush=False)
        return greetings

    @api.model
    def _key(self, row):
        """Return what makes a greeting one of its kind.

        :param row: a customer.greeting, or a row as a dict
        """
        names = ('partner_id', 'kind_id', 'festival_id', 'year', 'moment')
        if isinstance(row, models.BaseModel):
            return tuple(row[name].id or None if row._fields[name].relational else row[name] for name in names)
        return tuple(row[name] for name in names)

    @api.model
    def _set_aside(self, row, error):
        """Keep a greeting that can't be opened where managers see it, with what is wrong."""
        self.env.flush_all()  # what waits to be written is not at fault below
        try:
            with self.env.cr.savepoint():
                greeting = self._insert([dict(zip(COLUMNS, row, strict=True))])
                greeting.write({'state': 'failed', 'problem': str(error)[:500]})
        except psycopg2.IntegrityError:
            _logger.info("Partner %s is gone meanwhile", row[0])

    @api.model
    def _prepare_followup_values(self, greeting, row, channel):
        """Return the values of the follow-up of a greeting."""
        language = self.env['res.users'].browse(row['user_id']).lang or self.env.lang
        in_language = greeting.with_context(lang=language)
        what = in_language._what()
        text = in_language.env._("Greeting to %(person)s: %(occasion)s", person=greeting._person().name, occasion=what) \
            if greeting.festival_id \
            else in_language.env._("%(occasion)s of %(person)s", person=greeting.partner_id.name, occasion=what)
        return {
            'partner_id': greeting.customer_id.id,
            'company_id': greeting.company_id.id,
            'contact_id': greeting.contact_id.id,
            'channel_id': channel.id,
            'name': text,
            'date_planned': row['due'],
            'user_id': row['user_id'],
            'given_by_id': False,  # it follows the account manager
            'greeting_id': greeting.id,
        }

    # ------------------------------------------------------------
    # CHANNELS
    # ------------------------------------------------------------

    @api.model
    def _choose_channels(self, greetings, rows):
        """Return the channel of each greeting: that of its kind, else the first fitting one that the culture prefers, else
        the fallback; none where the person does not want to be written to."""
        people = self.env['res.partner'].browse(greeting._person().id for greeting in greetings)
        pairs = [(person.id, greeting.customer_id.id) for person, greeting in zip(people, greetings, strict=True)]
        # whose occasion it is was chosen by whoever noted it
        closed = {medium: self.env['customer.addressee']._refused(pairs, medium, chosen=True) for medium in ('email', 'sms')}
        cultures = self.env['customer.culture'].browse({row['culture_id'] for row in rows if row['culture_id']})
        preferred = {
            culture.id: culture._preferred_channels().filtered(
                lambda channel: channel.active and channel.medium != 'meeting') for culture in cultures}
        nothing = self.env['customer.channel']
        by_email = nothing.search([('medium', '=', 'email')], limit=1)
        chosen = []
        for greeting, row, person in zip(greetings, rows, people, strict=True):
            kind = greeting.kind_id
            first = kind.channel_id or preferred.get(row['culture_id']) or by_email
            options = [*first, *kind.fallback_channel_id]
            chosen.append(next(
                (channel for channel in options if person.id not in closed.get(channel.medium, ())), nothing))
        return chosen

    # ------------------------------------------------------------
    # DRAFTS
    # ------------------------------------------------------------

    @api.model
    def _draft(self, greetings):
        """Write the drafts of greetings, each with something that may be told to its person and is said to nobody else.

        :param greetings: customer.greeting
        """
        # the texts quote them
        self._write_texts(self.env['customer.greeting.facts']._choose(greetings))
        texts = {}
        for (template, language), group in greetings.grouped(
                lambda greeting: (greeting.kind_id.template_id, greeting._language())).items():
            if not template:
                texts |= {greeting: {'subject': greeting.subject or None, 'draft': None} for greeting in group}
                continue
            in_language = template.with_context(lang=language)
            subjects = in_language._render_field('subject', group.ids)
            bodies = self._render_bodies(in_language, group)
            texts |= {greeting: {'subject': subjects[greeting.id], 'draft': greeting._plain_text(body)}
                      for greeting, body in zip(group, bodies, strict=True)}
        for greeting, values in texts.items():
            values.update(edited=False, text_key=greeting._fingerprint(values['draft']))
        self._write_texts(texts)

    @api.model
    def _render_bodies(self, template, greetings):
        """Return the bodies of a template for greetings, in their order.

        Odoo compiles a template anew for each record. This one is rendered once, with a loop around it.
        """
        end = uuid.uuid4().hex  # stands in no text
        loop = Markup('<t t-foreach="greetings" t-as="object">%s<t t-out="end"/></t>') % (template.body_html or "")
        rendered = template._render_template(
            loop, 'customer.greeting', greetings[:1].ids, engine='qweb', add_context={'greetings': greetings, 'end': end})
        return rendered[greetings[:1].id].split(end)[:-1]

    @api.model
    def _write_texts(self, values):
        """Write what differs from greeting to greeting in one statement.

        :param dict values: by customer.greeting, of each the same fields
        """
        if not values:
            return
        greetings = self.env['customer.greeting'].union(*values)
        names = list(next(iter(values.values())))
        greetings.flush_recordset()
        columns = [
            SQL("%s::%s[]", [row[name] for row in values.values()], SQL.identifier(greetings._fields[name].column_type[0]))
            for name in names]
        self.env.cr.execute(SQL(
            """UPDATE customer_greeting g SET %s, write_uid = %s, write_date = %s
                 FROM unnest(%s::int[], %s) AS v (id, %s) WHERE g.id = v.id""",
            SQL(", ").join(SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name)) for name in names),
            self.env.uid, self.env.cr.now(), greetings.ids, SQL(", ").join(columns),
            SQL(", ").join(map(SQL.identifier, names))))
        greetings.invalidate_recordset([*names, 'write_uid', 'write_date'], flush=False)

    # ------------------------------------------------------------
    # TAKING BACK
    # ------------------------------------------------------------

    @api.model
    def _withdraw_of(self, person_ids):
        """Take back at once the open greetings of people, or at customers, of whom something changed, where they are not to be
        greeted any more; what is to be greeted elsewhere by now opens soon.

        :param list person_ids: ids of contacts
        """
        greetings = self.env['customer.greeting'].search(Domain('state', '=', 'planned') & (
            Domain('contact_id', 'in', person_ids) | Domain('partner_id', 'in', person_ids)))
        if greetings and self._withdraw(greetings.ids):
            self._wake()

    @api.model
    def _withdraw(self, greeting_ids=None):
        """Take back open greetings of who is not to be greeted any more, or not on this day: the questions that opening
        asks, asked again. What comes back to be greeted, on another day or at another customer, opens again.

        :param list greeting_ids: ids of those that are looked at; None for all
        :return: how many
        """
        self.env.flush_all()
        only = SQL("AND g.id = ANY(%s)", greeting_ids) if greeting_ids is not None else SQL()
        [[first, last]] = self.env.execute_query(SQL(
            "SELECT min(date), max(date) FROM customer_greeting g WHERE state = 'planned' AND date >= %s %s",
            self.env['customer.clock']._last_day() - LOOK_BEHIND, only))
        if not first:
            return 0
        rows = self.env.execute_query(SQL(
            """SELECT g.id FROM customer_greeting g
                WHERE g.state = 'planned' AND g.date >= %(first)s AND NOT (%(kept)s) %(only)s""",
            first=first, kept=self._still_sql(first, last), only=only))
        greetings = self.env['customer.greeting'].browse(greeting_id for greeting_id, in rows)
        for language, some in greetings.grouped(lambda greeting: greeting.customer_id.user_id.lang or self.env.lang).items():
            note = self.with_context(lang=language).env._("Not to be greeted any more, or not on this day.")
            some.followup_ids.filtered_domain(Domain('state', '=', 'planned'))._mark_cancelled('replanned', note)
            some.write({'state': 'skipped', 'withdrawn': True, 'problem': note})
        return len(greetings)

    @api.model
    def _still_sql(self, first, last):
        """Return SQL for: the open greeting ``g`` would be opened again, for the same day and to the same person.

        :param date first: of the open greetings
        :param date last: of the open greetings
        """
        return SQL(
            """(g.partner_id, g.kind_id, COALESCE(g.festival_id, 0), g.year, g.moment, g.date, g.customer_id) IN (
                   SELECT o.partner_id, o.kind_id, COALESCE(o.festival_id, 0), o.year, o.moment, o.date, o.customer_id
                     FROM (%(occurrences)s) o WHERE o.customary)
               AND (g.contact_id IS NULL OR EXISTS (
                   SELECT 1 FROM res_partner c WHERE c.id = g.contact_id AND c.active
                      AND c.customer_do_not_contact IS NOT TRUE AND c.commercial_partner_id = g.customer_id)
                   AND (g.contact_id = g.partner_id OR NOT EXISTS (
                       SELECT 1 FROM customer_occasion own
                        WHERE own.active AND own.partner_id = g.contact_id AND own.kind_id = g.kind_id
                          AND own.greet = 'never' AND own.festival_id IS NOT DISTINCT FROM g.festival_id)))
               AND NOT EXISTS (SELECT 1 FROM customer_pause s JOIN res_partner c ON c.id = s.partner_id
                                WHERE s.partner_id = g.customer_id AND g.date BETWEEN s.date_from AND s.date_to
                                  AND g.date >= %(today)s)""",
            occurrences=self.env['customer.occurrence']._sql(first, last),
            today=self.env['customer.clock']._user_today_sql(SQL("c.user_id"), SQL("g.company_id")))
