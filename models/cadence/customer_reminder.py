from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..base.local_day import in_company_zone

#: Follow-ups that get their activity in one transaction.
BATCH = 500


class CustomerReminder(models.AbstractModel):
    """Reminds ahead of the date, hands follow-ups to the backup during an absence, and escalates what is overdue (CAD-9).

    Each question is asked of the data: which open follow-ups are due and were not reminded yet, which belong to somebody
    who is away today, which are overdue for too long and were not escalated. So it does not matter how often, or after
    what interruption, it is asked.
    """

    _name = 'customer.reminder'
    _description = "Follow-up Reminders"

    @api.model
    @in_company_zone
    def _cron_remind(self):
        """Hand over, remind and escalate; a batch of follow-ups per transaction."""
        progress = self.env['ir.cron']._commit_progress
        with self.env['customer.run']._measure('remind') as run:
            handed = self._hand_over() + self._hand_back()
            progress(handed)
            counts = {}
            for kind, domain, act in (
                ('reminded', self._remind_domain(), self._remind),
                ('escalated', self._escalate_domain(), self._escalate_overdue),
            ):
                counts[kind] = self._work_off(domain, act, progress)
            run['done'] = handed + sum(counts.values())
            run['note'] = self.env._(
                "%(reminded)s reminded, %(escalated)s escalated, %(handed)s handed over or back",
                handed=handed, **counts)

    @api.model
    def _work_off(self, domain, act, progress):
        """Do something with all follow-ups of a domain, batch by batch, until the time is up."""
        followups, count = self.env['customer.followup'], 0
        remaining = followups.search_count(domain)
        while remaining:
            batch = followups.search(domain, limit=BATCH, order='date_planned, id').try_lock_for_update()
            if not batch:
                break  # another process has them
            act(batch)
            count += len(batch)
            remaining = max(remaining - len(batch), 0)
            if not progress(len(batch), remaining=remaining):
                break
        return count

    # ------------------------------------------------------------
    # REMIND
    # ------------------------------------------------------------

    @api.model
    def _remind_domain(self):
        """Return the domain of the follow-ups whose responsible person should get an activity now."""
        return Domain([
            ('state', '=', 'planned'), ('reminded', '=', False), ('user_id', '!=', False),
        ]) & self.env['customer.clock']._reached_domain('date_remind', 'user_id') & self._by_hand_domain()

    @api.model
    def _by_hand_domain(self):
        """Return the domain of the follow-ups that people do: those that are not sent by themselves, or could not be."""
        return Domain('automatic', '=', False) | Domain('send_error', '!=', False)

    @api.model
    def _remind(self, followups):
        self._create_activities(
            'customer_success.mail_activity_type_followup',
            [(followup, followup.user_id, followup.date_planned, followup.name or followup.step_id.name, followup.move_note)
             for followup in followups])
        followups.reminded = True

    @api.model
    def _create_activities(self, type_xmlid, rows, automated=True):
        """Create activities without mails for each: they are there to be seen in the morning, not to fill an inbox."""
        model_id = self.env['ir.model']._get_id('customer.followup')
        activity_type = self.env.ref(type_xmlid)
        self.env['mail.activity'].with_context(mail_activity_quick_update=True).create([{
            'res_model_id': model_id,
            'res_id': followup.id,
            'activity_type_id': activity_type.id,
            'user_id': user.id,
            'date_deadline': deadline,
            'summary': summary,
            'note': note,
            'automated': automated,
        } for followup, user, deadline, summary, note in rows])

    # ------------------------------------------------------------
    # ESCALATE
    # ------------------------------------------------------------

    @api.model
    def _escalate_domain(self):
        """Return the domain of the follow-ups that are overdue for so long that the team leader should know."""
        return Domain([('state', '=', 'planned'), ('escalated', '=', False)]) & self.env[
            'customer.clock']._reached_domain('date_escalate', 'user_id', 'owner_id')

    @api.model
    def _escalate_overdue(self, followups):
        for followup in followups:
            day = format_date(self.env, followup.date_limit)
            self._tell_leader(followup, self.env._("Overdue since %(day)s", day=day), automated=True)
        followups.escalated = True

    @api.model
    def _tell_leader(self, followup, text, automated=False):
        """Give the team leader an activity about the follow-up.

        Without a team, or where the leader is the responsible person, there is nobody to tell: the filter *Escalated*
        shows what is overdue to managers.

        :param followup: one follow-up
        :param str text: why
        :param bool automated: the activity goes when its cause is gone
        """
        leader = (followup.owner_id or followup.partner_id.user_id).sale_team_id.user_id
        if leader and leader != followup.user_id:
            self._create_activities(
                'customer_success.mail_activity_type_escalation',
                [(followup, leader, self.env['customer.clock']._today(leader), text, False)], automated=automated)

    # ------------------------------------------------------------
    # ABSENCE
    # ------------------------------------------------------------

    @api.model
    def _away_sql(self):
        """Return SQL with who is away today, where they are, and who stands in: ``user_id``, ``backup_id``."""
        return SQL(
            "SELECT user_id, backup_id FROM customer_absence WHERE %s BETWEEN date_from AND date_to",
            self.env['customer.clock']._user_today_sql(SQL("customer_absence.user_id")))

    @api.model
    def _hand_over(self):
        """Give the backup what is due while somebody is away.

        Handed over is what is due before the absence ends, what is overdue included.
        """
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET user_id = a.backup_id, write_date = %(now)s
                 FROM customer_absence a
                WHERE %(today)s BETWEEN a.date_from AND a.date_to AND f.user_id = a.user_id
                  AND f.owner_id = a.user_id AND f.state = 'planned' AND f.date_planned <= a.date_to
            RETURNING f.id""",
            today=self.env['customer.clock']._user_today_sql(SQL("a.user_id")), now=self.env.cr.now()))
        return self._handed([followup_id for followup_id, in rows])

    @api.model
    def _hand_back(self):
        """Give back to its owner what a backup did not get to."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET user_id = f.owner_id, write_date = %(now)s
                WHERE f.state = 'planned' AND f.owner_id <> f.user_id
                  AND EXISTS (SELECT 1 FROM customer_absence past
                               WHERE past.user_id = f.owner_id AND past.backup_id = f.user_id)
                  AND f.owner_id NOT IN (SELECT user_id FROM (%(away)s) AS away)
            RETURNING f.id""",
            away=self._away_sql(), now=self.env.cr.now()))
        return self._handed([followup_id for followup_id, in rows])

    @api.model
    def _take_back(self, pairs):
        """Give the follow-ups that backups have back to their owners.

        :param pairs: ids of owner and backup
        """
        followups = self.env['customer.followup']
        for owner_id, backup_id in pairs:
            followups |= followups.search([
                ('state', '=', 'planned'), ('owner_id', '=', owner_id), ('user_id', '=', backup_id)])
        for followup in followups:
            followup.user_id = followup.owner_id
        self._follow_plan(followups.ids)

    @api.model
    def _handed(self, followup_ids):
        self.env['customer.followup'].browse(followup_ids).invalidate_recordset(['user_id', 'write_date'])
        self._follow_plan(followup_ids)
        return len(followup_ids)

    # ------------------------------------------------------------
    # KEEPING UP
    # ------------------------------------------------------------

    @api.model
    def _follow_plan(self, followup_ids):
        """Bring the activities of follow-ups in line: gone with what is closed or not due yet, moved with the rest.

        :param list[int] followup_ids: ids of follow-ups that changed
        """
        if not followup_ids:
            return
        reminder = self.env.ref('customer_success.mail_activity_type_followup')
        escalation = self.env.ref('customer_success.mail_activity_type_escalation')
        activities = self.env['mail.activity'].sudo().search([  # also the leader's, and those of a former salesperson
            ('res_model', '=', 'customer.followup'), ('res_id', 'in', list(followup_ids)), ('automated', '=', True),
            ('activity_type_id', 'in', (reminder + escalation).ids)])
        if not activities:
            return
        followups = self.env['customer.followup'].sudo().browse(activities.mapped('res_id'))  # as above
        by_id = {followup.id: followup for followup in followups.exists()}
        by_hand = followups.exists().filtered_domain(self._by_hand_domain())
        obsolete = self.env['mail.activity']
        for activity in activities:
            followup = by_id.get(activity.res_id)
            is_reminder = activity.activity_type_id == reminder
            wanted = followup and followup.state == 'planned' and (
                followup.reminded and followup in by_hand if is_reminder else followup.escalated)
            if not wanted:
                obsolete |= activity
                if is_reminder and followup and followup.state == 'planned' and followup.reminded:
                    followup.reminded = False  # should a person have to do it again, they are told again
            elif is_reminder:
                values = {'date_deadline': followup.date_planned, 'user_id': followup.user_id.id}
                if (activity.date_deadline, activity.user_id.id) != tuple(values.values()):
                    activity.with_context(mail_activity_quick_update=True).write(values)
        obsolete.sudo().unlink()  # as above
