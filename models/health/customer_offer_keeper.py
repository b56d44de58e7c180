from odoo import api, fields, models
from odoo.tools import SQL

from ..base.local_day import in_company_zone

#: Offers that nobody did anything about are forgotten so many days after they were proposed last.
FORGET_DAYS = 365


class CustomerOfferKeeper(models.AbstractModel):
    """Keeps what to offer up to date, by night for all customers and at once for some; writes only what changes (HEA-7)."""

    _name = 'customer.offer.keeper'
    _description = "Keeper of What to Offer"

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly: what was bought of what was offered, and what is to be offered now?"""
        with self.env['customer.run']._measure('offer') as run:
            result = self._refresh()
            run['done'] = result['rows']
            run['note'] = self.env._(
                "Pairs: %(pairs)s, new offers: %(new)s, no longer proposed: %(gone)s, bought: %(bought)s",
                pairs=result['pairs'], new=result['new'], gone=result['gone'], bought=result['bought'])

    @api.model
    def _refresh(self, partner_ids=None, try_now=False):
        """Bring offers up to date.

        :param partner_ids: ids of customers, None for all; of some, the pairs that the last night found are taken
        :param bool try_now: try first whether offers are worth being shown, however long ago that was done
        :return: how many ``rows`` were written, of them offers that are ``new``, ``gone`` or ``bought``, and all ``pairs``
        :rtype: dict[str, int]
        """
        finder, trials, pairs = (self.env[f'customer.offer.{name}'] for name in ('finder', 'trial', 'pair'))
        for model in ('customer.offer', 'customer.offer.pair', 'res.partner', 'sale.order.line'):
            self.env[model].flush_model()
        look, result = finder._look(), {'rows': 0}
        if partner_ids is not None and not (trials._proven() or self._known(partner_ids)):
            return {'rows': 0, 'new': 0, 'gone': 0, 'bought': 0, 'pairs': 0}
        finder._flush()
        if partner_ids is None:
            self.env['customer.statistics']._keep(
                'res_partner', 'sale_order', 'sale_order_line', 'customer_offer', 'customer_offer_pair')
            if try_now or trials._is_due(look):
                trials._try(look)
        finder._find_bought(look, partner_ids)
        if partner_ids is None:
            finder._find_rules(look)
            result['rows'] += pairs._keep(look.level)
        result |= self._keep_offers(look, partner_ids, result['rows'])
        finder._drop()
        [[result['pairs']]] = self.env.execute_query(SQL("SELECT count(*) FROM customer_offer_pair WHERE active"))
        self.env['customer.offer'].invalidate_model()
        return result

    @api.model
    def _known(self, partner_ids):
        """Return whether something was ever offered to customers."""
        return bool(self.env['customer.offer'].search_count([('partner_id', 'in', list(partner_ids))], limit=1))

    @api.model
    def _keep_offers(self, look, partner_ids, rows):
        """Bring offers to what was bought, is quoted, and is found; see :meth:`_refresh`.

        :param int rows: that were written before
        """
        only = SQL("AND o.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        bought = self._note_bought(look, only)
        changed = self._note_ended(only) + self._note_quoted(look, only)
        self.env['customer.offer.finder']._find_offers(
            look, self.env['customer.offer.pair']._in_force_sql(look.level, self.env['customer.offer.trial']._proven()),
            without=SQL(
                """(SELECT partner_id, company_id, item_key AS item FROM customer_offer
                     WHERE level = %s AND state IN ('later', 'quoted', 'refused'))""", look.level), partner_ids=partner_ids)
        gone, (new, again) = self._note_gone(look, only), self._write_found(look)
        return {'rows': rows + bought + changed + gone + new + again, 'new': new, 'gone': gone, 'bought': bought}

    # ------------------------------------------------------------
    # WHAT BECAME OF THEM
    # ------------------------------------------------------------

    @api.model
    def _execute(self, query):
        """Execute a statement; return how many rows it wrote."""
        self.env.cr.execute(query)
        return self.env.cr.rowcount

    @api.model
    def _note_bought(self, look, only):
        """Whoever bought what it was offered: by way of us or not, refused before or not."""
        return self._execute(SQL(
            """UPDATE customer_offer o
                  SET state = 'bought', bought_on = %(bought_on)s, write_date = %(now)s,
                      bought_percent = CASE WHEN %(bought_on)s - o.offered_on <= %(days)s THEN 100 ELSE 0 END
                 FROM (SELECT partner_id, item, min(first_day) AS first_day, max(last_day) AS last_day
                         FROM customer_offer_bought WHERE had GROUP BY partner_id, item) AS b
                WHERE o.partner_id = b.partner_id AND o.item_key = b.item AND o.level = %(level)s
                  AND o.state NOT IN ('bought', 'over') AND b.last_day >= o.offered_on %(only)s""",
            # what it bought long ago, and is offered again, is bought when it is bought again
            bought_on=SQL("CASE WHEN b.first_day >= o.offered_on THEN b.first_day ELSE b.last_day END"),
            now=self.env.cr.now(), level=look.level, only=only,
            days=self.env['res.config.settings']._customer_success('offer_measure_days')))

    @api.model
    def _note_ended(self, only):
        """What was put off comes back, what was refused may be offered again, once the day is past."""
        return self._execute(SQL(
            """UPDATE customer_offer o
                  SET state = CASE WHEN o.state = 'later' THEN 'open' ELSE 'over' END, write_date = %s,
                      decided_on = CASE WHEN o.state = 'refused' THEN o.decided_on END
                WHERE o.state IN ('later', 'refused') AND o.until < %s %s""",
            self.env.cr.now(), fields.Date.context_today(self), only))

    @api.model
    def _note_quoted(self, look, only):
        """What stands on a quotation is quoted, whoever wrote it; what was on one that came to nothing, or was ordered without
        it, is open again."""
        item = self.env['customer.offer.finder']._item_sql(look.level)
        products = self.env['customer.offer.finder']._products_sql(look.level)
        again = self._execute(SQL(
            """UPDATE customer_offer o
                  SET state = 'open', order_id = NULL, decided_on = NULL, quoted_on = NULL, write_date = %(now)s
                WHERE o.state = 'quoted' %(only)s
                  AND NOT EXISTS (SELECT 1 FROM sale_order q WHERE q.id = o.order_id AND q.state IN ('draft', 'sent'))""",
            now=self.env.cr.now(), only=only))
        return again + self._execute(SQL(
            """UPDATE customer_offer o
                  SET state = 'quoted', order_id = q.id, quoted_percent = 100, write_date = %(now)s,
                      quoted_on = COALESCE(o.quoted_on, %(today)s)
                 FROM (SELECT DISTINCT ON (o.customer_commercial_id, o.company_id, %(item)s)
                              o.customer_commercial_id AS partner_id, o.company_id, %(item)s AS item, o.id, o.create_date
                         FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id JOIN %(products)s v ON v.id = l.product_id
                        WHERE o.state IN ('draft', 'sent') AND l.product_uom_qty > 0
                     ORDER BY o.customer_commercial_id, o.company_id, %(item)s, o.id DESC) AS q
                WHERE q.partner_id = o.partner_id AND q.company_id = o.company_id AND q.item = o.item_key
                  AND o.level = %(level)s AND o.state IN ('open', 'later') AND q.create_date >= o.offered_on %(only)s""",
            now=self.env.cr.now(), today=fields.Date.context_today(self), item=item, products=products, level=look.level,
            only=only))

    # ------------------------------------------------------------
    # WHAT TO OFFER NOW
    # ------------------------------------------------------------

    @api.model
    def _note_gone(self, look, only):
        """What is not found any more is no longer proposed; it is kept for what becomes of it."""
        return self._execute(SQL(
            """UPDATE customer_offer o SET state = 'gone', gone_on = %(today)s, write_date = %(now)s
                WHERE o.state = 'open' %(only)s
                  AND NOT EXISTS (SELECT 1 FROM customer_offer_found f
                                   WHERE o.level = %(level)s AND f.partner_id = o.partner_id AND f.company_id = o.company_id
                                     AND f.item = o.item_key)""",
            today=fields.Date.context_today(self), now=self.env.cr.now(), only=only, level=look.level))

    @api.model
    def _write_found(self, look):
        """Write offers that are new, back, or found otherwise than before.

        :return: how many are new, and how many of the others were written
        :rtype: tuple[int, int]
        """
        today, now = fields.Date.context_today(self), self.env.cr.now()
        changed = self._execute(SQL(
            """UPDATE customer_offer o
                  SET state = 'open', pair_id = f.pair_id, place = f.place, amount = f.yearly, categ_id = f.categ_id,
                      gone_on = NULL, write_date = %(now)s,
                      offered_on = CASE WHEN o.state = 'gone' AND o.gone_on <= %(today)s::date - %(days)s
                                        THEN %(today)s ELSE o.offered_on END
                 FROM customer_offer_found f
                WHERE f.partner_id = o.partner_id AND f.company_id = o.company_id AND f.item = o.item_key
                  AND o.level = %(level)s AND o.state IN ('open', 'gone')
                  AND (o.state, o.pair_id, o.place, o.amount, o.categ_id)
                      IS DISTINCT FROM ('open', f.pair_id, f.place, f.yearly, f.categ_id)""",
            now=now, today=today, level=look.level,
            days=self.env['res.config.settings']._customer_success('offer_measure_days')))
        new = self._execute(SQL(
            """INSERT INTO customer_offer (partner_id, company_id, level, item_key, product_tmpl_id, categ_id, pair_id, place,
                                           amount, state, offered_on, quoted_percent, bought_percent, create_date, write_date)
                    SELECT f.partner_id, f.company_id, %(level)s, f.item, f.product_tmpl_id, f.categ_id, f.pair_id, f.place,
                           f.yearly, 'open', %(today)s, 0, 0, %(now)s, %(now)s
                      FROM customer_offer_found f
                     WHERE NOT EXISTS (
                           SELECT 1 FROM customer_offer o
                            WHERE o.partner_id = f.partner_id AND o.company_id = f.company_id AND o.level = %(level)s
                              AND o.item_key = f.item AND o.state NOT IN ('bought', 'over'))
                  ORDER BY f.partner_id, f.place
               ON CONFLICT DO NOTHING""", level=look.level, today=today, now=now))
        return new, changed

    @api.autovacuum
    def _gc_offers(self):
        """Forget offers that nobody did anything about, a year after they were proposed last."""
        old = self.env['customer.offer'].search([
            ('state', '=', 'gone'), ('quoted_on', '=', False),
            ('gone_on', '<', fields.Date.subtract(fields.Date.context_today(self), days=FORGET_DAYS))], limit=10000)
        old.unlink()
        return len(old), len(old) == 10000
