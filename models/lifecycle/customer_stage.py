from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from ..platform.counted import plural
from ..platform.customer_acting import ONE_ACT
from ..platform.local_text import listed


class CustomerStage(models.Model):
    """Where a customer stands with us: onboarding, growth, mature, at risk, dormant, lost, won back (LIF-3).

    Which customers stand where is said by the rules (``customer.stage.rule``), tried in one order over all stages.
    """

    _name = 'customer.stage'
    _inherit = ['customer.acting', 'customer.asking', 'customer.cached', 'customer.stage.preview']
    _description = "Customer Stage"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    color = fields.Integer(help="Colour of the badge on cards and lists.")
    description = fields.Text(translate=True, help="What distinguishes these customers.")
    instructions = fields.Text(
        string="What to Do", translate=True,
        help="What the account manager does for customers in this stage. It stands beside the stage, one click from the card.")
    minimum_stay_days = fields.Integer(
        string="Minimum Stay (days)",
        help="So many days after it came here a customer stays, whatever is known of it; only rules that don't wait take it "
             "away earlier. So nobody goes back and forth. 0: no minimum.")
    lost_after_days = fields.Integer(
        string="Propose as Lost After (days)",
        help="Whoever is in this stage for so many days is proposed as lost: on the customer, in the filter and as the next "
             "best action. Nobody is marked as lost without a person. 0: never.")
    rule_ids = fields.One2many(
        comodel_name='customer.stage.rule', inverse_name='stage_id', string="Who Stands Here", copy=True)
    cadence_ids = fields.Many2many(
        comodel_name='customer.cadence', relation='customer_cadence_customer_stage_rel', column1='customer_stage_id',
        column2='customer_cadence_id', string="Cadences", readonly=True, context={'active_test': False})
    cadence_text = fields.Char(
        string="Contacts", compute='_compute_cadence_text',
        help="The cadence that customers in this stage follow, unless one was agreed in their strategy or chosen for them.")
    action_rule_ids = fields.Many2many(
        comodel_name='customer.action.rule', relation='customer_action_rule_customer_stage_rel', column1='customer_stage_id',
        column2='customer_action_rule_id', string="Next Best Actions",
        help="Proposed for customers in this stage alone.")
    customer_count = fields.Integer(string="Customers", compute='_compute_customer_count')
    waits = fields.Boolean(
        compute='_compute_waits', help="The rules were changed, and customers are not placed by them yet.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a stage with this name.")
    _days_positive = models.Constraint(
        'CHECK (minimum_stay_days >= 0 AND lost_after_days >= 0)', "The days of a stage can't be negative.")

    @api.constrains('active', 'rule_ids')
    def _check_everybody_fits(self):
        self.env['customer.stage.rule']._check_everybody_fits()

    @api.model
    @ormcache('self.env.lang')
    def _get_badges(self):
        """Return name, in the user's language, and colour of all stages by id: they stand on every card."""
        stages = self.sudo().with_context(active_test=False).search([])  # these are no secret
        return {stage.id: (stage.name, stage.color) for stage in stages}

    @api.model
    @ormcache()
    def _get_lost_after(self):
        """Return after how many days customers are proposed as lost, by the id of their stage."""
        stages = self.sudo().search([('lost_after_days', '>', 0)])  # as above
        return {stage.id: stage.lost_after_days for stage in stages}

    @api.depends('cadence_ids.name', 'cadence_ids.active')
    @api.depends_context('lang')
    def _compute_cadence_text(self):
        for stage in self:
            in_force = stage.cadence_ids.filtered('active')
            if in_force:
                stage.cadence_text = listed(self.env, in_force.mapped('name'))
            elif stage.cadence_ids:
                stage.cadence_text = self.env._(
                    "By segment or tier (%(cadences)s: switched off)",
                    cadences=listed(self.env, stage.cadence_ids.mapped('name')))
            else:
                stage.cadence_text = self.env._("By segment or tier")

    def _compute_customer_count(self):
        counts = dict(self.env['res.partner']._read_group(
            [('customer_managed', '=', True), ('customer_stage_id', 'in', self.ids)], ['customer_stage_id'], ['__count']))
        for stage in self:
            stage.customer_count = counts.get(stage._origin, 0)

    def _compute_waits(self):
        self.waits = self.env['customer.stager']._rules_changed()

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
        self.env['customer.stage.rule']._check_everybody_fits(without=self.with_context(active_test=False).rule_ids)
        for stage in self:
            # customers and changes count that the user doesn't see, too
            customers = self.env['res.partner'].sudo().with_context(active_test=False).search_count(
                ['|', ('customer_stage_id', '=', stage.id), ('customer_stage_manual_id', '=', stage.id)])
            changes = self.env['customer.stage.change'].sudo().search_count(  # as above
                ['|', ('old_stage_id', '=', stage.id), ('new_stage_id', '=', stage.id)], limit=1)
            if customers or changes:
                raise UserError(self.env._(
                    "There are customers in the stage %(stage)s (%(count)s), or were once. Archive it instead: its customers "
                    "go where the other rules put them, and the history stays.", count=customers, stage=stage.name))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_customers(self):
        """Open the customers in this stage."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        action['domain'] = [('customer_managed', '=', True), ('customer_stage_id', 'in', self.ids)]
        action['context'] = {}
        return action

    def action_place_customers(self):
        """Put all customers into the stages that the rules say now, and say what changed since the rules were."""
        self.check_access('write')
        self.env['customer.stager'].sudo()._refresh()  # customers of every salesperson
        return self._tell_report()

    def _describe_archiving(self, active):
        values = self._as_if(active)._preview_values()
        return values['refused'] or values['sentence']

    def action_archive(self):
        """Archive, and place all customers by the rules that are left."""
        super().action_archive()
        return self.action_place_customers()

    def action_unarchive(self):
        """Use these stages again, and place all customers by the rules that there are then."""
        super().action_unarchive()
        return self.action_place_customers()

    def _acted_since(self):
        """Return when the last change of rules began: those of all stages are one set, tried in one order."""
        # an archived stage gave its customers away
        acted = sorted(self.sudo().with_context(active_test=False).search([('acted_at', '!=', False)]).mapped('acted_at'))
        return next((moment for moment in acted if moment >= acted[-1] - ONE_ACT), None) or super()._acted_since()

    def _describe_outcome(self, since):
        """Return how many customers are in another stage than then, and from which to which they went."""
        changes = self.env['customer.stage.change'].sudo()  # customers of every salesperson
        moves = changes._moves(since)
        total = self.env['res.partner'].sudo().search_count([('customer_managed', '=', True)])  # as above
        if not moves:
            return self.env._("no customer of %(total)s is in another stage.", total=total)
        values = {'total': total, 'moves': changes._describe_moves(moves)}
        return plural(
            sum(moves.values()), self.env._("one customer of %(total)s is in another stage (%(moves)s).", **values),
            self.env._("%(changed)s customers of %(total)s are in another stage (%(moves)s).",
                       changed=sum(moves.values()), **values))

    def _ask_for_refresh(self):
        """Have the nightly action place all customers as soon as possible, if the rules are others now.

        The stages are those whose rules were changed.
        """
        if not self.env.context.get('install_mode') and self.env['customer.stager']._rules_changed():
            self._act()
            self.env.ref('customer_success.ir_cron_stage')._trigger()

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        rules = self.env['customer.stage.rule']
        return ['name', 'active', 'sequence', *(
            f'rule_ids.{name}' for name in ('sequence', 'at_once', 'condition_ids', *rules._conditions()))]

    def _preview_edit(self):
        saved = self._origin.with_context(active_test=False).rule_ids
        edited = [(rule, self) for rule in self.rule_ids] if self.active else []
        return saved, edited, {self._origin.id or 0: self.name}
