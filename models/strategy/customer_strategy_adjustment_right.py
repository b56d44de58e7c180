from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.i18n import format_list

from ..platform.local_text import clauses
from .customer_strategy_adjustment import UNDER_WAY

#: People named as those who can decide.
NAMED = 5


class CustomerStrategyAdjustment(models.Model):
    _inherit = 'customer.strategy.adjustment'

    # ------------------------------------------------------------
    # WHO DECIDES
    #
    # A manager decides on everything of the own companies. A team leader does, where the settings say so, when the owner of the
    # adjustment, the owner of the strategy and the account manager of the customer are all of the own team, so that handing
    # one of them over takes a proposal to no other leader. Nobody decides on what he or she wrote or submitted, whoever is
    # its owner now. The rules of ``_decidable_domain`` are asked when the button is shown, when proposals are filtered, and
    # once more under a lock when somebody decides.
    # ------------------------------------------------------------

    can_approve = fields.Boolean(compute='_compute_can_approve', search='_search_can_approve')
    can_recall = fields.Boolean(compute='_compute_rights')
    can_inform = fields.Boolean(compute='_compute_rights')
    can_apply = fields.Boolean(compute='_compute_rights')
    can_cancel = fields.Boolean(compute='_compute_rights')
    can_write = fields.Boolean(compute='_compute_rights')
    is_early = fields.Boolean(compute='_compute_rights')
    waits_for = fields.Char(compute='_compute_waits_for')

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

    @api.depends('state', 'author_id', 'submitted_by_id', 'contributor_ids', 'user_id', 'partner_id.user_id')
    @api.depends_context('uid')
    def _compute_can_approve(self):
        # sudo: whom one leads follows from teams, which users don't read
        can = self.sudo().filtered_domain(self._decidable_domain())
        for adjustment in self:
            adjustment.can_approve = adjustment.id in can._ids

    def _search_can_approve(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # sudo: as above; what is found is filtered by the rules of the user as ever
        return Domain('id', 'in', self.sudo()._search(self._decidable_domain()))

    def _check_may_decide(self):
        """Refuse, under the lock of this adjustment, whoever can't decide on it.

        :raises UserError: or AccessError, with a sentence that says why
        """
        self.ensure_one()
        user, own = self.env.user, self.sudo()  # who wrote it is asked for everybody
        if user.id == SUPERUSER_ID:
            raise UserError(self.env._("A change of strategy is decided on by a person, not by the system."))
        if user in own.author_id | own.submitted_by_id | own.contributor_ids:
            raise AccessError(self.env._(
                "You wrote or submitted %(adjustment)s, so somebody else has to decide on it.", adjustment=self.name))
        if not own.filtered_domain(self._decidable_domain()):
            raise AccessError(self.env._(
                "%(adjustment)s is decided on by a manager, or by the leader of the team that looks after the customer.",
                adjustment=self.name))

    def _deciders(self):
        """Return who is asked to decide now: the team leader where the rules let that be, or the leader's backup, else the
        managers of the company who are not away; if all are, all the same."""
        self.ensure_one()
        own, responsibility = self.sudo(), self.env['customer.responsibility']  # teams and colleagues, for everybody
        leader = (own.partner_id.user_id or own.user_id).customer_team_id.user_id
        managers = responsibility._managers(own.company_id)
        present = managers.filtered(lambda user: not responsibility._absence_of(user))
        for users in (responsibility._stands_for(leader, own.company_id).sudo(), present, managers):  # as above
            if able := users.filtered(own._can_decide):
                return able
        return self.env['res.users'].sudo()  # as above

    def _can_decide(self, user):
        """Return whether a user could decide on this adjustment, here or away."""
        self.ensure_one()
        return self.with_user(user).sudo().can_approve  # the rules of the adjustment say so, not those of access

    def _away_deciders(self):
        """Return the absences of those who would be asked to decide if they were here."""
        self.ensure_one()
        own, responsibility = self.sudo(), self.env['customer.responsibility']  # teams and colleagues, for everybody
        leader = (own.partner_id.user_id or own.user_id).customer_team_id.user_id.filtered('active')
        able = leader.filtered(own._can_decide) or responsibility._managers(own.company_id).filtered(own._can_decide)
        # who is away is no secret
        return self.env['customer.absence'].sudo().union(*(responsibility._absence_of(user) for user in able))

    @api.depends('state', 'contributor_ids', 'user_id', 'submitted_by_id')
    @api.depends_context('lang', 'uid')
    def _compute_waits_for(self):
        for adjustment in self:
            adjustment.waits_for = adjustment.state == 'submitted' and adjustment._describe_deciders() or False

    def _describe_deciders(self):
        """Return who is asked to decide, and who would be but is away, until when; empty for nobody."""
        self.ensure_one()
        names = self._deciders()[:NAMED].mapped('name')
        away = [
            self.env._("%(user)s is away until %(day)s", user=absence.user_id.name,
                       day=format_date(self.env, absence.date_to))
            for absence in self._away_deciders()[:NAMED]]
        return clauses(self.env, [format_list(self.env, names), *away]) if names else ''

    # ------------------------------------------------------------
    # WHO DOES WHAT ELSE
    # ------------------------------------------------------------

    @api.depends('state', 'user_id', 'author_id', 'submitted_by_id', 'decided_by_id', 'date')
    @api.depends_context('uid')
    def _compute_rights(self):
        today = fields.Date.context_today(self)
        writable = self._filtered_access('write') if self.ids else self
        for adjustment in self:
            may_write = not adjustment._origin or adjustment._origin in writable or adjustment in writable
            adjustment.can_write = may_write
            adjustment.can_recall = may_write and adjustment.state == 'submitted' and adjustment._is_of(
                'author_id', 'submitted_by_id', 'user_id')
            adjustment.can_inform = may_write and adjustment.state == 'approved' and not adjustment.informed_on
            adjustment.can_apply = may_write and adjustment.state == 'approved' and adjustment._may_apply()
            adjustment.can_cancel = may_write and bool(adjustment._origin) and adjustment.state in ('draft', *UNDER_WAY)
            adjustment.is_early = bool(adjustment.date and adjustment.date > today)

    def _is_of(self, *names):
        """Return whether the user is one of the persons in these fields."""
        own = self.sudo()  # names of colleagues
        return any(own[name] == self.env.user for name in names)

    def _may_apply(self):
        """Return whether the user may apply this adjustment by hand: its owner, who approved it, and managers."""
        return self._is_of('user_id', 'decided_by_id') or self.env.user.has_group(
            'customer_success.group_customer_success_manager')
