import logging
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..base.customer_fact import Span
from ..base.local_day import in_company_zone
from ..platform.counted import days, plural
from ..platform.local_text import listed
from ..platform.locks import wait_for_update

_logger = logging.getLogger(__name__)

#: What people write on an onboarding; everything else follows from what is done.
OPEN = {
    'user_id', 'insight_ids', 'note', 'item_ids', 'activity_ids', 'message_follower_ids', 'message_ids',
    'message_main_attachment_id',
}
PACES = [('track', "On track"), ('behind', "Behind"), ('stuck', "Stuck")]


class CustomerOnboarding(models.Model):
    """What is done with a customer after it signed, until it is at home with us (LIF-1, LIF-2).

    It begins with a confirmed order, or a won lead, of who has not signed before. Its touchpoints are those of the plan's
    cadence, planned by the same planner as all others. An item is done by a tick, by its follow-up, or when something is
    known of the customer since it signed; what is done stays done.
    """

    _name = 'customer.onboarding'
    _description = "Onboarding"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.guarded']
    _order = 'next_due, id'
    _rec_name = 'partner_id'
    _mail_post_access = 'read'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(comodel_name='res.company', required=True, readonly=True, index=True)
    plan_id = fields.Many2one(
        comodel_name='customer.onboarding.plan', required=True, readonly=True, index=True, ondelete='restrict')
    order_id = fields.Many2one(
        comodel_name='sale.order', string="Signed With", readonly=True, index='btree_not_null', ondelete='set null')
    lead_id = fields.Many2one(
        comodel_name='crm.lead', string="Won Lead", readonly=True, index='btree_not_null', ondelete='set null')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", index='btree_not_null', ondelete='set null', tracking=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain('company_id'))
    started_at = fields.Datetime(string="Signed On", required=True, readonly=True)
    date_start = fields.Date(string="Started On", required=True, readonly=True, index=True)
    state = fields.Selection(
        selection=[('running', "Running"), ('done', "Done"), ('cancelled', "Closed unfinished")],
        default='running', required=True, readonly=True, tracking=True)
    close_kind = fields.Selection(
        selection=[('order', "What was signed was cancelled"), ('person', "By hand"), ('merged', "Contacts were merged"),
                   ('left', "Not a customer any more")],
        string="Closed Because", readonly=True)
    closed_at = fields.Datetime(string="Closed On", readonly=True)
    insight_ids = fields.One2many(
        related='partner_id.customer_insight_ids', readonly=False, string="Insights",
        help="What hurts the customer and what it needs. Needs and problems that are logged with a contact stand here by "
             "themselves.")
    note = fields.Text()
    item_ids = fields.One2many(
        comodel_name='customer.onboarding.item', inverse_name='onboarding_id', string="Items")
    next_due = fields.Datetime(
        string="Next Item Due", compute='_compute_next_due', store=True,
        help="Until when the earliest required item that is not done has to be.")
    pace = fields.Selection(selection=PACES, compute='_compute_pace', search='_search_pace', help="From how late the required "
                            "item is that is due first: the plan says how many days.")
    missing = fields.Char(
        string="What Is Missing", compute='_compute_missing', help="What keeps this customer from done, the first first.")
    done_percent = fields.Float(
        string="Done (%)", compute='_compute_missing', digits=(16, 0), help="Of the required items.")
    why = fields.Char(string="How It Stands", compute='_compute_missing')

    _running_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE state = 'running'", "This customer has an onboarding already.")
    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE order_id IS NOT NULL", "This order has its onboarding already.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('item_ids.done_at', 'item_ids.due_at', 'item_ids.required', 'state')
    def _compute_next_due(self):
        for onboarding in self:
            dues = onboarding._missing().mapped('due_at')
            onboarding.next_due = min(dues, default=False) if onboarding.state == 'running' else False

    @api.depends('next_due', 'plan_id.behind_days', 'plan_id.stuck_days', 'state')
    def _compute_pace(self):
        for onboarding in self:
            late = onboarding._late_days()
            plan = onboarding.plan_id.sudo()  # rules are for all to read
            onboarding.pace = onboarding.state == 'running' and (
                'track' if late is None or late <= plan.behind_days else 'stuck' if late > plan.stuck_days else 'behind')

    def _late_days(self):
        """Return for how many days the required item that is due first is late, None for none."""
        self.ensure_one()
        late = (fields.Datetime.now() - self.next_due).total_seconds() if self.next_due else 0
        return late / 86400 if late > 0 else None

    def _search_pace(self, operator, value):
        if operator != 'in':
            return NotImplemented
        now, domains = fields.Datetime.now(), []
        for plan in self.env['customer.onboarding.plan'].sudo().with_context(active_test=False).search([]):  # as above
            behind, stuck = (
                Domain('next_due', '<', now - timedelta(days=count)) for count in (plan.behind_days, plan.stuck_days))
            paces = {'track': ~behind | Domain('next_due', '=', False), 'behind': behind & ~stuck, 'stuck': stuck}
            domains.append(Domain('plan_id', '=', plan.id) & Domain('state', '=', 'running') & Domain.OR(
                paces[pace] for pace in value if pace in paces))
        found = Domain.OR(domains) if domains else Domain.FALSE
        return found | Domain('state', '!=', 'running') if False in value else found

    @api.depends('item_ids.done_at', 'item_ids.required', 'item_ids.name', 'state', 'close_kind', 'next_due')
    @api.depends_context('lang', 'tz')
    def _compute_missing(self):
        for onboarding in self:
            required, missing = onboarding.item_ids.filtered('required'), onboarding._missing()
            onboarding.missing = listed(self.env, missing.mapped('name')) if onboarding.state == 'running' else False
            onboarding.done_percent = 100 * (1 - len(missing) / len(required)) if required else 100
            onboarding.why = onboarding._describe(missing)

    def _describe(self, missing):
        """Return how this onboarding stands, in a sentence.

        :param missing: the required items that are not done
        """
        if self.state == 'done':
            return self.env._("Done on %(day)s", day=self._day(self.closed_at))
        if self.state == 'cancelled':
            signed = self.order_id.sudo() or self.lead_id.sudo()  # what it is called is no secret
            values = {'day': self._day(self.closed_at), 'order': signed.name}
            if self.close_kind == 'order' and values['order']:
                return self.env._("Closed on %(day)s: %(order)s was cancelled", **values)
            kinds = dict(self._fields['close_kind']._description_selection(self.env))
            return self.env._("Closed on %(day)s: %(reason)s", reason=kinds.get(self.close_kind, ''), **values)
        late = self._late_days()
        if late is None:
            return self.env._("On track: %(item)s until %(day)s", item=missing[:1].name or '', day=self._day(self.next_due))
        return self.env._(
            "%(item)s is late for %(days)s", item=missing[:1].name, days=days(self.env, int(late) or 1))

    def _day(self, moment):
        """Return the day of a moment, for whoever reads it."""
        return moment and format_date(self.env, fields.Datetime.context_timestamp(self, moment).date()) or ''

    def _missing(self):
        """Return the required items that are not done, the most urgent first."""
        return self.item_ids.filtered(lambda item: item.required and not item.done_at).sorted(
            lambda item: (item.due_at, item.plan_item_id.sequence, item.id))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return OPEN

    def _say_kept(self, names):
        return self.env._(
            "These fields of an onboarding follow from what was signed and from what is done: %(names)s. Tick its items, or "
            "close it.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("An onboarding begins with a confirmed order or a won lead of a new customer."))
        return super().create(vals_list)

    def write(self, vals):
        self._guard(vals)
        if self._is_guarded() and 'user_id' in vals:
            for company in self.company_id:
                self.env['customer.responsibility']._check_able(vals['user_id'], company.id)
        return super().write(vals)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check(self):
        """Look now which items are done by what is known of the customer."""
        self.check_access('write')
        self.sudo()._check_items()  # people don't write what is done
        return True

    def action_close(self):
        """Close these onboardings although something is missing; the note says why."""
        self.check_access('write')
        for onboarding in self:
            if not (onboarding.note or '').strip():
                raise UserError(self.env._(
                    "Please say in the note why the onboarding of %(customer)s is closed unfinished: the report counts it "
                    "apart.", customer=onboarding.partner_id.display_name))
        self.sudo()._close('person')  # people don't write the state
        return True

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()

    # ------------------------------------------------------------
    # BEGINNING AND END
    # ------------------------------------------------------------

    @api.model
    def _begin(self, partner, company, moment, order=None, lead=None):
        """Begin the onboarding of who signed, unless it has signed before, was excluded, or there is no plan.

        :param partner: the customer
        :param company: res.company by which it is looked after
        :param datetime moment: when it signed, in UTC
        :param order: sale.order, or None
        :param lead: crm.lead, or None
        :return: the onboarding, or none
        """
        clock = self.env['customer.clock']
        day = clock._now(partner, moment).date()
        plan = self.env['customer.onboarding.plan']._plan_for(company, day)
        if not plan or not partner.customer_managed:  # our own companies order from each other, too
            return self.browse()
        owner = self.env['customer.responsibility']._owner('manager', partner.user_id, company)
        onboarding = self.create({
            'partner_id': partner.id, 'company_id': company.id, 'plan_id': plan.id, 'order_id': order.id if order else False,
            'lead_id': lead.id if lead else False, 'started_at': moment, 'date_start': day, 'user_id': owner.id,
            'item_ids': [Command.create({
                'plan_item_id': item.id, 'required': item.required, 'due_at': item._due_at(moment)}) for item in plan.item_ids]})
        onboarding._check_items()
        self.env['customer.plan.request']._request(partner.ids)
        return onboarding

    def _close(self, kind):
        """Close running onboardings unfinished; their follow-ups are withdrawn.

        :param str kind: see ``close_kind``
        """
        running = self.filtered(lambda onboarding: onboarding.state == 'running')
        running._mark_closed(kind)
        self.env['customer.plan.request']._request(running.partner_id.ids)

    def _mark_closed(self, kind):
        """Note that these are closed unfinished, and plan nothing."""
        self.write({'state': 'cancelled', 'close_kind': kind, 'closed_at': fields.Datetime.now()})

    @api.model
    def _customers_left(self, partner_ids):
        """Close the onboardings of who is no customer any more; where that is because what was signed was cancelled, they are
        closed for that."""
        running = self.search([('partner_id', 'in', partner_ids), ('state', '=', 'running')])
        running.filtered(lambda onboarding: onboarding.order_id.state in (False, 'sale'))._close('left')

    @api.model
    def _customers_back(self, partner_ids):
        """Let the onboardings of who is a customer again go on, as long as a new order would not begin them anew."""
        for onboarding in self.search([('partner_id', 'in', partner_ids), ('close_kind', '=', 'left')], order='id desc'):
            days_ago, again = (fields.Datetime.now() - onboarding.started_at).days, onboarding.plan_id.again_days
            running = self.search_count([
                ('partner_id', '=', onboarding.partner_id.id), ('company_id', '=', onboarding.company_id.id),
                ('state', '=', 'running')], limit=1)
            if not running and not 0 < again <= days_ago:
                onboarding._take_up()

    def _take_up(self):
        """Let onboardings go on whose order is confirmed again, or whose customer is one again."""
        self.write({'state': 'running', 'close_kind': False, 'closed_at': False})
        self._check_items()
        self.env['customer.plan.request']._request(self.partner_id.ids)

    # ------------------------------------------------------------
    # WHAT IS DONE
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_keep(self):
        """Look which items are done by what is known of the customers; a batch per transaction."""
        with self.env['customer.run']._measure('onboarding') as run:
            self._customers_left(self.search([
                ('state', '=', 'running'), ('partner_id.customer_managed', '=', False)]).partner_id.ids)
            running, failed = self.search([('state', '=', 'running')], order='id'), []
            before = self.env['customer.onboarding.item'].search_count([('done_at', '!=', False)])
            self.env['customer.routine']._work_through(running, lambda batch: failed.extend(batch._check_safely()), size=200)
            run['done'] = self.env['customer.onboarding.item'].search_count([('done_at', '!=', False)]) - before
            run['failed'] = len(failed)
            run['note'] = plural(
                len(running), self.env._("one onboarding was looked at"),
                self.env._("%(count)s onboardings were looked at", count=len(running)))

    def _check_safely(self):
        """Look at the items of these; one that it fails of is left as it is, and the others are looked at.

        :return: the ids of those that it failed of
        :rtype: list[int]
        """
        def set_aside(onboarding, error):
            _logger.info("The items of the onboarding %s could not be looked at", onboarding.id, exc_info=error)
            return onboarding.ids

        results = self.env['customer.routine']._by_halves(self, lambda some: some._check_items() or [], set_aside)
        return [onboarding_id for ids in results for onboarding_id in ids]

    def _check_items(self):
        """Note which items are done by a follow-up or by what is known of the customers, and which onboardings are done."""
        running = self.filtered(lambda onboarding: onboarding.state == 'running')
        wait_for_update(running)
        waiting = running.item_ids.filtered(lambda item: not item.done_at)
        made = self.env['customer.followup'].search([
            ('partner_id', 'in', running.partner_id.ids), ('step_id', 'in', waiting.plan_item_id.step_id.ids),
            ('state', '=', 'done'), ('event_date', 'in', running.mapped('date_start'))]) if waiting else []
        by_key = {(followup.partner_id, followup.step_id, followup.event_date): followup for followup in made}
        for item in waiting.filtered(lambda item: item.plan_item_id.done_by == 'touch'):
            onboarding = item.onboarding_id
            if followup := by_key.get((onboarding.partner_id, item.plan_item_id.step_id, onboarding.date_start)):
                item._done(followup=followup)
        self._check_facts(waiting.filtered(lambda item: not item.done_at and item.plan_item_id._fact()))
        running._end_if_done()

    @api.model
    def _check_facts(self, items):
        """Note which of these items are done by a fact; one that can't be asked waits for somebody to tick it."""
        today, wanted = fields.Date.context_today(self), {}
        for plan_item, own in items.grouped('plan_item_id').items():
            spans = [Span(item.id, item.onboarding_id.partner_id.id, min(item.onboarding_id.date_start, today), today)
                     for item in own]
            wanted[plan_item] = (plan_item._fact(), {'window_days': None}, spans)
        if not wanted:
            return
        found, __ = self.env['customer.fact']._measure(wanted)
        for plan_item, rows in found.items():
            for item in self.env['customer.onboarding.item'].browse(rows):
                if plan_item._holds(rows[item.id].value):
                    item._done()

    def _end_if_done(self):
        """Close the onboardings of which nothing required is missing, and have the follow-ups withdrawn of what is done."""
        done = self.filtered(lambda onboarding: not onboarding._missing())
        done.write({'state': 'done', 'closed_at': fields.Datetime.now()})
