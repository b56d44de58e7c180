from odoo import api, models
from odoo.tools import SQL


class CustomerReminder(models.AbstractModel):
    """Warnings go to whoever stands in as well, and come back (HEA-3, CAD-9)."""

    _inherit = 'customer.reminder'

    @api.model
    def _absence_records_sql(self, model_name, record_ids=None):
        if model_name != 'customer.warning':
            return super()._absence_records_sql(model_name, record_ids)
        return SQL(
            """SELECT w.id, w.user_id, w.absence_id, %s AS company_id, NULL::date AS due
                 FROM customer_warning w JOIN res_partner p ON p.id = w.partner_id
            LEFT JOIN res_users u ON u.id = p.user_id
                WHERE w.state <> 'closed' %s""",
            self.env['customer.responsibility']._company_sql('p', 'u'),
            SQL("AND w.id = ANY(%s)", list(record_ids)) if record_ids is not None else SQL())

    @api.model
    def _work_absences(self):
        count = super()._work_absences()
        moved = self._hand_over_and_back('customer.warning')
        self.env['customer.warning'].browse(moved)._follow_user()
        return count + len(moved)

    @api.model
    def _give_back(self, absence_ids):
        result = super()._give_back(absence_ids)
        warnings = self.env['customer.warning'].search([('state', '!=', 'closed'), ('absence_id', 'in', absence_ids)])
        self._return(warnings)
        warnings._follow_user()
        return result
