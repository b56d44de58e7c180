"""Customers sorted, searched and grouped by their contacts."""
import functools

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.customer_known import COMPARED
from .customer_contact_date import BY_DATE, COLUMNS, FEW, MANY, WAYS
from .selection_order import order_by_selection

#: What is true where a comparison is not.
NEGATED = {'<': '>=', '<=': '>', '>': '<=', '>=': '<'}


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
        # where rules hide some of a customer's follow-ups, going through them once for all states is quicker
        if limit and (order or '').strip().startswith('customer_contact_state') \
                and self.env['customer.contact.date']._visible_sql('kept') is not None:
            return self._customer_search_by_selection(domain, offset, limit, order, options)
        if limit and (page := self._search_first_by_contact(domain, offset, limit, order or '', options)) is not None:
            return page
        return super(ResPartner, self._customer_with_many(domain, limit, order or '', options))._search(
            domain, offset=offset, limit=limit, order=order, **options)

    def _customer_with_many(self, domain, limit, order, options):
        """Let the follow-ups that the user may see be gone through once, where a page of many customers is sorted by them."""
        if not limit or MANY in self.env.context or not any(
                term.strip().partition(' ')[0] in (*COLUMNS, 'customer_contact_state') for term in order.split(',')):
            return self
        if self.env['customer.contact.date']._visible_sql('kept') is not None:
            return self
        some = self._search(domain, limit=FEW + 1, **options)
        if len(some) <= FEW:
            return self
        # who opens the list first after a dump was restored would wait for a minute
        self.env['customer.statistics']._keep('res_partner', 'customer_followup')
        return self.with_context(**{MANY: True})

    @api.model
    def _search_first_by_contact(self, domain, offset, limit, order, options):
        """Search a page of customers sorted by the date of a contact among the first ones by that date.

        :param options: further arguments of ``_search``
        :return: the query of the page; None where these do not fill it, and all customers have to be sorted
        """
        name, __, direction = order.split(',')[0].strip().partition(' ')
        first = COLUMNS.get(name), direction.upper() or 'ASC'
        if not first[0] or first[1] not in WAYS or BY_DATE in self.env.context:
            return None
        query = self.with_context(**{BY_DATE: first})._search(domain, offset=offset, limit=limit, order=order, **options)
        dates = query.make_alias(self._table, 'contact_dates')
        if dates not in query._joins:
            return None
        rows = self.env.execute_query(query.select(SQL.identifier(self._table, 'id'), SQL.identifier(dates, first[0])))
        if len(rows) < limit:
            return None
        until = self.env['customer.contact.date']._first_until(*first)
        if until and (rows[-1][1] >= until if first[1] == 'ASC' else rows[-1][1] <= until):
            return None
        return self.browse(row[0] for row in rows)._as_query(ordered=True)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in COLUMNS:
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if alias == self._table and self.env['customer.contact.date']._first_asked():
            dates = self.env['customer.contact.date']._joined(alias, query)
            if dates:
                return SQL("%s %s", SQL.identifier(dates, COLUMNS[field_name]), direction)
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

    def _search_customer_contact_date(self, name, operator, value, later):
        """Search by a date that is the first or the last one of several.

        :param str name: of the dates, see ``customer.contact.date._any_sql``
        :param later: whether the last one counts
        """
        if operator not in COMPARED and operator != 'in':
            return NotImplemented

        def to_sql(model, alias, query):
            def has(comparison=None, day=None):
                return model.env['customer.contact.date']._any_sql(alias, name, comparison, day)

            def compared(comparison, day):
                day = fields.Date.to_date(day)
                if later == (comparison[0] == '>'):
                    return has(COMPARED[comparison], day)
                return SQL("(%s AND NOT %s)", has(), has(COMPARED[NEGATED[comparison]], day))

            if operator != 'in':
                return compared(operator, value)
            beyond = '>' if later else '<'
            found = [SQL("(%s AND NOT %s)", has(SQL("="), fields.Date.to_date(day)), compared(beyond, day)) if day
                     else SQL("NOT %s", has()) for day in value]
            return SQL("(%s)", SQL(" OR ").join(found)) if found else SQL("FALSE")

        return Domain.custom(to_sql=to_sql)

    def _search_customer_last_contact(self, operator, value):
        return self._search_customer_contact_date('contact', operator, value, True)

    def _search_customer_next_contact(self, operator, value):
        return self._search_customer_contact_date('planned', operator, value, False)

    def _search_customer_contact_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, query: SQL("(%s)", SQL(" OR ").join(
            [model._customer_in_state_sql(alias, state) for state in sorted(filter(None, value))] or [SQL("FALSE")])))

    def _customer_in_state_sql(self, alias, state):
        """Return SQL that is true for the customers in a contact state; sets of customers, none of which is asked one by one."""
        today = fields.Date.context_today(self)
        stopped = SQL("%s IS TRUE", SQL.identifier(alias, 'customer_do_not_contact'))
        paused = self._customer_paused_sql(alias)
        has = functools.partial(self.env['customer.contact.date']._any_sql, alias)
        planned, late = has('planned'), has('limit', SQL("<"), today)
        in_week = has('planned', SQL("<="), fields.Date.end_of(today, 'week'))
        conditions = {
            'stopped': [stopped],
            'paused': [SQL("NOT %s", stopped), paused],
            'overdue': [late],
            'week': [in_week, SQL("NOT %s", late)],
            'track': [planned, SQL("NOT %s", in_week), SQL("NOT %s", late)],
            'none': [SQL("NOT %s", planned), SQL("(%s) IS NOT TRUE", self._customer_hidden_sql(alias))],
            'colleague': [SQL("NOT %s", planned), self._customer_hidden_sql(alias)],
        }.get(state, [SQL("FALSE")])
        if state not in ('stopped', 'paused'):
            conditions += [SQL("NOT %s", stopped), SQL("NOT %s", paused)]
        return SQL("(%s)", SQL(" AND ").join(conditions))
