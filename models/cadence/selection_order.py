from odoo.tools import SQL


def order_by_selection(read_group_orderby, model, names, order, groupby_terms, query):
    """Sort the groups of selections in the order of the selection; to be called in ``_read_group_orderby``.

    Odoo sorts groups of a selection by their technical value: *later* would come before *overdue*.

    :param read_group_orderby: the method of ``super()``
    :param model: the model that is grouped
    :param names: names of selection fields
    :return: see ``_read_group_orderby``
    """
    replaced = {}
    for name in names:
        if name in groupby_terms:
            keys = [key for key, __ in model._fields[name]._description_selection(model.env)]
            replaced[name] = SQL("array_position(%s::varchar[], (%s)::varchar)", keys, groupby_terms[name])
    return order_by_terms(read_group_orderby, replaced, order, groupby_terms, query)


def order_by_terms(read_group_orderby, replaced, order, groupby_terms, query):
    """Sort groups by other terms than they are grouped by; to be called in ``_read_group_orderby``.

    :param read_group_orderby: the method of ``super()``
    :param dict replaced: what to sort by, for some of the keys of ``groupby_terms``
    :return: see ``_read_group_orderby``
    """
    grouped = {name: groupby_terms[name] for name in replaced}
    terms = groupby_terms | replaced
    result = read_group_orderby(order, terms, query)
    # groups of records are also grouped by what these are sorted by, which Odoo adds to the terms
    groupby_terms.update(terms | grouped)
    return result
