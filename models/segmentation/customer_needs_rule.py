from odoo import api, models
from odoo.exceptions import UserError

from ..platform.counted import plural

#: What a rule of the grade changes for leads that have their answers.
MATTERS = {'question', 'points', 'minimum'}


class CustomerNeedsRule(models.AbstractModel):
    """A rule of the needs grade, how much an answer is worth or from where a grade begins: when it changes, the leads are graded
    anew (SEG-6)."""

    _name = 'customer.needs.rule'
    _inherit = ['customer.cached']
    _description = "Rule of the Needs Grade"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env['customer.needs.grader']._rules_changed()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if MATTERS & vals.keys():
            self.env['customer.needs.grader']._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self.env['customer.needs.grader']._rules_changed()
        return result

    @api.model
    def _refuse_in_use(self, leads, name):
        """Refuse to delete a rule that leads hang on.

        :param leads: crm.lead
        :param str name: of the rule
        """
        if leads:
            raise UserError(self.env._(
                "“%(rule)s” can't be deleted: %(leads)s. Change its name or its points instead.", rule=name, leads=plural(
                    len(leads), self.env._("one lead has it"), self.env._("%(count)s leads have it", count=len(leads)))))
