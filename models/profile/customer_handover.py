from collections.abc import Callable
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..platform.counted import hours, plural
from ..platform.local_text import listed

#: How much of what is open changes hands with a customer.
SCOPES = [
    ('all', "Everything open"),
    ('generated', "Only what comes by itself"),
    ('none', "Nothing: it is finished by whoever has it"),
]

#: Customers named in the message to somebody who gets or gives some.
NAMED = 10


class Kind(NamedTuple):
    """Something of a customer that is open and changes hands with it.

    :param model: name of its model, with ``user_id``
    :param label: function of an environment that says in its language what these are, in the plural
    :param domain: function without parameters: those that are open
    :param generated: whether the addon made it by itself
    :param holder: function of a record: whose it is, whoever does it today; default: the responsible person
    :param noted: whether its own history keeps that it went along
    :param customer: the field that leads to its customer
    :param managed: it only moves with managed customers: who is none is sold to as ever
    """

    model: str
    label: Callable
    domain: Callable
    generated: bool = False
    holder: Callable | None = None
    noted: bool = True
    customer: str = 'partner_id'
    managed: bool = False


class Plan(NamedTuple):
    """How customers change hands; what comes from outside is none of these.

    :param scope: one of :data:`SCOPES`
    :param reason: why
    :param undone: it is taken back: nothing is kept of it, and no item is moved
    :param reasons: why, by id of customer, where it is another one for each
    """

    scope: str
    reason: str = ''
    undone: bool = False
    reasons: dict | None = None


class CustomerHandover(models.Model):
    """A customer that changed hands: from whom to whom, when, who did it, why, and what moved along (PRO-7).

    The one place for it, whichever way the account manager changes: form, list, import, RPC, dialog. ``res.partner`` calls
    :meth:`_begin` before it writes and :meth:`_finish` after. Each wing says in :meth:`_kinds` what of its own moves; all
    is moved kind by kind, for one customer and for five hundred in the same statements:

    - *What is open* and belongs to the account manager, or to whoever does it for one who left. What a colleague was given
      on purpose stays there. What somebody does during an absence belongs to who is away.
    - *How much*, is chosen in the dialog; else the setting holds. Of somebody who left everything moves.
    - Contact persons of the customer get the new salesperson where they had the former one.
    - One message on the customer, and one to each person who got or gave some, however many customers there are.
    """

    _name = 'customer.handover'
    _description = "Hand-over"
    _order = 'moment desc, id desc'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    from_user_id = fields.Many2one(
        comodel_name='res.users', string="From Whom", readonly=True, index='btree_not_null', ondelete='set null')
    to_user_id = fields.Many2one(
        comodel_name='res.users', string="To Whom", readonly=True, index='btree_not_null', ondelete='set null')
    moment = fields.Datetime(string="Handed Over On", required=True, readonly=True, index=True)
    done_by_id = fields.Many2one(comodel_name='res.users', string="Handed Over By", readonly=True, ondelete='set null')
    reason = fields.Char(readonly=True)
    scope = fields.Selection(selection=SCOPES, string="What Moves", required=True, readonly=True)
    moved = fields.Json(
        string="Records That Moved", readonly=True, help="What moved, by kind: id, whose it was, whose it became.")
    moved_text = fields.Char(string="Moved Along", compute='_compute_moved_text')
    state = fields.Selection(
        selection=[('done', "Handed over"), ('undone', "Taken back")], string="Status", default='done', required=True,
        readonly=True)
    undone_by_id = fields.Many2one(comodel_name='res.users', string="Taken Back By", readonly=True, ondelete='set null')
    undone_note = fields.Char(string="Could Not Be Taken Back", readonly=True)
    may_undo = fields.Boolean(compute='_compute_may_undo')
    sheet = fields.Html(compute='_compute_sheet', sanitize=False, help="What whoever takes over has to know.")

    @api.depends('partner_id', 'from_user_id', 'to_user_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for handover in self:
            own = handover.sudo()  # names of colleagues are no secret
            nobody = self.env._("nobody")
            handover.display_name = self.env._(
                "%(customer)s: %(former)s → %(user)s", customer=own.partner_id.display_name,
                former=own.from_user_id.name or nobody, user=own.to_user_id.name or nobody)

    @api.depends('moved')
    @api.depends_context('lang')
    def _compute_moved_text(self):
        for handover in self:
            handover.moved_text = self._say_moved(self.env, {
                name: len(rows) for name, rows in (handover.moved or {}).items()}) or self.env._("nothing was open")

    @api.depends('state', 'moment', 'done_by_id')
    @api.depends_context('uid')
    def _compute_may_undo(self):
        since = self._back_since()
        manager = self.env.user.has_group('customer_success.group_customer_success_manager')
        for handover in self:
            handover.may_undo = handover.state == 'done' and handover.moment >= since and (
                manager or handover.done_by_id == self.env.user)

    @api.depends('partner_id')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_sheet(self):
        for handover in self:
            handover.sheet = handover.partner_id._customer_handover_html()

    # ------------------------------------------------------------
    # WHAT MOVES
    # ------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return what changes hands with a customer, by name; wings add theirs.

        :rtype: dict[str, Kind]
        """
        return {
            'quotation': Kind(
                'sale.order', lambda env: env._("Open quotations"), lambda: Domain('state', 'in', ('draft', 'sent')),
                customer='customer_commercial_id', managed=True),
            'lead': Kind(
                'crm.lead', lambda env: env._("Leads and opportunities"), lambda: Domain('won_status', '=', 'pending'),
                customer='partner_id.commercial_partner_id', managed=True),
        }

    @api.model
    def _customer_of(self, name, record):
        """Return the customer of a record of a kind."""
        return record.mapped(self._kinds()[name].customer)

    @api.model
    def _default_scope(self):
        """Return how much moves where nobody chose."""
        scope = self.env['res.config.settings']._customer_success('handover_scope')
        return scope if scope in dict(SCOPES) else 'all'

    @api.model
    def _open_items(self, partners):
        """Return what is open of these customers and is their account manager's, by kind.

        :rtype: dict[str, records]
        """
        people, items = partners._account_people(), {}
        for name, kind in self._kinds().items():
            own = partners.sudo().filtered('customer_managed') if kind.managed else partners  # hidden from sellers
            # whoever may change the salesperson hands over what is open as well
            records = self.env[kind.model].sudo().search(Domain(kind.customer, 'in', own.ids) & kind.domain())
            holder = kind.holder or (lambda record: record.user_id)
            items[name] = records.filtered(lambda record, name=name, holder=holder: (
                holder(record) <= people[partners.browse(self._customer_of(name, record).id)]))
        return items

    @api.model
    def _split(self, items, scope):
        """Return what moves of what is open, and what stays with whoever has it; of somebody who left nothing stays.

        :param items: see :meth:`_open_items`
        :rtype: tuple[dict[str, records], dict[str, records]]
        """
        kinds, moves, stays = self._kinds(), {}, {}
        for name, records in items.items():
            stays[name] = records.browse()
            if scope == 'none' or scope == 'generated' and not kinds[name].generated:
                stays[name] = records.filtered(
                    lambda record, name=name: not self._customer_of(name, record).customer_nobody_responsible)
            moves[name] = records - stays[name]
        return moves, stays

    @api.model
    def _give(self, name, records, user):
        """Let records of a kind go to somebody, without an email or a message for each; wings do it their way.

        What belongs to a company in which that one does not work goes to who does it there.

        :param str name: of the kind
        :param user: res.users, may be empty
        """
        quiet = records.with_context(mail_auto_subscribe_no_notify=True, mail_notrack=True)
        if 'company_id' not in records._fields or not user:
            quiet.write({'user_id': user.id})
            return
        for company, own in quiet.grouped('company_id').items():
            owner = self.env['customer.responsibility']._owner('manager', user, company) if company else user
            if owner:
                own.write({'user_id': owner.id})

    @api.model
    def _keep_with_former(self, stays, giver):
        """Let what does not move stay with whoever has it, whatever is planned anew; for wings to fill in.

        :param stays: records by kind
        :param giver: res.users who wants it so
        """

    @api.model
    def _given_sql(self, partner_ids=None):
        """Return SQL with each time that somebody began to look after customers: ``partner_id``, ``user_id``, ``moment``. What
        was taken back is not among them.

        :param partner_ids: ids of customers, or None for all
        """
        return SQL(
            """SELECT partner_id, to_user_id AS user_id, moment FROM customer_handover
                WHERE state = 'done' AND to_user_id IS NOT NULL %s""",
            SQL("AND partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL())

    # ------------------------------------------------------------
    # CHANGING HANDS
    # ------------------------------------------------------------

    @api.model
    def _begin(self, partners, vals):
        """Look what changes hands, before another account manager is written.

        :param partners: res.partner
        :param dict vals: what is to be written
        :return: what :meth:`_finish` needs, or None where nobody changes hands
        """
        if 'user_id' not in vals:
            return None
        user = self.env['res.users'].browse(vals['user_id'] or ())
        changed = partners.sudo().filtered(lambda partner: partner.user_id != user)  # as in _open_items
        if not changed:
            return None
        plan = self.env.context.get('customer_handover')
        if not isinstance(plan, Plan):
            plan = Plan(self._default_scope())
        self._refuse(changed, user, plan)
        items = {} if plan.undone else self._open_items(changed)
        moves, stays = self._split(items, plan.scope)
        told = changed.filtered(lambda partner: partner.customer_managed or partner.customer_enrolment == 'enrolled')
        told |= changed.browse(sorted({
            self._customer_of(name, record).id for name, records in items.items() for record in records}))
        return {'plan': plan, 'user': user, 'moves': moves, 'stays': stays, 'told': told,
                'former': {partner: partner.user_id for partner in changed}}

    @api.model
    def _refuse(self, partners, user, plan):
        """Refuse to give customers to somebody who could not open them: by form, by list, by import and by RPC.

        :raises ValidationError: with a sentence that says why
        """
        if self.env.su or plan.undone or not user:
            return
        managed = partners.filtered('customer_managed')
        # where a colleague works
        for company in {partner.company_id or user.sudo().company_id for partner in managed}:
            self.env['customer.responsibility']._check_able(user.id, company.id)

    @api.model
    def _finish(self, begun):
        """Move what is open, keep what was done, and say so on the customers and to the people.

        :param begun: what :meth:`_begin` returned
        """
        plan, user, former, told = begun['plan'], begun['user'], begun['former'], begun['told']
        self._give_contacts(former, user)
        if plan.undone:
            return
        self._keep_with_former(begun['stays'], user if self.env.user in former.values() else self.env.user)
        kept = {partner.id: {} for partner in told}
        for name, rows in self._move(begun['moves'], user).items():
            for partner_id, *row in rows:
                kept[partner_id].setdefault(name, []).append(row)
        # whoever gives customers away need not see them any more
        handovers = self.sudo().create([{
            'partner_id': partner.id, 'from_user_id': former[partner].id, 'to_user_id': user.id,
            'moment': fields.Datetime.now(), 'done_by_id': self.env.uid,
            'reason': (plan.reasons or {}).get(partner.id, plan.reason), 'scope': plan.scope, 'moved': kept[partner.id],
        } for partner in told])
        handovers._say_on_customers()
        handovers._tell_later()

    @api.model
    def _move(self, moves, user):
        """Let what is open go to somebody.

        :param moves: records by kind
        :return: by kind, the customer, the record, whose it was, and whose it became, as ids
        :rtype: dict[str, list[tuple[int, int, int | bool, int | bool]]]
        """
        kinds, result = self._kinds(), {}
        for name, records in moves.items():
            if not records:
                continue
            holder = kinds[name].holder or (lambda record: record.user_id)
            before = {record: holder(record).id for record in records}
            self._give(name, records, user)
            moved = records.filtered(lambda record, before=before: record.user_id.id != before[record])
            if kinds[name].noted:
                self._note_moved(moved)
            result[name] = [
                (self._customer_of(name, record).id, record.id, before[record], record.user_id.id) for record in moved]
        return result

    @api.model
    def _note_moved(self, records):
        """Keep in the history of records that they went along; one statement for all of them."""
        if records and 'message_ids' in records._fields:
            note = self.env._("Changed hands with the customer.")
            records._message_log_batch(dict.fromkeys(records.ids, note))

    @api.model
    def _give_contacts(self, former, user):
        """Let contact persons who had the former salesperson have the new one.

        :param former: dict of res.partner and the res.users who looked after it
        """
        contacts = self.env['res.partner'].sudo().with_context(active_test=False).search([  # as in _open_items
            ('parent_id', 'child_of', [partner.id for partner in former]), ('user_id', '!=', False),
            ('id', 'not in', [partner.id for partner in former])])
        moved = contacts.filtered(lambda contact: former.get(
            self.env['res.partner'].sudo().browse(contact.commercial_partner_id.id)) == contact.user_id)  # as above
        if moved:
            moved.with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True).write({'user_id': user.id})

    # ------------------------------------------------------------
    # SAYING SO
    # ------------------------------------------------------------

    @api.model
    def _say_moved(self, env, counts):
        """Return how much of what moved, in words.

        :param env: of the reader
        :param counts: dict of names of kinds and numbers
        """
        kinds = self._kinds()
        return listed(env, [
            env._("%(what)s: %(count)s", what=kind.label(env), count=counts[name])
            for name, kind in kinds.items() if counts.get(name)])

    def _say_on_customers(self):
        """Keep on each customer, in one message, who looks after it now, and what moved along."""
        bodies = {}
        for handover in self:
            values = {'user': handover.to_user_id.name, 'former': handover.from_user_id.name,
                      'moved': handover.moved_text, 'reason': handover.reason}
            if not handover.to_user_id:
                text = self.env._("%(former)s does not look after this customer any more.", **values)
            elif handover.from_user_id:
                text = self.env._(
                    "%(user)s looks after this customer now, instead of %(former)s. Moved along: %(moved)s.", **values)
            else:
                text = self.env._("%(user)s looks after this customer now. Moved along: %(moved)s.", **values)
            bodies[handover.partner_id.id] = text if not handover.reason else self.env._(
                "%(text)s Reason: %(reason)s", text=text, reason=handover.reason)
        self.partner_id._message_log_batch(bodies)

    def _tell_later(self, undone=False):
        """Tell the people when the transaction ends: one message for all that somebody gets or gives in it.

        :param bool undone: they were taken back
        """
        precommit = self.env.cr.precommit
        waiting = precommit.data.setdefault('customer.handover', {})
        if not waiting:
            precommit.add(self.env['customer.handover'].sudo()._tell_waiting)  # written to colleagues, in the user's name
        for handover in self:
            for user, role in ((handover.to_user_id, 'to'), (handover.from_user_id, 'from')):
                if user and user.active and user != self.env.user:
                    waiting.setdefault((user.id, self.env.uid, role, undone), []).append(handover.id)

    @api.model
    def _tell_waiting(self):
        """Tell each person once what they got, and what they gave."""
        for (user_id, doer_id, role, undone), ids in self.env.cr.precommit.data.pop('customer.handover', {}).items():
            user, doer = self.env['res.users'].browse((user_id, doer_id))
            handovers = self.browse(ids).exists()
            customers = handovers.partner_id
            says = self.with_context(lang=user.lang).env
            values = {
                'user': doer.name, 'count': len(customers),
                'customers': listed(says, customers[:NAMED].mapped('name')),
                'other': listed(says, (handovers.from_user_id if role == 'to' else handovers.to_user_id).mapped('name'))}
            subject, body = self._words(says, role, undone, len(customers), values)
            says['mail.thread'].with_user(doer).sudo().message_notify(  # doer need not be able to write to colleagues
                partner_ids=user.partner_id.ids, subject=subject, body=body)

    @api.model
    def _words(self, says, role, undone, count, values):
        """Return subject and text of the message about customers that changed hands.

        :param says: environment in the reader's language
        :param str role: ``to`` whom they went, or ``from`` whom
        """
        if undone:
            return (
                says._("A hand-over was taken back"),
                plural(count, says._("%(user)s took a hand-over back: %(customers)s.", **values),
                       says._("%(user)s took %(count)s hand-overs back. The first of them: %(customers)s.", **values)))
        if role == 'to':
            return (
                plural(count, says._("A customer was given to you"), says._("%(count)s customers were given to you", **values)),
                plural(count, says._("%(user)s gave you a customer: %(customers)s.", **values),
                       says._("%(user)s gave you %(count)s customers. The first of them: %(customers)s.", **values)))
        return (
            plural(count, says._("A customer of yours changed hands"),
                   says._("%(count)s customers of yours changed hands", **values)),
            plural(count, says._("%(user)s gave a customer of yours away: %(customers)s.", **values),
                   says._("%(user)s gave %(count)s customers of yours away. The first of them: %(customers)s.", **values)))

    # ------------------------------------------------------------
    # TAKING IT BACK
    # ------------------------------------------------------------

    @api.model
    def _back_hours(self):
        """Return for how many hours a hand-over can be taken back."""
        return self.env['res.config.settings']._customer_success('handover_back_hours')

    @api.model
    def _say_back(self):
        """Return in a sentence for how long a hand-over, or an assignment, can be taken back."""
        if number := self._back_hours():
            return self.env._(
                "Whoever hands over or assigns, or a manager, can take that back within %(hours)s.",
                hours=hours(self.env, number))
        return self.env._("By the settings that can't be taken back.")

    @api.model
    def _back_since(self):
        """Return since when a hand-over must have been done to be taken back now."""
        return fields.Datetime.subtract(fields.Datetime.now(), hours=self._back_hours())

    def action_undo(self):
        """Take these hand-overs back: the customers, and what moved along and was not changed since.

        :raises UserError: when it is too late, or when somebody else did it
        """
        self.check_access('read')
        for handover in self:
            if handover.state != 'done':
                raise UserError(self.env._("%(handover)s was taken back already.", handover=handover.display_name))
            if not handover.may_undo:
                raise UserError(self.env._(
                    "“%(handover)s” can't be taken back. %(rule)s Hand the customer over anew.",
                    handover=handover.display_name, rule=self._say_back()))
        self.sudo()._undo(self.env.user)  # who did it may not see the customer any more
        return True

    def _undo(self, user):
        """Give back the customers that are still where they were brought, and the items that are.

        :param user: res.users who does it
        """
        plan = Plan('none', undone=True)
        still = self.filtered(lambda handover: handover.partner_id.user_id == handover.to_user_id)
        back, lost = self._find_items()  # before what follows the account manager does so
        for former, own in still.grouped('from_user_id').items():
            own.partner_id.with_context(
                customer_handover=plan, mail_notrack=True, mail_auto_subscribe_no_notify=True).write({'user_id': former.id})
        kinds = self._kinds()
        for (name, user_id), ids in back.items():
            self._give(name, self.env[kinds[name].model].browse(ids), self.env['res.users'].browse(user_id or ()))
        for handover in self:
            notes = [lost[handover]] if lost.get(handover) else []
            if handover not in still:
                notes.insert(0, self.env._(
                    "the customer, which is looked after by %(user)s by now",
                    user=handover.partner_id.user_id.name or self.env._("nobody")))
            handover.write({'state': 'undone', 'undone_by_id': user.id, 'undone_note': listed(self.env, notes)})
        self.partner_id._message_log_batch({
            handover.partner_id.id: self.env._(
                "The hand-over was taken back. It could not bring back: %(what)s.", what=handover.undone_note)
            if handover.undone_note else self.env._("The hand-over was taken back.") for handover in self})
        self._on_undone()
        self._tell_later(undone=True)

    def _on_undone(self):
        """Take back what followed from these hand-overs; for wings to fill in."""

    def _find_items(self):
        """Return what moved along and is still open and with whom it was brought, and what is not, in words.

        :return: ids by kind and whose it was; and by hand-over, what can't be given back
        :rtype: tuple[dict[tuple[str, int], list[int]], dict[customer.handover, str]]
        """
        kinds, lost, back = self._kinds(), {handover: {} for handover in self}, {}
        for name, kind in kinds.items():
            rows = [(handover, *row) for handover in self for row in (handover.moved or {}).get(name, ())]
            records = self.env[kind.model].browse(row[1] for row in rows).exists()
            now = {record.id: record.user_id.id for record in records.filtered_domain(kind.domain())}
            for handover, record_id, former_id, user_id in rows:
                if record_id in now and now[record_id] == user_id:
                    back.setdefault((name, former_id), []).append(record_id)
                else:
                    lost[handover][name] = lost[handover].get(name, 0) + 1
        return back, {handover: self._say_moved(self.env, counts) for handover, counts in lost.items()}

    # ------------------------------------------------------------
    # SCREENS
    # ------------------------------------------------------------

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()
