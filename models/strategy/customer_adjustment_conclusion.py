from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..platform.locks import wait_for_update


class CustomerAdjustmentConclusion(models.AbstractModel):
    """What people conclude when an adjustment was measured, and what is proposed next (STR-4)."""

    _name = 'customer.adjustment.conclusion'
    _description = "Conclusions from Adjustments"

    def _check_reviewable(self, adjustment):
        """Refuse a review that comes too early or twice."""
        adjustment.ensure_one()
        adjustment.check_access('write')
        env = adjustment.env
        if adjustment.state == 'reviewed':
            raise UserError(env._(
                "%(adjustment)s was reviewed by %(user)s on %(day)s already. Reload the page to read it.",
                adjustment=adjustment.display_name, user=adjustment.reviewed_by_id.name or env._("somebody"),
                day=format_date(env, adjustment.reviewed_on)))
        if adjustment.state != 'applied':
            raise UserError(env._(
                "%(adjustment)s was not applied; there is nothing to review.", adjustment=adjustment.display_name))
        if not adjustment.measured_on:
            raise UserError(env._(
                "What came of it could not be measured: %(problem)s", problem=adjustment.effect_problem)
                if adjustment.effect_problem else env['customer.adjustment.panel']._waiting_text(adjustment))

    def _review(self, adjustment, conclusion, propose=False):
        """Conclude what was learned from this adjustment.

        :param adjustment: customer.strategy.adjustment
        :param str conclusion: in the words of whoever reviews it
        :param bool propose: propose the next change, where :meth:`_proposal_obstacle` finds nothing against it
        :return: the proposal, or nothing
        """
        adjustment.ensure_one()
        adjustment.check_access('write')
        wait_for_update(adjustment)
        adjustment.invalidate_recordset(['state', 'reviewed_on', 'reviewed_by_id'])
        self._check_reviewable(adjustment)
        if not (conclusion or '').strip():
            raise ValidationError(adjustment.env._(
                "Please say what was learned: whoever plans the next change will ask."))
        adjustment.sudo().write({  # people don't write what the actions keep
            'state': 'reviewed', 'conclusion': conclusion, 'reviewed_on': fields.Date.context_today(adjustment),
            'reviewed_by_id': adjustment.env.uid})
        adjustment._tasks('review').unlink()
        adjustment.message_post(body=adjustment.env._(
            "Reviewed, %(verdict)s: %(conclusion)s", verdict=adjustment._verdict_text().lower(), conclusion=conclusion))
        if propose and not self._proposal_obstacle(adjustment):
            return self._propose_next(adjustment)
        return adjustment.browse()

    def _running_strategy(self, adjustment):
        """Return the strategy that the customer follows now."""
        adjustment.ensure_one()
        return adjustment.env['customer.strategy'].search([
            ('partner_id', '=', adjustment.partner_id.id), ('company_id', '=', adjustment.company_id.id),
            ('state', '=', 'active')], limit=1)

    def _proposal_obstacle(self, adjustment):
        """Return why no next change can be proposed, or an empty text."""
        adjustment.ensure_one()
        if adjustment.next_adjustment_id:
            return adjustment.env._(
                "The next change was proposed already: %(name)s.", name=adjustment.next_adjustment_id.name)
        strategy = self._running_strategy(adjustment)
        if not strategy:
            return adjustment.env._("The customer has no running strategy that could be changed. Start one.")
        other = adjustment.sudo().search([  # whoever proposed it
            ('strategy_id', '=', strategy.id), ('state', 'in', ('draft', 'submitted', 'approved'))], limit=1)
        if other:
            return adjustment.env._("Another change of the strategy is on its way: %(name)s.", name=other.name)
        return ''

    def _propose_next(self, adjustment):
        """Return a new draft for the strategy that did not get better by this one."""
        adjustment.ensure_one()
        owner = adjustment.user_id or adjustment.partner_id.user_id
        own = adjustment.with_context(lang=owner.lang or adjustment.env.lang)
        proposal = adjustment.sudo().create({  # people don't write the origin
            'strategy_id': self._running_strategy(adjustment).id,
            'user_id': owner.id,
            'origin': 'verdict',
            'origin_key': f'verdict:{adjustment.id}',
            'reason': own.env._(
                "%(adjustment)s did not do what was expected of it (%(verdict)s). %(conclusion)s",
                adjustment=adjustment.name, verdict=own._verdict_text().lower(), conclusion=adjustment.conclusion),
        })
        adjustment.invalidate_recordset(['next_adjustment_id'])
        return proposal.sudo(False)  # back to the user's rights
