"""PLT-2: merging contacts keeps what is known of the health of both."""
from unittest.mock import patch

from .common import HealthFigures


class TestMerge(HealthFigures):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept, cls.gone = cls.customer, cls._customer("Gone Ltd")

    def _merge(self, *others):
        self.env.flush_all()
        partners = self.kept + self.gone.union(*others)
        # what the refresh makes of it is looked at elsewhere
        with patch.object(self.env.registry['customer.health.refresh'], '_refresh') as refresh:
            self.env['base.partner.merge.automatic.wizard'].create({})._merge(partners.ids, self.kept)
        self.assertIn(self.kept.ids, [call.args[0] for call in refresh.call_args_list if call.args])
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.gone.exists())

    def test_plt_2_readings(self):
        """PLT-2: readings of the same day are added up, the others go over."""
        metric = self.env['customer.metric'].create({'name': "Logins", 'code': 'test_logins'})
        readings = self.env['customer.reading'].create([
            {'partner_id': partner.id, 'metric_id': metric.id, 'date': self._ago(days), 'value': value}
            for partner, days, value in ((self.kept, 3, 5), (self.gone, 3, 7), (self.gone, 2, 4), (self.kept, 1, 1))])
        self._merge()
        left = readings.exists().sorted('date')
        self.assertEqual(left.partner_id, self.kept)
        self.assertEqual(left.mapped('value'), [12, 4, 1])

    def test_plt_2_pulses(self):
        """PLT-2: of two judgements on a day one stays, with what the other said."""
        self.env['customer.pulse'].create([
            {'partner_id': self.kept.id, 'date': self._ago(3), 'score': '4', 'note': "Likes us"},
            {'partner_id': self.gone.id, 'date': self._ago(3), 'score': '2', 'note': "Delivery"},
            {'partner_id': self.gone.id, 'date': self._ago(2), 'score': '3'},
        ])
        self._merge()
        pulses = self.env['customer.pulse'].search([('partner_id', '=', self.kept.id)], order='date')
        self.assertEqual(pulses.mapped('score'), ['4', '3'])
        self.assertIn("Likes us", pulses[0].note)
        self.assertIn("Unhappy: Delivery", pulses[0].note)

    def test_plt_2_warnings(self):
        """PLT-2: of two open warnings of a kind the worse one stays open; the history of both is there."""
        mild = self._warn(self.kept, 'one', '1')
        red = self._warn(self.gone, 'one', '3')
        other = self._warn(self.gone, 'two', '1')
        closed = self._warn(self.gone, 'one', '2', state='closed')
        self._merge()
        self.assertEqual((mild + red + other + closed).exists().partner_id, self.kept)
        self.assertEqual((mild + red + other + closed).mapped('state'), ['closed', 'open', 'open', 'closed'])

    def test_plt_2_overrides(self):
        """PLT-2: one score set by hand is in force, the target's; the other one stays in the history."""
        def by_hand(partner, score, first):
            override = self.env['customer.health.override'].sudo().create({
                'partner_id': partner.id, 'score': score, 'reason': "x", 'date_to': self._ago(-9)})
            override.flush_recordset()
            self.env.cr.execute(
                "UPDATE customer_health_override SET date_from = %s, date_to = %s WHERE id = %s",
                (self._ago(first), self._ago(first - 14), override.id))
            self.env.invalidate_all()
            return override

        past, theirs, mine = by_hand(self.gone, 30, 34), by_hand(self.gone, 20, 5), by_hand(self.kept, 80, 5)
        self._merge()
        self.assertEqual((mine + theirs + past).partner_id, self.kept)
        self.assertEqual((mine + theirs + past).filtered('is_running'), mine)

    def test_plt_2_snapshots(self):
        """PLT-2: the target's history stays, older days of the other one come before it, the rest is kept as a note."""
        self._health(self.kept, (20, 60), (5, 70))
        self._health(self.gone, (50, 30), (30, 40), (10, 45))
        self._merge()
        snapshots = self.env['customer.health.snapshot'].search([('partner_id', '=', self.kept.id)], order='date')
        self.assertEqual(
            [(row.date, row.date_end, row.score) for row in snapshots],
            [(self._ago(50), self._ago(31), 30), (self._ago(30), self._ago(21), 40),
             (self._ago(20), self._ago(6), 60), (self._ago(5), False, 70)])
        self.assertEqual((self.kept.customer_health, self.kept.customer_health_band), (70, 'watch'))
        notes = str(self.kept.message_ids.mapped('body'))
        self.assertIn("the health of Gone Ltd was", notes)
        self.assertIn("45 (At risk)", notes)

    def test_plt_2_snapshots_go_over(self):
        """PLT-2: a target without a history takes over that of the merged contact, the current score included."""
        self._health(self.gone, (50, 30), (10, 45))
        self._merge()
        snapshots = self.env['customer.health.snapshot'].search([('partner_id', '=', self.kept.id)])
        self.assertEqual(len(snapshots), 2)
        self.assertEqual((self.kept.customer_health, self.kept.customer_health_band), (45, 'risk'))

    def test_plt_2_not_scored_stays_not_scored(self):
        """PLT-2: a target that is not scored does not take over the score alone."""
        self._health(self.kept, (50, None))
        self._health(self.gone, (50, 30))
        self._merge()
        self.env.cr.execute("SELECT customer_health, customer_health_band FROM res_partner WHERE id = %s", (self.kept.id,))
        self.assertEqual(self.env.cr.fetchone(), (None, 'none'))

    def test_plt_2_rhythm(self):
        """PLT-2: there is one rhythm afterwards, that of all orders, and merging three contacts works too."""
        third = self._customer("Third Ltd")
        for partner, days in ((self.kept, 10), (self.gone, 40), (third, 70)):
            self._order(partner, 100, self._ago(days))
            self._rhythm(partner, 5, 100, 10)
            self._health(partner, (9, 50))
            self._warn(partner, 'one', '2')
        self._merge(third)
        rhythm = self.env['customer.rhythm'].search([('partner_id', '=', self.kept.id)])
        self.assertEqual((rhythm.purchases, rhythm.first_day, rhythm.last_day), (3, self._ago(70), self._ago(10)))
        self.assertEqual(self.env['customer.health.snapshot'].search_count([('partner_id', '=', self.kept.id)]), 1)
        self.assertEqual(self.env['customer.warning'].search_count([
            ('partner_id', '=', self.kept.id), ('state', '!=', 'closed')]), 1)
