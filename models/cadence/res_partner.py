from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.local_text import labelled
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_contact_date import BY_DATE, COLUMNS, FEW, MANY, WAYS
from .selection_order import order_by_selection

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
    # of customers of colleagues: what the record rules hide is theirs, not "none"
    customer_contacts_hidden = fields.Boolean(
        compute='_compute_customer_contact', search='_search_customer_contacts_hidden',
        help="A colleague looks after it, and what was said and is planned is for that one to see.")
    customer_with = fields.Char(compute='_compute_customer_with')
    customer_tell_label = fields.Char(compute='_compute_customer_tell_label')

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends_context('uid', 'tz', 'lang')
    @api.depends(
        'user_id', 'company_id', 'customer_followup_ids.state', 'customer_followup_ids.date_planned',
        'customer_followup_ids.date_limit', 'customer_pause_ids.date_from', 'customer_pause_ids.date_to',
        'customer_do_not_contact')
    def _compute_customer_contact(self):
        reader = self.env['customer.contact.reader']
        rows = reader._contacts(self) if self.env['customer.followup'].has_access('read') else False
        for partner in self:
            last_id, day, channel_id, feedback, next_id, planned, next_channel_id, limit, paused, stopped, hidden = (
                rows and rows.get(partner._origin.id) or (False,) * 11)
            partner.customer_last_followup_id = last_id
            partner.customer_last_contact = day
            partner.customer_last_text = last_id and reader._describe_last(day, channel_id, feedback)
            partner.customer_next_followup_id = next_id
            partner.customer_next_contact = planned
            partner.customer_next_text = next_id and reader._describe_next(planned, next_channel_id)
            partner.customer_paused_until = paused
            partner.customer_contacts_hidden = hidden
            partner.customer_contact_state = rows is not False and (
                'stopped' if stopped else 'paused' if paused else 'colleague' if hidden and not next_id
                else reader._state(next_id, planned, limit))

    def _customer_heard_on(self):
        """Return the day on which somebody last spoke with this customer, before that the day on which it came."""
        self.ensure_one()
        self.env['customer.followup'].flush_model(['partner_id', 'state', 'contact_day', 'outcome'])
        self.flush_recordset(['customer_managed_since'])
        [[day]] = self.env.execute_query(SQL(
            "SELECT %s FROM res_partner p WHERE p.id = %s", self.env['customer.segmenter']._heard_on_sql(), self.id))
        return day

    def _search_customer_contacts_hidden(self, operator, value):
        if operator != 'in':
            return NotImplemented
        hidden = Domain.custom(to_sql=lambda model, alias, query: model.env['customer.contact.state']._hidden_sql(alias))
        return Domain.OR(hidden if wanted else ~hidden for wanted in value)

    @api.depends('customer_contacts_hidden', 'user_id')
    @api.depends_context('uid', 'lang')
    def _compute_customer_with(self):
        for partner in self:
            partner.customer_with = partner.customer_contacts_hidden and self.env._(
                "With %(manager)s", manager=self.env['customer.colleague']._looked_after_by(partner))

    @api.depends('user_id')
    @api.depends_context('uid', 'lang')
    def _compute_customer_tell_label(self):
        worked_with = self._filtered_worked_with()
        for partner in self:
            partner.customer_tell_label = partner not in worked_with and self.env._(
                "Tell %(manager)s", manager=self.env['customer.colleague']._looked_after_by(partner))

    # ------------------------------------------------------------
    # SORTED, SEARCHED AND GROUPED BY CONTACTS
    # ------------------------------------------------------------

    def _customer_field_to_sql(self, alias, field_name, query=None):
        states = self.env['customer.contact.state']
        if field_name in COLUMNS:
            return (self.env['customer.contact.date']._value_sql(alias, field_name, query)
                    or states._seen_sql(alias, field_name))
        if field_name == 'customer_contact_state':
            # a query that is asked whether it is true is carried out
            dates = self.env['customer.contact.date']._joined(alias, query) if query is not None else None
            return states._kept_sql(alias, dates) if dates else states._seen_sql(alias, field_name)
        return super()._customer_field_to_sql(alias, field_name, query)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        # where rules hide some of a customer's follow-ups, going through them once for all states is quicker
        if limit and (order or '').strip().startswith('customer_contact_state') \
                and self.env['customer.contact.date']._visible_sql('kept') is not None:
            return self._customer_search_by_selection(domain, offset, limit, order, options)
        if limit and (page := self._search_first_by_contact(domain, offset, limit, order or '', options)) is not None:
            return page
        return super(ResPartner, self._customer_with_many(domain, limit, order or '', options))._search(
            domain, offset=offset, limit=limit, order=order, **options)

    def _customer_with_many(self, domain, limit, order, options):
        """Let the follow-ups that the user may see be gone through once, where a page of many customers is sorted by them."""
        if not limit or MANY in self.env.context or not any(
                term.strip().partition(' ')[0] in (*COLUMNS, 'customer_contact_state') for term in order.split(',')):
            return self
        if self.env['customer.contact.date']._visible_sql('kept') is not None:
            return self
        some = self._search(domain, limit=FEW + 1, **options)
        if len(some) <= FEW:
            return self
        # who opens the list first after a dump was restored would wait for a minute
        self.env['customer.statistics']._keep('res_partner', 'customer_followup')
        return self.with_context(**{MANY: True})

    @api.model
    def _search_first_by_contact(self, domain, offset, limit, order, options):
        """Search a page of customers sorted by the date of a contact among the first ones by that date.

        :param options: further arguments of ``_search``
        :return: the query of the page; None where these do not fill it, and all customers have to be sorted
        """
        name, __, direction = order.split(',')[0].strip().partition(' ')
        first = COLUMNS.get(name), direction.upper() or 'ASC'
        if not first[0] or first[1] not in WAYS or BY_DATE in self.env.context:
            return None
        query = self.with_context(**{BY_DATE: first})._search(domain, offset=offset, limit=limit, order=order, **options)
        dates = query.make_alias(self._table, 'contact_dates')
        if dates not in query._joins:
            return None
        rows = self.env.execute_query(query.select(SQL.identifier(self._table, 'id'), SQL.identifier(dates, first[0])))
        if len(rows) < limit:
            return None
        until = self.env['customer.contact.date']._first_until(*first)
        if until and (rows[-1][1] >= until if first[1] == 'ASC' else rows[-1][1] <= until):
            return None
        return self.browse(row[0] for row in rows)._as_query(ordered=True)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in COLUMNS:
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if alias == self._table and self.env['customer.contact.date']._first_asked():
            dates = self.env['customer.contact.date']._joined(alias, query)
            if dates:
                return SQL("%s %s", SQL.identifier(dates, COLUMNS[field_name]), direction)
        # who has no date is behind the others, whichever way they are sorted
        term = self._field_to_sql(alias, field_name, query)
        query._order_groupby.append(term)
        return SQL("%s %s NULLS LAST", term, direction)

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + ['customer_contact_state']

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec.partition(':')[0] not in (*COLUMNS, 'customer_contact_state'):
            return super()._read_group_groupby(alias, groupby_spec, query)
        # the follow-ups that the user may see are joined once, instead of asked for by each customer
        return super(ResPartner, self.with_context(**{MANY: True}))._read_group_groupby(alias, groupby_spec, query)

    def _read_group_orderby(self, order, groupby_terms, query):
        return order_by_selection(
            super()._read_group_orderby, self, self._get_customer_ordered_selections(), order, groupby_terms, query)

    def _search_customer_last_contact(self, operator, value):
        return self.env['customer.contact.state']._date_domain('contact', operator, value, True)

    def _search_customer_next_contact(self, operator, value):
        return self.env['customer.contact.state']._date_domain('planned', operator, value, False)

    def _search_customer_contact_state(self, operator, value):
        return self.env['customer.contact.state']._state_domain(operator, value)

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

    def _action_tell(self, note=''):
        """Open the dialog that tells whoever looks after this customer something.

        :param str note: what was typed already
        """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("%(tell)s: %(customer)s", tell=self.customer_tell_label, customer=self.name),
            'res_model': 'customer.tell',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_partner_id': self.id, 'default_note': note},
        }

    def customer_tell(self, note):
        """Tell whoever looks after this customer something: as a message on the customer and an activity for today.

        For those who don't work with the customer and can't log a contact; other programs may call it too.

        :param str note: what there is to tell
        :return: id of the message
        :rtype: int
        """
        self._customer_one()
        customer = self.commercial_partner_id
        customer.check_access('read')
        self.env['customer.followup'].check_access('create')
        if not isinstance(note, str) or not note.strip():
            raise ValidationError(self.env._("Please write what there is to tell."))
        return self.env['customer.colleague']._tell(customer, note).id

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
            from, the open ``followups`` that the user may see, the earliest first, by which ``cadence``, in a sentence,
            and ``with``: whose customer it is, where what is planned is hidden
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
            'cadence': self.env['customer.cadence.chooser']._explain_cadence(self.env['customer.planner'], self),
            'with': self.customer_with,
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
        why nothing happens: ``paused_until`` or ``stopped_reason``; ``with``, whose customer it is where its contacts are
        hidden, and ``tell``, what the button says then."""
        strip = super()._customer_strip()
        state = self.customer_contact_state
        strip.update({
            'last': self.customer_last_text,
            'next': self.customer_next_text if state not in ('paused', 'stopped') else False,
            'state': state,
            'state_name': dict(self._fields['customer_contact_state']._description_selection(self.env)).get(state, False),
            'paused_until': state == 'paused' and format_date(self.env, self.customer_paused_until),
            'stopped_reason': state == 'stopped' and self.customer_do_not_contact_reason,
            'with': self.customer_with,
            'tell': self.customer_tell_label,
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
        :param reason: customer.followup.reason, why nobody answered
        :param insight: what was learned, see ``customer.insight._keep_of``
        :param dict approach: what to do otherwise next time: the arguments of ``customer.followup.attempts._change_approach``
        :return: the record of the contact
        """
        self._check_may_log()
        return self.env['customer.contact.logger']._log(
            self, channel, contact_at, feedback, outcome, contact, followup, issue_progress, next_step, next_date,
            next_channel, share_with, meeting, reason, approach, insight)

    def _planning_company(self):
        """Return the company that plans this customer."""
        self.ensure_one()
        return self.env['customer.responsibility']._company_of(self.commercial_partner_id)
