import logging

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain

from ..platform.local_text import listed

_logger = logging.getLogger(__name__)


class CustomerAdjustmentApplier(models.AbstractModel):
    """Begins the new version of a strategy that an adjustment brings, by hand or on its day (STR-3)."""

    _name = 'customer.adjustment.applier'
    _description = "Applies Adjustments"

    def _apply_today(self, adjustments):
        """Apply these adjustments today, on their day or before it, as the user may."""
        for adjustment in adjustments.env['customer.adjustment.flow']._begin_step(adjustments, 'approved'):
            if not adjustments.env['customer.adjustment.decider']._may_apply(adjustment):
                raise AccessError(adjustments.env._(
                    "%(adjustment)s is applied by its owner or by whoever approved it.", adjustment=adjustment.name))
            self._apply(adjustment, fields.Date.context_today(adjustments))

    def _apply(self, adjustment, day):
        """Begin the new version of the strategy.

        :param adjustment: customer.strategy.adjustment
        :param date day: its first day
        :raises UserError: with a sentence that says why it can't be
        """
        adjustment.ensure_one()
        env = adjustment.env
        if adjustment.must_inform:
            raise UserError(env._(
                "%(customer)s has to be told before %(adjustment)s applies: it changes %(kinds)s.",
                customer=adjustment.partner_id.display_name, adjustment=adjustment.name,
                kinds=listed(env, adjustment.kind_ids.filtered('announce').mapped('name'))))
        strategy, why_not = env['customer.strategy.proposer']._in_force(adjustment.strategy_id)
        if why_not:
            raise UserError(why_not)
        new = strategy._replace(self._prepare_strategy_values(adjustment), day)
        adjustment.sudo().write({  # people don't write what the steps keep
            'state': 'applied', 'applied_on': day, 'new_strategy_id': new.id, 'after_start': day,
            'after_stop': fields.Date.add(day, days=adjustment.cycle_days - 1), 'problem': False})
        adjustment._tasks('decide', 'follow').unlink()
        adjustment.partner_id.sudo().message_post(body=env._(  # whoever applies it need not be able to write customers
            "The strategy was adjusted (%(adjustment)s): %(approach)s", adjustment=adjustment.name,
            approach=adjustment.core_approach))

    def _prepare_strategy_values(self, adjustment):
        """Return the fields of the new version of the strategy; see ``customer.strategy._replace``."""
        adjustment.ensure_one()
        own = adjustment.sudo()  # a rule of the cadence may be hidden from the owner
        return {
            'user_id': own.user_id.id,
            'template_id': own.template_id.id or own.strategy_id.template_id.id,
            'core_approach': own.core_approach,
            'cadence_id': own.cadence_id.id,
            'cycle_days': own.cycle_days,
            'kpi_ids': [
                Command.create({
                    'kpi_id': line.kpi_id.id, 'target': line.new_target, 'weight': line.weight, 'sequence': line.sequence})
                for line in own.kpi_ids if not line.is_dropped],
        }

    # ------------------------------------------------------------
    # ON THEIR DAY
    # ------------------------------------------------------------

    @api.model
    def _apply_due(self):
        """Apply what is approved and due where its owner is, one transaction each; what can't be applied says why, once."""
        with self.env['customer.run']._measure('adjust') as run:
            self.env['customer.adjustment.asker']._hand_on()
            self.env['customer.adjustment.asker']._ask_anew()
            due = self.env['customer.strategy.adjustment'].search(
                Domain('state', '=', 'approved') & self.env['customer.clock']._reached_domain(
                    'date', 'user_id', 'decided_by_id'), order='date, id')

            def apply(adjustment):
                if outcome := self._apply_safely(adjustment):
                    run[outcome] += 1

            self.env['customer.routine']._work_through(due, apply)
            run['note'] = self.env._("%(done)s applied, %(failed)s waiting for somebody", **{
                key: run[key] for key in ('done', 'failed')})

    def _apply_safely(self, adjustment):
        """Apply this adjustment if nobody else does, or set it aside with the reason.

        :return: ``done``, ``failed`` when it is newly set aside, or None
        """
        if adjustment.try_lock_for_update(allow_referencing=True).state != 'approved':
            return None  # somebody is at it, or was meanwhile
        owner, clock = adjustment.user_id or adjustment.decided_by_id, adjustment.env['customer.clock']

        def apply():
            self._apply(adjustment.with_context(lang=owner.lang, tz=clock._zone(owner)), clock._today(owner))
            return 'done'

        def set_aside(error):
            if isinstance(error, LockError):
                return None  # somebody works on the strategy: next time
            problem = str(error)
            if not isinstance(error, UserError):
                _logger.exception("Adjustment %s could not be applied", adjustment.id)
                problem = adjustment.env._("An error prevented it: %(error)s", error=problem or type(error).__name__)
            return 'failed' if self._set_aside(adjustment, problem) else None

        return adjustment.env['customer.routine']._attempt(apply, set_aside)

    def _set_aside(self, adjustment, problem):
        """Keep why this adjustment could not be applied, and ask its owner to see to it.

        :return: whether that is news
        """
        adjustment.ensure_one()
        if adjustment.problem == problem:
            return False
        adjustment.problem = problem
        adjustment.env['customer.adjustment.asker']._ask_to_see_to(adjustment)
        return True
