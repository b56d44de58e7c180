from odoo import api, models
from odoo.exceptions import MissingError
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ..base.customer_fact import Fact
from ..platform.counted import days, plural
from .customer_survey import SCALES

#: What is no case after all counts nowhere, and of whom nobody knows whose it is, for nobody.
COUNTS = SQL("c.state <> 'withdrawn' AND c.partner_id IS NOT NULL")


class CustomerFact(models.AbstractModel):
    """What cases tell of a customer (SRV-1, SRV-3, SRV-4).

    Days gone by are told as they were: a complaint counts on the day on which it came in, a deadline on the day on which it was
    decided, and a case is open in the stretches in which somebody worked on it, also before it was reopened. A case that was
    withdrawn was none, on no day. Before the first case was written down nothing is known of anybody: no complaints in a
    file that nobody keeps are no praise.
    """

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        case = {'model': 'customer.case', 'open': self._open_case, 'contacts': False}
        return super()._facts() | self._feedback_facts() | {
            'case_complaints': Fact(
                label=self.env._("Complaints that came in"), better='lower', minimum=0, additive=True, gives=('day', 'count'),
                tells=(), review='shortfall', sql=self._complaints_sql, say=self._say_complaints),
            'case_complaint_rate': Fact(
                label=self.env._("Complaints in percent of the orders"), unit='percent', better='lower', minimum=0,
                gives=('count',), sql=self._complaint_rate_sql, say=self._say_complaint_rate),
            'case_sla_met': Fact(
                label=self.env._("Deadlines of cases that were met"), unit='percent', better='higher', minimum=0,
                gives=('count',), sql=self._sla_met_sql, say=self._say_sla_met),
            'case_breaches': Fact(
                label=self.env._("Deadlines of cases that were missed"), better='lower', minimum=0, additive=True,
                gives=('day', 'res_id', 'count'), tells=(), sql=self._breaches_sql, say=self._say_breaches, **case),
            'case_open_complaints': Fact(
                label=self.env._("Open complaints"), better='lower', minimum=0, period=False, gives=('day', 'res_id'), tells=(),
                sql=self._open_complaints_sql, say=self._say_open_complaints, **case),
            'case_open_critical': Fact(
                label=self.env._("Open critical complaints"), better='lower', minimum=0, period=False,
                gives=('day', 'res_id'), tells=(), sql=self._open_critical_sql, say=self._say_open_critical, **case),
            'case_oldest': Fact(
                label=self.env._("A case is open"), unit='days', better='lower', minimum=0, period=False, nothing=True,
                gives=('day', 'res_id'), sql=self._oldest_sql, say=self._say_oldest, **case),
            'case_repeated': Fact(
                label=self.env._("The same root cause again"), counted=self.env._("times"), better='lower', minimum=0,
                nothing=True, gives=('day', 'res_id'), review='shortfall', sql=self._repeated_sql, say=self._say_repeated,
                **case),
            'case_promise_overdue': Fact(
                label=self.env._("A promise is overdue"), unit='days', better='lower', minimum=0, past=False, period=False,
                nothing=True, gives=('day', 'res_id'), sql=self._promise_overdue_sql, say=self._say_promise_overdue,
                **{**case, 'contacts': True}),
        }

    # ------------------------------------------------------------
    # WHAT THEY LOOK AT
    # ------------------------------------------------------------

    @api.model
    def _case_day_sql(self, moment):
        """Return SQL for the day of a moment where a case ``c`` is worked on.

        :param SQL moment: in UTC
        """
        clock = self.env['customer.clock']
        return clock._day_sql(moment, clock._company_zone_sql(SQL("c.company_id")))

    @api.model
    def _cases_sql(self, condition):
        """Return SQL naming a relation with cases: ``id``, ``partner_id``, ``cause_id``, and the ``day`` on which they came in.

        :param SQL condition: on a case ``c``
        """
        self.env['customer.case'].flush_model()
        return SQL(
            """(SELECT c.id, c.partner_id, c.cause_id, %(day)s AS day FROM customer_case c
                 WHERE %(counts)s AND %(condition)s AND %(seen)s)""",
            day=self._case_day_sql(SQL("c.opened_at")), counts=COUNTS, condition=condition,
            seen=self._seen_sql('customer.case', SQL("c.id")))

    @api.model
    def _decided_sql(self, state):
        """Return SQL naming a relation with the deadlines that were met or missed: ``case_id``, ``partner_id``, ``state``, and
        the ``day`` on which they were.

        :param SQL state: condition on a deadline ``k``
        """
        self.env['customer.case'].flush_model()
        self.env['customer.case.clock'].flush_model()
        return SQL(
            """(SELECT c.id AS case_id, c.partner_id, k.state, %(day)s AS day
                  FROM customer_case_clock k JOIN customer_case c ON c.id = k.case_id
                 WHERE %(state)s AND k.ended_at IS NOT NULL AND %(counts)s AND %(seen)s)""",
            day=self._case_day_sql(SQL("k.ended_at")), state=state, counts=COUNTS,
            seen=self._seen_sql('customer.case', SQL("c.id")))

    @api.model
    def _open_cases_sql(self, spans, condition):
        """Return SQL with the cases that somebody was working on at the end of the last day of spans: ``span_id``, ``stop``,
        ``id``, and ``since`` which day.

        :param SQL condition: on a case ``c``
        """
        self.env['customer.case'].flush_model()
        ended = self._case_day_sql(SQL("COALESCE(c.solved_at, c.closed_at)"))
        # the present stretch of each case, and those before it was reopened: few cases have any. Both in one LATERAL make
        # PostgreSQL 18 fall over where the query is a part of a larger one
        return SQL(
            """SELECT s.id AS span_id, s.stop, c.id, %(begun)s AS since
                 FROM %(spans)s s JOIN customer_case c ON c.partner_id = s.partner_id
                WHERE %(counts)s AND %(condition)s AND %(seen)s AND %(begun)s <= %(until)s
                  AND (COALESCE(c.solved_at, c.closed_at) IS NULL OR %(ended)s > %(until)s)
                UNION ALL
               SELECT s.id, s.stop, c.id, %(former_begun)s
                 FROM %(spans)s s JOIN customer_case c ON c.partner_id = s.partner_id
           CROSS JOIN jsonb_array_elements(c.former_stretches) AS piece
                WHERE c.former_stretches IS NOT NULL AND %(counts)s AND %(condition)s AND %(seen)s
                  AND %(former_begun)s <= %(until)s AND %(former_ended)s > %(until)s""",
            begun=self._case_day_sql(SQL("COALESCE(c.reopened_at, c.opened_at)")), ended=ended, spans=spans.table,
            former_begun=self._case_day_sql(SQL("(piece ->> 0)::timestamp")),
            former_ended=self._case_day_sql(SQL("(piece ->> 1)::timestamp")), counts=COUNTS, condition=condition,
            seen=self._seen_sql('customer.case', SQL("c.id"), spans), until=self._until_sql())

    @api.model
    def _kept_sql(self):
        """Return a condition on a span ``s`` that cases were kept by its end, for anybody."""
        return SQL("s.stop >= (SELECT min(first.opened_at) FROM customer_case first)::date")

    # ------------------------------------------------------------
    # COMPLAINTS
    # ------------------------------------------------------------

    @api.model
    def _complaints_sql(self, spans, options):
        """Return SQL for how many complaints came in."""
        return SQL(
            """SELECT s.id AS span_id, count(c.id) AS value, max(c.day) AS day, count(c.id) AS count
                 FROM %(spans)s s
            LEFT JOIN %(complaints)s c ON c.partner_id = s.partner_id AND c.day BETWEEN s.start AND %(until)s
                WHERE %(kept)s
             GROUP BY s.id""",
            spans=spans.table, complaints=self._cases_sql(SQL("c.case_type = 'complaint'")), until=self._until_sql(),
            kept=self._kept_sql())

    @api.model
    def _say_complaints(self, found, options):
        count, period = round(found.value), options['window_days'] and days(self.env, options['window_days'])
        if not period or count and not found.day:
            return self.env._("Complaints in these days: %(count)s", count=count)
        if not count:
            return self.env._("No complaint in %(days)s", days=period)
        values = {'days': period, 'day': format_date(self.env, found.day)}
        return plural(
            count, self.env._("One complaint in %(days)s, on %(day)s", **values),
            self.env._("%(count)s complaints in %(days)s, the last one on %(day)s", count=count, **values))

    @api.model
    def _complaint_rate_sql(self, spans, options):
        """Return SQL for the complaints that came in, in percent of the orders of the same days; where there were complaints and
        no order, of one. Unknown where there was neither."""
        return SQL(
            """SELECT s.id AS span_id, 100.0 * COALESCE(c.complaints, 0) / GREATEST(o.orders, 1) AS value,
                      COALESCE(o.orders, 0) AS count
                 FROM %(spans)s s
            LEFT JOIN (SELECT s.id, count(*) AS orders
                         FROM %(spans)s s
                         JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.counts AND d.day BETWEEN s.start AND s.stop
                     GROUP BY s.id) o ON o.id = s.id
            LEFT JOIN (SELECT s.id, count(*) AS complaints
                         FROM %(spans)s s
                         JOIN %(complaints)s c ON c.partner_id = s.partner_id AND c.day BETWEEN s.start AND %(until)s
                     GROUP BY s.id) c ON c.id = s.id
                WHERE %(kept)s AND (o.orders > 0 OR c.complaints > 0)""",
            spans=spans.table, purchases=self._purchases_sql(spans),
            complaints=self._cases_sql(SQL("c.case_type = 'complaint'")), until=self._until_sql(), kept=self._kept_sql())

    @api.model
    def _say_complaint_rate(self, found, options):
        complaints = round(found.value * max(found.count, 1) / 100)
        orders = plural(found.count, self.env._("one order"), self.env._("%(count)s orders", count=found.count))
        if not complaints:
            return self.env._("No complaint, %(orders)s", orders=orders)
        return plural(
            complaints, self.env._("One complaint, %(orders)s", orders=orders),
            self.env._("%(count)s complaints, %(orders)s", count=complaints, orders=orders))

    @api.model
    def _repeated_sql(self, spans, options):
        """Return SQL for how often the same root cause came up, of the one that did most, from the second time on."""
        return SQL(
            """SELECT DISTINCT ON (span_id) span_id, value, day, res_id
                 FROM (SELECT s.id AS span_id, count(*) AS value, max(c.day) AS day, max(c.id) AS res_id
                         FROM %(spans)s s
                         JOIN %(cases)s c ON c.partner_id = s.partner_id AND c.day BETWEEN s.start AND %(until)s
                     GROUP BY s.id, c.cause_id
                       HAVING count(*) > 1) AS again
             ORDER BY span_id, value DESC, day DESC, res_id DESC""",
            spans=spans.table, cases=self._cases_sql(SQL("c.cause_id IS NOT NULL")), until=self._until_sql())

    @api.model
    def _say_repeated(self, found, options):
        cause = self._case(found).cause_id.name
        values = {'count': round(found.value), 'day': format_date(self.env, found.day)}
        if not cause:
            return self.env._("The same root cause %(count)s times, last on %(day)s", **values)
        return self.env._("%(cause)s: %(count)s times, last on %(day)s", cause=cause, **values)

    # ------------------------------------------------------------
    # DEADLINES
    # ------------------------------------------------------------

    @api.model
    def _sla_met_sql(self, spans, options):
        """Return SQL for how many of the deadlines that were decided were met, in percent; unknown where none was."""
        return SQL(
            """SELECT s.id AS span_id, 100.0 * count(*) FILTER (WHERE k.state = 'met') / count(*) AS value, count(*) AS count
                 FROM %(spans)s s
                 JOIN %(decided)s k ON k.partner_id = s.partner_id AND k.day BETWEEN s.start AND %(until)s
             GROUP BY s.id""",
            spans=spans.table, decided=self._decided_sql(SQL("k.state IN ('met', 'failed')")), until=self._until_sql())

    @api.model
    def _say_sla_met(self, found, options):
        return self.env._(
            "Deadlines met: %(met)s of %(count)s", met=round(found.value * found.count / 100), count=found.count)

    @api.model
    def _breaches_sql(self, spans, options):
        """Return SQL for how many deadlines were missed."""
        return SQL(
            """SELECT s.id AS span_id, count(k.case_id) AS value, max(k.day) AS day, max(k.case_id) AS res_id,
                      count(k.case_id) AS count
                 FROM %(spans)s s
            LEFT JOIN %(decided)s k ON k.partner_id = s.partner_id AND k.day BETWEEN s.start AND %(until)s
                WHERE %(kept)s
             GROUP BY s.id""",
            spans=spans.table, decided=self._decided_sql(SQL("k.state = 'failed'")), until=self._until_sql(),
            kept=self._kept_sql())

    @api.model
    def _say_breaches(self, found, options):
        values = {'count': round(found.value), 'day': found.day and format_date(self.env, found.day)}
        if not found.value or not found.day:
            return self.env._("Deadlines of cases that were missed: %(count)s", count=values['count'])
        return plural(
            values['count'], self.env._("A deadline of a case was missed on %(day)s", day=values['day']),
            self.env._("%(count)s deadlines of cases were missed, the last one on %(day)s", **values))

    # ------------------------------------------------------------
    # WHAT IS OPEN
    # ------------------------------------------------------------

    @api.model
    def _open_complaints_sql(self, spans, options):
        """Return SQL for how many complaints somebody was working on."""
        return self._count_open_sql(spans, SQL("c.case_type = 'complaint'"))

    @api.model
    def _open_critical_sql(self, spans, options):
        """Return SQL for how many critical complaints somebody was working on."""
        return self._count_open_sql(spans, SQL("c.case_type = 'complaint' AND c.priority = '3'"))

    @api.model
    def _count_open_sql(self, spans, condition):
        """Return SQL for how many cases were open, since when and which of them longest."""
        return SQL(
            """SELECT s.id AS span_id, count(o.id) AS value, min(o.since) AS day,
                      (array_agg(o.id ORDER BY o.since, o.id))[1] AS res_id
                 FROM %(spans)s s LEFT JOIN (%(open)s) AS o ON o.span_id = s.id
                WHERE %(kept)s
             GROUP BY s.id""",
            spans=spans.table, open=self._open_cases_sql(spans, condition), kept=self._kept_sql())

    @api.model
    def _say_open_complaints(self, found, options):
        values = {'count': round(found.value), 'day': found.day and format_date(self.env, found.day)}
        if not found.value:
            return self.env._("No open complaint")
        if not found.day:
            return self.env._("Open complaints: %(count)s", count=values['count'])
        return plural(
            values['count'], self.env._("A complaint is open since %(day)s", day=values['day']),
            self.env._("%(count)s complaints are open, the first one since %(day)s", **values))

    @api.model
    def _say_open_critical(self, found, options):
        values = {'count': round(found.value), 'day': found.day and format_date(self.env, found.day)}
        if not found.value:
            return self.env._("No open critical complaint")
        if not found.day:
            return self.env._("Open critical complaints: %(count)s", count=values['count'])
        return plural(
            values['count'], self.env._("A critical complaint is open since %(day)s", day=values['day']),
            self.env._("%(count)s critical complaints are open, the first one since %(day)s", **values))

    @api.model
    def _oldest_sql(self, spans, options):
        """Return SQL for how many days the case is open that is open longest."""
        return SQL(
            """SELECT DISTINCT ON (span_id) span_id, GREATEST(stop - since, 0) AS value, since AS day, id AS res_id
                 FROM (%s) AS o
             ORDER BY span_id, since, id""", self._open_cases_sql(spans, SQL("TRUE")))

    @api.model
    def _say_oldest(self, found, options):
        return self.env._(
            "“%(case)s” is open since %(day)s", case=self._case(found).name or self.env._("A case"),
            day=format_date(self.env, found.day))

    @api.model
    def _promise_overdue_sql(self, spans, options):
        """Return SQL for how many days the promise is overdue that is overdue longest: nobody has told the customer."""
        self.env['customer.case'].flush_model()
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, s.stop - c.promised_on AS value, c.promised_on AS day, c.id AS res_id
                 FROM %(spans)s s JOIN customer_case c ON c.partner_id = s.partner_id
                WHERE c.promised_on < s.stop AND c.told_at IS NULL AND c.state IN ('new', 'working', 'waiting') AND %(seen)s
             ORDER BY s.id, c.promised_on, c.id""",
            spans=spans.table, seen=self._seen_sql('customer.case', SQL("c.id"), spans))

    @api.model
    def _say_promise_overdue(self, found, options):
        return self.env._(
            "Promised for %(day)s, and not told yet: %(case)s; %(days)s overdue", day=format_date(self.env, found.day),
            case=self._case(found).name or self.env._("A case"), days=days(self.env, round(found.value)))

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    @api.model
    def _case(self, found):
        """Return the case that a fact is about; none where it is gone."""
        case = self.env['customer.case'].browse(found.res_id or ())
        try:
            case.mapped('name')  # asks for nothing where many are told together
        except MissingError:
            return case.browse()
        return case

    @api.model
    def _open_case(self, partner, found):
        """Open the case that a fact is about, else the cases of the customer."""
        if case := self._case(found):
            return {
                'type': 'ir.actions.act_window', 'name': case.display_name, 'res_model': 'customer.case', 'res_id': case.id,
                'views': [(False, 'form')],
            }
        return partner.action_customer_cases()

    # ------------------------------------------------------------
    # FEEDBACK
    #
    # What customers said when they were asked (SRV-5).
    # ------------------------------------------------------------

    @api.model
    def _feedback_facts(self):
        """Return the facts of what customers said; see :meth:`_facts`."""
        feedback = 'customer.feedback'
        return {
            'csat': Fact(
                label=self.env._("CSAT: average of the answers"), counted=self.env._("of 5"), better='higher', minimum=1,
                gives=('day', 'count'), tells=('count',), sql=self._csat_sql, say=self._say_csat),
            'satisfied_share': Fact(
                label=self.env._("CSAT: share of satisfied answers"), unit='percent', better='higher', minimum=0,
                gives=('day', 'count'), tells=('count',), sql=self._satisfied_sql, say=self._say_satisfied),
            'nps': Fact(
                label=self.env._("Net Promoter Score"), unit='points', better='higher', minimum=-100, gives=('day', 'count'),
                tells=('count',), sql=self._nps_sql, say=self._say_nps),
            'unhappy_answers': Fact(
                label=self.env._("Unhappy answers"), counted=self.env._("answers"), better='lower', minimum=0, additive=True,
                gives=('day', 'res_id', 'detail'), model=feedback, nothing=True, once=True, sql=self._unhappy_sql,
                say=self._say_unhappy, open=self._open_feedback, review='shortfall'),
            'feedback_waits': Fact(
                label=self.env._("Feedback that nobody has answered to"), unit='days', counted=self.env._("days"),
                better='lower', minimum=0, gives=('day', 'res_id'), model=feedback, past=False, period=False, nothing=True,
                sql=self._waits_sql, say=self._say_waits, open=self._open_feedback),
        }

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _answers_sql(self, spans, kind, figure, having=None):
        """Return SQL for a figure of the answers of spans, and how many there are.

        :param str kind: see ``customer.feedback.kind``
        :param SQL figure: of the answers ``f``
        :param SQL having: condition on the group
        """
        self.env['customer.feedback'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, (%(figure)s)::numeric AS value, max(f.given_on) AS day, count(*)::int AS count
                 FROM %(spans)s s
                 JOIN customer_feedback f ON f.partner_id = s.partner_id AND f.given_on BETWEEN s.start AND %(until)s
                WHERE f.kind = %(kind)s AND %(seen)s
             GROUP BY s.id HAVING %(having)s""",
            figure=figure, spans=spans.table, until=self._until_sql(), kind=kind, having=having or SQL("TRUE"),
            seen=self._seen_sql('customer.feedback', SQL("f.id"), spans))

    @api.model
    def _csat_sql(self, spans, options):
        return self._answers_sql(spans, 'csat', SQL("round(avg(f.score), 4)"))

    @api.model
    def _satisfied_sql(self, spans, options):
        return self._answers_sql(spans, 'csat', SQL("round(avg(f.satisfied)::numeric, 4)"))

    @api.model
    def _nps_sql(self, spans, options):
        """Return SQL for the NPS; with fewer answers than the setting says, it is not known."""
        minimum = self.env['customer.feedback']._minimum()
        return self._answers_sql(spans, 'nps', SQL("round(avg(f.nps)::numeric, 4)"), SQL("count(*) >= %s", minimum))

    @api.model
    def _say_csat(self, found, options):
        return self.env._(
            "CSAT %(average)s of 5 (n = %(count)s)", average=formatLang(self.env, found.value, digits=1),
            count=found.count)

    @api.model
    def _say_satisfied(self, found, options):
        return self.env._("%(share)s %% answered 4 or 5 (n = %(count)s)", share=round(found.value), count=found.count)

    @api.model
    def _say_nps(self, found, options):
        return self.env._("NPS %(score)s (n = %(count)s)", score=round(found.value), count=found.count)

    # ------------------------------------------------------------
    # WHO IS UNHAPPY, AND WHO WAITS
    # ------------------------------------------------------------

    @api.model
    def _unhappy_sql(self, spans, options):
        """Return SQL for how many unhappy answers there were, and the last one with what was said."""
        self.env['customer.feedback'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(*) AS value, max(f.given_on) AS day,
                      (array_agg(f.id ORDER BY f.given_at DESC, f.id DESC))[1] AS res_id,
                      jsonb_strip_nulls((array_agg(jsonb_build_object(
                          'score', f.score, 'kind', f.kind, 'said', left(f.comment, 200))
                          ORDER BY f.given_at DESC, f.id DESC))[1]) AS detail
                 FROM %(spans)s s
                 JOIN customer_feedback f ON f.partner_id = s.partner_id AND f.given_on BETWEEN s.start AND %(until)s
                WHERE f.unhappy AND %(seen)s
             GROUP BY s.id""",
            spans=spans.table, until=self._until_sql(), seen=self._seen_sql('customer.feedback', SQL("f.id"), spans))

    @api.model
    def _say_unhappy(self, found, options):
        detail = found.detail or {}
        if 'score' not in detail:
            return self.env._("Unhappy answers: %(count)s", count=round(found.value))
        text = self.env._(
            "Answered %(score)s of %(best)s on %(day)s", score=detail['score'], best=SCALES[detail['kind']][1],
            day=format_date(self.env, found.day))
        return self.env._("%(what)s: “%(said)s”", what=text, said=detail['said']) if detail.get('said') else text

    @api.model
    def _waits_sql(self, spans, options):
        """Return SQL for the days since which the oldest feedback waits for an answer."""
        self.env['customer.feedback'].flush_model()
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, GREATEST(s.stop - f.given_on, 0) AS value, f.given_on AS day,
                      f.id AS res_id
                 FROM %(spans)s s
                 JOIN customer_feedback f ON f.partner_id = s.partner_id AND f.state <> 'answered'
                WHERE %(seen)s
             ORDER BY s.id, f.given_on, f.id""",
            spans=spans.table, seen=self._seen_sql('customer.feedback', SQL("f.id"), spans))

    @api.model
    def _say_waits(self, found, options):
        return self.env._("Said on %(day)s, and nobody has answered yet", day=format_date(self.env, found.day))

    @api.model
    def _open_feedback(self, partner, found):
        """Open what was said."""
        if found.res_id:
            return {
                'type': 'ir.actions.act_window', 'res_model': 'customer.feedback', 'res_id': found.res_id,
                'views': [(False, 'form')],
            }
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_feedback_action')
        return {**action, 'domain': list(Domain('partner_id', '=', partner.id))}
