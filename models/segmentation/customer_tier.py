from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ..platform.local_text import listed


class CustomerTier(models.Model):
    """A class of customers by what they are worth: high, mid, low (SEG-1)."""

    _name = 'customer.tier'
    _inherit = ['customer.named', 'customer.cached']
    _description = "Customer Tier"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The most valuable tier comes first.")
    color = fields.Integer(help="Colour of the badge on cards and lists.")
    description = fields.Text(translate=True, help="What customers of this tier can expect of us.")
    customer_count = fields.Integer(string="Customers", compute='_compute_customer_count')
    confirm_days = fields.Integer(
        string="Confirm Profiles After (days)", help="0: as in the settings. The account managers are asked after so many days.")
    # the care team, see customer.assigner
    weight = fields.Integer(
        string="Counts As (customers)", default=1, required=True,
        help="As how many customers one of this tier counts, where it is looked whether somebody may have one more.")
    wants_manager = fields.Boolean(
        string="Wants an Account Manager", help="Customers of this tier without one of their own are listed as having a gap.")
    wants_backup = fields.Boolean(
        string="Wants a Backup", help="Customers of this tier without somebody who stands in are listed as having a gap.")
    wants_expert = fields.Boolean(
        string="Wants a Technical Contact",
        help="Customers of this tier without somebody for technical questions are listed as having a gap.")
    wants_team = fields.Boolean(
        string="Wants a Regional Team", help="Customers of this tier without a team, or of a team without members, are listed "
        "as having a gap.")

    _weight_check = models.Constraint('CHECK (weight >= 0)', "A customer can't count as fewer than 0 customers.")
    _confirm_days_check = models.Constraint('CHECK (confirm_days >= 0)', "Profiles can't be confirmed after negative days.")
    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a tier with this name.")

    @api.model
    @ormcache('self.env.lang')
    def _get_badges(self):
        """Return name, in the user's language, and colour of all tiers by id: they stand on every contact form."""
        return {tier.id: (tier.name, tier.color) for tier in self.sudo().search([])}  # these are no secret

    @api.model
    @ormcache()
    def _wanting(self):
        """Return by place of a care team the ids of the tiers that want it filled; see ``customer.assigner``.

        :rtype: dict[str, list[int]]
        """
        tiers = self.sudo().search([])  # these are no secret
        return {place: tiers.filtered(f'wants_{place}').ids for place in ('manager', 'backup', 'expert', 'team')}

    def _compute_customer_count(self):
        counts = dict(self.env['res.partner']._read_group(
            [('customer_managed', '=', True), ('customer_tier_id', 'in', self.ids)], ['customer_tier_id'], ['__count']))
        for tier in self:
            tier.customer_count = counts.get(tier._origin, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for tier in self:
            # customers of all companies count, also those the user doesn't see
            customers = self.env['res.partner'].sudo().with_context(active_test=False).search_count(
                ['|', ('customer_tier_id', '=', tier.id), ('customer_tier_manual_id', '=', tier.id)])
            schemes = self.env['customer.tier.scheme.line'].search([('tier_id', '=', tier.id)]).scheme_id
            if customers or schemes:
                raise UserError(self.env._(
                    "The tier %(tier)s is in use (customers: %(customers)s, rankings: %(schemes)s). "
                    "Take it out of the rankings and recompute the tiers first.",
                    tier=tier.name, customers=customers, schemes=listed(self.env, schemes.mapped('name')) or "–"))
            segments = self.env['customer.segment.rule'].search([('tier_ids', 'in', tier.ids)]).segment_id
            rules = self.env['customer.assignment.rule'].with_context(active_test=False).search([('tier_ids', 'in', tier.ids)])
            if rules:
                raise UserError(self.env._(
                    "The assignment rules %(rules)s ask for the tier %(tier)s. Change them first.",
                    rules=listed(self.env, rules.mapped('name')), tier=tier.name))
            if segments:
                raise UserError(self.env._(
                    "Rules of the segments %(segments)s ask for the tier %(tier)s. Change them first.",
                    segments=listed(self.env, segments.mapped('name')), tier=tier.name))

    def action_view_customers(self):
        """Open the customers of this tier."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['domain'] = [('customer_managed', '=', True), ('customer_tier_id', 'in', self.ids)]
        return action
