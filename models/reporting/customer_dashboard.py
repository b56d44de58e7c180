from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..base.customer_dashboard import Part, Row, Seen, Tile
from ..platform.counted import customers, months

#: What is added up by tier.
SUMS = ('revenue', 'contacts', 'care', 'revenue_meanwhile')


class CustomerDashboard(models.AbstractModel):
    """What the customers of each tier bring, and what is done for them (REP-3)."""

    _inherit = 'customer.dashboard'

    @api.model
    def _tiles(self):
        return super()._tiles() | {
            'tiers': Tile(self.env._("Customers by Tier and Revenue"), 'customer.balance', self._tiers_tile,
                          'customer_balance_action', 10),
            'effort': Tile(self.env._("Effort by Tier Against Revenue"), 'customer.balance', self._effort_tile,
                           'customer_balance_action_effort', 70),
        }

    @api.model
    def _more(self):
        pages = self.env['customer.pivot.page']
        return [*super()._more(), *([['open_pivots', self.env._("Pivots")]] if pages._is_there() else [])]

    @api.model
    def open_pivots(self):
        """Open the pages of pivots in Odoo's app *Dashboards*; they are made where they are not there yet.

        :return: an action
        :raises AccessError: for who leads nobody
        :raises UserError: where that app was taken away meanwhile
        """
        if not self.env.user.has_group('customer_success.group_customer_success_leader'):
            raise AccessError(self.env._("The dashboard is for team leaders and managers. Your own customers are in My Day."))
        pages = self.env['customer.pivot.page']._keep()
        if not pages:
            raise UserError(self.env._("Odoo's app Dashboards is not installed any more. Ask an administrator for it."))
        return {
            'type': 'ir.actions.client', 'tag': 'action_spreadsheet_dashboard', 'name': self.env._("Pivots"),
            'params': {'dashboard_id': pages[0]}}

    @api.model
    def _balance_domain(self, filters):
        return filters.own()

    @api.model
    def _no_customers(self):
        return Seen(
            empty=self.env._("No customers yet. Whoever confirms an order becomes one by itself; enrol the others from the "
                             "contacts."),
            todo=('res_partner_action_customers', self.env._("Customers")))

    @api.model
    def _by_tier(self, filters):
        """Return what customers sum up to, by tier, the highest first; those without a tier last. Both tiles take it.

        :return: tier, number of customers, and their sums by name
        :rtype: list[tuple]
        """
        if 'balance' not in filters.kept:
            rows = self.env['customer.balance'].with_context(customer_balance_months=filters.months)._read_group(
                self._balance_domain(filters), ['tier_id'], ['__count', *(f'{name}:sum' for name in SUMS)])
            filters.kept['balance'] = sorted(
                ((tier, count, dict(zip(SUMS, sums, strict=True))) for tier, count, *sums in rows),
                key=lambda row: (not row[0], row[0].sequence if row[0] else 0, row[0].id))
        return filters.kept['balance']

    @api.model
    def _tier_name(self, tier):
        return tier.name or self.env._("Without a tier")

    # ------------------------------------------------------------
    # TIERS
    # ------------------------------------------------------------

    @api.model
    def _tiers_tile(self, filters):
        domain = self._balance_domain(filters)
        found = self._by_tier(filters)
        if not found:
            return self._no_customers()
        total, revenue = sum(count for __, count, __ in found), sum(sums['revenue'] for *__, sums in found)
        money = self.env['customer.fact']._format_money
        rows = []
        for tier, count, sums in found:
            of_tier = domain & Domain('tier_id', '=', tier.id)
            rows.append(Row(self._tier_name(tier), self.env._(
                "%(customers)s (%(share)s), %(revenue)s (%(revenue_share)s)", customers=customers(self.env, count),
                share=self._percent(count, total), revenue=money(round(sums['revenue'])),
                revenue_share=self._percent(sums['revenue'], revenue)), [
                    [Part(self.env._("Share of the customers"), 100 * count / total, self._percent(count, total), 'main',
                          of_tier)],
                    [Part(self.env._("Share of the revenue"), 100 * sums['revenue'] / revenue if revenue > 0 else 0,
                          self._percent(sums['revenue'], revenue), 'second', of_tier)]], of_tier))
        tier, count, sums = found[0]
        window = self.env['customer.balance']._window()
        return Seen(
            figure=customers(self.env, total),
            sentence=self.env._(
                "They brought %(revenue)s in the period of the ranking, %(months)s. %(tier)s: %(share)s of the customers, "
                "%(revenue_share)s of the revenue.", revenue=money(round(revenue)), months=months(self.env, window),
                tier=self._tier_name(tier),
                share=self._percent(count, total), revenue_share=self._percent(sums['revenue'], revenue)),
            notes=(self.env._("As of today, whatever period is chosen: tiers go by the period of the ranking."),)
            if filters.months != window else (),
            rows=rows, full=100, domain=domain,
            legend=[(self.env._("Share of the customers"), 'main'), (self.env._("Share of the revenue"), 'second')])

    # ------------------------------------------------------------
    # EFFORT
    # ------------------------------------------------------------

    @api.model
    def _effort_tile(self, filters):
        domain, context = self._balance_domain(filters), {'customer_balance_months': filters.months}
        found = self._by_tier(filters)
        if not found:
            return self._no_customers()
        names = {
            'contacts': (self.env._("Share of the contacts"), 'main'),
            'care': (self.env._("Share of the care spending"), 'third'),
            'revenue_meanwhile': (self.env._("Share of the revenue"), 'second')}
        totals = {name: sum(sums[name] or 0 for *__, sums in found) for name in names}
        shown = [name for name in names if totals[name] > 0]
        if 'contacts' not in shown and 'care' not in shown:
            return Seen(
                empty=self.env._(
                    "No contact was logged in this time. Log one in three clicks on a customer or in My Day."),
                todo=('customer_followup_action', self.env._("Follow-ups")))
        rows = []
        for tier, __, sums in found:
            of_tier = domain & Domain('tier_id', '=', tier.id)
            rows.append(Row(self._tier_name(tier), self._say_effort(sums, totals), [[Part(
                names[name][0], 100 * sums[name] / totals[name], self._percent(sums[name], totals[name]), names[name][1],
                of_tier)]
                for name in shown], of_tier))
        money = self.env['customer.fact']._format_money
        return Seen(
            figure=self.env._("Contacts: %(count)s", count=self._number(totals['contacts'])),
            sentence=self._most_effort(found, totals),
            notes=(self.env._(
                "Looking back %(months)s. Care spending: %(care)s, revenue: %(revenue)s.", care=money(round(totals['care'])),
                revenue=money(round(totals['revenue_meanwhile'])), months=months(self.env, filters.months)),),
            rows=rows, full=100, domain=domain, context=context, legend=[names[name] for name in shown])

    @api.model
    def _say_effort(self, sums, totals):
        return self.env._(
            "Contacts: %(contacts)s (%(contacts_share)s); revenue: %(revenue_share)s", contacts=self._number(sums['contacts']),
            contacts_share=self._percent(sums['contacts'], totals['contacts']),
            revenue_share=self._percent(sums['revenue_meanwhile'], totals['revenue_meanwhile']))

    @api.model
    def _most_effort(self, found, totals):
        """Return in a sentence where effort and revenue are furthest apart."""
        if not totals['contacts'] or totals['revenue_meanwhile'] <= 0:
            return self.env._("There was no revenue to hold the effort against.")

        def apart(row):
            return row[2]['contacts'] / totals['contacts'] - row[2]['revenue_meanwhile'] / totals['revenue_meanwhile']

        tier, __, sums = max(found, key=lambda row: (abs(apart(row)), -row[0].id))
        return self.env._(
            "Furthest apart: %(tier)s takes %(contacts)s of the contacts and brings %(revenue)s of the revenue.",
            tier=self._tier_name(tier), contacts=self._percent(sums['contacts'], totals['contacts']),
            revenue=self._percent(sums['revenue_meanwhile'], totals['revenue_meanwhile']))
