"""CUL-3: what is fitting stands where a person is about to make contact, and a bad day or channel warns."""
from datetime import date, datetime

from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form

from ..cadence.test_automatic import AutomaticCase
from .advice_common import AdviceCase


def text_of(markup):
    """Return what a person reads of some HTML."""
    return ' '.join(' '.join(html.fromstring(str(markup)).itertext()).split()) if markup else ''


class TestAdvice(AdviceCase):
    """The advice itself."""

    def test_cul_3_etiquette(self):
        """CUL-3: the profile's etiquette, and where it says nothing that of the profile it builds on."""
        with self._on('2026-02-02'):
            advice = self._advice()
        self.assertEqual(advice['culture'], self.culture)
        self.assertEqual(advice['summary'], "Trust first, business second.")
        self.assertEqual(advice['do'], ["Greet the eldest first"])
        self.assertEqual(advice['avoid'], ["Showing the sole", "Refusing coffee"])
        self.assertEqual((advice['tone'], advice['notice_days']), ("Patient and personal", 14))
        self.assertEqual(advice['channels'], ["Call", "Messenger"])
        self.assertEqual((advice['now'], advice['warnings']), ([], []))

    def test_cul_3_now(self):
        """CUL-3: what holds on the day, with the festival's last day, the loudest first."""
        with self._on('2026-03-04'):
            now = self._advice()['now']
        self.assertEqual([(line['level'], line['text']) for line in now], [
            ('danger', "Month of fasting until March 19: no business meals by day"),
            ('warning', "Month of fasting until March 19: calls are short before sunset")])
        with self._on('2026-03-21'):
            now = self._advice()['now']
        self.assertEqual([line['level'] for line in now], ['danger', 'warning', 'success'])
        self.assertEqual(now[1]['text'], "Today is not a working day there.")
        self.assertEqual(now[2]['text'], "Feast until March 22: a short greeting is welcome")

    def test_cul_3_coming(self):
        """CUL-3: the festivals and holidays of the next 30 days, merged by name and stretch."""
        self.env['customer.holiday'].create([
            {'calendar_id': self.calendar.id, 'name': "Spring days", 'date': day} for day in ('2026-03-26', '2026-03-29')])
        with self._on('2026-02-25'):
            coming = self._advice()['coming']
        self.assertEqual([item['text'] for item in coming], [
            "Month of fasting, Mar 2\u2009–\u200919", "Feast, Mar 20\u2009–\u200922", "National Day, Wed, Mar 25",
            "Spring days, Mar 26\u2009–\u200929"])
        with self._on('2026-02-25'):
            late = self._advice(day='2026-03-26')['now']
        self.assertIn("Spring days, until March 29", late[0]['text'], "the weekend between is no working day either")

    def test_cul_3_forbidden_day_warns(self):
        """CUL-3: a visit on a forbidden day warns, with the next day that suits us both and a channel that would do."""
        with self._on('2026-02-25'):
            advice = self._advice('2026-03-04', self.visit)
            self.assertIn("Visit: not on Wed, Mar 4. Month of fasting until March 19", advice['warnings'][0])
            # 20 to 22 is the feast, 23 and 24 are fine: Monday is a working day on both sides
            self.assertEqual(advice['better_day'], date(2026, 3, 23))
            self.assertEqual(advice['better_channel'], self.messenger, "calls are discouraged")
            self.assertEqual(advice['better'], "Better: Mon, Mar 23, or Messenger on Wed, Mar 4.")
            self.assertFalse(self._advice('2026-03-04', self.email)['warnings'])

    def test_cul_3_discouraged_and_closed_days_warn(self):
        """CUL-3: better-not periods, the customer's weekend and its public holidays warn too."""
        with self._on('2026-02-25'):
            self.assertIn("better not", self._advice('2026-03-04', self.call)['warnings'][0])
            self.assertEqual(self._advice('2026-04-03', self.call)['warnings'], [
                "Fri, Apr 3 is not a working day there."])
            advice = self._advice('2026-03-25', self.call)
            self.assertEqual(advice['warnings'], ["Wed, Mar 25 is a public holiday there: National Day."])
            self.assertEqual(advice['better_day'], date(2026, 3, 26))

    def test_cul_3_suggestion_is_no_warning(self):
        """CUL-3: what a culture suggests is welcome on a day off as well."""
        with self._on('2026-03-21'):
            self.assertFalse(self._advice(channel=self.messenger)['warnings'])
            self.assertTrue(self._advice(channel=self.call)['warnings'])

    def test_cul_3_notice_before_a_visit(self):
        """CUL-3: a visit planned at shorter notice than the culture asks for warns; one planned long ago only hints."""
        with self._on('2026-04-06'):
            soon = self._advice('2026-04-09', self.visit)
            self.assertIn("announced 14 days ahead", soon['warnings'][0])
            self.assertEqual(soon['better_day'], date(2026, 4, 20))
            self.assertFalse(self._advice('2026-04-09', self.call)['warnings'])
            planned = self._advice('2026-04-09', self.visit, planned=True)
            self.assertFalse(planned['warnings'])
            self.assertIn("should have been announced", planned['hints'][0])
            self.assertIn("Announce it by", self._advice('2026-04-28', self.visit)['hints'][0])

    def test_cul_3_other_than_preferred_is_a_hint(self):
        """CUL-3: a channel that is not among the preferred ones is mentioned, not warned of."""
        with self._on('2026-04-06'):
            advice = self._advice(channel=self.email)
            self.assertFalse(advice['warnings'])
            self.assertEqual(advice['hints'], ["Preferred here: Call and Messenger."])

    def test_cul_3_whole_year_forbidden(self):
        """CUL-3: when no day suits, none is proposed, and nothing breaks."""
        always = self._festival("Always", '2026-01-01', '2026-12-31')
        self._period(always, 'forbid', self.visit, "never", days_after=300)
        with self._on('2026-04-06'):
            advice = self._advice('2026-04-28', self.visit)
        self.assertTrue(advice['warnings'])
        self.assertFalse(advice['better_day'])
        self.assertEqual(advice['better_channel'], self.call)
        self.assertEqual(advice['better'], "Better: Call on Tue, Apr 28.")

    def test_s_2_do_not_contact_comes_first(self):
        """CUL-3, CAD-8, S2: who is not to be contacted gets no better day; that nobody should call comes first, in red."""
        with self._on('2026-03-04'):
            self.assertTrue(self._advice(channel=self.call)['better_day'])
            self.gulf.write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked us by letter"})
            advice = self._advice(channel=self.call)
            self.assertEqual(advice['warnings'], ["Do not contact Gulf Trading: Asked us by letter"])
            self.assertEqual((advice['better'], advice['better_day'], advice['hints']), ('', False, []))
            wizard = self.env['customer.followup.log'].with_user(self.anna).new({
                'partner_id': self.gulf.id, 'channel_id': self.call.id})
            self.assertIn('alert-danger', wizard.advice_warning)
            self.assertEqual(text_of(wizard.advice_warning), "Do not contact Gulf Trading: Asked us by letter")
            [first, *__] = self.gulf.with_user(self.anna).get_customer_now()
            self.assertEqual((first['level'], first['text']), ('danger', "Do not contact Gulf Trading: Asked us by letter"))

    def test_s_2_paused_comes_first(self):
        """CUL-3, CAD-8, S2: in a pause there is no better day, after it the calendar speaks again."""
        with self._on('2026-03-04'):
            self.env['customer.pause'].create({
                'partner_id': self.gulf.id, 'date_from': '2026-03-03', 'date_to': '2026-03-10', 'reason_id': self.reason.id})
            advice = self._advice(channel=self.call)
            self.assertEqual(
                advice['warnings'], [f"Gulf Trading is paused until 03/10/2026: {self.reason.name}"])
            self.assertFalse(advice['better_day'])
            self.assertIn("short before sunset", self._advice(day='2026-03-11', channel=self.call)['warnings'][0])

    def test_cul_3_without_profile(self):
        """CUL-3: a country without a profile: no etiquette, but its weekend still warns; a day that passed never does. Of a
        customer without a country nothing is known."""
        self.assertFalse(self.plain._customer_advice_html())
        self.assertFalse(self.plain._customer_advice('2026-04-11', self.call)['warnings'])
        self.culture.country_ids = False
        plain = self.gulf.with_user(self.anna)
        with self._on('2026-04-06'):
            self.assertNotIn("Avoid", plain._customer_advice_html())
            self.assertTrue(plain._customer_advice('2026-04-11', self.call)['warnings'], "Saturday")
            self.assertFalse(plain._customer_advice('2026-04-04', self.call)['warnings'], "it is over")

    def test_cul_3_day_and_time_of_the_customer(self):
        """CUL-3: today is the customer's today, and the local time stands on the card."""
        with freeze_time('2026-03-19 22:30:00'):  # 1:30 on Friday in Riyadh
            self.assertEqual(self._advice()['day'], date(2026, 3, 20))
            self.assertEqual(self._advice()['local_time'], "1:30\u202fAM there, Friday")
            words = [line['word'] for line in self.gulf.with_user(self.anna).get_customer_now()]
            self.assertEqual(words, ["Forbidden", "Day off", "Suggested", "Local time"])
        self.gulf.tz = False
        self.assertFalse(self._advice()['local_time'])

    def test_cul_3_card_in_the_language_of_the_reader(self):
        """CUL-3: dates and notes are those of the reader's language."""
        self.env['res.lang']._activate_lang('de_DE')
        self.ban.with_context(lang='de_DE').note = "keine Essen bei Tag"
        with self._on('2026-03-04'):
            card = text_of(self.gulf.with_user(self.anna).with_context(lang='de_DE')._customer_advice_html())
        self.assertIn("19. März", card)
        self.assertIn("keine Essen bei Tag", card)

    def test_cul_3_card_says_it_in_words(self):
        """CUL-3: a level is said in a word, not by its colour alone."""
        with self._on('2026-03-04'):
            card = text_of(self.gulf.with_user(self.anna)._customer_advice_html())
        for part in ("Gulfland business", "Forbidden Month of fasting until March 19", "Do Greet the eldest first",
                     "Avoid Showing the sole", "14 days ahead", "Call, Messenger", "Coming up"):
            self.assertIn(part, card)

    def test_cul_3_few_queries(self):
        """CUL-3: the advice on a customer is a handful of queries, however many festivals and holidays there are."""
        def queries(numbers):
            for number in numbers:
                self._period(self._festival(f"Feast {number}", '2026-03-01', '2026-03-05'), 'discourage', self.call)
                self.holiday.copy({'date': f'2026-03-{number + 1:02}'})
            self.env.flush_all()
            return min(measure() for __ in range(3))  # what is remembered of rules is forgotten now and then

        def measure():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._advice('2026-03-04', self.visit)
            return self.env.cr.sql_log_count - before

        with self._on('2026-02-25'):
            few, many = queries(range(3)), queries(range(3, 23))
        self.assertEqual(few, many)
        self.assertLessEqual(many, 30)


class TestAdviceScreens(AdviceCase):
    """Where it stands."""

    def _new_followup(self, day, channel):
        form = Form(self.env['customer.followup'].with_user(self.anna))
        form.partner_id, form.name, form.channel_id, form.date_planned = self.gulf, "See them", channel, day
        return form

    def test_cul_3_new_followup_warns_while_it_is_planned(self):
        """CUL-3: the form warns while day and channel are chosen, and has the card."""
        with self._on('2026-02-25'):
            form = self._new_followup('2026-03-04', self.visit)
            self.assertIn("Visit: not on Wed, Mar 4", text_of(form.advice_warning))
            self.assertIn("Better: Mon, Mar 23", text_of(form.advice_warning))
            self.assertEqual(str(form.better_day), '2026-03-23')
            self.assertIn("Gulfland business", text_of(form.advice_html))
            form.channel_id = self.email
            self.assertNotIn("not on Wed", text_of(form.advice_warning))
            form.channel_id = self.messenger
            form.date_planned = '2026-03-20'
            self.assertIn("a short greeting is welcome", text_of(form.advice_warning))

    def test_cul_3_unfit_followup_says_why_it_stays(self):
        """CUL-3: what could not be moved in time warns; what is closed says nothing."""
        with self._on('2026-02-25'):
            followup = self._new_followup('2026-03-04', self.visit).save()
            followup.sudo().unfit = True
            self.assertIn("would pass the latest one", text_of(followup.advice_warning))
            self._log(self.gulf.with_user(self.anna), channel=self.visit, followup=followup)
            self.assertFalse(followup.advice_warning)
            self.assertFalse(followup.advice_html)

    def test_cul_3_overdue_followup_is_judged_by_today(self):
        """CUL-3: what is overdue is done today, so today is what matters."""
        with self._on('2026-02-25'):
            followup = self._new_followup('2026-02-26', self.visit).save()
        with self._on('2026-03-04'):
            self.assertIn("not today", text_of(followup.with_user(self.anna).advice_warning))

    def test_cul_3_log_dialog(self):
        """CUL-3: the dialog warns of the channel today and of the next step, and has the card beside it."""
        with self._on('2026-03-04'):
            form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(
                default_partner_id=self.gulf.id))
            form.channel_id = self.dinner
            self.assertIn("Business dinner: not today", text_of(form.advice_warning))
            self.assertIn("Gulfland business", text_of(form.etiquette))
            form.channel_id = self.email
            self.assertFalse(form.advice_warning)
            form.next_step, form.next_date, form.next_channel_id = "Lunch", '2026-03-10', self.dinner
            self.assertIn("not on Tue, Mar 10", text_of(form.next_warning))
            self.assertEqual(str(form.better_day), '2026-03-23')
            form.next_date = form.better_day
            self.assertFalse(form.next_warning)

    def test_cul_3_moving_many_counts_those_on_a_bad_day(self):
        """CUL-3: moving follow-ups warns of those that would land on a bad day, in the same number of queries."""
        with self._on('2026-02-25'):
            gulfs = [self._customer(f"Gulf {n}", country_id=self.country.id) for n in range(7)]
            followups = self.env['customer.followup'].with_user(self.anna).create([
                {'partner_id': partner.id, 'name': "See them", 'channel_id': self.visit.id, 'date_planned': '2026-02-26'}
                for partner in [*gulfs, self.plain]])
            form = Form(self.env['customer.followup.change'].with_user(self.anna).with_context(
                default_followup_ids=followups.ids))
            form.date = '2026-03-04'
            self.assertEqual(
                text_of(form.advice_warning),
                "Wed, Mar 4 does not suit 7 of these 8 follow-ups: Gulf 0, Gulf 1, Gulf 2, Gulf 3, and Gulf 4 and others "
                "(2).")
            form.date = '2026-04-08'
            self.assertFalse(form.advice_warning)
            form.action = 'skip'
            self.assertFalse(form.advice_warning)
            single = Form(self.env['customer.followup.change'].with_user(self.anna).with_context(
                default_followup_ids=followups[:1].ids))
            single.date = '2026-03-04'
            self.assertIn("Visit: not on Wed, Mar 4", text_of(single.advice_warning))
            self.assertEqual(str(single.better_day), '2026-03-23')

    def test_cul_3_customer_form(self):
        """CUL-3: the line under the strip and the card in the tab come by themselves, for managed customers alone."""
        gulf = self.gulf.with_user(self.anna)
        with self._on('2026-03-04'):
            self.assertEqual([line['level'] for line in gulf.get_customer_now()], ['danger', 'warning'])
            self.assertIn("Gulfland business", text_of(gulf.get_customer_relationship()['advice']))
        with self._on('2026-04-06'):
            self.assertEqual(gulf.get_customer_now(), [], "a day like others")
        self.gulf.action_customer_exclude()
        with self._on('2026-03-04'):
            self.assertEqual(gulf.get_customer_now(), [])

    def test_cul_3_roles(self):
        """CUL-3: whoever sees the customer gets the advice; nobody without the group."""
        with self._on('2026-03-04'):
            self.assertTrue(self.gulf.with_user(self.lena).get_customer_now())
            with self.assertRaises(AccessError):
                self.gulf.with_user(self.nils).get_customer_now()
            self.gulf.company_id = self.env.company
            with self.assertRaises(AccessError):
                self.gulf.with_user(self.zoe).get_customer_now()

    def _meeting(self, user=None, **vals):
        person = self.env['res.partner'].create({'name': "Omar", 'parent_id': self.gulf.id})
        return self.env['calendar.event'].with_user(user or self.anna).create({
            'name': "Visit", 'start': '2026-03-04 09:00:00', 'stop': '2026-03-04 10:00:00',
            'partner_ids': [Command.set((person + self.anna.partner_id).ids)], **vals})

    def test_cul_3_meeting(self):
        """CUL-3: a meeting with a customer's person warns as a visit, by video as a video call."""
        with self._on('2026-02-25'):
            event = self._meeting()
            self.assertIn("Visit: not on Wed, Mar 4", text_of(event.customer_advice_html))
            self.assertIn("Good to know about Gulf Trading", text_of(event.customer_advice_html))
            event.videocall_location = 'https://example.com/meet'
            self.assertNotIn("not on Wed, Mar 4", text_of(event.customer_advice_html))
            event.location = "Their office"
            self.assertIn("Visit: not on Wed, Mar 4", text_of(event.customer_advice_html))
            event.start = '2026-02-26 09:00:00'
            self.assertNotIn("Visit: not", text_of(event.customer_advice_html))

    def test_cul_3_meeting_form(self):
        """CUL-3: also while the meeting is being made, from the customer form."""
        with self._on('2026-02-25'):
            form = Form(self.env['calendar.event'].with_user(self.anna).with_context(
                default_partner_ids=[self.gulf.id, self.anna.partner_id.id]))
            form.name = "Visit"
            form.start = '2026-03-04 09:00:00'
            self.assertIn("Visit: not on Wed, Mar 4", text_of(form.customer_advice_html))

    def test_cul_3_meeting_of_others(self):
        """CUL-3: colleagues without Customer Success, and those who may not see the customer, meet in peace."""
        with self._on('2026-02-25'):
            event = self._meeting()
            self.assertNotIn('customer_advice_html', Form(event.with_user(self.nils))._view['fields'])
            event.privacy = 'private'
            self.env.invalidate_all()
            self.assertTrue(event.customer_advice_html)
            self.assertFalse(event.with_user(self.lena).customer_advice_html, "to her it is somebody's busy time")
            event.privacy = 'public'
            self.assertTrue(event.with_user(self.lena).customer_advice_html)
            self.gulf.company_id = self.env.company
            self.assertFalse(event.with_user(self.zoe).customer_advice_html)

    def test_cul_3_meeting_with_many(self):
        """CUL-3: three customers at most are told about."""
        with self._on('2026-02-25'):
            others = self.env['res.partner'].union(*(
                self._customer(f"Gulf {n}", country_id=self.country.id) for n in range(5)))
            event = self._meeting(partner_ids=[Command.set(others.ids)])
            self.assertEqual(str(event.customer_advice_html).count("<details"), 3)

    def _composer(self, **vals):
        return self.env['mail.compose.message'].with_user(self.anna).create({
            'composition_mode': 'comment', 'model': 'res.partner', 'res_ids': str(self.gulf.ids), 'body': "<p>Hello</p>",
            'subject': "Hello", **vals})

    def test_cul_3_composer(self):
        """CUL-3: the composer warns of an email today and has the card, for what goes to customers."""
        self._period(self.ramadan, 'forbid', self.email, "no mailings")
        with self._on('2026-03-04'):
            composer = self._composer(partner_ids=[Command.set(self.gulf.ids)])
            self.assertIn("Email: not today", text_of(composer.customer_advice_html))
            self.assertIn("Good to know about Gulf Trading", text_of(composer.customer_advice_html))
            composer.scheduled_date = '2026-03-31 09:00:00'
            self.assertNotIn("Email: not", text_of(composer.customer_advice_html))
            self.assertFalse(self._composer(partner_ids=[Command.set(self.anna.partner_id.ids)]).customer_advice_html)
            note = self._composer(
                partner_ids=[Command.set(self.gulf.ids)], subtype_id=self.env.ref('mail.mt_note').id)
            self.assertFalse(note.customer_advice_html)

    def test_cul_3_composer_for_many(self):
        """CUL-3: a mailing says how many customers it does not suit today, those of contacts and documents included."""
        self._period(self.ramadan, 'forbid', self.email, "no mailings")
        with self._on('2026-03-04'):
            person = self.env['res.partner'].create({'name': "Omar", 'parent_id': self.gulf.id})
            second = self._customer("Gulf Second", country_id=self.country.id)
            stranger = self.env['res.partner'].create({'name': "Stranger"})
            composer = self._composer(
                composition_mode='mass_mail', res_ids=str((self.gulf + person + second + self.plain + stranger).ids))
            self.assertEqual(
                text_of(composer.customer_advice_html),
                "An email today does not suit the customs of so many of the customers among the recipients: 2 of 3.")
            lead = self.env['crm.lead'].create({'name': "Lead", 'partner_id': person.id, 'user_id': self.anna.id})
            composer = self._composer(composition_mode='mass_mail', model='crm.lead', res_ids=str(lead.ids))
            self.assertIn("among the recipients: 1 of 1.", text_of(composer.customer_advice_html))
        with self._on('2026-04-03'):
            composer = self._composer(composition_mode='mass_mail', res_ids=str((self.gulf + self.plain).ids))
            self.assertIn("among the recipients: 1 of 2.", text_of(composer.customer_advice_html))


class TestAutomaticWaits(AutomaticCase):
    """CUL-2: emails that leave by themselves keep to the customer's days. The email is due on 4 February 2027."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.env['res.country'].create({'name': "Gulfland", 'code': 'QZ'})
        cls.calendar = cls.env['customer.country.calendar'].create({
            'country_id': cls.country.id, 'work_fri': False, 'work_sat': False, 'work_sun': True})
        cls.customer.country_id = cls.country

    def test_cul_2_automatic_on_working_days_of_the_customer(self):
        """CUL-2: nothing leaves on the customer's Friday; its Sunday is a working day."""
        self._send(datetime(2027, 3, 5, 12))
        self.assertFalse(self._mails(), "Friday")
        self._send(datetime(2027, 3, 7, 12))
        self.assertEqual(len(self._mails()), 1, "Sunday")

    def test_cul_2_automatic_waits_for_holidays(self):
        """CUL-2: nothing leaves on a public holiday of the customer."""
        self.env['customer.holiday'].create({
            'calendar_id': self.calendar.id, 'name': "National Day", 'date': '2027-03-01'})
        self._send()
        self.assertFalse(self._mails())
        self._send(datetime(2027, 3, 2, 12))
        self.assertEqual(len(self._mails()), 1)

    def test_cul_2_automatic_waits_for_periods(self):
        """CUL-2: nothing leaves while the culture forbids emails; what is only discouraged leaves."""
        festival = self.env['customer.festival'].create({
            'name': "Silence", 'method': 'manual',
            'date_ids': [Command.create({'year': 2027, 'date_from': '2027-02-28', 'date_to': '2027-03-02'})]})
        culture = self.env['customer.culture'].create({
            'name': "Quiet", 'country_ids': [Command.set(self.country.ids)],
            'period_ids': [Command.create({
                'festival_id': festival.id, 'effect': 'forbid', 'channel_ids': [Command.set(self.email.ids)]})]})
        self._send()
        self.assertFalse(self._mails())
        culture.period_ids.effect = 'discourage'
        self._send()
        self.assertEqual(len(self._mails()), 1)

    def test_cul_2_automatic_switched_is_left_to_people(self):
        """CUL-2: a follow-up on its fallback channel is not sent, and its responsible person is reminded."""
        self.followup.write({'switched': True, 'channel_id': self.call.id})
        self._send()
        self.assertFalse(self._mails())
        self.assertEqual(self.followup.state, 'planned')
        with freeze_time(datetime(2027, 3, 1, 12)):
            self._run_cron('remind')
        self.assertEqual(self._reminders().user_id, self.anna)
        # by email again: nobody has to do it
        self.followup.write({'switched': False, 'channel_id': self.email.id})
        self.env['customer.reminder']._follow_plan(self.followup.ids)
        self.assertFalse(self._reminders())
        self.assertFalse(self.followup.reminded)

    def test_cul_2_automatic_asks_once(self):
        """CUL-2: the days of all customers of a run are asked for together."""
        def queries(count):
            with freeze_time('2027-01-04 12:00:00'):
                for number in range(count):
                    self._customer(f"Reader {number}", customer_cadence_id=self.rhythm.id, country_id=self.country.id)
            followups = self.env['customer.followup'].search([('step_id', '=', self.rhythm.step_ids.id)])
            followups.partner_id.mapped('country_id.code')
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            is_open = self.env['customer.sender']._open_days(followups)
            self.assertTrue(all(is_open(followup, date(2027, 3, 1)) for followup in followups))
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(5), queries(20))
