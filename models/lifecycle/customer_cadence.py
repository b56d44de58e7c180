from odoo import api, fields, models


class CustomerCadence(models.Model):
    """A cadence that is meant for stages: reactivation of the dormant, win-back of the lost (LIF-3, LIF-4, CAD-1)."""

    _inherit = 'customer.cadence'

    stage_ids = fields.Many2many(
        comodel_name='customer.stage', relation='customer_cadence_customer_stage_rel', column1='customer_cadence_id',
        column2='customer_stage_id', string="Stages",
        help="Customers in these stages follow this cadence, whatever their segment and tier, unless one was agreed in their "
             "strategy or chosen for them.")

    @api.model
    def _for_whom(self):
        return super()._for_whom() | {'stage_ids'}

    def _used_besides(self):
        """Those that are meant for stages are in use."""
        return super()._used_besides() | set(self.filtered('stage_ids').ids)

    @api.model
    def _watched_stages(self):
        """Return the ids of the stages that cadences in force are meant for: only these matter to the plan."""
        cadences = self.sudo().with_context(active_test=True).search([('stage_ids', '!=', False)])  # of all companies
        return cadences.with_context(active_test=False).stage_ids.ids
