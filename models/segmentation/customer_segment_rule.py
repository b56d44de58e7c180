from odoo import api, fields, models
from odoo.tools import ormcache
from odoo.tools.i18n import format_list

from .customer_placing import EditedRules
from .res_partner import POTENTIALS, RISKS

#: The risk of customers of whom too few orders tell.
UNKNOWN = 'unknown'


class CustomerSegmentRule(models.Model):
    """Which customers belong to a segment; of all rules, the first that fits a customer decides (SEG-4)."""

    _name = 'customer.segment.rule'
    _inherit = ['customer.place.rule']
    _description = "Rule of a Customer Segment"

    segment_id = fields.Many2one(
        comodel_name='customer.segment', required=True, index=True, ondelete='cascade')
    tier_ids = fields.Many2many(
        comodel_name='customer.tier', string="Tiers", ondelete='restrict', help="Empty: customers of any tier.")
    potential = fields.Selection(selection=POTENTIALS, help="Empty: whatever the potential, also where nobody judged it.")
    risk = fields.Selection(
        selection=[*RISKS, (UNKNOWN, "Not known")], help="Empty: whatever the risk, also where it is not known.")
    waits = fields.Boolean(related='segment_id.waits')
    report = fields.Char(related='segment_id.report')

    @api.model
    def _kind(self):
        return 'segment'

    @api.model
    def _describe_nobody(self):
        return self.env._(
            "Every customer needs a segment. Keep one rule without any condition: it is for the customers that no other rule "
            "fits, and comes last.")

    @api.depends('segment_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = self.env._("Rule of the segment %(segment)s", segment=rule.segment_id.name or '–')

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _conditions(self):
        """Return the fields that are conditions of a rule, in the order in which they are told; each that is empty does not
        matter. Other wings add theirs, with what ``customer.segmenter._condition_sql`` makes of them."""
        return ['tier_ids', 'potential', 'risk']

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
