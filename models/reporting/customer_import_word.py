import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...engine import sheet_table
from ..platform.local_text import labelled

#: Words are parted by lines, commas and what stands for them in Chinese.
PARTS = re.compile(r'[\n,，、;；|]+')


class CustomerImportWord(models.Model):
    """What people call a column, or a value of one, in their sheets; an administrator adds the words of this house (REP-5)."""

    _name = 'customer.import.word'
    _description = "Words of Sheets"
    _order = 'key, value, id'

    key = fields.Selection(selection='_selection_key', string="Meaning", required=True)
    value = fields.Char(
        string="Value It Stands For",
        help="Technical name of a value that the words stand for, like call. Empty: the words name the column itself.")
    words = fields.Text(
        required=True, help="As they stand in sheets, one on each line or parted by commas. Blanks, capitals and signs don't "
                            "matter.")

    _key_uniq = models.UniqueIndex("(key, COALESCE(value, ''))", "The words of this are there already. Add yours to them.")

    @api.model
    def _selection_key(self):
        labels = {}
        for kind in self.env['customer.import.kind']._kinds().values():
            for key, column in kind.columns.items():
                labels.setdefault(key, column.label)
        return list(labels.items())

    @api.constrains('words')
    def _check_words(self):
        for word in self:
            if not word._plain():
                raise ValidationError(self.env._("Please write at least one word."))

    @api.depends('key', 'value')
    @api.depends_context('lang', 'customer_import_kind')
    def _compute_display_name(self):
        labels = dict(self._selection_key())
        kind = self.env['customer.import.kind']._kinds().get(self.env.context.get('customer_import_kind'))
        for word in self:
            column = kind.columns.get(word.key) if kind else None
            label = column.label if column else labels.get(word.key, word.key)
            word.display_name = labelled(self.env, label, word.value)

    @api.model
    def _search_display_name(self, operator, value):
        if operator not in ('ilike', 'like', '=', 'in') or not value:
            return Domain.TRUE if operator in ('ilike', 'like') else NotImplemented
        texts = [value] if isinstance(value, str) else list(value)
        kinds = self.env['customer.import.kind']._kinds().values()
        keys = {key for kind in kinds for key, column in kind.columns.items()
                if any(text.casefold() in column.label.casefold() for text in texts)}
        return Domain('key', 'in', keys) | Domain.OR(Domain('words', 'ilike', text) for text in texts)

    def _plain(self):
        """Return the words as they are compared."""
        return [word for part in PARTS.split(self.words or '') if (word := sheet_table.plain(part))]

    @api.model
    def _headings(self, kind):
        """Return what the words of headings mean for a kind of sheet, the likeliest first.

        :rtype: dict[str, list[str]]
        """
        columns, found = self.env['customer.import.kind']._kinds()[kind].columns, {}
        rank = {key: place for place, key in enumerate(columns)}
        for word in self.search([('value', '=', False), ('key', 'in', list(columns))]).sorted(lambda word: rank[word.key]):
            for text in word._plain():
                found.setdefault(text, []).append(word.key)
        for key, column in columns.items():
            found.setdefault(sheet_table.plain(column.label), []).append(key)
        return {text: list(dict.fromkeys(keys)) for text, keys in found.items()}

    @api.model
    def _values(self, key, choices):
        """Return which value words stand for: those that somebody wrote down, and the names in the languages in use.

        :param str key: of the column
        :param choices: see ``Column``
        :rtype: dict[str, str]
        """
        kinds, found = self.env['customer.import.kind'], {}
        for lang, __ in self.env['res.lang'].get_installed():
            for value, name in choices(kinds.with_context(lang=lang)).items():
                found.setdefault(sheet_table.plain(name), value)
        known = choices(kinds)
        for word in self.search([('key', '=', key), ('value', 'in', list(known))]):
            found.update(dict.fromkeys(word._plain(), word.value))
        return found
