from odoo import api, models


class CustomerContacted(models.AbstractModel):
    """Records of a customer that name one of its people (``contact_id``): whoever writes names nobody of another customer. What
    the addon itself writes may be of somebody who has left since."""

    _name = 'customer.contacted'
    _description = "Records That Name a Contact"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not self.env.su:
            records._check_contacts()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su and {'contact_id', 'partner_id'} & vals.keys():
            self._check_contacts()
        return result

    def _check_contacts(self):
        for record in self:
            if record.partner_id:
                record.contact_id._check_belongs_to(record.partner_id)
