from odoo import api, models

from .customer_fact import PREFIX


class CustomerFactRule(models.AbstractModel):
    """A rule that may look at a fact of the catalogue: it holds from a ``threshold`` on, or up to it (``comparison``)."""

    _name = 'customer.fact.rule'
    _description = "Rule about a Fact"

    #: The field that says what a rule looks at, a fact after :data:`.customer_fact.PREFIX`.
    _looks_at = ''

    def _chosen_fact(self):
        """Return the fact that this rule looks at as it is, or None."""
        self.ensure_one()
        chosen = self[self._looks_at] or ''
        return self.env['customer.fact']._facts().get(chosen.removeprefix(PREFIX)) if chosen.startswith(PREFIX) else None

    @api.constrains(lambda self: (self._looks_at, 'comparison', 'threshold'))
    def _check_fact_threshold(self):
        for rule in self:
            if fact := rule._chosen_fact():
                self.env['customer.fact']._check_threshold(fact, rule.comparison, rule.threshold, rule.name)

    def _take_worse_direction(self):
        """Compare as the fact that was just chosen is worse."""
        if fact := self._chosen_fact():
            self.comparison = self.env['customer.fact']._worse(fact)

    @api.model_create_multi
    def create(self, vals_list):
        """Make rules; a fact is bad in its worse direction where nothing else is said."""
        return super().create(self.env['customer.fact']._complete_rules(vals_list, self._looks_at))
