from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..platform.counted import customers

LEVELS = [('1', "Yellow"), ('2', "Orange"), ('3', "Red")]

#: Colours of the levels in Odoo's palette: yellow, orange, red.
LEVEL_COLORS = {'1': 3, '2': 2, '3': 1}

#: Changing one of these makes another question of a rule: what was counted for the old one is forgotten.
QUESTION = {'signal', 'comparison', 'threshold', 'window_days', 'tier_ids', 'segment_ids', 'active'}


class CustomerWarningRule(models.Model):
    """When a warning is raised, how serious it is, when it ends by itself, and what is done about it (HEA-3)."""

    _name = 'customer.warning.rule'
    _inherit = ['customer.asking']
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

    _evaluations = models.Constraint('CHECK (evaluations > 0)', "A rule has to hold on one evaluation at least.")
    _days = models.Constraint(
        'CHECK (window_days > 0 AND cool_down_days >= 0 AND clear_margin >= 0)',
        "A rule looks back one day at least; the quiet time and the margin can't be negative.")

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
        return {}

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
        result = super().write(vals)
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
