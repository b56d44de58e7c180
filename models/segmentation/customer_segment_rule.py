from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache
from odoo.tools.i18n import format_list

from .res_partner import POTENTIALS, RISKS


class CustomerSegmentRule(models.Model):
    """Which customers belong to a segment; of all rules, the first that fits a customer decides (SEG-4)."""

    _name = 'customer.segment.rule'
    _description = "Rule of a Customer Segment"
    _order = 'sequence, id'

    sequence = fields.Integer(
        default=10, required=True, help="The rules of all segments are tried in this order, the lowest first.")
    segment_id = fields.Many2one(
        comodel_name='customer.segment', required=True, index=True, ondelete='cascade')
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers", ondelete='restrict', help="Empty: customers of any tier.")
    potential = fields.Selection(selection=POTENTIALS, help="Empty: whatever the potential, also where nobody judged it.")
    risk = fields.Selection(selection=RISKS, help="Empty: whatever the risk, also where it is not known.")
    fits_everybody = fields.Boolean(compute='_compute_reach')
    is_behind = fields.Boolean(compute='_compute_reach', help="A rule before it fits every customer.")
    note = fields.Char(compute='_compute_reach')

    @api.constrains('tier_ids', 'potential', 'risk', 'segment_id')
    def _check_everybody_fits(self, without=None):
        """Refuse rules that leave customers without a segment.

        :param without: rules that are about to go
        """
        if self.env.context.get('install_mode'):
            return  # data files create segments and rules one after the other
        rules = self.search([('segment_id.active', '=', True)]) - (without or self.browse())
        if not any(rule._is_for_everybody() for rule in rules):
            raise ValidationError(self.env._(
                "Every customer needs a segment. Keep one rule without tier, potential and risk: it is for the customers "
                "that no other rule fits, and comes last."))

    @api.depends('sequence', 'tier_ids', 'potential', 'risk', 'segment_id.active', 'segment_id.sequence')
    def _compute_reach(self):
        first = next((rule for rule in self._in_order() if rule._is_for_everybody()), self.browse())
        for rule in self:
            rule.fits_everybody = rule._is_for_everybody()
            rule.is_behind = bool(first) and rule._origin != first and rule._order_key() > first._order_key()
            rule.note = (
                self.env._("Never tried: a rule before it fits everybody") if rule.is_behind
                else self.env._("Everybody else") if rule.fits_everybody else False)

    @api.depends('segment_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = self.env._("Rule of the segment %(segment)s", segment=rule.segment_id.name or '–')

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._after_change()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self._after_change()
        return result

    def unlink(self):
        result = super().unlink()
        self._after_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        self._check_everybody_fits(without=self)

    def _after_change(self):
        self.env.registry.clear_cache()
        self.env['customer.segment']._ask_for_refresh()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _is_for_everybody(self):
        self.ensure_one()
        return not (self.tier_ids or self.potential or self.risk)

    def _order_key(self):
        return self.sequence, self.segment_id.sequence, self._origin.id or 0

    @api.model
    def _in_order(self):
        """Return the rules of all active segments in the order in which they are tried."""
        return self.search([('segment_id.active', '=', True)]).sorted(lambda rule: rule._order_key())

    @api.model
    @ormcache()
    def _get_rules(self):
        """Return the rules in force, in their order: id of the segment, ids of the tiers, potential and risk, each empty
        where it does not matter.

        :rtype: tuple[tuple[int, tuple[int, ...], str, str], ...]
        """
        return tuple(
            (rule.segment_id.id, tuple(sorted(rule.tier_ids.ids)), rule.potential or '', rule.risk or '')
            for rule in self.sudo()._in_order())  # one set of rules for everybody

    def _fits(self, partner):
        """Return whether a customer meets the conditions of this rule."""
        self.ensure_one()
        return ((not self.tier_ids or partner.customer_tier_id in self.tier_ids)
                and self.potential in (False, partner.customer_potential)
                and self.risk in (False, partner.customer_risk_level))

    def _describe(self):
        """Return the conditions in words."""
        self.ensure_one()
        parts = []
        if self.tier_ids:
            parts.append(self.env._(
                "tier %(tiers)s", tiers=format_list(self.env, self.tier_ids.mapped('name'), style='or')))
        for name, label in (('potential', self.env._("potential")), ('risk', self.env._("risk"))):
            if self[name]:
                parts.append(f'{label} {self._describe_value(name)}')
        return format_list(self.env, parts) if parts else self.env._("everybody else")

    def _describe_value(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]
