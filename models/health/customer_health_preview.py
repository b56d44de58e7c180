from collections import Counter, defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import explanation, scoring
from ..platform.counted import customers

#: So many of those that change most are named.
NAMED = 5


class Customer(NamedTuple):
    """What the preview looks at of a customer."""

    id: int
    name: str
    tier: int | None
    segment: int | None
    parts: dict
    rules: dict | None
    override: int | None


class Outcome(NamedTuple):
    """A score that a customer has or would have."""

    score: float | None
    band: str


class CustomerHealthPreview(models.AbstractModel):
    """What a change of the rules would do to the scores, shown before it is saved (HEA-1).

    The current snapshots hold what is known of each customer, so the engine can tell the score under other rules without
    measuring anew; only what no snapshot holds (a measure that is new on a card, another period) is measured. Before and
    after are both made by the engine, so that nothing but the edit makes the difference.
    """

    _name = 'customer.health.preview'
    _inherit = ['customer.asking']
    _description = "Preview of Changed Health Rules"

    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False,
        help="What these rules would do to the customers, before anything is saved.")

    @api.depends(lambda self: self._preview_triggers())
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for record in self:
            record.preview = self.env['ir.qweb']._render(
                'customer_success.customer_health_preview', record._preview_values())

    @api.model
    def _preview_triggers(self):
        """Return the fields whose change is worth another look."""
        return []

    def _preview_values(self):
        """Return what the preview shows: customers per band before and after, and those that change most.

        :rtype: dict
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        customers, total = self._preview_customers()
        saved, edited = self._preview_rules(), self._preview_rules(self)
        before = self._preview_outcomes(customers, saved, today)
        after = self._preview_outcomes(customers, edited, today, self._preview_measured(customers, saved, edited))
        bands = dict(self.env['customer.health.snapshot']._fields['band']._description_selection(self.env))
        counts = [Counter(outcome.band for outcome in outcomes.values()) for outcomes in (before, after)]
        moved = [customer for customer in customers if before[customer.id] != after[customer.id]]
        moved.sort(key=lambda customer: (*self._preview_weight(before[customer.id], after[customer.id]), customer.id))
        return {
            'total': total,
            'sample': len(customers),
            'bands': [{
                'name': band, 'label': label, 'before': counts[0][band], 'after': counts[1][band],
                'more': counts[0][band] != counts[1][band] and self.env._(
                    "before %(before)s (%(more)s)", before=counts[0][band],
                    more=f'{counts[1][band] - counts[0][band]:+d}'.replace('-', '−')),
                'share': 100 * counts[1][band] / len(customers) if customers else 0,
            } for band, label in bands.items()],
            'changed': sum(before[customer.id].band != after[customer.id].band for customer in customers),
            'moved': len(moved),
            'customers': [
                self._preview_row(customer, before[customer.id], after[customer.id], bands) for customer in moved[:NAMED]],
            'saved': bool(self._origin),
        }

    def _describe_archiving(self, active):
        values = self._as_if(active)._preview_values()
        return self.env._(
            "%(moved)s of %(total)s would get another score tonight.", moved=values['moved'],
            total=customers(self.env, values['sample']))

    @api.model
    def _preview_weight(self, before, after):
        """Return what sorts the changes, the biggest first: into another band, then by points."""
        points = abs((after.score or 0) - (before.score or 0))
        return (before.band == after.band, -points)

    @api.model
    def _preview_row(self, customer, before, after, bands):
        return {
            'id': customer.id,
            'name': customer.name,
            'before': "–" if before.score is None else explanation.half_up(before.score),
            'after': "–" if after.score is None else explanation.half_up(after.score),
            'before_band': before.band, 'after_band': after.band,
            'before_label': bands[before.band], 'after_label': bands[after.band],
        }

    # ------------------------------------------------------------
    # CUSTOMERS
    # ------------------------------------------------------------

    @api.model
    def _preview_customers(self):
        """Return customers with what is known of them, and of how many they are a sample.

        The sample is the same every time, so that one edit can be compared with the next.

        :rtype: tuple[list[Customer], int]
        """
        snapshots = self.env['customer.health.snapshot']
        snapshots.flush_model()
        self.env['res.partner'].flush_model(['complete_name', 'customer_tier_id', 'customer_segment_id'])
        current = [('date_end', '=', False)]
        query = snapshots._search(current)
        query.order = SQL('hashint4(%s)', SQL.identifier(query.table, 'partner_id'))
        query.limit = self.env['res.config.settings']._customer_success('health_preview_customers')
        rows = self.env.execute_query(SQL(
            """SELECT partner.id, partner.complete_name, partner.customer_tier_id, partner.customer_segment_id,
                      snapshot.parts, snapshot.rules_id, override.score
                 FROM customer_health_snapshot snapshot
                 JOIN res_partner partner ON partner.id = snapshot.partner_id
            LEFT JOIN customer_health_override override ON override.id = snapshot.override_id
                WHERE snapshot.id IN %s
             ORDER BY partner.id""", query.subselect()))
        versions = self.env['customer.health.rules'].browse({row[5] for row in rows if row[5]})
        rules = {version.id: version.rules for version in versions}
        customers = [
            Customer(*row[:4], row[4] or {}, rules.get(row[5]), row[6]) for row in rows]
        full = len(customers) < (query.limit or 0)
        return customers, len(customers) if full else snapshots.search_count(current)

    def _preview_measured(self, customers, saved, edited):
        """Return what has to be measured because no snapshot holds it: of a measure that now looks at something else,
        or that is new on a card.

        :param dict saved: the rules as they are saved
        :param dict edited: the rules with this record as it stands on the form
        :return: by measure id as text, by customer id, value and day
        :rtype: dict[str, dict[int, tuple]]
        """
        judged = ('name', 'group', 'bands', 'validity', 'policy')
        on_cards = {key for card in edited['cards'].values() for key in card['weights']}
        held = {key for customer in customers for key in customer.parts}
        measured = {}
        for key in on_cards & edited['measures'].keys():
            old, new = ({name: value for name, value in rules['measures'].get(key, {}).items() if name not in judged}
                        for rules in (saved, edited))
            if key not in held or old != new:
                is_edited = self._name == 'customer.health.measure' and str(self._origin.id) == key
                measure = self if is_edited else self.env['customer.health.measure'].browse(int(key))
                measured[key] = self._preview_measure(measure, [customer.id for customer in customers])
        return measured

    @api.model
    def _preview_measure(self, measure, partner_ids):
        """Return value and day of a measure for customers, nothing where its source fails."""
        source = measure._sources().get(measure.source)
        if not source or not partner_ids:
            return {}
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                rows = self.env.execute_query(SQL(
                    "SELECT partner_id, value, as_of FROM (%s) AS measured", source.sql(measure, partner_ids)))
        except Exception:
            # a source of another addon may fail in any way; the nightly refresh names it on the measure
            return {}
        return {partner_id: (float(value), as_of) for partner_id, value, as_of in rows if value is not None}

    # ------------------------------------------------------------
    # RULES AND SCORES
    # ------------------------------------------------------------

    @api.model
    def _preview_rules(self, edited=None):
        """Return the rules as the engine takes them, as they are saved, or with one record as it stands on the form.

        :param edited: a measure, scorecard or cap; nothing for the saved rules
        :return: what ``customer.health.rules`` keeps, see its ``_collect``
        :rtype: dict
        """
        versions = self.env['customer.health.rules']
        rules = versions._collect()
        if edited is not None:
            edited._preview_put(rules)
            versions._put_caps_on_cards(rules)
            for card in rules['cards'].values():
                # what is refused when it is saved counts nothing meanwhile
                card['weights'] = {key: max(weight, 0.0) for key, weight in card['weights'].items()}
        return rules

    def _preview_put(self, rules):
        """Put the record as it stands on the form into rules; one that is not saved yet has the id 0.

        :param dict rules: changed in place
        """
        raise NotImplementedError

    @api.model
    def _preview_use(self, rules, measures):
        """Add measures to rules that did not need them so far."""
        for measure in measures.filtered('active'):
            rules['measures'].setdefault(str(measure.id), measure._rules_values())

    @api.model
    def _preview_outcomes(self, customers, rules, today, measured=None):
        """Return the :class:`Outcome` of each customer under some rules, by its id.

        :param measured: what was measured anew, see :meth:`_preview_measured`
        """
        parts = {customer.id: self._preview_parts(customer, rules, today, measured or {}) for customer in customers}
        self._preview_put_medians(customers, rules, parts)
        cards, outcomes = [rules['cards'][str(card_id)] for card_id in rules['order']], {}
        for customer in customers:
            card = next((
                card for card in cards
                if (not card['tiers'] or customer.tier in card['tiers'])
                and (not card['segments'] or customer.segment in card['segments'])), None)
            result = scoring.score(card, parts[customer.id], rules['caps'])
            score = result.computed if result.state == scoring.SCORED else None
            if customer.override is not None:
                score = float(customer.override)
            outcomes[customer.id] = Outcome(score, scoring.band(card, score))
        return outcomes

    @api.model
    def _preview_parts(self, customer, rules, today, measured):
        parts = explanation.judge(customer.parts, customer.rules, rules, today)
        for key, values in measured.items():
            rule = rules['measures'][key]
            value, as_of = values.get(customer.id, (None, None))
            judged = scoring.judge(rule, value, as_of, today)
            parts[key] = {'p': judged.points, 'v': value, 'd': as_of and fields.Date.to_string(as_of),
                          's': judged.status, 'g': rule['group'], 'i': judged.imputed}
        return parts

    @api.model
    def _preview_put_medians(self, customers, rules, parts):
        """Put what is usual in the segment in the place of what is not known, for measures that say so."""
        keys = {key for key, rule in rules['measures'].items() if rule['policy'] == 'median'}
        known = defaultdict(list)
        for customer in customers if keys else ():
            for key in keys & parts[customer.id].keys():
                if scoring.known(parts[customer.id][key]):
                    known[customer.segment, key].append(parts[customer.id][key]['p'])
        for customer in customers if keys else ():
            for key in keys & parts[customer.id].keys():
                part, usual = parts[customer.id][key], sorted(known[customer.segment, key])
                if part['p'] is None and usual:
                    median = (usual[(len(usual) - 1) // 2] + usual[len(usual) // 2]) / 2
                    parts[customer.id][key] = {**part, 'p': explanation.half_up(median), 'i': True}
