from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, groupby

from ..platform.counted import plural


class CustomerFollowupCloser(models.AbstractModel):
    """What becomes of open follow-ups: skipped, moved, given to somebody else or cancelled, by the rules of each; leaders hear
    of what is put off too often (CAD-5, CAD-8)."""

    _name = 'customer.followup.closer'
    _description = "Closes and Moves Follow-ups"

    # ------------------------------------------------------------
    # SKIPPED
    # ------------------------------------------------------------

    def _skip(self, followups, reason, note=''):
        """Leave these touches out, for once; see ``customer.followup._skip``."""
        followups._check_open()
        today = fields.Date.context_today(followups)
        for followup in followups.sudo():  # the columns of the planner, see write
            followup.write({
                'state': 'skipped',
                'contact_day': max(followup.date_planned or today, today),
                'closed_at': fields.Datetime.now(),
                'closed_by_id': followups.env.uid,
                'reason_id': reason.id,
                'reason_note': note,
            })
        followups._after_close()
        limit = followups.env['res.config.settings']._customer_success('skip_limit')
        counts = {followup: self._skips_in_a_row(followup) for followup in followups.filtered('step_id')}
        self.with_env(followups.env)._tell_leaders({
            followup: lambda says, count=count: self._say_skipped(says, count, reason, note)
            for followup, count in counts.items() if count >= limit
        }, lambda says, count: plural(
            count, says._("A follow-up was skipped too often"),
            says._("%(count)s follow-ups were skipped too often", count=count)))

    def _say_skipped(self, says, count, reason, note):
        """Return how often a touchpoint was skipped and why, in the language of an environment."""
        why = f'{reason.with_env(says).name} {note}'.strip()
        return plural(
            count, says._("Skipped: %(reason)s", reason=why),
            says._("Skipped %(count)s times in a row: %(reason)s", count=count, reason=why))

    def _skips_in_a_row(self, followup):
        """Return how often the touchpoint was skipped since it was last done."""
        followup.ensure_one()
        closed = followup.sudo().search([  # also those of a former salesperson
            ('lead_id', '=', followup.lead_id.id) if not followup.partner_id else ('partner_id', '=', followup.partner_id.id),
            ('step_id', '=', followup.step_id.id),
            ('state', 'in', ('done', 'skipped')),
        ], order='closed_at desc, id desc', limit=20)
        count = 0
        for other in closed:
            if other.state != 'skipped':
                break
            count += 1
        return count

    # ------------------------------------------------------------
    # MOVED
    # ------------------------------------------------------------

    def _move(self, followups, day, reason, note=''):
        """Move these follow-ups to a day; see ``customer.followup._move``."""
        followups._check_open()
        self._check_day(followups, day)
        for followup in followups.sudo():  # the columns of the planner, see write
            followup.write({
                'date_manual': day,
                'date_raw': followup.date_raw if followup.step_id else day,
                'move_count': followup.move_count + 1,
                'reason_id': reason.id or followup.reason_id.id,
                'reason_note': note or followup.reason_note,
            })
        followups._replan()
        limit = followups.env['res.config.settings']._customer_success('move_limit')
        self.with_env(followups.env)._tell_leaders({
            followup: lambda says, count=followup.move_count: self._say_moved(says, count, day, reason, note)
            for followup in followups if followup.move_count >= limit
        }, lambda says, count: plural(
            count, says._("A follow-up was moved too often"),
            says._("%(count)s follow-ups were moved too often", count=count)))

    def _check_day(self, followups, day):
        """Refuse to move follow-ups to no day, or to one that is past."""
        if not day or day < fields.Date.context_today(followups):
            raise ValidationError(followups.env._(
                "A follow-up can't be moved into the past. Choose today or a day to come."))

    def _say_moved(self, says, count, day, reason, note):
        """Return how often a follow-up was moved, to which day and why, in the language of an environment."""
        values = {'day': format_date(says, day), 'reason': f'{reason.with_env(says).name or ""} {note}'.strip()}
        return plural(
            count, says._("Moved to %(day)s: %(reason)s", **values),
            says._("Moved %(count)s times in a row, now to %(day)s: %(reason)s", count=count, **values))

    # ------------------------------------------------------------
    # GIVEN AND CANCELLED
    # ------------------------------------------------------------

    def _given_values(self, followups, user_id):
        """Return what is kept of it when these follow-ups are given to somebody: who did it, so that neither a plan nor an
        absence takes them back. Given back to whom they would go to by themselves, they follow the plan again.

        :param followups: customer.followup
        :param user_id: id of the person, or False
        :rtype: list[tuple]: follow-ups and values
        """
        values = []
        for followup in followups.sudo():  # of the columns of the planner
            usual = followup.owner_id if followup.step_id else followup._account_manager()
            given = {'absence_id': False, 'given_by_id': followups.env.uid if usual.id != user_id else False}
            values.append((
                followups.browse(followup.id), given if followup.step_id else {**given, 'owner_id': user_id}))
        return [(followups.browse(followup.id for followup, __ in group), dict(key)) for key, group in groupby(
            values, key=lambda pair: tuple(sorted(pair[1].items())))]

    def _mark_cancelled(self, followups, kind, note):
        """Close follow-ups as cancelled; see ``customer.followup._mark_cancelled``."""
        followups.sudo().write({  # the columns of the planner, see write
            'state': 'cancelled',
            'close_kind': kind,
            'closed_at': fields.Datetime.now(),
            'closed_by_id': followups.env.uid,
            'reason_note': note,
        })
        followups.env['customer.reminder'].sudo()._follow_plan(followups.ids)  # activities of other users too

    def _tell_stopped(self, followups):
        """Tell whoever had agreed on something that it is cancelled, because the customer is not to be contacted: nobody forgets
        it, and it comes back (CAD-8).

        :param followups: those that were just cancelled
        """
        if not followups:
            return
        env = followups.env
        promises = followups.search(
            Domain('id', 'in', followups.ids) & Domain('close_kind', '=', 'no_contact') & Domain('anchor_kind', '=', 'promise'))
        told = promises.filtered('user_id.active').grouped(lambda promise: (promise.user_id, promise.partner_id))
        for (user, partner), own in told.items():
            says = env(context={**env.context, 'lang': user.lang})
            first, more = own.sorted('date_planned')[0], len(own) - 1
            values = {'customer': partner.display_name, 'what': first.name or first.channel_id.with_env(says).name,
                      'day': format_date(says, first.date_planned), 'count': more}
            summary = says._(
                "%(customer)s is not to be contacted. Cancelled: %(what)s (%(day)s) and %(count)s more", **values,
            ) if more else says._("%(customer)s is not to be contacted. Cancelled: %(what)s (%(day)s)", **values)
            first._create_tasks('stopped', [(first, user, None, summary, None)])

    def _uncount(self, followups, note):
        """Keep as attempts what counted as a contact by itself and was none; what had been closed by it is open again.

        :param followups: customer.followup
        :param str note: why, added to what stands on the record
        """
        for followup in followups.sudo():  # the columns of the planner, see write
            followup.write({
                'qualifies': False, 'outcome': 'no_answer',
                'feedback': '\n'.join(filter(None, (followup.feedback, note)))})
        followups._after_close()

    # ------------------------------------------------------------
    # LEADERS
    # ------------------------------------------------------------

    @api.model
    def _tell_leaders(self, texts, summary, note=None):
        """Give the team leaders activities about follow-ups.

        :param texts: by follow-up, a function of an environment that says why in its language
        :param summary: see ``customer.reminder._tell_leaders``
        :param note: as well
        :return: the follow-ups of which somebody was told
        """
        # a leader hears of follow-ups that users may not open
        facts = [(followup.sudo(), why) for followup, why in texts.items()]
        # users don't read other teams
        return self.env['customer.reminder'].sudo()._tell_leaders(facts, summary, note=note)
