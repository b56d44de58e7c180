"""The histories are indexed by customer and day together; the index of the customer alone is of no more use."""

TABLES = ('customer_tier_change', 'customer_segment_change', 'customer_health_snapshot')


def migrate(cr, version):
    for table in TABLES:
        cr.execute(f'DROP INDEX IF EXISTS {table}__partner_id_index')
