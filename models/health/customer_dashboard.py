from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.customer_dashboard import LINES, Column, Part, Row, Seen, Tile
from ..platform.counted import customers
from .customer_health_snapshot import BANDS
from .customer_warning import OUTCOMES

#: The bands from the bottom of a column up, with their tones.
TONES = {'risk': 'bad', 'watch': 'fair', 'healthy': 'good', 'none': 'none'}

#: What became of a warning, with its tone; what is open comes first.
OUTCOME_TONES = {'open': 'main', 'solved': 'good', 'lost': 'bad', 'dismissed': 'fair', 'cleared': 'none', 'left': 'none'}


class CustomerDashboard(models.AbstractModel):
    """How healthy the customers are, and what became of warnings (HEA-2, HEA-3)."""

    _inherit = 'customer.dashboard'

    @api.model
    def _tiles(self):
        return super()._tiles() | {
            'health': Tile(
                self.env._("Health"), 'customer.health.snapshot', self._health_tile, 'customer_health_snapshot_action', 20),
            'warnings': Tile(
                self.env._("Warnings by Rule and Outcome"), 'customer.warning', self._warnings_tile, 'customer_warning_action',
                80),
        }

    # ------------------------------------------------------------
    # HEALTH
    # ------------------------------------------------------------

    @api.model
    def _health_counts(self, filters, days):
        """Return how many customers were in each band at the end of days, and of today the sum of the scores.

        :param days: list of date
        :rtype: tuple[dict[str, list[int]], float]
        """
        snapshots = self.env['customer.health.snapshot']
        query = snapshots._search(filters.customers())
        counts = SQL(", ").join(SQL(
            "count(*) FILTER (WHERE s.date <= %(day)s AND (s.date_end IS NULL OR s.date_end >= %(day)s))", day=day)
            for day in days)
        rows = self.env.execute_query(SQL(
            """SELECT s.band, COALESCE(sum(s.score) FILTER (WHERE s.date <= %s AND (s.date_end IS NULL OR s.date_end >= %s)), 0),
                      %s FROM (%s) AS s GROUP BY s.band""",
            days[-1], days[-1], counts, query.select(*(
                SQL.identifier(query.table, name) for name in ('band', 'score', 'date', 'date_end')))))
        found = {band: list(counted) for band, __, *counted in rows}
        return ({band: found.get(band, [0] * len(days)) for band in TONES},
                sum(score for band, score, *__ in rows if band != 'none'))

    @api.model
    def _on_day(self, day):
        """Return the domain of the stretches of days that a day is in."""
        return Domain('date', '<=', day) & (Domain('date_end', '=', False) | Domain('date_end', '>=', day))

    @api.model
    def _health_tile(self, filters):
        days = filters.month_ends()
        labels = dict(self.env['customer.health.snapshot']._fields['band']._description_selection(self.env))
        counts, scores = self._health_counts(filters, days)
        total = sum(some[-1] for some in counts.values())
        if not any(any(some) for some in counts.values()):
            return Seen(
                empty=self.env._("No health was measured yet. Every night the health of each customer is measured, as soon as "
                                 "there are some."),
                todo=('res_partner_action_customers', self.env._("Customers")))
        scored = total - counts['none'][-1]
        columns = [Column(first, [Part(
            labels[band], counts[band][number], self._number(counts[band][number]), tone,
            self._on_day(day) & Domain('band', '=', band) & filters.customers()) for band, tone in TONES.items()],
            customers(self.env, sum(some[number] for some in counts.values())))
            for number, (first, day) in enumerate(zip(filters.month_begins(), days, strict=True))]
        now = self._on_day(days[-1]) & filters.customers()
        return Seen(
            figure=self.env._("%(share)s healthy", share=self._percent(counts['healthy'][-1], scored)) if scored
            else self.env._("Not scored"),
            sentence=self.env._(
                "Of %(scored)s with a score today, healthy: %(healthy)s, to watch: %(watch)s, at risk: %(risk)s. Average score "
                "%(score)s.", scored=customers(self.env, scored), score=self._number(scores / scored),
                **{band: self._number(counts[band][-1]) for band in ('healthy', 'watch', 'risk')}) if scored else self.env._(
                "Too little is known of all of them for a score."),
            notes=[self._more_at_risk(counts['risk'], days), self.env._(
                "Not scored, as too little is known: %(none)s", none=self._number(counts['none'][-1]))
                if counts['none'][-1] else ""],
            rows=[Row(label, self._number(counts[band][-1]), [[Part(
                label, counts[band][-1], self._number(counts[band][-1]), TONES[band], now & Domain('band', '=', band))]],
                now & Domain('band', '=', band)) for band, label in labels.items() if counts[band][-1]] if len(days) == 1 else (),
            columns=columns, legend=[(labels[band], TONES[band]) for band, __ in BANDS],
            full=total, domain=now & Domain('band', '!=', 'none'))

    @api.model
    def _more_at_risk(self, counts, days):
        """Return in a sentence how many more are at risk than at the beginning."""
        if len(days) < 2 or counts[0] == counts[-1]:
            return ""
        change = self._number(abs(counts[-1] - counts[0]))
        return self.env._("More at risk than at the end of the first month: %(count)s", count=change) if counts[-1] > counts[0] \
            else self.env._("Fewer at risk than at the end of the first month: %(count)s", count=change)

    # ------------------------------------------------------------
    # WARNINGS
    # ------------------------------------------------------------

    @api.model
    def _warnings_tile(self, filters):
        domain = Domain('date', '>=', filters.start) & Domain('date', '<=', filters.stop) & filters.customers()
        by_rule = {}
        for rule, state, outcome, count in self.env['customer.warning']._read_group(
                domain, ['rule_id', 'state', 'outcome'], ['__count']):
            became = outcome if state == 'closed' and outcome else 'open'
            own = by_rule.setdefault(rule, dict.fromkeys(OUTCOME_TONES, 0))
            own[became] += count
        total = {name: sum(own[name] for own in by_rule.values()) for name in OUTCOME_TONES}
        raised = sum(total.values())
        if not raised:
            return Seen(empty=self.env._(
                "No warning was raised in this time. Each night the rules look at every customer; which there are, a manager "
                "says under Warning Rules."))
        closed = raised - total['open']
        found = sorted(by_rule.items(), key=lambda item: (-sum(item[1].values()), item[0].display_name or ""))
        lines = [self._warnings_row(rule.display_name or "–", own, domain & Domain('rule_id', '=', rule.id))
                 for rule, own in found[:LINES]]
        if rest := found[LINES:]:
            lines.append(self._warnings_row(
                self.env._("All others"), {name: sum(own[name] for __, own in rest) for name in OUTCOME_TONES},
                domain & Domain('rule_id', 'in', [rule.id for rule, __ in rest])))
        return Seen(
            figure=self.env._("Raised: %(count)s", count=self._number(raised)),
            sentence=self.env._(
                "Still open: %(open)s. Of those that are closed %(solved)s were solved and %(dismissed)s were no reason to "
                "worry.",
                open=self._number(total['open']), solved=self._percent(total['solved'], closed),
                dismissed=self._percent(total['dismissed'], closed)),
            rows=lines, legend=self._outcome_legend(), domain=domain,
            full=max(sum(part.value for part in row.bars[0]) for row in lines))

    @api.model
    def _outcomes(self):
        labels = dict(self.env['customer.warning']._fields['outcome']._description_selection(self.env))
        return {'open': self.env._("Still open"), **{name: labels[name] for name, __ in OUTCOMES}}

    @api.model
    def _outcome_legend(self):
        """Return the colours: what nobody decided on has one together."""
        labels = self._outcomes()
        return [(labels[name], tone) for name, tone in OUTCOME_TONES.items() if name != 'left']

    @api.model
    def _warnings_row(self, label, own, domain):
        """Return the line of a rule: how many of its warnings became what."""
        labels = self._outcomes()
        return Row(label, self._number(sum(own.values())), [[Part(
            labels[name], count, self._number(count), OUTCOME_TONES[name], domain & (
                Domain('state', '!=', 'closed') | Domain('outcome', '=', False) if name == 'open'
                else Domain('state', '=', 'closed') & Domain('outcome', '=', name))) for name, count in own.items()]], domain)
