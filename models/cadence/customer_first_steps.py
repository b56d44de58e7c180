from odoo import SUPERUSER_ID, api, models

from ..base.customer_first_steps import Step
from ..platform.local_text import day_text, quoted


class CustomerFirstSteps(models.AbstractModel):
    _inherit = 'customer.first.steps'

    @api.model
    def _steps(self, company):
        return super()._steps(company) | {
            'preset': self._preset_step(), 'followup': self._followup_step(company)}

    @api.model
    def _preset_step(self):
        """Return the step of what fits the business: a preset was applied, or somebody arranged cadences by hand."""
        last = self.env['customer.preset.change']._standing()
        own = not last and bool(self.env['customer.cadence'].sudo().search_count(  # that they were changed is no secret
            [('write_uid', '!=', SUPERUSER_ID)], limit=1))
        return Step(
            20, self.env._("Choose what fits your business"),
            self.env._("It says how customers are ranked and how often they hear from you. You see first what work it means."),
            bool(last) or own,
            quoted(self.env, last.name) if last else self.env._("Cadences were arranged by hand.") if own else '',
            self.env._("Fits my business"), 'customer_success.customer_preset_action')

    @api.model
    def _followup_step(self, company):
        """Return the step of the first planned follow-up: there is one, of a customer in this company."""
        followups = self.env['customer.followup'].sudo()  # the first one may be a colleague's
        first = followups.search([
            ('state', '=', 'planned'), ('company_id', '=', company.id), ('partner_id', '!=', False)],
            order='date_planned, id', limit=1)
        return Step(
            40, self.env._("Look whether the rhythm is right"),
            self.env._("For every customer and touchpoint one follow-up is planned by itself; who is due stands in this day."),
            bool(first), self.env._(
                "The first one: %(name)s, %(customer)s, %(day)s.", name=first.name or first.step_id.name,
                customer=first.partner_id.display_name, day=day_text(self.env, first.date_planned)) if first else '',
            self.env._("Follow-ups") if first else self.env._("Cadences"),
            'customer_success.customer_followup_action' if first else 'customer_success.customer_cadence_action')
