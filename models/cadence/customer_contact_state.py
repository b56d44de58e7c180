import functools

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.customer_known import COMPARED

#: What is true where a comparison is not.
NEGATED = {'<': '>=', '<=': '>', '>': '<=', '>=': '<'}


class CustomerContactState(models.AbstractModel):
    """How we stand with customers by their contacts, in SQL: to sort, search and group them."""

    _name = 'customer.contact.state'
    _description = "Contact States in SQL"

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    @api.model
    def _hidden_sql(self, alias):
        """Return SQL that is true where the contacts with a customer are hidden from the user: the record rules of
        follow-ups, seen from the customer."""
        if self.env.su:
            return SQL("FALSE")
        user, uid = self.env.user, self.env.uid
        elsewhere = SQL("%s <> ALL(%s)", self.env['customer.responsibility']._company_sql(alias), self.env.companies.ids)
        if user.has_group('customer_success.group_customer_success_manager'):
            return elsewhere
        manager_id = SQL.identifier(alias, 'user_id')
        others = SQL("COALESCE(%s, %s) <> %s", manager_id, uid, uid)
        if user.has_group('customer_success.group_customer_success_leader'):
            others = SQL(
                """%s AND NOT EXISTS (SELECT 1 FROM res_users AS seller JOIN crm_team AS team ON team.id = seller.customer_team_id
                                       WHERE seller.id = %s AND team.user_id = %s)""", others, manager_id, uid)
        return SQL("(%s OR %s)", others, elsewhere)  # what needs no look at another table comes first

    @api.model
    def _paused_sql(self, alias):
        """Return SQL that is true for customers whose pause runs today."""
        self.env['customer.pause'].flush_model(['partner_id', 'date_from', 'date_to'])
        return SQL("%s IN (SELECT partner_id FROM customer_pause WHERE %s BETWEEN date_from AND date_to)",
                   SQL.identifier(alias, 'id'), fields.Date.context_today(self))

    @api.model
    def _kept_sql(self, alias, dates):
        """Return SQL for the contact state of customers whose dates are joined."""
        today = fields.Date.context_today(self)
        return SQL(
            """CASE WHEN %(stopped)s IS TRUE THEN 'stopped'
                    WHEN %(paused)s THEN 'paused'
                    WHEN %(planned)s IS NULL THEN CASE WHEN %(hidden)s THEN 'colleague' ELSE 'none' END
                    WHEN %(limit)s < %(today)s THEN 'overdue'
                    WHEN %(planned)s <= %(week)s THEN 'week' ELSE 'track' END""",
            stopped=SQL.identifier(alias, 'customer_do_not_contact'), paused=self._paused_sql(alias),
            planned=SQL.identifier(dates, 'next_contact'), limit=SQL.identifier(dates, 'next_limit'),
            hidden=self._hidden_sql(alias), today=today, week=fields.Date.end_of(today, 'week'))

    @api.model
    def _seen_sql(self, alias, field_name):
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
            stopped=SQL.identifier(alias, 'customer_do_not_contact'), paused=self._paused_sql(alias),
            by_date=query.subselect(SQL(
                """CASE WHEN count(*) = 0 THEN CASE WHEN %(hidden)s THEN 'colleague' ELSE 'none' END
                        WHEN min(%(limit)s) < %(today)s THEN 'overdue'
                        WHEN min(%(planned)s) <= %(week)s THEN 'week' ELSE 'track' END""",
                limit=column['date_limit'], planned=column['date_planned'], today=today, hidden=self._hidden_sql(alias),
                week=fields.Date.end_of(today, 'week'))))

    # ------------------------------------------------------------
    # SEARCHING
    # ------------------------------------------------------------

    @api.model
    def _date_domain(self, name, operator, value, later):
        """Return the domain of the customers by a date that is the first or the last one of several.

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

    @api.model
    def _state_domain(self, operator, value):
        """Return the domain of the customers in some contact states."""
        if operator != 'in':
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, query: SQL("(%s)", SQL(" OR ").join(
            [model.env['customer.contact.state']._in_state_sql(alias, state) for state in sorted(filter(None, value))]
            or [SQL("FALSE")])))

    @api.model
    def _in_state_sql(self, alias, state):
        """Return SQL that is true for the customers in a contact state; sets of customers, none of which is asked one by one."""
        today = fields.Date.context_today(self)
        stopped = SQL("%s IS TRUE", SQL.identifier(alias, 'customer_do_not_contact'))
        paused = self._paused_sql(alias)
        has = functools.partial(self.env['customer.contact.date']._any_sql, alias)
        planned, late = has('planned'), has('limit', SQL("<"), today)
        in_week = has('planned', SQL("<="), fields.Date.end_of(today, 'week'))
        conditions = {
            'stopped': [stopped],
            'paused': [SQL("NOT %s", stopped), paused],
            'overdue': [late],
            'week': [in_week, SQL("NOT %s", late)],
            'track': [planned, SQL("NOT %s", in_week), SQL("NOT %s", late)],
            'none': [SQL("NOT %s", planned), SQL("(%s) IS NOT TRUE", self._hidden_sql(alias))],
            'colleague': [SQL("NOT %s", planned), self._hidden_sql(alias)],
        }.get(state, [SQL("FALSE")])
        if state not in ('stopped', 'paused'):
            conditions += [SQL("NOT %s", stopped), SQL("NOT %s", paused)]
        return SQL("(%s)", SQL(" AND ").join(conditions))
