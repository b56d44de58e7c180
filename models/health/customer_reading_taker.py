import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from .reading_source import ReadingSource

_logger = logging.getLogger(__name__)

#: So far back is looked when a metric is counted for the first time, and at least so far every night after: what was
#: corrected meanwhile, and what somebody did who only then became a customer, is counted as it is now.
FIRST_DAYS, AGAIN_DAYS = 730, 90

#: A page that is looked at so long after the one before begins another visit; it is the time after which Odoo's own count
#: of a visitor's visits goes on.
VISIT_HOURS = 8

#: The mark of a metric whose app was not there yet.
ABSENT = -1


class CustomerReadingTaker(models.AbstractModel):
    """Takes over every night what Odoo itself knows of customers, as readings (HEA-5).

    Sign-ins, visits, carts, clicks, events: the apps keep them, this addon depends on none of these apps. A metric says what
    it counts (``customer.metric.source``); one statement each counts anew what happened in the days looked at, and writes
    only what differs. So it may run twice, sleep for a week, and what was corrected or deleted is corrected here.

    *Whose.* What a person does counts for the customer that the person belongs to today; of whom only an email address is
    known, for the one customer that has it, and for nobody where several have. What happened with a company counts for
    customers of that company, and of none. *When.* On the day that it was where the customer is (``customer.clock``); an
    order is of the day of all its other figures, an event of the day where it took place.

    What can't be counted is set aside, with its sentence on the metric; the others go on. Of an app that is not there
    nothing is counted: what was counted before stays, also when the app comes back later, which begins from nothing.
    Periods are compared from the day on which counts are whole (``customer.metric.whole_from``).
    """

    _name = 'customer.reading.taker'
    _description = "Readings From Odoo's Apps"

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    @api.model
    def _sources(self):
        """Return what can be counted, by the technical name that ``customer.metric.source`` keeps: **this is how other
        addons add theirs**.

        :rtype: dict[str, ReadingSource]
        """
        return {
            'portal_logins': ReadingSource(
                self.env._("People who signed in to the portal"), 'portal', 'res.users.log.create_uid',
                self._portal_logins_sql, forgets=True),
            'web_visits': ReadingSource(
                self.env._("Visits to the website"), 'website', 'website.track.visit_datetime', self._web_visits_sql),
            'web_carts': ReadingSource(
                self.env._("Carts left behind in the shop"), 'website_sale', 'website.cart_abandoned_delay',
                self._web_carts_sql),
            'web_orders': ReadingSource(
                self.env._("Orders placed in the shop"), 'website_sale', 'website.cart_abandoned_delay',
                self._web_orders_sql),
            'mail_opens': ReadingSource(
                self.env._("Mailings opened"), 'mass_mailing', 'mailing.trace.open_datetime', self._mail_opens_sql),
            'mail_clicks': ReadingSource(
                self.env._("Mailings in which something was clicked"), 'mass_mailing',
                'link.tracker.click.mailing_trace_id', self._mail_clicks_sql),
            'event_attended': ReadingSource(
                self.env._("People who attended an event"), 'event', 'event.registration.date_closed',
                self._event_attended_sql),
        }

    @api.model
    def _is_there(self, source):
        """Return whether the app of a source is installed."""
        model, __, name = source.needs.rpartition('.')
        return model in self.env and name in self.env[model]._fields

    @api.model
    def _mark(self, source):
        """Return a number that differs from one installation of an app to the next."""
        model, __, name = source.needs.rpartition('.')
        return self.env['ir.model.fields']._get(model, name).id

    @api.model
    def _app_name(self, source):
        """Return what an app is called where apps are installed."""
        app = self.env['ir.module.module'].sudo().search([('name', '=', source.app)], limit=1)  # only its name
        return app.shortdesc or source.app

    # ------------------------------------------------------------
    # THE NIGHT
    # ------------------------------------------------------------

    @api.model
    def _take(self):
        """Count anew for all metrics that Odoo counts itself.

        :return: ``rows`` of readings written or deleted, and metrics ``failed``
        :rtype: dict[str, int]
        """
        self.env.flush_all()
        result, sources = {'rows': 0, 'failed': 0}, self._sources()
        metrics = self.env['customer.metric'].search([('source', '!=', False)])
        days_back = self._days_back(metrics)
        for metric in metrics:
            source = sources.get(metric.source)
            if not source or not self._is_there(source):
                self._note(metric, source_mark=metric.source_mark or ABSENT, problem=None)
                continue
            try:
                with self.env.cr.savepoint(flush=False):
                    result['rows'] += self._take_one(metric, source, days_back[metric])
            except psycopg2.OperationalError:
                raise  # another transaction was in the way, which is no fault of a source
            except Exception as error:  # whatever another addon's code raises
                result['failed'] += 1
                _logger.error("The metric %s could not be counted: %s", metric.code, error, exc_info=error)
                self._note(metric, problem=str(error).strip().partition('\n')[0] or type(error).__name__)
        if result['rows']:
            self.env['customer.reading'].invalidate_model()
        return result

    @api.model
    def _take_one(self, metric, source, days_back):
        """Count one metric anew.

        :param int days_back: how many days, unless it is the first time
        :return: how many readings were written or deleted
        """
        today, mark = fields.Date.context_today(self), self._mark(source)
        values = {'problem': None, 'taken_on': today, 'source_mark': mark}
        if metric.source_mark != mark:
            if metric.source_mark > 0:
                values['source_from'] = today  # an app that was taken away and came back knows nothing of before
            if metric.source_mark or source.forgets:
                values['whole_from'] = today
        since = fields.Date.subtract(today, days=days_back if metric.taken_on else FIRST_DAYS)
        begin = values.get('source_from') or metric.source_from or since
        [[rows]] = self.env.execute_query(self._readings_sql(metric, source, max(since, begin)))
        self._note(metric, **values)
        return rows

    @api.model
    def _days_back(self, metrics):
        """Return how many days are counted anew, by metric: those that measures and rules compare, and one for the clocks."""
        days = dict.fromkeys(metrics, AGAIN_DAYS)
        for model in ('customer.health.measure', 'customer.warning.rule'):
            for metric, longest in self.env[model]._read_group(
                    [('metric_id', 'in', metrics.ids)], ['metric_id'], ['window_days:max']):
                days[metric] = max(days[metric], 2 * longest + 1)
        return days

    @api.model
    def _note(self, metric, **values):
        """Note on a metric how it went. Written by SQL: nobody changed it, so it has no new author."""
        changed = {name: value for name, value in values.items() if (metric[name] or None) != value}
        if changed:
            self.env.cr.execute(SQL("UPDATE customer_metric SET %s WHERE id = %s", SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), value) for name, value in changed.items()), metric.id))
            metric.invalidate_recordset(list(changed))

    @api.model
    def _readings_sql(self, metric, source, since):
        """Return the statement that makes the readings of a metric true from a day on, and tells how many it changed."""
        clock = self.env['customer.clock']
        return SQL(
            """WITH happened AS MATERIALIZED (%(happened)s),
                    mailed AS MATERIALIZED (
                    SELECT p.email_normalized AS email, min(c.id) AS customer_id
                      FROM res_partner p JOIN res_partner c ON c.id = p.commercial_partner_id AND c.customer_managed IS TRUE
                     WHERE p.active AND p.email_normalized IN (SELECT email FROM happened WHERE email <> '')
                  GROUP BY p.email_normalized HAVING count(DISTINCT c.id) = 1),
                    whose AS MATERIALIZED (
                    SELECT c.id AS customer_id, h.moment, h.day, h.key
                      FROM happened h
                 LEFT JOIN res_partner p ON p.id = h.partner_id
                 LEFT JOIN res_partner own ON own.id = p.commercial_partner_id AND own.customer_managed IS TRUE
                 LEFT JOIN mailed m ON m.email = h.email AND own.id IS NULL
                      JOIN res_partner c ON c.id = COALESCE(own.id, m.customer_id)
                 LEFT JOIN res_company theirs ON theirs.id = c.company_id
                 LEFT JOIN res_company ours ON ours.id = h.company_id
                     WHERE theirs.id IS NULL OR ours.id IS NULL OR ours.parent_path LIKE theirs.parent_path || '%%'),
                    zones AS MATERIALIZED (
                    SELECT c.id, %(zone)s AS zone FROM res_partner c WHERE c.id IN (SELECT customer_id FROM whose)),
                    counted AS MATERIALIZED (
                    SELECT partner_id, day, count(DISTINCT key) AS value
                      FROM (SELECT w.customer_id AS partner_id, COALESCE(w.day, %(day)s) AS day, w.key
                              FROM whose w JOIN zones z ON z.id = w.customer_id) AS dated
                     WHERE day BETWEEN %(since)s AND %(latest)s
                  GROUP BY partner_id, day),
                    gone AS (
                    DELETE FROM customer_reading r
                     USING res_partner c
                     WHERE %(forgets)s IS FALSE AND c.id = r.partner_id AND c.customer_managed IS TRUE
                       AND r.metric_id = %(metric)s AND r.date >= %(since)s
                       AND NOT EXISTS (SELECT 1 FROM counted n WHERE n.partner_id = r.partner_id AND n.day = r.date)
                 RETURNING 1),
                    taken AS (
                    INSERT INTO customer_reading AS r (partner_id, metric_id, date, value, create_date, write_date)
                         SELECT partner_id, %(metric)s, day, value, %(now)s, %(now)s FROM counted ORDER BY partner_id, day
                    ON CONFLICT (partner_id, metric_id, date) DO UPDATE
                            SET value = excluded.value, write_date = excluded.write_date
                          WHERE r.value < excluded.value OR r.value > excluded.value AND %(forgets)s IS FALSE
                      RETURNING 1)
             SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM taken)""",
            # a day is up to 14 hours away from that of Greenwich
            happened=source.sql(fields.Datetime.subtract(fields.Datetime.to_datetime(since), days=1)),
            zone=clock._customer_zone_sql(SQL("c")), day=clock._day_sql(SQL("w.moment"), SQL("z.zone")), since=since,
            latest=clock._last_day(), forgets=source.forgets, metric=metric.id, now=self.env.cr.now())

    # ------------------------------------------------------------
    # WHAT THE APPS KNOW
    # ------------------------------------------------------------

    @api.model
    def _portal_logins_sql(self, since):
        """A person counts once a day: Odoo keeps the last sign-in of each user only, and forgets the others within days."""
        return SQL(
            """SELECT u.partner_id, NULL AS email, l.create_date AS moment, NULL::date AS day, NULL::int AS company_id,
                      u.id::text AS key
                 FROM res_users_log l JOIN res_users u ON u.id = l.create_uid
                WHERE u.share AND l.create_date >= %s""", since)

    @api.model
    def _web_visits_sql(self, since):
        """Pages that a person looked at, whatever the browser, in a row: several visitors of one person are one. A visitor is
        one for all websites, so that the company is not known. Of who did not sign in nobody knows who it was."""
        return SQL(
            """SELECT partner_id, NULL AS email, visit_datetime AS moment, NULL::date AS day, NULL::int AS company_id,
                      id::text AS key
                 FROM (SELECT t.id, v.partner_id, t.visit_datetime,
                              lag(t.visit_datetime) OVER (PARTITION BY v.partner_id ORDER BY t.visit_datetime, t.id) AS before
                         FROM website_track t JOIN website_visitor v ON v.id = t.visitor_id
                        WHERE v.partner_id IS NOT NULL AND t.visit_datetime >= %(earlier)s) AS pages
                WHERE visit_datetime >= %(since)s
                  AND (before IS NULL OR before < visit_datetime - %(hours)s * interval '1 hour')""",
            since=since, earlier=fields.Datetime.subtract(since, days=1), hours=VISIT_HOURS)

    @api.model
    def _web_carts_sql(self, since):
        """Carts that are left behind now, as Odoo's own filter has them: a cart that is ordered after all is none any more."""
        return self._shop_orders_sql(since, SQL(
            """o.state = 'draft' AND EXISTS (SELECT 1 FROM sale_order_line l WHERE l.order_id = o.id)
               AND o.date_order <= %s - COALESCE(NULLIF(w.cart_abandoned_delay, 0), 1) * interval '1 hour'
               AND o.partner_id IS DISTINCT FROM (SELECT partner_id FROM res_users WHERE id = w.user_id)""",
            fields.Datetime.now()))

    @api.model
    def _web_orders_sql(self, since):
        """Confirmed orders that were placed in the shop."""
        return self._shop_orders_sql(since, SQL("o.state = 'sale'"))

    @api.model
    def _shop_orders_sql(self, since, condition):
        """Orders of the shop ``o``, on a website ``w``."""
        documents = self.env['customer.document']
        documents._flush()
        zone, join = documents._order_zone_sql()
        return SQL(
            """SELECT COALESCE(o.customer_commercial_id, o.partner_id) AS partner_id, NULL AS email, NULL::timestamp AS moment,
                      %(day)s AS day, o.company_id, o.id::text AS key
                 FROM sale_order o JOIN website w ON w.id = o.website_id %(join)s
                WHERE o.date_order >= %(since)s AND %(condition)s""",
            day=documents._day_sql(SQL("o.date_order"), zone), join=join, since=since, condition=condition)

    @api.model
    def _mail_opens_sql(self, since):
        """Each mailing counts on the day on which it was first opened."""
        return SQL(
            """SELECT %(person)s AS partner_id, %(email)s AS email, t.open_datetime AS moment, NULL::date AS day,
                      NULL::int AS company_id, t.id::text AS key
                 FROM mailing_trace t
                WHERE t.open_datetime >= %(since)s AND t.is_test_trace IS NOT TRUE""",
            person=self._addressee_sql(), email=self._address_sql(), since=since)

    @api.model
    def _mail_clicks_sql(self, since):
        """Each mailing counts once on each day on which something in it was clicked, however much: programs that look for
        viruses click everything."""
        return SQL(
            """SELECT %(person)s AS partner_id, %(email)s AS email, k.create_date AS moment, NULL::date AS day,
                      NULL::int AS company_id, t.id::text AS key
                 FROM link_tracker_click k JOIN mailing_trace t ON t.id = k.mailing_trace_id
                WHERE k.create_date >= %(since)s AND t.is_test_trace IS NOT TRUE""",
            person=self._addressee_sql(), email=self._address_sql(), since=since)

    @api.model
    def _addressee_sql(self):
        """Return SQL for the contact to whom a mailing went, where it went to contacts."""
        return SQL("CASE WHEN t.model = 'res.partner' THEN t.res_id END")

    @api.model
    def _address_sql(self):
        return SQL("lower(trim(t.email))")

    @api.model
    def _event_attended_sql(self, since):
        """Who attended, on the day on which it took place there; who is on the list twice is one person."""
        return SQL(
            """SELECT r.partner_id, lower(trim(r.email)) AS email, NULL::timestamp AS moment, %(day)s AS day, r.company_id,
                      concat_ws(':', r.event_id, r.event_slot_id, COALESCE(
                          NULLIF(lower(concat(trim(r.email), '/', trim(r.name))), '/'), r.id::text)) AS key
                 FROM event_registration r
                 JOIN event_event e ON e.id = r.event_id
            LEFT JOIN event_slot s ON s.id = r.event_slot_id
                WHERE r.state = 'done' AND r.active AND COALESCE(s.start_datetime, e.date_begin) >= %(since)s""",
            since=since, day=self.env['customer.clock']._day_sql(
                SQL("COALESCE(s.start_datetime, e.date_begin)"), SQL("COALESCE(NULLIF(e.date_tz, ''), 'UTC')")))
