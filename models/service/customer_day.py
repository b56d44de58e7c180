from odoo import api, fields, models
from odoo.fields import Domain

from ..base.customer_day import BETWEEN, Act, Kind, Line, Told
from ..platform.counted import plural
from ..platform.local_text import day_text
from .customer_case import AT_WORK


class CustomerDay(models.AbstractModel):
    """Cases whose time runs out, and those that wait for somebody to take them."""

    _inherit = 'customer.day'

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            'case': Kind(
                self.env._("Cases near or past a deadline"), 'customer.case', self._case_domain, self._case_lines,
                order='next_due, priority desc, id', action='customer_case_action'),
            'case_offered': Kind(
                self.env._("Cases that are offered to you"), 'customer.case', self._offered_domain, self._offered_lines,
                order='offered_at, id', action='customer_case_action'),
            'case_open': Kind(
                self.env._("Cases that nobody has taken"), 'customer.case', self._untaken_domain, self._untaken_lines,
                order='next_due, priority desc, id', action='customer_case_action'),
            'feedback': Kind(
                self.env._("Feedback that waits for a reply"), 'customer.feedback', self._feedback_domain, self._feedback_lines,
                order='unhappy desc, given_at, id', action='customer_feedback_action'),
        }

    @api.model
    def _case_domain(self, day):
        """Return the domain of the own cases of which a deadline ends today, was missed, or is near."""
        soon = Domain('next_due', '<', day.end) | Domain('due_state', 'in', ['missed', 'near'])
        return Domain('user_id', '=', day.user.id) & Domain('state', 'in', AT_WORK) & soon

    @api.model
    def _case_lines(self, records, day):
        now = fields.Datetime.now()
        return [self._case_line(
            case, case.deadline or self.env._("A deadline was missed"),
            late=case.due_state == 'missed' or bool(case.next_due and case.next_due < now)) for case in records]

    @api.model
    def _case_line(self, case, why, late=False, does=()):
        types = dict(case._fields['case_type']._description_selection(self.env))
        return Line(
            case, case.partner_id, self.env._("%(type)s: %(subject)s", type=types[case.case_type], subject=case.name), why,
            title='' if case.partner_id else case.email_from or self.env._("Sender not known"), icon='fa-life-ring', late=late,
            until=case.next_due or None, person=case.contact_id or case.partner_id, does=does)

    @api.model
    def _offered_domain(self, day):
        return Domain('offered_to_id', '=', day.user.id) & Domain('state', 'in', AT_WORK)

    @api.model
    def _offered_lines(self, records, day):
        does = (Act('action_accept', self.env._("Take it"), 'fa-check'), Act('action_refuse', self.env._("Refuse"), 'fa-times'))
        return [self._case_line(case, case.offer, does=does if day.user == self.env.user else ()) for case in records]

    @api.model
    def _untaken_domain(self, day):
        if day.user != self.env.user:
            return Domain.FALSE
        return Domain('user_id', '=', False) & Domain('state', 'in', AT_WORK)

    @api.model
    def _untaken_lines(self, records, day):
        does = (Act('action_take', self.env._("Take it"), 'fa-check'),)
        return [self._case_line(case, case.deadline or self.env._("Nobody is in charge of it"), does=does) for case in records]

    # ------------------------------------------------------------
    # FEEDBACK
    # ------------------------------------------------------------

    @api.model
    def _feedback_domain(self, day):
        return Domain('user_id', '=', day.user.id) & Domain('state', '!=', 'answered')

    @api.model
    def _feedback_lines(self, records, day):
        reply = (Act('action_log', self.env._("Log"), 'fa-check'),)
        return [Line(
            feedback, feedback.partner_id, self.env._("Reply to: %(said)s", said=feedback.score_text), BETWEEN.join(
                text for text in (
                    day_text(self.env, feedback.given_on, 'MMMEd'), feedback.contact_id.name, feedback.comment) if text),
            icon='fa-commenting-o', late=feedback.late, person=feedback.contact_id or feedback.partner_id, does=reply)
            for feedback in records]

    @api.model
    def _meanwhile(self, day, start):
        domain = Domain('partner_id.user_id', '=', day.user.id) & Domain('opened_at', '>=', fields.Datetime.to_datetime(start))
        count = self.env['customer.case'].search_count(domain)
        return super()._meanwhile(day, start) + ([Told(plural(
            count, self.env._("One case was opened for your customers."),
            self.env._("%(count)s cases were opened for your customers.", count=count)), 'customer.case', domain)]
            if count else [])
