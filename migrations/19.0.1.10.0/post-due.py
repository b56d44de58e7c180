"""In a database that was made anew, what is due was called by the Chinese name of a date. Whoever renamed it keeps that."""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """UPDATE customer_day_kind k
              SET name = k.name || '{"zh_CN": "到期待办"}'
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = 'customer_day_kind_due' AND d.res_id = k.id
              AND k.name ->> 'zh_CN' = '到期日'""")
    cr.execute(
        """UPDATE customer_day_kind k
              SET name = k.name || '{"zh_TW": "到期待辦"}'
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = 'customer_day_kind_due' AND d.res_id = k.id
              AND k.name ->> 'zh_TW' = '到期日'""")
