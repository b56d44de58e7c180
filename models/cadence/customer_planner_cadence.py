from odoo import api, fields, models
from odoo.tools import SQL, ormcache
from odoo.tools.i18n import format_list


class CustomerPlanner(models.AbstractModel):
    """Which customer follows which cadence: the one that was agreed with it, else its own, else that of where it stands with
    us, else that of its segment, else that of its tier, else the default."""

    _inherit = 'customer.planner'

    @api.model
    def _cadence_of_customer_sql(self, partner_ids=None, candidate=None, arranged=None):
        """Return SQL with a row per customer that is to be contacted: ``id``, ``company_id``, ``cadence_id``, why it is this
        one (``cadence_by``: strategy, own, standing, segment, tier) and what the dates hang on.

        :param partner_ids: ids of customers, or None for all
        :param candidate: customer.cadence to be taken as active, whether they are or not: what if they went live?
        :param Arranged arranged: what if that was in force? Comes instead of ``candidate``
        """
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        candidate = arranged.on if arranged else candidate
        rules, segment_rules = self._rules_with(candidate, arranged) if candidate or arranged else self._rules_in_force()
        tier, segment, placed_join = (SQL("p.customer_tier_id"), SQL("p.customer_segment_id"), SQL()) if not arranged else (
            SQL("placed.tier_id"), SQL("placed.segment_id"),
            SQL("LEFT JOIN (%s) AS placed ON placed.id = p.id", arranged.placed))
        by_segment, segment_join = self._segment_rules_sql(segment_rules, segment)
        agreed, agreed_since, agreed_join = self._agreed_cadence_sql(candidate)
        standing, standing_since, standing_join = self._standing_cadence_sql(candidate)
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
            company=self._company_sql(), only=only,
            candidate=candidate.ids if candidate else [], columns=self._customer_columns_sql(),
            tier=tier, placed_join=placed_join,
            by_segment=by_segment, segment_join=segment_join,
            agreed=agreed, agreed_since=agreed_since, agreed_join=agreed_join,
            standing=standing, standing_since=standing_since, standing_join=standing_join,
            rules=SQL(", ").join(SQL("(%s::int, %s::int, %s::int)", *row) for row in rules),
        )

    @api.model
    def _company_sql(self):
        """Return SQL for the company of a customer ``p`` with the account manager ``u``."""
        return self.env['customer.responsibility']._company_sql('p', 'u')

    @api.model
    def _customer_columns_sql(self):
        """Return SQL with what other wings read of a customer (the relation ``p``), each column after a comma."""
        return SQL()

    @api.model
    def _agreed_cadence_sql(self, candidate=None):
        """Return SQL for the cadence that was agreed with a customer, for the day since when, and the join that both need;
        for another wing to fill in.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        """
        return SQL("NULL::int"), SQL("NULL::date"), SQL()

    @api.model
    def _beside(self, partner_ids=None):
        """Return which cadences customers follow beside their own, for other wings to add to.

        :param partner_ids: ids of customers, or None for all
        :return: SQL with the columns ``partner_id``, ``cadence_id`` and ``since`` (a day)
        :rtype: list[SQL]
        """
        parts = [self._after_people_sql(partner_ids)] if self._has_for_people() else []
        if 'handover' in self.env['customer.cadence.event']._awaited().events:
            parts.append(self._after_handover_sql(partner_ids))
        return parts

    @api.model
    @ormcache()
    def _has_for_people(self):
        """Return whether a cadence is meant for customers whose people change."""
        return bool(self.env['customer.cadence'].sudo().search_count([('for_people', '=', True)], limit=1))  # the plan is one

    @api.model
    def _after_people_sql(self, partner_ids):
        """Return SQL with the cadences of customers one of whose people left or changed within a year; see :meth:`_beside`."""
        return SQL(
            """SELECT change.partner_id, k.id AS cadence_id, min(change.event_date) AS since
                 FROM (%(changes)s) AS change
                 JOIN res_partner p ON p.id = change.partner_id
            LEFT JOIN res_users u ON u.id = p.user_id
                 JOIN customer_cadence k ON k.for_people AND k.active AND COALESCE(k.company_id, %(company)s) = %(company)s
                WHERE change.event_date > %(first)s
             GROUP BY change.partner_id, k.id""",
            company=self._company_sql(), changes=self.env['customer.person.change']._standing_sql(partner_ids),
            first=fields.Date.subtract(fields.Date.context_today(self), years=1))

    @api.model
    def _after_handover_sql(self, partner_ids):
        """Return SQL with the cadences of customers that changed hands; see :meth:`_beside`."""
        return SQL(
            """SELECT h.partner_id, s.cadence_id, min(h.moment)::date AS since
                 FROM (%s) h
                 JOIN customer_cadence_step s ON s.event = 'handover' AND s.kind = 'event' AND s.active
                 JOIN customer_cadence k ON k.id = s.cadence_id AND k.is_beside
             GROUP BY h.partner_id, s.cadence_id""", self.env['customer.handover']._given_sql(partner_ids))

    @api.model
    def _beside_sql(self, partner_ids=None):
        """Return SQL with the cadences in force that customers follow beside their own, see :meth:`_beside`."""
        parts = self._beside(partner_ids)
        return SQL(
            """SELECT b.partner_id, b.cadence_id, min(b.since) AS since
                 FROM (%s) b JOIN customer_cadence k ON k.id = b.cadence_id AND k.active
             GROUP BY b.partner_id, b.cadence_id""",
            SQL(" UNION ALL ").join(parts or [SQL(
                "SELECT NULL::int AS partner_id, NULL::int AS cadence_id, NULL::date AS since WHERE FALSE")]))

    @api.model
    def _standing_cadence_sql(self, candidate=None):
        """Return SQL for the cadence that is meant for where a customer ``p`` stands with us, for the day since when it stands
        there, and the join that both need; for another wing to fill in.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        """
        return SQL("NULL::int"), SQL("NULL::date"), SQL()

    @api.model
    @ormcache()
    def _rules_in_force(self):
        return self._rules_with(None)

    @api.model
    def _rules_with(self, candidate, arranged=None):
        """Return which cadence is for whom, where the customer has none of its own.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        :param Arranged arranged: see there
        :return: rows of company id, tier id (0: none) and cadence id, which may be None; and rows of company id, segment id
            and cadence id
        """
        tiers = self.env['customer.tier'].sudo().search([])  # the plan is one, whoever asks
        rules, by_segment = [], {}
        for company, fitting in self._cadences_by_company(candidate).items():
            fitting -= arranged.off if arranged else fitting.browse()
            meant = {cadence.id: arranged and arranged.meant.get(cadence.id) or cadence._meant() for cadence in fitting}
            default = next((cadence_id for cadence_id, one in meant.items() if one.is_default), None)
            for tier_id in [0, *tiers.ids]:
                rules.append((company.id, tier_id, next(
                    (cadence_id for cadence_id, one in meant.items() if tier_id in one.tier_ids), default)))
            for cadence_id, one in meant.items():
                for segment_id in one.segment_ids:
                    by_segment.setdefault((company.id, segment_id), cadence_id)
        return rules, [(*key, cadence_id) for key, cadence_id in by_segment.items()]

    @api.model
    def _segment_rules_sql(self, rules, segment):
        """Return SQL for the cadence of a customer's segment, and the join it needs; nothing is joined where no cadence is
        meant for a segment.

        :param rules: rows of company, segment and cadence, see :meth:`_rules_with`
        :param SQL segment: id of the segment of a customer
        """
        if not rules:
            return SQL("NULL::int"), SQL()
        return SQL("segment_rule.cadence_id"), SQL(
            """LEFT JOIN (VALUES %(rules)s) AS segment_rule (company_id, segment_id, cadence_id)
                      ON segment_rule.company_id = %(company)s
                     AND segment_rule.segment_id = %(segment)s""",
            company=self._company_sql(), segment=segment,
            rules=SQL(", ").join(SQL("(%s::int, %s::int, %s::int)", *row) for row in rules))

    @api.model
    def _cadences_by_company(self, candidate=None):
        """Return the cadences that are for the customers of each company, those that win first.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        :rtype: dict of res.company to customer.cadence
        """
        everybody = self.sudo().with_context(active_test=True).env  # the plan is one, whoever asks
        cadences = everybody['customer.cadence'].search([]) | (candidate or everybody['customer.cadence'])
        return {
            company: cadences.filtered(lambda c, company=company: not c.company_id or c.company_id == company).sorted(
                lambda c: (not c.company_id, c.sequence, c.id))
            for company in everybody['res.company'].search([])}

    @api.model
    def _explain_cadence(self, partner):
        """Return a sentence that says which cadence a customer follows and why, or nothing where it follows none.

        :param partner: one managed customer
        """
        self.env['res.partner'].flush_model()
        rows = self.env.execute_query(SQL(
            "SELECT cadence_id, cadence_by FROM (%s) AS c WHERE cadence_id IS NOT NULL",
            self._cadence_of_customer_sql(partner.ids)))
        if not rows:
            return ''
        [[cadence_id, by]] = rows
        cadence = self.env['customer.cadence'].sudo().browse(cadence_id)  # which one applies is no secret
        sentences = [self._explain_cadence_by(by, partner, cadence)]
        if steps := self._left_alone(partner).get(partner.id):
            sentences.append(self.env._(
                "Not planned, because the customer opted out of the channel and the touchpoint has no other: %(steps)s.",
                steps=format_list(self.env, self.env['customer.cadence.step'].sudo().browse(steps).mapped('name'))))  # as above
        return " ".join(sentences)

    @api.model
    def _left_alone(self, partners=None):
        """Return the touchpoints for which customers are left alone, as they opted out of the channel and there is no other.

        :param partners: customers, or None for all
        :return: ids of touchpoints by id of the customer
        :rtype: dict[int, list[int]]
        """
        for model in ('res.partner', 'mail.blacklist', 'phone.blacklist', 'customer.cadence.step', 'customer.channel'):
            self.env[model].flush_model()
        # few opted out: whose cadence is looked up is these
        opted_out = [partner_id for partner_id, in self.env.execute_query(SQL(
            """SELECT p.id FROM res_partner p
                WHERE p.customer_managed IS TRUE AND %s AND (
                      p.email_normalized IN (SELECT email FROM mail_blacklist WHERE active)
                      OR p.phone_sanitized IN (SELECT number FROM phone_blacklist WHERE active))
             ORDER BY p.id""", SQL("p.id = ANY(%s)", partners.ids) if partners is not None else SQL("TRUE")))]
        if not opted_out:
            return {}
        return dict(self.env.execute_query(SQL(
            """SELECT c.id, array_agg(s.id ORDER BY s.sequence, s.id)
                 FROM (%s) AS c
                 JOIN customer_cadence_step s ON s.cadence_id = c.cadence_id AND s.active AND s.fallback_channel_id IS NULL
                 JOIN customer_channel h ON h.id = s.channel_id
                WHERE h.medium = 'email' AND EXISTS (
                      SELECT 1 FROM mail_blacklist b WHERE b.active AND b.email = c.email_normalized)
                   OR h.medium = 'sms' AND EXISTS (
                      SELECT 1 FROM phone_blacklist b WHERE b.active AND b.number = c.phone_sanitized)
             GROUP BY c.id""", self._cadence_of_customer_sql(opted_out))))

    @api.model
    def _explain_cadence_by(self, by, partner, cadence):
        """Return the sentence for a cadence that a customer follows for a reason.

        :param str by: see ``cadence_by`` in :meth:`_cadence_of_customer_sql`
        """
        values = {'cadence': cadence.name, 'segment': partner.customer_segment_id.name, 'tier': partner.customer_tier_id.name}
        if by == 'own':
            return self.env._("By the cadence “%(cadence)s”, chosen for this customer.", **values)
        if by == 'segment':
            return self.env._("By the cadence “%(cadence)s”, meant for the segment %(segment)s.", **values)
        if partner.customer_tier_id in cadence.tier_ids:
            return self.env._("By the cadence “%(cadence)s”, meant for the tier %(tier)s.", **values)
        return self.env._("By the cadence “%(cadence)s”, the default: none is meant for this customer.", **values)

    @api.model
    def _count_by_cadence(self):
        """Return how many customers follow each cadence today.

        :rtype: dict[int, int]
        """
        self.env['res.partner'].flush_model()
        return dict(self.env.execute_query(SQL(
            """WITH c AS MATERIALIZED (%s)
             SELECT cadence_id, count(*) FROM c WHERE cadence_id IS NOT NULL GROUP BY 1
              UNION ALL
             SELECT cadence_id, count(*) FROM (%s) AS beside WHERE partner_id IN (SELECT id FROM c) GROUP BY 1""",
            self._cadence_of_customer_sql(), self._beside_sql())))
