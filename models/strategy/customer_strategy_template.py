from odoo import api, fields, models
from odoo.fields import Command, Domain


class CustomerStrategyTemplate(models.Model):
    """What is usually done with customers of a segment: approach, rhythm, KPIs and milestones (STR-1)."""

    _name = 'customer.strategy.template'
    _description = "Strategy Template"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name='res.company', help="Empty: for all companies.")
    segment_ids = fields.Many2many(
        comodel_name='customer.segment', string="For Segments", help="Empty: for customers of any segment.")
    core_approach = fields.Text(translate=True, required=True)
    cycle_days = fields.Integer(string="Cycle (days)", required=True, default=90)
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', ondelete='restrict', index='btree_not_null',
        help="Customers follow it as long as such a strategy runs. Empty: their own cadence, or that of their segment or tier.")
    kpi_ids = fields.One2many(
        comodel_name='customer.strategy.template.kpi', inverse_name='template_id', string="KPIs", copy=True)
    milestone_ids = fields.One2many(
        comodel_name='customer.strategy.template.milestone', inverse_name='template_id', string="Milestones", copy=True)
    running_count = fields.Integer(string="Running Strategies", compute='_compute_running_count')

    _cycle_check = models.Constraint(
        'CHECK (cycle_days BETWEEN 1 AND 1000)', "A cycle lasts at least one day, and at most 1,000.")

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_running_count(self):
        strategies = self.env['customer.strategy']
        counts = dict(strategies._read_group(
            strategies._running_domain() & Domain('template_id', 'in', self.ids), ['template_id'], ['__count']))
        for template in self:
            template.running_count = counts.get(template._origin, 0)

    def copy_data(self, default=None):
        return [
            {'name': self.env._("%s (copy)", template.name), **vals}
            if 'name' not in (default or {}) else vals
            for template, vals in zip(self, super().copy_data(default), strict=True)]

    def action_view_strategies(self):
        """Open the strategies that began with this template."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_strategy_action')
        action['domain'] = [('template_id', '=', self.id)]
        action['context'] = {'search_default_running': 1}
        return action

    @api.model
    def _find_for(self, partner, company):
        """Return the template that is meant for a customer: the first one for its segment, else the first one for any.

        One of the company comes before one of all companies.

        :param partner: a customer
        :param company: whose strategy it will be
        """
        segment = partner.sudo().customer_segment_id  # hidden from who has no role here
        templates = self.search(Domain('company_id', 'in', [False, company.id])).sorted(
            lambda template: (not template.company_id, template.sequence, template.id))
        meant = templates.filtered(lambda template: segment and segment in template.segment_ids)
        return (meant or templates.filtered(lambda template: not template.segment_ids))[:1]

    def _prepare_strategy_values(self, start, replace=False):
        """Return what a strategy that begins on a day takes over from this template.

        :param start: its first day
        :param bool replace: take what KPIs and milestones there are away first
        :rtype: dict
        """
        self.ensure_one()
        clear = [Command.clear()] if replace else []
        return {
            'core_approach': self.core_approach,
            'cadence_id': self.cadence_id.active and self.cadence_id.id,
            'date_end': start and fields.Date.add(start, days=self.cycle_days - 1),
            'kpi_ids': clear + [
                Command.create({
                    'kpi_id': line.kpi_id.id, 'target': line.target, 'weight': line.weight, 'sequence': line.sequence})
                for line in self.kpi_ids],
            'milestone_ids': clear + [
                Command.create({'name': milestone.name, 'date': start and fields.Date.add(start, days=milestone.days)})
                for milestone in self.milestone_ids],
        }

    @api.model
    def _get_customer_uses(self):
        """What a strategy was begun with is asked for when templates are compared."""
        return (*super()._get_customer_uses(), ('customer.strategy', 'template_id'))
