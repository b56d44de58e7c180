from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

from ..platform.locks import wait_for_update


class CustomerStrategy(models.Model):
    """A person's judgement of a strategy, in place of that of the rule (STR-2)."""

    _inherit = 'customer.strategy'

    grade_rule = fields.Text(compute='_compute_grade_rule', string="How It Is Judged")
    can_judge = fields.Boolean(compute='_compute_can_judge')

    @api.depends_context('lang')
    def _compute_grade_rule(self):
        self.grade_rule = self.env['customer.strategy.grade']._explain()

    @api.depends('state', 'user_id')
    @api.depends_context('uid')
    def _compute_can_judge(self):
        for strategy in self:
            strategy.can_judge = strategy.state != 'draft' and strategy._may_judge()

    def _may_judge(self):
        """Return whether the user may judge: the owner, and who leads. Whose strategies these are is said by the rules of
        access."""
        self.ensure_one()
        return (
            self.env.su or self.user_id == self.env.user
            or self.env.user.has_group('customer_success.group_customer_success_leader')
            or self.env.user.has_group('customer_success.group_customer_success_manager'))

    def action_judge(self):
        """Open the dialog in which a person judges."""
        self._customer_one()
        self._check_may_judge()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Judge the Effect"),
            'res_model': 'customer.strategy.judge',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_strategy_id': self.id},
        }

    def action_unjudge(self):
        """Let the rule judge again."""
        self._check_may_judge()
        wait_for_update(self)
        self.invalidate_recordset(['grade_id', 'grade_manual_id'])
        for strategy in self.filtered('grade_manual_id'):
            before = strategy.grade_manual_id.name
            strategy._keep({
                'grade_manual_id': False, 'grade_reason': False, 'grade_user_id': False, 'grade_judged_on': False,
                'effect_id': strategy.grade_id.id})
            strategy.message_post(body=self.env._(
                "“%(before)s”, judged by hand, was taken back. The rule says: %(grade)s.", before=before,
                grade=strategy._describe_grade()))
        return True

    def _judge(self, grade, reason):
        """Judge this strategy in place of the rule.

        :param grade: customer.strategy.grade
        :param str reason: why; whoever reads it later will ask
        """
        self.ensure_one()
        self._check_may_judge()
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why you judge it differently: whoever reads it later will ask."))
        wait_for_update(self)
        self.invalidate_recordset(['state', 'grade_id', 'attainment'])
        self._keep({
            'grade_manual_id': grade.id, 'grade_reason': reason.strip(), 'grade_user_id': self.env.uid, 'effect_id': grade.id,
            'grade_judged_on': fields.Date.context_today(self)})
        body = self.env._(
            "Judged “%(grade)s”. The rule says: %(rule)s. Why: %(reason)s", grade=grade.name, rule=self._describe_grade(),
            reason=reason.strip())
        if warnings := self._doubts(whatever_grade=True).get(self.id):
            body = self.env._("%(judged)s. %(warnings)s", judged=body.rstrip('.'), warnings=self._describe_warnings(warnings))
        self.message_post(body=body)

    def _check_may_judge(self):
        """Refuse to judge what has not begun, and by others than who answers for it."""
        self.check_access('write')
        for strategy in self:
            if strategy.state == 'draft':
                raise UserError(self.env._(
                    "“%(strategy)s” has not begun: there is no effect to judge yet.", strategy=strategy.display_name))
            if not strategy._may_judge():
                raise AccessError(self.env._(
                    "Only its owner, the team leader and managers judge the effect of “%(strategy)s”.",
                    strategy=strategy.display_name))

    def _describe_grade(self):
        """Return the grade by the rule, with the attainment."""
        self.ensure_one()
        if not self.grade_id:
            return self.env._("not known yet")
        return self.env._(
            "%(grade)s, %(percent)s %%", grade=self.grade_id.name, percent=formatLang(self.env, self.attainment, digits=1))
