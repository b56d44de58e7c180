from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import Fact
from ..platform.counted import days


class CustomerFact(models.AbstractModel):
    """What is on file of a customer: what was learned, who decides there, and whether it is still true (PRO-3, PRO-4, PRO-6)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        insight = {'model': 'customer.insight', 'open': self._open_insight, 'minimum': 0}
        since = {'better': 'higher', 'minimum': 0, 'past': False, 'gives': ('count',), 'tells': ()}
        return super()._facts() | {
            'pain_points': Fact(
                label=self.env._("Pain points on file"), counted=self.env._("pain points"), sql=self._pain_points_sql,
                say=self._say_so_many, **since),
            'open_pain_points': Fact(
                label=self.env._("Pain points that nobody settled"), counted=self.env._("pain points"), better='lower',
                gives=('day', 'res_id', 'detail'), period=False, nothing=True, review='point', sql=self._open_pain_points_sql,
                say=self._say_open_pain_points, **insight),
            'competitor_threat': Fact(
                label=self.env._("A competitor is a threat"), counted=self.env._("1 to 3"), better='lower',
                gives=('day', 'res_id', 'detail'), period=False, nothing=True, review='shortfall',
                sql=self._competitor_threat_sql, say=self._say_competitor_threat, **insight),
            'news_silence': Fact(
                label=self.env._("Nothing new was noted"), unit='days', better='lower', minimum=0, gives=('day',), tells=('day',),
                period=False, sql=self._news_silence_sql, say=self._say_news_silence),
            'deciders_reachable': Fact(
                label=self.env._("Decision makers with an email"), counted=self.env._("people"),
                sql=self._deciders_reachable_sql, say=self._say_so_many, **{**since, 'period': False}),
            'profile_unconfirmed': Fact(
                label=self.env._("The profile is to be confirmed"), unit='days', better='lower', minimum=0, past=False,
                period=False, nothing=True, contacts=False, gives=('day', 'res_id'), sql=self._profile_unconfirmed_sql,
                say=self._say_unconfirmed, open=lambda partner, found: partner.action_customer_profile()),
        }

    @api.model
    def _say_so_many(self, found, options):
        """Return how many there are."""
        return self.env._("%(count)s on file", count=int(found.value))

    # ------------------------------------------------------------
    # INSIGHTS
    # ------------------------------------------------------------

    @api.model
    def _pain_points_sql(self, spans, options):
        """Return SQL for what hurts customers: the pain points and needs that were noted in the span, settled ones too."""
        self.env['customer.insight'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(i.id) AS value, count(i.id) AS count
                 FROM %(spans)s s
            LEFT JOIN customer_insight i ON i.partner_id = s.partner_id AND i.kind IN ('pain', 'need')
                                        AND i.date BETWEEN s.start AND %(until)s AND %(seen)s
             GROUP BY s.id""",
            spans=spans.table, until=self._until_sql(), seen=self._seen_sql('customer.insight', SQL("i.id")))

    @api.model
    def _open_on_sql(self):
        """Return a condition that an insight ``i`` was open on the last day of a span ``s``."""
        return SQL("(i.date <= %s AND (i.state = 'open' OR i.settled_on > s.stop))", self._until_sql())

    @api.model
    def _open_pain_points_sql(self, spans, options):
        """Return SQL for how many pain points and needs are open, with the oldest of them."""
        self.env['customer.insight'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(*) AS value, min(i.date) AS day,
                      (array_agg(i.id ORDER BY i.date, i.id))[1] AS res_id,
                      jsonb_build_object('what', (array_agg(i.name ORDER BY i.date, i.id))[1]) AS detail
                 FROM %(spans)s s
                 JOIN customer_insight i ON i.partner_id = s.partner_id AND i.kind IN ('pain', 'need')
                                        AND %(is_open)s AND %(seen)s
             GROUP BY s.id""",
            spans=spans.table, is_open=self._open_on_sql(), seen=self._seen_sql('customer.insight', SQL("i.id")))

    @api.model
    def _say_open_pain_points(self, found, options):
        """Return what hurts, and since when."""
        values = {'what': (found.detail or {}).get('what', ''), 'day': format_date(self.env, found.day)}
        if found.value == 1:
            return self.env._("Open since %(day)s: %(what)s", **values)
        return self.env._("%(count)s pain points are open, the oldest since %(day)s: %(what)s", count=int(found.value), **values)

    @api.model
    def _competitor_threat_sql(self, spans, options):
        """Return SQL for the greatest threat by a competitor that is open, from 1 (low) to 3 (high)."""
        self.env['customer.insight'].flush_model()
        self.env['customer.competitor'].flush_model(['name'])
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, i.threat::int AS value, i.date AS day, i.id AS res_id,
                      jsonb_strip_nulls(jsonb_build_object('who', c.name, 'offers', i.offers)) AS detail
                 FROM %(spans)s s
                 JOIN customer_insight i ON i.partner_id = s.partner_id AND i.kind = 'competitor' AND i.threat IS NOT NULL
                                        AND %(is_open)s AND %(seen)s
                 JOIN customer_competitor c ON c.id = i.competitor_id
             ORDER BY s.id, i.threat DESC, i.date DESC, i.id DESC""",
            spans=spans.table, is_open=self._open_on_sql(), seen=self._seen_sql('customer.insight', SQL("i.id")))

    @api.model
    def _say_competitor_threat(self, found, options):
        """Return who it is, how much of a threat, and what they offer."""
        detail = found.detail or {}
        levels = dict(self.env['customer.insight']._fields['threat']._description_selection(self.env))
        values = {'who': detail.get('who', ''), 'level': levels.get(str(int(found.value)), ''),
                  'day': format_date(self.env, found.day)}
        if detail.get('offers'):
            return self.env._(
                "%(who)s, threat %(level)s since %(day)s: %(offers)s", offers=detail['offers'], **values)
        return self.env._("%(who)s, threat %(level)s since %(day)s", **values)

    @api.model
    def _open_insight(self, partner, found):
        """Return the action that opens the insight."""
        return {'type': 'ir.actions.act_window', 'res_model': 'customer.insight', 'res_id': found.res_id, 'view_mode': 'form',
                'views': [(False, 'form')]}

    @api.model
    def _news_silence_sql(self, spans, options):
        """Return SQL for the days since something was noted of customers of whom something is on file."""
        self.env['customer.insight'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, GREATEST(s.stop - max(i.date), 0) AS value, max(i.date) AS day
                 FROM %(spans)s s
                 JOIN customer_insight i ON i.partner_id = s.partner_id AND i.date <= %(until)s AND %(seen)s
             GROUP BY s.id, s.stop""",
            spans=spans.table, until=self._until_sql(), seen=self._seen_sql('customer.insight', SQL("i.id")))

    @api.model
    def _say_news_silence(self, found, options):
        """Return for how long nothing was noted."""
        return self.env._(
            "Nothing new noted for %(days)s, last on %(day)s", days=days(self.env, found.value),
            day=format_date(self.env, found.day))

    # ------------------------------------------------------------
    # DECISION CHAIN
    # ------------------------------------------------------------

    @api.model
    def _deciders_reachable_sql(self, spans, options):
        """Return SQL for how many people of customers sit in a seat that decides and have an email address."""
        for model in ('res.partner', 'customer.seat'):
            self.env[model].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(DISTINCT p.id) AS value, count(DISTINCT p.id) AS count
                 FROM %(spans)s s
            LEFT JOIN customer_seat seat ON seat.partner_id = s.partner_id AND seat.role_id = ANY(%(roles)s)
            LEFT JOIN res_partner p ON p.id = seat.person_id AND p.active AND p.email_normalized IS NOT NULL
             GROUP BY s.id""",
            spans=spans.table, roles=list(self.env['customer.contact.role']._deciding_ids()))

    # ------------------------------------------------------------
    # IS IT STILL TRUE?
    # ------------------------------------------------------------

    @api.model
    def _profile_unconfirmed_sql(self, spans, options):
        """Return SQL for how many days ago the profiles that are due began to be."""
        confirmer, today = self.env['customer.confirmer'], SQL("%s::date", fields.Date.context_today(self))
        self.env['res.partner'].flush_model(['customer_confirmed_on'])
        return SQL(
            """SELECT s.id AS span_id, %(today)s - %(start)s AS value, %(start)s AS day, p.id AS res_id
                 FROM %(spans)s s JOIN res_partner p ON p.id = s.partner_id WHERE %(due)s""",
            spans=spans.table, today=today, start=confirmer._from_sql('p'), due=confirmer._due_sql('p', today))

    @api.model
    def _say_unconfirmed(self, found, options):
        """Return for how long nobody confirmed the profile."""
        return self.env._(
            "Nobody has confirmed the profile for %(days)s, since %(day)s", days=days(self.env, found.value),
            day=format_date(self.env, found.day))
