"""What the nightly refresh leaves behind, by hand-written SQL: the comparator of ``refresh``, not a benchmark by itself.

It knows what this database looks like and nothing else: orders and no invoices, one company, one currency and one time zone,
the shipped ranking, segments, factors of the potential and cadences, nobody ranked by hand. What it leaves has to be what the
product leaves, row by row, see :func:`left_behind`.
"""

#: In this order. ``%(start)s`` is the first day of the twelve months, ``%(today)s`` the day, and the rest ids of records.
COMPLETE = [
    # who joined, and who is no customer any more
    """CREATE TEMPORARY TABLE floor_bought ON COMMIT DROP AS
       SELECT customer_commercial_id AS id,
              round(sum(amount_untaxed / currency_rate) FILTER (WHERE day >= %(start)s), 2) AS revenue,
              min(day) AS first_order, max(day) AS last_order
         FROM (SELECT customer_commercial_id, amount_untaxed, currency_rate, date_order::date AS day
                 FROM sale_order WHERE state = 'sale') AS o
        WHERE day <= %(today)s
     GROUP BY customer_commercial_id""",
    """UPDATE res_partner p SET customer_managed = TRUE, customer_managed_since = %(today)s
         FROM floor_bought b WHERE b.id = p.id AND p.customer_managed IS NOT TRUE AND p.active""",
    """UPDATE res_partner p SET customer_managed = NULL
        WHERE p.customer_managed IS TRUE AND p.customer_enrolment = 'auto'
          AND (NOT p.active OR NOT EXISTS (SELECT 1 FROM floor_bought b WHERE b.id = p.id))""",
    # the potential: six factors, and the grade
    """CREATE TEMPORARY TABLE floor_potential ON COMMIT DROP AS
       WITH answers AS (
            SELECT DISTINCT ON (partner_id, question) partner_id, question, answer
              FROM customer_potential_answer WHERE date > %(today)s - 365
          ORDER BY partner_id, question, date DESC, id DESC
       ), asked AS (
            SELECT partner_id, max(answer) FILTER (WHERE question = 'upgrade') AS upgrade,
                   max(answer) FILTER (WHERE question = 'expansion') AS expansion,
                   max(answer) FILTER (WHERE question = 'budget') AS budget
              FROM answers GROUP BY partner_id
       ), offers AS (
            SELECT partner_id, sum(amount) AS amount FROM customer_offer
             WHERE state IN ('open', 'later', 'quoted') GROUP BY partner_id
       ), referrals AS (
            SELECT referrer_id AS partner_id, count(*) AS n FROM customer_referral
             WHERE state <> 'refused' AND date > %(today)s - 730 GROUP BY referrer_id
       ), points AS (
            SELECT p.id, p.customer_potential, p.customer_potential_reason,
                   CASE WHEN i.customer_growth >= 30 THEN 100 WHEN i.customer_growth >= 20 THEN 75
                        WHEN i.customer_growth >= 10 THEN 50 WHEN i.customer_growth >= 0 THEN 20
                        WHEN i.customer_growth < 0 THEN 0 END AS growth,
                   CASE a.upgrade WHEN 'yes' THEN 100 WHEN 'maybe' THEN 50 WHEN 'no' THEN 0 END AS upgrade,
                   CASE a.expansion WHEN 'yes' THEN 100 WHEN 'maybe' THEN 50 WHEN 'no' THEN 0 END AS expansion,
                   CASE a.budget WHEN 'growing' THEN 100 WHEN 'level' THEN 50 WHEN 'shrinking' THEN 0 END AS budget,
                   CASE WHEN r.n >= 3 THEN 100 WHEN r.n = 2 THEN 80 WHEN r.n = 1 THEN 60 ELSE 0 END AS referrals,
                   CASE WHEN 100 * o.amount >= 30 * p.customer_revenue THEN 100
                        WHEN 100 * o.amount >= 15 * p.customer_revenue THEN 70
                        WHEN 100 * o.amount >= 5 * p.customer_revenue THEN 40 WHEN o.amount IS NOT NULL THEN 0 END AS offers
              FROM res_partner p
         LEFT JOIN res_partner_industry i ON i.id = p.industry_id
         LEFT JOIN asked a ON a.partner_id = p.id
         LEFT JOIN offers o ON o.partner_id = p.id
         LEFT JOIN referrals r ON r.partner_id = p.id
             WHERE p.customer_managed IS TRUE
       ), scores AS (
            SELECT s.*, CASE WHEN sure >= 50 THEN total * 1.0 / sure END AS score
              FROM (SELECT p.*, CASE WHEN growth IS NULL THEN 0 ELSE 25 END + CASE WHEN upgrade IS NULL THEN 0 ELSE 20 END
                                + CASE WHEN expansion IS NULL THEN 0 ELSE 20 END + CASE WHEN budget IS NULL THEN 0 ELSE 15 END
                                + 10 + CASE WHEN offers IS NULL THEN 0 ELSE 10 END AS sure,
                           COALESCE(growth * 25, 0) + COALESCE(upgrade * 20, 0) + COALESCE(expansion * 20, 0)
                           + COALESCE(budget * 15, 0) + referrals * 10 + COALESCE(offers * 10, 0) AS total
                      FROM points p) s
       )
       SELECT id, score, CASE WHEN score >= 70 THEN 'high' WHEN score >= 40 THEN 'medium' ELSE 'low' END AS grade
         FROM scores
        WHERE customer_potential_reason IS NULL AND score IS NOT NULL
          AND customer_potential IS DISTINCT FROM
              CASE WHEN score >= 70 THEN 'high' WHEN score >= 40 THEN 'medium' ELSE 'low' END""",
    "UPDATE res_partner p SET customer_potential = f.grade FROM floor_potential f WHERE f.id = p.id",
    # rank, tier and segment of whom anything changed
    """CREATE TEMPORARY TABLE floor_rank ON COMMIT DROP AS
       WITH ranked AS (
            SELECT p.id, p.customer_revenue AS old_revenue,
                   p.customer_first_order AS old_first, p.customer_last_order AS old_last,
                   p.customer_tier_id AS old_tier_id, p.customer_segment_id AS old_segment_id, p.customer_risk_level AS risk,
                   p.customer_potential AS potential, COALESCE(p.customer_health_band, 'none') AS band,
                   COALESCE(b.revenue, 0) AS revenue, b.first_order, b.last_order,
                   round((rank() OVER (ORDER BY COALESCE(b.revenue, 0) DESC) - 1) * 100.0 / count(*) OVER (), 4) AS position
              FROM res_partner p LEFT JOIN floor_bought b ON b.id = p.id
             WHERE p.customer_managed IS TRUE
       ), tiers AS (
            SELECT r.*, CASE WHEN position < 20 AND revenue > 0 THEN %(high)s
                             WHEN position < 70 AND revenue > 0 THEN %(mid)s ELSE %(low)s END AS new_tier_id
              FROM ranked r
       ), placed AS (
            SELECT t.*, CASE WHEN new_tier_id = %(high)s AND (risk = 'high' OR band = 'risk') THEN %(high_potential)s
                             WHEN new_tier_id = %(high)s AND risk IS NULL AND band = 'none' THEN %(unknown)s
                             WHEN new_tier_id = %(high)s THEN %(high_stable)s
                             WHEN potential = 'high' THEN %(high_potential)s
                             WHEN risk = 'high' OR band = 'risk' THEN %(low_risk)s
                             WHEN risk IS NULL AND band = 'none' THEN %(unknown)s
                             ELSE %(low_stable)s END AS new_segment_id
              FROM tiers t
       )
       SELECT * FROM placed
        WHERE (new_tier_id, new_segment_id) IS DISTINCT FROM (old_tier_id, old_segment_id)
           OR (revenue, first_order, last_order) IS DISTINCT FROM (old_revenue, old_first, old_last)
     ORDER BY id""",
    """UPDATE res_partner p
          SET customer_revenue = r.revenue, customer_first_order = r.first_order, customer_last_order = r.last_order,
              customer_tier_id = r.new_tier_id, customer_segment_id = r.new_segment_id,
              customer_tier_since = CASE WHEN r.new_tier_id = r.old_tier_id THEN p.customer_tier_since ELSE %(today)s END,
              customer_segment_since = CASE WHEN r.new_segment_id = r.old_segment_id THEN p.customer_segment_since
                                            ELSE %(today)s END,
              write_date = now() AT TIME ZONE 'UTC'
         FROM floor_rank r WHERE r.id = p.id""",
    """INSERT INTO customer_tier_change (partner_id, date, old_tier_id, new_tier_id, cause, direction, revenue, position,
                                         currency_id, create_date, write_date)
       SELECT r.id, %(today)s, old_tier_id, new_tier_id, 'revenue',
              CASE WHEN (n.sequence, n.id) < (o.sequence, o.id) THEN 'up' ELSE 'down' END, revenue, position, %(currency)s,
              now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
         FROM floor_rank r JOIN customer_tier o ON o.id = r.old_tier_id JOIN customer_tier n ON n.id = r.new_tier_id
        WHERE r.new_tier_id <> r.old_tier_id ORDER BY r.id""",
    """INSERT INTO customer_segment_change (partner_id, date, old_segment_id, new_segment_id, cause, tier_id, potential, risk,
                                            health_band, create_date, write_date)
       SELECT id, %(today)s, old_segment_id, new_segment_id, 'tier', new_tier_id, potential, risk, band,
              now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
         FROM floor_rank WHERE new_segment_id <> old_segment_id ORDER BY id""",
    # whose follow-ups are planned anew: another tier, or a touchpoint of the cadence without an open follow-up
    """INSERT INTO customer_plan_request (partner_id, attempts, create_date, write_date)
       SELECT id, 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
         FROM floor_rank WHERE new_tier_id <> old_tier_id ORDER BY id""",
    """INSERT INTO customer_plan_request (partner_id, attempts, create_date, write_date)
       SELECT DISTINCT p.id, 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
         FROM res_partner p
         JOIN customer_cadence_customer_tier_rel k ON k.customer_tier_id = p.customer_tier_id
         JOIN customer_cadence c ON c.id = k.customer_cadence_id AND c.active
         JOIN customer_cadence_step s ON s.cadence_id = c.id AND s.active AND s.kind = 'recurring'
        WHERE p.customer_managed IS TRUE AND p.customer_do_not_contact IS NOT TRUE
          AND NOT EXISTS (SELECT 1 FROM customer_followup f
                           WHERE f.partner_id = p.id AND f.step_id = s.id AND f.state = 'planned')
          AND NOT EXISTS (SELECT 1 FROM floor_rank r WHERE r.id = p.id AND r.new_tier_id <> r.old_tier_id)""",
]
#: What is there afterwards, one number each.
LEFT_BEHIND = """
SELECT (SELECT md5(string_agg(concat_ws('|', id, customer_revenue::float8, customer_first_order, customer_last_order,
                                        customer_tier_id, customer_tier_since, customer_segment_id,
                                        customer_segment_since, customer_potential),
                              ',' ORDER BY id))
          FROM res_partner WHERE customer_managed),
       (SELECT md5(string_agg(concat_ws('|', partner_id, date, old_tier_id, new_tier_id, cause, direction, revenue::float8,
                                        position::float8, currency_id), ',' ORDER BY partner_id, id))
          FROM customer_tier_change),
       (SELECT md5(string_agg(concat_ws('|', partner_id, date, old_segment_id, new_segment_id, cause, tier_id, potential, risk,
                                        health_band), ',' ORDER BY partner_id, id))
          FROM customer_segment_change),
       (SELECT md5(string_agg(DISTINCT partner_id::text, ',' ORDER BY partner_id::text)) FROM customer_plan_request)
"""


def ids(env):
    """The records that the statements name."""
    found = {name: env.ref(f'customer_success.customer_segment_{name}').id
             for name in ('high_stable', 'high_potential', 'low_stable', 'low_risk', 'unknown')}
    return {**found, 'currency': env.ref('base.main_company').currency_id.id}


def left_behind(env):
    """Figures, histories and requests after a refresh, as checksums, to be compared."""
    env.flush_all()
    env.cr.execute(LEFT_BEHIND)
    return dict(zip(('figures', 'tier changes', 'segment changes', 'requests'), env.cr.fetchone(), strict=True))
