from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...engine import effect
from ..platform.local_text import listed
from ..platform.locks import wait_for_update
from .adjustment_choices import VERDICTS
from .kept_values import kept_values

#: What people propose; see ``customer_strategy_adjustment.CONTENT``.
CONTENT = {'kpi_id', 'new_target', 'weight', 'is_dropped', 'sequence'}

#: The four values that the effect follows from.
VALUES = ('before', 'after', 'segment_before', 'segment_after')


class CustomerStrategyAdjustmentKpi(models.Model):
    """A KPI of an adjustment: as it is, as it shall be, and what came of it (STR-4)."""

    _name = 'customer.strategy.adjustment.kpi'
    _description = "KPI of a Strategy Adjustment"
    _inherit = ['customer.guarded']
    _order = 'sequence, id'
    _rec_name = 'kpi_id'

    adjustment_id = fields.Many2one(
        comodel_name='customer.strategy.adjustment', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)
    kpi_id = fields.Many2one(comodel_name='customer.kpi', string="KPI", required=True, index=True, ondelete='restrict')
    unit = fields.Selection(related='kpi_id.unit')
    better = fields.Selection(related='kpi_id.better')
    # as it is: of the current strategy, frozen when the proposal is submitted
    is_current = fields.Boolean(readonly=True, copy=False, help="The current strategy has this KPI.")
    target = fields.Float(readonly=True, copy=False, aggregator=None)
    actual = fields.Float(readonly=True, copy=False, aggregator=None)
    has_actual = fields.Boolean(readonly=True, copy=False)
    attainment = fields.Float(string="Attainment (%)", readonly=True, copy=False, aggregator=None, digits=(16, 1))
    # as it shall be
    new_target = fields.Float(aggregator=None)
    weight = fields.Integer(required=True, default=1)
    is_dropped = fields.Boolean(string="Drop", help="The new version does without this KPI.")
    # before and after, frozen at approval and after the cycle; by hand where the KPI is entered by hand
    before = fields.Float(copy=False, aggregator=None)
    has_before = fields.Boolean(readonly=True, copy=False)
    after = fields.Float(copy=False, aggregator=None)
    has_after = fields.Boolean(readonly=True, copy=False)
    segment_before = fields.Float(copy=False, aggregator=None, help="The mean of the segment's other customers.")
    has_segment_before = fields.Boolean(readonly=True, copy=False)
    segment_after = fields.Float(copy=False, aggregator=None, help="The mean of the same customers.")
    has_segment_after = fields.Boolean(readonly=True, copy=False)
    change = fields.Float(readonly=True, copy=False, aggregator=None, help="After − before.")
    segment_change = fields.Float(readonly=True, copy=False, aggregator=None)
    net = fields.Float(
        string="Net Effect", readonly=True, copy=False, aggregator=None,
        help="What changed, less what changed for the segment in the same time.")
    net_percent = fields.Float(string="Of the Expected (%)", readonly=True, copy=False, aggregator=None, digits=(16, 1))
    verdict = fields.Selection(selection=VERDICTS, readonly=True, copy=False)
    # what people look at
    sign = fields.Char(compute='_compute_sign', string="≥ ≤")
    now_actual = fields.Float(string="Actual Now", compute='_compute_now')
    now_known = fields.Boolean(compute='_compute_now')
    now_attainment = fields.Float(string="Reached (%)", compute='_compute_now', digits=(16, 0))
    entered_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='set null', index='btree_not_null',
        help="Who entered values of before and after by hand.")
    entered_on = fields.Date(readonly=True, copy=False)

    _kpi_uniq = models.Constraint('UNIQUE (adjustment_id, kpi_id)', "An adjustment has each KPI once.")
    _weight = models.Constraint('CHECK (weight >= 0)', "The weight of a KPI can't be negative.")

    @api.depends('better')
    def _compute_sign(self):
        for line in self:
            line.sign = {'higher': "≥", 'lower': "≤"}.get(line.better, '')

    @api.depends('kpi_id', 'actual', 'has_actual', 'adjustment_id.state', 'adjustment_id.strategy_id.kpi_ids.actual')
    def _compute_now(self):
        """Show how a draft's strategy stands today, and later what was frozen with the submission."""
        for line in self:
            source, frozen = line, line.adjustment_id.state != 'draft'
            if not frozen:
                source = line.adjustment_id.strategy_id.kpi_ids.filtered(lambda goal, line=line: goal.kpi_id == line.kpi_id)
            line.now_known = source.has_actual
            line.now_actual = source.actual
            line.now_attainment = source.attainment if source.has_actual else 0

    @api.onchange('kpi_id')
    def _onchange_kpi_id(self):
        if self.kpi_id and not self.new_target:
            self.new_target = self.kpi_id.target

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        """Return the names of the fields that people may write on these lines; other parts add theirs."""
        return CONTENT if set(self.adjustment_id.mapped('state')) <= {'draft'} else set()

    @api.model_create_multi
    def create(self, vals_list):
        """Add KPIs to drafts; what is measured is not for people to bring along."""
        for vals in vals_list:
            if self._is_guarded() and (forbidden := vals.keys() - CONTENT - {'adjustment_id', 'target', 'is_current'}):
                self._refuse_kept(forbidden)
        # the form shows what the strategy has; whether it is true is for the server to say
        taken_from_strategy = () if self.env.su else ('target', 'is_current')
        vals_list = [{
            **kept_values(self, CONTENT | {'adjustment_id'}),
            **{name: value for name, value in vals.items() if name not in taken_from_strategy},
        } for vals in vals_list]
        self.adjustment_id.browse({
            vals['adjustment_id'] for vals in vals_list if vals.get('adjustment_id')})._before_lines()
        return super().create(vals_list)

    def write(self, vals):
        """Keep from people what is measured, and from everybody a proposal that is no draft any more."""
        self._guard(vals)
        if vals.keys() & CONTENT:
            self.adjustment_id._before_lines()
            if vals.get('kpi_id') and not self.env.su and any(
                    line.is_current and line.kpi_id.id != vals['kpi_id'] for line in self):
                raise UserError(self.env._(
                    "A KPI of the current strategy can't be made another one. Drop it, and add the other one."))
        return super().write(vals)

    def _refuse_kept(self, names):
        if names <= CONTENT:
            self.adjustment_id._refuse_kept({'kpi_ids'})
        return super()._refuse_kept(names)

    def _say_kept(self, names):
        return self.env._(
            "These fields of a KPI can't be written: %(names)s. They are measured, or taken from the strategy.", names=names)

    def unlink(self):
        """Take KPIs out of drafts: that is writing the proposal."""
        if self.env.uid != SUPERUSER_ID:
            self.adjustment_id._before_lines()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_current(self):
        if not self.env.su and self.filtered('is_current'):
            raise UserError(self.env._(
                "The current strategy has this KPI. Tick “Drop” if the new version shall do without it."))

    # ------------------------------------------------------------
    # EFFECT
    #
    # What came of a KPI: the part of STR-4.
    # ------------------------------------------------------------

    def action_enter_effect(self):
        """Open the dialog for the values of a KPI that nothing measures."""
        self._customer_one()
        self._check_enterable()
        return {
            'type': 'ir.actions.act_window',
            'name': self.kpi_id.name,
            'res_model': 'customer.strategy.effect.values',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_line_id': self.id},
        }

    def _check_enterable(self):
        """Refuse values by hand where they don't belong, or come too late."""
        self.ensure_one()
        self.check_access('write')
        self.adjustment_id.check_access('write')
        if not self._is_by_hand('after'):
            raise UserError(self.env._(
                "%(kpi)s is measured; only KPIs that are entered by hand can be filled in here.", kpi=self.kpi_id.name))
        if self.adjustment_id.state == 'reviewed':
            raise UserError(self.env._(
                "%(adjustment)s was reviewed with the values it had; they stay.",
                adjustment=self.adjustment_id.display_name))
        if self.is_dropped or self.adjustment_id.state not in ('approved', 'applied'):
            raise UserError(self.env._("Values of before and after are entered for approved changes."))

    def _enter(self, values):
        """Take over values by hand, and judge anew what was judged already.

        :param dict values: of :data:`VALUES`; None for one that is not known
        """
        self.ensure_one()
        self.check_access('write')
        wait_for_update(self.adjustment_id)
        self.adjustment_id.invalidate_recordset(['state'])
        self._check_enterable()
        for value in values.values():
            if value is not None:
                self.kpi_id._check_value(value)
        line = self.sudo()  # the values are kept from people everywhere else
        line.write({
            **{name: value or 0 for name, value in values.items()},
            **{f'has_{name}': value is not None for name, value in values.items()},
            'entered_by_id': self.env.uid, 'entered_on': fields.Date.context_today(self),
        })
        if line.adjustment_id.measured_on:
            self.env['customer.strategy.effect']._evaluate(line.adjustment_id)
        labels = self.fields_get(VALUES, ['string'])
        self.adjustment_id.message_post(body=self.env._(
            "%(kpi)s, entered by hand: %(values)s", kpi=self.kpi_id.name, values=listed(self.env, [
                f'{labels[name]["string"]} {"–" if value is None else self.kpi_id._format(value)}'
                for name, value in values.items()])))

    def _is_by_hand(self, side):
        """Return whether people enter what the customer was before or after: nothing measures it, or somebody entered the
        actual value of the strategy in place of what is measured. Where *before* was, *after* is: else two kinds of figures
        would be compared."""
        self.ensure_one()
        if not self.kpi_id._is_measured():
            return True
        own = self.sudo().adjustment_id  # its versions can be a colleague's by now
        versions = (own.strategy_id, own.new_strategy_id) if side == 'after' else (own.strategy_id,)
        return any(line.by_hand for version in versions for line in version.kpi_ids if line.kpi_id == self.kpi_id)

    def _entered_elsewhere(self, side):
        """Return what is known already of a KPI that is entered by hand, to be written.

        :param str side: ``before``: what was known at submission; ``after``: what was entered for the new version
        """
        self.ensure_one()
        if self[f'has_{side}']:
            return {}
        # the new version can be a colleague's by now
        source = self if side == 'before' else self.sudo().adjustment_id.new_strategy_id.kpi_ids.filtered(
            lambda line: line.kpi_id == self.kpi_id)
        if side == 'after' and self.kpi_id._is_measured() and not source.by_hand:
            return {}  # what was measured is not comparable with what was entered before
        return {side: source.actual, f'has_{side}': True} if source.has_actual else {}

    # ------------------------------------------------------------
    # WHAT PEOPLE READ
    # ------------------------------------------------------------

    def _describe_effect(self):
        """Return what the page shows of this KPI: figures, how they are written, and a sentence.

        :rtype: dict
        """
        self.ensure_one()
        known = {name: self[name] if self[f'has_{name}'] else None for name in VALUES}
        texts = {name: None if value is None else self.kpi_id._format(value) for name, value in known.items()}
        has_change, has_segment = self.has_before and self.has_after, self.has_segment_before and self.has_segment_after
        is_known = has_change and has_segment and self.verdict not in (False, 'unknown')
        holds = self.has_before and not self._has_way_to_go()
        return {
            'id': self.id,
            'name': self.kpi_id.name,
            'better': self.better,
            'values': {**known, 'target': self.new_target,
                       # where the customer would be, had it gone along with its segment
                       'drift': self.before + self.segment_change if is_known else None},
            'texts': {
                **texts, 'target': self.kpi_id._format_target(self.new_target),
                'change': self._signed(self.change) if has_change and self.verdict else None,
                'segment_change': self._signed(self.segment_change) if has_segment and self.verdict else None,
                'net': self._signed(self.net) if is_known else None,
                'expected': self._signed(self.new_target - self.before) if self.has_before and not holds else None,
                'percent': self._percent(self.net_percent) if is_known else None,
            },
            'holds': holds,
            'verdict': self.verdict or '',
            'sentence': self._effect_sentence(is_known) if self.verdict else '',
            'entered': self._is_by_hand('after'),
            'entered_by': self.env._(
                "Entered by %(name)s on %(day)s.", name=self.entered_by_id.sudo().name,  # a colleague's name is no secret
                day=format_date(self.env, self.entered_on)) if self.entered_by_id else '',
        }

    def _effect_sentence(self, is_known):
        """Return a sentence that says how the verdict came about, or why there is none."""
        self.ensure_one()
        if not is_known:
            return self._missing_sentence()
        values = {
            'kpi': self.kpi_id.name, 'change': self._signed(self.change), 'segment': self._signed(self.segment_change),
            'net': self._signed(self.net), 'expected': self._signed(self.new_target - self.before),
            'percent': self._percent(self.net_percent), 'target': self.kpi_id._format_target(self.new_target),
        }
        if self._has_way_to_go():
            return self.env._(
                "%(kpi)s %(change)s, segment %(segment)s, net %(net)s of %(expected)s expected: %(percent)s.", **values)
        if self.net_percent:
            return self.env._(
                "%(kpi)s was at its target of %(target)s before and is now; %(change)s, segment %(segment)s: "
                "%(percent)s.", **values)
        return self.env._(
            "%(kpi)s was at its target of %(target)s before, and did not keep it or fell behind the segment; %(change)s, "
            "segment %(segment)s: %(percent)s.", **values)

    def _missing_sentence(self):
        """Return why nothing can be said of this KPI."""
        self.ensure_one()
        labels = self.fields_get(VALUES, ['string'])
        missing = [labels[name]['string'] for name in VALUES if not self[f'has_{name}']]
        if self._is_by_hand('after'):
            return self.env._(
                "%(kpi)s is entered by hand; missing are: %(missing)s.",
                kpi=self.kpi_id.name, missing=listed(self.env, missing))
        if not self.has_before or not self.has_after:
            return self.env._(
                "%(kpi)s: nothing is known of the customer itself: %(missing)s.",
                kpi=self.kpi_id.name, missing=listed(self.env, missing))
        return self.env._(
            "%(kpi)s: too few customers of the segment to compare with are known (at least %(minimum)s are needed).",
            kpi=self.kpi_id.name,
            minimum=self.env['res.config.settings']._customer_success('strategy_segment_minimum'))

    def _has_way_to_go(self):
        """Return whether the customer was not at the new target before; *before* is known."""
        return round(effect.improvement(self.before, self.new_target, self.better), effect.DECIMALS) > 0

    def _signed(self, value):
        """Return a difference as people read it, in the KPI's unit: of percentages it is points."""
        text = self._number(abs(value))
        if text == self._number(0):
            return f'±{text}'
        return f'{"−" if value < 0 else "+"}{text}'

    def _percent(self, value):
        return self.env._("%(number)s %%", number=self._number(value))

    def _number(self, value):
        is_whole = abs(value - round(value)) < 0.05
        return formatLang(self.env, value, digits=0 if is_whole else 1)
