from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ..platform.counted import plural
from ..platform.customer_acting import ONE_ACT


class CustomerSegment(models.Model):
    """A class of customers by what they are worth and how likely they are lost: value × risk (SEG-4)."""

    _name = 'customer.segment'
    _inherit = ['customer.acting', 'customer.asking', 'customer.cached', 'customer.segment.preview']
    _description = "Customer Segment"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    color = fields.Integer(help="Colour of the badge on cards and lists.")
    description = fields.Text(translate=True, help="What distinguishes these customers, and how they are looked after.")
    rule_ids = fields.One2many(
        comodel_name='customer.segment.rule', inverse_name='segment_id', string="Who Belongs Here", copy=True)
    customer_count = fields.Integer(string="Customers", compute='_compute_customer_count')
    waits = fields.Boolean(
        compute='_compute_waits', help="The rules were changed, and customers are not placed by them yet.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a segment with this name.")

    @api.constrains('active', 'rule_ids')
    def _check_everybody_fits(self):
        self.env['customer.segment.rule']._check_everybody_fits()

    @api.model
    @ormcache('self.env.lang')
    def _get_badges(self):
        """Return name, in the user's language, and colour of all segments by id: they stand on every card."""
        segments = self.sudo().with_context(active_test=False).search([])  # these are no secret
        return {segment.id: (segment.name, segment.color) for segment in segments}

    def _compute_customer_count(self):
        counts = dict(self.env['res.partner']._read_group(
            [('customer_managed', '=', True), ('customer_segment_id', 'in', self.ids)], ['customer_segment_id'],
            ['__count']))
        for segment in self:
            segment.customer_count = counts.get(segment._origin, 0)

    def _compute_waits(self):
        self.waits = self.env['customer.segmenter']._rules_changed()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if {'active', 'sequence'} & vals.keys():
            self._ask_for_refresh()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self.env['customer.segment.rule']._check_everybody_fits(without=self.with_context(active_test=False).rule_ids)
        for segment in self:
            # customers and changes count that the user doesn't see, too
            customers = self.env['res.partner'].sudo().with_context(active_test=False).search_count(
                [('customer_segment_id', '=', segment.id)])
            changes = self.env['customer.segment.change'].sudo().search_count(  # as above
                ['|', ('old_segment_id', '=', segment.id), ('new_segment_id', '=', segment.id)], limit=1)
            if customers or changes:
                raise UserError(self.env._(
                    "There are customers in the segment %(segment)s (%(count)s), or were once. Archive it instead: its "
                    "customers go where the other rules put them, and the history stays.",
                    count=customers, segment=segment.name))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_customers(self):
        """Open the customers of this segment."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['domain'] = [('customer_managed', '=', True), ('customer_segment_id', 'in', self.ids)]
        action['context'] = {}
        return action

    def action_place_customers(self):
        """Put all customers into the segments that the rules say now, and say what changed since the rules were."""
        self.check_access('write')
        self.env['customer.segmenter'].sudo()._refresh()  # customers of every salesperson
        return self._tell_report()

    def _describe_archiving(self, active):
        values = self._as_if(active)._preview_values()
        return values['refused'] or values['sentence']

    def action_archive(self):
        """Archive, and place all customers by the rules that are left."""
        super().action_archive()
        return self.action_place_customers()

    def action_unarchive(self):
        """Use these segments again, and place all customers by the rules that there are then."""
        super().action_unarchive()
        return self.action_place_customers()

    def _acted_since(self):
        """Return when the last change of rules began: those of all segments are one set, tried in one order."""
        # an archived segment gave its customers away
        acted = sorted(self.sudo().with_context(active_test=False).search([('acted_at', '!=', False)]).mapped('acted_at'))
        return next((moment for moment in acted if moment >= acted[-1] - ONE_ACT), None) or super()._acted_since()

    def _describe_outcome(self, since):
        """Return how many customers are in another segment than then, and from which to which they went."""
        moves = self.env['customer.segment.change'].sudo()._moves(since)  # customers of every salesperson
        total = self.env['res.partner'].sudo().search_count([('customer_managed', '=', True)])  # as above
        if not moves:
            return self.env._("no customer of %(total)s is in another segment.", total=total)
        values = {'total': total, 'moves': self.env['customer.segment.change']._describe_moves(moves)}
        return plural(
            sum(moves.values()), self.env._("one customer of %(total)s is in another segment (%(moves)s).", **values),
            self.env._("%(changed)s customers of %(total)s are in another segment (%(moves)s).",
                       changed=sum(moves.values()), **values))

    def _ask_for_refresh(self):
        """Have the nightly action place all customers as soon as possible, if the rules are others now.

        The segments are those whose rules were changed.
        """
        if not self.env.context.get('install_mode') and self.env['customer.segmenter']._rules_changed():
            self._act()
            self.env.ref('customer_success.ir_cron_refresh')._trigger()

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        rules = self.env['customer.segment.rule']
        return ['name', 'active', 'sequence', *(f'rule_ids.{name}' for name in ('sequence', *rules._conditions()))]

    def _preview_edit(self):
        saved = self._origin.with_context(active_test=False).rule_ids
        edited = [(rule, self) for rule in self.rule_ids] if self.active else []
        return saved, edited, {self._origin.id or 0: self.name}
