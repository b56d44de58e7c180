from odoo import api, fields, models

#: What may win a lead, take that back, or say whose it is.
DECIDES = {'stage_id', 'probability', 'active', 'partner_id'}


class CrmLead(models.Model):
    """A lead that is won is an event that touchpoints wait for (LIF-1)."""

    _inherit = 'crm.lead'

    customer_won_at = fields.Datetime(
        string="First Won", readonly=True, copy=False,
        help="When it was won for the first time: who wins it once more does not thank the customer again.")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._customer_signed(leads.browse(), leads.browse())
        return leads

    def write(self, vals):
        if not DECIDES & vals.keys():
            return super().write(vals)
        won, partners = self._filtered_won(), self.sudo().partner_id  # whoever works on leads need not see all contacts
        result = super().write(vals)
        self._customer_signed(won, partners)
        return result

    def _filtered_won(self):
        return self.filtered(lambda lead: lead.won_status == 'won')

    def _customer_signed(self, won, partners):
        """Note which of these leads were won, and have their customers planned.

        :param won: those that were before
        :param partners: whose they were before
        """
        now = self._filtered_won()
        if not won and not now:
            return
        for lead in now.filtered(lambda lead: not lead.customer_won_at).sudo():  # nobody writes it
            lead.customer_won_at = lead.date_closed or fields.Datetime.now()
        customers = (self.sudo().partner_id | partners).commercial_partner_id  # as in write
        self.env['customer.cadence.event']._happened(('signing',), customers.ids)
