"""REP-2: pages of pivots where Odoo's app for them is there."""
import json
from unittest import SkipTest

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestPivotFiles(CustomerCase):

    def test_rep_2_files(self):
        """REP-2: each page has one sheet with few pivots, charts with ids, fields that are there, and filters that reach each of
        its figures."""
        for name in self.env['customer.pivot.page']._pages():
            with self.subTest(page=name), file_open(f'customer_success/data/reporting/pivots/{name}_dashboard.json') as stream:
                page = json.load(stream)
                [sheet] = page['sheets']
                self.assertLessEqual(len(page['pivots']), 3)
                filters = {one['id'] for one in page['globalFilters']}
                self.assertLessEqual({'customer-company', 'customer-team'}, filters)
                sources = [(pivot['model'], pivot['fieldMatching'], [
                    one['fieldName'] for one in pivot['rows'] + pivot['columns'] + pivot['measures']])
                    for pivot in page['pivots'].values()]
                for figure in sheet['figures']:
                    chart = figure['data']
                    self.assertEqual(figure['id'], chart['chartId'])
                    sources.append((chart['metaData']['resModel'], chart['fieldMatching'], [
                        chart['metaData']['measure'], *(group.partition(':')[0] for group in chart['metaData']['groupBy'])]))
                for model, matching, names in sources:
                    fields = self.env[model]._fields
                    self.assertFalse([one for one in names if one != '__count' and one not in fields])
                    self.assertEqual(matching.keys(), filters, "one filter for all")
                    for match in matching.values():
                        reached = self.env[model]
                        for step in match['chain'].split('.'):
                            field = reached._fields[step]
                            reached = self.env[field.comodel_name] if field.relational else reached
                        self.assertEqual(field.type, match['type'])

    def test_rep_2_layout(self):
        """REP-2, PLT-5: no chart is cut at the last column; headings of figures stand above them, wrap where they are long, and
        say neither a total of one column nor the same measure above each."""
        for name in self.env['customer.pivot.page']._pages():
            with self.subTest(page=name), file_open(f'customer_success/data/reporting/pivots/{name}_dashboard.json') as stream:
                page = json.load(stream)
                [sheet] = page['sheets']
                widths = [column['size'] for __, column in sorted(sheet['cols'].items(), key=lambda one: int(one[0]))]
                self.assertEqual(len(widths), sheet['colNumber'])
                for figure in sheet['figures']:
                    self.assertLessEqual(sum(widths[:figure['col']]) + figure['offset']['x'] + figure['width'], sum(widths))
                pivots = {cell: text for cell, text in sheet['cells'].items() if text.startswith('=PIVOT(')}
                self.assertEqual(len(pivots), len(page['pivots']))
                for cell, text in pivots.items():
                    number, __, *shown = text.removeprefix('=PIVOT(').removesuffix(')').split(', ')
                    pivot = page['pivots'][number]
                    self.assertEqual(shown, ['TRUE', 'TRUE', '100', 'FALSE'] if pivot['columns'] else ['TRUE', 'FALSE'])
                    heads = f"B{cell[1:]}:{chr(ord('A') + len(widths) - 1)}{cell[1:]}"
                    style = page['styles'][str(sheet['styles'][heads])]
                    self.assertEqual((style['align'], style['wrapping']), ('right', 'wrap'))

    def test_rep_2_without_the_app(self):
        """REP-2: where the app is not there, nothing offers the pages, and nothing fails."""
        pages = self.env['customer.pivot.page']
        if pages._is_there():
            self.patch(type(pages), '_is_there', lambda self: False)
        dashboard = self.env['customer.dashboard'].with_user(self.mara)
        self.assertEqual(dashboard.look()['more'], [])
        self.assertEqual(pages._keep(), [])
        with self.assertRaisesRegex(UserError, "not installed"):
            dashboard.open_pivots()
        with self.assertRaises(AccessError):
            dashboard.with_user(self.anna).open_pivots()


@tagged('post_install', '-at_install')
class TestPivotPages(HttpCase, CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env['customer.pivot.page']._is_there():
            raise SkipTest("needs spreadsheet_dashboard, which Odoo installs together with its app Sales")

    def test_rep_2_pages(self):
        """REP-2: the pages are made once, for who leads, and kept up to date."""
        pages = self.env['customer.pivot.page']
        ids = pages._keep()
        self.assertEqual(len(ids), 3)
        self.assertEqual(pages._keep(), ids)
        found = self.env['spreadsheet.dashboard'].with_user(self.mara).search([('id', 'in', ids)])
        self.assertEqual(found.ids, ids)
        self.assertFalse(self.env['spreadsheet.dashboard'].with_user(self.anna).search([('id', 'in', ids)]))
        found.sudo().name = "Ours"
        found.sudo()[0].spreadsheet_data = '{}'
        self.assertEqual(pages._keep(), ids)
        self.assertEqual(set(found.mapped('name')), {"Ours"}, "what somebody called them stays")
        self.assertIn('customer.balance', found[0].spreadsheet_data)
        dashboard = self.env['customer.dashboard'].with_user(self.mara)
        self.assertEqual([page[0] for page in dashboard.look()['more']], ['open_pivots'])
        self.assertEqual(dashboard.open_pivots()['params'], {'dashboard_id': ids[0]})

    def test_rep_2_pages_tour(self):
        """REP-2: from the dashboard to its pivots, each page opens without an error."""
        # to put the program of these pages together takes longer than a step of a tour may
        for part in self.url_open('/web/bundle/spreadsheet.o_spreadsheet').json():
            self.url_open(part['src'])
        self.start_tour('/odoo/customer-dashboard', 'customer_pivots_tour', login='mara', timeout=240)
