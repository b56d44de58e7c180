from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

#: How a figure is compared in SQL.
COMPARED = {'<': SQL("<"), '<=': SQL("<="), '>': SQL(">"), '>=': SQL(">=")}


def compared_sql(figure, operator, value):
    """Return SQL that compares a figure, as it is shown, with what somebody searches for.

    :param SQL figure: NULL where it is not known; 0 in a search stands for that as well
    :param str operator: of a domain
    :return: None for an operator that compares no numbers
    """
    if operator in COMPARED:
        return SQL("%s %s %s", figure, COMPARED[operator], value)
    if operator != 'in':
        return None
    found = SQL("round((%s)::numeric, 2) = ANY(%s::numeric[])", figure, [float(one or 0) for one in value])
    return found if all(value) else SQL("(%s OR %s IS NULL)", found, figure)


def export_known(records, known_when, fields, export):
    """Export records, the cells of numbers that are not known empty.

    :param dict known_when: names of numbers, each with the domain of the records in which it is known
    :param list fields: paths of names, as Odoo's export has them
    :param export: function of such paths to rows
    :rtype: list[list]
    """
    names = [path[0] if len(path) == 1 and path[0] in known_when else None for path in fields]
    if not any(names):
        return export(fields)
    # a record may take several lines; its own values stand in the one with its id
    rows = export([*fields, ['.id']])
    known = {name: set(records.filtered_domain(known_when[name]).ids) for name in set(names) - {None}}
    for row in rows:
        if record_id := row.pop():
            for column, name in enumerate(names):
                if name and int(record_id) not in known[name]:
                    row[column] = ''
    return rows


class CustomerKnown(models.AbstractModel):
    """Numbers that may not be known, kept out of means and sorted last.

    A column of a Float can't be empty, so a number that nobody knows is stored as 0. Whoever inherits this model says in
    ``_known_when`` when a number is known. Pivots, graphs and groups then leave the others out, lists and boards put them
    behind the rest, whichever way they are sorted, and their cells are empty in an export.
    """

    _name = 'customer.known'
    _description = "Numbers That May Not Be Known"

    #: Names of numbers, each with the domain of the records in which it is known.
    _known_when = {}

    def _known_to_sql(self, alias, name, query):
        """Return SQL that is true where a number is known.

        :param str name: a key of ``_known_when``
        """
        return Domain(self._known_when[name]).optimize_full(self)._to_sql(self, alias, query)

    def _read_group_select(self, aggregate_spec, query):
        sql = super()._read_group_select(aggregate_spec, query)
        name, __, function = aggregate_spec.partition(':')
        if name in self._known_when and function in ('avg', 'min', 'max', 'sum'):
            return SQL("%s FILTER (WHERE %s)", sql, self._known_to_sql(self._table, name, query))
        return sql

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in self._known_when:
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        return SQL(
            "CASE WHEN %s THEN %s END %s NULLS LAST", self._known_to_sql(alias, field_name, query),
            self._field_to_sql(alias, field_name, query), direction)

    def _export_rows(self, fields, **options):
        def export(paths):
            return super(CustomerKnown, self)._export_rows(paths, **options)
        return export_known(self, self._known_when, fields, export)
