"""PRO-1, PLT-2, K2: a customer stays the same one, whatever becomes of its contact."""
from datetime import date

from odoo.tests import tagged

from ..health.common import HealthFigures
from ..strategy.strategy_common import StrategyCase


@tagged('post_install', '-at_install')
class TestIdentity(HealthFigures, StrategyCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls._kpi("Asked", target=50)

    def _full(self, name, **vals):
        """Return a customer since 5 January about whom much is known: an order, a contact, an agreed day that was given to
        Ben, a promise, a pause, a strategy, a pulse, a snoozed warning and an occasion."""
        with self._on('2026-01-05'):
            partner = self._customer(name, customer_cadence_id=self.cadence.id, customer_enrolment='auto', **{
                'birthdate_date': False, **vals})
            self._order(partner, 30000)
        with self._on('2026-11-10'):
            self._log(partner, feedback="Talk", next_step="Send offer", next_date=date(2026, 12, 3))
            followup = self._open(partner, self.step)
            followup._reassign(self.ben)
            followup._move(date(2026, 12, 22), self.reason, "agreed")
            self._strategy(partner, (self.kpi, 80), start='2026-11-10')
            self.env['customer.pulse'].create({'partner_id': partner.id, 'score': '4', 'date': '2026-11-09'})
            self._warn(partner, 'one', '2', snooze_until='2026-12-24')
            partner.write({'customer_needs': "Cement", 'customer_source_detail': "Fair",
                           'customer_source_id': self.env['utm.source'].create({'name': f"Fair {name}"}).id,
                           'customer_potential': 'high', 'customer_potential_reason': "Grows"})
            partner._set_tier_by_hand(self.tier_high, "Important")
        self.env.flush_all()
        return partner

    def _facts(self, customer):
        """What people decided and said about a customer, as it stands on its screens."""
        self.env.flush_all()
        self.env.invalidate_all()
        touch, promise = self._open(customer, self.step), self._open(customer).filtered(lambda f: not f.step_id)
        return {
            'managed': customer.customer_managed, 'since': customer.customer_managed_since, 'number': customer.ref,
            'given': customer.customer_number, 'user': customer.user_id, 'last': customer.customer_last_contact,
            'day': touch.date_planned, 'who': touch.user_id, 'moved': touch.move_count, 'promise': promise.date_planned,
            'strategy': customer.customer_strategy_id.core_approach, 'satisfied': customer.customer_pulse_ids.mapped('score'),
            'snoozed': customer.customer_warning_ids.mapped('snooze_until'), 'needs': customer.customer_needs,
            'source': customer.customer_source_id.name, 'detail': customer.customer_source_detail,
            'potential': customer.customer_potential, 'reason': customer.customer_potential_reason,
            'judged': customer.customer_potential_date, 'tier': customer.customer_tier_id,
            'tier since': customer.customer_tier_since, 'by hand': customer.customer_tier_manual_id,
            'revenue': customer.customer_revenue, 'first order': customer.customer_first_order,
            'cadence': customer.customer_cadence_id, 'cadence since': customer.customer_cadence_since,
            'history': customer.customer_tier_change_ids.mapped(lambda change: (change.date, change.cause)),
            'filed': customer.customer_filed_on,
        }

    # ------------------------------------------------------------
    # A PERSON BECOMES A COMPANY
    # ------------------------------------------------------------

    def test_pro_1_sole_trader_becomes_company(self):
        """PRO-1, K2: *Create company* on a customer makes the company the customer, with all that was known; what is the
        person's own stays with the person."""
        wang = self._full("Wang", is_company=False, company_name="Weiye", birthdate_date='1980-12-24')
        clerk = self.env['res.partner'].create({'name': "Clerk", 'parent_id': wang.id})
        birthday = self.env['customer.occasion'].create({
            'partner_id': wang.id, 'kind_id': self.env.ref('customer_success.customer_occasion_kind_lunar_birthday').id,
            'month': 11, 'day': 3})
        years = self.env['customer.occasion'].create({
            'partner_id': wang.id, 'kind_id': self.env.ref('customer_success.customer_occasion_kind_cooperation').id,
            'month': 1, 'day': 5})
        budget = self.env['customer.care.budget'].create({
            'partner_id': wang.id, 'kind_id': self.env['customer.care.kind'].search([], limit=1).id, 'amount': 9,
            'reason': "x"})
        before = self._facts(wang)
        self.assertEqual((before['day'], before['who'], before['since']), (date(2026, 12, 22), self.ben, date(2026, 1, 5)))
        with self._on('2026-11-28'):
            wang.create_company()
        weiye = wang.parent_id
        self.assertEqual(self._facts(weiye), before)
        self.assertEqual((birthday.partner_id, years.partner_id, budget.partner_id), (wang, weiye, weiye))
        self.assertEqual(wang.birthdate_date, date(1980, 12, 24))
        self.assertEqual(self._open(weiye).contact_id, wang, "it was the person who was spoken to")
        self.assertFalse(wang.ref or wang.customer_managed or self._open(wang) or wang.customer_tier_id)
        self.assertFalse(weiye.customer_warning_ids - self.env['customer.warning'].search([('partner_id', '=', weiye.id)]))
        self.assertEqual(clerk.parent_id, weiye)
        self.assertFalse(self.env['customer.person.change'].search([('person_id', 'in', (wang + clerk).ids)]), "nobody left")

    def test_pro_1_stopped_or_excluded_trader_becomes_company(self):
        """PRO-1, K2: do not contact, and an exclusion, are those of the company that the customer becomes."""
        stopped = self._full("Stopped", is_company=False, company_name="Stopped Ltd")
        stopped.write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked"})
        excluded = self._full("Excluded", is_company=False, company_name="Excluded Ltd")
        excluded.action_customer_exclude()
        (stopped + excluded).mapped(lambda partner: partner.create_company())
        company = stopped.parent_id
        self.assertEqual((company.customer_do_not_contact, company.customer_do_not_contact_reason), (True, "Asked"))
        self.assertFalse(stopped.customer_do_not_contact)
        self.assertFalse(self._open(company), self._open(company).read())
        company = excluded.parent_id
        self.assertEqual((company.customer_enrolment, company.customer_managed), ('excluded', False))

    def test_pro_1_customer_joins_a_customer(self):
        """PRO-1, K2: a customer that becomes a contact of another one brings everything; the other's own comes first."""
        alpha = self._full("Alpha")
        with self._on('2026-10-01'):
            wang = self._customer("Wang", is_company=False, customer_cadence_id=self.cadence.id, user_id=self.otto.id)
            self._log(wang, feedback="Earlier")
        wang.write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked"})
        before, number = self._facts(alpha), wang.ref
        with self._on('2026-11-28'):
            wang.parent_id = alpha
        after = self._facts(alpha)
        self.assertEqual({**after, 'history': before['history']}, before)
        self.assertIn("Earlier", alpha.customer_followup_ids.mapped('feedback'))
        self.assertIn(number, str(alpha.message_ids.mapped('body')))
        self.assertEqual(wang.customer_number, number, "it is given to nobody else")
        self.assertTrue(wang.customer_do_not_contact, "who asked is left alone")
        self.assertFalse(alpha.customer_do_not_contact, "and nobody else")
        # Wang belongs to a customer of Anna now
        wang.with_user(self.anna).action_customer_resume()
        self.assertFalse(wang.customer_do_not_contact)

    def test_pro_1_employee_changes_the_employer(self):
        """PRO-1, K2: an employee who goes from one customer to another takes nothing of it along."""
        alpha, beta = self._full("Alpha"), self._full("Beta")
        buyer = self.env['res.partner'].create({
            'name': "Buyer", 'parent_id': alpha.id, 'birthdate_date': '1990-02-02', 'user_id': self.otto.id})
        before = [self._facts(customer) for customer in (alpha, beta)]
        with self._on('2026-11-28'):
            buyer.parent_id = beta
        self.assertEqual([self._facts(customer) for customer in (alpha, beta)], before)
        self.assertEqual(buyer.birthdate_date, date(1990, 2, 2))
        self.assertFalse(self.env['customer.carried'].search([]))

    def test_pro_1_mistake_is_set_right(self):
        """PRO-1, K2, K5: a customer that was put under another one by mistake and is taken out the same day is what it was; a
        person who leaves later goes without the business."""
        alpha = self._customer("Alpha")
        wang = self._full("Wang", is_company=False)
        before = self._facts(wang)
        with self._on('2026-11-28'):
            wang.parent_id = alpha
            self.assertEqual(self._facts(alpha)['day'], before['day'])
        with self._on('2026-11-28', hour=15):
            wang.parent_id = False
            after = self._facts(wang)
            self.assertFalse(alpha.customer_last_contact or alpha.customer_strategy_id)
        self.assertEqual(after, before)
        with self._on('2026-11-28'):
            wang.parent_id = alpha
        with self._on('2027-02-01'):
            wang.is_company = True
            self.assertEqual(self._facts(alpha)['last'], before['last'])
            wang.parent_id = False
            self.assertEqual(self._facts(alpha)['last'], before['last'])
            self.assertFalse(wang.customer_last_contact)

    # ------------------------------------------------------------
    # GROUPS
    # ------------------------------------------------------------

    def test_pro_1_subsidiary_in_and_out_of_a_group(self):
        """PRO-1, K2: a company that comes under another one, managed or not, and out again stays a customer of its own."""
        sub = self._full("Subsidiary")
        group, other = self._customer("Group"), self.env['res.partner'].create({'name': "Holding", 'is_company': True})
        before = self._facts(sub)
        for parent in (group, other, self.env['res.partner']):
            with self._on('2026-11-28'):
                sub.parent_id = parent
            self.assertEqual(self._facts(sub), before, parent.name)
        self.assertFalse(self._facts(group)['last'])

    def test_pro_1_company_mark_off_and_on(self):
        """PRO-1, K2: the mark *company* goes off and on: the same customer throughout; under a group it is a part of the group
        meanwhile, with everything, and gets back what it brought."""
        alone, sub = self._full("Alone"), self._full("Subsidiary")
        group = self.env['res.partner'].create({'name': "Group", 'is_company': True})
        sub.parent_id = group
        before = self._facts(alone), self._facts(sub)
        with self._on('2026-11-28'):
            (alone + sub).is_company = False
            self.assertEqual(self._facts(alone), before[0])
            self.assertEqual(self._facts(group), before[1])
        with self._on('2026-11-30'):
            (alone + sub).is_company = True
            self.assertEqual((self._facts(alone), self._facts(sub)), before)
            self.assertFalse(group.customer_managed or group.customer_number or self._open(group))

    def test_pro_1_mark_by_someone_without_a_role(self):
        """PRO-1: who may edit contacts moves the business along without having a role in the addon; values that are given to
        create and write stay as they are (K9)."""
        sub = self._full("Subsidiary")
        group = self.env['res.partner'].create({'name': "Group", 'is_company': True})
        before = self._facts(sub)
        self.nils.group_ids += self.env.ref('base.group_partner_manager')
        values = {'parent_id': group.id, 'is_company': False}
        with self._on('2026-11-28'):
            sub.with_user(self.nils).write(values)
            self.assertEqual(values, {'parent_id': group.id, 'is_company': False})
            self.assertEqual(self._facts(group), before)
            new = {'name': "Person", 'parent_id': group.id, 'website': 'example.com', 'customer_cadence_id': self.cadence.id}
            self.env['res.partner'].create([new])
        self.assertEqual(len(new), 4)
        self.assertEqual(new['website'], 'example.com')

    # ------------------------------------------------------------
    # MERGING
    # ------------------------------------------------------------

    def _merge(self, kept, *others):
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((kept + kept.union(*others)).ids, kept)
        self.assertFalse(kept.union(*others).exists() - kept)

    def test_plt_2_merge_brings_what_is_missing(self):
        """PLT-2, K8: a customer of whom nothing is known gets salesperson, needs, source, potential, agreed day and all else
        of the one that is merged into it."""
        gone = self._full("Gone")
        before = self._facts(gone)
        with self._on('2026-11-28'):
            kept = self.env['res.partner'].create({'name': "Kept", 'is_company': True, 'user_id': False})
            self._merge(kept, gone)
            self.assertEqual(self._facts(kept), before)

    def test_plt_2_merge_keeps_what_is_there(self):
        """PLT-2, K8: of two who know something the survivor's holds, since the earlier day."""
        kept = self._full("Kept")
        with self._on('2025-06-06'):
            gone = self._customer(
                "Gone", user_id=self.otto.id, customer_needs="Sand", customer_potential='low', customer_potential_reason="x")
        before = self._facts(kept)
        with self._on('2026-11-28'):
            self._merge(kept, gone)
            after = self._facts(kept)
        self.assertEqual(after['since'], date(2025, 6, 6))
        for key in ('number', 'user', 'day', 'who', 'needs', 'potential', 'reason', 'judged', 'cadence', 'cadence since'):
            self.assertEqual(after[key], before[key], key)

    def test_plt_2_stopped_ones(self):
        """PLT-2, K8: a stopped person who becomes a contact stops nobody else; a stopped company stays stopped, and stops what
        it is merged into."""
        big, firm, other = (self._customer(name, customer_cadence_id=self.cadence.id) for name in ("Big", "Firm", "Other"))
        contact, clerk = self.env['res.partner'].create([
            {'name': "Wang", 'parent_id': big.id}, {'name': "Li", 'parent_id': firm.id}])
        private = self._customer("Wang", is_company=False)
        free = self._customer("Li", is_company=False)
        (private + firm).write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked"})
        self._merge(contact, private)
        self.assertFalse(big.customer_do_not_contact)
        self.assertTrue(self._open(big))
        self.assertTrue(contact.customer_do_not_contact)
        self._merge(clerk, free)
        self.assertTrue(firm.customer_do_not_contact)
        self.assertFalse(self._open(firm))
        self._merge(other, firm)
        self.assertEqual((other.customer_do_not_contact, other.customer_do_not_contact_reason), (True, "Asked"))
        self.assertFalse(self._open(other))

    def test_plt_2_stopped_one_is_kept(self):
        """PLT-2, K8: the other way round: a contact of a company is merged into the private customer who asked to be left
        alone, who is the contact then."""
        big = self._customer("Big", customer_cadence_id=self.cadence.id)
        contact = self.env['res.partner'].create({'name': "Wang", 'parent_id': big.id})
        with self._on('2026-10-01'):
            private = self._customer("Wang", is_company=False)
            self._log(private, feedback="Earlier")
        private.write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked"})
        self._merge(private, contact)
        self.assertEqual(private.parent_id, big)
        self.assertIn("Earlier", big.customer_followup_ids.mapped('feedback'))
        self.assertTrue(self._open(big))
        self.assertEqual((private.customer_do_not_contact, big.customer_do_not_contact), (True, False))
        self.assertFalse(private.customer_managed)
