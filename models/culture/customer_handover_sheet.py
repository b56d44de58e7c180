from odoo import api, models

from ..profile.customer_handover_sheet import Section


class CustomerHandoverSheet(models.AbstractModel):
    """What is fitting, and what the customer celebrates."""

    _inherit = 'customer.handover.sheet'

    @api.model
    def _sections(self, customer):
        etiquette = self.env['customer.advice']._etiquette(customer.customer_culture_id)
        rows = [(self.env._("Culture"), customer.customer_culture_id.name), (self.env._("In short"), etiquette['summary'])]
        rows += [(self.env._("Do"), line) for line in etiquette['do']]
        rows += [(self.env._("Avoid"), line) for line in etiquette['avoid']]
        rows += [(self.env._("Tone"), etiquette['tone']), (self.env._("Gifts"), etiquette['gift'])]
        return [*super()._sections(customer), Section(50, self.env._("Culture and etiquette"), [row for row in rows if row[1]])]
