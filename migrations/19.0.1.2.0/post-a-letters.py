"""Open drafts that nobody touched quote internal notes no more: they are written anew, with what may be told."""
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    if version:
        env = api.Environment(cr, SUPERUSER_ID, {})
        greetings = env['customer.greeting'].search([
            ('state', '=', 'planned'), ('edited', '=', False), ('fact_source', 'in', ['note', 'contact'])])
        env['customer.greeter']._draft(greetings)
        env.flush_all()
