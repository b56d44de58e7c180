from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from .customer_cadence_event import Awaited

#: Leads wait for no event: their touchpoints recur.
NOTHING = Awaited(frozenset(), False, False)


class CustomerLeadPlanner(models.AbstractModel):
    """Keeps the follow-ups of leads by the planner of the customers: the same statements, about other rows (SEG-6, CAD-3).

    What is different of a lead:

    - Its cadence is that of its needs grade. It has one as long as it is open, graded, and its customer may be contacted.
    - Its open follow-ups have a lead and no customer. What was done has both, if the lead has a contact: so a talk about a
      lead counts for its customer as well, and one with the customer counts for its leads.
    - As long as the customer's own touch comes first, or on the same day, is the same person's and counts for the lead as
      well, the lead's is not open: one call is enough. Of two people it is enough on the same day, while that one is in time.
    - Winning, losing and archiving withdraw what is open; what was agreed goes along to the customer that was won, and is open
      again when a lost lead is taken up again.
    """

    _name = 'customer.lead.planner'
    _inherit = 'customer.planner'
    _description = "Planner of Leads"

    _key = 'lead_id'
    _own_kinds = ('lost', 'won', 'shelved', 'no_contact', 'replanned')

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    def _plan(self, partner_ids):
        lead_ids = list(partner_ids)
        if not lead_ids:
            return {'opened': 0, 'moved': 0, 'cancelled': 0}
        touched, reopened, moved, opened = self._make_plan(lead_ids)
        self.env['customer.followup'].invalidate_model()
        self.env['crm.lead'].browse(lead_ids).invalidate_recordset([
            'customer_next_contact', 'customer_last_contact', 'customer_contact_text', 'customer_contact_state'])
        self.env['customer.reminder']._follow_plan(touched + moved)
        return {
            'opened': len(reopened) + opened, 'moved': len({*moved} - {*reopened}), 'cancelled': len(touched)}

    @api.model
    @ormcache()
    def _in_force(self):
        """Return whether a cadence for leads is in force: where none is, nothing is looked at."""
        return bool(self.env['customer.cadence'].sudo().search_count(  # of all companies
            [('active', '=', True), ('needs_grade_ids', '!=', False)], limit=1))

    @api.model
    def _follow_customers(self, partner_ids):
        """Plan the leads of customers that were just planned: a talk with the customer counts for them.

        :param partner_ids: ids of customers
        """
        if not self._in_force():
            return
        rows = self.env.execute_query(SQL(
            """SELECT l.id FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
                WHERE l.customer_grade_id IS NOT NULL AND l.active AND l.won_status = 'pending'
                  AND p.commercial_partner_id = ANY(%s) ORDER BY l.id""", list(partner_ids)))
        self.env['customer.plan.request']._request([lead_id for lead_id, in rows], planner=self._name)

    @api.model
    def _request_missing(self):
        """Ask for the planning of leads that lack an open follow-up or have one that is not of their cadence, whatever the
        cause, and of those whose customer's own touch stands for theirs: the nightly safety net."""
        if not self._in_force() and not self.env['customer.followup'].search_count(
                [('lead_id', '!=', False), ('partner_id', '=', False), ('state', '=', 'planned')], limit=1):
            return
        self.env['customer.followup'].flush_model()
        self.env['crm.lead'].flush_model()
        self.env['customer.plan.request']._request_query(SQL(
            """WITH c AS MATERIALIZED (SELECT id, cadence_id FROM (%s) AS lead)
               SELECT id
                 FROM (SELECT c.id, s.id AS step_id
                         FROM c JOIN customer_cadence_step s
                           ON s.cadence_id = c.cadence_id AND s.active AND s.kind = 'recurring'
                       EXCEPT ALL
                       SELECT lead_id, step_id FROM customer_followup
                        WHERE state = 'planned' AND step_id IS NOT NULL AND partner_id IS NULL) AS missing
                UNION
               SELECT f.lead_id FROM customer_followup f LEFT JOIN c ON c.id = f.lead_id
                WHERE f.state = 'planned' AND f.step_id IS NOT NULL AND f.partner_id IS NULL
                  AND c.cadence_id IS DISTINCT FROM f.cadence_id""", self._cadence_of_customer_sql()), planner=self._name)

    @api.model
    def _make_plan(self, partner_ids, awaited=None):
        return super()._make_plan(partner_ids, NOTHING)

    # ------------------------------------------------------------
    # WHICH LEAD FOLLOWS WHICH CADENCE
    # ------------------------------------------------------------

    @api.model
    def _subject_sql(self):
        """Return SQL for leads with the columns of a customer that the planner reads."""
        return SQL(
            """(SELECT l.id, l.user_id, l.company_id, l.email_normalized, l.phone_sanitized,
                       COALESCE(l.country_id, owner.country_id) AS country_id,
                       COALESCE(l.state_id, CASE WHEN l.country_id IS NULL THEN owner.state_id END) AS state_id,
                       l.customer_grade_id AS grade_id, l.customer_grade_since AS since,
                       l.active AND l.won_status = 'pending' AND owner.customer_do_not_contact IS NOT TRUE AS is_open %s
                  FROM crm_lead l
             LEFT JOIN res_partner person ON person.id = l.partner_id
             LEFT JOIN res_partner owner ON owner.id = person.commercial_partner_id)""", self._owner_columns_sql())

    @api.model
    def _owner_columns_sql(self):
        """Return SQL with what other wings read of the customer ``owner`` of a lead, each column after a comma."""
        return SQL()

    @api.model
    def _cadence_of_customer_sql(self, partner_ids=None, candidate=None, arranged=None):
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        rules = self._rules_with(candidate) if candidate else self._rules_in_force()
        return SQL(
            """SELECT p.id, p.user_id, NULL::int AS expert_id, p.email_normalized, p.phone_sanitized,
                      p.since AS managed_since, NULL::date AS tier_since, NULL::date AS last_order,
                      NULL::date AS cadence_since, %(company)s AS company_id,
                      rule.cadence_id, p.since AS meant_since, 'grade' AS cadence_by %(columns)s
                 FROM %(subject)s p
            LEFT JOIN res_users u ON u.id = p.user_id
                 JOIN (VALUES %(rules)s) AS rule (company_id, grade_id, cadence_id)
                   ON rule.company_id = %(company)s AND rule.grade_id = p.grade_id
                WHERE p.is_open %(only)s""",
            company=self._company_sql(), subject=self._subject_sql(), columns=self._customer_columns_sql(), only=only,
            rules=SQL(", ").join(SQL("(%s::int, %s::int, %s::int)", *row) for row in rules or [(None, None, None)]))

    @api.model
    def _rules_with(self, candidate, arranged=None):
        """Return which cadence is for which needs grade, as rows of company id, grade id and cadence id; what is arranged for
        customers changes nothing."""
        rules = {}
        for company, fitting in self._cadences_by_company(candidate).items():
            for cadence in fitting:
                for grade in cadence.needs_grade_ids:
                    rules.setdefault((company.id, grade.id), cadence.id)
        return [(*key, cadence_id) for key, cadence_id in rules.items()]

    @api.model
    def _beside(self, partner_ids=None):
        return []

    @api.model
    def _count_by_cadence(self):
        self.env['crm.lead'].flush_model()
        return dict(self.env.execute_query(SQL(
            "SELECT cadence_id, count(*) FROM (%s) AS c GROUP BY 1", self._cadence_of_customer_sql())))

    # ------------------------------------------------------------
    # WHAT SHOULD BE THERE
    # ------------------------------------------------------------

    @api.model
    def _anchor_sql(self, partner_ids):
        """Return SQL with what happened last: what was done for the lead, and talks with the customer whose lead it is."""
        touches = SQL(
            """SELECT f.lead_id AS partner_id, f.step_id, f.channel_id, f.state, f.qualifies, f.contact_day, f.closed_at,
                      f.closed_by_id, f.company_id, f.date_back, f.event_date
                 FROM customer_followup f WHERE f.lead_id = ANY(%(ids)s)
                UNION ALL
               SELECT l.id, NULL, f.channel_id, f.state, f.qualifies, f.contact_day, f.closed_at, f.closed_by_id, f.company_id,
                      NULL, f.event_date
                 FROM crm_lead l
                 JOIN res_partner person ON person.id = l.partner_id
                 JOIN customer_followup f ON f.partner_id = person.commercial_partner_id AND f.state = 'done' AND f.qualifies
                WHERE l.id = ANY(%(ids)s) AND f.lead_id IS DISTINCT FROM l.id""", ids=partner_ids)
        return self.env['customer.anchor']._latest_sql(partner_ids, touches)

    @api.model
    def _loose_sql(self, partner_ids):
        """Return SQL with what was agreed about leads that are open, and what is still open of a lead that was won without a
        customer; ``back`` is today where its day passed while the lead was closed."""
        return SQL(
            """SELECT f.id, f.lead_id AS partner_id, f.company_id, f.channel_id, f.owner_id, f.given_by_id, f.date_anchor,
                      f.anchor_kind, f.date_raw, f.date_manual, f.state = 'cancelled' AS is_cancelled,
                      CASE WHEN f.state = 'cancelled' AND f.closed_at < %(yesterday)s
                            AND COALESCE(f.date_manual, f.date_raw) < %(today)s THEN %(today)s::date END AS back
                 FROM customer_followup f
                 JOIN crm_lead l ON l.id = f.lead_id
                 JOIN %(subject)s p ON p.id = f.lead_id
                WHERE f.lead_id = ANY(%(ids)s) AND f.partner_id IS NULL AND f.step_id IS NULL
                  AND (p.is_open AND (f.state = 'planned' OR f.state = 'cancelled' AND f.close_kind = ANY(%(kinds)s)
                                      AND f.anchor_kind = 'promise')
                       OR l.won_status = 'won' AND f.state = 'planned')""",
            ids=partner_ids, today=fields.Date.context_today(self), yesterday=self._yesterday(), subject=self._subject_sql(),
            kinds=[kind for kind in self._own_kinds if kind != 'replanned'])

    @api.model
    def _paused_sql(self):
        """A pause of the customer holds for its leads as well."""
        return SQL(
            """customer_pause s JOIN res_partner p ON p.id = s.partner_id
                 JOIN res_partner person ON person.commercial_partner_id = p.id
                 JOIN crm_lead q ON q.partner_id = person.id AND q.id IN (SELECT partner_id FROM customer_plan)""")

    @api.model
    def _apply_calendars(self):
        """Then leave to the customer's own touch what that does as well."""
        result = super()._apply_calendars()
        self.env.cr.execute(SQL(
            """UPDATE customer_plan w SET channel_id = NULL
                 FROM crm_lead l
                 JOIN res_partner person ON person.id = l.partner_id
                 JOIN customer_followup f ON f.partner_id = person.commercial_partner_id AND f.state = 'planned'
                WHERE l.id = w.partner_id AND w.step_id IS NOT NULL AND w.date_manual IS NULL
                  AND (f.user_id = w.user_id AND f.date_planned <= w.date_planned
                       OR f.date_planned = w.date_planned AND f.date_limit >= %(today)s)
                  AND EXISTS (SELECT 1 FROM (%(counts)s) k WHERE k.step_id = w.step_id AND k.channel_id = f.channel_id)""",
            today=fields.Date.context_today(self), counts=self.env['customer.anchor']._counts_sql()))
        return result

    # ------------------------------------------------------------
    # WRITING THE DIFFERENCE
    # ------------------------------------------------------------

    @api.model
    def _cancel_unwanted(self, partner_ids):
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET state = 'cancelled', closed_at = %(moment)s, write_date = %(now)s,
                      close_kind = CASE WHEN l.won_status IN ('won', 'lost') THEN l.won_status
                                        WHEN l.active IS NOT TRUE THEN 'shelved'
                                        WHEN p.is_open THEN 'replanned' ELSE 'no_contact' END
                 FROM crm_lead l JOIN %(subject)s p ON p.id = l.id
                WHERE l.id = f.lead_id AND f.lead_id = ANY(%(ids)s) AND f.partner_id IS NULL AND f.state = 'planned'
                  AND (f.step_id IS NULL AND NOT p.is_open AND l.won_status <> 'won'
                       OR f.step_id IS NOT NULL AND NOT EXISTS (
                          SELECT 1 FROM customer_plan w
                           WHERE w.partner_id = f.lead_id AND w.step_id = f.step_id AND w.channel_id IS NOT NULL))
            RETURNING f.id""",
            ids=partner_ids, now=self.env.cr.now(), moment=fields.Datetime.now(), subject=self._subject_sql()))
        # Odoo archives a lead before it is lost
        self.env.cr.execute(SQL(
            """UPDATE customer_followup f SET close_kind = 'lost' FROM crm_lead l
                WHERE l.id = f.lead_id AND f.lead_id = ANY(%s) AND f.close_kind = 'shelved' AND l.won_status = 'lost'""",
            partner_ids))
        return [followup_id for followup_id, in rows]

    # ------------------------------------------------------------
    # WHAT GOES ALONG TO THE CUSTOMER
    # ------------------------------------------------------------

    @api.model
    def _carry(self, lead_ids):
        """Let the contacts about leads stand with their customers too, and what was agreed with the customers that were won.

        :param lead_ids: ids of leads
        :return: ids of the customers that have other follow-ups now
        :rtype: list[int]
        """
        self.env['customer.followup'].flush_model()
        self.env['crm.lead'].flush_model(['partner_id', 'won_status'])
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f SET partner_id = person.commercial_partner_id, write_date = %(now)s
                 FROM (SELECT id, partner_id AS before FROM customer_followup WHERE lead_id = ANY(%(ids)s)) was,
                      crm_lead l JOIN res_partner person ON person.id = l.partner_id
                WHERE was.id = f.id AND l.id = f.lead_id AND l.id = ANY(%(ids)s)
                  AND (f.state = 'done' OR f.state = 'planned' AND f.step_id IS NULL AND l.won_status = 'won')
                  AND f.partner_id IS DISTINCT FROM person.commercial_partner_id
            RETURNING was.before, f.partner_id""", ids=list(lead_ids), now=self.env.cr.now()))
        self.env['customer.followup'].invalidate_model(['partner_id', 'write_date'])
        return sorted({partner_id for row in rows for partner_id in row if partner_id})
