from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import COMPARISONS, PREFIX, Found
from .customer_pulse import SATISFACTION
from .warning_signal import Signal


class CustomerWarningRule(models.Model):
    """The signals that are facts of the catalogue: a fact, a threshold, and nights in a row (HEA-3).

    Some are facts with a name and words of their own; every other fact can be chosen as it is.
    """

    _inherit = 'customer.warning.rule'

    comparison = fields.Selection(
        selection=COMPARISONS, string="Holds At", required=True, default='from',
        help="At least: the rule holds from the threshold on. At most: it holds up to the threshold.")
    has_comparison = fields.Boolean(compute='_compute_signal_facts')

    # ------------------------------------------------------------
    # SIGNALS
    # ------------------------------------------------------------

    @api.model
    def _signals(self):
        facts = self.env['customer.fact']._facts()
        return super()._signals() | {
            'missed_touches': self._fact_signal('missed_touches', facts),
            'low_pulse': self._fact_signal(
                'satisfaction', facts, 'to', label=self.env._("Low satisfaction"), unit=self.env._("of 5 or less"), window=True,
                describe=self._describe_low_pulse),
            'overdue_invoices': self._fact_signal(
                'payment', facts, unit=self.env._("days overdue"), describe=self._describe_invoices),
            'contact_left': self._fact_signal('contact_left', facts, unit='', threshold=False),
        }

    @api.model
    def _known_signals(self):
        """Return all signals that rules can look at: those of :meth:`_signals`, and every fact that is none of them."""
        signals = self._signals()
        named, facts = {signal.fact for signal in signals.values()}, self.env['customer.fact']._offered()
        return signals | {PREFIX + name: self._fact_signal(name, facts, None) for name in facts if name not in named}

    @api.model
    def _fact_signal(self, name, facts, comparison='from', **values):
        """Return a fact of the catalogue as a signal.

        :param str name: of the fact
        :param dict facts: the catalogue
        :param comparison: ``from`` or ``to``, None where the rule says it
        :param values: of the signal, where they differ from what the fact says
        :rtype: Signal
        """
        fact = facts[name]
        return Signal(**{
            'label': fact.label, 'unit': self.env['customer.fact']._unit_name(fact), 'window': fact.period,
            'sql': lambda rule, partner_ids: rule._fact_sql(name, comparison or rule.comparison, partner_ids),
            'describe': lambda warning: self._describe_fact(name, fact, warning), 'source': name,
            'absent_clears': fact.nothing and not fact.once, 'fact': name, 'comparison': not comparison, **values})

    def _first_day(self):
        """Return the first day that the rule looks back on."""
        return fields.Date.subtract(fields.Date.context_today(self), days=self.window_days)

    @api.model
    def _only_sql(self, column, partner_ids):
        """Return a condition, after AND, that leaves only some customers."""
        return SQL("AND %s = ANY(%s)", column, partner_ids) if partner_ids is not None else SQL()

    def _fact_sql(self, name, comparison, partner_ids):
        """Return SQL with what a fact says of customers, and whether that is bad enough; see :class:`Signal`.

        What happened once is news in the days that the rule looks back only.
        """
        facts = self.env['customer.fact'].sudo()  # a figure is one for all users
        fact, today = facts._get(name), fields.Date.context_today(self)
        threshold = self.threshold if self._signal().threshold else None
        options = {'window_days': self.window_days, 'threshold': threshold}
        holds = facts._holds_sql(fact, comparison, threshold)
        return SQL(
            """SELECT span_id AS partner_id, %(holds)s AND %(news)s AS met, NOT %(holds)s AS cleared, value,
                      COALESCE(detail, '{}') || jsonb_strip_nulls(jsonb_build_object(
                          'event', %(event)s, 'day', day, 'res_id', res_id, 'days', %(days)s, 'today', %(today)s::date)) AS detail
                 FROM (%(found)s) AS fact""",
            holds=holds, news=SQL("day >= %s", self._first_day()) if fact.once else SQL("TRUE"),
            event=SQL("COALESCE(res_id::text, day::text)") if fact.once else SQL("NULL::text"),
            days=self.window_days, today=today, found=facts._query(
                name, facts._days_back(partner_ids, self.window_days + 1), options, 'day', 'res_id', 'detail'))

    @api.model
    def _describe_fact(self, name, fact, warning):
        """Return what a fact said when a warning was raised, or became worse."""
        detail = warning.detail or {}
        day, today = (fields.Date.to_date(detail.get(key)) for key in ('day', 'today'))
        options = {'window_days': detail.get('days'), 'today': today or warning.date, 'threshold': warning.threshold}
        return self.env['customer.fact']._say(
            name, fact, Found(warning.value, day=day, res_id=detail.get('res_id'), detail=detail), options,
            known={'detail', *(key for key in ('day', 'res_id') if detail.get(key))})

    # ------------------------------------------------------------
    # WORDS OF THEIR OWN
    # ------------------------------------------------------------

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

    @api.model
    def _describe_invoices(self, warning):
        return self.env['customer.overdue']._describe(
            (warning.detail or {}).get('count', 1), int(warning.value), (warning.detail or {}).get('amount'))

    # ------------------------------------------------------------
    # THRESHOLDS
    # ------------------------------------------------------------

    def _chosen_fact(self):
        """Return the fact that this rule looks at as it is, or None."""
        self.ensure_one()
        name = (self.signal or '').removeprefix(PREFIX)
        return self.env['customer.fact']._facts().get(name) if name != self.signal else None

    @api.constrains('signal', 'comparison', 'threshold')
    def _check_fact_threshold(self):
        for rule in self:
            if fact := rule._chosen_fact():
                self.env['customer.fact']._check_threshold(fact, rule.comparison, rule.threshold, rule.name)

    @api.onchange('signal')
    def _onchange_signal(self):
        if fact := self._chosen_fact():
            self.comparison = self.env['customer.fact']._worse(fact)

    @api.model_create_multi
    def create(self, vals_list):
        """Make rules; a fact is bad in its worse direction where nothing else is said."""
        return super().create(self.env['customer.fact']._complete_rules(vals_list, 'signal'))
