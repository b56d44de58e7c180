from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare, format_amount, format_date

MANAGER = 'customer_success.group_customer_success_manager'

#: A change of one of these is looked at anew: budget, limits, recipient.
CHECKED = {
    'partner_id', 'contact_id', 'kind_id', 'date', 'company_id', 'direction', 'official', 'amount', 'foreign_amount',
    'foreign_currency_id', 'reason',
}

#: What only the addon itself writes.
SYSTEM_FIELDS = {'year', 'over_budget', 'over_limit', 'approved_by_id', 'spread'}


class CustomerCareExpense(models.Model):
    """What was spent on a customer; gifts among it are the gift register (CUL-6).

    What goes over the budget needs a reason, and the team leader is told when a budget is first gone over. A gift above a
    limit is recorded by managers only. There are no negative amounts: a refund lowers the amount of the entry it belongs
    to, and the history of the entry says so.
    """

    _name = 'customer.care.expense'
    _description = "Care Spending"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.guarded']
    _order = 'date desc, id desc'
    _rec_names_search = ['name', 'partner_id']
    _check_company_auto = True

    def _default_kind_id(self):
        """In the gift register a new entry is a gift."""
        in_register = self.env.context.get('customer_care_gift')
        return self.env['customer.care.kind'].search([('is_gift', '=', True)], limit=1) if in_register else False

    name = fields.Char(string="What", required=True, tracking=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='restrict', tracking=True,
        domain=['|', ('parent_id', '=', False), ('is_company', '=', True)])
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Recipient", index='btree_not_null', ondelete='restrict', tracking=True,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who got it; of a gift received, who gave it. Empty: the customer as a whole.")
    kind_id = fields.Many2one(
        comodel_name='customer.care.kind', required=True, index=True, ondelete='restrict', tracking=True,
        default=lambda self: self._default_kind_id())
    is_gift = fields.Boolean(related='kind_id.is_gift')
    direction = fields.Selection(
        selection=[('given', "Given"), ('received', "Received")], string="Given or Received", required=True, default='given',
        tracking=True,
        help="Gifts that we received stand in the register too; they use up no budget.")
    date = fields.Date(required=True, default=fields.Date.context_today, index=True, tracking=True)
    year = fields.Char(compute='_compute_year', store=True, index=True)
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount = fields.Monetary(
        compute='_compute_amount', store=True, precompute=True, readonly=False, required=True, tracking=True,
        help="In the company's currency. Of a gift: what it is worth.")
    foreign_amount = fields.Monetary(string="Paid", currency_field='foreign_currency_id')
    foreign_currency_id = fields.Many2one(
        comodel_name='res.currency', string="Paid In",
        help="When it was paid in another currency: the amount is converted at the rate of the day.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="By", required=True, index=True, ondelete='restrict',
        default=lambda self: self.env.user, domain=[('share', '=', False)], tracking=True)
    official = fields.Boolean(
        string="Public Official", compute='_compute_official', store=True, readonly=False, tracking=True,
        help="The recipient holds a public office: a gift needs a reason.")
    reason = fields.Char(
        tracking=True, help="Why it may go over the budget or a limit, or why a public official may get it.")
    note = fields.Text()
    followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Logged Contact", index='btree_not_null', ondelete='set null', copy=False,
        domain="[('partner_id', '=', partner_id)]")
    event_id = fields.Many2one(
        comodel_name='customer.care.event', string="Care Event", index='btree_not_null', ondelete='restrict', copy=False)
    spread = fields.Boolean(
        string="From the Cost of an Event", readonly=True, copy=False,
        help="This amount follows the cost of the event and who attended it.")
    over_budget = fields.Boolean(readonly=True, copy=False)
    over_limit = fields.Boolean(string="Above a Limit", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    manager_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')
    # what is said while the amount is typed
    budget_text = fields.Char(compute='_compute_texts')
    budget_level = fields.Selection(
        selection=[('ok', "Within budget"), ('near', "Nearly used up"), ('over', "Over budget")], compute='_compute_texts')
    limit_text = fields.Char(compute='_compute_texts')

    _amount_positive = models.Constraint(
        'CHECK (amount >= 0)',
        "An amount can't be negative. For a refund, lower the amount of the entry it belongs to.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('date')
    def _compute_year(self):
        for expense in self:
            expense.year = str(expense.date.year) if expense.date else False

    @api.depends('foreign_amount', 'foreign_currency_id', 'date', 'company_id')
    def _compute_amount(self):
        for expense in self:
            if expense.foreign_currency_id and expense.date:
                expense.amount = expense.foreign_currency_id._convert(
                    expense.foreign_amount, expense.company_id.currency_id, expense.company_id, expense.date)
            else:
                expense.amount = expense.amount or 0.0

    @api.depends('contact_id')
    def _compute_official(self):
        """Who held a public office at the last gift still does, unless somebody says otherwise."""
        officials = self._officials(self.contact_id)
        for expense in self:
            expense.official = expense.contact_id.id in officials

    @api.model
    def _officials(self, contacts):
        """Return the ids of those of these contacts who held a public office when they got something.

        :rtype: set[int]
        """
        return {contact.id for contact, in self.sudo()._read_group(  # colleagues' entries know it too
            [('contact_id', 'in', contacts.ids), ('official', '=', True)], ['contact_id'])}

    @api.depends('partner_id', 'contact_id', 'kind_id', 'date', 'company_id', 'amount', 'direction', 'spread')
    @api.depends_context('lang')
    def _compute_texts(self):
        ledger = self.env['customer.care.ledger']
        for expense in self:
            expense.budget_text, expense.budget_level, expense.limit_text = False, False, False
            customer = expense.partner_id.commercial_partner_id
            if not (customer and expense.kind_id and expense.date and expense.company_id):
                continue
            without = expense._origin.ids
            if expense.direction == 'given':
                expense.budget_text, expense.budget_level = ledger._describe_budget(
                    customer, expense.kind_id, expense.date, expense.company_id, expense.amount, without)
            if expense.is_gift:
                expense.limit_text = ledger._describe_gift(
                    expense.contact_id or customer, expense.date, expense.company_id, expense.amount, expense.direction,
                    without)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete(dict(vals)) for vals in vals_list]
        self._guard(name for vals in vals_list for name in vals)
        expenses = super().create(vals_list)
        expenses._take_turns()
        expenses._check_entries()
        expenses._check_money({}, {})
        return expenses

    def write(self, vals):
        vals = self._complete(dict(vals))
        self._guard(vals)
        if not CHECKED & vals.keys():
            return super().write(vals)
        if not self.env.su and (spread := self.filtered('spread')):
            raise UserError(self.env._(
                "This amount follows the cost of %(event)s. Change the cost or who attended there.",
                event=spread[0].event_id.display_name))
        self._take_turns()
        spent = self._spent()
        entries = {expense.id: expense._entry() for expense in self}
        result = super().write(vals)
        self._take_turns()
        self._check_entries()
        self._check_money(spent, entries)
        return result

    @api.model
    def _complete(self, vals):
        """Spending is on the whole customer; a gift to nobody in particular is one to the customer."""
        if vals.get('partner_id'):
            partner = self.env['res.partner'].browse(vals['partner_id'])
            vals['partner_id'] = partner.commercial_partner_id.id
            if partner != partner.commercial_partner_id:
                vals.setdefault('contact_id', partner.id)
        return vals

    def _open_to_people(self):
        return super()._open_to_people() - SYSTEM_FIELDS

    def _say_kept(self, names):
        return self.env._("These fields of care spending follow from its rules and can't be written: %(names)s.", names=names)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_spread(self):
        if not self.env.su and (spread := self.filtered('spread')):
            raise UserError(self.env._(
                "This amount follows the cost of %(event)s. Change the cost or who attended there.",
                event=spread[0].event_id.display_name))

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_entries(self):
        """Refuse entries that can't be right on their own."""
        today = fields.Date.context_today(self)
        for expense in self:
            if expense.date > today and not expense.spread:
                raise ValidationError(self.env._(
                    "%(day)s lies in the future. Record what was spent once it was spent.",
                    day=format_date(self.env, expense.date)))
            expense.contact_id._check_belongs_to(expense.partner_id)
            if expense.direction == 'received' and not expense.is_gift:
                raise ValidationError(self.env._(
                    "Only gifts are received. Choose a kind of care that is a gift, or “Given”."))
            if expense.is_gift and expense.official and expense.direction == 'given' and not (expense.reason or '').strip():
                raise ValidationError(self.env._(
                    "%(person)s holds a public office. Please say why this gift is in order (field Reason).",
                    person=(expense.contact_id or expense.partner_id).display_name))

    def _entry(self):
        """Return what a gift is checked by, to compare before and after."""
        self.ensure_one()
        return (self.contact_id, self.partner_id, self.year, self.direction, self.is_gift, self.company_id), self.amount

    def _take_turns(self):
        """Let bookings for one customer or recipient come one after the other: what is left of a budget, or below a limit, is
        not given away twice.

        Whoever comes second waits for the first, and is asked anew by the call that Odoo then repeats: a row that changed
        since this transaction began can't be changed in it.
        """
        ids = sorted({*self.partner_id.ids, *self.contact_id.ids})
        if ids:
            self.env.cr.execute(SQL(
                """UPDATE res_partner p SET customer_care_turn = COALESCE(p.customer_care_turn, 0) + 1
                     FROM (SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) AS turn
                    WHERE turn.id = p.id""", ids))

    def _budget_key(self):
        """Return what the spending counts for: customer, kind, year and company; nothing for what was received."""
        self.ensure_one()
        return self.direction == 'given' and (self.partner_id.id, self.kind_id.id, self.year, self.company_id.id)

    def _spent(self):
        """Return what is spent now on the budgets of these entries, by budget key."""
        keys = {key for expense in self if (key := expense._budget_key())}
        return {key: spent for key, (__, spent) in self.env['customer.care.ledger']._standing(keys).items()}

    def _check_money(self, spent, entries):
        """Look at budgets and limits, whichever way the entries came; several of them one after the other.

        What was over before and did not get worse may stay: whoever lowers an amount is not asked.

        :param dict spent: by budget key what was spent before
        :param dict entries: by id what a gift was before, see :meth:`_entry`
        """
        for expense in self.filtered(lambda expense: expense.is_gift and not expense.contact_id):
            expense.contact_id = expense.partner_id
        self._check_budgets(spent)
        self._check_limits(entries)

    def _check_budgets(self, before):
        by_key = self.sorted('id').grouped(lambda expense: expense._budget_key())
        standing = self.env['customer.care.ledger']._standing([key for key in by_key if key])
        for key, expenses in by_key.items():
            budget, spent = standing.get(key, (None, 0.0))
            rounding = expenses.currency_id[:1].rounding
            sum_here = sum(expenses.mapped('amount'))
            spent_before = before.get(key, spent - sum_here)
            if budget is None or float_compare(spent, budget, precision_rounding=rounding) <= 0:
                expenses._mark(over_budget=False)
                continue
            worse = float_compare(spent, spent_before, precision_rounding=rounding) > 0
            running, first = spent - sum_here, spent_before <= budget
            for expense in expenses:
                running += expense.amount
                over = worse and float_compare(running, budget, precision_rounding=rounding) > 0
                if over or expense.over_budget:
                    expense._need_budget_reason(budget, running)
                if over:
                    expense._mark(over_budget=True)
                    if first and not expense.spread:
                        expense._tell_leader(budget, spent)
                    first = False

    def _need_budget_reason(self, budget, spent):
        self.ensure_one()
        if (self.reason or '').strip():
            return
        raise ValidationError(self.env._(
            "%(kind)s %(year)s for %(customer)s: this makes %(spent)s of a budget of %(budget)s. Please say why it may go "
            "over the budget (field Reason).",
            kind=self.kind_id.name, year=self.year, customer=self.partner_id.display_name,
            spent=format_amount(self.env, spent, self.currency_id),
            budget=format_amount(self.env, budget, self.currency_id)))

    def _check_limits(self, entries):
        """Refuse gifts above a limit, unless a manager records them and says why."""
        ledger = self.env['customer.care.ledger']
        for expense in self.sorted('id'):
            if not expense.is_gift:
                expense._mark(over_limit=False, approved_by_id=False)
                continue
            before, amount = entries.get(expense.id, (None, 0.0))
            if before == expense._entry()[0] and expense.amount <= amount:
                if expense.over_limit:
                    expense._need_limit_reason(self.env._("This gift is above a limit."))
                continue
            # several gifts in a batch count one after the other
            person = expense._person()
            later = self.filtered(lambda other, this=expense, who=person: other.id > this.id and other._person() == who)
            text = ledger._describe_gift(
                expense.contact_id, expense.date, expense.company_id, expense.amount, expense.direction,
                (expense + later).ids)
            if text and not self.env.su:
                expense._need_manager(text)
            if text:
                expense._need_limit_reason(text)
            expense._mark(over_limit=bool(text), approved_by_id=self.env.uid if text else False)

    def _person(self):
        """Return whose gift it is in which year."""
        self.ensure_one()
        return self.is_gift and (self.contact_id, self.year, self.direction)

    def _need_manager(self, text):
        if not self.env.user.has_group(MANAGER):
            raise ValidationError(self.env._(
                "%(problem)s Choose a smaller one, or ask a manager to record it with the reason.", problem=text))

    def _need_limit_reason(self, text):
        if not (self.reason or '').strip():
            raise ValidationError(self.env._("%(problem)s Please say why (field Reason).", problem=text))

    def _mark(self, **values):
        """Write marks that are not for people to write, where they change."""
        for expense in self.sudo():  # people don't write these marks
            changed = {
                name: value for name, value in values.items()
                if (expense[name].id if name == 'approved_by_id' else expense[name]) != value}
            if changed:
                expense.write(changed)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _tell_leader(self, budget, spent):
        """Give the team leader an activity: a budget was gone over. This happens once, until it is within again."""
        self.ensure_one()
        expense = self.sudo()  # teams of others, and their leaders' activities, are hidden from users
        leader = self.env['customer.responsibility']._to_tell(
            expense.partner_id.user_id or expense.user_id, expense.company_id)
        if not leader or leader == self.env.user:
            return
        expense = expense.with_context(lang=leader.lang or self.env.lang)
        expense.with_context(mail_activity_quick_update=True).activity_schedule(
            'customer_success.mail_activity_type_care_budget', user_id=leader.id,
            summary=expense.env._(
                "%(customer)s, %(kind)s %(year)s: %(spent)s of %(budget)s",
                customer=expense.partner_id.display_name, kind=expense.kind_id.name, year=expense.year,
                spent=format_amount(expense.env, spent, expense.currency_id),
                budget=format_amount(expense.env, budget, expense.currency_id)),
            note=escape(expense.reason or ''))
