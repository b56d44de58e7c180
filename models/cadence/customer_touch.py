from contextlib import contextmanager

from odoo import api, fields, models
from odoo.fields import Domain


class Together(list):
    """Ids of follow-ups that are closed one by one, and what follows of it comes at the end: nothing that a client can send."""


class CustomerTouch(models.AbstractModel):
    """Whose a follow-up is: a customer's or a lead's (SEG-6).

    An open follow-up is of one of them. What was done about a lead with a contact has both: it is the customer's as well.
    """

    _name = 'customer.touch'
    _description = "Whose a Follow-up Is"

    lead_id = fields.Many2one(
        comodel_name='crm.lead', index='btree_not_null', ondelete='cascade',
        help="The lead it is about. Without a customer it is the lead's; with one it is the customer's by now, and came of the "
             "lead.")
    whose = fields.Char(string="Customer or Lead", compute='_compute_whose', search='_search_whose')

    @api.depends('partner_id', 'lead_id.name')
    def _compute_whose(self):
        for followup in self:
            # the lead may be a colleague's
            followup.whose = followup.partner_id.display_name or followup.lead_id.sudo().display_name

    def _search_whose(self, operator, value):
        return Domain('partner_id', operator, value) | Domain('lead_id', operator, value)

    def _last_of_leads(self):
        """Return the last contact about the leads of these follow-ups, by the id of the lead.

        :rtype: dict[int, customer.followup]
        """
        if not self.lead_id:
            return {}
        done = self.search([('lead_id', 'in', self.lead_id.ids), ('state', '=', 'done'), ('qualifies', '=', True)],
                           order='contact_at, id')
        return {followup.lead_id.id: followup for followup in done}

    # ------------------------------------------------------------
    # WHAT IS DONE WITH IT
    # ------------------------------------------------------------

    def _account_manager(self):
        """Return who looks after the customer, or works on the lead."""
        self.ensure_one()
        return self.partner_id.user_id if self.partner_id else self.lead_id.sudo().user_id.sudo(False)  # a colleague's lead

    @contextmanager
    def _closed_together(self):
        """Yield these records for closing many follow-ups one by one: reminders are taken away and the next follow-ups planned
        once, at the end."""
        together = Together()
        yield self.with_context(customer_closed_together=together)
        self.env['customer.followup'].browse(list(dict.fromkeys(together)))._after_close()

    def _replan(self):
        """Plan the customers and leads of these follow-ups anew."""
        # opens follow-ups for any responsible person
        planner, of_leads = self.env['customer.planner'].sudo(), self.env['customer.lead.planner'].sudo()
        if partners := self.partner_id:
            planner._plan(partners.ids)
        if leads := self.lead_id:
            of_leads._plan(leads.ids)

    def _log_contact(self, **values):
        """Record that this follow-up was made: see ``res.partner._log_contact``, and the same of a lead."""
        self.ensure_one()
        if not self.partner_id:
            return self.lead_id._customer_log_contact(followup=self, **values)
        return self.partner_id._log_contact(followup=self, **values)

    def action_open_lead(self):
        """Open the form of the lead."""
        self._customer_one()
        return self.lead_id._customer_open()
