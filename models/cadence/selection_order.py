from odoo.tools import SQL


def order_by_selection(read_group_orderby, model, names, order, groupby_terms, query):
    """Sort the groups of selections in the order of the selection; to be called in ``_read_group_orderby``.

    Odoo sorts groups of a selection by their technical value: *later* would come before *overdue*.

    :param read_group_orderby: the method of ``super()``
    :param model: the model that is grouped
    :param names: names of selection fields
    :return: see ``_read_group_orderby``
    """
    grouped = {name: groupby_terms[name] for name in names if name in groupby_terms}
    terms = dict(groupby_terms)
    for name, term in grouped.items():
        keys = [key for key, __ in model._fields[name]._description_selection(model.env)]
        terms[name] = SQL("array_position(%s::varchar[], (%s)::varchar)", keys, term)
    result = read_group_orderby(order, terms, query)
    # groups of records are also grouped by what these are sorted by, which Odoo adds to the terms
    groupby_terms.update(terms | grouped)
    return result
