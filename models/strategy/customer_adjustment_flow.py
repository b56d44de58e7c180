from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

#: The activities of the flow; those about what was proposed or came of it have their own end.
FLOW = ('decide', 'follow')


class CustomerAdjustmentFlow(models.AbstractModel):
    """The way of an adjustment: draft → submitted → approved → applied → reviewed (STR-3).

    Each step locks the adjustment, reads its state once more and says what happened meanwhile when it is not the one that
    the step begins in. People have no right to write what the steps write: it is kept from them.
    """

    _name = 'customer.adjustment.flow'
    _description = "Flow of Adjustments"

    def _begin_step(self, adjustments, *states):
        """Lock these adjustments for a step that begins in one of the states.

        :raises UserError: with a sentence, when somebody took another step meanwhile
        """
        # not what the code that calls may do counts, but what the person may
        adjustments.with_user(adjustments.env.uid).check_access('write')
        adjustments._lock()
        for adjustment in adjustments:
            if adjustment.state not in states:
                raise UserError(adjustments.env._(
                    "This can't be done with %(adjustment)s any more: %(what)s Reload the page.",
                    adjustment=adjustment.display_name, what=self._tell_state(adjustment)))
        return adjustments

    def _tell_state(self, adjustment):
        """Return a sentence that says what became of an adjustment, and who did it when."""
        adjustment.ensure_one()
        own, env = adjustment.sudo(), adjustment.env  # who did it is no secret to who may read the adjustment
        moment = own.decided_on or own.submitted_on
        day = format_date(env, fields.Datetime.context_timestamp(adjustment, moment)) if moment else ''
        return {
            'draft': env._("it is a draft."),
            'submitted': env._("%(user)s submitted it on %(day)s.", user=own.submitted_by_id.name, day=day),
            'approved': env._("%(user)s approved it on %(day)s.", user=own.decided_by_id.name, day=day),
            'refused': env._("%(user)s refused it on %(day)s.", user=own.decided_by_id.name, day=day),
            'applied': env._("it was applied on %(day)s.", day=format_date(env, own.applied_on)),
            'reviewed': env._("it was applied and reviewed."),
            'cancelled': env._("%(user)s withdrew it.", user=own.cancelled_by_id.name),
        }[adjustment.state]

    # ------------------------------------------------------------
    # SUBMITTING
    # ------------------------------------------------------------

    def _submit(self, adjustments):
        """Hand these drafts in for approval."""
        env = adjustments.env
        for adjustment in self._begin_step(adjustments, 'draft'):
            env['customer.adjustment.submission']._check_complete(adjustment)
            self._check_in_force(adjustment)
            env['customer.strategy.proposer']._check_no_adjustment_under_way(adjustment.strategy_id, but=adjustment)
            env['customer.adjustment.submission']._freeze_current(adjustment)
            adjustment._keep({
                'state': 'submitted', 'submitted_on': fields.Datetime.now(), 'submitted_by_id': env.uid,
                'contributor_ids': [Command.link(env.uid)] if not env.user._is_superuser() else [],
                'decided_on': False, 'decided_by_id': False, 'refusal_reason': False,
            })
            env['customer.adjustment.asker']._ask_deciders(adjustment)

    def _check_in_force(self, adjustment):
        """Refuse to go on with an adjustment whose strategy ended meanwhile."""
        adjustment.ensure_one()
        if why_not := adjustment.env['customer.strategy.proposer']._in_force(adjustment.strategy_id)[1]:
            raise UserError(why_not)

    def _recall(self, adjustments):
        """Take back what was submitted, to go on writing."""
        for adjustment in self._begin_step(adjustments, 'submitted'):
            if not adjustments.env['customer.adjustment.decider']._is_of(
                    adjustment, 'author_id', 'submitted_by_id', 'user_id'):
                raise AccessError(adjustments.env._(
                    "%(adjustment)s is taken back by whoever submitted it, or by its owner.", adjustment=adjustment.name))
            adjustment._keep({'state': 'draft'})
            adjustment._tasks('decide').unlink()

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------

    def _approve(self, adjustments):
        """Approve these proposals: somebody else's, with the right to."""
        env = adjustments.env
        for adjustment in self._begin_step(adjustments, 'submitted'):
            env['customer.adjustment.decider']._check_may_decide(adjustment)
            self._check_seen(adjustment)
            self._check_in_force(adjustment)
            adjustment._keep({
                'state': 'approved', 'decided_on': fields.Datetime.now(), 'decided_by_id': env.uid, 'problem': False})
            env['customer.strategy.effect'].sudo()._freeze_before(adjustment.sudo())  # figures of all customers
            adjustment._tasks(*FLOW).unlink()
            env['customer.adjustment.asker']._ask_to_inform(adjustment)

    def _check_seen(self, adjustment):
        """Refuse to approve what was taken back, changed and submitted again since the user opened it.

        The form says when what it shows was submitted (``seen_submitted_on``); calls without it approve what is there.
        """
        adjustment.ensure_one()
        seen = adjustment.env.context.get('seen_submitted_on')
        if seen and fields.Datetime.to_datetime(seen) != adjustment.submitted_on:
            raise UserError(adjustment.env._(
                "%(adjustment)s was changed and submitted again since you opened it. Reload the page and read it once more.",
                adjustment=adjustment.name))

    def _refuse(self, adjustments, reason):
        """Refuse these proposals.

        :param adjustments: customer.strategy.adjustment
        :param str reason: why; the author reads it
        """
        self._check_reason(adjustments, reason)
        env = adjustments.env
        for adjustment in self._begin_step(adjustments, 'submitted'):
            env['customer.adjustment.decider']._check_may_decide(adjustment)
            adjustment._keep({
                'state': 'refused', 'decided_on': fields.Datetime.now(), 'decided_by_id': env.uid,
                'refusal_reason': reason.strip()})
            adjustment._tasks(*FLOW).unlink()
            writer = adjustment.sudo().submitted_by_id  # a colleague, whose name stands on the page
            adjustment._give_task(
                'follow', adjustment.user_id if writer._is_superuser() else writer,
                lambda own: own.env._("Refused by %(user)s: %(reason)s", user=own.env.user.name, reason=own.refusal_reason))

    def _cancel(self, adjustments, reason):
        """Withdraw these adjustments, which are not applied yet.

        :param adjustments: customer.strategy.adjustment
        :param str reason: why
        """
        self._check_reason(adjustments, reason)
        for adjustment in self._begin_step(adjustments, 'draft', 'submitted', 'approved'):
            adjustment._keep({
                'state': 'cancelled', 'cancelled_by_id': adjustments.env.uid,
                'cancelled_on': fields.Date.context_today(adjustments), 'cancel_reason': reason.strip(), 'problem': False})
            adjustment._tasks(*FLOW).unlink()

    def _check_reason(self, adjustments, reason):
        if not (reason or '').strip():
            raise ValidationError(adjustments.env._("Please say why: whoever wrote the proposal will ask."))

    def _redraft(self, adjustments):
        """Make drafts of refused proposals, to write them anew."""
        for adjustment in self._begin_step(adjustments, 'refused'):
            adjustment._keep({'state': 'draft'})
            adjustment._tasks(*FLOW).unlink()

    # ------------------------------------------------------------
    # TELLING THE CUSTOMER
    # ------------------------------------------------------------

    def _inform(self, adjustment, contact_at, channel, note, contact=None):
        """Note that the customer was told of the change, and keep that as a contact.

        :param adjustment: customer.strategy.adjustment
        :param datetime contact_at: when, in UTC, not in the future
        :param channel: customer.channel
        :param str note: what was said
        :param contact: res.partner, whom it was said to
        """
        adjustment.ensure_one()
        self._begin_step(adjustment, 'approved')
        if not (note or '').strip():
            raise ValidationError(adjustment.env._("Please note what the customer was told."))
        record = adjustment.partner_id._log_contact(channel=channel, contact_at=contact_at, feedback=note, contact=contact)
        adjustment.sudo().write({  # people don't write what the steps keep
            'informed_on': record.contact_day, 'informed_by_id': adjustment.env.uid, 'informed_followup_id': record.id,
            'problem': False})
        adjustment._tasks('follow').unlink()
