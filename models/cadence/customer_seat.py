from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..platform.counted import days


class CustomerSeat(models.Model):
    """When somebody last spoke with who sits there, and what is missing where nobody does (PRO-3)."""

    _inherit = 'customer.seat'

    last_contact = fields.Date(
        compute='_compute_last_contact', help="The last time that this person was reached, of the contacts that you may see.")

    @api.depends('person_id')
    @api.depends_context('uid')
    def _compute_last_contact(self):
        """Look all up in one statement, of the follow-ups that the user may see."""
        followups = self.env['customer.followup']
        last = {}
        if self.person_id and followups.has_access('read'):
            last = {(partner.id, person.id): day for partner, person, day in followups._read_group(
                [('contact_id', 'in', self.person_id.ids), ('state', '=', 'done'), ('qualifies', '=', True)],
                ['partner_id', 'contact_id'], ['contact_day:max'])}
        for seat in self:
            seat.last_contact = last.get((seat.partner_id.id, seat.person_id.id), False)

    @api.model
    def _gap_sql(self, gap, alias, partner_ids=None):
        """Know of the gaps that follow from contacts: nobody of the chain was met for long, and all hangs on one person.

        Both are sets that are made once for all customers: looking at one after the other takes ten times as long.
        """
        if gap not in ('unmet', 'single'):
            return super()._gap_sql(gap, alias, partner_ids)
        self.env['customer.followup'].flush_model(
            ['partner_id', 'contact_id', 'contact_day', 'state', 'qualifies', 'outcome', 'channel_id', 'answered_at'])
        only = SQL("AND f.partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL()
        return (self._unmet_sql if gap == 'unmet' else self._single_sql)(alias, only)

    @api.model
    def _single_sql(self, alias, only):
        """Return a condition that of a customer only one person was ever reached.

        :param SQL only: a condition on contacts ``f``, after AND
        """
        return SQL(
            """%s IN (SELECT f.partner_id FROM customer_followup f
                       WHERE f.state = 'done' AND f.qualifies AND f.contact_id <> f.partner_id %s
                    GROUP BY f.partner_id HAVING min(f.contact_id) = max(f.contact_id))""", SQL.identifier(alias, 'id'), only)

    @api.model
    def _unmet_sql(self, alias, only):
        """Return a condition that nobody of the chain said a word for long, to a customer who is one for as long.

        Who is not named may have been one of the chain; where nobody holds a seat, everybody counts.

        :param SQL only: a condition on contacts ``f``, after AND
        """
        first = fields.Date.subtract(fields.Date.context_today(self), days=self._unmet_days())
        return SQL(
            """(%(since)s <= %(first)s AND NOT EXISTS (
                   SELECT 1 FROM customer_followup f
                     JOIN customer_channel c ON c.id = f.channel_id
                LEFT JOIN (%(holders)s) AS held ON held.partner_id = f.partner_id
                    WHERE f.partner_id = %(id)s AND f.state = 'done' AND f.qualifies AND f.contact_day > %(first)s
                      AND (c.medium IN ('phone', 'meeting') OR f.outcome IN ('satisfied', 'need', 'problem')
                           OR f.answered_at IS NOT NULL)
                      AND (f.contact_id IS NULL OR held.person_id IS NULL OR held.person_id = f.contact_id) %(only)s))""",
            since=SQL.identifier(alias, 'customer_managed_since'), first=first, id=SQL.identifier(alias, 'id'), only=only,
            holders=self._holders_sql())

    @api.model
    def _unmet_days(self):
        """Return after how many days without a word a decision chain has a gap."""
        return self.env['res.config.settings']._customer_success('unmet_days')

    @api.model
    def _describe_gap(self, gap):
        if gap == 'unmet':
            return self.env._("Nobody met for %(days)s", days=days(self.env, self._unmet_days()))
        if gap == 'single':
            return self.env._("Single thread: only one person was ever reached")
        return super()._describe_gap(gap)

    def _card(self, level, names, labels):
        """Add the last contact with the person."""
        card = super()._card(level, names, labels)
        if self.person_id:
            card['last'] = self.env._("Last contact %(day)s", day=format_date(self.env, self.last_contact)) \
                if self.last_contact else self.env._("Never reached")
        return card
