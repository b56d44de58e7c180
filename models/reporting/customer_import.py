import base64
import json
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...engine import sheet_table
from ..platform.counted import hours as counted_hours
from ..platform.counted import plural
from ..platform.local_text import bracketed, listed
from ..platform.locks import wait_for_update
from .customer_import_reader import Opened

#: A file with more rows than this is loaded by the scheduled action, with progress.
AT_ONCE = 300

#: So many rows that can be taken are shown as they were understood; of those that can't, all.
SHOWN = 30

#: So many cells of a column are shown.
SAMPLES = 3

#: So many records that stay are named.
NAMED = 20

STEPS = [
    ('file', "File"), ('columns', "Columns"), ('questions', "Questions"), ('preview', "Preview"), ('queued', "Loading"),
    ('done', "Done"), ('undone', "Taken back")]


class CustomerImport(models.Model):
    """A sheet on its way into the addon, and afterwards the record of what came of it (REP-5).

    Whoever works with customers may load what is about them: a salesperson the own customers, a team leader those of the team,
    a manager all. A row about somebody else's customer is left out, with whom to ask. Nothing is written before the last step,
    and a row is either taken as a whole or named.
    """

    _name = 'customer.import'
    _description = "Load a Sheet"
    _inherit = ['customer.guarded']
    _order = 'id desc'

    name = fields.Char(string="File Name")
    kind = fields.Selection(selection='_selection_kind', string="Kind of Sheet", required=True, default='followups')
    hint = fields.Char(string="What Becomes of It", compute='_compute_hint')
    file = fields.Binary(attachment=True, copy=False, help="XLSX, XLS or CSV, as it is.")
    state = fields.Selection(selection=STEPS, string="Where It Is", required=True, readonly=True, default='file', copy=False)
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, readonly=True, default=lambda self: self.env.company)
    # the sheet
    sheet_id = fields.Many2one(
        comodel_name='customer.import.option', string="Sheet of the File",
        domain="[('import_id', '=', id), ('question_id', '=', False)]",
        copy=False, ondelete='set null')
    sheet_ids = fields.One2many(
        comodel_name='customer.import.option', inverse_name='import_id', string="Sheets", domain=[('question_id', '=', False)])
    sheet_count = fields.Integer(readonly=True)
    header = fields.Integer(string="Row With Headings", copy=False, help="0: it is looked for.")
    with_hidden = fields.Boolean(string="Hidden Rows, Too", default=True, help="Also those that a filter hides.")
    date1904 = fields.Boolean(readonly=True, copy=False)
    signature = fields.Char(readonly=True, copy=False)
    note = fields.Char(string="About the Sheet", readonly=True, copy=False)
    column_ids = fields.One2many(comodel_name='customer.import.column', inverse_name='import_id', string="Columns")
    question_ids = fields.One2many(comodel_name='customer.import.question', inverse_name='import_id', string="Questions")
    missing = fields.Selection(
        selection=[('refuse', "Leave the rows out"), ('create', "Take them under care as new customers")],
        string="Customers That Are Not There", default='refuse', required=True)
    same_phone = fields.Selection(
        selection=[('other', "Leave the row out"), ('same', "It is the same customer")],
        string="Known Phone With Another Name", default='other', required=True)
    # what comes of it
    row_ids = fields.One2many(comodel_name='customer.import.row', inverse_name='import_id', string="Rows")
    bad_ids = fields.One2many(
        comodel_name='customer.import.row', inverse_name='import_id', string="Rows Left Out", domain=[('state', '=', 'bad')])
    taken_ids = fields.One2many(
        comodel_name='customer.import.row', inverse_name='import_id', string="First Rows, as They Were Understood",
        domain=[('state', '!=', 'bad')])
    total = fields.Integer(string="Rows in the Sheet", readonly=True, copy=False)
    done = fields.Integer(string="Rows Looked At", readonly=True, copy=False)
    progress = fields.Integer(string="Progress (%)", compute='_compute_progress', aggregator=None)
    new_count = fields.Integer(string="New Rows", readonly=True, copy=False)
    update_count = fields.Integer(string="Changed Rows", readonly=True, copy=False)
    same_count = fields.Integer(string="There Already", readonly=True, copy=False)
    bad_count = fields.Integer(string="Left Out", readonly=True, copy=False)
    summary = fields.Char(compute='_compute_summary')
    decided = fields.Json(
        string="Answers for All Rows", readonly=True, copy=False, help="What was answered, and what all rows decide together.")
    settled = fields.Json(
        string="Settled by All Rows", readonly=True, copy=False,
        help="What all rows settle together: which of several tiers holds.")
    started_at = fields.Datetime(readonly=True, copy=False)
    loaded_at = fields.Datetime(string="Loaded On", readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help="Why loading stopped.")
    # what can be downloaded
    template = fields.Binary(string="Template to Fill In", compute='_compute_files', attachment=False)
    marked = fields.Binary(string="Rows Left Out, Marked", compute='_compute_files', attachment=False)
    # taking it back
    part_ids = fields.One2many(
        comodel_name='customer.import.part', inverse_name='import_id', groups='customer_success.group_customer_success_manager')
    may_undo = fields.Boolean(compute='_compute_may_undo')
    undone_at = fields.Datetime(string="Taken Back On", readonly=True, copy=False)
    undone_by_id = fields.Many2one(
        comodel_name='res.users', string="Taken Back By", readonly=True, copy=False, ondelete='set null')
    undone_note = fields.Text(string="What Was Taken Back", readonly=True, copy=False)

    _queued_idx = models.Index("(id) WHERE state = 'queued'")

    @api.model
    def _selection_kind(self):
        return self.env['customer.import.kind']._ordered()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('name', 'kind')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.name or record._of_kind().label

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_hint(self):
        for record in self:
            record.hint = record._of_kind().hint if record.kind else False

    @api.depends('done', 'total')
    def _compute_progress(self):
        for record in self:
            record.progress = 100 * record.done // record.total if record.total else 0

    @api.depends('new_count', 'update_count', 'same_count', 'bad_count', 'state')
    @api.depends_context('lang')
    def _compute_summary(self):
        for record in self:
            record.summary = record.state in ('preview', 'queued', 'done', 'undone') and record._say_counts()

    def _say_counts(self):
        """Return what becomes, or became, of the rows."""
        counts = [
            (self.new_count, self.env._("%(count)s new", count=self.new_count)),
            (self.update_count, self.env._("%(count)s changed", count=self.update_count)),
            (self.same_count, self.env._("%(count)s there already", count=self.same_count)),
            (self.bad_count, self.env._("%(count)s left out", count=self.bad_count))]
        return listed(self.env, [text for count, text in counts if count]) or self.env._("no row")

    @api.depends_context('lang')
    @api.depends('kind', 'state')
    def _compute_files(self):
        writer = self.env['customer.import.loader']
        for record in self:
            record.template = base64.b64encode(writer._template(record._of_kind()))
            record.marked = base64.b64encode(writer._marked(record)) if record.bad_count and record.file else False

    def _of_kind(self):
        """Return what kind of sheet it is."""
        return self.env['customer.import.kind']._kinds()[self.kind or 'followups']

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        names = {
            'name', 'kind', 'file', 'sheet_id', 'header', 'with_hidden', 'column_ids', 'question_ids', 'missing', 'same_phone'}
        return names if all(record.state not in ('queued', 'done', 'undone') for record in self) else set()

    def _say_kept(self, names):
        return self.env._(
            "%(names)s of a sheet can't be written: what was loaded stays as it was. Load another one.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._guard(vals)
            self._check_content(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._guard(vals)
        self._check_content(vals)
        return super().write(vals)

    @api.model
    def _check_content(self, vals):
        """Refuse a content that is none of a file, before anything tries to keep it."""
        try:
            base64.b64decode(vals.get('file') or b'')
        except (ValueError, TypeError) as error:
            raise UserError(self.env._(
                "This file can't be read. Open it in your spreadsheet program, and save it as Excel (XLSX).")) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_loading(self):
        if self.filtered(lambda record: record.state == 'queued'):
            raise UserError(self.env._("This sheet is being loaded. Wait until it is done."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_read(self):
        """Read the file: its sheets, the heading, and what its columns may mean."""
        self._begin_step('file', 'columns', 'questions', 'preview')
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        reader = self.env['customer.import.reader']
        book = reader._book(self._data())
        if not self.sheet_id or self.sheet_count != len(book.sheets):
            self._offer_sheets(book, reader)
        table = reader._table_of(self._sheet_of(book), self.kind, self.header, self.with_hidden)
        self._offer_columns(table, reader._signature(table))
        self._keep({
            'state': 'columns', 'date1904': book.date1904, 'header': table.header, 'total': len(table.lines),
            'note': self._say_table(book, table)})
        return self._reopen()

    def action_read_again(self):
        """Read the file anew, as it was chosen: another sheet, another row with the headings."""
        return self.action_read()

    def action_other_sheet(self):
        """Look for the headings of the chosen sheet."""
        self._begin_step('columns')
        self.header = 0
        return self.action_read()

    def action_ask(self):
        """Ask what the columns leave open; where they leave nothing open, show what would become of the rows."""
        self._begin_step('columns', 'questions', 'preview')
        self._check_columns()
        opened, known = self._opened(), self.env['customer.import.profile']._of(self.kind, self.signature).answers or {}
        self.question_ids.sudo().unlink()  # made by the addon
        for place, values in enumerate(self.env['customer.import.reader']._questions(opened, self._of_kind()), 1):
            self._ask(values, place, known)
        if not self.question_ids and not self._may_be_missing():
            return self.action_preview()
        self._keep({'state': 'questions'})
        return self._reopen()

    def action_preview(self):
        """Show what would become of each row; nothing is written yet."""
        self._begin_step('columns', 'questions', 'preview')
        loader = self.env['customer.import.loader']
        self._remember()
        if not self.env['customer.import.finder']._is_ready():
            self._keep({'problem': self.env._(
                "Many customers came at once, and nobody could find them by name yet. That is being done now and takes some "
                "minutes. Then go on here.")})
            return self._reopen()
        rows, settled = loader._planned(self)
        loader._keep_rows(self, rows, shown=SHOWN)
        self._keep({'state': 'preview', 'settled': settled, 'problem': False, **loader._counts(rows)})
        return self._reopen()

    def _start_of_loading(self):
        """Return when loading begins: after all that was loaded before, also within the same second. What stands in the database
        with this moment was brought by this sheet itself."""
        last = self.sudo().search([('started_at', '!=', False)], order='started_at desc', limit=1)  # whoever loaded it
        now = fields.Datetime.now()
        return max(now, last.started_at + timedelta(seconds=1)) if last else now

    def action_load(self):
        """Load the rows that can be taken: at once, or where there are many by the scheduled action."""
        self._begin_step('preview')
        if not self.new_count + self.update_count:
            raise UserError(self.env._("There is nothing to load: no row is new or says something else than before."))
        self.row_ids.sudo().unlink()  # made by the addon
        self._keep({
            'state': 'queued', 'started_at': self._start_of_loading(), 'done': 0, 'problem': False,
            **dict.fromkeys(('new_count', 'update_count', 'same_count', 'bad_count'), 0)})
        if self.total > AT_ONCE:
            self.env['customer.import.loader']._cut(self)
            self.env.ref('customer_success.ir_cron_import')._trigger()
        else:
            self.env['customer.import.loader']._load(self)
        return self._reopen()

    def action_back(self):
        """Go back a step."""
        self._begin_step('columns', 'questions', 'preview')
        before = {'columns': 'file', 'questions': 'columns', 'preview': 'questions' if self.question_ids else 'columns'}
        self._keep({'state': before[self.state]})
        return self._reopen()

    def action_refresh(self):
        """Look how far it is."""
        self._customer_one()
        return self._reopen()

    def action_again(self):
        """Begin with another file of the same kind, like the corrected one."""
        self._customer_one()
        return self.create({'kind': self.kind})._reopen()

    def action_template(self):
        """Download a sheet with the headings to fill in."""
        self._customer_one()
        return self._download('template', self.env._("%(kind)s.xlsx", kind=self._of_kind().label))

    def action_marked(self):
        """Download the rows that were left out, with a mark where the reason is."""
        self._customer_one()
        if not self.bad_count:
            raise UserError(self.env._("No row was left out."))
        return self._download('marked', self.env._("Left out of %(file)s.xlsx", file=(self.name or '').rpartition('.')[0]))

    def action_view_records(self):
        """Open what this sheet is loaded into."""
        self._customer_one()
        action = {'res.partner': 'res_partner_action_customers', 'customer.followup': 'customer_followup_action',
                  'customer.case': 'customer_case_action',
                  'customer.strategy.adjustment': 'customer_strategy_adjustment_action'}[self._of_kind().model]
        return self.env['ir.actions.act_window']._for_xml_id(f'customer_success.{action}')

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _begin_step(self, *states):
        """Begin a step, where the sheet is at one of these."""
        self._customer_one()
        self.check_access('write')
        if self.state not in states:
            raise UserError(self.env._("This sheet is further already. Reload the page to see what became of it."))

    def _data(self):
        return base64.b64decode(self.with_context(bin_size=False).file or b'')

    def _sheet_of(self, book):
        """Return the chosen sheet of a file."""
        place = int(self.sheet_id.value or 0)
        return book.sheets[place if place < len(book.sheets) else 0]

    def _opened(self):
        """Return the chosen sheet, read again, with what its columns mean."""
        reader = self.env['customer.import.reader']
        book = reader._book(self._data())
        table = reader._table_of(self._sheet_of(book), self.kind, self.header, self.with_hidden)
        return Opened(table, book.date1904, {
            key: place for key, place in self._places().items() if place < len(table.labels)})

    def _places(self):
        """Return the place of each meaning."""
        return {column.meaning_id.key: column.sequence - 1 for column in self.column_ids if column.meaning_id}

    def _offer_sheets(self, book, reader):
        """Offer the sheets of a file; proposed is the first one that has a table."""
        options = self.env['customer.import.option'].sudo()  # made by the addon
        options.search([('import_id', '=', self.id), ('question_id', '=', False)]).unlink()
        made = options.create([{
            'import_id': self.id, 'value': str(place),
            'name': self.env._("%(sheet)s (hidden)", sheet=sheet.name) if sheet.hidden else sheet.name or self.name or '1',
        } for place, sheet in enumerate(book.sheets)])
        best = made[:1]
        for option, sheet in zip(made, book.sheets, strict=True):
            try:
                reader._table_of(sheet, self.kind, 0, self.with_hidden)
            except UserError:
                continue
            best = option
            break
        self._keep({'sheet_id': best.id, 'sheet_count': len(made), 'header': 0})

    def _offer_columns(self, table, signature):
        """Propose what the columns mean: as it was said of such a sheet before, else by their headings."""
        words, columns = self.env['customer.import.word'], self.env['customer.import.column'].sudo()  # made by the addon
        self.column_ids.sudo().unlink()  # as above
        known = self.env['customer.import.profile']._of(self.kind, signature).columns
        proposed = self._proposed(table, known)
        by_key = {word.key: word.id for word in words.search([('value', '=', False)])}
        columns.create([{
            'import_id': self.id, 'sequence': place + 1, 'name': label, 'meaning_id': by_key.get(proposed[place]),
            'samples': self._samples(table, place),
        } for place, label in enumerate(table.labels) if label or self._samples(table, place)])
        self._keep({'signature': signature})

    def _proposed(self, table, known):
        """Return what each column is proposed to mean."""
        if known is not None and known is not False:
            return [known.get(label) for label in table.labels]
        return sheet_table.match(table.names, self.env['customer.import.word']._headings(self.kind))

    def _samples(self, table, place):
        """Return the first different cells of a column, as JSON keeps them."""
        found = []
        for line in table.lines[:200]:
            value = self.env['customer.import.column']._frozen(line.cells[place])
            if value not in (None, '') and value not in found:
                found.append(value if not isinstance(value, str) else value[:80])
                if len(found) == SAMPLES:
                    break
        return json.loads(json.dumps(found))

    def _say_table(self, book, table):
        """Return what was found in the sheet, and what was left out of it."""
        skipped = table.skipped
        parts = [plural(len(table.lines), self.env._("1 row"), self.env._("%(count)s rows", count=len(table.lines)))]
        if book.encoding and not book.encoding.startswith('utf-8'):
            parts.append(self.env._("read as %(encoding)s", encoding=book.encoding.upper()))
        if book.kind == 'html':
            parts.append(self.env._("a web page under the name of a workbook"))
        if skipped['sum']:
            parts.append(self.env._("%(count)s with sums left out", count=skipped['sum']))
        if skipped['section'] + skipped['repeated'] + skipped['example']:
            parts.append(self.env._("%(count)s with titles left out", count=(
                skipped['section'] + skipped['repeated'] + skipped['example'])))
        if skipped['hidden']:
            parts.append(self.env._("%(count)s hidden left out", count=skipped['hidden']))
        return listed(self.env, parts)

    def _check_columns(self):
        """Refuse columns of which one is missing, or two mean the same."""
        kind, keys = self._of_kind(), [column.meaning_id.key for column in self.column_ids if column.meaning_id]
        if twice := {kind.columns[key].label for key in keys if keys.count(key) > 1}:
            raise ValidationError(self.env._(
                "Two columns mean %(what)s. Leave one of them empty.", what=listed(self.env, sorted(twice))))
        missing = [column.label for key, column in kind.columns.items() if column.required and key not in keys]
        if not {'number', 'customer', 'firm', 'person'} & set(keys):
            missing.insert(0, kind.columns['customer'].label)
        if missing:
            raise ValidationError(self.env._(
                "No column means %(what)s. Choose the one that does, or add it to the sheet.", what=listed(self.env, missing)))

    def _ask(self, values, place, known):
        """Keep a question, with the answer that was given to it before, or that is likely."""
        options = values.pop('options')
        proposed = values.pop('proposed')
        question = self.env['customer.import.question'].sudo().create({  # made by the addon
            'import_id': self.id, 'sequence': place, **values})
        made = self.env['customer.import.option'].sudo().create([{  # as above
            'import_id': self.id, 'question_id': question.id, 'value': value, 'name': name} for value, name in options])
        answer = str(known.get(question._key()) or proposed or '')
        if question.kind == 'person':
            question.user_id = self.env['res.users'].sudo().browse(int(answer or 0)).exists().id  # as above
        else:
            question.option_id = made.filtered(lambda option: option.value == answer)[:1]

    def _answers(self):
        """Return what was answered, by question."""
        return {question._key(): question._answer() for question in self.question_ids if question._answer()}

    def _options(self):
        """Return what was decided about customers that are not there."""
        return {
            'missing': self.missing, 'phone': self.same_phone, 'started': self.started_at or self._start_of_loading(),
            'sheet': self.display_name, 'loading': self.state == 'queued',
            'settled': dict(self.settled or {}) if self.state == 'queued' else {}}

    def _may_be_missing(self):
        """Return whether it has to be said what becomes of customers that nobody knows."""
        return self.kind in ('followups', 'birthdays', 'cases', 'customers')

    def _remember(self):
        """Keep for the next such sheet what was said about this one."""
        self.env['customer.import.profile']._remember(self.kind, self.signature, {
            'name': self.name or self._of_kind().label,
            'headings': listed(self.env, [column.name for column in self.column_ids if column.name])[:250],
            'columns': {column.name: column.meaning_id.key for column in self.column_ids if column.name and column.meaning_id},
            'answers': self._answers()})

    def _download(self, name, file_name):
        return {
            'type': 'ir.actions.act_url', 'target': 'download',
            'url': f'/web/content/customer.import/{self.id}/{name}?download=true&filename={file_name}'}

    def _reopen(self):
        """Show the record as it is now."""
        return {
            'type': 'ir.actions.act_window', 'name': self._description, 'res_model': self._name, 'res_id': self.id,
            'views': [(False, 'form')], 'target': 'current', 'context': {'customer_import_kind': self.kind}}

    # ------------------------------------------------------------
    # TAKING IT BACK
    # ------------------------------------------------------------

    @api.depends('state', 'loaded_at', 'create_uid')
    @api.depends_context('uid')
    def _compute_may_undo(self):
        hours = self._back_hours()
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=hours)
        manager = self.env.user.has_group('customer_success.group_customer_success_manager')
        for record in self:
            record.may_undo = hours > 0 and record.state == 'done' and bool(record.loaded_at) and record.loaded_at >= since and (
                manager or record.create_uid == self.env.user)

    @api.model
    def _back_hours(self):
        """Return for how many hours a sheet can be taken back; 0: not at all."""
        return self.env['res.config.settings']._customer_success('import_back_hours')

    def action_undo(self):
        """Open the dialog that says what comes of taking this sheet back."""
        self._customer_one()
        self._check_may_undo()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Take Back"), 'res_model': 'customer.import.undo',
            'views': [(False, 'form')], 'target': 'new', 'context': {'default_import_id': self.id}}

    def _check_may_undo(self):
        """Refuse to take back what is none of the user's, was never loaded, or was loaded too long ago."""
        self.ensure_one()
        self.check_access('read')
        if self.state == 'undone':
            raise UserError(self.env._("“%(sheet)s” was taken back already.", sheet=self.display_name))
        if self.state != 'done':
            raise UserError(self.env._(
                "“%(sheet)s” is not loaded yet, so there is nothing to take back.", sheet=self.display_name))
        if self.may_undo:
            return
        if self.create_uid != self.env.user and not self.env.user.has_group('customer_success.group_customer_success_manager'):
            raise AccessError(self.env._(
                "“%(sheet)s” was loaded by a colleague. That one, or a manager, can take it back.", sheet=self.display_name))
        if not self._back_hours():
            raise UserError(self.env._(
                "“%(sheet)s” can't be taken back: the settings let no loaded sheet be taken back. Change or remove by hand what "
                "is wrong.", sheet=self.display_name))
        raise UserError(self.env._(
            "“%(sheet)s” can't be taken back any more: that can be done within %(hours)s. Change or remove by hand what is "
            "wrong.", sheet=self.display_name, hours=counted_hours(self.env, self._back_hours())))

    def _undo(self):
        """Take this sheet back, as far as nothing was done with its rows since."""
        self._check_may_undo()
        own = self.sudo()  # what the sheet wrote is removed, whoever's it is by now; who may is checked above
        wait_for_update(own, allow_referencing=True)
        own.invalidate_recordset(['state'])
        self._check_may_undo()
        look = self.env['customer.import.undoer']._take_back(self)
        self._keep({
            'state': 'undone', 'undone_at': fields.Datetime.now(), 'undone_by_id': self.env.uid,
            'undone_note': "\n".join(filter(None, self._say_look(look, done=True)))})
        own.part_ids.unlink()

    def _say_look(self, look, done=False):
        """Return in sentences what goes, what comes back and what stays.

        :param look: of ``customer.import.undoer``
        :param bool done: it is told of afterwards
        :return: the three, '' for nothing
        :rtype: tuple[str, str, str]
        """
        undoer = self.env['customer.import.undoer']
        goes = undoer._say({model: len(ids) for model, ids in look.removed.items()})
        back = undoer._say(Counter(model for model, __ in look.restored))
        stays = [
            bracketed(self.env, undoer._records(model, one).display_name, reason)
            for (model, one), reason in list(look.stays.items())[:NAMED]]
        if (more := len(look.stays) - NAMED) > 0:
            stays.append(self.env._("… and %(count)s more", count=more))
        own = self.env
        values = {'goes': listed(own, goes), 'back': listed(own, back), 'count': len(look.stays), 'records': "\n".join(stays)}
        told = (
            own._("Removed: %(goes)s", **values), own._("Put back as it was: %(back)s", **values),
            own._("Stayed (%(count)s):\n%(records)s", **values),
        ) if done else (
            own._("Goes: %(goes)s", **values), own._("Is as it was before: %(back)s", **values),
            own._("Stays (%(count)s):\n%(records)s", **values))
        return tuple(text if there else '' for text, there in zip(told, (goes, back, stays), strict=True))

    @api.autovacuum
    def _gc_traces(self):
        """Forget what loads did that can't be taken back any more.

        :return: how many batches, and whether some are left
        """
        late = fields.Datetime.subtract(fields.Datetime.now(), hours=self._back_hours() + 1)
        traces = self.env['customer.import.part'].search(
            ['|', ('import_id.loaded_at', '<', late), ('import_id.state', '=', 'undone')], limit=1000)
        traces.unlink()
        return len(traces), len(traces) == 1000
