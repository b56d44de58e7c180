"""A kind of line in My Day was called by a word that Chinese took for the name of a date. Whoever renamed it keeps that."""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """UPDATE customer_day_kind k
              SET name = '{"en_US": "Due now", "zh_CN": "到期待办", "zh_TW": "到期待辦"}'::jsonb
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.name = 'customer_day_kind_due' AND d.res_id = k.id
              AND k.name ->> 'en_US' = 'Due'""")
