from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.i18n import format_list

from ...models.platform.counted import customers, persons

#: More guests than this are not proposed at once: nobody could look through them.
MOST = 500


class CustomerCareGuestChoose(models.TransientModel):
    """Propose guests for a care event: the customers of some tiers, so many persons of each (CUL-5)."""

    _name = 'customer.care.guest.choose'
    _description = "Choose Guests"

    event_id = fields.Many2one(comodel_name='customer.care.event', string="Care Event", required=True, ondelete='cascade')
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers", compute='_compute_from_event', store=True, readonly=False)
    country_ids = fields.Many2many(comodel_name='res.country', string="Countries")
    user_ids = fields.Many2many(
        comodel_name='res.users', string="Account Managers", domain=[('share', '=', False)])
    demand_type_ids = fields.Many2many(comodel_name='customer.demand.type', string="Demand Types")
    persons = fields.Integer(
        string="Persons per Customer", compute='_compute_from_event', store=True, readonly=False)
    partner_ids = fields.Many2many(
        comodel_name='res.partner', string="Guests", compute='_compute_partner_ids', store=True, readonly=False)
    summary = fields.Char(compute='_compute_summary')
    left_out = fields.Char(compute='_compute_left_out')
    places_left = fields.Integer(compute='_compute_summary')
    too_many = fields.Boolean(compute='_compute_summary')
    can_invite = fields.Boolean(compute='_compute_summary')

    _persons_positive = models.Constraint('CHECK (persons > 0)', "At least one person of a customer is invited.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('event_id')
    def _compute_from_event(self):
        for wizard in self:
            wizard.tier_ids = wizard.event_id.tier_ids
            wizard.persons = wizard.event_id.kind_id.persons or 1

    @api.depends('event_id', 'tier_ids', 'country_ids', 'user_ids', 'demand_type_ids', 'persons')
    def _compute_partner_ids(self):
        for wizard in self:
            people, __ = wizard._propose()
            wizard.partner_ids = [Command.set(people[:wizard._most()])]

    @api.depends('event_id', 'tier_ids', 'country_ids', 'user_ids', 'demand_type_ids', 'persons')
    @api.depends_context('lang')
    def _compute_left_out(self):
        for wizard in self:
            people, reasons = wizard._propose()
            wizard.left_out = wizard._describe_left_out({
                **reasons, 'places': max(len(people) - wizard._most(), 0)})

    @api.depends('event_id', 'partner_ids')
    @api.depends_context('lang')
    def _compute_summary(self):
        for wizard in self:
            event, people = wizard.event_id, wizard.partner_ids
            left = event.capacity - event.taken - len(people)
            wizard.places_left = left
            wizard.too_many = bool(event.capacity and left < 0)
            wizard.can_invite = not event.has_begun and (event.state == 'invited' or event.has_access('write'))
            values = {
                'persons': persons(self.env, len(people)),
                'customers': customers(self.env, len(people.commercial_partner_id)), 'left': max(left, 0)}
            wizard.summary = self.env._(
                "%(persons)s of %(customers)s; places left then: %(left)s.", **values
            ) if event.capacity else self.env._("%(persons)s of %(customers)s.", **values)

    def _most(self):
        """Return how many guests can be proposed."""
        event = self.event_id
        return min(max(event.capacity - event.taken, 0), MOST) if event.capacity else MOST

    def _describe_left_out(self, reasons):
        of_customers, of_persons = (
            {key: noun(self.env, count) for key, count in reasons.items()} for noun in (customers, persons))
        texts = {
            'stopped': lambda who: self.env._("%(customers)s not to be contacted", customers=who),
            'paused': lambda who: self.env._("%(customers)s paused", customers=who),
            'nobody': lambda who: self.env._("%(customers)s without a contact person", customers=who),
            'no_address': lambda who: self.env._("%(persons)s without an email address", persons=who),
            'opted_out': lambda who: self.env._("%(persons)s not wanting emails", persons=who),
            'guest': lambda who: self.env._("%(persons)s on the list already", persons=who),
            'places': lambda who: self.env._("%(persons)s for whom there is no place", persons=who),
        }
        parts = [
            text((of_customers if key in ('stopped', 'paused', 'nobody') else of_persons)[key])
            for key, text in texts.items() if reasons.get(key)]
        return self.env._("Left out: %(reasons)s.", reasons=format_list(self.env, parts)) if parts else False

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_add(self):
        """Put these persons on the guest list."""
        self._add()
        return {'type': 'ir.actions.act_window_close'}

    def action_add_invite(self):
        """Put these persons on the guest list, and invite them."""
        self.event_id._invite(self._add())
        return {'type': 'ir.actions.act_window_close'}

    def _add(self):
        self._customer_one()
        # guests of colleagues are on the list too
        known = self.env['customer.care.guest'].sudo().search([('event_id', '=', self.event_id.id)]).partner_id
        people = self.partner_ids - known
        if not people:
            raise UserError(self.env._("Nobody is chosen. Widen the filters, or add persons to the list."))
        return self.env['customer.care.guest'].create([
            {'event_id': self.event_id.id, 'partner_id': person.id} for person in people])

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_customers_domain(self):
        """Return the domain of the customers of whom guests are proposed: those the user looks after."""
        domain = Domain('customer_managed', '=', True)
        for name, records in (
            ('customer_tier_id', self.tier_ids), ('country_id', self.country_ids), ('user_id', self.user_ids),
            ('customer_demand_type_id', self.demand_type_ids),
        ):
            if records:
                domain &= Domain(name, 'in', records._origin.ids or records.ids)
        user = self.env.user
        if user.has_group('customer_success.group_customer_success_manager'):
            return domain
        own = Domain('user_id', 'in', [user.id, False])
        if user.has_group('customer_success.group_customer_success_leader'):
            own |= Domain('user_id.customer_team_id.user_id', '=', user.id)
        return domain & own

    def _propose(self):
        """Return whom to invite, the most valuable customers first, and who is left out.

        :return: ids of persons, and counts by reason
        :rtype: tuple[list[int], dict[str, int]]
        """
        self.ensure_one()
        event = self.event_id
        if not event:
            return [], {}
        self.env.flush_all()
        addressee = self.env['customer.addressee']
        customers = self.env['res.partner']._search(self._get_customers_domain())
        rows = self.env.execute_query(SQL(
            """WITH customer AS (
                   SELECT p.id, p.customer_do_not_contact, p.customer_revenue AS revenue, t.sequence,
                          EXISTS (SELECT 1 FROM customer_pause s WHERE s.partner_id = p.id
                                     AND (s.date_from <= %(today)s AND s.date_to >= %(today)s
                                          OR s.date_from <= %(day)s AND s.date_to >= %(day)s)) AS paused
                     FROM res_partner p LEFT JOIN customer_tier t ON t.id = p.customer_tier_id
                    WHERE p.id IN %(customers)s),
               person AS (
                   SELECT c.id AS customer_id, c.revenue, c.sequence, p.id,
                          CASE WHEN c.customer_do_not_contact THEN 'stopped' WHEN c.paused THEN 'paused'
                               WHEN p.id IS NULL THEN 'nobody'
                               WHEN g.id IS NOT NULL THEN 'guest'
                               ELSE COALESCE(%(why_not)s, 'fine') END AS verdict, %(asked)s AS asked
                     FROM customer c
                LEFT JOIN res_partner p ON p.commercial_partner_id = c.id AND p.is_company IS NOT TRUE AND (%(gone)s) IS NULL
                LEFT JOIN customer_care_guest g ON g.partner_id = p.id AND g.event_id = %(event)s),
               ranked AS (
                   SELECT *, row_number() OVER (PARTITION BY customer_id, verdict
                                                   ORDER BY asked DESC NULLS LAST, id) AS place,
                          count(*) FILTER (WHERE verdict = 'guest') OVER (PARTITION BY customer_id) AS there
                     FROM person)
               SELECT verdict, count(DISTINCT CASE WHEN verdict IN ('stopped', 'paused', 'nobody') THEN customer_id ELSE id END),
                      array_agg(id ORDER BY sequence NULLS LAST, revenue DESC NULLS LAST, customer_id, id)
                          FILTER (WHERE verdict = 'fine' AND place + there <= %(persons)s)
                 FROM ranked GROUP BY verdict""",
            why_not=addressee._why_not_sql(SQL("p"), SQL("c"), 'email'), gone=addressee._why_not_sql(SQL("p"), SQL("c")),
            asked=addressee._asked_sql(SQL("p.id"), SQL("c.id")),
            customers=customers.subselect(), event=event.id or event._origin.id, persons=self.persons,
            today=fields.Date.context_today(self), day=event._day('date_begin')))
        people = next((ids for verdict, __, ids in rows if verdict == 'fine'), None) or []
        return people, {verdict: count for verdict, count, __ in rows if verdict != 'fine'}
