import math
import re
from datetime import date, datetime

from odoo import Command, api, fields, models
from odoo.api import NewId
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import OrderedSet, format_date, ormcache
from odoo.tools.i18n import format_list

#: The addon's models.
PREFIX = 'customer.'

#: The greatest whole number that a column takes, and the greatest amount that is still counted exactly.
GREATEST = {'integer': 2**31 - 1, 'float': 10**13, 'monetary': 10**13}

#: The longest that a rule looks back or ahead, by the word in the name of its field: a hundred years.
LONGEST = {'days': 36500, 'weeks': 5200, 'months': 1200, 'years': 100}

#: Days that people mean; a typing error lies beyond them, and so do days that can't be counted on from.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

#: What no database keeps in a text: the character without a meaning, and halves of characters.
UNKEPT = re.compile('[\x00\ud800-\udfff]')

#: Which look a value of a field of this type gets.
LOOKS = {
    'char': '_check_customer_text', 'text': '_check_customer_text', 'html': '_check_customer_text',
    'integer': '_check_customer_number', 'float': '_check_customer_number', 'monetary': '_check_customer_number',
    'date': '_check_customer_day', 'datetime': '_check_customer_day', 'selection': '_check_customer_choice',
    'many2one': '_check_customer_record', 'one2many': '_check_customer_records', 'many2many': '_check_customer_records',
}

#: Where nothing is no value.
NEEDED = {'char', 'text', 'date', 'datetime', 'selection', 'many2one'}

#: So much of a wrong value is repeated to whoever wrote it.
SHOWN = 40

def _look_first(cls):
    """Let a model look at the values of people and other programs before any of its own methods meets them."""
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_customer_values(*vals_list)
        return super(cls, self).create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_customer_values(vals)
            self._check_customer_needed(vals)
        return super(cls, self).write(vals)

    create.looks_first = True
    cls.create, cls.write = create, write


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

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    def _register_hook(self):
        """Look at values before the methods of the addon's models meet them, whichever wing extends these."""
        super()._register_hook()
        cls = self.env.registry[self._name]
        if self._name.startswith(PREFIX) and not self._abstract and not hasattr(vars(cls).get('create'), 'looks_first'):
            _look_first(cls)

    def onchange(self, values, field_names, fields_spec):
        """Look at what is typed before anything follows from it, and at what a form shows of a record it points at."""
        if not self.env.su and self._name.startswith(PREFIX):
            # a line of a form brings the form along
            forms = {name for name, value in values.items() if isinstance(value, dict) and name in self._fields
                     and self._fields[name].type == 'many2one'}
            self._check_customer_values({
                name: value.get('id') if name in forms else value for name, value in values.items()})
        return super().onchange(values, field_names, fields_spec)

    def _add_missing_default_values(self, values):
        """Look at what a caller proposes in the context as at what it hands over."""
        result = super()._add_missing_default_values(values)
        if not self.env.su and self._name.startswith(PREFIX):
            self._check_customer_values({
                name: value for name, value in result.items() if name not in values and f'default_{name}' in self.env.context})
        return result

    @api.model
    def _check_customer_values(self, *vals_list):
        """Refuse values that can't be meant, and those that point at what the user may not see: who points at it would be told
        its name.

        :param dict vals_list: as for ``write``, each
        """
        linked = {}
        for vals in vals_list:
            if not isinstance(vals, dict):
                raise ValidationError(self.env._("The values of a record are given by the names of its fields."))
            for name, value in vals.items():
                field = self._fields.get(name)
                look = value is not None and value is not False and field is not None and LOOKS.get(field.type)
                if look and (value != '' or field.type.endswith('2many')):
                    ids = getattr(self, look)(field, value)
                    if ids and field.comodel_name.startswith((PREFIX, 'res.partner')):
                        linked.setdefault(field.comodel_name, set()).update(ids)
        for model, ids in linked.items():
            self.env[model].browse(sorted(ids)).check_access('read')

    def _check_customer_needed(self, vals):
        """Refuse to take away what a record needs."""
        for name, value in vals.items() if isinstance(vals, dict) else ():
            field = self._fields.get(name)
            if not value and field is not None and field.required and not field.compute and field.type in NEEDED:
                raise ValidationError(self.env._(
                    "%(field)s is needed and can't be empty.", field=field._description_string(self.env)))

    def _check_customer_text(self, field, value):
        if isinstance(value, (list, tuple, set)) or isinstance(value, dict) and not field.translate:
            raise self._customer_refusal(field, value, self.env._("Give a text."))
        if UNKEPT.search(str(value)):
            raise ValidationError(self.env._(
                "%(field)s: the text has characters that can't be kept, most likely from copying it out of another program. "
                "Type it, or copy it without them.", field=field._description_string(self.env)))

    def _check_customer_number(self, field, value):
        try:
            number = math.nan if isinstance(value, bool) else float(value)
            if field.type == 'integer' and isinstance(value, str):
                int(value)
        except (TypeError, ValueError):
            raise self._customer_refusal(field, value, self.env._("Give a number.")) from None
        except OverflowError:
            number = math.inf
        greatest = next((LONGEST[word] for word in field.name.split('_') if word in LONGEST), GREATEST[field.type])
        if not math.isfinite(number) or abs(number) > greatest:
            raise ValidationError(self.env._(
                "%(field)s: a number of that size can't be right. It can be up to %(greatest)s.",
                field=field._description_string(self.env), greatest=f'{greatest:,}'))

    def _check_customer_day(self, field, value):
        try:
            if not isinstance(value, (str, date)):
                raise ValueError
            if field.type == 'datetime':
                fields.Datetime.to_datetime(value)
            day = value.date() if isinstance(value, datetime) else fields.Date.to_date(value)
        except ValueError:
            raise self._customer_refusal(field, value, self.env._("Give a day like 2026-03-31.")) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(self.env._(
                "%(field)s: %(day)s can't be right. Choose a day between %(first)s and %(last)s.",
                field=field._description_string(self.env), day=fields.Date.to_string(day),
                first=format_date(self.env, FIRST_DAY), last=format_date(self.env, LAST_DAY)))

    def _check_customer_choice(self, field, value):
        if not isinstance(value, str) or value not in field.get_values(self.env):
            raise self._customer_refusal(field, value, self.env._(
                "Choose one of these: %(choices)s.", choices=", ".join(filter(None, field.get_values(self.env)))))

    def _check_customer_record(self, field, value):
        return self._check_customer_ids(field, [value[0] if isinstance(value, tuple) and value else value])

    def _check_customer_records(self, field, value):
        ids = []
        if not isinstance(value, models.BaseModel):
            if not isinstance(value, (list, tuple)):
                raise self._customer_refusal(field, value, self.env._("Give a list of ids or of commands."))
            for command in value:
                ids += self._customer_linked_ids(field, command)
                if isinstance(command, (list, tuple)) and command[0] in (Command.CREATE, Command.UPDATE):
                    self.env[field.comodel_name]._check_customer_values(command[2])
        return self._check_customer_ids(field, ids)

    def _customer_linked_ids(self, field, command):
        """Return which records a command of a relation points at; those it changes or deletes are asked for by that."""
        match command:
            case [Command.CREATE, _, {}] | [Command.UPDATE, int(), {}] | [Command.DELETE | Command.UNLINK, int(), *_]:
                return []
            case [Command.CLEAR, *_]:
                return []
            case [Command.LINK, id_, *_]:
                return [id_]
            case [Command.SET, _, (list() | tuple() | set() | OrderedSet()) as ids]:
                return ids
            case int():
                return [command]
        raise self._customer_refusal(field, command, self.env._("Give a list of ids or of commands."))

    def _check_customer_ids(self, field, ids):
        """Refuse what is no id, and return the ids."""
        for id_ in ids:
            if isinstance(id_, bool) or not isinstance(id_, (int, NewId, models.BaseModel)) \
                    or isinstance(id_, int) and not 0 <= id_ < 2**31:
                raise self._customer_refusal(field, id_, self.env._("Give the id of a record."))
        return [id_ for id_ in ids if isinstance(id_, int) and id_]

    def _customer_refusal(self, field, value, advice):
        """Return the error that says which value of a field can't be taken, and what would do."""
        shown = UNKEPT.sub('', str(value))
        return ValidationError(self.env._(
            "%(field)s: “%(value)s” can't be taken. %(advice)s", field=field._description_string(self.env),
            value=shown if len(shown) <= SHOWN else f'{shown[:SHOWN]}…', advice=advice))

    def _customer_one(self):
        """Return the record, and refuse in words where a program that calls a method for one record has none or many."""
        if len(self) != 1 or not self.id:
            raise UserError(self.env._(
                "This works on one record at a time, and %(count)s were chosen. Open one of them.", count=len(self)))
        if self._transient:
            self._check_customer_chosen()
        return self

    def _customer_open(self):
        """Return an action that opens the form of this record."""
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'view_mode': 'form',
            'views': [(False, 'form')]}

    def _check_customer_chosen(self):
        """Refuse a dialog some of whose records its user may not see any more: they would be left out without a word.

        :raises AccessError: which says of what kind they are
        """
        for name, field in self._fields.items():
            if field.type == 'many2many' and field.store and field.comodel_name.startswith((PREFIX, 'res.partner')):
                hidden = self.sudo()[name] - self[name]  # those that were chosen, whether they may still be seen or not
                hidden.with_env(self.env).check_access('read')
