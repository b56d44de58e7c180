from odoo import SUPERUSER_ID, api, models

from ..base.customer_first_steps import Step


class CustomerFirstSteps(models.AbstractModel):
    _inherit = 'customer.first.steps'

    @api.model
    def _steps(self, company):
        return super()._steps(company) | {'health': self._health_step(company)}

    @api.model
    def _health_step(self, company):
        """Return the step of the health score: some customer has one, or somebody changed what it is made of."""
        partners = self.env['res.partner'].sudo()  # that one has a score is no secret to managers
        scored = bool(partners.search_count([
            ('customer_managed', '=', True), ('customer_health_band', 'in', ['healthy', 'watch', 'risk']),
            ('customer_company_id', 'in', company.ids)], limit=1))
        # as above
        changed = any(self.env[model].sudo().search_count([('write_uid', '!=', SUPERUSER_ID)], limit=1) for model in (
            'customer.health.scorecard', 'customer.health.measure'))
        return Step(
            70, self.env._("Look at what a healthy customer is"),
            self.env._("The score says who needs you before it is too late; weigh what counts in your business."),
            scored or changed, self.env._("Customers have a score.") if scored
            else self.env._("The scorecard was changed.") if changed
            else self.env._("Nobody has a score yet: not enough is known."), self.env._("Scorecards"),
            'customer_success.customer_health_scorecard_action')
