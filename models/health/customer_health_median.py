from odoo import fields, models


class CustomerHealthMedian(models.Model):
    """What is usual for a measure in a segment: the median of the known points, as of the last night (HEA-1).

    It is put in place of an unknown value where the measure says so, for one customer as for all.
    """

    _name = 'customer.health.median'
    _description = "Usual Points of a Health Measure"
    _order = 'measure_id, segment_id'
    _rec_name = 'measure_id'

    measure_id = fields.Many2one(
        comodel_name='customer.health.measure', required=True, readonly=True, ondelete='cascade')
    segment_id = fields.Many2one(
        comodel_name='customer.segment', required=True, readonly=True, index=True, ondelete='cascade')
    points = fields.Integer(default=0, required=True, readonly=True)
    customers = fields.Integer(default=0, required=True, readonly=True, help="Of how many customers it is known.")

    _measure_segment_uniq = models.Constraint(
        'UNIQUE (measure_id, segment_id)', "There is one usual value for each measure and segment.")
