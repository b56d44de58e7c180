from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..cadence.selection_order import order_by_selection, order_by_terms
from ..platform.counted import plural
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
    _inherit = ['mail.thread.cc', 'mail.activity.mixin', 'customer.guarded', 'customer.task', 'customer.day.news']
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

    @api.model
    def _default_user_id(self):
        """Return whoever opens the form; what comes by itself goes to the account manager."""
        user = self.env.user
        return user if not self.env.su and user.has_group('customer_success.group_customer_success_user') else user.browse()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('name', 'partner_id')
    def _compute_display_name(self):
        for case in self:
            name = case.name or self.env._("New case")
            case.display_name = f'{case.partner_id.display_name}: {name}' if case.partner_id else name

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

    def _read_group_orderby(self, order, groupby_terms, query):
        # the most urgent comes first, on a board too
        worst = {name: SQL("- (%s)::int", groupby_terms[name]) for name in ('priority',) if name in groupby_terms}
        return order_by_terms(
            lambda *args: order_by_selection(
                super(CustomerCase, self)._read_group_orderby, self, ['due_state', 'state'], *args),
            worst, order, groupby_terms, query)

    def _refresh_deadlines(self):
        """Keep on these cases when they are due next, and whether a deadline of the present cycle was missed."""
        if not self:
            return
        self.env['customer.case.clock'].flush_model(['state', 'due', 'cycle', 'case_id'])
        self.flush_recordset(['cycle', 'next_due', 'breached'])
        self.env.cr.execute(SQL(
            """UPDATE customer_case c SET next_due = w.due, breached = w.breached
                 FROM (SELECT o.id, min(k.due) FILTER (WHERE k.state = 'running') AS due,
                              COALESCE(bool_or(k.state = 'failed' AND k.cycle = o.cycle), FALSE) AS breached
                         FROM customer_case o LEFT JOIN customer_case_clock k ON k.case_id = o.id
                        WHERE o.id = ANY(%s) GROUP BY o.id) AS w
                WHERE w.id = c.id AND (c.next_due, c.breached) IS DISTINCT FROM (w.due, w.breached)""", self.ids))
        self.invalidate_recordset(['next_due', 'breached'])

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
        """A case that is opened is running: its clocks start, and whoever writes it down is in charge of it."""
        vals_list = [dict(vals) for vals in vals_list]  # those of the caller stay: an import tries them again row by row
        for vals in vals_list:
            self._guard(vals)
            self._complete_values(vals)
        cases = super().create(vals_list)
        cases._check_people()
        # clocks are kept by the rules; what is loaded as history brings its own
        at_work = cases.sudo().filtered(
            # days for feedback that come along have begun theirs
            lambda case: case.state in AT_WORK and all(clock.kind == 'node' for clock in case.clock_ids))
        self.env['customer.case.clock'].sudo()._start(at_work, ('response', 'solution'))  # as above
        cases._find_previous()
        return cases

    @api.model
    def _complete_values(self, vals):
        """Fill in what a new case needs: its customer as a whole, its company, and who is in charge of it.

        Whoever writes it down is (首问负责制). What nobody wrote down goes to the customer's account manager, or who stands in.

        :param dict vals: is filled
        """
        if self._is_guarded():  # neither values nor defaults out of a context get past the buttons
            vals.update(dict.fromkeys(self._kept_fields(), False))
            vals.update({'state': 'new', 'cycle': 1, 'opened_at': fields.Datetime.now()})
        contact = self.env['res.partner'].browse(vals.get('contact_id') or vals.get('partner_id'))
        partner = self.env['res.partner'].browse(vals.get('partner_id')).commercial_partner_id or contact.commercial_partner_id
        vals['partner_id'] = partner.id
        if contact and contact != partner:
            vals['contact_id'] = contact.id
        if not vals.get('company_id'):
            vals['company_id'] = partner._planning_company().id if partner else self.env.company.id
        if 'user_id' not in vals or not vals['user_id'] and not self.env.su:
            vals['user_id'] = self._first_responsible(partner, self.env['res.company'].browse(vals['company_id'])).id
        if vals.get('user_id') == self.env.uid and not self.env.su:
            vals.update({'state': 'working', 'taken_at': fields.Datetime.now()})
        if not vals.get('number'):
            company = self.env['res.company'].browse(vals['company_id'])
            # whoever opens a case has it numbered
            vals['number'] = self.env['ir.sequence'].sudo().with_company(company).next_by_code('customer.case')

    @api.model
    def _kept_fields(self):
        """Return the stored fields that people have no say in, apart from those that begin with something."""
        return [name for name, field in self._fields.items()
                if field.store and field.readonly and not field.compute and field.type not in ('one2many', 'many2many')
                and name not in ('state', 'cycle', 'opened_at', *models.MAGIC_COLUMNS)]

    @api.model
    def _first_responsible(self, partner, company):
        """Return who is in charge of a new case: who writes it down, else the customer's account manager or who stands in."""
        responsibility = self.env['customer.responsibility']
        if not self.env.su and responsibility._is_able(self.env.user, company):
            return self.env.user
        return responsibility._doer('manager', partner.sudo().user_id, company)  # may be a colleague of another company

    def write(self, vals):
        """Keep what the buttons write from people; the responsible person changes by the rule of the first one in charge."""
        self._guard(vals)
        if 'partner_id' in vals and vals['partner_id']:
            vals = {**vals, 'partner_id': self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id}
        if 'user_id' in vals:
            vals = self._with_giver(vals)
        result = super().write(vals)
        if 'user_id' in vals or 'partner_id' in vals:
            self._check_people()
            self._follow_user()
        if POLICY_FIELDS & vals.keys():
            self.sudo().clock_ids._replan()  # clocks are kept by the rules
        if {'cause_id', 'partner_id'} & vals.keys():
            self._find_previous()
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
    # RECURRENCE
    # ------------------------------------------------------------

    def _find_previous(self):
        """Link cases to the last one of the same customer with the same root cause, if that is not too long ago."""
        days = self.env['res.config.settings']._customer_success('case_recurrence_days')
        for case in self.sudo():  # the case before may have been a colleague's; the link is for the rule to write
            found = case.browse()
            if case.partner_id and case.cause_id:
                found = case.search(
                    Domain('partner_id', '=', case.partner_id.id) & Domain('cause_id', '=', case.cause_id.id)
                    & Domain('state', '!=', 'withdrawn') & Domain('id', '!=', case.id)
                    & Domain('opened_at', '<=', case.opened_at)
                    & Domain('opened_at', '>=', fields.Datetime.subtract(case.opened_at, days=days)),
                    order='opened_at desc, id desc', limit=1)
            if case.previous_id != found and not (found and found.previous_id == case):
                case.previous_id = found

    def _times_before(self):
        """Return how often it has happened before, in words, or ''."""
        self.ensure_one()
        count, case = 0, self.sudo().previous_id  # as above
        while case and count < 99:
            count, case = count + 1, case.previous_id
        return plural(
            count, self.env._("It has happened once before."), self.env._("It has happened %(count)s times before.", count=count),
        ) if count else ''

    @api.depends('previous_id')
    @api.depends_context('lang')
    def _compute_again(self):
        for case in self:
            case.again = case._times_before()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'res_id': self.partner_id.id, 'view_mode': 'form',
        }

    def action_open_previous(self):
        """Open the case that this one repeats."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'customer.case', 'res_id': self.previous_id.id, 'view_mode': 'form',
        }

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
