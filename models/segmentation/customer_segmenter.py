from odoo import api, fields, models
from odoo.tools import SQL

from .customer_placing import EditedRules
from .customer_segment_rule import UNKNOWN

PARAM_RULES = 'customer_success.segment_rules_in_force'

#: What a segment follows from in this wing, as the tables of who is placed have it.
PLACED = ('new_tier_id', 'potential', 'risk')


class CustomerSegmenter(models.AbstractModel):
    """Puts every managed customer into exactly one segment (SEG-4).

    The rules of all active segments are tried in their order; the first that fits decides, and one without conditions
    fits everybody. Tier and segment are written together where revenue was ranked (``customer.ranking``); a change of the
    risk or the potential comes through :meth:`_refresh`. Both take the same rules, and only write what changes.
    """

    _name = 'customer.segmenter'
    _inherit = ['customer.placer']
    _description = "Segmentation of Customers"

    @api.model
    def _refresh(self, partner_ids=None, cause='risk'):
        """Place managed customers anew, by the tier, the potential and the risk that are stored.

        :param partner_ids: ids of customers, or None for all; others are ignored
        :param str cause: what probably changed, a key of :meth:`_grounds`. The history looks for it first.
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
        :meth:`~.customer_ranking.CustomerRanking._figures_changed`."""

    @api.model
    def _written_fields(self):
        """Return the fields of a customer that SQL writes."""
        return ['customer_segment_id', 'customer_segment_since', 'customer_segment_change_ids', 'write_date']

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def _segment_sql(self, relation, tier):
        """Return SQL for the id of the segment of a customer.

        :param str relation: name of the relation that has the columns ``potential``, ``risk`` and :meth:`_columns_sql`
        :param SQL tier: the id of its tier
        """
        rules = self.env['customer.segment.rule']._get_rules()
        if not rules:
            return SQL("NULL::int")  # before the shipped rules are there
        cases = []
        for segment_id, conditions in rules:
            wanted = [SQL("TRUE"), *(self._condition_sql(name, value, relation, tier) for name, value in conditions)]
            cases.append(SQL("WHEN %s THEN %s", SQL(" AND ").join(wanted), segment_id))
        return SQL("(CASE %s END)::int", SQL(" ").join(cases))

    @api.model
    def _condition_sql(self, name, value, relation, tier):
        """Return SQL for whether a customer meets a condition of a rule.

        :param str name: one of ``customer.segment.rule._conditions``
        :param value: what the rule asks for
        """
        if name == 'tier_ids':
            return SQL("%s = ANY(%s)", tier, list(value))
        if value == UNKNOWN:
            return SQL("%s IS NULL", SQL.identifier(relation, name))
        return SQL("%s = %s", SQL.identifier(relation, name), value)

    @api.model
    def _columns_sql(self):
        """Return SQL with what conditions of other wings look at of a customer ``p``, each column after a comma."""
        return SQL()

    @api.model
    def _grounds(self):
        """Return what a segment follows from: the column of ``customer.segment.change`` that keeps it, and that of the tables
        that are placed. Other wings add theirs, of :meth:`_columns_sql`.

        :rtype: dict[str, tuple[str, str]]
        """
        return {'tier': ('tier_id', 'new_tier_id'), 'risk': ('risk', 'risk'), 'potential': ('potential', 'potential')}

    @api.model
    def _more_columns(self):
        """Return the columns of :meth:`_columns_sql` that the history keeps, as SQL, each after a comma."""
        return SQL().join(
            SQL(", %s", SQL.identifier(column)) for __, column in self._grounds().values() if column not in PLACED)

    @api.model
    def _moved_sql(self, partner_ids):
        """Return SQL with a row per managed customer whose segment is not what its figures say."""
        return SQL("SELECT r.* FROM (%s) r WHERE r.new_segment_id IS DISTINCT FROM r.old_segment_id",
                   self._verdict_sql(partner_ids))

    @api.model
    def _verdict_sql(self, partner_ids=None):
        """Return SQL with a row per managed customer: what its segment follows from, the segment it is in and the one that its
        figures say."""
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT v.id, v.new_tier_id, v.potential, v.risk, v.old_segment_id %(more)s,
                      %(segment)s AS new_segment_id, TRUE AS segment_changed, FALSE AS tier_changed
                 FROM (SELECT p.id, p.customer_tier_id AS new_tier_id, p.customer_potential AS potential,
                              p.customer_risk_level AS risk, p.customer_segment_id AS old_segment_id %(columns)s
                         FROM res_partner p
                        WHERE p.customer_managed IS TRUE %(only)s) v""",
            only=only, columns=self._columns_sql(), more=self._more_columns(),
            segment=self._segment_sql('v', SQL("v.new_tier_id")))

    @api.model
    def _rules_key(self):
        return PARAM_RULES

    @api.model
    def _rules_fingerprint(self):
        return repr(self.env['customer.segment.rule']._get_rules())

    @api.model
    def _preview_sql(self, entries):
        edited = self.with_context(customer_segment_rules=EditedRules(
            (segment._origin.id or 0, rule._get_condition_values()) for rule, segment in entries))
        return self._compared_sql('segment', self._verdict_sql(), edited._verdict_sql())

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
        :param str cause: a key of :meth:`_grounds`
        :param bool rules_changed: everybody was placed by other rules than before
        :param bool by_person: the user did it, and not the nightly action
        :return: how many changed
        """
        grounds = self._grounds()
        columns = [(SQL.identifier(kept), SQL.identifier('last', kept), SQL.identifier('r', column))
                   for kept, column in grounds.values()]
        found = SQL(" ").join(
            SQL("WHEN %s IS DISTINCT FROM %s THEN %s", SQL.identifier('last', grounds[ground][0]),
                SQL.identifier('r', grounds[ground][1]), ground)
            for ground in [cause, *(ground for ground in grounds if ground != cause)])
        self.env.cr.execute(SQL(
            """INSERT INTO customer_segment_change (partner_id, date, old_segment_id, new_segment_id, cause, %(kept)s,
                                                    create_uid, create_date, write_uid, write_date)
                    SELECT r.id, %(today)s, r.old_segment_id, r.new_segment_id,
                           CASE WHEN r.old_segment_id IS NULL THEN 'first'
                                WHEN %(rules_changed)s THEN 'rules'
                                WHEN r.tier_changed THEN 'tier'
                                WHEN last.id IS NULL THEN %(cause)s
                                %(found)s ELSE %(otherwise)s END,
                           %(values)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM %(table)s r
         LEFT JOIN LATERAL (SELECT h.*
                              FROM customer_segment_change h
                             -- nobody looks for a cause that is known
                             WHERE h.partner_id = r.id AND NOT r.tier_changed AND r.old_segment_id IS NOT NULL
                          ORDER BY h.date DESC, h.id DESC LIMIT 1) AS last ON TRUE
                     WHERE r.segment_changed
                  ORDER BY r.id""",
            today=fields.Date.context_today(self), table=table, cause=cause, found=found, rules_changed=rules_changed,
            kept=SQL(", ").join(kept for kept, __, __ in columns), values=SQL(", ").join(value for __, __, value in columns),
            otherwise=self._otherwise(),
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if by_person else None, now=self.env.cr.now(),
        ))
        return self.env.cr.rowcount

    @api.model
    def _otherwise(self):
        """Return the cause of a change where nothing that the history keeps differs."""
        return 'rules'
