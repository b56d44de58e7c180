from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.i18n import format_list

from .customer_pulse import SATISFACTION
from .warning_signal import Signal


class CustomerWarningRule(models.Model):
    """The signals from contacts, invoices and people."""

    _inherit = 'customer.warning.rule'

    @api.model
    def _signals(self):
        return super()._signals() | {
            'missed_touches': Signal(
                label=self.env._("Missed touches"), unit=self.env._("touches"), sql=type(self)._missed_sql,
                describe=self._describe_missed, window=True, absent_clears=True),
            'low_pulse': Signal(
                label=self.env._("Low satisfaction"), unit=self.env._("of 5 or less"), sql=type(self)._low_pulse_sql,
                describe=self._describe_low_pulse, window=True, source='satisfaction'),
            'overdue_invoices': Signal(
                label=self.env._("Overdue invoices"), unit=self.env._("days overdue"), sql=type(self)._invoices_sql,
                describe=self._describe_invoices, source='payment', absent_clears=True),
            'contact_left': Signal(
                label=self.env._("A contact person left"), unit='', sql=type(self)._left_sql,
                describe=self._describe_left, window=True, threshold=False),
        }

    def _first_day(self):
        """Return the first day that the rule looks back on."""
        return fields.Date.subtract(fields.Date.context_today(self), days=self.window_days)

    @api.model
    def _only_sql(self, column, partner_ids):
        """Return a condition, after AND, that leaves only some customers."""
        return SQL("AND %s = ANY(%s)", column, partner_ids) if partner_ids is not None else SQL()

    # ------------------------------------------------------------
    # MISSED TOUCHES
    # ------------------------------------------------------------

    def _missed_sql(self, partner_ids):
        """Return SQL: touches that are overdue now, and those that were skipped lately."""
        return SQL(
            """SELECT partner_id, count(*) >= %(threshold)s AS met, count(*) < %(threshold)s AS cleared, count(*) AS value,
                      jsonb_build_object('overdue', count(*) FILTER (WHERE state = 'planned'),
                                         'skipped', count(*) FILTER (WHERE state = 'skipped')) AS detail
                 FROM customer_followup
                WHERE (state = 'planned' AND date_limit < %(today)s OR state = 'skipped' AND closed_at >= %(first_day)s)
                      %(only)s
             GROUP BY partner_id""",
            threshold=self.threshold, today=fields.Date.context_today(self), first_day=self._first_day(),
            only=self._only_sql(SQL("partner_id"), partner_ids))

    @api.model
    def _describe_missed(self, warning):
        detail, parts = warning.detail or {}, []
        if overdue := detail.get('overdue'):
            parts.append(self.env._("%(count)s overdue", count=overdue))
        if skipped := detail.get('skipped'):
            parts.append(self.env._("%(count)s skipped", count=skipped))
        return self.env._("Missed touches: %(parts)s", parts=format_list(self.env, parts) if parts else warning.value)

    # ------------------------------------------------------------
    # SATISFACTION
    # ------------------------------------------------------------

    def _low_pulse_sql(self, partner_ids):
        """Return SQL: the last pulse, if it is not older than the rule looks back."""
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, score::int <= %(threshold)s AND date >= %(first_day)s AS met,
                      score::int > %(threshold)s AS cleared, score::int AS value,
                      jsonb_strip_nulls(jsonb_build_object('event', id::text, 'day', date, 'said', COALESCE(
                          NULLIF(note, ''), (SELECT f.feedback FROM customer_followup f WHERE f.id = followup_id)
                      ))) AS detail
                 FROM customer_pulse
                WHERE date <= %(today)s %(only)s
             ORDER BY partner_id, date DESC, id DESC""",
            threshold=self.threshold, today=fields.Date.context_today(self), first_day=self._first_day(),
            only=self._only_sql(SQL("partner_id"), partner_ids))

    @api.model
    def _describe_low_pulse(self, warning):
        labels = dict(self.env['customer.pulse']._fields['score']._description_selection(self.env))
        score, detail = min(max(int(warning.value), 1), len(SATISFACTION)), warning.detail or {}
        text = self.env._(
            "Satisfaction %(score)s of 5 on %(day)s: %(label)s", score=score, label=labels.get(str(score), ''),
            day=format_date(self.env, detail.get('day') or warning.date))
        if detail.get('said'):
            return self.env._("%(what)s. “%(said)s”", what=text, said=detail['said'])
        return text

    # ------------------------------------------------------------
    # INVOICES
    # ------------------------------------------------------------

    def _invoices_sql(self, partner_ids):
        """Return SQL: customers who owe more than the small amount for so many days, see ``customer.overdue``."""
        return SQL(
            """SELECT partner_id, TRUE AS met, FALSE AS cleared, %(today)s - since AS value,
                      jsonb_build_object('count', instalments, 'amount', round(amount, 2)) AS detail
                 FROM (%(overdue)s) AS overdue""",
            today=fields.Date.context_today(self),
            overdue=self.env['customer.overdue']._sql(partner_ids, days=int(self.threshold)))

    @api.model
    def _describe_invoices(self, warning):
        return self.env['customer.overdue']._describe(
            (warning.detail or {}).get('count', 1), int(warning.value), (warning.detail or {}).get('amount'))

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _left_sql(self, partner_ids):
        """Return SQL: contact persons who left lately."""
        return SQL(
            """SELECT customer_left_id AS partner_id, TRUE AS met, FALSE AS cleared, count(*) AS value,
                      jsonb_build_object('event', max(customer_left_on)::text, 'people', jsonb_agg(id ORDER BY id)) AS detail
                 FROM res_partner
                WHERE customer_left_on >= %(first_day)s AND customer_left_id IS NOT NULL %(only)s
             GROUP BY customer_left_id""",
            first_day=self._first_day(), only=self._only_sql(SQL("customer_left_id"), partner_ids))

    @api.model
    def _describe_left(self, warning):
        people = self.env['res.partner'].browse((warning.detail or {}).get('people', ())).exists()
        names = [f'{person.name} ({person.function})' if person.function else person.name for person in people]
        if not names:
            return self.env._("A contact person left")
        return self.env._("Left: %(people)s", people=format_list(self.env, names))
