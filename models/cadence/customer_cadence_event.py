from collections.abc import Callable
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, ormcache


class Event(NamedTuple):
    """Something that happens to customers and that a touchpoint can wait for.

    :param sql: a function of the ids of customers that returns SQL with what happened to them, in the columns
        ``partner_id``; ``of_id``, an id by which a touchpoint narrows it down, or null; ``day``, the day it counts for: there
        is one follow-up per customer, touchpoint and day; and ``moment`` in UTC, or null where only the day is known
    :param column: the column of the touchpoint that ``of_id`` is compared with; where that is empty, all count
    """

    sql: Callable
    column: str | None = None


class Awaited(NamedTuple):
    """What touchpoints in force wait for.

    :param events: the names of the events
    :param by_the_hour: whether one waits for hours or minutes
    :param at_work: whether one waits in working hours
    """

    events: frozenset
    by_the_hour: bool
    at_work: bool


class CustomerCadenceEvent(models.AbstractModel):
    """What touchpoints after an event wait for (CAD-1).

    A wing adds an event with three things and never touches the planner: its name and label, by ``selection_add`` to
    ``customer.cadence.step.event``; its SQL, in :meth:`_events`; and a call of :meth:`_happened` where it comes about or is
    taken back. What is not there any more has not happened: its open follow-up is withdrawn.
    """

    _name = 'customer.cadence.event'
    _description = "What Touchpoints Wait For"

    @api.model
    def _events(self):
        """Return the events by their names, those of ``customer.cadence.step.event``; for wings to add to.

        :rtype: dict[str, Event]
        """
        return {
            'managed': Event(lambda ids: self._since_sql(SQL.identifier('customer_managed_since'), ids)),
            'tier': Event(lambda ids: self._since_sql(SQL.identifier('customer_tier_since'), ids)),
            'order': Event(self._order_sql),
            'first_order': Event(self._first_order_sql),
            'signing': Event(self._signing_sql),
            'contact_left': Event(self._contact_left_sql),
            'handover': Event(self._handover_sql),
        }

    @api.model
    @ormcache()
    def _awaited(self):
        """Return what the touchpoints in force wait for.

        :rtype: Awaited
        """
        self.env['customer.cadence.step'].flush_model()
        self.env['customer.cadence'].flush_model(['active'])
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT s.event, s.delay_unit <> 'day', s.delay_clock = 'work'
                 FROM customer_cadence_step s JOIN customer_cadence k ON k.id = s.cadence_id
                WHERE s.active AND s.kind = 'event' AND k.active"""))
        return Awaited(
            frozenset(event for event, *__ in rows), any(hours for __, hours, __ in rows), any(work for *__, work in rows))

    @api.model
    def _happened(self, names, partner_ids):
        """Have customers planned to whom something happened, or did not after all, if a touchpoint waits for it.

        :param names: of events
        :param partner_ids: ids of customers
        """
        if partner_ids and self._awaited().events.intersection(names):
            self.env['customer.plan.request']._request(partner_ids)

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _happened_sql(self, partner_ids, events):
        """Return SQL with what happened to customers that touchpoints wait for: ``partner_id``, ``step_id``, ``day``,
        ``counted`` (the day from which days count) and ``moment``.

        :param partner_ids: ids of customers
        :param events: names of events
        """
        known = self._events()
        return SQL(" UNION ALL ").join([SQL(
            """SELECT h.partner_id, s.id AS step_id, h.day, h.day AS counted, min(h.moment) AS moment
                 FROM (%(sql)s) h
                 JOIN customer_cadence_step s ON s.event = %(name)s AND s.kind = 'event' AND s.active AND h.day >= s.date_start
                                                 %(narrowed)s
                 JOIN customer_cadence k ON k.id = s.cadence_id AND k.active
             GROUP BY h.partner_id, s.id, h.day""",
            sql=known[name].sql(partner_ids), name=name, narrowed=self._narrowed_sql(known[name].column),
        ) for name in sorted(known.keys() & set(events))] or [SQL(
            "SELECT NULL::int AS partner_id, NULL::int AS step_id, NULL::date AS day, NULL::date AS counted, "
            "NULL::timestamp AS moment WHERE FALSE")])

    @api.model
    def _narrowed_sql(self, column):
        if not column:
            return SQL()
        return SQL("AND (s.%(column)s IS NULL OR s.%(column)s = h.of_id)", column=SQL.identifier(column))

    @api.model
    def _followed_sql(self):
        """Return SQL with what follows, touchpoint by touchpoint, from the relation ``happened`` (recursively): where the
        follow-up of one is over, or was not made for too long, the event of the next one has come. It counts for the day
        of the first event, so that there is one follow-up of it whatever comes first."""
        clock = self.env['customer.clock']
        over = SQL(
            """CASE WHEN f.state IN ('done', 'skipped') OR f.state = 'cancelled' AND f.close_kind = 'timeout'
                    THEN f.closed_at END""")
        over_on = clock._day_sql(over, clock._user_zone_sql(SQL("f.closed_by_id"), SQL("f.company_id")))
        late = SQL("f.date_limit + s.wait_days + 1")
        return SQL(
            """SELECT h.partner_id, s.id, h.day,
                      CASE WHEN s.on_wait = 'start' THEN LEAST(%(over_on)s, %(late)s) ELSE %(over_on)s END,
                      CASE WHEN s.on_wait = 'start' AND %(over_on)s > %(late)s THEN NULL ELSE %(over)s END
                 FROM happened h
                 JOIN customer_cadence_step s
                   ON s.after_step_id = h.step_id AND s.event = 'step' AND s.kind = 'event' AND s.active
                 JOIN customer_cadence k ON k.id = s.cadence_id AND k.active
                 JOIN customer_followup f
                   ON f.partner_id = h.partner_id AND f.step_id = h.step_id AND f.event_date = h.day
                  AND (f.state <> 'cancelled' OR f.close_kind = 'timeout')
                WHERE CASE WHEN s.on_wait = 'start' THEN %(over)s IS NOT NULL OR %(late)s <= %(today)s
                           ELSE %(over_on)s < %(late)s END""",
            over=over, over_on=over_on, late=late, today=clock._user_today_sql(SQL("f.user_id"), SQL("f.company_id")))

    @api.model
    def _waited_sql(self):
        """Return SQL with the customers, as ``id``, of whom a touchpoint starts by now without the one that it waits for."""
        return SQL(
            """SELECT f.partner_id AS id
                 FROM customer_followup f
                 JOIN customer_cadence_step s
                   ON s.after_step_id = f.step_id AND s.event = 'step' AND s.kind = 'event' AND s.active
                  AND s.on_wait = 'start'
                WHERE f.state = 'planned' AND f.event_date IS NOT NULL AND f.date_limit + s.wait_days < %s
                  AND NOT EXISTS (SELECT 1 FROM customer_followup own
                                   WHERE own.partner_id = f.partner_id AND own.step_id = s.id
                                     AND own.event_date = f.event_date)""",
            self.env['customer.clock']._user_today_sql(SQL("f.user_id"), SQL("f.company_id")))

    @api.model
    def _since_sql(self, column, partner_ids):
        """Return SQL with the day in a column of customers, as an event."""
        return SQL(
            """SELECT p.id AS partner_id, NULL::int AS of_id, p.%s AS day, NULL::timestamp AS moment
                 FROM res_partner p WHERE p.id = ANY(%s)""", column, partner_ids)

    @api.model
    def _contact_left_sql(self, partner_ids):
        """Return SQL with the people who left customers, or have another position there, unless it was taken back."""
        return SQL(
            "SELECT partner_id, person_id AS of_id, event_date AS day, NULL::timestamp AS moment FROM (%s) AS changes",
            self.env['customer.person.change']._standing_sql(partner_ids))

    @api.model
    def _handover_sql(self, partner_ids):
        """Return SQL with the last time somebody else began to look after customers; one that was taken back is none."""
        clock = self.env['customer.clock']
        return SQL(
            """SELECT DISTINCT ON (h.partner_id) h.partner_id, NULL::int AS of_id, %s AS day, h.moment
                 FROM (%s) h JOIN res_partner p ON p.id = h.partner_id
             ORDER BY h.partner_id, h.moment DESC""",
            clock._day_sql(SQL("h.moment"), clock._user_zone_sql(SQL("h.user_id"), SQL("p.company_id"))),
            self.env['customer.handover']._given_sql(partner_ids))

    # ------------------------------------------------------------
    # ORDERS AND LEADS
    # ------------------------------------------------------------

    @api.model
    def _confirmed(self):
        """Return what is asked of orders: SQL for the moment at which a ``sale_order o`` was confirmed for the first time, SQL
        for its day, and the join that this needs."""
        documents = self.env['customer.document']
        zone, join = documents._order_zone_sql()
        moment = SQL("LEAST(o.date_order, o.customer_confirmed_at)")
        return moment, documents._day_sql(moment, zone), join

    @api.model
    def _order_sql(self, partner_ids):
        """Return SQL with the last purchase of customers, and with earlier ones of which a follow-up is open and that are
        still there."""
        moment, day, join = self._confirmed()
        again = self._set_back_sql(partner_ids)
        return SQL(
            """SELECT p.id AS partner_id, NULL::int AS of_id,
                      -- the last order may be one that was set back, confirmed again and dated anew
                      LEAST(p.customer_last_order, CASE
                          WHEN again.day BETWEEN p.customer_last_order - 1 AND p.customer_last_order + 1
                          THEN again.confirmed END) AS day, NULL::timestamp AS moment
                 FROM res_partner p LEFT JOIN (%(again)s) AS again ON again.partner_id = p.id
                WHERE p.id = ANY(%(ids)s)
                UNION ALL
               SELECT f.partner_id, NULL, f.event_date, NULL
                 FROM customer_followup f
                 JOIN customer_cadence_step s ON s.id = f.step_id AND s.event = 'order'
                 JOIN res_partner p ON p.id = f.partner_id
                WHERE f.state = 'planned' AND f.partner_id = ANY(%(ids)s) AND f.event_date < p.customer_last_order
                  AND (EXISTS (SELECT 1 FROM sale_order o %(join)s
                                WHERE o.customer_commercial_id = f.partner_id AND o.state = 'sale' AND %(day)s = f.event_date)
                       OR EXISTS (SELECT 1 FROM account_move m
                                   WHERE m.commercial_partner_id = f.partner_id AND m.state = 'posted'
                                     AND m.move_type = 'out_invoice' AND m.invoice_date = f.event_date))""",
            again=again, ids=partner_ids, join=join, day=day)

    @api.model
    def _set_back_sql(self, partner_ids):
        """Return SQL with the last order of customers that was set back, confirmed again and so dated anew: ``partner_id``,
        its ``day``, and the day on which it was ``confirmed`` first. They are few."""
        documents = self.env['customer.document']
        zone, join = documents._order_zone_sql()
        return SQL(
            """SELECT DISTINCT ON (o.customer_commercial_id) o.customer_commercial_id AS partner_id, %(day)s AS day,
                      %(confirmed)s AS confirmed
                 FROM sale_order o %(join)s
                WHERE o.customer_confirmed_at IS NOT NULL AND o.state = 'sale' AND o.customer_commercial_id = ANY(%(ids)s)
             ORDER BY o.customer_commercial_id, o.date_order DESC""",
            day=documents._day_sql(SQL("o.date_order"), zone), join=join, ids=partner_ids,
            confirmed=documents._day_sql(SQL("o.customer_confirmed_at"), zone))

    @api.model
    def _first_order_sql(self, partner_ids):
        """Return SQL with the first order of customers."""
        moment, day, join = self._confirmed()
        return SQL(
            """SELECT o.customer_commercial_id AS partner_id, NULL::int AS of_id, min(%s) AS day, min(%s) AS moment
                 FROM sale_order o %s
                WHERE o.state = 'sale' AND o.customer_commercial_id = ANY(%s)
             GROUP BY o.customer_commercial_id""", day, moment, join, partner_ids)

    @api.model
    def _signing_sql(self, partner_ids):
        """Return SQL with what customers signed: each confirmed order, and each lead that was won and has none. Of an order
        whose lead was won before, that is when it was signed."""
        clock = self.env['customer.clock']
        moment, day, join = self._confirmed()
        won = SQL("COALESCE(l.customer_won_at, l.date_closed)")
        won_on = clock._day_sql(won, clock._user_zone_sql(SQL("l.user_id"), SQL("l.company_id")))
        return SQL(
            """SELECT o.customer_commercial_id AS partner_id, o.id AS of_id, LEAST(%(day)s, %(won_on)s) AS day,
                      LEAST(%(moment)s, %(won)s) AS moment
                 FROM sale_order o %(join)s
            LEFT JOIN crm_lead l ON l.id = o.opportunity_id AND l.won_status = 'won'
                WHERE o.state = 'sale' AND o.customer_commercial_id = ANY(%(ids)s)
                UNION ALL
               SELECT p.commercial_partner_id, NULL, %(won_on)s, %(won)s
                 FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
                WHERE l.won_status = 'won' AND p.commercial_partner_id = ANY(%(ids)s)
                  AND NOT EXISTS (SELECT 1 FROM sale_order o WHERE o.opportunity_id = l.id AND o.state = 'sale')""",
            day=day, won_on=won_on, moment=moment, won=won, join=join, ids=partner_ids)
