from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerAdjustmentInform(models.TransientModel):
    """Note that the customer was told of a change, as a contact with the customer (STR-3)."""

    _name = 'customer.adjustment.inform'
    _description = "Note That the Customer Was Told"

    adjustment_id = fields.Many2one(
        comodel_name='customer.strategy.adjustment', required=True, ondelete='cascade')
    partner_id = fields.Many2one(related='adjustment_id.partner_id')
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="Whom", compute='_compute_contact', store=True, precompute=True, readonly=False,
        domain="[('commercial_partner_id', '=', partner_id)]")
    channel_id = fields.Many2one(
        comodel_name='customer.channel', required=True, compute='_compute_contact', store=True, precompute=True, readonly=False)
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)
    note = fields.Text(string="What Was Said")

    @api.depends('adjustment_id')
    def _compute_contact(self):
        for wizard in self:
            last = wizard.partner_id.customer_last_followup_id
            customer = wizard.partner_id
            # who was asked last may have left since
            people = customer and customer._customer_recipients(chosen=last.contact_id) - customer
            wizard.contact_id = wizard.contact_id or people and people[:1]
            wizard.channel_id = (
                wizard.channel_id or last.channel_id or self.env['customer.channel'].search([], limit=1))

    def action_inform(self):
        """Keep it."""
        self._customer_one()
        self.env['customer.adjustment.flow']._inform(
            self.adjustment_id, self._contact_at(), self.channel_id, self.note, self.contact_id)
        return {'type': 'ir.actions.act_window_close'}

    def _contact_at(self):
        """Return the moment of the contact, in UTC: now for today, else noon of that day, where the user is."""
        if self.date > fields.Date.context_today(self):
            raise ValidationError(self.env._(
                "The customer can't have been told in the future. Choose today or an earlier day."))
        if self.date == fields.Date.context_today(self):
            return fields.Datetime.now()
        return self.env.tz.localize(datetime.combine(self.date, time(12))).astimezone(pytz.utc).replace(tzinfo=None)
