from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.platform.counted import customers as counted_customers
from ...models.platform.local_text import day_text, listed
from ...models.reporting.customer_report_subscription import ROLE
from ...models.reporting.customer_sheet import WHOSE

#: So many months can be chosen, the running one among them.
MONTHS = 25


class CustomerSheetPrint(models.TransientModel):
    """Take a sheet home: as PDF, as workbook, on the screen, or by email (REP-4)."""

    _name = 'customer.sheet.print'
    _description = "Print or Send a Sheet"

    kind = fields.Selection(selection='_selection_kind', string="Which Sheet", required=True, default='monthly')
    whose = fields.Selection(selection=WHOSE, string="Of Which Customers", required=True, default='mine')
    partner_ids = fields.Many2many(
        comodel_name='res.partner', string="Customers", domain=[('customer_managed', '=', True)])
    team_id = fields.Many2one(
        comodel_name='crm.team', default=lambda self: self.env.user.sale_team_id)
    segment_id = fields.Many2one(comodel_name='customer.segment')
    month = fields.Selection(
        selection='_selection_month', string="Of the Month", default=lambda self: str(self.env['customer.monthly']._last_month()),
        help="The running month is told up to today.")
    about_month = fields.Boolean(compute='_compute_about_month')
    chosen_model = fields.Char(readonly=True)
    chosen_ids = fields.Json(readonly=True, help="Records that were chosen in a list, instead of those of the customers.")
    as_pdf = fields.Boolean(string="As PDF", default=True)
    as_xlsx = fields.Boolean(string="As Workbook (XLSX)", default=True)
    user_ids = fields.Many2many(
        comodel_name='res.users', string="Send To", domain=[('share', '=', False)], default=lambda self: self.env.user,
        help="Each gets what that one may see, in that one's language.")
    no_printer = fields.Char(compute='_compute_no_printer')
    summary = fields.Char(string="What It Is Of", compute='_compute_summary')

    @api.model
    def _selection_kind(self):
        return self.env['customer.sheet']._selection_kind()

    @api.model
    def _selection_month(self):
        """Return the months that can be told, the running one first."""
        running = fields.Date.context_today(self).replace(day=1)
        months = [fields.Date.subtract(running, months=back) for back in range(MONTHS)]
        return [(str(month), day_text(self.env, month, 'yMMMM')) for month in months]

    def _month(self):
        return fields.Date.to_date(self.month) or self.env['customer.monthly']._last_month()

    @api.depends('kind')
    def _compute_about_month(self):
        for dialog in self:
            dialog.about_month = self.env['customer.sheet']._kinds()[dialog.kind or 'monthly'].month

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_no_printer(self):
        sheet = self.env['customer.sheet']
        self.no_printer = False if sheet._can_print() else sheet._say_no_printer()

    @api.depends('kind', 'whose', 'partner_ids', 'team_id', 'segment_id', 'chosen_ids')
    @api.depends_context('lang')
    def _compute_summary(self):
        for dialog in self:
            if dialog.chosen_ids:
                chosen = dialog._chosen(self.env['customer.sheet']._kinds()[dialog.kind or 'monthly'])
                dialog.summary = self.env._("Of the chosen lines: %(count)s", count=len(chosen))
            elif dialog.kind == 'review':
                dialog.summary = self.env._("The reviews of this month that you may see")
            else:
                dialog.summary = counted_customers(self.env, len(dialog._customers()))

    @api.model
    def _open_for(self, records, kind):
        """Return the action that opens the dialog for chosen records.

        :param records: customers, or records that a sheet is made of
        :param str kind: of the sheet
        """
        values = {'default_kind': kind}
        if records._name == 'res.partner':
            values |= {'default_whose': 'chosen', 'default_partner_ids': records.commercial_partner_id.ids}
        else:
            values |= {'default_chosen_model': records._name, 'default_chosen_ids': records.ids}
        return self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_sheet_print_action') | {'context': values}

    # ------------------------------------------------------------
    # WHAT IT IS OF
    # ------------------------------------------------------------

    def _customers(self):
        """Return the customers that the current user would see."""
        return self.env['customer.sheet']._customers(
            self.whose, self.partner_ids._origin, self.team_id._origin, self.segment_id._origin)

    def _records(self):
        """Return what the sheet is made of, of what the current user may see.

        :raises UserError: in words, where there is nothing
        """
        kind = self.env['customer.sheet']._kinds()[self.kind]
        records = self._chosen(kind) if self.chosen_ids else kind.records(self._customers(), self._month())
        if not records:
            raise UserError(self.env._("There is nothing to print: choose other customers or another month."))
        return records

    def _chosen(self, kind):
        """Return the lines that were chosen in a list, of those that the current user may see.

        :param kind: of the sheet, see ``customer.sheet._kinds``
        """
        chosen = self.chosen_ids if isinstance(self.chosen_ids, list) and self.chosen_model == kind.model else []
        ids = [id_ for id_ in chosen if isinstance(id_, int) and 0 < id_ < 2 ** 31]
        return self.env[kind.model].browse(ids).exists()._filtered_access('read')

    def _check_forms(self):
        if not self.as_pdf and not self.as_xlsx:
            raise UserError(self.env._("Choose PDF, workbook or both."))

    def _make(self, form):
        """Return the sheet in a form, for the current user."""
        self._customer_one()
        return self.env['customer.sheet']._make(self.kind, self._records(), form, self._month())

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _download(self, form):
        """Return the action that fetches the sheet; what stands in the way is said before."""
        self._customer_one()
        self._records()
        if form == 'pdf' and not self.env['customer.sheet']._can_print():
            raise UserError(self.env['customer.sheet']._say_no_printer())
        return {
            'type': 'ir.actions.act_url', 'url': f'/customer_success/sheet/{self.id}/{form}',
            'target': 'new' if form == 'html' else 'download'}

    def action_pdf(self):
        """Download the sheet as PDF."""
        return self._download('pdf')

    def action_xlsx(self):
        """Download the sheet as workbook."""
        return self._download('xlsx')

    def action_show(self):
        """Show the sheet on the screen."""
        return self._download('html')

    def action_send(self):
        """Send the sheet: to each reader what that one may see."""
        self._customer_one()
        self._check_forms()
        if not self.user_ids:
            raise UserError(self.env._("Choose to whom the sheet is sent."))
        self._records()
        sent, left = [], []
        for user in self.user_ids:
            (sent if self._send(user) else left).append(user.name)
        if not sent:
            raise UserError(self.env._(
                "Nothing was sent: %(users)s may see none of it, or have no role or no email address.",
                users=listed(self.env, left)))
        message = self.env._("On its way to %(users)s.", users=listed(self.env, sent))
        if left:
            message += " " + self.env._("Not sent, because they may see none of it: %(users)s", users=listed(self.env, left))
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {'type': 'warning' if left else 'success', 'message': message,
                       'next': {'type': 'ir.actions.act_window_close'}}}

    def _send(self, user):
        """Send the sheet to a user, made with that user's rights and in that user's language.

        :return: whether there was anything that this user may see
        """
        if not user.active or user.share or not user.email or not user.has_group(ROLE):
            return False
        sheet = self.env['customer.sheet']._as_reader(user)
        kind = sheet._kinds()[self.kind]
        customers = sheet._customers(
            self.whose, *(chosen.with_env(sheet.env) for chosen in (self.partner_ids, self.team_id, self.segment_id)))
        records = self._chosen(kind).with_env(sheet.env) if self.chosen_ids else kind.records(customers, self._month())
        records = records._filtered_access('read')
        if kind.model == 'res.partner':
            records = records._filtered_worked_with()
        if not records:
            return False
        made, note = sheet._make_all(self.kind, records, self._month(), self.as_pdf, self.as_xlsx)
        sheet._mail(user, self.kind, made, self._month(), note, len(customers))
        return True

    def action_view_subscriptions(self):
        """Open what is sent again and again, as far as the user may see it."""
        self.check_access('read')
        self.env['customer.report.subscription'].check_access('read')
        return self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_report_subscription_action')

    def action_subscribe(self):
        """Open a subscription with what is chosen here, to be sent again and again."""
        self._customer_one()
        self.partner_ids.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Send it again and again"), 'target': 'current',
            'res_model': 'customer.report.subscription', 'views': [(False, 'form')],
            'context': {
                'default_kind': self.kind, 'default_whose': self.whose, 'default_partner_ids': self.partner_ids.ids,
                'default_team_id': self.team_id.id, 'default_segment_id': self.segment_id.id, 'default_as_pdf': self.as_pdf,
                'default_as_xlsx': self.as_xlsx}}
