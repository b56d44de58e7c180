from odoo import api, fields, models
from odoo.fields import Domain


class CustomerReminder(models.AbstractModel):
    _inherit = 'customer.reminder'

    @api.model
    def _ask_anew(self):
        """Give care events to come, of who can't do them any more, to who answers for that one's work now."""
        result = super()._ask_anew()
        responsibility = self.env['customer.responsibility']
        coming = Domain('state', 'in', ('draft', 'invited')) & Domain('date_end', '>=', fields.Datetime.now())
        for user, company in self.env['customer.care.event']._read_group(coming, ['user_id', 'company_id']):
            owner = responsibility._owner('manager', user, company)
            if user and owner and owner != user:
                self.env['customer.care.event'].search(
                    coming & Domain('user_id', '=', user.id) & Domain('company_id', '=', company.id)).user_id = owner
        return result

    @api.model
    def _by_hand_domain(self):
        """Add what is automatic, but has taken its fallback channel or stands on a day that does not suit."""
        return super()._by_hand_domain() | Domain('switched', '=', True) | Domain('unfit', '=', True)
