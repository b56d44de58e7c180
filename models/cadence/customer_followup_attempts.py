from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..platform.counted import plural

#: Of so many attempts in a row a leader hears; nobody reads more.
MOST_ATTEMPTS = 20


class CustomerFollowupAttempts(models.AbstractModel):
    """Attempts to reach customers to which nobody answered: which they are, what is done otherwise, and who hears of it
    (CAD-7)."""

    _name = 'customer.followup.attempts'
    _description = "Attempts without an Answer"

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

    def _in_a_row(self, partner):
        """Return the attempts of people to reach a customer since somebody was reached there, the last one first.

        :param partner: the customer
        :return: customer.followup, of everybody
        """
        followups = partner.env['customer.followup'].sudo()  # those of a former salesperson count as well
        for model in ('customer.followup', 'customer.cadence.step', 'customer.contact.rule'):
            partner.env[model].flush_model()  # what the conditions read
        of_customer = Domain('partner_id', '=', partner.id) & Domain('state', '=', 'done') & Domain('contact_at', '!=', False)
        reached, tried = (of_customer & Domain.custom(to_sql=lambda model, alias, query, make=make: make(alias))
                          for make in (self._reached_sql, self._tried_sql))
        reached = followups.search(reached, order='contact_at desc, id desc', limit=1)
        if reached:
            tried &= Domain('contact_at', '>', reached.contact_at)
        return followups.search(tried, order='contact_at desc, id desc', limit=MOST_ATTEMPTS)

    def _change_approach(self, followups, approach, channel, contact, day, text):
        """Let the next follow-up be made in another way, because nobody answered: on another channel, with another person, on
        another day, with another text. It stays so until somebody was reached.

        :param followups: the next customer.followup
        :param approach: customer.approach that was taken
        :param channel: customer.channel
        :param contact: res.partner, may be empty
        :param date day: today or later
        :param str text: what is to be done, may be empty
        """
        followups._check_open()
        followups.env['customer.followup.closer']._check_day(followups, day)
        for followup in followups.sudo():  # the columns of the planner, see write
            usual = followup.step_id.channel_id
            followup.write({
                'contact_id': contact.id or followup.contact_id.id, 'date_manual': day,
                'mail_template_id': approach.mail_template_id.id or followup.mail_template_id.id,
                **({'name': text} if text else {}),
                **({'channel_manual_id': channel.id if channel != usual else False} if followup.step_id else {
                    'channel_id': channel.id, 'date_raw': day}),
            })
        followups._replan()

    def _tell_unanswered(self, followup):
        """Tell the team leader of a customer whom nobody reaches, with what was tried: once, until somebody is reached.

        :param followup: the last attempt
        """
        followup.ensure_one()
        attempts = self._in_a_row(followup.partner_id)
        limit = followup.env['res.config.settings']._customer_success('no_answer_limit')
        if len(attempts) < limit or any(attempts.mapped('escalated')):
            return
        told = followup.env['customer.followup.closer']._tell_leaders(
            {followup: lambda says: plural(
                len(attempts), says._("Nobody has answered"),
                says._("Nobody has answered %(count)s times in a row", count=len(attempts)))},
            lambda says, count: plural(
                count, says._("A customer doesn't answer"), says._("%(count)s customers don't answer", count=count)),
            note=lambda says, followup: self._describe(attempts, says))
        told.sudo().escalated = True  # the columns of the planner, see write

    def _describe(self, attempts, says):
        """Return what was tried, when, how, with whom and why it came to nothing, in the language of an environment."""
        lines = []
        for attempt in attempts.with_env(says).sudo():  # what a leader hears of
            parts = [format_date(says, attempt.contact_day), attempt.channel_id.name, attempt.contact_id.name,
                     attempt.reason_id.name, attempt.approach_id.name, attempt.feedback]
            lines.append(Markup("<li>%s</li>") % " · ".join(part for part in parts if part))
        return Markup("<ul>%s</ul>") % Markup().join(lines)
