from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .customer_case import AT_WORK


class CustomerCase(models.Model):
    """What is still to be said to the customer: whether the solution helped, and what was promised (SRV-1, SRV-4).

    Both are follow-ups of the cadence: they remind, escalate, go to the backup, and stand in *Agreed and open*. They are
    asked for by state: a solved case that nobody was asked about has an open revisit, a promise that nobody was told of an
    open follow-up, whoever skipped or cancelled the last one.
    """

    _inherit = 'customer.case'

    followup_ids = fields.One2many(comodel_name='customer.followup', inverse_name='case_id', string="Follow-ups")
    unmet_reason = fields.Text(string="Why Not Now", readonly=True, copy=False)
    alternative = fields.Text(string="Offered Instead", readonly=True, copy=False)
    promised_on = fields.Date(
        string="Promised For", readonly=True, copy=False, tracking=True, help="Until then the customer is told.")
    told_at = fields.Datetime(
        string="Customer Told", readonly=True, copy=False, help="When the customer was told what became of the promise.")

    _promise_idx = models.Index("(promised_on) WHERE promised_on IS NOT NULL AND told_at IS NULL")
    _revisit_idx = models.Index("(id) WHERE state = 'solved' AND satisfied IS NULL")

    # ------------------------------------------------------------
    # REVISIT
    # ------------------------------------------------------------

    def _open_revisits(self):
        """Open the follow-up by which the customer is asked whether the solution helped, where the policy wants that and
        there is none."""
        for case in self.sudo():  # the columns of the planner, see customer.followup
            clock = case._clocks('revisit').filtered(lambda clock: clock.state != 'void')[:1]
            if clock and case.state == 'solved' and not case.satisfied and not case._nobody_to_ask() \
                    and not case._open_followups('revisit'):
                due = clock.due or clock.ended_at or fields.Datetime.now()
                day = self.env['customer.clock']._now(case.company_id, due).date()
                case._open_followup('revisit', day, case.env._("Revisit: %(case)s", case=case.name))

    def _take_revisit(self, satisfied, said):
        """Note what the customer said when asked whether the solution helped. Who is not satisfied is worked for again, and
        whoever leads hears of it.

        :param bool satisfied: whether it helped
        :param str said: what was said
        """
        self.ensure_one()
        if self.state != 'solved':
            return
        own = self.sudo()  # people don't write what the buttons keep
        own.satisfied = 'yes' if satisfied else 'no'
        self._clocks('revisit')._done(fields.Datetime.now())
        if satisfied:
            self._close()
            return
        why = self.env._("The customer is not satisfied: %(said)s", said=said) if said else \
            self.env._("The customer is not satisfied.")
        own._reopen(why, escalate=True)

    # ------------------------------------------------------------
    # PROMISE
    # ------------------------------------------------------------

    def _promise(self, reason, alternative, day):
        """Note that these needs can't be met now, and follow up on what was promised until the customer is told.

        :param str reason: why not now
        :param str alternative: what was offered instead
        :param date day: until when it is promised
        """
        self._lock_in(AT_WORK)
        self._check_has_customer()
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why the need can't be met now: the customer will ask."))
        if not day or day <= fields.Date.context_today(self):
            raise ValidationError(self.env._("Please promise a day to come."))
        for case in self:
            case.sudo().write({  # people don't write what the buttons keep
                'unmet_reason': reason, 'alternative': alternative, 'promised_on': day, 'told_at': False})
            case._cancel_followups('promise')
            if case.state != 'waiting':
                case._pause('agreed', reason)
        self._open_promises()

    def _open_promises(self):
        """Open the follow-up by which the customer is told what became of a promise, where there is none."""
        for case in self.sudo():  # the columns of the planner, see customer.followup
            if case.promised_on and not case.told_at and case.state in AT_WORK and not case._nobody_to_ask() \
                    and not case._open_followups('promise'):
                case._open_followup('promise', case.promised_on, case.env._("Promised: %(case)s", case=case.name))

    def _take_told(self):
        """Note that the customer was told what became of the promise: it is worked on again."""
        self.ensure_one()
        if self.promised_on and not self.told_at:
            self.sudo().told_at = fields.Datetime.now()  # people don't write what the buttons keep
            self._resume('told')

    # ------------------------------------------------------------
    # FOLLOW-UPS
    # ------------------------------------------------------------

    def _open_followup(self, purpose, day, name):
        """Open a follow-up with the customer of this case, for whoever is in charge.

        :param str purpose: ``revisit`` or ``promise``
        :param date day: when; today where it has passed
        :param str name: what is to be done
        """
        user = self.user_id or self.env['customer.responsibility']._doer(
            'manager', self.partner_id.user_id, self.company_id)
        values = {
            'partner_id': self.partner_id.id, 'company_id': self.company_id.id, 'contact_id': self.contact_id.id,
            'case_id': self.id, 'case_purpose': purpose, 'name': name,
            'channel_id': self._ask_channel().id, 'user_id': user.id,
            'given_by_id': self.user_id.id if self.user_id and user != self.partner_id.user_id else False,
            'date_planned': max(day, self.env['customer.clock']._today(user or self.company_id)),
        }
        return self.env['customer.followup'].with_context(mail_auto_subscribe_no_notify=True).create(values)

    def _ask_channel(self):
        """Return the channel on which the customer is spoken to: the one that the case came by if a person can answer there,
        else a call."""
        call = self.env.ref('customer_success.customer_channel_call', raise_if_not_found=False)
        return (self.channel_id.filtered(lambda channel: channel.medium in ('phone', 'meeting')) or call
                or self.env['customer.channel'].search([], limit=1))

    def _open_followups(self, purpose=None):
        """Return what is still to be said to the customers of these cases.

        :param str purpose: only these; default: all
        """
        return self.sudo().followup_ids.filtered(  # may be a colleague's
            lambda followup: followup.state == 'planned' and purpose in (None, followup.case_purpose))

    def _cancel_followups(self, purpose=None):
        """Cancel what is still to be said about these cases, because they are not what they were."""
        if planned := self._open_followups(purpose):
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
        return self.search(revisit & to_ask, limit=limit) | self.search(promise & to_ask, limit=limit)
