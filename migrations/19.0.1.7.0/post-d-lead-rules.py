"""Whoever works on a lead sees its follow-ups, and its team leader too: the rules of installed databases say so as well."""
from odoo import SUPERUSER_ID, api

#: What a rule asked for until now, and what it asks for.
RULES = {
    'customer_followup_rule_user': (
        "['|', '|', ('user_id', '=', user.id), ('partner_id.user_id', '=', user.id), '&', ('user_id', '=', False), "
        "('partner_id.user_id', '=', False)]",
        "['|', '|', '|', ('user_id', '=', user.id), ('partner_id.user_id', '=', user.id), '&', ('partner_id', '=', False), "
        "('lead_id.user_id', '=', user.id), '&', '&', ('user_id', '=', False), ('partner_id.user_id', '=', False), '|', "
        "('partner_id', '!=', False), ('lead_id.user_id', '=', False)]"),
    'customer_followup_rule_leader': (
        "['|', '|', ('user_id.customer_team_id.user_id', '=', user.id), ('owner_id.customer_team_id.user_id', '=', user.id), "
        "('partner_id.user_id.customer_team_id.user_id', '=', user.id)]",
        "['|', '|', '|', ('user_id.customer_team_id.user_id', '=', user.id), "
        "('owner_id.customer_team_id.user_id', '=', user.id), "
        "('partner_id.user_id.customer_team_id.user_id', '=', user.id), '&', ('partner_id', '=', False), "
        "('lead_id.user_id.customer_team_id.user_id', '=', user.id)]"),
    'customer_plan_request_rule_company': (
        "[('partner_id.customer_company_id', 'in', company_ids)]",
        "['|', ('partner_id.customer_company_id', 'in', company_ids), '&', ('partner_id', '=', False), "
        "('lead_id.company_id', 'in', company_ids + [False])]"),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (before, after) in RULES.items():
        rule = env.ref(f'customer_success.{name}', raise_if_not_found=False)
        # what somebody wrote themselves stays
        if rule and rule.domain_force == before:
            rule.domain_force = after
