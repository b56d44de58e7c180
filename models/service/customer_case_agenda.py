from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .customer_case import AT_WORK


class CustomerCaseAgenda(models.AbstractModel):
    """What is still to be said to the customer: whether the solution helped, and what was promised (SRV-1, SRV-4).

    Both are follow-ups of the cadence: they remind, escalate, go to the backup, and stand in *Agreed and open*. They are
    asked for by state: a solved case that nobody was asked about has an open revisit, a promise that nobody was told of an
    open follow-up, whoever skipped or cancelled the last one.
    """

    _name = 'customer.case.agenda'
    _description = "What Is to Be Said About Cases"

    def _check_closable(self, case):
        """Refuse to close what the customer was not asked about, as long as somebody may ask."""
        case.ensure_one()
        if case.satisfied or not self._revisit_due(case) or self._nobody_to_ask(case):
            return
        raise UserError(case.env._(
            "%(case)s can't be closed yet: nobody has asked the customer whether the solution helped. Log the revisit first.",
            case=case.display_name))

    def _revisit_due(self, cases):
        """Return whether the policy asks for a revisit in this cycle."""
        return bool(cases._clocks('revisit').filtered(lambda clock: clock.state != 'void'))

    def _nobody_to_ask(self, cases):
        """Return why the customer can't be asked, or ''."""
        customer = cases.sudo().partner_id  # that somebody wants to be left alone is for everybody to know
        if not customer:
            return cases.env._("the customer is not known")
        if not customer.active:
            return cases.env._("the customer is archived")
        if customer.customer_do_not_contact:
            return cases.env._("the customer is not to be contacted")
        return ''

    # ------------------------------------------------------------
    # REVISIT
    # ------------------------------------------------------------

    def _open_revisits(self, cases):
        """Open the follow-up by which the customer is asked whether the solution helped, where the policy wants that and
        there is none."""
        for case in cases.sudo():  # the columns of the planner, see customer.followup
            clock = case._clocks('revisit').filtered(lambda clock: clock.state != 'void')[:1]
            if clock and case.state == 'solved' and not case.satisfied and not self._nobody_to_ask(case) \
                    and not self._open_followups(case, 'revisit'):
                due = clock.due or clock.ended_at or fields.Datetime.now()
                day = cases.env['customer.clock']._now(case.company_id, due).date()
                self._open_followup(case, 'revisit', day, case.env._("Revisit: %(case)s", case=case.name))

    def _take_revisit(self, case, satisfied, said):
        """Note what the customer said when asked whether the solution helped. Who is not satisfied is worked for again, and
        whoever leads hears of it.

        :param case: customer.case
        :param bool satisfied: whether it helped
        :param str said: what was said
        """
        case.ensure_one()
        if case.state != 'solved':
            return
        own = case.sudo()  # people don't write what the buttons keep
        own.satisfied = 'yes' if satisfied else 'no'
        case._clocks('revisit')._done(fields.Datetime.now())
        if satisfied:
            case.env['customer.case.course']._close(case)
            return
        why = case.env._("The customer is not satisfied: %(said)s", said=said) if said else \
            case.env._("The customer is not satisfied.")
        case.env['customer.case.course']._reopen(own, why, escalate=True)

    # ------------------------------------------------------------
    # PROMISE
    # ------------------------------------------------------------

    def _promise(self, cases, reason, alternative, day):
        """Note that these needs can't be met now, and follow up on what was promised until the customer is told.

        :param cases: customer.case
        :param str reason: why not now
        :param str alternative: what was offered instead
        :param date day: until when it is promised
        """
        cases.env['customer.case.course']._lock_in(cases, AT_WORK)
        cases._check_has_customer()
        if not (reason or '').strip():
            raise ValidationError(cases.env._("Please say why the need can't be met now: the customer will ask."))
        if not day or day <= fields.Date.context_today(cases):
            raise ValidationError(cases.env._("Please promise a day to come."))
        for case in cases:
            case.sudo().write({  # people don't write what the buttons keep
                'unmet_reason': reason, 'alternative': alternative, 'promised_on': day, 'told_at': False})
            self._cancel_followups(case, 'promise')
            if case.state != 'waiting':
                cases.env['customer.case.course']._pause(case, 'agreed', reason)
        self._open_promises(cases)

    def _open_promises(self, cases):
        """Open the follow-up by which the customer is told what became of a promise, where there is none."""
        for case in cases.sudo():  # the columns of the planner, see customer.followup
            if case.promised_on and not case.told_at and case.state in AT_WORK and not self._nobody_to_ask(case) \
                    and not self._open_followups(case, 'promise'):
                self._open_followup(case, 'promise', case.promised_on, case.env._("Promised: %(case)s", case=case.name))

    def _take_told(self, case):
        """Note that the customer was told what became of the promise: it is worked on again."""
        case.ensure_one()
        if case.promised_on and not case.told_at:
            case.sudo().told_at = fields.Datetime.now()  # people don't write what the buttons keep
            case.env['customer.case.course']._resume(case, 'told')

    # ------------------------------------------------------------
    # FOLLOW-UPS
    # ------------------------------------------------------------

    def _open_followup(self, cases, purpose, day, name):
        """Open a follow-up with the customer of this case, for whoever is in charge.

        :param cases: customer.case
        :param str purpose: ``revisit`` or ``promise``
        :param date day: when; today where it has passed
        :param str name: what is to be done
        """
        user = cases.user_id or cases.env['customer.responsibility']._doer(
            'manager', cases.partner_id.user_id, cases.company_id)
        values = {
            'partner_id': cases.partner_id.id, 'company_id': cases.company_id.id, 'contact_id': cases.contact_id.id,
            'case_id': cases.id, 'case_purpose': purpose, 'name': name,
            'channel_id': self._ask_channel(cases).id, 'user_id': user.id,
            'given_by_id': cases.user_id.id if cases.user_id and user != cases.partner_id.user_id else False,
            'date_planned': max(day, cases.env['customer.clock']._today(user or cases.company_id)),
        }
        return cases.env['customer.followup'].with_context(mail_auto_subscribe_no_notify=True).create(values)

    def _ask_channel(self, cases):
        """Return the channel on which the customer is spoken to: the one that the case came by if a person can answer there,
        else a call."""
        call = cases.env.ref('customer_success.customer_channel_call', raise_if_not_found=False)
        return (cases.channel_id.filtered(lambda channel: channel.medium in ('phone', 'meeting')) or call
                or cases.env['customer.channel'].search([], limit=1))

    def _open_followups(self, cases, purpose=None):
        """Return what is still to be said to the customers of these cases.

        :param cases: customer.case
        :param str purpose: only these; default: all
        """
        return cases.sudo().followup_ids.filtered(  # may be a colleague's
            lambda followup: followup.state == 'planned' and purpose in (None, followup.case_purpose))

    def _cancel_followups(self, cases, purpose=None):
        """Cancel what is still to be said about these cases, because they are not what they were."""
        if planned := self._open_followups(cases, purpose):
            planned._mark_cancelled('case', '')

    @api.model
    def _unasked(self, limit):
        """Return the cases that may lack the follow-up that their state asks for. Each kind is found by its index.

        :param int limit: so many of a kind
        """
        planned, to_ask = [('state', '=', 'planned')], Domain('partner_id.active', '=', True) & Domain(
            'partner_id.customer_do_not_contact', '=', False)
        revisit = Domain('state', '=', 'solved') & Domain('satisfied', '=', False) & Domain(
            'followup_ids', 'not any', [*planned, ('case_purpose', '=', 'revisit')]) & Domain(
            'clock_ids', 'any', [('kind', '=', 'revisit'), ('state', '!=', 'void')])
        promise = Domain('promised_on', '!=', False) & Domain('told_at', '=', False) & Domain('state', 'in', AT_WORK) & Domain(
            'followup_ids', 'not any', [*planned, ('case_purpose', '=', 'promise')])
        return self.env['customer.case'].search(
            revisit & to_ask, limit=limit) | self.env['customer.case'].search(promise & to_ask, limit=limit)
