from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from ..platform.counted import plural
from ..platform.locks import wait_for_update
from .customer_case import AT_WORK, NOT_OVER


class CustomerCaseCourse(models.AbstractModel):
    """What becomes of a case: answered, waiting, solved, asked about again, closed, and opened once more (SRV-1)."""

    _name = 'customer.case.course'
    _description = "Course of Cases"

    # ------------------------------------------------------------
    # LOCKS AND CHECKS
    # ------------------------------------------------------------

    def _lock_in(self, cases, states):
        """Lock these cases, after whoever has them, and refuse to go on where that one was quicker.

        :param cases: customer.case
        :param states: the states that they have to be in
        """
        cases.check_access('write')
        wait_for_update(cases)
        cases.invalidate_recordset(['state'])
        labels = dict(cases._fields['state']._description_selection(cases.env))
        if other := cases.filtered(lambda case: case.state not in states)[:1]:
            raise UserError(cases.env._(
                "%(case)s can't go on like this: it is “%(state)s”. Reload the page to see what became of it.",
                case=other.display_name, state=labels[other.state]))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _answer(self, cases, moment):
        """Note that the customer was answered."""
        for case in cases.sudo():  # people don't write what the buttons keep
            if not case.answered_at:
                case.answered_at = moment
            if case.state == 'new':
                case.write({'state': 'working', 'taken_at': case.taken_at or moment})
        cases._clocks('response')._done(moment)

    def _pause(self, cases, reason, note=''):
        """Let the clocks of these cases stand still.

        :param cases: customer.case
        :param str reason: see ``customer.case.pause.reason``
        :param str note: why
        """
        self._lock_in(cases, ('new', 'working'))
        now, clocks = fields.Datetime.now(), cases._clocks('response', 'solution')
        clocks._fail_overdue()  # what was missed before is not mended by waiting
        cases.env['customer.case.pause'].sudo().create([{  # people don't write what the buttons keep
            'case_id': case.id, 'reason': reason, 'note': note, 'date_start': now, 'user_id': cases.env.uid} for case in cases])
        cases.sudo().write({'state': 'waiting'})  # as above
        clocks._plan()

    def _resume(self, cases, reason):
        """Let the clocks of these cases run again.

        :param cases: customer.case
        :param str reason: see ``customer.case.pause.end_reason``
        """
        waiting = cases.sudo().filtered(lambda case: case.state == 'waiting')  # people don't write what the buttons keep
        waiting.pause_ids._end(reason, fields.Datetime.now())
        waiting.write({'state': 'working'})
        waiting._clocks('response', 'solution')._plan()

    def _solve(self, cases, solution=''):
        """Note that these cases are solved: that ends the time for the answer and the solution, and the customer is asked
        again after some days.

        :param cases: customer.case
        :param str solution: what was done; what stands on the case already is kept
        """
        self._lock_in(cases, AT_WORK)
        now = fields.Datetime.now()
        for case in cases.sudo():  # people don't write what the buttons keep
            case.pause_ids._end('solved', now)
            case.write({
                'state': 'solved', 'solved_at': now, 'satisfied': False, 'not_asked': False, 'taken_at': case.taken_at or now,
                'answered_at': case.answered_at or now, **({'solution': solution} if solution else {})})
        if missing := cases.filtered(lambda case: not (case.solution or '').strip())[:1]:
            raise ValidationError(cases.env._(
                "Please say what was done about “%(case)s”: the customer will be asked whether it helped.", case=missing.name))
        cases.env['customer.case.assigner']._withdraw_offer(cases)
        cases._clocks('response', 'solution')._done(now)
        cases._clocks('node')._drop(now)
        cases.env['customer.case.agenda']._cancel_followups(cases, 'promise')
        cases.env['customer.case.clock'].sudo()._start(cases.sudo(), ('revisit',), now)  # clocks are kept by the rules
        cases.env['customer.case.agenda']._open_revisits(cases)
        cases._tasks().unlink()
        self._ask_for_feedback(cases, 'solved')
        self._tell_event(cases)

    def _close(self, cases):
        """Close these cases."""
        now = fields.Datetime.now()
        for case in cases.sudo():  # people don't write what the buttons keep
            case.write({
                'state': 'closed', 'closed_at': now,
                'not_asked': False if case.satisfied else cases.env['customer.case.agenda']._nobody_to_ask(case)})
        cases._clocks()._drop(now)
        cases.env['customer.case.agenda']._cancel_followups(cases)
        cases._tasks().unlink()
        self._ask_for_feedback(cases, 'closed')

    def _withdraw(self, cases, note):
        """End cases that were none: their open deadlines are not counted.

        :param cases: customer.case
        :param str note: why
        """
        self._lock_in(cases, NOT_OVER)
        if not (note or '').strip():
            raise ValidationError(cases.env._("Please say why: whoever opened the case will ask."))
        now = fields.Datetime.now()
        cases.sudo().pause_ids._end('withdrawn', now)  # people don't write what the buttons keep
        cases.sudo().write({'state': 'withdrawn', 'closed_at': now})  # as above
        cases.env['customer.case.assigner']._withdraw_offer(cases)
        cases._clocks()._drop(now)
        cases.env['customer.case.agenda']._cancel_followups(cases)
        cases._tasks().unlink()
        for case in cases:
            case.message_post(body=cases.env._("Withdrawn: %(reason)s", reason=note))

    def _reopen(self, cases, why, escalate=False):
        """Work on these cases again: new deadlines in a new cycle; what the old ones were counted as stays.

        :param cases: customer.case
        :param str why: why
        :param bool escalate: whoever leads hears of it, whatever the number of times
        """
        self._lock_in(cases, ('solved', 'closed', 'withdrawn'))
        limit = cases.env['res.config.settings']._customer_success('case_reopen_limit')
        now = fields.Datetime.now()
        cases._clocks()._drop(now)
        cases.env['customer.case.agenda']._cancel_followups(cases)
        self._drop_questions(cases)
        for case in cases.sudo():  # people don't write what the buttons keep
            case.write({
                'state': 'working', 'cycle': case.cycle + 1, 'answered_at': False, 'solved_at': False, 'closed_at': False,
                'satisfied': False, 'not_asked': False, 'former_stretches': self._stretches(case), 'reopened_at': now})
            case.message_post(body=case.env._("Reopened: %(reason)s", reason=why))
        cases.env['customer.case.clock'].sudo()._start(cases.sudo(), ('response', 'solution'), now)  # kept by the rules
        for case in cases:
            if escalate or 0 < limit < case.cycle - 1:
                cases.env['customer.case.keeper'].sudo()._tell(  # of whoever leads
                    case.sudo(), lambda says, case=case: self._say_reopened(case, says, why))  # as above
        cases.env['customer.case.keeper']._refresh_deadlines(cases)
        self._tell_event(cases)

    def _tell_event(self, cases):
        """Have the customers of these cases planned, which were solved, or were not after all."""
        cases.env['customer.cadence.event']._happened(('case_solved',), cases.partner_id.ids)

    def _stretches(self, case):
        """Return when this case was worked on until it was solved, or withdrawn: moments of beginning and end, as text."""
        case.ensure_one()
        begun, ended = case.reopened_at or case.opened_at, case.solved_at or case.closed_at
        return [*(case.former_stretches or []), [fields.Datetime.to_string(moment) for moment in (begun, ended)]]

    def _say_reopened(self, cases, says, why):
        """Return that a case was reopened, how often and why, in the language of an environment."""
        count = cases.cycle - 1
        return plural(
            count, says._("Reopened: %(reason)s", reason=why),
            says._("Reopened for the %(count)s. time: %(reason)s", count=count, reason=why))

    def _drop_questions(self, cases):
        """Nobody is asked how it was while it is worked on again."""
        cases.sudo().feedback_request_ids.filtered(  # people don't write what becomes of a question
            lambda request: request.state == 'waiting')._drop('reopened')

    def _ask_for_feedback(self, cases, moment):
        """Have the customers of these cases asked how satisfied they are, where a survey says so, once for each time that a
        case is worked on.

        :param cases: customer.case
        :param str moment: ``solved`` or ``closed``
        """
        surveys, asker = cases.env['customer.survey'], cases.env['customer.feedback.asker'].sudo()  # surveys ask everybody
        for case in cases.sudo():  # as above
            since = max(case.clock_ids.filtered(
                lambda clock, case=case: clock.cycle == case.cycle).mapped('date_start'), default=case.opened_at)
            if case.feedback_request_ids.filtered(lambda request, since=since: request.create_date >= since):
                continue
            if case.partner_id and (survey := surveys._after_case(case, moment)):
                asker._ask_about(case, survey)
