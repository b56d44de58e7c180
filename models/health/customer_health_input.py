from odoo import api, models


class CustomerHealthInput(models.AbstractModel):
    """What people put down about a customer, and its health and value follow: judgements, readings."""

    _name = 'customer.health.input'
    _description = "Input of the Health Score"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create([self._complete_values(vals) for vals in vals_list])
        records._refresh_health()
        return records

    def write(self, vals):
        partners = self.partner_id
        result = super().write(self._complete_values(vals))
        self._refresh_health(partners)
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        self.browse()._refresh_health(partners)
        return result

    @api.model
    def _complete_values(self, vals):
        """Return values that name the customer instead of a contact person."""
        if not vals.get('partner_id'):
            return vals
        return {**vals, 'partner_id': self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id}

    def _refresh_health(self, partners=None):
        """The health of these customers, and their value, follow at once.

        :param partners: customers whom the records were about before
        """
        partners = self.partner_id | (partners or self.partner_id.browse())
        if partners:
            # figures follow from everybody's records, and are readonly for everybody
            self.env['customer.health.refresh'].sudo()._refresh(partners.ids)
            self.env['customer.value.refresh']._refresh(partners.ids)
