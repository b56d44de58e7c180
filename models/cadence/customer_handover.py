from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.customer_handover import Kind


class CustomerHandover(models.Model):
    """Follow-ups change hands with their customer: the planned touches of the account manager, and what was agreed (PRO-7).

    The planner would bring most of them along as well, one night later where there are many: here they go at once, and it
    is known which they were.
    """

    _inherit = 'customer.handover'

    @api.model
    def _kinds(self):
        is_open = Domain('state', '=', 'planned')
        planned = Domain('step_id', '!=', False) & Domain('step_id.role', '=', 'manager') & Domain('given_by_id', '=', False)
        return super()._kinds() | {
            'promise': Kind(
                'customer.followup', lambda env: env._("Agreed next steps"),
                lambda: is_open & Domain('step_id', '=', False) & Domain('given_by_id', '=', False),
                holder=self._followup_holder, noted=False),
            'touch': Kind(
                'customer.followup', lambda env: env._("Planned touches"), lambda: is_open & planned, generated=True,
                holder=self._followup_holder, noted=False),
        }

    @api.model
    def _followup_holder(self, followup):
        """Return whose follow-up it is, whoever does it while that one is away."""
        return followup.absence_id.user_id or followup.user_id

    @api.model
    def _give(self, name, records, user):
        """Follow-ups go in one statement: no email for each, and their reminders go along."""
        if records._name != 'customer.followup':
            return super()._give(name, records, user)
        self._write_followups(records, SQL(
            "user_id = %(user)s, owner_id = %(user)s, absence_id = NULL, given_by_id = NULL", user=user.id or None))
        self.env['customer.reminder'].sudo()._follow_plan(records.ids)  # activities of other users move along
        return None

    @api.model
    def _keep_with_former(self, stays, giver):
        """What stays counts as given to whoever has it; what comes after it is the new account manager's."""
        result = super()._keep_with_former(stays, giver)
        for name in ('promise', 'touch'):
            if records := stays.get(name):
                self._write_followups(records, SQL(
                    """given_by_id = %s, owner_id = CASE WHEN step_id IS NULL THEN owner_id
                                      ELSE (SELECT user_id FROM res_partner WHERE id = partner_id) END""", giver.id))
        return result

    @api.model
    def _write_followups(self, followups, sets):
        """Write columns of the planner, which people don't write."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE customer_followup SET %s, write_date = %s WHERE id = ANY(%s)", sets, self.env.cr.now(), followups.ids))
        followups.invalidate_recordset(['user_id', 'owner_id', 'absence_id', 'given_by_id', 'write_date'])

    def _on_undone(self):
        result = super()._on_undone()
        # what stayed with the account manager, who has the customer again, was given to nobody
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """UPDATE customer_followup f SET given_by_id = NULL
                 FROM res_partner p
                WHERE p.id = f.partner_id AND f.partner_id = ANY(%s) AND f.state = 'planned' AND f.user_id = p.user_id
                  AND f.given_by_id IS NOT NULL""", self.partner_id.ids))
        self.env['customer.followup'].invalidate_model(['given_by_id'])
        self.env['customer.cadence.event']._happened({'handover'}, self.partner_id.ids)
        return result
