from contextlib import contextmanager

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: So many customers are planned on the spot when something about them changes; more wait for the action.
AT_ONCE = 20

#: What a block of :meth:`_together` gathers, with the cursor: the same for all users and contexts of the transaction.
GATHERED = 'customer_plan_gathered'


class CustomerPlanRequest(models.Model):
    """Customers whose follow-ups have to be planned anew: the queue of the planner.

    A customer may stand in it several times; the planner takes all its lines at once. A line with an error is a customer
    that was set aside: the others go on, and it is tried again later.
    """

    _name = 'customer.plan.request'
    _description = "Planning Request"
    _order = 'id'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", readonly=True, index=True, ondelete='cascade')
    lead_id = fields.Many2one(comodel_name='crm.lead', readonly=True, index='btree_not_null', ondelete='cascade')
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', readonly=True, index='btree_not_null', ondelete='cascade',
        help="The cadence that was changed, where that is why.")
    error = fields.Text(readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime(string="Next Try", readonly=True)

    _waiting_idx = models.Index('(id) WHERE retry_at IS NULL')
    _whose = models.Constraint(
        'CHECK ((partner_id IS NULL) <> (lead_id IS NULL))', "What is planned is a customer or a lead.")

    @api.depends('partner_id', 'lead_id')
    def _compute_display_name(self):
        for request in self:
            request.display_name = request.partner_id.display_name or request.lead_id.display_name

    @api.model
    def _request(self, partner_ids, at_once=AT_ONCE, cadence=None, planner='customer.planner'):
        """Ask for the planning of customers: a few are planned on the spot, many by the scheduled action.

        :param partner_ids: ids of customers, or of what the planner plans
        :param int at_once: up to so many are planned now
        :param cadence: the customer.cadence that was changed, where that is why
        :param str planner: the model that plans them
        """
        partner_ids = sorted(set(partner_ids))
        if not partner_ids:
            return
        if len(partner_ids) <= at_once:
            if (gathered := self.env.cr.cache.get(GATHERED)) is not None:
                gathered.setdefault((planner, cadence or self.env['customer.cadence']), set()).update(partner_ids)
                return
            # also from orders of other salespeople
            self.env[planner].sudo()._plan_because(cadence.id if cadence else None, partner_ids)
            return
        self._request_query(SQL("SELECT unnest(%s) AS id", partner_ids), cadence, planner)

    @api.model
    @contextmanager
    def _together(self):
        """Gather what is asked for within the block, and plan each customer once at its end, however many of the steps in it
        ask: an order that makes a customer and begins its onboarding. For steps that do not look at what was planned.

        Where the block fails, nothing is planned: what was asked for is undone as well.
        """
        cache = self.env.cr.cache
        if GATHERED in cache:  # the outer block plans
            yield
            return
        gathered = cache[GATHERED] = {}
        try:
            yield
        finally:
            cache.pop(GATHERED, None)
        for (planner, cadence), partner_ids in gathered.items():
            self._request(partner_ids, cadence=cadence, planner=planner)

    @api.model
    def _request_query(self, query, cadence=None, planner='customer.planner'):
        """Ask for the planning of many customers by the scheduled action. Who was asked for in this transaction already
        is not asked for again; an older request may be in work right now, on older data.

        :param SQL query: selects their ids, as column ``id``
        :param cadence: see :meth:`_request`
        :param str planner: see :meth:`_request`
        """
        self.env.cr.execute(SQL(
            # nobody in particular asks: an author would cost two foreign keys for every line
            """INSERT INTO customer_plan_request (%(key)s, cadence_id, attempts, create_date, write_date)
                    SELECT q.id, %(cadence)s, 0, %(now)s, %(now)s
                      FROM (%(query)s) q
                     WHERE q.id NOT IN (SELECT %(key)s FROM customer_plan_request
                                         WHERE create_date = %(now)s AND %(key)s IS NOT NULL)
                  ORDER BY q.id""", query=query, now=self.env.cr.now(), cadence=cadence.id if cadence else None,
            key=SQL.identifier(self.env[planner]._key)))
        if self.env.cr.rowcount:
            self._wake()

    @api.model
    def _request_changed(self, query):
        """Ask for the planning of customers, however many they are: a few on the spot, many by the scheduled action.

        :param SQL query: see :meth:`_request_query`
        """
        rows = self.env.execute_query(SQL("%s LIMIT %s", query, AT_ONCE + 1))
        if len(rows) <= AT_ONCE:
            self._request([partner_id for partner_id, in rows])
        else:
            self._request_query(query)

    @api.model
    def _request_of(self, domain):
        """Ask for the planning of the customers and leads that have open follow-ups of a kind, whoever asks.

        :param domain: domain on customer.followup
        """
        # whoever keeps teams, calendars and holidays has perhaps no right on customers
        followups = self.env['customer.followup'].sudo()
        query = followups._search(Domain('state', '=', 'planned') & Domain(domain))
        rows = self.env.execute_query(query.select(SQL(
            "DISTINCT %s, CASE WHEN %s IS NULL THEN %s END", SQL.identifier(query.table, 'partner_id'),
            SQL.identifier(query.table, 'partner_id'), SQL.identifier(query.table, 'lead_id'))))
        self._request([partner_id for partner_id, __ in rows if partner_id])
        self._request([lead_id for __, lead_id in rows if lead_id], planner='customer.lead.planner')

    @api.model
    def _wake(self):
        self.env.ref('customer_success.ir_cron_plan')._trigger()

    @api.model
    def _claim(self, limit, key='partner_id'):
        """Take requests that nobody else is working on out of the queue.

        :param int limit: how many lines at most
        :param str key: which ones: the column that says whose they are
        :return: ids of the customers, with how often their planning failed before, by the id of the cadence that was
            changed, or None where that is not why
        :rtype: dict[int | None, dict[int, int]]
        """
        rows = self.env.execute_query(SQL(
            """DELETE FROM customer_plan_request
                WHERE id IN (SELECT id FROM customer_plan_request
                              WHERE (retry_at IS NULL OR retry_at <= %(now)s) AND %(key)s IS NOT NULL
                           ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            RETURNING %(key)s, attempts, cadence_id, id""", now=self.env.cr.now(), limit=limit, key=SQL.identifier(key)))
        self.invalidate_model()
        attempts, why = {}, {}
        for partner_id, failed, cadence_id, __ in sorted(rows, key=lambda row: (row[0], row[3])):
            attempts[partner_id] = max(attempts.get(partner_id, 0), failed or 0)
            why[partner_id] = cadence_id or why.get(partner_id)  # the last change counts
        claimed = {}
        for partner_id, failed in attempts.items():
            claimed.setdefault(why[partner_id], {})[partner_id] = failed
        return claimed

    @api.model
    def _waiting(self):
        """Return how many requests can be worked on now."""
        [[count]] = self.env.execute_query(SQL(
            "SELECT count(*) FROM customer_plan_request WHERE retry_at IS NULL OR retry_at <= %s", self.env.cr.now()))
        return count

    @api.model
    def _set_aside(self, partner_id, error, attempts=0, key='partner_id'):
        """Keep a customer or lead that could not be planned where an administrator sees it, and try again in a day."""
        previous = self.search([(key, '=', partner_id), ('attempts', '>', 0)])
        attempts = max([attempts, *previous.mapped('attempts')]) + 1
        previous.unlink()
        self.create({
            key: partner_id,
            'error': str(error),
            'attempts': attempts,
            'retry_at': fields.Datetime.add(self.env.cr.now(), days=1),
        })

    def action_retry(self):
        """Plan these customers and leads now."""
        partner_ids, lead_ids = self.partner_id.ids, self.lead_id.ids
        self.check_access('unlink')
        self.unlink()
        self._request(partner_ids)
        self._request(lead_ids, planner='customer.lead.planner')
        return True
