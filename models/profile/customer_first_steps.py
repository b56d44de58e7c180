from odoo import api, models

from ..base.customer_first_steps import Step
from ..platform.counted import customers


class CustomerFirstSteps(models.AbstractModel):
    _inherit = 'customer.first.steps'

    #: So many customers are counted: more is more than enough.
    _counted = 1000

    @api.model
    def _steps(self, company):
        return super()._steps(company) | {'customers': self._customers_step(company)}

    @api.model
    def _customers_step(self, company):
        """Return the step of who is a customer: somebody is, in this company."""
        here = [('customer_managed', '=', True), ('customer_company_id', 'in', company.ids)]
        partners = self.env['res.partner'].sudo()  # how many there are is no secret to managers
        count = partners.search_count(here, limit=self._counted)
        nobodys = partners.search_count([*here, ('user_id', '=', False)], limit=self._counted)
        says = ''
        if count:
            more = '+' if count == self._counted else ''
            says = self.env._("%(customers)s.", customers=f'{customers(self.env, count)}{more}')
        if nobodys:
            says = self.env._("%(customers)s Without an account manager: %(nobodys)s.", customers=says, nobodys=nobodys)
        return Step(
            10, self.env._("Choose your customers"),
            self.env._("Whoever has a confirmed order or a posted invoice is one by itself; enter or enrol the others."),
            bool(count), says, self.env._("Customers"),
            'customer_success.res_partner_action_customers')
