from random import Random

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, users

from odoo.addons.customer_success.models.base.customer_fact import Found

from .offer_common import OfferCase


class TestOffers(OfferCase):
    """What similar customers buy and a customer does not (HEA-7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plant()
        cls._prove()

    def _refresh(self):
        result = self.keeper._refresh()
        self.env.invalidate_all()
        return result

    def test_planted_pairs(self):
        """HEA-7, K1: planted among noise, those and no others are found; each customer is offered what it lacks."""
        self._refresh()
        self.assertEqual(self._pair_names(), {
            ("Anvil", "Bellows"), ("Bellows", "Anvil"), ("Crane", "Derrick"), ("Derrick", "Crane")})
        for number, customer in enumerate(self.customers):
            wanted = ["Bellows"] if 20 <= number < 24 else ["Derrick"] if 46 <= number < 50 else []
            self.assertEqual(self._offered(customer), wanted, number)
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)])
        self.assertEqual(offer.evidence, "20 of 24 customers who buy Anvil also buy Bellows; median $ 8,190 a year")
        self.assertEqual((offer.amount, offer.place, offer.company_id), (8190, 1, self.env.company))

    def test_oracle(self):
        """HEA-7: counted by plain Python through the ORM, the same pairs come out, to the last decimal."""
        self._refresh()
        found = {(pair.reason_tmpl_id, pair.product_tmpl_id): (pair.both_buyers, pair.buyers, pair.low, pair.yearly)
                 for pair in self.pairs.search([])}
        wanted = self._oracle_pairs(self.env.company)
        self.assertEqual(found, wanted)
        self.assertEqual(len(wanted), 4)

    def test_only_changes_are_written(self):
        """HEA-7: a second night writes nothing; an order of one customer changes what hangs on it."""
        self.assertGreater(self._refresh()['rows'], 8)
        self.assertEqual(self._refresh()['rows'], 0)
        self._sell([(self.customers[20], [(self.bellows, 500, 0)])])
        result = self._refresh()
        self.assertEqual((result['bought'], result['new'], result['gone']), (1, 0, 0))
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)])
        self.assertEqual((offer.state, offer.bought_on, offer.bought_percent), ('bought', self.today, 100))

    def test_everybody_buys_it(self):
        """HEA-7, bad input: what everybody buys is no reason, and what nobody lacks is offered to nobody."""
        self._refresh()
        self.assertFalse([names for names in self._pair_names() if "Everything" in names])
        newcomer = self._people(1)
        self._sell([(newcomer, [(self.everything, 50, 10)])])
        self._refresh()
        self.assertEqual(self._offered(newcomer), [])

    def test_unprovable_stays_silent(self):
        """HEA-7: where offers are not better than best sellers nothing is offered, and what was goes."""
        self._refresh()
        self.assertEqual(len(self._offered()), 8)
        for state in ('not', 'few'):
            self._prove(state=state)
            self._refresh()
            self.assertEqual(self._offered(), [], state)
            self.assertFalse(self.env.execute_query(self.env['customer.fact']._query(
                'open_offers', self.env['customer.fact']._days_back(None, 1), {})))
        gone = self.offers.search([('partner_id', '=', self.customers[20].id)])
        self.assertEqual((gone.state, gone.gone_on), ('gone', self.today))
        self._prove()
        self._refresh()
        self.assertEqual((gone.state, gone.gone_on, gone.offered_on), ('open', False, self.today))

    def test_archived_and_not_for_sale(self):
        """HEA-7: an archived product, one that is not for sale, and one of another company are not offered."""
        for vals in ({'active': False}, {'sale_ok': False}, {'company_id': self.company_2.id}):
            template, before = self.bellows.product_tmpl_id, {}
            before = {name: template[name] for name in vals}
            if 'company_id' in vals:
                # what has orders of one company can't be given to another one in the interface
                self.env.cr.execute("UPDATE product_template SET company_id = %s WHERE id = %s", [self.company_2.id, template.id])
                self.env.invalidate_all()
            else:
                template.write(vals)
            self._refresh()
            self.assertNotIn("Bellows", self._offered(), vals)
            self.assertIn("Derrick", self._offered(), vals)
            if 'company_id' in vals:
                self.env.cr.execute("UPDATE product_template SET company_id = NULL WHERE id = %s", [template.id])
                self.env.invalidate_all()
            else:
                template.write(before)
            self._refresh()
            self.assertIn("Bellows", self._offered(), vals)

    def test_variants_are_one_product(self):
        """HEA-7: several variants are one product, for who has it as well as for who is counted."""
        attribute = self.env['product.attribute'].create({
            'name': "Size", 'value_ids': [Command.create({'name': name}) for name in ("S", "M")]})
        forge = self.env['product.template'].create({
            'name': "Forge", 'type': 'service', 'attribute_line_ids': [Command.create({
                'attribute_id': attribute.id, 'value_ids': [Command.set(attribute.value_ids.ids)]})]})
        small, large = forge.product_variant_ids
        self._sell([(customer, [(small if number < 8 else large, 700, 30)])
                    for number, customer in enumerate(self.customers[:20])])
        self._sell([(self.customers[0], [(large, 700, 20)]), (self.customers[20], [(small, 700, 20)])])
        self._refresh()
        pair = self.pairs.search([('reason_tmpl_id', '=', self.anvil.product_tmpl_id.id), ('product_tmpl_id', '=', forge.id)])
        self.assertEqual((pair.both_buyers, pair.buyers), (21, 24))
        self.assertNotIn("Forge", self._offered(self.customers[20]))
        self.assertIn("Forge", self._offered(self.customers[21]))
        offer = self.offers.search([('partner_id', '=', self.customers[21].id), ('product_tmpl_id', '=', forge.id)])
        self.assertEqual(offer._variant(), large, "the variant that most orders have")

    def test_contacts_buy_for_their_company(self):
        """HEA-7: a contact's order is the customer's."""
        person = self.env['res.partner'].create({'name': "Person", 'parent_id': self.customers[20].id})
        self._sell([(person, [(self.bellows, 100, 20)])])
        self._refresh()
        self.assertEqual(self._offered(self.customers[20]), [])
        self.assertFalse(self.offers.search([('partner_id', '=', person.id)]))

    def test_usual_interval(self):
        """HEA-7: what was bought longer ago than the period is not offered as long as its usual interval is not over."""
        self._sell([(self.customers[20], [(self.bellows, 100, 800)])])
        self._refresh()
        self.assertEqual(self._offered(self.customers[20]), ["Bellows"], "800 days ago, bought again by nobody")
        # three others buy it every 900 days
        self._sell([(self.customers[number], [(self.bellows, 100, 1050)]) for number in (0, 1, 2)])
        self._refresh()
        self.assertEqual(self._offered(self.customers[20]), [])
        self.assertEqual(self._offered(self.customers[21]), ["Bellows"])

    def test_discounts_and_down_payments(self):
        """HEA-7: discounts, down payments and headings are nothing that is bought together."""
        discount = self._products("Discount")
        self.env.company.sale_discount_product_id = discount
        self._sell([(customer, [(discount, 10, 100)]) for customer in self.customers[:20]])
        orders = self._sell([(customer, [(self.noise[0], 10, 90)]) for customer in self.customers[:20]])
        orders.order_line.write({'is_downpayment': True})
        self._refresh()
        self.assertFalse([names for names in self._pair_names() if "Discount" in names or "Noise 0" in names])

    def test_bought_for_nothing_and_negative(self):
        """HEA-7, bad input: negative totals are no purchase, and a line given back takes its purchase away."""
        self._sell([(self.customers[20], [(self.bellows, -500, 60)]), (self.customers[21], [(self.bellows, 500, 60)])])
        back = self._sell([(self.customers[21], [(self.bellows, 500, 50)])])
        back.order_line.product_uom_qty = -1
        self._refresh()
        pair = self.pairs.search([('product_tmpl_id', '=', self.bellows.product_tmpl_id.id)])
        self.assertEqual((pair.both_buyers, pair.buyers), (20, 24))
        self.assertEqual(self._offered(self.customers[21]), ["Bellows"], "it gave it back")
        self.assertEqual(self._offered(self.customers[20]), [], "it has it, though it did not pay")

    def test_two_companies(self):
        """HEA-7, K2: each company tells from its own orders, and offers nothing that the customer bought of the other one."""
        anvil, bellows = self.anvil, self.bellows
        self._sell([(self.customers[60], [(anvil, 100, 100)])], company=self.company_2)
        self._sell([(self.customers[20], [(bellows, 100, 100)])], company=self.company_2)
        self._refresh()
        self.assertEqual(self.pairs.search([]).company_id, self.env.company)
        self.assertEqual(self._offered(self.customers[60]), [], "two orders of the second company tell nothing")
        self.assertEqual(self._offered(self.customers[20]), [], "it has it of the second company")
        offer = self.offers.search([('partner_id', '=', self.customers[21].id)])
        self.assertTrue(offer.with_user(self.mara).has_access('read'))
        self.assertFalse(self.offers.with_user(self.zoe).search([]))

    def test_currencies(self):
        """HEA-7: amounts are in the main company's currency, by the rate of the order; without a rate the median is of others."""
        currency = self.env['res.currency'].create({
            'name': "TST", 'symbol': "T", 'rate_ids': [Command.create({'name': '2020-01-01', 'rate': 4.0})]})
        pricelist = self.env['product.pricelist'].create({'name': "Test", 'currency_id': currency.id})
        before = self.env['sale.order'].search([
            ('order_line.product_id', '=', self.bellows.id), ('state', '=', 'sale')])
        before.order_line.filtered(lambda line: line.product_id == self.bellows).product_uom_qty = 0
        self._sell([(customer, [(self.bellows, 4000, 100)]) for customer in self.customers[:20]], pricelist_id=pricelist.id)
        self._refresh()
        pair = self.pairs.search([('product_tmpl_id', '=', self.bellows.product_tmpl_id.id)])
        self.assertEqual((pair.both_buyers, pair.yearly), (20, 1000))

    def test_refused_is_not_offered(self):
        """HEA-7: not interested, with reason and expiry, is kept and respected; then it may come again."""
        self._refresh()
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)])
        action = offer.with_user(self.anna).action_not_interested()
        wizard = self.env['customer.offer.answer'].with_user(self.anna).with_context(**action['context']).create({})
        self.assertEqual(wizard.until, fields.Date.add(self.today, days=180))
        with self.assertRaisesRegex(ValidationError, "why the customer is not interested"):
            wizard.action_answer()
        wizard.reason_id = self.env.ref('customer_success.customer_reason_as_noted')
        with self.assertRaisesRegex(ValidationError, "needs a sentence"):
            wizard.action_answer()
        wizard.note = "They have one of their own"
        wizard.action_answer()
        self.assertEqual((offer.state, offer.decided_by_id, offer.note), ('refused', self.anna, "They have one of their own"))
        self.assertIn("Not interested in Bellows until", offer.partner_id.message_ids[0].body)
        self._refresh()
        self.assertEqual(self._offered(self.customers[20]), [])
        offer.until = fields.Date.subtract(self.today, days=1)
        self._refresh()
        self.assertEqual(self._offered(self.customers[20]), ["Bellows"])
        self.assertEqual(offer.state, 'over', "the refusal stays on record")

    def test_later(self):
        """HEA-7: put off until a day, and back then; a day that is past is refused in words."""
        self._refresh()
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)])
        wizard = self.env['customer.offer.answer'].create({'offer_ids': offer.ids, 'answer': 'later'})
        self.assertEqual(wizard.until, fields.Date.add(self.today, days=30))
        wizard.until = fields.Date.subtract(self.today, days=1)
        with self.assertRaisesRegex(ValidationError, "The day is past"):
            wizard.action_answer()
        wizard.until = False
        with self.assertRaisesRegex(ValidationError, "until when"):
            wizard.action_answer()
        wizard.until = self.today
        wizard.action_answer()
        self._refresh()
        self.assertEqual(offer.state, 'later')
        offer.until = fields.Date.subtract(self.today, days=1)
        self._refresh()
        self.assertEqual(offer.state, 'open')
        offer._answer('later', False)
        offer.action_offer_again()
        self.assertEqual(offer.state, 'open')

    def test_quote(self):
        """HEA-7: one click makes a quotation with the product, the next one adds to it; a quotation that is cancelled puts it on
        the list again, one that is confirmed is a success."""
        self._refresh()
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)]).with_user(self.anna)
        action = offer.action_quote()
        order = self.env['sale.order'].browse(action['res_id'])
        self.assertEqual((order.partner_id, order.order_line.product_id, order.user_id, order.state), (
            self.customers[20], self.bellows, self.anna, 'draft'))
        self.assertEqual((offer.state, offer.order_id, offer.quoted_on, offer.quoted_percent), ('quoted', order, self.today, 100))
        self.assertEqual(offer.action_quote()['res_id'], order.id)
        self._refresh()
        self.assertEqual(offer.state, 'quoted')
        order.action_cancel()
        self._refresh()
        self.assertEqual((offer.state, offer.order_id.id), ('open', False))
        order.action_draft()
        self._refresh()
        self.assertEqual((offer.state, offer.order_id), ('quoted', order), "whoever quoted it")
        order.action_confirm()
        self._refresh()
        self.assertEqual((offer.state, offer.bought_percent), ('bought', 100))
        with self.assertRaisesRegex(UserError, "Was bought"):
            offer.action_quote()

    def test_quote_goes_to_the_open_draft(self):
        """HEA-7: who is writing a quotation for the customer has the product added to it."""
        self._refresh()
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)]).with_user(self.anna)
        draft = self.env['sale.order'].with_user(self.anna).create({'partner_id': self.customers[20].id})
        self.assertEqual(offer.action_quote()['res_id'], draft.id)
        self.assertEqual(draft.order_line.product_id, self.bellows)

    @users('anna')
    def test_people_write_nothing(self):
        """PLT-2: what is offered and why is not written by RPC or import, nor are refusals."""
        self.keeper.sudo()._refresh()
        offer = self.offers.with_env(self.env).search([], limit=1)
        for vals in ({'amount': 5}, {'state': 'bought'}, {'reason_id': self.reason.id}, {'until': '2040-01-01'}):
            with self.assertRaisesRegex(AccessError, "Use the buttons"):
                offer.write(vals)
        for model in (self.offers, self.pairs, self.trials):
            with self.assertRaises(AccessError):
                model.with_env(self.env).create({})
        with self.assertRaisesRegex(AccessError, "Only a manager"):
            self.trials.with_env(self.env).action_try_now()

    def test_whose_offers(self):
        """PLT-2: by role: one's own customers, one's team's, all."""
        self._refresh()
        counts = {user.login: len(self.offers.with_user(user).search([])) for user in (
            self.anna, self.ben, self.lena, self.li, self.mara, self.zoe)}
        self.assertEqual(counts, {'anna': 8, 'ben': 0, 'lena': 8, 'li': 0, 'mara': 8, 'zoe': 0})
        with self.assertRaises(AccessError):
            self.offers.with_user(new_test_user(self.env, 'plain', 'base.group_user')).search([])

    def test_next_best_action_and_facts(self):
        """HEA-7, HEA-6, SEG-3: offers are a next best action, and facts of the catalogue."""
        self._refresh()
        customer, rules = self.customers[20], self.env['customer.action.rule']
        rules.search([('kind', '!=', 'fact_open_offers')]).action_archive()
        rule, met = rules.with_user(self.anna)._next(customer)[customer.id]
        self.assertEqual(rule.name, "Offer what similar customers buy")
        self.assertEqual(
            rules.with_user(self.anna)._describe({customer.id: (rule, met)})[customer.id],
            "Bellows: 20 of 24 customers who buy Anvil also buy Bellows; median $ 8,190 a year")
        self.assertEqual(customer.with_user(self.anna).action_customer_next()['res_model'], 'customer.offer')
        rule.sudo().threshold = 2
        self.assertFalse(rules.with_user(self.anna)._next(customer))
        facts = self.env['customer.fact']
        for name, value, sentence in (
                ('open_offers', 1, "Bellows: 20 of 24 customers who buy Anvil also buy Bellows; median $ 8,190 a year"),
                ('cross_sell', 8190, "One offer, by what similar customers spend on it")):
            [row] = self.env.execute_query(facts._query(
                name, facts._days_back([customer.id], 1), {}, 'day', 'res_id', 'count', 'detail'))
            self.assertEqual(row[1], value)
            self.assertEqual(facts._say(name, facts._get(name), Found(*row[1:]), {}), sentence)
            self.assertFalse(self.env.execute_query(facts._query(name, facts._days_back([self.customers[60].id], 1), {})))

    def test_log_dialog(self):
        """HEA-7: whoever logs a contact is told what the customer could also buy."""
        self._refresh()
        wizard = self.env['customer.followup.log'].with_user(self.anna).new({'partner_id': self.customers[20].id})
        self.assertIn("20 of 24 customers who buy Anvil", wizard.good_to_know)
        wizard = self.env['customer.followup.log'].with_user(self.anna).new({'partner_id': self.customers[60].id})
        self.assertNotIn("Could also buy", wizard.good_to_know)

    def test_categories(self):
        """HEA-7: by a setting, categories are what goes together; the best seller of the category is quoted."""
        metal, paper = self.env['product.category'].create([{'name': "Metal"}, {'name': "Paper"}])
        self.anvil.categ_id, self.bellows.categ_id = metal, paper
        self._refresh()
        self.env['ir.config_parameter'].set_param('customer_success.offer_level', 'category')
        self._prove()
        self._refresh()
        self.assertEqual(self._offered(self.customers[20]), ["Paper"])
        offer = self.offers.search([('partner_id', '=', self.customers[20].id), ('state', '=', 'open')])
        self.assertEqual(offer.evidence, "20 of 24 customers who buy Metal also buy Paper; median $ 8,190 a year")
        self.assertEqual(offer._variant(), self.bellows)
        self.assertEqual(offer.with_user(self.anna).action_quote()['res_model'], 'sale.order')

    def test_merge(self):
        """HEA-7: merged customers have each offer once; what one of them refused stays refused."""
        self._refresh()
        one, other = self.customers[20], self.customers[21]
        self.offers.search([('partner_id', '=', other.id)])._answer('refused', False, self.reason)
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((one + other).ids, one)
        self.assertEqual(self.offers.search([('partner_id', '=', one.id)]).mapped('state'), ['refused'])

    def test_one_at_once(self):
        """HEA-7: of one customer the offers are brought up to date at once, by the pairs of the last night."""
        self._refresh()
        newcomer = self._people(1)
        self._sell([(newcomer, [(self.crane, 100, 1)])])
        self.keeper._refresh(newcomer.ids)
        self.assertEqual(self._offered(newcomer), ["Derrick"])
        self.assertEqual(self._refresh()['new'], 0)


class TestOffersAtRandom(OfferCase):
    """Orders without structure (HEA-7)."""

    def test_silent(self):
        """HEA-7: random orders are silent, however unevenly customers buy; a pair among them is found."""
        random, things = Random(3), self._products(*(f"Thing {number}" for number in range(30)))
        customers = self._people(120)
        self._sell([(customer, [(thing, 100, 100) for thing in random.sample(list(things), 16 if number < 20 else 2)])
                    for number, customer in enumerate(customers)])
        self._prove()
        result = self.keeper._refresh()
        self.assertEqual((result['pairs'], result['new']), (0, 0))
        self._sell([(customer, [(self.anvil, 100, 90), *([(self.bellows, 100, 80)] if number else [])])
                    for number, customer in enumerate(customers[60:80])])
        self.keeper._refresh()
        self.assertEqual(self._pair_names(), {("Anvil", "Bellows"), ("Bellows", "Anvil")})
        self.assertEqual(self._offered(), ["Bellows"])
