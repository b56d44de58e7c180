"""LIF-5: who referred whom, from the lead to the reward: one, or none, each with its sentence."""
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .test_stage import StageCase


class TestReferral(StageCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.program = cls.env.ref('customer_success.customer_referral_program_discount')
        cls.gift = cls.env.ref('customer_success.customer_referral_program_gift')
        cls.referrer = cls._customer("Old Friend", email='info@oldfriend.example', phone='+49 30 901820')
        cls.journal = cls.env['account.journal'].search([('type', '=', 'sale'), ('company_id', '=', cls.env.company.id)], limit=1)

    def _refer(self, partner, referrer=None, user=None, **vals):
        return self.env['customer.referral'].with_user(user or self.anna).create({
            'referrer_id': (referrer or self.referrer).id, 'partner_id': partner.id if partner else False,
            'program_id': self.program.id, **vals}).with_env(self.env)

    def _stranger(self, name, **vals):
        return self.env['res.partner'].create({'name': name, 'is_company': True, 'user_id': self.anna.id, **vals})

    def _invoice(self, partner, amount, day=None, kind='out_invoice', paid=True):
        """Return a posted invoice, paid or not, without the books of a payment."""
        move = self.env['account.move'].create({
            'move_type': kind, 'partner_id': partner.id, 'invoice_date': day or fields.Date.today(),
            'invoice_line_ids': [Command.create({
                'product_id': self.product_thing.id, 'quantity': 1, 'price_unit': amount, 'tax_ids': False})]})
        move.action_post()
        if paid:
            self.env.flush_all()
            self.env.cr.execute("UPDATE account_move SET payment_state = 'paid' WHERE id = %s", [move.id])
            self.env.invalidate_all()
        return move

    def _on_day(self, days):
        return self._on(fields.Date.add(self.today, days=days))

    def _night_of_rewards(self):
        self.env['customer.referral']._cron_reward()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # ONE REWARD
    # ------------------------------------------------------------

    def test_paid(self):
        """LIF-5: lead, customer, ordered, paid, and after the hold rewarded, once; the thanks open with the order."""
        new = self._stranger("New Works")
        referral = self._refer(new)
        self.assertEqual((referral.state, referral.text), ('lead', "New Works is no customer yet."))
        new.action_customer_enrol()
        self.env['customer.referral']._settle()
        self.assertEqual((referral.state, referral.text), ('customer', "New Works has not ordered since."))
        self._order(new, 700)
        self.assertEqual(referral.state, 'ordered', "at once")
        thanks = referral.followup_id
        self.assertEqual((thanks.partner_id, thanks.user_id, thanks.date_planned, thanks.name),
                         (self.referrer, self.anna, fields.Date.add(self.today, days=2),
                          "Say thank you: New Works, whom they referred to us, has ordered"))
        invoice = self._invoice(new, 700, paid=False)
        self._night_of_rewards()
        self.assertEqual(referral.state, 'ordered', "not paid yet")
        self.env.cr.execute("UPDATE account_move SET payment_state = 'paid' WHERE id = %s", [invoice.id])
        self._night_of_rewards()
        self.assertEqual((referral.state, referral.paid_amount, referral.due_on),
                         ('paid', 700, fields.Date.add(self.today, days=7)))
        with self._on_day(6):
            self._night_of_rewards()
            self.assertEqual(referral.state, 'paid', "within the hold")
        with self._on_day(7):
            self._night_of_rewards()
            self.assertEqual((referral.state, referral.rewarded_on), ('rewarded', fields.Date.today()))
            self.assertEqual(referral.followup_id, thanks, "the thanks hand over the reward as well")
            self.assertEqual(thanks.name, "Say thank you for New Works, and hand over: 10 % off the next order")
            self.assertFalse(referral.expense_id, "a discount is no gift")
        with self._on_day(8):
            self._night_of_rewards()
            self.assertEqual(referral.rewarded_on, fields.Date.add(self.today, days=7), "once")
            self.assertEqual(self.env['customer.followup'].search_count([('name', 'like', 'New Works')]), 1)

    def test_gift(self):
        """LIF-5, CUL-6: a gift is booked on the care budget of the referrer, once; below the minimum there is none."""
        person = self.env['res.partner'].create({'name': "Mr Kind", 'parent_id': self.referrer.id})
        new = self._stranger("Gift Works")
        referral = self._refer(new, person, program_id=self.gift.id)
        self.assertEqual((referral.referrer_id, referral.referrer_contact_id), (self.referrer, person))
        self._order(new, 2000)
        self._invoice(new, 999)
        self._night_of_rewards()
        self.assertEqual(referral.state, 'ordered', "999 of 1,000 are paid")
        self._invoice(new, 1)
        self._night_of_rewards()
        self.assertEqual(referral.state, 'paid')
        with self._on_day(9):
            self._night_of_rewards()
            self._night_of_rewards()
            expense = self.env['customer.care.expense'].search([('partner_id', '=', self.referrer.id)])
            self.assertEqual((expense, expense.amount, expense.contact_id, expense.kind_id),
                             (referral.expense_id, 100, person, self.gift.care_kind_id))
            self.assertEqual(expense.reason, "Referred Gift Works to us")

    # ------------------------------------------------------------
    # TAKEN BACK
    # ------------------------------------------------------------

    def test_thanked_already(self):
        """LIF-5: what the thanks were about stays as it was done, also where nobody may be asked to hand over the reward."""
        new = self._stranger("Thanked Works")
        referral = self._refer(new)
        self._order(new, 500)
        thanks, name = referral.followup_id, referral.followup_id.name
        self._log(self.referrer, channel=thanks.channel_id, followup=thanks)
        self.referrer.customer_do_not_contact = True
        self._invoice(new, 500)
        self._night_of_rewards()
        with self._on_day(7):
            self._night_of_rewards()
        self.assertEqual((referral.state, thanks.state, thanks.name), ('rewarded', 'done', name))

    def test_language(self):
        """LIF-5: what is booked and what is to be done is in the language of who looks after the referrer, whoever the night
        is; a person who has left the referrer since gets no gift."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.anna.lang = 'fr_FR'
        self.gift.with_context(lang='fr_FR').reward = "Une boîte de thé"
        person = self.env['res.partner'].create({'name': "Mr Kind", 'parent_id': self.referrer.id})
        new = self._stranger("Gift Works")
        referral = self._refer(new, person, program_id=self.gift.id)
        self._order(new, 2000)
        self._invoice(new, 2000)
        self._night_of_rewards()
        person.parent_id = self._customer("Elsewhere")
        with self._on_day(9):
            self._night_of_rewards()
        self.assertEqual(
            (referral.state, referral.expense_id.name, referral.expense_id.contact_id),
            ('rewarded', "Une boîte de thé", self.referrer))
        self.assertIn("Une boîte de thé", referral.followup_id.name)

    def _rewarded(self, name="Credited Works"):
        new = self._stranger(name)
        referral = self._refer(new)
        self._order(new, 500)
        self._invoice(new, 500)
        self._night_of_rewards()
        with self._on_day(7):
            self._night_of_rewards()
        self.assertEqual(referral.state, 'rewarded')
        return new, referral

    def test_credited(self):
        """LIF-5: what is credited within 30 days after the payment takes the reward back, and somebody hears of it."""
        new, referral = self._rewarded()
        with self._on_day(30):
            self._invoice(new, 500, kind='out_refund')
            self._night_of_rewards()
            self.assertEqual(referral.state, 'clawed_back')
            self.assertRegex(referral.text, r"^The reward \(10 % off the next order\) of .* is taken back: .* within 30 days\.$")
            self.assertEqual(referral.activity_ids.user_id, self.anna)
            self._night_of_rewards()
            self.assertEqual(len(referral.activity_ids), 1, "once")
        with self._on_day(40):
            self._invoice(new, 500)
            self._night_of_rewards()
            self.assertEqual(referral.state, 'clawed_back', "it is not given a second time")

    def test_credited_late(self):
        """LIF-5: a credit note after the 30 days takes nothing back, however late it is looked at."""
        new, referral = self._rewarded()
        with self._on_day(31):
            self._invoice(new, 500, kind='out_refund')
            self._night_of_rewards()
            self.assertEqual(referral.state, 'rewarded')

    def test_not_paid_any_more_late(self):
        """LIF-5: a payment that is booked anew, or an order that is cancelled after the 30 days, credits nothing."""
        new, referral = self._rewarded()
        with self._on_day(31):
            self.env.flush_all()
            self.env.cr.execute("UPDATE account_move SET payment_state = 'not_paid' WHERE partner_id = %s", [new.id])
            self.env.invalidate_all()
            self._night_of_rewards()
            self.assertEqual(referral.state, 'rewarded')
            self.env['sale.order'].search([('partner_id', '=', new.id)])._action_cancel()
            self._night_of_rewards()
            self.assertEqual((referral.state, referral.activity_ids), ('rewarded', self.env['mail.activity']))
            self._invoice(new, 400, day=fields.Date.add(self.today, days=20), kind='out_refund')
            self._night_of_rewards()
            self.assertEqual(referral.state, 'rewarded', "credited in part")
            self._invoice(new, 100, day=fields.Date.add(self.today, days=30), kind='out_refund')
            self._night_of_rewards()
            self.assertEqual(referral.state, 'clawed_back', "in time, and looked at late")

    def test_credited_in_part(self):
        """LIF-5: what is left is still paid."""
        new, referral = self._rewarded()
        with self._on_day(10):
            self._invoice(new, 100, kind='out_refund')
            self._night_of_rewards()
            self.assertEqual((referral.state, referral.paid_amount), ('rewarded', 400))

    def test_credited_within_the_hold(self):
        """LIF-5: credited before the reward, there is none to give; paid again, it waits anew."""
        new = self._stranger("Held Works")
        referral = self._refer(new)
        self._order(new, 500)
        self._invoice(new, 500)
        self._night_of_rewards()
        self.assertEqual(referral.state, 'paid')
        with self._on_day(3):
            self._invoice(new, 500, kind='out_refund')
            self._night_of_rewards()
            self.assertEqual((referral.state, referral.due_on), ('ordered', False))
        with self._on_day(7):
            self._night_of_rewards()
            self.assertEqual(referral.state, 'ordered')
            with self.assertRaisesRegex(UserError, "There is no reward to give for Held Works. Ordered on"):
                referral.with_user(self.anna).action_reward()
            self._invoice(new, 500)
            self._night_of_rewards()
            self.assertEqual((referral.state, referral.due_on), ('paid', fields.Date.add(self.today, days=14)))
            referral.with_user(self.anna).action_reward()
            self.assertEqual(referral.state, 'rewarded', "a person need not wait for the hold")

    # ------------------------------------------------------------
    # NONE
    # ------------------------------------------------------------

    def test_referred_twice(self):
        """LIF-5: the same pair again, and the same customer by somebody else: one reward, for whoever was first."""
        new, other = self._stranger("Wanted Works"), self._customer("Late Friend")
        first = self._refer(new)
        again, late = self._refer(new), self._refer(new, other)
        day = first._describe_refusal({'customer': "x", 'referrer': "y"}) and again.text
        self.assertRegex(day, r"^No reward: Wanted Works was referred on .* already, by Old Friend\.$")
        self.assertEqual([referral.refusal for referral in (again, late)], ['taken', 'taken'])
        self.assertEqual((again + late).other_id, first)
        self._order(new, 900)
        self._invoice(new, 900)
        self._night_of_rewards()
        with self._on_day(8):
            self._night_of_rewards()
            self.assertEqual((first + again + late).mapped('state'), ['rewarded', 'refused', 'refused'])
        with self._refused("referred in this programme already"):
            late._set({'state': 'lead'})
        other_program = self._refer(new, other, program_id=self.gift.id, date=self.today)
        self.assertNotEqual(other_program.state, 'refused', "each programme has its own reward")

    def test_two_at_once(self):
        """LIF-5: two referrals of one customer in one import: the second one is refused."""
        new = self._stranger("Twice Works")
        values = {'referrer_id': self.referrer.id, 'partner_id': new.id, 'program_id': self.program.id}
        referrals = self.env['customer.referral'].with_user(self.anna).create([values, values])
        self.assertEqual(referrals.mapped('state'), ['lead', 'refused'])

    def test_self_referral(self):
        """LIF-5: nobody is rewarded for itself: the same customer, company, address, domain or phone, each with its sentence."""
        branch = self._stranger("Branch of Old Friend", parent_id=self.referrer.id)
        person = self.env['res.partner'].create({'name': "Mr Self", 'parent_id': self.referrer.id})
        cases = (
            (self.referrer, 'same', "No reward: Old Friend and Old Friend are one customer."),
            (person, 'same', "No reward: Old Friend and Old Friend are one customer."),
            (branch, 'same', "are one customer."),
            (self._stranger("Address", email='INFO@oldfriend.example'), 'address', "have the same email address."),
            (self._stranger("Domain", email='new@oldfriend.example'), 'domain',
             "have the same email domain, so they seem to be one company."),
            (self._stranger("Phone", phone='+4930901820'), 'phone', "have the same phone number."),
        )
        for partner, reason, sentence in cases:
            with self.subTest(partner.name):
                referral = self._refer(partner)
                self.assertEqual((referral.state, referral.refusal), ('refused', reason))
                self.assertIn(sentence, referral.text)

    def test_public_domain(self):
        """LIF-5: an address of a provider that everybody has is no company; which these are is a setting."""
        self.referrer.email = 'old.friend@gmail.com'
        new = self._stranger("At Gmail", email='new@gmail.com')
        self.assertEqual(self._refer(new).state, 'lead')
        self.env['customer.settings'].with_user(self.mara).create({'customer_public_mail_domains': "qq.com"}).set_values()
        self.assertEqual(self._refer(self._stranger("At Gmail too", email='other@gmail.com')).refusal, 'domain')

    def test_known_before(self):
        """LIF-5: whoever bought before was not brought by anybody."""
        known = self._stranger("Known Works")
        self._order(known, 10, fields.Date.subtract(self.today, days=20))
        referral = self._refer(known)
        self.assertEqual((referral.refusal, referral.text), ('known', "No reward: Known Works had bought from us before."))
        referral.with_user(self.anna).date = fields.Date.subtract(self.today, days=25)
        self.assertEqual(referral.state, 'ordered', "it was referred before it ordered")

    # ------------------------------------------------------------
    # LEADS
    # ------------------------------------------------------------

    def test_lead(self):
        """LIF-5: it begins with a lead, and goes on with the customer that the lead becomes."""
        lead = self.env['crm.lead'].create({'name': "Came by Old Friend", 'partner_name': "Lead Works"})
        referral = self._refer(None, lead_id=lead.id)
        self.assertEqual((referral.state, referral.display_name), ('lead', "Came by Old Friend"))
        new = self._stranger("Lead Works")
        lead.partner_id = new
        self._order(new, 100)
        self._night_of_rewards()
        self.assertEqual((referral.partner_id, referral.state), (new, 'ordered'))

    def test_lead_goes(self):
        """LIF-5: a lead that is merged into another one takes its referral along; of one that is deleted it says so."""
        one, two = self.env['crm.lead'].create([{'name': name, 'type': 'opportunity'} for name in ("One", "Two")])
        referral = self._refer(None, lead_id=two.id)
        merged = (one + two).merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual((merged, referral.lead_id, referral.display_name), (one, one, "One"))
        one.unlink()
        self.env.invalidate_all()
        self.assertEqual(
            (referral.display_name, referral.text),
            ("A lead that was deleted", "The lead was deleted. Choose who was referred to us, or delete this referral."))
        referral.with_user(self.anna).partner_id = self._stranger("Found Works")
        self.assertEqual(referral.text, "Found Works is no customer yet.")

    def test_lead_of_oneself(self):
        """LIF-5: a lead with the referrer's own address is refused, and so is one that becomes the referrer."""
        lead = self.env['crm.lead'].create({'name': "Self", 'email_from': 'x@oldfriend.example'})
        self.assertEqual(self._refer(None, lead_id=lead.id).refusal, 'domain')
        lead = self.env['crm.lead'].create({'name': "Later"})
        referral = self._refer(None, lead_id=lead.id)
        self.assertEqual(referral.state, 'lead')
        lead.partner_id = self.referrer
        self._night_of_rewards()
        self.assertEqual((referral.state, referral.refusal), ('refused', 'same'))

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_refused_to_people(self):
        """LIF-5, PLT-2: what follows from orders is not written by people, nor referrals of a colleague's customer."""
        new = self._stranger("Guarded Works")
        with self.assertRaisesRegex(AccessError, "follows from orders and payments"):
            self._refer(new, state='rewarded')
        referral = self._refer(new)
        with self.assertRaisesRegex(AccessError, "follows from orders and payments"):
            referral.with_user(self.anna).rewarded_on = self.today
        with self.assertRaisesRegex(AccessError, "looked after by Anna"):
            self._refer(self._stranger("Of Otto"), user=self.otto)
        stranger = self.env['res.partner'].create({'name': "Mr Else", 'parent_id': self._customer("Else").id})
        with self.assertRaisesRegex(ValidationError, "Mr Else does not belong to Old Friend"):
            self._refer(self._stranger("Named"), referrer_contact_id=stranger.id)
        with self.assertRaisesRegex(ValidationError, "Mr Else does not belong to Old Friend"):
            referral.with_user(self.anna).referrer_contact_id = stranger
        with self.assertRaisesRegex(ValidationError, "Say who was referred"), self.env.cr.savepoint():
            self._refer(None)
        with self.assertRaisesRegex(ValidationError, "can't be in the future"), self.env.cr.savepoint():
            self._refer(self._stranger("Future"), date=fields.Date.add(self.today, days=1))
        __, rewarded = self._rewarded("Decided Works")
        with self.assertRaisesRegex(UserError, "The reward was given for this referral: “Decided Works”"):
            rewarded.with_user(self.anna).date = fields.Date.subtract(self.today, days=3)
        with self.assertRaisesRegex(UserError, "The reward was given"):
            rewarded.with_user(self.anna).unlink()

    def test_broken_one(self):
        """LIF-5, PLT-3: a reward that can't be given is set aside with its reason, the others are given."""
        self.gift.care_kind_id.active = True
        good, bad = self._stranger("Good Works"), self._stranger("Bad Works")
        referrals = self._refer(good) + self._refer(bad, program_id=self.gift.id)
        for partner in (good, bad):
            self._order(partner, 2000)
            self._invoice(partner, 2000)
        self._night_of_rewards()

        def refuse(referral):
            raise ValueError("No budget left")
        with self._on_day(9):
            self.patch(type(referrals), '_book_gift', refuse)
            self._night_of_rewards()
            self.assertEqual(referrals.mapped('state'), ['rewarded', 'paid'])
            self.assertEqual((referrals[1].problem, referrals[1].text), ("No budget left",) * 2)
            run = self.env['customer.run'].search([('name', '=', 'referral')], limit=1)
            self.assertEqual((run.failed, run.note), (1, "Rewards given: 1"))

    def test_fact(self):
        """LIF-5, SEG-3: referrals_given counts those that were not refused, of the days asked about."""
        self._refer(self._stranger("Counted"))
        self._refer(self._stranger("Counted too"))
        self._refer(self.referrer)
        facts = self.env['customer.fact']
        spans = facts._days_back(self.referrer.ids, 30)
        rows = facts._read(
            facts._query('referrals_given', spans, {'window_days': 30}), SQL("SELECT span_id, value FROM found"))
        self.assertEqual([(row[0], int(row[1])) for row in rows], [(self.referrer.id, 2)])

    def test_merge(self):
        """LIF-5, PLT-2: when two customers are one, one referral is left; a referrer that becomes its own is refused."""
        one, two = self._customer("One"), self._customer("Two")
        first, second = self._refer(one), self._refer(two, self._customer("Other Friend"))
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((one + two).ids, one)
        self.assertEqual(
            (first.state == 'refused', second.state, second.refusal, second.other_id), (False, 'refused', 'taken', first),
            first.text)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.referrer + one).ids, self.referrer)
        self.assertEqual((first.state, first.refusal), ('refused', 'same'))
