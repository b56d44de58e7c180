
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime, html2plaintext

from ...engine.thanks import own_words
from ..cadence.selection_order import order_by_selection, order_by_terms
from ..platform.local_text import labelled
from .customer_case_cause import CLASSES
from .customer_sla_policy import CASE_TYPES, PRIORITIES

#: What a person may change on a case directly; everything else goes through its actions, which keep it in order.
OPEN_TO_PEOPLE = {
    'name', 'partner_id', 'contact_id', 'email_from', 'email_cc', 'channel_id', 'case_type', 'priority', 'description', 'cause',
    'solution', 'improvement', 'case_class', 'cause_id', 'user_id', 'node_ids', 'company_id', 'activity_ids',
    'message_follower_ids', 'message_ids', 'message_main_attachment_id',
}

#: What decides which policy holds.
POLICY_FIELDS = {'partner_id', 'case_type', 'priority', 'company_id'}

#: States of a case that somebody works on.
AT_WORK = ('new', 'working', 'waiting')

#: States of a case that is not over.
NOT_OVER = (*AT_WORK, 'solved')


class CustomerCase(models.Model):
    """A complaint, a problem or a new need of a customer, worked on against the clock: 投诉处理记录 (SRV-1, SRV-3)."""

    _name = 'customer.case'
    _description = "Case"
    _inherit = [
        'mail.thread.cc', 'mail.activity.mixin', 'customer.guarded', 'customer.contacted', 'customer.task', 'customer.day.news']
    _order = 'breached desc, next_due, priority desc, id desc'
    _rec_names_search = ['number', 'name', 'partner_id']
    _mail_post_access = 'read'
    _day_people = ('user_id', 'offered_to_id')
    _day_fields = frozenset({'state', 'next_due', 'breached'})
    _task_types = {
        'case': 'mail_activity_type_case', 'missed': 'mail_activity_type_case_missed',
        'offer': 'mail_activity_type_case_offer'}
    _primary_email = 'email_from'
    _check_company_auto = True

    # who
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", index='btree_not_null', ondelete='restrict', tracking=True,
        domain=['|', ('parent_id', '=', False), ('is_company', '=', True)],
        help="Empty: the sender is not known. Choose the customer, and the policy for it holds.")
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Contact Person", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]")
    email_from = fields.Char(string="Email of the Sender")
    company_id = fields.Many2one(comodel_name='res.company', required=True, index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", index='btree_not_null', ondelete='set null', tracking=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain('company_id'),
        default=lambda self: self._default_user_id(), help="Who takes a case keeps it, until a colleague has accepted it.")
    given_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='set null', help="Who gave it to the responsible person.")
    absence_id = fields.Many2one(
        comodel_name='customer.absence', string="During the Absence", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The absence by which it was moved. It goes back when that is over.")
    # what
    number = fields.Char(
        readonly=True, copy=False, index='btree_not_null', help="By which people speak of it; counted in each company.")
    name = fields.Char(string="Subject", required=True, tracking=True)
    case_type = fields.Selection(
        selection=CASE_TYPES, required=True, default='complaint', tracking=True)
    priority = fields.Selection(selection=PRIORITIES, required=True, default='1', tracking=True)
    channel_id = fields.Many2one(
        comodel_name='customer.channel', string="Came By", index='btree_not_null', ondelete='set null')
    description = fields.Text(help="What the customer says.")
    case_class = fields.Selection(
        selection=CLASSES, string="Class", compute='_compute_case_class', store=True, readonly=False, precompute=True)
    cause_id = fields.Many2one(
        comodel_name='customer.case.cause', string="Root Cause", index='btree_not_null', ondelete='restrict', tracking=True)
    cause = fields.Text(string="What Caused It")
    solution = fields.Text(string="What Was Done")
    improvement = fields.Text(string="Against a Repetition", help="What keeps it from happening again.")
    node_ids = fields.One2many(
        comodel_name='customer.case.node', inverse_name='case_id', string="Staged Feedbacks",
        help="Days on which the customer is told how far it has come.")
    # how far it has come
    state = fields.Selection(
        selection=[
            ('new', "New"), ('working', "Being worked on"), ('waiting', "Waiting"), ('solved', "Solved"), ('closed', "Closed"),
            ('withdrawn', "Withdrawn"),
        ], required=True, readonly=True, default='new', copy=False, tracking=True, group_expand=True)
    opened_at = fields.Datetime(
        string="Came In", required=True, readonly=True, copy=False, index=True, default=fields.Datetime.now)
    taken_at = fields.Datetime(string="Taken On", readonly=True, copy=False)
    answered_at = fields.Datetime(string="Answered On", readonly=True, copy=False)
    solved_at = fields.Datetime(string="Solved On", readonly=True, copy=False)
    closed_at = fields.Datetime(string="Closed On", readonly=True, copy=False)
    imported_at = fields.Datetime(
        string="Loaded From a Sheet", readonly=True, copy=False, help="Empty: it came in here.")
    cycle = fields.Integer(
        required=True, readonly=True, copy=False, default=1, aggregator=None,
        help="How often it has been begun. It counts up when the case is reopened.")
    reopened_at = fields.Datetime(string="Reopened On", readonly=True, copy=False, help="The last time. Empty: never.")
    former_stretches = fields.Json(
        readonly=True, copy=False, help="When it was worked on before it was reopened: moments of beginning and end.")
    satisfied = fields.Selection(
        selection=[('yes', "Satisfied"), ('no', "Not satisfied")], string="Satisfied With the Solution", readonly=True,
        copy=False, tracking=True, help="What the customer said when asked again.")
    not_asked = fields.Char(string="Not Asked Because", readonly=True, copy=False)
    previous_id = fields.Many2one(
        comodel_name='customer.case', string="Happened Before", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The last case of this customer with the same root cause.")
    next_ids = fields.One2many(comodel_name='customer.case', inverse_name='previous_id', string="Happened Again")
    again = fields.Char(string="Repetition", compute='_compute_again')
    # the clocks
    clock_ids = fields.One2many(comodel_name='customer.case.clock', inverse_name='case_id', string="Deadlines")
    pause_ids = fields.One2many(comodel_name='customer.case.pause', inverse_name='case_id', string="Pauses")
    next_due = fields.Datetime(
        string="Due", readonly=True, copy=False, help="The earliest deadline that is open. Empty: none runs.")
    breached = fields.Boolean(
        string="Deadline Missed", readonly=True, copy=False, required=True, default=False,
        help="A deadline was missed since it was opened, or reopened.")
    deadline = fields.Char(string="Next Deadline", compute='_compute_deadline')
    due_state = fields.Selection(
        selection=[('missed', "Too late"), ('near', "Soon"), ('running', "In time"), ('none', "No deadline")],
        compute='_compute_deadline', search='_search_due_state',
        help="Soon: the share of its time is used up at which the responsible person is warned.")
    problem = fields.Char(readonly=True, copy=False, help="Why nobody could be told of a deadline.")
    # what people look at
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')
    tier_color = fields.Integer(related='partner_id.customer_tier_color')
    segment_id = fields.Many2one(related='partner_id.customer_segment_id')
    color = fields.Integer(compute='_compute_color')

    _open_idx = models.Index("(breached DESC, next_due, priority DESC, id DESC) WHERE state NOT IN ('closed', 'withdrawn')")
    _customer_idx = models.Index("(partner_id, case_type) WHERE state IN ('new', 'working', 'waiting')")
    _problem_idx = models.Index("(id) WHERE problem IS NOT NULL")
    _again_idx = models.Index("(partner_id, cause_id, opened_at) WHERE cause_id IS NOT NULL")
    offered_to_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="Is asked to take it. Until then the responsible person is in charge.")
    offered_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    offered_at = fields.Datetime(readonly=True, copy=False)
    offer_note = fields.Char(string="Why It Is Offered", readonly=True, copy=False)
    offer = fields.Char(compute='_compute_offer')
    is_offered_to_me = fields.Boolean(compute='_compute_is_mine')
    is_mine = fields.Boolean(compute='_compute_is_mine')

    _offer_idx = models.Index("(offered_at) WHERE offered_to_id IS NOT NULL")
    followup_ids = fields.One2many(comodel_name='customer.followup', inverse_name='case_id', string="Follow-ups")
    unmet_reason = fields.Text(string="Why Not Now", readonly=True, copy=False)
    alternative = fields.Text(string="Offered Instead", readonly=True, copy=False)
    promised_on = fields.Date(
        string="Promised For", readonly=True, copy=False, tracking=True, help="Until then the customer is told.")
    told_at = fields.Datetime(
        string="Customer Told", readonly=True, copy=False, help="When the customer was told what became of the promise.")

    _promise_idx = models.Index("(promised_on) WHERE promised_on IS NOT NULL AND told_at IS NULL")
    _revisit_idx = models.Index("(id) WHERE state = 'solved' AND satisfied IS NULL")
    feedback_ids = fields.One2many(comodel_name='customer.feedback', inverse_name='case_id')
    feedback_request_ids = fields.One2many(
        comodel_name='customer.feedback.request', inverse_name='case_id', string="Asked For Feedback")
    asked_note = fields.Char(
        string="Asked How It Was", compute='_compute_asked_note', help="Who was asked how satisfied the customer is, or why not.")
    mood_ids = fields.One2many(comodel_name='customer.mood.hit', inverse_name='case_id', string="Words Found")

    @api.model
    def _default_user_id(self):
        """Return whoever opens the form; what comes by itself goes to the account manager."""
        user = self.env.user
        return user if not self.env.su and user.has_group('customer_success.group_customer_success_user') else user.browse()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('name', 'partner_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for case in self:
            name = case.name or self.env._("New case")
            case.display_name = labelled(self.env, case.partner_id.display_name, name)

    @api.depends('cause_id')
    def _compute_case_class(self):
        for case in self:
            case.case_class = case.cause_id.case_class or case.case_class

    @api.depends('next_due', 'breached', 'state', 'clock_ids.state', 'clock_ids.due', 'clock_ids.warn_at')
    @api.depends_context('lang', 'tz')
    def _compute_deadline(self):
        """Of the clocks nothing but a few columns is read: lists and boards show this of every case."""
        kinds = dict(self.env['customer.case.clock']._fields['kind']._description_selection(self.env))
        now, first, near = fields.Datetime.now(), {}, set()
        # who sees a case sees its deadlines
        for clock in self.env['customer.case.clock'].sudo().search_fetch(
                [('case_id', 'in', self.ids), ('state', '=', 'running'), ('due', '!=', False)],
                ['case_id', 'kind', 'due', 'warn_at'], order='due, id'):
            first.setdefault(clock.case_id.id, clock)
            if clock.warn_at and clock.warn_at <= now:
                near.add(clock.case_id.id)
        for case in self:
            case_id, clock = case._origin.id, first.get(case._origin.id)
            case.deadline = self.env._(
                "%(what)s: %(moment)s", what=kinds[clock.kind], moment=format_datetime(self.env, clock.due, dt_format='short'),
            ) if clock else False
            case.due_state = (
                'none' if case.state not in NOT_OVER else 'missed' if case.breached else 'near' if case_id in near
                else 'running' if case.next_due else 'none')

    def _search_due_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        is_open, missed = Domain('state', 'in', NOT_OVER), Domain('breached', '=', True)
        near = Domain('clock_ids', 'any', [('state', '=', 'running'), ('warn_at', '<=', fields.Datetime.now())])
        runs = Domain('next_due', '!=', False)
        domains = {
            'missed': is_open & missed, 'near': is_open & ~missed & runs & near,
            'running': is_open & ~missed & runs & ~near, 'none': ~is_open | ~missed & ~runs,
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    def _field_to_sql(self, alias, field_expr, query=None):
        # lets lists and boards be grouped by how the time stands, which no column holds
        if field_expr == 'due_state':
            return SQL(
                """CASE WHEN %(state)s NOT IN %(not_over)s THEN 'none' WHEN %(breached)s THEN 'missed'
                        WHEN %(due)s IS NULL THEN 'none'
                        WHEN EXISTS (SELECT 1 FROM customer_case_clock near
                                      WHERE near.case_id = %(id)s AND near.state = 'running' AND near.warn_at <= %(now)s)
                        THEN 'near' ELSE 'running' END""",
                state=self._field_to_sql(alias, 'state', query), breached=self._field_to_sql(alias, 'breached', query),
                due=self._field_to_sql(alias, 'next_due', query), id=SQL.identifier(alias, 'id'), now=fields.Datetime.now(),
                not_over=NOT_OVER)
        return super()._field_to_sql(alias, field_expr, query)

    @api.depends('due_state')
    def _compute_color(self):
        colors = {'missed': 1, 'near': 2, 'running': 10}
        for case in self:
            case.color = colors.get(case.due_state, 0)

    @api.depends('user_id', 'offered_to_id')
    @api.depends_context('uid')
    def _compute_is_mine(self):
        for case in self:
            case.is_mine = case.user_id == self.env.user
            case.is_offered_to_me = case.offered_to_id == self.env.user

    @api.depends('offered_to_id', 'offered_at', 'offer_note')
    @api.depends_context('lang', 'tz')
    def _compute_offer(self):
        for case in self:
            values = {'user': case.sudo().offered_to_id.name, 'reason': case.offer_note,  # who is asked is no secret
                      'moment': case.offered_at and format_datetime(self.env, case.offered_at, dt_format='short')}
            case.offer = case.offered_at and (
                self.env._("Offered to %(user)s since %(moment)s: %(reason)s", **values) if case.offer_note else
                self.env._("Offered to %(user)s since %(moment)s", **values))

    @api.depends('feedback_request_ids.state', 'feedback_request_ids.feedback_ids.score')
    @api.depends_context('lang')
    def _compute_asked_note(self):
        for case in self:
            last = case.sudo().feedback_request_ids.sorted('id')[-1:]  # who sees a case may know who was asked about it
            case.asked_note = last._say_state() if last else False

    @api.depends('previous_id')
    @api.depends_context('lang')
    def _compute_again(self):
        for case in self:
            case.again = self.env['customer.case.opener']._times_before(case)

    def _read_group_orderby(self, order, groupby_terms, query):
        # the most urgent comes first, on a board too
        worst = {name: SQL("- (%s)::int", groupby_terms[name]) for name in ('priority',) if name in groupby_terms}
        return order_by_terms(
            lambda *args: order_by_selection(
                super(CustomerCase, self)._read_group_orderby, self, ['due_state', 'state'], *args),
            worst, order, groupby_terms, query)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return OPEN_TO_PEOPLE

    def _say_kept(self, names):
        return self.env._(
            "These fields of a case can't be written: %(names)s. Use the buttons of the case instead.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        """A case that is opened is running: its clocks start, and whoever writes it down is in charge of it, for a colleague
        too, until that one has accepted it."""
        vals_list = [dict(vals) for vals in vals_list]  # those of the caller stay: an import tries them again row by row
        offered = self.env['customer.case.assigner']._keep_offered(vals_list)
        for vals in vals_list:
            self._guard(vals)
            self.env['customer.case.opener']._complete_values(vals)
        cases = super().create(vals_list)
        cases._check_people()
        # clocks are kept by the rules; what is loaded as history brings its own
        at_work = cases.sudo().filtered(
            # days for feedback that come along have begun theirs
            lambda case: case.state in AT_WORK and all(clock.kind == 'node' for clock in case.clock_ids))
        self.env['customer.case.clock'].sudo()._start(at_work, ('response', 'solution'))  # as above
        self.env['customer.case.opener']._find_previous(cases)
        self.env['customer.mood.hit'].sudo()._keep(  # words are kept by the rules
            [(case, case.description) for case in cases if case.email_from], 'case_id')
        for index, user in offered.items():
            self.env['customer.case.assigner']._offer(cases[index], user, '')
        return cases

    def write(self, vals):
        """Keep what the buttons write from people; the responsible person changes by the rule of the first one in charge."""
        self._guard(vals)
        if 'partner_id' in vals and vals['partner_id']:
            vals = {**vals, 'partner_id': self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id}
        if 'user_id' in vals:
            vals = self.env['customer.case.assigner']._with_giver(self, vals)
        result = super().write(vals)
        if 'user_id' in vals or 'partner_id' in vals:
            self._check_people()
            self.env['customer.case.assigner']._follow_user(self)
        if POLICY_FIELDS & vals.keys():
            self.sudo().clock_ids._replan()  # clocks are kept by the rules
        if {'cause_id', 'partner_id'} & vals.keys():
            self.env['customer.case.opener']._find_previous(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_worked_on(self):
        if not self.env.su and (kept := self.filtered(lambda case: case.partner_id and case.state != 'withdrawn')):
            raise UserError(self.env._(
                "%(case)s stays in the customer's history. Withdraw it if it was none.", case=kept[0].display_name))

    @api.constrains('partner_id', 'company_id')
    def _check_customer_company(self):
        for case in self:
            if (own := case.partner_id.company_id) and own != case.company_id:
                raise ValidationError(self.env._(
                    "%(customer)s is a customer of %(company)s alone: the case has to be of that company as well.",
                    customer=case.partner_id.display_name, company=own.name))

    def _check_people(self):
        """Refuse a responsible person who could not open the case, and a customer that is archived."""
        for case in self:
            self.env['customer.responsibility']._check_able(case.user_id.id, case.company_id.id)
            if not self.env.su and case.partner_id and not case.partner_id.active:
                raise ValidationError(self.env._(
                    "%(customer)s is archived. Bring the customer back first, or choose the one that goes on.",
                    customer=case.partner_id.display_name))

    def copy_data(self, default=None):
        """A copy is a new case of the same kind."""
        return [{**vals, 'name': self.env._("%(case)s (copy)", case=case.name)}
                for case, vals in zip(self, super().copy_data(default), strict=True)]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()

    def action_open_previous(self):
        """Open the case that this one repeats."""
        self._customer_one()
        return self.previous_id._customer_open()

    def action_open_next(self):
        """Open the cases in which the same happened again; a single one at once."""
        self._customer_one()
        again = self.search([('previous_id', '=', self.id)])
        action = {
            'type': 'ir.actions.act_window', 'name': self.env._("Happened Again"), 'res_model': 'customer.case',
            'views': [(False, 'list'), (False, 'form')], 'domain': [('id', 'in', again.ids)],
        }
        return {**action, 'views': [(False, 'form')], 'res_id': again.id} if len(again) == 1 else action

    def _is_open(self):
        """Return whether somebody works on this case."""
        return self.state in AT_WORK

    def action_take(self):
        """Take these cases, which nobody has, or nobody has begun with."""
        self.env['customer.case.course']._lock_in(self, ('new', 'working', 'waiting', 'solved'))
        self.invalidate_recordset(['user_id', 'taken_at'])
        for case in self:
            if case.user_id not in (self.env.user, self.env['res.users']) and case.taken_at and not case.is_offered_to_me:
                raise UserError(self.env._(
                    # who is in charge is no secret
                    "%(user)s is in charge of %(case)s. Ask for a hand-over.", user=case.sudo().user_id.name,
                    case=case.display_name))
            self.env['customer.case.assigner']._take(case, self.env.user)
        return True

    def action_hand_over(self):
        """Open the dialog that offers these cases to a colleague."""
        return self._action_change('hand_over')

    def action_accept(self):
        """Take what a colleague offers."""
        self.env['customer.case.course']._lock_in(self, ('new', 'working', 'waiting', 'solved'))
        for case in self:
            self.env['customer.case.assigner']._check_offered(case)
            giver = case.sudo().offered_by_id  # may be a colleague of another company
            self.env['customer.case.assigner']._take(case, self.env.user)
            case.message_post(body=self.env._(
                "%(user)s has taken over from %(giver)s.", user=self.env.user.name, giver=giver.name))
        return True

    def action_refuse(self):
        """Open the dialog that says why somebody does not take it."""
        return self._action_change('refuse')

    def action_answer(self):
        """Note that the customer was answered now: that ends the time for the answer, and no other."""
        self.env['customer.case.course']._lock_in(self, AT_WORK)
        self.env['customer.case.course']._answer(self, fields.Datetime.now())
        return True

    def action_pause(self):
        """Open the dialog that lets the clocks stand still."""
        return self._action_change('pause')

    def action_resume(self):
        """Let the clocks run again."""
        self.env['customer.case.course']._lock_in(self, ('waiting',))
        self.env['customer.case.course']._resume(self, 'resumed')
        return True

    def action_solve(self):
        """Open the dialog that notes the solution."""
        return self._action_change('solve')

    def action_reopen(self):
        """Open the dialog that reopens these cases."""
        return self._action_change('reopen')

    def action_withdraw(self):
        """Open the dialog that ends cases that were none."""
        return self._action_change('withdraw')

    def action_promise(self):
        """Open the dialog that notes that a need can't be met now, and until when it is promised."""
        return self._action_change('promise')

    def action_close(self):
        """Close these cases: the customer was asked, or there is nobody to ask."""
        self.env['customer.case.course']._lock_in(self, ('solved',))
        for case in self:
            self.env['customer.case.agenda']._check_closable(case)
        self.env['customer.case.course']._close(self)
        return True

    def action_log(self):
        """Open the dialog that logs a contact with the customer about this case: for the revisit or the promise, if one of
        them is open."""
        self._customer_one()
        self._check_has_customer()
        followup = self.sudo().followup_ids.filtered(  # may be a colleague's
            lambda followup: followup.state == 'planned').sorted('date_planned')[:1].with_env(self.env)
        action = self.partner_id._action_log(followup=followup, contact=self.contact_id)
        if action.get('res_model') == 'customer.followup.log':
            action['context']['default_case_id'] = self.id
        return action

    def _action_change(self, action):
        """Open the dialog of these cases, about to do something.

        :param str action: see ``customer.case.change.action``
        """
        names = {
            'hand_over': self.env._("Hand over"), 'refuse': self.env._("Don't take it"), 'pause': self.env._("Wait"),
            'solve': self.env._("Solved"), 'reopen': self.env._("Reopen"), 'withdraw': self.env._("Withdraw"),
            'promise': self.env._("Can't be met now"),
        }
        return {
            'type': 'ir.actions.act_window',
            'name': names[action],
            'res_model': 'customer.case.change',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_action': action, 'default_case_ids': self.ids},
        }

    # ------------------------------------------------------------
    # LOCKS AND CHECKS
    # ------------------------------------------------------------

    def _check_has_customer(self):
        """Refuse what needs a customer, of cases whose sender is not known."""
        if unknown := self.filtered(lambda case: not case.partner_id)[:1]:
            raise UserError(self.env._(
                "Nobody knows yet whose case “%(case)s” is. Choose the customer first.", case=unknown.name))

    def _clocks(self, *kinds):
        """Return the clocks of the present cycle of these cases, of some kinds or all, for the rules that keep them."""
        return self.sudo().clock_ids.filtered(  # deadlines are not for people to write
            lambda clock: clock.cycle == clock.case_id.cycle and (not kinds or clock.kind in kinds))

    # ------------------------------------------------------------
    # WHAT PEOPLE SAY ON IT
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_vals):
        """A message from us to the customer is an answer."""
        result = super()._message_post_after_hook(message, msg_vals)
        if self.env.context.get('customer_no_answer') or message.message_type != 'comment' or message.is_internal \
                or message.subtype_id.internal or not message.author_id.user_ids.filtered(lambda user: not user.share):
            return result
        # followers of other companies count too
        outside = (message.partner_ids | self.sudo().message_partner_ids).filtered('partner_share')
        if outside and self.state in AT_WORK and not self.answered_at:  # a note to colleagues is none
            self.env['customer.case.course']._answer(self, fields.Datetime.now())
        return result

    @api.model
    def _say_when(self, moment):
        """Return a moment in the user's words."""
        return format_datetime(self.env, moment, dt_format='short')

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    @api.model
    def _mail_get_partner_fields(self, introspect_fields=False):
        """A message goes to the person, before the customer as a whole."""
        return ['contact_id', 'partner_id']

    def _message_compute_subject(self):
        """What we write to the customer says the number; which case an answer belongs to is told by its Message-Id."""
        self.ensure_one()
        return f'[{self.number}] {self.name}' if self.number else self.name

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """An email to the address of cases opens one. Of whom nobody knows whose it is, it is there to be assigned."""
        values = {**self.env['customer.case.mailbox']._values_of(msg_dict), **(custom_values or {})}
        return super().message_new(msg_dict, custom_values=values)

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        """The customer's answer goes on with what waits, and reopens what is solved. Thanks don't, nor what a machine or a
        colleague has written."""
        result = super().message_update(msg_dict, update_vals=update_vals)
        if self.env.context.get('customer_by_itself') or self.env['customer.case.mailbox']._is_colleague(msg_dict):
            return result
        text = html2plaintext(msg_dict.get('body') or '')
        self.env['customer.mood.hit'].sudo()._keep(  # words are kept by the rules
            [(case, own_words(text)) for case in self], 'case_id')
        for case in self.sudo():  # the gateway is nobody who works with the customer
            if case.state == 'waiting' and not self.env['customer.case.agenda']._open_followups(case, 'promise'):
                self.env['customer.case.course']._resume(case, 'reply')
            elif case.state not in AT_WORK and not self.env['customer.case.mailbox']._is_thanks(text):
                case._take_reply(msg_dict)
        return result

    def _take_reply(self, msg_dict):
        """Go on with a case that was over: reopen it, or after so many days begin a new one that is linked to it."""
        self.ensure_one()
        if fields.Datetime.now() <= self.env['customer.case.mailbox']._reopen_until(self):
            self.env['customer.case.course']._reopen(self, self.env._("The customer has answered."))
            return
        followed = self.create({
            'name': self.name, 'partner_id': self.partner_id.id, 'contact_id': self.contact_id.id,
            'email_from': self.email_from, 'company_id': self.company_id.id, 'case_type': self.case_type,
            'channel_id': self.channel_id.id, 'description': html2plaintext(msg_dict.get('body') or '').strip(),
            'cause_id': self.cause_id.id})
        followed.previous_id = self
        followed.message_post(body=self.env._("The customer has answered to %(case)s.", case=self._get_html_link()))
