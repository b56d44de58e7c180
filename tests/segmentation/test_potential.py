"""SEG-3: the potential is computed from what is known, judged by hand where somebody knows better, and always explained."""
import importlib.util
import random
from datetime import timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, mute_logger, tagged, users
from odoo.tools import SQL

from odoo.addons.customer_success.engine import potential as engine
from odoo.addons.customer_success.models.base.fact import Found

from .common import SegmentCase

ROOT = Path(__file__).parents[2]
FACT = 'customer.fact'


class PotentialCase(SegmentCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls.env['customer.potential.keeper']
        cls.today = fields.Date.context_today(cls.keeper)
        cls.growth, cls.upgrade, cls.expansion, cls.budget, cls.referrals, cls.cross_sell = cls.factors = sum((
            cls.env.ref(f'customer_success.customer_potential_factor_{name}')
            for name in ('growth', 'upgrade', 'expansion', 'budget', 'referrals', 'cross_sell')),
            cls.env['customer.potential.factor'])

    @classmethod
    def _industry(cls, growth, year=None, **vals):
        return cls.env['res.partner.industry'].create({
            'name': f"Grows by {growth}", 'customer_growth': growth, 'customer_growth_year': year or cls.today.year, **vals})

    @classmethod
    def _answered(cls, customer, **answers):
        cls.env['customer.potential.answer'].create([
            {'partner_id': customer.id, 'question': question, 'answer': answer} for question, answer in answers.items()])

    def _row(self, customer):
        return self.env['customer.potential'].search([('partner_id', '=', customer.id)])

    def _points(self, customer, factor):
        """Return the points of a factor, None where nothing is known."""
        return {part['f']: part['p'] for part in self._row(customer)._get_parts()}.get(factor.id)

    def _triggers(self):
        """Return how often the nightly action was asked to work."""
        return self.env['ir.cron.trigger'].search_count([
            ('cron_id', '=', self.env.ref('customer_success.ir_cron_refresh').id)])

    def _set(self, **settings):
        for name, value in settings.items():
            self.env['ir.config_parameter'].set_param(f'customer_success.potential_{name}', repr(value))


@tagged('post_install', '-at_install')
class TestPotential(PotentialCase):

    # ------------------------------------------------------------
    # THE NUMBERS
    # ------------------------------------------------------------

    def test_seg_3_growth_every_boundary(self):
        """SEG-3: from 30 % a year on growth is high; what is equal to a bound reaches it, a hundredth less does not."""
        worth = {-100: 0, -0.01: 0, 0: 20, 9.99: 20, 10: 50, 19.99: 50, 20: 75, 29.99: 75, 30: 100, 200: 100}
        customers = {growth: self._customer(f"Grows {growth}", industry_id=self._industry(growth).id) for growth in worth}
        self.assertEqual({growth: self._points(customer, self.growth) for growth, customer in customers.items()}, worth)

    def test_seg_3_every_answer(self):
        """SEG-3: each answer to each question."""
        worth = {(self.upgrade, 'upgrade'): {'yes': 100, 'maybe': 50, 'no': 0},
                 (self.expansion, 'expansion'): {'yes': 100, 'maybe': 50, 'no': 0},
                 (self.budget, 'budget'): {'growing': 100, 'level': 50, 'shrinking': 0}}
        customer = self._customer("Asked")
        for (factor, question), answers in worth.items():
            for answer, points in [*answers.items(), ('unknown', None)]:
                with self.subTest(question=question, answer=answer):
                    self._answered(customer, **{question: answer})
                    self.assertEqual(self._points(customer, factor), points)

    def test_seg_3_by_hand(self):
        """SEG-3: worked out on paper. Growth 30 % (25 × 100), newer technology maybe (20 × 50), budget shrinking (15 × 0), no
        referral (10 × 0): 3,500 of 70, which is 50.00, medium; 70 of 100 are known."""
        customer = self._customer("Paper", industry_id=self._industry(30).id)
        self._answered(customer, upgrade='maybe', budget='shrinking')
        row = self._row(customer)
        self.assertEqual((row.score, row.known, row.grade), (50, 70, 'medium'))
        self.assertEqual(customer.customer_potential, 'medium')
        self.assertEqual(customer.customer_potential_score, 50)
        self.assertFalse(customer.customer_potential_reason, "nobody judged it")
        told = customer._explain_potential()
        self.assertEqual([(term['points'], term['weight'], term['amount']) for term in told['terms']],
                         [(100, 25, 35.71), (50, 20, 14.29), (0, 15, 0), (0, 10, 0)])
        self.assertEqual([factor['name'] for factor in told['unknown']], ["Expansion into regions", "Cross-selling"])
        self.assertEqual(told['unknown'][0]['why'], "nobody has answered yet")
        self.assertIn(f"30 % a year ({self.today.year})", told['terms'][0]['said'])
        self.assertIn("“Maybe”, said on", told['terms'][1]['said'])

    def test_seg_3_minimum_known(self):
        """SEG-3: 50 of 100 known are enough, 49 are not, and then there is no potential and a sentence with the two numbers."""
        customer = self._customer("Half")
        self._answered(customer, upgrade='yes', expansion='yes')
        self.assertEqual((self._row(customer).known, self._row(customer).score), (50, 80))
        self.assertEqual(customer.customer_potential, 'high')
        self._set(known_percent=51)
        self.keeper._refresh()
        self.assertEqual((self._row(customer).known, self._row(customer).grade), (50, False))
        self.assertFalse(customer.customer_potential)
        self.assertFalse(self.env['res.partner'].search([
            ('id', '=', customer.id), ('customer_potential_score', '>', 0)]), "what is not known is not 0, and not more")
        text = str(self.env['customer.segment.dialog'].create({'partner_ids': customer.ids}).potential_explanation)
        for part in ("50 % of what matters is known, and 51 % are needed", "Left out", "Growth of the industry",
                     "no industry is on file"):
            self.assertIn(part, text)

    def test_seg_3_grades_every_boundary(self):
        """SEG-3: 70 is high and 69.99 medium, 40 is medium and 39.99 low, by the settings."""
        self.factors.write({'active': False})
        self.upgrade.write({'active': True, 'weight': 1})
        customer = self._customer("Bound")
        for points, grade in ((0, 'low'), (39, 'low'), (40, 'medium'), (69, 'medium'), (70, 'high'), (100, 'high')):
            self.upgrade.band_ids = [Command.clear(), Command.create({'answer': 'yes', 'points': points})]
            self._answered(customer, upgrade='yes')
            self.assertEqual((self._row(customer).score, customer.customer_potential), (points, grade))
        self.upgrade.band_ids = [Command.clear(), Command.create({'answer': 'yes', 'points': 70})]
        self._set(high_from=71, medium_from=70)
        self.keeper._refresh()
        self.assertEqual(customer.customer_potential, 'medium')

    def test_seg_3_database_and_engine(self):
        """SEG-3: one statement for all, one for each, and the engine say the same of random customers; to the last digit the
        explanation adds up."""
        dice = random.Random(3)
        industries = [self._industry(growth, year) for growth, year in (
            (35, None), (12.5, None), (-4, None), (80, self.today.year - 4))]
        customers = self.env['res.partner']
        for number in range(40):
            customer = self._customer(f"Random {number}", industry_id=dice.choice([*industries, self.env[
                'res.partner.industry']]).id)
            answers = {'upgrade': ('yes', 'maybe', 'no', None), 'expansion': ('yes', 'maybe', 'no', None),
                       'budget': ('growing', 'level', 'shrinking', None)}
            self._answered(customer, **{
                question: given for question, choice in answers.items() if (given := dice.choice(choice))})
            customers += customer
        alone = {customer: (self._row(customer).score, self._row(customer).grade) for customer in customers}
        self.env.cr.execute(SQL("DELETE FROM customer_potential WHERE partner_id = ANY(%s)", customers.ids))
        self.env.invalidate_all()
        self.keeper._refresh()
        weights, seen = {factor.id: factor.weight for factor in self.factors}, set()
        for customer in customers:
            row = self._row(customer)
            self.assertEqual((row.score, row.grade), alone[customer])
            points = {part['f']: part['p'] for part in row._get_parts()}
            score, known = engine.score([engine.Part(weights[key], points.get(key)) for key in weights], 50)
            self.assertEqual((row.grade and row.score, row.known), (False if score is None else score, known))
            self.assertEqual(row.grade or None, engine.grade(score, 70, 40))
            told = customer._explain_potential()
            if score is not None:
                self.assertEqual(round(100 * sum(term['amount'] for term in told['terms'])), round(100 * score))
            self.assertEqual(len(told['terms']) + len(told['unknown']), 6)
            seen.add(row.grade)
        self.assertEqual(seen, {'high', 'medium', 'low', False})

    def test_seg_3_writes_what_changes(self):
        """SEG-3: a night in which nothing happened writes nothing, and one look at all takes as many queries as at one."""
        for number in range(3):
            self._customer(f"Still {number}", industry_id=self._industry(30).id, customer_upgrade_need='yes')
        self.keeper._refresh()
        self.assertEqual(self.keeper._refresh()['rows'], 0)
        self.env.flush_all()
        with self.assertQueryCount(40):
            self.keeper._refresh()

    def test_seg_3_facts(self):
        """SEG-3: referrals that it gave count, and an amount in percent of its revenue; what has no revenue is left out."""
        customer, other = self._customer("Refers"), self._customer("Buys nothing")
        for name in ("Friend", "Neighbour"):
            self.env['customer.referral'].create({
                'referrer_id': customer.id, 'partner_id': self._customer(name).id, 'date': self.today})
        self._order(customer, 1000)
        self.cross_sell.write({'source': 'fact_revenue', 'window_days': 365})
        self.keeper._refresh()
        self.assertEqual(self._points(customer, self.referrals), 80)
        self.assertEqual(self._points(other, self.referrals), 0)
        self.assertEqual(self._points(customer, self.cross_sell), 100, "1,000 are 100 % of its revenue")
        self.assertIsNone(self._points(other, self.cross_sell))

    def test_seg_3_cross_sell(self):
        """SEG-3, HEA-7: what could be offered a year, against the revenue: 4.99 % is worth 0, 5 % 40, 15 % 70, 30 % 100."""
        pair = self.env['customer.offer.pair'].create({
            'company_id': self.env.company.id, 'level': 'product', 'reason_key': 1, 'item_key': 2})
        for amount, points in ((49.9, 0), (50, 40), (150, 70), (299.9, 70), (300, 100)):
            customer = self._customer(f"Offer {amount}")
            self._order(customer, 1000)
            self.env['customer.offer'].create({
                'partner_id': customer.id, 'company_id': self.env.company.id, 'level': 'product', 'pair_id': pair.id,
                'item_key': self.product_thing.product_tmpl_id.id, 'product_tmpl_id': self.product_thing.product_tmpl_id.id,
                'amount': amount, 'state': 'open', 'offered_on': self.today})
            self.keeper._refresh(customer.ids)
            self.assertEqual(self._points(customer, self.cross_sell), points, amount)

    @mute_logger('odoo.addons.customer_success.models.segmentation.customer_potential_keeper')
    def test_seg_3_a_fact_that_fails(self):
        """SEG-3: what can't be asked is set aside, with the sentence on the factor; the others count."""
        customer = self._customer("Unharmed", industry_id=self._industry(30).id, customer_upgrade_need='yes')
        self.env.cr.execute(SQL(
            "UPDATE customer_potential_factor SET source = 'fact_gone_with_an_addon' WHERE id = %s", self.referrals.id))
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.keeper._refresh()
        self.assertIn("gone_with_an_addon", self.referrals.problem)
        self.assertEqual(self._points(customer, self.growth), 100)
        self.assertIsNone(self._points(customer, self.referrals))
        self.referrals.source = 'fact_referrals_given'
        self.keeper._refresh()
        self.assertFalse(self.referrals.problem)

    @users('anna')
    def test_seg_3_the_score_in_lists(self):
        """SEG-3: customers are sorted by the score, those without one last; they are found by it, are no part of a mean, and have
        an empty cell in an export."""
        low, high, unknown = (self._customer(name).with_env(self.env) for name in ("Low", "High", "Unknown"))
        self._judge(low, 'low')
        self._judge(high, 'high')
        own, partners = Domain('id', 'in', (low | high | unknown).ids), self.env['res.partner']
        self.assertEqual(partners.search(own, order='customer_potential_score').ids, [low.id, high.id, unknown.id])
        self.assertEqual(partners.search(own, order='customer_potential_score desc').ids, [high.id, low.id, unknown.id])
        self.assertEqual(partners.search(own & Domain('customer_potential_score', '<', 50)), low)
        self.assertEqual(partners.search(own & Domain('customer_potential_score', '>=', 85)), high)
        [[mean]] = partners._read_group(own, [], ['customer_potential_score:avg'])
        self.assertAlmostEqual(float(mean), (85 + 20) / 2, 1)
        self.env.user.sudo().group_ids += self.env.ref('base.group_allow_export')
        rows = (low | unknown).export_data(['name', 'customer_potential_score'])['datas']
        self.assertEqual(rows, [["Low", 20.0], ["Unknown", '']])

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    @users('anna')
    def test_seg_3_answered_at_once(self):
        """SEG-3: an answer on the form counts at once, its segment too; another one on the same day corrects it, and what is
        taken back is not known any more."""
        customer = self._customer("Talks", industry_id=self._industry(30).id).with_env(self.env)
        self.assertFalse(customer.customer_potential)
        customer.customer_upgrade_need = 'yes'
        self.assertEqual((customer.customer_potential, customer.customer_segment_id), ('high', self.high_potential))
        answers = self.env['customer.potential.answer'].search([('partner_id', '=', customer.id)])
        self.assertEqual((answers.answer, answers.date, answers.user_id), ('yes', self.today, self.env.user))
        customer.customer_upgrade_need = 'no'
        self.assertEqual((answers.answer, customer.customer_potential), ('no', 'medium'))
        customer.customer_upgrade_need = False
        self.assertFalse(customer.customer_upgrade_need)
        self.assertFalse(customer.customer_potential)
        self.assertEqual(answers.answer, 'unknown', "that it was taken back is kept")

    def test_seg_3_answers_age(self):
        """SEG-3: an answer of 365 days ago counts, one that is a day older does not, and is told with its day."""
        customer = self._customer("Long ago", industry_id=self._industry(30).id)
        answer = self.env['customer.potential.answer'].create({
            'partner_id': customer.id, 'question': 'upgrade', 'answer': 'yes', 'date': self.today - timedelta(days=365)})
        self.assertEqual((customer.customer_upgrade_need, customer.customer_potential), ('yes', 'high'))
        answer.date = self.today - timedelta(days=366)
        self.assertFalse(customer.customer_upgrade_need)
        self.assertFalse(customer.customer_potential)
        why = {factor['name']: factor['why'] for factor in customer._explain_potential()['unknown']}
        self.assertIn("“Yes” was said on", why["Need of newer technology"])
        self.assertIn("ask again", why["Need of newer technology"])
        answer.date = self.today
        with freeze_time(self.today + timedelta(days=366)):
            self.keeper._refresh()
            self.assertFalse(customer.customer_potential, "it grew old by itself")

    @users('anna')
    def test_seg_3_search_and_group(self):
        """SEG-3: customers are found by their answers, and stand in groups by them."""
        one, two, three = (self._customer(f"Group {number}").with_env(self.env) for number in (1, 2, 3))
        one.customer_budget_trend, two.customer_budget_trend = 'growing', 'shrinking'
        own = Domain('id', 'in', (one | two | three).ids)
        partners = self.env['res.partner']
        self.assertEqual(partners.search(own & Domain('customer_budget_trend', '=', 'growing')), one)
        self.assertEqual(partners.search(own & Domain('customer_budget_trend', '!=', 'growing')), two | three)
        self.assertEqual(partners.search(own & Domain('customer_budget_trend', '=', False)), three)
        self.assertEqual(partners.search(own & Domain('customer_budget_trend', 'in', ['growing', False])), one | three)
        self.assertEqual(dict(partners._read_group(own, ['customer_budget_trend'], ['__count'])),
                         {'growing': 1, 'shrinking': 1, False: 1})

    @users('anna')
    def test_seg_3_import(self):
        """SEG-3: answers, and judgements with reason and last day, come with an import; a grade without a reason is refused in
        words."""
        customer = self._customer("Imported").with_env(self.env)
        until = fields.Date.to_string(self.today + timedelta(days=9))
        names = ['.id', 'customer_upgrade_need', 'customer_potential', 'customer_potential_reason', 'customer_potential_until']
        result = self.env['res.partner'].load(names, [[str(customer.id), 'yes', 'medium', "Second plant", until]])
        self.assertFalse(result['messages'])
        self.assertEqual((customer.customer_upgrade_need, customer.customer_potential, customer.customer_potential_reason),
                         ('yes', 'medium', "Second plant"))
        self.assertEqual(fields.Date.to_string(customer.customer_potential_until), until)
        result = self.env['res.partner'].load(names[:3], [[str(customer.id), 'yes', 'high']])
        self.assertIn("Please say why the potential of Imported", result['messages'][0]['message'])

    def test_seg_3_bad_answers(self):
        """SEG-3: an answer that does not fit its question, or of a day to come, is refused."""
        customer = self._customer("Bad")
        with self.assertRaisesRegex(ValidationError, "is no answer to"):
            self._answered(customer, budget='yes')
        with self.assertRaisesRegex(ValidationError, "day to come"):
            self.env['customer.potential.answer'].create({
                'partner_id': customer.id, 'question': 'budget', 'answer': 'growing', 'date': self.today + timedelta(days=1)})

    @users('otto')
    def test_seg_3_colleagues(self):
        """SEG-3, PLT-2: who does not work with a customer neither answers for it nor judges it, and sees no history of it."""
        customer = self._customer("Not his")
        self._answered(customer, upgrade='yes')
        mine = customer.with_env(self.env)
        for vals in ({'customer_upgrade_need': 'no'}, {'customer_potential_until': self.today},
                     {'customer_potential': 'high', 'customer_potential_reason': "Mine"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                mine.write(vals)
        for values in ({'partner_id': customer.id, 'question': 'upgrade', 'answer': 'no'},):
            with self.assertRaises(AccessError):
                self.env['customer.potential.answer'].create(values)
        self.assertFalse(self.env['customer.potential.answer'].search([('partner_id', '=', customer.id)]))
        self.assertFalse(self.env['customer.potential'].search([('partner_id', '=', customer.id)]))
        with self.assertRaises(AccessError):
            self.env['customer.potential.change'].create({
                'partner_id': customer.id, 'date': self.today, 'cause': 'judged'})

    # ------------------------------------------------------------
    # INDUSTRIES
    # ------------------------------------------------------------

    def test_seg_3_growth_at_once(self):
        """SEG-3: another growth counts at once for all customers of the industry, and so does another industry."""
        slow, fast = self._industry(5), self._industry(40)
        first, second = (self._customer(name, industry_id=slow.id, customer_upgrade_need='yes') for name in ("One", "Two"))
        self.assertEqual(first.customer_potential, 'medium')  # (25·20 + 20·100 + 10·0) / 55 = 45.45
        self.assertEqual(self._row(first).score, 45.45)
        slow.customer_growth = 30
        self.assertEqual((first.customer_potential, second.customer_potential), ('high', 'high'))
        slow.customer_growth = 5
        second.industry_id = fast
        self.assertEqual((first.customer_potential, second.customer_potential), ('medium', 'high'))

    def test_seg_3_growth_of_many(self):
        """SEG-3: of more customers than fit into a moment, the nightly action takes care right away."""
        industry = self._industry(5)
        self.patch(importlib.import_module(
            'odoo.addons.customer_success.models.segmentation.customer_potential_keeper'), 'AT_ONCE', 1)
        customers = sum((self._customer(f"Many {number}", industry_id=industry.id, customer_upgrade_need='yes')
                         for number in range(2)), self.env['res.partner'])
        before = self._triggers()
        industry.customer_growth = 30
        self.assertGreater(self._triggers(), before)
        self.assertEqual(set(customers.mapped('customer_potential')), {'medium'})
        self.keeper._refresh()
        self.assertEqual(set(customers.mapped('customer_potential')), {'high'})

    def test_seg_3_absurd_growth(self):
        """SEG-3: no industry grows by 1,000 % a year, nor shrinks by more than there is; a growth has a year."""
        industry = self._industry(5)
        for vals, words in (({'customer_growth': 1000}, "nothing grows by 1,000"), ({'customer_growth': 200.01}, "decimal point"),
                            ({'customer_growth': -100.01}, "−100 to 200"), ({'customer_growth_year': 26}, "four digits")):
            with self.subTest(vals=vals), self._refused(words):
                industry.write(vals)
        for nothing in (float('nan'), float('inf')):
            with self.assertRaises(ValidationError):
                industry.with_user(self.mara).write({'customer_growth': nothing})
        fresh = self.env['res.partner.industry'].create({'name': "Of today", 'customer_growth': 7})
        self.assertEqual(fresh.customer_growth_year, self.today.year)
        unknown = self.env['res.partner.industry'].create({'name': "Unknown"})
        customer = self._customer("No figure", industry_id=unknown.id)
        self.keeper._refresh()
        self.assertIsNone(self._points(customer, self.growth), "no figure is not a growth of 0")
        unknown.write({'customer_growth': 0, 'customer_growth_year': self.today.year})
        self.assertEqual(self._points(customer, self.growth), 20)
        unknown.customer_growth_year = self.today.year - 3
        self.assertEqual(self._points(customer, self.growth), 20)
        unknown.customer_growth_year = self.today.year - 4
        self.assertIsNone(self._points(customer, self.growth), "too old")

    @users('mara', 'anna')
    def test_seg_3_who_says_how_industries_grow(self):
        """SEG-3: managers say how fast an industry grows, salespeople read it."""
        industry = self._industry(5).with_env(self.env)
        if self.env.user == self.mara:
            industry.customer_growth = 6
        else:
            with self.assertRaises(AccessError):
                industry.customer_growth = 6
        self.assertEqual(industry.customer_growth_year, self.today.year)

    # ------------------------------------------------------------
    # JUDGED BY HAND
    # ------------------------------------------------------------

    @users('anna')
    def test_seg_3_judged_until(self):
        """SEG-3: a judgement comes before what is computed until its last day; on the day after, the computed one counts again,
        and what was written stays in the history."""
        customer = self._customer("Judged", industry_id=self._industry(30).id).with_env(self.env)
        customer.customer_upgrade_need = 'yes'
        until = self.today + timedelta(days=10)
        customer.write({
            'customer_potential': 'low', 'customer_potential_reason': "Sold to us", 'customer_potential_until': until})
        self.assertEqual((customer.customer_potential, customer.customer_potential_date), ('low', self.today))
        self.assertEqual(customer.customer_segment_id, self.unknown)
        self.assertEqual(customer.customer_potential_score, 39.99, "as near to the computed 81.82 as low can be")
        with freeze_time(until):
            self.keeper._refresh()
            self.assertEqual(customer.customer_potential, 'low')
        with freeze_time(until + timedelta(days=1)):
            self.env['customer.ranking'].sudo()._refresh_all()
            self.env.invalidate_all()
            self.assertEqual((customer.customer_potential, customer.customer_potential_reason), ('high', False))
            self.assertEqual(customer.customer_segment_id, self.high_potential)
        history = self.env['customer.potential.change'].search([('partner_id', '=', customer.id)])
        self.assertEqual(
            [(change.old_potential, change.new_potential, change.cause, change.reason, change.user_id) for change in history],
            [('low', 'high', 'expired', False, self.env['res.users']), ('high', 'low', 'judged', "Sold to us", self.env.user),
             (False, 'high', 'computed', False, self.env['res.users'])])

    @users('anna')
    def test_seg_3_taken_back(self):
        """SEG-3: to write no grade takes a judgement back, of a computed one it does nothing; who is no customer has none
        then."""
        customer = self._customer("Back", industry_id=self._industry(30).id).with_env(self.env)
        customer.customer_upgrade_need = 'yes'
        customer.customer_potential = False
        self.assertEqual(customer.customer_potential, 'high', "what is computed can't be taken away")
        self._judge(customer, 'low')
        customer.customer_potential = False
        self.assertEqual((customer.customer_potential, customer.customer_potential_reason, customer.customer_potential_date),
                         ('high', False, False))
        self.assertEqual(customer.customer_segment_id, self.high_potential)
        stranger = self.env['res.partner'].create({'name': "Stranger", 'user_id': self.env.uid})
        self._judge(stranger, 'low')
        stranger.customer_potential = False
        self.assertEqual((stranger.customer_potential, stranger.customer_potential_reason), (False, False))

    @users('anna')
    def test_seg_3_half_a_judgement(self):
        """SEG-3: a grade without a reason, a reason or a last day without a grade, and one that is over are refused."""
        customer = self._customer("Half").with_env(self.env)
        for vals, words in (
                ({'customer_potential': 'high'}, "say why"),
                ({'customer_potential': 'high', 'customer_potential_reason': ' '}, "say why"),
                ({'customer_potential_reason': "Because"}, "say what the potential"),
                ({'customer_potential_until': self.today}, "say what the potential"),
                ({'customer_potential': 'high', 'customer_potential_reason': "Why",
                  'customer_potential_until': self.today - timedelta(days=1)}, "already be over")):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, words):
                customer.write(vals)
        self._judge(customer, 'high')
        with self.assertRaisesRegex(ValidationError, "say why"):
            customer.customer_potential_reason = False
        with self.assertRaisesRegex(ValidationError, "say why"):
            self.env['res.partner'].create({'name': "New", 'customer_potential': 'high'})
        with self.assertRaises(AccessError):
            customer.customer_potential_date = self.today

    def test_seg_3_judged_again(self):
        """SEG-3: who judges again without a last day judges without end; a last day alone moves the end."""
        customer = self._customer("Again")
        until = self.today + timedelta(days=3)
        customer.write({'customer_potential': 'low', 'customer_potential_reason': "A", 'customer_potential_until': until})
        customer.write({'customer_potential': 'high', 'customer_potential_reason': "B"})
        self.assertFalse(customer.customer_potential_until)
        customer.customer_potential_until = until
        self.assertEqual((customer.customer_potential, customer.customer_potential_until), ('high', until))

    def test_seg_3_dialog(self):
        """SEG-3: the dialog explains, takes the answers, and judges until a day."""
        customer = self._customer("In the dialog", industry_id=self._industry(30).id)
        form = Form(self.env['customer.segment.dialog'].with_user(self.anna).with_context(default_partner_ids=customer.ids))
        self.assertIn("35 % of what matters is known, and 50 % are needed", form.potential_explanation)
        form.upgrade_need, form.answer_note = 'yes', "The old line goes"
        form.save().action_answer()
        answer = self.env['customer.potential.answer'].search([('partner_id', '=', customer.id)])
        self.assertEqual((answer.question, answer.answer, answer.note), ('upgrade', 'yes', "The old line goes"))
        dialog = self.env['customer.segment.dialog'].with_user(self.anna).create({'partner_ids': customer.ids})
        text = str(dialog.potential_explanation)
        for part in ("81.82", "Together", "Growth of the industry", "45.4", "36.3", "Left out"):
            self.assertIn(part, text)
        self.assertEqual(dialog.upgrade_need, 'yes')
        dialog.write({'potential': 'low', 'reason': "Sold", 'until': self.today})
        dialog.action_judge()
        self.assertEqual(customer.customer_potential, 'low')
        text = str(self.env['customer.segment.dialog'].create({'partner_ids': customer.ids}).potential_explanation)
        self.assertIn("Low, judged by hand on", text)
        dialog.action_clear()
        self.assertEqual(customer.customer_potential, 'high')

    # ------------------------------------------------------------
    # IN FORCE
    # ------------------------------------------------------------

    def test_seg_3_counts_or_not(self):
        """SEG-3: switched off, the computed potential is shown and moves nobody; judgements go on. Switched on, it counts."""
        self._set(counts=False)
        customer, judged = (
            self._customer(name, industry_id=self._industry(30).id, customer_upgrade_need='yes') for name in ("Off", "Judged"))
        self._judge(judged, 'medium')
        before = customer.customer_segment_id
        self.env['customer.ranking']._refresh_all()
        self.env.invalidate_all()
        self.assertEqual((customer.customer_potential, customer.customer_segment_id), (False, before))
        self.assertEqual((self._row(customer).grade, judged.customer_potential), ('high', 'medium'))
        self.assertIn("counts for nothing", str(
            self.env['customer.segment.dialog'].create({'partner_ids': customer.ids}).potential_explanation))
        self._set(counts=True)
        self.env['customer.ranking']._refresh_all()
        self.env.invalidate_all()
        self.assertEqual((customer.customer_potential, customer.customer_segment_id), ('high', self.high_potential))
        self.assertEqual(customer.customer_segment_change_ids[0].cause, 'potential')
        self.assertEqual(judged.customer_potential, 'medium')

    def test_seg_3_settings(self):
        """SEG-3: bounds that leave a grade without scores are refused; another bound asks the nightly action."""
        for vals in ({'customer_potential_high_from': 40}, {'customer_potential_medium_from': 0},
                     {'customer_potential_high_from': 101}, {'customer_potential_known_percent': 0},
                     {'customer_potential_answer_days': 0}, {'customer_potential_growth_years': 0}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.env['customer.settings'].with_user(self.mara).create(vals).execute()
        before = self._triggers()
        self.env['customer.settings'].with_user(self.mara).create({'customer_potential_high_from': 80}).execute()
        self.assertGreater(self._triggers(), before)

    def test_seg_3_bad_factors(self):
        """SEG-3: points that fall, are none, begin twice or don't fit the question are refused, each in words."""
        for bands, words in (
                ([], "needs at least one band"), ([(0, 50), (0, 60)], "begin with the same value"), ([(0, 101)], "between 0"),
                ([(0, 60), (5, 50)], "would be worth less")):
            with self.subTest(bands=bands), self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.env['customer.potential.factor'].create({
                    'name': "Bad", 'source': 'industry_growth',
                    'band_ids': [Command.create({'value_from': value, 'points': points}) for value, points in bands]})
        for source, band in (('answer_budget', {'answer': 'yes'}), ('answer_budget', {'value_from': 1}),
                             ('industry_growth', {'answer': 'yes'})):
            with self.subTest(source=source, band=band), self.assertRaisesRegex(ValidationError, "don't fit"), \
                    self.env.cr.savepoint():
                self.env['customer.potential.factor'].create({
                    'name': "Bad", 'source': source, 'band_ids': [Command.create({**band, 'points': 5})]})
        with self.assertRaises(ValidationError):
            self.growth.with_user(self.mara).write({'source': 'fact_potential'})
        with self._refused("To leave it out, archive it"):
            self.growth.weight = 0

    def test_seg_3_fact(self):
        """SEG-3: the fact says the points in force, 0 to 100, with the grade; nothing where the potential is not known."""
        computed, judged, unknown = (self._customer(name) for name in ("Computed", "By hand", "Unknown"))
        computed.write({'industry_id': self._industry(30).id, 'customer_upgrade_need': 'yes'})
        self._judge(judged, 'medium')
        facts = self.env[FACT]
        spans = facts._days_back((computed | judged | unknown).ids, 1)
        rows = facts._read(facts._query('potential', spans, {}, 'detail'), SQL(
            "SELECT span_id, value::float8, detail FROM found ORDER BY span_id"))
        self.assertEqual([row[:2] for row in rows], [(computed.id, 81.82), (judged.id, 55.0)])
        found = facts._facts()['potential']
        said = [facts._say('potential', found, Found(value, detail=detail), {}) for __, value, detail in rows]
        self.assertEqual(said, ["Potential High (81.8 points)", "Potential Medium (55 points), judged by hand"])
        self.assertEqual(found.open(computed, None)['res_model'], 'customer.segment.dialog')
        for by_hand in ('high', 'medium', 'low'):
            for customer in (computed, unknown):
                self._judge(customer, by_hand)
                row = self._row(customer)
                self.assertEqual(
                    customer.customer_potential_score,
                    engine.judged(row.score if row.grade else None, by_hand, 70, 40), (by_hand, customer.name))

    def test_seg_3_asks(self):
        """SEG-3, HEA-6: where the potential is not known, the questions without an answer are proposed."""
        customer = self._customer("To be asked", customer_budget_trend='growing')
        asked = self.env['customer.potential']._open_questions(customer)
        self.assertEqual(asked, {customer.id: ["Need of newer technology", "Expansion into regions"]})

    # ------------------------------------------------------------
    # WHO COMES AND GOES
    # ------------------------------------------------------------

    def test_seg_3_leaves_and_comes_back(self):
        """SEG-3: who is no customer any more has no computed potential; who comes back has it at once."""
        customer = self._customer("Leaves", industry_id=self._industry(30).id, customer_upgrade_need='yes')
        self.assertEqual(customer.customer_potential, 'high')
        customer.customer_enrolment = 'excluded'
        self.assertFalse(customer.customer_potential)
        self.assertFalse(self._row(customer))
        customer.customer_enrolment = 'enrolled'
        self.assertEqual((customer.customer_potential, customer.customer_segment_id), ('high', self.high_potential))

    def test_seg_3_merge(self):
        """SEG-3, PLT-2: merged customers lose no answer and no judgement, and what is computed follows."""
        industry = self._industry(30)
        kept = self._customer("Kept", industry_id=industry.id)
        gone = self._customer("Gone", industry_id=industry.id, customer_upgrade_need='yes', customer_budget_trend='growing')
        self._judge(gone, 'low', "Said so")
        self.env['base.partner.merge.automatic.wizard']._merge((kept | gone).ids, kept)
        self.env.invalidate_all()
        self.assertEqual((kept.customer_upgrade_need, kept.customer_budget_trend), ('yes', 'growing'))
        self.assertEqual((kept.customer_potential, kept.customer_potential_reason), ('low', "Said so"))
        self.assertEqual(self._row(kept).known, 70)
        history = self.env['customer.potential.change'].search([('partner_id', '=', kept.id), ('cause', '=', 'judged')])
        self.assertEqual(history.reason, "Said so")

    def test_seg_3_two_companies(self):
        """SEG-3, PLT-2: a customer of another company is computed by night too, and a manager of another company sees none of
        it."""
        customer = self._customer("Second", company_id=self.company_2.id, user_id=False, industry_id=self._industry(30).id,
                                  customer_upgrade_need='yes')
        self.keeper._refresh()
        self.assertEqual(self._row(customer).grade, 'high')
        self.assertFalse(self.env['customer.potential'].with_user(self.mara).with_context(
            allowed_company_ids=self.env.company.ids).search([('partner_id', '=', customer.id)]))

    # ------------------------------------------------------------
    # WHERE THE ADDON WAS THERE BEFORE
    # ------------------------------------------------------------

    def test_seg_3_update(self):
        """SEG-3, PLT-7: by an update judgements stay in force and are in the history, nobody moves, and what is computed counts
        for nothing until somebody says so; a second run changes nothing."""
        judged, other = (
            self._customer(name, industry_id=self._industry(30).id, customer_upgrade_need='yes') for name in ("Judged", "Other"))
        self._judge(judged, 'medium', "Their plan")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM customer_potential_change; DELETE FROM customer_potential")
        self.env.cr.execute(SQL(
            "UPDATE res_partner SET customer_potential = NULL WHERE id = %s", other.id))
        self.env.cr.execute("DELETE FROM ir_config_parameter WHERE key = 'customer_success.potential_counts'")
        self.env.invalidate_all()
        self.segmenter._refresh()
        before = judged.customer_segment_id, other.customer_segment_id
        spec = importlib.util.spec_from_file_location(
            'post_a_potential', ROOT / 'migrations' / '19.0.1.8.0' / 'post-a-potential.py')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for __ in range(2):
            with mute_logger('post_a_potential'):
                module.migrate(self.env.cr, '19.0.1.7.0')
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()
            self.env['customer.ranking']._refresh_all()
            self.env.invalidate_all()
            self.assertEqual((judged.customer_potential, judged.customer_potential_reason), ('medium', "Their plan"))
            self.assertFalse(other.customer_potential)
            self.assertEqual(self._row(other).grade, 'high', "it is shown")
            self.assertEqual((judged.customer_segment_id, other.customer_segment_id), before)
            history = self.env['customer.potential.change'].search([('partner_id', '=', judged.id)])
            self.assertEqual((history.cause, history.reason, history.date), ('judged', "Their plan", self.today))
