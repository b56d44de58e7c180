from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.i18n import format_list

from ..platform.local_text import clauses
from .adjustment_choices import UNDER_WAY

#: People named as those who can decide.
NAMED = 5


class CustomerAdjustmentDecider(models.AbstractModel):
    """Who decides on an adjustment (STR-3).

    A manager decides on everything of the own companies. A team leader does, where the settings say so, when the owner of the
    adjustment, the owner of the strategy and the account manager of the customer are all of the own team, so that handing
    one of them over takes a proposal to no other leader. Nobody decides on what he or she wrote or submitted, whoever is
    its owner now. The rules of :meth:`_decidable_domain` are asked when the button is shown, when proposals are filtered, and
    once more under a lock when somebody decides.
    """

    _name = 'customer.adjustment.decider'
    _description = "Deciders on Adjustments"

    @api.model
    def _decidable_domain(self):
        """Return the domain of the adjustments that the user can approve or refuse."""
        user = self.env.user
        if user.id == SUPERUSER_ID:
            return Domain.FALSE  # a decision is a person's
        others = (
            Domain('state', '=', 'submitted') & Domain('author_id', '!=', user.id)
            & Domain('submitted_by_id', '!=', user.id) & Domain('contributor_ids', 'not in', user.ids))
        if user.has_group('customer_success.group_customer_success_manager'):
            return others
        leads = user.has_group('customer_success.group_customer_success_leader')
        if not leads or not self.env['res.config.settings']._customer_success('strategy_leader_approves'):
            return Domain.FALSE
        people = ('user_id', 'strategy_id.user_id', 'partner_id.user_id')
        within = Domain.AND(
            Domain(path, '=', False) | Domain(f'{path}.customer_team_id.user_id', '=', user.id) for path in people)
        return others & within & Domain.OR(Domain(path, '!=', False) for path in people)

    def _check_may_decide(self, adjustment):
        """Refuse, under the lock of this adjustment, whoever can't decide on it.

        :raises UserError: or AccessError, with a sentence that says why
        """
        adjustment.ensure_one()
        env, own = adjustment.env, adjustment.sudo()  # who wrote it is asked for everybody
        if env.user.id == SUPERUSER_ID:
            raise UserError(env._("A change of strategy is decided on by a person, not by the system."))
        if env.user in own.author_id | own.submitted_by_id | own.contributor_ids:
            raise AccessError(env._(
                "You wrote or submitted %(adjustment)s, so somebody else has to decide on it.", adjustment=adjustment.name))
        if not own.filtered_domain(self.with_env(env)._decidable_domain()):
            raise AccessError(env._(
                "%(adjustment)s is decided on by a manager, or by the leader of the team that looks after the customer.",
                adjustment=adjustment.name))

    def _deciders(self, adjustment):
        """Return who is asked to decide now: the team leader where the rules let that be, or the leader's backup, else the
        managers of the company who are not away; if all are, all the same."""
        adjustment.ensure_one()
        # teams and colleagues, for everybody
        own, responsibility = adjustment.sudo(), adjustment.env['customer.responsibility']
        leader = (own.partner_id.user_id or own.user_id).customer_team_id.user_id
        managers = responsibility._managers(own.company_id)
        present = managers.filtered(lambda user: not responsibility._absence_of(user))
        for users in (responsibility._stands_for(leader, own.company_id).sudo(), present, managers):  # as above
            if able := users.filtered(lambda user: self._can_decide(own, user)):
                return able
        return adjustment.env['res.users'].sudo()  # as above

    def _can_decide(self, adjustment, user):
        """Return whether a user could decide on this adjustment, here or away."""
        adjustment.ensure_one()
        return adjustment.with_user(user).sudo().can_approve  # the rules of the adjustment say so, not those of access

    def _away_deciders(self, adjustment):
        """Return the absences of those who would be asked to decide if they were here."""
        adjustment.ensure_one()
        # teams and colleagues, for everybody
        own, responsibility = adjustment.sudo(), adjustment.env['customer.responsibility']
        leader = (own.partner_id.user_id or own.user_id).customer_team_id.user_id.filtered('active')
        able = leader.filtered(lambda user: self._can_decide(own, user)) or responsibility._managers(
            own.company_id).filtered(lambda user: self._can_decide(own, user))
        # who is away is no secret
        return adjustment.env['customer.absence'].sudo().union(*(responsibility._absence_of(user) for user in able))

    def _describe_deciders(self, adjustment):
        """Return who is asked to decide, and who would be but is away, until when; empty for nobody."""
        adjustment.ensure_one()
        env, names = adjustment.env, self._deciders(adjustment)[:NAMED].mapped('name')
        away = [
            env._("%(user)s is away until %(day)s", user=absence.user_id.name, day=format_date(env, absence.date_to))
            for absence in self._away_deciders(adjustment)[:NAMED]]
        return clauses(env, [format_list(env, names), *away]) if names else ''

    # ------------------------------------------------------------
    # WHO DOES WHAT ELSE
    # ------------------------------------------------------------

    def _rights(self, adjustment, may_write):
        """Return what the user can do with this adjustment, by field.

        :param adjustment: customer.strategy.adjustment
        :param bool may_write: whether the user may write it
        :rtype: dict[str, bool]
        """
        state = adjustment.state
        return {
            'can_write': may_write,
            'can_recall': may_write and state == 'submitted' and self._is_of(
                adjustment, 'author_id', 'submitted_by_id', 'user_id'),
            'can_inform': may_write and state == 'approved' and not adjustment.informed_on,
            'can_apply': may_write and state == 'approved' and self._may_apply(adjustment),
            'can_cancel': may_write and bool(adjustment._origin) and state in ('draft', *UNDER_WAY),
            'is_early': bool(adjustment.date and adjustment.date > fields.Date.context_today(adjustment)),
        }

    def _is_of(self, adjustment, *names):
        """Return whether the user is one of the persons in these fields."""
        own = adjustment.sudo()  # names of colleagues
        return any(own[name] == adjustment.env.user for name in names)

    def _may_apply(self, adjustment):
        """Return whether the user may apply this adjustment by hand: its owner, who approved it, and managers."""
        return self._is_of(adjustment, 'user_id', 'decided_by_id') or adjustment.env.user.has_group(
            'customer_success.group_customer_success_manager')
