from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import ormcache
from odoo.tools.i18n import format_list

#: The addon's models.
PREFIX = 'customer.'


class Base(models.AbstractModel):
    """Says what hangs on a record of the addon before it is deleted or archived, and which row of an import is wrong."""

    _inherit = 'base'

    # ------------------------------------------------------------
    # WHAT IS IN USE
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        """Say what hangs on a record of the addon, and what to do, where the database would refuse to delete it."""
        if not self._name.startswith(PREFIX):
            return
        uses = self.with_context(active_test=False)._count_customer_uses()
        for record in self.filtered(lambda record: record.id in uses):
            advice = self.env._("Archive it instead: it is no longer offered, and what uses it stays.") \
                if 'active' in self._fields else self.env._("Take it out there first.")
            raise UserError(self.env._(
                "“%(record)s” can't be deleted, because it is used: %(uses)s. %(advice)s", record=record.display_name,
                uses=self._describe_customer_uses(uses[record.id]), advice=advice))

    def action_archive(self):
        """Archive, and say what still uses an archived rule of the addon: it goes on as before."""
        result = super().action_archive()
        if not self._name.startswith(PREFIX):
            return result
        uses = self._count_customer_uses()
        texts = [
            self.env._("“%(record)s” is archived: it is no longer offered. It is still used: %(uses)s.",
                       record=record.display_name, uses=self._describe_customer_uses(uses[record.id]))
            for record in self if record.id in uses]
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {
                'type': 'warning', 'sticky': True, 'message': " ".join(texts[:3]),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        } if texts else True

    def _count_customer_uses(self):
        """Return what uses these records and is not archived itself, unless the context asks for that too.

        :return: by id how many records, by their model; only those that are used
        :rtype: dict[int, dict[str, int]]
        """
        uses = {}
        for name, field in self._get_customer_uses():
            domain = Domain(field, 'in', self.ids)
            if name == self._name:
                domain &= Domain('id', 'not in', self.ids)  # goes together with it
            # what the user may not see uses the record too
            for record, count in self.env[name].sudo()._read_group(domain, [field], ['__count']):
                used_by = uses.setdefault(record.id, {})
                used_by[name] = used_by.get(name, 0) + count
        return uses

    @api.model
    def _describe_customer_uses(self, uses):
        """Return in words what :meth:`_count_customer_uses` says of one record."""
        labels = self.env['ir.model'].sudo()  # what a model is called is no secret
        return format_list(self.env, [f'{count} × {labels._get(name).name}' for name, count in uses.items()])

    @api.model
    @ormcache('self._name')
    def _get_customer_uses(self):
        """Return the fields that keep a record of this model from being deleted, as pairs of model and field.

        Models add what would lose its meaning without being kept by the database.
        """
        return tuple(
            (name, field.name) for name, model in self.env.registry.items() if model._auto and not model._transient
            for field in model._fields.values()
            if field.comodel_name == self._name and field.store and field.type == 'many2one' and field.ondelete == 'restrict')

    # ------------------------------------------------------------
    # IMPORT
    # ------------------------------------------------------------

    def _load_records(self, data_list, update=False, *args, **kwargs):
        """Let an import put an error down to the row that has it.

        Odoo tries all rows at once first, and tells what was wrong with one of them as an error of the first row.
        """
        try:
            return super()._load_records(data_list, update, *args, **kwargs)
        except UserError as error:
            if len(data_list) == 1 or not self._name.startswith((PREFIX, 'res.partner')):
                raise
            raise ValueError(str(error)) from error  # Odoo goes on row by row, and tells that of each row
