from odoo import api, fields, models

from ..platform.local_text import labelled

#: In the context while a ranking writes its lines together: it looks at them when all are written.
TOGETHER = object()


class CustomerTierSchemeLine(models.Model):
    """What a ranking asks of one tier."""

    _name = 'customer.tier.scheme.line'
    _inherit = ['customer.cached']
    _description = "Customer Tier Ranking Line"
    _order = 'scheme_id, sequence, id'

    scheme_id = fields.Many2one(
        comodel_name='customer.tier.scheme',
        required=True,
        index=True,
        ondelete='cascade',
    )
    sequence = fields.Integer(default=10)
    tier_id = fields.Many2one(comodel_name='customer.tier', required=True, ondelete='restrict')
    share = fields.Float(
        string="Share (%)",
        digits=(16, 2),
        help="This part of the customers, or of the revenue, counted from the highest revenue down, is in this tier.",
    )
    threshold = fields.Monetary(
        string="Revenue at Least",
        currency_field='currency_id',
        help="Customers with at least this revenue in the period are in this tier. The last tier takes everybody else.",
    )
    currency_id = fields.Many2one(related='scheme_id.currency_id')
    method = fields.Selection(related='scheme_id.method')

    _scheme_tier_uniq = models.Constraint('UNIQUE (scheme_id, tier_id)', "Each tier stands once in a ranking.")

    @api.depends('scheme_id', 'tier_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            line.display_name = labelled(self.env, line.scheme_id.name, line.tier_id.name)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_scheme(lines.scheme_id)
        return lines

    def write(self, vals):
        schemes = self.scheme_id
        result = super().write(vals)
        self._check_scheme(schemes | self.scheme_id)
        return result

    def unlink(self):
        schemes = self.scheme_id
        result = super().unlink()
        self._check_scheme(schemes.exists())
        return result

    def _check_scheme(self, schemes):
        """Refuse lines that don't go together, also when somebody writes one past the form of its ranking."""
        if self.env.context.get('customer_scheme_lines') is not TOGETHER and not self.env.context.get('install_mode'):
            schemes._check_lines()
            if schemes._get_current() in schemes:
                schemes._get_current()._act()
                schemes._ask_for_refresh()
