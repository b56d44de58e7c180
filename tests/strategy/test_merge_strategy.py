"""PLT-2: merging contacts keeps the strategies of both."""
from odoo import fields

from .strategy_common import StrategyCase


class TestMergeStrategy(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls._kpi("Asked", target=50)
        cls.kept, cls.gone = cls.customer, cls._customer("Gone Ltd")
        cls.today = fields.Date.context_today(cls.env.user)

    def _merge(self, *others):
        partners = self.kept + self.gone.union(*others)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(partners.ids, self.kept)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.gone.exists())

    def _ago(self, days):
        return fields.Date.subtract(self.today, days=days)

    def test_plt_2_later_one_goes_on(self):
        """PLT-2: of two running strategies the one that began later goes on, the other is stopped with a note."""
        mine = self._strategy(self.kept, (self.kpi, 80, 60), start=self._ago(20))
        theirs = self._strategy(self.gone, (self.kpi, 70, 60), start=self._ago(10))
        over = self._strategy(self._customer("Third"), (self.kpi, 70), start=self._ago(10))
        third = over.partner_id
        over.action_stop()
        draft = self._strategy(third, (self.kpi, 70), state='draft')
        self._merge(third)
        self.assertEqual((mine + theirs + over + draft).partner_id, self.kept)
        self.assertEqual((mine + theirs + over + draft).mapped('state'), ['done', 'active', 'done', 'draft'])
        self.assertEqual((mine.ended_by, mine.date_end), ('stopped', self.today))
        self.assertIn("goes on", str(mine.message_ids.mapped('body')))
        self.assertEqual(len(mine.kpi_ids), 1)
        self.assertEqual(self.kept.customer_strategy_id, theirs)

    def test_plt_2_companies(self):
        """PLT-2: strategies of different companies go on side by side."""
        mine = self._strategy(self.kept, (self.kpi, 80))
        theirs = self._strategy(self.gone, (self.kpi, 70), company_id=self.company_2.id)
        self._merge()
        self.assertEqual((mine + theirs).mapped('state'), ['active', 'active'])
        self.assertEqual((mine + theirs).partner_id, self.kept)

    def test_plt_2_cadence(self):
        """PLT-2: the target follows the cadence of the strategy that goes on."""
        self._strategy(self.gone, (self.kpi, 70), cadence_id=self.cadence.id)
        self._merge()
        self.assertEqual(self._open(self.kept).cadence_id, self.cadence)
