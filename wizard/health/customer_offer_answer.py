from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: So many days an offer is put off, where nobody says otherwise.
LATER_DAYS = 30


class CustomerOfferAnswer(models.TransientModel):
    """Asks why a customer is not interested in offers, or until when they are put off (HEA-7)."""

    _name = 'customer.offer.answer'
    _description = "Answer to Offers"

    offer_ids = fields.Many2many(comodel_name='customer.offer', string="Products Offered", required=True)
    answer = fields.Selection(
        selection=[('refused', "Not interested"), ('later', "Put off")], string="What They Answer", required=True,
        default='refused')
    reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', string="Why Not Interested", domain=[('for_offer', '=', True)])
    needs_note = fields.Boolean(related='reason_id.needs_note')
    until = fields.Date(compute='_compute_until', store=True, readonly=False, help="Empty: for good.")
    note = fields.Char(string="What the Customer Said")

    @api.depends('answer')
    def _compute_until(self):
        usual = self.env['res.config.settings']._customer_success('offer_refused_days')
        for wizard in self:
            wizard.until = fields.Date.add(
                fields.Date.context_today(wizard), days=LATER_DAYS if wizard.answer == 'later' else usual)

    def action_answer(self):
        """Note the answer on the offers.

        :raises ValidationError: where it does not say enough
        """
        self._customer_one()
        today = fields.Date.context_today(self)
        if self.answer == 'later' and not self.until:
            raise ValidationError(self.env._("Please say until when the offer is put off."))
        if self.until and self.until < today:
            raise ValidationError(self.env._("The day is past. Choose a day to come."))
        if self.answer == 'refused':
            if not self.reason_id:
                raise ValidationError(self.env._("Please choose why the customer is not interested: it is not asked again soon."))
            if self.reason_id.needs_note and not (self.note or '').strip():
                raise ValidationError(self.env._(
                    "“%(reason)s” needs a sentence: what did the customer say?", reason=self.reason_id.name))
        self.offer_ids._answer(
            self.answer, self.until, self.reason_id if self.answer == 'refused' else None, (self.note or '').strip())
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
