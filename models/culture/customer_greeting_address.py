import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ...engine.greetings import Address

#: Texts of greetings as old as that are not compared with new ones any more.
COMPARED_DAYS = 31


class CustomerGreetingAddress(models.Model):
    """How people are addressed in a language: words that make no text a personal one (CUL-4)."""

    _name = 'customer.greeting.address'
    _description = "Form of Address"
    _order = 'sequence, name, id'

    name = fields.Char(string="Language", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    titles = fields.Text(
        help="Titles that stand beside a name, one in a line: 总, 女士, Mr, Dr. A text that differs from another one only by "
             "name and title is the same text.")
    openings = fields.Text(
        help="What a salutation begins or ends with, one in a line: 尊敬的, 您好, Dear, Hello.")

    @api.constrains('titles', 'openings')
    def _check_words(self):
        """Refuse what would take sentences for titles: a title is a few words in a line of its own."""
        for word in (word for address in self for word in (*address._lines('titles'), *address._lines('openings'))):
            if len(word) > 40 or not re.search(r'\w', word):
                raise ValidationError(self.env._(
                    "“%(word)s” is no form of address. Write one title or opening in a line, with up to 40 characters.",
                    word=word))

    @api.model_create_multi
    def create(self, vals_list):
        addresses = super().create(vals_list)
        self._words_changed()
        return addresses

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'active', 'titles', 'openings'}:
            self._words_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._words_changed()
        return result

    def _lines(self, name):
        """Return the words of a field, without blanks around them."""
        self.ensure_one()
        return [line.strip() for line in (self[name] or '').splitlines() if line.strip()]

    @api.model
    @ormcache()
    def _get_address(self):
        """Return the titles and openings of all languages: who writes in which one is not asked.

        :rtype: Address
        """
        addresses = self.sudo().search([])  # a rule of the house, for whoever saves a greeting
        return Address(*(
            tuple(word for address in addresses for word in address._lines(name)) for name in ('titles', 'openings')))

    @api.model
    def _words_changed(self):
        """Compare the texts of this season by the words of now."""
        self.env.registry.clear_cache()
        greetings = self.env['customer.greeting'].sudo().search([  # those of all colleagues
            ('date', '>=', f'today -{COMPARED_DAYS}d'), ('draft', '!=', False)])
        self.env.add_to_compute(greetings._fields['text_key'], greetings)
