def migrate(cr, version):
    """Touchpoints after an event wait for minutes, hours or days; all so far wait for days."""
    cr.execute(
        """SELECT 1 FROM information_schema.columns
            WHERE table_name = 'customer_cadence_step' AND column_name = 'delay_days'
              AND NOT EXISTS (SELECT 1 FROM information_schema.columns
                               WHERE table_name = 'customer_cadence_step' AND column_name = 'delay_count')""")
    if cr.fetchone():
        cr.execute("ALTER TABLE customer_cadence_step RENAME COLUMN delay_days TO delay_count")
