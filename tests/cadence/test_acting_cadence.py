"""What a changed cadence does to the plan: seen before it is saved, and told of afterwards."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..common import CustomerCase


class TestActingCadence(CustomerCase):
    """CAD-1, CAD-4, K1: *Re-plan now* says what changed since the cadence was, whoever did the work; and the form says before
    *Save* which follow-ups would move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env['res.partner'].concat(*(
            cls._customer(f"Customer {number}", customer_cadence_id=cls.cadence.id) for number in range(3)))
        cls.env['customer.planner']._work_queue()
        cls.env['customer.cadence.outcome'].search([]).unlink()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE customer_cadence SET acted_at = NULL")
        cls.env.invalidate_all()

    def _days(self):
        return {followup.partner_id.id: followup.date_planned for followup in self.env['customer.followup'].search([
            ('step_id', '=', self.step.id), ('state', '=', 'planned')])}

    def _message(self):
        self.env.invalidate_all()
        return self.cadence.with_user(self.mara).action_replan()['params']['message']

    def test_replan_counts_what_saving_did(self):
        before = self._days()
        self.assertEqual(len(before), 3)
        form = Form(self.cadence.with_user(self.mara))
        with form.step_ids.edit(0) as step:
            step.interval_count = 3
        form.save()
        moved = sum(before[key] != day for key, day in self._days().items())
        self.assertEqual(moved, 3)
        message = self._message()
        self.assertIn("0 follow-ups opened, 3 changed, 0 cancelled", message)
        self.assertIn("Since ", message)
        self.assertIn("3 changed", self.cadence.report)

    def test_replan_counts_what_the_action_did(self):
        """More than a few wait for the scheduled action, and what it did is told, too."""
        self.customers += self.env['res.partner'].concat(*(
            self._customer(f"More {number}", customer_cadence_id=self.cadence.id) for number in range(25)))
        self.env['customer.planner']._work_queue()
        before = self._days()
        self.assertEqual(len(before), 28)
        self.step.with_user(self.mara).interval_count = 3
        self.assertEqual(self._days(), before, "so many wait")
        self.assertIn("28 customers wait to be planned", self.cadence._describe_report())
        self._run_cron('plan')
        self.assertTrue(all(before[key] != day for key, day in self._days().items()))
        message = self._message()
        self.assertIn("28 changed", message)
        self.assertNotIn("wait", message)

    def test_a_touchpoint_taken_out_is_counted(self):
        self.cadence.write({'step_ids': [(0, 0, {'name': "Visit", 'channel_id': self.visit.id, 'date_start': '2020-01-01'})]})
        visits = self.cadence.step_ids - self.step
        message = self._message()
        self.assertIn("3 follow-ups opened", message)
        visits.unlink()
        self.assertIn("3 cancelled", self._message())

    def test_who_could_not_be_planned_is_told(self):
        self.env['customer.cadence.outcome'].create({'cadence_id': self.cadence.id, 'failed': 2})
        self.cadence._act()
        self.assertIn("2 customers could not be planned", self._message())

    def test_nothing_else_is_counted(self):
        """What a contact or an order moved is no outcome of a cadence."""
        self.cadence._act()
        self._log(self.customers[0])
        self.assertIn("0 follow-ups opened, 0 changed, 0 cancelled", self._message())

    def test_preview_is_what_happens(self):
        before = self._days()
        form = Form(self.cadence.with_user(self.mara))
        self.assertIn("No follow-up would move", form.preview)
        with form.step_ids.edit(0) as step:
            step.interval_count = 3
        self.assertIn("3 of 3 follow-ups would move", form.preview)
        self.assertIn("0 to an earlier day, 3 to a later one", form.preview)
        self.assertEqual(self._days(), before, "nothing is saved")
        self.assertEqual(self.step.interval_count, 1)
        with form.step_ids.edit(0) as step:
            step.interval_count = 1
            step.interval_unit = 'week'
        self.assertIn("3 to an earlier day, 0 to a later one", form.preview)
        form.save()
        self.assertTrue(all(day < before[key] for key, day in self._days().items()))

    def test_preview_of_added_and_removed(self):
        form = Form(self.cadence.with_user(self.mara))
        with form.step_ids.new() as step:
            step.name = "Visit"
            step.channel_id = self.visit
            step.interval_count = 2
        self.assertIn("3 would be opened", form.preview)
        form.save()
        self.assertEqual(len(self._open(self.customers[0])), 2)
        form = Form(self.cadence.with_user(self.mara))
        form.step_ids.remove(1)
        self.assertIn("3 would be cancelled", form.preview)

    def test_preview_of_what_cannot_be(self):
        form = Form(self.cadence.with_user(self.mara))
        with form.step_ids.edit(0) as step:
            step.interval_count = 0
        self.assertIn("can't be saved like this", form.preview)
        self.assertEqual(self._days().keys(), set(self.customers.ids))

    def test_changes_within_an_hour_are_one(self):
        self.cadence._act()
        first = self.cadence.acted_at
        self.cadence._act()
        self.assertEqual(self.cadence.acted_at, first)
        self.cadence.acted_at -= timedelta(hours=2)
        self.env.flush_all()
        self.cadence._act()
        self.assertEqual(self.cadence.acted_at, first)

    def test_who_sees_what_came_of_it(self):
        """Managers read it as they read the cadence: not of another company; nobody writes it."""
        outcome = self.env['customer.cadence.outcome'].create({'cadence_id': self.cadence.id, 'moved': 3})
        outcomes = self.env['customer.cadence.outcome']
        self.assertTrue(outcomes.with_user(self.mara).search([('id', '=', outcome.id)]))
        self.cadence.company_id = self.env.company
        self.assertFalse(outcomes.with_user(self.zoe).search([('id', '=', outcome.id)]))
        with self.assertRaises(AccessError):
            outcomes.with_user(self.mara).create({'cadence_id': self.cadence.id})
        with self.assertRaises(AccessError):
            outcomes.with_user(self.anna).search([])

    def test_nobody_makes_up_when(self):
        with self.assertRaisesRegex(UserError, "follows from the changes"):
            self.cadence.with_user(self.mara).acted_at = '2020-01-01 00:00:00'
