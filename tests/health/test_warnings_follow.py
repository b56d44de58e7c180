"""K3: warnings go to whoever does the work now: the backup, who stands in for one who left, the next account manager."""
from odoo import fields
from odoo.exceptions import ValidationError

from .warning_common import DAY, START, WarningCase


class TestWarningsFollow(WarningCase):

    def _activities(self, warning):
        return self.env['mail.activity'].search([
            ('res_model', '=', 'customer.warning'), ('res_id', 'in', warning.ids)])

    def _raise(self, **vals):
        self._rule(evaluations=1, level='3', **vals)
        self._history(self.customer, [(START - 30 * DAY, 70)])
        self._live([(START, 40)])
        return self._warnings()

    def _archive(self, user):
        user.with_user(self.env.ref('base.user_admin')).action_archive()

    def test_k3_raised_for_who_left(self):
        """K3, HEA-3: a new warning of a customer whose account manager left goes to the leader."""
        self._archive(self.anna)
        warning = self._raise()
        self.assertEqual(warning.user_id, self.lena)
        self.assertEqual(self._activities(warning).user_id, self.lena)
        self.customer.user_id = self.ben
        self.assertEqual(warning.user_id, self.ben)

    def test_k3_leader_left(self):
        """K3, HEA-3: a warning for the team leader, who left: the account manager gets it."""
        self._archive(self.lena)
        self.assertEqual(self._raise(owner_role='leader').user_id, self.anna)

    def test_k3_left_with_open_warnings(self):
        """K3, HEA-3: the open warnings of who leaves go to the leader in the night, their activities too."""
        warning = self._raise()
        self.assertEqual(self._activities(warning).user_id, self.anna)
        self._archive(self.anna)
        self.assertFalse(self._activities(warning))
        self._live([(START + DAY, 40)])
        self.assertEqual(warning.user_id, self.lena)
        self.assertEqual(self._activities(warning).user_id, self.lena)

    def test_k3_away(self):
        """K3, HEA-3: while the account manager is away the backup has it, also what is raised meanwhile; then it goes back,
        unless it was given to somebody on purpose."""
        before = self._raised(signal='low_pulse')
        given = self._raised(signal='order_gap')
        with self._on(START):
            absence = self.env['customer.absence'].create({
                'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': START, 'date_to': START + 5 * DAY})
            self._run_cron('remind')
        self.assertRecordValues(before, [{'user_id': self.ben.id, 'absence_id': absence.id}])
        given.with_user(self.lena).user_id = self.otto
        raised = self._raise(threshold=60) - before - given
        self.assertEqual(raised.user_id, self.ben)
        self.assertEqual(self._activities(raised).user_id, self.ben)
        with self._on(START + 6 * DAY):
            self._run_cron('remind')
        self.assertEqual((before.user_id, given.user_id, raised.user_id), (self.anna, self.otto, self.anna))
        self.assertEqual(self._activities(raised).user_id, self.anna)

    def test_k3_called_off(self):
        """K3, HEA-3: an absence that is called off gives back at once."""
        warning = self._raised()
        absence = self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': fields.Date.today(),
            'date_to': fields.Date.today() + DAY})
        self._run_cron('remind')
        self.assertEqual(warning.user_id, self.ben)
        absence.unlink()
        self.assertEqual(warning.user_id, self.anna)

    def test_k3_to_who_can_open_it(self):
        """K3, HEA-3: nobody gets a warning who could not open it."""
        with self.assertRaisesRegex(ValidationError, "no role"):
            self._raised().with_user(self.lena).user_id = self.nils

    def test_k3_steps_of_a_plan(self):
        """K3, HEA-3: a step for somebody who left goes to the next in line, and is not taken for given on purpose."""
        self.team_north.customer_expert_id = self.ben
        plan = self.env['customer.warning.plan'].create({'name': "Steps", 'line_ids': [
            (0, 0, {'name': name, 'channel_id': self.call.id, 'role': role})
            for name, role in (("Own", 'manager'), ("Train", 'expert'))]})
        self._archive(self.ben)
        self._archive(self.anna)
        warning = self._raised(plan_id=plan.id)
        self.env['customer.warning.monitor']._hand_on()
        warning.with_user(self.lena).action_take_on()
        self.assertEqual(warning.followup_ids.user_id, self.lena)
        self.customer.user_id = self.otto
        own = warning.followup_ids.filtered(lambda followup: followup.name == "Own")
        self.assertEqual(own.user_id, self.otto)
