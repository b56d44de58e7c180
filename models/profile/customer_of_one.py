from odoo import api, models


class CustomerOfOne(models.AbstractModel):
    """What is noted of one customer: it names the commercial partner, whichever contact of it was chosen, and only those write
    it who work with the customer, by form, import and RPC alike."""

    _name = 'customer.of.one'
    _description = "Noted of a Customer"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._name_customer(vals) for vals in vals_list])._checked_customer()

    def write(self, vals):
        result = super().write(self._name_customer(vals))
        if 'partner_id' in vals:
            self._checked_customer()
        return result

    def _checked_customer(self):
        """Refuse what is noted of customers of others, and return it."""
        if not self.env.su:
            self.partner_id._check_works_with()
        return self

    @api.model
    def _name_customer(self, vals):
        """Return values that name the customer instead of a contact of it."""
        if not vals.get('partner_id'):
            return dict(vals)
        partner = self.env['res.partner'].browse(vals['partner_id'])
        return {**vals, 'partner_id': partner.sudo().commercial_partner_id.id or partner.id}  # which one it is, is no secret
