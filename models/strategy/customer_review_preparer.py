import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import mute_logger

_logger = logging.getLogger(__name__)


class CustomerReviewPreparer(models.AbstractModel):
    """Makes the reviews that the rhythms ask for (STR-5)."""

    _name = 'customer.review.preparer'
    _description = "Preparer of Reviews"

    @api.model
    def _due_work(self):
        """Return what is to be prepared: rhythm, company and who looks after customers there."""
        clock, managers = self.env['customer.clock'], self.env['customer.review.plan']._managers_by_company()
        return [
            (plan, company, managers[company])
            for plan in self.env['customer.review.plan'].search([])
            for company in plan.company_id or managers
            if company in managers and plan._occasion(company, clock._today(company))]

    @api.model
    def _prepare(self, plan, company, managers):
        """Make the reviews of a rhythm in a company that are due and not there, and draft them.

        :param plan: customer.review.plan
        :param company: res.company
        :param managers: see ``customer.review.plan._managers_by_company``
        :return: the new reviews, and how many could not be made or drafted in full
        :rtype: tuple[customer.review, int]
        """
        occasion = plan._occasion(company, self.env['customer.clock']._today(company))
        targets = plan._targets(company, managers)
        # what is made is told by its key: people may change the days
        targets = {f'{company.id}:{key}:{occasion.start}': target for key, target in targets.items()}
        existing = set(self.env['customer.review'].search(
            [('plan_id', '=', plan.id), ('plan_key', 'in', list(targets))]).mapped('plan_key'))
        values = [
            self._prepared_values(plan, company, occasion, key, target)
            for key, target in targets.items() if key not in existing]
        problems = []

        def set_aside(error):
            if not isinstance(error, psycopg2.errors.UniqueViolation):  # else another process made it
                _logger.exception("A review of the rhythm %s could not be made", plan.id)
                problems.append(str(error))
            return self.env['customer.review'].browse()

        with mute_logger('odoo.sql_db'):
            reviews = self.env['customer.review'].browse().concat(*(
                self.env['customer.routine']._attempt(lambda vals=vals: self._prepare_one(plan, vals), set_aside)
                for vals in values))
        problem, failed = problems[0] if problems else False, len(problems)
        if problem and plan.problem != problem or values and not problem and plan.problem:
            plan.problem = problem
        failed += reviews._draft_lines()
        return reviews, failed

    @api.model
    def _prepared_values(self, plan, company, occasion, key, target):
        """Return the values of a review that a rhythm makes."""
        leader = self.env['res.users'].browse(target['user_id'] or ())
        values = {
            **target, 'plan_id': plan.id, 'plan_key': key, 'kind': plan.kind, 'scope': plan.scope,
            'company_id': company.id, 'date_start': occasion.start, 'date_end': occasion.stop, 'planned_on': occasion.day,
            'agenda': plan.with_context(lang=leader.lang).agenda if plan.kind != 'monthly' else False,
        }
        if plan.kind != 'monthly':
            values |= {
                'meeting_at': plan._moment(occasion.day, leader, company), 'meeting_hours': plan.hours}
        return values

    @api.model
    def _prepare_one(self, plan, vals):
        """Make a review with its activity, named in the language of whoever it is for."""
        lang = self.env['res.users'].browse(vals['user_id'] or ()).lang or self.env.lang
        reader = self.env['customer.review'].with_context(
            lang=lang, mail_create_nosubscribe=True, mail_auto_subscribe_no_notify=True)
        vals['name'] = reader.new(vals)._make_name(plan.with_context(lang=lang).name)
        review = reader.create(vals)
        review._open_tasks()
        return self.env['customer.review'].browse(review.id)

    @api.model
    def _draft_early(self):
        """Draft anew what was drafted before the days that it looks back at were over; see ``customer.review._draft_lines``.

        :return: number of topics that could not be looked up
        :rtype: int
        """
        today = fields.Date.context_today(self.env['customer.review'])
        early = self.env['customer.review'].search([
            ('state', '=', 'draft'), ('drafted_on', '!=', False), ('date_end', '<', today),
        ]).filtered(lambda review: review.drafted_on <= review.date_end)
        return early._draft_lines()
