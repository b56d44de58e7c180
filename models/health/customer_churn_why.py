from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...engine.plain import without_none
from ..platform.counted import days as in_days
from .customer_churn import WEEK


class CustomerChurnWhy(models.AbstractModel):
    """Says in words and figures what is known of a customer's buying rhythm, and how sure that is (HEA-4)."""

    _name = 'customer.churn.why'
    _description = "Why a Customer May Be Lost"

    def _panel(self, customer):
        """Return what is known of a customer's buying rhythm, see ``res.partner.get_customer_churn``.

        :rtype: dict
        """
        level = customer.customer_risk_level  # also refuses who has no role here
        row = self._read_customer_churn(customer).get(customer.id)
        if not row:
            return {}
        fit = customer.env['customer.churn.fit']._get_current()
        horizon = customer.env['res.config.settings']._customer_success('churn_horizon_days')
        expected, span = (None, None) if row['active'] is None else self._expected_orders(
            fit._model(), row, horizon)
        return without_none({
            'level': level or '',
            'active': row['active'],
            'expected': expected,
            'range': list(span) if span else None,
            'horizon': horizon,
            'gap': row['gap'],
            'days': self._days_since_order(row),
            'usual': self._usual_days(row) if row['purchases'] > 1 else None,
            'orders': row['purchases'],
            'fit': {
                'date': fields.Date.to_string(fit.date), 'customers': fit.customers, 'repeat': fit.repeat_customers,
                'model': fit.model,
            } if fit else None,
            'sentences': self._explain_churn(customer, row, fit, expected, span, horizon),
        })

    def _read_customer_churn(self, customers):
        """Return the rhythm and the risk of these customers, in one query.

        :return: by partner id: ``purchases``, ``first_day``, ``last_day``, ``season_day``, ``active`` (chance to buy again in
            percent) and ``gap`` (times the own mean interval), None where not known; nothing for who never bought
        :rtype: dict[int, dict]
        """
        ids = customers._origin.ids
        if not ids:
            return {}
        customers.env['customer.rhythm'].flush_model()
        model = customers.env['customer.churn'].sudo()  # figures of all companies, like the revenue, whichever the user sees
        columns = ('purchases', 'first_day', 'last_day', 'season_day', 'active', 'gap')
        rows = customers.env.execute_query(SQL(
            """SELECT r.partner_id, r.purchases, r.first_day, r.last_day, r.season_day, %(active)s, %(gap)s
                 FROM customer_rhythm r WHERE r.partner_id = ANY(%(ids)s)""",
            active=model._active_percent_sql(), gap=model._gap_sql(), ids=ids))
        return {partner_id: dict(zip(columns, row, strict=True)) for partner_id, *row in rows}

    def _describe_rhythm(self, customers, row):
        """Return in a line how long ago the last order was, next to what is usual."""
        days = self._days_since_order(row)
        if row['purchases'] < 2:
            return customers.env._("One order, %(days)s ago", days=in_days(customers.env, days))
        return customers.env._(
            "%(days)s since the last order, usually %(usual)s", days=in_days(customers.env, days), usual=self._usual_days(row))

    @api.model
    def _days_since_order(self, row):
        """Return how many days ago the last order was; where it was made it may be tomorrow already."""
        return max((fields.Date.context_today(self.env['res.partner']) - row['last_day']).days, 0)

    @api.model
    def _usual_days(self, row):
        """Return the mean days between two orders, as a whole number of at least one."""
        return max(round((row['last_day'] - row['first_day']).days / (row['purchases'] - 1)), 1)

    @api.model
    def _second_order_days(self):
        """Return how many days lie between the first and the second order usually, 0 where that is not known."""
        return self.env['customer.churn.fit'].search([('second_days', '>', 0)], limit=1).second_days

    @api.model
    def _expected_orders(self, model, row, horizon):
        """Return how many days with an order to expect in the next days, and between which numbers they lie in 8 of 10
        cases, by the engine.

        :param model: as the engine takes it
        :param dict row: ``purchases``, ``first_day`` and ``last_day``
        """
        today = fields.Date.context_today(self.env['res.partner'])
        known = (
            row['purchases'] - 1, (row['last_day'] - row['first_day']).days / WEEK,
            (max(today, row['last_day']) - row['first_day']).days / WEEK, horizon / WEEK)
        return model.expected_purchases(*known), model.range_of_purchases(*known)

    def _explain_churn(self, customers, row, fit, expected, span, horizon):
        """Return the sentences of :meth:`get_customer_churn`."""
        first = format_date(customers.env, row['first_day'])
        if row['purchases'] < 2:
            lines = [customers.env._("Bought on one day only, %(day)s.", day=first)]
        else:
            lines = [customers.env._(
                "Bought on %(orders)s since %(day)s, usually every %(usual)s. The last order was %(days)s ago.",
                orders=in_days(customers.env, row['purchases']), day=first, usual=in_days(customers.env, self._usual_days(row)),
                days=in_days(customers.env, self._days_since_order(row)))]
        if row['gap'] is not None:
            lines.append(customers.env._("That is %(gap)s times the usual gap.", gap=f'{row["gap"]:.1f}'))
        else:
            lines.append(customers.env._("A usual gap is told from three days with an order on."))
        if row['season_day']:
            lines.append(customers.env._(
                "Buys in one season of the year: last time it came back on %(day)s, about as in the year before. It is worth a "
                "warning when it has not come some weeks after that day of the next year.",
                day=format_date(customers.env, row['season_day'])))
        if expected is not None:
            lines.append(customers.env._(
                "Chance to buy again: %(active)s %%. Expected in the next %(days)s days: %(expected)s orders, in 8 of 10 cases "
                "%(least)s to %(most)s.", active=round(row['active']), days=horizon, expected=f'{expected:.1f}',
                least=span[0], most=span[1]))
        elif fit:
            lines.append(customers.env._("Of customers who bought once the model says nothing."))
        if row['purchases'] < 2 and (second := self._second_order_days()):
            lines.append(customers.env._(
                "Half of those who bought again did so within %(second)s days; since this order it has been %(times)s times "
                "as long.", second=round(second), times=f'{self._days_since_order(row) / second:.1f}'))
        if fit:
            return [*lines, fit.summary, fit.test_summary]
        newest = customers.env['customer.churn.fit'].search([], limit=1)
        return [*lines, newest.summary or customers.env._("No churn model has been fitted yet.")]
