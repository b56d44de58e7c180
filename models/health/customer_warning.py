from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ..cadence.selection_order import order_by_terms
from ..platform.locks import wait_for_update
from .customer_warning_rule import LEVEL_COLORS, LEVELS

#: What a person may change on a warning directly; everything else goes through its actions, which keep it in order.
OPEN_TO_PEOPLE = {'user_id', 'activity_ids', 'message_follower_ids', 'message_ids', 'message_main_attachment_id'}

OUTCOMES = [
    ('solved', "Solved"), ('lost', "Customer lost"), ('dismissed', "No reason to worry"), ('cleared', "Over by itself"),
    ('left', "Not a customer any more"),
]

#: Outcomes that nobody decides on.
BY_ITSELF = {'cleared', 'left'}


class CustomerWarning(models.Model):
    """Something about a customer that needs somebody's attention now: one per customer and signal (HEA-3)."""

    _name = 'customer.warning'
    _description = "Warning"
    _inherit = [
        'mail.thread', 'mail.activity.mixin', 'customer.known', 'customer.guarded', 'customer.task', 'customer.day.news']
    _order = 'level desc, date desc, id desc'
    _rec_names_search = ['partner_id']
    _mail_post_access = 'read'
    _task_types = {'warning': 'mail_activity_type_warning'}
    _day_fields = frozenset({'state', 'level', 'snooze_until'})
    _known_when = {'hours_to_act': [('acted_at', '!=', False)]}

    # what
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    rule_id = fields.Many2one(
        comodel_name='customer.warning.rule', readonly=True, index='btree_not_null', ondelete='restrict')
    signal = fields.Selection(selection='_selection_signal', required=True, readonly=True)
    level = fields.Selection(selection=LEVELS, required=True, readonly=True, tracking=True)
    date = fields.Date(string="Raised On", required=True, readonly=True)
    raised_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    reason = fields.Char(string="What Happened", compute='_compute_reason')
    value = fields.Float(readonly=True, aggregator=None, help="What the rule found when the warning was raised.")
    threshold = fields.Float(readonly=True, aggregator=None)
    detail = fields.Json(readonly=True)
    met = fields.Boolean(string="Still So", readonly=True, default=True)
    repeats = fields.Integer(
        string="Came Back", readonly=True, required=True, default=0,
        help="How often it was over for a while, not for long enough to end the warning, and came back.")
    news_on = fields.Date(readonly=True, help="The last day on which it was raised, became worse or came back.")
    # who and when
    state = fields.Selection(
        selection=[('open', "To be handled"), ('working', "Being worked on"), ('closed', "Closed")],
        default='open', required=True, readonly=True, tracking=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", index='btree_not_null', ondelete='set null', tracking=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    absence_id = fields.Many2one(
        comodel_name='customer.absence', string="During the Absence", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The absence by which it was moved. It goes back when that is over.")
    snooze_until = fields.Date(string="Not Before", readonly=True)
    snooze_reason = fields.Char(readonly=True)
    is_snoozed = fields.Boolean(compute='_compute_is_snoozed')
    taken_by_id = fields.Many2one(comodel_name='res.users', string="Taken On By", readonly=True, ondelete='set null')
    acted_at = fields.Datetime(
        string="Acted On", readonly=True, help="When somebody first took it on, or closed it.")
    hours_to_act = fields.Float(readonly=True, aggregator='avg', digits=(16, 1))
    # what came of it
    outcome = fields.Selection(selection=OUTCOMES, readonly=True, tracking=True)
    outcome_note = fields.Char(string="Why", readonly=True)
    closed_on = fields.Date(string="Day of Closing", readonly=True)
    closed_at = fields.Datetime(string="Closed On", readonly=True)
    closed_by_id = fields.Many2one(comodel_name='res.users', readonly=True, ondelete='set null')
    foretold = fields.Selection(
        selection=[('yes', "It came true"), ('no', "It did not")], string="What Followed", readonly=True, copy=False,
        help="Whether what the rule foretells (no order comes, the customer leaves) happened in the days of the settings after "
             "the warning. Empty where they are not over, and for customers to whom it could not happen: who had not ordered in "
             "the year before, or was no customer.")
    # what is done
    plan_id = fields.Many2one(
        comodel_name='customer.warning.plan', string="Action Plan", readonly=True, index='btree_not_null',
        ondelete='set null')
    plan_description = fields.Text(related='plan_id.description')
    plan_started = fields.Boolean(readonly=True)
    followup_ids = fields.One2many(comodel_name='customer.followup', inverse_name='warning_id', string="Follow-ups")
    open_followup_count = fields.Integer(string="Steps Left", compute='_compute_open_followup_count')
    # what people look at
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')
    tier_color = fields.Integer(related='partner_id.customer_tier_color')
    segment_id = fields.Many2one(related='partner_id.customer_segment_id')
    color = fields.Integer(compute='_compute_color')

    _open_uniq = models.UniqueIndex(
        "(partner_id, signal) WHERE state <> 'closed'", "There is already an open warning of this kind for this customer.")
    _last_idx = models.Index("(partner_id, signal, closed_on) WHERE state = 'closed'")
    _user_open_idx = models.Index("(user_id) WHERE state = 'open'")

    @api.model
    def _selection_signal(self):
        return self.env['customer.warning.rule']._selection_signal()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('partner_id', 'signal')
    @api.depends_context('lang')
    def _compute_display_name(self):
        labels = dict(self._selection_signal())
        for warning in self:
            warning.display_name = self.env._(
                "%(customer)s: %(what)s", customer=warning.partner_id.display_name,
                what=labels.get(warning.signal, warning.signal))

    @api.depends('signal', 'value', 'detail', 'threshold', 'level', 'repeats')
    @api.depends_context('lang')
    def _compute_reason(self):
        signals = self.env['customer.warning.rule']._known_signals()
        for warning in self:
            signal = signals.get(warning.signal)
            warning.reason = signal and signal.describe(warning)

    @api.depends('snooze_until', 'state')
    def _compute_is_snoozed(self):
        today = fields.Date.context_today(self)
        for warning in self:
            warning.is_snoozed = bool(warning.state != 'closed' and warning.snooze_until and warning.snooze_until > today)

    @api.depends('level')
    def _compute_color(self):
        for warning in self:
            warning.color = LEVEL_COLORS.get(warning.level, 0)

    @api.depends('followup_ids.state')
    def _compute_open_followup_count(self):
        counts = dict(self.env['customer.followup']._read_group(
            [('warning_id', 'in', self.ids), ('state', '=', 'planned')], ['warning_id'], ['__count']))
        for warning in self:
            warning.open_followup_count = counts.get(warning._origin, 0)

    def _read_group_orderby(self, order, groupby_terms, query):
        # the worst comes first, on a board too
        worst = {name: SQL("- (%s)::int", groupby_terms[name]) for name in ('level',) if name in groupby_terms}
        return order_by_terms(super()._read_group_orderby, worst, order, groupby_terms, query)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return OPEN_TO_PEOPLE

    def _say_kept(self, names):
        return self.env._(
            "These fields of a warning can't be written: %(names)s. Take the warning on, put it off or close it instead.",
            names=names)

    def write(self, vals):
        """Keep what rules and actions write from people; activities follow the responsible person."""
        self._guard(vals)
        if 'user_id' not in vals:
            return super().write(vals)
        for partner in self.partner_id:
            self.env['customer.responsibility']._check_able(vals['user_id'], partner._planning_company().id)
        # given on purpose, so no absence takes it back; many at once are no email for each
        result = super(CustomerWarning, self.with_context(
            mail_auto_subscribe_no_notify=len(self) > 1 or self.env.context.get('mail_auto_subscribe_no_notify'))).write(vals)
        super(CustomerWarning, self.sudo()).write({'absence_id': False})  # people don't write what the night keeps
        self._follow_user()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_take_on(self):
        """Take these warnings on: their plan starts, and its follow-ups open."""
        self._check_not_closed()
        for warning in self:
            warning._take_on()
            warning._start_plan()
        return True

    def action_start_plan(self):
        """Open the follow-ups of the plan."""
        self._check_not_closed()
        for warning in self:
            warning._start_plan()
        return True

    def action_change(self):
        """Open the dialog that puts off, hands over or closes these warnings."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Put off, hand over or close"),
            'res_model': 'customer.warning.change',
            'view_mode': 'form',
            'target': 'new',
            'context': {**self.env.context, 'default_warning_ids': self.ids},
        }

    def action_solved(self):
        """Open the dialog, about to close these warnings as solved."""
        action = self.action_change()
        action['context'] |= {'default_action': 'close', 'default_outcome': 'solved'}
        return action

    def action_wake(self):
        """Bring back what was put off."""
        self._check_not_closed()
        self._keep({'snooze_until': False, 'snooze_reason': False})
        return True

    def action_log(self):
        """Open the dialog that logs a contact with this customer, for the next follow-up of the plan if there is one."""
        self._customer_one()
        followup = self.followup_ids.filtered(lambda followup: followup.state == 'planned').sorted('date_planned')[:1]
        return self.partner_id._action_log(followup=followup)

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()

    # ------------------------------------------------------------
    # WHAT PEOPLE DO
    # ------------------------------------------------------------

    def _check_not_closed(self):
        """Refuse to work on warnings that were closed meanwhile."""
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        if closed := self.filtered(lambda warning: warning.state == 'closed'):
            raise UserError(self.env._(
                "%(warning)s is closed already. Reload the page to see what became of it.",
                warning=closed[0].display_name))

    def _take_on(self):
        """Note that the user works on this warning."""
        self.ensure_one()
        if self.state != 'open':
            return
        values = {
            'state': 'working', 'taken_by_id': self.env.uid, 'snooze_until': False, 'snooze_reason': False,
            **self._acted_values(),
        }
        if not self.user_id:
            values['user_id'] = self.env.uid
        self.sudo().write(values)  # people don't write what the actions keep
        self._tasks().unlink()  # the steps of the plan take over

    def _acted_values(self):
        """Return what is kept of the first time that somebody did something about this warning."""
        if self.acted_at:
            return {}
        now = fields.Datetime.now()
        return {'acted_at': now, 'hours_to_act': (now - self.raised_at).total_seconds() / 3600}

    def _snooze(self, day, reason):
        """Put these warnings off: nobody is reminded of them before a day, unless they become worse.

        :param day: a day to come
        :param str reason: why they can wait
        """
        self._check_not_closed()
        if not day or day <= fields.Date.context_today(self):
            raise ValidationError(self.env._("A warning can be put off until a day to come. Choose a later day."))
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why it can wait: whoever reads the warning later will ask."))
        self._keep({'snooze_until': day, 'snooze_reason': reason})
        for warning in self:
            warning.message_post(body=self.env._(
                "Put off until %(day)s: %(reason)s", day=format_date(self.env, day), reason=reason))

    def _finish(self, outcome, note, cancel_followups=False):
        """Close these warnings with what came of them.

        :param str outcome: ``solved``, ``lost`` or ``dismissed``
        :param str note: why; required for what was no reason to worry, and for lost customers
        :param bool cancel_followups: cancel the steps of the plan that are left
        """
        self._check_not_closed()
        if outcome in ('dismissed', 'lost') and not (note or '').strip():
            raise ValidationError(self.env._("Please add a sentence: rules are improved, and others warned, by it."))
        if cancel_followups:
            self.sudo().followup_ids._cancel_for_warning()  # steps of colleagues as well
        for warning in self:
            warning._keep(warning._acted_values())
        self._close(outcome, note)

    # ------------------------------------------------------------
    # WHAT THE NIGHT DOES
    # ------------------------------------------------------------

    def _take_level(self, row):
        """Take over the rule that holds now: worse than before, or less bad.

        :param dict row: see ``customer.warning.monitor._held``
        """
        self.ensure_one()
        worse = row['level'] > self.level
        values = self.env['customer.warning.monitor']._row_values(row)
        if worse:
            # somebody has to look at it again, whoever has taken it on before
            values |= {
                'state': 'open', 'snooze_until': False, 'snooze_reason': False,
                'news_on': fields.Date.context_today(self)}
            if values['plan_id'] and values['plan_id'] != self.plan_id.id:
                values['plan_started'] = False
        else:
            values['plan_id'] = self.plan_id.id
        self.write(values)
        if worse:
            self._notify_red()

    def _count_return(self, row):
        """Note that what was gone for a while is there again."""
        self.ensure_one()
        self.write({
            'met': True, 'repeats': self.repeats + 1, 'value': row['value'] or 0, 'detail': row['detail'] or {},
            'news_on': fields.Date.context_today(self)})

    def _close(self, outcome, note=''):
        """Close these warnings, together with their activities; what a plan opened by itself goes along if nobody has
        taken the warning on.

        :param str outcome: see ``outcome``
        :param str note: why
        """
        if not self:
            return
        if outcome in BY_ITSELF:
            untouched = self.sudo().filtered(lambda warning: not warning.taken_by_id)  # steps of colleagues as well
            untouched.followup_ids._cancel_for_warning()
        self.sudo().write({  # people don't write what the actions keep
            'state': 'closed', 'outcome': outcome, 'outcome_note': note, 'closed_at': fields.Datetime.now(),
            'closed_on': fields.Date.context_today(self), 'closed_by_id': False if outcome in BY_ITSELF else self.env.uid,
            'snooze_until': False})
        self._tasks().unlink()

    def _follow_user(self):
        """Let the activities go to whoever is responsible now."""
        self._hand_over_tasks('warning', lambda warning: warning.user_id, lambda own: own.reason)

    def _notify_red(self):
        """Give the responsible persons of the red ones an activity, without an email for each."""
        red = self.filtered(lambda warning: warning.level == '3' and warning.user_id)
        has_one = set(red._tasks().mapped('res_id')) if red else set()
        self._give_tasks(
            'warning', [(warning, warning.user_id) for warning in red if warning.id not in has_one], lambda own: own.reason)

    # ------------------------------------------------------------
    # PLANS
    # ------------------------------------------------------------

    def _start_plan(self):
        """Open the follow-ups of the plan of this warning, once."""
        self.ensure_one()
        if self.plan_started or not self.plan_id:
            return
        self.sudo().plan_started = True  # people don't write what the actions keep
        self.plan_id._open_followups(self)
