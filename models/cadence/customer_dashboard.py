from odoo import api, models
from odoo.fields import Domain

from ..base.customer_dashboard import LINES, Column, Part, Row, Seen, Tile

#: What became of a planned touch, with its tone.
RESULTS = {'on_time': 'good', 'late': 'fair', 'missed': 'bad', 'skipped': 'none'}


class CustomerDashboard(models.AbstractModel):
    """How the planned touches were kept (CAD-11)."""

    _inherit = 'customer.dashboard'

    @api.model
    def _tiles(self):
        return super()._tiles() | {
            'adherence': Tile(
                self.env._("Kept Rhythms"), 'customer.adherence', self._adherence_tile, 'customer_adherence_action', 50),
            'adherence_people': Tile(
                self.env._("Kept Rhythms by Person"), 'customer.adherence', self._adherence_people_tile,
                'customer_adherence_action', 90),
        }

    @api.model
    def _adherence_domain(self, filters):
        return (Domain('planned', '=', 1) & Domain('date', '>=', filters.start) & Domain('date', '<=', filters.stop)
                & filters.own())

    @api.model
    def _adherence_rows(self, filters):
        """Return what was planned, by month and person: pairs of these, and how many became what.

        :rtype: list[tuple]
        """
        if 'adherence' not in filters.kept:
            filters.kept['adherence'] = [
                (month, user, dict(zip(RESULTS, counts, strict=True))) for month, user, *counts in
                self.env['customer.adherence']._read_group(
                    self._adherence_domain(filters), ['date:month', 'user_id'], [f'{name}:sum' for name in RESULTS])]
        return filters.kept['adherence']

    @api.model
    def _added_up(self, rows):
        return {name: sum(counts[name] for __, __, counts in rows) for name in RESULTS}

    @api.model
    def _result_parts(self, counts, domain):
        """Return a bar of how many became what."""
        labels = self.env['customer.adherence']._results()
        return [Part(labels[name], counts[name], self._number(counts[name]), tone, domain & Domain('result', '=', name))
                for name, tone in RESULTS.items()]

    @api.model
    def _result_legend(self):
        labels = self.env['customer.adherence']._results()
        return [(labels[name], tone) for name, tone in RESULTS.items()]

    @api.model
    def _adherence_tile(self, filters):
        rows, domain = self._adherence_rows(filters), self._adherence_domain(filters)
        total = self._added_up(rows)
        planned = sum(total.values())
        if not planned:
            return self._nothing_planned()
        columns = [
            self._adherence_column(first, self._added_up([row for row in rows if row[0] == first]), domain
                                   & Domain('date', '>=', first) & Domain('date', '<=', last))
            for first, last in zip(filters.month_begins(), filters.month_ends(), strict=True)]
        return Seen(
            figure=self.env._("%(share)s on time", share=self._percent(total['on_time'], planned)),
            sentence=self.env._(
                "Of %(planned)s that were planned, on time: %(on_time)s, late: %(late)s, missed: %(missed)s, skipped: "
                "%(skipped)s.", planned=self._number(planned),
                **{name: self._number(count) for name, count in total.items()}),
            columns=columns, legend=self._result_legend(), tall=100, domain=domain)

    @api.model
    def _adherence_column(self, first, counts, domain):
        """Return a month: its shares, which fill the column, whatever was planned."""
        planned = sum(counts.values())
        if not planned:
            return Column(first, [], self.env._("nothing was planned"), "–")
        return Column(
            first, [part._replace(value=100 * part.value / planned) for part in self._result_parts(counts, domain)],
            self._say_on_time(counts), self._number(100 * counts['on_time'] / planned))

    @api.model
    def _say_on_time(self, counts):
        planned = sum(counts.values())
        return self.env._(
            "%(share)s on time: %(count)s of %(total)s", share=self._percent(counts['on_time'], planned),
            count=self._number(counts['on_time']), total=self._number(planned))

    @api.model
    def _person_row(self, name, counts, domain):
        return Row(name, self._say_on_time(counts), [self._result_parts(counts, domain)], domain)

    @api.model
    def _adherence_people_tile(self, filters):
        rows, domain = self._adherence_rows(filters), self._adherence_domain(filters)
        people = {}
        for row in rows:
            people.setdefault(row[1], []).append(row)
        found = [(user, self._added_up(own)) for user, own in people.items()]
        found = sorted(
            ((counts['on_time'] / planned, user.display_name or self.env._("Nobody"), user.id, counts)
             for user, counts in found if (planned := sum(counts.values()))), key=lambda one: one[:3])
        if not found:
            return self._nothing_planned()
        lines = [self._person_row(name, counts, domain & Domain('user_id', '=', user_id))
                 for __, name, user_id, counts in found[:LINES]]
        if rest := found[LINES:]:
            lines.append(self._person_row(
                self.env._("All others"), {name: sum(one[3][name] for one in rest) for name in RESULTS},
                domain & Domain('user_id', 'in', [one[2] for one in rest])))
        share, name = found[0][:2]
        return Seen(
            sentence=self.env._(
                "Who keeps fewest comes first: %(name)s with %(share)s on time.", name=name, share=self._percent(share, 1)),
            rows=lines, legend=self._result_legend())

    @api.model
    def _nothing_planned(self):
        return Seen(
            empty=self.env._("Nothing was planned in this time. Give customers a cadence: it plans the contacts, and here you "
                             "see whether they were made."),
            todo=('customer_cadence_action', self.env._("Cadences")) if self._may_configure() else ())

    @api.model
    def _may_configure(self):
        return self.env.user.has_group('customer_success.group_customer_success_manager')
