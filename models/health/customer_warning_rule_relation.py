from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.i18n import format_list

from .customer_pulse import SATISFACTION
from .warning_signal import Signal

#: Mean days between two orders of a customer.rhythm ``r`` with two days or more.
MEAN_INTERVAL = SQL("((r.last_day - r.first_day)::float8 / (r.purchases - 1))")


class CustomerWarningRule(models.Model):
    """The signals from contacts, orders, invoices and people."""

    _inherit = 'customer.warning.rule'

    chance = fields.Float(
        string="Or Chance Below (%)", default=50, required=True, digits=(5, 1),
        help="Where the churn model foretells better than the usual gap, the rule holds from the day on which the chance to buy "
             "again falls below this.")
    judgement = fields.Text(
        compute='_compute_judgement', help="What the rule follows from, and how often it was right.")

    _chance = models.Constraint('CHECK (chance > 0 AND chance < 100)', "A chance lies between 0 and 100 percent.")

    @api.depends('signal')
    @api.depends_context('lang')
    def _compute_judgement(self):
        # counts of all companies, like the chances themselves
        fit = self.env['customer.churn.fit'].sudo()._get_current()
        for rule in self:
            rule.judgement = rule.signal == 'order_gap' and fit._describe_warnings()

    @api.model
    def _signals(self):
        return super()._signals() | {
            'missed_touches': Signal(
                label=self.env._("Missed touches"), unit=self.env._("touches"), sql=type(self)._missed_sql,
                describe=self._describe_missed, window=True, absent_clears=True),
            'low_pulse': Signal(
                label=self.env._("Low satisfaction"), unit=self.env._("of 5 or less"), sql=type(self)._low_pulse_sql,
                describe=self._describe_low_pulse, window=True),
            'order_gap': Signal(
                label=self.env._("No order for long"), unit=self.env._("times the usual gap"), sql=type(self)._gap_sql,
                describe=self._describe_gap, window=True),
            'overdue_invoices': Signal(
                label=self.env._("Overdue invoices"), unit=self.env._("days overdue"), sql=type(self)._invoices_sql,
                describe=self._describe_invoices, absent_clears=True),
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
    # ORDERS
    # ------------------------------------------------------------

    def _gap_sql(self, partner_ids):
        """Return SQL: customers who bought on two days or more and seem to have stopped.

        What says so is what foretold best on the held-out days (``customer.churn.fit._warns_by``): the chance to buy again by
        the model, or the days since the last order over the customer's own mean interval. Where neither is better than
        guessing, nobody is warned of.

        The rule holds from the day on which the customer passed the threshold, for as many days as it looks back: who stopped
        buying years ago is no news.
        """
        # figures of all companies, like the rhythm itself, whoever looks at the rule
        fit, churn = self.env['customer.churn.fit'].sudo()._get_current(), self.env['customer.churn'].sudo()
        how = fit._warns_by()
        today = fields.Date.context_today(self)
        if how == 'model':
            passed, chance = fit._fell_sql(self.chance), churn._active_percent_sql()
        else:
            passed, chance = SQL("r.last_day + CEIL(%s * %s)::int", MEAN_INTERVAL, self.threshold), SQL("NULL::float8")
        return SQL(
            """SELECT g.partner_id, %(speaks)s AND g.passed BETWEEN %(first_day)s AND %(today)s AS met,
                      g.passed > %(today)s AS cleared, round((g.days / g.usual)::numeric, 2) AS value,
                      jsonb_build_object('days', g.days, 'usual', round(g.usual), 'chance', round(g.chance)) AS detail
                 FROM (SELECT r.partner_id, %(today)s - r.last_day AS days, %(usual)s AS usual, %(passed)s AS passed,
                              %(chance)s AS chance
                         FROM customer_rhythm r
                        WHERE r.purchases >= 2 AND r.last_day > r.first_day AND r.last_day <= %(today)s %(only)s) g""",
            speaks=how != 'none', today=today, first_day=self._first_day(), usual=MEAN_INTERVAL, passed=passed, chance=chance,
            only=self._only_sql(SQL("r.partner_id"), partner_ids))

    @api.model
    def _describe_gap(self, warning):
        detail = warning.detail or {}
        values = {'days': detail.get('days', 0), 'usual': detail.get('usual', 0), 'chance': detail.get('chance')}
        if values['chance'] is not None:
            return self.env._(
                "No order for %(days)s days, usually every %(usual)s; chance to buy again %(chance)s %%", **values)
        values.pop('chance')
        return self.env._("No order for %(days)s days, usually every %(usual)s", **values)

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
