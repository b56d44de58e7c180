from odoo import api, fields, models

from ..base.customer_first_steps import Step
from ..platform.local_text import listed_first

#: So many countries are named.
NAMED = 5


class CustomerFirstSteps(models.AbstractModel):
    _inherit = 'customer.first.steps'

    @api.model
    def _steps(self, company):
        return super()._steps(company) | {'holidays': self._holidays_step(company)}

    @api.model
    def _holidays_step(self, company):
        """Return the step of the holidays of the countries that customers are in."""
        calendars = self.env['customer.country.calendar']
        countries = self.env['res.partner'].sudo()._read_group(  # as for the calendars themselves
            [('customer_managed', '=', True), ('country_id', '!=', False), ('customer_company_id', 'in', company.ids)],
            ['country_id'])
        wanted = self.env['res.country'].union(*(country for country, in countries))
        known = calendars.search([
            ('country_id', 'in', wanted.ids), ('known_until', '>=', fields.Date.context_today(self).year)]).country_id
        missing = (wanted - known).sorted('name')
        if not wanted:
            says = self.env._("No customer has a country yet.")
        elif missing:
            says = self.env._("Not known yet: %(countries)s.", countries=self._named(missing))
        else:
            says = self.env._("Known: %(countries)s.", countries=self._named(known.sorted('name')))
        return Step(
            60, self.env._("Look at the holidays of your customers' countries"),
            self.env._("Nobody is called on a holiday. They are looked up by themselves as soon as customers have a country."),
            bool(wanted) and not missing, says, self.env._("Country calendars"),
            'customer_success.customer_country_calendar_action')

    @api.model
    def _named(self, countries):
        return listed_first(self.env, countries.mapped('name'), NAMED)
