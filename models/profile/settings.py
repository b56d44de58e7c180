from odoo import fields, models


class CustomerSettingsFields(models.AbstractModel):
    """Who is a customer, and what is kept of one."""

    _inherit = 'customer.settings.fields'

    customer_abbreviation = fields.Char(string="Customer Number Abbreviation", size=8, of_company=True)
    customer_check_contact_data = fields.Boolean(string="Check Emails and Phone Numbers", shipped=True)
