from odoo import api, models
from odoo.tools import SQL, ormcache


class CustomerSegmenter(models.AbstractModel):
    """Places customers by their health too, and anew whenever that was scored (SEG-4).

    A worse health counts at once. A better one counts when the score has passed the border by a margin: who goes back and forth
    around it stays where it is, and is not re-planned every night. Which side a customer is on follows from the history of its
    scores alone, so nothing is kept for it: the last one outside of the margin decides.
    """

    _inherit = 'customer.segmenter'

    @api.model
    def _columns_sql(self):
        columns = super()._columns_sql()
        if self.env['customer.segment.rule']._asks_for('health'):
            return SQL("%s, %s AS health_band", columns, self._calm_band_sql())
        return SQL("%s, COALESCE(p.customer_health_band, 'none') AS health_band", columns)

    @api.model
    def _calm_band_sql(self):
        """Return SQL for the health band by which a customer ``p`` is placed."""
        margin = self.env['res.config.settings']._customer_success('segment_health_margin')
        band = SQL("COALESCE(p.customer_health_band, 'none')")
        if not margin:
            return band
        self.env['customer.health.snapshot'].flush_model(['partner_id', 'date', 'score'])
        healthy, watch = (self._border_sql(name) for name in ('healthy_from', 'watch_from'))

        def still_below(border):
            # looked up for the few who are in the margin only
            return SQL(
                """p.customer_health < %(border)s + %(margin)s AND (
                       SELECT t.score < %(border)s FROM customer_health_snapshot t
                        WHERE t.partner_id = p.id AND (t.score < %(border)s OR t.score >= %(border)s + %(margin)s)
                     ORDER BY t.date DESC LIMIT 1)""", border=border, margin=margin)
        return SQL(
            """CASE WHEN p.customer_health_band = 'watch' AND %(risk)s THEN 'risk'
                    WHEN p.customer_health_band = 'healthy' AND %(watch)s THEN 'watch'
                    ELSE %(band)s END""", risk=still_below(watch), watch=still_below(healthy), band=band)

    @api.model
    def _border_sql(self, name):
        """Return SQL for where a health band begins on the scorecard of a customer ``p``.

        :param str name: ``healthy_from`` or ``watch_from``
        """
        cases = []
        for tier_ids, segment_ids, borders in self._borders():
            fits = [SQL("%s = ANY(%s)", column, ids) for column, ids in (
                (SQL("p.customer_tier_id"), tier_ids), (SQL("p.customer_segment_id"), segment_ids)) if ids]
            cases.append(SQL("WHEN %s THEN %s::numeric", SQL(" AND ").join(fits) if fits else SQL("TRUE"), borders[name]))
        return SQL("CASE %s END", SQL(" ").join(cases)) if cases else SQL("NULL::numeric")

    @api.model
    @ormcache()
    def _borders(self):
        """Return for each scorecard, in their order, whose it is and where its bands begin."""
        return [
            (card.tier_ids.ids, card.segment_ids.ids, {name: card[name] for name in ('healthy_from', 'watch_from')})
            for card in self.env['customer.health.scorecard'].sudo().search([])]  # rules bind everybody

    @api.model
    def _calm_band(self, partner):
        """Return the health band by which one customer is placed."""
        if not partner.id:
            return 'none'
        partner.flush_recordset(['customer_health', 'customer_health_band', 'customer_tier_id', 'customer_segment_id'])
        # who sees the customer sees its health
        rows = self.env.execute_query(SQL("SELECT %s FROM res_partner p WHERE p.id = %s", self._calm_band_sql(), partner.id))
        return rows[0][0] if rows else 'none'

    @api.model
    def _grounds(self):
        return super()._grounds() | {'health': ('health_band', 'health_band')}

    @api.model
    def _condition_sql(self, name, value, relation, tier):
        if name == 'health':
            return SQL("%s = %s", SQL.identifier(relation, 'health_band'), value)
        return super()._condition_sql(name, value, relation, tier)
