from odoo import api, models
from odoo.tools import SQL


class CustomerReminder(models.AbstractModel):
    """Cases go to whoever stands in as well, and come back (SRV-2, CAD-9)."""

    _inherit = 'customer.reminder'

    @api.model
    def _absence_records_sql(self, model_name, record_ids=None):
        if model_name != 'customer.case':
            return super()._absence_records_sql(model_name, record_ids)
        return SQL(
            """SELECT id, user_id, absence_id, company_id, NULL::date AS due
                 FROM customer_case WHERE state IN ('new', 'working', 'waiting', 'solved') %s""",
            SQL("AND id = ANY(%s)", list(record_ids)) if record_ids is not None else SQL())

    @api.model
    def _work_absences(self):
        count = super()._work_absences()
        moved = self._hand_over_and_back('customer.case')
        self.env['customer.case.assigner']._follow_user(self.env['customer.case'].browse(moved))
        return count + len(moved) + self._take_from_who_left()

    @api.model
    def _take_from_who_left(self):
        """Give cases of colleagues who left, or have no role any more, to who looks after the customer.

        :return: how many
        """
        responsibility = self.env['customer.responsibility']
        rows = self.env.execute_query(SQL(
            """SELECT id FROM customer_case
                WHERE state IN ('new', 'working', 'waiting', 'solved') AND user_id IS NOT NULL
                  AND (user_id, company_id) NOT IN (SELECT user_id, company_id FROM (%s) AS able)""",
            responsibility._able_sql()))
        cases = self.env['customer.case'].browse(case_id for case_id, in rows)
        for case in cases:
            user = case.partner_id.user_id or case.user_id
            doer = responsibility._doer('manager', user, case.company_id)
            case.with_context(mail_auto_subscribe_no_notify=True).write({'user_id': doer.id, 'absence_id': False})
        return len(cases)

    @api.model
    def _give_back(self, absence_ids):
        result = super()._give_back(absence_ids)
        cases = self.env['customer.case'].search([
            ('state', 'in', ('new', 'working', 'waiting', 'solved')), ('absence_id', 'in', absence_ids)])
        self._return(cases)
        self.env['customer.case.assigner']._follow_user(cases)
        return result
