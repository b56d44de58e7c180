from odoo import api, fields, models


class CustomerFollowupLog(models.TransientModel):
    _inherit = 'customer.followup.log'

    # what the contact cost: asked for on channels that have a kind of care
    care_possible = fields.Boolean(compute='_compute_care_possible')
    care_kind_id = fields.Many2one(
        comodel_name='customer.care.kind', string="Kind of Care", compute='_compute_care_kind_id', store=True,
        readonly=False)
    care_company_id = fields.Many2one(comodel_name='res.company', compute='_compute_care_company_id')
    care_currency_id = fields.Many2one(related='care_company_id.currency_id')
    care_cost = fields.Monetary(string="Cost", currency_field='care_currency_id')
    care_what = fields.Char(string="What For")
    care_reason = fields.Char(string="Reason")
    care_text = fields.Char(compute='_compute_care_text')
    care_level = fields.Selection(
        selection=[('ok', "Within budget"), ('near', "Nearly used up"), ('over', "Over budget")],
        compute='_compute_care_text')
    care_limit = fields.Char(compute='_compute_care_text')
    care_official = fields.Boolean(
        compute='_compute_care_official', help="The gift goes to a public official: it needs a reason, however small it is.")

    @api.depends('channel_id')
    def _compute_care_possible(self):
        for wizard in self:
            wizard.care_possible = bool(self.env['customer.care.kind']._for_channel(wizard.channel_id))

    @api.depends('channel_id')
    def _compute_care_kind_id(self):
        for wizard in self:
            wizard.care_kind_id = self.env['customer.care.kind']._for_channel(wizard.channel_id)

    @api.depends('contact_id', 'care_kind_id')
    def _compute_care_official(self):
        officials = self.env['customer.care.expense']._officials(self.contact_id)
        for wizard in self:
            wizard.care_official = wizard.care_kind_id.is_gift and wizard.contact_id._origin.id in officials

    @api.depends('partner_id')
    def _compute_care_company_id(self):
        for wizard in self:
            company = wizard.partner_id._planning_company() if wizard.partner_id else self.env.company
            wizard.care_company_id = company if company in self.env.companies else self.env.company

    @api.depends('partner_id', 'contact_id', 'contact_at', 'care_kind_id', 'care_cost', 'care_possible')
    @api.depends_context('lang', 'tz')
    def _compute_care_text(self):
        ledger = self.env['customer.care.ledger']
        for wizard in self:
            wizard.care_text, wizard.care_level, wizard.care_limit = False, False, False
            if not (wizard.care_possible and wizard.care_kind_id and wizard.partner_id and wizard.contact_at):
                continue
            day = fields.Datetime.context_timestamp(wizard, wizard.contact_at).date()
            company = wizard.care_company_id
            wizard.care_text, wizard.care_level = ledger._describe_budget(
                wizard.partner_id, wizard.care_kind_id, day, company, wizard.care_cost)
            if wizard.care_kind_id.is_gift:
                wizard.care_limit = ledger._describe_gift(
                    wizard.contact_id or wizard.partner_id, day, company, wizard.care_cost)

    def _log(self):
        record = super()._log()
        if self.care_possible and self.care_cost:
            self.env['customer.care.expense'].create(self._prepare_care_values(record))
        return record

    def _prepare_care_values(self, record):
        """Return the values of the spending that belongs to a contact.

        :param record: the customer.followup of the contact
        """
        return {
            'name': self.care_what or self.care_kind_id.name,
            'partner_id': self.partner_id.id,
            'contact_id': self.contact_id.id,
            'kind_id': self.care_kind_id.id,
            'date': record.contact_day,
            'amount': self.care_cost,
            'company_id': self.care_company_id.id,
            'reason': self.care_reason,
            'followup_id': record.id,
        }
