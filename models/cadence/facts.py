from odoo import api, models
from odoo.tools import SQL, format_date
from odoo.tools.i18n import format_list

from ..base.customer_fact import Fact
from ..platform.counted import days, plural
from ..profile.customer_seat import GAPS


class CustomerFact(models.AbstractModel):
    """What contacts and follow-ups tell of a customer.

    Our own effort is none of it: attempts without an answer, and what we merely sent, never make a value better.
    """

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        followup = 'customer.followup'
        return super()._facts() | {
            'engagement': Fact(
                label=self.env._("Engagement: contacts in which somebody was reached"), unit='percent', better='higher',
                minimum=0, gives=('day',), sql=self._engagement_sql, say=self._say_engagement),
            'missed_touches': Fact(
                label=self.env._("Missed touches"), counted=self.env._("touches"), better='lower', minimum=0,
                gives=('detail',), past=False, nothing=True, sql=self._missed_sql, say=self._say_missed),
            'late_records': Fact(
                label=self.env._("Contacts that were recorded late"), counted=self.env._("contacts"), better='lower', minimum=0,
                gives=('day',), nothing=True, review='shortfall', sql=self._late_records_sql, say=self._say_late_records),
            'overdue_followup': Fact(
                label=self.env._("A follow-up is overdue"), unit='days', counted=self.env._("days over the latest date"),
                better='lower', minimum=0, gives=('day', 'res_id'), model=followup, past=False, period=False, nothing=True,
                sql=self._overdue_followup_sql, say=self._say_followup, open=self._open_followup),
            'seat_gaps': Fact(
                label=self.env._("Gaps in the decision chain"), counted=self.env._("gaps"), better='lower', minimum=0,
                gives=('detail',), past=False, period=False, nothing=True, sql=self._seat_gaps_sql, say=self._say_seat_gaps,
                open=lambda partner, found: partner.action_view_customer_seats()),
            'silence': Fact(
                label=self.env._("Nobody was spoken to"), unit='days', counted=self.env._("days, or never"), better='lower',
                minimum=0, gives=('day',), period=False, sql=self._silence_sql, say=self._say_silence),
        }

    # ------------------------------------------------------------
    # CONTACTS
    # ------------------------------------------------------------

    @api.model
    def _contacts_sql(self, spans):
        """Return SQL that selects the contacts of spans that tell something about the customer.

        Calls and visits count, whether somebody was reached or not. On channels on which we may just have sent something,
        a contact counts only where the customer said something: an email without a reply tells nothing, and neither does
        one that went out by itself.

        :return: columns ``span_id``, ``partner_id``, ``contact_id``, ``contact_day``, ``reached``
        """
        self.env['customer.followup'].flush_model(
            ['partner_id', 'contact_id', 'contact_day', 'state', 'outcome', 'channel_id', 'step_id', 'sent_message_id',
             'answered_at'])
        self.env['customer.channel'].flush_model(['two_way'])
        self.env['customer.cadence.step'].flush_model(['automatic'])
        return SQL(
            """SELECT s.id AS span_id, s.partner_id, f.contact_id, f.contact_day, f.outcome <> 'no_answer' AS reached
                 FROM %(spans)s s
                 JOIN customer_followup f ON f.partner_id = s.partner_id AND f.contact_day BETWEEN s.start AND %(until)s
                 JOIN customer_channel c ON c.id = f.channel_id
            LEFT JOIN customer_cadence_step step ON step.id = f.step_id
                WHERE f.state = 'done' AND %(seen)s
                  AND (f.outcome IN ('satisfied', 'need', 'problem')
                       OR f.answered_at IS NOT NULL
                       OR c.two_way AND f.outcome IN ('neutral', 'no_answer')
                      AND f.sent_message_id IS NULL AND step.automatic IS NOT TRUE)""",
            spans=spans.table, until=self._until_sql(), seen=self._seen_sql('customer.followup', SQL("f.id"), spans))

    @api.model
    def _engagement_sql(self, spans, options):
        """Return SQL for the share of contacts in which somebody was reached, in percent.

        It is as old as the last contact with somebody: further attempts don't keep it young.
        """
        return SQL(
            """SELECT span_id, round(100.0 * count(*) FILTER (WHERE reached) / count(*), 4) AS value,
                      COALESCE(max(contact_day) FILTER (WHERE reached), max(contact_day)) AS day
                 FROM (%s) AS contacts
             GROUP BY span_id""", self._contacts_sql(spans))

    @api.model
    def _say_engagement(self, found, options):
        """Return the share in a sentence."""
        values = {'days': options['window_days'], 'day': format_date(self.env, found.day)}
        if not found.value:
            return self.env._("Nobody was reached in %(days)s days, last tried on %(day)s", **values)
        return self.env._(
            "Somebody was reached in %(share)s%% of the contacts of %(days)s days, last on %(day)s",
            share=round(found.value), **values)

    @api.model
    def _silence_sql(self, spans, options):
        """Return SQL for the days since somebody was spoken to last; of who never was, since it became a customer. Before that
        nothing is known."""
        for model in ('customer.followup', 'customer.cadence.step', 'customer.contact.rule'):
            self.env[model].flush_model()
        self.env['res.partner'].flush_model(['customer_managed_since'])
        return SQL(
            """SELECT s.id AS span_id,
                      GREATEST(s.stop - COALESCE(max(f.contact_day), max(p.customer_managed_since)), 0) AS value,
                      max(f.contact_day) AS day
                 FROM %(spans)s s
                 JOIN res_partner p ON p.id = s.partner_id
            LEFT JOIN customer_followup f ON f.partner_id = s.partner_id AND f.state = 'done' AND %(reached)s
                                         AND f.contact_day <= %(until)s AND %(seen)s
             GROUP BY s.id, s.stop
               HAVING max(f.contact_day) IS NOT NULL OR max(p.customer_managed_since) <= s.stop""",
            reached=self.env['customer.followup.attempts']._reached_sql('f'), spans=spans.table, until=self._until_sql(),
            seen=self._seen_sql('customer.followup', SQL("f.id"), spans))

    @api.model
    def _say_silence(self, found, options):
        """Return since when nobody was spoken to."""
        if not found.day:
            return self.env._("Nobody there was spoken to yet.")
        return self.env._("Nobody was spoken to for %(days)s.", days=days(self.env, (options['today'] - found.day).days))

    @api.model
    def _late_records_sql(self, spans, options):
        """Return SQL for how many contacts of a span were recorded late, and when the last of them was made."""
        self.env['customer.followup'].flush_model(['partner_id', 'state', 'contact_day', 'recorded_late'])
        return SQL(
            """SELECT s.id AS span_id, count(*) AS value, max(f.contact_day) AS day
                 FROM %(spans)s s
                 JOIN customer_followup f ON f.partner_id = s.partner_id AND f.contact_day BETWEEN s.start AND %(until)s
                WHERE f.state = 'done' AND f.recorded_late AND %(seen)s
             GROUP BY s.id""",
            spans=spans.table, until=self._until_sql(), seen=self._seen_sql('customer.followup', SQL("f.id"), spans))

    @api.model
    def _say_late_records(self, found, options):
        """Return how many were recorded late."""
        return plural(
            found.value, self.env._("A contact was recorded late, on %(day)s", day=format_date(self.env, found.day)),
            self.env._("%(count)s contacts were recorded late, the last one of %(day)s", count=round(found.value),
                       day=format_date(self.env, found.day)))

    # ------------------------------------------------------------
    # FOLLOW-UPS
    # ------------------------------------------------------------

    @api.model
    def _missed_sql(self, spans, options):
        """Return SQL for how many touches are overdue now, and were skipped lately."""
        return SQL(
            """SELECT s.id AS span_id, count(*) AS value,
                      jsonb_build_object('overdue', count(*) FILTER (WHERE f.state = 'planned'),
                                         'skipped', count(*) FILTER (WHERE f.state = 'skipped')) AS detail
                 FROM %(spans)s s JOIN customer_followup f ON f.partner_id = s.partner_id
                WHERE (f.state = 'planned' AND f.date_limit < s.stop OR f.state = 'skipped' AND f.closed_at >= s.start)
                  AND %(seen)s
             GROUP BY s.id""", spans=spans.table, seen=self._seen_sql('customer.followup', SQL("f.id"), spans))

    @api.model
    def _say_missed(self, found, options):
        """Return what was missed."""
        detail, parts = found.detail or {}, []
        if overdue := detail.get('overdue'):
            parts.append(self.env._("%(count)s overdue", count=overdue))
        if skipped := detail.get('skipped'):
            parts.append(self.env._("%(count)s skipped", count=skipped))
        return self.env._("Missed touches: %(parts)s", parts=format_list(self.env, parts) if parts else found.value)

    @api.model
    def _overdue_followup_sql(self, spans, options):
        """Return SQL for how long the follow-up that was planned first is overdue, of those that are for long enough."""
        self.env['customer.followup'].flush_model()
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, s.stop - f.date_limit AS value, f.date_planned AS day, f.id AS res_id
                 FROM %(spans)s s
                 JOIN customer_followup f ON f.partner_id = s.partner_id AND f.state = 'planned'
                                         AND f.date_limit <= s.stop - %(days)s
                WHERE %(seen)s
             ORDER BY s.id, f.date_planned, f.id""",
            spans=spans.table, days=max(int(options['threshold'] or 0), 1),
            seen=self._seen_sql('customer.followup', SQL("f.id"), spans))

    @api.model
    def _say_followup(self, found, options):
        """Return which follow-up is or was due when."""
        followup, day = self.env['customer.followup'].browse(found.res_id), found.day
        what = followup.name or followup.step_id.name or followup.channel_id.name
        if day == options['today']:
            return self.env._("%(what)s is due today.", what=what)
        if day > options['today']:
            return self.env._("%(what)s is due on %(day)s.", what=what, day=format_date(self.env, day))
        return self.env._("%(what)s was due on %(day)s.", what=what, day=format_date(self.env, day))

    @api.model
    def _open_followup(self, partner, found):
        return self.env['customer.followup'].browse(found.res_id).action_log()

    # ------------------------------------------------------------
    # DECISION CHAIN
    # ------------------------------------------------------------

    @api.model
    def _seat_gaps_sql(self, spans, options):
        """Return SQL for how many gaps the decision chain of customers has."""
        seats = self.env['customer.seat'].sudo()  # a figure is one for all users
        self.env['res.partner'].flush_model(['customer_managed', 'customer_managed_since', 'is_company'])
        gaps = SQL(", ").join(
            SQL("CASE WHEN %s THEN %s END", seats._has_gap_sql(gap, 'p', spans.partner_ids), gap) for gap, __ in GAPS)
        return SQL(
            """SELECT found.id AS span_id, cardinality(found.gaps) AS value, jsonb_build_object('gaps', found.gaps) AS detail
                 FROM (SELECT s.id, array_remove(ARRAY[%s]::varchar[], NULL) AS gaps
                         FROM %s s JOIN res_partner p ON p.id = s.partner_id) AS found
                WHERE cardinality(found.gaps) > 0""", gaps, spans.table)

    @api.model
    def _say_seat_gaps(self, found, options):
        """Return which gaps there are."""
        return format_list(self.env, [self.env['customer.seat']._describe_gap(gap) for gap in found.detail['gaps']], style='unit')
