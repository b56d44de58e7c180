from odoo import fields, models


class CrmTeam(models.Model):
    """Who has which role in a team, besides its leader."""

    _inherit = 'crm.team'

    customer_executive_id = fields.Many2one(
        comodel_name='res.users', string="Executive", ondelete='set null',
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Does the touchpoints meant for an executive. Empty: the team leader does.")
    customer_expert_id = fields.Many2one(
        comodel_name='res.users', string="Product Expert", ondelete='set null',
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Does the touchpoints meant for a product expert. Empty: the account manager does.")
    customer_support_id = fields.Many2one(
        comodel_name='res.users', string="Support", ondelete='set null',
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Does the touchpoints meant for support. Empty: the account manager does.")

    def write(self, vals):
        """Ask anew who does what when a team has other people."""
        result = super().write(vals)
        if {'user_id', 'customer_executive_id', 'customer_expert_id', 'customer_support_id'} & vals.keys():
            self._customer_roles_changed()
        return result

    def _customer_roles_changed(self):
        """Ask anew who does what for the customers of these teams; for wings to fill in."""
