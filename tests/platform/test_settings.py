"""Managers configure the addon without the rights of an administrator (PLT-5, K9)."""
import re
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, users

from odoo.addons.customer_success.models.platform.setting import Within

from ..common import CustomerCase

#: What people type into the search of the page, and the setting they look for.
LOOKED_FOR = {
    'ABC': 'presets', '3 + 2': 'presets', 'SLA': 'sla', 'NPS': 'surveys', 'holidays': 'calendars', 'gift': 'gift_limits',
    'duplicate': 'duplicates', 'churn': 'churn_model', 'remind before': 'promises', 'birthday': 'leap_day',
    'budget': 'care_budgets', 'first steps': 'first_steps', 'assignment rules': 'assignment_rules', 'sent again': 'send',
    'satisfaction': 'surveys', 'unhappy': 'feedback_unhappy', 'complaint': 'sla', 'referral': 'referrals',
    'working week': 'cultures', 'scorecards': 'health_rules', 'approve': 'leader_approves', 'night': 'night',
    'duplicates': 'duplicates', 'tier': 'scheme', 'cadences': 'cadences', 'my day': 'day', 'illness': 'absences'}


class TestSettings(CustomerCase):

    def _page(self):
        """Return the page of managers as it is sent to the browser."""
        return etree.fromstring(self.env['customer.settings'].with_user(self.mara).get_view(view_type='form')['arch'])

    def test_eight_questions(self):
        """PLT-5: the page has the eight questions, each with what stands below it; every setting says what changes."""
        blocks = self._page().findall('.//block')
        self.assertEqual([block.get('title') for block in blocks], [
            "Who is a customer?", "How do we rank them?", "How often do we get in touch?",
            "What about cultures and holidays?", "How fast do we answer?", "What is a healthy customer?",
            "Who approves a change of strategy?", "What is sent automatically?"])
        self.assertTrue(all(block.get('help') for block in blocks))
        for setting in self._page().iterfind('.//setting'):
            self.assertGreater(len(setting.get('help') or ''), 40, setting.get('id'))
        titles = [title for title in (setting.get('string') for setting in self._page().iterfind('.//setting')) if title]
        self.assertEqual(len(titles), len(set(titles)), "two settings of one title")

    def test_links_lead_to_records(self):
        """PLT-5: in every block links lead to the records behind it, and a manager may open each."""
        for block in self._page().findall('.//block'):
            links = block.findall(".//button[@type='action']")
            self.assertGreater(len(links), 2, block.get('title'))
            for link in links:
                action = self.env['ir.actions.act_window'].browse(int(link.get('name')))
                self.assertTrue(self.env[action.res_model].with_user(self.mara).has_access('read'), action.name)

    def test_search_finds(self):
        """PLT-5: Odoo's search of settings looks into titles, helps, labels and links: what people type stands there."""
        labels = self.env['customer.settings'].fields_get(attributes=['string'])
        found = {}
        for setting in self._page().iterfind('.//setting'):
            texts = [setting.get('string') or '', setting.get('help') or '']
            texts += [labels[node.get('name')]['string'] for node in setting.iterfind('.//field')]
            texts += [node.get('string') or '' for node in setting.iterfind('.//button')]
            found[setting.get('id').removeprefix('customer_success_')] = ','.join(texts).lower()
        for words, name in LOOKED_FOR.items():
            if name:
                self.assertIn(words.lower(), found[name])

    def test_managers_see_what_administrators_see(self):
        """PLT-5, K9: the page of managers has each of the addon's settings, with the values in force, and nothing else."""
        settings = self.env['customer.settings'].with_user(self.mara)
        shown = set(settings.get_view(view_type='form')['models']['customer.settings'])
        odoos = {name for name, field in self.env['res.config.settings']._fields.items() if name.startswith('customer_')}
        self.assertGreater(len(odoos), 40)
        self.assertEqual({name for name in shown if name.startswith('customer_')}, odoos)
        self.assertEqual({name for name in settings._fields if not name.startswith('customer_')}, {
            'id', 'display_name', 'company_id', 'create_uid', 'create_date', 'write_uid', 'write_date'})
        self.env['ir.config_parameter'].set_param('customer_success.grace_days', '7')
        values = settings.default_get(list(shown))
        self.assertEqual(
            {name: values[name] for name in odoos},
            {name: value for name, value in self.env['res.config.settings'].get_values().items() if name in odoos})
        self.assertEqual(values['customer_grace_days'], 7)

    @users('mara')
    def test_managers_change_settings(self):
        """PLT-5, K9: a manager changes settings by form, 0 and off included; the company's abbreviation too."""
        self.env['customer.settings'].create({}).execute()
        scheme = self.env['customer.tier.scheme']._get_current().copy({'name': "Another"})
        with Form(self.env['customer.settings']) as form:
            form.customer_grace_days = 0
            form.customer_check_contact_data = False
            form.customer_abbreviation = 'MARA'
            form.customer_churn_minimum_customers = 50  # fits the model anew
            form.customer_tier_scheme_id = scheme  # ranks anew
        form.record.execute()
        setting = self.env['res.config.settings']._customer_success
        self.assertEqual((setting('grace_days'), setting('check_contact_data')), (0, False))
        self.assertEqual(self.env.company.sudo().customer_abbreviation, 'MARA')
        self.assertEqual(self.env['customer.settings'].default_get(['customer_grace_days'])['customer_grace_days'], 0)

    @users('mara')
    def test_checks_hold(self):
        """PLT-5, K9: what the wings refuse on Odoo's page is refused here."""
        for vals in ({'customer_grace_days': -1}, {'customer_strategy_segment_minimum': 0}, {'customer_risk_high_percent': 5},
                     {'customer_abbreviation': 'a b'}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.env['customer.settings'].create(vals).execute()

    @users('mara')
    def test_nothing_else(self):
        """PLT-5, K9: Odoo's own settings stay closed, and so do parameters and companies."""
        for model in ('res.config.settings', 'ir.config_parameter'):
            with self.assertRaises(AccessError):
                self.env[model].create({})
        with self.assertRaises(AccessError):
            self.env.company.customer_abbreviation = 'X'
        with self.assertRaises(ValueError):
            self.env['customer.settings'].create({'group_multi_currency': True})

    @users('anna', 'lena')
    def test_for_managers(self):
        """PLT-5, K9: nobody else configures."""
        with self.assertRaises(AccessError):
            self.env['customer.settings'].create({})

    def test_declared_once(self):
        """PLT-5, K9: a setting says its shipped value or is its company's; a number says which ones are refused."""
        fields = self.env['customer.settings']._fields
        settings = self.env['customer.settings']._get_customer_settings()
        # the address of cases is kept where Odoo keeps addresses
        self.assertEqual(set(settings), {name for name in fields if name.startswith('customer_')} - {
            'customer_case_alias', 'customer_case_alias_domain'})
        company_fields = {name for name, of_company in settings.items() if of_company}
        self.assertIn('customer_abbreviation', company_fields)
        self.assertLessEqual(company_fields, set(self.env['res.company']._fields))
        unchecked = [name for name in settings
                     if fields[name].type in ('integer', 'float') and not hasattr(fields[name], 'check')]
        self.assertFalse(unchecked, "say with Within() which numbers make sense")

    @users('mara')
    def test_borders(self):
        """PLT-5, K9: each number is refused just outside of what it says, with its sentence, and nothing is kept then."""
        tried = 0
        for name, field in self.env['customer.settings']._fields.items():
            check = getattr(field, 'check', None)
            if not isinstance(check, Within):
                continue
            for value, beyond in ((check.lowest, -1), (check.highest, 1)):
                if value is None:
                    continue
                sentence = re.escape(check.refusal(self.env))
                with self.subTest(name, value=value), self.assertRaisesRegex(ValidationError, sentence):
                    self.env['customer.settings'].create({name: value + beyond, 'customer_begin_here': False}).execute()
                tried += 1
        self.assertGreater(tried, 25)
        self.assertTrue(self.env['res.config.settings']._customer_success('begin_here'))

    @users('mara')
    def test_what_hangs_on_it_follows(self):
        """PLT-5, K9: the ranking, the churn model and the night follow a setting that got another value, and no other."""
        Settings = self.registry['customer.settings']
        called = []
        with patch.object(Settings, '_rank_anew', lambda settings: called.append('rank')), \
                patch.object(Settings, '_fit_churn_anew', lambda settings: called.append('fit')), \
                patch.object(Settings, '_keep_night', lambda settings: called.append('night')):
            self.env['customer.settings'].create({}).execute()
            self.assertEqual(called, [])
            self.env['customer.settings'].create({
                'customer_churn_minimum_customers': 50, 'customer_churn_model': 'blend'}).execute()
            self.assertEqual(called, ['fit'])
            self.env['customer.settings'].create({'customer_night_hour': 2}).execute()
            self.assertEqual(called, ['fit', 'night'])
