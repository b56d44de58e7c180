"""K3, K4: who decides when somebody is away or left, and what becomes of the proposals of who left."""
from datetime import date, timedelta

from odoo.exceptions import ValidationError

from .adjustment_common import AdjustmentCase

TODAY = date(2026, 3, 2)


class TestAdjustmentPeople(AdjustmentCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # of all managers only Mara is left
        group = cls.env.ref('customer_success.group_customer_success_manager')
        (group.all_user_ids - cls.mara - cls.zoe).group_ids -= group

    def _absence(self, user, backup, days=12):
        return self.env['customer.absence'].create({
            'user_id': user.id, 'backup_id': backup.id, 'date_from': TODAY, 'date_to': TODAY + timedelta(days=days)})

    def _asked(self, adjustment, done=False):
        return self.env['mail.activity'].with_context(active_test=not done).search([
            ('res_model', '=', adjustment._name), ('res_id', '=', adjustment.id),
            ('activity_type_id', '=', adjustment._task_type('decide').id)]).user_id

    def test_k3_away(self):
        """K3, STR-3: the leader is away: who can decide now is asked, and the form says until when."""
        self._absence(self.lena, self.ben)
        adjustment = self._adjustment(state='submitted')
        self.assertEqual(self._asked(adjustment), self.mara, "Ben can't decide")
        self.assertEqual(adjustment.waits_for, "Mara; Lena is away until 03/14/2026")

    def test_k3_backup_who_can(self):
        """K3, STR-3: the backup of the leader is asked, if that one can decide."""
        self._absence(self.lena, self.mara)
        adjustment = self._adjustment(state='submitted')
        self.assertEqual(self._asked(adjustment), self.mara)
        adjustment.with_user(self.mara).action_approve()
        self.assertEqual(adjustment.state, 'approved')

    def test_k3_activities_follow(self):
        """K3, STR-3: goes away, comes back, leaves: the activities follow; who ticked it off is left alone."""
        adjustment = self._adjustment(state='submitted')
        self.assertEqual(self._asked(adjustment), self.lena)
        absence = self._absence(self.lena, self.ben)
        self._run_cron('adjust')
        self.assertEqual(self._asked(adjustment), self.mara)
        absence.unlink()
        self._run_cron('adjust')
        self.assertEqual(self._asked(adjustment), self.lena)
        self.env['mail.activity'].search([
            ('res_id', '=', adjustment.id), ('user_id', '=', self.lena.id)]).with_user(self.lena).action_feedback()
        self._run_cron('adjust')
        self.assertFalse(self._asked(adjustment))
        self.lena.with_user(self.env.ref('base.user_admin')).action_archive()
        self._run_cron('adjust')
        self.assertEqual(self._asked(adjustment), self.mara)

    def test_k3_all_away(self):
        """K3: all are away: they are asked all the same, and the form says so."""
        self._absence(self.lena, self.ben)
        self._absence(self.mara, self.otto)
        adjustment = self._adjustment(state='submitted')
        self.assertEqual(self._asked(adjustment), self.mara)
        self.assertIn("Lena is away until", adjustment.waits_for)

    def test_k4_go_with_the_customer(self):
        """K4, PRO-7: strategy and proposal go to the next account manager, unless they were somebody else's."""
        mine = self._adjustment()
        self.customer.user_id = self.ben
        self.assertEqual((mine.user_id, self.strategy.user_id), (self.ben, self.ben))
        mine.user_id = self.otto
        self.customer.user_id = self.anna
        self.assertEqual((mine.user_id, self.strategy.user_id), (self.otto, self.anna))

    def test_k3_owner_left(self):
        """K3: what somebody left behind is the leader's, and goes to the next account manager."""
        mine = self._adjustment()
        self.anna.with_user(self.env.ref('base.user_admin')).action_archive()
        self._run_cron('adjust')
        self.assertEqual((mine.user_id, self.strategy.user_id), (self.lena, self.lena))
        self.customer.user_id = self.ben
        self.assertEqual((mine.user_id, self.strategy.user_id), (self.ben, self.ben))

    def test_k3_owner_who_can_open_it(self):
        """K3: nobody becomes the owner who could not open it."""
        for record in (self._adjustment(), self.strategy):
            with self.assertRaisesRegex(ValidationError, "no role"):
                record.with_user(self.lena).user_id = self.nils
