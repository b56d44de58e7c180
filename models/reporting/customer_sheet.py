from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..platform.counted import customers as counted_customers
from ..platform.local_text import bracketed, listed
from .report_book import Book
from .report_part import Part

#: Of which customers a sheet is.
WHOSE = [
    ('chosen', "Chosen customers"), ('mine', "My customers"), ('team', "The customers of a team"),
    ('segment', "The customers of a segment"), ('all', "All customers that the reader may see")]

#: With these states the printing program prints.
PRINTS = ('ok', 'upgrade')

MIME = {
    'pdf': 'application/pdf', 'html': 'text/html; charset=utf-8',
    'xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'}

#: The columns of the tracking sheet, called what the fields are called, so that the file can be read back.
TRACKING = (
    'partner_id', 'tier_id', 'segment_id', 'region', 'cycle', 'last_contact', 'channel_id', 'sheet_feedback', 'sheet_progress',
    'sheet_next_step', 'user_id', 'date_planned')

#: What no system takes in the name of a file, and how long that is at most.
NO_FILE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
NAME_LENGTH = 100

#: States of adjustments that are history without an effect.
GIVEN_UP = ('refused', 'cancelled')


class Kind(NamedTuple):
    """A sheet that can be printed.

    :param label: what it is called, translated
    :param report: technical name of its report
    :param model: of the records that it is printed of
    :param records: function of customers and a month to these records, of what the user may see
    :param parts: function of the records and the month to the parts of the workbook
    :param month: it is about a month
    """

    label: str
    report: str
    model: str
    records: Callable
    parts: Callable
    month: bool = False


class Made(NamedTuple):
    """A sheet that was made.

    :param name: of the file
    :param content: bytes
    :param form: ``pdf``, ``xlsx`` or ``html``
    """

    name: str
    content: bytes
    form: str


class CustomerSheet(models.AbstractModel):
    """The sheets that people print, send and file (REP-4): which there are, of whom they are, and how they become a PDF or a
    workbook. Everything is asked with the rights of whoever reads it, in that reader's language and zone."""

    _name = 'customer.sheet'
    _description = "Printed Sheets"

    # ------------------------------------------------------------
    # WHICH THERE ARE
    # ------------------------------------------------------------

    @api.model
    def _kinds(self):
        """Return the sheets by technical name; other addons add theirs.

        :rtype: dict[str, Kind]
        """
        return {
            'monthly': Kind(
                self.env._("Monthly report"), 'customer_success.report_customer_monthly', 'res.partner',
                lambda customers, month: customers, self._monthly_parts, month=True),
            'tracking': Kind(
                self.env._("Tracking sheet"), 'customer_success.report_customer_tracking', 'customer.followup',
                self._tracked, self._tracking_parts),
            'adjustment': Kind(
                self.env._("Sheet of adjustments"), 'customer_success.report_customer_strategy_sheet',
                'customer.strategy.adjustment', self._adjusted, self._adjustment_parts),
            'handover': Kind(
                self.env._("Hand-over sheets"), 'customer_success.report_customer_handover', 'res.partner',
                lambda customers, month: customers, self._handover_parts),
            'review': Kind(
                self.env._("Reviews of the month"), 'customer_success.report_customer_review', 'customer.review',
                self._reviewed, self._review_parts, month=True),
        }

    @api.model
    def _selection_kind(self):
        return [(key, kind.label) for key, kind in self._kinds().items()]

    @api.model
    def _customers(self, whose, partners=None, team=None, segment=None):
        """Return the customers that a sheet is of, of those that the user works with.

        :param str whose: one of :data:`WHOSE`
        :param partners: res.partner, the chosen ones
        :param team: crm.team
        :param segment: customer.segment
        """
        domain = Domain('customer_managed', '=', True)
        if whose == 'chosen':
            domain &= Domain('id', 'in', partners.commercial_partner_id.ids)
        elif whose == 'mine':
            domain &= Domain('user_id', '=', self.env.uid)
        elif whose == 'team':
            domain &= Domain('user_id.customer_team_id', '=', team.id)
        elif whose == 'segment':
            domain &= Domain('customer_segment_id', '=', segment.id)
        return self.env['res.partner'].search(domain, order='complete_name, id')._filtered_worked_with()

    # ------------------------------------------------------------
    # WHAT STANDS IN THEM
    # ------------------------------------------------------------

    @api.model
    def _tracked(self, customers, month):
        return self.env['customer.followup'].search(
            [('partner_id', 'in', customers.ids), ('state', '=', 'planned')], order='date_planned, id')

    @api.model
    def _adjusted(self, customers, month):
        return self.env['customer.strategy.adjustment'].search([
            ('strategy_id.partner_id', 'in', customers.ids), ('state', 'not in', GIVEN_UP)])

    @api.model
    def _reviewed(self, customers, month):
        days_of = self.env['customer.monthly']._days(month)
        return self.env['customer.review'].search([
            ('state', '!=', 'cancelled'), ('date_start', '<=', days_of.stop), ('date_end', '>=', days_of.start)])

    @api.model
    def _labels(self, model, names):
        return tuple(self.env[model]._fields[name]._description_string(self.env) for name in names)

    @api.model
    def _cell(self, record, name):
        """Return the value of a field as a cell."""
        field, value = record._fields[name], record[name]
        if field.type == 'many2one':
            # names of colleagues are no secret
            return (value.sudo() if field.comodel_name == 'res.users' else value).display_name or None
        if field.type == 'selection':
            return dict(field._description_selection(self.env)).get(value)
        return value if field.type in ('date', 'integer', 'float') and value is not False else value or None

    @api.model
    def _tracking_rows(self, followups):
        """Return heading and lines of the tracking sheet.

        :param followups: customer.followup
        """
        return self._labels('customer.followup', TRACKING), [
            tuple(self._cell(one, name) for name in TRACKING) for one in followups]

    @api.model
    def _tracking_parts(self, followups, month):
        heads, rows = self._tracking_rows(followups)
        return [Part('tracking', self._kinds()['tracking'].label, heads, rows)]

    @api.model
    def _adjustment_parts(self, adjustments, month):
        names = (
            'partner_id', 'sheet_segment_id', 'user_id', 'sheet_strategy', 'sheet_cycle', 'sheet_kpis', 'sheet_effect_id',
            'sheet_reason', 'root_cause', 'sheet_adjusted', 'expected_effect', 'sheet_feasibility', 'date', 'note', 'state')
        return [Part('adjustment', self._kinds()['adjustment'].label, self._labels('customer.strategy.adjustment', names), [
            tuple(self._cell(one, name) for name in names) for one in adjustments])]

    @api.model
    def _handover_parts(self, customers, month):
        sheet, rows = self.env['customer.handover.sheet'], []
        for customer in customers:
            for part in sheet._parts(customer):
                rows += [(customer.display_name, part.title, row[0], " · ".join(cell for cell in row[1:] if cell))
                         for row in part.rows] or [(customer.display_name, part.title, None, part.nothing)]
        return [Part('handover', self._kinds()['handover'].label, (
            self._labels('customer.followup', ['partner_id'])[0], self.env._("Part"), self.env._("Which"),
            self.env._("What is known")), rows)]

    @api.model
    def _review_parts(self, reviews, month):
        title = self._labels('customer.review', ['name'])[0]
        findings = [(review.name, heading, line.text, line.note) for review in reviews for heading, lines in (
            (self.env._("Successes"), review.success_ids), (self.env._("Shortfalls"), review.shortfall_ids),
            (self.env._("To talk about"), review.point_ids)) for line in lines]
        decisions = [(
            review.name, one.name, one.partner_id.name, one.user_id.sudo().name, one.date)  # names of colleagues are no secret
            for review in reviews for one in review.decision_ids]
        return [
            Part('findings', self.env._("Findings"), (title, self.env._("Kind"), *self._labels(
                'customer.review.line', ['text', 'note'])), findings),
            Part('decisions', self.env._("Decisions"), (title, *self._labels(
                'customer.review.decision', ['name', 'partner_id', 'user_id', 'date'])), decisions)]

    @api.model
    def _monthly_parts(self, customers, month):
        """Return each part of the report as one table of all customers, who stand in its first column."""
        reports = self.env['customer.monthly']._reports(customers, month)
        customer, note = self._labels('customer.followup', ['partner_id'])[0], self.env._("Note")
        tables = {}
        for report in reports:
            name = report['customer'].display_name
            for part in report['parts']:
                rows = [(name, *row) for row in part.rows] or [(name, part.nothing)]
                # what stands above the lines stands behind the first of them here
                first = rows[0] + (None,) * (len(part.heads) + 1 - len(rows[0]))
                rows[0] = (*first, part.note or None)
                table = tables.setdefault(part.key, Part(part.key, part.title, (customer, *part.heads, note), []))
                table.rows.extend(rows)
        return list(tables.values())

    # ------------------------------------------------------------
    # HOW THEY ARE MADE
    # ------------------------------------------------------------

    @api.model
    def _as_reader(self, user):
        """Return this model as somebody reads: with that user's rights, language, clock and companies."""
        return self.with_user(user).with_context(
            lang=user.lang, tz=self.env['customer.clock']._zone(user), allowed_company_ids=user.company_ids.ids)

    @api.model
    def _can_print(self):
        """Return whether the program that makes PDF files is there and works."""
        return self.env['ir.actions.report'].get_wkhtmltopdf_state() in PRINTS

    @api.model
    def _say_no_printer(self):
        """Return what to do where it is not."""
        return self.env._(
            "This server has no program that makes PDF files (wkhtmltopdf), so nothing can be printed. Take the workbook (XLSX), "
            "or look at the sheet on the screen, which your browser can print; and ask whoever runs the server to install it.")

    @api.model
    def _make(self, name, records, form, month=None):
        """Make a sheet.

        :param str name: of the kind, see :meth:`_kinds`
        :param records: what it is of, see :attr:`Kind.model`
        :param str form: ``pdf``, ``xlsx`` or ``html``
        :param date month: a day of the month that it is about
        :rtype: Made
        :raises UserError: in words, where nothing can be printed
        """
        kind = self._kinds()[name]
        if form == 'pdf' and not self._can_print():
            raise UserError(self._say_no_printer())
        file = f'{self._file_name(kind, records, month)}.{form}'
        if form == 'xlsx':
            return Made(file, self._book(kind, kind.parts(records, month)), form)
        report = self.env['ir.actions.report']
        data = {'month': fields.Date.to_string(month)} if month else {}
        render = report._render_qweb_pdf if form == 'pdf' else report._render_qweb_html
        content, __ = render(kind.report, records.ids, data=data)
        return Made(file, content, form)

    @api.model
    def _make_all(self, name, records, month, as_pdf, as_xlsx):
        """Make a sheet in the forms that are wanted; where nothing can be printed, a workbook takes the place of the PDF.

        :return: what was made, and in a sentence what could not be, empty where all was
        :rtype: tuple[list[Made], str]
        """
        can_print = not as_pdf or self._can_print()
        forms = [form for form, wanted in (('pdf', as_pdf and can_print), ('xlsx', as_xlsx or not can_print)) if wanted]
        return [self._make(name, records, form, month) for form in forms], '' if can_print else self.env._(
            "The server has no program that makes PDF files, so this is a workbook.")

    @api.model
    def _mail(self, user, name, made, month, note, customers):
        """Put an email with sheets into the queue.

        :param user: res.users, who gets it, and whose language this model speaks
        :param str name: of the kind of sheet
        :param list[Made] made: what is attached
        :param str note: what else is to be said
        :param int customers: how many the sheet is of
        """
        kind = self._kinds()[name]
        subject = self.env['customer.monthly']._title(month) if name == 'monthly' else kind.label
        body = self.env['ir.qweb']._render('customer_success.customer_sheet_mail', {
            'url': self.get_base_url(), 'made': made, 'note': note,
            'hello': self.env._("Dear %(name)s,", name=user.name),
            'what': self.env._("here is what you asked for: %(sheet)s.", sheet=bracketed(
                self.env, Markup("<b>%s</b>") % subject, customers and counted_customers(self.env, customers)))},
            lang=self.env.lang)
        # people with a role need not have the right to write emails and attachments by hand
        return self.env['mail.mail'].sudo().create({
            'subject': subject, 'body_html': body, 'auto_delete': True, 'email_to': user.email_formatted,
            'email_from': user.company_id.email_formatted or self.env.user.email_formatted,
            'attachment_ids': [Command.create({
                'name': one.name, 'raw': one.content, 'mimetype': MIME[one.form], 'res_model': 'mail.mail'}) for one in made]})

    @api.model
    def _file_name(self, kind, records, month):
        title = self.env['customer.monthly']._title(month) if kind.report.endswith('monthly') else kind.label
        whose = records.display_name if len(records) == 1 else ''
        return NO_FILE.sub('-', " ".join(filter(None, (title, whose))))[:NAME_LENGTH]

    @api.model
    def _book(self, kind, parts):
        """Return a workbook, at whose end it says what it is, for whom and of when."""
        book = Book(self.env['customer.clock']._main_company().currency_id.name)
        for part in parts:
            book.add(part.title, part.heads, part.rows)
        user = self.env.user
        book.add(self.env._("About this file"), (self.env._("What"), self.env._("Which")), [
            (self.env._("Sheet"), kind.label), (self.env._("Made for"), user.name),
            (self.env._("Made on"), format_datetime(self.env, fields.Datetime.now(), dt_format='short')),
            (self.env._("Parts"), listed(self.env, [part.title for part in parts]))])
        return book.close()
