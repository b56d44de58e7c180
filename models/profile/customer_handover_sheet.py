from typing import NamedTuple

from odoo import api, models

from ..platform.local_text import listed

#: People named on the sheet.
PEOPLE = 20


class Section(NamedTuple):
    """A part of the sheet.

    :param place: parts come in this order
    :param title: what it is, in the reader's language
    :param rows: lines, each of cells: the first one stands in front of the others
    :param nothing: what is said where there is no line; empty: the part is left out then
    """

    place: int
    title: str
    rows: list
    nothing: str = ''


class CustomerHandoverSheet(models.AbstractModel):
    """What whoever takes over a customer has to know, on screen and on paper: what was promised comes first (PRO-7)."""

    _name = 'customer.handover.sheet'
    _description = "Hand-over Sheet"

    @api.model
    def _sections(self, customer):
        """Return the parts of the sheet, of what the user may see; wings add theirs.

        :param customer: res.partner
        :rtype: list[Section]
        """
        people = customer.child_ids.filtered('active').sorted(lambda person: (person.type != 'contact', person.id))[:PEOPLE]
        rows = [(person.name or person.display_name, person.function or '', person.phone or '', person.email or '')
                for person in people]
        facts = [(label, text) for label, text in (
            (self.env._("Industry"), customer.industry_id.name), (self.env._("What they came for"), customer.customer_needs),
            (self.env._("Demand type"), customer.customer_demand_type_id.name),
            (self.env._("Missing in the profile"), customer.customer_missing),
        ) if text]
        return [
            Section(60, self.env._("People"), rows,
                    self.env._("Nobody is noted. Ask the former account manager whom they talked to.")),
            Section(90, self.env._("Profile"), facts),
        ]

    @api.model
    def _parts(self, customer):
        """Return the parts of the sheet in their order; those without a line say so, or are left out."""
        parts = [part for part in self._sections(customer) if part.rows or part.nothing]
        return sorted(parts, key=lambda part: part.place)

    @api.model
    def _head(self, customer):
        """Return the line under the name: where it is, who looks after it, and who did before."""
        last = self.env['customer.handover'].search(
            [('partner_id', '=', customer.id), ('state', '=', 'done')], limit=1)
        names = last.sudo()  # names of colleagues are no secret
        former = names.from_user_id.name and self.env._("before: %(user)s", user=names.from_user_id.name)
        manager = customer.sudo().user_id.name  # as above
        return listed(self.env, [text for text in (
            customer.city, customer.country_id.name,
            manager and self.env._("account manager: %(user)s", user=manager), former) if text])
