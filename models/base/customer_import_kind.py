"""What kinds of sheets can be loaded, what their columns mean, and how a row becomes a record."""
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from odoo import api, models

#: Nobody hears of what is history: neither followers nor those whose name stands on it.
QUIETLY = {
    'tracking_disable': True, 'mail_notrack': True, 'mail_create_nolog': True, 'mail_create_nosubscribe': True,
    'mail_auto_subscribe_no_notify': True, 'mail_activity_automation_skip': True,
}


class Column(NamedTuple):
    """What a column of a sheet may mean.

    :param label: in the user's language
    :param type: ``line``, ``text``, ``phone``, ``email``, ``number``, ``day``, ``moment``, ``birthday``, ``person`` (one of
        us), ``choice``, ``goals`` (KPIs with a target and an actual value, several in a cell)
    :param required: whether a row without it can't be taken
    :param ahead: whether it is a day to come; else one that has passed
    :param choices: of a choice and of goals: function of this model, in a language, that returns the values with their names
    :param default: of a choice: the value of cells in which nothing stands; asked for where there are some
    :param beside: of a birthday: the column that says which calendar it is in
    """

    label: str
    type: str = 'line'
    required: bool = False
    ahead: bool = False
    choices: Callable[[models.BaseModel], dict[str, str]] | None = None
    default: str = ''
    beside: str = ''


class Kind(NamedTuple):
    """A kind of sheet.

    :param label: in the user's language
    :param hint: in a sentence, what becomes of it
    :param columns: by technical name, in the order in which people look for them
    :param plan: function of rows and options that decides what becomes of each row, and writes nothing
    :param write: function of planned rows and options that writes them; what it makes and changes it says to
        ``options['trace']``, so that it can be taken back
    :param model: what it becomes
    :param sequence: in which order kinds are offered
    """

    label: str
    hint: str
    columns: dict[str, Column]
    plan: Callable
    write: Callable
    model: str
    sequence: int = 10


@dataclass(slots=True)
class Row:
    """A row of a sheet on its way.

    ``values`` holds what its cells say by column, those that say something alone, ``cells`` the cells as they are. ``state`` is
    ``new``, ``update``, ``same`` (nothing changes), or ``bad``, with ``column`` and ``reason``. ``vals`` is what the kind keeps
    of its plan, ``notes`` what was taken otherwise than it stands there.
    """

    number: int
    values: dict = field(default_factory=dict)
    cells: dict = field(default_factory=dict)
    customer: int | None = None
    record: int | None = None
    state: str = 'new'
    column: str = ''
    reason: str = ''
    vals: Any = None
    notes: list = field(default_factory=list)

    def refuse(self, column, reason):
        """Leave this row out.

        :param str column: technical name of the column that is to blame, '' for none
        :param str reason: a sentence
        :return: this row
        """
        if self.state != 'bad':
            self.state, self.column, self.reason = 'bad', column, reason
        return self


def kept_value(record, name):
    """Return the value of a field as JSON keeps it."""
    field = record._fields[name]
    if field.type in ('one2many', 'many2many'):
        return sorted(record[name].ids)
    value = field.convert_to_write(record[name], record)
    if isinstance(value, date):  # a moment, too
        return field.to_string(value)
    return str(value) if isinstance(value, str) else value or False


class Trace:
    """What some rows did to records (REP-5): those that they made, by model, and of those that they changed what was there before
    and what is since."""

    def __init__(self):
        self.made = {}
        self.changed = []

    def make(self, records):
        """Note records that were made.

        :return: these
        """
        self.made.setdefault(records._name, []).extend(records.ids)
        return records

    def change(self, record, values):
        """Change a record, and note what was there before.

        :param dict values: by name
        :return: what writing it returns
        """
        return self.watch(record, values, lambda: record.write(values))

    def watch(self, records, names, act):
        """Do something to records, and note what it changes.

        :param names: of the fields that it may change
        :param act: function without parameters
        :return: what it returns
        """
        before = {record: {name: kept_value(record, name) for name in names} for record in records}
        result = act()
        for record, values in before.items():
            after = {name: kept_value(record, name) for name in names}
            if differs := [name for name in names if values[name] != after[name]]:
                self.changed.append({
                    'model': record._name, 'id': record.id, 'before': {name: values[name] for name in differs},
                    'after': {name: after[name] for name in differs}})
        return result


class CustomerImportKind(models.AbstractModel):
    """The catalogue of sheets that can be loaded (REP-5): each wing adds its own in its ``customer_import_kind.py``.

    A kind plans before it writes. Its plan asks for all rows at once what is there already, says of each row what becomes of it,
    and changes nothing; so a preview is the truth, and a row that is refused leaves nothing behind. A file that is loaded again
    finds its rows by their key.
    """

    _name = 'customer.import.kind'
    _description = "Kinds of Sheets"

    @api.model
    def _kinds(self):
        """Return the kinds of sheets, by technical name.

        :rtype: dict[str, Kind]
        """
        return {}

    @api.model
    def _ordered(self):
        """Return the kinds of sheets as pairs of technical name and label, for a selection."""
        kinds = sorted(self._kinds().items(), key=lambda item: item[1].sequence)
        return [(name, kind.label) for name, kind in kinds]

    @api.model
    def _columns_of_customer(self):
        """Return the columns by which the customer of a row is found; of every kind, and first."""
        return {
            'number': Column(self.env._("Customer number")),
            'customer': Column(self.env._("Customer")),
            'firm': Column(self.env._("Company of the contact")),
            'person': Column(self.env._("Contact person")),
            'phone': Column(self.env._("Phone"), type='phone'),
            'email': Column(self.env._("Email"), type='email'),
        }

    @api.model
    def _user_choices(self, selection):
        """Return the values of a selection field with their names.

        :param selection: the field, as ``model._fields[name]``
        """
        return dict(selection._description_selection(self.env))
