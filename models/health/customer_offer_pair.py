from odoo import api, fields, models
from odoo.tools import SQL

from ..base.customer_fact import array

LEVELS = [('product', "Products"), ('category', "Categories of products")]

#: What of a pair the night may find otherwise than the night before.
FIGURES = ('categ_id', 'reason_categ_id', 'buyers', 'both_buyers', 'expected', 'low', 'lift', 'usual_days', 'yearly', 'active')


class CustomerOfferPair(models.Model):
    """Two things that the customers of a company buy together more often than chance would have it, as the last night found
    them: why something is offered (HEA-7). A pair that holds no longer is archived, as long as an offer tells of it."""

    _name = 'customer.offer.pair'
    _description = "Bought Together"
    _inherit = 'customer.main.currency'
    _order = 'low desc, id'

    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, index=True, ondelete='cascade')
    level = fields.Selection(selection=LEVELS, string="Pairs Of", required=True, readonly=True)
    reason_key = fields.Integer(required=True, readonly=True, export_string_translation=False)
    item_key = fields.Integer(required=True, readonly=True, export_string_translation=False)
    reason_tmpl_id = fields.Many2one(
        comodel_name='product.template', string="Who Buys", readonly=True, index='btree_not_null', ondelete='cascade')
    reason_categ_id = fields.Many2one(
        comodel_name='product.category', string="Who Buys From", readonly=True, index='btree_not_null', ondelete='cascade')
    product_tmpl_id = fields.Many2one(
        comodel_name='product.template', string="Also Buys", readonly=True, index='btree_not_null', ondelete='cascade')
    categ_id = fields.Many2one(
        comodel_name='product.category', string="Also Buys From", readonly=True, index='btree_not_null', ondelete='cascade')
    buyers = fields.Integer(
        readonly=True, aggregator=None, help="So many customers bought the first within the period.")
    both_buyers = fields.Integer(
        string="Bought Both", readonly=True, aggregator=None, help="So many of these bought the second as well.")
    expected = fields.Float(
        string="Share by Chance", readonly=True, digits=(16, 4), aggregator=None,
        help="Which share of the buyers would have bought both by chance, by how much they and all others buy.")
    low = fields.Float(
        string="Share at Least", readonly=True, digits=(16, 4), aggregator=None,
        help="The lower bound of the share of buyers who buy both: what was found is not exact, the less so the fewer they are.")
    lift = fields.Float(
        string="Times as Likely", readonly=True, digits=(16, 2), aggregator=None,
        help="So many times as likely as by chance, at least.")
    usual_days = fields.Float(
        string="Bought Again After (days)", readonly=True, digits=(16, 1), aggregator=None,
        help="Half of those who buy the second again do so within these days. 0: nobody did.")
    yearly = fields.Monetary(
        string="Median a Year", currency_field='currency_id', readonly=True, aggregator=None,
        help="Half of the customers who buy both spend more than this a year on the second, without taxes.")
    active = fields.Boolean(default=True, readonly=True, help="Off: it held once, and does no longer.")
    evidence = fields.Text(compute='_compute_evidence', help="What the company's own orders say.")

    _pair_uniq = models.Constraint(
        'UNIQUE (company_id, level, reason_key, item_key)', "These two are known as a pair already.")

    @api.depends('reason_key', 'item_key')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = self.env._("%(reason)s, then %(item)s", reason=pair._reason_name(), item=pair._item_name())

    @api.depends('both_buyers', 'buyers', 'yearly', 'reason_key', 'item_key')
    @api.depends_context('lang')
    def _compute_evidence(self):
        facts = self.env['customer.fact']
        for pair in self:
            values = {'both': pair.both_buyers, 'buyers': pair.buyers, 'reason': pair._reason_name(), 'item': pair._item_name(),
                      'amount': facts._format_money(pair.yearly)}
            if not pair.yearly:
                # an exchange rate is missing
                pair.evidence = self.env._("%(both)s of %(buyers)s customers who buy %(reason)s also buy %(item)s", **values)
            else:
                pair.evidence = self.env._(
                    "%(both)s of %(buyers)s customers who buy %(reason)s also buy %(item)s; median %(amount)s a year", **values)

    def _reason_name(self):
        return (self.reason_tmpl_id or self.reason_categ_id).sudo().display_name or "–"  # what goes with what is no secret

    def _item_name(self):
        return (self.product_tmpl_id or self.categ_id).sudo().display_name or "–"  # as above

    # ------------------------------------------------------------
    # KEEPING
    # ------------------------------------------------------------

    @api.model
    def _keep(self, level):
        """Make the pairs what the finder found in ``customer_offer_rule``; write only those that differ.

        :param str level: of which they are
        :return: how many rows were written
        :rtype: int
        """
        self.flush_model()
        of_product, now = level == 'product', self.env.cr.now()
        columns = SQL(", ").join(map(SQL.identifier, FIGURES))
        self.env.cr.execute(SQL(
            """INSERT INTO customer_offer_pair (company_id, level, reason_key, item_key, reason_tmpl_id, product_tmpl_id,
                                                %(columns)s, create_date, write_date)
                    SELECT r.company_id, %(level)s, r.reason, r.item, reason.id, item.id,
                           %(item_category)s, %(reason_category)s, r.buyers, r.both_buyers, round(r.expected::numeric, 4),
                           round(r.low::numeric, 4), round(r.lift::numeric, 2), round(COALESCE(r.usual_days, 0)::numeric, 1),
                           round(COALESCE(r.yearly, 0)::numeric, %(decimals)s), TRUE, %(now)s, %(now)s
                      FROM customer_offer_rule r
                 LEFT JOIN product_template reason ON %(of_product)s AND reason.id = r.reason
                 LEFT JOIN product_template item ON %(of_product)s AND item.id = r.item
                  ORDER BY r.company_id, r.reason, r.item
               ON CONFLICT (company_id, level, reason_key, item_key) DO UPDATE
                       SET (%(columns)s, write_date) = (SELECT %(new)s, EXCLUDED.write_date)
                     WHERE (%(old)s) IS DISTINCT FROM (%(new)s)""",
            columns=columns, level=level, of_product=of_product, now=now,
            item_category=SQL("item.categ_id") if of_product else SQL("r.item"),
            reason_category=SQL("reason.categ_id") if of_product else SQL("r.reason"),
            decimals=self.env['customer.registry']._main_company().currency_id.decimal_places,
            old=SQL(", ").join(SQL.identifier('customer_offer_pair', name) for name in FIGURES),
            new=SQL(", ").join(SQL.identifier('excluded', name) for name in FIGURES)))
        written = self.env.cr.rowcount
        self.env.cr.execute(SQL(
            """UPDATE customer_offer_pair p SET active = FALSE, write_date = %s
                WHERE p.active AND NOT EXISTS (
                      SELECT 1 FROM customer_offer_rule r
                       WHERE p.level = %s AND r.company_id = p.company_id AND r.reason = p.reason_key
                         AND r.item = p.item_key)""", now, level))
        self.invalidate_model()
        return written + self.env.cr.rowcount

    @api.model
    def _in_force_sql(self, level, company_ids):
        """Return SQL with the pairs by which something is offered, as ``customer.offer.finder._find_offers`` takes them.

        :param list company_ids: of companies whose offers are worth being shown
        """
        return SQL(
            """(SELECT id AS pair_id, company_id, reason_key AS reason, item_key AS item, product_tmpl_id, categ_id, low, yearly,
                       usual_days
                  FROM customer_offer_pair WHERE active AND level = %s AND company_id = ANY(%s::int[]))""",
            level, array(company_ids))

    @api.autovacuum
    def _gc_pairs(self):
        """Forget pairs that hold no longer and that no offer tells of."""
        [[count]] = self.env.execute_query(SQL(
            """WITH gone AS (DELETE FROM customer_offer_pair p
                              WHERE p.active IS NOT TRUE
                                AND NOT EXISTS (SELECT 1 FROM customer_offer o WHERE o.pair_id = p.id) RETURNING 1)
               SELECT count(*) FROM gone"""))
        self.invalidate_model()
        return count, False
