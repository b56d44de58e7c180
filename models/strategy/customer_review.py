import logging
from datetime import timedelta

import psycopg2
from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, is_html_empty, mute_logger

from ..base.local_day import in_company_zone
from ..platform.local_text import day_text, listed
from ..platform.locks import wait_for_update

KINDS = [('monthly', "Monthly summary"), ('quarterly', "Quarterly review"), ('sync', "Short sync")]
SCOPES = [('user', "An account manager"), ('team', "A team"), ('company', "The whole company")]

#: What methods and the nightly job keep.
KEPT = {
    'plan_id', 'plan_key', 'state', 'event_id', 'done_on', 'drafted_on', 'dropped', 'problem', 'planned_on',
}

#: Whose customers are looked at, and when: not for everybody to choose.
SCOPE_FIELDS = {'scope', 'user_id', 'team_id', 'company_id'}

#: What stays open when a review is done.
ALWAYS_OPEN = {'activity_ids', 'message_follower_ids', 'message_ids', 'message_main_attachment_id'}

_logger = logging.getLogger(__name__)


class CustomerReview(models.Model):
    """Looking back together: a monthly summary per account manager, a quarterly meeting across departments, a sync (STR-5)."""

    _name = 'customer.review'
    _description = "Review"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.guarded', 'customer.task']
    _order = 'date_end desc, id desc'
    _mail_post_access = 'read'
    _task_types = {'review': 'mail_activity_type_review'}

    name = fields.Char(
        required=True, compute='_compute_name', store=True, readonly=False, precompute=True, copy=False)
    kind = fields.Selection(selection=KINDS, required=True, default='monthly', index=True)
    scope = fields.Selection(
        selection=SCOPES, string="Looks At", required=True, default='user', help="Whose customers are looked at.")
    plan_id = fields.Many2one(
        comodel_name='customer.review.plan', string="Rhythm", readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    plan_key = fields.Char(
        readonly=True, copy=False, help="For whom and which time the rhythm made it: it makes one for each.")
    planned_on = fields.Date(string="Takes Place On", readonly=True, copy=False, help="The day that the rhythm gives.")
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Account Manager", index='btree_not_null', ondelete='set null', tracking=True,
        domain=[('share', '=', False)], default=lambda self: self.env.user,
        help="Whose customers it is about; in a meeting: who leads it.")
    team_id = fields.Many2one(comodel_name='crm.team', index='btree_not_null', ondelete='set null')
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.start_of(self._last_month(), 'month'))
    date_end = fields.Date(
        string="Until", required=True, default=lambda self: fields.Date.end_of(self._last_month(), 'month'))
    state = fields.Selection(
        selection=[('draft', "Draft"), ('done', "Done"), ('cancelled', "Left out")],
        required=True, readonly=True, default='draft', copy=False, tracking=True, index=True)
    line_ids = fields.One2many(
        comodel_name='customer.review.line', inverse_name='review_id', string="Findings", copy=False)
    success_ids = fields.One2many(
        comodel_name='customer.review.line', inverse_name='review_id', string="Successes Found",
        domain=[('kind', '=', 'success')], copy=False)
    shortfall_ids = fields.One2many(
        comodel_name='customer.review.line', inverse_name='review_id', string="Shortfalls Found",
        domain=[('kind', '=', 'shortfall')], copy=False)
    point_ids = fields.One2many(
        comodel_name='customer.review.line', inverse_name='review_id', string="To Talk About",
        domain=[('kind', '=', 'point')], copy=False)
    decision_ids = fields.One2many(
        comodel_name='customer.review.decision', inverse_name='review_id', string="Decisions", copy=False)
    success_count = fields.Integer(string="Successes", compute='_compute_counts')
    shortfall_count = fields.Integer(string="Shortfalls", compute='_compute_counts')
    decision_count = fields.Integer(compute='_compute_counts')
    summary = fields.Html(copy=False, help="What the account manager says to it.")
    drafted_on = fields.Date(readonly=True, copy=False)
    dropped = fields.Json(readonly=True, copy=False, help="Drafted findings that somebody took out; they don't come back.")
    problem = fields.Char(readonly=True, copy=False, help="What could not be looked up.")
    # the meeting
    attendee_ids = fields.Many2many(comodel_name='res.users', string="People", domain=[('share', '=', False)],
        help="Who takes part sees the review, and writes into it.")
    agenda = fields.Html()
    minutes = fields.Html(copy=False)
    event_id = fields.Many2one(
        comodel_name='calendar.event', string="Meeting", readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    meeting_at = fields.Datetime(string="Takes Place", copy=False)
    meeting_hours = fields.Float(required=True, default=1.0)
    done_on = fields.Date(readonly=True, copy=False)

    _plan_uniq = models.UniqueIndex(
        "(plan_id, plan_key) WHERE plan_id IS NOT NULL", "The rhythm made a review of this time already.")
    _dates = models.Constraint('CHECK (date_end >= date_start)', "The time that is looked back at ends before it begins.")
    _hours = models.Constraint(
        'CHECK (meeting_hours > 0 AND meeting_hours <= 24)', "A meeting takes more than 0 and at most 24 hours.")
    event_start = fields.Datetime(related='event_id.start', string="In the Calendar", compute_sudo=True)
    event_differs = fields.Boolean(
        compute='_compute_event_differs', help="Time or people changed after the invitations were sent.")

    @api.model
    def _last_month(self):
        return fields.Date.subtract(fields.Date.context_today(self), months=1)

    @api.constrains('scope', 'user_id', 'team_id')
    def _check_whose(self):
        for review in self:
            if review.scope == 'user' and not review.user_id:
                raise ValidationError(self.env._("Please say whose customers the review is about: choose an account manager."))
            if review.scope == 'team' and not review.team_id:
                raise ValidationError(self.env._("Please choose the team whose customers the review is about."))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('kind', 'scope', 'user_id', 'team_id', 'company_id', 'date_start', 'date_end')
    @api.depends_context('lang')
    def _compute_name(self):
        for review in self:
            if not review._origin or not review.name:
                review.name = review._make_name()

    def _make_name(self, what=''):
        """Return a name: what it is, of when, and whose.

        :param str what: default: the kind
        """
        self.ensure_one()
        kinds = dict(self._fields['kind']._description_selection(self.env))
        whose = {'user': self.user_id, 'team': self.team_id, 'company': self.company_id}.get(self.scope)
        name = whose and whose.sudo().name  # a name is no secret
        return " · ".join(part for part in (what or kinds.get(self.kind), self._period_name(), name) if part)

    def _period_name(self):
        """Return the time that is looked back at: a month, a quarter, a year or its days."""
        start, end = self.date_start, self.date_end
        if not start or not end:
            return ''
        for months, skeleton in ((1, 'yMMMM'), (3, 'yQQQ'), (12, 'y')):
            last = fields.Date.subtract(fields.Date.add(start, months=months), days=1)
            if start.day == 1 and end == last and (start.month - 1) % months == 0:
                return day_text(self.env, start, skeleton)
        return f'{format_date(self.env, start)} – {format_date(self.env, end)}'

    @api.depends('line_ids.kind', 'decision_ids')
    def _compute_counts(self):
        lines = {(review, kind): count for review, kind, count in self.env['customer.review.line']._read_group(
            [('review_id', 'in', self.ids), ('more', '=', 0)], ['review_id', 'kind'], ['__count'])}
        rest = {(review, kind): count for review, kind, count in self.env['customer.review.line']._read_group(
            [('review_id', 'in', self.ids), ('more', '!=', 0)], ['review_id', 'kind'], ['more:sum'])}
        decisions = dict(self.env['customer.review.decision']._read_group(
            [('review_id', 'in', self.ids)], ['review_id'], ['__count']))
        for review in self:
            for kind in ('success', 'shortfall'):
                key = review._origin, kind
                review[f'{kind}_count'] = lines.get(key, 0) + rest.get(key, 0)
            review.decision_count = decisions.get(review._origin, 0)

    @api.onchange('kind')
    def _onchange_kind(self):
        """A new meeting gets the agenda of the rhythm of its kind."""
        if not self._origin:
            plan = self._usual_plan()
            self.agenda = plan.agenda
            self.scope = plan.scope or self.scope
            self.meeting_hours = plan.hours or self.meeting_hours

    @api.onchange('scope')
    def _onchange_scope(self):
        if self.scope == 'team' and not self.team_id:
            self.team_id = self.user_id.customer_team_id

    def _usual_plan(self):
        """Return the rhythm that this review follows, or that reviews of its kind usually follow."""
        return self.plan_id or self.env['customer.review.plan'].search([
            ('kind', '=', self.kind), ('company_id', 'in', (False, self.company_id.id))], limit=1)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse what only methods keep, and customers that the user does not look after."""
        self._guard({name for vals in vals_list for name in vals})
        reviews = super().create(vals_list)
        reviews._check_scope()
        return reviews

    def write(self, vals):
        """Keep what methods keep from people, and a review that is done as it is."""
        self._guard(vals)
        if self._is_guarded() and vals.keys() - ALWAYS_OPEN - {'id'}:
            self._check_open_for_changes()
        if SCOPE_FIELDS & vals.keys():
            self._check_scope()
        result = super().write(vals)
        if SCOPE_FIELDS & vals.keys():
            self._check_scope()
        return result

    def _open_to_people(self):
        return super()._open_to_people() - KEPT

    def _say_kept(self, names):
        return self.env._(
            "These fields of a review can't be written: %(names)s. Use the buttons of the review instead.", names=names)

    def _check_open_for_changes(self):
        """Refuse to change reviews that are done."""
        if closed := self.filtered(lambda review: review.state != 'draft'):
            raise UserError(self.env._(
                "%(review)s is closed. Open it again to change something.", review=closed[0].display_name))

    def _check_scope(self):
        """Refuse reviews of customers that the user does not look after: a draft says something about each of them."""
        user = self.env.user
        if self.env.su or user.has_group('customer_success.group_customer_success_manager'):
            return
        leads = user.has_group('customer_success.group_customer_success_leader')
        for review in self.sudo():  # teams of others are hidden from users
            own = review.scope == 'user' and review.user_id == user
            team = review.user_id.customer_team_id if review.scope == 'user' else review.team_id
            if not own and not (leads and review.scope != 'company' and team.user_id == user):
                raise AccessError(self.env._(
                    "A review looks at customers: you can make one of your own customers, a team leader of the team's, a "
                    "manager of all."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_prepared(self):
        if prepared := self.filtered('plan_id'):
            raise UserError(self.env._(
                "%(review)s belongs to the rhythm “%(plan)s”, which would make it anew. Leave it out instead.",
                review=prepared[0].display_name, plan=prepared[0].plan_id.name))

    def _attendee_names(self):
        """Return who is to be there besides whoever leads the review, for the sheet."""
        return listed(self.env, self.attendee_ids.mapped('name'))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_draft_lines(self):
        """Draft the findings from the data anew; what somebody changed, added or took out stays so."""
        self._lock_state('draft')
        self._check_scope()
        self._draft_lines()
        return True

    def action_done(self):
        """Close these reviews: nothing changes any more, and they are nobody's task."""
        self._lock_state('draft')
        self._keep({'state': 'done', 'done_on': fields.Date.context_today(self)})
        self._close_tasks()
        self._tell_event()
        return True

    def action_cancel(self):
        """Leave these reviews out, this time."""
        self._lock_state('draft')
        self._keep({'state': 'cancelled'})
        self._close_tasks()
        return True

    def action_reopen(self):
        """Open reviews again that were done or left out."""
        self._lock_state('done', 'cancelled')
        self._keep({'state': 'draft', 'done_on': False})
        self._tell_event()
        return True

    def _tell_event(self):
        """Have the customers planned that these reviews are about, which were held, or were not after all."""
        reviews = self.sudo()  # customers of everybody
        self.env['customer.cadence.event']._happened(
            ('review',),
            (reviews.line_ids.partner_id | reviews.decision_ids.partner_id).ids)

    def _lock_state(self, *states):
        """Refuse to go on with reviews that somebody closed or opened meanwhile.

        :param states: those in which it goes on
        """
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        if changed := self.filtered(lambda review: review.state not in states):
            names = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(review)s is in the state “%(state)s” by now. Reload the page to see who did what.",
                review=changed[0].display_name, state=names[changed[0].state]))

    # ------------------------------------------------------------
    # ACTIVITIES
    # ------------------------------------------------------------

    def _open_tasks(self):
        """Give whoever writes or leads these reviews an activity, without an email for each."""
        self._create_tasks('review', [
            (review, writer, review.planned_on, review.with_context(lang=writer.lang)._say_task(), None)
            for review in self if (writer := review._writer())])

    def _say_task(self):
        """Return what is to be done about this review."""
        if self.kind == 'monthly':
            return self.env._("Look through the draft and say what you make of it")
        return self.env._("Prepare the meeting and invite people")

    def _close_tasks(self):
        """Close the activities that the addon or the meeting made."""
        meetings = self.sudo().event_id  # of whoever invited
        invitations = self.env['mail.activity'].sudo().search([  # also those of colleagues
            ('res_model', '=', 'customer.review'), ('res_id', 'in', self.ids), ('calendar_event_id', 'in', meetings.ids)])
        self._tasks().unlink()
        invitations.exists().action_done()

    @api.depends('event_id.start', 'event_id.stop', 'event_id.partner_ids', 'meeting_at', 'meeting_hours', 'attendee_ids',
                 'user_id')
    def _compute_event_differs(self):
        for review in self:
            event = review.sudo().event_id  # of whoever invited
            review.event_differs = bool(event) and (
                not event.active or event.start != review.meeting_at or event.stop != review._meeting_end()
                or event.partner_ids != review._meeting_people())

    def _meeting_end(self):
        """Return when the meeting is over."""
        self.ensure_one()
        return self.meeting_at and self.meeting_at + timedelta(minutes=round(self.meeting_hours * 60))

    def _meeting_people(self):
        """Return who is invited: the people of the review and whoever leads it."""
        self.ensure_one()
        return (self.attendee_ids + self.user_id).sudo().partner_id  # colleagues, whose addresses are no secret

    def _attendee_names(self):
        """Return who is to be there besides whoever leads the review, for the sheet."""
        return listed(self.env, self.attendee_ids.mapped('name'))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_schedule(self):
        """Put the meeting into the calendars of its people, or move it there; Odoo sends the invitations."""
        self._lock_state('draft')
        for review in self:
            if not review.meeting_at:
                raise UserError(self.env._("Please say when the meeting takes place."))
            if not review._meeting_people():
                raise UserError(self.env._("Please say who takes part in the meeting."))
            values = review._event_values()
            # whether there is one is for everybody to know; it is changed as the user, by the calendar's own rules
            known = review.sudo().event_id
            event = known.with_env(self.env)
            if known.active:
                event.write(values)
            else:
                event = self.env['calendar.event'].create({
                    **values, 'user_id': self.env.uid, 'res_id': review.id,
                    'res_model_id': self.env['ir.model']._get_id('customer.review')})
                review.sudo().event_id = event  # people don't write the link
        self._close_preparation()
        return True

    def _event_values(self):
        """Return the values of the calendar event for the meeting."""
        self.ensure_one()
        return {
            'name': self.name, 'start': self.meeting_at, 'stop': self._meeting_end(), 'allday': False,
            'duration': self.meeting_hours,  # or Odoo keeps the old one when an event with an activity moves
            'description': self._event_description(), 'partner_ids': [Command.set(self._meeting_people().ids)],
        }

    def _event_description(self):
        """Return the agenda, with a link to the review."""
        self.ensure_one()
        link = Markup('<p><a href="%s/odoo/customer-reviews/%s">%s</a></p>') % (
            self.get_base_url(), self.id, self.env._("Findings, minutes and decisions"))
        return link if is_html_empty(self.agenda) else self.agenda + link

    def _close_preparation(self):
        """Whoever invited has prepared the meeting: the task of the addon is done."""
        self._tasks().unlink()

    def action_open_event(self):
        """Open the meeting in the calendar."""
        self._customer_one()
        return self.event_id._customer_open()

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _writer(self):
        """Return who writes a summary or leads a meeting: whom it is for, or who does it for one who left.

        The summary of an account manager who left stays that one's, and is for whoever looks after the customers now.

        :rtype: res.users, may be empty
        """
        self.ensure_one()
        responsibility, user = self.env['customer.responsibility'], self.user_id
        if not user or responsibility._is_able(user, self.company_id):
            return user
        if self.scope == 'user':
            return responsibility._owner('manager', user, self.company_id)
        return self.env['customer.review.plan']._leader(self.team_id.sudo().user_id, self.company_id)  # other teams' too

    @api.model
    def _follow_people(self, users=None):
        """Give what is open of people who left to whoever does it now: the meeting, and the task.

        :param users: res.users; only what is theirs, default: that of all who can't do it any more
        :return: the reviews that somebody else does now
        """
        # for the leader, whoever administers users; whoever gets something is told by the task
        drafts = self.sudo().with_context(mail_auto_subscribe_no_notify=True).search(
            [('state', '=', 'draft'), ('user_id', 'in', users.ids) if users is not None else ('user_id', '!=', False)])
        able = self.env['customer.responsibility']._able_pairs(drafts.user_id.ids)
        left = drafts.filtered(lambda review: (review.user_id.id, review.company_id.id) not in able)
        for review in left:
            if (writer := review._writer()) and review.scope != 'user':
                review.write({'user_id': writer.id, 'attendee_ids': [Command.unlink(review.user_id.id), Command.link(writer.id)]})
        left._hand_over_tasks('review', lambda review: review._writer(), lambda own: own._say_task())
        return left

    @api.model
    def _follow_leader(self, teams):
        """Give the meetings of teams that have another leader to that one, as far as the former one was to lead them.

        :param teams: dict of crm.team and the res.users who led it
        :return: the reviews that somebody else does now
        """
        moved = self.browse()
        for team, former in teams.items():
            leader = self.env['customer.review.plan']._leader(team.user_id, team.company_id or former.company_id)
            if not former or not leader or leader == former:
                continue
            drafts = self.sudo().with_context(mail_auto_subscribe_no_notify=True).search([  # as above
                ('state', '=', 'draft'), ('scope', '=', 'team'), ('team_id', '=', team.id), ('user_id', '=', former.id)])
            drafts.write({'user_id': leader.id, 'attendee_ids': [Command.link(leader.id)]})
            moved += drafts
        moved._hand_over_tasks('review', lambda review: review._writer(), lambda own: own._say_task())
        return moved

    # ------------------------------------------------------------
    # DRAFT
    # ------------------------------------------------------------

    @api.model
    def _topics(self):
        """Return what reviews look at that is more than a fact of the catalogue.

        **Other wings and addons add what they know as facts** that ask to be told (``customer.fact._facts``,
        ``Fact.review``), and extend this only where that is not enough: ``return super()._topics() | {'name':
        ReviewTopic(…)}``. ``sql`` is given the name of a relation with a row per review and customer: ``review_id``,
        ``partner_id``, the days ``start`` to ``stop`` that are looked back at, at most until ``today``, and
        ``warning_days``, after which something is open for long, the ``revenue`` until ``stop`` and whether it was
        ``managed`` then. A topic tells how things stood at the end of ``stop``, however long ago that is: what came later is
        not known to it. Drafted anew, a review of the time says the same.

        :rtype: dict[str, ReviewTopic]
        """
        return self.env['customer.review.topics']._topics() | self.env['customer.review.topics.customer']._topics()

    @api.model
    def _known_topics(self):
        """Return all that reviews look at: the topics of :meth:`_topics`, and the facts that ask to be told."""
        return self._topics() | self.env['customer.review.topics.fact']._topics()

    def _draft_lines(self):
        """Draft the findings of these reviews from the data; what somebody changed, added or took out stays so.

        A topic that can't be looked up is left out and named on the reviews; the others go on.

        :return: number of topics that could not be looked up
        :rtype: int
        """
        if not self:
            return 0
        drafter = self.env['customer.review.drafter']
        reviews = self.sudo()  # figures are over all customers of the review, also of colleagues
        rules = drafter._draft_rules(reviews)
        covered = drafter._cover(reviews, rules)
        reviews.env['customer.review.standing']._stand(reviews, covered)
        topics = sorted(self._known_topics().items(), key=lambda item: item[1].sequence)
        values, failed = [], []
        for name, topic in topics:
            try:
                with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                    values += drafter._draft_topic(reviews, name, topic, covered, rules)
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                raise  # another process has it
            except Exception:
                _logger.exception("The topic %s of reviews can't be looked up and is left out.", name)
                failed.append(name)
        drafter._replace_lines(reviews, drafter._most_important(reviews, values, rules))
        reviews.write({
            'drafted_on': fields.Date.context_today(self),
            'problem': bool(failed) and self.env._("Not looked up: %(topics)s", topics=listed(
                self.env, map(self.env['customer.review.topics.fact']._topic_name, failed)))})
        return len(failed)

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_prepare(self):
        """Make what is due and not there yet, one transaction per rhythm and company; draft anew what was drafted before its
        time was over.

        Of a rhythm only the last occasion is made: after a month of standstill one summary is missing, and comes.
        """
        with self.env['customer.run']._measure('review') as run:
            def prepare(work):
                reviews, failed = self.env['customer.review.preparer']._prepare(*work[0])
                run['done'] += len(reviews)
                run['failed'] += failed

            self.env['customer.routine']._work_through(self.env['customer.review.preparer']._due_work(), prepare)
            self._follow_people()
            run['failed'] += self.env['customer.review.preparer']._draft_early()
            run['note'] = self.env._("reviews prepared: %(count)s", count=run['done'])
