"""REP-2: the dashboard: what stands on it, for whom, and that a click opens exactly what is counted."""
import json
import re
from unittest.mock import patch

from odoo import fields
from odoo.api import Environment
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import warmup
from odoo.tools import json_default, mute_logger

from ...engine import nps
from ...models.base.customer_dashboard import CustomerDashboard as Base
from ...models.base.customer_dashboard import Seen, Tile
from .dashboard_common import QUARTER, YEAR, DashboardCase

TILES = ['tiers', 'health', 'churn', 'nps', 'adherence', 'sla', 'effort', 'warnings', 'adherence_people', 'strategies']
NUMBER = re.compile(r'^[\d,]+$')


def number(text):
    """Return the first number of a text."""
    return int(re.search(r'[\d,]+', text)[0].replace(',', ''))


class TestDashboard(DashboardCase):

    # ------------------------------------------------------------
    # FOR WHOM
    # ------------------------------------------------------------

    def test_for_who_leads(self):
        """A leader sees the own team, a manager all; a salesperson has My Day instead, and is told so."""
        self.assertEqual([tile['code'] for tile in self._look(self.mara)['tiles']], TILES)
        self.assertEqual([tile['code'] for tile in self._look(self.lena)['tiles']], TILES)
        for user in (self.anna, self.nils):
            with self.assertRaisesRegex(AccessError, "for team leaders and managers"):
                self._look(user)
        counts = {user.login: number(self._look(user)['by_code']['tiers']['figure']) for user in (self.mara, self.lena, self.li)}
        own = {'lena': self.of_anna + self.of_ben + self.customer, 'li': self.of_otto}
        for login, customers in own.items():
            user = getattr(self, login)
            tile = self._look(user)['by_code']['tiers']
            found = self._records(user, tile, tile['domain']).partner_id
            self.assertEqual(found.filtered('user_id'), customers.with_env(found.env))
            self.assertEqual(counts[login], len(found))
        self.assertGreater(counts['mara'], counts['lena'])

    def test_two_companies(self):
        """Zoe sees her company; who works in both sees both, and can choose one."""
        tile = self._look(self.zoe)['by_code']['tiers']
        self.assertEqual(self._records(self.zoe, tile, tile['domain']).partner_id, self.of_zoe)
        self.assertFalse(self._look(self.zoe)['companies'], "one is no choice")
        self.assertNotIn(self.of_zoe.id, self._partners(self.mara))
        self.mara.sudo().company_ids += self.company_2
        self.assertIn(self.of_zoe.id, self._partners(self.mara))
        self.assertEqual(len(self._look(self.mara)['companies']), 2)
        self.assertEqual(self._partners(self.mara, company_id=self.company_2.id), [self.of_zoe.id])
        self.assertNotIn(self.of_zoe.id, self._partners(self.mara, company_id=self.env.company.id))
        for code in TILES[3:]:
            tile = self._look(self.mara, company_id=self.company_2.id)['by_code'][code]
            if tile['domain']:
                records = self._records(self.mara, tile, tile['domain'])
                partner = records.case_id.partner_id if code == 'sla' else records.partner_id
                self.assertEqual(partner, self.of_zoe.with_env(partner.env), code)

    def _partners(self, user, **filters):
        tile = self._look(user, **filters)['by_code']['tiers']
        return self._records(user, tile, tile['domain']).partner_id.ids

    def test_filters(self):
        """A team narrows every tile; what is not the user's to choose is left out, as is what is nonsense."""
        seen = self._look(self.mara, team_id=self.team_south.id)
        self.assertEqual(seen['filters'], {'months': 12, 'company_id': False, 'team_id': self.team_south.id})
        for code in ('tiers', 'health', 'nps', 'adherence', 'sla', 'warnings', 'strategies'):
            tile = seen['by_code'][code]
            records = self._records(self.mara, tile, tile['domain'])
            partner = records.case_id.partner_id if code == 'sla' else records.partner_id
            self.assertEqual(partner, self.of_otto.with_env(partner.env), code)
        self.assertIn("not for teams", ' '.join([*seen['by_code']['churn']['notes'], "not for teams"]))
        self.assertEqual([team['id'] for team in self._look(self.lena)['teams']], self.team_north.ids)
        for bad in ({'team_id': self.team_south.id}, {'company_id': self.company_2.id}, {'months': 7}, {'months': 'x'},
                    {'team_id': 'x'}, {'company_id': [1]}, {'team_id': 10 ** 9}):
            with self.subTest(bad=bad):
                self.assertEqual(self._look(self.lena, **bad)['filters'], {'months': 12, 'company_id': False, 'team_id': False})

    def test_nobody_is_a_customer(self):
        """In an empty house every tile says what to do first."""
        company = self._create_company(name="Empty Company")
        user = self._user('ella', 'manager', company_id=company.id, company_ids=[(6, 0, company.ids)])
        self.env['customer.target'].search([]).unlink()
        for tile in self._look(user)['tiles']:
            with self.subTest(tile=tile['code']):
                self.assertTrue(tile['empty'])
                self.assertFalse(tile['rows'] or tile['columns'] or tile['figure'])
                if tile['todo']:
                    self.assertTrue(self.env.ref(f"customer_success.{tile['todo']['action']}"))

    # ------------------------------------------------------------
    # WHAT A CLICK OPENS
    # ------------------------------------------------------------

    def test_a_click_opens_what_is_counted(self):
        """Each number of each line and month is the number of records that it opens, for each reader and choice."""
        checked = 0
        for user, filters in ((self.mara, YEAR), (self.mara, QUARTER), (self.mara, {'months': 1}), (self.lena, YEAR),
                              (self.mara, {'team_id': self.team_north.id, 'months': 6})):
            for tile in self._look(user, **filters)['tiles']:
                for line in [*tile['rows'], *tile['columns']]:
                    for part in [part for bar in line.get('bars', [line.get('parts')]) for part in bar]:
                        if part['domain'] and NUMBER.match(part['text']):
                            checked += 1
                            self.assertEqual(
                                len(self._records(user, tile, part['domain'])), number(part['text']),
                                (user.login, filters, tile['code'], line['label'], part['label']))
        self.assertGreater(checked, 100)

    def test_parts_add_up(self):
        """The lines of a tile open what its figure opens, each record once."""
        seen = self._look(self.mara)
        for code in ('tiers', 'nps', 'sla', 'effort', 'warnings', 'strategies'):
            tile = seen['by_code'][code]
            ids = [record_id for row in tile['rows'] for record_id in self._records(self.mara, tile, row['domain']).ids]
            self.assertEqual(sorted(ids), sorted(self._records(self.mara, tile, tile['domain']).ids), code)

    def test_actions(self):
        """Every tile has a screen of the model that it counts, with a list."""
        for code, tile in self.env['customer.dashboard']._tiles().items():
            action = self.env.ref(f'customer_success.{tile.action}')
            self.assertIn('list', action.view_mode.split(','), code)
            if code != 'churn':
                self.assertEqual(action.res_model, tile.model, code)

    # ------------------------------------------------------------
    # NUMBERS, BY HAND
    # ------------------------------------------------------------

    def test_tiers(self):
        """Customers and revenue of each tier, added up one by one."""
        figures = self._figures(self._look(self.lena)['by_code']['tiers'])
        tiers = {}
        for customer in self.env['res.partner'].search([('customer_managed', '=', True)]):
            if customer.customer_company_id == self.env.company and customer.user_id.customer_team_id in (
                    self.team_north, self.env['crm.team']) and customer.user_id in (
                        self.anna, self.ben, self.lena, self.env['res.users']):
                own = tiers.setdefault(customer.customer_tier_id, [0, 0])
                own[0] += 1
                own[1] += customer.customer_revenue
        for tier, (count, revenue) in tiers.items():
            text = figures[tier.name or "Without a tier"]
            self.assertEqual(number(text), count)
            self.assertIn(f'{round(revenue):,}', text)

    def test_health(self):
        """How many were in each band on the last day of each month, by a look at each stretch."""
        tile = self._look(self.mara)['by_code']['health']
        snapshots = self._env_of(self.mara)['customer.health.snapshot'].search([])
        labels = dict(snapshots._fields['band']._description_selection(snapshots.env))
        for back, column in enumerate(reversed(tile['columns'])):
            first = fields.Date.subtract(self.first, months=back)
            day = min(fields.Date.end_of(first, 'month'), self.today)
            counts = {}
            for snapshot in snapshots:
                if snapshot.date <= day and (not snapshot.date_end or snapshot.date_end >= day):
                    counts[labels[snapshot.band]] = counts.get(labels[snapshot.band], 0) + 1
            self.assertEqual({part['label']: number(part['text']) for part in column['parts']}, counts, first)
        # where the night of the company has come already, a stretch begins on a day that is tomorrow for the reader
        scores = [one.score for one in snapshots if one.band != 'none' and one.date <= self.today and (
            not one.date_end or one.date_end >= self.today)]
        self.assertIn(f"Average score {round(sum(scores) / len(scores))}.", tile['sentence'])

    def test_nps(self):
        """The engine's figure of the answers of the period, one by one; the sentence is that of all other screens."""
        for user, months in ((self.mara, 12), (self.lena, 3)):
            answers = self._env_of(user)['customer.feedback'].search([('kind', '=', 'nps')]).filtered(
                lambda one, months=months: one.given_on >= self._since(months))
            found = nps.summary_of(answers.mapped('score'), 2)
            tile = self._look(user, months=months)['by_code']['nps']
            self.assertEqual(tile['figure'], f"NPS {found.score:.0f} ± {found.margin:.0f}, n = {found.n}".replace("-0 ", "0 "))
            self.assertEqual(tile['sentence'], answers._say_summary(found))

    def test_nps_of_few(self):
        """Of too few answers there is no NPS, and the tile says how many there are."""
        self.env['ir.config_parameter'].set_param('customer_success.feedback_minimum', '100')
        tile = self._look(self.lena)['by_code']['nps']
        self.assertIn("Too few answers", tile['sentence'])
        self.assertTrue(tile['figure'].startswith("n = "))

    def test_adherence(self):
        """What was planned in the period and kept, one by one; by person the same in sum."""
        for months in (1, 12):
            rows = self._env_of(self.mara)['customer.adherence'].search([('planned', '=', 1)]).filtered(
                lambda row, months=months: self._since(months) <= row.date <= self.today)
            seen = self._look(self.mara, months=months)['by_code']
            on_time = len(rows.filtered(lambda row: row.result == 'on_time'))
            self.assertTrue(rows)
            self.assertTrue(seen['adherence']['sentence'].startswith(f"Of {len(rows)} that were planned, on time: {on_time},"))
            people = {user.name: own for user, own in rows.grouped('user_id').items()}
            for name, text in self._figures(seen['adherence_people']).items():
                if name in people:
                    kept = len(people[name].filtered(lambda row: row.result == 'on_time'))
                    self.assertTrue(text.endswith(f"{kept} of {len(people[name])}"), (name, text))

    def test_deadlines(self):
        clocks = self._env_of(self.mara)['customer.case.clock'].search([('state', 'in', ('met', 'failed'))]).filtered(
            lambda clock: clock.ended_at.date() >= self._since(12))
        met = clocks.filtered(lambda clock: clock.state == 'met')
        tile = self._look(self.mara)['by_code']['sla']
        self.assertTrue(tile['sentence'].startswith(f"Deadlines met: {len(met)} of {len(clocks)};"))
        self.assertLess(len(met), len(clocks))

    def test_warnings(self):
        warnings = self._env_of(self.mara)['customer.warning'].search([]).filtered(
            lambda warning: self._since(12) <= warning.date <= self.today)
        tile = self._look(self.mara)['by_code']['warnings']
        self.assertEqual(number(tile['figure']), len(warnings))
        closed = warnings.filtered(lambda warning: warning.state == 'closed')
        self.assertIn(f"Still open: {len(warnings) - len(closed)}.", tile['sentence'])
        dismissed = 100 * len(closed.filtered(lambda warning: warning.outcome == 'dismissed')) / len(closed)
        self.assertIn(f"{round(dismissed, 1):g} % were no reason", tile['sentence'])

    def test_strategies(self):
        """The cycles that ran in the period, by their grade, and those without."""
        strategies = self._env_of(self.mara)['customer.strategy'].search([('state', '!=', 'draft')]).filtered(
            lambda one: one.date_start <= self.today and one.date_end >= self._since(12))
        tile = self._look(self.mara)['by_code']['strategies']
        expected = {}
        for strategy in strategies:
            name = strategy.effect_id.name or "No grade yet"
            expected[name] = expected.get(name, 0) + 1
        self.assertEqual({name: number(text) for name, text in self._figures(tile).items() if number(text)}, expected)

    def test_churn(self):
        """The frozen value of the target, with what was lost; a click opens the losses that it counts."""
        self.env['customer.target'].search([]).unlink()
        self.env['ir.config_parameter'].set_param('customer_success.target_minimum', '1')
        target = self.env['customer.target'].create({'measure': 'churn', 'target': 10, 'comparison': 'to'})
        for customer in self.of_anna + self.of_otto + self.of_ben:
            customer.sudo().customer_first_order = self._ago(900)
        self.env['customer.loss'].create({
            'partner_id': self.of_otto.id, 'date': self._ago(20),
            'reason_id': self.env['customer.loss.reason'].search([('needs_note', '=', False)], limit=1).id})
        self.assertIn("Not measured yet", self._look(self.mara)['by_code']['churn']['empty'])
        target.action_measure()
        value = target.value_ids.sorted('month')[-1]
        tile = self._look(self.mara)['by_code']['churn']
        self.assertEqual(value.hits, 1)
        self.assertIn(f"Lost within 12 months and not won back: 1 of {value.n} customers", tile['sentence'])
        self.assertEqual(tile['tone'], 'good' if value.value <= 10 else 'bad')
        model, record_id, method = tile['opens']
        action = getattr(self._env_of(self.mara)[model].browse(record_id), method)()
        self.assertEqual(self._env_of(self.mara)[action['res_model']].search(action['domain']).partner_id.ids, self.of_otto.ids)
        self.assertIn("for companies and not for teams", ' '.join(
            self._look(self.lena, team_id=self.team_north.id)['by_code']['churn']['notes']))

    # ------------------------------------------------------------
    # HOW
    # ------------------------------------------------------------

    def test_a_tile_that_fails(self):
        """One that can't be looked up is set aside with a sentence, the others stand; an addon's own one stands with them."""
        def broken(dashboard, filters):
            dashboard.env.cr.execute("SELECT 1 / 0")

        def tiles(dashboard):
            return {
                'broken': Tile("Broken", 'res.partner', lambda filters: broken(dashboard, filters), 'customer_target_action', 1),
                'own': Tile("Own", 'res.partner', lambda filters: Seen(figure="7"), 'customer_target_action', 2)}

        with patch.object(Base, '_tiles', tiles), mute_logger(
                'odoo.addons.customer_success.models.base.customer_dashboard', 'odoo.sql_db'):
            seen = self._look(self.mara, problems=1)
        self.assertIn("“Broken” could not be looked up", seen['problems'][0])
        self.assertEqual([tile['code'] for tile in seen['tiles']][:2], ['own', 'tiers'])
        self.assertEqual(seen['by_code']['own']['figure'], "7")

    def test_on_a_replica(self):
        """It runs on a connection that can't write."""
        with self.enter_registry_test_mode(), self.registry.cursor(readonly=True) as cr:
            env = Environment(cr, self.mara.id, {'lang': 'en_US', 'tz': 'UTC'})
            self.assertEqual(len(call_kw(env['customer.dashboard'], 'look', [], {})['tiles']), len(TILES))

    @warmup
    def test_statements(self):
        """It takes as many statements for few customers as for many."""
        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            json.dumps(call_kw(self._env_of(self.lena)['customer.dashboard'], 'look', [], {}), default=json_default)
            return self.env.cr.sql_log_count - before

        statements()
        few = statements()
        for number_ in range(12):
            customer = self._known(f"More {number_}", self.ben, self.tier_mid, 100)
            self._live(customer, number_ % 4)
        self.assertLessEqual(statements(), few + 1)
        self.assertLess(few, 80)

    def test_chinese(self):
        """In another language it speaks that one, months included."""
        self.env['res.lang']._activate_lang('zh_CN')
        env = self._env_of(self.mara)
        seen = env['customer.dashboard'].with_context(lang='zh_CN').look()
        health = next(tile for tile in seen['tiles'] if tile['code'] == 'health')
        self.assertTrue(all(column['label'].endswith("月") for column in health['columns']))
