"""Who knows the culture of a customer (SEG-9, CUL-1)."""
from odoo import api, fields, models
from odoo.tools import SQL

from ..segmentation.customer_assigner import Knowledge


class CustomerExpertise(models.Model):
    _inherit = 'customer.expertise'

    culture_ids = fields.Many2many(
        comodel_name='customer.culture', string="At Home in the Cultures",
        help="Whose manners this person knows without having to read about them.")


class CustomerAssignmentRule(models.Model):
    _inherit = 'customer.assignment.rule'

    match_culture = fields.Boolean(string="Knows the Customer's Culture")

    @api.model
    def _matches(self):
        return super()._matches() | {'match_culture': 'culture'}


class CustomerAssigner(models.AbstractModel):
    _inherit = 'customer.assigner'

    @api.model
    def _knowledge(self):
        return super()._knowledge() | {'culture': Knowledge(
            'culture_ids', lambda: SQL("(%s)::text", self.env['res.partner']._customer_culture_sql('p')))}


class CustomerAssignment(models.Model):
    _inherit = 'customer.assignment'

    @api.model
    def _say_known(self, env, name, key):
        if name != 'culture':
            return super()._say_known(env, name, key)
        return env._("at home in the culture %(culture)s", culture=self._name_of(env, 'customer.culture', int(key)))
