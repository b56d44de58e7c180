"""PLT-3: PostgreSQL knows the tables that statements over all customers join, also those that were filled a moment ago."""
from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestStatistics(TransactionCase):

    def _counted(self):
        self.env.cr.execute("SELECT reltuples FROM pg_class WHERE relname = 'customer_counted'")
        return self.env.cr.fetchone()[0]

    def test_counts_what_was_filled(self):
        statistics = self.env['customer.statistics']
        self.env.cr.execute(
            "CREATE TABLE customer_counted AS SELECT n AS id, repeat('x', 100) AS text FROM generate_series(1, 100) n")
        self.assertEqual(statistics._keep('customer_counted'), [], "too small to matter")
        self.env.cr.execute("INSERT INTO customer_counted SELECT n, repeat('x', 100) FROM generate_series(101, 9000) n")
        self.assertEqual(self._counted(), -1)
        self.assertEqual(statistics._keep('customer_counted', 'res_lang'), ['customer_counted'])
        self.assertEqual(self._counted(), 9000)
        self.assertEqual(statistics._keep('customer_counted'), [], "it is known")
        self.env.cr.execute("INSERT INTO customer_counted SELECT * FROM customer_counted")
        self.env.cr.execute("INSERT INTO customer_counted SELECT * FROM customer_counted LIMIT 900")
        self.assertEqual(statistics._keep('customer_counted'), ['customer_counted'], "more than twice as large")

    def test_counts_what_is_small(self):
        """PLT-3: a few rows that never change are counted once, so that what is joined with them is not guessed at."""
        statistics = self.env['customer.statistics']
        self.env.cr.execute("CREATE TABLE customer_counted AS SELECT n AS id FROM generate_series(1, 7) n")
        self.env.cr.execute("CREATE TABLE customer_counted_none (id int)")
        self.assertEqual(statistics._keep_small('customer_counted', 'customer_counted_none'), ['customer_counted'])
        self.assertEqual(self._counted(), 7)
        self.assertEqual(statistics._keep_small('customer_counted', 'customer_counted_none'), [])

    def test_counts_what_was_restored(self):
        """After a restored dump the size is known from building the indexes, and nothing else."""
        statistics = self.env['customer.statistics']
        self.env.cr.execute(
            "CREATE TABLE customer_counted AS SELECT n AS id, repeat('x', 100) AS text FROM generate_series(1, 9000) n")
        self.env.cr.execute("CREATE INDEX ON customer_counted (id)")
        self.assertEqual(self._counted(), 9000)
        self.assertEqual(statistics._keep('customer_counted'), ['customer_counted'])
        self.assertEqual(statistics._keep('customer_counted'), [])

    def test_the_night_asks(self):
        """Each statement over all customers is preceded by a look, one for a few customers is not."""
        statistics, asked = type(self.env['customer.statistics']), []
        self.patch(statistics, '_keep', lambda model, *tables: asked.append(tables))
        for work in (self.env['customer.ranking']._refresh_all, self.env['customer.churn']._refresh_rhythm,
                     self.env['customer.health.refresh']._refresh):
            asked.clear()
            work()
            self.assertTrue(asked, work)
        asked.clear()
        customers = self.env['res.partner'].search([('customer_managed', '=', True)], limit=3)
        self.env['customer.health.refresh']._refresh(customers.ids)
        self.env['customer.planner']._plan(customers.ids)
        self.assertEqual(asked, [])
        self.env['customer.planner']._plan([*customers.ids, *range(10**9, 10**9 + 500)])
        self.assertTrue(asked)

    def test_counts_a_column_that_changed(self):
        """PLT-1: after many rows got another value it is known how many have which; a few are not worth it."""
        statistics = self.env['customer.statistics']
        self.env.cr.execute("CREATE TABLE customer_counted AS SELECT n AS id, FALSE AS managed FROM generate_series(1, 2000) n")
        self.env.cr.execute("ANALYZE customer_counted")
        self.env.cr.execute("UPDATE customer_counted SET managed = TRUE WHERE id <= 1500")

        def frequency():
            self.env.cr.execute("""
                SELECT most_common_freqs[array_position(most_common_vals::text::text[], 't')] FROM pg_stats
                 WHERE tablename = 'customer_counted' AND attname = 'managed'""")
            return self.env.cr.fetchone()[0]
        self.assertFalse(statistics._keep_columns(499, 'customer_counted', 'managed'))
        self.assertIsNone(frequency())
        self.assertTrue(statistics._keep_columns(500, 'customer_counted', 'managed'))
        self.assertAlmostEqual(frequency(), 0.75, delta=0.01)

    def test_who_joined_is_counted(self):
        """PLT-1: hundreds who become customers at once are known to be customers before anything is joined with them."""
        told = []
        self.patch(
            type(self.env['customer.statistics']), '_keep_columns', lambda model, *args: told.append(args) or False)
        partners = self.env['res.partner'].create([
            {'name': f"Joins {number}", 'is_company': True, 'customer_enrolment': 'enrolled'} for number in range(3)])
        self.env['customer.registry']._refresh(partners.ids)
        self.assertTrue(all(partners.mapped('customer_managed')))
        self.assertEqual(sum(count for count, *columns in told if columns == ['res_partner', 'customer_managed']), 3)
        told.clear()
        self.env['customer.ranking']._refresh_all()
        self.assertIn('customer_tier_id', [column for __, __, *columns in told for column in columns])
