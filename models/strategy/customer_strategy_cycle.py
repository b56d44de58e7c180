import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date

from ..platform.locks import wait_for_update

_logger = logging.getLogger(__name__)

#: Cycles ended at a time.
BATCH = 500

#: The night begins cycles by the hundred: nobody gets an email, and the history is in the records themselves.
QUIETLY = {
    'tracking_disable': True, 'mail_create_nolog': True, 'mail_create_nosubscribe': True,
    'mail_auto_subscribe_no_notify': True,
}


class CustomerStrategy(models.Model):
    """How a strategy begins, goes into its next cycle, is replaced by another version, and ends (STR-1)."""

    _inherit = 'customer.strategy'

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Let these drafts run. From now on what they say is what was agreed."""
        self._lock_in('draft')
        for strategy in self:
            strategy._check_startable()
        self._begin()
        return True

    def action_stop(self):
        """End these strategies today, before their cycle is over."""
        self._lock_in('active')
        self._stop()
        return True

    def action_to_draft(self):
        """Take back the start, on the day on which somebody started them."""
        self._lock_in('active')
        for strategy in self:
            if not strategy._is_resettable():
                raise UserError(self.env._(
                    "%(strategy)s can't become a draft again: that is possible on the day of its start, before anything "
                    "was built on it. Stop it, or propose an adjustment.", strategy=strategy.display_name))
        self._keep({
            'state': 'draft', 'started_on': False, 'segment_id': False, 'cadence_since': False, 'measured_on': False,
            'attainment': 0, 'known_percent': 0, 'grade_id': False, 'grade_manual_id': False, 'grade_reason': False,
            'grade_user_id': False, 'grade_judged_on': False, 'effect_id': False})
        self._replan()
        return True

    def _is_resettable(self):
        """Return whether the start can be taken back: on its day, before anything was built on it."""
        self.ensure_one()
        adjustments = self.sudo().adjustment_ids  # those that the user doesn't see are in the way as well
        return (
            self.state == 'active' and self.started_on == fields.Date.context_today(self) and not self.previous_id
            and not adjustments)

    # ------------------------------------------------------------
    # BEGINNING
    # ------------------------------------------------------------

    def _lock_in(self, state):
        """Lock these strategies, after whoever has them, and refuse to go on where that one was quicker.

        :param str state: the state that they have to be in
        :raises LockError: with a sentence, when somebody has them for too long
        """
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        if others := self.filtered(lambda strategy: strategy.state != state):
            other = others[0]
            raise UserError({
                'draft': self.env._(
                    "%(strategy)s is not started yet. Reload the page to see how it stands.", strategy=other.display_name),
                'active': self.env._(
                    "%(strategy)s was started already. Reload the page to see how it stands.", strategy=other.display_name),
                'done': self.env._("%(strategy)s is over since %(day)s. Reload the page to see how it ended.",
                                   strategy=other.display_name, day=format_date(self.env, other.date_end)),
            }[other.state])

    def _check_startable(self):
        """Refuse to start what can't run."""
        self.ensure_one()
        today, customer = fields.Date.context_today(self), self.partner_id.display_name
        if not self.partner_id.sudo().customer_managed:  # hidden from who has no role here
            raise UserError(self.env._(
                "%(customer)s is not under care: enrol the customer first.", customer=customer))
        if not self.kpi_ids:
            raise UserError(self.env._(
                "The strategy for %(customer)s has no KPI: nobody could ever tell whether it works. Add at least one.",
                customer=customer))
        if self.date_start > today:
            raise UserError(self.env._(
                "The strategy for %(customer)s begins on %(day)s. Start it on that day, or move its start.",
                customer=customer, day=format_date(self.env, self.date_start)))
        if self.date_end < today:
            raise UserError(self.env._(
                "The strategy for %(customer)s would be over already, since %(day)s. Choose a later start or end.",
                customer=customer, day=format_date(self.env, self.date_end)))

    def _begin(self):
        """Let these drafts run from their start on, one per customer and company."""
        self._check_only_ones()
        today = fields.Date.context_today(self)
        for strategy in self.sudo():  # people don't write what the methods keep
            strategy.write({
                'state': 'active', 'started_on': today, 'cadence_since': strategy.cadence_id and strategy.date_start,
                'segment_id': strategy.partner_id.customer_segment_id.id})
        self.flush_model(['state'])
        self.env['customer.strategy.measurer']._measure(self.sudo())  # figures are readonly for everybody
        self._replan()

    def _check_only_ones(self):
        """Refuse a second running strategy of a customer and company, and keep others from starting one meanwhile."""
        partners = self.partner_id
        self.env.cr.execute(SQL(
            "SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", partners.ids))
        # a colleague's, which the user perhaps doesn't see, is in the way as well
        running = self.sudo().search(self._running_domain() & Domain('partner_id', 'in', partners.ids))
        taken = {(strategy.partner_id, strategy.company_id): strategy for strategy in running - self}
        for strategy in self:
            key = strategy.partner_id, strategy.company_id
            if other := taken.get(key):
                raise UserError(self.env._(
                    "%(customer)s has a strategy already: version %(version)s, cycle %(cycle)s, from %(start)s to %(end)s "
                    "(%(owner)s). Stop it first, or propose an adjustment of it.",
                    customer=strategy.partner_id.display_name, version=other.version, cycle=other.cycle,
                    start=format_date(self.env, other.date_start), end=format_date(self.env, other.date_end),
                    owner=other.user_id.name or self.env._("nobody's")))
            taken[key] = strategy

    # ------------------------------------------------------------
    # ENDING
    # ------------------------------------------------------------

    def _finish(self, ended_by, last_day=None):
        """End these strategies, and measure them a last time.

        :param str ended_by: see the field
        :param last_day: their last day, where that is earlier than agreed; never before their start
        """
        strategies = self.sudo()  # people don't write what the methods keep
        strategies.write({'state': 'done', 'ended_by': ended_by, 'problem': False})
        if last_day:
            for strategy in strategies.filtered(lambda strategy: strategy.date_end > last_day):
                strategy.date_end = max(last_day, strategy.date_start)
        # over its days as they are now: of one cut short, what grows over the days owes only its part
        self.env['customer.strategy.measurer']._measure(strategies)

    def _stop(self):
        """End these strategies today."""
        self._finish('stopped', fields.Date.context_today(self))
        self._replan()

    @api.model
    def _end_cycles(self):
        """End every cycle whose last day is over, and begin the next one of those that go on; several after a long sleep.

        Running it again finds nothing left to do. It commits nothing. What fails is set aside with its ``problem``.

        :return: how many cycles ended
        :rtype: int
        """
        ended, aside = 0, []
        due = Domain('state', '=', 'active') & Domain('date_end', '<', fields.Date.context_today(self))
        # the night ends everybody's cycles
        while batch := self.sudo().search(due & Domain('id', 'not in', aside), order='date_end, id', limit=BATCH):
            free = batch.try_lock_for_update(allow_referencing=True)
            aside += (batch - free).ids  # somebody works on them: the next night
            failed = free._end_safely()
            aside += failed.ids
            ended += len(free) - len(failed)
        return ended

    def _end_safely(self):
        """End the cycles of these strategies; one that can't be ended keeps its problem, and the others go on.

        :return: those that failed
        """
        def set_aside(strategy, error):
            _logger.info("The cycle of strategy %s could not be ended", strategy.id, exc_info=True)
            strategy.problem = str(error)
            return strategy

        failed = self.env['customer.routine']._by_halves(
            self, lambda strategies: strategies.with_context(**QUIETLY)._end(), set_aside)
        return self.browse().concat(*filter(None, failed))

    def _end(self):
        """End these cycles as agreed, and begin the next ones of customers still under care."""
        self._finish('cycle')
        going_on = self.filtered(lambda strategy: strategy.renew and strategy.partner_id.customer_managed)
        following = self.create([strategy._next_values() for strategy in going_on])
        for strategy, after in zip(going_on, following, strict=True):
            strategy._carry_milestones(after)
        (self - going_on)._replan()

    # ------------------------------------------------------------
    # WHAT COMES NEXT
    # ------------------------------------------------------------

    def _next_values(self):
        """Return the values of the next cycle of the same version.

        :rtype: dict
        """
        self.ensure_one()
        start = fields.Date.add(self.date_end, days=1)
        owner = self.user_id if self.user_id.active else self.partner_id.user_id
        return {
            'partner_id': self.partner_id.id, 'company_id': self.company_id.id, 'user_id': owner.id,
            'template_id': self.template_id.id, 'segment_id': self.segment_id.id, 'core_approach': self.core_approach,
            'cadence_id': self.cadence_id.id, 'cadence_since': self.cadence_since, 'renew': self.renew,
            'date_start': start, 'date_end': fields.Date.add(start, days=self.cycle_days - 1),
            'version': self.version, 'cycle': self.cycle + 1, 'previous_id': self.id, 'state': 'active',
            'started_on': start,
            'kpi_ids': [
                Command.create({
                    'kpi_id': line.kpi_id.id, 'target': line.target, 'weight': line.weight, 'sequence': line.sequence})
                for line in self.kpi_ids],
        }

    def _carry_milestones(self, following):
        """Hand the milestones that were not reached to what comes next."""
        self.milestone_ids.filtered(lambda milestone: not milestone.done_on).strategy_id = following

    def _last(self):
        """Return what this strategy became by cycles and adjustments until today; itself where nothing followed."""
        self.ensure_one()
        last = strategy = self.sudo()  # the next cycle may be a colleague's
        while strategy := strategy.search([('previous_id', '=', strategy.id)], order='id desc', limit=1):
            last = strategy
        return last.with_env(self.env)

    def _replace(self, values, day):
        """Begin another version on a day; the running one ends on the day before, not before its own start. One whose last
        cycle is over goes on in the new version as well.

        :param dict values: what is new, by field; besides fields, ``cycle_days`` says how long its cycle is. KPIs that are
            not given are carried over, like everything else and the milestones still open.
        :param day: the first day of the new version
        :return: the new strategy
        """
        last = self._last().sudo()  # people don't write what the methods keep
        if last.ended_by == 'stopped':
            raise UserError(self.env._(
                "The strategy for %(customer)s was stopped meanwhile: there is nothing to adjust.",
                customer=self.partner_id.display_name))
        last._check_only_ones()
        if last.state == 'active':
            last._finish('adjustment', fields.Date.subtract(day, days=1))
        following = last.create(last._next_version_values(values, day))
        last._carry_milestones(following)
        following.flush_model()
        self.env['customer.strategy.measurer']._measure(following)
        (last + following)._replan()
        return following.with_env(self.env)

    def _next_version_values(self, values, day):
        """Return the values of another version that begins on a day; see :meth:`_replace`.

        :rtype: dict
        """
        values = dict(values)
        days = values.pop('cycle_days', 0) or self.cycle_days
        vals = self._next_values() | {
            'version': self.version + 1, 'cycle': 1, 'date_start': day, 'started_on': day,
            'date_end': fields.Date.add(day, days=days - 1), 'segment_id': self.partner_id.customer_segment_id.id,
        } | values
        if not vals['cadence_id'] or vals['cadence_id'] != self.cadence_id.id:
            vals['cadence_since'] = vals['cadence_id'] and day
        return vals

    def _replan(self):
        """Ask for the planning of the customers that follow the cadences of these strategies."""
        partners = self.sudo().filtered('cadence_id').partner_id  # also from a colleague's adjustment
        self.env['customer.plan.request']._request(partners.ids)
