"""The shipped KPIs know which warning is about the same subject, where nobody said otherwise."""

SIGNALS = {
    'customer_kpi_repurchase': 'order_gap', 'customer_kpi_churn': 'order_gap', 'customer_kpi_new_orders': 'order_gap',
    'customer_kpi_satisfaction': 'low_pulse', 'customer_kpi_nps': 'low_pulse',
}


def migrate(cr, version):
    if version:
        for name, signal in SIGNALS.items():
            cr.execute(
                """UPDATE customer_kpi k SET signal = %s
                     FROM ir_model_data d
                    WHERE d.module = 'customer_success' AND d.model = 'customer.kpi' AND d.name = %s AND d.res_id = k.id
                      AND k.signal IS NULL""", [signal, name])
