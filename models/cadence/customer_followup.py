from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

from ..platform.local_text import clauses, labelled, listed
from ..platform.locks import wait_for_update
from .customer_approach import CHANGES
from .customer_touch import Together
from .selection_order import order_by_selection

#: What a person may change on a follow-up directly; everything else goes through its actions, which keep it in order.
OPEN_TO_PEOPLE = {
    'user_id', 'contact_id', 'channel_id', 'name', 'next_step', 'feedback', 'issue_progress', 'date_planned',
    'activity_ids', 'message_follower_ids', 'message_ids', 'message_main_attachment_id',
}

#: In the context while follow-ups go with their lead; nobody outside has it.
GONE = object()

OUTCOMES = [
    ('satisfied', "Satisfied"),
    ('need', "Has a need"),
    ('problem', "Has a problem"),
    ('neutral', "Just in touch"),
    ('no_answer', "No answer"),
]


class CustomerFollowup(models.Model):
    """A touch of a customer: planned, then done, skipped or cancelled. The row of the tracking sheet
    客户关系维护跟踪表 (CAD-5).

    The open follow-up of a touchpoint is its clock: there is exactly one, its planned date is the next due date, and
    closing it opens its successor in the same transaction. Due and overdue follow from the dates and are not stored.
    """

    _name = 'customer.followup'
    _description = "Follow-up"
    # the first one hears of answers first
    _inherit = [
        'customer.narrowed', 'customer.sent', 'customer.touch', 'mail.thread', 'mail.activity.mixin', 'customer.guarded',
        'customer.contacted', 'customer.task', 'customer.day.news']
    _order = 'date_planned, id'
    _check_company_auto = True
    _rec_names_search = ['partner_id', 'lead_id', 'name']
    _mail_post_access = 'read'
    _day_fields = frozenset({'state', 'date_planned', 'date_limit'})
    _task_types = {
        'reminder': 'mail_activity_type_followup', 'escalation': 'mail_activity_type_escalation',
        'stopped': 'mail_activity_type_stopped'}

    # who and what
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", index=True, ondelete='cascade',
        domain=['|', ('parent_id', '=', False), ('is_company', '=', True)])
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, default=lambda self: self.env.company)
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Contact Person", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', partner_id)]")
    name = fields.Char(string="What", help="What is to be done. Empty: the purpose of the touchpoint.")
    step_id = fields.Many2one(
        comodel_name='customer.cadence.step', string="Touchpoint", readonly=True, index='btree_not_null',
        ondelete='set null')
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', readonly=True, index='btree_not_null', ondelete='restrict')
    channel_id = fields.Many2one(
        comodel_name='customer.channel', required=True, index=True, ondelete='restrict')
    owner_id = fields.Many2one(
        comodel_name='res.users', string="Planned For", readonly=True, index='btree_not_null', ondelete='set null',
        help="Whose follow-up it is by plan. During an absence somebody else is responsible.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", index=True, ondelete='set null', tracking=True,
        default=lambda self: self.env.user, domain=lambda self: self.env['customer.responsibility']._role_domain('company_id'))
    given_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='set null',
        help="Who gave it to the responsible person. Empty: it follows the plan, or the customer's account manager.")
    absence_id = fields.Many2one(
        comodel_name='customer.absence', string="During the Absence", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The absence by which it was moved. It goes back when that is over.")
    nobody_responsible = fields.Boolean(
        compute='_compute_nobody_responsible', search='_search_nobody_responsible',
        help="Nobody is there who can do it, or somebody stands in because the account manager left.")
    state = fields.Selection(
        selection=[('planned', "Open"), ('done', "Done"), ('skipped', "Skipped"), ('cancelled', "Cancelled")],
        default='planned', required=True, readonly=True, copy=False)
    # planning
    date_anchor = fields.Date(string="Counted From", readonly=True, help="The last contact that counts for this one.")
    anchor_kind = fields.Selection(
        selection=[
            ('contact', "last contact"), ('skip', "skipped touch"), ('start', "start"), ('event', "event"),
            ('promise', "agreed next step"), ('back', "day it was taken up again"),
        ], readonly=True)
    event_date = fields.Date(readonly=True)
    date_back = fields.Date(
        string="Taken Up Again", readonly=True, copy=False,
        help="It did not apply for a while and came due meanwhile; the interval counts from this day.")
    date_raw = fields.Date(string="Original Date", readonly=True, help="Before anything was moved.")
    date_planned = fields.Date(string="Due", index=True)
    planned_at = fields.Datetime(
        string="Not Before", readonly=True, copy=False,
        help="The moment for which it is planned, where hours matter; nothing is sent before.")
    date_limit = fields.Date(string="At the Latest", readonly=True)
    missed = fields.Json(
        readonly=True, copy=False,
        help="Its days that passed before it was moved: when it was due, at the latest, until when it was overdue, and whose and "
             "on which channel it was.")
    date_remind = fields.Date(readonly=True)
    date_escalate = fields.Date(readonly=True)
    date_manual = fields.Date(readonly=True, help="The day a person moved it to.")
    channel_manual_id = fields.Many2one(
        comodel_name='customer.channel', string="Channel by Hand", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The channel a person chose for this one, because nobody was reached on the usual one.")
    mail_template_id = fields.Many2one(
        comodel_name='mail.template', string="Email Template", readonly=True, copy=False, ondelete='set null',
        help="For this one. Empty: that of the touchpoint.")
    move_kind = fields.Selection(
        selection=[('none', "Not moved"), ('workday', "Not a working day"), ('pause', "Pause"), ('manual', "By hand")],
        string="Moved Because", default='none', readonly=True)
    move_count = fields.Integer(string="Times Moved", readonly=True)
    reminded = fields.Boolean(readonly=True)
    escalated = fields.Boolean(readonly=True)
    # what happened
    contact_at = fields.Datetime(string="Contacted On", readonly=True, copy=False)
    contact_day = fields.Date(
        readonly=True, copy=False, help="The day of the contact, where the person was who made it.")
    qualifies = fields.Boolean(readonly=True, help="Somebody was reached: intervals count from this contact.")
    outcome = fields.Selection(selection=OUTCOMES, string="The Customer", copy=False)
    feedback = fields.Text(string="What Was Said", copy=False)
    issue_progress = fields.Char(copy=False)
    next_step = fields.Char(copy=False)
    next_followup_id = fields.Many2one(
        comodel_name='customer.followup', readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    closed_at = fields.Datetime(string="Recorded", readonly=True, copy=False)
    closed_by_id = fields.Many2one(comodel_name='res.users', string="Recorded By", readonly=True, ondelete='set null')
    imported_at = fields.Datetime(
        string="Loaded From a Sheet", readonly=True, copy=False, help="Empty: it was recorded here.")
    recorded_late = fields.Boolean(
        readonly=True, copy=False,
        help="It was recorded later after the contact than the settings allow. Kept as it was decided then.")
    # what counted by itself
    counted_by_id = fields.Many2one(
        comodel_name='customer.contact.rule', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="The rule by which it counts although nobody logged it.")
    meeting_id = fields.Many2one(
        comodel_name='calendar.event', readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    message_id = fields.Many2one(
        comodel_name='mail.message', string="Email", readonly=True, copy=False, ondelete='set null')
    close_kind = fields.Selection(
        selection=[
            ('replanned', "Touchpoint no longer applies"), ('no_contact', "Do not contact"),
            ('left', "Not a customer any more"), ('merged', "Contacts were merged"), ('person', "By hand"),
            ('timeout', "Nobody did it in time"), ('won', "The lead was won"), ('lost', "The lead was lost"),
            ('shelved', "The lead was archived"),
        ], string="Cancelled Because", readonly=True)
    reason_id = fields.Many2one(comodel_name='customer.followup.reason', readonly=True, copy=False, ondelete='restrict')
    reason_note = fields.Char(readonly=True, copy=False)
    approach_id = fields.Many2one(
        comodel_name='customer.approach', string="Change of Approach", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="What was changed because nobody answered.")
    approach_change = fields.Selection(selection=CHANGES, string="What Was Changed", readonly=True, copy=False)
    automatic = fields.Boolean(related='step_id.automatic')
    # what people look at
    due_state = fields.Selection(
        selection=[
            ('overdue', "Overdue"), ('today', "Due now"), ('week', "This week"), ('later', "Later"), ('closed', "Closed"),
        ], compute='_compute_due_state', search='_search_due_state',
        help="Due now: its day has come, today or before, and there is time left. Overdue: its last day is over.")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')
    tier_color = fields.Integer(related='partner_id.customer_tier_color')
    segment_id = fields.Many2one(related='partner_id.customer_segment_id')
    segment_color = fields.Integer(related='partner_id.customer_segment_color')
    region = fields.Char(compute='_compute_region')
    country_id = fields.Many2one(related='partner_id.country_id')
    cycle = fields.Char(related='step_id.cycle')
    medium = fields.Selection(related='channel_id.medium')
    instructions = fields.Text(related='step_id.instructions')
    # the columns of the tracking sheet: what happened, and for an open follow-up what happened last
    last_contact = fields.Date(compute='_compute_sheet')
    sheet_feedback = fields.Char(string="Feedback and Needs", compute='_compute_sheet')
    sheet_progress = fields.Char(string="Latest Issue Progress", compute='_compute_sheet')
    sheet_next_step = fields.Char(string="Latest Next Step", compute='_compute_sheet')
    move_note = fields.Char(string="Why This Date", compute='_compute_move_note')

    _open_recurring_uniq = models.UniqueIndex(
        "(partner_id, step_id) WHERE state = 'planned' AND event_date IS NULL",
        "There is already an open follow-up for this customer and touchpoint.")
    _open_lead_uniq = models.UniqueIndex(
        "(lead_id, step_id) WHERE state = 'planned' AND partner_id IS NULL AND lead_id IS NOT NULL",
        "There is already an open follow-up for this lead and touchpoint.")
    _whose_check = models.Constraint(
        'CHECK (partner_id IS NOT NULL OR lead_id IS NOT NULL)', "Please choose the customer of the follow-up.")
    _event_uniq = models.UniqueIndex(
        "(partner_id, step_id, event_date) WHERE event_date IS NOT NULL AND state <> 'cancelled'",
        "This event already has its follow-up.")
    _message_uniq = models.UniqueIndex(
        "(message_id) WHERE message_id IS NOT NULL", "This email is recorded as a contact already.")
    _missed_idx = models.Index("(partner_id) WHERE missed IS NOT NULL")
    _paused_idx = models.Index("(date_raw) WHERE move_kind = 'pause'")
    _remind_idx = models.Index("(date_remind) WHERE state = 'planned' AND NOT reminded")
    _undone_idx = models.Index("(partner_id, step_id) WHERE state = 'cancelled' AND step_id IS NOT NULL")
    _back_idx = models.Index("(partner_id) WHERE date_back IS NOT NULL")
    _send_idx = models.Index("(date_planned) WHERE state = 'planned' AND send_error IS NULL")
    _mine_idx = models.Index("(user_id, date_planned) WHERE state = 'planned'")
    _closed_idx = models.Index("(closed_by_id, closed_at) WHERE state = 'done'")
    _approach_idx = models.Index("(contact_day) WHERE approach_id IS NOT NULL")
    _escalate_idx = models.Index("(date_escalate) WHERE state = 'planned' AND NOT escalated")

    @api.private
    def init(self):
        self.env['customer.contact.date']._follow()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('name', 'step_id', 'channel_id', 'partner_id', 'lead_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for followup in self:
            what = followup.name or followup.step_id.name or followup.channel_id.name or self.env._("Follow-up")
            followup.display_name = labelled(self.env, followup.whose, what)

    @api.depends('state', 'date_planned', 'date_limit')
    @api.depends_context('tz')
    def _compute_due_state(self):
        today = fields.Date.context_today(self)
        week_end = fields.Date.end_of(today, 'week')
        for followup in self:
            if followup.state != 'planned':
                followup.due_state = 'closed'
            elif followup.date_limit and followup.date_limit < today:
                followup.due_state = 'overdue'
            elif not followup.date_planned or followup.date_planned > week_end:
                followup.due_state = 'later'
            else:
                followup.due_state = 'today' if followup.date_planned <= today else 'week'

    def _search_due_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        week_end = fields.Date.end_of(today, 'week')
        is_open = Domain('state', '=', 'planned')
        overdue = is_open & Domain('date_limit', '<', today)
        in_time = is_open & ~Domain('date_limit', '<', today)
        domains = {
            'overdue': overdue,
            'today': in_time & Domain('date_planned', '<=', today),
            'week': in_time & Domain('date_planned', '>', today) & Domain('date_planned', '<=', week_end),
            'later': in_time & Domain('date_planned', '>', week_end),
            'closed': Domain('state', '!=', 'planned'),
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    def _field_to_sql(self, alias, field_expr, query=None):
        # lets lists and boards be grouped by when a follow-up is due, which no column holds
        if field_expr == 'due_state':
            today = fields.Date.context_today(self)
            return SQL(
                """CASE WHEN %(state)s <> 'planned' THEN 'closed' WHEN %(limit)s < %(today)s THEN 'overdue'
                        WHEN %(planned)s <= %(today)s THEN 'today' WHEN %(planned)s <= %(week)s THEN 'week'
                        ELSE 'later' END""",
                state=self._field_to_sql(alias, 'state', query), limit=self._field_to_sql(alias, 'date_limit', query),
                planned=self._field_to_sql(alias, 'date_planned', query),
                today=today, week=fields.Date.end_of(today, 'week'))
        return super()._field_to_sql(alias, field_expr, query)

    def _read_group_orderby(self, order, groupby_terms, query):
        return order_by_selection(super()._read_group_orderby, self, ['due_state'], order, groupby_terms, query)

    @api.depends('partner_id.country_id', 'partner_id.state_id', 'lead_id')
    def _compute_region(self):
        for followup in self:
            where = followup.partner_id or followup.lead_id.sudo()  # the lead may be a colleague's
            places = (where.state_id.name, where.country_id.name)
            followup.region = " · ".join(place for place in places if place)

    @api.depends('state', 'contact_day', 'feedback', 'issue_progress', 'next_step', 'name', 'step_id', 'partner_id', 'lead_id')
    def _compute_sheet(self):
        of_leads = self.filtered(lambda followup: followup.lead_id and not followup.partner_id)._last_of_leads()
        for followup in self:
            last = followup if followup.contact_day else (
                of_leads.get(followup.lead_id.id, self.browse()) if not followup.partner_id
                else followup.partner_id.customer_last_followup_id)
            followup.last_contact = last.contact_day
            followup.sheet_feedback = (last.feedback or '').replace('\n', ' ')
            followup.sheet_progress = last.issue_progress
            promised = followup.name if followup.state == 'planned' and not followup.step_id else False
            followup.sheet_next_step = promised or last.next_step

    @api.depends('user_id', 'partner_id', 'given_by_id', 'state')
    def _compute_nobody_responsible(self):
        found = self.filtered_domain(Domain('state', '=', 'planned') & Domain('user_id', '=', False)) | self.search(
            Domain('id', 'in', self.ids) & self._search_nobody_responsible('in', [True]))
        for followup in self:
            followup.nobody_responsible = followup in found or followup._origin in found

    def _search_nobody_responsible(self, operator, value):
        if operator != 'in':
            return NotImplemented
        nobody = Domain('user_id', '=', False) | Domain('given_by_id', '=', False) & Domain(
            'partner_id.customer_nobody_responsible', '=', True)
        return Domain('state', '=', 'planned') & nobody

    @api.depends(
        'date_raw', 'date_planned', 'planned_at', 'state', 'move_kind', 'date_anchor', 'anchor_kind', 'reason_id', 'cycle')
    @api.depends_context('lang', 'tz')
    def _compute_move_note(self):
        kinds = dict(self._fields['anchor_kind']._description_selection(self.env))
        for followup in self:
            notes = []
            if followup.date_anchor and followup.step_id:
                notes.append(self.env._(
                    "%(cycle)s, counted from the %(kind)s on %(day)s", cycle=followup.cycle or '',
                    kind=kinds.get(followup.anchor_kind, ''), day=format_date(self.env, followup.date_anchor)))
            if followup.planned_at and followup.state == 'planned':
                notes.append(self.env._("not before %(moment)s", moment=format_datetime(
                    self.env, followup.planned_at, dt_format='short')))
            notes += followup._describe_move()
            followup.move_note = clauses(self.env, notes) or False

    def _describe_move(self):
        """Return why the follow-up does not stand on its original day, in phrases.

        :rtype: list[str]
        """
        self.ensure_one()
        raw = format_date(self.env, self.date_raw)
        if self.move_kind == 'workday':
            return [self.env._("%(day)s is not a working day", day=raw)]
        if self.move_kind == 'pause':
            return [self.env._("would be %(day)s without the pause", day=raw)]
        if self.move_kind == 'manual':
            return [self.env._(
                "moved from %(day)s: %(reason)s", day=raw, reason=self.reason_id.name or self.env._("by hand"))]
        return []

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return OPEN_TO_PEOPLE

    def _say_kept(self, names):
        return self.env._(
            "These fields of a follow-up are kept by the planner and can't be written: %(names)s. Log, skip, move or cancel "
            "the follow-up instead.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        """Open follow-ups that people make get their dates here; what was done comes from logging alone."""
        for vals in vals_list:
            if not self.env.su and (forbidden := vals.keys() - self._open_to_people() - {'partner_id', 'lead_id', 'company_id'}):
                raise AccessError(self.env._(
                    "A new follow-up can't come with these fields: %(names)s. Log a contact to record what was done.",
                    names=listed(self.env, sorted(forbidden))))
        vals_list = [dict(vals) for vals in vals_list]  # those of the caller stay: an import tries them again row by row
        for vals in vals_list:
            self._complete_open_values(vals)
        return super().create(vals_list)

    @api.model
    def _complete_open_values(self, vals):
        """Fill in what an open follow-up made by a person needs: its company, its dates, its responsible person.

        :param dict vals: is filled
        """
        self.env['customer.followup.opener']._complete(vals)

    def write(self, vals):
        """Keep the columns of the planner from people: a changed day is a move, and a changed user takes the reminders
        along."""
        if not self.env.su:
            vals = self._without_unchanged(vals)
            self._guard(vals)
            if 'date_planned' in vals:
                # dragged in the calendar
                vals = dict(vals)
                self._move(fields.Date.to_date(vals.pop('date_planned')), self.env['customer.followup.reason'], '')
            if 'channel_id' in vals and self.step_id:
                raise UserError(self.env._(
                    "The channel of a touchpoint follows its cadence. Log the contact with the channel it was made on."))
        if 'user_id' not in vals:
            return super().write(vals) if vals else True
        moved = self.filtered(lambda followup: followup.user_id.id != vals['user_id'])
        for company in moved.company_id:
            self.env['customer.responsibility']._check_able(vals['user_id'], company.id)
        kept = self.env['customer.followup.closer']._given_values(moved, vals['user_id'])
        # one email for many, see customer.reminder
        several = self.with_context(mail_auto_subscribe_no_notify=True) if len(moved) > 1 else self
        result = super(CustomerFollowup, several).write(vals)
        for followups, values in kept:
            super(CustomerFollowup, followups.sudo()).write(values)  # columns of the planner, not for people to write
        if len(moved) > 1 and vals['user_id'] and vals['user_id'] != self.env.uid:
            self.env['customer.reminder']._tell_given(moved, self.env['res.users'].browse(vals['user_id']))
        self.env['customer.reminder'].sudo()._follow_plan(self.ids)  # activities of other users move along
        return result

    def _without_unchanged(self, vals):
        """Return the values that say something new of one of these follow-ups: a file that is imported once more moves
        nothing, and may name what can't be written."""
        def unchanged(name, value):
            field = self._fields.get(name)
            if not self or field is None or field.type in ('one2many', 'many2many'):
                return False
            new = field.convert_to_cache(value, self[:1])
            return all(field.convert_to_cache(followup[name], followup) == new for followup in self)
        return {name: value for name, value in vals.items() if not unchanged(name, value)}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open_recurring(self):
        if self.filtered(lambda f: f.state == 'planned' and f.step_id) and self.env.context.get('customer_gone') is not GONE:
            raise UserError(self.env._(
                "An open follow-up of a cadence can't be deleted: skip it, pause the customer, or change the cadence."))

    def unlink(self):
        partners, leads = self.partner_id, self.lead_id
        result = super().unlink()
        self.env['customer.plan.request']._request(partners.ids)  # the last contact may have been among them
        if self.env.context.get('customer_gone') is not GONE:
            self.env['customer.plan.request']._request(leads.ids, planner='customer.lead.planner')
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_log(self):
        """Open the dialog that logs a contact for this follow-up."""
        self._customer_one()
        if not self.partner_id:
            return self.lead_id._action_customer_log(followup=self)
        return self.partner_id._action_log(followup=self)

    def action_change(self):
        """Open the dialog that skips, moves, reassigns or cancels these follow-ups."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Done, skip, move or reassign"),
            'res_model': 'customer.followup.change',
            'views': [(False, 'form')],  # also called by the row, past the button that would add them
            'target': 'new',
            'context': {**self.env.context, 'default_followup_ids': self.ids},
        }

    @api.readonly
    def get_put_off_days(self):
        """Return the days that the row of a follow-up offers: the first that suits from tomorrow, from Monday, and from this
        day of next week on. Of two that come to the same day the one is named that means just that day.

        :return: dicts with the ``day`` (ISO), its ``name``, the day as ``text``, and a ``note`` that says why it is not the
            day that was meant, or ''
        :rtype: list[dict]
        """
        self._customer_one()
        return self.env['customer.followup.days']._offered(self) if self.state == 'planned' else []

    def action_put_off(self, day):
        """Move this follow-up to a day, for the shipped reason; where that asks for a sentence, the dialog opens.

        :param day: a date or its text (ISO), today or later
        :return: an action that says what was done, or the dialog
        :rtype: dict
        """
        self._customer_one()
        try:
            day = fields.Date.to_date(day)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.env._("“%(text)s” is not a day. Write it like 2027-01-31.", text=day)) from error
        self._check_customer_values({'date_planned': day})
        reason = self.env.ref('customer_success.customer_reason_put_off', raise_if_not_found=False)
        reason = reason or self.env['customer.followup.reason']
        if reason.needs_note:
            return self.with_context(
                default_action='move', default_date=day, default_reason_id=reason.id).action_change()
        self._move(day, reason)
        said = self.env['customer.followup.days']._describe_put_off(self)
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {**said, 'next': {'type': 'ir.actions.act_window_close'}},
        }

    def _unsuitable_days(self, first, last):
        """Return a function that says of a day why this follow-up should not be put off to it; '' where it may.

        Other wings add what speaks against a day.

        :param date first: first day that will be asked about
        :param date last: last day that will be asked about
        """
        return self.env['customer.followup.days']._unsuitable(self, first, last)

    def action_write_email(self):
        """Open the email composer for the contact person, with the template of the touchpoint, else what it is for as
        the subject."""
        self._customer_one()
        self.check_access('read')
        return self.env['customer.followup.writer']._compose(self)

    def _email_recipient(self):
        """Return who is written to: a person rather than the address of the company. The one it was planned with may have left,
        or wants no emails by now.

        :raises UserError: when nobody may be; an address that is missing, the composer asks for
        """
        return self.env['customer.followup.writer']._recipient(self)

    def action_open_customer(self):
        """Open the form of the customer, or of the lead."""
        self._customer_one()
        return (self.partner_id or self.lead_id)._customer_open()

    # ------------------------------------------------------------
    # WHAT BECOMES OF IT
    # ------------------------------------------------------------

    def _check_open(self):
        """Refuse to work on follow-ups that somebody closed meanwhile."""
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        if closed := self.filtered(lambda followup: followup.state != 'planned'):
            raise UserError(self.env._(
                "%(followup)s is closed already. Reload the page to see what became of it.",
                followup=closed[0].display_name))

    def _skip(self, reason, note=''):
        """Leave these touches out, for once: the next one counts from the planned day, or today if that is later.

        So many skips in a row as the settings say go to the team leader (CAD-8).

        :param reason: customer.followup.reason
        :param str note: added to the reason
        """
        self.env['customer.followup.closer']._skip(self, reason, note)

    def _move(self, day, reason, note=''):
        """Move these follow-ups to a day. So many moves in a row as the settings say go to the team leader (CAD-8).

        :param day: today or a day to come
        :param reason: customer.followup.reason, may be empty
        :param str note: added to the reason
        """
        self.env['customer.followup.closer']._move(self, day, reason, note)

    def _reassign(self, user):
        """Give these follow-ups to a user, together with their reminders."""
        self._check_open()
        self.user_id = user

    def _cancel(self, note=''):
        """Cancel follow-ups; a touchpoint that still applies opens a new one at once."""
        self._check_open()
        self._mark_cancelled('person', note)
        self._after_close()

    def _mark_cancelled(self, kind, note):
        """Close follow-ups as cancelled, together with their reminders, and plan nothing.

        :param str kind: see ``close_kind``
        :param str note: why
        """
        self.env['customer.followup.closer']._mark_cancelled(self, kind, note)

    def _after_close(self):
        """Open the successors, and take the reminders of what is closed away."""
        if isinstance(together := self.env.context.get('customer_closed_together'), Together):
            together.extend(self.ids)
            return
        self.env['customer.reminder'].sudo()._follow_plan(self.ids)  # activities of other users too
        self._replan()
        self._note_closed()

    def _note_closed(self):
        """Tell what waits for these follow-ups that they are over, however that came about; for other wings to add to."""

    def _satisfied_by(self, channel):
        """Return those of these follow-ups for which a contact on the channel counts: for the touchpoint always, or because
        they are planned on this channel now, like one that took its fallback channel."""
        if not self:
            return self
        pairs = set(self.env.execute_query(self.env['customer.anchor']._counts_sql()))
        stands_for = channel | channel.satisfies_ids
        return self.filtered(lambda f: (f.step_id.id, channel.id) in pairs or f.channel_id in stands_for)
