from odoo import models


class CustomerPath(models.Model):
    """What is done with customers that could rise or are falling: a contact is logged, or planned (SEG-7)."""

    _inherit = 'customer.path'

    def action_log(self):
        """Open the dialog that logs a contact with this customer."""
        self._customer_one()
        return self.partner_id.action_customer_log()

    def action_plan(self):
        """Open the dialog that plans a follow-up with each of these customers."""
        self.check_access('read')
        action = {
            'type': 'ir.actions.act_window', 'name': self.env._("Plan a Follow-up"), 'res_model': 'customer.followup.plan',
            'view_mode': 'form', 'views': [(False, 'form')], 'target': 'new',
            'context': {'default_partner_ids': self.partner_id.ids},
        }
        if len(self.rule_id) == 1:
            step = self.rule_id.display_name
            action['context']['default_name'] = self.env._("Talk about what it takes: %(step)s", step=step) \
                if self.rule_id.direction == 'rise' else self.env._("Find out why it buys less: %(step)s", step=step)
        return action
