from odoo import fields, models

from ..platform.setting import Within
from .customer_handover import SCOPES


class CustomerSettingsFields(models.AbstractModel):
    """Who is a customer, and what is kept of one."""

    _inherit = 'customer.settings.fields'

    customer_abbreviation = fields.Char(string="Customer Number Abbreviation", size=8, of_company=True)
    customer_check_contact_data = fields.Boolean(string="Check Emails and Phone Numbers", shipped=True)
    customer_handover_scope = fields.Selection(selection=SCOPES, string="Moves With a Customer", shipped='all')
    customer_handover_back_hours = fields.Integer(
        string="Hand-overs Taken Back Within (hours)", shipped=24,
        check=Within(0, 720, lambda env: env._(
            "Hand-overs can be taken back for up to 720 hours, which are 30 days; 0 lets nothing be taken back.")))
    customer_duplicate_check = fields.Boolean(string="Tell of Possible Duplicates", shipped=True, after='_compare_anew')
    customer_duplicate_shared = fields.Integer(
        string="Shared by (customers)", shipped=5, after='_compare_anew',
        check=Within(2, 100, lambda env: env._("What 2 to 100 customers share can still tell a duplicate.")))
    customer_confirm_days = fields.Integer(
        string="Confirm After (days)", shipped=30, after='_confirm_anew',
        check=Within(0, None, lambda env: env._("Profiles are confirmed after some days; 0 asks nobody.")))
    customer_confirm_most = fields.Integer(
        string="Asked at a Time (profiles)", shipped=20,
        check=Within(1, 500, lambda env: env._("People can be asked for 1 to 500 profiles at a time.")))

    def _compare_anew(self):
        """Compare all contacts by the new settings as soon as possible."""
        self.env['customer.duplicate']._compare_anew()

    def _confirm_anew(self):
        """Count from today when profiles are asked about again."""
        self.env['customer.confirmer']._begin_anew()
