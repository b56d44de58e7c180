from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from ...engine import association
from ..platform.counted import customers, days
from .customer_offer_pair import LEVELS

#: So often it is tried anew whether offers are worth being shown.
EVERY_DAYS = 30


class CustomerOfferTrial(models.Model):
    """How well offers foretold what customers of a company bought, compared with the plain list of best sellers (HEA-7).

    The offers of a day are worked out from the orders until then alone, and held against what these customers bought for the
    first time in the days after it. For each customer as many best sellers are taken as there are offers, and none of either
    that the customer had: both lists have the same chances. A list hits where the customer bought one of it or more.

    Only where offers hit more often than best sellers, and not by chance (``engine.association.verdict``), is anything offered.
    """

    _name = 'customer.offer.trial'
    _description = "Trial of Offers"
    _order = 'date desc, id desc'
    _rec_name = 'date'
    _inherit = ['customer.known']
    _known_when = dict.fromkeys(('hit_percent', 'best_percent'), [('customers', '>', 0)])

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(string="Day of the Trial", required=True, readonly=True)
    cutoff = fields.Date(string="Orders Until", required=True, readonly=True, help="The last day of the orders that it knew.")
    holdout_days = fields.Integer(
        string="Held-out Days", readonly=True, aggregator=None, help="The days after that, which it was held against.")
    level = fields.Selection(selection=LEVELS, string="Offers Of", readonly=True)
    settings = fields.Char(readonly=True, export_string_translation=False)
    pairs = fields.Integer(string="Pairs Known", readonly=True, help="Things bought together that were known by then.")
    customers = fields.Integer(
        string="Customers Compared", readonly=True,
        help="Who had offers by then, and bought something in the held-out days that it did not have.")
    minimum_customers = fields.Integer(
        string="Customers Needed", readonly=True, aggregator=None, help="How many the settings asked for.")
    hits = fields.Integer(string="Offers Hit", readonly=True, help="Customers who bought one of the offers or more.")
    best_hits = fields.Integer(
        string="Best Sellers Hit", readonly=True, help="Customers who bought one of as many best sellers.")
    only_hits = fields.Integer(
        string="Only Offers Hit", readonly=True, help="Customers who bought one of the offers, and none of the best sellers.")
    only_best = fields.Integer(
        string="Only Best Sellers Hit", readonly=True,
        help="Customers who bought one of the best sellers, and none of the offers.")
    hit_percent = fields.Float(string="Hit Rate (%)", readonly=True, digits=(16, 1), aggregator='avg')
    best_percent = fields.Float(string="Best Sellers (%)", readonly=True, digits=(16, 1), aggregator='avg')
    lift = fields.Float(
        string="Against Best Sellers", readonly=True, digits=(16, 2), aggregator=None,
        help="How many times as often offers hit. 0: best sellers hit nobody, or nothing was compared.")
    state = fields.Selection(
        selection=[('better', "Better than best sellers"), ('not', "Not better than best sellers"),
                   ('few', "Too few to tell")],
        string="Verdict", required=True, readonly=True)
    is_current = fields.Boolean(
        string="In Force", compute='_compute_is_current', help="Whether it decides by now if anything is offered.")
    summary = fields.Text(compute='_compute_summary')

    def _compute_is_current(self):
        current = self.browse(self._current().values())
        for trial in self:
            trial.is_current = trial._origin in current

    @api.depends('state', 'customers', 'hits', 'best_hits', 'date')
    @api.depends_context('lang')
    def _compute_summary(self):
        for trial in self:
            trial.summary = trial._describe()

    @api.depends('date', 'company_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for trial in self:
            trial.display_name = f'{trial.company_id.sudo().name} · {format_date(self.env, trial.date)}'  # whose it is, it says

    def _describe(self):
        """Return what was found in sentences, and what follows from it."""
        self.ensure_one()
        values = {
            'day': format_date(self.env, self.date), 'holdout': days(self.env, self.holdout_days), 'count': self.customers,
            'customers': customers(self.env, self.customers), 'hits': self.hits, 'best': self.best_hits,
            'needed': customers(self.env, self.minimum_customers)}
        if self.state == 'few':
            return self.env._(
                "Tried on %(day)s: %(customers)s had offers %(holdout)s before and bought something new since, and %(needed)s "
                "are needed to tell whether offers are any good. Until then nothing is offered.", **values)
        found = self.env._(
            "Tried on %(day)s on the last %(holdout)s: of %(customers)s who bought something new, the offers hit %(hits)s, as "
            "many best sellers hit %(best)s.", **values)
        if self.state == 'better':
            return found
        return f'{found} ' + self.env._("That is no better, or may be chance, so nothing is offered.")

    # ------------------------------------------------------------
    # WHAT IS IN FORCE
    # ------------------------------------------------------------

    @api.model
    def _current(self):
        """Return by company the trial that decides whether anything is offered: the newest.

        :return: ids of trials by ids of companies
        :rtype: dict[int, int]
        """
        self.flush_model()
        return dict(self.env.execute_query(SQL(
            "SELECT DISTINCT ON (company_id) company_id, id FROM customer_offer_trial ORDER BY company_id, date DESC, id DESC")))

    @api.model
    def _proven(self):
        """Return the ids of the companies whose offers are worth being shown."""
        return self.browse(self._current().values()).filtered(lambda trial: trial.state == 'better').company_id.ids

    @api.model
    def _is_due(self, look):
        """Return whether a company that sold anything was not tried for long, or not with these settings.

        :param Look look: see ``customer.offer.finder._look``
        """
        self.flush_model()
        since, settings = fields.Date.subtract(look.day, days=EVERY_DAYS), self._fingerprint(look)
        return bool(self.env.execute_query(SQL(
            """SELECT 1 FROM res_company c
                WHERE EXISTS (SELECT 1 FROM sale_order o WHERE o.company_id = c.id AND o.state = 'sale')
                  AND NOT EXISTS (SELECT 1 FROM customer_offer_trial t
                                   WHERE t.company_id = c.id AND t.date > %s AND t.date <= %s AND t.settings = %s)
                LIMIT 1""", since, look.day, settings)))

    @api.model
    def _fingerprint(self, look):
        """Return what a trial follows from besides orders."""
        setting = self.env['res.config.settings']._customer_success
        return repr([*look._replace(day=None), setting('offer_holdout_days'), setting('offer_minimum_customers')])

    # ------------------------------------------------------------
    # TRYING
    # ------------------------------------------------------------

    def action_try_now(self):
        """Try on the orders of today whether offers are worth being shown, and bring the offers up to date."""
        if not self.env.user.has_group('customer_success.group_customer_success_manager'):
            raise AccessError(self.env._("Only a manager can have offers tried."))
        # figures of all companies; nobody writes results by hand
        self.env['customer.offer.keeper'].sudo()._refresh(try_now=True)
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'type': 'info', 'message': self.env._("The offers were tried and brought up to date."),
                       'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}},
        }

    @api.model
    def _try(self, look):
        """Try whether the offers of all companies would have foretold what was bought in the last days.

        :param Look look: see ``customer.offer.finder._look``
        :return: a new trial for each company that sold anything
        """
        setting, finder = self.env['res.config.settings']._customer_success, self.env['customer.offer.finder']
        holdout, minimum = setting('offer_holdout_days'), setting('offer_minimum_customers')
        before = look._replace(day=fields.Date.subtract(look.day, days=holdout))
        finder._find_bought(before)
        finder._find_rules(before)
        finder._find_offers(before, SQL("customer_offer_rule"), everybody=True)
        finder._find_best()
        found = {row[0]: row[1:] for row in self.env.execute_query(self._compared_sql(before, look))}
        pairs = dict(self.env.execute_query(SQL("SELECT company_id, count(*) FROM customer_offer_rule GROUP BY company_id")))
        sellers = [company_id for company_id, in self.env.execute_query(SQL(
            """SELECT c.id FROM res_company c
                WHERE EXISTS (SELECT 1 FROM sale_order o WHERE o.company_id = c.id AND o.state = 'sale') ORDER BY c.id"""))]
        common = {
            'date': look.day, 'cutoff': before.day, 'holdout_days': holdout, 'level': look.level,
            'settings': self._fingerprint(look), 'minimum_customers': minimum}
        return self.create([
            {**common, 'company_id': company_id, 'pairs': pairs.get(company_id, 0),
             **self._values(minimum, *found.get(company_id, (0, 0, 0, 0, 0)))} for company_id in sellers])

    @api.model
    def _values(self, minimum, count, hits, best_hits, only_hits, only_best):
        """Return the values of a trial in which so many customers were compared."""
        return {
            'customers': count, 'hits': hits, 'best_hits': best_hits, 'only_hits': only_hits, 'only_best': only_best,
            'hit_percent': 100 * hits / count if count else 0, 'best_percent': 100 * best_hits / count if count else 0,
            'lift': hits / best_hits if best_hits else 0,
            'state': association.verdict(count, minimum, only_hits, only_best)}

    @api.model
    def _compared_sql(self, before, look):
        """Return SQL with a row per company: how many customers were compared, of how many offers hit, best sellers hit, only
        offers did, only best sellers did.

        :param Look before: as of when offers were found
        :param Look look: until when customers bought
        """
        has = SQL(
            """EXISTS (SELECT 1 FROM customer_offer_bought has LEFT JOIN customer_offer_usual u USING (item)
                        WHERE has.partner_id = w.partner_id AND has.item = w.item AND has.had
                          AND %s::date - has.last_day < GREATEST(%s, has.usual_days, u.usual_days))""",
            before.day, before.window_days)
        return SQL(
            """WITH later AS MATERIALIZED (
                    SELECT w.* FROM (SELECT partner_id, company_id, item FROM (%(lines)s) AS lines
                                      WHERE day > %(cutoff)s GROUP BY 1, 2, 3 HAVING sum(kept) > 0) AS w WHERE NOT %(has)s),
                    asked AS MATERIALIZED (
                    SELECT f.partner_id, f.company_id, count(*) AS offers, bool_or(l.item IS NOT NULL) AS hit
                      FROM customer_offer_found f
                 LEFT JOIN later l ON l.partner_id = f.partner_id AND l.company_id = f.company_id AND l.item = f.item
                     WHERE (f.partner_id, f.company_id) IN (SELECT partner_id, company_id FROM later)
                  GROUP BY f.partner_id, f.company_id),
                    known AS (
                    SELECT a.partner_id, a.company_id, a.offers, count(b.item) AS things
                      FROM asked a LEFT JOIN customer_offer_bought b ON b.partner_id = a.partner_id
                  GROUP BY a.partner_id, a.company_id, a.offers),
                    listed AS (
                    SELECT w.*, row_number() OVER (PARTITION BY w.partner_id, w.company_id ORDER BY w.place) AS number
                      FROM (SELECT k.partner_id, b.*, k.offers
                              FROM known k JOIN customer_offer_best b
                                   ON b.company_id = k.company_id AND b.place <= k.offers + k.things) AS w
                     WHERE NOT %(has)s),
                    plain AS (
                    SELECT t.partner_id, t.company_id, bool_or(l.item IS NOT NULL) AS hit
                      FROM listed t
                 LEFT JOIN later l ON l.partner_id = t.partner_id AND l.company_id = t.company_id AND l.item = t.item
                     WHERE t.number <= t.offers
                  GROUP BY t.partner_id, t.company_id)
               SELECT a.company_id, count(*), count(*) FILTER (WHERE a.hit), count(*) FILTER (WHERE p.hit),
                      count(*) FILTER (WHERE a.hit AND p.hit IS NOT TRUE), count(*) FILTER (WHERE p.hit AND NOT a.hit)
                 FROM asked a LEFT JOIN plain p ON p.partner_id = a.partner_id AND p.company_id = a.company_id
             GROUP BY a.company_id""",
            lines=self.env['customer.offer.finder']._lines_sql(look, None), cutoff=before.day, has=has)
