from odoo import api, fields, models
from odoo.fields import Domain

from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_health_snapshot import BANDS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_health = fields.Float(
        string="Health", readonly=True, copy=False, digits=(5, 2), aggregator='avg', groups=GROUP_USER, prefetch=PREFETCH,
        falsy_value=None,  # who searches for less than 50 does not mean those without a score
        help="0 to 100, 100 is best. Empty where too little is known.")
    customer_health_band = fields.Selection(
        selection=BANDS, string="Health Status", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_warning_ids = fields.One2many(
        comodel_name='customer.warning', inverse_name='partner_id', string="Warnings", groups=GROUP_USER)
    customer_snapshot_ids = fields.One2many(
        comodel_name='customer.health.snapshot', inverse_name='partner_id', string="Health History", groups=GROUP_USER)

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {'customer_health', 'customer_health_band'}

    def action_customer_health_override(self):
        """Open the dialog that sets the health score of this customer by hand."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Set Health by Hand"),
            'res_model': 'customer.health.override',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_partner_id': self.commercial_partner_id.id},
        }

    def action_customer_health_override_end(self):
        """Show the computed health of these customers again."""
        overrides = self.env['customer.health.override']
        overrides.search(overrides._running_domain() & Domain('partner_id', 'in', self.ids)).action_end()
        return True
