from odoo import api, models

from ..base.customer_fact import Use


class CustomerFact(models.AbstractModel):
    """Which facts strategies look at."""

    _inherit = 'customer.fact'

    @api.model
    def _uses(self):
        kpis = self.env['customer.kpi'].with_context(active_test=False).search([])
        known = {name for name, source in kpis._sources().items() if not source.fact}
        label = self.env._("KPI")
        kinds = dict(self.env['customer.review.line']._fields['kind']._description_selection(self.env))
        told = [
            Use(name, self.env._("Review"), kinds[fact.review], None)
            for name, fact in self._offered(past=True).items() if fact.review]
        return super()._uses() + told + [
            Use(kpi.source, label, kpi.name, kpi.problem) for kpi in kpis if kpi.source not in known]
