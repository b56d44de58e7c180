from odoo import models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def write(self, vals):
        """A team's open meetings are led by its new leader."""
        former = {team: team.user_id for team in self} if 'user_id' in vals else {}
        result = super().write(vals)
        if former:
            self.env['customer.review']._follow_leader(former)
        return result
