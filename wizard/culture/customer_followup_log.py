from odoo import api, fields, models


class CustomerFollowupLog(models.TransientModel):
    _inherit = 'customer.followup.log'

    advice_warning = fields.Html(compute='_compute_advice_warning', sanitize=False)  # made by the server
    next_warning = fields.Html(compute='_compute_next_warning', sanitize=False)  # as above
    better_day = fields.Date(compute='_compute_next_warning')
    etiquette = fields.Html(compute='_compute_etiquette', sanitize=False)  # as above
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

    def _prepare_good_to_know(self):
        """Add what time it is at the customer's: whoever is about to call asks that first."""
        customer = self.partner_id.commercial_partner_id
        return {**super()._prepare_good_to_know(), 'local_time': self.env['customer.advice']._local_time(customer)}

    @api.depends('partner_id')
    def _compute_etiquette(self):
        for wizard in self:
            wizard.etiquette = wizard.partner_id._customer_advice_html() if wizard.partner_id else False

    @api.depends('partner_id', 'channel_id', 'contact_at')
    def _compute_advice_warning(self):
        """Say whether the channel is a bad one on the day of the contact: the dialog is open before the number is dialled."""
        for wizard in self:
            wizard.advice_warning = False
            if wizard.partner_id and wizard.channel_id:
                moment = wizard.contact_at or fields.Datetime.now()
                day = wizard.partner_id.commercial_partner_id._customer_now(moment).date()
                wizard.advice_warning = wizard._alert(wizard.partner_id._customer_advice(
                    day, wizard.channel_id, planned=True, fallback=wizard._fallback(wizard.channel_id)))

    @api.depends('partner_id', 'channel_id', 'next_date', 'next_channel_id')
    def _compute_next_warning(self):
        """Say whether the next step falls on a bad day, and which one would suit."""
        for wizard in self:
            wizard.next_warning = wizard.better_day = False
            if wizard.partner_id and wizard.next_date:
                channel = wizard.next_channel_id or wizard.channel_id
                advice = wizard.partner_id._customer_advice(
                    wizard.next_date, channel, fallback=wizard._fallback(channel))
                wizard.next_warning = wizard._alert(advice)
                wizard.better_day = advice['better_day']

    def _alert(self, advice):
        """Return what is wrong, and nothing else: the dialog is full, and the card stands beside it."""
        return bool(advice['warnings']) and self.env['customer.advice']._alert({**advice, 'hints': []})

    def _fallback(self, channel):
        """Return what the touchpoint has in store when a channel does not suit."""
        step = self.followup_id.step_id.sudo()  # which cadence applies is no secret
        return step.fallback_channel_id if step.channel_id == channel else step.fallback_channel_id.browse()

    # ------------------------------------------------------------
    # WHAT IT COST
    # ------------------------------------------------------------

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
