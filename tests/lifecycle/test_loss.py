"""LIF-4: a loss is marked by a person, with its reason; the next order wins the customer back."""
from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .test_stage import StageCase


class TestLoss(StageCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price, cls.other = (cls.env.ref(f'customer_success.customer_loss_reason_{name}') for name in ('price', 'other'))

    def _lose(self, partner, user=None, **vals):
        """Mark a customer as lost as people do."""
        model = self.env['customer.loss.mark'].with_user(user or self.anna)
        dialog = model.with_context(**partner.with_user(user or self.anna).action_customer_mark_lost()['context']).create({
            'reason_id': self.price.id, **vals})
        dialog.action_mark()
        return self.env['customer.loss'].search([('partner_id', '=', partner.id)], limit=1)

    def test_lost_and_won_back(self):
        """LIF-4: marked as lost it is lost at once, its follow-ups are those of win-back; the next order wins it back."""
        self.env.ref('customer_success.customer_cadence_stage_lost').action_unarchive()
        with self._on('2025-01-10'):
            partner = self._customer("Lost one")
            self._order(partner, 900)
        with self._on('2025-06-01'):
            self.env['customer.ranking']._rank(partner.ids)
            self._night()
            loss = self._lose(partner, note="They found it cheaper")
            self.assertEqual(partner.customer_stage_id, self.lost)
            self.assertEqual(self._open(partner).cadence_id.name, "Win-back")
            change = self._last_change(partner)
            self.assertEqual((change.cause, change.why), ('lost', "Marked as lost"))
            self.assertEqual((loss.state, loss.revenue, loss.tier_id, loss.user_id, loss.last_order_then, loss.won_back_percent),
                             ('lost', 900, partner.customer_tier_id, self.anna, date(2025, 1, 10), 0))
            self.assertIn("Lost on Jun 1, 2025: Price.", partner.with_user(self.anna).get_customer_strip()['loss']['text'])
        with self._on('2025-08-01'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.lost)
            order = self._order(partner, 50, '2025-08-01')
            self.assertEqual(partner.customer_stage_id, self.won_back, "at once")
            self.assertEqual((loss.state, loss.won_back_on, loss.days_away, loss.won_back_percent),
                             ('won_back', date(2025, 8, 1), 61, 100))
            self.assertEqual(self._last_change(partner).cause, 'won_back')
            self.assertFalse(self._open(partner).cadence_id.filtered(lambda cadence: cadence.name == "Win-back"))
        with self._on('2025-08-20'):
            self._order(partner, 70, '2025-08-20')
            self._night()
            self.assertEqual(loss.won_back_on, date(2025, 8, 1), "the first order won it back, not the last")
        with self._on('2026-01-28'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.won_back, "180 days")
        with self._on('2026-01-29'):
            self._night()
            self.assertNotEqual(partner.customer_stage_id, self.won_back)
            self.assertTrue(order)

    def test_order_set_back(self):
        """LIF-4: an order that is cancelled has won nobody back: it is lost again, by itself."""
        with self._on('2025-01-10'):
            partner = self._customer("Cancelled")
            self._order(partner, 900)
        with self._on('2025-06-01'):
            loss = self._lose(partner)
            order = self._order(partner, 50, '2025-06-01')
            self.assertEqual(loss.state, 'won_back', "also on the same day")
            order._action_cancel()
            self.env['customer.ranking']._rank(partner.ids)
            self.assertEqual((loss.state, loss.won_back_on, loss.won_back_percent), ('lost', False, 0))
            self.assertEqual(partner.customer_stage_id, self.lost)

    def test_order_of_the_same_day_before(self):
        """LIF-4: an order of the day of the loss that was there before does not win anybody back."""
        partner = self._customer("Same day")
        self._order(partner, 100)
        loss = self._lose(partner)
        self._night()
        self.assertEqual(loss.state, 'lost')
        with self._on(fields.Date.add(fields.Date.today(), days=1)):
            self._order(partner, 100, fields.Date.add(fields.Date.today(), days=0))
            self.assertEqual(loss.state, 'won_back')

    def test_second_loss(self):
        """LIF-4: a customer that was won back can be lost again; each loss keeps its own outcome."""
        with self._on('2025-01-10'):
            partner = self._customer("Twice")
            self._order(partner, 900)
        with self._on('2025-03-01'):
            first = self._lose(partner)
        with self._on('2025-04-01'):
            self._order(partner, 50, '2025-04-01')
        with self._on('2025-05-01'):
            second = self._lose(partner, reason_id=self.other.id, note="Moved away")
            self._night()
            self.assertEqual((first.state, second.state), ('won_back', 'lost'))
            self.assertEqual(partner.customer_stage_id, self.lost)
            self.assertEqual(self.env['customer.loss']._read_group(
                [('partner_id', '=', partner.id)], [], ['__count', 'won_back_percent:avg']), [(2, 50.0)])

    def test_withdrawn(self):
        """LIF-4: a mistake is withdrawn; the customer goes where the rules say, and the loss counts for nothing."""
        partner = self._customer("Mistake")
        loss = self._lose(partner)
        loss.with_user(self.anna).action_withdraw()
        self.assertEqual((loss.state, partner.customer_stage_id), ('withdrawn', self.growth))
        with self.assertRaisesRegex(UserError, "Withdrawn already: Mistake"):
            loss.with_user(self.anna).action_withdraw()
        self._lose(partner)
        self.assertEqual(partner.customer_stage_id, self.lost)

    def test_ends_stage_by_hand(self):
        """LIF-4: a loss ends a stage that was set by hand."""
        partner = self._customer("By hand")
        partner._set_stage_by_hand(self.mature, "x")
        self._lose(partner)
        self.assertEqual(partner.customer_stage_id, self.lost)
        self.assertFalse(partner.customer_stage_manual_id)

    def test_refused(self):
        """LIF-4, K9: what can't be is refused in words that say what to do."""
        partner, foreign = self._customer("Refused"), self._customer("Of Otto", user_id=self.otto.id)
        with self.assertRaisesRegex(ValidationError, "Please choose why"):
            self._lose(partner, reason_id=False)
        with self.assertRaisesRegex(ValidationError, "Add a sentence on what happened"), self.env.cr.savepoint():
            self._lose(partner, reason_id=self.other.id)
        with self.assertRaisesRegex(ValidationError, "can't be in the future"), self.env.cr.savepoint():
            self._lose(partner, date=fields.Date.add(fields.Date.today(), days=1))
        with self.assertRaisesRegex(AccessError, "looked after by Otto"):
            self._lose(foreign)
        self._lose(partner)
        with self.assertRaisesRegex(UserError, "marked as lost already. Lost on"):
            self._lose(partner)
        with self._refused("marked as lost already"):
            self.env['customer.loss'].create({'partner_id': partner.id, 'reason_id': self.price.id})
        contact = self.env['res.partner'].create({'name': "Nobody's", 'user_id': self.anna.id})
        with self.assertRaisesRegex(UserError, "no customer under care"):
            contact.with_user(self.anna).action_customer_mark_lost()

    def test_kept(self):
        """LIF-4, PLT-2: what follows from orders is not written by people, and losses stay for the report."""
        partner = self._customer("Kept")
        loss = self._lose(partner).with_user(self.anna)
        loss.write({'note': "More is known", 'reason_id': self.env.ref('customer_success.customer_loss_reason_need').id})
        for values in ({'state': 'won_back'}, {'won_back_percent': 100}, {'won_back_on': '2026-01-01'}, {'date': '2020-01-01'}):
            with self.assertRaisesRegex(AccessError, "can't be changed by hand"):
                loss.write(values)
        with self.assertRaisesRegex(AccessError, "can't be changed by hand"):
            self.env['customer.loss'].with_user(self.anna).create({
                'partner_id': self._customer("New").id, 'reason_id': self.price.id, 'revenue': 5})
        with self.assertRaises(AccessError):
            loss.unlink()
        made = self.env['customer.loss'].with_user(self.anna).create({
            'partner_id': self._customer("By import").id, 'reason_id': self.price.id})
        self.assertEqual((made.partner_id.customer_stage_id, made.user_id), (self.lost, self.anna))
        with self.assertRaisesRegex(AccessError, "looked after by Otto"):
            self.env['customer.loss'].with_user(self.anna).create({
                'partner_id': self._customer("Of Otto", user_id=self.otto.id).id, 'reason_id': self.price.id})

    def test_proposed(self):
        """LIF-4: a quarter in the stage of the dormant proposes a loss: a filter, the strip, what is best done."""
        partner = self._customer("Silent")
        partner._set_stage_by_hand(self.dormant, "x")
        rule = self.env.ref('customer_success.customer_action_rule_loss_due')
        (self.env['customer.action.rule'].search([]) - rule).active = False
        with self._on(fields.Date.add(fields.Date.today(), days=90)):
            own = partner.with_user(self.anna)
            self.assertEqual(own.get_customer_strip()['loss'], {
                'proposed': True, 'text': "In the stage “Dormant” for 90 days: is it lost?"})
            self.assertEqual(own.customer_next_action, "Decide: is it lost?")
            self.assertEqual(
                own.customer_next_reason, "In the stage “Dormant” for 90 days: mark it as lost, or agree on a last attempt")
            self.assertEqual(own.action_customer_next()['res_model'], 'customer.loss.mark')
        with self._on(fields.Date.add(fields.Date.today(), days=89)):
            self.assertFalse(partner.with_user(self.anna).get_customer_strip()['loss'])

    def test_dialog(self):
        """LIF-4: before it is done the dialog says what follows from it, and what helps with the reason."""
        partner = self._customer("Told", customer_cadence_id=self.cadence.id)
        model = self.env['customer.loss.mark'].with_user(self.anna)
        dialog = model.create({'partner_id': partner.id, 'reason_id': self.price.id})
        self.assertIn("goes into the stage “Lost” at once", dialog.consequence)
        self.assertIn("go on by its own cadence “Test rhythm”", dialog.consequence)
        self.assertIn("another price", dialog.advice)
        partner.customer_cadence_id = False
        self.assertIn("no cadence for lost customers is switched on", model.create({'partner_id': partner.id}).consequence)
        self.env.ref('customer_success.customer_cadence_stage_lost').action_unarchive()
        self.assertIn("those of the cadence “Win-back”", model.create({'partner_id': partner.id}).consequence)

    def test_merge(self):
        """LIF-4, PLT-2: two customers of which both are lost are lost once when they are merged."""
        kept, gone = self._customer("Kept"), self._customer("Gone")
        with self._on(fields.Date.subtract(fields.Date.today(), days=5)):
            first = self._lose(gone)
        second = self._lose(kept)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((kept + gone).ids, kept)
        self.assertEqual(first.partner_id + second.partner_id, kept)
        self.assertEqual((first.state, second.state), ('lost', 'withdrawn'))
        self.assertEqual(kept.customer_stage_id, self.lost)

    def test_seen(self):
        """LIF-4, PLT-2: people see the losses of the customers they see, of their companies."""
        own, foreign = self._customer("Mine"), self._customer("Foreign", user_id=self.otto.id)
        other = self._customer("Elsewhere", company_id=self.company_2.id, user_id=self.zoe.id)
        losses = self._lose(own) + self._lose(foreign, self.otto) + self._lose(other, self.zoe)
        for user, seen in ((self.anna, own), (self.lena, own), (self.li, foreign), (self.mara, own + foreign), (self.zoe, other)):
            self.assertEqual(self.env['customer.loss'].with_user(user).search([('id', 'in', losses.ids)]).sudo().partner_id, seen)

    def test_rate(self):
        """LIF-4: the rate of a reason is that of its losses, those withdrawn left out: 1 of 3."""
        partners = [self._customer(f"Rate {number}") for number in range(4)]
        losses = self.env['customer.loss'].concat(*(self._lose(partner) for partner in partners))
        losses[0].action_withdraw()
        with self._on(fields.Date.add(fields.Date.today(), days=2)):
            self._order(partners[1], 10, fields.Date.today())
        [[reason, count, rate]] = self.env['customer.loss']._read_group(
            [('id', 'in', losses.ids), ('state', '!=', 'withdrawn')], ['reason_id'], ['__count', 'won_back_percent:avg'])
        self.assertEqual((reason, count, round(rate, 1)), (self.price, 3, 33.3))
