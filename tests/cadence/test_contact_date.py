"""CAD-5, HEA-1: the dates that lists are sorted and filtered by are those of the follow-ups, whoever writes these and whoever
looks."""
from unittest.mock import patch

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..common import CustomerCase

TODAY = '2026-03-18'  # a Wednesday
STATES = ('overdue', 'week', 'track', 'paused', 'stopped', 'colleague', 'none')
ORDERS = (
    'customer_next_contact, complete_name, id', 'customer_next_contact desc, id', 'customer_last_contact desc, id',
    'customer_last_contact, complete_name, id', 'customer_contact_state, id', 'customer_contact_state DESC, id',
    'complete_name, id')
PAGES = ((0, 3), (2, 3), (4, 4), (0, 20), (12, 3))


class TestContactDate(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.customers = cls.env['res.partner'].concat(*(cls._customer(f"Customer {number:02}") for number in range(12)))
        cls.customers[8:].user_id = cls.otto
        cls._forget("TRUE")
        cls.dates = cls.env['customer.contact.date']

    @classmethod
    def _forget(cls, which):
        """Take follow-ups away, also those that nobody may delete."""
        cls.env.flush_all()
        cls.env.cr.execute(SQL("DELETE FROM customer_followup WHERE partner_id IN %s AND " + which, tuple(cls.customers.ids)))
        cls.env.invalidate_all()

    def _followups(self, *rows, **vals):
        """Make follow-ups: of which customer, and what is different."""
        return self.env['customer.followup'].create([{
            'partner_id': self.customers[number].id, 'channel_id': self.call.id, 'user_id': self.customers[number].user_id.id,
            'state': 'planned', **vals, **row} for number, row in rows])

    def _world(self):
        """Let there be customers in every state, some with several follow-ups."""
        self._followups(
            (0, {'date_planned': '2026-03-01'}),
            (0, {'date_planned': '2026-04-01'}),
            (1, {'date_planned': '2026-03-20'}),
            (2, {'date_planned': '2026-05-01'}),
            (2, {'date_planned': '2026-04-20'}),
            (3, {'date_planned': '2026-03-02'}),
            (4, {'date_planned': '2026-03-03'}),
            (6, {'state': 'cancelled', 'date_planned': '2026-03-04'}),
            (8, {'date_planned': '2026-03-19'}),
            (9, {'date_planned': '2026-02-19'}))
        done = {'state': 'done', 'outcome': 'satisfied'}
        self._followups(
            (0, {**done, 'contact_day': '2026-02-03', 'qualifies': True}),
            (0, {**done, 'contact_day': '2026-03-03', 'qualifies': True}),
            (5, {**done, 'contact_day': '2026-01-03', 'qualifies': True}),
            (5, {**done, 'contact_day': '2026-02-04', 'qualifies': False}),
            (7, {**done, 'contact_day': '2026-02-05', 'qualifies': False}),
            (9, {**done, 'contact_day': '2025-12-24', 'qualifies': True}))
        self.customers[3].sudo().write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked"})
        self.env['customer.pause'].create({
            'partner_id': self.customers[4].id, 'date_from': '2026-03-10', 'date_to': '2026-03-30', 'reason_id': self.reason.id})
        self._forget("step_id IS NOT NULL")  # what the pause made the planner plan

    def _kept(self):
        self.env.flush_all()
        return {row[0]: row[1:] for row in self.env.execute_query(SQL(
            """SELECT partner_id, company_id, last_contact, next_contact, next_limit FROM customer_contact_date
                WHERE partner_id = ANY(%s)""", self.customers.ids))}

    def _true(self):
        """The dates as Python makes them of all follow-ups."""
        found = {}
        for followup in self.env['customer.followup'].search([('partner_id', 'in', self.customers.ids)]):
            if followup.state == 'planned' or followup.state == 'done' and followup.qualifies:
                found.setdefault(followup.partner_id.id, []).append(followup)
        result = {}
        for partner_id, followups in found.items():
            companies = {followup.company_id.id for followup in followups}
            planned = [followup for followup in followups if followup.state == 'planned']
            result[partner_id] = (
                companies.pop() if len(companies) == 1 else None,
                max((followup.contact_day for followup in followups if followup.state == 'done'), default=None),
                min((followup.date_planned for followup in planned), default=None),
                min((followup.date_limit for followup in planned if followup.date_limit), default=None))
        return result

    def _check(self):
        true = self._true()
        self.assertEqual(self._kept(), true)
        return {number: true.get(customer.id) for number, customer in enumerate(self.customers)}

    # ------------------------------------------------------------
    # KEPT
    # ------------------------------------------------------------

    def test_cad_4_no_join_of_changes(self):
        """CAD-4, PLT-3: what changed is found without a join. PostgreSQL plans the statements of a trigger once in a session, as
        the first change needs it: after one of a single row 40,000 were compared with 40,000 one by one."""
        self.env.cr.execute("SELECT prosrc FROM pg_proc WHERE proname LIKE 'customer_contact_date_%'")
        sources = [source for source, in self.env.cr.fetchall()]
        self.assertEqual(len(sources), 3)
        for source in sources:
            self.assertNotIn('JOIN', source.partition("ids <> ")[0])

    def test_whatever_writes(self):
        """Every way by which follow-ups come, change and go: records, SQL, another customer, another company, nobody left."""
        day = fields.Date.to_date
        main = self.env.company.id
        with self._on(TODAY):
            self._world()
            dates = self._check()
            self.assertEqual(dates[0], (main, day('2026-03-03'), day('2026-03-01'), day('2026-03-04')))
            self.assertEqual(dates[2], (main, None, day('2026-04-20'), day('2026-04-23')))
            self.assertEqual(dates[5], (main, day('2026-01-03'), None, None))
            self.assertEqual((dates[6], dates[7], dates[10]), (None, None, None))

            first = self._open(self.customers[0])[0]
            first.sudo().write({'date_planned': '2026-06-01', 'date_limit': '2026-06-03'})
            self.assertEqual(self._check()[0][2:], (day('2026-04-01'), day('2026-04-04')))
            self._open(self.customers[0]).sudo().write({'state': 'cancelled'})
            self.assertEqual(self._check()[0][1:], (day('2026-03-03'), None, None))
            moved = self.customers[11].id, self.customers[0].id
            self.env.cr.execute("UPDATE customer_followup SET partner_id = %s WHERE partner_id = %s", moved)
            self.env.invalidate_all()
            self.assertEqual([self._check()[number] for number in (0, 11)], [None, (main, day('2026-03-03'), None, None)])
            self._followups((1, {'date_planned': '2026-03-10', 'company_id': self.company_2.id}))
            self.assertEqual(self._check()[1], (None, None, day('2026-03-10'), day('2026-03-13')))
            self._open(self.customers[1])[0].sudo().unlink()
            self.assertEqual(self._check()[1][0], main)
            self._forget("company_id IS NOT NULL")
            self.assertEqual(set(self._check().values()), {None})

    def test_daily_work(self):
        """Planning, logging, skipping, pausing, merging and deleting."""
        with self._on(TODAY):
            self.customers[:4].customer_cadence_id = self.cadence
            self._check()
            self._log(self.customers[0], next_step="Send samples", next_date='2026-03-25')
            self.assertEqual(self._check()[0][1], fields.Date.to_date(TODAY))
            self._open(self.customers[1], self.step)._skip(self.reason)
            self._check()
            self.env['customer.pause'].create({
                'partner_id': self.customers[2].id, 'date_from': TODAY, 'date_to': '2026-05-30', 'reason_id': self.reason.id})
            self.env['customer.planner']._work_queue()
            self._check()
            self.env['base.partner.merge.automatic.wizard']._merge((self.customers[0] + self.customers[3]).ids, self.customers[3])
            self.assertTrue(self._check()[3][1])
            self.assertFalse(self.customers[0].exists())
            self.customers[3].action_customer_exclude()
            self._check()

    def test_statements_without_dates(self):
        """What changes no date writes no row: reminders and texts are written often."""
        with self._on(TODAY):
            self._world()
            self.env.flush_all()
            self.env.cr.execute("SELECT partner_id, xmin, ctid FROM customer_contact_date")
            before = self.env.cr.fetchall()
            self.assertTrue(before)
            self.env.cr.execute("UPDATE customer_followup SET feedback = 'x', reminded = TRUE")
            self.env.cr.execute("SELECT partner_id, xmin, ctid FROM customer_contact_date")
            self.assertEqual(self.env.cr.fetchall(), before)

    def test_update_of_an_older_version(self):
        """PLT-7: what was there before the dates were kept is made once."""
        with self._on(TODAY):
            self._world()
            self.env.flush_all()
            self.env.cr.execute("DELETE FROM customer_contact_date")
            self.dates._fill()
            self.assertTrue(self._check()[0])

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def test_first_page(self):
        """A page begins with the first dates alone, where these fill it; else all customers are sorted, and the page is the
        same."""
        partners, ours = self.env['res.partner'].with_user(self.mara), Domain('id', 'in', self.customers.ids)
        sorted_all = []

        def look(model, *args, **options):
            page = original(model, *args, **options)
            if 'customer_by_contact_date' not in model.env.context:  # the look at the first dates is a search, too
                sorted_all.append(page is None)
            return page

        original = type(partners)._search_first_by_contact
        with self._on(TODAY):
            self._world()
            everybody = {order: partners.search(ours, order=order).ids for order in ORDERS[:4]}
            with patch.object(type(partners), '_search_first_by_contact', look):
                for first in (3, 1000):
                    module = 'odoo.addons.customer_success.models.cadence.customer_contact_date.FIRST'
                    with patch(module, first):
                        for order, ids in everybody.items():
                            sorted_all.clear()
                            for offset, limit in ((0, 2), (0, 1), (2, 3), (0, 12)):
                                page = partners.search(ours, order=order, offset=offset, limit=limit)
                                self.assertEqual(page.ids, ids[offset:offset + limit], (first, order, offset, limit))
                            self.assertTrue(sorted_all[3], "a page with customers who have no date")
                            self.assertFalse(sorted_all[1] and first > 3)

    def test_many_that_others_look_after(self):
        """Customers whose follow-ups the user does not see are not asked one by one, and stand where they stood."""
        partners, ours = self.env['res.partner'].with_user(self.anna), Domain('id', 'in', self.customers.ids)
        with self._on(TODAY):
            self._world()
            one_by_one = {order: partners.search(ours, order=order, limit=9).ids for order in ORDERS}
            joined, original, counted = [], type(self.dates)._joined_seen, []
            self.patch(type(self.env['customer.statistics']), '_keep', lambda model, *tables: counted.append(tables))
            with patch('odoo.addons.customer_success.models.cadence.res_partner.FEW', 5), patch.object(
                    type(self.dates), '_joined_seen', lambda *args, **kw: joined.append(args) or original(*args, **kw)):
                for order, ids in one_by_one.items():
                    joined.clear()
                    self.assertEqual(partners.search(ours, order=order, limit=9).ids, ids, order)
                    self.assertEqual(bool(joined), order != ORDERS[-1])
            self.assertIn('customer_followup', counted[0], "the first one after a restored dump does not wait for a minute")

    def test_context_from_outside(self):
        """PLT-2: what a program writes into the context never becomes SQL."""
        partners = self.env['res.partner'].with_user(self.mara)
        for asked in (('next_contact', "ASC; DELETE FROM customer_pulse"), ('id) --', 'ASC'), 'x', [['next_contact'], 'ASC'], 7):
            found = partners.with_context(customer_by_contact_date=asked).search(
                [('id', 'in', self.customers.ids)], order='customer_next_contact, id', limit=5)
            self.assertEqual(len(found), 5)

    def _answers(self, user, companies):
        """What somebody finds by the contacts of customers, in all ways that screens ask."""
        partners = self.env['res.partner'].with_user(user).with_context(allowed_company_ids=companies.ids, lang='en_US')
        ours = Domain('id', 'in', self.customers.ids)
        answers = {}
        for order in ORDERS:
            answers[order] = partners.search(ours, order=order).ids
            for offset, limit in PAGES:
                answers[order, offset, limit] = partners.search(ours, order=order, offset=offset, limit=limit).ids
        for state in STATES:
            domain = ours & Domain('customer_contact_state', '=', state)
            answers[state] = partners.search(domain, order='id').ids
            answers[state, 'by date'] = partners.search(domain, order=ORDERS[0], limit=2).ids
        answers['two'] = partners.search(ours & Domain('customer_contact_state', 'in', ['overdue', 'week']), order='id').ids
        for name in ('customer_last_contact', 'customer_next_contact'):
            for operator in ('<', '<=', '>', '>=', '=', '!='):
                for value in ('2026-03-03', '2026-03-19', False):
                    if value or operator in ('=', '!='):
                        answers[name, operator, value] = partners.search(ours & Domain(name, operator, value), order='id').ids
        answers['groups'] = [
            (state, count) for state, count in partners._read_group(ours, ['customer_contact_state'], ['__count'])]
        return answers

    def _check_alike(self, user, companies, kept):
        """Both ways of reading find the same, and the first is taken where it should be."""
        visible = type(self.dates)._visible_sql
        taken = []

        def look(model, alias):
            taken.append(visible(model, alias))
            return taken[-1]

        with patch.object(type(self.dates), '_visible_sql', look):
            found = self._answers(user, companies)
        self.assertEqual({answer is not None for answer in taken}, {kept})
        with patch.object(type(self.dates), '_visible_sql', lambda *args: None):
            asked = self._answers(user, companies)
        for key, answer in found.items():
            self.assertEqual(answer, asked[key], key)
        self.assertEqual(dict(found['groups']), {state: len(found[state]) for state in STATES if found[state]})
        self.assertEqual(sorted(sum((found[state] for state in STATES), [])), sorted(self.customers.ids))
        for order, states in ((ORDERS[4], STATES), (ORDERS[5], STATES[::-1])):
            self.assertEqual(found[order], sum((found[state] for state in states), []), "in the order of the selection")
            for offset, limit in PAGES:
                self.assertEqual(found[order, offset, limit], found[order][offset:offset + limit], (order, offset))
        return found

    def test_all_read_alike(self):
        """PLT-2: whoever sees all follow-ups reads the kept dates, everybody else those of the follow-ups that rules allow; in
        the same database both find what the follow-ups say."""
        main, every = self.env.company, self.env['res.company'].search([])
        self.mara.company_ids = [Command.set(every.ids)]
        with self._on(TODAY):
            self._world()
            manager = self._check_alike(self.mara, every, True)
            self.assertEqual([len(manager[state]) for state in STATES], [2, 2, 1, 1, 1, 0, 5])
            self.assertEqual(manager[ORDERS[0], 0, 3], (self.customers[9] + self.customers[0] + self.customers[8]).ids)
            self.assertEqual(manager[ORDERS[2]][:2], (self.customers[0] + self.customers[5]).ids)
            self.assertEqual(self._check_alike(self.mara, main, True), manager)
            salesperson = self._check_alike(self.anna, main, False)
            self.assertEqual(salesperson['overdue'], self.customers[0].ids)
            self.assertIn(self.customers[9].id, salesperson['colleague'])
            self._check_alike(self.lena, main, False)

    def test_follow_ups_of_two_companies(self):
        """PLT-2: where companies share a customer, everybody finds the dates of the companies that are theirs at the moment."""
        main, every = self.env.company, self.env['res.company'].search([])
        self.mara.company_ids = [Command.set(every.ids)]
        with self._on(TODAY):
            self._world()
            self.customers.company_id = False
            other = self._followups((10, {'date_planned': '2026-02-01'}), company_id=self.company_2.id)
            self.assertIn(self.customers[10].id, self._check_alike(self.mara, every, True)['overdue'])
            self.assertNotIn(self.customers[10].id, self._check_alike(self.mara, main, True)['overdue'])
            other.sudo().partner_id = self.customers[1]
            self.assertIn(self.customers[1].id, self._check_alike(self.mara, every, True)['overdue'])
            self.assertIn(self.customers[1].id, self._check_alike(self.mara, main, False)['week'])
            self.assertIn(self.customers[1].id, self._check_alike(self.mara, self.company_2, False)['overdue'])

    def test_rule_of_an_administrator(self):
        """PLT-2: a record rule that somebody added is obeyed."""
        with self._on(TODAY):
            self._world()
            self.env['ir.rule'].create({
                'name': "No visits", 'model_id': self.env['ir.model']._get_id('customer.followup'),
                'domain_force': [('date_planned', '!=', '2026-02-19')]})
            found = self._check_alike(self.mara, self.env.company, False)
            self.assertNotIn(self.customers[9].id, found['overdue'])
