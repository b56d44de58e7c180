from odoo import api, models
from odoo.tools import SQL

#: By more records than these nothing is looked up: going through all is quicker then.
MOST = 1000


class CustomerNarrowed(models.AbstractModel):
    """A large table of which most readers may see a little (PLT-2, PLT-3).

    Record rules ask other tables whose a record is, and "mine, or of my customers, or of nobody" is decided for all rows when
    they are joined. What of a rule indexes of the table itself answer is said beside it, so that PostgreSQL looks up the few
    rows that may hold and decides about them alone. It follows from the rules as they are: never stricter, and nothing where a
    part of them can't be looked up, or where whoever reads may see much.
    """

    _name = 'customer.narrowed'
    _description = "Records of Which Readers May See a Few"

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **options):
        query = super()._search(domain, offset=offset, limit=limit, order=order, bypass_access=bypass_access, **options)
        if not (bypass_access or query.is_empty()) and (narrow := self._narrowed_sql(query.table)):
            query.add_where(narrow)
        return query

    @api.model
    def _narrowed_sql(self, alias):
        """Return SQL by which the records that the user may see are found among few; None where indexes don't find them, or
        where all may be seen.

        :param str alias: of the table
        """
        if self.env.su:
            return None
        rules = self.env['ir.rule']._compute_domain(self._name, 'read')
        return self._narrow_sql(self.sudo(), alias, iter(list(rules)), alone=True)  # what rules say, nobody reads

    @api.model
    def _narrow_sql(self, model, alias, parts, alone=False):
        """Return SQL that holds for all records for which a domain holds, and perhaps for more, and asks indexes; None where
        there is none.

        :param model: the model that the domain is of, for superuser
        :param str alias: of its table
        :param parts: iterator over the domain in prefix notation; the next part of it is read
        :param bool alone: a single condition is of no use, as it is said in the rule itself
        """
        part = next(parts)
        if part == '!':
            self._narrow_sql(model, alias, parts)
            return None
        if part == '|':
            either = [self._narrow_sql(model, alias, parts), self._narrow_sql(model, alias, parts)]
            return None if None in either else SQL("(%s OR %s)", *either)
        if part == '&':
            both = [self._narrow_sql(model, alias, parts, alone), self._narrow_sql(model, alias, parts, alone)]
            known = [sql for sql in both if sql is not None]
            return SQL("(%s)", SQL(" AND ").join(known)) if known else None
        return None if alone else self._narrow_condition_sql(model, alias, part)

    @api.model
    def _narrow_condition_sql(self, model, alias, condition):
        """Return SQL for a condition on a column, which has an index where the rows of the table are looked up by it; see
        :meth:`_narrow_sql`."""
        name, operator, value = condition if isinstance(condition, tuple) else (None, None, None)
        field = model._fields.get(name)
        if not field or field.type != 'many2one' or not field.store or model._name == self._name and not field.index:
            return None
        column = model._field_to_sql(alias, name)
        if operator == 'in' and value:
            ids = [record_id for record_id in value if record_id]
            if len(ids) < len(value):  # nothing is looked up where the index keeps it, and only in the table itself
                nothing = SQL("%s IS NULL", column) if field.index != 'btree_not_null' and model._name == self._name else None
                return SQL("(%s OR %s = ANY(%s))", nothing, column, ids) if nothing and ids else nothing
            return SQL("%s = ANY(%s)", column, ids)
        if operator in ('any', 'any!'):
            other = self.env[field.comodel_name].sudo()  # as above
            inner = self._narrow_sql(other, other._table, iter(list(value)))
            if not inner or not self._are_few(other._table, inner):
                return None
            # looked up once, before the table is: an array, which an index takes
            return SQL("%s = ANY(ARRAY(SELECT id FROM %s WHERE %s))", column, SQL.identifier(other._table), inner)
        return None

    @api.model
    def _are_few(self, table, condition):
        """Return whether a condition holds for few rows of a table, as it was when this transaction first asked: it says how
        others are looked up, and not which are found."""
        found = SQL(
            "SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %s) AS found", SQL.identifier(table), condition, MOST + 1)
        few = self.env.cr.cache.setdefault(self._name, {})
        key = self.env.cr.mogrify(found)
        if key not in few:
            [[count]] = self.env.execute_query(found)
            few[key] = count <= MOST
        return few[key]
