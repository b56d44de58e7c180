from odoo import api, models
from odoo.exceptions import ValidationError

from ..platform.base import LONGEST


class ResPartner(models.Model):
    _inherit = 'res.partner'

    @api.readonly
    def get_customer_health(self, days=30):
        """Return what the health panel shows: why the score is what it is, and why it changed.

        :param int days: how far back the change is explained
        :return: see ``customer.health.why._panel``; of nobody who is under maintenance: an empty dict
        :rtype: dict
        """
        customer = self.commercial_partner_id
        customer._customer_one()
        customer.check_access('read')
        if not customer.customer_managed:
            return {}
        if not isinstance(days, int) or not 0 < days <= LONGEST['days']:
            raise ValidationError(self.env._(
                "“%(days)s” is no number of days to look back. Give one from 1 to %(most)s.", days=days, most=LONGEST['days']))
        return self.env['customer.health.why']._panel(customer, days)

    def action_customer_health(self):
        """Open the dialog that explains the health of a customer."""
        customer = self.commercial_partner_id
        customer._customer_one()
        return {
            'type': 'ir.actions.client',
            'tag': 'customer_health_why',
            'name': self.env._("Health of %(customer)s", customer=customer.display_name),
            'target': 'new',
            'params': {'partner_id': customer.id},
            'context': {'dialog_size': 'extra-large'},
        }

    def action_view_customer_snapshots(self):
        """Open the history of the score of a customer."""
        customer = self.commercial_partner_id
        action = self.env['ir.actions.actions']._for_xml_id('customer_success.customer_health_snapshot_action')
        return action | {'domain': [('partner_id', 'in', customer.ids)], 'context': {}}
