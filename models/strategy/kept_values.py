from odoo.models import MAGIC_COLUMNS


def kept_values(model, open_names):
    """Return what the stored fields that people have no say in begin with.

    Given to ``create`` as values, they win over the defaults in the context and over those of a user.

    :param model: a record set of the model
    :param open_names: names of the fields that people give
    :rtype: dict
    """
    return {
        name: field.default(model) if field.default else False for name, field in model._fields.items()
        if field.store and not field.compute and field.type != 'one2many' and name not in MAGIC_COLUMNS
        and name not in open_names}
