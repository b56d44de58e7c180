from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerStrategyMilestone(models.Model):
    """Something to have reached on the way, with its day (STR-1)."""

    _name = 'customer.strategy.milestone'
    _description = "Milestone of a Strategy"
    _order = 'date, id'

    strategy_id = fields.Many2one(comodel_name='customer.strategy', required=True, index=True, ondelete='cascade')
    name = fields.Char(required=True)
    date = fields.Date(required=True, string="Due By")
    done_on = fields.Date(string="Reached On", copy=False)
    is_done = fields.Boolean(string="Reached", compute='_compute_is_done', inverse='_inverse_is_done')
    is_late = fields.Boolean(compute='_compute_is_late')
    note = fields.Char()

    @api.constrains('done_on')
    def _check_done_on(self):
        today = fields.Date.context_today(self)
        if early := self.filtered(lambda milestone: milestone.done_on and milestone.done_on > today):
            raise ValidationError(self.env._(
                "“%(milestone)s” can't be reached on a day to come. Enter the day on which it was reached.",
                milestone=early[0].name))

    @api.depends('done_on')
    def _compute_is_done(self):
        for milestone in self:
            milestone.is_done = bool(milestone.done_on)

    def _inverse_is_done(self):
        for milestone in self:
            milestone.done_on = milestone.is_done and (milestone.done_on or fields.Date.context_today(self))

    @api.depends('date', 'done_on', 'strategy_id.state')
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for milestone in self:
            milestone.is_late = bool(
                milestone.strategy_id.state == 'active' and milestone.date and milestone.date < today
                and not milestone.done_on)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_reached(self):
        """Note that these are reached today, as far as they are not."""
        self.check_access('write')
        self.filtered(lambda milestone: not milestone.done_on).write({'done_on': fields.Date.context_today(self)})
        return True

    def action_open_strategy(self):
        """Open the strategy that this is a milestone of."""
        self._customer_one()
        return self.strategy_id._customer_open()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        milestones = super().create(vals_list)
        milestones._refuse_over()
        return milestones

    def write(self, vals):
        self._refuse_over()
        result = super().write(vals)
        if 'strategy_id' in vals:
            self._refuse_over()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_over(self):
        self._refuse_over()

    def _refuse_over(self):
        """Keep the milestones of strategies that are over as they were."""
        if self.env.su:
            return
        if over := self.filtered(lambda milestone: milestone.strategy_id.state == 'done'):
            raise UserError(self.env._(
                "%(strategy)s is over: its milestones stay as they were.", strategy=over[0].strategy_id.display_name))
