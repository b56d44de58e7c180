from odoo import api, fields, models
from odoo.tools import ormcache

from ..platform.counted import plural
from ..platform.local_text import listed


class CustomerStage(models.Model):
    """Where a customer stands with us: onboarding, growth, mature, at risk, dormant, lost, won back (LIF-3).

    Which customers stand where is said by the rules (``customer.stage.rule``), tried in one order over all stages.
    """

    _name = 'customer.stage'
    _inherit = ['customer.place']
    _description = "Customer Stage"

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

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a stage with this name.")
    _days_positive = models.Constraint(
        'CHECK (minimum_stay_days >= 0 AND lost_after_days >= 0)', "The days of a stage can't be negative.")

    @api.model
    def _kind(self):
        return 'stage'

    @api.model
    def _placer(self):
        return self.env['customer.stager']

    @api.model
    def _refresh_cron(self):
        return 'customer_success.ir_cron_stage'

    @api.model
    def _names_on_customers(self):
        return [*super()._names_on_customers(), 'customer_stage_manual_id']

    @api.model
    @ormcache()
    def _get_lost_after(self):
        """Return after how many days customers are proposed as lost, by the id of their stage."""
        stages = self.sudo().search([('lost_after_days', '>', 0)])  # these are no secret
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

    def _describe_in_use(self, count):
        return self.env._(
            "There are customers in the stage %(stage)s (%(count)s), or were once. Archive it instead: its customers "
            "go where the other rules put them, and the history stays.", count=count, stage=self.name)

    @api.model
    def _describe_changed(self, changed, total, moves):
        if not changed:
            return self.env._("no customer of %(total)s is in another stage.", total=total)
        return plural(
            changed, self.env._("one customer of %(total)s is in another stage (%(moves)s).", total=total, moves=moves),
            self.env._("%(changed)s customers of %(total)s are in another stage (%(moves)s).",
                       changed=changed, total=total, moves=moves))
