from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, float_round


class Edge(NamedTuple):
    """Where a tier of the ranking in force ends, in revenue.

    :param tier_id: the tier
    :param above_id: the next better tier, None for the best
    :param rise: the smallest revenue that lifts a customer out of the tier, None where no revenue does
    :param below_id: the next lower tier, None for the last
    :param floor: the smallest revenue with which a customer stays in the tier, None where it can't fall
    """

    tier_id: int
    above_id: int | None
    rise: float | None
    below_id: int | None
    floor: float | None


class CustomerTierScheme(models.Model):
    """How much revenue a customer is away from the next tier, and from leaving its own (SEG-7)."""

    _inherit = 'customer.tier.scheme'

    @api.model
    def _edges(self):
        """Return where the tiers of the ranking in force end, in the main company's currency; none where tiers are set by hand.

        What counts is where a customer really moves: behind the dead band. With shares of customers that is the revenue of the
        customer who has the place today; it moves with everybody's revenue.

        :rtype: list[Edge]
        """
        scheme = self._get_current()
        if not scheme or scheme.method == 'manual':
            return []
        bounds = scheme._bounds()
        limits = scheme._limits_by_rank(bounds) if scheme.method == 'share' else scheme._limits_by_revenue(bounds)
        ids = [None, *(row[0] for row in bounds), None]
        return [
            Edge(tier_id, above, rise if above else None, below, floor if below else None)
            for tier_id, above, below, (rise, floor) in zip(ids[1:-1], ids, ids[2:], limits, strict=False)]

    def _limits_by_revenue(self, bounds):
        """Return for each tier from which revenue on a customer rises, and down to which it stays."""
        rounding = self.currency_id.rounding
        return [
            tuple(float_round(limit, precision_rounding=rounding, rounding_method='UP') if abs(limit) != float('inf') else None
                  for limit in (keep_high, keep_low))
            for *__, keep_low, keep_high in bounds]

    def _limits_by_rank(self, bounds):
        """Return the same where the rank decides: the revenue of whoever stands at the place.

        A customer rises when so few have more revenue that its rank is before the band of its tier, and stays while its rank is
        before the end of it. Nobody without revenue is in any tier but the last.
        """
        self.env['res.partner'].flush_model(['customer_managed', 'customer_revenue'])
        [[total]] = self.env.execute_query(SQL("SELECT count(*) FROM res_partner WHERE customer_managed IS TRUE"))
        places = [
            (self._places_before(keep_low, total) - 1, self._places_before(keep_high, total))
            for *__, keep_low, keep_high in bounds]
        revenue = self._revenue_at({place for pair in places for place in pair if 0 <= place < total})
        least = self.currency_id.rounding
        return [
            (max(revenue[rise], least) if rise >= 0 and total else None, max(revenue.get(floor, 0), least))
            for rise, floor in places]

    @api.model
    def _places_before(self, percent, total):
        """Return how many places, from 0 on, have a rank before so many percent of the customers; ranks have four decimals, as
        the ranking rounds them."""
        if percent == float('inf'):
            return total
        limit, step = Decimal(repr(percent)), Decimal('0.0001')
        count = max(min(int(limit * total / 100) + 2, total), 0)
        while count and (Decimal(100 * (count - 1)) / total).quantize(step, 'ROUND_HALF_UP') >= limit:
            count -= 1
        return count

    @api.model
    def _revenue_at(self, places):
        """Return the revenue of the customers at some places, the best at 0.

        :param set places: within the number of customers
        :rtype: dict[int, float]
        """
        if not places:
            return {}
        found = SQL(", ").join(SQL(
            """(SELECT customer_revenue FROM res_partner WHERE customer_managed IS TRUE AND customer_revenue IS NOT NULL
              ORDER BY customer_revenue DESC OFFSET %s LIMIT 1)""", place) for place in sorted(places))
        [row] = self.env.execute_query(SQL("SELECT %s", found))
        return {place: float(value or 0) for place, value in zip(sorted(places), row, strict=True)}

    @api.model
    def _edges_sql(self):
        """Return SQL naming a relation ``edge`` with the columns of :class:`Edge`."""
        rows = self._edges() or [Edge(None, None, None, None, None)]
        return SQL("(VALUES %s) AS edge (tier_id, above_id, rise, below_id, floor)", SQL(", ").join(
            SQL("(%s::int, %s::int, %s::numeric, %s::int, %s::numeric)", *edge) for edge in rows))
