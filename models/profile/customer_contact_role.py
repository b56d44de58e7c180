from odoo import api, fields, models
from odoo.tools import ormcache


class CustomerContactRole(models.Model):
    """What somebody does in the decision chain of a customer: decides, influences, uses, pays, lets others in (PRO-3)."""

    _name = 'customer.contact.role'
    _inherit = ['customer.named', 'customer.cached']
    _description = "Role in a Decision Chain"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    decides = fields.Boolean(
        help="Who has this role decides. A customer without anybody who does is listed as “Decision maker unknown”.")
    description = fields.Text(translate=True, help="How to recognise who has it, and what to talk about.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a role with this name.")

    @api.model
    @ormcache('self.env.lang')
    def _get_names(self):
        """Return the names of all roles by id, in the user's language."""
        every = self.sudo().with_context(active_test=False).search([])  # names are no secret
        return {role.id: role.name for role in every}

    @api.model
    @ormcache()
    def _deciding_ids(self):
        """Return the ids of the roles that decide, archived ones too: a seat keeps its role."""
        return tuple(self.sudo().with_context(active_test=False).search([('decides', '=', True)]).ids)  # no secret either
