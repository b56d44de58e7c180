from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..base.fact import Span
from ..health.customer_health_why import Moment
from ..platform.local_text import day_text, labelled, listed
from .report_part import Figure, Part, cell_text, is_number

#: The figures of the month, each held against the same days of the month before and of a year ago.
FIGURES = (
    'revenue', 'new_orders', 'order_value', 'repurchase_rate', 'engagement', 'silence', 'case_complaints', 'case_sla_met', 'csat',
    'nps', 'satisfaction', 'health', 'churn')

#: Readings are told for so many months.
MONTHS = 6


class Days(NamedTuple):
    """The days that a report is about.

    :param start: first day of the month
    :param stop: last day, today in the running month
    :param whole: the month is over
    """

    start: date
    stop: date
    whole: bool


class CustomerMonthly(models.AbstractModel):
    """The monthly customer report (月度客户行为分析报告, REP-4): what a customer did in a month, how that compares, what we did,
    and what comes next.

    Nothing is defined here a second time: figures are facts of the catalogue, asked about the days of the month; health is told
    by what explains it elsewhere; contacts, warnings, cases and answers are the records themselves, as far as the reader may
    see them. What is known of one day only (promises, the next step, the rhythm) says as of which day.
    """

    _name = 'customer.monthly'
    _description = "Monthly Customer Report"

    # ------------------------------------------------------------
    # WHICH DAYS
    # ------------------------------------------------------------

    @api.model
    def _last_month(self):
        """Return the first day of the last month that is over."""
        return fields.Date.subtract(fields.Date.context_today(self).replace(day=1), months=1)

    @api.model
    def _days(self, month=None):
        """Return the days of a month, up to today.

        :param month: a day of it, as date or text; the last month that is over by default
        :raises UserError: where it has not begun
        :rtype: Days
        """
        start = fields.Date.start_of(fields.Date.to_date(month) or self._last_month(), 'month')
        today, end = fields.Date.context_today(self), fields.Date.end_of(start, 'month')
        if start > today:
            raise UserError(self.env._(
                "%(month)s has not begun: choose a month that has.", month=day_text(self.env, start, 'yMMMM')))
        return Days(start, min(end, today), end < today)

    @api.model
    def _earlier(self, days_of, months):
        """Return as many days of an earlier month: a month that is not over is held against as much of the others."""
        start = fields.Date.subtract(days_of.start, months=months)
        end = fields.Date.end_of(start, 'month')
        return start, end if days_of.whole else min(end, fields.Date.subtract(days_of.stop, months=months))

    @api.model
    def _moments(self, days_of):
        """Return when the first day begins and when the last one is over for the reader, in UTC."""
        zone = pytz.timezone(self.env['customer.clock']._zone(self.env.user))
        return tuple(
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (days_of.start, days_of.stop + timedelta(days=1)))

    # ------------------------------------------------------------
    # THE REPORT
    # ------------------------------------------------------------

    @api.model
    def _reports(self, customers, month=None):
        """Return the reports of some customers, of those among them that the reader works with.

        :param customers: res.partner; contacts stand for the customer that they belong to
        :param month: see :meth:`_days`
        :return: a dict for each: ``customer``, ``head`` and ``parts``
        :rtype: list[dict]
        """
        customers = customers.commercial_partner_id.filtered('customer_managed')._filtered_worked_with()
        days_of = self._days(month)
        found = [told(customers, days_of) for told in self._tellers()] if customers else []
        return [{
            'customer': customer,
            'head': self._head(customer, days_of),
            'parts': [part for parts in found if (part := parts[customer.id]).rows or part.nothing],
        } for customer in customers]

    @api.model
    def _pages(self, customers, month=None):
        """Return what is printed: for each company of customers the reports of these.

        :return: pairs of company and reports
        :rtype: list[tuple]
        """
        by_company = {}
        for report in self._reports(customers, month):
            by_company.setdefault(report['customer'].customer_company_id, []).append(report)
        return list(by_company.items())

    @api.model
    def _tellers(self):
        """Return what tells the parts of the report, in their order: functions of customers and :class:`Days` to a
        :class:`Part` by customer id. Other addons add theirs."""
        return [
            self._figures, self._rhythm, self._contacts, self._health, self._warnings, self._cases, self._feedback, self._usage,
            self._strategies, self._promises, self._next]

    @api.model
    def _title(self, month=None):
        """Return what the report of a month is called."""
        return self.env._("Customer Report %(month)s", month=day_text(self.env, self._days(month).start, 'yMMMM'))

    @api.model
    def _head(self, customer, days_of):
        """Return the line under the name: days, tier, segment, account manager."""
        manager = customer.sudo().user_id.name  # names of colleagues are no secret
        return listed(self.env, [text for text in (
            f'{format_date(self.env, days_of.start)} – {format_date(self.env, days_of.stop)}',
            not days_of.whole and self.env._("the month is not over"),
            customer.customer_tier_id.name, customer.customer_segment_id.name,
            manager and self.env._("account manager: %(user)s", user=manager)) if text])

    @api.model
    def _text(self, cell):
        """Return a cell as people read it."""
        return cell_text(self.env, cell)

    @api.model
    def _is_number(self, cell):
        """Return whether a cell is a number."""
        return is_number(cell)

    @api.model
    def _label(self, model, name):
        """Return what a field is called."""
        return self.env[model]._fields[name]._description_string(self.env)

    @api.model
    def _choice(self, record, name):
        """Return in words what is chosen in a field of a record."""
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], '')

    @api.model
    def _each(self, customers, part, rows):
        """Return a part for each customer.

        :param part: what it is for all
        :param dict rows: by customer id
        """
        return {customer_id: part._replace(rows=rows.get(customer_id, ())) for customer_id in customers.ids}

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _figures(self, customers, days_of):
        """Tell the figures of the month, against the month before and the same month a year ago."""
        catalogue = self.env['customer.fact']._offered(past=True)
        names = [name for name in FIGURES if name in catalogue]
        columns = [(days_of.start, days_of.stop), self._earlier(days_of, 1), self._earlier(days_of, 12)]
        spans = [Span(3 * partner_id + place, partner_id, *column)
                 for partner_id in customers.ids for place, column in enumerate(columns)]
        options = {'window_days': (days_of.stop - days_of.start).days + 1, 'today': days_of.stop}
        found, __ = self.env['customer.fact']._measure({name: (name, options, spans) for name in names})
        rows = {}
        for partner_id in customers.ids:
            for name in names:
                fact = catalogue[name]
                values = [self._known(fact, found[name].get(3 * partner_id + place)) for place in range(3)]
                if any(value is not None for value in values):
                    now = found[name].get(3 * partner_id)
                    rows.setdefault(partner_id, []).append(
                        (fact.label, *(Figure(value, fact.unit) for value in values), now.count if now else None))
        note = '' if days_of.whole else self.env._(
            "The month is not over: it is held against as many days of the others, up to the same day.")
        return self._each(customers, Part(
            'figures', self.env._("The month in figures"),
            (self.env._("Figure"), self.env._("This month"), self.env._("Month before"), self.env._("A year ago"),
             self.env._("n")),
            note=note, nothing=self.env._("Nothing is known of these months.")), rows)

    @api.model
    def _known(self, fact, found):
        """Return what a fact found, None where it found nothing, or what can't be: of days before somebody was a customer."""
        value = found.value if found else None
        return None if value is None or fact.minimum is not None and value < fact.minimum else value

    @api.model
    def _rhythm(self, customers, days_of):
        """Tell how often it buys, as of today."""
        return self._each(customers, Part(
            'rhythm', self.env._("Buying rhythm"), (self.env._("As of %(day)s", day=self._today_text()),)),
            {customer.id: [(customer.customer_churn_text,)] for customer in customers if customer.customer_churn_text})

    @api.model
    def _today_text(self):
        return format_date(self.env, fields.Date.context_today(self))

    @api.model
    def _usage(self, customers, days_of):
        """Tell what was counted of it, month by month: what happens is added up, a state is averaged."""
        first = fields.Date.subtract(days_of.start, months=MONTHS - 1)
        months = [fields.Date.add(first, months=number) for number in range(MONTHS)]
        found = {}
        for partner, metric, month, total, mean in self.env['customer.reading']._read_group(
                [('partner_id', 'in', customers.ids), ('date', '>=', first), ('date', '<=', days_of.stop)],
                ['partner_id', 'metric_id', 'date:month'], ['value:sum', 'value:avg']):
            found.setdefault(partner.id, {}).setdefault(metric, {})[month] = mean if metric.kind == 'level' else total
        return self._each(customers, Part(
            'usage', self.env._("Usage"),
            (self.env._("Metric"), *(day_text(self.env, month, 'yMMM') for month in months)),
            note=self.env._("Empty: nothing was counted.")),
            {partner_id: [
                (metric.name, *(Figure(by_month.get(month)) for month in months))
                for metric, by_month in sorted(metrics.items(), key=lambda row: (row[0].sequence, row[0].id))]
             for partner_id, metrics in found.items()})

    # ------------------------------------------------------------
    # WHAT WE DID
    # ------------------------------------------------------------

    @api.model
    def _contacts(self, customers, days_of):
        """Tell the contacts, and how far what was planned was kept."""
        whose = Domain('partner_id', 'in', customers.ids)
        kept = {partner.id: figures for partner, *figures in self.env['customer.adherence']._read_group(
            whose & Domain('date', '>=', days_of.start) & Domain('date', '<=', days_of.stop), ['partner_id'],
            ['planned:sum', 'on_time:sum', 'late:sum', 'missed:sum', 'skipped:sum'])}
        followups = self.env['customer.followup'].search(
            whose & Domain('state', '=', 'done') & Domain('contact_day', '>=', days_of.start)
            & Domain('contact_day', '<=', days_of.stop), order='contact_day, id')
        rows = {}
        for one in followups:
            rows.setdefault(one.partner_id.id, []).append((
                one.contact_day, one.channel_id.name, one.contact_id.name, self._choice(one, 'outcome'), one.feedback,
                one.next_step, one.user_id.sudo().name))  # names of colleagues are no secret
        part = Part('contacts', self.env._("Contacts"), (
            self._label('customer.followup', 'contact_day'), self._label('customer.followup', 'channel_id'),
            self._label('customer.followup', 'contact_id'), self._label('customer.followup', 'outcome'),
            self._label('customer.followup', 'feedback'), self._label('customer.followup', 'next_step'),
            self._label('customer.followup', 'user_id')), nothing=self.env._("Nobody talked to this customer in these days."))
        return {customer_id: one._replace(note=self._describe_kept(kept.get(customer_id)))
                for customer_id, one in self._each(customers, part, rows).items()}

    @api.model
    def _describe_kept(self, figures):
        """Return in a sentence how far what was planned was kept, empty where nothing was."""
        planned, on_time, late, missed, skipped = figures or (0,) * 5
        return planned and self.env._(
            "Planned: %(planned)s, of these on time: %(on_time)s, late: %(late)s, missed: %(missed)s, skipped: %(skipped)s.",
            planned=planned, on_time=on_time, late=late, missed=missed, skipped=skipped) or ''

    @api.model
    def _health(self, customers, days_of):
        """Tell the health where the month began and where it ended, and why it changed, to the point."""
        why = self.env['customer.health.why']
        began, ended = (self._snapshots(customers, day) for day in (days_of.start - timedelta(days=1), days_of.stop))
        part = Part('health', self.env._("Why the health changed"), (
            self.env._("Points"), self.env._("What"), self.env._("What happened")))
        parts = {}
        for customer in customers:
            before, now = (Moment(snapshot, why._side(snapshot)) for snapshot in (
                moments.get(customer.id, self.env['customer.health.snapshot']) for moments in (began, ended)))
            change = why._change(before, now, (days_of.stop - days_of.start).days + 1)
            rows = [(term['amount'], term['label'], term['detail']) for term in change['terms']]
            text = self._describe_health(before, now)
            parts[customer.id] = part._replace(rows=rows, note=text, nothing=text and (
                self.env._("No measure changed.") if change['total'] is not None else
                self.env._("Without a score at both ends there is no change to explain.")))
        return parts

    @api.model
    def _snapshots(self, customers, day):
        """Return the snapshots that held on a day, by customer id."""
        found = self.env['customer.health.snapshot'].search([
            ('partner_id', 'in', customers.ids), ('date', '<=', day), '|', ('date_end', '=', False), ('date_end', '>=', day)],
            order='date, id')
        return {snapshot.partner_id.id: snapshot for snapshot in found}

    @api.model
    def _describe_health(self, before, now):
        """Return the scores at both ends in a sentence, empty where nothing was measured."""
        if not before.snapshot and not now.snapshot:
            return ''
        was, is_now = (self.env._("not scored") if moment.score is None else self.env._(
            "%(score)s, %(band)s", score=moment.score, band=self._choice(moment.snapshot, 'band')) for moment in (before, now))
        return self.env._("At the beginning: %(was)s. At the end: %(now)s.", was=was, now=is_now)

    # ------------------------------------------------------------
    # WHAT WENT WRONG, AND WHAT THEY SAID
    # ------------------------------------------------------------

    @api.model
    def _warnings(self, customers, days_of):
        """Tell the warnings that were open in these days, and what came of them."""
        model, rows = 'customer.warning', {}
        for warning in self.env[model].search([
                ('partner_id', 'in', customers.ids), ('date', '<=', days_of.stop),
                '|', ('closed_on', '=', False), ('closed_on', '>=', days_of.start)], order='date, id'):
            rows.setdefault(warning.partner_id.id, []).append((
                warning.date, self._choice(warning, 'level'), warning.reason, self._choice(warning, 'state'),
                warning.closed_on, self._choice(warning, 'outcome')))
        return self._each(customers, Part(
            'warnings', self.env._("Warnings"),
            tuple(self._label(model, name) for name in ('date', 'level', 'reason', 'state', 'closed_on', 'outcome')),
            nothing=self.env._("No warning was open.")), rows)

    @api.model
    def _cases(self, customers, days_of):
        """Tell the cases that were open in these days, and how their deadlines were kept."""
        start, stop = self._moments(days_of)
        model, clocks, rows = 'customer.case', 'customer.case.clock', {}
        for case in self.env[model].search([
                ('partner_id', 'in', customers.ids), ('opened_at', '<', stop),
                '|', ('closed_at', '=', False), ('closed_at', '>=', start)], order='opened_at, id'):
            kept = listed(self.env, [
                labelled(self.env, self._choice(clock, 'kind'), self._choice(clock, 'state')) for clock in case.clock_ids])
            rows.setdefault(case.partner_id.id, []).append((
                case.number, self._choice(case, 'case_type'), case.name, self._day(case.opened_at), self._choice(case, 'state'),
                self._day(case.solved_at), kept))
        return self._each(customers, Part(
            'cases', self.env._("Cases"), (
                *(self._label(model, name) for name in ('number', 'case_type', 'name', 'opened_at', 'state', 'solved_at')),
                self.env[clocks]._fields['kind']._description_string(self.env)),
            nothing=self.env._("No case was open.")), rows)

    @api.model
    def _day(self, moment):
        """Return the day of a moment where the reader is, None where there is none."""
        return moment and self.env['customer.clock']._now(self.env.user, moment).date() or None

    @api.model
    def _feedback(self, customers, days_of):
        """Tell what was said when they were asked, with how many answers the figures are of."""
        model, rows = 'customer.feedback', {}
        for answer in self.env[model].search([
                ('partner_id', 'in', customers.ids), ('given_on', '>=', days_of.start), ('given_on', '<=', days_of.stop)],
                order='given_at, id'):
            rows.setdefault(answer.partner_id.id, []).append((
                answer.given_on, self._choice(answer, 'kind'), answer.score_text, answer.contact_id.name, answer.comment,
                answer.reply))
        part = Part(
            'feedback', self.env._("What they said"),
            tuple(self._label(model, name) for name in ('given_on', 'kind', 'score_text', 'contact_id', 'comment', 'reply')),
            nothing=self.env._("Nobody answered a survey."))
        return {customer_id: one._replace(note=one.rows and self.env._("n = %(count)s", count=len(one.rows)) or '')
                for customer_id, one in self._each(customers, part, rows).items()}

    # ------------------------------------------------------------
    # WHAT COMES
    # ------------------------------------------------------------

    @api.model
    def _strategies(self, customers, days_of):
        """Tell the strategies that ran in these days, with their KPIs."""
        lines, rows, notes = 'customer.strategy.kpi', {}, {}
        for strategy in self.env['customer.strategy'].search([
                ('partner_id', 'in', customers.ids), ('state', 'in', ('active', 'done')), ('date_start', '<=', days_of.stop),
                '|', ('date_end', '=', False), ('date_end', '>=', days_of.start)], order='date_start, id'):
            notes.setdefault(strategy.partner_id.id, []).append(strategy.core_approach)
            rows.setdefault(strategy.partner_id.id, []).extend(
                (strategy.date_start, line.kpi_id.name, line.target_text, line.actual_text,
                 Figure(line.attainment, 'percent') if line.is_judged else None, strategy.effect_id.name)
                for line in strategy.kpi_ids)
        part = Part('strategy', self.env._("Strategy"), (
            self._label('customer.strategy', 'date_start'),
            *(self._label(lines, name) for name in ('kpi_id', 'target_text', 'actual_text', 'attainment')),
            self.env._("Effect of all")), nothing=self.env._("No strategy ran."))
        return {customer_id: one._replace(
            note="\n".join(notes.get(customer_id, ())),
            nothing=self.env._("It has no KPIs.") if customer_id in notes else part.nothing)
            for customer_id, one in self._each(customers, part, rows).items()}

    @api.model
    def _planned(self, customers, domain):
        """Return open follow-ups as lines, by customer id."""
        rows = {}
        for one in self.env['customer.followup'].search(
                Domain('partner_id', 'in', customers.ids) & Domain('state', '=', 'planned') & domain, order='date_planned, id'):
            rows.setdefault(one.partner_id.id, []).append((
                one.date_planned, one.channel_id.name, one.contact_id.name,
                one.name or one.step_id.sudo().name,  # which cadence applies is no secret
                one.user_id.sudo().name))  # names of colleagues are none either
        return rows

    @api.model
    def _planned_heads(self):
        return tuple(
            self._label('customer.followup', name) for name in ('date_planned', 'channel_id', 'contact_id', 'name', 'user_id'))

    @api.model
    def _promises(self, customers, days_of):
        """Tell what was promised and is not done, as of today."""
        return self._each(customers, Part(
            'promises', self.env._("Promised, and not done yet"), self._planned_heads(),
            note=self.env._("As of %(day)s", day=self._today_text()), nothing=self.env._("Nothing is promised.")),
            self._planned(customers, Domain('step_id', '=', False)))

    @api.model
    def _next(self, customers, days_of):
        """Tell what is planned next, and what is best done, as of today."""
        part = Part(
            'next', self.env._("What comes next"), self._planned_heads(), nothing=self.env._("Nothing is planned."))
        rows = self._planned(customers, Domain('step_id', '!=', False))
        found = self._each(customers, part, rows)
        return {customer.id: found[customer.id]._replace(note=self._describe_next(customer)) for customer in customers}

    @api.model
    def _describe_next(self, customer):
        """Return in a sentence what is best done next, and why."""
        if not customer.customer_next_action:
            return self.env._("As of %(day)s", day=self._today_text())
        return self.env._(
            "As of %(day)s. Best done next: %(action)s. %(reason)s", day=self._today_text(), action=customer.customer_next_action,
            reason=customer.customer_next_reason or '').strip()
