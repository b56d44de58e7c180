"""Customers whose value a test makes by hand."""
from odoo import Command

from .health_common import HealthCase


class ValueCase(HealthCase):
    """The shipped value model is archived; its place take the dimensions ``current`` (weighs 30, of component ``a``) and
    ``past`` (weighs 10, of ``b`` and ``c``, which weigh 3 and 1). Points are as good as the value, between 0 and 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._extend_sources('a', 'b', 'c', model='customer.value.component')
        shipped = cls.env['customer.value.dimension'].search([])
        cls.current, cls.past = cls.env['customer.value.dimension'].create([
            {'name': "Now", 'sequence': 1, 'weight': 30}, {'name': "Before", 'sequence': 2, 'weight': 10}])
        shipped.action_archive()
        cls.component_a = cls._component(cls.current, 'a', 10)
        cls.component_b, cls.component_c = cls._component(cls.past, 'b', 3), cls._component(cls.past, 'c', 1)
        cls.value_refresh = cls.env['customer.value.refresh']

    @classmethod
    def _component(cls, dimension, source, weight, **vals):
        """Return a component; between 0 and 100 unless values say otherwise."""
        return cls.env['customer.value.component'].create({
            'name': f"Component {source}", 'dimension_id': dimension.id, 'source': source, 'weight': weight, 'way': 'linear',
            'worst_at': 0, 'best_at': 100, **vals})

    @classmethod
    def _bands(cls, *bands):
        return [Command.clear(), *(Command.create({'value_from': value, 'points': points}) for value, points in bands)]

    @classmethod
    def _settings(cls, **values):
        """Set some settings, by their names without the prefix."""
        cls.env['res.config.settings'].create({f'customer_{name}': value for name, value in values.items()}).set_values()

    @classmethod
    def _value(cls, customer):
        """Return the value of a customer."""
        return cls.env['customer.value'].search([('partner_id', '=', customer.id)])

    @classmethod
    def _value_anew(cls, *customers):
        """Value customers anew, all if none is given, and return the value of the first."""
        cls.value_refresh._refresh([customer.id for customer in customers] if customers else None)
        return cls._value(customers[0]) if customers else None
