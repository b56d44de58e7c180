"""REP-3: five analyses, each a pivot, a graph and a list, for whom they are; what customers bring beside what is done for them;
their health and losses by month."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import users

from ..plans import cost_of
from .dashboard_common import DashboardCase

#: The five, and effort by tier against revenue by tier.
ANALYSES = {
    'Value Analysis': 'customer_balance_action', 'Effort by Tier': 'customer_balance_action_effort',
    'Health and Churn': 'customer_health_month_action', 'Kept Rhythms': 'customer_adherence_action',
    'Service': 'customer_case_clock_action', 'Strategy Effect': 'customer_strategy_effect_report_action'}


class TestAnalyses(DashboardCase):

    def test_menu(self):
        """Each is one entry under Reporting, with pivot, graph and list, and help where there is nothing."""
        reporting = self.env.ref('customer_success.customer_success_menu_reporting')
        entries = {menu.name: menu.action for menu in reporting.child_id if menu.action}
        self.assertEqual(next(iter(entries)), "Dashboard")
        for name, action in ANALYSES.items():
            self.assertEqual(entries[name], self.env.ref(f'customer_success.{action}'), name)
            self.assertLessEqual({'pivot', 'graph', 'list'}, set(entries[name].view_mode.split(',')), name)
            self.assertIn('o_view_nocontent_smiling_face', entries[name].help)
            rules = self.env['ir.rule'].search([('model_id.model', '=', entries[name].res_model)])
            self.assertTrue(rules.filtered('global') and rules - rules.filtered('global'), f"{name}: roles and companies")

    # ------------------------------------------------------------
    # VALUE AND EFFORT
    # ------------------------------------------------------------

    def _row(self, customer, user=None, **context):
        self.env.flush_all()
        self.env.invalidate_all()  # each look is a request of its own
        row = self._env_of(user or self.mara)['customer.balance'].with_context(**context).search(
            [('partner_id', '=', customer.id)])
        self.assertEqual(len(row), 1)
        return row

    def _contacts(self, customer, months):
        first = fields.Date.add(fields.Date.subtract(self.today, months=months), days=1)
        return self.env['customer.followup'].search([
            ('partner_id', '=', customer.id), ('state', '=', 'done'), ('contact_day', '>=', first)])

    def test_row(self):
        """What stands of a customer is what its card says, and its contacts one by one."""
        row = self._row(self.of_ben)
        partner = self.of_ben
        self.assertEqual(
            (row.tier_id, row.segment_id, row.user_id, row.team_id, row.company_id, row.potential, row.health_band, row.revenue,
             row.tenure),
            (partner.customer_tier_id, partner.customer_segment_id, self.ben, self.team_north, self.env.company,
             partner.customer_potential, partner.customer_health_band, 800, partner.customer_tenure))
        contacts = self._contacts(self.of_ben, 12)
        self.assertTrue(contacts)
        self.assertEqual((row.contacts, row.visits, row.cases, row.care), (len(contacts), len(contacts), 1, 20))
        self.assertEqual(row.revenue_meanwhile, row.revenue, "the days of the ranking")
        self.assertEqual(self._row(self.of_zoe, self.zoe).company_id, self.company_2)

    def test_expected(self):
        """What may come is an estimate: who has none is left out of sums and means, and stands without one."""
        values = self.env['customer.value'].sudo()
        values.search([('partner_id', 'in', (self.of_ben + self.of_anna).ids)]).unlink()
        values.create([
            {'partner_id': self.of_ben.id, 'date': self.today, 'band': 'high', 'score': 80, 'prospect_state': 'ok',
             'expected_value': 1200},
            {'partner_id': self.of_anna.id, 'date': self.today, 'band': 'none', 'score': 0, 'prospect_state': 'few',
             'expected_value': 0}])
        self.assertEqual((self._row(self.of_ben).expected_value, self._row(self.of_ben).value_score), (1200, 80))
        self.assertFalse(self._row(self.of_anna).expected_value)
        [[expected, score]] = self._env_of(self.mara)['customer.balance']._read_group(
            [('partner_id', 'in', (self.of_ben + self.of_anna).ids)], [], ['expected_value:sum', 'value_score:avg'])
        self.assertEqual((expected, score), (1200, 80))

    def test_what_is_no_effort(self):
        """What left by itself is no contact; who tried in vain had the effort; a meeting tells how long it took."""
        before = self._row(self.of_ben).contacts
        touch = self._touch(self.of_ben, self.env.company, self._ago(3), self._ago(3))
        self.assertEqual(self._row(self.of_ben).contacts, before + 1)
        mail = self.env['mail.message'].create({'body': "x", 'model': 'res.partner', 'res_id': self.of_ben.id})
        touch.write({'outcome': False, 'sent_message_id': mail.id})
        self.assertEqual(self._row(self.of_ben).contacts, before)
        touch.write({'outcome': 'no_answer', 'sent_message_id': False, 'qualifies': False})
        self.assertEqual(self._row(self.of_ben).contacts, before + 1)
        event = self.env['calendar.event'].create({
            'name': "Talk", 'start': '2026-01-05 10:00:00', 'stop': '2026-01-05 12:30:00'})
        touch.meeting_id = event
        self.assertEqual(self._row(self.of_ben).hours, 2.5)

    def test_another_period(self):
        """With other months the effort and the revenue are of the same days, from the documents."""
        self._order(self.of_ben, 300, self._ago(10))
        self._order(self.of_ben, 500, self._ago(150))
        for months, revenue in ((1, 300), (6, 800)):
            row = self._row(self.of_ben, customer_balance_months=months)
            self.assertEqual((row.revenue_meanwhile, row.contacts), (revenue, len(self._contacts(self.of_ben, months))))
        self.assertEqual(self._row(self.of_ben, customer_balance_months='x').revenue_meanwhile, self.of_ben.customer_revenue)
        tile = self._look(self.mara, months=1)['by_code']['effort']
        self.assertEqual(tile['context'], {'customer_balance_months': 1})
        rows = self._records(self.mara, tile, tile['domain'])
        self.assertEqual(tile['figure'], f"Contacts: {sum(rows.mapped('contacts'))}")

    def test_care_in_another_currency(self):
        """What a company spends in its own currency is added up in the main company's, at the rate of the day."""
        self.mara.sudo().company_ids += self.company_2
        other = self.env['res.currency'].with_context(active_test=False).search(
            [('id', '!=', self.env.company.currency_id.id)], limit=1)
        other.active = True
        self.company_2.currency_id = other
        self.env['res.currency.rate'].search([('currency_id', '=', other.id)]).unlink()
        self.env['res.currency.rate'].create({
            'currency_id': other.id, 'rate': 4, 'name': '2020-01-01', 'company_id': False})
        self.env.registry.clear_cache()
        spent = sum(self.env['customer.care.expense'].search([('partner_id', '=', self.of_zoe.id)]).mapped('amount'))
        self.assertEqual(spent, 40)
        self.assertEqual(self._row(self.of_zoe).care, 10)

    def test_effort_tile(self):
        """Shares of the tiers, added up one by one, and where they are furthest apart."""
        tile = self._look(self.li)['by_code']['effort']
        rows = self._records(self.li, tile, tile['domain'])
        tiers = {}
        for row in rows:
            own = tiers.setdefault(row.tier_id.name or "Without a tier", [0, 0])
            own[0] += row.contacts
            own[1] += row.revenue_meanwhile
        contacts, revenue = (sum(some) for some in zip(*tiers.values(), strict=True))
        for name, text in self._figures(tile).items():
            self.assertTrue(text.startswith(f"Contacts: {tiers[name][0]} ("), text)
            self.assertIn(f"({round(100 * tiers[name][0] / contacts, 1):g} %)", text)
            self.assertTrue(text.endswith(f"revenue: {round(100 * tiers[name][1] / revenue, 1):g} %"), text)

    def test_rules(self):
        """A salesperson sees the own customers, a leader the team's, nobody those of another company, and no role nothing."""
        for model in ('customer.balance', 'customer.health.month'):
            def seen(user, model=model):
                return self._env_of(user)[model].search([]).partner_id

            self.assertIn(self.of_anna, seen(self.anna))
            self.assertNotIn(self.of_ben, seen(self.anna))
            self.assertLessEqual({self.of_anna, self.of_ben}, set(seen(self.lena)))
            self.assertNotIn(self.of_otto, seen(self.lena))
            self.assertIn(self.of_otto, seen(self.mara))
            ours = self.of_anna + self.of_otto + self.of_zoe
            self.assertEqual(seen(self.zoe) & ours, self.of_zoe)
            with self.assertRaises(AccessError):
                seen(self.nils)
            row = self._env_of(self.mara)[model].search([('partner_id', '=', self.of_otto.id)], limit=1)
            self.assertEqual(row.action_open()['res_id'], self.of_otto.id)
            with self.assertRaises(AccessError):
                self._env_of(self.anna)[model].browse(row.id).action_open()

    @users('mara')
    def test_groups(self):
        """What is not known is in no mean; amounts add up in the main company's currency, with whatever is grouped."""
        balance = self.env['customer.balance'].with_context(lang='en_US')
        for group in ('tier_id', 'segment_id', 'country_id', 'industry_id', 'tenure', 'potential', 'health_band', 'risk_level',
                      'user_id', 'team_id', 'company_id', 'value_band'):
            rows = balance._read_group([], [group], ['__count', 'revenue:sum', 'expected_value:sum', 'value_score:avg'])
            self.assertEqual(sum(row[1] for row in rows), balance.search_count([]), group)
        self.assertEqual(balance.search([], limit=1).currency_id, self.env['customer.clock']._main_company().currency_id)
        months = self.env['customer.health.month']
        for group in ('date:month', 'band', 'tier_id', 'segment_id', 'country_id', 'user_id', 'team_id', 'company_id'):
            rows = months._read_group([], [group], ['__count', 'score:avg', 'lost:sum', 'lost_percent:avg'])
            self.assertEqual(sum(row[1] for row in rows), months.search_count([]), group)
        self.assertIn("Revenue looks back 12 months", balance.get_customer_denominator())
        self.assertIn("Lost (%)", months.get_customer_denominator())

    def test_cost_is_the_own(self):
        """A salesperson's report reads the own customers, however many a colleague has."""
        costs = []
        for count in (10, 100):
            self.env['res.partner'].create([{
                'name': f"Ben's {count} {place}", 'is_company': True, 'user_id': self.ben.id, 'customer_enrolment': 'enrolled'}
                for place in range(count)])
            costs.append(cost_of(
                self._env_of(self.anna)['customer.balance'], [('user_id', '=', self.anna.id)], 'revenue desc, id', 'res_partner',
                {'res_partner'}))
        (before, shown), (after, still) = costs
        self.assertEqual(shown, still)
        self.assertGreaterEqual(shown, 2)
        self.assertLess(after, before + 100)

    # ------------------------------------------------------------
    # HEALTH AND CHURN
    # ------------------------------------------------------------

    def test_months(self):
        """Each customer once a month, as it was on the last day, and lost where somebody marked it as lost in the month."""
        reason = self.env['customer.loss.reason'].search([('needs_note', '=', False)], limit=1)
        lost = self.env['customer.loss'].create([
            {'partner_id': self.of_otto.id, 'date': self._ago(40), 'reason_id': reason.id},
            {'partner_id': self.of_ben.id, 'date': self._ago(1), 'reason_id': reason.id}])
        withdrawn = self.env['customer.loss'].create({
            'partner_id': self.of_anna.id, 'date': self._ago(2), 'reason_id': reason.id})
        withdrawn.sudo().state = 'withdrawn'
        rows = self._env_of(self.mara)['customer.health.month'].search([])
        found = {(row.partner_id.id, row.date): (row.band, row.lost) for row in rows}
        self.assertEqual(len(found), len(rows), "once a month")
        snapshots = self._env_of(self.mara)['customer.health.snapshot'].search([])
        losses = self._env_of(self.mara)['customer.loss'].search([('state', '!=', 'withdrawn')])
        self.assertLessEqual(lost, losses)
        expected = {}
        for back in range(13):
            first = fields.Date.subtract(self.first, months=back)
            last = min(fields.Date.end_of(first, 'month'), self.today)
            gone = {loss.partner_id.id for loss in losses if first <= loss.date <= last}
            for snapshot in snapshots:
                if snapshot.date <= last and (not snapshot.date_end or snapshot.date_end >= last):
                    expected[snapshot.partner_id.id, first] = (snapshot.band, int(snapshot.partner_id.id in gone))
            for partner_id in gone:
                expected.setdefault((partner_id, first), ('none', 1))
        self.assertEqual(found, expected)
        self.assertEqual(found[self.of_ben.id, fields.Date.start_of(self._ago(1), 'month')][1], 1)

    def test_same_as_the_tile(self):
        """The dashboard and the report count the same customers of the same months."""
        tile = self._look(self.mara)['by_code']['health']
        labels = dict(self._env_of(self.mara)['customer.health.month']._fields['band']._description_selection(
            self._env_of(self.mara)))
        rows = self._env_of(self.mara)['customer.health.month']._read_group(
            [('lost', '=', 0), ('date', '>=', self._since(12))], ['date:month', 'band'], ['__count'])
        counted = {}
        for month, band, count in rows:
            counted.setdefault(month, {})[labels[band]] = count
        for back, column in enumerate(reversed(tile['columns'])):
            first = fields.Date.subtract(self.first, months=back)
            self.assertEqual(
                {part['label']: int(part['text'].replace(',', '')) for part in column['parts']}, counted.get(first, {}), first)

    def test_on_the_first_of_a_month(self):
        """The month that has just begun is there, with today alone."""
        with self._on(self.first):
            months = self._env_of(self.mara)['customer.health.month']._read_group([], ['date:month'], ['__count'])
        self.assertEqual(max(month for month, __ in months), self.first)
        self.assertGreater(self.first, self.today - timedelta(days=31))
