from odoo import api, fields, models
from odoo.tools import SQL

from ..profile.customer_carry import BUSINESS, DROPPED, PERSON


class CustomerCarry(models.AbstractModel):
    """Follow-ups go along with the business, what was agreed included: there is one open follow-up per touchpoint."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.followup', 'partner_id'): BUSINESS,
            ('customer.followup', 'contact_id'): PERSON,
            ('customer.contact.date', 'partner_id'): DROPPED,  # the database makes it of the follow-ups that come along
            ('customer.meeting', 'partner_id'): BUSINESS,
            ('customer.meeting', 'contact_id'): PERSON,
            ('customer.pause', 'partner_id'): BUSINESS,
            ('customer.plan.request', 'partner_id'): DROPPED,
        }

    @api.model
    def _carried_together(self):
        return [*super()._carried_together(), ('customer_cadence_id', 'customer_cadence_since')]

    @api.model
    def _carried_by_rule(self):
        return [*super()._carried_by_rule(), 'customer_do_not_contact', 'customer_do_not_contact_reason']

    @api.model
    def _make_room(self, sources, target, into):
        """Of two open follow-ups of a touchpoint the one whose day was agreed stays, else the target's. A touch after an
        event that both had is kept as a plain record. Whom a person was spoken to, who was the customer, is kept."""
        result = super()._make_room(sources, target, into)
        ids = [target.id, *sources.ids]
        rows = self.env.execute_query(SQL(
            """WITH known AS (
                   SELECT id, bool_or(event_date IS NOT NULL AND state IN ('done', 'skipped')) OVER same AS is_over,
                          row_number() OVER (PARTITION BY step_id, event_date, state = 'planned'
                                                 ORDER BY date_manual IS NOT NULL DESC, partner_id = %(target)s DESC, id) AS place
                     FROM customer_followup
                    WHERE partner_id = ANY(%(ids)s) AND step_id IS NOT NULL AND state <> 'cancelled'
                   WINDOW same AS (PARTITION BY step_id, event_date))
               UPDATE customer_followup f SET state = 'cancelled', close_kind = 'merged', closed_at = %(now)s
                 FROM known
                WHERE known.id = f.id AND f.state = 'planned' AND (known.place > 1 OR known.is_over)
            RETURNING f.id""", ids=ids, target=target.id, now=fields.Datetime.now()))
        self.env.cr.execute(SQL(
            """UPDATE customer_followup f SET event_date = NULL
                 FROM (SELECT id, row_number() OVER (PARTITION BY step_id, event_date
                                                         ORDER BY state = 'done' DESC, partner_id = %s DESC, id) AS place
                         FROM customer_followup
                        WHERE partner_id = ANY(%s) AND event_date IS NOT NULL AND state <> 'cancelled') AS ranked
                WHERE ranked.id = f.id AND ranked.place > 1""", target.id, ids))
        if into != target and not into.is_company:
            self.env.cr.execute(SQL(
                "UPDATE customer_followup SET contact_id = %s WHERE partner_id = ANY(%s) AND contact_id IS NULL",
                into.id, sources.ids))
        # of two people of one meeting who become one customer the record is kept, else the target's question
        self.env.cr.execute(SQL(
            """SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY event_id
                                                          ORDER BY state = 'recorded' DESC, partner_id = %s DESC, id) AS place
                              FROM customer_meeting WHERE partner_id = ANY(%s)) AS ranked
                WHERE place > 1""", target.id, ids))
        self.env['customer.meeting'].browse(row_id for row_id, in self.env.cr.fetchall()).unlink()
        self.env['customer.followup'].invalidate_model()
        self.env['customer.reminder']._follow_plan([row_id for row_id, in rows])
        return result

    @api.model
    def _carried_values(self, source, target, into):
        """One of several people of a customer that is looked after stops nobody but themselves."""
        given = super()._carried_values(source, target, into)
        if source.customer_do_not_contact and not target.customer_do_not_contact and (
                into == target or not target.customer_managed):
            given['customer_do_not_contact'] = True
            given['customer_do_not_contact_reason'] = source.customer_do_not_contact_reason
        return given

    @api.model
    def _left_values(self, source, given):
        left = super()._left_values(source, given)
        if 'customer_do_not_contact' in given:
            left.update(customer_do_not_contact=False, customer_do_not_contact_reason=False)
        return left

    @api.model
    def _settle(self, partners):
        result = super()._settle(partners)
        self.env['customer.plan.request']._request(partners.ids)
        return result
