import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..base.local_day import in_company_zone
from ..platform.local_text import listed
from .customer_sheet import WHOSE

_logger = logging.getLogger(__name__)

#: The role that a reader needs.
ROLE = 'customer_success.group_customer_success_user'

#: What the scheduled action keeps.
KEPT = {'problem', 'sending_ids'}


class CustomerReportSubscription(models.Model):
    """Who gets which sheet of which customers by email, and how often (REP-4).

    A sheet is made as its reader would make it: with that user's rights, language, clock and companies, so that nobody is sent
    what that one may not see. On each due day it is sent once; after days on which nothing ran, the last one is sent and not all
    of them. Whoever was archived, has no role or no address gets nothing, and the subscription says so.
    """

    _name = 'customer.report.subscription'
    _description = "Sheet by Email"
    _inherit = ['customer.kept']
    _order = 'user_id, id'

    name = fields.Char(compute='_compute_name')
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Reader", required=True, index=True, ondelete='cascade',
        default=lambda self: self.env.user, domain=[('share', '=', False)],
        help="Gets the email. The sheet shows what this user may see, in this user's language.")
    kind = fields.Selection(selection='_selection_kind', string="Which Sheet", required=True, default='monthly')
    whose = fields.Selection(
        selection=WHOSE, string="Of Which Customers", required=True, default='mine', help="“My” are those of the reader.")
    partner_ids = fields.Many2many(
        comodel_name='res.partner', relation='customer_report_subscription_partner_rel', string="Customers",
        domain=[('customer_managed', '=', True)])
    team_id = fields.Many2one(comodel_name='crm.team', ondelete='cascade', index='btree_not_null')
    segment_id = fields.Many2one(comodel_name='customer.segment', ondelete='cascade', index='btree_not_null')
    every = fields.Selection(
        selection=[('month', "Every month"), ('week', "Every week")], string="How Often", required=True, default='month')
    month_day = fields.Integer(
        string="Day of the Month", default=1, required=True, aggregator=None,
        help="From 1 to 28. A monthly report tells the month before.")
    weekday = fields.Selection(selection='_selection_weekday', string="Day of the Week", default='0', required=True)
    as_pdf = fields.Boolean(string="As PDF", default=True)
    as_xlsx = fields.Boolean(string="As Workbook (XLSX)", default=True)
    sending_ids = fields.One2many(
        comodel_name='customer.report.sending', inverse_name='subscription_id', string="What Was Sent", readonly=True)
    last_on = fields.Date(string="Last Sent", compute='_compute_last_on')
    next_on = fields.Date(compute='_compute_next_on')
    obstacle = fields.Char(string="Why Nothing Is Sent", compute='_compute_obstacle')
    problem = fields.Char(readonly=True, copy=False, help="Why it could not be sent the last time. It is tried again.")

    _month_day_check = models.Constraint('CHECK (month_day BETWEEN 1 AND 28)', "Choose a day of the month from 1 to 28.")
    _form_check = models.Constraint('CHECK (as_pdf OR as_xlsx)', "Choose PDF, workbook or both.")

    @api.model
    def _selection_kind(self):
        return self.env['customer.sheet']._selection_kind()

    @api.model
    def _selection_weekday(self):
        return [
            ('0', self.env._("Monday")), ('1', self.env._("Tuesday")), ('2', self.env._("Wednesday")),
            ('3', self.env._("Thursday")), ('4', self.env._("Friday")), ('5', self.env._("Saturday")),
            ('6', self.env._("Sunday"))]

    @api.constrains('whose', 'partner_ids', 'team_id', 'segment_id')
    def _check_whose(self):
        for one in self:
            needed = {'chosen': one.partner_ids, 'team': one.team_id, 'segment': one.segment_id}.get(one.whose, True)
            if not needed:
                raise ValidationError(self.env._("Please choose the customers, the team or the segment that the sheet is of."))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('kind', 'user_id')
    @api.depends_context('lang')
    def _compute_name(self):
        labels = dict(self._selection_kind())
        for one in self:
            one.name = self.env._(
                "%(sheet)s for %(user)s", sheet=labels.get(one.kind, ''),
                user=one.user_id.sudo().name or '')  # names of colleagues are no secret

    @api.depends('sending_ids.due_on')
    def _compute_last_on(self):
        last = dict(self.env['customer.report.sending']._read_group(
            [('subscription_id', 'in', self.ids)], ['subscription_id'], ['due_on:max']))
        for one in self:
            one.last_on = last.get(one._origin, False)

    @api.depends('every', 'month_day', 'weekday', 'sending_ids.due_on', 'user_id')
    def _compute_next_on(self):
        for one in self:
            due = one._due_day()
            one.next_on = one._day_after(due) if due and (one.last_on and one.last_on >= due or due < one._since()) else due

    @api.depends('user_id.active', 'user_id.email', 'user_id.group_ids')
    @api.depends_context('lang')
    def _compute_obstacle(self):
        for one in self:
            one.obstacle = one._why_not()

    def _why_not(self):
        """Return in a sentence why nothing may be sent to the reader, empty where it may."""
        user = self.user_id.sudo()  # whether a colleague is there and has an address is no secret
        if not user.active:
            return self.env._("%(user)s was archived. Choose another reader, or archive this too.", user=user.name)
        if user.share or not user.has_group(ROLE):
            return self.env._("%(user)s has no role in Customer Success any more and may see nothing of it.", user=user.name)
        if not user.email:
            return self.env._("%(user)s has no email address: enter one on the user.", user=user.name)
        return ''

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    def _today(self):
        """Return what day it is where the reader is."""
        return self.env['customer.clock']._today(self.user_id)

    def _since(self):
        """Return from which day on it is sent: not for days before somebody asked for it."""
        clock = self.env['customer.clock']
        return clock._now(self.user_id, self.create_date).date() if self.create_date else self._today()

    def _due_day(self):
        """Return the last day up to today on which it is due."""
        today = self._today()
        if self.every == 'week':
            return today - timedelta(days=(today.weekday() - int(self.weekday or 0)) % 7)
        if not 1 <= self.month_day <= 28:
            return False
        day = today.replace(day=self.month_day)
        return day if day <= today else fields.Date.subtract(day, months=1)

    def _day_after(self, day):
        """Return the next due day after one."""
        return day + timedelta(days=7) if self.every == 'week' else fields.Date.add(day, months=1)

    def _month(self, due):
        """Return the month that is told on a due day: the one before it."""
        return fields.Date.subtract(due.replace(day=1), months=1)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return super()._open_to_people() - KEPT

    def _say_kept(self, names):
        return self.env._("What was sent is for the scheduled action to write: %(names)s.", names=names)

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def action_send_now(self):
        """Send the sheet to its reader at once; it counts for the day on which it was due last."""
        self._customer_one()
        self.check_access('write')
        if reason := self._why_not():
            raise UserError(reason)
        # what was sent is for nobody to write by hand; the sheet is made with the rights of its reader
        sent = self.sudo()._deliver(self._today(), again=True)
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {
                'type': 'success' if sent else 'warning', 'message': self._describe_sent(sent),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}}}

    def _describe_sent(self, sent):
        user = self.user_id.sudo().name  # names of colleagues are no secret
        if not sent:
            return self.env._(
                "%(user)s may see none of these customers, or there is nothing in the sheet: nothing is sent.", user=user)
        return self.env._("On its way to %(user)s: %(files)s", user=user, files=sent.files)

    @api.model
    @in_company_zone
    def _cron_send(self):
        """Send what is due, one email per transaction."""
        with self.env['customer.run']._measure('reports') as run:
            def send(subscriptions):
                if result := subscriptions[:1]._send_safely():
                    run[result] += 1

            self.env['customer.routine']._work_through(self._due(), send)
            run['note'] = self.env._("emails: %(count)s", count=run['done'])

    @api.model
    def _due(self):
        """Return the subscriptions whose day has come and that were not sent for it."""
        everything = self.search([])
        sent = {(one.subscription_id.id, one.due_on) for one in self.env['customer.report.sending'].search([
            ('subscription_id', 'in', everything.ids), ('due_on', '>=', 'today -40d')])}
        return everything.filtered(
            lambda one: (due := one._due_day()) and due >= one._since() and (one.id, due) not in sent and not one._why_not())

    def _send_safely(self):
        """Send a sheet, or say on the subscription why it could not be, and go on with the others; tomorrow it is tried again.

        :return: ``done`` if an email was written, ``failed`` if it could not be, else None
        """
        def fail(error):
            if isinstance(error, psycopg2.errors.UniqueViolation):
                return None  # another process sent it
            _logger.exception("The sheet %s could not be sent", self.id)
            self.problem = str(error) if isinstance(error, UserError) else self.env._(
                "It could not be made. The log of the server says why; tomorrow it is tried again.")
            return 'failed'

        return self.env['customer.routine']._attempt(lambda: 'done' if self._deliver(self._due_day()) else None, fail)

    def _deliver(self, due, again=False):
        """Make the sheet for its reader and put the email into the queue.

        :param date due: the day that it is for
        :param bool again: a person asks for it: also where it was sent for that day already
        :return: the sending; empty where the reader may see none of the customers
        """
        sendings = self.env['customer.report.sending']
        sheet = self.env['customer.sheet']._as_reader(self.user_id)
        month = self._month(due)
        mine = self.with_env(sheet.env)
        customers = sheet._customers(self.whose, mine.partner_ids, mine.team_id, mine.segment_id)
        records = sheet._kinds()[self.kind].records(customers, month) if customers or self.kind == 'review' else ()
        if self.problem:
            self.problem = False
        if again:
            sendings.search([('subscription_id', '=', self.id), ('due_on', '=', due)]).unlink()
        sending = sendings.create({'subscription_id': self.id, 'due_on': due, 'user_id': self.user_id.id})
        self.env.flush_all()  # where another process sent it, this one stops here
        if not records:
            sending.note = self.env._("Nothing that the reader may see")
            return sendings
        made, note = sheet._make_all(self.kind, records, month, self.as_pdf, self.as_xlsx)
        mail = sheet._mail(self.user_id, self.kind, made, month, note, len(customers))
        sending.write({
            'files': listed(self.env, [one.name for one in made]), 'customers': len(customers), 'note': note, 'mail_id': mail.id})
        self.env.flush_all()
        return sending

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_sendings(self):
        """Open what was sent."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Sent: %(sheet)s", sheet=self.name),
            'res_model': 'customer.report.sending', 'view_mode': 'list', 'domain': [('subscription_id', '=', self.id)]}
