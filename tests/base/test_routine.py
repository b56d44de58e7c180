"""PLT-3: the loop of scheduled actions: batches, progress, conflicts, and what is set aside."""
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2

from ..common import CustomerCase


class TestRoutine(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.routine = cls.env['customer.routine']

    @contextmanager
    def _progress(self, time_left=lambda calls: 60):
        """Yield what the action says of its progress, as pairs of done and remaining; nothing is committed or rolled back."""
        calls = []

        def progress(cron, processed=0, *, remaining=None):
            calls.append((processed, remaining))
            return time_left(len(calls))

        with patch.object(self.registry['ir.cron'], '_commit_progress', progress), \
                patch.object(self.env.cr, 'rollback', lambda: calls.append('rollback')):
            yield calls

    def test_work_through(self):
        """All batches are done, and after each what remains is told."""
        done = []
        with self._progress() as calls:
            self.routine._work_through(list(range(7)), done.append, 3, done=2)
        self.assertEqual(done, [[0, 1, 2], [3, 4, 5], [6]])
        self.assertEqual(calls, [(2, 7), (3, 4), (3, 1), (1, 0)])
        with self._progress() as calls:
            self.routine._work_through([], done.append)
        self.assertEqual((len(done), calls), (3, [(0, 0)]))

    def test_work_through_until_the_time_is_up(self):
        """What is left when the time is up remains; one batch is done in any case."""
        done = []
        with self._progress(lambda calls: 0) as calls:
            self.routine._work_through(list(range(7)), done.append, 3)
        self.assertEqual((done, calls[-1]), ([[0, 1, 2]], (3, 4)))

    def test_work_through_with_a_conflict(self):
        """Another transaction takes one batch away, or one fails: the others go on, and the action fails in the end."""
        done = []

        def act(batch):
            if batch == [1]:
                raise psycopg2.errors.SerializationFailure()
            if batch == [3]:
                raise ValueError("our own fault")
            done.extend(batch)

        with self._progress() as calls, self.assertRaisesRegex(ValueError, "our own fault"):
            self.routine._work_through(list(range(5)), act)
        self.assertEqual((done, calls.count('rollback'), calls[-1]), ([0, 2, 4], 2, (1, 0)))

    def test_records_are_read_one_batch_at_a_time(self):
        """A commit lets what was prefetched for later batches go stale: each batch reads its own."""
        customers, read = self.env['res.partner'].browse([self._customer(name).id for name in ("One", "Two", "Three")]), []
        with self._progress():
            self.routine._work_through(customers, lambda batch: read.append(tuple(batch._prefetch_ids)), 2)
        self.assertEqual(read, [customers[:2]._ids, customers[2:]._ids])

    def test_repeat(self):
        """Until nothing is left; a conflict is another look, and the sixth in a row an error."""
        waiting, conflicts = list(range(5)), [1, 1]

        def work():
            if conflicts and len(waiting) == 3:
                conflicts.pop()
                raise psycopg2.errors.DeadlockDetected()
            taken, waiting[:] = waiting[:2], waiting[2:]
            return len(taken)

        with self._progress() as calls:
            self.routine._repeat(work, lambda: len(waiting))
        self.assertEqual(calls, [(0, 5), (2, 3), 'rollback', 'rollback', (2, 1), (1, 0)])
        waiting.extend(range(3))
        conflicts.extend([1] * 6)
        with self._progress() as calls, self.assertRaises(psycopg2.errors.DeadlockDetected):
            self.routine._repeat(work, lambda: len(waiting))
        self.assertEqual(calls.count('rollback'), 6)

    def test_repeat_where_others_have_all(self):
        """What is left and locked by others ends the action; so does its time."""
        with self._progress() as calls:
            self.routine._repeat(lambda: 0, lambda: 4)
        self.assertEqual(calls, [(0, 4), (0, 4)])
        with self._progress(lambda calls: 0) as calls:
            self.routine._repeat(lambda: 1, lambda: 4)
        self.assertEqual(len(calls), 2)

    def test_by_halves(self):
        """Two of a hundred fail: the others are written, these two are set aside with their error, in a few tries."""
        customers = self.env['res.partner'].create([{'name': f'Customer {number}'} for number in range(100)])
        poisoned, tries, aside = customers[17] + customers[60], [], []

        def act(some):
            tries.append(len(some))
            some.comment = "done"
            some.flush_recordset()
            if some & poisoned:
                self.env.cr.execute("SELECT 1 / 0")

        def set_aside(partner, error):
            self.assertIsInstance(error, psycopg2.errors.DivisionByZero)
            aside.append(partner)
            return 'aside'

        with self.assertLogs('odoo.sql_db'):
            results = self.routine._by_halves(customers, act, set_aside)
        self.assertEqual(aside, list(poisoned))
        self.assertEqual(customers.filtered('comment'), customers - poisoned)
        self.assertEqual(results.count('aside'), 2)
        self.assertLess(len(tries), 30)
        self.assertEqual(self.routine._by_halves(customers[:0], act, set_aside), [])

    def test_a_conflict_is_nobodys_fault(self):
        """It is not looked for by halves, and nobody is set aside."""
        tries = []

        def act(some):
            tries.append(some)
            raise psycopg2.errors.SerializationFailure()

        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self.routine._by_halves([1, 2, 3], act, lambda thing, error: self.fail("it was set aside"))
        self.assertEqual(tries, [[1, 2, 3]])

    def test_attempt(self):
        """What was written before the error is taken back, what waited to be written before is not."""
        customer = self._customer("Before")
        customer.name = "Waits to be written"

        def act():
            customer.name = "Taken back"
            raise ValueError("x")

        self.assertEqual(self.routine._attempt(act, str), "x")
        self.assertEqual(customer.name, "Waits to be written")
        self.assertEqual(self.routine._attempt(lambda: 5, str), 5)
