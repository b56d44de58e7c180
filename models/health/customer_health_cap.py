from odoo import api, fields, models
from odoo.tools.i18n import format_list


class CustomerHealthCap(models.Model):
    """A veto: as long as a measure stands there, the score is at most so much, whatever the others say (HEA-1).

    It holds on every scorecard. Where the measure is not on the card, it is shown there without weight.
    """

    _name = 'customer.health.cap'
    _description = "Cap of the Health Score"
    _inherit = ['customer.health.config', 'customer.health.preview']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, help="What is named as the reason.")
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    measure_id = fields.Many2one(
        comodel_name='customer.health.measure', required=True, index=True, ondelete='restrict')
    comparison = fields.Selection(
        selection=[('from', "is at least"), ('below', "is below")], default='from', required=True)
    value = fields.Float(required=True, digits=(16, 4))
    unit = fields.Char(related='measure_id.unit')
    maximum = fields.Integer(
        string="Score at Most", default=60, required=True,
        help="The lowest cap that fits counts. It shows only where the score would be higher.")
    note = fields.Char(
        compute='_compute_note', help="Where a score that is held by this cap is healthy all the same.")

    _maximum_range = models.Constraint(
        'CHECK (maximum BETWEEN 0 AND 100)', "A cap holds the score at a value between 0 and 100.")

    @api.depends('maximum')
    @api.depends_context('lang')
    def _compute_note(self):
        cards = self.env['customer.health.scorecard'].search([])
        for cap in self:
            healthy = cards.filtered(lambda card, cap=cap: card.healthy_from <= cap.maximum)
            cap.note = bool(healthy) and self.env._(
                "Still healthy on %(cards)s", cards=format_list(self.env, [
                    self.env._("“%(card)s” (from %(healthy)s)", card=card.name, healthy=f'{card.healthy_from:g}')
                    for card in healthy]))

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        return [*super()._preview_triggers(), 'active', 'measure_id', 'comparison', 'value', 'maximum']

    def _preview_put(self, rules):
        key = self._origin.id or 0
        rules['caps'] = [cap for cap in rules['caps'] if cap['id'] != key]
        if self.active and self.measure_id.active:
            self._preview_use(rules, self.measure_id)
            rules['caps'].append({
                'id': key, 'name': self.name or '', 'measure': self.measure_id.id, 'comparison': self.comparison,
                'value': self.value, 'maximum': self.maximum})
