from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache
from odoo.tools.i18n import format_list

from .customer_segment_preview import EditedRules
from .res_partner import POTENTIALS, RISKS

#: The risk of customers of whom too few orders tell.
UNKNOWN = 'unknown'


class CustomerSegmentRule(models.Model):
    """Which customers belong to a segment; of all rules, the first that fits a customer decides (SEG-4)."""

    _name = 'customer.segment.rule'
    _inherit = ['customer.cached', 'customer.segment.preview']
    _description = "Rule of a Customer Segment"
    _order = 'sequence, id'

    sequence = fields.Integer(
        default=10, required=True, help="The rules of all segments are tried in this order, the lowest first.")
    segment_id = fields.Many2one(
        comodel_name='customer.segment', required=True, index=True, ondelete='cascade')
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers", ondelete='restrict', help="Empty: customers of any tier.")
    potential = fields.Selection(selection=POTENTIALS, help="Empty: whatever the potential, also where nobody judged it.")
    risk = fields.Selection(
        selection=[*RISKS, (UNKNOWN, "Not known")], help="Empty: whatever the risk, also where it is not known.")
    fits_everybody = fields.Boolean(compute='_compute_reach')
    is_behind = fields.Boolean(compute='_compute_reach', help="A rule before it fits every customer.")
    note = fields.Char(compute='_compute_reach')
    waits = fields.Boolean(related='segment_id.waits')
    report = fields.Char(related='segment_id.report')

    @api.constrains(lambda self: [*self._conditions(), 'segment_id'])
    def _check_everybody_fits(self, without=None):
        """Refuse rules that leave customers without a segment.

        :param without: rules that are about to go
        """
        if self.env.context.get('install_mode'):
            return  # data files create segments and rules one after the other
        rules = self.search([('segment_id.active', '=', True)]) - (without or self.browse())
        if not any(rule._is_for_everybody() for rule in rules):
            raise ValidationError(self._describe_nobody())

    @api.model
    def _describe_nobody(self):
        """Return why rules are refused that leave customers without a segment."""
        return self.env._(
            "Every customer needs a segment. Keep one rule without any condition: it is for the customers that no other rule "
            "fits, and comes last.")

    @api.depends(lambda self: ['sequence', *self._conditions(), 'segment_id.active', 'segment_id.sequence'])
    @api.depends_context('lang')
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
        self._after_change(rules.segment_id)
        return rules

    def write(self, vals):
        segments = self.segment_id
        result = super().write(vals)
        self._after_change(segments | self.segment_id)
        return result

    def unlink(self):
        segments = self.segment_id
        result = super().unlink()
        self._after_change(segments)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        self._check_everybody_fits(without=self)

    @api.model
    def _after_change(self, segments):
        segments.exists()._ask_for_refresh()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _conditions(self):
        """Return the fields that are conditions of a rule, in the order in which they are told; each that is empty does not
        matter. Other wings add theirs, with what ``customer.segmenter._condition_sql`` makes of them."""
        return ['tier_ids', 'potential', 'risk']

    def _is_for_everybody(self):
        self.ensure_one()
        return not any(self[name] for name in self._conditions())

    def _order_key(self):
        return self.sequence, self.segment_id.sequence, self._origin.id or 0

    @api.model
    def _in_order(self):
        """Return the rules of all active segments in the order in which they are tried."""
        return self.search([('segment_id.active', '=', True)]).sorted(lambda rule: rule._order_key())

    @api.model
    def _get_rules(self):
        """Return the rules in force, in their order, or those of a preview: id of the segment, and name and value of its
        conditions.

        :rtype: tuple[tuple[int, tuple[tuple[str, object], ...]], ...]
        """
        edited = self.env.context.get('customer_segment_rules')
        return edited if isinstance(edited, EditedRules) else self._get_saved_rules()

    @api.model
    @ormcache()
    def _get_saved_rules(self):
        """Return the rules in force, see :meth:`_get_rules`."""
        # one set of rules for everybody
        return tuple((rule.segment_id.id, rule._get_condition_values()) for rule in self.sudo()._in_order())

    def _get_condition_values(self):
        """Return the names and values of what this rule asks for."""
        self.ensure_one()
        return tuple(
            (name, tuple(sorted(self[name].ids)) if isinstance(self[name], models.BaseModel) else self[name])
            for name in self._conditions() if self[name])

    @api.model
    def _asks_for(self, name):
        """Return whether a rule in force has a condition."""
        return any(condition == name for __, conditions in self._get_rules() for condition, __ in conditions)

    def _fits(self, partner):
        """Return whether a customer meets the conditions of this rule."""
        self.ensure_one()
        return all(self._meets(name, partner) for name in self._conditions() if self[name])

    def _meets(self, name, partner):
        """Return whether a customer meets a condition of this rule."""
        if name == 'tier_ids':
            return partner.customer_tier_id in self.tier_ids
        if name == 'potential':
            return self.potential == partner.customer_potential
        return self.risk == (partner.customer_risk_level or UNKNOWN)

    def _describe(self):
        """Return the conditions in words."""
        self.ensure_one()
        parts = [self._describe_condition(name) for name in self._conditions() if self[name]]
        return format_list(self.env, parts) if parts else self.env._("everybody else")

    def _explain_conditions(self, partner):
        """Return sentences about conditions that a customer meets otherwise than one would think."""
        return []

    def _describe_condition(self, name):
        """Return a condition in words."""
        if name == 'tier_ids':
            return self.env._("tier %(tiers)s", tiers=format_list(self.env, self.tier_ids.mapped('name'), style='or'))
        label = {'potential': self.env._("potential"), 'risk': self.env._("risk")}[name]
        return f'{label} {self._describe_value(name)}'

    def _describe_value(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        return ['sequence', 'segment_id', *self._conditions()]

    def _preview_edit(self):
        segment = self.segment_id
        return self._origin, [(self, segment)] if segment.active else [], {}

    def action_place_customers(self):
        """Put all customers into the segments that the rules say now, and say what changed since the rules were."""
        self.check_access('write')
        return (self.segment_id or self.env['customer.segment'].search([], limit=1)).action_place_customers()
