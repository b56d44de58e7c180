from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.i18n import format_list

from .customer_strategy_adjustment import UNDER_WAY

#: What a proposal has to say before somebody decides on it.
REQUIRED = (
    'reason_id', 'reason', 'root_cause', 'kind_ids', 'core_approach', 'expected_effect', 'feasibility', 'date', 'kpi_ids')

#: The activities of the flow; those about what was proposed or came of it have their own end.
FLOW = ('decide', 'follow')


class CustomerStrategyAdjustment(models.Model):
    _inherit = 'customer.strategy.adjustment'

    # ------------------------------------------------------------
    # THE FLOW: draft → submitted → approved → applied → reviewed
    #
    # Each step locks the adjustment, reads its state once more and says what happened meanwhile when it is not the one that
    # the step begins in. People have no right to write what the steps write, hence their sudo().
    # ------------------------------------------------------------

    def _begin_step(self, *states):
        """Lock these adjustments for a step that begins in one of the states.

        :raises UserError: with a sentence, when somebody took another step meanwhile
        """
        # not what the code that calls may do counts, but what the person may
        self.with_user(self.env.uid).check_access('write')
        self._lock()
        for adjustment in self:
            if adjustment.state not in states:
                raise UserError(self.env._(
                    "This can't be done with %(adjustment)s any more: %(what)s Reload the page.",
                    adjustment=adjustment.display_name, what=adjustment._tell_state()))
        return self

    # ------------------------------------------------------------
    # SUBMITTING
    # ------------------------------------------------------------

    @api.model
    def _check_may_propose(self, strategy):
        """Refuse to propose where nothing can be adjusted, or where something is under way."""
        why_not = self.env['customer.strategy.proposer']._in_force(strategy)[1]
        if why_not:
            raise UserError(why_not)
        self.env['customer.strategy.proposer']._check_no_adjustment_under_way(strategy)

    def action_submit(self):
        """Hand these drafts in for approval."""
        for adjustment in self._begin_step('draft'):
            adjustment._check_complete()
            adjustment._check_in_force()
            self.env['customer.strategy.proposer']._check_no_adjustment_under_way(adjustment.strategy_id, but=adjustment)
            adjustment._freeze_current()
            adjustment._keep({
                'state': 'submitted', 'submitted_on': fields.Datetime.now(), 'submitted_by_id': self.env.uid,
                'contributor_ids': [Command.link(self.env.uid)] if not self.env.user._is_superuser() else [],
                'decided_on': False, 'decided_by_id': False, 'refusal_reason': False,
            })
            adjustment._ask_deciders()
        return True

    def _check_complete(self):
        """Refuse to submit what is not worked out."""
        self.ensure_one()
        if missing := [self._fields[name]._description_string(self.env) for name in REQUIRED if not self._says(name)]:
            raise ValidationError(self.env._(
                "Before somebody decides on it, please fill in: %(names)s.", names=format_list(self.env, missing)))
        if self.date < fields.Date.context_today(self):
            raise ValidationError(self.env._(
                "%(day)s, the day to apply it on, is over. Choose today or a day to come.",
                day=format_date(self.env, self.date)))
        kept = self.kpi_ids.filtered(lambda line: not line.is_dropped)
        if not sum(kept.mapped('weight')):
            raise ValidationError(self.env._(
                "Nobody could tell whether the new version works: keep at least one KPI, with a weight above 0."))
        for line in kept:
            line.kpi_id._check_target(line.new_target)
        if not self._changes_anything():
            raise ValidationError(self.env._(
                "This proposal changes nothing: approach, cadence, cycle and KPIs are those of the current strategy."))

    def _says(self, name):
        """Return whether a field is filled in; blanks say nothing."""
        value = self[name]
        return bool(value.strip() if isinstance(value, str) else value)

    def _changes_anything(self):
        """Return whether the new version would differ from the strategy."""
        self.ensure_one()
        strategy = self.strategy_id
        as_it_is = self._values_from_strategy(strategy)
        if (self.core_approach or '').strip() != (strategy.core_approach or '').strip():
            return True
        if (self.cadence_id.id, self.cycle_days) != (as_it_is['cadence_id'], as_it_is['cycle_days']):
            return True
        return {(line.kpi_id.id, line.target, line.weight) for line in strategy.kpi_ids} != {
            (line.kpi_id.id, line.new_target, line.weight) for line in self.kpi_ids if not line.is_dropped}

    def _check_in_force(self):
        """Refuse to go on with an adjustment whose strategy ended meanwhile."""
        self.ensure_one()
        if why_not := self.env['customer.strategy.proposer']._in_force(self.strategy_id)[1]:
            raise UserError(why_not)

    def _freeze_current(self):
        """Keep what the customer and the strategy are like on the day of the submission."""
        self.ensure_one()
        strategy = self.strategy_id.sudo()  # figures of the strategy are for all who may read the proposal
        if strategy.state == 'active':
            self.env['customer.strategy.measurer'].sudo()._measure(strategy)  # as above
        own = self.sudo()  # people don't write what the steps keep
        own.write({
            'segment_id': own.partner_id.customer_segment_id.id, 'effect_id': strategy.effect_id.id,
            'attainment': strategy.attainment, 'attainment_known': bool(strategy.grade_id),
        })
        current = {line.kpi_id: line for line in strategy.kpi_ids}
        for line in own.kpi_ids:
            goal = current.get(line.kpi_id, strategy.kpi_ids.browse())
            line.write({
                'is_current': bool(goal), 'target': goal.target, 'actual': goal.actual, 'has_actual': goal.has_actual,
                'attainment': goal.attainment})

    def action_recall(self):
        """Take back what was submitted, to go on writing."""
        for adjustment in self._begin_step('submitted'):
            if not adjustment._is_of('author_id', 'submitted_by_id', 'user_id'):
                raise AccessError(self.env._(
                    "%(adjustment)s is taken back by whoever submitted it, or by its owner.", adjustment=adjustment.name))
            adjustment._keep({'state': 'draft'})
            adjustment._tasks('decide').unlink()
        return True

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------

    def action_approve(self):
        """Approve these proposals: somebody else's, with the right to."""
        for adjustment in self._begin_step('submitted'):
            adjustment._check_may_decide()
            adjustment._check_seen()
            adjustment._check_in_force()
            adjustment._keep({
                'state': 'approved', 'decided_on': fields.Datetime.now(), 'decided_by_id': self.env.uid, 'problem': False})
            self.env['customer.strategy.effect'].sudo()._freeze_before(adjustment.sudo())  # figures of all customers
            adjustment._tasks(*FLOW).unlink()
            adjustment._ask_to_inform()
        return True

    def _check_seen(self):
        """Refuse to approve what was taken back, changed and submitted again since the user opened it.

        The form says when what it shows was submitted (``seen_submitted_on``); calls without it approve what is there.
        """
        self.ensure_one()
        seen = self.env.context.get('seen_submitted_on')
        if seen and fields.Datetime.to_datetime(seen) != self.submitted_on:
            raise UserError(self.env._(
                "%(adjustment)s was changed and submitted again since you opened it. Reload the page and read it once more.",
                adjustment=self.name))

    def action_refuse(self):
        """Open the dialog that asks why these proposals are refused."""
        return self._action_end('refuse', self.env._("Refuse"))

    def action_cancel(self):
        """Open the dialog that asks why these adjustments are withdrawn."""
        return self._action_end('cancel', self.env._("Withdraw"))

    def _action_end(self, action, title):
        return {
            'type': 'ir.actions.act_window', 'name': title, 'res_model': 'customer.adjustment.refuse', 'view_mode': 'form',
            'target': 'new', 'context': {'default_adjustment_ids': self.ids, 'default_action': action},
        }

    def _refuse(self, reason):
        """Refuse these proposals.

        :param str reason: why; the author reads it
        """
        self._check_reason(reason)
        for adjustment in self._begin_step('submitted'):
            adjustment._check_may_decide()
            adjustment._keep({
                'state': 'refused', 'decided_on': fields.Datetime.now(), 'decided_by_id': self.env.uid,
                'refusal_reason': reason.strip()})
            adjustment._tasks(*FLOW).unlink()
            writer = adjustment.sudo().submitted_by_id  # a colleague, whose name stands on the page
            adjustment._give_task(
                'follow', adjustment.user_id if writer._is_superuser() else writer,
                lambda own: own.env._("Refused by %(user)s: %(reason)s", user=own.env.user.name, reason=own.refusal_reason))

    def _cancel(self, reason):
        """Withdraw these adjustments, which are not applied yet.

        :param str reason: why
        """
        self._check_reason(reason)
        for adjustment in self._begin_step('draft', 'submitted', 'approved'):
            adjustment._keep({
                'state': 'cancelled', 'cancelled_by_id': self.env.uid, 'cancelled_on': fields.Date.context_today(self),
                'cancel_reason': reason.strip(), 'problem': False})
            adjustment._tasks(*FLOW).unlink()

    def _check_reason(self, reason):
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why: whoever wrote the proposal will ask."))

    def action_redraft(self):
        """Make drafts of refused proposals, to write them anew."""
        for adjustment in self._begin_step('refused'):
            adjustment._keep({'state': 'draft'})
            adjustment._tasks(*FLOW).unlink()
        return True

    # ------------------------------------------------------------
    # ACTIVITIES
    # ------------------------------------------------------------

    def _ask_deciders(self):
        """Ask those who can decide, each by an activity."""
        self._tasks(*FLOW).unlink()
        deciders = self._deciders()
        self._ask(deciders)
        if not deciders:
            self.message_post(body=self.env._(
                "Nobody can decide on this: who has the right to wrote or submitted it. Ask for another manager."))

    def _ask(self, deciders):
        """Give these people an activity to decide on this adjustment."""
        self._give_task('decide', deciders, lambda own: own.env._(
            "Approve or refuse: %(customer)s", customer=own.partner_id.display_name))

    @api.model
    def _ask_anew(self):
        """Let those be asked who can decide now: somebody went away, came back or left. Who ticked it off is not asked again."""
        for adjustment in self.search([('state', '=', 'submitted')]):
            deciders, asked = adjustment._deciders(), adjustment._tasks('decide')
            gone = asked.filtered(lambda activity, able=deciders: activity.user_id not in able)
            known = asked.with_context(active_test=False).search([
                ('res_model', '=', self._name), ('res_id', '=', adjustment.id),
                ('activity_type_id', '=', self._task_type('decide').id),
                ('create_date', '>=', adjustment.submitted_on)]).user_id
            gone.unlink()
            adjustment._ask(deciders - known)

    @api.model
    def _hand_on(self):
        """Give the open strategies and adjustments of people who left, or can't do it any more, to who answers for their
        customers now."""
        responsibility = self.env['customer.responsibility']
        for model, states in (('customer.strategy', ('draft', 'active')), (self._name, ('draft', *UNDER_WAY))):
            open_ones = Domain('state', 'in', states) & Domain('user_id', '!=', False)
            for user, company in self.env[model]._read_group(open_ones, ['user_id', 'company_id']):
                owner = responsibility._owner('manager', user, company)
                if owner and owner != user:
                    left = open_ones & Domain('user_id', '=', user.id) & Domain('company_id', '=', company.id)
                    # many at once, and the leader knows
                    self.env[model].search(left).with_context(mail_auto_subscribe_no_notify=True).user_id = owner

    def _ask_to_inform(self):
        """Ask the owner to tell the customer, where that has to be."""
        self.ensure_one()
        if self.needs_informing and not self.informed_on and self.user_id:
            self._give_task(
                'follow', self.user_id, lambda own: own._say_inform(),
                deadline=max(self.date, self.env['customer.clock']._today(self.user_id)))

    def _say_inform(self):
        return self.env._("Tell the customer before %(day)s", day=format_date(self.env, self.date))

    def _say_suggestion(self):
        return self.env._("Look at the proposed change for %(customer)s", customer=self.partner_id.display_name)

    def _say_not_applied(self):
        return self.env._(
            "Not applied on %(day)s: %(problem)s", day=format_date(self.env, self.date), problem=self.problem)

    def _follow_user(self):
        """Let the activities of the owner go to whoever is the owner now, in that person's language."""
        self._hand_over_tasks('suggestion', lambda adjustment: adjustment.user_id, lambda own: own._say_suggestion())
        self._hand_over_tasks(
            'follow', lambda adjustment: adjustment.user_id,
            lambda own: own._say_not_applied() if own.problem else own._say_inform())
