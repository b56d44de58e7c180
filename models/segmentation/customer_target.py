from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, date_utils, format_date

from ..platform.local_text import day_text
from .customer_target_measurer import HISTORY

#: How a target is read: at least, or at most.
SIGNS = {'from': '≥', 'to': '≤'}

STATES = [('met', "On target"), ('missed', "Off target"), ('few', "Too few to tell"), ('unknown', "Not known yet")]

#: What the values of a target follow from.
DEFINES = {'measure', 'tier_id', 'company_id', 'period_months'}


class CustomerTarget(models.Model):
    """What we want to reach with the customers of a tier, and what it is (SEG-8).

    Figures are totals over customers of everybody, which everybody with a role may see; who is behind them, each sees as far as
    the rules of customers allow.
    """

    _name = 'customer.target'
    _description = "Target of a Tier"
    _order = 'sequence, id'
    _rec_name = 'measure'

    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    measure = fields.Selection(selection='_selection_measure', string="What Is Measured", required=True)
    tier_id = fields.Many2one(
        comodel_name='customer.tier', index='btree_not_null', ondelete='cascade', help="Empty: all customers.")
    company_id = fields.Many2one(
        comodel_name='res.company', index='btree_not_null', ondelete='cascade',
        help="Whose customers. Empty: those of all companies together.")
    comparison = fields.Selection(
        selection=[('from', "At least"), ('to', "At most")], string="Reached At", required=True, default='from')
    target = fields.Float(string="Target Value", required=True, aggregator=None)
    period_months = fields.Integer(
        string="Period (months)", required=True, default=12, help="So many months up to the end of each month are looked at.")
    problem = fields.Char(readonly=True, copy=False, help="Why it could not be measured last night. What was kept stays.")
    definition = fields.Text(string="What It Says", compute='_compute_definition')
    unit = fields.Char(compute='_compute_definition')
    value_ids = fields.One2many(
        comodel_name='customer.target.value', inverse_name='target_id', string="By Month", readonly=True)
    # what people look at: the month that runs
    target_text = fields.Char(string="Wanted", compute='_compute_texts')
    actual_text = fields.Char(string="Is", compute='_compute_texts')
    state = fields.Selection(selection=STATES, string="Status", compute='_compute_texts')
    base = fields.Char(string="Of", compute='_compute_texts', help="How many it rests on.")
    trend = fields.Selection(
        selection=[('better', "Better"), ('same', "As before"), ('worse', "Worse")], string="Against Before",
        compute='_compute_texts')
    trend_text = fields.Char(
        string="Development", compute='_compute_texts', help="The value, less that of the equally long period before.")
    explanation = fields.Text(string="Which Days", compute='_compute_texts')
    whose = fields.Char(string="Whose Figures", compute='_compute_display_name')

    _period_positive = models.Constraint(
        'CHECK (period_months BETWEEN 1 AND 36)', "A target is looked at over 1 to 36 months.")
    _target_uniq = models.UniqueIndex(
        "(measure, COALESCE(tier_id, 0), COALESCE(company_id, 0), period_months) WHERE active",
        "There is already a target for this. Change that one.")

    @api.model
    def _selection_measure(self):
        return [(name, measure.label) for name, measure in self.env['customer.target.measurer']._known_measures().items()]

    def _measure(self):
        """Return what this target is held against.

        :raises UserError: where that is not there any more
        """
        self.ensure_one()
        measure = self.env['customer.target.measurer']._known_measures().get(self.measure)
        if not measure:
            raise UserError(self.env._(
                "What it looks at, “%(name)s”, is not there any more: was an addon taken away?", name=self.measure))
        return measure

    @api.depends('measure', 'tier_id', 'company_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        measures = self.env['customer.target.measurer']._known_measures()
        for target in self:
            name = measures[target.measure].label if target.measure in measures else target.measure or "–"
            target.whose = target.tier_id.name or self.env._("All customers")
            if target.company_id:
                target.whose = f'{target.whose} · {target.company_id.sudo().name}'  # what a company is called is no secret
            target.display_name = f'{name} · {target.whose}'

    @api.depends('measure')
    @api.depends_context('lang')
    def _compute_definition(self):
        measures = self.env['customer.target.measurer']._known_measures()
        units = dict(self.env['customer.fact.entry']._fields['unit']._description_selection(self.env))
        for target in self:
            measure = measures.get(target.measure)
            target.definition = measure and measure.definition
            target.unit = measure and units[measure.unit]

    @api.constrains('measure', 'comparison', 'target')
    def _check_target(self):
        for target in self:
            unit = target._measure().unit
            if target.measure in ('churn', 'conversion') and not 0 <= target.target <= 100:
                raise ValidationError(self.env._(
                    "“%(target)s” is a share: choose a target of 0 to 100 %%.", target=target.display_name))
            if target.comparison == 'to' and target.target < 0 and unit not in ('percent', 'points', 'money'):
                raise ValidationError(self.env._(
                    "“%(target)s” can't be less than 0. Choose another target.", target=target.display_name))

    @api.onchange('measure')
    def _onchange_measure(self):
        measure = self.env['customer.target.measurer']._known_measures().get(self.measure)
        if measure:
            self.comparison = 'to' if measure.better == 'lower' else 'from'

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Set targets; what is better the lower it is has to be at most so much, where nothing else is said."""
        measures = self.env['customer.target.measurer']._known_measures()
        better = {name: measure.better for name, measure in measures.items()}
        return super().create([
            {'comparison': 'to' if better.get(vals.get('measure')) == 'lower' else 'from', **vals} for vals in vals_list])

    def write(self, vals):
        """What was measured of something else goes."""
        changed = self.filtered(lambda target: any(
            name in vals and (target[name].id if name.endswith('_id') else target[name]) != vals[name] for name in DEFINES))
        result = super().write(vals)
        changed.value_ids.sudo().unlink()  # nobody but the measuring writes them
        return result

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _current(self):
        """Return the newest value of each of these targets."""
        values = self.env['customer.target.value'].search([('target_id', 'in', self.ids)], order='month desc')
        return {target: some[:1] for target, some in values.grouped('target_id').items()}

    @api.depends('measure', 'comparison', 'target', 'value_ids.value', 'value_ids.n', 'value_ids.state', 'problem')
    @api.depends_context('lang')
    def _compute_texts(self):
        current, none = self._current(), self.env['customer.target.value']
        measures, facts = self.env['customer.target.measurer']._known_measures(), self.env['customer.fact']
        for target in self:
            measure, value = measures.get(target.measure), current.get(target._origin, none)
            target.target_text = measure and f"{SIGNS[target.comparison or 'from']} {facts._format(target.target, measure.unit)}"
            target.state = target._judge(value)
            known = measure and value.state == 'known'
            target.actual_text = known and target._tell_actual(measure, value)
            target.base = bool(measure and value) and self.env._("n = %(n)s (%(what)s)", n=value.n, what=measure.counted)
            target.trend, target.trend_text = target._tell_trend(measure, value) if known else (False, False)
            target.explanation = target._explain(value)

    def _judge(self, value):
        """Return whether a value is on target, see :data:`STATES`.

        :param value: customer.target.value, or none
        """
        if value.state != 'known':
            return value.state or 'unknown'
        actual, wanted = round(value.value, 4), round(self.target, 4)
        return 'met' if (actual >= wanted if self.comparison == 'from' else actual <= wanted) else 'missed'

    def _tell_actual(self, measure, value):
        """Return a value in words; one that misses the target by less than what is shown says so."""
        facts = self.env['customer.fact']
        text = facts._format(value.value, measure.unit)
        if self._judge(value) == 'met' or text != facts._format(self.target, measure.unit):
            return text
        return self.env._("just under %(value)s", value=text) if self.comparison == 'from' else self.env._(
            "just over %(value)s", value=text)

    def _tell_trend(self, measure, value):
        """Return how a value stands to that of the period before, and the difference with an arrow."""
        if not value.has_previous:
            return False, False
        difference = round(value.value - value.previous, 2)
        if not difference:
            return 'same', "→"
        better = (difference > 0) == (self.comparison == 'from')
        arrow = "▲" if difference > 0 else "▼"
        return 'better' if better else 'worse', f"{arrow} {self.env['customer.fact']._format(abs(difference), measure.unit)}"

    def _explain(self, value):
        """Return of which days a value is, or why there is none."""
        if self.problem:
            return self.env._("Could not be measured: %(problem)s", problem=self.problem)
        if not value:
            return self.env._("Measured tonight for the first time.")
        days = {'start': format_date(self.env, value.start), 'stop': format_date(self.env, value.stop)}
        if value.state == 'unknown':
            return self.env._(
                "Nobody to count from %(start)s to %(stop)s: tiers, orders or answers are not known so far back.", **days)
        return self.env._("%(start)s to %(stop)s", **days)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_measure(self):
        """Measure now."""
        self.check_access('write')
        # a total over customers of everybody, and nobody writes results
        rows, failed = self.env['customer.target.measurer'].sudo()._measure((self or self.search([])).sudo())
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'type': 'warning' if failed else 'info', 'message': self.env._(
                "Months written: %(rows)s, targets that could not be measured: %(failed)s.", rows=rows, failed=failed),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}},
        }

    def action_open_behind(self):
        """Open who is behind the value of the month that runs, as far as the user may see them."""
        self._customer_one()
        return self._open_behind(self._current().get(self))

    def _open_behind(self, value):
        self.check_access('read')
        if not value:
            raise UserError(self.env._("It was not measured yet. That is done tonight, or by a manager now."))
        action = self._measure().open
        if action:
            # what is counted, with the rights of all; the list that opens asks for those of the user
            return action(self.sudo(), value)
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        return {
            **action, 'name': self.display_name, 'context': {'active_test': False},
            'domain': [('customer_target_value_id', '=', value.id)]}

    def action_view_history(self):
        """Open the values of this target by month."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_target_value_action')
        return {
            # a line would draw what is not known as 0
            **action, 'domain': [('target_id', '=', self.id)], 'context': {'search_default_known': 1}, 'name': self.display_name}

    # ------------------------------------------------------------
    # MONTHS
    # ------------------------------------------------------------

    def _open_months(self):
        """Return the months of this target that are to be measured, each with its last day: those of the last year that are over
        and not kept, and the one that runs, up to today, where the company is.

        :rtype: list[tuple]
        """
        self.ensure_one()
        today = self.env['customer.clock']._today(self.company_id)
        first = date_utils.start_of(today, 'month')
        kept = set(self.value_ids.filtered('frozen').mapped('month'))
        months = [fields.Date.subtract(first, months=count) for count in range(HISTORY, -1, -1)]
        return [(month, min(date_utils.end_of(month, 'month'), today)) for month in months if month not in kept]

    def _keep_values(self, found):
        """Keep what was measured; see ``customer.target.measurer._measure_one``.

        :return: how many months were written
        """
        self.ensure_one()
        today = self.env['customer.clock']._today(self.company_id)
        least = self.env['res.config.settings']._customer_success('target_minimum')
        known, rows = self.value_ids.grouped('month'), 0
        for month, window, (value, n, hits), (previous, previous_n, __) in found:
            state = 'unknown' if value is None or not n else 'few' if n < least else 'known'
            has_previous = state == 'known' and previous is not None and previous_n >= least
            values = {
                'start': window.start, 'stop': window.stop, 'state': state, 'n': n or 0,
                'value': round(value, 4) if state == 'known' else 0, 'hits': hits or 0 if state == 'known' else 0,
                'has_previous': has_previous, 'previous': round(previous, 4) if has_previous else 0,
                'frozen': date_utils.end_of(month, 'month') < today}
            if row := known.get(month):
                changed = {name: new for name, new in values.items() if row[name] != new}
                # the last day moves with every night, and says nothing by itself
                if changed.keys() - {'start', 'stop'}:
                    row.write(changed)
                    rows += 1
                elif changed:
                    row.write(changed)
            else:
                self.env['customer.target.value'].create({'target_id': self.id, 'month': month, **values})
                rows += 1
        return rows


class CustomerTargetValue(models.Model):
    """What a target was in a month: of the months up to its end, as they were known then (SEG-8)."""

    _name = 'customer.target.value'
    _inherit = ['customer.known']
    _description = "Target of a Tier by Month"
    _order = 'month desc, target_id, id'
    _rec_name = 'month'
    _known_when = {'value': [('state', '=', 'known')], 'previous': [('has_previous', '=', True)],
                   'hits': [('state', '=', 'known')]}

    target_id = fields.Many2one(
        comodel_name='customer.target', string="Which Target", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='target_id.company_id')
    tier_id = fields.Many2one(related='target_id.tier_id', string="Tier")
    month = fields.Date(string="Month Measured", required=True, readonly=True)
    start = fields.Date(string="First Day", readonly=True)
    stop = fields.Date(string="Last Day", readonly=True)
    value = fields.Float(readonly=True, digits=(16, 4), aggregator='avg')
    n = fields.Integer(string="Counted", readonly=True, aggregator=None, help="How many it rests on.")
    hits = fields.Integer(readonly=True, aggregator=None, help="How many of them make the value, where it is a share.")
    state = fields.Selection(
        selection=[('known', "Known"), ('few', "Too few to tell"), ('unknown', "Not known")], string="Is It Known",
        required=True, readonly=True)
    has_previous = fields.Boolean(string="Period Before Is Known", readonly=True)
    previous = fields.Float(string="Period Before", readonly=True, digits=(16, 4), aggregator='avg')
    frozen = fields.Boolean(string="Month Is Over", readonly=True, help="It is kept as it was then.")

    _month_uniq = models.UniqueIndex("(target_id, month)", "This month is there already.")

    @api.depends('target_id', 'month')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for value in self:
            value.display_name = f"{value.target_id.display_name} · {day_text(self.env, value.month, 'yMMMM')}" \
                if value.month else value.target_id.display_name

    def action_open_behind(self):
        """Open who is behind this value, as far as the user may see them."""
        self._customer_one()
        return self.target_id._open_behind(self)

    def _members_subselect(self):
        """Return SQL with the ids of the customers that the periods of these values begin with."""
        measurer = self.env['customer.target.measurer'].sudo()  # whom the figure counts; who looks sees what the rules allow
        parts = [
            measurer._members_sql(value.target_id.sudo(), SQL(  # as above
                "(SELECT %s AS id, %s::date AS start, %s::date AS stop)", value.id, value.start, value.stop))
            for value in self]
        return SQL("(%s)", SQL(" UNION ").join(SQL("SELECT partner_id FROM (%s) AS m", part) for part in parts)) \
            if parts else SQL("(SELECT NULL::int)")
