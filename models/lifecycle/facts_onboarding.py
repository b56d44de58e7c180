from odoo import api, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import PREFIX, Fact, Use
from ..platform.counted import days


class CustomerFact(models.AbstractModel):
    """What is known of customers who signed (LIF-1, LIF-2)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        onboarding = {'model': 'customer.onboarding', 'open': self._open_onboarding, 'better': 'lower', 'minimum': 0,
                      'past': False, 'period': False, 'nothing': True, 'gives': ('day', 'res_id')}
        since = {'better': 'higher', 'minimum': 0, 'past': False, 'gives': ('count',), 'tells': ()}
        return super()._facts() | {
            'onboarding_late': Fact(
                label=self.env._("An onboarding is late"), unit='days', sql=self._onboarding_late_sql,
                say=self._say_onboarding_late, **onboarding),
            'onboarding_stuck': Fact(
                label=self.env._("An onboarding is stuck"), unit='days', sql=self._onboarding_stuck_sql,
                say=self._say_onboarding_late, **onboarding),
            'signed_annexes': Fact(
                label=self.env._("Documents attached to orders"), counted=self.env._("documents"),
                sql=self._signed_annexes_sql, say=self._say_counted, **since),
            'pain_points': Fact(
                label=self.env._("Pain points on file"), counted=self.env._("pain points"), sql=self._pain_points_sql,
                say=self._say_counted, **since),
            'meetings_booked': Fact(
                label=self.env._("Meetings booked"), counted=self.env._("meetings"), sql=self._meetings_booked_sql,
                say=self._say_counted, **since),
            'deciders_reachable': Fact(
                label=self.env._("Decision makers with an email"), counted=self.env._("people"),
                sql=self._deciders_reachable_sql, say=self._say_counted, **{**since, 'period': False}),
        }

    @api.model
    def _onboarding_uses(self):
        """Return which items of onboardings are done by a fact; see :meth:`_uses`."""
        items = self.env['customer.onboarding.plan.item'].with_context(active_test=False).search([
            ('done_by', '=like', PREFIX + '%')])
        return [Use(item.done_by.removeprefix(PREFIX), self.env._("Item of an onboarding"), item.name, False) for item in items]

    # ------------------------------------------------------------
    # ONBOARDINGS
    # ------------------------------------------------------------

    @api.model
    def _onboarding_late_sql(self, spans, options):
        """Return SQL for how many days the required item is late that is due first."""
        return self._late_sql(spans, options, SQL("0"))

    @api.model
    def _onboarding_stuck_sql(self, spans, options):
        """Return SQL for the same of the onboardings that are stuck, and none of the others."""
        return self._late_sql(spans, options, SQL("p.stuck_days"))

    @api.model
    def _late_sql(self, spans, options, beyond):
        """Return SQL with the running onboardings that are late for more days than some.

        :param SQL beyond: so many days, of a plan ``p``
        """
        self.env['customer.onboarding'].flush_model()
        clock = self.env['customer.clock']
        due = clock._day_sql(SQL("o.next_due"), clock._company_zone_sql(SQL("o.company_id")))
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, (%(today)s::date - %(due)s) AS value, %(due)s AS day, o.id AS res_id
                 FROM %(spans)s s
                 JOIN customer_onboarding o ON o.partner_id = s.partner_id AND o.state = 'running'
                 JOIN customer_onboarding_plan p ON p.id = o.plan_id
                WHERE %(today)s::date - %(due)s > %(beyond)s AND %(seen)s
             ORDER BY s.id, o.next_due, o.id""",
            spans=spans.table, today=options['today'], due=due, beyond=beyond,
            seen=self._seen_sql('customer.onboarding', SQL("o.id")))

    @api.model
    def _say_onboarding_late(self, found, options):
        """Return for how long an item is late."""
        return self.env._("The onboarding is late for %(days)s, since %(day)s", days=days(self.env, found.value),
                          day=format_date(self.env, found.day))

    @api.model
    def _open_onboarding(self, partner, found):
        """Return the action that opens the onboarding."""
        return {'type': 'ir.actions.act_window', 'res_model': 'customer.onboarding', 'res_id': found.res_id, 'view_mode': 'form'}

    # ------------------------------------------------------------
    # WHAT THEIR ITEMS LOOK AT
    # ------------------------------------------------------------

    @api.model
    def _say_counted(self, found, options):
        """Return how many there are."""
        return self.env._("%(count)s on file", count=int(found.value))

    @api.model
    def _signed_annexes_sql(self, spans, options):
        """Return SQL for how many documents are attached to the orders that were confirmed in the span."""
        self.env['ir.attachment'].flush_model()
        self.env['sale.order'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(a.id) AS value, count(a.id) AS count
                 FROM %(spans)s s
            LEFT JOIN sale_order o ON o.customer_commercial_id = s.partner_id AND o.state = 'sale' AND o.date_order >= s.start - 1
                                  AND %(seen)s
            LEFT JOIN ir_attachment a ON a.res_model = 'sale.order' AND a.res_id = o.id AND a.res_field IS NULL
             GROUP BY s.id""", spans=spans.table, seen=self._seen_sql('sale.order', SQL("o.id")))

    @api.model
    def _pain_points_sql(self, spans, options):
        """Return SQL for what hurts customers: the lines that stand on onboardings that began in the span, and the contacts of
        the span in which they had a need or a problem."""
        self.env['customer.onboarding'].flush_model()
        self.env['customer.followup'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, COALESCE(noted.lines, 0) + COALESCE(said.contacts, 0) AS value,
                      COALESCE(noted.lines, 0) + COALESCE(said.contacts, 0) AS count
                 FROM %(spans)s s
            LEFT JOIN (SELECT s.id, count(*) AS lines
                         FROM %(spans)s s JOIN customer_onboarding o ON o.partner_id = s.partner_id
                              AND o.date_start BETWEEN s.start AND s.stop AND %(seen)s
                   CROSS JOIN regexp_split_to_table(o.pain_points, E'[\\r\\n]+') AS line
                        WHERE o.pain_points <> '' AND line ~ '\\S' GROUP BY s.id) AS noted ON noted.id = s.id
            LEFT JOIN (SELECT s.id, count(*) AS contacts
                         FROM %(spans)s s JOIN customer_followup f ON f.partner_id = s.partner_id AND f.state = 'done'
                              AND f.contact_day BETWEEN s.start AND s.stop AND f.outcome IN ('need', 'problem') AND %(told)s
                     GROUP BY s.id) AS said ON said.id = s.id""",
            spans=spans.table, seen=self._seen_sql('customer.onboarding', SQL("o.id")),
            told=self._seen_sql('customer.followup', SQL("f.id")))

    @api.model
    def _meetings_booked_sql(self, spans, options):
        """Return SQL for how many meetings with people of the customer take place after the first day of the span, those to
        come included."""
        for model in ('calendar.event', 'calendar.attendee', 'res.partner'):
            self.env[model].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(DISTINCT e.id) AS value, count(DISTINCT e.id) AS count
                 FROM %(spans)s s
            LEFT JOIN res_partner p ON p.commercial_partner_id = s.partner_id
            LEFT JOIN calendar_attendee a ON a.partner_id = p.id AND a.state IS DISTINCT FROM 'declined'
            LEFT JOIN calendar_event e ON e.id = a.event_id AND e.active AND e.start >= s.start
             GROUP BY s.id""", spans=spans.table)

    @api.model
    def _deciders_reachable_sql(self, spans, options):
        """Return SQL for how many decision makers of customers have an email address."""
        self.env['res.partner'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(p.id) AS value, count(p.id) AS count
                 FROM %(spans)s s
            LEFT JOIN res_partner p ON p.commercial_partner_id = s.partner_id AND p.active AND p.customer_is_decider
                                   AND p.email_normalized IS NOT NULL
             GROUP BY s.id""", spans=spans.table)
