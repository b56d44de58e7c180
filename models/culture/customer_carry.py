from odoo import api, models
from odoo.tools import SQL

from ..profile.customer_carry import BUSINESS, PERSON


class CustomerCarry(models.AbstractModel):
    """Birthdays, occasions, greetings and invitations are a person's own; occasions of companies, budgets and expenses are
    business."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.care.budget', 'partner_id'): BUSINESS,
            ('customer.care.expense', 'partner_id'): BUSINESS,
            ('customer.care.expense', 'contact_id'): PERSON,
            ('customer.care.guest', 'partner_id'): PERSON,
            ('customer.care.guest', 'customer_id'): BUSINESS,
            ('customer.greeting', 'partner_id'): PERSON,
            ('customer.greeting', 'contact_id'): PERSON,
            ('customer.greeting', 'customer_id'): BUSINESS,
            ('customer.occasion', 'partner_id'): PERSON,
        }

    @api.model
    def _carried_by_rule(self):
        return [*super()._carried_by_rule(), 'customer_culture_manual_id']

    @api.model
    def _figures(self):
        return [*super()._figures(), 'customer_care_turn']

    @api.model
    def _personal(self):
        return [*super()._personal(), 'birthdate_date']

    @api.model
    def _carried_values(self, source, target, into):
        """The culture of the one is that of the customer too, where nobody said otherwise."""
        given = super()._carried_values(source, target, into)
        if source.customer_culture_manual_id and not target.customer_culture_manual_id:
            given['customer_culture_manual_id'] = source.customer_culture_manual_id
        return given

    @api.model
    def _make_room(self, sources, target, into):
        """Of two own budgets for the same kind and year the larger one stays, with both reasons. What is for companies alone
        (the founding, the years of cooperation) is no longer noted on a person."""
        result = super()._make_room(sources, target, into)
        ids = [target.id, *sources.ids]
        self.env.cr.execute(SQL(
            """WITH same AS (
                   SELECT id, amount, reason, partner_id = %(target)s AS kept,
                          array_agg(id) OVER (PARTITION BY kind_id, year, company_id) AS ids,
                          row_number() OVER (PARTITION BY kind_id, year, company_id
                                                 ORDER BY amount DESC, partner_id = %(target)s DESC, id) AS place
                     FROM customer_care_budget WHERE partner_id = ANY(%(ids)s)),
               gone AS (DELETE FROM customer_care_budget WHERE id IN (SELECT id FROM same WHERE place > 1))
               UPDATE customer_care_budget b
                  SET reason = concat_ws(' · ', b.reason, (
                          SELECT string_agg(concat_ws(' ', o.reason, o.amount), ' · ' ORDER BY o.place)
                            FROM same o WHERE o.id = ANY(same.ids) AND o.place > 1))
                 FROM same
                WHERE same.id = b.id AND same.place = 1 AND cardinality(same.ids) > 1""",
            ids=ids, target=target.id))
        if into == target:
            return result
        self._make_room_for_greetings(sources, target, SQL("AND k.applies_to = 'company'"))
        return result

    @api.model
    def _business_if(self):
        for_companies = SQL("kind_id IN (SELECT id FROM customer_occasion_kind WHERE applies_to = 'company')")
        return [
            *super()._business_if(),
            ('customer.occasion', 'partner_id', for_companies), ('customer.greeting', 'partner_id', for_companies),
        ]

    @api.model
    def _make_room_for_people(self, sources, kept):
        """Nobody is greeted twice. Of two places on the same guest list one stays: with the attendance if one of them came,
        else with the invitation."""
        result = super()._make_room_for_people(sources, kept)
        self._make_room_for_greetings(sources, kept)
        self.env.cr.execute(SQL(
            """DELETE FROM customer_care_guest
                WHERE id IN (SELECT id
                               FROM (SELECT id, row_number() OVER (
                                                PARTITION BY event_id
                                                    ORDER BY attendance = 'attended' DESC NULLS LAST,
                                                             followup_id IS NOT NULL DESC, attendee_id IS NOT NULL DESC,
                                                             partner_id = %(kept)s DESC, id) AS place
                                       FROM customer_care_guest WHERE partner_id = ANY(%(ids)s)) AS ranked
                              WHERE place > 1)""",
            ids=[kept.id, *sources.ids], kept=kept.id))
        self.env.invalidate_all()
        return result

    @api.model
    def _make_room_for_greetings(self, sources, kept, only=None):
        """Keep what both were greeted on in the same year as a record of its own, the open one of it closed, and archive what
        both have noted.

        :param SQL only: a condition on the kind of occasion (``k``), after AND
        """
        only = only or SQL()
        partners = [kept.id, *sources.ids]
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_greeting g
                  SET moment = -g.id, state = CASE g.state WHEN 'planned' THEN 'skipped' ELSE g.state END
                 FROM customer_occasion_kind k
                WHERE k.id = g.kind_id AND g.partner_id = ANY(%(sources)s) %(only)s
                  AND EXISTS (SELECT 1 FROM customer_greeting o
                               WHERE o.partner_id = ANY(%(partners)s) AND o.kind_id = g.kind_id AND o.year = g.year
                                 AND COALESCE(o.festival_id, 0) = COALESCE(g.festival_id, 0) AND o.moment = g.moment
                                 AND (o.partner_id = %(kept)s OR o.id < g.id) AND o.id <> g.id)
            RETURNING g.id""", sources=sources.ids, partners=partners, kept=kept.id, only=only))
        self.env.cr.execute(SQL(
            """UPDATE customer_occasion o SET active = FALSE
                 FROM customer_occasion_kind k
                WHERE k.id = o.kind_id AND k.once IS NOT TRUE AND o.active AND o.partner_id = ANY(%(sources)s) %(only)s
                  AND EXISTS (SELECT 1 FROM customer_occasion other
                               WHERE other.active AND other.partner_id = ANY(%(partners)s) AND other.kind_id = o.kind_id
                                 AND COALESCE(other.festival_id, 0) = COALESCE(o.festival_id, 0)
                                 AND (other.partner_id = %(kept)s OR other.id < o.id) AND other.id <> o.id)""",
            sources=sources.ids, partners=partners, kept=kept.id, only=only))
        self.env['customer.occasion'].invalidate_model()
        self.env['customer.greeting'].invalidate_model()
        followups = self.env['customer.greeting'].browse(row_id for row_id, in rows).followup_ids
        followups.filtered(lambda followup: followup.state == 'planned')._mark_cancelled('merged', '')
