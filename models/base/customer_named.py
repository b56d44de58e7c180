from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CustomerNamed(models.AbstractModel):
    """Rules that people choose by name: in no language two of them look the same.

    The constraint of the database compares names in all their languages at once, so that two records differ for it as soon as
    one is translated and the other isn't. Its sentence is said here too.
    """

    _name = 'customer.named'
    _description = "Rules Chosen by Name"

    #: Within records that have these fields in common a name stands once.
    _named_within = ()

    @api.constrains(lambda self: ('name', *self._named_within))
    def _check_name_once(self):
        """Refuse a name that another one has in the language of whoever writes."""
        if self.env.context.get('install_mode'):
            return  # an update goes on beside what people named
        own = {}
        for record in self:
            own.setdefault(self._name_key(record), record)
        others = self.with_context(active_test=False).sudo().search(  # who may not read the other one is told, too
            Domain('name', 'in', [record.name for record in self]))
        if any(own.get(self._name_key(other), other) != other for other in others):
            raise ValidationError(self._name_taken())

    # ------------------------------------------------------------
    # DUPLICATES
    # ------------------------------------------------------------

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if 'name' in (default or {}):
            return vals_list
        taken = set()
        for record, vals in zip(self, vals_list, strict=True):
            vals['name'] = record._name_of_copy(taken)
            taken.add(vals['name'])
        return vals_list

    def copy_translations(self, new, excluded=()):
        """A duplicate is called one in every language."""
        if 'name' not in excluded:
            for lang, __ in self.env['res.lang'].get_installed():
                if lang != (self.env.lang or 'en_US'):
                    new.with_context(lang=lang).name = self.with_context(lang=lang)._name_of_copy(set())
        return super().copy_translations(new, (*excluded, 'name'))

    def _name_of_copy(self, taken):
        """Return the name of a duplicate that no other has in the language of the context.

        :param set[str] taken: what is given away already
        """
        self.ensure_one()
        name = self.env._("%s (copy)", self.name)
        named = self.with_context(active_test=False).sudo()  # names that somebody may not read are taken, too
        taken = taken | set(named.search(Domain('name', '=like', f'{name}%')).mapped('name'))
        while name in taken:
            name = self.env._("%s (copy)", name)
        return name

    # ------------------------------------------------------------
    # ONE NAME
    # ------------------------------------------------------------

    @api.model
    def _name_key(self, record):
        return (record.name, *(record[name] for name in self._named_within))

    @api.model
    def _name_taken(self):
        """Return the sentence of the constraint, in the user's language."""
        constraint = self._table_objects[f'{self._table}_name_uniq']
        kept = self.env['ir.model.constraint'].sudo().search_fetch(  # only managers read how tables are made
            [('name', '=', f'{self._table}_name_uniq'), ('model.model', '=', self._name)], ['message'], limit=1)
        return kept.message or constraint.get_error_message(self)
