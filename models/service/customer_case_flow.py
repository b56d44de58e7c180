from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

from ..platform.counted import plural
from ..platform.locks import wait_for_update
from .customer_case import AT_WORK, NOT_OVER


class CustomerCase(models.Model):
    """What becomes of a case: answered, waiting, solved, asked about again, closed, and opened once more (SRV-1)."""

    _inherit = 'customer.case'

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_answer(self):
        """Note that the customer was answered now: that ends the time for the answer, and no other."""
        self._lock_in(AT_WORK)
        self._answer(fields.Datetime.now())
        return True

    def action_pause(self):
        """Open the dialog that lets the clocks stand still."""
        return self._action_change('pause')

    def action_resume(self):
        """Let the clocks run again."""
        self._lock_in(('waiting',))
        self._resume('resumed')
        return True

    def action_solve(self):
        """Open the dialog that notes the solution."""
        return self._action_change('solve')

    def action_reopen(self):
        """Open the dialog that reopens these cases."""
        return self._action_change('reopen')

    def action_withdraw(self):
        """Open the dialog that ends cases that were none."""
        return self._action_change('withdraw')

    def action_promise(self):
        """Open the dialog that notes that a need can't be met now, and until when it is promised."""
        return self._action_change('promise')

    def action_close(self):
        """Close these cases: the customer was asked, or there is nobody to ask."""
        self._lock_in(('solved',))
        for case in self:
            case._check_closable()
        self._close()
        return True

    def action_log(self):
        """Open the dialog that logs a contact with the customer about this case: for the revisit or the promise, if one of
        them is open."""
        self._customer_one()
        self._check_has_customer()
        followup = self.sudo().followup_ids.filtered(  # may be a colleague's
            lambda followup: followup.state == 'planned').sorted('date_planned')[:1].with_env(self.env)
        action = self.partner_id._action_log(followup=followup, contact=self.contact_id)
        if action.get('res_model') == 'customer.followup.log':
            action['context']['default_case_id'] = self.id
        return action

    def _action_change(self, action):
        """Open the dialog of these cases, about to do something.

        :param str action: see ``customer.case.change.action``
        """
        names = {
            'hand_over': self.env._("Hand over"), 'refuse': self.env._("Don't take it"), 'pause': self.env._("Wait"),
            'solve': self.env._("Solved"), 'reopen': self.env._("Reopen"), 'withdraw': self.env._("Withdraw"),
            'promise': self.env._("Can't be met now"),
        }
        return {
            'type': 'ir.actions.act_window',
            'name': names[action],
            'res_model': 'customer.case.change',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_action': action, 'default_case_ids': self.ids},
        }

    # ------------------------------------------------------------
    # LOCKS AND CHECKS
    # ------------------------------------------------------------

    def _lock_in(self, states):
        """Lock these cases, after whoever has them, and refuse to go on where that one was quicker.

        :param states: the states that they have to be in
        """
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        labels = dict(self._fields['state']._description_selection(self.env))
        if other := self.filtered(lambda case: case.state not in states)[:1]:
            raise UserError(self.env._(
                "%(case)s can't go on like this: it is “%(state)s”. Reload the page to see what became of it.",
                case=other.display_name, state=labels[other.state]))

    def _check_has_customer(self):
        """Refuse what needs a customer, of cases whose sender is not known."""
        if unknown := self.filtered(lambda case: not case.partner_id)[:1]:
            raise UserError(self.env._(
                "Nobody knows yet whose case “%(case)s” is. Choose the customer first.", case=unknown.name))

    def _check_closable(self):
        """Refuse to close what the customer was not asked about, as long as somebody may ask."""
        self.ensure_one()
        if self.satisfied or not self._revisit_due() or self._nobody_to_ask():
            return
        raise UserError(self.env._(
            "%(case)s can't be closed yet: nobody has asked the customer whether the solution helped. Log the revisit first.",
            case=self.display_name))

    def _revisit_due(self):
        """Return whether the policy asks for a revisit in this cycle."""
        return bool(self._clocks('revisit').filtered(lambda clock: clock.state != 'void'))

    def _nobody_to_ask(self):
        """Return why the customer can't be asked, or ''."""
        customer = self.sudo().partner_id  # that somebody wants to be left alone is for everybody to know
        if not customer:
            return self.env._("the customer is not known")
        if not customer.active:
            return self.env._("the customer is archived")
        if customer.customer_do_not_contact:
            return self.env._("the customer is not to be contacted")
        return ''

    def _clocks(self, *kinds):
        """Return the clocks of the present cycle of these cases, of some kinds or all, for the rules that keep them."""
        return self.sudo().clock_ids.filtered(  # deadlines are not for people to write
            lambda clock: clock.cycle == clock.case_id.cycle and (not kinds or clock.kind in kinds))

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _answer(self, moment):
        """Note that the customer was answered."""
        for case in self.sudo():  # people don't write what the buttons keep
            if not case.answered_at:
                case.answered_at = moment
            if case.state == 'new':
                case.write({'state': 'working', 'taken_at': case.taken_at or moment})
        self._clocks('response')._done(moment)

    def _pause(self, reason, note=''):
        """Let the clocks of these cases stand still.

        :param str reason: see ``customer.case.pause.reason``
        :param str note: why
        """
        self._lock_in(('new', 'working'))
        now, clocks = fields.Datetime.now(), self._clocks('response', 'solution')
        clocks._fail_overdue()  # what was missed before is not mended by waiting
        self.env['customer.case.pause'].sudo().create([{  # people don't write what the buttons keep
            'case_id': case.id, 'reason': reason, 'note': note, 'date_start': now, 'user_id': self.env.uid} for case in self])
        self.sudo().write({'state': 'waiting'})  # as above
        clocks._plan()

    def _resume(self, reason):
        """Let the clocks of these cases run again.

        :param str reason: see ``customer.case.pause.end_reason``
        """
        waiting = self.sudo().filtered(lambda case: case.state == 'waiting')  # people don't write what the buttons keep
        waiting.pause_ids._end(reason, fields.Datetime.now())
        waiting.write({'state': 'working'})
        waiting._clocks('response', 'solution')._plan()

    def _solve(self, solution=''):
        """Note that these cases are solved: that ends the time for the answer and the solution, and the customer is asked
        again after some days.

        :param str solution: what was done; what stands on the case already is kept
        """
        self._lock_in(AT_WORK)
        now = fields.Datetime.now()
        for case in self.sudo():  # people don't write what the buttons keep
            case.pause_ids._end('solved', now)
            case.write({
                'state': 'solved', 'solved_at': now, 'satisfied': False, 'not_asked': False, 'taken_at': case.taken_at or now,
                'answered_at': case.answered_at or now, **({'solution': solution} if solution else {})})
        if missing := self.filtered(lambda case: not (case.solution or '').strip())[:1]:
            raise ValidationError(self.env._(
                "Please say what was done about “%(case)s”: the customer will be asked whether it helped.", case=missing.name))
        self._withdraw_offer()
        self._clocks('response', 'solution')._done(now)
        self._clocks('node')._drop(now)
        self._cancel_followups('promise')
        self.env['customer.case.clock'].sudo()._start(self.sudo(), ('revisit',), now)  # clocks are kept by the rules
        self._open_revisits()
        self._tasks().unlink()
        self._ask_for_feedback('solved')
        self._tell_event()

    def _close(self):
        """Close these cases."""
        now = fields.Datetime.now()
        for case in self.sudo():  # people don't write what the buttons keep
            case.write({
                'state': 'closed', 'closed_at': now, 'not_asked': False if case.satisfied else case._nobody_to_ask()})
        self._clocks()._drop(now)
        self._cancel_followups()
        self._tasks().unlink()
        self._ask_for_feedback('closed')

    def _withdraw(self, note):
        """End cases that were none: their open deadlines are not counted.

        :param str note: why
        """
        self._lock_in(NOT_OVER)
        if not (note or '').strip():
            raise ValidationError(self.env._("Please say why: whoever opened the case will ask."))
        now = fields.Datetime.now()
        self.sudo().pause_ids._end('withdrawn', now)  # people don't write what the buttons keep
        self.sudo().write({'state': 'withdrawn', 'closed_at': now})  # as above
        self._withdraw_offer()
        self._clocks()._drop(now)
        self._cancel_followups()
        self._tasks().unlink()
        for case in self:
            case.message_post(body=self.env._("Withdrawn: %(reason)s", reason=note))

    def _reopen(self, why, escalate=False):
        """Work on these cases again: new deadlines in a new cycle; what the old ones were counted as stays.

        :param str why: why
        :param bool escalate: whoever leads hears of it, whatever the number of times
        """
        self._lock_in(('solved', 'closed', 'withdrawn'))
        limit = self.env['res.config.settings']._customer_success('case_reopen_limit')
        now = fields.Datetime.now()
        self._clocks()._drop(now)
        self._cancel_followups()
        self._drop_questions()
        for case in self.sudo():  # people don't write what the buttons keep
            case.write({
                'state': 'working', 'cycle': case.cycle + 1, 'answered_at': False, 'solved_at': False, 'closed_at': False,
                'satisfied': False, 'not_asked': False, 'former_stretches': case._stretches(), 'reopened_at': now})
            case.message_post(body=case.env._("Reopened: %(reason)s", reason=why))
        self.env['customer.case.clock'].sudo()._start(self.sudo(), ('response', 'solution'), now)  # kept by the rules
        for case in self:
            if escalate or 0 < limit < case.cycle - 1:
                self.env['customer.case.keeper'].sudo()._tell(  # of whoever leads
                    case.sudo(), lambda says, case=case: case._say_reopened(says, why))  # as above
        self._refresh_deadlines()
        self._tell_event()

    def _tell_event(self):
        """Have the customers of these cases planned, which were solved, or were not after all."""
        self.env['customer.cadence.event']._happened(('case_solved',), self.partner_id.ids)

    def _stretches(self):
        """Return when this case was worked on until it was solved, or withdrawn: moments of beginning and end, as text."""
        self.ensure_one()
        begun, ended = self.reopened_at or self.opened_at, self.solved_at or self.closed_at
        return [*(self.former_stretches or []), [fields.Datetime.to_string(moment) for moment in (begun, ended)]]

    def _say_reopened(self, says, why):
        """Return that a case was reopened, how often and why, in the language of an environment."""
        count = self.cycle - 1
        return plural(
            count, says._("Reopened: %(reason)s", reason=why),
            says._("Reopened for the %(count)s. time: %(reason)s", count=count, reason=why))

    # ------------------------------------------------------------
    # WHAT PEOPLE SAY ON IT
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_vals):
        """A message from us to the customer is an answer."""
        result = super()._message_post_after_hook(message, msg_vals)
        if self.env.context.get('customer_no_answer') or message.message_type != 'comment' or message.is_internal \
                or message.subtype_id.internal or not message.author_id.user_ids.filtered(lambda user: not user.share):
            return result
        # followers of other companies count too
        outside = (message.partner_ids | self.sudo().message_partner_ids).filtered('partner_share')
        if outside and self.state in AT_WORK and not self.answered_at:  # a note to colleagues is none
            self._answer(fields.Datetime.now())
        return result

    @api.model
    def _say_when(self, moment):
        """Return a moment in the user's words."""
        return format_datetime(self.env, moment, dt_format='short')

    @api.model
    def _reopen_until(self, case):
        """Return until when a customer's answer reopens a case, instead of beginning a new one."""
        days = self.env['res.config.settings']._customer_success('case_reopen_days')
        return (case.closed_at or case.solved_at or fields.Datetime.now()) + timedelta(days=days)
