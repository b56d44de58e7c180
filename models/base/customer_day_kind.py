from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache


class Shown(NamedTuple):
    """A kind as it is shown, see ``customer.day.kind``."""

    code: str
    name: str
    section: str
    most: int


class CustomerDayKind(models.Model):
    """What stands in everybody's day, where, and in which order: what is lost first if nobody does it comes first (REP-1)."""

    _name = 'customer.day.kind'
    _inherit = ['customer.cached']
    _description = "Kind of Line in My Day"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    code = fields.Selection(
        selection='_selection_code', string="What It Shows", required=True, help="What it is that stands there.")
    section = fields.Selection(
        selection=[('first', "First of All"), ('today', "Today"), ('know', "Good to know")], string="Where", required=True,
        default='today')
    most = fields.Integer(
        string="Lines at Most", required=True, default=10, aggregator=None,
        help="More than these are named as a number, and a click away.")

    _code_uniq = models.Constraint(
        'UNIQUE (code)', "This stands in the day already. Move it to where it belongs instead of adding it again.")
    _most_check = models.Constraint(
        'CHECK (most BETWEEN 1 AND 100)', "Between 1 and 100 lines of a kind can be shown.")

    @api.model
    def _selection_code(self):
        return [(code, kind.label) for code, kind in self.env['customer.day']._kinds().items()]

    @api.constrains('code')
    def _check_code(self):
        known = self.env['customer.day']._kinds()
        if unknown := self.filtered(lambda kind: kind.code not in known)[:1]:
            raise ValidationError(self.env._("“%(code)s” is nothing that can stand in a day.", code=unknown.code))

    @api.model
    @ormcache('self.env.lang')
    def _shown(self):
        """Return what is shown, in its order.

        :rtype: tuple[Shown]
        """
        kinds = self.sudo().search([])  # how the day is arranged is for everybody
        return tuple(Shown(kind.code, kind.name, kind.section, kind.most) for kind in kinds)
