from odoo import api, fields, models
from odoo.tools import SQL

PARAM_RULES = 'customer_success.segment_rules_in_force'

#: What a segment follows from, with the columns of customer_segment_change and of the tables that are placed.
GROUNDS = {
    'tier': (SQL("last.tier_id"), SQL("r.new_tier_id")),
    'risk': (SQL("last.risk"), SQL("r.risk")),
    'potential': (SQL("last.potential"), SQL("r.potential")),
}


class CustomerSegmenter(models.AbstractModel):
    """Puts every managed customer into exactly one segment (SEG-4).

    The rules of all active segments are tried in their order; the first that fits decides, and one without conditions
    fits everybody. Tier and segment are written together where revenue was ranked (``customer.refresh``); a change of the
    risk or the potential comes through :meth:`_refresh`. Both take the same rules, and only write what changes.
    """

    _name = 'customer.segmenter'
    _description = "Segmentation of Customers"

    @api.model
    def _refresh(self, partner_ids=None, cause='risk'):
        """Place managed customers anew, by the tier, the potential and the risk that are stored.

        :param partner_ids: ids of customers, or None for all; others are ignored
        :param str cause: what probably changed: ``tier``, ``risk`` or ``potential``. The history looks for it first.
        :return: ``rows`` written
        :rtype: dict[str, int]
        """
        for model in ('res.partner', 'customer.segment.change'):
            self.env[model].flush_model()
        rules_changed = partner_ids is None and self._rules_changed()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_placed"))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_placed ON COMMIT DROP AS %s ORDER BY id", self._moved_sql(partner_ids)))
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_segment_id = r.new_segment_id, customer_segment_since = %(since)s, write_date = %(now)s
                 FROM customer_placed r
                WHERE r.id = p.id""", now=self.env.cr.now(),
            since=self.env['customer.registry']._since_sql(
                'segment', SQL("r.id"), SQL("r.old_segment_id"), SQL("r.new_segment_id"))))
        moved = self.env.cr.rowcount
        if moved:
            self._write_history(SQL("customer_placed"), cause, rules_changed, partner_ids is not None)
            self.env['res.partner'].invalidate_model(self._written_fields())
            self._segments_changed()
        if rules_changed:
            self._remember_rules()
        self.env.cr.execute(SQL("DROP TABLE customer_placed"))
        return {'rows': moved}

    @api.model
    def _segments_changed(self):
        """Hook for the other wings: the temporary table ``customer_placed`` holds the customers (``id``) that went from
        ``old_segment_id`` to ``new_segment_id``. Changes that come with the ranking are told by
        :meth:`~.customer_refresh.CustomerRefresh._figures_changed`."""

    @api.model
    def _written_fields(self):
        """Return the fields of a customer that SQL writes."""
        return ['customer_segment_id', 'customer_segment_since', 'customer_segment_change_ids', 'write_date']

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def _segment_sql(self, tier, potential, risk):
        """Return SQL for the id of the segment of a customer.

        :param SQL tier: the id of its tier
        :param SQL potential: its potential
        :param SQL risk: its risk
        """
        rules = self.env['customer.segment.rule']._get_rules()
        if not rules:
            return SQL("NULL::int")  # before the shipped rules are there
        cases = []
        for segment_id, tier_ids, wanted_potential, wanted_risk in rules:
            conditions = [SQL("TRUE")]
            if tier_ids:
                conditions.append(SQL("%s = ANY(%s)", tier, list(tier_ids)))
            if wanted_potential:
                conditions.append(SQL("%s = %s", potential, wanted_potential))
            if wanted_risk:
                conditions.append(SQL("%s = %s", risk, wanted_risk))
            cases.append(SQL("WHEN %s THEN %s", SQL(" AND ").join(conditions), segment_id))
        return SQL("(CASE %s END)::int", SQL(" ").join(cases))

    @api.model
    def _moved_sql(self, partner_ids):
        """Return SQL with a row per managed customer whose segment is not what its figures say."""
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT r.*
                 FROM (SELECT p.id, p.customer_tier_id AS new_tier_id, p.customer_potential AS potential,
                              p.customer_risk_level AS risk, p.customer_segment_id AS old_segment_id,
                              %(segment)s AS new_segment_id, TRUE AS segment_changed, FALSE AS tier_changed
                         FROM res_partner p
                        WHERE COALESCE(p.customer_managed, FALSE) %(only)s) r
                WHERE r.new_segment_id IS DISTINCT FROM r.old_segment_id""",
            only=only, segment=self._segment_sql(
                SQL("p.customer_tier_id"), SQL("p.customer_potential"), SQL("p.customer_risk_level")))

    @api.model
    def _rules_fingerprint(self):
        return repr(self.env['customer.segment.rule']._get_rules())

    @api.model
    def _rules_changed(self):
        """Return whether the rules are others than the last time all customers were placed."""
        parameters = self.env['ir.config_parameter'].sudo()  # the action's own bookkeeping
        return parameters.get_param(PARAM_RULES) != self._rules_fingerprint()

    @api.model
    def _remember_rules(self):
        """Keep by which rules all customers have just been placed."""
        self.env['ir.config_parameter'].sudo().set_param(PARAM_RULES, self._rules_fingerprint())  # as above

    # ------------------------------------------------------------
    # HISTORY
    # ------------------------------------------------------------

    @api.model
    def _write_history(self, table, cause, rules_changed, by_person):
        """Keep which customers changed their segment, and why.

        The cause is what differs from the customer's last change; of several, the given one. Where nothing differs, the
        rules do.

        :param SQL table: has ``id``, ``old_segment_id``, ``new_segment_id``, ``segment_changed``, ``new_tier_id``,
            ``tier_changed``, ``potential`` and ``risk``
        :param str cause: a key of :data:`GROUNDS`
        :param bool rules_changed: everybody was placed by other rules than before
        :param bool by_person: the user did it, and not the nightly action
        :return: how many changed
        """
        grounds = [cause, *(ground for ground in GROUNDS if ground != cause)]
        found = SQL(" ").join(
            SQL("WHEN %s IS DISTINCT FROM %s THEN %s", *GROUNDS[ground], ground) for ground in grounds)
        self.env.cr.execute(SQL(
            """INSERT INTO customer_segment_change (partner_id, date, old_segment_id, new_segment_id, cause, tier_id,
                                                    potential, risk, create_uid, create_date, write_uid, write_date)
                    SELECT r.id, %(today)s, r.old_segment_id, r.new_segment_id,
                           CASE WHEN r.old_segment_id IS NULL THEN 'first'
                                WHEN %(rules_changed)s THEN 'rules'
                                WHEN r.tier_changed THEN 'tier'
                                WHEN last.id IS NULL THEN %(cause)s
                                %(found)s ELSE 'rules' END,
                           r.new_tier_id, r.potential, r.risk, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM %(table)s r
         LEFT JOIN LATERAL (SELECT h.id, h.tier_id, h.potential, h.risk
                              FROM customer_segment_change h
                             -- nobody looks for a cause that is known
                             WHERE h.partner_id = r.id AND NOT r.tier_changed AND r.old_segment_id IS NOT NULL
                          ORDER BY h.date DESC, h.id DESC LIMIT 1) AS last ON TRUE
                     WHERE r.segment_changed
                  ORDER BY r.id""",
            today=fields.Date.context_today(self), table=table, cause=cause, found=found, rules_changed=rules_changed,
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if by_person else None, now=self.env.cr.now(),
        ))
        return self.env.cr.rowcount
