"""The dates of contacts are kept from now on; those of before are made here."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if version:
        api.Environment(cr, SUPERUSER_ID, {})['customer.contact.date']._fill()
