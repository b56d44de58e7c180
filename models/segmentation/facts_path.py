from odoo import api, models
from odoo.tools import SQL

from ..base.customer_fact import PREFIX, Fact, Use


class CustomerFact(models.AbstractModel):
    """How far a customer is from the next tier and from leaving its own, and whether it could rise or is falling (SEG-7)."""

    _inherit = 'customer.fact'

    @api.model
    def _path_facts(self):
        """Return the facts of the upgrade path; see :meth:`_facts`."""
        today = {'unit': 'percent', 'past': False, 'period': False}
        path = {**today, 'minimum': 0, 'gives': ('day', 'res_id'), 'nothing': True, 'model': 'customer.path',
                'say': self._say_path, 'open': lambda partner, found: partner.action_view_customer_path()}
        return {
            'tier_up': Fact(
                label=self.env._("Revenue, of what lifts it into the next tier"), better='higher', gives=('detail',),
                sql=self._tier_up_sql, say=self._say_tier_up, **today),
            'tier_margin': Fact(
                label=self.env._("Revenue that it may lose before it falls"), better='higher', gives=('detail',),
                sql=self._tier_margin_sql, say=self._say_tier_margin, **today),
            'could_rise': Fact(
                label=self.env._("Could rise: conditions that are met"), sql=lambda spans, options: self._path_sql(spans, 'rise'),
                **path),
            'is_falling': Fact(
                label=self.env._("Is falling: conditions that are met"), better='lower',
                sql=lambda spans, options: self._path_sql(spans, 'fall'), **path),
        }

    @api.model
    def _uses(self):
        conditions = self.env['customer.path.condition'].search([('rule_id.active', 'in', (True, False))])
        return super()._uses() + [
            Use(condition.kind.removeprefix(PREFIX), self.env._("Upgrade path"), condition.rule_id.display_name,
                condition.rule_id.problem) for condition in conditions]

    # ------------------------------------------------------------
    # HOW FAR
    # ------------------------------------------------------------

    @api.model
    def _of_tiers_sql(self, spans, value, missing, tier, condition):
        """Return SQL with a row for each customer whose tier follows from its revenue.

        :param SQL value: of the fact
        :param SQL missing: what is missing, or may be lost
        :param SQL tier: the tier that it is about
        :param SQL condition: that there is such a border
        """
        self.env['res.partner'].flush_model(['customer_revenue', 'customer_tier_id', 'customer_tier_manual_id'])
        return SQL(
            """SELECT s.id AS span_id, %(value)s AS value,
                      jsonb_build_object('tier', %(tier)s, 'missing', %(missing)s) AS detail
                 FROM %(spans)s s
                 JOIN (SELECT id, customer_tier_id, COALESCE(customer_revenue, 0) AS revenue
                         FROM res_partner WHERE customer_tier_manual_id IS NULL) p ON p.id = s.partner_id
                 JOIN %(edges)s ON edge.tier_id = p.customer_tier_id
                WHERE %(condition)s""",
            value=value, missing=missing, tier=tier, spans=spans.table, condition=condition,
            edges=self.env['customer.tier.scheme']._edges_sql())

    @api.model
    def _tier_up_sql(self, spans, options):
        """Revenue in percent of the smallest that lifts the customer out of its tier; unknown in the best tier, where tiers are
        set by hand, and of who stands in its tier by hand."""
        return self._of_tiers_sql(
            spans, SQL("100 * p.revenue / edge.rise"), SQL("GREATEST(edge.rise - p.revenue, 0)"), SQL("edge.above_id"),
            SQL("edge.rise IS NOT NULL"))

    @api.model
    def _tier_margin_sql(self, spans, options):
        """What of its revenue the customer may lose and still stay in its tier, in percent; less than 0 where it has less than
        its tier asks for, and the ranking keeps it for a while. Unknown in the last tier, and as :meth:`_tier_up_sql`."""
        return self._of_tiers_sql(
            spans, SQL("100 * (p.revenue - edge.floor) / GREATEST(p.revenue, edge.floor)"), SQL("p.revenue - edge.floor"),
            SQL("edge.tier_id"), SQL("edge.floor IS NOT NULL"))

    @api.model
    def _tier_called(self, found):
        return self.env['customer.tier']._get_badges().get((found.detail or {}).get('tier'), ("–", 0))[0]

    @api.model
    def _say_tier_up(self, found, options):
        missing, tier = float((found.detail or {}).get('missing') or 0), self._tier_called(found)
        if not missing:
            return self.env._("revenue is enough for %(tier)s", tier=tier)
        return self.env._(
            "revenue %(value)s of what lifts it into %(tier)s, %(missing)s to go",
            # what is not reached is never told as all of it
            value=self._format(min(found.value, 99.9), 'percent'), tier=tier, missing=self._format(missing, 'money'))

    @api.model
    def _say_tier_margin(self, found, options):
        amount, tier = float((found.detail or {}).get('missing') or 0), self._tier_called(found)
        if amount < 0:
            return self.env._(
                "revenue is %(missing)s below what %(tier)s asks for", missing=self._format(-amount, 'money'), tier=tier)
        return self.env._(
            "may lose %(value)s of its revenue (%(missing)s) before it leaves %(tier)s",
            value=self._format(found.value, 'percent'), missing=self._format(amount, 'money'), tier=tier)

    # ------------------------------------------------------------
    # THE LISTS
    # ------------------------------------------------------------

    @api.model
    def _path_sql(self, spans, direction):
        """How many of the conditions that it takes are met, in percent, as the last night found it; nothing for who is not on
        the list, and while the proposal is set aside."""
        self.env['customer.path'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, x.percent AS value, x.since AS day, x.id AS res_id
                 FROM %(spans)s s JOIN customer_path x ON x.partner_id = s.partner_id
                WHERE x.direction = %(direction)s AND x.state <> 'dismissed' AND %(seen)s""",
            spans=spans.table, direction=direction, seen=self._seen_sql('customer.path', SQL("x.id"), spans))

    @api.model
    def _say_path(self, found, options):
        path = self.env['customer.path'].browse(found.res_id).exists()
        if not path:
            return self.env._("Conditions met: %(value)s", value=self._format(found.value, 'percent'))
        return f'{path.rule_id.display_name}: {path.sentence}'
