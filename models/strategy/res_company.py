from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _next_adjustment_number(self):
        """Return the number of the next strategy adjustment of this company, as in ADJ/2026/0001.

        Every company and year counts on its own; the sequence is created with the first one.
        """
        self.ensure_one()
        sequence = self.env['ir.sequence'].sudo().search([  # users don't read sequences
            ('code', '=', 'customer_success.adjustment'), ('company_id', '=', self.id)], limit=1)
        if not sequence:
            sequence = sequence.create({
                'name': self.env._("Strategy adjustments of %(company)s", company=self.name),
                'code': 'customer_success.adjustment',
                'company_id': self.id,
                'implementation': 'standard',
                'use_date_range': True,
                'padding': 4,
                'prefix': 'ADJ/%(range_year)s/',
            })
        return sequence.next_by_id()
