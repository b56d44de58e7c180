"""Say what shipped KPIs and measures look at from now on, where nobody wrote something else."""
from odoo.tools import SQL

TEXTS = {
    ('customer.kpi', 'customer_kpi_repurchase'): (
        "Days with an order in the cycle, in percent of those that the customer's own usual interval lets expect. As long "
        "as fewer than three days with an order are known, the usual interval of this KPI is taken.",
        "Repeat orders in percent of all orders of the cycle: of every order but the customer's very first. Several orders "
        "on one day are one."),
    ('customer.kpi', 'customer_kpi_conversion'): (
        "Days from the first sign, the opportunity or else the quotation, to the confirmed order, as the mean of the "
        "orders of the cycle.",
        "Days from the first sign, the opportunity or else the quotation, to the confirmed order, as the mean of the "
        "orders of the cycle. Orders that were imported later are left out."),
    ('customer.health.measure', 'customer_health_measure_payment'): (
        "How long the oldest unpaid invoice is overdue.",
        "How long payment is overdue: instalments count, and open credit is deducted."),
}


def migrate(cr, version):
    for (model, name), (before, after) in TEXTS.items():
        # translations of what it said before go; those of what it says now are loaded with the addon
        cr.execute(SQL(
            """UPDATE %s r SET description = jsonb_build_object('en_US', %s::text)
                 FROM ir_model_data d
                WHERE d.module = 'customer_success' AND d.name = %s AND d.model = %s AND d.res_id = r.id
                  AND r.description ->> 'en_US' = %s""",
            SQL.identifier(model.replace('.', '_')), after, name, model, before))
