"""Warnings about missing orders go by the longest pause: look it up for all customers, and let the shipped rules say so.

The model is fitted again soon, which tries the warnings on the last days.
"""
from odoo import SUPERUSER_ID, api

#: The shipped rules: threshold and name as they were, and as they are in new databases.
RULES = {
    'customer_warning_rule_gap_orange': (
        3, 2, "No order for three times the usual gap", "No order for far longer than ever"),
    'customer_warning_rule_gap_yellow': (2, 1.25, "No order for twice the usual gap", "No order for longer than ever"),
}


def migrate(cr, version):
    if not version:
        return
    for name, (before, now, old_name, new_name) in RULES.items():
        # the other languages come with the new term
        cr.execute(
            """UPDATE customer_warning_rule r
                  SET threshold = CASE WHEN r.threshold = %s THEN %s ELSE r.threshold END,
                      name = CASE WHEN r.name->>'en_US' = %s THEN jsonb_build_object('en_US', %s::text) ELSE r.name END
                 FROM ir_model_data d
                WHERE d.module = 'customer_success' AND d.name = %s AND d.model = 'customer.warning.rule' AND d.res_id = r.id""",
            [before, now, old_name, new_name, name])
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['customer.churn']._refresh_rhythm()
    env['customer.churn']._wake()
