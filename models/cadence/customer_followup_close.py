from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.counted import plural
from ..platform.locks import wait_for_update

#: Of so many attempts in a row a leader hears; nobody reads more.
MOST_ATTEMPTS = 20


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
            ('lead_id', '=', self.lead_id.id) if not self.partner_id else ('partner_id', '=', self.partner_id.id),
            ('step_id', '=', self.step_id.id),
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
        self._replan()
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

    # ------------------------------------------------------------
    # NOBODY ANSWERS
    # ------------------------------------------------------------

    @api.model
    def _reached_sql(self, alias):
        """Return SQL that is true for contacts in which somebody was reached: spoken to, or heard of. What merely left, by itself
        or because a rule counts our emails, says nothing of the customer until somebody answers.

        :param str alias: of the follow-up
        """
        return SQL(
            """(%(own)s.qualifies AND (
                    %(own)s.outcome IS NOT NULL OR %(own)s.answered_at IS NOT NULL
                    OR %(own)s.sent_message_id IS NULL
                   AND NOT EXISTS (SELECT FROM customer_cadence_step s WHERE s.id = %(own)s.step_id AND s.automatic)
                   AND NOT EXISTS (SELECT FROM customer_contact_rule r
                                    WHERE r.id = %(own)s.counted_by_id AND r.kind = 'email_out')))""",
            own=SQL.identifier(alias))

    @api.model
    def _tried_sql(self, alias):
        """Return SQL that is true for attempts of people to which nobody answered.

        :param str alias: of the follow-up
        """
        return SQL("(%(own)s.outcome = 'no_answer' AND %(own)s.counted_by_id IS NULL AND %(own)s.send_error IS NULL)",
                   own=SQL.identifier(alias))

    @api.model
    def _attempts_in_a_row(self, partner):
        """Return the attempts of people to reach a customer since somebody was reached there, the last one first."""
        followups = self.sudo()  # those of a former salesperson count as well
        for model in ('customer.followup', 'customer.cadence.step', 'customer.contact.rule'):
            self.env[model].flush_model()  # what the conditions read
        of_customer = Domain('partner_id', '=', partner.id) & Domain('state', '=', 'done') & Domain('contact_at', '!=', False)
        reached, tried = (of_customer & Domain.custom(to_sql=lambda model, alias, query, make=make: make(alias))
                          for make in (self._reached_sql, self._tried_sql))
        reached = followups.search(reached, order='contact_at desc, id desc', limit=1)
        if reached:
            tried &= Domain('contact_at', '>', reached.contact_at)
        return followups.search(tried, order='contact_at desc, id desc', limit=MOST_ATTEMPTS)

    def _change_approach(self, approach, channel, contact, day, text):
        """Let the next follow-up be made in another way, because nobody answered: on another channel, with another person, on
        another day, with another text. It stays so until somebody was reached.

        :param approach: customer.approach that was taken
        :param channel: customer.channel
        :param contact: res.partner, may be empty
        :param date day: today or later
        :param str text: what is to be done, may be empty
        """
        self._check_open()
        if day < fields.Date.context_today(self):
            raise ValidationError(self.env._("A follow-up can't be moved into the past. Choose today or a day to come."))
        for followup in self.sudo():  # the columns of the planner, see write
            usual = followup.step_id.channel_id
            followup.write({
                'contact_id': contact.id or followup.contact_id.id, 'date_manual': day,
                'mail_template_id': approach.mail_template_id.id or followup.mail_template_id.id,
                **({'name': text} if text else {}),
                **({'channel_manual_id': channel.id if channel != usual else False} if followup.step_id else {
                    'channel_id': channel.id, 'date_raw': day}),
            })
        self._replan()

    def _tell_unanswered(self):
        """Tell the team leader of a customer whom nobody reaches, with what was tried: once, until somebody is reached."""
        self.ensure_one()
        attempts = self._attempts_in_a_row(self.partner_id)
        limit = self.env['res.config.settings']._customer_success('no_answer_limit')
        if len(attempts) < limit or any(attempts.mapped('escalated')):
            return
        told = self._tell_leaders(
            {self: lambda says: plural(
                len(attempts), says._("Nobody has answered"),
                says._("Nobody has answered %(count)s times in a row", count=len(attempts)))},
            lambda says, count: plural(
                count, says._("A customer doesn't answer"), says._("%(count)s customers don't answer", count=count)),
            note=lambda says, followup: attempts._describe_attempts(says))
        told.sudo().escalated = True  # the columns of the planner, see write

    def _describe_attempts(self, says):
        """Return what was tried, when, how, with whom and why it came to nothing, in the language of an environment."""
        lines = []
        for attempt in self.with_env(says).sudo():  # what a leader hears of
            parts = [format_date(says, attempt.contact_day), attempt.channel_id.name, attempt.contact_id.name,
                     attempt.reason_id.name, attempt.approach_id.name, attempt.feedback]
            lines.append(Markup("<li>%s</li>") % " · ".join(part for part in parts if part))
        return Markup("<ul>%s</ul>") % Markup().join(lines)

    def _after_close(self):
        """Open the successors, and take the reminders of what is closed away."""
        self.env['customer.reminder'].sudo()._follow_plan(self.ids)  # activities of other users too
        self._replan()
        self._note_closed()

    def _note_closed(self):
        """Tell what waits for these follow-ups that they are over, however that came about; for other wings to add to."""

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
                customer=own.whose, channel=own.channel_id.name, feedback=self.feedback or "–"),
            partner_ids=users.partner_id.ids,
            message_type='comment',
            subtype_xmlid='mail.mt_note',
        )
