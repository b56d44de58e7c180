from odoo import fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

from ..platform.locks import wait_for_update


class CustomerStrategyJudgement(models.AbstractModel):
    """A person's judgement of a strategy, in place of that of the rule (STR-2)."""

    _name = 'customer.strategy.judgement'
    _description = "Judgement of Strategies"

    def _may_judge(self, strategy):
        """Return whether the user may judge: the owner, and who leads. Whose strategies these are is said by the rules of
        access."""
        strategy.ensure_one()
        return (
            strategy.env.su or strategy.user_id == strategy.env.user
            or strategy.env.user.has_group('customer_success.group_customer_success_leader')
            or strategy.env.user.has_group('customer_success.group_customer_success_manager'))

    def _judge(self, strategy, grade, reason):
        """Judge this strategy in place of the rule.

        :param strategy: customer.strategy
        :param grade: customer.strategy.grade
        :param str reason: why; whoever reads it later will ask
        """
        strategy.ensure_one()
        self._check_may_judge(strategy)
        if not (reason or '').strip():
            raise ValidationError(strategy.env._("Please say why you judge it differently: whoever reads it later will ask."))
        wait_for_update(strategy)
        strategy.invalidate_recordset(['state', 'grade_id', 'attainment'])
        strategy._keep({
            'grade_manual_id': grade.id, 'grade_reason': reason.strip(), 'grade_user_id': strategy.env.uid, 'effect_id': grade.id,
            'grade_judged_on': fields.Date.context_today(strategy)})
        body = strategy.env._(
            "Judged “%(grade)s”. The rule says: %(rule)s. Why: %(reason)s", grade=grade.name, rule=self._describe_grade(strategy),
            reason=reason.strip())
        if warnings := strategy.env['customer.strategy.doubt']._doubts(strategy, whatever_grade=True).get(strategy.id):
            body = strategy.env._(
                "%(judged)s. %(warnings)s", judged=body.rstrip('.'),
                warnings=strategy.env['customer.strategy.doubt']._describe_warnings(warnings))
        strategy.message_post(body=body)

    def _check_may_judge(self, strategies):
        """Refuse to judge what has not begun, and by others than who answers for it."""
        strategies.check_access('write')
        for strategy in strategies:
            if strategy.state == 'draft':
                raise UserError(strategies.env._(
                    "“%(strategy)s” has not begun: there is no effect to judge yet.", strategy=strategy.display_name))
            if not self._may_judge(strategy):
                raise AccessError(strategies.env._(
                    "Only its owner, the team leader and managers judge the effect of “%(strategy)s”.",
                    strategy=strategy.display_name))

    def _describe_grade(self, strategy):
        """Return the grade by the rule, with the attainment."""
        strategy.ensure_one()
        if not strategy.grade_id:
            return strategy.env._("not known yet")
        return strategy.env._(
            "%(grade)s, %(percent)s %%", grade=strategy.grade_id.name,
            percent=formatLang(strategy.env, strategy.attainment, digits=1))
