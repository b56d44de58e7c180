"""Which attainments frozen with an adjustment were known: since then they are kept apart from those that were not."""


def migrate(cr, version):
    cr.execute(
        """UPDATE customer_strategy_adjustment a
              SET attainment_known = TRUE
             FROM customer_strategy s
            WHERE s.id = a.strategy_id AND s.grade_id IS NOT NULL AND a.effect_id IS NOT NULL
              AND a.attainment_known IS NOT TRUE""")
