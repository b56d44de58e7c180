"""LIF-6: advice with its result, and customers that are brought together: proposed with the reason, introduced on both sides."""
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

from ..common import CustomerCase


class TestSupply(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.env['customer.match'].search([]).unlink()  # of customers that are none any more
        cls.parts, cls.software = (
            cls.env.ref(f'customer_success.customer_supply_category_{name}') for name in ('material', 'software'))
        cls.maker, cls.builder = cls._customer("Maker"), cls._customer("Builder", user_id=cls.otto.id)

    def _supply(self, partner, kind, name, category=None, user=None, **vals):
        return self.env['customer.supply'].with_user(user or partner.user_id).create({
            'partner_id': partner.id, 'kind': kind, 'name': name, 'category_id': (category or self.parts).id, **vals,
        }).with_env(self.env)

    def _pair(self):
        offer = self._supply(self.maker, 'offer', "Aluminium housings")
        need = self._supply(self.builder, 'need', "Housings, fifty a month")
        return offer, need, self.env['customer.match'].search([])

    # ------------------------------------------------------------
    # MATCHING
    # ------------------------------------------------------------

    def test_proposed(self):
        """LIF-6: an offer and a need of one category are proposed at once, with the reason; nothing else is."""
        self.maker.country_id = self.builder.country_id = self.env.ref('base.de')
        offer, need, match = self._pair()
        self.assertEqual((match.offer_id, match.need_id, match.state), (offer, need, 'proposed'))
        self.assertEqual(
            match.reason, "Material and parts: “Aluminium housings” for “Housings, fifty a month”. Both are in Germany.")
        self._supply(self.maker, 'need', "Housings for ourselves")
        self._supply(self.builder, 'need', "A planning tool", self.software)
        self._supply(self.builder, 'offer', "Screws", self.software)
        self.assertEqual(self.env['customer.match'].search_count([]), 1, "not with itself, not across categories")
        self.assertEqual(self.env['customer.match']._propose(), 0, "once")

    def test_order(self):
        """LIF-6: those of the same country come first."""
        germany = self.env.ref('base.de')
        near, far = self._customer("Near", country_id=germany.id), self._customer("Far", country_id=self.env.ref('base.cn').id)
        self.builder.country_id = germany
        self._supply(far, 'offer', "Parts")
        self._supply(near, 'offer', "Parts")
        self._supply(self.builder, 'need', "Parts")
        self.assertEqual(self.env['customer.match'].search([]).offerer_id, near + far)
        self.assertEqual(self.env['customer.match'].search([])[0].offerer_id, near)
        self.env['customer.match'].search([])[-1].with_user(self.otto).action_dismiss()
        self.assertEqual(self.env['customer.match'].search([])[0].offerer_id, near, "what does not fit does not come first")

    def test_few_of_many(self):
        """LIF-6, PLT-3: of a need the best few are proposed, and the next best when one is dismissed or over; each of many needs
        has its own."""
        germany = self.env.ref('base.de')
        self.builder.country_id = germany
        offers = [
            self._supply(self._customer(f"Maker {number}", country_id=germany.id if number == 1 else False), 'offer', "Parts")
            for number in range(8)]
        need = self._supply(self.builder, 'need', "Parts")
        other = self._supply(self._customer("Second builder", user_id=self.otto.id), 'need', "Parts")
        proposed = Domain('state', '=', 'proposed')
        matches = self.env['customer.match'].search(Domain('need_id', '=', need.id))
        self.assertEqual(matches.offer_id, self.env['customer.supply'].concat(offers[1], *offers[:3:-1]))
        self.assertEqual(self.env['customer.match'].search_count(proposed & Domain('need_id', '=', other.id)), 5)
        matches[0].with_user(self.otto).action_dismiss()
        offers[7].active = False
        self.env['customer.match']._propose()
        left = self.env['customer.match'].search(proposed & Domain('need_id', '=', need.id))
        self.assertEqual(left.offer_id, self.env['customer.supply'].concat(*offers[6:1:-1]))
        self.env['res.config.settings'].create({'customer_match_most': 1}).set_values()
        self.assertEqual(self.env['customer.match'].search(proposed & Domain('need_id', '=', need.id)).offer_id, offers[6])
        with self.assertRaisesRegex(UserError, "1 to 100 customers"):
            self.env['res.config.settings'].create({'customer_match_most': 0}).set_values()

    def test_gone(self):
        """LIF-6: a proposal goes when one side is over, not to be contacted or no customer any more; an introduction stays."""
        for end in (
            lambda offer, need: offer.write({'active': False}),
            lambda offer, need: need.write({'date_to': fields.Date.subtract(fields.Date.today(), days=1)}),
            lambda offer, need: need.write({'category_id': self.software.id}),
            lambda offer, need: self.builder.action_customer_exclude(),
        ):
            offer, need, match = self._pair()
            self.assertTrue(match)
            end(offer, need)
            self.env['customer.match']._propose()
            self.assertFalse(match.exists())
            (offer + need).unlink()
            self.builder.action_customer_enrol()
        offer, need, match = self._pair()
        match.with_user(self.anna).action_introduce()
        offer.active = False
        self.env['customer.match']._propose()
        self.assertTrue(match.exists())

    def test_introduced(self):
        """LIF-6: an introduction opens a follow-up on both sides, each for its own account manager, and has an outcome."""
        offer, need, match = self._pair()
        match.with_user(self.anna).action_introduce()
        self.assertEqual((match.state, match.introduced_by_id), ('introduced', self.anna))
        self.assertEqual(
            [(followup.partner_id, followup.user_id, followup.name) for followup in match.followup_ids.sorted('id')],
            [(self.maker, self.anna, "Introduce Builder, who needs: Housings, fifty a month"),
             (self.builder, self.otto, "Introduce Maker, who offers: Aluminium housings")])
        with self.assertRaisesRegex(UserError, "Maker for Builder is “Introduced” already"):
            match.with_user(self.anna).action_introduce()
        with self.assertRaisesRegex(UserError, "Add a sentence on what came of it: Maker for Builder"):
            match.with_user(self.otto).action_worked()
        match.with_user(self.otto).outcome = "A first series was ordered"
        match.with_user(self.otto).action_worked()
        self.assertEqual(match.state, 'worked')
        self.assertEqual(offer.match_ids + need.match_ids, match)

    def test_stopped_since(self):
        """LIF-6: who is not to be contacted since the night, or no customer any more, is not introduced to anybody."""
        for stop in (lambda: self.maker.write({'customer_do_not_contact': True}), lambda: self.builder.action_customer_exclude()):
            with self.env.cr.savepoint() as savepoint:
                __, __, match = self._pair()
                stop()
                with self.assertRaisesRegex(UserError, "is not to be contacted, or no customer"):
                    match.with_user(self.lena).action_introduce()
                savepoint.rollback()
            self.env.invalidate_all()

    def test_by_phone(self):
        """LIF-6: introduced is by the first channel to call on; where there is none, somebody is told to ask for one."""
        call = self.env.ref('customer_success.customer_channel_call')
        other = call.copy({'name': "By satellite"})
        __, __, match = self._pair()
        self.env['customer.channel'].search([('medium', '=', 'phone')]).active = False
        with self.assertRaisesRegex(UserError, "There is no channel for calls any more"):
            match.with_user(self.anna).action_introduce()
        other.active = True
        self.env['ir.model.data'].search([('module', '=', 'customer_success'), ('name', '=', 'customer_channel_call')]).unlink()
        match.with_user(self.anna).action_introduce()
        self.assertEqual(match.followup_ids.channel_id, other)

    def test_introduced_stays(self):
        """LIF-6: what an introduction is about is neither deleted nor given to another customer: what became of it is kept."""
        offer, need, match = self._pair()
        own = offer.with_user(self.anna)
        own.partner_id = self.maker  # as a file that is imported once more
        match.with_user(self.anna).action_introduce()
        for change in (own.unlink, lambda: own.write({'partner_id': self._customer("Other").id}),
                       lambda: own.write({'kind': 'need'})):
            with self.assertRaisesRegex(UserError, "stands on an introduction"):
                change()
        own.write({'partner_id': self.maker.id, 'name': "Housings of aluminium"})
        own.active = False
        self.assertEqual((match.state, match.offerer_id), ('introduced', self.maker))

    def test_people_of_others(self):
        """LIF-6, PLT-2: neither offers nor advice are with people of another customer."""
        stranger = self.env['res.partner'].create({'name': "Mr Else", 'parent_id': self.builder.id})
        offer = self._supply(self.maker, 'offer', "Parts").with_user(self.anna)
        advice = self.env['customer.advice.given'].with_user(self.anna).create({'partner_id': self.maker.id, 'name': "x"})
        for refused in (
            lambda: self._supply(self.maker, 'offer', "Parts", contact_id=stranger.id),
            lambda: offer.write({'contact_id': stranger.id}),
            lambda: advice.copy({'contact_id': stranger.id}),
            lambda: advice.write({'contact_id': stranger.id}),
        ):
            with self.assertRaisesRegex(ValidationError, "Mr Else does not belong to Maker"):
                refused()

    def test_dismissed(self):
        """LIF-6: what does not fit is not proposed again."""
        __, __, match = self._pair()
        match.with_user(self.otto).action_dismiss()
        self.env['customer.match']._propose()
        self.assertEqual(match.state, 'dismissed')
        self.assertEqual(self.env['customer.match'].search_count([]), 1)

    def test_seen(self):
        """LIF-6, PLT-2: an introduction is for who looks after one of both; nobody writes what follows from others."""
        __, __, match = self._pair()
        for user, sees in ((self.anna, True), (self.otto, True), (self.lena, True), (self.mara, True), (self.ben, False),
                           (self.zoe, False)):
            self.assertEqual(bool(self.env['customer.match'].with_user(user).search([])), sees, user.name)
        [shown] = match.with_user(self.anna).web_read({
            'offer_id': {'fields': {'display_name': {}}}, 'need_id': {'fields': {'display_name': {}}}, 'reason': {}})
        self.assertEqual(shown['need_id']['display_name'], "Housings, fifty a month", "of a colleague's customer")
        with self.assertRaisesRegex(AccessError, "follows from the offers and needs"):
            match.with_user(self.anna).state = 'worked'
        with self.assertRaises(AccessError):
            self.env['customer.match'].with_user(self.anna).create({'offer_id': match.offer_id.id, 'need_id': match.need_id.id})
        with self.assertRaises(AccessError):
            self._supply(self.builder, 'need', "x", user=self.anna)
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.env['customer.match'].create({'offer_id': match.offer_id.id, 'need_id': match.need_id.id})

    def test_merge(self):
        """LIF-6, PLT-2: nobody is introduced to itself when two customers become one."""
        offer, need, match = self._pair()
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.maker + self.builder).ids, self.maker)
        self.assertEqual((offer + need).partner_id, self.maker)
        self.assertFalse(match.exists())

    def test_cron(self):
        """LIF-6, PLT-3: the night takes back what is over, and proposes what begins to fit."""
        __, need, match = self._pair()
        self.env.cr.execute(SQL("UPDATE customer_supply SET date_to = '2020-01-01' WHERE id = %s", need.id))
        self.env.invalidate_all()
        self._run_cron('match')
        self.assertFalse(match.exists())
        self.env.cr.execute(SQL("UPDATE customer_supply SET date_to = NULL WHERE id = %s", need.id))
        self.env.invalidate_all()
        self._run_cron('match')
        self.assertEqual(self.env['customer.match'].search([]).need_id, need)
        self.assertEqual(self.env['customer.run'].search([('name', '=', 'match')], limit=1).note, "Pairs proposed: 1")

    # ------------------------------------------------------------
    # ADVICE
    # ------------------------------------------------------------

    def test_advice(self):
        """LIF-6: advice has a result in money or words; advice_saving tells it as a fact."""
        person = self.env['res.partner'].create({'name': "Ms Night", 'parent_id': self.maker.id})
        advice = self.env['customer.advice.given'].with_user(self.anna).create({'partner_id': person.id, 'name': "Night tariff"})
        self.assertEqual((advice.partner_id, advice.contact_id, advice.outcome, advice.result_on),
                         (self.maker, person, 'open', False))
        with self.assertRaisesRegex(ValidationError, "Say what “Night tariff” brought"), self.env.cr.savepoint():
            advice.outcome = 'helped'
        with self.assertRaisesRegex(ValidationError, "say that it helped, or leave the amount out"), self.env.cr.savepoint():
            advice.saving = 5
        advice.write({'outcome': 'helped', 'saving': 1200, 'result': "A fifth less"})
        self.assertEqual(advice.result_on, fields.Date.today())
        with self._on(fields.Date.add(fields.Date.today(), days=9)):
            advice.write({'outcome': 'helped', 'saving': 1200})
        self.assertEqual(advice.result_on, fields.Date.today(), "the day on which it became known stays")
        advice.write({'outcome': 'open', 'saving': 0})
        self.assertFalse(advice.result_on)
        advice.write({'outcome': 'helped', 'saving': 1200})
        facts = self.env['customer.fact']
        self.env.flush_all()
        rows = facts._read(facts._query('advice_saving', facts._days_back((self.maker + self.builder).ids, 30), {
            'window_days': 30}), SQL("SELECT span_id, value FROM found"))
        self.assertEqual({row[0]: int(row[1]) for row in rows}, {self.maker.id: 1200, self.builder.id: 0})
        with self.assertRaisesRegex(AccessError, "."):
            self.env['customer.advice.given'].with_user(self.anna).create({'partner_id': self.builder.id, 'name': "x"})
        with self._refused("can't be negative"):
            advice.sudo().saving = -1
