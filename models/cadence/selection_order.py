from odoo.tools import SQL


def in_selection_order(model, name, groupby_terms):
    """Return the terms of a grouping such that groups of a selection come in the order of the selection.

    Odoo sorts groups of a selection by their technical value: *later* would come before *overdue*.

    :param model: the model that is grouped
    :param str name: name of the selection field
    :param dict groupby_terms: as in ``_read_group_orderby``
    :rtype: dict
    """
    if name not in groupby_terms:
        return groupby_terms
    keys = [key for key, __ in model._fields[name]._description_selection(model.env)]
    return {**groupby_terms, name: SQL("array_position(%s::varchar[], (%s)::varchar)", keys, groupby_terms[name])}
