"""Managers configure the addon without the rights of an administrator (PLT-5, K9)."""
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, users

from ..common import CustomerCase


class TestSettings(CustomerCase):

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
            {name: values[name] for name in odoos if name != 'customer_abbreviation'},
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
