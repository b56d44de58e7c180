from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .adjustment_choices import UNDER_WAY
from .customer_adjustment_flow import FLOW


class CustomerAdjustmentAsker(models.AbstractModel):
    """Asks people for what an adjustment waits for, by activities, and hands it on when they change (STR-3)."""

    _name = 'customer.adjustment.asker'
    _description = "Asks People about Adjustments"

    # ------------------------------------------------------------
    # WHO DECIDES
    # ------------------------------------------------------------

    def _ask_deciders(self, adjustment):
        """Ask those who can decide, each by an activity."""
        adjustment._tasks(*FLOW).unlink()
        deciders = adjustment.env['customer.adjustment.decider']._deciders(adjustment)
        self._ask(adjustment, deciders)
        if not deciders:
            adjustment.message_post(body=adjustment.env._(
                "Nobody can decide on this: who has the right to wrote or submitted it. Ask for another manager."))

    def _ask(self, adjustment, deciders):
        """Give these people an activity to decide on this adjustment."""
        adjustment._give_task('decide', deciders, lambda own: own.env._(
            "Approve or refuse: %(customer)s", customer=own.partner_id.display_name))

    @api.model
    def _ask_anew(self):
        """Let those be asked who can decide now: somebody went away, came back or left. Who ticked it off is not asked again."""
        for adjustment in self.env['customer.strategy.adjustment'].search([('state', '=', 'submitted')]):
            deciders, asked = self.env['customer.adjustment.decider']._deciders(adjustment), adjustment._tasks('decide')
            gone = asked.filtered(lambda activity, able=deciders: activity.user_id not in able)
            known = asked.with_context(active_test=False).search([
                ('res_model', '=', adjustment._name), ('res_id', '=', adjustment.id),
                ('activity_type_id', '=', adjustment._task_type('decide').id),
                ('create_date', '>=', adjustment.submitted_on)]).user_id
            gone.unlink()
            self._ask(adjustment, deciders - known)

    # ------------------------------------------------------------
    # WHOSE IT IS
    # ------------------------------------------------------------

    @api.model
    def _hand_on(self):
        """Give the open strategies and adjustments of people who left, or can't do it any more, to who answers for their
        customers now."""
        responsibility = self.env['customer.responsibility']
        for model, states in (
                ('customer.strategy', ('draft', 'active')), ('customer.strategy.adjustment', ('draft', *UNDER_WAY))):
            open_ones = Domain('state', 'in', states) & Domain('user_id', '!=', False)
            for user, company in self.env[model]._read_group(open_ones, ['user_id', 'company_id']):
                owner = responsibility._owner('manager', user, company)
                if owner and owner != user:
                    left = open_ones & Domain('user_id', '=', user.id) & Domain('company_id', '=', company.id)
                    # many at once, and the leader knows
                    self.env[model].search(left).with_context(mail_auto_subscribe_no_notify=True).user_id = owner

    def _follow_user(self, adjustments):
        """Let the activities of the owner go to whoever is the owner now, in that person's language."""
        adjustments._hand_over_tasks('suggestion', lambda adjustment: adjustment.user_id, self._say_suggestion)
        adjustments._hand_over_tasks(
            'follow', lambda adjustment: adjustment.user_id,
            lambda own: self._say_not_applied(own) if own.problem else self._say_inform(own))

    # ------------------------------------------------------------
    # WHAT IS TO BE DONE
    # ------------------------------------------------------------

    def _suggest(self, adjustments):
        """Give the owners an activity for each of these proposals, without an email for each."""
        adjustments._give_tasks(
            'suggestion', [(adjustment, adjustment.user_id) for adjustment in adjustments if adjustment.user_id],
            self._say_suggestion)

    def _ask_to_inform(self, adjustment):
        """Ask the owner to tell the customer, where that has to be."""
        adjustment.ensure_one()
        if adjustment.needs_informing and not adjustment.informed_on and adjustment.user_id:
            adjustment._give_task(
                'follow', adjustment.user_id, self._say_inform,
                deadline=max(adjustment.date, adjustment.env['customer.clock']._today(adjustment.user_id)))

    def _ask_to_see_to(self, adjustment):
        """Ask the owner to see to what could not be applied."""
        adjustment.ensure_one()
        if owner := adjustment.user_id or adjustment.decided_by_id:
            adjustment._tasks('follow').unlink()
            adjustment._give_task('follow', owner, self._say_not_applied)

    def _ask_for_review(self, adjustments):
        """Give the owners an activity to look at what came of it, once, without an email for each."""
        asked = set(adjustments._tasks('review').mapped('res_id')) if adjustments else set()
        adjustments._give_tasks(
            'review',
            [(adjustment, user) for adjustment in adjustments if adjustment.id not in asked
             and (user := adjustment.user_id or adjustment.partner_id.user_id)],
            self._say_review, deadline=fields.Date.add(fields.Date.context_today(adjustments), days=7))

    def _say_inform(self, adjustment):
        return adjustment.env._("Tell the customer before %(day)s", day=format_date(adjustment.env, adjustment.date))

    def _say_suggestion(self, adjustment):
        return adjustment.env._(
            "Look at the proposed change for %(customer)s", customer=adjustment.partner_id.display_name)

    def _say_not_applied(self, adjustment):
        return adjustment.env._(
            "Not applied on %(day)s: %(problem)s", day=format_date(adjustment.env, adjustment.date),
            problem=adjustment.problem)

    def _say_review(self, adjustment):
        return adjustment.env._(
            "%(customer)s: %(verdict)s", customer=adjustment.partner_id.display_name, verdict=adjustment._verdict_text())
