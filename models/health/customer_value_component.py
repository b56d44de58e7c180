from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

from ..platform.local_text import listed

#: So many days are as good as ever.
EVER = 36500

#: What the value score is no component of.
OF_THE_VALUE = {'value_score'}


class CustomerValueComponent(models.Model):
    """One thing that the value of a customer is told by: a fact, and how it becomes 0 to 100 points (SEG-5)."""

    _name = 'customer.value.component'
    _description = "Component of Customer Value"
    _inherit = ['customer.yardstick', 'customer.health.config']
    _config_cron = 'ir_cron_value'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    dimension_id = fields.Many2one(
        comodel_name='customer.value.dimension', required=True, index=True, ondelete='cascade')
    weight = fields.Float(
        default=10, required=True, help="In proportion to the other components of the dimension; 0 leaves it out.")
    way = fields.Selection(
        selection=[('bands', "By bands"), ('linear', "Between two ends")], string="Points Are Given", default='bands',
        required=True)
    worst_at = fields.Float(
        string="0 Points At", digits=(16, 4), help="There, and beyond it, the component gives no points.")
    best_at = fields.Float(
        string="100 Points At", digits=(16, 4),
        help="There, and beyond it, the component gives all points; it may be the lower one of the two ends.")
    window_days = fields.Integer(
        default=365,
        help="So many days up to today are looked at, where the source looks at a period. 0: all that there ever was.")
    problem = fields.Char(
        help="Why this component could not be taken. All customers are valued without it until it works again.")
    band_ids = fields.One2many(
        comodel_name='customer.value.band', inverse_name='component_id', string="Points", copy=True)
    description = fields.Text(translate=True, help="What the component says, in words for the sales staff.")

    _window_days_positive = models.Constraint(
        'CHECK (window_days >= 0)', "The period can't be negative. 0: all that there ever was.")
    _weight_positive = models.Constraint('CHECK (weight >= 0)', "A weight can't be negative. What should not count weighs 0.")

    def _needs_bands(self):
        return self.way == 'bands'

    def _window(self):
        return self.window_days or EVER

    @api.model
    def _sources(self):
        return {name: source for name, source in super()._sources().items() if name not in OF_THE_VALUE}

    @api.constrains('way', 'worst_at', 'best_at')
    def _check_ends(self):
        for component in self:
            if component.way == 'linear' and component.worst_at == component.best_at:
                raise ValidationError(self.env._(
                    "“%(component)s” would give 0 and 100 points at the same value, %(value)s. Choose two different ends.",
                    component=component.name, value=f'{component.worst_at:g}'))

    @api.constrains('way')
    def _check_way(self):
        self._check_bands()

    def _rules_values(self):
        """Return the component as :mod:`engine.scoring` takes a measure."""
        self.ensure_one()
        return {
            'name': self.name,
            'group': self.dimension_id.id,
            'bands': [[band.value_from, band.points] for band in self.band_ids.sorted('value_from')],
            'ends': [self.worst_at, self.best_at] if self.way == 'linear' else None,
            'validity': self.validity_days,
            'policy': 'leave_out',
        }

    def _describe_points(self):
        """Return in words how the points are given."""
        self.ensure_one()
        if self.way == 'linear':
            return self.env._(
                "0 points at %(worst)s, 100 at %(best)s", worst=self._number(self.worst_at), best=self._number(self.best_at))
        return listed(self.env, [
            f'{self._number(band.value_from)} → {band.points}' for band in self.band_ids.sorted('value_from')])

    def _number(self, value):
        """Return a number as the reader writes it, without decimals where there are none."""
        return formatLang(self.env, value, digits=0 if value == int(value) else 2)


class CustomerValueBand(models.Model):
    """From which value on a component of customer value gives how many points, up to where the next band begins (SEG-5)."""

    _name = 'customer.value.band'
    _description = "Band of Customer Value"
    _inherit = 'customer.yardstick.band'
    _band_of = 'component_id'
    _config_cron = 'ir_cron_value'
    _order = 'component_id, value_from, id'

    component_id = fields.Many2one(
        comodel_name='customer.value.component', required=True, index=True, ondelete='cascade')
    points = fields.Integer(help="0 gives nothing to the value, 100 all.")
