"""HEA-1: what contacts tell about a customer. Our own effort alone makes no value better."""
import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from ..common import CustomerCase

TODAY = date(2026, 6, 15)
OUTCOMES = ['satisfied', 'need', 'problem', 'neutral', 'no_answer']
SAID = {'satisfied', 'need', 'problem'}


class SourceCase(CustomerCase):
    """Measures of the tests, and their SQL executed as the refresh does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env['customer.health.group'].create({'name': "Test"})

    @classmethod
    def _measure(cls, source, **vals):
        """Return a measure of a source."""
        return cls.env['customer.health.measure'].create({
            'name': source, 'source': source, 'group_id': cls.group.id,
            'band_ids': [Command.create({'value_from': 0, 'points': 50})], **vals})

    def _values(self, measure, partner_ids=None):
        """Return what the source says, by partner id: value and day."""
        source = measure._sources()[measure.source]
        rows = self.env.execute_query(source.sql(measure, partner_ids))
        values = {partner_id: (float(value), as_of) for partner_id, value, as_of in rows}
        self.assertEqual(len(values), len(rows), "a customer has one value")
        for value, as_of in values.values():
            self.assertTrue(source.describe(measure, value, as_of))
            if source.minimum is not None:
                self.assertGreaterEqual(value, source.minimum)
        return values

    def _value(self, measure, partner):
        """Return the value of a customer and its day as text, or None where it is unknown; asked for it alone and for all."""
        values = self._values(measure)
        self.assertEqual(self._values(measure, partner.ids), {
            partner_id: value for partner_id, value in values.items() if partner_id == partner.id})
        value = values.get(partner.id)
        return value and (value[0], str(value[1]))


@tagged('post_install', '-at_install')
class TestContactSources(SourceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engagement = cls._measure('engagement', window_days=90)
        cls.breadth = cls._measure('breadth', window_days=365)
        cls.satisfaction = cls._measure('satisfaction')
        cls.blue = cls._customer("Blue")
        cls.bo, cls.cy = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.blue.id} for name in ("Bo", "Cy")])
        cls.automatic_step = cls._cadence("Automatic", {
            'name': "News", 'channel_id': cls.email.id, 'automatic': True,
            'mail_template_id': cls.env['mail.template'].create({
                'name': "News", 'model_id': cls.env['ir.model']._get_id('res.partner')}).id,
        }).step_ids

    def setUp(self):
        super().setUp()
        clock = self._on(str(TODAY))
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def _contact(self, days, outcome='neutral', channel=None, contact=None, partner=None, **vals):
        """Keep a contact that was made so many days ago."""
        return self.env['customer.followup'].create({
            **self._contact_values(partner or self.blue, days, outcome, channel or self.call, contact), **vals})

    def _contact_values(self, partner, days, outcome, channel, contact=None):
        day = TODAY - timedelta(days=days)
        return {
            'partner_id': partner.id, 'state': 'done', 'channel_id': channel.id, 'outcome': outcome,
            'contact_id': contact.id if contact else False, 'contact_day': day,
            'contact_at': datetime.combine(day, time(9)), 'qualifies': outcome != 'no_answer'}

    # ------------------------------------------------------------
    # ENGAGEMENT
    # ------------------------------------------------------------

    def test_hea_1_done_in_bulk(self):
        """HEA-1: calls that are only ticked off say nothing of the customer, in bulk or one by one."""
        self.blue.customer_cadence_id = self.cadence
        self.env['customer.planner']._plan(self.blue.ids)
        self.env['customer.followup.change'].create({
            'followup_ids': self._open(self.blue, self.step).ids, 'action': 'done', 'note': "Called"}).action_apply()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=10)):  # another call, not the same one twice
            self.blue.activity_schedule('mail.mail_activity_data_call', summary="Call").action_feedback(feedback="Called")
        done = self.blue.customer_followup_ids.filtered(lambda followup: followup.state == 'done')
        self.assertEqual((len(done), done.mapped('qualifies')), (2, [True, True]))
        self.assertNotIn(self.blue.id, self._values(self.engagement))
        self.assertEqual(self._values(self.breadth)[self.blue.id][0], 0)

    def test_hea_1_answered_automatic_touch(self):
        """HEA-1, CAD-10: what left by itself says nothing of the customer, the answer to it does."""
        followup = self._contact(3, channel=self.email, step_id=self.automatic_step.id)
        self.assertIsNone(self._value(self.engagement, self.blue))
        followup.answered_at = datetime.combine(TODAY, time(8))
        self.assertEqual(self._value(self.engagement, self.blue)[0], 100)

    def test_hea_1_engagement_counts_who_was_reached(self):
        """HEA-1: the share of the period's contacts in which somebody was reached; unknown without any."""
        self.assertIsNone(self._value(self.engagement, self.blue))
        self._contact(90)
        self._contact(200, 'no_answer')
        self.assertIsNone(self._value(self.engagement, self.blue), "before the period")
        self._contact(40, 'no_answer')
        self.assertEqual(self._value(self.engagement, self.blue), (0, '2026-05-06'))
        self._contact(89)
        self.assertEqual(self._value(self.engagement, self.blue), (50, '2026-03-18'))
        self._contact(10, 'problem', self.visit)
        self._contact(0, 'no_answer')
        self.assertEqual(self._value(self.engagement, self.blue), (50, '2026-06-05'))

    def test_hea_1_engagement_leaves_out_what_we_merely_sent(self):
        """HEA-1: emails, text messages and gifts count only where the customer said something."""
        self._contact(10, 'no_answer')
        for channel in (self.email, self.sms, self.messenger):
            for outcome in ('neutral', 'no_answer'):
                self._contact(5, outcome, channel)
        self.assertEqual(self._value(self.engagement, self.blue), (0, '2026-06-05'))
        self._contact(4, 'need', self.email)
        self.assertEqual(self._value(self.engagement, self.blue), (50, '2026-06-11'))
        self.messenger.two_way = True
        self.assertEqual(self._value(self.engagement, self.blue), (50, '2026-06-11'))

    def test_hea_1_engagement_leaves_out_what_goes_out_by_itself(self):
        """HEA-1: automatic emails tell nothing, on whatever channel; an answer that somebody put down does."""
        self.email.two_way = True
        self._contact(5, step_id=self.automatic_step.id)
        self._contact(4, sent_message_id=self.env['mail.message'].create({}).id)
        self._contact(4, 'no_answer', self.email, step_id=self.automatic_step.id)
        self.assertIsNone(self._value(self.engagement, self.blue))
        self._contact(3, 'need', self.email, step_id=self.automatic_step.id)
        self.assertEqual(self._value(self.engagement, self.blue), (100, '2026-06-12'))

    def test_hea_1_engagement_of_logged_contacts(self):
        """HEA-1: what is skipped, open or cancelled is no contact; what people log is."""
        self._contact(5, False)
        self._contact(5, state='skipped')
        self.env['customer.followup'].create({'partner_id': self.blue.id, 'channel_id': self.call.id, 'name': "Later"})
        self.assertIsNone(self._value(self.engagement, self.blue))
        self._log(self.blue, outcome='no_answer')
        self._log(self.blue)
        self._log(self.blue, self.email, feedback="Sent the price list")
        self.assertEqual(self._value(self.engagement, self.blue), (50, '2026-06-15'))

    # ------------------------------------------------------------
    # BREADTH
    # ------------------------------------------------------------

    def test_hea_1_breadth_counts_people_met(self):
        """HEA-1: different people who were reached; nobody met of those in the file is 0, nobody known is unknown."""
        nobody = self._customer("Nobody known")
        self.env['res.partner'].create({'name': "Warehouse", 'parent_id': nobody.id, 'type': 'delivery'})
        self.assertIsNone(self._value(self.breadth, nobody))
        self.assertEqual(self._value(self.breadth, self.blue), (0, '2026-06-15'))
        self._contact(3, 'no_answer', contact=self.bo)
        self._contact(3, 'neutral', self.email, contact=self.bo)
        self._contact(365, contact=self.bo)
        self.assertEqual(self._value(self.breadth, self.blue), (0, '2026-06-15'))
        self._contact(300, contact=self.bo)
        self._contact(20, contact=self.bo)
        self.assertEqual(self._value(self.breadth, self.blue), (1, '2026-05-26'))
        self._contact(200, 'need', self.email, contact=self.cy)
        self.assertEqual(self._value(self.breadth, self.blue), (2, '2026-05-26'))
        self._contact(8, partner=nobody)
        self.assertEqual(self._value(self.breadth, nobody), (1, '2026-06-07'))

    def test_hea_1_breadth_of_contacts_without_a_name(self):
        """HEA-1: a contact without a person counts as one person, and adds none to those with a name."""
        self._contact(30)
        self._contact(20, contact=self.blue)
        self.assertEqual(self._value(self.breadth, self.blue), (1, '2026-05-26'))
        self._contact(40, contact=self.bo)
        self.assertEqual(self._value(self.breadth, self.blue), (1, '2026-05-26'))
        self._contact(41, contact=self.cy)
        self.assertEqual(self._value(self.breadth, self.blue), (2, '2026-05-26'))

    def test_hea_1_breadth_shrinks_when_people_leave(self):
        """HEA-1: who left is known no more: archived, or at another company, where nobody met them yet."""
        red = self._customer("Red")
        self._contact(30, contact=self.bo)
        self._contact(20, contact=self.cy)
        self.cy.parent_id = red
        self.assertEqual(self._value(self.breadth, self.blue), (1, '2026-05-16'))
        self.assertEqual(self._value(self.breadth, red), (0, '2026-06-15'))
        self.bo.active = False
        self.assertEqual(self._value(self.breadth, self.blue), (0, '2026-06-15'))

    def test_hea_1_breadth_counts_guests_who_came(self):
        """HEA-1: who attended a care event was met; who was invited only was not."""
        event = self.env['customer.care.event'].create({
            'name': "Open house", 'kind_id': self.env['customer.care.event.kind'].search([], limit=1).id,
            'date_begin': '2026-06-01 10:00:00', 'date_end': '2026-06-01 18:00:00'})
        guests = self.env['customer.care.guest'].sudo().create([
            {'event_id': event.id, 'partner_id': person.id} for person in (self.bo, self.cy)])
        self.assertEqual(self._value(self.breadth, self.blue)[0], 0)
        guests[0].attendance = 'attended'
        self.assertEqual(self._value(self.breadth, self.blue), (1, '2026-06-01'))

    # ------------------------------------------------------------
    # SATISFACTION
    # ------------------------------------------------------------

    def test_hea_1_satisfaction_is_the_latest_judgement(self):
        """HEA-1: the latest judgement, with its day, whenever it was entered."""
        self.assertIsNone(self._value(self.satisfaction, self.blue))
        self.env['customer.pulse'].create([
            {'partner_id': self.blue.id, 'date': day, 'score': score}
            for day, score in (('2026-06-01', '2'), ('2026-03-01', '5'))])
        self.assertEqual(self._value(self.satisfaction, self.blue), (2, '2026-06-01'))
        with self._on('2026-04-01'):
            self.assertEqual(self._value(self.satisfaction, self.blue), (5, '2026-03-01'))

    # ------------------------------------------------------------
    # RANDOM HISTORIES
    # ------------------------------------------------------------

    def _random_customers(self, rng, count):
        customers = self.env['res.partner'].create([
            {'name': f"Random {number}", 'is_company': True, 'customer_enrolment': 'enrolled', 'child_ids': [
                Command.create({'name': f"Person {child}"}) for child in range(rng.randrange(4))]}
            for number in range(count)])
        channels = self.call + self.visit + self.email + self.sms + self.messenger
        vals_list = []
        for customer in customers:
            for __ in range(rng.choice((0, 1, 3, 8))):
                vals_list.append(self._contact_values(
                    customer, rng.randrange(120), rng.choice(OUTCOMES), rng.choice(channels),
                    rng.choice([None, customer, *customer.child_ids])))
        self.env['customer.followup'].create(vals_list)
        return customers

    def _effort(self, rng, customers):
        """Return contacts in which nothing came from the customer: nobody answers, we send, it goes out by itself."""
        vals_list = []
        for customer in customers:
            for __ in range(rng.randrange(1, 5)):
                person = rng.choice([None, customer, *customer.child_ids])
                days = rng.randrange(120)
                vals_list.append(rng.choice([
                    self._contact_values(customer, days, 'no_answer', rng.choice(self.call + self.visit + self.email), person),
                    self._contact_values(customer, days, 'neutral', rng.choice(self.email + self.sms + self.messenger), person),
                    {**self._contact_values(customer, days, 'neutral', self.email, person),
                     'step_id': self.automatic_step.id},
                ]))
        return vals_list

    def test_hea_1_effort_alone_never_makes_it_better(self):
        """HEA-1: unanswered calls, emails without a reply and automatic ones never raise engagement or breadth, nor do they
        keep a value young."""
        rng = random.Random(20260615)
        customers = self._random_customers(rng, 80)
        for __ in range(4):
            before = [self._values(measure) for measure in (self.engagement, self.breadth)]
            self.env['customer.followup'].create(self._effort(rng, customers))
            after = [self._values(measure) for measure in (self.engagement, self.breadth)]
            for customer in customers:
                self.assertEqual(after[1].get(customer.id), before[1].get(customer.id))
                value, as_of = after[0].get(customer.id, (0, None))
                if customer.id not in before[0]:
                    self.assertEqual(value, 0)
                    continue
                self.assertLessEqual(value, before[0][customer.id][0])
                if before[0][customer.id][0]:
                    self.assertEqual(as_of, before[0][customer.id][1])
        self.assertGreater(len({value for value, __ in before[0].values()}), 8, "the histories are worth something")
        self.assertGreater(len({value for value, __ in before[1].values()}), 2)

    def test_hea_1_sources_agree_with_plain_counting(self):
        """HEA-1: over random histories, the statements say what one would count by hand."""
        customers = self._random_customers(random.Random(7), 80)
        attempts, reached, people = defaultdict(int), defaultdict(int), defaultdict(set)
        for contact in self.env['customer.followup'].search([('partner_id', 'in', customers.ids), ('state', '=', 'done')]):
            customer, spoken = contact.partner_id, contact.outcome in SAID
            talk = contact.channel_id in self.call + self.visit
            spoken = spoken or talk and contact.outcome == 'neutral'
            if contact.contact_day > TODAY - timedelta(days=90) and (spoken or talk):
                attempts[customer.id] += 1
                reached[customer.id] += spoken
            if spoken:
                people[customer.id].add(contact.contact_id - customer)
        engagement, breadth = self._values(self.engagement, customers.ids), self._values(self.breadth, customers.ids)
        self.assertEqual(
            {partner_id: value for partner_id, (value, __) in engagement.items()},
            {partner_id: round(100 * reached[partner_id] / count, 4) for partner_id, count in attempts.items()})
        self.assertEqual(
            {partner_id: value for partner_id, (value, __) in breadth.items()},
            {customer.id: max(len([person for person in people[customer.id] if person]), bool(people[customer.id]))
             for customer in customers if customer.child_ids or customer.id in people})

    def test_hea_1_sources_take_one_statement_each(self):
        """HEA-1: however many customers there are, a source is one statement."""
        self._random_customers(random.Random(1), 5)
        self.env.flush_all()
        for measure in (self.engagement, self.breadth, self.satisfaction):
            query = measure._sources()[measure.source].sql(measure, None)
            with self.assertQueryCount(1):
                self.env.execute_query(query)

    def test_hea_1_two_way_follows_the_medium(self):
        """HEA-1: calls and meetings are conversations; an administrator says so of other channels."""
        self.assertTrue(all((self.call + self.video + self.visit).mapped('two_way')))
        self.assertFalse(any((self.email + self.sms + self.messenger + self.survey).mapped('two_way')))
        channel = self.env['customer.channel'].with_user(self.mara).create({'name': "Portal chat", 'two_way': True})
        self.assertTrue(channel.two_way)
        self.assertEqual(fields.Date.context_today(channel), TODAY)
