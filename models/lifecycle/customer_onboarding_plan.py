from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..base.customer_fact import COMPARISONS, PREFIX


class CustomerOnboardingPlan(models.Model):
    """What has to be done after a customer signed, and until when (LIF-1)."""

    _name = 'customer.onboarding.plan'
    _inherit = ['customer.cached']
    _description = "Onboarding Plan"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(string="Switched On", default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', index='btree_not_null', help="Empty: for customers of all companies.")
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', domain=[('is_beside', '=', True)], index='btree_not_null', ondelete='restrict',
        context={'active_test': False}, help="Its touchpoints are planned beside those of the customer's own cadence.")
    date_start = fields.Date(
        string="Signed Since", required=True, default=fields.Date.context_today,
        help="Onboardings begin for what is signed from this day on, and for nothing that was signed before.")
    behind_days = fields.Integer(
        string="Behind After (days)", default=0,
        help="So many days after a required item was due the onboarding is behind. 0: as soon as one is late.")
    stuck_days = fields.Integer(
        string="Stuck After (days)", default=7, help="So many days after a required item was due the onboarding is stuck.")
    again_days = fields.Integer(
        string="Anew After (days)", default=365,
        help="Who has ordered before is not onboarded once more, unless it was lost: its last order is older than this. "
             "0: never once more.")
    description = fields.Text(translate=True)
    item_ids = fields.One2many(
        comodel_name='customer.onboarding.plan.item', inverse_name='plan_id', string="Items", copy=True)
    running_count = fields.Integer(string="Running Onboardings", compute='_compute_running_count')

    _days = models.Constraint(
        'CHECK (behind_days >= 0 AND stuck_days > behind_days AND again_days >= 0)',
        "Days can't be negative, and an onboarding is stuck later than it is behind.")

    def _compute_running_count(self):
        counts = dict(self.env['customer.onboarding']._read_group(
            [('plan_id', 'in', self.ids), ('state', '=', 'running')], ['plan_id'], ['__count']))
        for plan in self:
            plan.running_count = counts.get(plan, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_switch_on(self):
        """Begin onboardings from today on, with the touchpoints of the plan."""
        self._customer_one()
        self.check_access('write')
        if not self.item_ids.filtered('required'):
            raise ValidationError(self.env._(
                "“%(plan)s” has no required item, so every onboarding would be done at once. Add one.", plan=self.name))
        self.write({'active': True, 'date_start': fields.Date.context_today(self)})
        self.cadence_id.filtered(lambda cadence: not cadence.active).action_unarchive()
        return True

    def action_view_onboardings(self):
        """Open the onboardings by this plan."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_onboarding_action')
        action['domain'] = [('plan_id', '=', self.id)]
        return action

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    @ormcache()
    def _plan_ids(self):
        """Return the ids of the plans in force, in their order."""
        return tuple(self.sudo().with_context(active_test=True).search([]).ids)  # they begin whoever confirms the order

    @api.model
    @ormcache()
    def _has_any(self):
        """Return whether there are plans, in force or not: onboardings go on when theirs is switched off."""
        return bool(self.sudo().with_context(active_test=False).search_count([('cadence_id', '!=', False)], limit=1))  # as above

    @api.model
    @ormcache()
    def _step_ids(self):
        """Return the ids of the touchpoints that items wait for."""
        items = self.env['customer.onboarding.plan.item'].sudo().with_context(active_test=False)  # as above
        return frozenset(items.search([('step_id', '!=', False)]).step_id.ids)

    @api.model
    def _plan_for(self, company, day):
        """Return the plan for what a customer signs.

        :param company: res.company of the customer
        :param date day: on which it was signed
        """
        plans = self.sudo().browse(self._plan_ids())  # as above
        return plans.filtered(lambda plan: plan.date_start <= day and plan.company_id in (company, company.browse()))[:1]


class CustomerOnboardingPlanItem(models.Model):
    """One thing that has to be done, by whom or by which sign it is known that it is, and until when (LIF-1, LIF-2)."""

    _name = 'customer.onboarding.plan.item'
    _inherit = ['customer.cached']
    _description = "Item of an Onboarding Plan"
    _order = 'plan_id, sequence, id'

    plan_id = fields.Many2one(
        comodel_name='customer.onboarding.plan', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="What", required=True, translate=True)
    required = fields.Boolean(default=True, help="The onboarding is not done without it.")
    within_count = fields.Integer(string="Within", default=3)
    within_unit = fields.Selection(
        selection=[('hour', "hours"), ('day', "days")], string="Unit", default='day', required=True)
    done_by = fields.Selection(
        selection='_selection_done_by', default='tick', required=True,
        help="Somebody ticks it; or its follow-up is done; or something is known of the customer since it signed. Whatever is "
             "said here, it can be ticked by hand, with a note.")
    step_id = fields.Many2one(
        comodel_name='customer.cadence.step', string="Touchpoint", index='btree_not_null', ondelete='restrict',
        context={'active_test': False}, help="Its follow-up is opened for this item. It is withdrawn when the item is done.")
    comparison = fields.Selection(selection=COMPARISONS, string="Is Done With", default='from', required=True)
    threshold = fields.Float(string="So Many", default=1)
    target_percent = fields.Float(
        string="Target (%)", digits=(16, 1),
        help="In so many of 100 onboardings it should be done. 0: it is not measured.")

    _within = models.Constraint('CHECK (within_count >= 0)', "The time for an item can't be negative.")
    _target = models.Constraint(
        'CHECK (target_percent >= 0 AND target_percent <= 100)', "A target is from 0 to 100 percent.")

    @api.model
    def _selection_done_by(self):
        facts = self.env['customer.fact']._offered()
        return [('tick', self.env._("Ticked by hand")), ('touch', self.env._("Its follow-up is done"))] + [
            (PREFIX + name, fact.label) for name, fact in facts.items()]

    @api.constrains('done_by', 'step_id', 'plan_id')
    def _check_step(self):
        for item in self:
            if item.done_by == 'touch' and not item.step_id:
                raise ValidationError(self.env._(
                    "%(item)s: please choose the touchpoint whose follow-up it is.", item=item.name))
            if item.step_id and item.step_id.sudo().cadence_id != item.plan_id.cadence_id:  # rules are for all to read
                raise ValidationError(self.env._(
                    "%(item)s: the touchpoint is of another cadence than that of the plan.", item=item.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        # onboardings of everybody
        if self.env['customer.onboarding.item'].sudo().search_count([('plan_item_id', 'in', self.ids)], limit=1):
            raise ValidationError(self.env._(
                "Onboardings have this item. Archive it instead: those that begin from now on are without it."))

    def _due_at(self, started_at):
        """Return until when this item has to be done.

        :param datetime started_at: when the customer signed
        """
        self.ensure_one()
        return started_at + timedelta(**{f'{self.within_unit}s': self.within_count})

    def _fact(self):
        """Return the name of the fact by which this item is done, or nothing."""
        return self.done_by.removeprefix(PREFIX) if self.done_by.startswith(PREFIX) else ''

    def _holds(self, value):
        """Return whether a value is what this item asks for."""
        return value <= self.threshold if self.comparison == 'to' else value >= self.threshold
