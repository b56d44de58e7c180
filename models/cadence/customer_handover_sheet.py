from odoo import api, models
from odoo.fields import Domain

from ..platform.local_text import day_text
from ..profile.customer_handover_sheet import Section

#: So many contacts are on the sheet, the last one first.
LAST = 5


class CustomerHandoverSheet(models.AbstractModel):
    """What was promised, what is planned, and what was said last."""

    _inherit = 'customer.handover.sheet'

    @api.model
    def _sections(self, customer):
        followups = self.env['customer.followup']
        is_open = Domain('partner_id', '=', customer.id) & Domain('state', '=', 'planned')
        promised = followups.search(is_open & Domain('step_id', '=', False), order='date_planned, id')
        planned = followups.search(is_open & Domain('step_id', '!=', False), order='date_planned, id')
        contacts = followups.search(
            Domain('partner_id', '=', customer.id) & Domain('state', '=', 'done') & Domain('qualifies', '=', True),
            order='contact_at desc, id desc', limit=LAST)
        return [
            *super()._sections(customer),
            Section(10, self.env._("Promised, and not done yet"), [self._row(one, one.date_planned) for one in promised],
                    self.env._("Nothing is promised.")),
            Section(20, self.env._("Last contacts"), [
                (day_text(self.env, one.contact_day), one.channel_id.name, one.contact_id.name or '', one.feedback or '')
                for one in contacts], self.env._("Nobody has talked to this customer yet.")),
            Section(30, self.env._("Planned next"), [self._row(one, one.date_planned) for one in planned]),
        ]

    @api.model
    def _row(self, followup, day):
        """Return the cells of an open follow-up: its day, how, with whom, and what is to be done."""
        return (day_text(self.env, day) if day else '', followup.channel_id.name, followup.contact_id.name or '',
                followup.name or followup.step_id.sudo().name or '')  # which cadence applies is no secret
