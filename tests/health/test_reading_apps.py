"""HEA-5, T5: what Odoo's own apps know, with the apps there; held against Odoo's own figures.

These tests have a run and a database of their own (``dev/test --apps``, and a part of ``dev/test``).
"""
import os
import random
from datetime import datetime, timedelta
from unittest import SkipTest

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .test_reading_taker import TakerCase

#: Set where the apps have to be there: what is missing fails then.
REQUIRED = 'CUSTOMER_SUCCESS_APPS'

HOUR = timedelta(hours=1)


@tagged('post_install', '-at_install')
class AppsCase(TakerCase):

    #: The test session runs these where the apps are.
    needs_apps = ('website_sale', 'mass_mailing', 'event')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = set(cls.needs_apps) - cls.env.registry._init_modules
        if missing and os.environ.get(REQUIRED):
            raise AssertionError(f"not installed: {', '.join(sorted(missing))}")
        if missing:
            raise SkipTest(f"needs {', '.join(sorted(missing))}: dev/test --apps")


class TestApps(AppsCase):

    def test_hea_5_all_apps_are_there(self):
        """HEA-5, T5: with the apps, Odoo counts all shipped metrics; none is missing and none fails."""
        metrics = self.env['customer.metric'].search([('source', '!=', False)])
        self.assertEqual(len(metrics), 7)
        self.assertFalse(any(metrics.mapped('is_absent')))
        self.assertEqual(self._take()['failed'], 0)
        self.assertEqual(set(metrics.mapped('taken_on')), {fields.Date.to_date('2026-06-15')})
        self._run_cron('health')
        self.assertFalse(any(metrics.mapped('problem')))


class TestVisits(AppsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._metric('web_visits')

    def _visitor(self, person):
        return self.env['website.visitor'].create({'access_token': str(person.id)})

    def _look(self, visitor, *moments):
        """Let a visitor look at a page, as the website keeps it."""
        for moment in moments:
            with freeze_time(moment):
                self.env['website.track'].create({'visitor_id': visitor.id, 'url': '/shop', 'visit_datetime': datetime.now()})
                visitor._update_visitor_last_visit()
                visitor.invalidate_recordset()

    def test_hea_5_visits_as_odoo_counts_them(self):
        """HEA-5, T5: as many visits as Odoo's own visitors have, over random lives."""
        draw, begin = random.Random(5), datetime(2026, 5, 1)
        visitors = {}
        for person in (self.bo, self.bea, self.red):
            moments = sorted(begin + draw.uniform(0, 44 * 24) * HOUR for __ in range(60))
            with freeze_time(moments[0]):
                visitors[person] = self._visitor(person)
            self.assertEqual(visitors[person].partner_id, person)
            self._look(visitors[person], *moments)
        self._take()
        for customer, people in ((self.blue, self.bo + self.bea), (self.red, self.red)):
            counted = sum(visitors[person].visit_count for person in people)
            self.assertGreater(counted, 20)
            self.assertEqual(sum(self._readings(self.visits, customer).values()), counted)

    def test_hea_5_duplicates_of_a_visitor(self):
        """HEA-5, T5: several visitors of one person are one person; who is not signed in is nobody; a visitor that joins
        later brings its visits, and one that is deleted takes them along."""
        one, other = self._visitor(self.bo), self._visitor(self.bea)
        anonymous = self.env['website.visitor'].create({'access_token': 'f' * 32})
        self._look(one, '2026-06-10 08:00', '2026-06-10 09:00')
        self._look(other, '2026-06-10 08:30')
        self._look(anonymous, '2026-06-11 08:30')
        self._take()
        self.assertEqual(self._readings(self.visits), {(self.blue, '2026-06-10'): 2})
        self.env.cr.execute("UPDATE website_visitor SET partner_id = %s WHERE id = %s", (self.bo.id, other.id))
        self.env.invalidate_all()
        self._take()
        self.assertEqual(self._readings(self.visits), {(self.blue, '2026-06-10'): 1})
        anonymous._merge_visitor(one)
        self._take()
        self.assertEqual(self._readings(self.visits), {(self.blue, '2026-06-10'): 1, (self.blue, '2026-06-11'): 1})
        one.unlink()
        self._take()
        self.assertEqual(self._readings(self.visits), {(self.blue, '2026-06-10'): 1})
        other.unlink()
        self._take()
        self.assertFalse(self._readings(self.visits))

    def test_hea_5_visit_over_midnight(self):
        """HEA-5: a visit is of the day on which it began, also the first one of the days that are looked at."""
        visitor = self._visitor(self.bo)
        self._look(visitor, '2026-06-10 22:00', '2026-06-11 02:00', '2026-06-11 09:00', '2026-06-11 17:30')
        self._take()
        self.assertEqual(self._readings(self.visits), {(self.blue, '2026-06-10'): 1, (self.blue, '2026-06-11'): 1})


class TestShop(AppsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env['website'].search([], limit=1)
        cls.website.cart_abandoned_delay = 10

    def _cart(self, partner, moment, lines=True, **vals):
        return self.env['sale.order'].create({
            'partner_id': partner.id, 'website_id': self.website.id, 'date_order': moment,
            'order_line': [fields.Command.create({'product_id': self.product_thing.id, 'price_unit': 5})] if lines else [],
            **vals})

    def test_hea_5_carts_as_odoo_has_them(self):
        """HEA-5, T5: the carts that Odoo calls abandoned: not empty ones, those just filled, those of nobody in particular;
        ordered after all, a cart is none any more, and an order of the shop instead."""
        draw = random.Random(3)
        public = self.website.user_id.partner_id
        self.env.cr.execute("UPDATE sale_order SET website_id = NULL")
        carts = self.env['sale.order']
        for number in range(40):
            partner = (self.bo, self.bea, self.red, public)[number % 4]
            carts |= self._cart(
                partner, datetime(2026, 6, 15, 12) - draw.choice((1, 9, 11, 30, 400)) * HOUR, lines=draw.random() < 0.8)
        self._cart(self.bo, '2026-06-01 08:00', website_id=False)
        self.env.flush_all()
        self._take()
        metric = self._metric('web_carts')
        abandoned = self.env['sale.order'].search([('is_abandoned_cart', '=', True)])
        self.assertGreater(len(abandoned), 10)
        expected = {}
        for cart in abandoned:
            key = cart.partner_id.commercial_partner_id, str(cart.date_order.date())
            expected[key] = expected.get(key, 0) + 1
        self.assertEqual(self._readings(metric), expected)
        one = abandoned.filtered(lambda cart: cart.partner_id == self.red)[:1]
        day = str(one.date_order.date())
        one.action_confirm()
        one.date_order = f'{day} 12:00'
        self._take()
        self.assertEqual(self._readings(metric, self.red).get(day, 0), expected[self.red, day] - 1)
        self.assertEqual(self._readings(self._metric('web_orders')), {(self.red, day): 1})

    def test_hea_5_shop_of_another_company(self):
        """HEA-5, PLT-2: what is left behind in the shop of another company is nothing of a customer of this one."""
        for partner in (self.bo, self.red):
            self._cart(partner, '2026-06-10 08:00')
        (self.blue + self.bo).company_id = self.company_2
        self._take()
        self.assertEqual(self._readings(self._metric('web_carts'), self.blue), {})
        self.assertEqual(self._readings(self._metric('web_carts'), self.red), {'2026-06-10': 1})


class TestMailings(AppsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.opens, cls.clicks = cls._metric('mail_opens'), cls._metric('mail_clicks')
        cls.mailing = cls.env['mailing.mailing'].create({
            'name': "News", 'subject': "News", 'mailing_model_id': cls.env['ir.model']._get_id('res.partner')})
        cls.links = cls.env['link.tracker'].create([
            {'url': f'https://www.example.com/{name}', 'title': name, 'mass_mailing_id': cls.mailing.id} for name in "ab"])

    def _trace(self, record, email=None, **vals):
        return self.env['mailing.trace'].create({
            'model': record._name, 'res_id': record.id, 'email': email or record.email_normalized,
            'mass_mailing_id': self.mailing.id, 'trace_status': 'sent', **vals})

    def _click(self, trace, moment, *links):
        """Let links be clicked as the mails have them."""
        with freeze_time(moment):
            for link in links or self.links[0]:
                click = self.env['link.tracker.click'].add_click(link.code, ip='1.2.3.4', mailing_trace_id=trace.id)
                click.flush_recordset()
                self.env.cr.execute("UPDATE link_tracker_click SET create_date = %s WHERE id = %s", (moment, click.id))

    def test_hea_5_opened_and_clicked_as_odoo_counts_them(self):
        """HEA-5, T5: as many as the mailing itself shows; however often somebody clicked, and not what was sent as a test."""
        contact = self.env['mailing.contact'].create({'name': "Bea", 'email': 'Bea@blue.example.com'})
        lead = self.env['crm.lead'].create({'name': "Lead", 'email_from': 'bo@blue.example.com'})
        bo, bea, unread = self._trace(self.bo), self._trace(contact), self._trace(self.red, 'red@example.com')
        by_lead = self._trace(lead, 'bo@blue.example.com')
        test = self._trace(self.bo, is_test_trace=True)
        self._click(bo, '2026-06-10 08:00', *self.links, self.links[0])
        self._click(bo, '2026-06-11 08:00')
        self._click(test, '2026-06-11 08:00')
        self._click(bea, '2026-06-11 09:00')
        with freeze_time('2026-06-12 09:00'):
            by_lead.set_opened()
        self.env.flush_all()
        self._take()
        self.assertEqual(self._readings(self.opens), {
            (self.blue, '2026-06-10'): 1, (self.blue, '2026-06-11'): 1, (self.blue, '2026-06-12'): 1})
        self.assertEqual(self._readings(self.clicks), {(self.blue, '2026-06-10'): 1, (self.blue, '2026-06-11'): 2})
        test.unlink()
        self.mailing.invalidate_recordset()
        self.assertEqual(sum(self._readings(self.opens).values()), self.mailing.opened)
        self.assertEqual(self.mailing.clicked, 2, "of three opened")
        self.assertFalse(unread.open_datetime)
        # a mailing that is deleted takes along what came of it
        bo.unlink()
        self._take()
        self.assertEqual(self._readings(self.opens), {(self.blue, '2026-06-11'): 1, (self.blue, '2026-06-12'): 1})
        self.assertEqual(self._readings(self.clicks), {(self.blue, '2026-06-11'): 1})

    def test_hea_5_clicks_on_the_day_of_the_customer(self):
        """HEA-5, K1: late in the evening of Greenwich it is the next day in Shanghai."""
        self.blue.write({'country_id': self.env.ref('base.cn').id, 'tz': False})
        self._click(self._trace(self.bo), '2026-06-10 23:00')
        self._take()
        self.assertEqual(self._readings(self.clicks), {(self.blue, '2026-06-11'): 1})


class TestEvents(AppsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.attended = cls._metric('event_attended')
        # in the evening of the 10th in Los Angeles
        cls.event = cls.env['event.event'].create({
            'name': "House fair", 'date_begin': '2026-06-11 03:00', 'date_end': '2026-06-11 05:00',
            'date_tz': 'America/Los_Angeles', 'company_id': False})

    def _register(self, partner, done=True, **vals):
        registration = self.env['event.registration'].create({'event_id': self.event.id, 'partner_id': partner.id, **vals})
        if done:
            registration.action_set_done()
        return registration

    def test_hea_5_attended_as_odoo_counts_them(self):
        """HEA-5, T5: who attended, on the day it was there, as many as the event has; not who only registered."""
        nobody = self.env['res.partner']
        bo = self._register(self.bo)
        self._register(self.bea)
        self._register(self.red)
        self._register(self.red, done=False, name="Later")
        guest = self._register(nobody, name="Guest", email='Bo@blue.example.com ')
        self._take()
        self.event.invalidate_recordset()
        self.assertEqual(self._readings(self.attended), {(self.blue, '2026-06-10'): 3, (self.red, '2026-06-10'): 1})
        self.assertEqual(sum(self._readings(self.attended).values()), self.event.seats_used)
        # twice on the list
        self._register(self.bo)
        guest.action_cancel()
        self._take()
        self.assertEqual(self._readings(self.attended, self.blue), {'2026-06-10': 2})
        bo.active = False
        self._register(self.bo).action_archive()
        self._take()
        self.assertEqual(self._readings(self.attended, self.blue), {'2026-06-10': 2}, "one of the two is left")

    def test_hea_5_event_of_a_company(self):
        """HEA-5, PLT-2: an event of another company counts for its customers and for those of none."""
        self.event.company_id = self.company_2
        (self.blue + self.bo).company_id = self.env.company
        self.red.company_id = self.company_2
        for partner in (self.bo, self.red):
            self._register(partner)
        self._take()
        self.assertEqual(self._readings(self.attended), {(self.red, '2026-06-10'): 1})


class TestAppsInUse(AppsCase):

    def test_hea_5_scored_by_what_odoo_knows(self):
        """HEA-1, HEA-5, T5: put on a scorecard, what Odoo counted scores; the account manager reads what it says."""
        for model in ('scorecard', 'cap'):
            self.env[f'customer.health.{model}'].search([]).action_archive()
        measure = self.env.ref('customer_success.customer_health_measure_event_attended')
        self.env['customer.health.scorecard'].create({
            'name': "Events", 'minimum_coverage': 1, 'minimum_groups': 1,
            'line_ids': [fields.Command.create({'measure_id': measure.id, 'weight': 100})]})
        event = self.env['event.event'].create({
            'name': "Fair", 'date_begin': '2026-06-10 08:00', 'date_end': '2026-06-10 10:00', 'date_tz': 'UTC'})
        self.env['event.registration'].create({'event_id': event.id, 'partner_id': self.bo.id}).action_set_done()
        self._run_cron('health')
        self.assertEqual(self.blue.customer_health, 80)
        self.assertEqual(
            measure._describe(1, measure.metric_id.taken_on), "Events attended: 1 in 365 days, counted on 06/15/2026")
        portal = mail_new_test_user(self.env, login='p@example.com', email='p@example.com', groups='base.group_portal')
        self.assertFalse(self.env['customer.reading'].with_user(portal).has_access('read'))
