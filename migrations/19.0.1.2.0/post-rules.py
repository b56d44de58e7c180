"""What is noted of a customer without a company is for people of its account manager's company, no more for all."""
from odoo import SUPERUSER_ID, api

OLD = "[('partner_id.company_id', 'in', company_ids + [False])]"
NEW = "[('partner_id.customer_company_id', 'in', company_ids)]"


def migrate(cr, version):
    if version:
        env = api.Environment(cr, SUPERUSER_ID, {})
        # a rule that an administrator changed stays as it is
        env['ir.rule'].search([
            ('model_id.model', '=like', 'customer.%'), ('groups', '=', False), ('domain_force', '=', OLD)]).domain_force = NEW
