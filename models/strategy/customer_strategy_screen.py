from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class CustomerStrategy(models.Model):
    """What people look at of a strategy; nothing of it is stored (STR-1)."""

    _inherit = 'customer.strategy'

    tier_id = fields.Many2one(related='partner_id.customer_tier_id')
    tier_color = fields.Integer(related='partner_id.customer_tier_color')
    progress = fields.Char(string="Where It Stands", compute='_compute_progress')
    milestone_next = fields.Char(string="Next Milestone", compute='_compute_milestone_next')
    milestone_next_date = fields.Date(string="Due By", compute='_compute_milestone_next')
    milestone_is_late = fields.Boolean(compute='_compute_milestone_next')
    can_reset = fields.Boolean(compute='_compute_can_reset')
    customer_left = fields.Boolean(compute='_compute_customer_left')
    history_ids = fields.Many2many(
        comodel_name='customer.strategy', compute='_compute_history_ids', help="Every cycle of every strategy of this customer.")

    @api.depends('state', 'date_start', 'date_end', 'ended_by', 'cycle', 'version')
    @api.depends_context('lang', 'tz')
    def _compute_progress(self):
        today = fields.Date.context_today(self)
        endings = dict(self._fields['ended_by']._description_selection(self.env))
        for strategy in self:
            if strategy.state == 'draft' or not strategy.date_start or not strategy.date_end:
                strategy.progress = False
                continue
            values = {
                'version': strategy.version, 'cycle': strategy.cycle,
                'start': format_date(self.env, strategy.date_start), 'end': format_date(self.env, strategy.date_end),
                'day': min(max((today - strategy.date_start).days + 1, 1), strategy.cycle_days), 'days': strategy.cycle_days,
                'ending': endings.get(strategy.ended_by, ''),
            }
            strategy.progress = self.env._(
                "Version %(version)s, cycle %(cycle)s: day %(day)s of %(days)s, until %(end)s", **values,
            ) if strategy.state == 'active' else self.env._(
                "Version %(version)s, cycle %(cycle)s: %(start)s to %(end)s, %(ending)s", **values)

    @api.depends('state', 'milestone_ids.date', 'milestone_ids.done_on', 'milestone_ids.name')
    def _compute_milestone_next(self):
        today = fields.Date.context_today(self)
        for strategy in self:
            left = strategy.milestone_ids.filtered(lambda milestone: milestone.date and not milestone.done_on)
            coming = left.sorted('date')[:1] if strategy.state != 'done' else left.browse()
            strategy.milestone_next = coming.name
            strategy.milestone_next_date = coming.date
            strategy.milestone_is_late = bool(strategy.state == 'active' and coming and coming.date < today)

    @api.depends('state', 'started_on', 'previous_id', 'adjustment_ids')
    def _compute_can_reset(self):
        for strategy in self:
            strategy.can_reset = strategy._is_resettable()

    @api.depends('state', 'partner_id.customer_managed')
    def _compute_customer_left(self):
        for strategy in self:
            # hidden from who has no role here
            strategy.customer_left = strategy.state == 'active' and not strategy.partner_id.sudo().customer_managed

    @api.depends('partner_id', 'company_id', 'state')
    def _compute_history_ids(self):
        begun = self.search(
            Domain('partner_id', 'in', self.partner_id.ids) & Domain('state', '!=', 'draft'),
        ).grouped(lambda strategy: (strategy.partner_id, strategy.company_id))
        for strategy in self:
            strategy.history_ids = begun.get((strategy.partner_id._origin, strategy.company_id._origin))

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'res_id': self.partner_id.id, 'view_mode': 'form'}
