"""Customers sorted, searched and grouped by their contacts."""
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_contact_date import BY_DATE, COLUMNS
from .selection_order import order_by_selection


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _customer_field_to_sql(self, alias, field_name, query=None):
        if field_name in COLUMNS:
            return (self.env['customer.contact.date']._value_sql(alias, field_name, query)
                    or self._customer_seen_contact_sql(alias, field_name))
        if field_name == 'customer_contact_state':
            # a query that is asked whether it is true is carried out
            dates = self.env['customer.contact.date']._joined(alias, query) if query is not None else None
            return self._customer_kept_state_sql(alias, dates) if dates else self._customer_seen_contact_sql(alias, field_name)
        return super()._customer_field_to_sql(alias, field_name, query)

    def _customer_kept_state_sql(self, alias, dates):
        """Return SQL for the contact state of customers whose dates are joined."""
        today = fields.Date.context_today(self)
        return SQL(
            """CASE WHEN %(stopped)s IS TRUE THEN 'stopped'
                    WHEN %(paused)s THEN 'paused'
                    WHEN %(planned)s IS NULL THEN CASE WHEN %(hidden)s THEN 'colleague' ELSE 'none' END
                    WHEN %(limit)s < %(today)s THEN 'overdue'
                    WHEN %(planned)s <= %(week)s THEN 'week' ELSE 'track' END""",
            stopped=SQL.identifier(alias, 'customer_do_not_contact'), paused=self._customer_paused_sql(alias),
            planned=SQL.identifier(dates, 'next_contact'), limit=SQL.identifier(dates, 'next_limit'),
            hidden=self._customer_hidden_sql(alias), today=today, week=fields.Date.end_of(today, 'week'))

    def _customer_paused_sql(self, alias):
        """Return SQL that is true for customers whose pause runs today."""
        self.env['customer.pause'].flush_model(['partner_id', 'date_from', 'date_to'])
        return SQL("%s IN (SELECT partner_id FROM customer_pause WHERE %s BETWEEN date_from AND date_to)",
                   SQL.identifier(alias, 'id'), fields.Date.context_today(self))

    def _customer_seen_contact_sql(self, alias, field_name):
        """Return SQL for a computed contact field, over the follow-ups that the user may see, one customer after the other."""
        domain = Domain('state', '=', 'done') & Domain('qualifies', '=', True) \
            if field_name == 'customer_last_contact' else Domain('state', '=', 'planned')
        query = self.env['customer.followup']._search(domain)
        query.add_where(SQL("%s = %s", SQL.identifier(query.table, 'partner_id'), SQL.identifier(alias, 'id')))
        column = {name: SQL.identifier(query.table, name) for name in ('contact_day', 'date_planned', 'date_limit')}
        if field_name == 'customer_last_contact':
            return query.subselect(SQL("max(%s)", column['contact_day']))
        if field_name == 'customer_next_contact':
            return query.subselect(SQL("min(%s)", column['date_planned']))
        today = fields.Date.context_today(self)
        return SQL(
            """CASE WHEN %(stopped)s IS TRUE THEN 'stopped' WHEN %(paused)s THEN 'paused' ELSE %(by_date)s END""",
            stopped=SQL.identifier(alias, 'customer_do_not_contact'), paused=self._customer_paused_sql(alias),
            by_date=query.subselect(SQL(
                """CASE WHEN count(*) = 0 THEN CASE WHEN %(hidden)s THEN 'colleague' ELSE 'none' END
                        WHEN min(%(limit)s) < %(today)s THEN 'overdue'
                        WHEN min(%(planned)s) <= %(week)s THEN 'week' ELSE 'track' END""",
                limit=column['date_limit'], planned=column['date_planned'], today=today, hidden=self._customer_hidden_sql(alias),
                week=fields.Date.end_of(today, 'week'))))

    # ------------------------------------------------------------
    # SORTING AND GROUPING
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        """A page of customers sorted by the date of a contact begins with the index of the dates. Where it does not get full,
        there are customers without a date on it, and all have to be looked at."""
        if limit and (order or '').split(',')[0].split(' ')[0] in COLUMNS and BY_DATE not in self.env.context:
            query = super(ResPartner, self.with_context(**{BY_DATE: True}))._search(
                domain, offset=offset, limit=limit, order=order, **options)
            if query._joins.get(query.make_alias(self._table, 'contact_dates')):
                page = self.browse(row[0] for row in self.env.execute_query(query.select()))
                if len(page) == limit:
                    return page._as_query(ordered=True)
        return super()._search(domain, offset=offset, limit=limit, order=order, **options)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in COLUMNS:
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if self.env.context.get(BY_DATE) and alias == self._table:
            dates = self.env['customer.contact.date']._joined(alias, query)
            if dates:
                date = SQL.identifier(dates, COLUMNS[field_name])
                query.add_where(SQL("%s IS NOT NULL", date))
                return SQL("%s %s", date, direction)
        # who has no date is behind the others, whichever way they are sorted
        term = self._field_to_sql(alias, field_name, query)
        query._order_groupby.append(term)
        return SQL("%s %s NULLS LAST", term, direction)

    @api.model
    def _get_customer_ordered_selections(self):
        return super()._get_customer_ordered_selections() + ['customer_contact_state']

    def _read_group_orderby(self, order, groupby_terms, query):
        return order_by_selection(
            super()._read_group_orderby, self, self._get_customer_ordered_selections(), order, groupby_terms, query)

    # ------------------------------------------------------------
    # SEARCHING
    # ------------------------------------------------------------

    def _search_customer_contact_date(self, field_name, operator, value):
        comparison = {'<': SQL("<"), '<=': SQL("<="), '>': SQL(">"), '>=': SQL(">=")}.get(operator)
        if not comparison and operator != 'in':
            return NotImplemented

        def to_sql(model, alias, query):
            if comparison:
                day = fields.Date.to_date(value)
                kept = model.env['customer.contact.date']._exists_sql(
                    alias, lambda **dates: SQL("%s %s %s", dates[COLUMNS[field_name]], comparison, day))
                return kept or SQL("%s %s %s", model._customer_seen_contact_sql(alias, field_name), comparison, day)
            sql = model._customer_field_to_sql(alias, field_name, query)
            days = [fields.Date.to_date(day) for day in value if day]
            is_null = SQL("%s IS NULL", sql) if len(days) < len(value) else SQL("FALSE")
            return SQL("(%s = ANY(%s::date[]) OR %s)", sql, days, is_null)

        return Domain.custom(to_sql=to_sql)

    def _search_customer_last_contact(self, operator, value):
        return self._search_customer_contact_date('customer_last_contact', operator, value)

    def _search_customer_next_contact(self, operator, value):
        return self._search_customer_contact_date('customer_next_contact', operator, value)

    def _search_customer_contact_state(self, operator, value):
        if operator != 'in':
            return NotImplemented

        def to_sql(model, alias, query):
            state = model._customer_field_to_sql(alias, 'customer_contact_state', query)
            return SQL("%s AND %s = ANY(%s)", model._customer_dated_sql(alias, set(value)), state, list(value))

        return Domain.custom(to_sql=to_sql)

    def _customer_dated_sql(self, alias, states):
        """Return SQL that is true for the customers that may be in one of some contact states, by the index of the dates:
        narrower than the states themselves, where these follow from a date alone."""
        today = fields.Date.context_today(self)
        week = fields.Date.end_of(today, 'week')
        bounds = {
            'overdue': lambda **dates: SQL("%s < %s", dates['next_limit'], today),
            'week': lambda **dates: SQL("%s <= %s", dates['next_contact'], week),
            'track': lambda **dates: SQL("%s > %s", dates['next_contact'], week)}
        if not states or states - bounds.keys():
            return SQL("TRUE")
        kept = [self.env['customer.contact.date']._exists_sql(alias, bounds[state]) for state in sorted(states)]
        return SQL("(%s)", SQL(" OR ").join(kept)) if None not in kept else SQL("TRUE")
