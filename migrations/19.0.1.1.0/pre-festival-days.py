"""A festival may have days of its own in a country: the rule of one row a year goes before the new one comes."""


def migrate(cr, version):
    cr.execute("ALTER TABLE IF EXISTS customer_festival_date DROP CONSTRAINT IF EXISTS customer_festival_date_year_uniq")
