import hashlib
from collections import Counter
from datetime import date
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import get_lang

from ...engine import lunar, sheet_book, sheet_day, sheet_goal, sheet_table, sheet_value
from ...engine.calendar_errors import CalendarError
from ..base.customer_import_kind import Row
from ..platform.local_text import day_text, listed

DAYS = ('day', 'moment', 'birthday')

#: So many unknown names and words of a column are asked about; a column with more of them means something else.
MOST_WORDS = 60


class Opened(NamedTuple):
    """A sheet that was read, with what its columns mean.

    :param table: ``engine.sheet_table.Table``
    :param date1904: whether days are counted from 1904 on
    :param places: the place of each meaning
    """

    table: Any
    date1904: bool
    places: dict[str, int]


class CustomerImportReader(models.AbstractModel):
    """Reads a sheet with what its columns mean: every cell becomes a value, a question, or a reason in words (REP-5)."""

    _name = 'customer.import.reader'
    _description = "Reads Sheets"

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    @api.model
    def _book(self, data):
        """Return a file that was read.

        :raises UserError: with a sentence that says what it is and what to do
        """
        try:
            return sheet_book.read(data)
        except sheet_book.Unreadable as error:
            raise UserError(self._say_unreadable(error)) from error

    @api.model
    def _table_of(self, sheet, kind, header=0, hidden=True):
        """Return the table of a sheet.

        :raises UserError: as :meth:`_book`
        """
        words = self.env['customer.import.word']._headings(kind)
        try:
            return sheet_table.find(sheet, words.__contains__, header, hidden)
        except sheet_book.Unreadable as error:
            raise UserError(self._say_unreadable(error)) from error

    @api.model
    def _say_unreadable(self, error):
        """Return what a file is and what to do, as a sentence."""
        return {
            'empty': self.env._("Nothing stands in this file. Choose the one that holds your table."),
            'password': self.env._(
                "This file is protected by a password. Open it, take the password away, save it, and choose it again."),
            'pdf': self.env._("This is a PDF. Open the table that it was made from, and save that as XLSX or CSV."),
            'picture': self.env._(
                "This is a picture. Enter what it shows into a table, or save the table itself as XLSX or CSV."),
            'archive': self.env._("This is an archive. Unpack it, and choose the table that is in it."),
            'numbers': self.env._("This is a file of Numbers. Choose File, Export to, Excel there, and load what it makes."),
            'ods': self.env._("This is an OpenDocument table. Save it as Excel (XLSX), and load that."),
            'word': self.env._("This is a document and no table. Copy its table into a spreadsheet, and save that as XLSX."),
            'other': self.env._("This file can't be read. Open it in your spreadsheet program, and save it as Excel (XLSX)."),
            'broken': self.env._(
                "This file is damaged, or it is none that its name says. Open it in your spreadsheet program, and save it anew "
                "as Excel (XLSX)."),
            'large': self.env._("This file has too many rows. Divide it into files of at most 100,000 rows."),
            'library': self.env._(
                "The server lacks the program to read this file (%(library)s). Save it as XLSX or CSV, or ask an administrator.",
                library=error.detail),
            'form': self.env._(
                "This is a form for one customer and no table. Put each contact on a row of its own, under headings like "
                "Customer, Date, What was said. The template shows how."),
            'header': self.env._(
                "No row with headings was found. Write above each column what stands in it, or say which row it is."),
            'rows': self.env._(
                "Nothing stands below the headings. Choose another sheet of the file, or the row with the headings."),
        }[error.kind]

    @api.model
    def _signature(self, table):
        """Return by which a sheet is known again: its headings, in whichever order."""
        words = sorted(filter(None, map(sheet_table.plain, table.labels)))
        return hashlib.sha256('|'.join(words).encode()).hexdigest()[:32]

    # ------------------------------------------------------------
    # QUESTIONS
    # ------------------------------------------------------------

    @api.model
    def _questions(self, opened, kind):
        """Return what a sheet leaves open.

        :return: dicts with ``kind``, ``column``, ``word``, ``count``, ``text``, ``options`` as pairs of value and name, and the
            ``proposed`` value
        :rtype: list[dict]
        """
        questions = []
        for key, column in kind.columns.items():
            if key in opened.places and column.type in DAYS:
                questions += self._questions_of_days(opened, kind, key, column)
            elif key in opened.places and column.type in ('choice', 'person', 'goals'):
                questions += self._questions_of_words(opened, key, column)
            elif column.type == 'choice' and column.default and key not in opened.places:
                questions.append(self._question_of_nothing(key, column, len(opened.table.lines)))
        return questions

    @api.model
    def _reads(self, opened, kind, key):
        """Return what the cells of a column of days say, without regard to the column."""
        place, beside = opened.places[key], opened.places.get(kind.columns[key].beside)
        calendars = self._values_of(kind, kind.columns[key].beside) if beside is not None else {}
        for line in opened.table.lines:
            calendar = calendars.get(sheet_table.plain(sheet_table.shown(line.cells[beside]))) if beside is not None else None
            yield sheet_day.read(line.cells[place], opened.date1904, {'lunar': True, 'gregorian': False}.get(calendar))

    @api.model
    def _questions_of_days(self, opened, kind, key, column):
        reads = list(self._reads(opened, kind, key))
        found, questions = sheet_day.survey(reads), []
        today = fields.Date.context_today(self)

        def example(fits):
            line = next((line for line, read in zip(opened.table.lines, reads, strict=True) if fits(read)), None)
            return sheet_table.shown(line.cells[opened.places[key]]) if line else ''

        def ask(what, text, options, fits):
            questions.append({
                'kind': what, 'column': key, 'word': '', 'count': sum(map(fits, reads)), 'text': text, 'options': options,
                'proposed': options[0][0]})

        if len(found.orders) > 1:
            def unclear(read):
                return len({read.orders[order] for order in found.orders if order in read.orders}) > 1
            text = example(unclear)
            read = sheet_day.read(text, opened.date1904)
            ask('order', self.env._("%(column)s: what is “%(text)s”?", column=column.label, text=text), [
                (order, self._spoken(sheet_day.decide(read, sheet_day.Answer(order), today)) or order)
                for order in self._usual(found.orders) if order in read.orders], unclear)
        if found.yearless and column.type != 'birthday':
            def yearless(read):
                return any(numbers[0] is None for numbers in read.orders.values()) or bool(read.lunar and not read.lunar.year)
            options = [*{
                'past': self.env._("the last one that has passed"), 'coming': self.env._("the next one to come"),
            }.items(), *((str(year), str(year)) for year in range(today.year + 1, today.year - 5, -1))]
            ask('year', self.env._(
                "%(column)s: “%(text)s” has no year. Which one?", column=column.label, text=example(yearless)),
                options[1::-1] + options[2:] if column.ahead else options, yearless)
        if found.maybe_lunar:
            ask('lunar', self.env._(
                "%(column)s: is “%(text)s” a day of the lunar calendar?", column=column.label,
                text=example(lambda read: read.maybe_lunar)),
                list({'lunar': self.env._("Yes, lunar"), 'gregorian': self.env._("No, Gregorian")}.items()),
                lambda read: read.maybe_lunar)
        return questions

    @api.model
    def _usual(self, orders):
        """Return orders of year, month and day, the one that the user's language writes first."""
        written = get_lang(self.env).date_format
        month_first = written.find('%m') < written.find('%d')
        return sorted(orders, key=lambda order: (order != 'ymd', (order == 'mdy') != month_first))

    @api.model
    def _questions_of_words(self, opened, key, column):
        """Return a question for each name or word that is not known."""
        place = opened.places[key]
        texts = Counter(sheet_table.shown(line.cells[place]) for line in opened.table.lines)
        if column.type == 'goals':
            texts = Counter(goal.name for text, count in texts.items() for goal in sheet_goal.goals(text) * count)
        empty = texts.pop('', 0)
        if column.type == 'person':
            known = self._colleagues()
            unknown = [(text, count) for text, count in texts.most_common() if self._colleague(text, known) is None]
            return [{
                'kind': 'person', 'column': key, 'word': text, 'count': count, 'options': [],
                'proposed': next((known[name.casefold()] for name in sheet_value.people(text)
                                  if known.get(name.casefold())), ''),
                'text': self.env._("%(column)s: who is “%(text)s”?", column=column.label, text=text),
            } for text, count in unknown[:MOST_WORDS]]
        kinds = self.env['customer.import.kind']
        known, options = self.env['customer.import.word']._values(key, column.choices), list(column.choices(kinds).items())
        questions = [{
            'kind': 'word', 'column': key, 'word': text, 'count': count, 'options': options, 'proposed': '',
            'text': self.env._("%(column)s: what is “%(text)s”?", column=column.label, text=text),
        } for text, count in texts.most_common() if sheet_table.plain(text) and sheet_table.plain(text) not in known]
        if empty and column.default:
            questions.append(self._question_of_nothing(key, column, empty))
        return questions[:MOST_WORDS]

    @api.model
    def _question_of_nothing(self, key, column, count):
        return {
            'kind': 'word', 'column': key, 'word': '', 'count': count, 'proposed': column.default,
            'options': list(column.choices(self.env['customer.import.kind']).items()),
            'text': self.env._("%(column)s: what where nothing stands?", column=column.label)}

    @api.model
    def _colleagues(self):
        """Return the users by their names and logins in small letters, who left included; names that two have are left out."""
        users = self.env['res.users'].sudo().with_context(active_test=False).search(  # names of colleagues are no secret
            [('share', '=', False), ('id', '!=', 1)], order='id')
        found = {}
        for user in users:
            for name in {user.name.casefold(), user.login.casefold(), ''.join(user.name.split()).casefold()}:
                found[name] = user.id if found.get(name, user.id) == user.id else False
        return found

    @api.model
    def _colleague(self, text, known):
        """Return the id of the user that a text names; None where nobody, or several, may be meant."""
        folded = ' '.join(text.split()).casefold()
        return known.get(folded) or known.get(folded.replace(' ', '')) or None

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    @api.model
    def _decided(self, opened, kind, answers):
        """Return what holds for each cell of a sheet: what was answered, and what all cells of a column decide together.

        :param answers: by question, see ``customer.import.question._key``
        """
        return {**{f'order:{key}:': self._answer_of(key, kind.columns[key], answers, opened, kind).order
                   for key in opened.places if kind.columns[key].type in DAYS}, **answers}

    @api.model
    def _rows(self, opened, kind, answers):
        """Return the rows of a sheet.

        :param answers: as above
        :rtype: list[Row]
        """
        return self._rows_decided(opened, kind, self._decided(opened, kind, answers))

    @api.model
    def _rows_of_lines(self, record, lines):
        """Return the rows of a part of a sheet.

        :param record: customer.import
        :param lines: see ``customer.import.part``
        :rtype: list[Row]
        """
        thawed = self.env['customer.import.column']._thawed
        table = sheet_table.Table(record.header, [], [], [
            sheet_table.Line(number, [thawed(cell) for cell in cells]) for number, cells in lines], Counter())
        return self._rows_decided(
            Opened(table, record.date1904, record._places()), record._of_kind(), record.decided or record._answers())

    @api.model
    def _rows_decided(self, opened, kind, answers):
        rows = [Row(line.number, cells={key: line.cells[place] for key, place in opened.places.items()})
                for line in opened.table.lines]
        for key, place in opened.places.items():
            column = kind.columns[key]
            take = getattr(self, f'_take_{"day" if column.type in DAYS else column.type}', self._take_line)
            take(rows, opened, kind, key, place, answers)
        for row in rows:
            for key, column in kind.columns.items():
                if column.required and not row.values.get(key):
                    row.refuse(key, self.env._("%(column)s is missing.", column=column.label))
            for key, column in kind.columns.items():
                if column.type == 'choice' and column.default and not row.values.get(key):
                    row.values[key] = answers.get(f'word:{key}:') or column.default
        return rows

    @api.model
    def _take_line(self, rows, opened, kind, key, place, answers):
        """Put a column of texts into rows."""
        column = kind.columns[key]
        read = {
            'text': sheet_value.text, 'phone': sheet_value.phone, 'number': sheet_value.number, 'email': sheet_value.line,
        }.get(column.type, sheet_value.line)
        for row, line in zip(rows, opened.table.lines, strict=True):
            cell = line.cells[place]
            if cell is None:
                continue
            try:
                value = read(cell)
            except sheet_value.Refused as error:
                row.refuse(key, self._say_refused(error.kind))
                continue
            if column.type == 'email':
                value = sheet_table.cleaned(value).replace('＠', '@').replace(' ', '')
                if value and not self.env['res.partner']._is_customer_email(value):
                    row.refuse(key, self.env._("This is no email address. Write it like name@company.com."))
                    continue
            if column.type != 'number' and sheet_day.NOTHING.fullmatch(str(value)):
                continue
            row.values[key] = value

    @api.model
    def _say_refused(self, kind):
        return {
            'broken': self.env._("The formula in this cell gives no value. Put the value itself there."),
            'lost_digits': self.env._(
                "Digits of this number were lost in the spreadsheet. Format the column as text, and enter the number again."),
            'number': self.env._("This is no number."),
        }[kind]

    @api.model
    def _take_day(self, rows, opened, kind, key, place, answers):
        """Put a column of days into rows."""
        column, today = kind.columns[key], fields.Date.context_today(self)
        answer = self._answer_of(key, column, answers, opened, kind)
        for row, read in zip(rows, self._reads(opened, kind, key), strict=True):
            if read.nothing:
                continue
            day = sheet_day.decide(read, answer, today, column.type == 'birthday')
            if day.problem and column.ahead and day.problem in ('relative', 'words', 'month_only'):
                row.notes.append(self.env._("%(column)s: %(reason)s", column=column.label, reason=self._say_no_day(day.problem)))
            elif day.problem:
                row.refuse(key, self._say_no_day(day.problem))
            else:
                row.values[key] = day

    @api.model
    def _answer_of(self, key, column, answers, opened=None, kind=None):
        """Return what was answered about a column of days."""
        order = answers.get(f'order:{key}:') or ''
        if not order and opened and f'order:{key}:' not in answers:
            order = next(iter(sheet_day.survey(self._reads(opened, kind, key)).orders), '')
        year = answers.get(f'year:{key}:') or ('coming' if column.ahead else 'past')
        return sheet_day.Answer(
            order, int(year) if year.isdigit() else year, answers.get(f'lunar:{key}:') != 'gregorian')

    @api.model
    def _say_no_day(self, problem):
        return {
            'broken': self._say_refused('broken'),
            'relative': self.env._("A day in words is a day only on the day on which it was written. Write the date."),
            'no_day': self.env._("There is no such day."),
            'several': self.env._("More than one day stands here. Put each contact on a row of its own."),
            'month_only': self.env._("The day of the month is missing."),
            'number': self.env._("This number is no day. Format the column as dates, or as text."),
            'words': self.env._("This is no day. Write it like 2026-03-31."),
        }[problem]

    @api.model
    def _take_person(self, rows, opened, kind, key, place, answers):
        """Put a column of colleagues into rows."""
        known = self._colleagues()
        for row, line in zip(rows, opened.table.lines, strict=True):
            text = sheet_table.shown(line.cells[place])
            if not text or sheet_day.NOTHING.fullmatch(text):
                continue
            user_id = self._colleague(text, known) or int(answers.get(f'person:{key}:{text}') or 0)
            if user_id:
                row.values[key] = user_id
            else:
                row.refuse(key, self.env._("Nobody of us has this name."))

    @api.model
    def _take_choice(self, rows, opened, kind, key, place, answers):
        """Put a column of choices into rows."""
        known = self._values_of(kind, key)
        for row, line in zip(rows, opened.table.lines, strict=True):
            text = sheet_table.shown(line.cells[place])
            plain = sheet_table.plain(text)
            if not plain:
                continue
            value = known.get(plain) or answers.get(f'word:{key}:{text}')
            if value:
                row.values[key] = value
            else:
                row.refuse(key, self.env._("It is not known what this word stands for."))

    @api.model
    def _take_goals(self, rows, opened, kind, key, place, answers):
        """Put a column of KPIs into rows."""
        known = self._values_of(kind, key)
        for row, line in zip(rows, opened.table.lines, strict=True):
            for goal in sheet_goal.goals(sheet_table.shown(line.cells[place])):
                value = known.get(sheet_table.plain(goal.name)) or answers.get(f'word:{key}:{goal.name}')
                if not value:
                    row.refuse(key, self.env._("There is no KPI “%(name)s”.", name=goal.name))
                elif goal.target is None:
                    row.refuse(key, self.env._(
                        "“%(text)s” has no target. Write it like: %(example)s", text=goal.name,
                        example=f'{kind.columns[key].choices(self.env["customer.import.kind"]).get(value)} 80 / 75'))
                else:
                    row.values.setdefault(key, []).append((value, goal.target, goal.actual))

    @api.model
    def _values_of(self, kind, key):
        return self.env['customer.import.word']._values(key, kind.columns[key].choices) if key else {}

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    @api.model
    def _in_words(self, column, key, cell, date1904=False):
        """Return how a cell of a column is understood, in words."""
        if cell is None:
            return ''
        if column.type in DAYS:
            read = sheet_day.read(cell, date1904)
            day = sheet_day.decide(
                read, self._answer_of(key, column, {}), fields.Date.context_today(self), column.type == 'birthday')
            return self.env._("nothing") if read.nothing else self._say_no_day(day.problem) if day.problem else self._spoken(day)
        text = sheet_table.shown(cell)
        if column.type == 'choice':
            value = self.env['customer.import.word']._values(key, column.choices).get(sheet_table.plain(text))
            return column.choices(self.env['customer.import.kind']).get(value) or self.env._("“%(text)s”?", text=text)
        if column.type == 'person':
            user = self._colleague(text, self._colleagues())
            # names of colleagues are no secret
            return self.env['res.users'].sudo().browse(user).name if user else self.env._("“%(text)s”?", text=text)
        try:
            return sheet_value.phone(cell) if column.type == 'phone' else sheet_value.line(cell)[:60]
        except sheet_value.Refused as error:
            return self._say_refused(error.kind)

    @api.model
    def _spoken(self, day):
        """Return a day in words: with its weekday, and for a lunar one on which day it falls next."""
        if day.lunar:
            values = {'month': day.lunar.month, 'day': day.lunar.day}
            text = self.env._("day %(day)s of the lunar leap month %(month)s", **values) if day.lunar.leap \
                else self.env._("day %(day)s of the lunar month %(month)s", **values)
            falls = day.day or self._falls_on(day.lunar)
            return self.env._("%(lunar)s (%(day)s)", lunar=text, day=day_text(self.env, falls, 'yMMMMEEEEd')) if falls else text
        if day.month_day:
            return day_text(self.env, date(2000, *day.month_day), 'MMMMd')
        text = day_text(self.env, day.day, 'yMMMMEEEEd') if day.day else ''
        return f'{text} {day.time:%H:%M}' if day.day and day.time else text

    @api.model
    def _falls_on(self, says):
        """Return the next day on which a day of the lunar calendar falls, False where that is not known."""
        today = fields.Date.context_today(self)
        try:
            falls = (lunar.lunar_to_solar(today.year + more, says.month, says.day, says.leap) for more in (-1, 0, 1))
            return next(day for day in falls if day >= today)
        except (CalendarError, ValueError, StopIteration):
            return False

    @api.model
    def _choices_of(self, kind):
        """Return the names of the values of all choices of a kind of sheet."""
        kinds = self.env['customer.import.kind']
        return {key: column.choices(kinds) for key, column in kind.columns.items() if column.choices}

    @api.model
    def _describe(self, row, kind, choices):
        """Return in a line what a row was understood as.

        :param choices: see :meth:`_choices_of`
        """
        parts = []
        for key, value in row.values.items():
            column = kind.columns.get(key)
            if not column or not value:
                continue
            if column.type in DAYS:
                parts.append(format_date(self.env, value.day) if value.day and not value.lunar else self._spoken(value))
            elif column.type == 'choice':
                parts.append(choices[key].get(value, value))
            elif column.type == 'goals':
                parts += [f'{choices[key].get(code, code)} {target:g}' for code, target, __ in value]
            elif column.type == 'person':
                parts.append(self.env['res.users'].sudo().browse(value).name)  # as above
            else:
                parts.append(sheet_table.shown(value))
        return listed(self.env, [' · '.join(part for part in parts if part)[:250], *row.notes])
