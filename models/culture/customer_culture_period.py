from odoo import api, fields, models


class CustomerCulturePeriod(models.Model):
    """What a festival or season means to a culture: which channels it forbids, discourages or suggests (CUL-2)."""

    _name = 'customer.culture.period'
    _inherit = ['customer.cached']
    _description = "Culture Period"
    _order = 'culture_id, sequence, id'

    culture_id = fields.Many2one(comodel_name='customer.culture', required=True, index=True, ondelete='cascade')
    festival_id = fields.Many2one(comodel_name='customer.festival', required=True, index=True, ondelete='restrict')
    sequence = fields.Integer(default=10)
    days_before = fields.Integer(default=0, required=True, help="The period begins so many days before the festival.")
    days_after = fields.Integer(default=0, required=True, help="The period ends so many days after the festival.")
    effect = fields.Selection(
        selection=[('forbid', "Forbidden"), ('discourage', "Better not"), ('suggest', "Suggested")],
        string="Influence",
        required=True,
        default='discourage',
        help="Forbidden: a touch moves to another day or takes the fallback channel, as the touchpoint says. Better not: it "
             "moves where a better day comes in time, and stays otherwise. Suggested: welcome, whatever else holds for every "
             "channel; where a greeting is due, on public holidays too.",
    )
    channel_ids = fields.Many2many(
        comodel_name='customer.channel', relation='customer_culture_period_channel', string="Channels",
        help="Empty: every channel.")
    note = fields.Char(translate=True, help="What to tell whoever is about to make contact.")
    greet = fields.Boolean(
        string="Greeting Due",
        help="A personal greeting is due on the first day of the festival.")

    _days_positive = models.Constraint(
        'CHECK (days_before >= 0 AND days_after >= 0)', "A period can't be shorter than its festival: 0 days or more.")
    _greet_suggested = models.Constraint(
        "CHECK (NOT greet OR effect = 'suggest')", "A greeting can only be due in a period that suggests one.")

    @api.depends('festival_id', 'effect')
    def _compute_display_name(self):
        for period in self:
            period.display_name = period.festival_id.name

    @api.model_create_multi
    def create(self, vals_list):
        periods = super().create(vals_list)
        periods._replan_customers()
        return periods

    def write(self, vals):
        cultures = self.culture_id
        result = super().write(vals)
        self._replan_customers(cultures)
        return result

    def unlink(self):
        cultures = self.culture_id
        result = super().unlink()
        self.browse()._replan_customers(cultures)
        return result

    def _replan_customers(self, cultures=None):
        """Ask for the planning of the customers that these periods hold for."""
        cultures = self.culture_id | (cultures or self.env['customer.culture'])
        cultures._rules_changed()
        cultures._replan_customers_of(cultures)
