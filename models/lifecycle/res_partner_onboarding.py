from odoo import api, fields, models

from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_onboarding import PACES


class ResPartner(models.Model):
    """What keeps a customer who signed from being at home with us."""

    _inherit = 'res.partner'

    customer_is_decider = fields.Boolean(
        string="Decision Maker", groups=GROUP_USER, prefetch=PREFETCH,
        help="This person decides what the company buys. An onboarding asks for two of them with an email address.")
    customer_onboarding_ids = fields.One2many(
        comodel_name='customer.onboarding', inverse_name='partner_id', string="Onboardings", groups=GROUP_USER)
    customer_onboarding_text = fields.Char(
        string="How the Onboarding Stands", compute='_compute_customer_onboarding', groups=GROUP_USER,
        help="How the running onboarding stands, and what is missing.")
    customer_onboarding_why = fields.Char(
        string="Onboarding in Short", compute='_compute_customer_onboarding', groups=GROUP_USER)
    customer_onboarding_pace = fields.Selection(
        selection=PACES, string="Onboarding Pace", compute='_compute_customer_onboarding',
        search='_search_customer_onboarding_pace', groups=GROUP_USER)

    def write(self, vals):
        """Who takes a customer over takes its onboarding over, unless that is somebody else's."""
        if 'user_id' not in vals:
            return super().write(vals)
        # whoever gives a customer away need not see all onboardings
        running = self.sudo().customer_onboarding_ids.filtered(
            lambda onboarding: onboarding.state == 'running' and onboarding.user_id == onboarding.partner_id.user_id)
        result = super().write(vals)
        for partner, own in running.grouped('partner_id').items():
            own.user_id = partner.user_id
        return result

    @api.depends('customer_onboarding_ids.state', 'customer_onboarding_ids.next_due', 'customer_onboarding_ids.item_ids.done_at')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_onboarding(self):
        onboardings = self.env['customer.onboarding']
        running = onboardings
        if self.ids and onboardings.has_access('read'):
            running = onboardings.search([('partner_id', 'in', self.ids), ('state', '=', 'running')])
        by_partner = running.grouped('partner_id')
        for partner in self:
            own = by_partner.get(partner._origin, onboardings)[:1]
            partner.customer_onboarding_pace = own.pace
            partner.customer_onboarding_why = own.why
            partner.customer_onboarding_text = own and (
                self.env._("%(why)s. Missing: %(missing)s", why=own.why, missing=own.missing) if own.missing else own.why)

    def _search_customer_onboarding_pace(self, operator, value):
        if operator != 'in':
            return NotImplemented
        found = [('customer_onboarding_ids', 'any', [('pace', 'in', [pace for pace in value if pace])])]
        return found if False not in value else ['|', *found, ('customer_onboarding_ids', 'not any', [('state', '=', 'running')])]

    @api.readonly
    def get_customer_now(self):
        """Add how the onboarding stands, behind what is louder."""
        lines = super().get_customer_now()
        if self.customer_managed and self.customer_onboarding_pace:
            late = self.customer_onboarding_pace != 'track'
            line = {'level': 'warning' if late else 'info', 'word': self.env._("Onboarding"),
                    'text': self.customer_onboarding_text}
            louder = ('danger', 'warning') if late else ('danger', 'warning', 'success')
            place = sum(other['level'] in louder for other in lines)
            lines = [*lines[:place], line, *lines[place:]]
        return lines

    def action_customer_onboarding(self):
        """Open the onboardings of this customer."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_onboarding_action')
        action['domain'] = [('partner_id', '=', self.commercial_partner_id.id)]
        action['context'] = {}
        return action
