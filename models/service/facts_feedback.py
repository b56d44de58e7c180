from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ..base.customer_fact import Fact
from .customer_survey import SCALES


class CustomerFact(models.AbstractModel):
    """What customers said when they were asked (SRV-5)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        feedback = 'customer.feedback'
        return super()._facts() | {
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
            seen=self._seen_sql('customer.feedback', SQL("f.id")))

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
            spans=spans.table, until=self._until_sql(), seen=self._seen_sql('customer.feedback', SQL("f.id")))

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
            spans=spans.table, seen=self._seen_sql('customer.feedback', SQL("f.id")))

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
