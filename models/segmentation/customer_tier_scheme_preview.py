from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .customer_refresh import PARAM_RULES
from .customer_segment_preview import GROUP_MANAGER

#: What the stored figures of a customer hang on; while these stay, nobody's revenue is added up for a preview.
FIGURES = ('window_months', 'basis', 'running_days')


class CustomerTierScheme(models.Model):
    """What a ranking would do to the customers, shown before it is saved (SEG-1)."""

    _inherit = 'customer.tier.scheme'

    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False, groups=GROUP_MANAGER,
        help="How many customers would go from which tier to which, before anything is saved.")

    @api.depends('method', 'window_months', 'basis', 'running_days', 'dead_band', 'minimum_stay_days', 'line_ids.share',
                 'line_ids.threshold', 'line_ids.tier_id', 'line_ids.sequence')
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for scheme in self:
            scheme.preview = self.env['ir.qweb']._render('customer_success.customer_moves_preview', scheme._preview_values())

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for a ranking that can't be saved."""
        self.ensure_one()
        try:
            self._check_lines()
        except ValidationError as error:
            return {'refused': str(error)}
        history = self.env['customer.tier.change'].sudo()  # customers of every salesperson are ranked together
        return {
            'refused': False, 'in_force': self._origin == self._get_current() and bool(self._origin),
            **history._preview_moves(self._preview_sql()),
        }

    def _preview_sql(self):
        """Return SQL with a row per managed customer: its tier, and the one that this ranking gives."""
        refresh = self.env['customer.refresh'].sudo()  # as above
        current = self._get_current()
        self.env['res.partner'].flush_model()
        self.env['customer.document']._flush()
        bought = SQL("(%s)", refresh._bought_sql(self)) if any(self[name] != current[name] for name in FIGURES) else SQL(
            """(SELECT id, customer_revenue AS revenue, customer_first_order AS first_order,
                       customer_last_order AS last_order FROM res_partner WHERE customer_managed IS TRUE)""")
        # the action's own bookkeeping
        changed = self._fingerprint() != self.env['ir.config_parameter'].sudo().get_param(PARAM_RULES)
        return SQL("SELECT id, old_tier_id AS old_id, new_tier_id AS new_id FROM (%s) AS verdict",
                   refresh._verdict_sql(self, None, changed, bought))
