from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.local_text import day_text, labelled
from ..profile.res_partner import GROUP_USER, PREFETCH

#: So many of the next steps are named after a contact was logged.
COMING = 3

#: So many customers that change hands are planned on the spot: whoever gets them finds them in order.
HANDED = 1000


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_cadence_id = fields.Many2one(
        comodel_name='customer.cadence',
        string="Own Cadence",
        copy=False,
        domain=[('is_beside', '=', False)],
        index='btree_not_null',
        ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH,
        help="A cadence for this customer alone. Empty: the cadence of its segment, else of its tier, else the default.",
    )
    customer_cadence_since = fields.Date(readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_do_not_contact = fields.Boolean(
        string="Do Not Contact", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_do_not_contact_reason = fields.Char(
        string="Why Not", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_pause_ids = fields.One2many(
        comodel_name='customer.pause', inverse_name='partner_id', string="Pauses", groups=GROUP_USER)
    customer_followup_ids = fields.One2many(
        comodel_name='customer.followup', inverse_name='partner_id', string="Follow-ups", groups=GROUP_USER)
    customer_open_followup_ids = fields.One2many(
        comodel_name='customer.followup', inverse_name='partner_id', string="Open Follow-ups",
        domain=[('state', '=', 'planned')], groups=GROUP_USER)
    # what people look at; nothing of it is stored, and everybody gets what the own follow-ups give
    customer_last_contact = fields.Date(
        string="Last Contact", compute='_compute_customer_contact', search='_search_customer_last_contact',
        help="The last time somebody was reached.")
    customer_last_followup_id = fields.Many2one(
        comodel_name='customer.followup', compute='_compute_customer_contact')
    customer_last_text = fields.Char(compute='_compute_customer_contact')
    customer_next_contact = fields.Date(
        string="Next Contact", compute='_compute_customer_contact', search='_search_customer_next_contact')
    customer_next_followup_id = fields.Many2one(
        comodel_name='customer.followup', compute='_compute_customer_contact')
    customer_next_text = fields.Char(compute='_compute_customer_contact')
    customer_contact_state = fields.Selection(
        selection=[
            ('overdue', "Overdue"), ('week', "Due this week"), ('track', "On track"), ('paused', "Paused"),
            ('stopped', "Do not contact"), ('colleague', "With a colleague"), ('none', "Nothing planned"),
        ],
        string="Contact State", compute='_compute_customer_contact', search='_search_customer_contact_state')
    customer_paused_until = fields.Date(
        string="Paused Until", compute='_compute_customer_contact')

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends_context('uid', 'tz', 'lang')
    @api.depends(
        'user_id', 'company_id', 'customer_followup_ids.state', 'customer_followup_ids.date_planned',
        'customer_followup_ids.date_limit', 'customer_pause_ids.date_from', 'customer_pause_ids.date_to',
        'customer_do_not_contact')
    def _compute_customer_contact(self):
        rows = self._read_customer_contacts() if self.env['customer.followup'].has_access('read') else False
        for partner in self:
            last_id, day, channel_id, feedback, next_id, planned, next_channel_id, limit, paused, stopped, hidden = (
                rows and rows.get(partner._origin.id) or (False,) * 11)
            partner.customer_last_followup_id = last_id
            partner.customer_last_contact = day
            partner.customer_last_text = last_id and partner._describe_last(day, channel_id, feedback)
            partner.customer_next_followup_id = next_id
            partner.customer_next_contact = planned
            partner.customer_next_text = next_id and partner._describe_next(planned, next_channel_id)
            partner.customer_paused_until = paused
            partner.customer_contacts_hidden = hidden
            partner.customer_contact_state = rows is not False and (
                'stopped' if stopped else 'paused' if paused else 'colleague' if hidden and not next_id
                else self._contact_state(next_id, planned, limit))

    def _customer_heard_on(self):
        """Return the day on which somebody last spoke with this customer, before that the day on which it came."""
        self.ensure_one()
        self.env['customer.followup'].flush_model(['partner_id', 'state', 'contact_day', 'outcome'])
        self.flush_recordset(['customer_managed_since'])
        [[day]] = self.env.execute_query(SQL(
            "SELECT %s FROM res_partner p WHERE p.id = %s", self.env['customer.segmenter']._heard_on_sql(), self.id))
        return day

    def _read_customer_contacts(self):
        """Return the last and the next contact of these partners, of the follow-ups that the user may see.

        They stand on every contact form, so this is one query, and no record is read.

        :return: by partner id: the last contact (id, day, channel id, what was said), the next one (id, day, channel id),
            the earliest limit of all open follow-ups, the last day of a running pause, whether contacts are stopped, and
            whether they are a colleague's and hidden
        :rtype: dict[int, tuple]
        """
        followups, ids = self.env['customer.followup'], self._origin.ids
        if not ids:
            return {}
        self.env['customer.pause'].flush_model()
        self.flush_recordset(['customer_do_not_contact', 'user_id', 'company_id'])
        today = fields.Date.context_today(self)

        query = followups._search(Domain('partner_id', 'in', ids) & (
            Domain('state', '=', 'planned') | Domain('state', '=', 'done') & Domain('qualifies', '=', True)))
        columns = ('id', 'partner_id', 'state', 'contact_at', 'contact_day', 'channel_id', 'feedback', 'date_planned',
                   'date_limit')
        rows = self.env.execute_query(SQL(
            """WITH f AS (%(visible)s)
             SELECT p.id, last.id, last.contact_day, last.channel_id, last.feedback,
                    coming.id, coming.date_planned, coming.channel_id, coming.earliest,
                    (SELECT max(date_to) FROM customer_pause
                      WHERE partner_id = p.id AND date_from <= %(today)s AND date_to >= %(today)s),
                    p.customer_do_not_contact, %(hidden)s
               FROM res_partner p
  LEFT JOIN LATERAL (SELECT * FROM f WHERE f.partner_id = p.id AND f.state = 'done'
                   ORDER BY f.contact_at DESC, f.id DESC LIMIT 1) AS last ON TRUE
  LEFT JOIN LATERAL (SELECT f.*, min(f.date_limit) OVER () AS earliest
                       FROM f WHERE f.partner_id = p.id AND f.state = 'planned'
                   ORDER BY f.date_planned, f.id LIMIT 1) AS coming ON TRUE
              WHERE p.id = ANY(%(ids)s)""",
            visible=query.select(*(followups._field_to_sql(query.table, name, query) for name in columns)),
            ids=ids, today=today, hidden=self._customer_hidden_sql('p')))
        return {row[0]: tuple(value or False for value in row[1:]) for row in rows}

    def _describe_last(self, day, channel_id, feedback):
        """Return the last contact in a line: how, how long ago, what was said."""
        # where the colleague was, it may be tomorrow already
        days = max((fields.Date.context_today(self) - day).days, 0)
        ago = (self.env._("today") if not days else self.env._("yesterday") if days == 1
               else self.env._("%(days)s days ago", days=days))
        said = (feedback or '').strip().split('\n')[0]
        values = {'channel': self.env['customer.channel']._get_names()[channel_id], 'ago': ago, 'said': said}
        return self.env._("%(channel)s, %(ago)s: “%(said)s”", **values) if said else self.env._(
            "%(channel)s, %(ago)s", **values)

    def _describe_next(self, day, channel_id):
        """Return the next contact in a line: how, and when."""
        return self.env._(
            "%(channel)s on %(day)s", channel=self.env['customer.channel']._get_names()[channel_id],
            day=self._short_day(day))

    @api.model
    def _short_day(self, day):
        """Return a day with its weekday, the way the language writes it short: Tue, Dec 22 or 12月22日周二."""
        return day_text(self.env, day, 'MMMEd')

    def _describe_coming(self):
        """Return what is planned next with this customer, in a sentence: the touchpoint of the cadence and what was agreed.

        It is made of the follow-ups that the user may see.
        """
        self.ensure_one()
        followups = self.env['customer.followup'].search(
            Domain('partner_id', '=', self.id) & Domain('state', '=', 'planned'), order='date_planned, id', limit=COMING)
        steps = ''
        for followup in followups:
            what = followup.name if not followup.step_id else False
            step = self.env._("%(what)s on %(day)s", what=what, day=self._short_day(followup.date_planned)) if what else (
                self._describe_next(followup.date_planned, followup.channel_id.id))
            steps = self.env._("%(steps)s; %(step)s", steps=steps, step=step) if steps else step
        return self.env._("Next: %(steps)s", steps=steps) if steps else self.env._("Nothing further is planned")

    @api.model
    def _contact_state(self, followup_id, planned, limit):
        """Return how we stand with a customer that is neither paused nor to be left alone.

        :param followup_id: the next open follow-up, if any
        :param planned: its day
        :param limit: the earliest day on which an open follow-up becomes overdue
        """
        today = fields.Date.context_today(self)
        if not followup_id:
            return 'none'
        if limit and limit < today:
            return 'overdue'
        return 'week' if planned and planned <= fields.Date.end_of(today, 'week') else 'track'

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {'customer_do_not_contact', 'customer_do_not_contact_reason'}

    @api.model
    def _get_customer_worked_fields(self):
        return super()._get_customer_worked_fields() | {'customer_cadence_id'}

    @api.model
    def _customer_planning_fields(self):
        """Return the fields that move follow-ups."""
        return {
            'user_id', 'company_id', 'customer_cadence_id', 'customer_do_not_contact', 'email', 'phone', 'country_id',
            'customer_expert_id'}

    @api.model_create_multi
    def create(self, vals_list):
        since = {'customer_cadence_since': fields.Date.context_today(self)}
        return super().create([{**since, **vals} if vals.get('customer_cadence_id') else vals for vals in vals_list])

    def write(self, vals):
        if vals.get('customer_cadence_id'):
            # who has it already has it since then
            others = self.sudo().filtered(lambda partner: partner.customer_cadence_id.id != vals['customer_cadence_id'])
            if others:
                super(ResPartner, others.with_env(self.env)).write({
                    'customer_cadence_since': fields.Date.context_today(self)})
        watched = self._customer_planning_fields() & vals.keys()
        # a seller who changes the salesperson changes whose follow-ups they are
        planned = self.sudo().filtered(
            lambda partner: partner.customer_managed or partner.customer_open_followup_ids
            or 'customer_do_not_contact' in vals) if watched else self.sudo().browse()  # what was agreed on is open again
        before = planned._customer_planning_state(watched)
        result = super().write(vals)
        planned._customer_replan_changed(watched, before)
        return result

    def _update_address(self, vals):
        """An address that follows that of a group, past `write`, moves follow-ups like one that somebody typed."""
        watched = self._customer_planning_fields() & vals.keys()
        # whoever changes the address above or below has perhaps no right on these customers
        customers = self.sudo() if watched else self.browse()
        planned = customers.filtered(lambda partner: partner.customer_managed or partner.customer_open_followup_ids)
        before = planned._customer_planning_state(watched)
        result = super()._update_address(vals)
        planned._customer_replan_changed(watched, before)
        return result

    def _customer_replan_changed(self, names, before):
        """Plan those of these partners anew of whom something changed that moves follow-ups.

        :param names: see :meth:`_customer_planning_state`
        :param before: what it was before
        """
        now = self._customer_planning_state(names)
        self.env['customer.plan.request']._request(
            [partner_id for partner_id in now if now[partner_id] != before[partner_id]],
            **({'at_once': HANDED} if 'user_id' in names else {}))

    def _customer_planning_state(self, names):
        """Return what moves follow-ups of these partners: what stands in some fields; of an address only whether its owner
        wants to be left alone there.

        :param names: of fields, see :meth:`_customer_planning_fields`
        :rtype: dict[int, tuple]
        """
        opted_out, plain = set(), sorted(names - {'email', 'phone'})
        for name, model in (('email', 'mail.blacklist'), ('phone', 'phone.blacklist')):
            column, field = self.env[model]._opt_out_fields
            if name in names and (addresses := [address for address in self.mapped(field) if address]):
                opted_out |= set(self.env[model].search([(column, 'in', addresses)]).mapped(column))
        return {partner.id: (*(partner[name] for name in plain), partner.email_normalized in opted_out,
                             partner.phone_sanitized in opted_out) for partner in self}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_log(self):
        """Open the dialog that logs a contact with this customer."""
        self._customer_one()
        return self.commercial_partner_id._action_log(contact=self)

    def _customer_stops(self, day):
        """Return why this customer should not be contacted on a day at all, in sentences; none where it may be.

        :param date day: the day asked about
        :rtype: list[str]
        """
        self.ensure_one()
        customer = self.sudo()  # that somebody wants to be left alone is for everybody to know
        if customer.customer_do_not_contact:
            return [self.env._(
                "Do not contact %(customer)s: %(reason)s", customer=self.display_name,
                reason=customer.customer_do_not_contact_reason or self.env._("no reason is noted"))]
        pauses = customer.customer_pause_ids.filtered(lambda pause: pause.date_from <= day <= pause.date_to)
        return [self.env._(
            "%(customer)s is paused until %(day)s: %(reason)s", customer=self.display_name,
            day=format_date(self.env, pause.date_to), reason=labelled(self.env, pause.reason_id.name, pause.note))
            for pause in pauses.sorted('date_to', reverse=True)[:1]]

    def _due_promise(self):
        """Return the agreed next step with this customer that is due, the earliest, of those that the user may see."""
        return self.env['customer.followup'].search(
            Domain('partner_id', '=', self.id) & Domain('state', '=', 'planned') & Domain('anchor_kind', '=', 'promise')
            & Domain('date_planned', '<=', fields.Date.context_today(self)), order='date_planned, id', limit=1)

    def _action_log(self, followup=None, contact=None):
        """Open the dialog that logs a contact, for a follow-up or for the agreed next step that is due. Where that would be
        refused, open the one that tells whoever looks after the customer."""
        self.ensure_one()
        if not self._filtered_worked_with():
            return self._action_tell()
        followup = followup or self._due_promise()
        context = {'default_partner_id': self.id, 'default_followup_id': followup.id if followup else False}
        if contact and contact != self:
            context['default_contact_id'] = contact.id
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Log a contact: %(customer)s", customer=self.name),
            'res_model': 'customer.followup.log',
            'view_mode': 'form',
            'views': [(False, 'form')],  # also called by the panel of the form, past the button that would add them
            'target': 'new',
            'context': {**{key: value for key, value in self.env.context.items() if key.startswith('customer_')}, **context},
        }

    def action_customer_pause(self):
        """Open the dialog that pauses these customers or stops contacting them."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Pause or stop contacts"),
            'res_model': 'customer.pause.wizard',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_partner_ids': self.commercial_partner_id.ids},
        }

    def action_customer_resume(self):
        """End the pauses of these customers, and contact them again."""
        self.commercial_partner_id._check_may_log()
        # whoever works with the customer may end what a colleague began
        self.sudo().customer_pause_ids.filtered_domain(self.env['customer.pause']._running_domain())._end()
        # whoever may log contacts may take them up again; the fields are not for writing
        self.filtered('customer_do_not_contact').sudo().write({
            'customer_do_not_contact': False, 'customer_do_not_contact_reason': False})
        return True

    def action_view_customer_followups(self):
        """Open the follow-ups of this customer, the history included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_followup_action')
        customers = self.commercial_partner_id
        action['domain'] = [('partner_id', 'in', customers.ids)]
        action['context'] = {'default_partner_id': customers.id} if len(customers) == 1 else {}
        return action

    @api.readonly
    def get_customer_relationship(self):
        """Return what the tab *Relationship* shows when it is opened.

        :return: the decision chain (see ``customer.seat._chart``) and the open insights (see ``customer.insight._panel``),
            ``completeness`` in percent and ``missing`` data of the file, the ``service`` that suits the demand type,
            the ``figures`` that the tier follows from as pairs of label and value, the ``segment`` with what it follows
            from, the open ``followups`` that the user may see, the earliest first, and by which ``cadence``, in a sentence
        :rtype: dict
        """
        self._customer_one()
        if not self.customer_managed:
            return {}
        return {
            'completeness': self.customer_completeness,
            'missing': self.customer_missing,
            'service': self.customer_demand_service,
            'figures': self._describe_figures(),
            'segment': self._describe_segment(),
            'cadence': self.env['customer.planner']._explain_cadence(self),
            **self.env['customer.seat']._chart(self),
            **self.env['customer.insight']._panel(self),
            'followups': [{
                'id': followup.id,
                'what': followup.name or followup.step_id.name or followup.channel_id.name,
                'date': fields.Date.to_string(followup.date_planned),
                'overdue': followup.due_state == 'overdue',
                'why': followup.move_note or '',
                'channel': followup.channel_id.name,
                'icon': followup.channel_id.icon,
                'user': followup.user_id.name or '',
            } for followup in self.env['customer.followup'].search(
                [('partner_id', '=', self.id), ('state', '=', 'planned')], order='date_planned, id')],
        }

    def _customer_strip(self):
        """Add the ``last`` and the ``next`` contact in a line each, the ``state`` we are in with its ``state_name``, and
        why nothing happens: ``paused_until`` or ``stopped_reason``."""
        strip = super()._customer_strip()
        state = self.customer_contact_state
        strip.update({
            'last': self.customer_last_text,
            'next': self.customer_next_text if state not in ('paused', 'stopped') else False,
            'state': state,
            'state_name': dict(self._fields['customer_contact_state']._description_selection(self.env)).get(state, False),
            'paused_until': state == 'paused' and format_date(self.env, self.customer_paused_until),
            'stopped_reason': state == 'stopped' and self.customer_do_not_contact_reason,
        })
        return strip

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_may_log(self):
        """Refuse to log contacts with customers, to pause and to stop them, where the user does not work with them."""
        self.env['customer.followup'].check_access('create')
        self._check_works_with()

    @api.model
    def _given_domain(self):
        """Add the customers with something open that the user was given by a plan, an absence or a person."""
        given = Domain('state', '=', 'planned') & Domain('user_id', '=', self.env.uid) & (
            Domain('step_id', '!=', False) & Domain('owner_id', '=', self.env.uid)
            | Domain('absence_id', '!=', False) | Domain('given_by_id', 'not in', [self.env.uid, False]))
        return super()._given_domain() | Domain('customer_followup_ids', 'any', given)

    def _log_contact(
        self, *, channel, contact_at, feedback='', outcome='neutral', contact=None, followup=None, issue_progress='',
        next_step='', next_date=False, next_channel=None, share_with=None, meeting=None, reason=None,
        approach=None, insight=None,
    ):
        """Record a contact with this customer.

        It closes the open follow-up it stands for: the given one, else the open touchpoint for which a contact on this
        channel counts, the same channel first, then the earliest. Contacts without such a touchpoint, attempts without
        an answer and contacts older than what the open follow-up counts from are kept as records of their own. All open
        follow-ups of the customer are then planned anew, successors included.

        :param channel: customer.channel the contact was made on
        :param datetime contact_at: when, in UTC, not in the future
        :param str feedback: what was said
        :param outcome: see ``customer.followup.outcome``; ``no_answer`` does not count as a contact; False where nobody said
        :param contact: res.partner, the person spoken to
        :param followup: the open customer.followup that was worked on, if any
        :param str next_step: what was agreed
        :param date next_date: opens a follow-up for the next step on this day, today or later
        :param next_channel: channel of that follow-up; default: the same
        :param share_with: res.users that are told about the contact
        :param meeting: calendar.event that it is the record of, if any
        :param reason: customer.reason, why nobody answered
        :param insight: what was learned, see ``customer.insight._keep_of``
        :param dict approach: what to do otherwise next time: the arguments of ``customer.followup._change_approach``
        :return: the record of the contact
        """
        self._check_may_log()
        self._check_contact(contact_at, next_step, next_date)
        contact_day = fields.Datetime.context_timestamp(self, contact_at).date()
        reached = outcome != 'no_answer'
        record = self._keep_contact(self._record_of_contact(channel, contact_day, followup, meeting, reached), {
            'channel_id': channel.id, 'contact_id': contact.id if contact else False,
            'contact_at': contact_at, 'contact_day': contact_day, 'feedback': feedback, 'outcome': outcome,
            'qualifies': reached, 'issue_progress': issue_progress, 'next_step': next_step,
            **self._closing_values(contact_at, meeting, None if reached else reason),
        })
        self.env['customer.meeting']._note_recorded(record, meeting)
        if next_date:
            record.sudo().next_followup_id = self._open_next_step(  # columns of the planner are not for people to write
                next_step, next_date, next_channel or channel, contact, record)
        self.env['customer.insight']._keep_of(record, insight)
        if share_with:
            record._share(share_with)
        record._after_close()
        if not reached:
            self._take_approach(record, followup, contact_day, approach)
            record._tell_unanswered()
        return record

    @api.model
    def _check_contact(self, contact_at, next_step, next_date):
        """Refuse contacts to come, and next steps without words or on a day that is past."""
        if contact_at > fields.Datetime.now():
            raise ValidationError(self.env._(
                "This contact lies in the future. Log it when it has taken place, or plan a next step for it."))
        if next_date and not (next_step or '').strip():
            raise ValidationError(self.env._("Please say what the next step on %(day)s is.", day=next_date))
        if next_date and not self.env.su:
            self.env['customer.followup']._check_next_day(fields.Date.to_date(next_date))

    @api.model
    def _closing_values(self, contact_at, meeting, reason):
        """Return the values of a contact that say when and by whom it is recorded, of which meeting, and why nobody answered."""
        return {
            'state': 'done', 'closed_at': fields.Datetime.now(), 'closed_by_id': self.env.uid,
            'recorded_late': self._is_recorded_late(contact_at), **({'meeting_id': meeting.id} if meeting else {}),
            **({'reason_id': reason.id} if reason else {})}

    def _record_of_contact(self, channel, contact_day, followup, meeting, reached):
        """Return the record that a contact is kept in: the one that was made by itself, else the open follow-up that it closes,
        if it closes one."""
        record = self.env['customer.followup']
        if not followup or followup.step_id:
            record = self._counted_record(channel, contact_day, meeting)
        if not record and reached:
            record = self._contact_record(channel, contact_day, followup)
        return record

    def _take_approach(self, record, followup, contact_day, values):
        """Change the next follow-up because nobody answered: the one that was worked on, else the touchpoint that the contact
        would have stood for, else the next one; where nothing is planned, one opens.

        :param record: the attempt
        :param dict values: the arguments of ``customer.followup._change_approach``, or nothing: it stays as it is
        """
        if not values:
            return
        approach = values['approach']
        record.sudo().write({'approach_id': approach.id, 'approach_change': approach.change})  # kept by the planner
        if approach.change == 'stop':
            return
        followups = self.env['customer.followup']
        coming = followup if followup and followup.state == 'planned' else self._contact_record(record.channel_id, contact_day)
        coming = coming or followups.search(
            [('partner_id', '=', self.id), ('state', '=', 'planned')], order='date_planned, id', limit=1)
        if not coming:
            coming = self._open_next_step(
                values['text'] or approach.name, values['day'], values['channel'], values['contact'], record)
        coming._change_approach(**values)
        record.sudo().next_followup_id = coming  # as above

    def _keep_contact(self, record, values):
        """Write a contact into the open follow-up it closes, or into a record of its own, and return that."""
        if record:
            if record.state == 'planned':
                record._check_open()
            record.sudo().write(values)  # the columns of the planner are not for people to write
            return record
        return record.sudo().create({  # as above
            'partner_id': self.id, 'user_id': self.env.uid, 'company_id': self._planning_company().id, **values,
        }).with_env(self.env)

    @api.model
    def _is_recorded_late(self, contact_at):
        """Return whether a contact of that moment is recorded later than the settings allow, if it is recorded now."""
        hours = self.env['res.config.settings']._customer_success('record_hours')
        return fields.Datetime.now() - contact_at > timedelta(hours=hours)

    def _counted_record(self, channel, contact_day, meeting=None):
        """Return the record of this very contact that was made by itself, and of which nobody has told anything yet, or none:
        whoever tells of it completes that, and makes no second one."""
        counted = Domain('partner_id', '=', self.id) & Domain('state', '=', 'done') & Domain('outcome', '=', False) & Domain(
            'counted_by_id', '!=', False)
        same = Domain('channel_id', '=', channel.id) & Domain('contact_day', '=', contact_day)
        if meeting:
            same |= Domain('meeting_id', '=', meeting.id)
        # whoever may log may complete it, whoever is responsible
        found = self.env['customer.followup'].sudo().search(counted & same, limit=1)
        return found.with_env(self.env)

    def _contact_record(self, channel, contact_day, followup=None):
        """Return the open follow-up that a contact closes, or none."""
        if followup and (not followup.step_id or followup._satisfied_by(channel) and (
                not followup.date_anchor or followup.date_anchor <= contact_day)):
            return followup
        candidates = self.env['customer.followup'].search([
            ('partner_id', '=', self.id), ('state', '=', 'planned'), ('step_id', '!=', False),
            ('date_anchor', '<=', contact_day),
        ], order='date_planned, id')._satisfied_by(channel)
        # one that took its fallback channel comes first: what is planned on its own channel is counted anyway
        return candidates.sorted(lambda candidate: (
            candidate.channel_id != channel,
            candidate.channel_id == candidate.step_id.sudo().channel_id))[:1]  # which cadence applies is no secret

    def _open_next_step(self, next_step, next_date, channel, contact, record):
        """Open the follow-up for what was agreed, with the person who agreed on it.

        Who was given what was just done was given what follows of it; what was agreed on while standing in goes back with
        the absence.
        """
        # whoever may log may open it, with what the planner keeps
        return self.env['customer.followup'].sudo().create({
            'partner_id': self.id,
            'company_id': record.company_id.id,
            'contact_id': contact.id if contact else False,
            'channel_id': channel.id,
            'name': next_step,
            'date_planned': next_date,
            'user_id': record.user_id.id or self.env.uid,
            **self._next_step_people(record),
        }).with_env(self.env)

    def _next_step_people(self, record):
        """Return how the next step of a contact came to its person."""
        # the contact may have been recorded for a colleague
        person, values = record.sudo().user_id or self.env.user, {}
        if record.absence_id:
            absent = record.sudo().absence_id.user_id  # who is away is no secret
            values = {'absence_id': record.absence_id.id, 'owner_id': absent.id,
                      'given_by_id': record.given_by_id.id if absent != self.user_id else False}
        elif person != self.user_id and record.given_by_id:
            values = {'given_by_id': record.given_by_id.id}
        return values

    def _planning_company(self):
        """Return the company that plans this customer."""
        self.ensure_one()
        return self.env['customer.responsibility']._company_of(self.commercial_partner_id)
