from odoo import api, fields, models
from odoo.tools import SQL, ormcache
from odoo.tools.i18n import format_list


class CustomerCadenceChooser(models.AbstractModel):
    """Which customer follows which cadence: the one that was agreed with it, else its own, else that of where it stands with
    us, else that of its segment, else that of its tier, else the default (CAD-1).

    What other wings know of it they say by the hooks of ``customer.planner``, which asks here.
    """

    _name = 'customer.cadence.chooser'
    _description = "Chooses the Cadence of Customers"

    def _sql(self, planner, partner_ids=None, candidate=None, arranged=None):
        """Return SQL with a row per customer that is to be contacted: ``id``, ``company_id``, ``cadence_id``, why it is this
        one (``cadence_by``: strategy, own, standing, segment, tier) and what the dates hang on.

        :param partner_ids: ids of customers, or None for all
        :param candidate: customer.cadence to be taken as active, whether they are or not: what if they went live?
        :param Arranged arranged: what if that was in force? Comes instead of ``candidate``
        """
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        candidate = arranged.on if arranged else candidate
        rules, segment_rules = planner._rules_with(candidate, arranged) if candidate or arranged else planner._rules_in_force()
        tier, segment, placed_join = (SQL("p.customer_tier_id"), SQL("p.customer_segment_id"), SQL()) if not arranged else (
            SQL("placed.tier_id"), SQL("placed.segment_id"),
            SQL("LEFT JOIN (%s) AS placed ON placed.id = p.id", arranged.placed))
        by_segment, segment_join = self._segment_rules_sql(planner, segment_rules, segment)
        agreed, agreed_since, agreed_join = planner._agreed_cadence_sql(candidate)
        standing, standing_since, standing_join = planner._standing_cadence_sql(candidate)
        return SQL(
            """SELECT p.id, p.user_id, p.customer_expert_id AS expert_id, p.email_normalized, p.phone_sanitized,
                      p.customer_managed_since AS managed_since, p.customer_tier_since AS tier_since,
                      p.customer_last_order AS last_order, p.customer_cadence_since AS cadence_since,
                      %(company)s AS company_id,
                      COALESCE(%(agreed)s, own.id, %(standing)s, %(by_segment)s, rule.cadence_id) AS cadence_id,
                      CASE WHEN %(agreed)s IS NOT NULL THEN %(agreed_since)s
                           WHEN own.id IS NULL AND %(standing)s IS NOT NULL THEN %(standing_since)s
                           WHEN own.id IS NULL AND %(by_segment)s IS NOT NULL THEN p.customer_segment_since
                       END AS meant_since,
                      CASE WHEN %(agreed)s IS NOT NULL THEN 'strategy' WHEN own.id IS NOT NULL THEN 'own'
                           WHEN %(standing)s IS NOT NULL THEN 'standing'
                           WHEN %(by_segment)s IS NOT NULL THEN 'segment' ELSE 'tier' END AS cadence_by %(columns)s
                 FROM res_partner p
            LEFT JOIN res_users u ON u.id = p.user_id
            LEFT JOIN customer_cadence own
                   ON own.id = p.customer_cadence_id AND (own.active OR own.id = ANY(%(candidate)s))
            %(placed_join)s
            LEFT JOIN (VALUES %(rules)s) AS rule (company_id, tier_id, cadence_id)
                   ON rule.company_id = %(company)s
                  AND rule.tier_id = COALESCE(%(tier)s, 0)
            %(segment_join)s
            %(standing_join)s
            %(agreed_join)s
                WHERE p.customer_managed IS TRUE AND p.customer_do_not_contact IS NOT TRUE %(only)s""",
            company=planner._company_sql(), only=only,
            candidate=candidate.ids if candidate else [], columns=planner._customer_columns_sql(),
            tier=tier, placed_join=placed_join,
            by_segment=by_segment, segment_join=segment_join,
            agreed=agreed, agreed_since=agreed_since, agreed_join=agreed_join,
            standing=standing, standing_since=standing_since, standing_join=standing_join,
            rules=SQL(", ").join(SQL("(%s::int, %s::int, %s::int)", *row) for row in rules),
        )

    def _segment_rules_sql(self, planner, rules, segment):
        """Return SQL for the cadence of a customer's segment, and the join it needs; nothing is joined where no cadence is
        meant for a segment.

        :param rules: rows of company, segment and cadence, see ``customer.planner._rules_with``
        :param SQL segment: id of the segment of a customer
        """
        if not rules:
            return SQL("NULL::int"), SQL()
        return SQL("segment_rule.cadence_id"), SQL(
            """LEFT JOIN (VALUES %(rules)s) AS segment_rule (company_id, segment_id, cadence_id)
                      ON segment_rule.company_id = %(company)s
                     AND segment_rule.segment_id = %(segment)s""",
            company=planner._company_sql(), segment=segment,
            rules=SQL(", ").join(SQL("(%s::int, %s::int, %s::int)", *row) for row in rules))

    @api.model
    @ormcache()
    def _has_for_people(self):
        """Return whether a cadence is meant for customers whose people change."""
        return bool(self.env['customer.cadence'].sudo().search_count([('for_people', '=', True)], limit=1))  # the plan is one

    def _after_people_sql(self, planner, partner_ids):
        """Return SQL with the cadences of customers one of whose people left or changed within a year; see
        ``customer.planner._beside``."""
        return SQL(
            """SELECT change.partner_id, k.id AS cadence_id, min(change.event_date) AS since
                 FROM (%(changes)s) AS change
                 JOIN res_partner p ON p.id = change.partner_id
            LEFT JOIN res_users u ON u.id = p.user_id
                 JOIN customer_cadence k ON k.for_people AND k.active AND COALESCE(k.company_id, %(company)s) = %(company)s
                WHERE change.event_date > %(first)s
             GROUP BY change.partner_id, k.id""",
            company=planner._company_sql(), changes=planner.env['customer.person.change']._standing_sql(partner_ids),
            first=fields.Date.subtract(fields.Date.context_today(planner), years=1))

    def _after_handover_sql(self, planner, partner_ids):
        """Return SQL with the cadences of customers that changed hands; see ``customer.planner._beside``."""
        return SQL(
            """SELECT h.partner_id, s.cadence_id, min(h.moment)::date AS since
                 FROM (%s) h
                 JOIN customer_cadence_step s ON s.event = 'handover' AND s.kind = 'event' AND s.active
                 JOIN customer_cadence k ON k.id = s.cadence_id AND k.is_beside
             GROUP BY h.partner_id, s.cadence_id""", planner.env['customer.handover']._given_sql(partner_ids))

    def _all_beside_sql(self, planner, partner_ids=None):
        """Return SQL with the cadences in force that customers follow beside their own, see ``customer.planner._beside``."""
        parts = planner._beside(partner_ids)
        return SQL(
            """SELECT b.partner_id, b.cadence_id, min(b.since) AS since
                 FROM (%s) b JOIN customer_cadence k ON k.id = b.cadence_id AND k.active
             GROUP BY b.partner_id, b.cadence_id""",
            SQL(" UNION ALL ").join(parts or [SQL(
                "SELECT NULL::int AS partner_id, NULL::int AS cadence_id, NULL::date AS since WHERE FALSE")]))

    def _explain_cadence(self, planner, partner):
        """Return a sentence that says which cadence a customer follows and why, or nothing where it follows none.

        :param partner: one managed customer
        """
        planner.env['res.partner'].flush_model()
        rows = planner.env.execute_query(SQL(
            "SELECT cadence_id, cadence_by FROM (%s) AS c WHERE cadence_id IS NOT NULL",
            planner._cadence_of_customer_sql(partner.ids)))
        if not rows:
            return ''
        [[cadence_id, by]] = rows
        cadence = planner.env['customer.cadence'].sudo().browse(cadence_id)  # which one applies is no secret
        sentences = [planner._explain_cadence_by(by, partner, cadence)]
        if steps := self._left_alone(planner, partner).get(partner.id):
            sentences.append(planner.env._(
                "Not planned, because the customer opted out of the channel and the touchpoint has no other: %(steps)s.",
                # as above
                steps=format_list(planner.env, planner.env['customer.cadence.step'].sudo().browse(steps).mapped('name'))))
        return " ".join(sentences)

    def _left_alone(self, planner, partners=None):
        """Return the touchpoints for which customers are left alone, as they opted out of the channel and there is no other.

        :param partners: customers, or None for all
        :return: ids of touchpoints by id of the customer
        :rtype: dict[int, list[int]]
        """
        for model in ('res.partner', 'mail.blacklist', 'phone.blacklist', 'customer.cadence.step', 'customer.channel'):
            planner.env[model].flush_model()
        # few opted out: whose cadence is looked up is these
        opted_out = [partner_id for partner_id, in planner.env.execute_query(SQL(
            """SELECT p.id FROM res_partner p
                WHERE p.customer_managed IS TRUE AND %s AND (
                      p.email_normalized IN (SELECT email FROM mail_blacklist WHERE active)
                      OR p.phone_sanitized IN (SELECT number FROM phone_blacklist WHERE active))
             ORDER BY p.id""", SQL("p.id = ANY(%s)", partners.ids) if partners is not None else SQL("TRUE")))]
        if not opted_out:
            return {}
        return dict(planner.env.execute_query(SQL(
            """SELECT c.id, array_agg(s.id ORDER BY s.sequence, s.id)
                 FROM (%s) AS c
                 JOIN customer_cadence_step s ON s.cadence_id = c.cadence_id AND s.active AND s.fallback_channel_id IS NULL
                 JOIN customer_channel h ON h.id = s.channel_id
                WHERE h.medium = 'email' AND EXISTS (
                      SELECT 1 FROM mail_blacklist b WHERE b.active AND b.email = c.email_normalized)
                   OR h.medium = 'sms' AND EXISTS (
                      SELECT 1 FROM phone_blacklist b WHERE b.active AND b.number = c.phone_sanitized)
             GROUP BY c.id""", planner._cadence_of_customer_sql(opted_out))))
