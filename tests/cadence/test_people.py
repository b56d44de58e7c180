"""K3, K4, K9: people leave, go away and come back; what was agreed is neither forgotten nor left with the former one."""
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from .test_reminder import DAY, DUE, TODAY, ReminderCase


class PeopleCase(ReminderCase):

    def _promise(self, user=None, **vals):
        return self.env['customer.followup'].with_user(user or self.anna).create({
            'partner_id': self.customer.id, 'channel_id': self.visit.id, 'name': "Send the sample",
            'date_planned': TODAY + 3 * DAY, **vals}).with_env(self.env)

    def _absence(self, user, backup, first, last):
        return self.env['customer.absence'].create({
            'user_id': user.id, 'backup_id': backup.id, 'date_from': first, 'date_to': last})

    def _archive(self, user):
        """Archive a user the way people do it."""
        user.with_user(self.env.ref('base.user_admin')).action_archive()
        self.env.flush_all()


class TestAbsent(PeopleCase):

    def test_k3_given_on_purpose_stays(self):
        """K3, CAD-9: what a leader gave to the former backup for good does not come back, whatever is edited."""
        absence = self._absence(self.anna, self.ben, TODAY - 60 * DAY, TODAY - 50 * DAY)
        self.followup.with_user(self.lena)._reassign(self.ben)
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.ben)
        absence.note = "Nice"
        absence.date_to = TODAY - 40 * DAY
        absence.unlink()
        self._remind(DUE + DAY)
        self.assertRecordValues(self.followup, [{
            'user_id': self.ben.id, 'given_by_id': self.lena.id, 'absence_id': False}])

    def test_k3_recorded(self):
        """K3: what an absence moved is recorded with the absence, and only that goes back."""
        given = self._open(self._customer("Given", customer_cadence_id=self.cadence.id))
        given.with_user(self.lena)._reassign(self.ben)
        absence = self._absence(self.anna, self.ben, DUE - DAY, DUE + DAY)
        self._remind(DUE)
        self.assertRecordValues(self.followup + given, [
            {'user_id': self.ben.id, 'absence_id': absence.id, 'given_by_id': False},
            {'user_id': self.ben.id, 'absence_id': False, 'given_by_id': self.lena.id}])
        self._remind(DUE + 2 * DAY)
        self.assertEqual((self.followup.user_id, given.user_id), (self.anna, self.ben))
        self.assertFalse(self.followup.absence_id)

    def test_k3_given_to_the_absent(self):
        """K3: what is given to somebody who is away goes to the backup as well, and comes back to whom it was given."""
        self._absence(self.ben, self.otto, DUE - DAY, DUE + DAY)
        self.followup.with_user(self.lena)._reassign(self.ben)
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.otto)
        self._remind(DUE + 2 * DAY)
        self.assertRecordValues(self.followup, [{'user_id': self.ben.id, 'given_by_id': self.lena.id}])

    def test_k3_back_to_back(self):
        """K3: two absences without a day between: from the first backup to the second, then back."""
        self._absence(self.anna, self.ben, DUE - 2 * DAY, DUE)
        second = self._absence(self.anna, self.otto, DUE + DAY, DUE + 3 * DAY)
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.ben)
        self._remind(DUE + DAY)
        self.assertRecordValues(self.followup, [{'user_id': self.otto.id, 'absence_id': second.id}])
        self._remind(DUE + 4 * DAY)
        self.assertEqual(self.followup.user_id, self.anna)

    def test_k3_backup_can_not(self):
        """K3: the backup left, has no role, or works elsewhere: the leader is next in line; back it goes to who was away."""
        for change in (
            lambda: self._archive(self.ben),
            lambda: self.ben.write({'group_ids': [Command.set(self.env.ref('base.group_user').ids)]}),
            lambda: self.ben.write({'company_id': self.company_2.id, 'company_ids': [Command.set(self.company_2.ids)]}),
        ):
            absence = self._absence(self.anna, self.ben, DUE - DAY, DUE + DAY)
            self._remind(DUE)
            self.assertEqual(self.followup.user_id, self.ben)
            change()
            self._remind(DUE)
            self.assertEqual(self.followup.user_id, self.lena)
            self.assertEqual(self._activities().user_id, self.lena)
            self._remind(DUE + 2 * DAY)
            self.assertEqual(self.followup.user_id, self.anna)
            absence.unlink()
            self.ben.write({
                'active': True, 'company_ids': [Command.set(self.company.ids)], 'company_id': self.company.id,
                'group_ids': [Command.link(self.env.ref('customer_success.group_customer_success_user').id)]})

    def test_k3_agreed_while_standing_in(self):
        """K3, K4: what the backup agreed on while standing in goes back with the rest; meanwhile it is the backup's."""
        self._absence(self.anna, self.ben, DUE - DAY, DUE + DAY)
        self._remind(DUE)
        with self._on(DUE):
            self._log(self.customer.with_user(self.ben), followup=self.followup.with_user(self.ben), next_step="Contract",
                      next_date=DUE + 2 * DAY)
        promise = self._open(self.customer).filtered(lambda followup: not followup.step_id)
        self.assertRecordValues(promise, [{'user_id': self.ben.id, 'owner_id': self.anna.id}])
        self._remind(DUE + 2 * DAY)
        self.assertRecordValues(promise, [{'user_id': self.anna.id, 'absence_id': False, 'given_by_id': False}])


class TestLeft(PeopleCase):

    def test_k3_nothing_vanishes(self):
        """K3: an archived account manager: the leader is responsible, reminded, told once with the number, and the touchpoint
        escalates to somebody who is there."""
        for number in range(6):
            self._customer(f"Many {number}", customer_cadence_id=self.cadence.id)
        self._remind(DUE)
        self.assertEqual(self._activities().user_id, self.anna)
        with self._on(DUE):
            self._archive(self.anna)
        told = self.env['mail.activity'].search([
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_nobody').id)])
        self.assertRecordValues(told, [{'user_id': self.lena.id}])
        self.assertIn("7 customers of Anna", told.summary)
        self._run_cron('plan')
        self.assertRecordValues(self.followup, [{'user_id': self.lena.id, 'owner_id': self.lena.id, 'reminded': False}])
        self._remind(DUE)
        self.assertEqual(self._activities().user_id, self.lena)
        with self._on(DUE):
            self.assertEqual(self._open(self._customer("New", customer_cadence_id=self.cadence.id)).user_id, self.lena)

    def test_k3_nobody_responsible(self):
        """K3: the filters find customers and follow-ups whose account manager is missing or not able to; computed the same."""
        partners, followups = self.env['res.partner'], self.env['customer.followup']
        nobodys = self._customer("Nobody's", customer_cadence_id=self.cadence.id, user_id=False)
        elsewhere = self._customer("Elsewhere", company_id=self.company.id, user_id=self.zoe.id)
        bens = self._customer("Ben's", customer_cadence_id=self.cadence.id, user_id=self.ben.id)
        mine = nobodys + elsewhere + bens + self.customer

        def found():
            self.env.invalidate_all()
            result = partners.search([('customer_nobody_responsible', '=', True), ('id', 'in', mine.ids)])
            self.assertEqual(result, mine.filtered('customer_nobody_responsible'))
            return result
        self.assertEqual(found(), nobodys + elsewhere)
        self._archive(self.ben)
        self.assertEqual(set(found()), set(nobodys + elsewhere + bens))
        open_ones = followups.search([('partner_id', 'in', mine.ids), ('nobody_responsible', '=', True)])
        self.assertIn(self._open(bens), open_ones)
        self.assertNotIn(self.followup, open_ones)
        self.assertTrue(self._open(bens).nobody_responsible)
        self.assertFalse(self.followup.nobody_responsible)
        self._open(bens).with_user(self.lena)._reassign(self.anna)
        self.assertFalse(followups.search([('id', '=', self._open(bens).id), ('nobody_responsible', '=', True)]))

    def test_k3_given_stays_when_the_owner_leaves(self):
        """K3: what was given to a colleague on purpose stays there when the account manager leaves."""
        self.followup.with_user(self.lena)._reassign(self.ben)
        self._archive(self.anna)
        self.assertRecordValues(self.followup, [{'user_id': self.ben.id, 'given_by_id': self.lena.id}])
        self._archive(self.ben)
        self.assertEqual(self.followup.user_id, self.lena)

    def test_k3_back_again(self):
        """K3: whoever comes back has the own customers' follow-ups again."""
        self._archive(self.anna)
        self.assertEqual(self.followup.user_id, self.lena)
        self.anna.active = True
        self.assertEqual(self.followup.user_id, self.anna)

    def test_k3_other_leader(self):
        """K3: a team gets another leader: what its leader does moves along."""
        self.step.role = 'leader'
        self.assertEqual(self.followup.user_id, self.lena)
        self.team_north.user_id = self.mara
        self.assertEqual(self.followup.user_id, self.mara)
        self.env['crm.team.member'].search([('user_id', '=', self.anna.id)]).action_archive()
        self.assertEqual(self.followup.user_id, self.anna)

    def test_k3_safety_net(self):
        """K3: who lost the role in another way is found by the night."""
        self.env.cr.execute("DELETE FROM res_groups_users_rel WHERE uid = %s", [self.anna.id])
        self.env.invalidate_all()
        self._remind(DUE)
        self._run_cron('plan')
        self.assertEqual(self.followup.user_id, self.lena)


class TestGiving(PeopleCase):

    def test_k3_to_who_can_open_it(self):
        """K3: nobody gets a follow-up who could not open it: the sentence says why."""
        gone = self._user('gone', 'user', active=False)
        for user, message in ((self.nils, "no role"), (self.zoe, "does not work in"), (gone, "has left")):
            for give in (
                lambda user=user: self.followup.with_user(self.lena)._reassign(user),
                lambda user=user: self.followup.with_user(self.lena).write({'user_id': user.id}),
                lambda user=user: self._promise(self.lena, user_id=user.id),
            ):
                with self.assertRaisesRegex(ValidationError, message):
                    give()
        domain = self.env['customer.followup.change']._fields['user_id']._description_domain(self.env)
        self.assertIn('company_ids', domain)

    def test_k9_one_email_for_many(self):
        """K9: many follow-ups given away at once are one message; a single one is told as ever."""
        followups = self.followup
        for number in range(5):
            followups += self._open(self._customer(f"Many {number}", customer_cadence_id=self.cadence.id))
        before = self.env['mail.message'].search([], order='id desc', limit=1).id

        def messages():
            return self.env['mail.message'].search([
                ('id', '>', before), ('message_type', '=', 'user_notification'),
                ('partner_ids', 'in', self.ben.partner_id.ids)])
        # as in the client: tests switch the usual messages off
        followups = followups.with_user(self.lena).with_context(tracking_disable=False)
        followups._reassign(self.ben)
        self.assertEqual(len(messages()), 1)
        self.assertIn("6 follow-ups were given to you", messages().subject)
        followups[0]._reassign(self.otto)
        followups[0]._reassign(self.ben)
        self.assertEqual(len(messages()), 2)

    def test_k9_one_activity_for_many(self):
        """K9: a leader hears of many skips with one activity, which names the first of them."""
        followups = self.followup
        for number in range(7):
            followups += self._open(self._customer(f"Many {number}", customer_cadence_id=self.cadence.id))
        self.env['res.config.settings'].create({'customer_skip_limit': 1}).execute()
        followups.with_user(self.anna)._skip(self.reason)
        told = self.env['mail.activity'].search([('activity_type_id', '=', self.type_escalation.id)])
        self.assertRecordValues(told, [{'user_id': self.lena.id, 'summary': "8 follow-ups were skipped too often"}])
        self.assertIn("Many 3", told.note)

    def test_k3_customers_given(self):
        """K3, K9: a leader gives all customers of who left to somebody, in one go and with one message."""
        customers = self.customer
        for number in range(5):
            customers += self._customer(f"Many {number}", customer_cadence_id=self.cadence.id)
        self._archive(self.anna)
        before = self.env['mail.message'].search([], order='id desc', limit=1).id
        # as in the client: tests switch the usual messages off
        dialog = self.env['customer.assign'].with_user(self.lena).with_context(tracking_disable=False).create({
            'partner_ids': customers.ids, 'user_id': self.ben.id})
        self.assertEqual(dialog.count, 6)
        dialog.action_apply()
        self.assertEqual(customers.user_id, self.ben)
        self.assertEqual(self.followup.user_id, self.ben)
        self.assertEqual(self.env['mail.message'].search_count([
            ('id', '>', before), ('message_type', '=', 'user_notification'),
            ('partner_ids', 'in', self.ben.partner_id.ids)]), 1)
        with self.assertRaisesRegex(AccessError, "looked after by Ben"):
            self.env['customer.assign'].with_user(self.li).create({
                'partner_ids': customers.ids, 'user_id': self.otto.id}).action_apply()
        with self.assertRaisesRegex(ValidationError, "no role"):
            self.env['customer.assign'].with_user(self.lena).create({
                'partner_ids': customers.ids, 'user_id': self.nils.id}).action_apply()


class TestPromises(PeopleCase):

    def test_k4_follows_the_customer(self):
        """K4, PRO-7: what was agreed goes to the next account manager, unless it was given to somebody on purpose."""
        promise, given = self._promise(), self._promise(self.lena, user_id=self.otto.id)
        self.customer.user_id = self.ben
        self.assertRecordValues(promise + given, [
            {'user_id': self.ben.id, 'owner_id': self.ben.id}, {'user_id': self.otto.id, 'owner_id': self.otto.id}])
        promise.with_user(self.lena)._reassign(self.otto)
        self.customer.user_id = self.anna
        self.assertEqual(promise.user_id, self.otto)
        promise.with_user(self.lena)._reassign(self.anna)
        self.customer.user_id = self.ben
        self.assertEqual(promise.user_id, self.ben, "given back, it follows again")

    def test_k4_follows_who_stands_in(self):
        """K4: of an account manager who left it is the leader's, and the next one's after that."""
        promise = self._promise()
        self._archive(self.anna)
        self.assertEqual(promise.user_id, self.lena)
        self.customer.user_id = self.ben
        self.assertEqual(promise.user_id, self.ben)

    def test_k11_company_of_the_customer(self):
        """K11, K4: what was agreed moves to the company of the next account manager, like all follow-ups of the customer."""
        promise = self._promise()
        self.customer.user_id = self.zoe
        self.assertRecordValues(promise + self.followup, [
            {'company_id': self.company_2.id, 'user_id': self.zoe.id}] * 2)

    def test_k4_log_proposes_it(self):
        """K4: *Log* on card and form proposes the agreed next step that is due, with its channel, and closes it."""
        promise = self._promise()
        customer = self.customer.with_user(self.anna)
        early = customer.action_customer_log()['context']
        self.assertFalse(early['default_followup_id'])
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(**early))
        self.assertEqual(form.channel_id, self.call, "what is agreed for later is not done now")
        with self._on(TODAY + 3 * DAY):
            context = customer.action_customer_log()['context']
            self.assertEqual(context['default_followup_id'], promise.id)
            form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(**context))
            self.assertEqual(form.channel_id, self.visit)
            self.assertIn("Send the sample", form.effect)
            form.feedback = "Sent"
            form.save().action_done()
        self.assertRecordValues(promise, [{'state': 'done', 'feedback': "Sent"}])

    def test_k4_who_is_none_any_more(self):
        """K4: nothing escalates for archived and excluded customers."""
        archived, excluded, other = self.customer, self._customer("Excluded"), self._customer("Other")
        promises = {customer: self._promise(partner_id=customer.id) for customer in (archived, excluded, other)}
        archived.active = False
        excluded.action_customer_exclude()
        self._remind(promises[other].date_escalate)
        self.assertEqual([promises[customer].escalated for customer in promises], [False, False, True])

    def test_k4_do_not_contact(self):
        """K4: what was agreed with who is not to be contacted any more is told and listed, and comes back, due today."""
        promise, given = self._promise(), self._promise(self.lena, user_id=self.otto.id)
        old = self._promise(name="Long ago")
        old.with_user(self.anna)._cancel("not needed")
        self._stop()
        self.assertRecordValues(promise + given, [{'state': 'cancelled', 'close_kind': 'no_contact'}] * 2)
        told = self._activities(promise + given)
        self.assertEqual(told.user_id, self.anna + self.otto)
        self.assertIn("Send the sample", told[0].summary)
        with self._on(TODAY + 100 * DAY):
            self.customer.with_user(self.anna).action_customer_resume()
            today = fields.Date.today()
            self.assertRecordValues(promise, [{
                'state': 'planned', 'date_planned': today, 'user_id': self.anna.id, 'close_kind': False,
                'reminded': False, 'escalated': False}])
            self.assertGreater(promise.date_limit, today)
            self.assertFalse(self._activities(promise + given))
            self.assertEqual(old.state, 'cancelled')
            self.assertEqual(promise.due_state, 'today')

    def test_k4_agreed_day_stays(self):
        """K4: contact resumed before the agreed day: that day it is."""
        promise = self._promise(date_planned=TODAY + 30 * DAY)
        self._stop()
        with self._on(TODAY + timedelta(days=2)):
            self.customer.with_user(self.anna).action_customer_resume()
        self.assertRecordValues(promise, [{'state': 'planned', 'date_planned': TODAY + 30 * DAY}])

    def _stop(self):
        self.env['customer.pause.wizard'].with_user(self.anna).create({
            'partner_ids': self.customer.ids, 'kind': 'stop', 'reason_id': self.reason.id}).action_apply()
