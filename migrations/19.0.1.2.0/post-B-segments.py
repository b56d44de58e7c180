"""Ask for the health in the rules of segments, where nobody has made rules of their own."""
from odoo import SUPERUSER_ID, api
from odoo.tools.convert import convert_file

#: The rules as they were shipped: sequence, potential and risk.
SHIPPED = {
    'high_risk': (10, False, 'high'), 'high': (20, False, False), 'potential': (30, 'high', False),
    'risk': (40, False, 'high'), 'rest': (90, False, False),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if not version or env.ref('customer_success.customer_segment_unknown', raise_if_not_found=False):
        return
    rules = {name: env.ref(f'customer_success.customer_segment_rule_{name}', raise_if_not_found=False) for name in SHIPPED}
    as_shipped = all(rule and (rule.sequence, rule.potential, rule.risk) == SHIPPED[name] for name, rule in rules.items())
    if as_shipped and env['customer.segment.rule'].search_count([]) == len(SHIPPED):
        convert_file(
            env, 'customer_success', 'data/health/customer_segment_health_data.xml', {}, mode='init', noupdate=True)
        env['customer.segment']._ask_for_refresh()
