"""PRO-3: the decision chain as seats of a customer, who sits there, and what is missing."""
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ...models.base.customer_fact import Found
from ..common import CustomerCase


class SeatCase(CustomerCase):
    """Two customers with people; the shipped cadence for when people change holds from 2026 on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.decider, cls.influencer, cls.finance = (
            cls.env.ref(f'customer_success.customer_contact_role_{name}') for name in ('decider', 'influencer', 'finance'))
        cls.anew = cls.env.ref('customer_success.customer_cadence_step_people')
        cls.anew.cadence_id.active = True
        cls.anew.date_start = '2026-01-01'
        cls.blue, cls.red = cls._customer("Blue"), cls._customer("Red")
        cls.bo, cls.di = cls.env['res.partner'].create([
            {'name': "Bo", 'parent_id': cls.blue.id, 'function': "Buyer", 'email': 'bo@blue.example'},
            {'name': "Di", 'parent_id': cls.blue.id, 'function': "Director"}])
        # nothing but what happens to people is planned
        quiet = cls._cadence("Quiet", {'name': "Once", 'kind': 'event', 'event': 'first_order', 'channel_id': cls.call.id})
        (cls.blue | cls.red).customer_cadence_id = quiet

    @classmethod
    def _seat(cls, person=None, role=None, customer=None, **vals):
        return cls.env['customer.seat'].create({
            'partner_id': (customer or cls.blue).id, 'role_id': (role or cls.decider).id,
            'person_id': person.id if person else False, **vals})

    def _changes(self, customer=None):
        return self.env['customer.person.change'].search([
            ('partner_id', '=', (customer or self.blue).id), ('undone_on', '=', False)], order='id')


@tagged('post_install', '-at_install')
class TestSeats(SeatCase):

    def test_pro_3_person_leaves_and_seat_stays(self):
        """PRO-3: the seat is vacant, who sat there is history, and the customer's chatter says so."""
        with self._on('2026-03-02'):
            seat = self._seat(self.bo, attitude='supporter', known_by='person')
        self.assertEqual((seat.name, seat.since), ("Buyer", fields.Date.to_date('2026-03-02')))
        with self._on('2026-04-01'):
            self.bo.with_user(self.anna).action_archive()
        self.assertRecordValues(seat, [{
            'person_id': False, 'vacant': True, 'name': "Buyer", 'since': fields.Date.to_date('2026-04-01'), 'attitude': False,
            'known_by': False}])
        self.assertRecordValues(seat.term_ids, [{
            'person_id': self.bo.id, 'person_name': "Bo", 'date_from': fields.Date.to_date('2026-03-02'),
            'date_to': fields.Date.to_date('2026-04-01'), 'reason': 'archived', 'attitude': 'supporter'}])
        self.assertIn("Bo (Buyer) is not with them any more. A seat is vacant: Decision maker.", self.blue.message_ids[:1].body)

    def test_pro_3_another_position(self):
        """PRO-3: another position vacates the seat; one that is noted for the first time, or written otherwise, does not, and
        neither does that of who holds no seat."""
        seat = self._seat(self.bo)
        self.bo.function = " buyer "
        self.assertEqual(seat.person_id, self.bo)
        self.di.function = "Board"
        self.assertFalse(self._changes())
        self.bo.function = "Head of Logistics"
        self.assertFalse(seat.person_id)
        self.assertRecordValues(self._changes(), [{
            'kind': 'position', 'position': " buyer ", 'after': "Head of Logistics", 'roles': "Decision maker"}])
        cy = self.env['res.partner'].create({'name': "Cy", 'parent_id': self.blue.id})
        other = self._seat(cy, self.finance)
        cy.function = "Accountant"
        self.assertEqual(other.person_id, cy)

    def test_pro_3_every_path(self):
        """PRO-3: moved by form, list, import, RPC, from above, by a deleted contact: the seat is vacant, once."""
        def by_form(person):
            with Form(person) as form:
                form.parent_id = self.red

        def by_import(person):
            person.env['ir.model.data']._update_xmlids([{'xml_id': f'__import__.p{person.id}', 'record': person}])
            result = person.load(['id', 'name', 'parent_id/.id'], [[f'__import__.p{person.id}', person.name, str(self.red.id)]])
            self.assertFalse(result['messages'])

        def by_department(person):
            office = self.env['res.partner'].create({'name': "Office", 'parent_id': self.blue.id, 'type': 'other'})
            person.parent_id = office
            self.assertFalse(self._changes())
            office.parent_id = self.red

        paths = {
            'form': by_form, 'list': lambda person: person.write({'parent_id': self.red.id}), 'import': by_import,
            'department': by_department, 'archive': lambda person: person.action_archive(),
            'company': lambda person: person.write({'parent_id': False}),
            'delete': lambda person: person.unlink()}
        for name, path in paths.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                person = self.env['res.partner'].create({'name': "Xu", 'parent_id': self.blue.id, 'function': "Buyer"})
                seat = self._seat(person)
                path(person)
                self.assertFalse(seat.person_id)
                self.assertEqual(len(self._changes()), 1)
                self.assertEqual(len(self._open(self.blue)), 1)
                if person.exists():
                    path(person) if name in ('list', 'archive') else person.write({'name': "Xu"})
                    self.assertEqual((len(self._changes()), len(self._open(self.blue))), (1, 1), "saved twice")
                self.assertFalse(self._open(self.red))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_pro_3_one_follow_up_of_several(self):
        """PRO-3, CAD-1: whoever leaves while we get in touch anew belongs to the same follow-up; afterwards it is another."""
        self._seat(self.di)
        with self._on('2026-03-02'):
            self.bo.parent_id = self.red
            first = self._open(self.blue)
            self.assertRecordValues(first, [{'step_id': self.anew.id, 'event_date': fields.Date.to_date('2026-03-02')}])
        with self._on('2026-03-03'):
            self.di.action_archive()
            self.assertEqual(self._open(self.blue), first)
            self._log(self.blue)
            self.assertEqual(first.state, 'done')
            self.assertFalse(self._open(self.blue))
        with self._on('2026-03-10'):
            self.env['res.partner'].create({'name': "Cy", 'parent_id': self.blue.id}).action_archive()
            self.assertEqual(len(self._open(self.blue)), 1)

    def test_pro_3_taken_back(self):
        """PRO-3: a slip of the hand that is set right gives the seat back, and withdraws the follow-up."""
        with self._on('2026-03-02'):
            seat = self._seat(self.bo, attitude='critical', known_by='guess')
            self.bo.parent_id = self.red
            self.assertTrue(self._open(self.blue))
        with self._on('2026-03-03'):
            self.bo.parent_id = self.blue
            self.assertRecordValues(seat, [{
                'person_id': self.bo.id, 'attitude': 'critical', 'known_by': 'guess',
                'since': fields.Date.to_date('2026-03-02')}])
            self.assertEqual(len(seat.term_ids), 1)
            self.assertFalse(seat.term_ids.date_to or self._open(self.blue) or self._changes())
            self.bo.action_archive()
            seat.person_id = self.di
            self.bo.action_unarchive()
            self.assertEqual(seat.person_id, self.di, "somebody took it meanwhile")

    def test_pro_3_revenue_stays(self):
        """PRO-3, SEG-1: revenue, tier and rhythm stay with the company that bought."""
        self._seat(self.bo)
        order = self._order(self.bo, 5000)
        self.env['customer.ranking']._refresh_all()
        before = self.blue.customer_revenue, self.blue.customer_tier_id, self.blue.customer_cadence_id
        self.assertEqual(before[0], 5000)
        self.bo.parent_id = self.red
        self.env['customer.ranking']._refresh_all()
        self.assertEqual((self.blue.customer_revenue, self.blue.customer_tier_id, self.blue.customer_cadence_id), before)
        self.assertEqual((self.red.customer_revenue, order.customer_commercial_id), (0, self.blue))

    def test_pro_3_merge(self):
        """PRO-3, PLT-2: a person merged into one of the same customer keeps its seats, each role once; merged into somebody
        elsewhere it leaves them."""
        wizard = self.env['base.partner.merge.automatic.wizard']
        twin = self.env['res.partner'].create({'name': "Bo Berg", 'parent_id': self.blue.id, 'function': "Purchasing"})
        seats = self._seat(self.bo), self._seat(twin), self._seat(twin, self.finance)
        wizard._merge((self.bo | twin).ids, self.bo)
        self.env.invalidate_all()
        self.assertEqual([seat.person_id for seat in seats], [self.bo, self.env['res.partner'], self.bo])
        self.assertFalse(self._changes())
        elsewhere = self.env['res.partner'].create({'name': "Bo", 'parent_id': self.red.id})
        wizard._merge((self.bo | elsewhere).ids, elsewhere)
        self.env.invalidate_all()
        self.assertFalse(seats[0].person_id or seats[2].person_id)
        self.assertRecordValues(self._changes(), [{'kind': 'merged', 'person_name': "Bo", 'after': "Red"}])
        self.assertEqual(len(self._open(self.blue)), 1)
        self.assertFalse(self._open(self.red))

    def test_pro_3_merged_customers(self):
        """PRO-3, PLT-2: seats, insights and what happened to people go along with the business."""
        seat = self._seat(customer=self.red)
        insight = self.env['customer.insight'].create({'partner_id': self.red.id, 'name': "Slow"})
        self.env['base.partner.merge.automatic.wizard']._merge((self.blue | self.red).ids, self.blue)
        self.env.invalidate_all()
        self.assertEqual((seat.partner_id, insight.partner_id), (self.blue, self.blue))

    def test_pro_3_refused(self):
        """PRO-3: bad input is refused in words."""
        seat, stranger = self._seat(self.bo), self.env['res.partner'].create({'name': "Stranger", 'parent_id': self.red.id})
        with self.assertRaisesRegex(ValidationError, "Stranger is not with Blue but with Red"):
            self._seat(stranger)
        with self._refused("has this role at the customer already"):
            self._seat(self.bo)
        with self.assertRaisesRegex(ValidationError, "Blue is a company"):
            self._seat(self.blue)
        other = self._seat(self.bo, self.finance)
        with self.assertRaisesRegex(ValidationError, "Bo can't be their own manager"):
            other.reports_to_id = seat
        top = self._seat(self.di, self.influencer)
        seat.reports_to_id = top
        with self.assertRaisesRegex(ValidationError, "can't report to itself"):
            top.reports_to_id = seat
        with self.assertRaisesRegex(ValidationError, "one of another customer: Red"):
            seat.reports_to_id = self._seat(stranger, customer=self.red)
        with self.assertRaises(UserError):
            self.bo.parent_id = self.bo

    def test_pro_3_attitude_is_dated(self):
        """PRO-3: who judged an attitude, and when; nobody writes that by hand; it goes with the person."""
        with self._on('2026-03-02'):
            seat = self._seat(self.bo).with_user(self.anna)
            seat.attitude = 'opponent'
            self.assertEqual((seat.attitude_on, seat.attitude_by_id), (fields.Date.to_date('2026-03-02'), self.anna))
        with self._on('2026-03-05'):
            seat.attitude = 'opponent'
            self.assertEqual(seat.attitude_on, fields.Date.to_date('2026-03-02'), "nothing new")
            for values in ({'attitude_on': '2026-01-01'}, {'attitude_by_id': self.ben.id}):
                with self.assertRaisesRegex(AccessError, "kept by itself"):
                    seat.write(values)
            seat.person_id = self.di
            self.assertFalse(seat.attitude or seat.attitude_on or seat.attitude_by_id)
            self.assertEqual(seat.term_ids.mapped('person_name'), ["Di", "Bo"])

    def test_pro_3_people_by_role(self):
        """PRO-3, PLT-2: who works with the customer, the leader, a manager; no other, and nobody of another company."""
        self._seat(self.bo)
        values = {'partner_id': self.blue.id, 'role_id': self.influencer.id}
        for user, may in ((self.anna, True), (self.lena, True), (self.mara, True), (self.otto, False), (self.zoe, False)):
            seats = self.env['customer.seat'].with_user(user)
            self.assertEqual(bool(seats.search([('partner_id', '=', self.blue.id)])), may, user.name)
            if may:
                seats.create(values)
            else:
                with self.assertRaises(AccessError):
                    seats.create(values)
        with self.assertRaises(AccessError):
            self.decider.with_user(self.anna).name = "Boss"
        self.decider.with_user(self.mara).name = "Boss"
        with self.assertRaises(AccessError):
            self.env['customer.seat.term'].with_user(self.mara).search([], limit=1).date_to = '2026-01-01'

    def test_pro_3_person_names_its_customer(self):
        """PRO-3: a seat that is made from a contact is one of its customer."""
        seat = self.env['customer.seat'].with_user(self.anna).create({'person_id': self.bo.id, 'role_id': self.decider.id})
        self.assertEqual(seat.partner_id, self.blue)

    def test_pro_3_chart(self):
        """PRO-3: the chart stands from top to bottom, with what the card says."""
        top = self._seat(self.di, attitude='positive', known_by='document', known_note="the contract")
        below = self._seat(self.bo, self.influencer, reports_to_id=top.id, influence='high')
        self._seat(role=self.finance, customer=self.blue)
        with self._on('2026-03-02'):
            self._log(self.blue, contact=self.bo)
        chart = self.env['customer.seat'].with_user(self.anna)._chart(self.blue.with_user(self.anna))
        self.assertEqual([(seat['level'], seat['role'], seat['person']) for seat in chart['seats']], [
            (0, "Decision maker", "Di"), (1, "Influencer", "Bo"), (0, "Finance", "")])
        self.assertEqual(chart['seats'][0]['known'], "Contract or organisation chart: the contract")
        self.assertEqual((chart['seats'][0]['attitude_name'], chart['seats'][0]['last']), ("Well-disposed", "Never reached"))
        self.assertEqual(chart['seats'][1]['last'], "Last contact 03/02/2026")
        self.assertEqual(below.with_user(self.anna).last_contact, fields.Date.to_date('2026-03-02'))

    def test_pro_3_queries(self):
        """PRO-3: the chart asks as often for two seats as for twelve."""
        counts, seats = [], self.env['customer.seat'].with_user(self.anna)
        for number in (2, 3, 12):
            people = self.env['res.partner'].create([
                {'name': f"Person {count}", 'parent_id': self.red.id} for count in range(number)])
            for person in people:
                self._seat(person, customer=self.red)
            seats._chart(self.red.with_user(self.anna))  # what is kept in memory
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertGreaterEqual(len(seats._chart(self.red.with_user(self.anna))['seats']), number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 12)

    def test_pro_3_role_is_a_record(self):
        """PRO-3: an administrator adds a role that decides, and it counts."""
        self.assertEqual(self.blue.customer_seat_gap, 'decider')
        board = self.env['customer.contact.role'].with_user(self.mara).create({'name': "Board", 'decides': True})
        self._seat(self.di, board)
        self.env.invalidate_all()
        self.assertNotEqual(self.blue.customer_seat_gap, 'decider')


@tagged('post_install', '-at_install')
class TestGaps(SeatCase):

    def _gaps(self, partner):
        self.env.flush_all()
        return self.env['customer.seat'].sudo()._gaps_of(partner)[partner.id]

    def _found(self, gap):
        return self.env['res.partner'].search([('customer_seat_gap', '=', gap), ('id', 'in', (self.blue | self.red).ids)])

    def test_pro_3_gaps_by_boundary(self):
        """PRO-3: decision maker unknown; nobody met for 120 days, to the day; a single thread."""
        (self.blue | self.red).customer_managed_since = '2026-01-01'
        with self._on('2026-01-01'):
            self._log(self.blue, contact=self.bo)
            self.assertEqual(self._gaps(self.blue), ['decider', 'single'])
            self.assertEqual(self._gaps(self.red), ['decider'])
        with self._on('2026-04-30'):
            self.assertEqual(self._gaps(self.blue), ['decider', 'single'], "119 days ago")
        with self._on('2026-05-01'):
            self.assertEqual(self._gaps(self.blue), ['decider', 'unmet', 'single'], "120 days ago")
            self.assertEqual(self.env['customer.seat']._describe_gap('unmet'), "Nobody met for 120 days")
            self.env['res.config.settings'].create({'customer_unmet_days': 121}).execute()
            self.env.invalidate_all()
            self.assertEqual(self._gaps(self.blue), ['decider', 'single'])
            self.env['res.config.settings'].create({'customer_unmet_days': 120}).execute()
            seat = self._seat(self.di)
            self.assertEqual(self._gaps(self.blue), ['unmet', 'single'])
            self._log(self.blue, contact=self.bo)
            self.assertEqual(self._gaps(self.blue), ['unmet', 'single'], "he sits nowhere")
            self._log(self.blue, contact=self.di, outcome='no_answer')
            self.assertEqual(self._gaps(self.blue), ['unmet', 'single'], "nobody was reached")
            self._log(self.blue, contact=self.di, channel=self.email)
            self.assertEqual(self._gaps(self.blue), ['unmet'], "an email alone is no word of theirs")
            self._log(self.blue, contact=self.di)
            self.assertEqual(self._gaps(self.blue), [])
            seat.person_id = False
            self.assertEqual(self._gaps(self.blue), ['decider'])
            self.assertFalse(self.blue.customer_seat_gap != 'decider')
            self.assertEqual(self.blue.customer_seat_gaps, "Decision maker unknown")

    def test_pro_3_gaps_found_and_grouped(self):
        """PRO-3: customers are found by each of their gaps, and stand in the group of the first."""
        (self.blue | self.red).customer_managed_since = '2026-01-01'
        with self._on('2026-05-02'):
            self._seat(self.di)
            self.assertEqual(self._found('decider'), self.red)
            self.assertEqual(self._found('unmet'), self.blue | self.red)
            self._log(self.blue, contact=self.di)
            self.assertEqual(self._found('unmet'), self.red)
            self.assertEqual(self._found('single'), self.blue)
            self.assertFalse(self._found(False))
            self._log(self.blue, contact=self.bo)
            self.assertEqual(self._found(False), self.blue)
            groups = self.env['res.partner']._read_group(
                [('id', 'in', (self.blue | self.red).ids)], ['customer_seat_gap'], ['__count'])
            self.assertEqual(groups, [('decider', 1), (False, 1)])

    def test_pro_3_who_has_no_gaps(self):
        """PRO-3: a person decides for itself, and who is no customer is not looked at."""
        person = self._customer("Wang", is_company=False)
        stranger = self.env['res.partner'].create({'name': "Stranger", 'is_company': True})
        self.assertEqual((self._gaps(person), self._gaps(stranger)), ([], []))

    def test_pro_3_fact(self):
        """PRO-3, HEA-6: gaps are a fact, by which the chain is proposed to be mended: seat_gaps, deciders_reachable."""
        facts = self.env['customer.fact'].sudo()
        with facts._measuring(self.blue.ids):
            spans = facts._days_back(self.blue.ids, 30)
            rows = self.env.execute_query(facts._query('seat_gaps', spans, {}, 'detail'))
            self.assertEqual([(key, value) for key, value, __ in rows], [(self.blue.id, 1)])
            self.assertEqual(rows[0][2], {'gaps': ['decider']})
            for expected, change in ((0, None), (0, lambda: self._seat(self.di)), (1, lambda: self._seat(self.bo)),
                                     (0, lambda: self.bo.action_archive())):
                if change:
                    change()
                self.env.flush_all()
                [row] = self.env.execute_query(facts._query('deciders_reachable', spans, {}))
                self.assertEqual(row[1], expected)
        self.assertEqual(
            facts._say('seat_gaps', facts._get('seat_gaps'), Found(1, detail={'gaps': ['decider']}), {}),
            "Decision maker unknown")
