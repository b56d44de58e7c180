"""HEA-5: readings come in by file and by RPC, as often as one likes, and what can't be taken is named."""
import base64

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestReadings(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue = cls._customer("Blue", ref='B-1', email='info@blue.example.com')
        cls.blue_person = cls.env['res.partner'].create({
            'name': "Bo", 'parent_id': cls.blue.id, 'email': 'bo@blue.example.com'})
        cls.red = cls._customer("Red", ref='R-1')
        cls.logins = cls.env.ref('customer_success.customer_metric_logins')
        cls.features = cls.env.ref('customer_success.customer_metric_features')
        cls.today = fields.Date.context_today(cls.env.user)
        cls.readings = cls.env['customer.reading'].with_user(cls.mara)

    def _row(self, customer='B-1', value=5, date='2026-01-10', metric='logins'):
        return {'customer': customer, 'metric': metric, 'date': date, 'value': value}

    def _stored(self, partner=None):
        return sorted(
            (reading.metric_id.code, str(reading.date), reading.value)
            for reading in self.env['customer.reading'].search([('partner_id', '=', (partner or self.blue).id)]))

    # ------------------------------------------------------------
    # RPC
    # ------------------------------------------------------------

    def test_hea_5_load_is_idempotent(self):
        """HEA-5: the same rows again change nothing; another value updates the reading that is there."""
        rows = [self._row(), self._row(metric='features', value=3.25), self._row('R-1', '7')]
        self.assertEqual(
            self.readings.load_readings(rows), {'created': 3, 'updated': 0, 'unchanged': 0, 'refused': []})
        before = self.env['customer.reading'].search([]).mapped('write_date')
        self.assertEqual(
            self.readings.load_readings(rows), {'created': 0, 'updated': 0, 'unchanged': 3, 'refused': []})
        self.assertEqual(self.env['customer.reading'].search([]).mapped('write_date'), before)
        rows[0]['value'] = 6
        self.assertEqual(
            self.readings.load_readings(rows), {'created': 0, 'updated': 1, 'unchanged': 2, 'refused': []})
        self.assertEqual(self._stored(), [('features', '2026-01-10', 3.25), ('logins', '2026-01-10', 6)])
        self.assertEqual(self._stored(self.red), [('logins', '2026-01-10', 7)])
        reading = self.env['customer.reading'].search([('partner_id', '=', self.red.id)])
        self.assertEqual(reading.create_uid, self.mara)

    def test_hea_5_customers_by_id_number_and_email(self):
        """HEA-5: a customer is named by its database id, its number or an email address, one of its people's too."""
        days = ['2026-01-11', '2026-01-12', '2026-01-13', '2026-01-14', '2026-01-15']
        keys = [self.blue.id, self.blue_person.id, 'B-1', 'Info@Blue.example.com', 'bo@blue.example.com']
        result = self.readings.load_readings([self._row(key, date=day) for key, day in zip(keys, days, strict=True)])
        self.assertEqual((result['created'], result['refused']), (5, []))
        self.assertEqual([day for __, day, __ in self._stored()], days)

    def test_hea_5_bad_rows_are_named_and_the_rest_is_taken(self):
        """HEA-5: an unknown customer or metric, a day to come, no number, twice: named by row with the reason."""
        tomorrow = fields.Date.to_string(fields.Date.add(self.today, days=1))
        bad = [
            (self._row('NOPE'), "no customer “NOPE”"),
            (self._row(2 ** 40), "no customer"),
            (self._row(True), "customer is missing"),
            (self._row(None), "customer is missing"),
            (self._row(['B-1']), "customer is missing"),
            (self._row(metric='steps'), "no metric with the code “steps”"),
            (self._row(metric=['logins']), "no metric"),
            (self._row(date=tomorrow), "still to come"),
            (self._row(date='10.01.2026'), "is no day"),
            (self._row(date=None), "is no day"),
            (self._row(date=20260110), "is no day"),
            (self._row(value='many'), "is no number"),
            (self._row(value=None), "is no number"),
            (self._row(value=True), "is no number"),
            (self._row(value='nan'), "is no number"),
            (self._row(value=float('inf')), "is no number"),
            (self._row(value=10 ** 400), "is no number"),
            ({}, "customer is missing"),
            ("B-1;logins", "A row names"),
            (self._row(value=9), "those of row 1"),
        ]
        result = self.readings.load_readings([self._row(), *(row for row, __ in bad), self._row('R-1')])
        self.assertEqual((result['created'], result['updated'], result['unchanged']), (2, 0, 0))
        self.assertEqual([refused['row'] for refused in result['refused']], list(range(2, 2 + len(bad))))
        for refused, (__, reason) in zip(result['refused'], bad, strict=True):
            self.assertIn(reason, refused['reason'])
        self.assertEqual(self._stored(), [('logins', '2026-01-10', 5)])
        with self.assertRaises(UserError):
            self.readings.load_readings("B-1;logins;2026-01-10;5")
        self.assertEqual(self.readings.load_readings([])['created'], 0)

    def test_hea_5_ambiguous_customers_are_refused(self):
        """HEA-5: a number or address of several customers is refused; one managed customer comes before the others."""
        self._customer("Blue too", email='both@blue.example.com')
        self._customer("Blue three", email='both@blue.example.com')
        self.env['res.partner'].create({'name': "Lead", 'ref': 'R-1'})
        result = self.readings.load_readings([self._row('both@blue.example.com'), self._row('R-1')])
        self.assertEqual([refused['row'] for refused in result['refused']], [1])
        self.assertIn("stands for 2 customers", result['refused'][0]['reason'])
        self.assertEqual(self._stored(self.red), [('logins', '2026-01-10', 5)])

    def test_hea_5_archived_metric_takes_no_more(self):
        """HEA-5: no readings come in for an archived metric."""
        self.logins.active = False
        self.assertIn("no metric", self.readings.load_readings([self._row()])['refused'][0]['reason'])

    def test_hea_5_thousands_at_once(self):
        """HEA-5: the number of queries does not follow the number of rows."""
        def rows(count):
            days = [fields.Date.subtract(self.today, days=number) for number in range(count)]
            return [self._row(key, date=str(day)) for day in days for key in ('B-1', self.red.id)]

        def queries(load):
            before = self.env.cr.sql_log_count
            self.assertFalse(self.readings.load_readings(load)['refused'])
            return self.env.cr.sql_log_count - before

        queries(rows(1))
        few, many = queries(rows(10)), queries(rows(1500))
        self.assertLessEqual(many, few)
        self.assertLess(many, 12)
        self.assertEqual(len(self._stored()), 1500)

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def _import(self, text, dryrun=False):
        """Import a CSV file the way the screen does, as Mara."""
        wizard = self.env['base_import.import'].with_user(self.mara).create({
            'res_model': 'customer.reading', 'file': base64.b64decode(base64.b64encode(text.encode())),
            'file_type': 'text/csv', 'file_name': 'readings.csv'})
        options = {'quoting': '"', 'separator': ',', 'has_headers': True, 'date_format': '%Y-%m-%d',
                   'float_thousand_separator': '', 'float_decimal_separator': '.'}
        preview = wizard.parse_preview(options)
        columns = [preview['matches'][number][0] for number in range(len(preview['headers']))]
        return wizard.execute_import(columns, preview['headers'], preview['options'], dryrun=dryrun)

    def test_hea_5_import_of_a_file(self):
        """HEA-5: a file names customers by number, email or name; running it again updates what is there."""
        text = "Customer,Metric,Date,Value\nB-1,logins,2026-01-10,5\nRed,Logins,2026-01-10,6\n" \
               "bo@blue.example.com,features,2026-01-10,2.5\n"
        self.assertFalse(self._import(text, dryrun=True)['messages'])
        self.assertFalse(self._stored())
        self.assertFalse(self._import(text)['messages'])
        self.assertEqual(self._stored(), [('features', '2026-01-10', 2.5), ('logins', '2026-01-10', 5)])
        self.assertEqual(self._stored(self.red), [('logins', '2026-01-10', 6)])
        result = self._import(text.replace(',5\n', ',8\n') + "R-1,features,2026-01-10,4\n")
        self.assertFalse(result['messages'])
        self.assertEqual(len(result['ids']), 4)
        self.assertEqual(self._stored(), [('features', '2026-01-10', 2.5), ('logins', '2026-01-10', 8)])
        self.assertEqual(self._stored(self.red), [('features', '2026-01-10', 4), ('logins', '2026-01-10', 6)])

    @mute_logger('odoo.sql_db')
    def test_hea_5_import_names_bad_rows_and_loads_nothing(self):
        """HEA-5: bad rows of a file are named, and nothing is half-loaded."""
        tomorrow = fields.Date.add(self.today, days=1)
        head = "Customer,Metric,Date,Value\nB-1,logins,2026-01-10,5\n"
        for line, words in [
            ("NOPE,logins,2026-01-11,5", "no customer “NOPE”"),
            ("B-1,steps,2026-01-11,5", "steps"),
            (f"B-1,logins,{tomorrow},5", "still to come"),
            ("B-1,logins,2026-01-11,many", "many"),
            ("B-1,logins,2026-01-10,9", "twice"),
            ("info@blue.example.com,Logins,2026-01-10,9", "twice"),
        ]:
            result = self._import(f"{head}{line}\nR-1,logins,2026-01-10,5\n")
            errors = [message for message in result['messages'] if message['type'] == 'error']
            self.assertTrue(errors, line)
            self.assertIn(words, errors[0]['message'])
            if 'rows' in errors[0]:  # what is wrong with a number is found before rows are counted, and says so itself
                self.assertEqual(errors[0]['rows'], {'from': 1, 'to': 1}, line)
            self.assertFalse(self._stored(), line)
            self.assertFalse(self._stored(self.red), line)

    def test_hea_5_import_knows_a_template(self):
        """HEA-5: there is a file to begin with, and it has the columns that the import knows."""
        from odoo.tools.misc import file_open
        template = self.readings.get_import_templates()[0]['template']
        with file_open(template.lstrip('/')) as file:
            self.assertEqual(file.readline().strip(), "Customer,Metric,Date,Value")

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def test_hea_5_readings_by_hand(self):
        """HEA-5: a manager writes a reading, of today at the latest; one a day, of the customer as a whole."""
        reading = self.readings.create({
            'partner_id': self.blue_person.id, 'metric_id': self.logins.id, 'value': 3, 'date': '2026-01-10'})
        self.assertEqual(reading.partner_id, self.blue)
        with self.assertRaises(ValidationError):
            reading.date = fields.Date.add(self.today, days=1)
        with self._refused("already a reading"):
            self.readings.create({
                'partner_id': self.blue.id, 'metric_id': self.logins.id, 'value': 4, 'date': '2026-01-10'})

    def test_hea_5_health_follows_readings_of_one_customer(self):
        """HEA-5: a reading that a person puts down shows in the score at once; many come in for the night."""
        asked = []
        self.patch(type(self.env['customer.health.refresh']), '_refresh', lambda self, ids=None: asked.append(ids))
        reading = self.readings.create({'partner_id': self.blue.id, 'metric_id': self.logins.id, 'value': 3})
        reading.value = 4
        reading.unlink()
        self.assertEqual(asked, [self.blue.ids] * 3)
        asked.clear()
        self._import("Customer,Metric,Date,Value\nB-1,logins,2026-01-10,5\nR-1,logins,2026-01-10,6\n")
        self._import("Customer,Metric,Date,Value\nB-1,logins,2026-01-10,7\nR-1,logins,2026-01-10,8\n")
        self.readings.load_readings([self._row(), self._row('R-1')])
        self.assertEqual(asked, [])

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    def test_hea_5_who_sees_and_brings_readings(self):
        """HEA-5, PLT-2: users see their customers' readings and bring none; no reading crosses companies."""
        self.readings.load_readings([self._row()])
        other = self._customer("Not hers", user_id=self.otto.id, ref='O-1')
        self.readings.load_readings([self._row('O-1')])
        seen = self.env['customer.reading'].with_user
        self.assertEqual(seen(self.anna).search([]).partner_id & (self.blue | other), self.blue)
        self.assertEqual(seen(self.lena).search([]).partner_id & (self.blue | other), self.blue)
        self.assertEqual(seen(self.li).search([]).partner_id & (self.blue | other), other)
        self.assertEqual(seen(self.mara).search([]).partner_id & (self.blue | other), self.blue | other)
        self.blue.company_id = self.company
        self.assertNotIn(self.blue, seen(self.zoe).search([]).partner_id)
        refused = seen(self.zoe).load_readings([self._row()])['refused']
        self.assertIn("no customer", refused[0]['reason'])
        for user in (self.anna, self.lena):
            with self.assertRaises(AccessError):
                seen(user).load_readings([self._row()])
        with self.assertRaises(AccessError):
            seen(self.nils).search([])

    def test_hea_5_metrics(self):
        """HEA-5: any number of metrics, each with its own code; one with readings is archived, not deleted."""
        metric = self.env['customer.metric'].with_user(self.mara).create({'name': "Posts", 'code': 'posts'})
        self.readings.load_readings([self._row(metric='posts')])
        self.assertEqual(self.readings.search(metric.action_view_readings()['domain']).partner_id, self.blue)
        with self._refused("already a metric"):
            metric.copy({'code': 'logins'})
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            metric.unlink()
        metric.copy({'code': 'others'}).unlink()
        with self.assertRaises(AccessError):
            self.env['customer.metric'].with_user(self.anna).create({'name': "Mine", 'code': 'mine'})
