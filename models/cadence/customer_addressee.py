from odoo import api, models
from odoo.tools import SQL


class CustomerAddressee(models.AbstractModel):
    _inherit = 'customer.addressee'

    @api.model
    def _reasons(self, person, customer, medium, chosen):
        """Add who is not to be contacted. What comes from the customer itself can be noted all the same."""
        reasons = super()._reasons(person, customer, medium, chosen)
        if not medium:
            return reasons
        return {'stopped': SQL(
            "(%s.customer_do_not_contact IS TRUE OR %s.customer_do_not_contact IS TRUE)", person, customer), **reasons}

    @api.model
    def _texts(self, medium):
        return {**super()._texts(medium), 'stopped': self.env._("not to be contacted")}

    @api.model
    def _asked_sql(self, person, customer):
        super()._asked_sql(person, customer)
        return SQL(
            """(SELECT max(asked.contact_day) FROM customer_followup asked
                 WHERE asked.contact_id = %s AND asked.partner_id = %s AND asked.state = 'done' AND asked.qualifies)""",
            person, customer)

    @api.model
    def _flush(self):
        self.env['customer.followup'].flush_model()
        return super()._flush()
