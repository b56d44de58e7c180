from odoo import api, fields, models


class CustomerFollowupLog(models.TransientModel):
    _inherit = 'customer.followup.log'

    advice_warning = fields.Html(compute='_compute_advice_warning', sanitize=False)  # made by the server
    next_warning = fields.Html(compute='_compute_next_warning', sanitize=False)  # as above
    better_day = fields.Date(compute='_compute_next_warning')

    etiquette = fields.Html(compute='_compute_etiquette', sanitize=False)  # as above

    def _prepare_good_to_know(self):
        """Add what time it is at the customer's: whoever is about to call asks that first."""
        customer = self.partner_id.commercial_partner_id
        return {**super()._prepare_good_to_know(), 'local_time': self.env['customer.advice']._local_time(customer)}

    @api.depends('partner_id')
    def _compute_etiquette(self):
        for wizard in self:
            wizard.etiquette = wizard.partner_id and wizard.partner_id._customer_advice_html()

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
