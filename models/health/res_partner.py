from odoo import api, fields, models
from odoo.fields import Domain

from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_health_snapshot import BANDS
from .customer_offer import WAITING


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
    customer_offer_ids = fields.One2many(
        comodel_name='customer.offer', inverse_name='partner_id', string="Products to Offer", groups=GROUP_USER, readonly=True,
        domain=[('state', 'in', WAITING)], help="What similar customers buy and this one does not.")
    customer_offer_trial = fields.Text(
        string="How Good Offers Are", compute='_compute_customer_offer_trial', groups=GROUP_USER)

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {'customer_health', 'customer_health_band'}

    @api.depends_context('lang', 'allowed_company_ids')
    def _compute_customer_offer_trial(self):
        """What trials say of the companies that the user works in; of all customers the same."""
        trials = self.env['customer.offer.trial']
        current = trials.search([
            ('id', 'in', list(trials._current().values())), ('company_id', 'in', self.env.companies.ids)])
        several = len(current) > 1
        text = "\n".join(
            f'{trial.company_id.name}: {trial.summary}' if several else trial.summary for trial in current.sorted('company_id'))
        for partner in self:
            partner.customer_offer_trial = text or self.env._(
                "What to offer is looked for by night, and tried on the last orders before anything is offered.")

    def action_view_customer_offers(self):
        """Open what to offer to this customer."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_offer_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {'search_default_waiting': 1}
        return action

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
