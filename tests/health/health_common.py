"""Health with sources that a test fills by hand."""
from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...models.health.health_source import Source
from ..common import CustomerCase

#: Points as good as the value.
SAME = tuple((value, value) for value in range(0, 101))


class HealthCase(CustomerCase):
    """The shipped rules are archived; ``measure_a`` and ``measure_b`` are measures of two groups, whose values are in
    :attr:`values`, by source and customer. They come from outside, as those of another addon would: by extending
    ``customer.health.measure._sources``. ``card`` is the scorecard of all customers: a weighs 30, b weighs 10.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {}
        cls.broken = {}
        cls._extend_sources('a', 'b', 'c')
        for model in ('cap', 'scorecard', 'measure'):
            cls.env[f'customer.health.{model}'].search([]).action_archive()
        cls.group_a, cls.group_b = cls.env['customer.health.group'].create([{'name': "Group A"}, {'name': "Group B"}])
        cls.measure_a = cls._measure('a', group_id=cls.group_a.id)
        cls.measure_b = cls._measure('b', group_id=cls.group_b.id)
        cls.card = cls._card("Everybody", {cls.measure_a: 30, cls.measure_b: 10})
        cls.refresh = cls.env['customer.health.refresh']

    def setUp(self):
        super().setUp()
        self.values.clear()
        self.broken.clear()

    @classmethod
    def _extend_sources(cls, *names, model='customer.health.measure'):
        """Add sources the way another addon does.

        :param str model: of the rules that may take them, a ``customer.yardstick``
        """
        def sql(measure, partner_ids):
            if measure.source in cls.broken:
                return cls.broken[measure.source]
            rows = [(partner_id, value, as_of) for (name, partner_id), (value, as_of) in cls.values.items()
                    if name == measure.source and (partner_ids is None or partner_id in partner_ids)]
            return SQL(
                "SELECT * FROM unnest(%s::int[], %s::numeric[], %s::date[]) AS v (partner_id, value, as_of)",
                *([list(column) for column in zip(*rows, strict=True)] or [[], [], []]))

        def describe(measure, value, as_of):
            return f"{measure.name} is {value:g}"

        model = cls.registry[model]
        original = model._sources

        def _sources(self):
            return original(self) | {
                name: Source(label=f"Source {name}", unit="points", minimum=0, sql=sql, describe=describe) for name in names}
        cls.startClassPatcher(patch.object(model, '_sources', _sources))

    @classmethod
    def _measure(cls, source, bands=SAME, **vals):
        """Return a measure; its points are its value unless bands say otherwise."""
        return cls.env['customer.health.measure'].create({
            'name': f"Measure {source}", 'source': source, 'group_id': cls.group_a.id,
            'band_ids': [Command.create({'value_from': value, 'points': points}) for value, points in bands], **vals})

    @classmethod
    def _card(cls, name, weights, **vals):
        """Return a scorecard with the weights of measures."""
        return cls.env['customer.health.scorecard'].create({
            'name': name, 'line_ids': [
                Command.create({'measure_id': measure.id, 'weight': weight}) for measure, weight in weights.items()], **vals})

    @classmethod
    def _set(cls, customer, as_of=None, **values):
        """Let sources say something of a customer: a value, or None for nothing."""
        for source, value in values.items():
            if value is None:
                cls.values.pop((source, customer.id), None)
            else:
                cls.values[source, customer.id] = (value, as_of or fields.Date.today())

    @classmethod
    def _refresh(cls, *customers):
        """Refresh customers, all if none is given."""
        return cls.refresh._refresh([customer.id for customer in customers] if customers else None)

    @classmethod
    def _now(cls, customer):
        """Return the current snapshot of a customer."""
        return cls.env['customer.health.snapshot'].search([('partner_id', '=', customer.id), ('date_end', '=', False)])

    @classmethod
    def _column(cls, customer):
        """Return the score of a customer as the database keeps it: None where there is none."""
        cls.env.flush_all()
        cls.env.cr.execute('SELECT customer_health FROM res_partner WHERE id = %s', [customer.id])
        return cls.env.cr.fetchone()[0]

    @contextmanager
    def _invalid(self, message):
        """Expect that something is refused in words, and leave nothing of it behind."""
        with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
            yield

    @classmethod
    def _rhythm(cls, customer, purchases, first_day, last_day):
        """Say when a customer bought."""
        cls.env['customer.rhythm'].search([('partner_id', '=', customer.id)]).unlink()
        cls.env['customer.rhythm'].create({
            'partner_id': customer.id, 'purchases': purchases, 'first_day': first_day, 'last_day': last_day})
