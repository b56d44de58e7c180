"""HEA-5, T5: what Odoo itself knows of customers is taken over by the night, whatever apps are there."""
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from ...models.health.reading_source import ReadingSource
from ..common import CustomerCase

TAKER = 'odoo.addons.customer_success.models.health.customer_reading_taker'


class TakerCase(CustomerCase):
    """It is the middle of June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taker = cls.env['customer.reading.taker']
        cls.metrics = cls.env['customer.metric']
        # as if the addon came today: what was counted until now is forgotten
        cls.env.cr.execute("DELETE FROM customer_reading WHERE metric_id IN (SELECT id FROM customer_metric WHERE source <> '')")
        cls.env.cr.execute(
            "UPDATE customer_metric SET taken_on = NULL, whole_from = NULL, source_mark = NULL, source_from = NULL")
        cls.env.invalidate_all()
        cls.blue, cls.red = cls._customer("Blue"), cls._customer("Red")
        cls.bo, cls.bea = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.blue.id, 'email': f'{name.lower()}@blue.example.com'} for name in ("Bo", "Bea")])

    def setUp(self):
        super().setUp()
        clock = self._on('2026-06-15')
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    @classmethod
    def _metric(cls, name):
        return cls.env.ref(f'customer_success.customer_metric_odoo_{name}')

    def _take(self, day=None):
        """Let a night pass; answers what it did."""
        if day:
            with self._on(day):
                result = self.taker._take()
        else:
            result = self.taker._take()
        self.env.invalidate_all()
        return result

    def _readings(self, metric, partner=None):
        """Return the readings of a metric by day, of one customer or of all."""
        self.env.flush_all()
        readings = self.env['customer.reading'].search([('metric_id', '=', metric.id)])
        if partner is None:
            return {(reading.partner_id, str(reading.date)): reading.value for reading in readings}
        return {str(reading.date): reading.value for reading in readings if reading.partner_id == partner}


class TestPortalLogins(TakerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logins = cls._metric('portal_logins')
        cls.users = cls.env['res.users']
        for person in (cls.bo, cls.bea):
            user = mail_new_test_user(
                cls.env, login=person.email, name=person.name, email=person.email, groups='base.group_portal')
            user.partner_id.parent_id = cls.blue
            cls.users |= user

    def _sign_in(self, user, *moments):
        for moment in moments:
            self.env.cr.execute(
                "INSERT INTO res_users_log (create_uid, create_date) VALUES (%s, %s)", (user.id, moment))

    def test_hea_5_portal_logins(self):
        """HEA-5, T5: who signed in counts once a day, for the customer; our own people and who is nobody's do not."""
        bo, bea = self.users
        stranger = mail_new_test_user(self.env, login='stranger', email='s@example.com', groups='base.group_portal')
        self._sign_in(bo, '2026-06-10 08:00', '2026-06-10 17:00', '2026-06-11 08:00')
        self._sign_in(bea, '2026-06-10 09:00')
        self._sign_in(self.anna, '2026-06-10 09:00')
        self._sign_in(stranger, '2026-06-10 09:00')
        self.anna.partner_id.parent_id = self.red
        self.assertEqual(self._take(), {'rows': 2, 'failed': 0})
        self.assertEqual(self._readings(self.logins), {(self.blue, '2026-06-10'): 2, (self.blue, '2026-06-11'): 1})
        # as Odoo's own table has them
        kept = self.env.execute_query(SQL(
            "SELECT create_date::date::text, count(DISTINCT create_uid) FROM res_users_log WHERE create_uid = ANY(%s) GROUP BY 1",
            self.users.ids))
        self.assertEqual(self._readings(self.logins, self.blue), dict(kept))

    def test_hea_5_what_odoo_forgets_stays(self):
        """HEA-5, T5: Odoo deletes all but the last sign-in of each user; what was counted stays, and the same night twice
        writes nothing."""
        bo, bea = self.users
        self._sign_in(bo, '2026-06-10 08:00')
        self._sign_in(bea, '2026-06-10 09:00')
        self._take('2026-06-11')
        self._sign_in(bo, '2026-06-12 08:00')
        self.env['res.users.log']._gc_user_logs()
        self.env.cr.execute("SELECT count(*) FROM res_users_log WHERE create_uid = %s", (bo.id,))
        self.assertEqual(self.env.cr.fetchone(), (1,))
        self.assertEqual(self._take('2026-06-13'), {'rows': 1, 'failed': 0})
        self.assertEqual(self._readings(self.logins, self.blue), {'2026-06-10': 2, '2026-06-12': 1})
        self.assertEqual(self._take('2026-06-14'), {'rows': 0, 'failed': 0})
        self._sign_in(bea, '2026-06-12 09:00')
        self.assertEqual(self._take('2026-06-14')['rows'], 1)
        self.assertEqual(self._readings(self.logins, self.blue), {'2026-06-10': 2, '2026-06-12': 2})

    def test_hea_5_day_of_the_customer(self):
        """HEA-5, K1: a moment counts on the day that it was where the customer is, on both sides of midnight."""
        bo, __ = self.users
        self.blue.write({'country_id': self.env.ref('base.jp').id, 'tz': False})
        self._sign_in(bo, '2026-06-10 14:59', '2026-06-10 15:01')
        self._take()
        self.assertEqual(self._readings(self.logins, self.blue), {'2026-06-10': 1, '2026-06-11': 1})
        self.assertEqual(self.env['customer.clock']._zone(self.blue), 'Asia/Tokyo')

    def test_hea_5_periods_are_compared_when_they_are_whole(self):
        """HEA-5, T3: Odoo knew the last sign-ins only, so that two whole periods have to pass before they are compared."""
        bo, __ = self.users
        measure = self.env['customer.health.measure'].create({
            'name': "Portal", 'source': 'usage', 'metric_id': self.logins.id, 'reading_kind': 'trend', 'window_days': 10,
            'group_id': self.env['customer.health.group'].search([], limit=1).id,
            'band_ids': [Command.create({'value_from': -100, 'points': 0})]})

        def value():
            rows = self.env.execute_query(measure._sources()['usage'].sql(measure, self.blue.ids))
            return [(round(change), str(as_of)) for __, change, as_of in rows]

        for day in (date(2026, 6, 1) + timedelta(days=number) for number in range(30)):
            self._sign_in(bo, f'{day} 10:00')
            with self._on(day + timedelta(days=1), hour=3):
                self.taker._take()
                if day == date(2026, 6, 20):
                    self.assertEqual(str(self.logins.whole_from), '2026-06-02')
                    self.assertEqual(value(), [], "the first of twenty days was not counted whole")
                if day == date(2026, 6, 21):
                    self.assertEqual(value(), [(0, '2026-06-22')])
        # nobody signs in any more: that is known, and does not grow old
        with self._on('2026-07-06', hour=3):
            self.taker._take()
            self.assertEqual(value(), [(-50, '2026-07-06')])
            self.assertIn("-50% against the 10 days before, counted on 07/06/2026", measure._describe(-50, date(2026, 7, 6)))


class TestTaker(TakerCase):
    """Sources from outside, as another addon adds them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.happened = []
        cls.forged = {'wells': ReadingSource("Wells", 'base', 'res.partner.name', cls._wells_sql)}
        model = cls.registry['customer.reading.taker']
        original = model._sources
        cls.startClassPatcher(patch.object(model, '_sources', lambda self: original(self) | cls.forged))
        cls.metrics.search([('source', '!=', False)]).action_archive()
        cls.wells = cls.metrics.create({'name': "Wells", 'code': 'wells', 'source': 'wells'})

    def setUp(self):
        super().setUp()
        self.happened.clear()

    @classmethod
    def _wells_sql(cls, since):
        rows = [row for row in cls.happened if fields.Datetime.to_datetime(row[2]) >= since]
        return SQL(
            """SELECT partner_id, email, moment, NULL::date AS day, company_id, key
                 FROM unnest(%s::int[], %s::text[], %s::timestamp[], %s::int[], %s::text[])
                      AS v (partner_id, email, moment, company_id, key)""",
            *([list(column) for column in zip(*rows, strict=True)] or [[]] * 5))

    def _happen(self, partner, moment, key=None, email=None, company=None):
        self.happened.append((
            partner.id if partner else None, email, moment, company.id if company else None, key or str(len(self.happened))))

    def test_hea_5_corrections_are_taken_over(self):
        """HEA-5, T5: what was deleted lowers the figure, what came late raises it; nothing else is written."""
        self._happen(self.bo, '2026-06-10 08:00', 'a')
        self._happen(self.bea, '2026-06-10 08:00', 'b')
        self._happen(self.bea, '2026-06-10 09:00', 'b')
        self._happen(self.red, '2026-06-11 08:00', 'c')
        self.assertEqual(self._take(), {'rows': 2, 'failed': 0})
        self.assertEqual(self._readings(self.wells), {(self.blue, '2026-06-10'): 2, (self.red, '2026-06-11'): 1})
        before = self.env['customer.reading'].search([('metric_id', '=', self.wells.id)]).mapped('write_date')
        self.assertEqual(self._take(), {'rows': 0, 'failed': 0})
        self.assertEqual(
            self.env['customer.reading'].search([('metric_id', '=', self.wells.id)]).mapped('write_date'), before)
        del self.happened[1:4]
        self._happen(self.red, '2026-06-09 08:00')
        self.assertEqual(self._take()['rows'], 3)
        self.assertEqual(self._readings(self.wells), {(self.blue, '2026-06-10'): 1, (self.red, '2026-06-09'): 1})

    def test_hea_5_how_far_back(self):
        """HEA-5, T5: the first night looks two years back, the others so far as somebody compares; what is older stays as it
        is."""
        self._happen(self.blue, '2024-06-20 08:00')
        self._happen(self.blue, '2024-06-10 08:00')
        self._happen(self.blue, '2026-02-10 08:00')
        self._take()
        self.assertEqual(set(self._readings(self.wells, self.blue)), {'2024-06-20', '2026-02-10'})
        self.happened.clear()
        self.assertEqual(self._take()['rows'], 0, "90 days back")
        self.env['customer.health.measure'].create({
            'name': "Wells", 'source': 'usage', 'metric_id': self.wells.id, 'reading_kind': 'trend', 'window_days': 90,
            'group_id': self.env['customer.health.group'].search([], limit=1).id,
            'band_ids': [Command.create({'value_from': -100, 'points': 0})]})
        self._take()
        self.assertEqual(set(self._readings(self.wells, self.blue)), {'2024-06-20'})

    def test_hea_5_whose_it_is(self):
        """HEA-5, T5: of whom only an address is known counts for the one customer that has it; an address of several is
        nobody's. The contact goes before the address."""
        self.env['res.partner'].create([
            {'name': "Again", 'parent_id': self.blue.id, 'email': 'BO@blue.example.com'},
            {'name': "Shared", 'parent_id': self.blue.id, 'email': 'info@example.com'},
            {'name': "Shared", 'parent_id': self.red.id, 'email': 'info@example.com'}])
        stranger = self.env['res.partner'].create({'name': "Stranger"})
        self._happen(None, '2026-06-10 08:00', email='bo@blue.example.com')
        self._happen(None, '2026-06-11 08:00', email='info@example.com')
        self._happen(None, '2026-06-12 08:00', email='nobody@example.com')
        self._happen(stranger, '2026-06-13 08:00', email='bea@blue.example.com')
        self._happen(self.red, '2026-06-14 08:00', email='bea@blue.example.com')
        self._take()
        self.assertEqual(self._readings(self.wells), {
            (self.blue, '2026-06-10'): 1, (self.blue, '2026-06-13'): 1, (self.red, '2026-06-14'): 1})

    def test_hea_5_company(self):
        """HEA-5, PLT-2: what happened with one company is nothing of a customer of another; a customer of none has all, and
        what happened with a branch is of its company."""
        branch = self.env['res.company'].create({'name': "Branch", 'parent_id': self.company_2.id})
        (self.blue + self.bo + self.bea).company_id = self.company_2
        for number, company in enumerate((self.env.company, self.company_2, branch, None), 10):
            for customer in (self.blue, self.red):
                self._happen(customer, f'2026-06-{number} 08:00', company=company)
        self._take()
        self.assertEqual(set(self._readings(self.wells, self.blue)), {'2026-06-11', '2026-06-12', '2026-06-13'})
        self.assertEqual(len(self._readings(self.wells, self.red)), 4)

    def test_hea_5_one_statement(self):
        """HEA-5: a metric is one statement, however many customers and rows there are."""
        for number in range(300):
            self._happen(self.blue if number % 2 else self.red, f'2026-06-{1 + number % 14:02} 08:00')
        self._take()
        self.env['customer.metric'].search([('source', '!=', False)]).read(['name', 'problem', 'taken_on'])
        with patch.object(
            self.registry['customer.reading.taker'], '_note', lambda self, metric, **values: None,
        ):
            self.taker._take()
            # the metrics, what measures and rules compare, two time zones, a savepoint and its end, and the statement
            with self.assertQueryCount(9):
                self.taker._take()

    @mute_logger(TAKER, 'odoo.sql_db')
    def test_hea_5_poisoned_source(self):
        """HEA-5, T5: what can't be counted is set aside with its sentence, in the run too; the others go on, and it begins
        again when it works."""
        poison = ReadingSource("Poison", 'base', 'res.partner.name', lambda since: SQL(
            """SELECT 1 / (random() * 0)::int AS partner_id, '' AS email, now() AS moment, NULL::date AS day, 0 AS company_id,
                      '' AS key"""))
        self.forged['poison'] = poison
        self.addCleanup(self.forged.pop, 'poison')
        bad = self.metrics.create({'name': "Bad", 'code': 'bad', 'source': 'poison', 'sequence': 1})
        raising = self.metrics.create({'name': "Raising", 'code': 'raising', 'source': 'poison', 'sequence': 2})
        self._happen(self.blue, '2026-06-10 08:00')
        self.assertEqual(self._take(), {'rows': 1, 'failed': 2})
        self.assertEqual(self._readings(self.wells, self.blue), {'2026-06-10': 1})
        self.assertRegex(bad.problem, "division by zero")
        self.assertFalse(self.wells.problem or bad.taken_on)
        self._run_cron('health')
        run = self.env['customer.run'].search([('name', '=', 'health')], limit=1)
        self.assertGreaterEqual(run.failed, 2)
        self.forged['poison'] = poison._replace(sql=self._wells_sql)
        self.assertEqual(self._take()['failed'], 0)
        self.assertFalse(bad.problem or raising.problem)
        self.assertEqual(self._readings(bad, self.blue), {'2026-06-10': 1})

    def test_hea_5_app_that_comes_back(self):
        """HEA-5, T5: an app that was taken away and installed again knows nothing of before: what was counted stays, and
        counting goes on from that day."""
        self._happen(self.blue, '2026-06-10 08:00')
        self._take()
        self.happened.clear()
        self.forged['wells'] = self.forged['wells']._replace(needs='res.partner.email')
        self.addCleanup(self.forged.__setitem__, 'wells', self.forged['wells']._replace(needs='res.partner.name'))
        with self._on('2026-06-20'):
            self._take()
            self.assertEqual(str(self.wells.whole_from), '2026-06-20')
        self._happen(self.blue, '2026-06-21 08:00')
        self._take('2026-06-22')
        self.assertEqual(set(self._readings(self.wells, self.blue)), {'2026-06-10', '2026-06-21'})
        self.happened.clear()
        self._take('2026-06-23')
        self.assertEqual(set(self._readings(self.wells, self.blue)), {'2026-06-10'}, "what is of this installation is corrected")

    def test_hea_5_archived_metric(self):
        """HEA-5: nothing comes in for an archived metric."""
        self._happen(self.blue, '2026-06-10 08:00')
        self.wells.active = False
        self.assertEqual(self._take()['rows'], 0)

    def test_hea_5_not_by_hand(self):
        """HEA-5: where Odoo counts, nobody writes, imports or deletes readings, and the notes of the night are its own."""
        readings = self.env['customer.reading'].with_user(self.mara)
        self._happen(self.blue, '2026-06-10 08:00')
        self._take()
        reading = readings.search([('metric_id', '=', self.wells.id)])
        values = {'partner_id': self.blue.id, 'metric_id': self.wells.id, 'date': '2026-06-01', 'value': 3}
        own = self.metrics.create({'name': "Own", 'code': 'own'})
        by_hand = readings.create({**values, 'metric_id': own.id})
        for attempt in (lambda: readings.create(values), lambda: reading.write({'value': 3}), reading.unlink,
                        lambda: by_hand.write({'metric_id': self.wells.id})):
            with self.assertRaisesRegex(UserError, "Wells is counted by Odoo itself"):
                attempt()
        result = readings.load_readings([{'customer': self.blue.id, 'metric': 'wells', 'date': '2026-06-01', 'value': 3}])
        self.assertRegex(result['refused'][0]['reason'], "counted by Odoo itself")
        with self.assertRaisesRegex(UserError, "would be mixed"):
            own.with_user(self.mara).source = 'wells'
        self.wells.with_user(self.mara).name = "Other wells"
        for name in ('taken_on', 'problem', 'source_mark', 'source_from', 'whole_from'):
            with self.assertRaisesRegex(AccessError, name):
                self.wells.with_user(self.mara).write({name: False})

    def test_hea_5_measure_and_rules(self):
        """HEA-3, HEA-5, T5: what Odoo counts is there for measures and for warning rules: it fell, or reached a number."""
        for number in range(1, 11):
            for __ in range(4):
                self._happen(self.blue, f'2026-06-{number:02} 08:00')
            self._happen(self.red, f'2026-06-{number:02} 08:00')
        for number in range(11, 15):
            self._happen(self.red, f'2026-06-{number:02} 08:00')
        self._take()
        rules = self.env['customer.warning.rule']
        fall, reach = rules.create([
            {'name': "Fewer wells", 'signal': 'readings_fall', 'metric_id': self.wells.id, 'threshold': 60, 'window_days': 7,
             'evaluations': 1},
            {'name': "Wells", 'signal': 'readings_reach', 'metric_id': self.wells.id, 'threshold': 7, 'window_days': 7,
             'evaluations': 1}])
        # the seven days until yesterday: 8 to 14; the seven before: 1 to 7
        self.assertEqual(self._held(fall), {})
        fall.threshold = 50
        self.assertEqual(self._held(fall), {self.blue: 57})
        self.assertEqual(self._held(reach), {self.blue: 12, self.red: 7})
        monitor = self.env['customer.warning.monitor']
        for signal in ('readings_fall', 'readings_reach'):
            monitor._evaluate(signal)
        warnings = self.env['customer.warning'].search([('rule_id', 'in', (fall + reach).ids)])
        self.assertEqual(set(warnings.mapped('reason')), {
            "Wells: 57 % less in 7 days than in as many before", "Wells: 12 in 7 days", "Wells: 7 in 7 days"})
        with self.assertRaisesRegex(ValidationError, "a metric is missing"):
            rules.create({'name': "No metric", 'signal': 'readings_fall', 'threshold': 60})
        # what was counted fell, and ends by itself when it is over
        self.happened[:] = [row for row in self.happened if row[0] == self.red.id]
        self._take()
        self.assertEqual(self._held(reach), {self.red: 7})

    def test_hea_3_failed_delivery_warns_of_nobody(self):
        """HEA-3, HEA-5: where readings come from outside and nothing came of anybody for the whole period, the delivery failed;
        when one customer is counted again, the others stopped."""
        own = self.metrics.create({'name': "Own", 'code': 'own'})
        self.env['customer.reading'].create([
            {'partner_id': customer.id, 'metric_id': own.id, 'date': f'2026-05-{day}', 'value': 3}
            for customer in (self.blue, self.red) for day in (26, 29)])
        rule = self.env['customer.warning.rule'].create({
            'name': "Less", 'signal': 'readings_fall', 'metric_id': own.id, 'threshold': 60, 'window_days': 10})
        self.assertEqual(self._held(rule), {})
        self.env['customer.reading'].create({
            'partner_id': self.red.id, 'metric_id': own.id, 'date': '2026-06-14', 'value': 6})
        self.assertEqual(self._held(rule), {self.blue: 100})

    def test_hea_3_one_cause_one_warning(self):
        """HEA-3, T6: what the score lost by a metric that a warning is about is left out of warnings of the score, and what it
        lost by another metric is not."""
        group = self.env['customer.health.group'].search([], limit=1)
        other = self.metrics.create({'name': "Own", 'code': 'own'})
        measures = self.env['customer.health.measure'].create([{
            'name': metric.name, 'source': 'usage', 'metric_id': metric.id, 'group_id': group.id,
            'band_ids': [Command.create({'value_from': -100, 'points': 0})]} for metric in (self.wells, other)])
        rule = self.env['customer.warning.rule'].create({
            'name': "Less", 'signal': 'readings_fall', 'metric_id': self.wells.id, 'threshold': 60})
        self.env['customer.warning'].create({
            'partner_id': self.blue.id, 'rule_id': rule.id, 'signal': 'readings_fall', 'level': '1', 'date': '2026-06-14'})
        self.env.flush_all()
        parts = {str(measure.id): {'p': 0} for measure in measures}
        history = [{'is_reference': True, 'parts': dict(parts)}, {'is_reference': False, 'parts': dict(parts)}]
        self.env['customer.warning.signal.score']._leave_out_warned({self.blue.id: history})
        self.assertEqual([set(stretch['parts']) for stretch in history], [set(parts), {str(measures[1].id)}])

    def _held(self, rule):
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            "SELECT partner_id, value FROM (%s) AS f WHERE met", rule._signal_sql((self.blue + self.red).ids)))
        return {self.env['res.partner'].browse(partner_id): round(value) for partner_id, value in rows}


class TestAbsentApp(TakerCase):
    """An app that nobody can have."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.absent = ReadingSource("Moon phases", 'sale', 'customer.moon.phase', lambda since: SQL("SELECT 1"))
        model = cls.registry['customer.reading.taker']
        original = model._sources
        cls.startClassPatcher(patch.object(model, '_sources', lambda self: original(self) | {'moon': cls.absent}))
        cls.moon = cls.metrics.create({'name': "Moon", 'code': 'moon', 'source': 'moon'})

    def test_hea_5_absent_app_says_so(self):
        """HEA-5, T5: the metric of an app that is not there says so on its own screen, and the night has nothing to do."""
        self.assertTrue(self.moon.is_absent)
        self.assertRegex(self.moon.source_note, r"The app “Sales” is not installed\. .* neither scores nor warns")
        self.assertEqual(self._take()['failed'], 0)
        self.assertFalse(self.moon.problem or self.moon.taken_on)
        self.assertEqual(self.moon.with_user(self.mara).source_note, self.moon.source_note)
        logins = self._metric('portal_logins')
        self.assertFalse(logins.is_absent)
        self.assertRegex(logins.source_note, "Last taken over on 06/15/2026")
        self.assertFalse(self.env.ref('customer_success.customer_metric_logins').source_note)

    def test_hea_5_absent_app_neither_scores_nor_warns(self):
        """HEA-5, T5: whatever holds where a value is not known, a metric that nobody counts scores nobody; a rule on it is set
        aside with the sentence. What was counted before stays."""
        self.env.cr.execute(
            "INSERT INTO customer_reading (partner_id, metric_id, date, value) VALUES (%s, %s, '2026-06-14', 5)",
            (self.blue.id, self.moon.id))
        for model in ('scorecard', 'cap'):
            self.env[f'customer.health.{model}'].search([]).action_archive()
        groups = self.env['customer.health.group'].search([], limit=2)
        bands = [Command.create({'value_from': 0, 'points': 0}), Command.create({'value_from': 1, 'points': 100})]
        worst, known = self.env['customer.health.measure'].create([{
            'name': name, 'source': 'usage', 'metric_id': metric.id, 'reading_kind': 'latest', 'group_id': group.id,
            'missing_policy': 'worst', 'band_ids': bands,
        } for name, metric, group in (("Moon", self.moon, groups[0]), (
            "Logins", self.env.ref('customer_success.customer_metric_logins'), groups[1]))])
        self.env['customer.health.scorecard'].create({
            'name': "All", 'minimum_coverage': 1, 'minimum_groups': 1, 'line_ids': [
                Command.create({'measure_id': worst.id, 'weight': 50}), Command.create({'measure_id': known.id, 'weight': 50})]})
        self.env['customer.reading'].create({
            'partner_id': self.blue.id, 'metric_id': known.metric_id.id, 'date': '2026-06-14', 'value': 1})
        self.env['customer.health.refresh']._refresh()
        self.env.invalidate_all()
        self.assertRegex(worst.problem, "“Sales” is not installed")
        self.assertEqual(self.blue.customer_health, 100)
        rule = self.env['customer.warning.rule'].create({
            'name': "Moon", 'signal': 'readings_reach', 'metric_id': self.moon.id, 'threshold': 1})
        for record in (rule, worst):
            self.assertEqual(record.absence, self.moon.source_note)
        self.assertFalse(known.absence)
        with mute_logger('odoo.addons.customer_success.models.health.customer_warning_monitor'):
            self.assertEqual(self.env['customer.warning.monitor']._evaluate('readings_reach')['failed'], 1)
        self.assertRegex(rule.problem, "“Sales” is not installed")
        # it was there once
        self.env.cr.execute("UPDATE customer_metric SET taken_on = '2026-05-01' WHERE id = %s", (self.moon.id,))
        self.env.invalidate_all()
        self.assertRegex(self.moon.source_note, "What was counted until 05/01/2026 stays")
        self.assertEqual(self._readings(self.moon, self.blue), {'2026-06-14': 5})

    def test_hea_5_app_that_comes_later(self):
        """HEA-5, T5: the night after an app was installed counts what it knows, and compares from then on."""
        self._take()
        self.assertEqual(self.moon.source_mark, -1)
        there = self.absent._replace(needs='res.partner.name', sql=lambda since: SQL(
            """SELECT %s AS partner_id, NULL AS email, '2026-06-20 08:00'::timestamp AS moment, NULL::date AS day,
                      NULL::int AS company_id, '1' AS key""", self.blue.id))
        self.patch(type(self), 'absent', there)
        self._take('2026-06-21')
        self.assertEqual(self._readings(self.moon, self.blue), {'2026-06-20': 1})
        self.assertEqual(str(self.moon.whole_from), '2026-06-21')


class TestNoScoreChanges(CustomerCase):

    def test_hea_5_shipped_measures_are_on_no_scorecard(self):
        """HEA-5, T5: what Odoo knows scores nobody by itself: shipped measures and metrics wait for somebody to use them."""
        metrics = self.env['customer.metric'].search([('source', '!=', False)])
        measures = self.env['customer.health.measure'].search([('metric_id', 'in', metrics.ids)])
        self.assertEqual(len(metrics), 7)
        self.assertEqual(len(measures), 5)
        self.assertFalse(measures & self.env['customer.health.scorecard'].search([]).line_ids.measure_id)
        self.assertFalse(measures & self.env['customer.health.cap'].search([]).measure_id)
        self.assertFalse(self.env['customer.warning.rule'].search([('metric_id', '!=', False)]))
        self.assertEqual(set(metrics.mapped('source')), self.env['customer.reading.taker']._sources().keys())

    def test_hea_5_counted_again(self):
        """HEA-5: a manager has it counted again; a user does not."""
        metric = self.env['customer.metric'].search([('source', '!=', False)], limit=1)
        with self.assertRaises(AccessError):
            metric.with_user(self.anna).action_take_over()
        triggers = self.env['ir.cron.trigger'].search_count([])
        self.assertEqual(metric.with_user(self.mara).action_take_over()['tag'], 'display_notification')
        self.assertEqual(self.env['ir.cron.trigger'].search_count([]), triggers + 1)
