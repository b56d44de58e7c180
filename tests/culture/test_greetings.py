"""CUL-4: greetings open once, in time, for the right people, with something personal."""
from datetime import date, datetime, time, timedelta

from freezegun import freeze_time
from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ...models.culture.customer_greeter import COLUMNS
from .test_occasions import OccasionCase

DAY = timedelta(days=1)
LOGGER = 'odoo.addons.customer_success.models.culture.customer_greeter'


class GreetingCase(OccasionCase):

    def _greetings(self, **vals):
        """Return the greetings, the earliest first."""
        return self.env['customer.greeting'].search([(name, '=', value) for name, value in vals.items()], order='date, id')

    def _open_on(self, day):
        """Let the action run on a day and return the greetings that there are then."""
        with self._on(day):
            self._run_cron('greet')
        return self._greetings()

    def _birthdays(self, count, **vals):
        """Return people of customers of their own, all born on 10 March."""
        customers = self.env['res.partner'].create([{
            'name': f"Company {number}", 'is_company': True, 'user_id': self.anna.id, 'customer_enrolment': 'enrolled',
        } for number in range(count)])
        return self.env['res.partner'].create([{
            'name': f"Person {number}", 'parent_id': customer.id, 'email': f'person{number}@example.com',
            'birthdate_date': '1980-03-10', **vals} for number, customer in enumerate(customers)])


class TestGreetings(GreetingCase):

    # ------------------------------------------------------------
    # WHOSE DAY
    # ------------------------------------------------------------

    def test_cul_4_day_of_the_account_manager(self):
        """K6, CUL-4: a greeting opens so many days before, by the calendar of whoever greets; what is over there is over."""
        self.env.ref('base.user_root').tz = False
        self.fang.birthdate_date = '1985-03-10'
        first = date(2026, 3, 10) - timedelta(days=self.kinds['birthday'].lead_days)  # when it opens
        for zone, hour, opened in (('Pacific/Auckland', 10, False), ('Pacific/Auckland', 12, True), ('UTC', 12, False)):
            self.anna.tz = zone
            with freeze_time(datetime.combine(first - DAY, time(hour, 30))):  # 23:30 and 01:30 in Auckland
                self.env['customer.greeter']._open_due()
            self.assertEqual(bool(self._greetings()), opened, (zone, hour))
            self._greetings().unlink()
        self.anna.tz = 'Pacific/Auckland'
        with freeze_time('2026-03-10 12:30:00'):  # 01:30 of the 11th
            self.env['customer.greeter']._open_due()
            self.assertFalse(self._greetings())
        self.anna.tz = 'America/Los_Angeles'
        with freeze_time('2026-03-11 02:30:00'):  # the evening of the 10th
            self.env['customer.greeter']._open_due()
            greeting = self._greetings()
            self.assertEqual((greeting.date, greeting.followup_id.date_planned), (date(2026, 3, 10), date(2026, 3, 10)))

    # ------------------------------------------------------------
    # ONCE
    # ------------------------------------------------------------

    def test_cul_4_once_a_year(self):
        """CUL-4: one greeting a year, even if the action runs time and again, and after it was done, skipped or cancelled."""
        self.fang.birthdate_date = '1985-03-10'  # a Tuesday in 2026
        self.john.birthdate_date = '1970-03-10'
        day = date(2026, 3, 5)
        while day <= date(2026, 3, 12):
            for hour in (0, 1, 9, 12, 17, 23):
                with self._on(day, hour):
                    self.env['customer.greeter']._open_due()
            if day == date(2026, 3, 8):
                with self._on(day):
                    first, second = self._greetings()
                    first.followup_id.with_user(self.anna)._skip(self.reason)
                    second.followup_id.with_user(self.anna)._cancel("no")
            day += DAY
        self.assertEqual(self._greetings().mapped('state'), ['skipped', 'skipped'])
        self.assertEqual(len(self._open_on('2027-03-08')), 4, "the next year is another one")
        self.assertEqual(len(self._greetings().followup_ids), 4)

    def test_cul_4_opens_in_time(self):
        """CUL-4: it opens the lead days of its kind before it is due, as a follow-up of the account manager."""
        self._note(self.fang, 'lunar_birthday', month=8, day=15)  # 25 September 2026, a Friday
        self.assertFalse(self._open_on('2026-09-21'))
        greeting = self._open_on('2026-09-22')
        self.assertRecordValues(greeting.followup_id, [{
            'name': "Lunar birthday of Wang Fang", 'partner_id': self.customer.id, 'contact_id': self.fang.id,
            'user_id': self.anna.id, 'owner_id': self.anna.id, 'channel_id': self.email.id, 'step_id': False,
            'date_planned': date(2026, 9, 25), 'state': 'planned', 'anchor_kind': 'occasion',
            'company_id': self.env.company.id}])
        self.assertRecordValues(greeting, [{'year': 2026, 'state': 'planned', 'kind_id': self.kinds['lunar_birthday'].id}])

    def test_cul_4_due_on_a_working_day(self):
        """CUL-4: a greeting for a Sunday is due on the Friday before, and opens in time before that; after that Friday it is
        due today."""
        self.fang.birthdate_date = '1985-03-08'  # a Sunday in 2026
        self.assertFalse(self._open_on('2026-03-02'))
        greeting = self._open_on('2026-03-03')
        self.assertEqual((str(greeting.date), str(greeting.followup_id.date_planned)), ('2026-03-08', '2026-03-06'))
        self.john.birthdate_date = '1985-03-08'
        late = self._open_on('2026-03-07') - greeting
        self.assertEqual(str(late.followup_id.date_planned), '2026-03-07')

    def test_cul_4_after_downtime(self):
        """CUL-4: what has passed meanwhile is not greeted late; what is ahead is."""
        self.fang.birthdate_date = '1985-03-10'
        self.john.birthdate_date = '1985-03-13'
        self.assertEqual(self._open_on('2026-03-11').contact_id, self.john)

    def test_cul_4_lunar_year(self):
        """CUL-4: a lunar day that falls twice in 2027 gives two greetings, one per lunar year."""
        self._note(self.fang, 'lunar_birthday', month=12, day=1)
        for day in ('2027-01-06', '2027-01-08', '2027-12-24', '2027-12-28'):
            self._open_on(day)
        self.assertEqual(self._greetings().mapped(lambda g: (g.year, str(g.date))), [(2026, '2027-01-08'), (2027, '2027-12-28')])

    def test_cul_4_29_february(self):
        """CUL-4: born on 29 February, greeted on 28 February or, as the setting says, on 1 March."""
        self.fang.birthdate_date = '1984-02-29'
        self.assertEqual(str(self._open_on('2029-02-26').date), '2029-02-28')
        self.env['res.config.settings'].create({'customer_leap_day_in_march': True}).execute()
        self.assertEqual(self._open_on('2030-02-27').mapped(lambda g: str(g.date)), ['2029-02-28', '2030-03-01'])

    def test_cul_4_hijri_twice_in_2030(self):
        """CUL-4: the month of Ramadan begins twice in 2030: two greetings, of two Hijri years, and no third."""
        with self._on('2029-12-01'):
            ramadan = self.env['customer.festival'].create({
                'name': "Test Ramadan", 'method': 'hijri', 'month': 9, 'day': 1, 'duration': 30})
        self._note(self.fang, 'festival', festival_id=ramadan.id)
        day = date(2029, 12, 20)
        while day < date(2031, 1, 10):
            with self._on(day):
                self.env['customer.greeter']._open_due()
            day += (2 if day.month in (12, 1) else 10) * DAY
        self.assertEqual(
            self._greetings().mapped(lambda g: (g.year, str(g.date))), [(1451, '2030-01-05'), (1452, '2030-12-26')])

    def test_cul_4_key_moment(self):
        """CUL-4: an opening is greeted once, also when its day is corrected afterwards; two awards are two."""
        opening = self._note(self.customer, 'opening', date='2026-03-10')
        self._open_on('2026-03-06')
        opening.date = '2026-03-12'
        self._open_on('2026-03-09')
        self.assertEqual(len(self._greetings()), 1)
        self._note(self.fang, 'award', date='2026-03-12')
        self._note(self.fang, 'award', date='2026-03-13')
        self._open_on('2026-03-11')
        self.assertEqual(len(self._greetings(partner_id=self.fang.id)), 2)

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_cul_4_festival_one_per_customer(self):
        """CUL-4: on a festival of the culture the person spoken to last is greeted, else the first contact, else the company;
        another contact later does not make a second greeting."""
        with self._on('2026-01-10'):
            self._log(self.customer, contact=self.john, feedback="Asked for samples")
            alone = self._customer("Without people", customer_culture_manual_id=self.culture.id)
        self._days('2026-03-20')
        greetings = self._open_on('2026-03-16')
        self.assertEqual(greetings.mapped(lambda g: (g.partner_id, g.contact_id)), [
            (self.customer, self.john), (alone, self.env['res.partner'])])
        self.assertEqual(greetings[0].followup_id.name, "Greeting to John Doe: Day of Tests")
        with self._on('2026-03-17'):
            self._log(self.customer, contact=self.fang)
        self.assertEqual(len(self._open_on('2026-03-18')), 2)

    def test_cul_4_observes(self):
        """CUL-4: who observes the festival is greeted instead of the main contact; who never wants to be, is not."""
        self._note(self.fang, 'festival', festival_id=self.festival.id)
        self._days('2026-03-20', '2027-03-22', '2028-03-20')
        self.assertEqual(self._open_on('2026-03-18').contact_id, self.fang)
        self.fang.customer_occasion_ids.greet = 'never'
        self.assertEqual((self._open_on('2027-03-18') - self._greetings(year=2026)).contact_id, self.john)
        self._note(self.john, 'festival', festival_id=self.festival.id, greet='never')
        self.assertEqual(len(self._open_on('2028-03-17')), 2, "nobody is left, and the company is not greeted either")

    def test_cul_4_festival_of_the_profile_below(self):
        """CUL-4: the periods of the profile that a culture builds on are greeted on too, once."""
        child = self.env['customer.culture'].create({
            'name': "North Testland", 'parent_id': self.culture.id,
            'period_ids': [Command.create({'festival_id': self.festival.id, 'effect': 'suggest', 'greet': True})]})
        self.customer.customer_culture_manual_id = child
        self._days('2026-03-20')
        self.assertEqual(len(self._open_on('2026-03-18')), 1)

    def test_cul_4_not_customary(self):
        """CUL-4: where birthdays are not customary nobody is greeted, but for whom the note says always."""
        self.culture.greeting_off_ids = self.kinds['birthday']
        self.fang.birthdate_date = self.john.birthdate_date = '1985-03-10'
        self._note(self.john, 'birthday', greet='always')
        self.assertEqual(self._open_on('2026-03-09').contact_id, self.john)
        child = self.env['customer.culture'].create({'name': "North Testland", 'parent_id': self.culture.id})
        self.customer.customer_culture_manual_id = child
        self.assertEqual(len(self._open_on('2026-03-10')), 1, "holds for profiles that build on it")
        self.culture.greeting_off_ids = False
        self.assertEqual(len(self._open_on('2026-03-10')), 2)

    def test_cul_4_only_for_tiers(self):
        """CUL-4: a kind may be for the customers of some tiers alone; "always" on a person comes first."""
        self.kinds['birthday'].tier_ids = self.tier_high
        self.customer._set_tier_by_hand(self.tier_low, "Test")
        self.fang.birthdate_date = self.john.birthdate_date = '1985-03-10'
        self._note(self.john, 'birthday', greet='always')
        self.assertEqual(self._open_on('2026-03-09').contact_id, self.john)
        self.customer._set_tier_by_hand(self.tier_high, "Test")
        self.assertEqual(self._open_on('2026-03-10').contact_id, self.fang + self.john)

    def test_cul_4_never(self):
        """CUL-4: who does not want a birthday greeting gets none, in a culture where it is customary."""
        self.fang.birthdate_date = '1985-03-10'
        self._note(self.fang, 'birthday', greet='never')
        self.assertFalse(self._open_on('2026-03-09'))

    def test_cul_4_left_alone(self):
        """CUL-4: nobody who is paused, archived, not to be contacted or not a customer is greeted."""
        self.fang.birthdate_date = '1985-03-10'
        with self._on('2026-03-09'):
            pause = self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_from': '2026-03-10', 'date_to': '2026-03-12', 'reason_id': self.reason.id})
        self.assertFalse(self._open_on('2026-03-09'), "the pause covers the day")
        with self._on('2026-03-09'):
            pause.unlink()
        self.customer.sudo().customer_do_not_contact = True
        self.assertFalse(self._open_on('2026-03-09'))
        self.customer.sudo().customer_do_not_contact = False
        self.fang.active = False
        self.assertFalse(self._open_on('2026-03-09'))
        self.fang.active = True
        self.assertTrue(self._open_on('2026-03-09'))

    def test_cul_4_taken_back(self):
        """CUL-4: an open greeting is taken back when the customer is paused on the day, stops, or the person is archived; it
        comes back with the customer."""
        people = self._birthdays(3)
        paused, stopped, archived = people
        self.assertEqual(len(self._open_on('2026-03-07')), 3)
        with self._on('2026-03-09'):
            self.env['customer.pause'].create({
                'partner_id': paused.parent_id.id, 'date_from': '2026-03-09', 'date_to': '2026-03-20',
                'reason_id': self.reason.id})
            stopped.parent_id.sudo().customer_do_not_contact = True
            self.env['customer.planner']._plan(stopped.parent_id.ids)
            archived.active = False
            gone = self._greetings(contact_id=archived.id)
            self.assertEqual((gone.state, gone.followup_ids.state), ('skipped', 'cancelled'), "PRO-3: at once")
            self.assertEqual(self._greetings(contact_id=paused.id).state, 'planned', "the others wait for the night")
            self._run_cron('greet')
            self.assertEqual(set(self._greetings().mapped('state')), {'skipped'})
            self.assertEqual(set(self._greetings().followup_ids.mapped('state')), {'cancelled'})
            stopped.parent_id.sudo().customer_do_not_contact = False
            self._run_cron('greet')
        self.assertEqual(len(self._greetings()), 3)
        self.assertEqual(self._greetings(contact_id=stopped.id).state, 'planned')

    def test_cul_4_asked_again(self):
        """CUL-4, K3: an open greeting is taken back by the questions that opening asks: never, another day, kind switched
        off, another tier, the person at another customer; and it opens again where it should."""
        never, corrected, moved, tier, off = people = self._birthdays(5)
        self.assertEqual(len(self._open_on('2026-03-07')), 5)
        other = self._customer("Other company", user_id=self.ben.id)
        high = self.tier_high.id
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = ANY(%s)", [high, people.parent_id.ids])
        with self._on('2026-03-08'):
            self._note(never, 'birthday', greet='never', month=3, day=10)
            corrected.birthdate_date = '1980-03-20'
            moved.parent_id = other
            self.env.cr.execute(
                "UPDATE res_partner SET customer_tier_id = %s WHERE id = %s",
                [self.tier_low.id, tier.parent_id.id])
            self.kinds['birthday'].tier_ids = self.tier_high
            self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = %s", [high, other.id])
            self.env.invalidate_all()
            self._run_cron('greet')
            states = {person: self._greetings(contact_id=person.id).state for person in people}
            self.assertEqual(states, {
                never: 'skipped', corrected: 'skipped', moved: 'planned', tier: 'skipped', off: 'planned'})
            greeting = self._greetings(contact_id=moved.id)
            self.assertRecordValues(greeting, [{'customer_id': other.id}])
            self.assertEqual(greeting.followup_ids.filtered(lambda f: f.state == 'planned').user_id, self.ben)
            self.kinds['birthday'].active = False
            self._run_cron('greet')
            self.assertEqual(self._greetings(contact_id=off.id).state, 'skipped')
            self.kinds['birthday'].active = True
        self._open_on('2026-03-18')
        self.assertRecordValues(self._greetings(contact_id=corrected.id), [{'state': 'planned', 'date': date(2026, 3, 20)}])
        self.assertEqual(self._greetings(contact_id=never.id).followup_ids.mapped('state'), ['cancelled'])

    def test_cul_4_company_and_never(self):
        """CUL-4, K3: the person who is greeted for the company says never: somebody else is greeted."""
        self._days('2026-03-10')
        greeting = self._open_on('2026-03-08')
        self.assertEqual(greeting.contact_id, self.fang)
        with self._on('2026-03-08'):
            self._note(self.fang, 'festival', festival_id=self.festival.id, greet='never')
            self._run_cron('greet')
        self.assertRecordValues(self._greetings(), [{'state': 'planned', 'contact_id': self.john.id}])

    def test_cul_4_salesperson_left(self):
        """CUL-4, K3: the customers of who left are greeted by the leader, and the next account manager gets the greeting."""
        [person] = self._birthdays(1)
        self.anna.with_user(self.env.ref('base.user_root')).action_archive()
        followup = self._open_on('2026-03-07').followup_ids
        self.assertEqual(followup.user_id, self.lena)
        person.parent_id.user_id = self.ben
        self.assertEqual(followup.user_id, self.ben)

    def test_cul_4_channel(self):
        """CUL-4: the channel is that of the kind, else the culture's first that is open to the person, else the fallback;
        without any the greeting is closed and says why."""
        people = self._birthdays(4)
        by_culture, opted_out, no_address, nothing = people
        by_culture.parent_id.customer_culture_manual_id = self.env['customer.culture'].create({
            'name': "Chatland", 'preferred_channel_ids': [Command.set((self.visit + self.messenger).ids)]})
        self.env['mail.blacklist'].create({'email': opted_out.email})
        no_address.email = False
        self._open_on('2026-03-09')
        channels = {greeting.contact_id: greeting.followup_id.channel_id for greeting in self._greetings()}
        self.assertEqual(channels, {
            by_culture: self.messenger, opted_out: self.call, no_address: self.call, nothing: self.email})
        self.kinds['birthday'].write({'channel_id': self.sms.id, 'fallback_channel_id': False})
        self._open_on('2027-03-09')
        closed = self._greetings(year=2027)
        self.assertEqual(set(closed.mapped('state')), {'skipped'})
        self.assertIn("No channel is left", closed[0].problem)

    # ------------------------------------------------------------
    # WHAT IS SAID
    # ------------------------------------------------------------

    def test_cul_4_draft(self):
        """CUL-4: the draft quotes the note that may be told; else what this person said last, not what a colleague did, nor a
        problem; else since when we work together; else it says that nothing is known."""
        for person in self.fang + self.john:
            person.birthdate_date = '1985-03-10'
        noted = self._note(self.fang, 'birthday', note="likes Longjing tea", may_tell=True)
        with self._on('2026-02-02'):
            said = self._log(self.customer, contact=self.john, feedback="Wants a second line.\nmore")
            said.with_user(self.anna).may_tell = True
        with self._on('2026-02-03'):
            self._log(self.customer, contact=self.john, feedback="Angry about the bill", outcome='problem').may_tell = True
        knowns, unknown = self._birthdays(2)
        self._order(knowns.parent_id, 100, '2024-05-06')
        self._open_on('2026-03-09')
        of_fang, of_john, of_known, of_unknown = (
            self._greetings(contact_id=person.id) for person in (self.fang, self.john, knowns, unknown))
        self.assertIn("likes Longjing tea", of_fang.draft)
        self.assertTrue(of_fang.draft.startswith("Dear Wang Fang,"), of_fang.draft)
        self.assertIn("Anna", of_fang.draft)
        self.assertIn("02/02/2026: “Wants a second line”", of_john.draft)
        self.assertIn("Quotes what was said on 02/02/2026", of_john.hint)
        self.assertIn("first order on 05/06/2024", of_known.draft)
        self.assertEqual(of_unknown.hint, "Nothing personal is known: add a sentence of your own.")
        noted.note = "her daughter started university"
        of_fang.followup_id.with_user(self.anna).action_greeting_redraft()
        self.assertIn("started university", of_fang.draft)

    def test_cul_4_due_first(self):
        """CUL-4: what is due first opens first: a Sunday's greeting on Friday, before the Saturday's of who works then."""
        always = self.env['resource.calendar'].create({'name': "Every day", 'tz': 'UTC', 'attendance_ids': [Command.create({
            'name': "Work", 'dayofweek': str(day), 'hour_from': 8, 'hour_to': 17}) for day in range(7)]})
        self.env['resource.resource'].create({'name': "Ben", 'user_id': self.ben.id, 'calendar_id': always.id, 'tz': 'UTC'})
        of_ben, of_anna = self._birthdays(2)
        of_ben.parent_id.user_id = self.ben
        of_ben.birthdate_date, of_anna.birthdate_date = '1980-03-14', '1980-03-15'  # a Saturday and a Sunday in 2026
        with self._on('2026-03-12'):
            rows = [dict(zip(COLUMNS, row, strict=True)) for row in self.env['customer.greeter']._due()]
        self.assertEqual([(row['contact_id'], row['due']) for row in rows],
                         [(of_anna.id, date(2026, 3, 13)), (of_ben.id, date(2026, 3, 14))])

    def test_cul_4_drafts_together(self):
        """CUL-4, PLT-3: the texts of many are made together, and each is what Odoo's own rendering makes of its greeting."""
        people = self._birthdays(6)
        people[0].name = "Zoë <O'Neil> & Sons"
        people[1].lang = 'zh_CN' if self.env['res.lang']._activate_lang('zh_CN') else 'en_US'
        self._note(people[2], 'birthday', note="sails <b>every</b> summer", may_tell=True)
        self._order(people[3].parent_id, 100, '2024-05-06')
        engine, rendered = type(self.env['ir.qweb']), []
        render = engine._render

        def counted(model, template, *args, **kwargs):
            rendered.append(template)
            return render(model, template, *args, **kwargs)
        self.patch(engine, '_render', counted)
        greetings = self._open_on('2026-03-09')
        self.assertEqual(len(greetings), 6)
        self.assertLessEqual(len(rendered), 2)  # one for each language
        for greeting in greetings:
            template = greeting.kind_id.template_id.with_context(lang=greeting._language())
            alone = template._render_field('body_html', greeting.ids)[greeting.id]
            self.assertEqual(greeting.draft, greeting._plain_text(alone))
            self.assertIn(greeting.contact_id.name, greeting.draft)
            self.assertEqual(greeting.subject, template._render_field('subject', greeting.ids)[greeting.id])
            self.assertEqual(greeting.text_key, greeting._fingerprint(greeting.draft))
        self.assertEqual(len(set(greetings.mapped('draft'))), 6)

    def test_s11_internal_notes_stay_inside(self):
        """S11: what nobody marked as what may be told is in no draft; whoever writes it reads it beside the letter, as far
        as the own rights go."""
        for person in self.fang + self.john:
            person.birthdate_date = '1985-03-10'
        noted = self._note(self.fang, 'birthday', note="asks for a kickback")
        with self._on('2026-02-02'):
            said = self._log(self.customer, contact=self.john, feedback="Is about to be fired.\nmore")
        self._open_on('2026-03-09')
        of_fang, of_john = (self._greetings(contact_id=person.id) for person in (self.fang, self.john))
        for greeting, secret in ((of_fang, "kickback"), (of_john, "fired")):
            self.assertNotIn(secret, greeting.draft + greeting.subject)
            mine = greeting.with_user(self.anna)
            self.assertIn(secret, mine.aside)
            self.assertIn(secret, mine.followup_id.greeting_aside)
            self.assertIn("in your own words", mine.hint)
        self.assertEqual(of_john.with_user(self.anna).aside, "02/02/2026, Call: Is about to be fired.")
        # who got the follow-up only does not see what a colleague noted of the customer
        of_john.followup_id.user_id = self.otto
        self.assertFalse(of_john.with_user(self.otto).aside)
        noted.may_tell = said.may_tell = True
        (of_fang + of_john).with_user(self.mara).action_redraft()
        self.assertIn("kickback", of_fang.draft)
        self.assertIn("fired", of_john.draft)
        self.env.invalidate_all()
        self.assertFalse((of_fang.with_user(self.anna).aside or '') + (of_john.with_user(self.anna).aside or ''))

    def test_s11_email_for_a_call(self):
        """S11: a greeting that is planned as a call can be written as an email too, with its text, to its person; not where
        that one wants none."""
        self.john.write({'birthdate_date': '1985-03-10', 'email': 'john@example.com'})
        self.kinds['birthday'].channel_id = self.call
        greeting = self._open_on('2026-03-09')
        followup = greeting.followup_id.with_user(self.anna)
        self.assertEqual((followup.medium, followup.greeting_by_email), ('phone', True))
        with self._on('2026-03-10'):
            action = followup.action_write_email()
            composer = self.env['mail.compose.message'].with_user(self.anna).with_context(**action['context']).create({})
            self.assertEqual(composer.partner_ids, self.john)
            self.assertEqual(composer.subject, greeting.subject)
            self.assertIn("happy birthday", composer.body)
            composer.action_send_mail()
        self.assertEqual((greeting.state, followup.state, followup.channel_id), ('sent', 'done', self.email))
        self.fang.write({'birthdate_date': '1985-03-12', 'email': 'fang@example.com'})
        other = self._open_on('2026-03-11').filtered(lambda one: one.contact_id == self.fang).followup_id
        self.assertTrue(other.greeting_by_email)
        self.env['mail.blacklist']._add('fang@example.com')
        other.invalidate_recordset(['greeting_by_email'])
        self.assertFalse(other.greeting_by_email)

    def test_cul_4_nobody_gets_what_another_gets(self):
        """CUL-4: drafts differ, unless nothing is known."""
        people = self._birthdays(4)
        for person in people[:2]:
            self._note(person, 'birthday', note="rides a bicycle", may_tell=True)
        with self._on('2026-02-02'):
            self._log(people[1].parent_id, contact=people[1], feedback="Plans a trip").may_tell = True
        greetings = self._open_on('2026-03-09')
        self.assertEqual(len(set(greetings.mapped('text_key'))), 3)
        self.assertEqual(greetings.mapped('fact_source'), ['note', 'contact', 'none', 'none'])

    def test_cul_4_language(self):
        """CUL-4: the draft is in the language of the person, the follow-up in that of the account manager."""
        self.env['res.lang']._activate_lang('fr_FR')
        template = self.kinds['birthday'].template_id
        template.with_context(lang='fr_FR').subject = "Bon anniversaire !"
        self.kinds['birthday'].with_context(lang='fr_FR').name = "Anniversaire"
        self.fang.write({'birthdate_date': '1985-03-10', 'lang': 'fr_FR'})
        greeting = self._open_on('2026-03-09')
        self.assertEqual(greeting.subject, "Bon anniversaire !")
        self.assertEqual(greeting.followup_id.name, "Birthday of Wang Fang")

    def test_cul_4_logged(self):
        """CUL-4: logging the follow-up makes it greeted, keeps the text, and is a contact; the text is closed then."""
        self.fang.birthdate_date = '1985-03-10'
        greeting = self._open_on('2026-03-09')
        followup = greeting.followup_id.with_user(self.anna)
        with self._on('2026-03-10'):
            followup.greeting_draft = "Dear Fang,\nall the best for the new house!"
            log = self.env['customer.followup.log'].with_user(self.anna).with_context(**followup.action_log()['context'])
            Form(log).save().action_done()
            self.assertRecordValues(greeting, [{
                'state': 'sent', 'draft': "Dear Fang,\nall the best for the new house!", 'edited': True, 'written': True}])
            self.assertEqual(followup.state, 'done')
            self.assertEqual(self.customer.with_user(self.anna).customer_last_contact, date(2026, 3, 10))
            with self.assertRaisesRegex(ValidationError, "is closed"):
                followup.greeting_draft = "other"

    def test_cul_4_attempt(self):
        """CUL-4: who was not reached is not greeted yet."""
        self.fang.birthdate_date = '1985-03-10'
        greeting = self._open_on('2026-03-09')
        with self._on('2026-03-10'):
            self._log(self.customer, followup=greeting.followup_id, outcome='no_answer')
        self.assertEqual((greeting.state, greeting.followup_id.state), ('planned', 'planned'))

    def _compose(self, greeting, **vals):
        """Send the email of a greeting as Anna, the way the composer does."""
        action = greeting.followup_id.with_user(self.anna).action_write_email()
        composer = self.env['mail.compose.message'].with_user(self.anna).with_context(**action['context']).create(vals)
        composer._action_send_mail()
        return composer

    def test_cul_4_only_for_its_person(self):
        """K3, CUL-4: a greeting to somebody who left, or wants no emails, goes to nobody else at the customer either."""
        self.fang.birthdate_date = '1985-03-10'
        followup = self._open_on('2026-03-09').followup_id.with_user(self.anna)
        self.env['mail.blacklist']._add(self.fang.email)
        with self._on('2026-03-10'), self.assertRaisesRegex(UserError, "Wang Fang: wants no emails"):
            followup.action_write_email()
        self.env['mail.blacklist']._remove(self.fang.email)
        self.fang.parent_id = self._customer("Elsewhere")
        with self._on('2026-03-10'), self.assertRaisesRegex(UserError, "Wang Fang: not with this customer"):
            followup.action_write_email()

    def test_cul_4_written_by_email(self):
        """CUL-4: the composer opens with the draft; what was sent is kept, and the contact is logged."""
        self.fang.birthdate_date = '1985-03-10'
        greeting = self._open_on('2026-03-09')
        with self._on('2026-03-10'):
            composer = self._compose(greeting)
            self.assertEqual(composer.partner_ids, self.fang)
            self.assertIn("happy birthday", composer.body)
        self.assertRecordValues(greeting, [{'state': 'sent', 'subject': "Happy birthday!", 'written': True}])
        self.assertEqual(greeting.followup_id.closed_by_id, self.anna)
        message = self.customer.message_ids.filtered(lambda message: message.subject == "Happy birthday!")
        self.assertIn("Wang Fang", message.body)

    # ------------------------------------------------------------
    # THE SAME TEXT TO EVERYBODY
    # ------------------------------------------------------------

    def test_cul_4_same_text_to_many(self):
        """CUL-4: the same text for 500 people is refused, by list, RPC and import, names and salutation aside."""
        self._birthdays(500)
        greetings = self._open_on('2026-03-09')
        self.assertEqual(len(greetings), 500)
        followups = greetings.followup_ids.with_user(self.anna)
        with self._on('2026-03-09'):
            for records, name in ((followups, 'greeting_draft'), (greetings.with_user(self.anna), 'draft')):
                with self.assertRaisesRegex(ValidationError, r"This text for Birthday 2026 already goes to \d+ persons"):
                    with self.env.cr.savepoint():
                        records.write({name: "All the best from us"})
            self.assertFalse(any(greetings.mapped('edited')))
            for followup in followups[:5]:
                followup.greeting_draft = f"Dear {followup.contact_id.name}!\nAll the best, {followup.contact_id.name}."
            with self.assertRaisesRegex(ValidationError, "Add a sentence that is only for Person"):
                followups[5].greeting_draft = f"Hello,\nall the best {followups[5].contact_id.name}"
            followups[5].greeting_draft = "All the best, and good luck with the new plant"
            rows = [[str(followup.id), "All the best"] for followup in followups[6:9]]
            result = self.env['customer.followup'].with_user(self.anna).load(['.id', 'greeting_draft'], rows)
            self.assertIn("already goes to", result['messages'][0]['message'])

    def test_cul_4_untouched_drafts_to_many(self):
        """CUL-4: drafts that nobody touched go to no more people either: neither done in bulk nor by email; calls may."""
        self._birthdays(8)
        followups = self._open_on('2026-03-09').followup_ids.with_user(self.anna)
        with self._on('2026-03-10'):
            change = self.env['customer.followup.change'].with_user(self.anna).create({
                'followup_ids': [Command.set(followups.ids)], 'action': 'done'})
            with self.assertRaisesRegex(ValidationError, "already goes to"), self.env.cr.savepoint():
                change.action_apply()
            self.assertEqual(set(followups.mapped('state')), {'planned'})
            for followup in followups[:5]:
                self._compose(followup.greeting_id)
            with self.assertRaisesRegex(ValidationError, "already goes to"), self.env.cr.savepoint():
                self._compose(followups[5].greeting_id)
            self._compose(followups[5].greeting_id, body="<p>Dear you,</p><p>what a year it was for your choir!</p>")
            self.assertEqual(followups[5].greeting_draft, "Dear you,\n\nwhat a year it was for your choir!")
            followups[6].channel_id = self.call
            self._log(followups[6].partner_id.with_user(self.anna), followup=followups[6], channel=self.call)
            self.assertEqual(followups[6].greeting_id.state, 'sent')

    def test_cul_4_same_text_setting(self):
        """CUL-4: how many may get the same is a setting."""
        self.env['res.config.settings'].create({'customer_greeting_same_text': 1}).execute()
        self._birthdays(2)
        first, second = self._open_on('2026-03-09')
        with self._on('2026-03-09'):
            first.with_user(self.anna).draft = "All the best"
            with self.assertRaises(ValidationError):
                second.with_user(self.anna).draft = "all the best!"
        with self.assertRaisesRegex(ValidationError, "At least one"):
            self.env['res.config.settings'].create({'customer_greeting_same_text': 0}).execute()

    # ------------------------------------------------------------
    # WHAT CAN GO WRONG
    # ------------------------------------------------------------

    @mute_logger('odoo.addons.mail.models.mail_render_mixin')
    def test_cul_4_poisoned(self):
        """CUL-4: a greeting that can't be opened is set aside with its error, the others go on; repaired, it opens."""
        self._birthdays(7)
        template = self.kinds['birthday'].template_id
        body = template.body_html
        template.body_html = body + Markup('<p t-if="1 / (object.contact_id.name != \'Person 3\')"/>')
        greetings = self._open_on('2026-03-09')
        poisoned = greetings.filtered(lambda greeting: greeting.state == 'failed')
        self.assertEqual(poisoned.contact_id.name, "Person 3")
        self.assertTrue(poisoned.problem)
        self.assertFalse(poisoned.followup_ids)
        self.assertEqual(len(greetings), 7)
        run = self.env['customer.run'].search([('name', '=', 'greet')], limit=1)
        self.assertEqual((run.done, run.failed), (6, 1))
        self._open_on('2026-03-09')
        self.assertEqual(self.env['customer.run'].search([('name', '=', 'greet')], limit=1), run, "not tried every hour")
        template.body_html = body
        poisoned.with_user(self.mara).action_retry()
        self.assertEqual(set(self._open_on('2026-03-09').mapped('state')), {'planned'})

    def test_cul_4_without_the_lunar_calendar(self):
        """CUL-4: without the lunar calendar Gregorian occasions go on."""
        self.fang.birthdate_date = '1985-03-10'
        self._note(self.john, 'lunar_birthday', month=1, day=21)
        self.assertFalse(self.env['customer.occasion'].search([('year', '>', 2000)]))
        with self._on('2101-03-09'), mute_logger(LOGGER):
            self.env['customer.greeter']._open_due()
        self.assertEqual(self._greetings().contact_id, self.fang)

    def test_cul_4_merge(self):
        """CUL-4, PLT-2: merged contacts keep their greetings and occasions; only one of them stays open."""
        twin = self.fang.copy({'name': "Fang Wang", 'email': 'wang@acme.example.com'})
        for person in self.fang + twin:
            self._note(person, 'birthday', month=3, day=10, note=f"known as {person.name}")
        self._note(twin, 'award', date='2026-03-20')
        greetings = self._open_on('2026-03-09')
        self.assertEqual(len(greetings), 2)
        with self._on('2026-03-09'):
            self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.fang + twin).ids, self.fang)
            self.env.invalidate_all()
            self.assertEqual(sorted(greetings.exists().mapped('state')), ['planned', 'skipped'])
            self.assertEqual(greetings.partner_id, self.fang)
            noted = self.env['customer.occasion'].with_context(active_test=False).search([('partner_id', '=', self.fang.id)])
            self.assertEqual(sorted(noted.mapped('active')), [False, True, True])
            self._run_cron('greet')
        self.assertEqual(len(self._greetings(kind_id=self.kinds['birthday'].id)), 2)

    def test_cul_4_queries(self):
        """CUL-4: looking costs the same for ten people as for sixty, and so does opening, but for what is written."""
        def measure():
            with self._on('2026-03-09'):
                self.env.flush_all()
                counts = []
                for __ in range(2):
                    self.env.invalidate_all()
                    start = self.env.cr.sql_log_count
                    self.env['customer.greeter']._open_due()
                    self.env.flush_all()
                    counts.append(self.env.cr.sql_log_count - start)
                return counts

        self._birthdays(1)
        measure()  # what is looked up once
        self._birthdays(10)
        few = measure()
        self._birthdays(60)
        many = measure()
        self.assertEqual(len(self._greetings()), 71)
        self.assertEqual(few[1], many[1], "nothing to open")
        self.assertLessEqual(many[0], few[0] + 10, "sixty in the statements of ten")

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    def test_cul_4_who_sees_greetings(self):
        """CUL-4, PLT-2: a user sees and writes the greetings of the own customers, and writes nothing but the text."""
        self.fang.birthdate_date = '1985-03-10'
        greeting = self._open_on('2026-03-09')
        for user, sees in (
            (self.anna, True), (self.ben, False), (self.lena, True), (self.li, False), (self.mara, True), (self.zoe, False),
        ):
            self.assertEqual(bool(self.env['customer.greeting'].with_user(user).search([])), sees, user.name)
        own = greeting.with_user(self.anna)
        with self._on('2026-03-09'):
            own.write({'draft': "All the best", 'subject': "Hello"})
        for vals in ({'state': 'sent'}, {'year': 2020}, {'edited': False}, {'contact_id': self.john.id}):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            greeting.with_user(self.ben).write({'draft': "x"})
        with self.assertRaises(AccessError):
            own.copy()
        with self.assertRaises(AccessError):
            own.unlink()
        with self.assertRaises(AccessError):
            greeting.followup_id.with_user(self.anna).write({'greeting_id': False})
        with self.assertRaises(AccessError):
            self.env['customer.greeting'].with_user(self.nils).search([])
        with self.assertRaises(UserError), self._on('2026-03-09'):
            greeting.followup_id.with_user(self.ben).action_greeting_redraft()

    def test_cul_4_two_companies(self):
        """CUL-4, PLT-2: a greeting belongs to the company of its customer; the other company does not see it."""
        theirs = self._customer("Theirs", user_id=self.zoe.id, company_id=self.company_2.id)
        self._note(theirs, 'founding', month=3, day=10)
        self.fang.birthdate_date = '1985-03-10'
        self._open_on('2026-03-09')
        for user, names in ((self.zoe, ["Theirs"]), (self.mara, ["Wang Fang"])):
            seen = self.env['customer.greeting'].with_user(user).search([])
            self.assertEqual(seen.sudo().partner_id.mapped('name'), names)
        self.assertEqual(self._greetings(partner_id=theirs.id).followup_id.company_id, self.company_2)

    def test_cul_4_greeting_is_no_promise(self):
        """CUL-4: a greeting is not listed as something that was agreed."""
        self.fang.birthdate_date = '1985-03-10'
        self._open_on('2026-03-09')
        with self._on('2026-03-09'):
            log = self.env['customer.followup.log'].with_user(self.anna).with_context(default_partner_id=self.customer.id)
            self.assertFalse(Form(log).save()._prepare_good_to_know()['promises'])
