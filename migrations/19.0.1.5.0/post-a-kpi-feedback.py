"""Satisfaction and NPS are measured by surveys from now on, where nobody chose otherwise; values entered by hand stay."""

SOURCES = {'customer_kpi_satisfaction': ('satisfied_share', 'percent'), 'customer_kpi_nps': ('nps', 'points')}


def migrate(cr, version):
    if version:
        for name, (source, unit) in SOURCES.items():
            cr.execute(
                """UPDATE customer_kpi k SET source = %s
                     FROM ir_model_data d
                    WHERE d.module = 'customer_success' AND d.model = 'customer.kpi' AND d.name = %s AND d.res_id = k.id
                      AND k.source = 'manual' AND k.unit = %s""", [source, name, unit])
