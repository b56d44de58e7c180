"""Customers whose health went through something, with rules that a test can follow by hand."""
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tools import SQL

from ...engine import scoring
from ...models.health.health_source import Source
from ..common import CustomerCase

#: A measure's points are its value, in steps of ten.
TENS = [(value, value) for value in range(0, 101, 10)]


class WhyCase(CustomerCase):
    """The shipped rules are archived; four measures in three groups stand in for them.

    ``orders`` weighs 40, ``payment`` 20 (from the value of 60 *below* it holds the score at 50), ``pulse`` 20 (valid for
    90 days, names what to say), ``usage`` 20. Snapshots are written as the refresh would write them (:meth:`_history`).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.live, cls.measured = {}, {}
        cls._extend('customer.health.measure', '_sources', cls._with_sources)
        # what is known right now, and what setting a score by hand does at once, are tested with the refresh
        cls._extend('customer.health.refresh', '_measure_live', lambda original: lambda model, partner: cls.live)
        cls._extend('customer.health.override', '_apply', lambda original: lambda overrides: None)
        for model in ('cap', 'scorecard', 'measure'):
            cls.env[f'customer.health.{model}'].search([]).action_archive()
        cls.env['customer.health.rules'].search([]).unlink()
        cls.group_buying, cls.group_money, cls.group_people = cls.env['customer.health.group'].create([
            {'name': "Buying side"}, {'name': "Money side"}, {'name': "People side"}])
        cls.orders = cls._measure("Orders", cls.group_buying, sequence=1, talk="Ask about the next order.")
        cls.payment = cls._measure("Paying", cls.group_money, sequence=2)
        cls.pulse = cls._measure("Mood", cls.group_people, sequence=3, validity_days=90, talk="Ask what bothers them.")
        cls.usage = cls._measure("Logins", cls.group_people, sequence=4)
        cls.card = cls.env['customer.health.scorecard'].create({'name': "Everybody", 'line_ids': [
            Command.create({'measure_id': measure.id, 'weight': weight})
            for measure, weight in ((cls.orders, 40), (cls.payment, 20), (cls.pulse, 20), (cls.usage, 20))]})
        cls.cap = cls.env['customer.health.cap'].create({
            'name': "Bad debts", 'measure_id': cls.payment.id, 'comparison': 'below', 'value': 20, 'maximum': 50})
        cls.today = fields.Date.context_today(cls.card)
        cls.version = cls._version(400, "The first rules")

    @classmethod
    def _extend(cls, model, name, around):
        registry_class = cls.registry[model]
        cls.startClassPatcher(patch.object(
            registry_class, name, around(getattr(registry_class, name, None)), create=True))

    @classmethod
    def _with_sources(cls, original):
        def sql(measure, partner_ids):
            if cls.measured is None:
                return SQL("SELECT nothing FROM nowhere")
            rows = [(partner_id, value) for partner_id, value in cls.measured.items() if partner_id in partner_ids]
            return SQL(
                "SELECT partner_id, value, CURRENT_DATE AS as_of FROM unnest(%s::int[], %s::numeric[]) AS v (partner_id, value)",
                [row[0] for row in rows], [row[1] for row in rows])

        def sources(model):
            return original(model) | {'test_why': Source(
                label="By hand", unit="", minimum=0, sql=sql,
                describe=lambda measure, value, as_of: f"{measure.name} stands at {value:g}")}
        return sources

    @classmethod
    def _measure(cls, name, group, **vals):
        return cls.env['customer.health.measure'].create({
            'name': name, 'group_id': group.id, 'source': 'test_why', 'window_days': 90,
            'band_ids': [Command.create({'value_from': value, 'points': points}) for value, points in TENS], **vals})

    @classmethod
    def _version(cls, days_ago, summary):
        """Return a version of the rules as they are now, in force since so many days."""
        rules = cls.env['customer.health.rules']
        return rules.create({
            'date': cls.today - timedelta(days=days_ago), 'fingerprint': f'test {days_ago}', 'summary': summary,
            'rules': rules._collect(), 'user_id': cls.mara.id})

    @classmethod
    def _history(cls, partner, *steps, override=None):
        """Write the health of a customer over time.

        :param steps: pairs of how many days ago something changed, and the values since then, by name of the measure; a
            pair of value and days before that day for a value that is not of that day
        :param override: what was set by hand, in force since the last step
        :return: the snapshots, the oldest first
        """
        partner.customer_snapshot_ids.sudo().unlink()
        snapshots = cls.env['customer.health.snapshot']
        for number, (days_ago, values) in enumerate(steps):
            day = cls.today - timedelta(days=days_ago)
            end = cls.today - timedelta(days=steps[number + 1][0] + 1) if number + 1 < len(steps) else False
            snapshots += cls._snapshot(partner, day, end, values, override if not end else None)
        return snapshots

    @classmethod
    def _snapshot(cls, partner, day, end, values, override):
        version = cls.env['customer.health.rules'].search([('date', '<=', day)], limit=1)
        card = version.rules['cards'][str(cls.card.id)]
        parts = cls._parts(version.rules, card, values, day)
        result = scoring.score(card, parts, version.rules['caps'])
        scored = result.state == scoring.SCORED
        shown = float(override.score) if override else result.computed if scored else None
        return cls.env['customer.health.snapshot'].create({
            'partner_id': partner.id, 'date': day, 'date_end': end, 'scorecard_id': cls.card.id, 'rules_id': version.id,
            'state': result.state, 'score': shown or 0, 'computed': result.computed or 0, 'uncapped': result.uncapped or 0,
            'band': scoring.band(card, shown), 'coverage': result.coverage, 'groups_known': result.groups,
            'cap_id': result.cap if scored else False, 'override_id': override.id if override else False, 'parts': parts})

    @classmethod
    def _parts(cls, rules, card, values, day):
        parts = {}
        for key, weight in card['weights'].items():
            rule = rules['measures'][key]
            value = values.get(rule['name'])
            value, age = value if isinstance(value, tuple) else (value, 0)
            as_of = None if value is None else day - timedelta(days=age)
            judged = scoring.judge(rule, value, as_of, day)
            parts[key] = {
                'w': weight, 'p': judged.points, 'v': value, 'd': as_of and fields.Date.to_string(as_of),
                's': judged.status, 'g': rule['group'], 'i': judged.imputed}
        return parts
