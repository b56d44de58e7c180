import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date

_logger = logging.getLogger(__name__)

#: Cycles ended at a time.
BATCH = 500

#: The night begins cycles by the hundred: nobody gets an email, and the history is in the records themselves.
QUIETLY = {
    'tracking_disable': True, 'mail_create_nolog': True, 'mail_create_nosubscribe': True,
    'mail_auto_subscribe_no_notify': True,
}


class CustomerStrategyCycle(models.AbstractModel):
    """How a strategy begins, goes into its next cycle, is replaced by another version, and ends (STR-1)."""

    _name = 'customer.strategy.cycle'
    _description = "Cycle of Strategies"

    def _check_startable(self, strategy):
        """Refuse to start what can't run."""
        strategy.ensure_one()
        today, customer = fields.Date.context_today(strategy), strategy.partner_id.display_name
        if not strategy.partner_id.sudo().customer_managed:  # hidden from who has no role here
            raise UserError(strategy.env._(
                "%(customer)s is not under care: enrol the customer first.", customer=customer))
        if not strategy.kpi_ids:
            raise UserError(strategy.env._(
                "The strategy for %(customer)s has no KPI: nobody could ever tell whether it works. Add at least one.",
                customer=customer))
        if strategy.date_start > today:
            raise UserError(strategy.env._(
                "The strategy for %(customer)s begins on %(day)s. Start it on that day, or move its start.",
                customer=customer, day=format_date(strategy.env, strategy.date_start)))
        if strategy.date_end < today:
            raise UserError(strategy.env._(
                "The strategy for %(customer)s would be over already, since %(day)s. Choose a later start or end.",
                customer=customer, day=format_date(strategy.env, strategy.date_end)))

    def _begin(self, strategies):
        """Let these drafts run from their start on, one per customer and company."""
        self._check_only_ones(strategies)
        today = fields.Date.context_today(strategies)
        for strategy in strategies.sudo():  # people don't write what the methods keep
            strategy.write({
                'state': 'active', 'started_on': today, 'cadence_since': strategy.cadence_id and strategy.date_start,
                'segment_id': strategy.partner_id.customer_segment_id.id})
        strategies.flush_model(['state'])
        strategies.env['customer.strategy.measurer']._measure(strategies.sudo())  # figures are readonly for everybody
        self._replan(strategies)

    def _check_only_ones(self, strategies):
        """Refuse a second running strategy of a customer and company, and keep others from starting one meanwhile."""
        partners = strategies.partner_id
        strategies.env.cr.execute(SQL(
            "SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", partners.ids))
        # a colleague's, which the user perhaps doesn't see, is in the way as well
        running = strategies.sudo().search(strategies._running_domain() & Domain('partner_id', 'in', partners.ids))
        taken = {(strategy.partner_id, strategy.company_id): strategy for strategy in running - strategies}
        for strategy in strategies:
            key = strategy.partner_id, strategy.company_id
            if other := taken.get(key):
                raise UserError(strategies.env._(
                    "%(customer)s has a strategy already: version %(version)s, cycle %(cycle)s, from %(start)s to %(end)s "
                    "(%(owner)s). Stop it first, or propose an adjustment of it.",
                    customer=strategy.partner_id.display_name, version=other.version, cycle=other.cycle,
                    start=format_date(strategies.env, other.date_start), end=format_date(strategies.env, other.date_end),
                    owner=other.user_id.name or strategies.env._("nobody's")))
            taken[key] = strategy

    # ------------------------------------------------------------
    # ENDING
    # ------------------------------------------------------------

    def _finish(self, strategies, ended_by, last_day=None):
        """End these strategies, and measure them a last time.

        :param strategies: customer.strategy
        :param str ended_by: see the field
        :param last_day: their last day, where that is earlier than agreed; never before their start
        """
        strategies = strategies.sudo()  # people don't write what the methods keep
        strategies.write({'state': 'done', 'ended_by': ended_by, 'problem': False})
        if last_day:
            for strategy in strategies.filtered(lambda strategy: strategy.date_end > last_day):
                strategy.date_end = max(last_day, strategy.date_start)
        # over its days as they are now: of one cut short, what grows over the days owes only its part
        strategies.env['customer.strategy.measurer']._measure(strategies)

    def _stop(self, strategies):
        """End these strategies today."""
        self._finish(strategies, 'stopped', fields.Date.context_today(strategies))
        self._replan(strategies)

    @api.model
    def _end_cycles(self):
        """End every cycle whose last day is over, and begin the next one of those that go on; several after a long sleep.

        Running it again finds nothing left to do. It commits nothing. What fails is set aside with its ``problem``.

        :return: how many cycles ended
        :rtype: int
        """
        ended, aside = 0, []
        due = Domain('state', '=', 'active') & Domain('date_end', '<', fields.Date.context_today(self.env['customer.strategy']))
        # the night ends everybody's cycles
        while batch := self.env['customer.strategy'].sudo().search(
            due & Domain('id', 'not in', aside), order='date_end, id', limit=BATCH):
            free = batch.try_lock_for_update(allow_referencing=True)
            aside += (batch - free).ids  # somebody works on them: the next night
            failed = self._end_safely(free)
            aside += failed.ids
            ended += len(free) - len(failed)
        return ended

    def _end_safely(self, strategies):
        """End the cycles of these strategies; one that can't be ended keeps its problem, and the others go on.

        :return: those that failed
        """
        def set_aside(strategy, error):
            _logger.info("The cycle of strategy %s could not be ended", strategy.id, exc_info=True)
            strategy.problem = str(error)
            return strategy

        failed = strategies.env['customer.routine']._by_halves(
            strategies, lambda strategies: self._end(strategies.with_context(**QUIETLY)), set_aside)
        return strategies.browse().concat(*filter(None, failed))

    def _end(self, strategies):
        """End these cycles as agreed, and begin the next ones of customers still under care."""
        self._finish(strategies, 'cycle')
        going_on = strategies.filtered(lambda strategy: strategy.renew and strategy.partner_id.customer_managed)
        following = strategies.create([self._next_values(strategy) for strategy in going_on])
        for strategy, after in zip(going_on, following, strict=True):
            self._carry_milestones(strategy, after)
        self._replan(strategies - going_on)

    # ------------------------------------------------------------
    # WHAT COMES NEXT
    # ------------------------------------------------------------

    def _next_values(self, strategy):
        """Return the values of the next cycle of the same version.

        :rtype: dict
        """
        strategy.ensure_one()
        start = fields.Date.add(strategy.date_end, days=1)
        owner = strategy.user_id if strategy.user_id.active else strategy.partner_id.user_id
        return {
            'partner_id': strategy.partner_id.id, 'company_id': strategy.company_id.id, 'user_id': owner.id,
            'template_id': strategy.template_id.id, 'segment_id': strategy.segment_id.id, 'core_approach': strategy.core_approach,
            'cadence_id': strategy.cadence_id.id, 'cadence_since': strategy.cadence_since, 'renew': strategy.renew,
            'date_start': start, 'date_end': fields.Date.add(start, days=strategy.cycle_days - 1),
            'version': strategy.version, 'cycle': strategy.cycle + 1, 'previous_id': strategy.id, 'state': 'active',
            'started_on': start,
            'kpi_ids': [
                Command.create({
                    'kpi_id': line.kpi_id.id, 'target': line.target, 'weight': line.weight, 'sequence': line.sequence})
                for line in strategy.kpi_ids],
        }

    def _carry_milestones(self, strategies, following):
        """Hand the milestones that were not reached to what comes next."""
        strategies.milestone_ids.filtered(lambda milestone: not milestone.done_on).strategy_id = following

    def _last(self, strategies):
        """Return what this strategy became by cycles and adjustments until today; itself where nothing followed."""
        strategies.ensure_one()
        last = strategy = strategies.sudo()  # the next cycle may be a colleague's
        while strategy := strategy.search([('previous_id', '=', strategy.id)], order='id desc', limit=1):
            last = strategy
        return last.with_env(strategies.env)

    def _next_version_values(self, strategies, values, day):
        """Return the values of another version that begins on a day; see :meth:`_replace`.

        :rtype: dict
        """
        values = dict(values)
        days = values.pop('cycle_days', 0) or strategies.cycle_days
        vals = self._next_values(strategies) | {
            'version': strategies.version + 1, 'cycle': 1, 'date_start': day, 'started_on': day,
            'date_end': fields.Date.add(day, days=days - 1), 'segment_id': strategies.partner_id.customer_segment_id.id,
        } | values
        if not vals['cadence_id'] or vals['cadence_id'] != strategies.cadence_id.id:
            vals['cadence_since'] = vals['cadence_id'] and day
        return vals

    def _replan(self, strategies):
        """Ask for the planning of the customers that follow the cadences of these strategies."""
        partners = strategies.sudo().filtered('cadence_id').partner_id  # also from a colleague's adjustment
        strategies.env['customer.plan.request']._request(partners.ids)
