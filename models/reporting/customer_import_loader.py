import io
import logging
from collections import Counter
from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine import sheet_book, sheet_table
from ..base.customer_import_kind import Trace
from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: So many rows are loaded in one transaction.
BATCH = 500

#: More bad rows than this are only counted: such a sheet means something else than it is taken for.
LISTED = 20000

STATES = ('new', 'update', 'same', 'bad')


class CustomerImportLoader(models.AbstractModel):
    """Loads the rows of sheets: batch by batch, each row as a whole or not at all (REP-5)."""

    _name = 'customer.import.loader'
    _description = "Loads Sheets"

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _planned(self, record):
        """Return the rows of a sheet with what would become of them; nothing is written.

        :param record: customer.import
        :return: them, and what they settle together
        :rtype: tuple[list[Row], dict]
        """
        rows = self._rows_of(record)
        options = self._plan(record, rows)
        return rows, options['settled']

    @api.model
    def _rows_of(self, record):
        """Return the rows of a sheet."""
        return self.env['customer.import.reader']._rows(record._opened(), record._of_kind(), record._answers())

    @api.model
    def _plan(self, record, rows):
        """Decide what becomes of rows, and return with which options."""
        options = record._options()
        record._of_kind().plan([row for row in rows if row.state != 'bad'], options)
        return options

    @api.model
    def _counts(self, rows):
        """Return how many rows are new, changed, there already and left out, by the names of the fields."""
        counts = Counter(row.state for row in rows)
        return {f'{state}_count': counts[state] for state in STATES}

    @api.model
    def _keep_rows(self, record, rows, shown=0, replace=True):
        """Keep the rows that are left out, with the reason, and some of the others as they were understood.

        :param record: customer.import
        :param int shown: how many of the others
        :param replace: whether those that were kept before go
        """
        kept = self.env['customer.import.row'].sudo()  # made by the addon
        if replace:
            kept.search([('import_id', '=', record.id)]).unlink()
        kind, reader = record._of_kind(), self.env['customer.import.reader']
        room = LISTED - kept.search_count([('import_id', '=', record.id), ('state', '=', 'bad')])
        bad = [row for row in rows if row.state == 'bad'][:max(room, 0)]
        choices = reader._choices_of(kind)
        kept.create([{
            'import_id': record.id, 'number': row.number, 'state': 'bad', 'reason': row.reason,
            'column': kind.columns[row.column].label if row.column in kind.columns else False,
            'value': sheet_table.shown(row.cells.get(row.column))[:200], 'text': reader._describe(row, kind, choices),
        } for row in bad] + [{
            'import_id': record.id, 'number': row.number, 'state': row.state, 'reason': row.reason,
            'text': reader._describe(row, kind, choices),
        } for row in [row for row in rows if row.state != 'bad'][:shown]])

    # ------------------------------------------------------------
    # LOADING
    # ------------------------------------------------------------

    @api.model
    def _load(self, record):
        """Load a sheet to its end, within this transaction."""
        rows = self._rows_of(record)
        for start in range(0, len(rows), BATCH):
            self._load_batch(record, rows[start:start + BATCH])
        self._finish(record)

    @api.model
    def _cut(self, record):
        """Cut what is left of a sheet into parts, each of which is loaded by itself: to read a large file takes longer than to
        load a part of it, and nobody knows how many of them there is time for at once."""
        reader, opened = self.env['customer.import.reader'], record._opened()
        record._keep({'decided': reader._decided(opened, record._of_kind(), record._answers())})
        frozen, lines = self.env['customer.import.column']._frozen, opened.table.lines[record.done:]
        self.env['customer.import.part'].sudo().create([{  # made by the addon
            'import_id': record.id, 'waits': True,
            'lines': [[line.number, [frozen(cell) for cell in line.cells]] for line in lines[start:start + BATCH]],
        } for start in range(0, len(lines), BATCH)])

    @api.model
    def _next_part(self, record):
        """Return the part of a sheet that is to be loaded next."""
        parts = self.env['customer.import.part'].sudo()  # made by the addon
        return parts.search([('import_id', '=', record.id), ('waits', '=', True)], limit=1)

    @api.model
    def _load_part(self, record):
        """Load the next part of a sheet, and finish with the last.

        :return: how many rows were looked at
        """
        part = self._next_part(record)
        if not part and record.done < record.total:
            self._cut(record)  # it began to wait before sheets were cut
            part = self._next_part(record)
        rows = self.env['customer.import.reader']._rows_of_lines(record, part.lines or [])
        self._load_batch(record, rows, part)
        if not self._next_part(record):
            self._finish(record)
            self._tell(record)
        return len(rows)

    @api.model
    def _load_batch(self, record, rows, part=None):
        """Load some rows: decide anew what becomes of them, and write those that can be taken; who can't is named.

        :param part: customer.import.part that they are
        """
        self._plan(record, rows)
        kind, options = record._of_kind(), record._options()
        wanted = [row for row in rows if row.state in ('new', 'update')]
        begun = {id(row): (row.customer, row.record) for row in wanted}

        traces = []

        def write(some):
            for row in some:  # what an attempt before found was taken back
                row.customer, row.record = begun[id(row)]
            trace = Trace()
            kind.write(some, {**options, 'trace': trace})
            self.env.flush_all()
            traces.append(trace)

        self.env['customer.routine']._by_halves(wanted, write, self._set_aside)
        self._keep_trace(record, traces, part)
        self._keep_rows(record, rows, replace=False)
        record._keep({
            'done': record.done + len(rows),
            **{name: record[name] + count for name, count in self._counts(rows).items()}})

    @api.model
    def _keep_trace(self, record, traces, part):
        """Keep what a batch did, so that it can be taken back.

        :param traces: of what of it was written
        :param part: customer.import.part that it is; None: a new one
        """
        made, changed = {}, [one for trace in traces for one in trace.changed]
        for trace in traces:
            for model, ids in trace.made.items():
                made.setdefault(model, []).extend(ids)
        looked_at = {model: set(ids) for model, ids in made.items()}
        for one in changed:
            looked_at.setdefault(one['model'], set()).add(one['id'])
        values = {
            'waits': False, 'lines': False, 'made': made, 'changed': changed,
            'marks': {model: self.env['customer.import.undoer']._marks(model, sorted(ids)) for model, ids in looked_at.items()}}
        if part:
            part.write(values)
        else:
            self.env['customer.import.part'].sudo().create({'import_id': record.id, **values})  # made by the addon

    @api.model
    def _set_aside(self, row, error):
        """Name a row that can't be written, with the reason."""
        if isinstance(error, UserError):
            row.refuse('', str(error))
        else:
            _logger.warning("Row %s of a sheet can't be loaded", row.number, exc_info=error)
            row.refuse('', self.env._("This row can't be kept. Ask an administrator to look into the log of the server."))

    @api.model
    def _finish(self, record):
        record._keep({'state': 'done', 'loaded_at': fields.Datetime.now()})

    @api.model
    @in_company_zone
    def _cron_load(self):
        """Load the sheets that wait, one after the other, each with the rights and in the language of whoever loads it."""
        waiting = self.env['customer.import'].search([('state', '=', 'queued')], order='id')
        for record in waiting:
            with self.env['customer.run']._measure('import') as result:
                result['done'] = self._load_in_turn(record)

    @api.model
    def _load_in_turn(self, record):
        """Load a sheet, batch by batch, until it is done or the time of the action is up.

        :return: how many rows were looked at
        """
        own, before = self._as_loader(record), record.done
        loader = own.env['customer.import.loader']

        def work():
            if not own.try_lock_for_update():
                return 0
            own.invalidate_recordset(['done', 'state'])
            if own.state != 'queued':
                return 0
            return loader._load_part(own)

        def remaining():
            own.invalidate_recordset(['done', 'state'])
            return own.total - own.done if own.state == 'queued' else 0

        try:
            self.env['customer.routine']._repeat(work, remaining)
        except UserError as error:
            self.env.cr.rollback()
            own._keep({'state': 'preview', 'problem': str(error)})
        return own.done - before

    @api.model
    def _tell(self, record):
        """Tell whoever loads a sheet that it is done, where the browser is open."""
        record.create_uid.sudo()._bus_send('simple_notification', {  # a user of its own doesn't write on the bus
            'type': 'success', 'message': self.env._(
                "%(file)s is loaded: %(counts)s", file=record.display_name, counts=record._say_counts())})

    @api.model
    def _as_loader(self, record):
        """Return a sheet as whoever loads it sees it: nothing is loaded with more rights than that one has."""
        user = record.create_uid
        return record.with_user(user).with_context(
            lang=user.lang, tz=user.tz, allowed_company_ids=[
                record.company_id.id, *(user.company_ids - record.company_id).ids])

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    @api.model
    def _workbook(self):
        """Return an empty workbook in memory, and where it is written to."""
        import xlsxwriter  # noqa: PLC0415  as Odoo itself does, where a workbook is made
        stream = io.BytesIO()
        return xlsxwriter.Workbook(stream, {'in_memory': True, 'default_date_format': 'yyyy-mm-dd'}), stream

    @api.model
    def _put(self, sheet, row, column, value, style=None):
        """Write a cell; a text stays a text, whatever it begins with."""
        if isinstance(value, sheet_book.Broken):
            value = value.code
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, style)
        elif isinstance(value, bool) or isinstance(value, time):
            sheet.write_string(row, column, sheet_table.shown(value), style)
        elif isinstance(value, int | float) and abs(value) < 1e15:
            sheet.write_number(row, column, value, style)
        elif value is not None:
            sheet.write_string(row, column, str(value), style)
        else:
            sheet.write_blank(row, column, None, style)

    @api.model
    def _template(self, kind):
        """Return a workbook with the headings of a kind of sheet, and a row that shows how they are filled in."""
        book, stream = self._workbook()
        bold, grey = book.add_format({'bold': True, 'bg_color': '#E7E9ED'}), book.add_format({'font_color': '#888888'})
        sheet = book.add_worksheet(kind.label[:31].translate(str.maketrans('[]:*?/\\', '       ')))
        shown = {'firm'}
        columns = [(key, column) for key, column in kind.columns.items() if key not in shown]
        for place, (key, column) in enumerate(columns):
            sheet.write_string(0, place, f'{column.label} *' if column.required else column.label, bold)
            sheet.set_column(place, place, 18)
            # a row that begins so is left out when the sheet is loaded
            text = 'Example' if place == 0 else self._example(key, column)
            sheet.write_string(1, place, text, grey)
            if column.type == 'phone':
                sheet.set_column(place, place, 18, book.add_format({'num_format': '@'}))
        sheet.freeze_panes(1, 0)
        book.close()
        return stream.getvalue()

    @api.model
    def _example(self, key, column):
        if column.type in ('day', 'moment', 'birthday'):
            return '2026-03-31'
        if column.type == 'goals':
            return '\n'.join(f'{name} 80 / 75' for name in list(column.choices(self.env['customer.import.kind']).values())[:2])
        if column.type == 'choice':
            return ' / '.join(column.choices(self.env['customer.import.kind']).values())
        return {'person': self.env.user.name, 'phone': '+86 21 5555 0123', 'number': '90', 'email': 'name@example.com'}.get(
            column.type, '')

    @api.model
    def _marked(self, record):
        """Return a workbook with the rows that were left out: the cell to blame in red, and the reason at the end of its row.
        What is corrected in it can be loaded."""
        opened, kind = record._opened(), record._of_kind()
        rows = {row.number: row for row in record.bad_ids}
        keys = {column.label: key for key, column in kind.columns.items()}
        book, stream = self._workbook()
        bold = book.add_format({'bold': True, 'bg_color': '#E7E9ED'})
        red = book.add_format({'bg_color': '#F8C9C4'})
        red_day = book.add_format({'bg_color': '#F8C9C4', 'num_format': 'yyyy-mm-dd'})
        sheet = book.add_worksheet()
        labels = [*opened.table.labels, self.env._("Row"), self.env._("Why it was left out")]
        for place, label in enumerate(labels):
            sheet.write_string(0, place, label, bold)
            sheet.set_column(place, place, 16 if place < len(labels) - 1 else 70)
        for line_number, line in enumerate((line for line in opened.table.lines if line.number in rows), 1):
            row = rows[line.number]
            blamed = opened.places.get(keys.get(row.column))
            for place, cell in enumerate(line.cells):
                style = (red_day if isinstance(cell, datetime) else red) if place == blamed else None
                self._put(sheet, line_number, place, cell, style)
            sheet.write_number(line_number, len(labels) - 2, line.number)
            sheet.write_string(line_number, len(labels) - 1, row.reason or '', red)
        sheet.freeze_panes(1, 0)
        book.close()
        return stream.getvalue()
