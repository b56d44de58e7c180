"""Compare the greetings of this season by what makes a text a personal one now."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if version:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env['customer.greeting.address']._words_changed()
        env.flush_all()
