from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

from ..base.customer_day import Act, Kind, Line
from ..platform.counted import days
from ..platform.local_text import day_text


class CustomerDay(models.AbstractModel):
    """What is to be decided or carried out about strategies, what is to be reached, and reviews."""

    _inherit = 'customer.day'

    @api.model
    def _kinds(self):
        adjustment = 'customer.strategy.adjustment'
        return super()._kinds() | {
            'adjustment_decide': Kind(
                self.env._("Adjustments to decide on"), adjustment, self._decide_domain, self._decide_lines,
                order='submitted_on, id', role='leader', action='customer_strategy_adjustment_action'),
            'adjustment_apply': Kind(
                self.env._("Approved adjustments to carry out"), adjustment, self._apply_domain, self._apply_lines,
                order='date, id', action='customer_strategy_adjustment_action'),
            'milestone': Kind(
                self.env._("Milestones of strategies"), 'customer.strategy.milestone', self._milestone_domain,
                self._milestone_lines, order='date, id'),
            'review': Kind(
                self.env._("Reviews to write or to hold"), 'customer.review', self._review_domain, self._review_lines,
                order='date_end, id', action='customer_review_action'),
        }

    # ------------------------------------------------------------
    # ADJUSTMENTS
    # ------------------------------------------------------------

    @api.model
    def _decide_domain(self, day):
        return Domain('can_approve', '=', True) if day.user == self.env.user else Domain.FALSE

    @api.model
    def _decide_lines(self, records, day):
        return [Line(
            adjustment, adjustment.partner_id, self.env._("Decide on %(name)s", name=adjustment.name),
            adjustment.reason or adjustment.reason_id.name or '', icon='fa-gavel') for adjustment in records]

    @api.model
    def _apply_domain(self, day):
        return Domain('state', '=', 'approved') & Domain('user_id', '=', day.user.id) & Domain('date', '<=', day.today)

    @api.model
    def _apply_lines(self, records, day):
        return [Line(
            adjustment, adjustment.partner_id, self.env._("Carry out %(name)s", name=adjustment.name),
            self.env._("Approved, and meant to begin on %(day)s", day=format_date(self.env, adjustment.date)),
            icon='fa-random', late=adjustment.date < day.today) for adjustment in records]

    # ------------------------------------------------------------
    # MILESTONES AND REVIEWS
    # ------------------------------------------------------------

    @api.model
    def _milestone_domain(self, day):
        last = day.today + timedelta(days=self.env['res.config.settings']._customer_success('day_ahead'))
        return Domain('strategy_id.user_id', '=', day.user.id) & Domain('strategy_id.state', '=', 'active') & Domain(
            'done_on', '=', False) & Domain('date', '<=', last)

    @api.model
    def _milestone_lines(self, records, day):
        reach = (Act('action_reached', self.env._("Reached"), 'fa-check'),)
        return [Line(
            milestone, milestone.strategy_id.partner_id, milestone.name, self._why_milestone(milestone, day), icon='fa-flag-o',
            late=milestone.date < day.today, does=reach, opens='action_open_strategy') for milestone in records]

    @api.model
    def _why_milestone(self, milestone, day):
        late, due = (day.today - milestone.date).days, day_text(self.env, milestone.date, 'MMMEd')
        return self.env._("Milestone of %(strategy)s, %(late)s late", strategy=milestone.strategy_id.display_name, late=days(
            self.env, late)) if late > 0 else self.env._(
                "Milestone of %(strategy)s, due by %(day)s", strategy=milestone.strategy_id.display_name, day=due)

    @api.model
    def _review_domain(self, day):
        """Return the domain of the reviews whose time has come: the time looked back at is over, and their day is here."""
        comes = Domain('planned_on', '=', False) | Domain('planned_on', '<=', day.today)
        meets = Domain('meeting_at', '=', False) | Domain('meeting_at', '<', day.end)
        return Domain('state', '=', 'draft') & Domain('user_id', '=', day.user.id) & Domain(
            'date_end', '<', day.today) & comes & meets

    @api.model
    def _review_lines(self, records, day):
        none = self.env['res.partner']
        kinds = dict(records._fields['kind']._description_selection(self.env))
        return [Line(
            review, none, kinds[review.kind], self.env._("Takes place at %(moment)s", moment=format_datetime(
                self.env, review.meeting_at, dt_format='short')) if review.meeting_at else self.env._(
                    "Waits for what you say to it"), title=review.name, icon='fa-book', until=review.meeting_at or None)
            for review in records]
