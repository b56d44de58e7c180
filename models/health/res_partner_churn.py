from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...engine.plain import without_none
from ..base.customer_known import COMPARED, compared_sql, export_known
from ..platform.counted import days as in_days
from ..profile.res_partner import GROUP_USER
from .customer_churn import WEEK

LIVE = ('customer_active_percent', 'customer_gap')

#: When these are known: 0 stands for not known.
KNOWN_WHEN = {name: [(name, '>', 0)] for name in LIVE}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # of today, from the few figures of customer.rhythm: nothing of it is stored
    customer_active_percent = fields.Float(
        string="Still Buying (%)", compute='_compute_customer_churn', search='_search_customer_active_percent',
        aggregator='avg', groups=GROUP_USER,
        help="The chance that this customer buys again some day, by the churn model. 0 for who bought once: not known.")
    customer_gap = fields.Float(
        string="Order Gap", compute='_compute_customer_churn', search='_search_customer_gap', digits=(8, 2),
        aggregator='avg', groups=GROUP_USER,
        help="The days since the last order, in multiples of what is usual with this customer. 0 below three days with "
             "an order: not known.")
    customer_churn_text = fields.Char(
        string="Buying Rhythm", compute='_compute_customer_churn', groups=GROUP_USER)

    @api.depends_context('uid', 'tz', 'lang')
    def _compute_customer_churn(self):
        rows = self._read_customer_churn()
        for partner in self:
            row = rows.get(partner._origin.id) or {}
            partner.customer_active_percent = row.get('active') or False
            partner.customer_gap = row.get('gap') or False
            partner.customer_churn_text = partner._describe_rhythm(row) if row else False

    def _read_customer_churn(self):
        """Return the rhythm and the risk of these customers, in one query.

        :return: by partner id: ``purchases``, ``first_day``, ``last_day``, ``season_day``, ``active`` (chance to buy again in
            percent) and ``gap`` (times the own mean interval), None where not known; nothing for who never bought
        :rtype: dict[int, dict]
        """
        ids = self._origin.ids
        if not ids:
            return {}
        self.env['customer.rhythm'].flush_model()
        model = self.env['customer.churn'].sudo()  # figures of all companies, like the revenue, whichever the user sees
        columns = ('purchases', 'first_day', 'last_day', 'season_day', 'active', 'gap')
        rows = self.env.execute_query(SQL(
            """SELECT r.partner_id, r.purchases, r.first_day, r.last_day, r.season_day, %(active)s, %(gap)s
                 FROM customer_rhythm r WHERE r.partner_id = ANY(%(ids)s)""",
            active=model._active_percent_sql(), gap=model._gap_sql(), ids=ids))
        return {partner_id: dict(zip(columns, row, strict=True)) for partner_id, *row in rows}

    def _describe_rhythm(self, row):
        """Return in a line how long ago the last order was, next to what is usual."""
        days = self._days_since_order(row)
        if row['purchases'] < 2:
            return self.env._("One order, %(days)s ago", days=in_days(self.env, days))
        return self.env._(
            "%(days)s since the last order, usually %(usual)s", days=in_days(self.env, days), usual=self._usual_days(row))

    @api.model
    def _days_since_order(self, row):
        """Return how many days ago the last order was; where it was made it may be tomorrow already."""
        return max((fields.Date.context_today(self) - row['last_day']).days, 0)

    @api.model
    def _usual_days(self, row):
        """Return the mean days between two orders, as a whole number of at least one."""
        return max(round((row['last_day'] - row['first_day']).days / (row['purchases'] - 1)), 1)

    @api.model
    def _second_order_days(self):
        """Return how many days lie between the first and the second order usually, 0 where that is not known."""
        return self.env['customer.churn.fit'].search([('second_days', '>', 0)], limit=1).second_days

    # ------------------------------------------------------------
    # SORTING AND SEARCHING
    # ------------------------------------------------------------

    def _customer_field_to_sql(self, alias, field_name, query=None):
        if field_name in LIVE:
            return self._customer_churn_sql(alias, field_name)
        return super()._customer_field_to_sql(alias, field_name, query)

    @api.model
    def _customer_churn_sql(self, alias, field_name):
        """Return SQL for a live field of a partner; NULL where it is not known."""
        self.env['customer.rhythm'].flush_model()
        model = self.env['customer.churn'].sudo()  # as in _read_customer_churn
        value = model._gap_sql() if field_name == 'customer_gap' else model._active_percent_sql()
        return SQL(
            "(SELECT %s FROM customer_rhythm r WHERE r.partner_id = %s)", value, SQL.identifier(alias, 'id'))

    @api.model
    def _search_customer_churn(self, field_name, operator, value):
        if operator not in COMPARED and operator != 'in':
            return NotImplemented
        # what is not known is neither small nor large
        return Domain.custom(to_sql=lambda model, alias, query: compared_sql(
            model._customer_churn_sql(alias, field_name), operator, value))

    def _search_customer_active_percent(self, operator, value):
        return self._search_customer_churn('customer_active_percent', operator, value)

    def _search_customer_gap(self, operator, value):
        return self._search_customer_churn('customer_gap', operator, value)

    def _export_rows(self, fields, **options):
        return export_known(self, KNOWN_WHEN, fields, lambda paths: super(ResPartner, self)._export_rows(paths, **options))

    # ------------------------------------------------------------
    # WHY
    # ------------------------------------------------------------

    @api.readonly
    def get_customer_churn(self):
        """Return what is known of this customer's buying rhythm, and how sure that is.

        :return: empty for who never bought; else ``level`` (low, medium, high or empty), ``active`` (chance to buy again
            in percent, or False), ``expected`` (orders in the next ``horizon`` days, or False), ``range`` (the least and the
            most of them in 8 of 10 cases, or False), ``gap`` (times the usual interval, or False), ``days`` since the last
            order, ``usual`` days between orders (or False), ``orders`` (days with one), ``fit`` (``date``,
            ``customers``, ``repeat`` and ``model``, or False) and ``sentences`` that say all this, what it rests on and how
            well it foretold included
        :rtype: dict
        """
        self._customer_one()
        level = self.customer_risk_level  # also refuses who has no role here
        row = self._read_customer_churn().get(self.id)
        if not row:
            return {}
        fit = self.env['customer.churn.fit']._get_current()
        horizon = self.env['res.config.settings']._customer_success('churn_horizon_days')
        expected, span = (None, None) if row['active'] is None else self._expected_orders(fit._model(), row, horizon)
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
            'sentences': self._explain_churn(row, fit, expected, span, horizon),
        })

    @api.model
    def _expected_orders(self, model, row, horizon):
        """Return how many days with an order to expect in the next days, and between which numbers they lie in 8 of 10
        cases, by the engine.

        :param model: as the engine takes it
        :param dict row: ``purchases``, ``first_day`` and ``last_day``
        """
        today = fields.Date.context_today(self)
        known = (
            row['purchases'] - 1, (row['last_day'] - row['first_day']).days / WEEK,
            (max(today, row['last_day']) - row['first_day']).days / WEEK, horizon / WEEK)
        return model.expected_purchases(*known), model.range_of_purchases(*known)

    def _explain_churn(self, row, fit, expected, span, horizon):
        """Return the sentences of :meth:`get_customer_churn`."""
        first = format_date(self.env, row['first_day'])
        if row['purchases'] < 2:
            lines = [self.env._("Bought on one day only, %(day)s.", day=first)]
        else:
            lines = [self.env._(
                "Bought on %(orders)s since %(day)s, usually every %(usual)s. The last order was %(days)s ago.",
                orders=in_days(self.env, row['purchases']), day=first, usual=in_days(self.env, self._usual_days(row)),
                days=in_days(self.env, self._days_since_order(row)))]
        if row['gap'] is not None:
            lines.append(self.env._("That is %(gap)s times the usual gap.", gap=f'{row["gap"]:.1f}'))
        else:
            lines.append(self.env._("A usual gap is told from three days with an order on."))
        if row['season_day']:
            lines.append(self.env._(
                "Buys in one season of the year: last time it came back on %(day)s, about as in the year before. It is worth a "
                "warning when it has not come some weeks after that day of the next year.",
                day=format_date(self.env, row['season_day'])))
        if expected is not None:
            lines.append(self.env._(
                "Chance to buy again: %(active)s %%. Expected in the next %(days)s days: %(expected)s orders, in 8 of 10 cases "
                "%(least)s to %(most)s.", active=round(row['active']), days=horizon, expected=f'{expected:.1f}',
                least=span[0], most=span[1]))
        elif fit:
            lines.append(self.env._("Of customers who bought once the model says nothing."))
        if row['purchases'] < 2 and (second := self._second_order_days()):
            lines.append(self.env._(
                "Half of those who bought again did so within %(second)s days; since this order it has been %(times)s times "
                "as long.", second=round(second), times=f'{self._days_since_order(row) / second:.1f}'))
        if fit:
            return [*lines, fit.summary, fit.test_summary]
        newest = self.env['customer.churn.fit'].search([], limit=1)
        return [*lines, newest.summary or self.env._("No churn model has been fitted yet.")]
