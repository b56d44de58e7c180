from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ...engine import nps
from ..base.customer_dashboard import Column, Part, Row, Seen, Tile

#: The classes of answers from the best to the worst, with their tones.
CLASSES = {'promoter': 'good', 'passive': 'fair', 'detractor': 'bad'}


class CustomerDashboard(models.AbstractModel):
    """What customers answer, and how fast we do (SRV-1, SRV-5)."""

    _inherit = 'customer.dashboard'

    @api.model
    def _tiles(self):
        return super()._tiles() | {
            'nps': Tile(
                self.env._("Recommendation (NPS)"), 'customer.feedback', self._nps_tile, 'customer_feedback_action_report', 40),
            'sla': Tile(
                self.env._("Deadlines Met"), 'customer.case.clock', self._sla_tile, 'customer_case_clock_action', 60),
        }

    # ------------------------------------------------------------
    # NPS
    # ------------------------------------------------------------

    @api.model
    def _nps_tile(self, filters):
        feedback = self.env['customer.feedback']
        domain = Domain('given_on', '>=', filters.start) & Domain('given_on', '<=', filters.stop) & filters.customers()
        by_month, csat, of_five, satisfied = {}, 0, 0, 0
        for month, kind, count, promoters, passives, detractors, average, happy in feedback._read_group(
                domain, ['given_on:month', 'kind'], [
                    '__count', 'promoter:sum', 'passive:sum', 'detractor:sum', 'csat:avg', 'satisfied:avg']):
            if kind == 'nps':
                by_month[month] = [round(part / 100) for part in (promoters, passives, detractors)]
            else:
                csat, of_five, satisfied = csat + average * count, of_five + count, satisfied + happy * count
        found = nps.summary(*map(sum, zip(*by_month.values(), strict=True)), feedback._minimum()) if by_month else None
        said = feedback._say_summary(nps.Csat(of_five, csat / of_five, satisfied / of_five)) if of_five else ""
        if not found:
            return Seen(
                sentence=said, empty="" if said else self.env._(
                    "Nobody has answered in this time. Ask: a survey goes out after a solved case or with a cadence."),
                domain=domain & Domain('kind', '=', 'csat') if said else None,
                todo=() if said else ('customer_feedback_action', self.env._("Feedback")))
        of_nps, labels = domain & Domain('kind', '=', 'nps'), dict(feedback._fields['category']._description_selection(self.env))
        counts = [sum(some) for some in zip(*by_month.values(), strict=True)]
        return Seen(
            figure=self._nps_figure(found), sentence=feedback._say_summary(found), notes=(said,),
            rows=[Row(labels[name], self._number(count), [[Part(
                labels[name], count, self._number(count), tone, of_nps & Domain('category', '=', name))]],
                of_nps & Domain('category', '=', name)) for (name, tone), count in zip(CLASSES.items(), counts, strict=True)],
            columns=[self._nps_column(first, last, by_month.get(first), of_nps, labels) for first, last in zip(
                filters.month_begins(), filters.month_ends(), strict=True)],
            legend=[(labels[name], tone) for name, tone in CLASSES.items()], full=found.n, domain=of_nps)

    @api.model
    def _nps_figure(self, found):
        """Return the figure with its range; of too few answers there is none."""
        if found.score is None:
            return self.env._("n = %(count)s", count=self._number(found.n))
        return self.env._("NPS %(score)s ± %(margin)s, n = %(count)s", score=self._number(found.score),
                          margin=self._number(found.margin), count=self._number(found.n))

    @api.model
    def _nps_column(self, first, last, counts, domain, labels):
        """Return a month: how many answers of each class, and the NPS where there are enough."""
        if not counts:
            return Column(first, [], self.env._("no answers"), "–")
        found = nps.summary(*counts, self.env['customer.feedback']._minimum())
        of_month = domain & Domain('given_on', '>=', first) & Domain('given_on', '<=', last)
        return Column(
            first, [Part(labels[name], count, self._number(count), tone, of_month & Domain('category', '=', name))
                    for (name, tone), count in reversed(list(zip(CLASSES.items(), counts, strict=True)))],
            self.env['customer.feedback']._say_summary(found),
            "" if found.score is None else formatLang(self.env, found.score, digits=0))

    # ------------------------------------------------------------
    # DEADLINES
    # ------------------------------------------------------------

    @api.model
    def _sla_tile(self, filters):
        clocks = self.env['customer.case.clock']
        domain = (Domain('state', 'in', ('met', 'failed')) & Domain('ended_at', '>=', filters.begin)
                  & Domain('ended_at', '<', filters.end) & self._cases_of(filters))
        kinds, months = {}, {}
        for kind, state, month, count in clocks._read_group(domain, ['kind', 'state', 'ended_at:month'], ['__count']):
            for counts in (kinds.setdefault(kind, {'met': 0, 'failed': 0}),
                           months.setdefault(month.date(), {'met': 0, 'failed': 0})):
                counts[state] += count
        met, failed = (sum(counts[state] for counts in kinds.values()) for state in ('met', 'failed'))
        if not met + failed:
            return Seen(
                empty=self.env._("No deadline of a case was met or missed in this time. Log complaints, problems and needs as "
                                 "cases: each has deadlines."),
                todo=('customer_case_action', self.env._("Cases")))
        labels, states = (dict(clocks._fields[name]._description_selection(self.env)) for name in ('kind', 'state'))
        columns = []
        for first in filters.month_begins():
            counts = months.get(first, {'met': 0, 'failed': 0})
            total, begin = sum(counts.values()), self.env['customer.clock']._begin(self.env.user, first)
            end = self.env['customer.clock']._begin(self.env.user, fields.Date.add(first, months=1))
            columns.append(Column(
                first, [part._replace(value=100 * part.value / total) for part in self._clock_parts(
                    counts, states, domain & Domain('ended_at', '>=', begin) & Domain('ended_at', '<', end))] if total else [],
                self._say_met(counts) if total else self.env._("nothing was decided"),
                self._number(100 * counts['met'] / total) if total else "–"))
        return Seen(
            figure=self.env._("%(share)s met", share=self._percent(met, met + failed)),
            sentence=self.env._(
                "Deadlines met: %(met)s of %(total)s; missed: %(failed)s.", met=self._number(met),
                failed=self._number(failed), total=self._number(met + failed)),
            rows=[self._kind_row(labels[kind], kinds[kind], states, domain & Domain('kind', '=', kind))
                  for kind in labels if kind in kinds],
            columns=columns, tall=100, legend=[(states['met'], 'good'), (states['failed'], 'bad')], domain=domain)

    @api.model
    def _kind_row(self, label, counts, states, domain):
        return Row(label, self._say_met(counts), [self._clock_parts(counts, states, domain)], domain)

    @api.model
    def _cases_of(self, filters):
        """Return the domain of the deadlines that are looked at: of cases of the company, about customers of the team."""
        return filters.own('case_id.company_id', 'case_id.partner_id.user_id.customer_team_id')

    @api.model
    def _clock_parts(self, counts, states, domain):
        return [Part(states[state], counts[state], self._number(counts[state]), tone, domain & Domain('state', '=', state))
                for state, tone in (('met', 'good'), ('failed', 'bad'))]

    @api.model
    def _say_met(self, counts):
        total = sum(counts.values())
        return self.env._("%(share)s met: %(count)s of %(total)s", share=self._percent(counts['met'], total),
                          count=self._number(counts['met']), total=self._number(total))
