from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _numbering_values(self, code, taken):
        if code != 'customer_success.adjustment':
            return super()._numbering_values(code, taken)
        return {
            'name': self.env._("Strategy adjustments of %(company)s", company=self.name),
            'padding': 4,
            'prefix': 'ADJ/%(range_year)s/',
        }

    def _next_adjustment_number(self):
        """Return the number of the next strategy adjustment of this company, as in ADJ/2026/0001.

        Every company and year counts on its own; the sequence is created with the first one.
        """
        return self._draw_number('customer_success.adjustment', fields.Date.context_today(self))
