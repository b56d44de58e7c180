import hashlib
import json
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..platform.local_text import bracketed
from .customer_import_kind import QUIETLY, kept_value

#: So many records are removed at a time.
BATCH = 500

#: Fields of a record that say nothing about what somebody did with it.
NOT_LOOKED_AT = ('message_', 'activity_', 'website_message_')


class Look(NamedTuple):
    """What comes of taking a load back.

    :param removed: records that go, by model, those first that nothing of the others needs
    :param restored: values that come back, by model and id
    :param stays: why records stay as they are, by model and id
    """

    removed: dict[str, list[int]]
    restored: dict[tuple[str, int], dict]
    stays: dict[tuple[str, int], str]


class CustomerImportUndoer(models.AbstractModel):
    """Takes back what a sheet brought, as far as nothing was done with it since (REP-5).

    What was made goes where it still says what the sheet said, and nobody has written of it, planned for it, sold to it: that is
    asked of every table that refers to it, so that what another addon hangs on a record counts as well. What the addon made of it
    by itself goes along. Of what was changed each value comes back that is still the loaded one.
    """

    _name = 'customer.import.undoer'
    _description = "Takes Sheets Back"

    # ------------------------------------------------------------
    # WHILE LOADING
    # ------------------------------------------------------------

    @api.model
    def _marks(self, model, ids):
        """Return by what it is seen later whether somebody changed records, by id.

        :rtype: dict[int, str]
        """
        records = self.env[model].sudo().with_context(active_test=False).browse(ids)  # what people may not see can change, too
        names = [name for name, field in records._fields.items() if self._is_looked_at(name, field)]
        records.fetch([name for name in names if records._fields[name].type not in ('one2many', 'many2many')])
        return {record.id: hashlib.blake2b(json.dumps(
            [kept_value(record, name) for name in names], default=str).encode(), digest_size=9).hexdigest() for record in records}

    @api.model
    def _is_looked_at(self, name, field):
        """Return whether what people do with a record shows in a field."""
        if not field.store or field.type in ('one2many', 'binary', 'json', 'properties') or name.startswith(NOT_LOOKED_AT):
            return False
        return name in ('state', 'active') or not field.readonly and not field.related

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    @api.model
    def _look(self, record):
        """Return what comes of taking a load back; nothing is written.

        :param record: customer.import
        :rtype: Look
        """
        made, marks, changed = self._read_traces(record)
        stays = {}
        for model, ids in made.items():
            now = self._marks(model, ids)
            stays.update({(model, one): self.env._("it was changed since") for one in ids if now[one] != marks[model][str(one)]})
        while True:
            found = self._touched(record, made, stays)
            if not found.keys() - stays.keys():
                break
            stays = {**found, **stays}
        removed = {model: [one for one in sorted(ids, reverse=True) if (model, one) not in stays]
                   for model, ids in reversed(made.items())}
        restored = self._still_loaded(changed, stays)
        return Look({model: ids for model, ids in removed.items() if ids}, restored, stays)

    @api.model
    def _read_traces(self, record):
        """Return what a load made, by what it was seen that it is as it was loaded, and what it changed; of what is still there.

        :return: ids by model; marks by model and id; by model and id the value before and after of each field
        :rtype: tuple[dict, dict, dict]
        """
        made, marks, changed = {}, {}, {}
        for trace in record.sudo().part_ids.sorted('id'):  # kept by the addon
            for model, ids in (trace.made or {}).items():
                made.setdefault(model, []).extend(ids)
            for model, of_model in (trace.marks or {}).items():
                marks.setdefault(model, {}).update(of_model)
            for one in trace.changed or ():
                fields = changed.setdefault((one['model'], one['id']), {})
                for name, after in one['after'].items():
                    fields[name] = (fields[name][0] if name in fields else one['before'][name], after)
        there = {model: set(self._records(model, ids).exists().ids) for model, ids in made.items() if model in self.env}
        made = {model: [one for one in dict.fromkeys(made[model]) if one in found] for model, found in there.items()}
        own = {(model, one) for model, ids in made.items() for one in ids}
        # what a later row changed of what an earlier one made goes with it
        return made, marks, {key: fields for key, fields in changed.items() if key not in own and key[0] in self.env}

    @api.model
    def _records(self, model, ids):
        # whoever loaded a sheet takes back what it wrote, and nothing else
        return self.env[model].sudo().with_context(active_test=False, **QUIETLY).browse(ids)

    @api.model
    def _still_loaded(self, changed, stays):
        """Return the values that come back: those of which the loaded one still stands; whose don't are added to what stays."""
        restored = {}
        for (model, one), values in changed.items():
            record = self._records(model, one).exists()
            if not record:
                continue
            back = {name: before for name, (before, after) in values.items()
                    if name in record._fields and kept_value(record, name) == after}
            if back:
                restored[model, one] = back
            if len(back) < len(values):
                stays[model, one] = self.env._("it was changed since")
        return restored

    @api.model
    def _touched(self, record, made, stays):
        """Return the records with which somebody did something, and those that something needs that stays.

        :param made: ids by model
        :param stays: what stays already, by model and id
        :rtype: dict[tuple[str, int], str]
        """
        self.env.flush_all()
        found, tables = {}, {self.env[model]._table: model for model in made}
        for model, ids in made.items():
            if not ids:
                continue
            for table, column in self._references(self.env[model]._table):
                of_table = tables.get(table)
                kept = [one for one in made.get(of_table, ()) if (of_table, one) in stays]
                own = [one for one in made.get(of_table, ()) if (of_table, one) not in stays]
                for one in self._referred(record, table, column, ids, kept, own):
                    found.setdefault((model, one), self.env._("something else belongs to it by now"))
            for table, of_model in (('mail_message', 'model'), ('mail_activity', 'res_model'), ('ir_attachment', 'res_model')):
                rows = self.env.execute_query(SQL(
                    "SELECT DISTINCT t.res_id FROM %s t WHERE %s = %s AND t.res_id = ANY(%s) AND %s", SQL.identifier(table),
                    SQL.identifier('t', of_model), model, ids, self._by_people_sql(record, table)))
                for one, in rows:
                    found.setdefault((model, one), self.env._("somebody wrote or planned something there"))
        return found

    @api.model
    def _references(self, table):
        """Return which columns of which tables refer to a table, of those that say who wrote."""
        return self.env.execute_query(SQL(
            """SELECT t.relname, a.attname
                 FROM pg_constraint c
                 JOIN pg_class t ON t.oid = c.conrelid
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
                WHERE c.contype = 'f' AND c.confrelid = %s::regclass AND cardinality(c.conkey) = 1
                  AND 4 = (SELECT count(*) FROM pg_attribute w WHERE w.attrelid = c.conrelid AND NOT w.attisdropped
                              AND w.attname IN ('create_uid', 'create_date', 'write_uid', 'write_date'))
             ORDER BY 1, 2""", table))

    @api.model
    def _referred(self, record, table, column, ids, kept, own):
        """Return which of these ids a table refers to in rows that somebody made or changed, or that stay.

        :param kept: ids of its rows that the load made, and that stay
        :param own: ids of its rows that the load made, and that go
        """
        column = SQL.identifier('t', column)
        if table == record._table or not ids:
            return []
        return [one for one, in self.env.execute_query(SQL(
            """SELECT DISTINCT %(column)s FROM %(table)s t
                WHERE %(column)s = ANY(%(ids)s) AND NOT t.id = ANY(%(own)s) AND (t.id = ANY(%(kept)s) OR %(by_people)s)""",
            column=column, table=SQL.identifier(table), ids=ids, own=own, kept=kept,
            by_people=self._by_people_sql(record, table)))]

    @api.model
    def _by_people_sql(self, record, table):
        """Return whether a row was made or changed by somebody since a sheet was loaded, or meanwhile by somebody else. What the
        addon makes by night of what was loaded is nobody's."""
        automatic = table.startswith(('customer_', 'mail_')) or table == 'ir_attachment'
        return SQL(
            """(t.create_uid = %(loader)s AND t.create_date > %(loaded)s
                OR t.create_uid NOT IN (%(loader)s, %(robot)s) OR t.write_uid NOT IN (%(loader)s, %(robot)s)
                OR t.create_uid = %(robot)s AND (t.write_uid = %(loader)s OR NOT %(automatic)s))""",
            loader=record.create_uid.id, robot=SUPERUSER_ID if record.create_uid.id != SUPERUSER_ID else 0,
            loaded=record.loaded_at, automatic=automatic)

    # ------------------------------------------------------------
    # TAKING BACK
    # ------------------------------------------------------------

    @api.model
    def _take_back(self, record):
        """Take a load back.

        :param record: customer.import
        :return: what came of it
        :rtype: Look
        """
        look = self._look(record)
        routine, stays = self.env['customer.routine'], dict(look.stays)
        restored = {}
        for (model, one), values in look.restored.items():
            def refuse(error, key=(model, one)):
                stays[key] = self._say_error(error)
            record_back = self._records(model, one)
            if routine._attempt(lambda record_back=record_back, values=values: record_back.write(values), refuse):
                restored[model, one] = values
        self._restored(restored)
        removed = {}
        for model, ids in look.removed.items():
            def set_aside(one, error, model=model):
                if not self._archive(model, one):
                    stays[model, one] = self._say_error(error)
            for start in range(0, len(ids), BATCH):
                routine._by_halves(
                    ids[start:start + BATCH], lambda some, model=model: self._remove(self._records(model, some)), set_aside)
            removed[model] = [one for one in ids if (model, one) not in stays]
        return Look({model: ids for model, ids in removed.items() if ids}, restored, stays)

    @api.model
    def _remove(self, records):
        """Remove records that a load made; wings say what has to go before."""
        records.unlink()

    @api.model
    def _restored(self, restored):
        """Hear of values that came back, by model and id; for wings to fill in."""

    @api.model
    def _archive(self, model, one):
        """Put a record away that something holds on to, and return whether that can be done."""
        record = self._records(model, one)
        if 'active' not in record._fields or model.startswith('customer.'):
            return False
        return bool(self.env['customer.routine']._attempt(lambda: record.write({'active': False}), lambda error: False))

    @api.model
    def _say_error(self, error):
        return str(error) if isinstance(error, UserError) else self.env._("something holds on to it")

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    @api.model
    def _say(self, counts):
        """Return how many records of which kind, in words.

        :param counts: numbers by model
        """
        labels = self.env['ir.model'].sudo()  # what a model is called is no secret
        return [bracketed(self.env, labels._get(model).name, str(count)) for model, count in counts.items()]
