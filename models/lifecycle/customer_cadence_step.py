from odoo import fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    event = fields.Selection(
        selection_add=[('onboarding', "Its onboarding begins"), ('stage', "Enters a stage")],
        ondelete={'onboarding': 'cascade', 'stage': 'cascade'})
    stage_id = fields.Many2one(
        comodel_name='customer.stage', string="Entered Stage", ondelete='restrict', index='btree_not_null',
        help="Only this stage counts. Empty: any. A customer that has left the stage again is not waited for.")

    def _planning_fields(self):
        return super()._planning_fields() | {'stage_id'}
