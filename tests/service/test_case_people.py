from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import ServiceCase, at


class TestCasePeople(ServiceCase):
    """Who is in charge, who may see it, absences, leaving, merging (SRV-2, PLT-2, CAD-9, PRO-7)."""

    def test_first_responsible(self):
        """SRV-2: who writes it down is in charge, also of a colleague's customer: nobody is sent on by phone."""
        with self._at('Mon 09:00'):
            case = self._case(self.ben)
        self.assertEqual((case.user_id, case.taken_at), (self.ben, at('Mon 09:00')))
        # the account manager sees it too
        self.assertTrue(case.with_user(self.anna).has_access('read'))

    def test_kept_until_accepted(self):
        """SRV-2: a hand-over changes nothing until it is accepted."""
        with self._at('Mon 09:00'):
            case = self._case()
            with self.assertRaisesRegex(UserError, "until a colleague has accepted"):
                case.user_id = self.ben
            self._change(case, 'hand_over', user_id=self.ben.id, note="Speaks Dutch")
            self.assertEqual((case.user_id, case.offered_to_id), (self.anna, self.ben))
            self.assertEqual(self._activities(case, '_offer').user_id, self.ben)
            self.assertIn("Speaks Dutch", self._activities(case, '_offer').summary)
            with self.assertRaisesRegex(UserError, "not offered to you"):
                case.with_user(self.anna).action_accept()
            case.with_user(self.ben).action_accept()
        self.assertEqual((case.user_id, case.offered_to_id, case.given_by_id), (self.ben, self.env['res.users'], self.anna))
        self.assertFalse(self._activities(case, '_offer'))
        self.assertTrue(case.with_user(self.ben).has_access('write'))

    def test_refused_comes_back(self):
        """SRV-2: refused, it stays, and whoever offered it hears why."""
        with self._at('Mon 09:00'):
            case = self._case()
            self._change(case, 'hand_over', user_id=self.ben.id)
            with self.assertRaisesRegex(ValidationError, "Please say why"):
                self._change(case, 'refuse', self.ben, note=" ")
            self._change(case, 'refuse', self.ben, note="No time")
        self.assertEqual((case.user_id, case.offered_to_id), (self.anna, self.env['res.users']))
        self.assertIn("No time", self._activities(case, user=self.anna).summary)

    def test_unanswered_comes_back(self):
        """SRV-2: not answered within the hours of the setting, it comes back."""
        with self._at('Mon 09:00'):
            case = self._case()
            case.action_answer()
            self._change(case, 'hand_over', user_id=self.ben.id)
        with self._at('Tue 08:59'):
            self._run_cron('cases')
            self.assertEqual(case.offered_to_id, self.ben)
        with self._at('Tue 09:00'):
            self._run_cron('cases')
            self.assertFalse(case.offered_to_id)
        self.assertIn("has not answered", self._activities(case, user=self.anna).mapped('summary')[-1])

    def test_leader_assigns(self):
        """Who leads gives a case to whom they choose; a stranger to the company can't be chosen."""
        with self._at('Mon 09:00'):
            case = self._case()
            case.with_user(self.lena).user_id = self.ben
            self.assertEqual((case.user_id, case.given_by_id), (self.ben, self.lena))
            with self.assertRaisesRegex(ValidationError, "does not work in"):
                case.with_user(self.lena).user_id = self.zoe

    def test_written_down_for_a_colleague(self):
        """SRV-2: who writes a case down for somebody else is in charge until that one has accepted."""
        with self._at('Mon 09:00'):
            case = self._case(user_id=self.ben.id)
        self.assertEqual((case.user_id, case.offered_to_id), (self.anna, self.ben))

    def test_taking(self):
        """A case that nobody has begun with can be taken; one that somebody is at can't."""
        with self._at('Mon 09:00'):
            case = self.env['customer.case'].create({'name': "By mail", 'partner_id': self.harbour.id})
            self.assertEqual((case.user_id, case.state, case.taken_at), (self.anna, 'new', False))
            case.with_user(self.lena).action_take()
            self.assertEqual((case.user_id, case.state), (self.lena, 'working'))
            with self.assertRaisesRegex(UserError, "is in charge"):
                case.with_user(self.anna).action_take()

    # ------------------------------------------------------------
    # ABSENCE, LEAVING, MERGING
    # ------------------------------------------------------------

    def test_absence(self):
        """SRV-2, CAD-9: while somebody is away the backup is in charge; afterwards it comes back."""
        with self._at('Mon 09:00'):
            case = self._case()
            self.env['customer.absence'].create({
                'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': date(2026, 12, 8), 'date_to': date(2026, 12, 9)})
        with self._at('Tue 09:00'):
            self._run_cron('remind')
            self.assertEqual(case.user_id, self.ben)
            self._run_cron('cases')
        with self._at('Thu 09:00'):
            self._run_cron('remind')
            self.assertEqual((case.user_id, case.absence_id), (self.anna, self.env['customer.absence']))

    def test_absence_that_is_taken_back(self):
        """An absence that is deleted gives back at once."""
        with self._at('Mon 09:00'):
            case = self._case()
            absence = self.env['customer.absence'].create({
                'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': date(2026, 12, 7), 'date_to': date(2026, 12, 9)})
            self._run_cron('remind')
            self.assertEqual(case.user_id, self.ben)
            absence.unlink()
            self.assertEqual(case.user_id, self.anna)

    def test_who_left(self):
        """Whoever leaves leaves no case behind: who looks after the customer gets it."""
        with self._at('Mon 09:00'):
            case = self._case(self.ben)
            self.ben.active = False
            self._run_cron('remind')
        self.assertEqual(case.sudo().user_id, self.anna)

    def test_account_manager_changes(self):
        """PRO-7: the cases of the account manager go to the next one; what was given to others stays."""
        with self._at('Mon 09:00'):
            own, of_ben = self._case(), self._case(self.ben)
            self.harbour.user_id = self.lena
        own, of_ben = own.sudo(), of_ben.sudo()
        self.assertEqual((own.user_id, of_ben.user_id), (self.lena, self.ben))

    def test_merge(self):
        """PLT-2: of merged customers the cases come along, their clocks and results as they were."""
        other = self._customer("Harbour Ltd")
        with self._at('Mon 09:00'):
            case = self._case(partner_id=other.id, contact_id=False, cause_id=self.defect.id)
        with self._at('Tue 09:00'):
            again = self._case(cause_id=self.defect.id)
            wizard = self.env['base.partner.merge.automatic.wizard'].create({})
            wizard._merge((self.harbour + other).ids, self.harbour)
            self.env.invalidate_all()
            self.assertEqual(case.partner_id, self.harbour)
            self.assertEqual(again.previous_id, case)
            self.assertEqual(len(case.clock_ids), 2)

    # ------------------------------------------------------------
    # WHO SEES WHAT
    # ------------------------------------------------------------

    def test_roles(self):
        """PLT-2: own cases and those of own customers; the leader those of the team; the manager all."""
        with self._at('Mon 09:00'):
            case = self._case()
        clock, pause = self._clock(case, 'response'), self.env['customer.case.pause'].create({
            'case_id': case.id, 'date_start': at('Mon 09:00'), 'date_end': at('Mon 09:01')})
        for user, may in ((self.anna, True), (self.ben, False), (self.lena, True), (self.otto, False), (self.li, False),
                          (self.mara, True), (self.zoe, False)):
            for record in (case, clock, pause):
                self.assertEqual(record.with_user(user).has_access('read'), may, (user.name, record))
        with self.assertRaises(AccessError):
            case.with_user(self.otto).action_answer()
        with self.assertRaises(AccessError):
            self.env['customer.case'].with_user(self.nils).search([])

    def test_companies(self):
        """PLT-2: a case belongs to the company of its customer; a policy of another company does not hold."""
        theirs = self._customer("Theirs", user_id=self.zoe.id, company_id=self.company_2.id)
        self.policy_complaint.company_id = self.company_2
        with self._at('Mon 09:00'):
            case = self._case(self.zoe, partner_id=theirs.id, contact_id=False)
            own = self._case()
        self.assertEqual((case.company_id, self._clock(case, 'response').policy_id), (self.company_2, self.policy_complaint))
        self.assertEqual(self._clock(own, 'response').policy_id, self.policy_problem)
        self.assertFalse(case.with_user(self.mara).has_access('read'))
        with self.assertRaisesRegex(ValidationError, "alone"):
            case.sudo().company_id = self.env.company

    def test_to_assign_is_for_everybody(self):
        """A case of a sender whom nobody knows is seen by everybody of the company, and by nobody else."""
        case = self.env['customer.case'].create({'name': "Who is it?", 'email_from': 'who@example.org'})
        for user, may in ((self.anna, True), (self.otto, True), (self.li, True), (self.zoe, False)):
            self.assertEqual(bool(self.env['customer.case'].with_user(user).search([('id', '=', case.id)])), may, user.name)
        with self._at('Mon 09:00'):
            case.with_user(self.otto).action_take()
            case.with_user(self.otto).partner_id = self.harbour
        self.assertEqual((case.user_id, case.partner_id), (self.otto, self.harbour))

    def test_works_with_the_customer(self):
        """Who was given a case of a colleague's customer may log what was said about it."""
        with self._at('Mon 09:00'):
            case = self._case()
            self.assertFalse(self.harbour.with_user(self.ben)._filtered_worked_with())
            self._change(case, 'hand_over', user_id=self.ben.id)
            case.with_user(self.ben).action_accept()
            self.assertTrue(self.harbour.with_user(self.ben)._filtered_worked_with())
            self._log(self.harbour.with_user(self.ben), feedback="Called")

    def test_no_right_given_to_oneself(self):
        """Who writes a case down for a colleague's customer does not work with that customer for it."""
        with self._at('Mon 09:00'):
            self._case(self.ben)
        self.assertFalse(self.harbour.with_user(self.ben)._filtered_worked_with())

    def test_dialog_companies(self):
        """The dialog does for several what it does for one."""
        with self._at('Mon 09:00'):
            cases = self._case() + self._case()
            wizard = self.env['customer.case.change'].with_user(self.anna).create({
                'case_ids': [Command.set(cases.ids)], 'action': 'pause'})
            wizard.action_apply()
        self.assertEqual(set(cases.mapped('state')), {'waiting'})
