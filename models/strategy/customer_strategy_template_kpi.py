from odoo import api, fields, models


class CustomerStrategyTemplateKpi(models.Model):
    """A KPI with its target that strategies of a template begin with."""

    _name = 'customer.strategy.template.kpi'
    _description = "KPI of a Strategy Template"
    _order = 'sequence, id'
    _rec_name = 'kpi_id'

    template_id = fields.Many2one(
        comodel_name='customer.strategy.template', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)
    kpi_id = fields.Many2one(comodel_name='customer.kpi', string="KPI", required=True, index=True, ondelete='restrict')
    unit = fields.Selection(related='kpi_id.unit')
    better = fields.Selection(related='kpi_id.better')
    target = fields.Float(required=True, compute='_compute_target', store=True, readonly=False, precompute=True)
    weight = fields.Integer(
        required=True, default=1, help="How much it counts for the effect, compared with the other KPIs.")

    _kpi_uniq = models.Constraint('UNIQUE (template_id, kpi_id)', "A template has each KPI once.")
    _weight_check = models.Constraint('CHECK (weight > 0)', "A weight is at least 1. Take a KPI that shall not count out.")

    @api.constrains('kpi_id', 'target')
    def _check_target(self):
        for line in self:
            line.kpi_id._check_target(line.target)

    @api.depends('kpi_id')
    def _compute_target(self):
        for line in self:
            line.target = line.kpi_id.target
