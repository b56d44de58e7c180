"""The planner and the three calendars: the responsible person's, the customer's, the culture's (CUL-2)."""
from odoo import Command, fields
from odoo.tests import Form, tagged

from .common import CultureCase


@tagged('post_install', '-at_install')
class TestPlanning(CultureCase):

    def _planned(self, country=None, **vals):
        """Return the open follow-up of a customer in a country, planned for a month from today."""
        customer = self._customer(
            "Customer", customer_cadence_id=self.cadence.id, country_id=(country or self.desertia).id, **vals)
        return self._open(customer)

    def _day(self, day):
        return fields.Date.to_date(day)

    def test_cul_2_address_of_a_group(self):
        """CUL-2: who gets the address of a group lives by the days of its country at once, above it and below it."""
        group = self.env['res.partner'].create({'name': "Group", 'is_company': True, 'country_id': self.desertia.id})
        with self._on('2027-01-05'):
            followup = self._planned(self.ruritania)  # due on Friday, 5 February, which is no working day in Desertia
            self.assertEqual(followup.date_planned, self._day('2027-02-05'))
            followup.partner_id.parent_id = group
            self.assertEqual(followup.partner_id.country_id, self.desertia)
            self.assertEqual(followup.date_planned, self._day('2027-02-08'))
            group.country_id = self.ruritania
            self.assertEqual(followup.partner_id.country_id, self.ruritania)
            self.assertEqual(followup.date_planned, self._day('2027-02-05'))

    # ------------------------------------------------------------
    # THE CUSTOMER'S CALENDAR
    # ------------------------------------------------------------

    def test_cul_2_public_holiday_of_the_customer(self):
        """CUL-2: a touch on a public holiday of the customer moves to the next day that is worked by both; the original
        date and the holiday stand on it."""
        holiday = self._holiday('2026-04-02')
        with self._on('2026-03-02'):
            followup = self._planned(self.ruritania)
        self.assertEqual(followup.date_raw, self._day('2026-04-02'))
        self.assertEqual(followup.date_planned, self._day('2026-04-03'))
        self.assertEqual((followup.move_kind, followup.move_holiday_id), ('customer_day', holiday))
        self.assertIn("National Day", followup.move_note)
        self.assertIn("04/02/2026", followup.move_note)

    def test_cul_2_weekend_of_the_customer(self):
        """CUL-2: Thursday, Friday and Saturday with a customer who works from Sunday to Thursday: Monday, when both work."""
        with self._on('2026-03-03'):
            friday = self._planned()
        self.assertEqual((friday.date_raw.weekday(), friday.date_planned), (4, self._day('2026-04-06')))
        self.assertEqual(friday.move_kind, 'customer_day')
        with self._on('2026-03-02'):
            self.assertEqual(self._planned().move_kind, 'none')

    def test_cul_2_make_up_day(self):
        """CUL-2: a weekend day that the customer works does not make the account manager work."""
        self._holiday('2026-04-04', kind='workday')
        with self._on('2026-03-04'):
            followup = self._planned(self.ruritania)
        self.assertEqual((followup.date_raw, followup.date_planned), (self._day('2026-04-04'), self._day('2026-04-06')))
        self.assertEqual(followup.move_kind, 'workday')

    def test_cul_2_holiday_of_a_state(self):
        """CUL-2: a holiday of one state moves nothing in the others."""
        north, south = self.env['res.country.state'].create([
            {'name': name, 'code': name[0], 'country_id': self.ruritania.id} for name in ("North", "South")])
        self._holiday('2026-04-02', state_id=north.id)
        with self._on('2026-03-02'):
            days = [self._planned(self.ruritania, state_id=state.id).date_planned.day for state in north + south]
        self.assertEqual(days, [3, 2])

    def test_cul_2_holidays_that_change_move_what_is_planned(self):
        """CUL-2: a holiday that is corrected, archived or new re-plans what lies around it."""
        with self._on('2026-03-02'):
            followup = self._planned(self.ruritania)
            holiday = self._holiday('2026-04-02')
            self.assertEqual(followup.date_planned, self._day('2026-04-03'))
            holiday.date = '2026-04-03'
            self.assertEqual(followup.date_planned, self._day('2026-04-02'))
            holiday.date = '2026-04-02'
            holiday.active = False
            self.assertEqual(followup.date_planned, self._day('2026-04-02'))
            self.calendar_ruritania.work_thu = False
            self.assertEqual(followup.date_planned, self._day('2026-04-03'))
            self.assertTrue(self.calendar_ruritania.week_edited)

    def test_cul_2_country_without_calendar_or_profile(self):
        """CUL-2: of a customer without a country nothing is known: the calendar of the account manager decides alone. So it
        does for a country until its calendar is looked up, which is asked for."""
        cron = self.env.ref('customer_success.ir_cron_calendar')
        triggers = [('cron_id', '=', cron.id), ('call_at', '>=', '2026-03-02'), ('call_at', '<', '2026-03-03')]
        with self._on('2026-03-02'):
            nowhere = self._open(self._customer("Nowhere", customer_cadence_id=self.cadence.id))
            self.assertFalse(self.env['ir.cron.trigger'].search_count(triggers))
            island = self.env['res.country'].create({'name': "Island", 'code': 'X3'})
            followup = self._planned(island)
        for planned in (nowhere, followup):
            self.assertEqual((planned.date_planned, planned.move_kind), (self._day('2026-04-02'), 'none'))
        self.assertFalse(followup.culture_id)
        self.assertTrue(self.env['ir.cron.trigger'].search_count(triggers))

    # ------------------------------------------------------------
    # THE CULTURE
    # ------------------------------------------------------------

    def _dinner(self, country, **step):
        """Return the open follow-up for a dinner with a customer in a country, due on Monday, 2 March 2026."""
        self.step.write({'channel_id': self.dinner.id, 'fallback_channel_id': self.call.id, **step})
        customer = self._customer("Guest", customer_cadence_id=self.cadence.id, country_id=self.env.ref(country).id)
        return self._open(customer)

    def test_cul_2_dinner_in_ramadan(self):
        """CUL-2: a business dinner for a Gulf customer in Ramadan becomes a call, waits, or stays with a warning, as its
        touchpoint says; for a Chinese customer it stays."""
        with self._on('2026-02-02'):
            self.env['customer.calendar.keeper']._refresh_all()
            gulf = self._dinner('base.sa', when_unfit='switch')
            self.assertEqual((gulf.date_planned, gulf.channel_id), (self._day('2026-03-02'), self.call))
            self.assertTrue(gulf.switched)
            self.assertEqual(gulf.move_kind, 'culture')
            self.assertIn("Ramadan", gulf.move_note)
            self.assertIn("Call instead of Business dinner", gulf.move_note)
            chinese = self._dinner('base.cn')
            self.assertEqual((chinese.date_planned, chinese.channel_id), (self._day('2026-03-02'), self.dinner))
            self.assertEqual(chinese.move_kind, 'none')

            self.step.write({'when_unfit': 'wait', 'grace_days': 45})
            self.env['customer.planner']._work_queue()
            self.assertEqual(gulf.channel_id, self.dinner)
            self.assertFalse(gulf.switched)
            # Ramadan ends on 19 March; Eid and its days off last to the 23rd at least
            self.assertGreater(gulf.date_planned, self._day('2026-03-22'))
            self.assertLessEqual(gulf.date_planned, gulf.date_limit)
            self.assertEqual(gulf.date_limit, fields.Date.add(self._day('2026-03-02'), days=45))

            self.step.grace_days = 7
            self.env['customer.planner']._work_queue()
            self.assertEqual((gulf.date_planned, gulf.channel_id), (self._day('2026-03-02'), self.dinner))
            self.assertTrue(gulf.unfit)
            self.assertIn("Ramadan", gulf.move_note)
            self.assertIn(gulf, self.env['customer.followup'].search([('unfit', '=', True)]))

    def test_cul_2_contact_on_the_fallback_channel_counts(self):
        """CUL-2, CAD-4: the call that stands in for the dinner closes the follow-up and the interval counts from it."""
        with self._on('2026-02-02'):
            self.env['customer.calendar.keeper']._refresh_all()
            gulf = self._dinner('base.sa', when_unfit='switch')
            customer = gulf.partner_id
        with self._on('2026-03-02'):
            self._log(customer, channel=self.call, feedback="Eid plans")
            self.assertEqual(gulf.state, 'done')
            self.assertEqual(self._open(customer).date_anchor, self._day('2026-03-02'))

    def test_cul_2_fallback_channel_counts_only_where_it_was_taken(self):
        """CUL-2, CAD-4: a call does not stand for the dinner because a call may stand in for it; where it does, the call
        closes the dinner rather than the monthly call, which it counts for anyway."""
        monthly = self.env['customer.cadence.step'].create({
            'cadence_id': self.cadence.id, 'name': "Talk", 'channel_id': self.call.id, 'date_start': '2020-01-01'})
        with self._on('2026-02-02'):
            self.env['customer.calendar.keeper']._refresh_all()
            guest = self._dinner('base.cn', when_unfit='switch').partner_id
            gulf = self._dinner('base.sa', when_unfit='switch').partner_id
        with self._on('2026-02-27'):
            for customer in guest + gulf:
                self._log(customer, channel=self.call)
        dinner = self._open(guest, self.step)
        self.assertEqual((dinner.date_anchor, dinner.channel_id), (self._day('2026-02-02'), self.dinner))
        self.assertEqual(self._open(guest, monthly).date_anchor, self._day('2026-02-27'))
        for step in self.step + monthly:
            self.assertEqual(self._open(gulf, step).date_anchor, self._day('2026-02-27'), step.name)

    def test_cul_2_periods_that_change_move_what_is_planned(self):
        """CUL-2: days of a season that are corrected, a period that comes or goes, another profile: all re-plan."""
        with self._on('2026-03-02'):
            followup = self._planned()
            period = self._season('2026-04-01', '2026-04-05')
            self.assertEqual(followup.date_planned, self._day('2026-04-06'))
            self.assertEqual((followup.move_kind, followup.move_period_id), ('culture', period))
            self.season.date_ids.date_to = '2026-04-06'
            self.assertEqual(followup.date_planned, self._day('2026-04-07'))
            self.assertTrue(self.season.date_ids.edited)
            period.days_after = 1
            self.assertEqual(followup.date_planned, self._day('2026-04-08'))
            period.channel_ids = self.visit
            self.assertEqual(followup.date_planned, self._day('2026-04-02'))
            self.assertFalse(followup.move_period_id)
            period.channel_ids = self.call
            self.assertEqual(followup.date_planned, self._day('2026-04-08'))
            followup.partner_id.customer_culture_manual_id = self.ruritanian
            self.assertEqual(followup.date_planned, self._day('2026-04-02'))
            self.ruritanian.parent_id = self.desertian
            self.assertEqual(followup.date_planned, self._day('2026-04-08'))
            self.season.active = False
            self.env['customer.planner']._work_queue()
            self.assertEqual(followup.date_planned, self._day('2026-04-02'))

    def test_cul_2_own_week_of_a_profile(self):
        """CUL-2: a profile with a working week of its own comes before the country's."""
        with self._on('2026-03-02'):
            followup = self._planned(self.ruritania)
            self.ruritanian.write({'own_week': True, 'work_thu': False})
            self.assertEqual(followup.date_planned, self._day('2026-04-03'))

    def test_cul_2_a_day_chosen_by_a_person_stays(self):
        """CUL-2, CAD-8: who moves a follow-up into a forbidden period is warned elsewhere; the day stays."""
        self._season('2026-04-01', '2026-04-20')
        with self._on('2026-03-02'):
            followup = self._planned()
            followup._move(self._day('2026-04-14'), self.reason)
        self.assertEqual((followup.date_planned, followup.move_kind), (self._day('2026-04-14'), 'manual'))

    def test_cul_2_earlier_touch(self):
        """CUL-2: a touchpoint that looks back is made before the season, not after."""
        self._season('2026-04-01', '2026-04-04')
        self.step.write({'direction': 'earlier', 'grace_days': 10})
        with self._on('2026-03-02'):
            followup = self._planned()
        self.assertEqual(followup.date_planned, self._day('2026-03-31'))
        self.assertEqual(followup.date_limit, self._day('2026-04-12'))

    # ------------------------------------------------------------
    # WHO HAS WHICH PROFILE
    # ------------------------------------------------------------

    def test_cul_1_profile_of_a_customer(self):
        """CUL-1: own choice, else that of the state, else that of the country; found, filtered and grouped alike."""
        province = self.env['res.country.state'].create({
            'name': "Province", 'code': 'P', 'country_id': self.ruritania.id})
        provincial = self.env['customer.culture'].create({
            'name': "Provincial", 'state_ids': [Command.set(province.ids)]})
        by_country, by_state, by_hand, nobody = customers = self.env['res.partner'].concat(
            self._customer("Country", country_id=self.ruritania.id),
            self._customer("State", country_id=self.ruritania.id, state_id=province.id),
            self._customer("Hand", country_id=self.ruritania.id, customer_culture_manual_id=self.desertian.id),
            self._customer("Nobody"))
        self.assertEqual([customer.customer_culture_id for customer in customers], [
            self.ruritanian, provincial, self.desertian, self.env['customer.culture']])
        mine = self.env['res.partner'].with_user(self.anna)
        among = [('id', 'in', customers.ids)]
        self.assertEqual(mine.search([*among, ('customer_culture_id', '=', provincial.id)]), by_state.with_user(self.anna))
        self.assertEqual(mine.search([*among, ('customer_culture_id', '=', False)]), nobody.with_user(self.anna))
        self.assertEqual(
            mine.search([*among, ('customer_culture_id', '!=', provincial.id)]),
            (by_country + by_hand + nobody).with_user(self.anna).sorted())
        self.assertEqual(mine.search_count([*among, ('customer_culture_id.name', 'ilike', 'rur')]), 1)
        groups = dict(mine._read_group(among, ['customer_culture_id'], ['__count']))
        self.assertEqual({culture.id: count for culture, count in groups.items()}, {
            self.ruritanian.id: 1, provincial.id: 1, self.desertian.id: 1, False: 1})
        provincial.active = False
        self.assertEqual(by_state.customer_culture_id, self.ruritanian)
        self.assertEqual(self.ruritanian.customer_count, 2)

    def test_cul_1_profile_changes_by_form(self):
        """CUL-1: an account manager chooses another profile for a customer on its form."""
        customer = self._customer("Form", country_id=self.ruritania.id).with_user(self.anna)
        with Form(customer) as form:
            form.customer_culture_manual_id = self.desertian
        self.assertEqual(customer.customer_culture_id, self.desertian)

    def test_cul_2_plans_many_with_few_queries(self):
        """CUL-2: the number of queries follows the calendars, not the customers."""
        self._season('2026-04-01', '2026-04-05')
        planner = self.env['customer.planner']
        counts = []
        with self._on('2026-03-02'):
            for size in (10, 60):
                customers = self.env['res.partner'].concat(*(
                    self._customer(f"Many {number}", customer_cadence_id=self.cadence.id,
                                   country_id=(self.desertia, self.ruritania)[number % 2].id)
                    for number in range(size)))
                self._open(customers[0])  # whatever is loaded once is loaded now
                self.env.cr.execute("DELETE FROM customer_followup WHERE partner_id = ANY(%s)", [customers.ids])
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                planner._plan(customers.ids)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_cul_2_dry_run(self):
        """CUL-2, CAD-1: what a cadence would plan takes the customer's calendar and culture into account, with the reason."""
        self._season('2026-04-01', '2026-04-20', channel_ids=[Command.set(self.call.ids)])
        self._holiday('2026-05-04', self.calendar_desertia)
        self.step.fallback_channel_id = self.messenger
        with self._on('2026-03-02'):
            customer = self._customer("Foreseen", country_id=self.desertia.id)
            lines = Form(self.env['customer.cadence.dry.run'].with_context(
                default_cadence_id=self.cadence.id, default_partner_id=customer.id).with_user(self.mara)).save().line_ids
        self.assertEqual((str(lines[0].date), lines[0].channel_id, lines[0].why), ('2026-04-02', self.messenger, "Season"))
        self.assertEqual((str(lines[1].date), lines[1].channel_id, lines[1].why),
                         ('2026-05-05', self.call, "National Day"))
        self.assertFalse([line for line in lines if line.date.weekday() in (4, 5, 6)])
