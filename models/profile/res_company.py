import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Code of the sequences of customer numbers.
CODE = 'customer_success.number'


class ResCompany(models.Model):
    _inherit = 'res.company'

    customer_abbreviation = fields.Char(
        string="Customer Number Abbreviation",
        size=8,
        help="First part of new customer numbers (ABC in ABC2026001). Numbers already given stay as they are.",
    )

    @api.constrains('customer_abbreviation')
    def _check_customer_abbreviation(self):
        for company in self.filtered('customer_abbreviation'):
            if not re.fullmatch(r'[A-Z0-9]{1,8}', company.customer_abbreviation):
                raise ValidationError(self.env._(
                    "The abbreviation for customer numbers is made of up to eight capital letters and digits."))
            # another company's abbreviation is taken even if the user may not see that company
            if self.sudo().search_count([
                ('customer_abbreviation', '=', company.customer_abbreviation), ('id', '!=', company.id),
            ], limit=1):
                raise ValidationError(self.env._(
                    "Another company already uses %(abbreviation)s for its customer numbers. Please choose another one.",
                    abbreviation=company.customer_abbreviation))

    def write(self, vals):
        """Number with a new abbreviation from now on."""
        result = super().write(vals)
        if vals.get('customer_abbreviation'):
            for company in self:
                company._numbering_sequence(CODE).prefix = f'{company.customer_abbreviation}%(range_year)s'
        return result

    def _numbering_values(self, code, taken):
        if code != CODE:
            return super()._numbering_values(code, taken)
        return {
            'name': self.env._("Customer numbers of %(company)s", company=self.name),
            'padding': 3,
            'prefix': f'{self._get_customer_abbreviation(taken)}%(range_year)s',
        }

    def _get_customer_abbreviation(self, others=None):
        """Return the abbreviation of this company; made of its name at the first call.

        :param others: companies whose abbreviations are taken, besides those that are seen here
        """
        self.ensure_one()
        if not self.customer_abbreviation:
            words = re.findall(r'[A-Z0-9]+', (self.name or '').upper())
            letters = ''.join(word[0] for word in words) if len(words) > 2 else ''.join(words)
            wish = letters[:3] or 'C'
            taken = set(self.sudo().search([]).mapped('customer_abbreviation'))  # other companies' ones count too
            taken.update((others or self.browse()).mapped('customer_abbreviation'))
            number, candidate = 1, wish
            while candidate in taken:
                number += 1
                candidate = f'{wish}{number}'
            self.sudo().customer_abbreviation = candidate  # given by the system, whoever enrols the first customer
        return self.customer_abbreviation
