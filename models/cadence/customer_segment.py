from odoo import api, fields, models

from ..platform.local_text import listed


class CustomerSegment(models.Model):
    _inherit = 'customer.segment'

    cadence_ids = fields.Many2many(
        comodel_name='customer.cadence', string="Cadences", readonly=True, context={'active_test': False})
    cadence_text = fields.Char(
        string="Contacts",
        compute='_compute_cadence_text',
        help="The cadence that customers of this segment follow, unless they have one of their own.")

    @api.depends('cadence_ids.name', 'cadence_ids.active')
    @api.depends_context('lang')
    def _compute_cadence_text(self):
        for segment in self:
            in_force = segment.cadence_ids.filtered('active')
            if in_force:
                segment.cadence_text = listed(self.env, in_force.mapped('name'))
            elif segment.cadence_ids:
                segment.cadence_text = self.env._(
                    "By tier (%(cadences)s: switched off)", cadences=listed(self.env, segment.cadence_ids.mapped('name')))
            else:
                segment.cadence_text = self.env._("By tier")
