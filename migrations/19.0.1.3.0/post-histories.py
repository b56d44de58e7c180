"""The histories are indexed by customer and day together; the index of the customer alone is of no more use."""

from odoo.tools import SQL

TABLES = ('customer_tier_change', 'customer_segment_change', 'customer_health_snapshot')


def migrate(cr, version):
    for table in TABLES:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(f'{table}__partner_id_index')))
