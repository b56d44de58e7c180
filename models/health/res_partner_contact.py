from odoo import api, fields, models
from odoo.exceptions import UserError

from ..profile.res_partner import GROUP_USER, PREFETCH


class ResPartner(models.Model):
    """What we hear from the people of a customer, and who of them is gone."""

    _inherit = 'res.partner'

    customer_left_on = fields.Date(
        string="Left On", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="The day on which this contact person was archived or moved to another company.")
    customer_left_id = fields.Many2one(
        comodel_name='res.partner', string="Left This Customer", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', groups=GROUP_USER, prefetch=PREFETCH)
    customer_pulse_ids = fields.One2many(
        comodel_name='customer.pulse', inverse_name='partner_id', string="Satisfaction", groups=GROUP_USER)
    customer_reading_ids = fields.One2many(
        comodel_name='customer.reading', inverse_name='partner_id', string="Usage Readings", groups=GROUP_USER)

    _customer_left_idx = models.Index('(customer_left_on) WHERE customer_left_on IS NOT NULL')

    # ------------------------------------------------------------
    # CONTACT PERSONS WHO LEAVE
    # ------------------------------------------------------------

    @api.model
    def _get_customer_system_fields(self):
        return super()._get_customer_system_fields() | {'customer_left_on', 'customer_left_id'}

    def write(self, vals):
        """Keep in mind when a contact person of a customer is archived, moves to another company, or comes back."""
        if not {'active', 'parent_id'} & vals.keys():
            return super().write(vals)
        # whoever may edit a contact need not see customer care
        before = {person: person.commercial_partner_id for person in self.sudo() if person._is_customer_person()}
        result = super().write(vals)
        self.sudo()._keep_leaving(before)  # as above
        return result

    def _is_customer_person(self):
        """Return whether this is an active contact person of a managed customer."""
        self.ensure_one()
        return bool(
            self.active and self.parent_id and self.type == 'contact'
            and self.commercial_partner_id != self and self.commercial_partner_id.customer_managed)

    def _keep_leaving(self, before):
        """Put down which of these contacts left their customer, and take it back where somebody returned.

        :param before: customers by the contact persons that they had; a customer that is archived itself loses nobody, and
            one that became a part of another takes its people along
        """
        for person, customer in before.items():
            customer = customer.commercial_partner_id
            if customer.active and not (person.active and person.commercial_partner_id == customer):
                person.write({'customer_left_on': fields.Date.context_today(self), 'customer_left_id': customer.id})
        back = self.filtered(
            lambda person: person.customer_left_on and person.active
            and person.commercial_partner_id == person.customer_left_id)
        customers = back.customer_left_id | self.customer_left_id
        back.write({'customer_left_on': False, 'customer_left_id': False})
        self.env['customer.cadence.event']._happened(('contact_left',), customers.ids)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_pulse(self):
        """Open the dialog that says how satisfied this customer is; what was said today already can be changed."""
        customer = self.commercial_partner_id
        if len(customer) != 1 or not customer.customer_managed:
            raise UserError(self.env._("Choose one customer that is under care, to say how satisfied it is."))
        today = self.env['customer.pulse'].search(
            [('partner_id', '=', customer.id), ('date', '=', fields.Date.context_today(self))])
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("How satisfied is %(customer)s?", customer=customer.name),
            'res_model': 'customer.pulse',
            'res_id': today.id,
            'view_mode': 'form',
            'views': [(self.env.ref('customer_success.customer_pulse_view_form_dialog').id, 'form')],
            'target': 'new',
            'context': {'default_partner_id': customer.id},
        }

    def action_view_customer_readings(self):
        """Open the usage readings of this customer."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_reading_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {'default_partner_id': self.commercial_partner_id[:1].id, 'search_default_group_metric': 1}
        return action
