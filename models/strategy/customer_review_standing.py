from odoo import api, fields, models
from odoo.tools import SQL

#: How strategies and their KPIs stood at the end of the time of reviews, where that is not how they stand now.
STRATEGIES, LINES = SQL.identifier('customer_review_standing'), SQL.identifier('customer_review_standing_kpi')


class CustomerReviewStanding(models.AbstractModel):
    """How customers and strategies stood at the end of the time that a review looks back at (STR-5).

    What customers bought, whether they were managed and how far strategies came goes on after that day. Where it did, it is
    found out as of the day, in temporary tables; the rest is taken as it is stored.
    """

    _name = 'customer.review.standing'
    _description = "Standing at the End of a Review"

    def _stand(self, reviews, covered):
        """Put what is known of the customers of a draft back to the end of its time.

        :param reviews: customer.review
        :param covered: see ``customer.review.drafter._cover``; ``revenue`` and ``managed`` are those of today before, and
            of ``stop`` after
        """
        for table, columns in ((STRATEGIES, "strategy_id int, stop date, attainment numeric, grade_id int"),
                               (LINES, "line_id int, stop date, actual float8, has_actual bool, attainment numeric")):
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
            self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", table, SQL(columns)))
        today = fields.Date.context_today(self)
        for stop in sorted({min(review.date_end, today) for review in reviews} - {today}):
            self._stand_customers(covered, stop)
            self._stand_strategies(covered, stop)

    def _stand_customers(self, covered, stop):
        """Put back what customers had bought by a day, and whether they were managed then."""
        ranking = self.env['customer.ranking'].sudo()  # figures are one over all companies
        partner_ids = [row[0] for row in self.env.execute_query(SQL(
            "SELECT DISTINCT partner_id FROM %s WHERE stop = %s", covered, stop))]
        if not partner_ids:
            return
        self.env['customer.document']._flush()
        self.env['customer.tier.change'].flush_model()
        scheme = self.env['customer.tier.scheme']._get_current()
        self.env.cr.execute(SQL(
            """UPDATE %(covered)s c
                  SET revenue = COALESCE(b.revenue, 0),
                      managed = COALESCE(LEAST(p.customer_first_order, p.customer_managed_since) <= %(stop)s, TRUE) AND CASE
                          WHEN last.cause IS NOT NULL THEN last.cause = 'back'
                          WHEN later.cause IS NOT NULL THEN later.cause = 'left'
                          ELSE COALESCE(p.customer_managed, FALSE) END
                 FROM res_partner p
            LEFT JOIN (%(bought)s) b ON b.id = p.id
    LEFT JOIN LATERAL (SELECT h.cause FROM customer_tier_change h
                        WHERE h.partner_id = p.id AND h.cause IN ('left', 'back') AND h.date <= %(stop)s
                     ORDER BY h.date DESC, h.id DESC LIMIT 1) last ON TRUE
    LEFT JOIN LATERAL (SELECT h.cause FROM customer_tier_change h
                        WHERE h.partner_id = p.id AND h.cause IN ('left', 'back') AND h.date > %(stop)s
                     ORDER BY h.date, h.id LIMIT 1) later ON TRUE
                WHERE p.id = c.partner_id AND c.stop = %(stop)s""",
            covered=covered, stop=stop, bought=ranking._bought_sql(scheme, partner_ids, stop)))

    def _stand_strategies(self, covered, stop):
        """Measure what ran at the end of a day and was measured since, over its days until then."""
        self.env['customer.strategy'].flush_model()
        ids = [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT s.id
                 FROM %s c
                 JOIN customer_strategy s ON s.partner_id = c.partner_id
                WHERE c.stop = %s AND s.state <> 'draft' AND GREATEST(s.date_start, s.started_on) <= c.stop
                  AND (s.state = 'active' AND s.measured_on > c.stop OR s.state = 'done' AND s.date_end > c.stop)""",
            covered, stop))]
        strategies, lines = self.env['customer.strategy.measurer']._as_of(self.env['customer.strategy'].browse(ids), stop)
        for table, rows in ((STRATEGIES, strategies), (LINES, lines)):
            if rows:
                self.env.cr.execute(SQL("INSERT INTO %s VALUES %s", table, SQL(", ").join(
                    SQL("%s", (key, stop, *values)) for key, values in rows.items())))

    @api.model
    def _day_of_sql(self, moment, user, company=None):
        """Return SQL for the day on which somebody did something, where that person was.

        :param SQL moment: when, in UTC
        :param SQL user: the id, may be null
        :param SQL company: the company that decides where there is no user
        """
        clock = self.env['customer.clock']
        return clock._day_sql(moment, clock._user_zone_sql(user, company))

    def _standing_sql(self):
        """Return the pieces of SQL that say how a strategy ``s`` stood at the end of the time ``c``.

        :return: ``standing`` is a join as the relation ``n``, ``values`` a join of a KPI ``k`` as ``v``; ``effect`` and
            ``attainment`` are expressions, ``by_hand`` and ``ended`` conditions
        :rtype: dict[str, SQL]
        """
        by_hand = SQL("(s.grade_manual_id IS NOT NULL AND COALESCE(s.grade_judged_on <= c.stop, TRUE))")
        return {
            'standing': SQL("LEFT JOIN %s n ON n.strategy_id = s.id AND n.stop = c.stop", STRATEGIES),
            'values': SQL(
                """LEFT JOIN %s nk ON nk.line_id = k.id AND nk.stop = c.stop
             CROSS JOIN LATERAL (SELECT CASE WHEN nk.line_id IS NULL THEN k.actual ELSE nk.actual END AS actual,
                                        CASE WHEN nk.line_id IS NULL THEN k.has_actual ELSE nk.has_actual END AS has_actual,
                                        CASE WHEN nk.line_id IS NULL THEN k.attainment ELSE nk.attainment END AS attainment
                                ) v""", LINES),
            'effect': SQL(
                """CASE WHEN %s THEN s.grade_manual_id
                        WHEN n.strategy_id IS NULL THEN s.grade_id ELSE n.grade_id END""", by_hand),
            'attainment': SQL("CASE WHEN n.strategy_id IS NULL THEN s.attainment ELSE n.attainment END"),
            'by_hand': by_hand,
            'ended': SQL("(s.state = 'done' AND s.date_end <= c.stop)"),
        }
