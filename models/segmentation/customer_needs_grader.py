from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_needs_answer import QUESTIONS

#: What the statement reads and writes of a lead.
COLUMNS = ['customer_urgency_id', 'customer_importance_id', 'customer_fit_id', 'customer_need_value', 'customer_points',
           'customer_grade_id', 'customer_grade_since', 'customer_grade_manual_id', 'customer_grade_reason',
           'customer_grade_until']


class CustomerNeedsGrader(models.AbstractModel):
    """Gives leads their needs grade: one lead that somebody answers for and all of them when the rules change go through the
    same statement, which writes only those whose grade or points change (SEG-6)."""

    _name = 'customer.needs.grader'
    _description = "Needs Grading"

    @api.model
    def _grade(self, cause, lead_ids=None, user=None):
        """Give leads the grade that follows from their answers, or that somebody set by hand.

        :param str cause: see ``customer.needs.grade.change``
        :param lead_ids: ids of leads, or None for all that have an answer
        :param user: res.users whose doing it is, or None for a scheduled action
        :return: ids of the leads whose grade changed
        :rtype: list[int]
        """
        leads = self.env['crm.lead']
        leads.flush_model(COLUMNS)
        for model in ('customer.needs.answer', 'customer.needs.grade'):
            self.env[model].flush_model()
        now, today = self.env.cr.now(), fields.Date.context_today(self)
        rows = self.env.execute_query(SQL(
            """UPDATE crm_lead l
                  SET customer_importance_id = w.importance_id, customer_points = w.points, customer_grade_id = w.grade_id,
                      customer_grade_since = CASE WHEN w.grade_id IS NULL THEN NULL
                                                  WHEN w.old_id IS DISTINCT FROM w.grade_id THEN %(today)s
                                                  ELSE l.customer_grade_since END,
                      write_date = %(now)s
                 FROM (%(wanted)s) w
                WHERE w.id = l.id AND (l.customer_importance_id, l.customer_points, l.customer_grade_id)
                                      IS DISTINCT FROM (w.importance_id, w.points, w.grade_id)
            RETURNING l.id, w.old_id, w.grade_id, w.points, l.customer_grade_reason""",
            today=today, now=now, wanted=self._wanted_sql(lead_ids)))
        leads.browse(row[0] for row in rows).invalidate_recordset([*COLUMNS, 'write_date'])
        changed = [row for row in rows if row[1] != row[2]]
        # the history is kept by the addon, for nobody to write
        self.env['customer.needs.grade.change'].sudo().create([{
            'lead_id': lead_id, 'date': today, 'old_grade_id': old_id, 'new_grade_id': new_id, 'cause': cause, 'points': points,
            'user_id': user.id if user else False, 'reason': reason if cause == 'manual' else False,
        } for lead_id, old_id, new_id, points, reason in changed])
        changed_ids = [row[0] for row in changed]
        leads.browse(changed_ids)._customer_grade_changed()
        return changed_ids

    @api.model
    def _wanted_sql(self, lead_ids=None):
        """Return SQL with the importance, the points and the grade that leads should have: ``id``, ``old_id``,
        ``importance_id``, ``points``, ``grade_id``. See ``engine.needs``."""
        only = SQL("id = ANY(%s)", list(lead_ids)) if lead_ids is not None else SQL(
            """customer_urgency_id IS NOT NULL OR customer_importance_id IS NOT NULL OR customer_fit_id IS NOT NULL
               OR customer_grade_id IS NOT NULL""")
        return SQL(
            """SELECT s.id, s.customer_grade_id AS old_id, s.importance_id, s.points,
                      COALESCE(s.customer_grade_manual_id, g.id) AS grade_id
                 FROM (SELECT o.id, o.customer_grade_id, o.customer_grade_manual_id, importance.id AS importance_id,
                              urgency.points + importance.points + fit.points AS points
                         FROM (SELECT * FROM crm_lead WHERE %(only)s) o
                    LEFT JOIN customer_needs_answer urgency ON urgency.id = o.customer_urgency_id
                    LEFT JOIN customer_needs_answer fit ON fit.id = o.customer_fit_id
                    LEFT JOIN LATERAL (
                              SELECT a.id, a.points FROM customer_needs_answer a
                               WHERE a.question = 'importance'
                                 AND (o.customer_need_value > 0 OR a.id = o.customer_importance_id)
                            ORDER BY a.minimum <= o.customer_need_value DESC,
                                     CASE WHEN a.minimum <= o.customer_need_value THEN -a.minimum ELSE a.minimum END, a.id
                               LIMIT 1) importance ON TRUE) s
            LEFT JOIN LATERAL (
                      SELECT r.id FROM customer_needs_grade r WHERE s.points IS NOT NULL
                    ORDER BY r.minimum <= s.points DESC,
                             CASE WHEN r.minimum <= s.points THEN -r.minimum ELSE r.minimum END, r.id
                       LIMIT 1) g ON TRUE""", only=only)

    @api.model
    def _rules_changed(self):
        """Grade all leads by the rules as they are now."""
        if not self.env.context.get('install_mode'):  # data files write the rules one after the other
            self._grade('rules', user=self.env.user)

    @api.model
    def _refresh(self):
        """End the grades by hand whose last day is over, take up the leads whose expected value could not be compared before,
        because its exchange rate was missing, and grade all by the rules as they are: nightly, and a few at most change.

        :return: how many leads
        """
        leads = self.env['crm.lead'].with_context(active_test=False)
        over = leads.search([
            ('customer_grade_manual_id', '!=', False), ('customer_grade_until', '<', fields.Date.context_today(self))])
        if over:
            over._customer_clear_manual_grade()
            self._grade('expired', over.ids)
        answered = Domain.OR([(field, '!=', False)] for field in QUESTIONS.values())
        unpriced = leads.search(answered & Domain('expected_revenue', '>', 0) & Domain('customer_need_value', 'in', [0, False]))
        priced = unpriced.filtered(lambda lead: lead._customer_value())
        priced._customer_grade()
        return len(over | priced) + len(self._grade('rules'))
