from odoo import fields, models
from odoo.exceptions import UserError

from ..profile.res_partner import GROUP_USER


class ResPartner(models.Model):
    """What we hear from the people of a customer."""

    _inherit = 'res.partner'

    customer_pulse_ids = fields.One2many(
        comodel_name='customer.pulse', inverse_name='partner_id', string="Satisfaction", groups=GROUP_USER)
    customer_reading_ids = fields.One2many(
        comodel_name='customer.reading', inverse_name='partner_id', string="Usage Readings", groups=GROUP_USER)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_pulse(self):
        """Open the dialog that says how satisfied this customer is; what was said today already can be changed."""
        customer = self.commercial_partner_id
        if len(customer) != 1 or not customer.customer_managed:
            raise UserError(self.env._("Choose one customer that is under care, to say how satisfied it is."))
        return customer._action_judge('customer.pulse', self.env._("How satisfied is %(customer)s?", customer=customer.name))

    def _action_judge(self, model, name):
        """Open the dialog in which somebody judges this customer today.

        :param str model: a ``customer.judgement``
        :param str name: of the dialog
        """
        today = self.env[model].search([('partner_id', '=', self.id), ('date', '=', fields.Date.context_today(self))])
        view = self.env.ref(f"customer_success.{model.replace('.', '_')}_view_form_dialog")
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': model,
            'res_id': today.id,
            'view_mode': 'form',
            'views': [(view.id, 'form')],
            'target': 'new',
            'context': {'default_partner_id': self.id},
        }

    def action_view_customer_readings(self):
        """Open the usage readings of this customer."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_reading_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {'default_partner_id': self.commercial_partner_id[:1].id, 'search_default_group_metric': 1}
        return action
