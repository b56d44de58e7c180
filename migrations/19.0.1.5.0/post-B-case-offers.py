"""What cases say of customers comes as an offer where the addon was there before: no score jumps and nobody is warned because
it was updated. The complaint rate is measured from now on; what people entered stays, and is marked as entered."""
from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file

#: What holds scores down and warns; in new databases it is in use.
OFFERS = (
    'customer_health_cap_critical', 'customer_warning_rule_critical', 'customer_warning_rule_complaint',
    'customer_warning_rule_breach', 'customer_warning_rule_repeated',
)

#: The description of the KPI as long as people entered it.
ENTERED = "Orders with a complaint, in percent of all. Entered by hand, with where it comes from, until cases are measured."
MEASURED = (
    "Complaints that came in, in percent of the orders of the same days. Where there were complaints and no order, they are "
    "counted against one.")


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {'active_test': False})
    missing = [name for name in OFFERS if not env.ref(f'customer_success.{name}', raise_if_not_found=False)]
    if len(missing) == len(OFFERS):
        convert_file(
            env, 'customer_success', 'data/service/customer_case_watch_data.xml', {}, mode='init', noupdate=True)
        for name in OFFERS:
            env.ref(f'customer_success.{name}').active = False
    cr.execute(
        """UPDATE customer_kpi k
              SET source = 'case_complaint_rate', signal = COALESCE(k.signal, 'fact_case_open_complaints'),
                  description = CASE WHEN k.description ->> 'en_US' = %s THEN jsonb_build_object('en_US', %s)
                                     ELSE k.description END
             FROM ir_model_data d
            WHERE d.module = 'customer_success' AND d.model = 'customer.kpi' AND d.name = 'customer_kpi_complaints'
              AND d.res_id = k.id AND k.source = 'manual'""", [ENTERED, MEASURED])
    env.invalidate_all()
