from odoo import api, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._customer_number_cases()
        return companies

    @api.model
    def _customer_number_cases(self):
        """Give these companies, or all that have none, a sequence of their own by which cases are numbered; administrators
        change it among the sequences."""
        sequences = self.env['ir.sequence'].sudo()  # whoever makes a company need not manage sequences
        companies = self or self.search([])
        numbered = sequences.with_context(active_test=False).search([
            ('code', '=', 'customer.case'), ('company_id', 'in', companies.ids)]).company_id
        sequences.create([{
            'name': self.env._("Cases of %(company)s", company=company.name), 'code': 'customer.case', 'prefix': 'C',
            'padding': 5, 'company_id': company.id} for company in companies - numbered])
