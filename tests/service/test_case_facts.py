import importlib.util
from datetime import date, timedelta
from pathlib import Path

from lxml import etree

from odoo import Command
from odoo.tools import SQL

from ...models.base.customer_fact import Span
from ...models.health.customer_action_kind import Met
from .common import ServiceCase, at

ROOT = Path(__file__).parents[2]

#: Days of the week of the tests.
MON, TUE, WED, THU, FRI = (date(2026, 12, 7) + timedelta(days=number) for number in range(5))


class FactsCase(ServiceCase):

    def _value(self, name, start=MON, stop=FRI, partner=None, user=None):
        """Return what a fact says of days of a customer, or None."""
        self.env.flush_all()
        self.env.invalidate_all()
        facts = self.env['customer.fact'].with_user(user) if user else self.env['customer.fact'].sudo()
        partner = partner or self.harbour
        found, problems = facts._measure({1: (name, {}, [Span(1, partner.id, start, stop)])})
        self.assertFalse(problems)
        return found[1].get(1)

    def _number(self, name, *args, **kwargs):
        found = self._value(name, *args, **kwargs)
        return found and float(found.value)

    def _say(self, name, days=5, **kwargs):
        facts = self.env['customer.fact']
        found = self._value(name, **kwargs)
        return facts._say(name, facts._get(name), found, {'window_days': days, 'today': FRI, 'threshold': 1})


class TestCaseFacts(FactsCase):
    """What cases tell of a customer: the catalogue (SRV-1, SRV-3, SRV-4, HEA-1, STR-1, K1)."""

    def _solved(self, case, moment, reopen=None):
        with self._at(moment):
            self._change(case, 'solve', solution="Done")
        if reopen:
            with self._at(reopen):
                self._change(case, 'reopen', note="Again")

    def test_complaints_of_days(self):
        """SRV-1: complaints count on the day on which they came in; problems, and what was withdrawn, never do."""
        with self._at('Mon 09:00'):
            self._case()
            none = self._case()
            self._case(case_type='problem')
        with self._at('Wed 09:00'):
            self._case(priority='3')
            self._change(none, 'withdraw', note="It was somebody else's")
        with self._at('Fri 12:00'):
            for start, stop, expected in (
                    (MON, MON, 1), (MON, TUE, 1), (TUE, TUE, 0), (TUE, WED, 1), (MON, FRI, 2), (THU, FRI, 0)):
                self.assertEqual(self._number('case_complaints', start, stop), expected, (start, stop))
            self.assertEqual(self._say('case_complaints'), "2 complaints in 5 days, the last one on 12/09/2026")
            self.assertEqual(self._say('case_complaints', start=THU), "No complaint in 5 days")

    def test_told_together(self):
        """HEA-6, SRV-1: sentences about many cases cost as many queries as about a few, and one about a case that is gone is
        told without it."""
        rule = self.env['customer.action.rule'].with_user(self.anna).search([('kind', '=', 'fact_case_oldest')])
        cases = self.env['customer.case'].concat(*(self._case(name=f"Crate {number}") for number in range(20)))

        def cost(some):
            self.env.flush_all()
            self.env.invalidate_all()
            rule.read(['kind'])
            before = self.env.cr.sql_log_count
            told = rule._describe_fact('case_oldest', [Met(case.partner_id.id, 3, MON, case.id) for case in some])
            self.assertEqual([text.partition("”")[0] for text in told], [f"“{case.name}" for case in some])
            return self.env.cr.sql_log_count - before

        cost(cases[:2])
        self.assertLessEqual(cost(cases), cost(cases[:3]))
        gone = cases[0].id
        self.env.cr.execute("DELETE FROM customer_case WHERE id = %s", [gone])
        self.env.invalidate_all()
        self.assertEqual(
            rule._describe_fact('case_oldest', [Met(self.harbour.id, 3, MON, gone)]), ["“A case” is open since 12/07/2026"])

    def test_not_known_before_cases_are_kept(self):
        """HEA-1: no complaint in a file that nobody keeps is no praise: nothing is known before the first case of anybody."""
        self.env['customer.case'].search([]).state = 'withdrawn'
        self.env.cr.execute("DELETE FROM customer_case")
        with self._at('Wed 12:00'):
            for name in ('case_complaints', 'case_open_complaints', 'case_open_critical', 'case_breaches'):
                self.assertIsNone(self._value(name), name)
            self._case(case_type='problem')
            other = self._customer("Quiet")
            for name in ('case_complaints', 'case_open_complaints', 'case_open_critical', 'case_breaches'):
                self.assertEqual(self._number(name, partner=other), 0, name)
                self.assertIsNone(self._value(name, MON, TUE, partner=other), name)

    def test_open_as_it_was(self):
        """Days gone by are told as they were: a case that was reopened was open before, solved in between, and is open again."""
        with self._at('Mon 09:00'):
            case = self._case(priority='3')
        self._solved(case, 'Tue 15:00', 'Thu 10:00')
        expected = {MON: 1, TUE: 0, WED: 0, THU: 1, FRI: 1}
        with self._at('Fri 12:00'):
            for name in ('case_open_complaints', 'case_open_critical'):
                self.assertEqual({day: self._number(name, MON, day) for day in expected}, expected, name)
            self.assertEqual(self._say('case_open_critical'), "A critical complaint is open since 12/10/2026")
            self.assertEqual(self._number('case_oldest'), 1, "since it was reopened")
            self._solved(case, 'Fri 12:00')
            self.assertEqual(self._number('case_open_complaints'), 0)
            self.assertIsNone(self._value('case_oldest'))
            self.assertEqual(self._number('case_open_complaints', MON, THU), 1, "it was on Thursday")
            self.assertEqual(self._number('case_complaints'), 1, "reopening is no other complaint")

    def test_open_in_the_companys_day(self):
        """The day is that of the place where the case is worked on, not of Greenwich."""
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        with self._at('Mon 17:00'):  # Tuesday there
            self._case()
        with self._at('Fri 12:00'):
            self.assertEqual([self._number('case_complaints', day, day) for day in (MON, TUE)], [0, 1])

    def test_complaint_rate(self):
        """STR-1: complaints in percent of the orders of the same days; against one where there was no order; of past days
        as they were."""
        for day in (MON, TUE, TUE, WED):
            self._order(self.harbour, 100, day)
        with self._at('Tue 09:00'):
            self._case()
        with self._at('Thu 09:00'):
            self._case()
            self._case()
        with self._at('Fri 12:00'):
            for start, stop, expected, orders in (
                    (MON, FRI, 75, 4), (MON, TUE, 100 / 3, 3), (MON, MON, 0, 1), (THU, FRI, 200, 0)):
                found = self._value('case_complaint_rate', start, stop)
                self.assertAlmostEqual(float(found.value), expected, 4)
                self.assertEqual(found.count, orders)
            self.assertIsNone(self._value('case_complaint_rate', FRI, FRI), "neither order nor complaint")
            self.assertEqual(self._say('case_complaint_rate'), "3 complaints, 4 orders")
            self.assertEqual(self._say('case_complaint_rate', start=THU), "2 complaints, 0 orders")
            self.assertEqual(self._say('case_complaint_rate', stop=MON), "No complaint, one order")

    def test_deadlines(self):
        """SRV-1: of the deadlines that were decided in the days, how many were met; missed ones on the day of the breach."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:30'):
            case.action_answer()
        with self._at('Wed 09:00'):
            self._run_cron('cases')  # the solution was due on Tuesday at 10:00
        with self._at('Fri 12:00'):
            self.assertEqual(self._number('case_sla_met'), 50)
            self.assertEqual(self._number('case_sla_met', MON, MON), 100)
            self.assertEqual(self._number('case_sla_met', TUE, TUE), 0)
            self.assertIsNone(self._value('case_sla_met', WED, WED))
            self.assertEqual([self._number('case_breaches', day, day) for day in (MON, TUE, WED)], [0, 1, 0])
            self.assertEqual(self._say('case_sla_met'), "Deadlines met: 1 of 2")
            self.assertEqual(self._say('case_breaches'), "A deadline of a case was missed on 12/08/2026")
            self.assertEqual(self._value('case_breaches').res_id, case.id)

    def test_repeated_root_cause(self):
        """SRV-3: the root cause that came up most, from the second time on."""
        with self._at('Mon 09:00'):
            self._case(cause_id=self.damage.id)
            self._case(cause_id=self.defect.id)
        with self._at('Tue 09:00'):
            self._case(cause_id=self.defect.id)
        with self._at('Wed 09:00'):
            last = self._case(cause_id=self.defect.id, case_type='problem')
        with self._at('Fri 12:00'):
            found = self._value('case_repeated')
            self.assertEqual((float(found.value), found.res_id, found.day), (3, last.id, WED))
            self.assertEqual(self._number('case_repeated', MON, TUE), 2)
            self.assertIsNone(self._value('case_repeated', MON, MON))
            self.assertEqual(
                self._say('case_repeated'), f"{self.defect.name}: 3 times, last on 12/09/2026")

    def test_promise_overdue(self):
        """SRV-4: a promise that nobody has told the customer of is overdue from the day after."""
        with self._at('Mon 09:00'):
            case = self._case(case_type='need')
            self._change(case, 'promise', unmet_reason="No mould", promised_on='2026-12-09')
        for moment, expected in (('Wed 12:00', None), ('Thu 12:00', 1), ('Fri 12:00', 2)):
            with self._at(moment):
                self.assertEqual(self._number('case_promise_overdue', stop=at(moment).date()), expected, moment)
        with self._at('Fri 12:00'):
            self.assertEqual(
                self._say('case_promise_overdue'),
                "Promised for 12/09/2026, and not told yet: Crates broken; 2 days overdue")
            self.env['customer.case.agenda']._take_told(case.sudo())
            self.assertIsNone(self._value('case_promise_overdue'))

    def test_eyes(self):
        """PLT-2: asked with the rights of a user, a fact counts what that user may see."""
        with self._at('Mon 09:00'):
            self._case()
        with self._at('Fri 12:00'):
            for name in ('case_complaints', 'case_open_complaints'):
                self.assertEqual(self._number(name, user=self.anna), 1)
                self.assertEqual(self._number(name, user=self.otto), 0)


class TestCaseFactReaders(FactsCase):
    """Who looks at cases: health, warnings, next best actions, KPIs, reviews, segments (HEA-1, HEA-3, HEA-6, STR-1, STR-5)."""

    def _ref(self, name):
        return self.env.ref(f'customer_success.{name}')

    def _refresh_health(self):
        self.env['customer.health.refresh']._refresh()
        self.env.invalidate_all()

    def test_health(self):
        """HEA-1: complaints cost points on the shipped scorecard, and an open critical one holds the score below the border of
        risk until it is solved."""
        line = self._ref('customer_health_scorecard_line_complaints')
        complaints = line.measure_id
        self.assertEqual((line.weight, complaints.source), (10, 'case_complaints'))
        card, engagement = line.scorecard_id, self._ref('customer_health_measure_engagement')
        card.line_ids.filtered(lambda line: line.measure_id not in (engagement + complaints)).unlink()
        engagement.missing_policy = 'neutral'
        card.write({'minimum_coverage': 0, 'minimum_groups': 1})
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Tue 09:00'):
            self._refresh_health()
            self.assertAlmostEqual(self.harbour.customer_health, (50 * 15 + 60 * 10) / 25, 2)
            case.priority = '3'
            complaints.band_ids.points = 90
            self._refresh_health()
            self.assertEqual((self.harbour.customer_health, self.harbour.customer_health_band), (49, 'risk'))
        with self._at('Tue 10:00'):
            self._change(case, 'solve', solution="Done")
            self._refresh_health()
            self.assertAlmostEqual(self.harbour.customer_health, (50 * 15 + 90 * 10) / 25, 2)

    def _warnings(self, rule):
        self.env['customer.warning.rule'].search([]).evaluated_on = False
        self._run_cron('warn')
        return self.env['customer.warning'].search([
            ('rule_id', '=', self._ref(rule).id), ('partner_id', '=', self.harbour.id)])

    def test_warnings(self):
        """HEA-3: an open complaint, a critical one, missed deadlines and the same root cause again warn; the first two end
        with the complaint."""
        with self._at('Mon 09:00'):
            case = self._case(priority='3', cause_id=self.defect.id)
        with self._at('Tue 20:00'):
            self._case(cause_id=self.defect.id)
            self._run_cron('cases')
            warning = self._warnings('customer_warning_rule_complaint')
            self.assertEqual((warning.partner_id, warning.level, warning.state), (self.harbour, '1', 'open'))
            self.assertEqual(warning.reason, "2 complaints are open, the first one since 12/07/2026")
            critical = self._warnings('customer_warning_rule_critical')
            self.assertEqual((critical.level, critical.user_id), ('3', self.lena))
            self.assertEqual(self._warnings('customer_warning_rule_breach').reason,
                             "2 deadlines of cases were missed, the last one on 12/08/2026")
            self.assertEqual(self._warnings('customer_warning_rule_repeated').reason,
                             f"{self.defect.name}: 2 times, last on 12/08/2026")
        with self._at('Wed 09:00'):
            self._change(case, 'solve', solution="Done")
            self.assertEqual(self._warnings('customer_warning_rule_critical').outcome, 'cleared')
            self.assertEqual(self._warnings('customer_warning_rule_complaint').state, 'open', "one is left")

    def test_next_best_action(self):
        """HEA-6: what is best done next is the case itself, and one click opens it; also while contacts are paused."""
        with self._at('Mon 09:00'):
            case = self._case(priority='3')
            partner = self.harbour.with_user(self.anna)
            self.assertEqual(partner.customer_next_action, "Go on with the critical complaint")
            action = partner.action_customer_next()
            self.assertEqual((action['res_model'], action['res_id']), ('customer.case', case.id))
            case.priority = '1'
        with self._at('Wed2 09:00'):
            self.env.invalidate_all()
            self.assertEqual(partner.customer_next_action, "Finish the case that is open for long")
            self.assertEqual(partner.customer_next_reason, "“Crates broken” is open since 12/07/2026")

    def test_kpi(self):
        """STR-1: the complaint rate and the deadlines are measured over the days of a cycle, also of one that is over."""
        self._order(self.harbour, 100, MON)
        with self._at('Mon 09:00'):
            case = self._case()
            case.action_answer()
        with self._at('Fri 12:00'):
            rate, met = self._ref('customer_kpi_complaints'), self._ref('customer_kpi_sla_met')
            self.assertEqual((rate.source, rate.unit, rate.better), ('case_complaint_rate', 'percent', 'lower'))
            spans = [Span(1, self.harbour.id, MON, MON), Span(2, self.harbour.id, TUE, TUE)]
            self.assertEqual({key: actual.value for key, actual in rate._measure(spans).items()}, {1: 100})
            self.assertEqual({key: actual.value for key, actual in met._measure(spans).items()}, {1: 100})
            self.assertEqual(rate._describe(100, 1), "One complaint, one order")
            self.assertFalse(rate.problem or met.problem)

    def test_review(self):
        """STR-5: reviews tell complaints and root causes that came again."""
        with self._at('Mon 09:00'):
            self._case(cause_id=self.defect.id)
            self._case(cause_id=self.defect.id)
        with self._at('Fri 12:00'):
            review = self.env['customer.review'].create({
                'user_id': self.anna.id, 'date_start': MON, 'date_end': FRI, 'company_id': self.env.company.id})
            review._draft_lines()
            texts = review.line_ids.filtered(lambda line: 'case_' in (line.topic or '')).mapped('text')
        self.assertEqual(sorted(texts), [
            "Harbour: 2 complaints in 5 days, the last one on 12/07/2026",
            f"Harbour: {self.defect.name}: 2 times, last on 12/07/2026"])

    def test_foretold(self):
        """HEA-3: warnings can foretell a complaint; how often one comes anyway is counted of who was a customer by then."""
        base = self.env['customer.warning.base']
        with self._at('Mon 09:00'):
            self._case(case_type='problem')
            quiet = self._customer("Quiet")
        with self._at('Wed 09:00'):
            self._case()
        with self._at('Fri 12:00'):
            self.env.flush_all()
            event = base._events()['complaint']
            query = SQL("(SELECT NULL::int AS partner_id, day FROM unnest(%s::date[]) AS d (day))", [MON, WED])
            for ids in (None, (self.harbour + quiet).ids):
                relation = query if ids is None else SQL(
                    "(SELECT u.id AS partner_id, a.day FROM unnest(%s::int[]) AS u (id), %s AS a)", ids, query)
                found = {(row[0], row[1]): row[2] for row in self.env.execute_query(SQL(
                    "SELECT partner_id, day, happened FROM (%s) AS e WHERE partner_id = ANY(%s)",
                    event.sql(relation, 3, ids), (self.harbour + quiet).ids))}
                self.assertEqual(found, {
                    (self.harbour.id, MON): True, (self.harbour.id, WED): False,
                    (quiet.id, MON): False, (quiet.id, WED): False})
            base._look_back()
            self.assertIn('complaint', dict(base._selection_event()))

    def test_rate_of_classes(self):
        """SEG-4: how much the customers of a segment and of a tier complain, of 100 customers in a year."""
        segment = self.env['customer.segment'].create({'name': "Crates"})
        tier = self.env['customer.tier'].create({'name': "Crates"})
        customers = self.harbour + self._customer("Quiet") + self._customer("Still") + self._customer("Calm")
        customers._write({'customer_segment_id': segment.id, 'customer_tier_id': tier.id})
        with self._at('Mon 09:00'):
            self._case()
            self._case(case_type='problem')
            self._change(self._case(), 'withdraw', note="None")
            self.assertEqual((segment.complaint_rate, tier.with_user(self.otto).complaint_rate), (25, 25))
        with self._on('2028-01-01'):
            self.env.invalidate_all()
            self.assertEqual(segment.complaint_rate, 0)

    # ------------------------------------------------------------
    # WHERE THE ADDON WAS THERE BEFORE
    # ------------------------------------------------------------

    def _migration(self, name='post-B-case-offers'):
        spec = importlib.util.spec_from_file_location(
            name.replace('-', '_'), ROOT / 'migrations' / '19.0.1.5.0' / f'{name}.py')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_update(self):
        """PLT-7: where the addon is updated, no score jumps and nobody is warned: cap and rules come archived; the KPI is
        measured, and what people entered stays, marked as theirs."""
        module = self._migration()
        for name in (*module.OFFERS, 'customer_health_scorecard_line_complaints'):
            self._ref(name).unlink()
        kpi = self._ref('customer_kpi_complaints')
        kpi.write({'source': 'manual', 'description': module.ENTERED, 'signal': False})
        strategy = self.env['customer.strategy'].create({
            'partner_id': self.harbour.id, 'user_id': self.anna.id, 'date_start': MON, 'core_approach': "Listen",
            'kpi_ids': [Command.create({'kpi_id': kpi.id, 'target': 3})]})
        strategy.kpi_ids.with_user(self.anna).write({'actual': 7})
        self.env.flush_all()
        module.migrate(self.env.cr, '19.0.1.4.0')
        offers = [self._ref(name) for name in module.OFFERS]
        self.assertEqual([offer.active for offer in offers], [False] * len(offers))
        self.assertFalse(self.env.ref('customer_success.customer_health_scorecard_line_complaints', False))
        self.assertEqual((kpi.source, kpi.signal, kpi.description),
                         ('case_complaint_rate', 'fact_case_open_complaints', module.MEASURED))
        line = strategy.kpi_ids
        self.env['customer.strategy.measurer']._measure(strategy)
        self.assertEqual((line.actual, line.by_hand), (7, True))
        self.assertIn("Entered by Anna", line.explanation)
        offers[0].active = True
        module.migrate(self.env.cr, '19.0.1.4.0')
        self.assertTrue(offers[0].active, "what somebody switched on stays")

    def test_update_where_the_name_is_taken(self):
        """PLT-7: somebody's own group, KPI, root cause or mood word of a shipped name takes its place; the update goes on."""
        module = self._migration('pre-B-names')
        data = self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', 'in', module.MODELS), ('name', 'not like', 'demo%')])
        own = {record.name: (record.model, record.res_id) for record in data}
        for name in ('customer_health_group_service', 'customer_kpi_sla_met', 'customer_kpi_complaints', 'customer_kpi_nps',
                     'customer_kpi_satisfaction', 'customer_mood_word_unhappy_en_1'):
            self.assertIn(name, own)
        self._ref('customer_mood_word_unhappy_en_1').name = "Complaint"
        data.unlink()
        self.env.flush_all()
        for _time in range(2):
            module.migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(own, {
            record.name: (record.model, record.res_id) for record in self.env['ir.model.data'].search([
                ('module', '=', 'customer_success'), ('name', 'in', list(own))])})

    def test_shipped_names_are_guarded(self):
        """PLT-7: of every model with unique names of which cases and feedback ship a record, the update looks at the names."""
        shipped = {
            record.get('model') for path in (ROOT / 'data' / 'service').glob('*.xml')
            for record in etree.parse(path).iterfind('.//record')}
        self.assertIn('customer.mood.word', shipped)
        unique = {model for model in shipped if hasattr(self.env.registry[model], '_name_uniq')}
        self.assertEqual(unique, set(self._migration('pre-B-names').MODELS))

    def test_update_of_cases(self):
        """PLT-7: cases that were there before are numbered in the order in which they came, also beyond the padding, and those
        that were reopened know when they were open before."""
        with self._at('Mon 09:00'):
            case, other = self._case(), self._case()
        with self._at('Tue 15:00'):
            self._change(case, 'solve', solution="Done")
        with self._at('Thu 10:00'):
            self._change(case, 'reopen', note="Again")
        stretches, sequence = case.former_stretches, self.env['ir.sequence'].search([
            ('code', '=', 'customer.case'), ('company_id', '=', self.env.company.id)])
        sequence.number_next_actual = 99999
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_case SET number = 'X' WHERE company_id = %s", [self.env.company.id])
        self.env.cr.execute(
            "UPDATE customer_case SET reopened_at = NULL, former_stretches = NULL, number = NULL WHERE id = ANY(%s)",
            [(case + other).ids])
        self.env.invalidate_all()
        self._migration('post-B-case-numbers').migrate(self.env.cr, '19.0.1.4.0')
        self.assertEqual((case.number, other.number), ('C99999', 'C100000'))
        self.assertEqual((case.reopened_at, case.former_stretches), (at('Thu 10:00'), stretches))
        self.assertFalse(other.former_stretches or other.reopened_at)
        with self._at('Fri 09:00'):
            self.assertEqual(self._case().number, 'C100001')
            self.assertEqual([self._number('case_open_complaints', MON, day) for day in (MON, TUE, WED, THU)], [2, 1, 1, 2])
