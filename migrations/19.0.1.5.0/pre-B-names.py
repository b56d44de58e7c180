"""What is shipped under a name that must be unique: where somebody has made a record of that name, it takes the place of the
shipped one, and the update goes on."""

from odoo.tools import SQL

SHIPPED = (
    ('customer.health.group', 'customer_health_group', 'customer_health_group_service', "Service and Complaints"),
    ('customer.kpi', 'customer_kpi', 'customer_kpi_sla_met', "Deadlines of Cases Met"),
)


def migrate(cr, version):
    if not version:
        return
    for model, table, name, text in SHIPPED:
        cr.execute(SQL(
            """INSERT INTO ir_model_data (module, model, name, res_id, noupdate)
                    SELECT 'customer_success', %(model)s, %(name)s, id, TRUE FROM %(table)s r
                     WHERE name ->> 'en_US' = %(text)s AND NOT EXISTS (
                           SELECT 1 FROM ir_model_data d WHERE d.module = 'customer_success' AND d.name = %(name)s)
                  ORDER BY id LIMIT 1""", model=model, name=name, table=SQL.identifier(table), text=text))
