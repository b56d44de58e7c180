from odoo import Command, api, models


class CustomerReview(models.Model):
    """Open reviews follow the people: whoever leaves leaves nothing undone (STR-5)."""

    _inherit = 'customer.review'

    def _writer(self):
        """Return who writes a summary or leads a meeting: whom it is for, or who does it for one who left.

        The summary of an account manager who left stays that one's, and is for whoever looks after the customers now.

        :rtype: res.users, may be empty
        """
        self.ensure_one()
        responsibility, user = self.env['customer.responsibility'], self.user_id
        if not user or responsibility._is_able(user, self.company_id):
            return user
        if self.scope == 'user':
            return responsibility._owner('manager', user, self.company_id)
        return self.env['customer.review.plan']._leader(self.team_id.sudo().user_id, self.company_id)  # other teams' too

    @api.model
    def _follow_people(self, users=None):
        """Give what is open of people who left to whoever does it now: the meeting, and the task.

        :param users: res.users; only what is theirs, default: that of all who can't do it any more
        :return: the reviews that somebody else does now
        """
        # for the leader, whoever administers users; whoever gets something is told by the task
        drafts = self.sudo().with_context(mail_auto_subscribe_no_notify=True).search(
            [('state', '=', 'draft'), ('user_id', 'in', users.ids) if users is not None else ('user_id', '!=', False)])
        able = self.env['customer.responsibility']._able_pairs(drafts.user_id.ids)
        left = drafts.filtered(lambda review: (review.user_id.id, review.company_id.id) not in able)
        for review in left:
            if (writer := review._writer()) and review.scope != 'user':
                review.write({'user_id': writer.id, 'attendee_ids': [Command.unlink(review.user_id.id), Command.link(writer.id)]})
        left._hand_over_tasks('review', lambda review: review._writer(), lambda own: own._say_task())
        return left

    @api.model
    def _follow_leader(self, teams):
        """Give the meetings of teams that have another leader to that one, as far as the former one was to lead them.

        :param teams: dict of crm.team and the res.users who led it
        :return: the reviews that somebody else does now
        """
        moved = self.browse()
        for team, former in teams.items():
            leader = self.env['customer.review.plan']._leader(team.user_id, team.company_id or former.company_id)
            if not former or not leader or leader == former:
                continue
            drafts = self.sudo().with_context(mail_auto_subscribe_no_notify=True).search([  # as above
                ('state', '=', 'draft'), ('scope', '=', 'team'), ('team_id', '=', team.id), ('user_id', '=', former.id)])
            drafts.write({'user_id': leader.id, 'attendee_ids': [Command.link(leader.id)]})
            moved += drafts
        moved._hand_over_tasks('review', lambda review: review._writer(), lambda own: own._say_task())
        return moved
