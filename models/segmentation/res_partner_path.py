from odoo import api, fields, models

from ..profile.res_partner import GROUP_USER
from .customer_path import DIRECTIONS


class ResPartner(models.Model):
    """Whether a customer could rise or is falling, and why (SEG-7)."""

    _inherit = 'res.partner'

    customer_path_ids = fields.One2many(
        comodel_name='customer.path', inverse_name='partner_id', string="Upgrade Path", readonly=True, groups=GROUP_USER,
        domain=[('state', '!=', 'dismissed')])
    customer_path_direction = fields.Selection(
        selection=DIRECTIONS, string="On the Upgrade Path", compute='_compute_customer_path', groups=GROUP_USER,
        search='_search_customer_path_direction',
        help="By the conditions of the upgrade path, as the last night found it. Who is falling is shown as that first.")
    customer_path_text = fields.Text(
        string="Why It Could Rise or Is Falling", compute='_compute_customer_path', groups=GROUP_USER)

    @api.depends('customer_path_ids.state')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_path(self):
        paths = self.env['customer.path']
        if self.ids and paths.has_access('read'):
            paths = paths.search([('partner_id', 'in', self.ids), ('state', '!=', 'dismissed')])
        by_partner = paths.grouped('partner_id')
        for partner in self:
            own = by_partner.get(partner._origin, paths.browse()).sorted(
                lambda path: (path.state != 'met', path.direction == 'rise'))
            partner.customer_path_direction = own[:1].direction
            partner.customer_path_text = "\n".join(
                f'{path.rule_id.display_name}: {path.sentence}' for path in own) or False

    def _search_customer_path_direction(self, operator, value):
        if operator != 'in':
            return NotImplemented
        chosen = [direction for direction in value if direction]
        listed = [('customer_path_ids', 'any', [('direction', 'in', chosen), ('state', '!=', 'dismissed')])]
        if len(chosen) == len(value):
            return listed
        return ['|', *listed, ('customer_path_ids', 'not any', [('state', '!=', 'dismissed')])]

    def action_view_customer_path(self):
        """Open where these customers stand on the upgrade path, what was set aside included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_path_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {}
        return action

    def _set_tier_by_hand(self, tier, reason, until=False):
        """Somebody decided: the proposals for these customers go."""
        result = super()._set_tier_by_hand(tier, reason, until)
        if self.env['customer.tier.scheme']._get_current().method != 'manual':
            self.env['customer.path'].search([('partner_id', 'in', self.ids)]).unlink()
        return result
