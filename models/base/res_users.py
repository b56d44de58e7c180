from odoo import api, fields, models

#: A change of one of these is a change of who can do what.
PEOPLE_FIELDS = {'company_id', 'company_ids', 'active', 'group_ids', 'role'}


class ResUsers(models.Model):
    _inherit = 'res.users'

    customer_team_id = fields.Many2one(
        comodel_name='crm.team', string="Team of Their Customers", compute='_compute_customer_team_id', store=True,
        index='btree_not_null',
        help="The sales team; of somebody who left, the last one: its leader answers for the customers left behind.")

    @api.depends('sale_team_id', 'active')
    def _compute_customer_team_id(self):
        left = self.filtered(lambda user: not user.sale_team_id and not user.active)
        last = {}
        if left.ids:
            # whoever is archived leaves all teams, and who may do that does not keep teams
            memberships = self.env['crm.team.member'].sudo().with_context(active_test=False).search(
                [('user_id', 'in', left.ids)], order='write_date, id')
            last = {member.user_id.id: member.crm_team_id for member in memberships}
        for user in self:
            user.customer_team_id = user.sale_team_id or last.get(user._origin.id)

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        self.env.registry.clear_cache()  # of whom the zone is asked
        return users

    def write(self, vals):
        """Ask anew who does what when somebody comes, leaves, or can do something else."""
        if not self._customer_people_fields() & vals.keys():
            return super().write(vals)
        able = self.env['customer.responsibility']._able_pairs(self.ids)
        result = super().write(vals)
        now = self.env['customer.responsibility']._able_pairs(self.ids)
        if 'company_id' in vals or able != now:
            self._customer_people_changed()
        if gone := {user_id for user_id, __ in able} - {user_id for user_id, __ in now}:
            self.browse(sorted(gone))._customer_people_left()
        return result

    @api.model
    def _customer_people_fields(self):
        """Return the names of the fields whose change is a change of who can do what."""
        return PEOPLE_FIELDS

    def _customer_people_changed(self):
        """Ask anew who does the work of these users; for wings to fill in."""

    def _customer_people_left(self):
        """Say that these users, who left or lost their role, left something behind; for wings to fill in."""
