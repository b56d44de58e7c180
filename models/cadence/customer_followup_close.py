from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..platform.counted import plural
from ..platform.locks import wait_for_update


class CustomerFollowup(models.Model):
    """What becomes of an open follow-up: skipped, moved, given to somebody else or cancelled, by the rules of each (CAD-5,
    CAD-8)."""

    _inherit = 'customer.followup'

    def _check_open(self):
        """Refuse to work on follow-ups that somebody closed meanwhile."""
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        if closed := self.filtered(lambda followup: followup.state != 'planned'):
            raise UserError(self.env._(
                "%(followup)s is closed already. Reload the page to see what became of it.",
                followup=closed[0].display_name))

    def _skip(self, reason, note=''):
        """Leave these touches out, for once: the next one counts from the planned day, or today if that is later.

        So many skips in a row as the settings say go to the team leader (CAD-8).

        :param reason: customer.reason
        :param str note: added to the reason
        """
        self._check_open()
        today = fields.Date.context_today(self)
        for followup in self.sudo():  # the columns of the planner, see write
            followup.write({
                'state': 'skipped',
                'contact_day': max(followup.date_planned or today, today),
                'closed_at': fields.Datetime.now(),
                'closed_by_id': self.env.uid,
                'reason_id': reason.id,
                'reason_note': note,
            })
        self._after_close()
        limit = self.env['res.config.settings']._customer_success('skip_limit')
        counts = {followup: followup._skips_in_a_row() for followup in self.filtered('step_id')}
        self._tell_leaders({
            followup: lambda says, count=count: self._say_skipped(says, count, reason, note)
            for followup, count in counts.items() if count >= limit
        }, lambda says, count: plural(
            count, says._("A follow-up was skipped too often"),
            says._("%(count)s follow-ups were skipped too often", count=count)))

    @api.model
    def _say_skipped(self, says, count, reason, note):
        """Return how often a touchpoint was skipped and why, in the language of an environment."""
        why = f'{reason.with_env(says).name} {note}'.strip()
        return plural(
            count, says._("Skipped: %(reason)s", reason=why),
            says._("Skipped %(count)s times in a row: %(reason)s", count=count, reason=why))

    def _skips_in_a_row(self):
        """Return how often the touchpoint was skipped since it was last done."""
        self.ensure_one()
        closed = self.sudo().search([  # also those of a former salesperson
            ('partner_id', '=', self.partner_id.id), ('step_id', '=', self.step_id.id),
            ('state', 'in', ('done', 'skipped')),
        ], order='closed_at desc, id desc', limit=20)
        count = 0
        for followup in closed:
            if followup.state != 'skipped':
                break
            count += 1
        return count

    def _move(self, day, reason, note=''):
        """Move these follow-ups to a day. So many moves in a row as the settings say go to the team leader (CAD-8).

        :param day: today or a day to come
        :param reason: customer.reason, may be empty
        :param str note: added to the reason
        """
        self._check_open()
        if not day or day < fields.Date.context_today(self):
            raise ValidationError(self.env._("A follow-up can't be moved into the past. Choose today or a day to come."))
        for followup in self.sudo():  # the columns of the planner, see write
            followup.write({
                'date_manual': day,
                'date_raw': followup.date_raw if followup.step_id else day,
                'move_count': followup.move_count + 1,
                'reason_id': reason.id or followup.reason_id.id,
                'reason_note': note or followup.reason_note,
            })
        self.env['customer.planner'].sudo()._plan(self.partner_id.ids)  # as above
        limit = self.env['res.config.settings']._customer_success('move_limit')
        self._tell_leaders({
            followup: lambda says, count=followup.move_count: self._say_moved(says, count, day, reason, note)
            for followup in self if followup.move_count >= limit
        }, lambda says, count: plural(
            count, says._("A follow-up was moved too often"),
            says._("%(count)s follow-ups were moved too often", count=count)))

    @api.model
    def _say_moved(self, says, count, day, reason, note):
        """Return how often a follow-up was moved, to which day and why, in the language of an environment."""
        values = {'day': format_date(says, day), 'reason': f'{reason.with_env(says).name or ""} {note}'.strip()}
        return plural(
            count, says._("Moved to %(day)s: %(reason)s", **values),
            says._("Moved %(count)s times in a row, now to %(day)s: %(reason)s", count=count, **values))

    def _reassign(self, user):
        """Give these follow-ups to a user, together with their reminders."""
        self._check_open()
        self.user_id = user

    def _cancel(self, note=''):
        """Cancel follow-ups; a touchpoint that still applies opens a new one at once."""
        self._check_open()
        self._mark_cancelled('person', note)
        self._after_close()

    def _mark_cancelled(self, kind, note):
        """Close follow-ups as cancelled, together with their reminders, and plan nothing.

        :param str kind: see ``close_kind``
        :param str note: why
        """
        self.sudo().write({  # the columns of the planner, see write
            'state': 'cancelled',
            'close_kind': kind,
            'closed_at': fields.Datetime.now(),
            'closed_by_id': self.env.uid,
            'reason_note': note,
        })
        self.env['customer.reminder'].sudo()._follow_plan(self.ids)  # activities of other users too

    def _uncount(self, note):
        """Keep as attempts what counted as a contact by itself and was none; what had been closed by it is open again.

        :param str note: why, added to what stands on the record
        """
        for followup in self.sudo():  # the columns of the planner, see write
            followup.write({
                'qualifies': False, 'outcome': 'no_answer',
                'feedback': '\n'.join(filter(None, (followup.feedback, note)))})
        self._after_close()

    def _after_close(self):
        """Open the successors, and take the reminders of what is closed away."""
        self.env['customer.reminder'].sudo()._follow_plan(self.ids)  # activities of other users too
        self.env['customer.planner'].sudo()._plan(self.partner_id.ids)  # opens follow-ups for any responsible person

    def _tell_leaders(self, texts, summary):
        """Give the team leaders activities about follow-ups.

        :param texts: by follow-up, a function of an environment that says why in its language
        :param summary: see ``customer.reminder._tell_leaders``
        """
        # a leader hears of follow-ups that users may not open
        facts = [(followup.sudo(), why) for followup, why in texts.items()]
        self.env['customer.reminder'].sudo()._tell_leaders(facts, summary)  # users don't read other teams

    def _satisfied_by(self, channel):
        """Return those of these follow-ups for which a contact on the channel counts: for the touchpoint always, or because
        they are planned on this channel now, like one that took its fallback channel."""
        if not self:
            return self
        pairs = set(self.env.execute_query(self.env['customer.anchor']._counts_sql()))
        stands_for = channel | channel.satisfies_ids
        return self.filtered(lambda f: (f.step_id.id, channel.id) in pairs or f.channel_id in stands_for)

    def _share(self, users):
        """Tell colleagues what was said: they get the record of this contact as a message, whatever they may open."""
        self.ensure_one()
        # of several readers with several languages it is the writer's
        languages = set(users.mapped('lang'))
        own = self.with_context(lang=languages.pop()) if len(languages) == 1 else self
        self.message_post(
            body=own.env._(
                "%(customer)s, %(channel)s: %(feedback)s",
                customer=own.partner_id.display_name, channel=own.channel_id.name, feedback=self.feedback or "–"),
            partner_ids=users.partner_id.ids,
            message_type='comment',
            subtype_xmlid='mail.mt_note',
        )
