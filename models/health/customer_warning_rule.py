
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_repr, format_date

from ..base.customer_fact import COMPARISONS, PREFIX, Found
from ..platform.counted import customers
from ..platform.counted import days as in_days
from .customer_pulse import SATISFACTION
from .customer_warning_base import ORDER
from .warning_signal import Signal

LEVELS = [('1', "Yellow"), ('2', "Orange"), ('3', "Red")]

#: Colours of the levels in Odoo's palette: yellow, orange, red.
LEVEL_COLORS = {'1': 3, '2': 2, '3': 1}

#: Changing one of these makes another question of a rule: what was counted for the old one is forgotten.
QUESTION = {
    'signal', 'comparison', 'threshold', 'window_days', 'tier_ids', 'segment_ids', 'active', 'chance', 'least_percent',
    'metric_id',
}

#: The signals of this file.
READINGS = ('readings_fall', 'readings_reach')


class CustomerWarningRule(models.Model):
    """When a warning is raised, how serious it is, when it ends by itself, and what is done about it (HEA-3)."""

    _name = 'customer.warning.rule'
    _inherit = ['customer.asking', 'customer.fact.rule']
    _looks_at = 'signal'
    _description = "Warning Rule"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    # when
    signal = fields.Selection(selection='_selection_signal', required=True, help="What the rule looks at, every night.")
    level = fields.Selection(
        selection=LEVELS, default='1', required=True,
        help="Several rules may look at the same signal: the worst of those that hold gives the warning its level. Red "
             "ones also become an activity of the responsible person.")
    color = fields.Integer(compute='_compute_color')
    threshold = fields.Float(required=True, help="From here on the rule holds; a score has to be below it.")
    threshold_unit = fields.Char(string="Unit", compute='_compute_signal_facts')
    has_threshold = fields.Boolean(compute='_compute_signal_facts')
    has_margin = fields.Boolean(compute='_compute_signal_facts')
    has_window = fields.Boolean(compute='_compute_signal_facts')
    window_days = fields.Integer(string="Looks Back (days)", default=30, required=True)
    evaluations = fields.Integer(
        string="Evaluations in a Row", default=2, required=True,
        help="So many nights in a row the rule has to hold before a warning is raised, and so many it has to be over "
             "before the warning ends by itself.")
    clear_margin = fields.Float(
        string="Ends Above By", default=5, required=True,
        help="The warning ends by itself when the score is so many points above the level again.")
    cool_down_days = fields.Integer(
        string="Quiet Afterwards (days)", default=30, required=True,
        help="After a warning was closed no new one of this signal is raised for so long, unless it is worse.")
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', relation='customer_warning_rule_tier', string="Tiers", help="Empty: any tier.")
    segment_ids = fields.Many2many(
        comodel_name='customer.segment', relation='customer_warning_rule_segment', string="Segments",
        help="Empty: any segment.")
    # what is done
    owner_role = fields.Selection(
        selection=[('manager', "Account manager"), ('leader', "Team leader")], string="Goes To", default='manager',
        required=True)
    plan_id = fields.Many2one(
        comodel_name='customer.warning.plan', string="Action Plan", index='btree_not_null', ondelete='restrict')
    plan_start = fields.Selection(
        selection=[('ask', "When somebody takes it on"), ('auto', "At once")], string="Plan Starts", default='ask',
        required=True)
    # how it goes
    evaluated_on = fields.Date(string="Last Evaluated", readonly=True, copy=False)
    problem = fields.Char(
        readonly=True, copy=False, help="Why the rule could not be evaluated. The other rules went on.")
    open_count = fields.Integer(string="Open Warnings", compute='_compute_open_count')
    foretells = fields.Selection(
        selection='_selection_foretells', required=True, default=ORDER,
        help="What its warnings are held against when the days of the settings are over: whether that happened, beside how often "
             "it happens anyway.")
    track_record = fields.Text(compute='_compute_track_record', help="How often what a warning foretold came true.")
    is_guessing = fields.Boolean(compute='_compute_track_record')
    comparison = fields.Selection(
        selection=COMPARISONS, string="Holds At", required=True, default='from',
        help="At least: the rule holds from the threshold on. At most: it holds up to the threshold.")
    has_comparison = fields.Boolean(compute='_compute_signal_facts')
    chance = fields.Float(
        string="Or Chance Below (%)", default=50, required=True, digits=(5, 1),
        help="Where the churn model foretells better than the longest pause, the rule holds from the day on which the chance "
             "to buy again falls below this, or below less where that was right more often.")
    least_percent = fields.Integer(
        string="Right in at Least (%)", default=30, required=True,
        help="Of 100 warnings so many have to have been right on the held-out days; where no limit reaches that, the rule is "
             "silent. It is silent in any case where its warnings are not clearly better than guessing.")
    judgement = fields.Text(
        compute='_compute_judgement', help="What the rule follows from, and how often it was right.")
    metric_id = fields.Many2one(
        comodel_name='customer.metric', index='btree_not_null', ondelete='restrict',
        help="Whose readings the rule looks at.")
    has_metric = fields.Boolean(compute='_compute_has_metric')
    absence = fields.Char(
        string="App Not There", compute='_compute_has_metric', help="Why nobody counts what the rule looks at.")

    _evaluations = models.Constraint('CHECK (evaluations > 0)', "A rule has to hold on one evaluation at least.")
    _days = models.Constraint(
        'CHECK (window_days > 0 AND cool_down_days >= 0 AND clear_margin >= 0)',
        "A rule looks back one day at least; the quiet time and the margin can't be negative.")
    _chance = models.Constraint('CHECK (chance > 0 AND chance < 100)', "A chance lies between 0 and 100 percent.")
    _least_percent = models.Constraint(
        'CHECK (least_percent >= 0 AND least_percent <= 100)', "Of 100 warnings between 0 and 100 can be right.")

    # ------------------------------------------------------------
    # SIGNALS
    # ------------------------------------------------------------

    @api.model
    def _signals(self):
        """Return what rules can look at, by key, that is more than a fact of the catalogue: signals with a history of their own,
        and facts with words of their own. **Other wings and addons add what they know as facts** (``customer.fact._facts``),
        and extend this only where a fact and a threshold are not enough.

        :rtype: dict[str, Signal]
        """
        facts, gap = self.env['customer.fact']._facts(), self.env['customer.warning.signal.gap']
        return {
            'order_gap': Signal(
                label=self.env._("No order for long"), unit=self.env._("times the longest pause, at least"),
                sql=gap._gap_sql, describe=gap._describe_gap, window=True, source='rhythm'),
            'readings_fall': Signal(
                label=self.env._("Readings fell"), unit=self.env._("% less than in the period before"),
                sql=type(self)._readings_fall_sql, describe=self._describe_readings_fall, window=True, source='usage',
                fact='usage'),
            'readings_reach': Signal(
                label=self.env._("Readings reached a number"), unit=self.env._("in the period"),
                sql=type(self)._readings_reach_sql, describe=self._describe_readings_reach, window=True, absent_clears=True,
                fact='usage'),
            'missed_touches': self._fact_signal('missed_touches', facts),
            'low_pulse': self._fact_signal(
                'satisfaction', facts, 'to', label=self.env._("Low satisfaction"), unit=self.env._("of 5 or less"), window=True,
                describe=self._describe_low_pulse),
            'overdue_invoices': self._fact_signal(
                'payment', facts, unit=self.env._("days overdue"), describe=self._describe_invoices),
            'contact_left': self._fact_signal('contact_left', facts, unit='', threshold=False),
        } | self.env['customer.warning.signal.score']._signals()

    @api.model
    def _selection_signal(self):
        return [(key, signal.label) for key, signal in self._known_signals().items()]

    def _signal(self):
        """Return the signal of this rule."""
        self.ensure_one()
        if not (signal := self._known_signals().get(self.signal)):
            raise UserError(self.env._("The signal “%(signal)s” is not there: was an addon taken away?", signal=self.signal))
        return signal

    @api.depends('signal')
    @api.depends_context('lang')
    def _compute_signal_facts(self):
        signals = self._known_signals()
        for rule in self:
            signal = signals.get(rule.signal)
            rule.has_comparison = bool(signal and signal.comparison)
            rule.threshold_unit = signal and signal.unit
            rule.has_threshold = bool(signal and signal.threshold)
            rule.has_margin = bool(signal and signal.margin)
            rule.has_window = bool(signal and signal.window)

    def _signal_sql(self, partner_ids=None):
        """Return SQL with what this rule finds: see :class:`Signal`, only for managed customers. ``met`` is false for those
        that the rule is not about.

        :param partner_ids: ids of customers, or None for all
        """
        self.ensure_one()
        fits = [SQL("s.met")]
        for name, ids in (('customer_tier_id', self.tier_ids.ids), ('customer_segment_id', self.segment_ids.ids)):
            if ids:
                fits.append(SQL("%s = ANY(%s)", SQL.identifier('p', name), ids))
        return SQL(
            """SELECT s.partner_id, COALESCE(%(met)s, FALSE) AS met, COALESCE(s.cleared, FALSE) AS cleared,
                      s.value::numeric AS value, s.detail::jsonb AS detail
                 FROM (%(signal)s) s JOIN res_partner p ON p.id = s.partner_id AND p.customer_managed IS TRUE""",
            met=SQL(" AND ").join(fits), signal=self._signal().sql(self, partner_ids))

    def _describe_archiving(self, active):
        self.env.flush_all()
        # how many are concerned is no secret
        (met,), = self.env.execute_query(SQL("SELECT count(*) FROM (%s) f WHERE met", self.sudo()._signal_sql()))
        if active:
            return self.env._("it holds for %(customers)s today, of whom it warns tonight.", customers=customers(self.env, met))
        return self.env._("it holds for %(customers)s today, of whom it warns no more.", customers=customers(self.env, met))

    @api.model
    def _selection_foretells(self):
        return self.env['customer.warning.base']._selection_event()

    @api.depends_context('uid', 'lang')
    def _compute_track_record(self):
        self.env['customer.warning'].flush_model()
        lines = self.env['customer.warning.report'].search([('rule_id', 'in', self.ids), ('judged', '>', 0)]).grouped('rule_id')
        days = self.env['res.config.settings']._customer_success('churn_horizon_days')
        events = self.env['customer.warning.base']._events()
        for rule in self:
            line, event = lines.get(rule._origin), events.get(rule.foretells)
            rule.is_guessing = line and line.verdict == 'guess'
            rule.track_record = line and event and event.record(
                judged=line.judged, precision=round(line.precision), days=days, base=round(line.base))
            if rule.is_guessing and rule.track_record:
                rule.track_record += " " + self.env._(
                    "In each of the last two quarters that can be judged it was no better than guessing: make it stricter, limit "
                    "it to some customers, or archive it.")

    @api.depends('level')
    def _compute_color(self):
        for rule in self:
            rule.color = LEVEL_COLORS.get(rule.level, 0)

    @api.depends('signal')
    def _compute_open_count(self):
        counts = dict(self.env['customer.warning']._read_group(
            [('rule_id', 'in', self.ids), ('state', '!=', 'closed')], ['rule_id'], ['__count']))
        for rule in self:
            rule.open_count = counts.get(rule._origin, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.constrains('signal', 'level', 'threshold')
    def _check_threshold(self):
        for rule in self:
            if rule.has_threshold and not rule.has_comparison and rule.threshold <= 0:
                raise ValidationError(self.env._(
                    "The threshold of “%(rule)s” has to be more than 0 %(unit)s.", rule=rule.name,
                    unit=rule.threshold_unit or ''))

    @api.model
    def _question(self):
        """Return the fields that say what the rule asks; signals add theirs."""
        return QUESTION

    def write(self, vals):
        """What was counted for another question is forgotten, and warnings that were judged by something else are judged anew."""
        others = self.filtered(lambda rule: rule.foretells != vals['foretells']) if 'foretells' in vals else self.browse()
        result = super().write(vals)
        if others:
            # what became of warnings is not for people to write
            self.env['customer.warning'].sudo().search([
                ('rule_id', 'in', others.ids), ('foretold', '!=', False)]).foretold = False
        if self._question() & vals.keys():
            # managers don't write the counters themselves
            self.env['customer.warning.watch'].sudo().search([('rule_id', 'in', self.ids)]).unlink()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_met(self):
        """Open the customers for whom this rule holds today, whether a warning was raised or not."""
        self._customer_one()
        self.env.flush_all()
        rows = self.env.execute_query(SQL("SELECT partner_id FROM (%s) f WHERE met", self._signal_sql()))
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['display_name'] = self.env._("It holds today: %(rule)s", rule=self.name)
        action['domain'] = [('id', 'in', [partner_id for partner_id, in rows])]
        action['context'] = {}
        return action

    def action_view_warnings(self):
        """Open the warnings of this rule."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_warning_action')
        action['domain'] = [('rule_id', 'in', self.ids)]
        action['context'] = {'search_default_now': 1}
        return action

    def action_retry(self):
        """Evaluate these rules again soon, after what stood in the way was mended."""
        self.check_access('write')
        self.sudo().write({'problem': False, 'evaluated_on': False})  # kept by the scheduled action
        self.env.ref('customer_success.ir_cron_warn').sudo()._trigger()  # managers don't administer actions
        return True

    # ------------------------------------------------------------
    # SIGNALS
    # ------------------------------------------------------------

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

    @api.onchange('signal')
    def _onchange_signal(self):
        self._take_worse_direction()

    # ------------------------------------------------------------
    # SILENCE
    # ------------------------------------------------------------

    @api.depends('signal', 'threshold', 'chance', 'least_percent')
    @api.depends_context('lang')
    def _compute_judgement(self):
        # counts of all companies, like the chances themselves
        fit = self.env['customer.churn.fit'].sudo()._get_tried()
        for rule in self:
            rule.judgement = rule.signal == 'order_gap' and fit._describe_judgement(
                rule.threshold, rule.chance, rule.least_percent)

    # ------------------------------------------------------------
    # READINGS
    # ------------------------------------------------------------

    @api.depends('signal', 'metric_id')
    @api.depends_context('lang')
    def _compute_has_metric(self):
        for rule in self:
            rule.has_metric = rule.signal in READINGS
            rule.absence = rule.has_metric and rule.metric_id._absence()

    @api.constrains('signal', 'metric_id')
    def _check_metric(self):
        if missing := self.filtered(lambda rule: rule.has_metric and not rule.metric_id)[:1]:
            raise ValidationError(self.env._(
                "Please choose whose readings “%(rule)s” looks at: a metric is missing.", rule=missing.name))

    def _readings_sql(self, kind, partner_ids, part=False):
        """Return SQL with what the readings of the period say, as a measure says it: ``partner_id``, ``value``.

        :param str kind: see ``customer.health.measure.reading_kind``
        :param bool part: whether a part of the period is enough
        :raises UserError: where nobody counts, so that the rule is set aside
        """
        if absence := self.metric_id._absence():
            raise UserError(absence)
        facts = self.env['customer.fact'].sudo()  # a figure is one for all users
        return SQL("SELECT span_id AS partner_id, value FROM (%s) AS fact", facts._query(
            'usage', facts._days_back(partner_ids, self.window_days), {
                'metric_id': self.metric_id, 'reading_kind': kind, 'window_days': self.window_days, 'part': part}))

    def _readings_fall_sql(self, partner_ids):
        """Return SQL: customers of whom so much less was counted than in as many days before.

        Where nothing came of anybody in the whole period, it is the delivery that failed.
        """
        return SQL(
            """SELECT partner_id, value <= -%(threshold)s AND alive AS met, value > -%(threshold)s AS cleared, -value AS value,
                      jsonb_build_object('metric', %(metric)s, 'days', %(days)s) AS detail
                 FROM (%(trend)s) AS trend
           CROSS JOIN (SELECT %(counted)s OR EXISTS (
                              SELECT 1 FROM customer_reading
                               WHERE metric_id = %(metric)s AND date > %(first_day)s) AS alive) AS newest""",
            threshold=self.threshold, metric=self.metric_id.id, days=self.window_days, first_day=self._first_day(),
            counted=bool(self.metric_id.source), trend=self._readings_sql('trend', partner_ids))

    @api.model
    def _describe_readings_fall(self, warning):
        metric, days = self._read_metric(warning)
        return self.env._(
            "%(metric)s: %(percent)s %% less in %(days)s than in as many before", metric=metric.name,
            percent=round(warning.value), days=in_days(self.env, days))

    def _readings_reach_sql(self, partner_ids):
        """Return SQL: customers of whom so much was counted in the period, on average where it is a state."""
        return SQL(
            """SELECT partner_id, value >= %(threshold)s AS met, value < %(threshold)s AS cleared, value,
                      jsonb_build_object('metric', %(metric)s, 'days', %(days)s) AS detail
                 FROM (%(sum)s) AS sums""",
            threshold=self.threshold, metric=self.metric_id.id, days=self.window_days,
            sum=self._readings_sql('sum' if self.metric_id.kind == 'count' else 'average', partner_ids, True))

    @api.model
    def _describe_readings_reach(self, warning):
        metric, days = self._read_metric(warning)
        number = float_repr(warning.value, 2).rstrip('0').rstrip('.')
        return self.env._(
            "%(metric)s: %(value)s in %(days)s", metric=metric.name, value=' '.join(filter(None, (number, metric.unit))),
            days=in_days(self.env, days))

    @api.model
    def _read_metric(self, warning):
        """Return the metric that a warning was raised by, and the days that were looked at."""
        detail = warning.detail or {}
        return self.env['customer.metric'].browse(detail.get('metric')).exists(), detail.get('days') or 0
