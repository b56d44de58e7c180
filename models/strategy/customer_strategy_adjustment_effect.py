from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..cadence.selection_order import order_by_selection
from ..platform.counted import customers
from ..platform.locks import wait_for_update


class CustomerStrategyAdjustment(models.Model):
    """Whether the change helped: the part of STR-4. Measuring is done by ``customer.strategy.effect``."""

    _inherit = 'customer.strategy.adjustment'

    cohort_ids = fields.Many2many(
        comodel_name='res.partner', relation='customer_strategy_cohort', column1='adjustment_id', column2='partner_id',
        string="Compared With", readonly=True, copy=False,
        help="Customers of the same segment on the day of the approval, or some of them chosen by chance. They are measured "
             "before and after.")
    cohort_left_out = fields.Integer(
        string="Left Out", readonly=True, copy=False, required=True, default=0,
        help="Customers that are not compared with any more: their own strategy was adjusted meanwhile, or they are gone.")
    effect_known_percent = fields.Float(
        string="Known of the Effect (%)", readonly=True, copy=False, aggregator=None, digits=(16, 1),
        help="The share of the KPIs, by weight, of which is known what came of them.")
    effective_from = fields.Integer(
        string="Effective From (%)", readonly=True, copy=False, help="The limit when it was measured.")
    partly_from = fields.Integer(
        string="Partly Effective From (%)", readonly=True, copy=False, help="The limit when it was measured.")
    effect_problem = fields.Char(
        string="Not Measured Because", readonly=True, copy=False, help="It is tried again every night.")
    effect_failed_on = fields.Date(readonly=True, copy=False)
    effect_panel = fields.Json(compute='_compute_effect_panel', export_string_translation=False)
    next_adjustment_id = fields.Many2one(
        comodel_name='customer.strategy.adjustment', string="Proposed Next", compute='_compute_next_adjustment_id',
        compute_sudo=True)

    _effect_due_idx = models.Index("(after_stop) WHERE state = 'applied' AND measured_on IS NULL")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        'kpi_ids.verdict', 'kpi_ids.net_percent', 'kpi_ids.has_before', 'kpi_ids.has_after', 'kpi_ids.has_segment_before',
        'kpi_ids.has_segment_after', 'kpi_ids.entered_by_id', 'verdict', 'state', 'measured_on', 'cohort_size')
    @api.depends_context('lang')
    def _compute_effect_panel(self):
        for adjustment in self:
            adjustment.effect_panel = adjustment._describe_effect()

    def _compute_next_adjustment_id(self):
        keys = {f'verdict:{adjustment.id}': adjustment for adjustment in self._origin}
        self.next_adjustment_id = False
        for proposal in self.search([('origin_key', 'in', list(keys))]):
            keys[proposal.origin_key].next_adjustment_id = proposal

    def _read_group_orderby(self, order, groupby_terms, query):
        # the best verdict comes first
        return order_by_selection(super()._read_group_orderby, self, ['verdict'], order, groupby_terms, query)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_review(self):
        """Open the dialog that concludes what was learned."""
        self._customer_one()
        self._check_reviewable()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Did it help?"),
            'res_model': 'customer.strategy.adjustment.review',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_adjustment_id': self.id},
        }

    def action_open_cohort(self):
        """Open the customers that this adjustment is compared with, those that the user may see."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Compared with %(name)s", name=self.partner_id.display_name),
            'res_model': 'res.partner',
            'view_mode': 'list,form',
            'domain': [('id', 'in', self.cohort_ids.ids)],
        }

    def action_open_next(self):
        """Open what was proposed because this adjustment did not help."""
        self._customer_one()
        return self.next_adjustment_id._action_open()

    def _action_open(self):
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'view_mode': 'form',
            'views': [(False, 'form')],
        }

    # ------------------------------------------------------------
    # REVIEW
    # ------------------------------------------------------------

    def _check_reviewable(self):
        """Refuse a review that comes too early or twice."""
        self.ensure_one()
        self.check_access('write')
        if self.state == 'reviewed':
            raise UserError(self.env._(
                "%(adjustment)s was reviewed by %(user)s on %(day)s already. Reload the page to read it.",
                adjustment=self.display_name, user=self.reviewed_by_id.name or self.env._("somebody"),
                day=format_date(self.env, self.reviewed_on)))
        if self.state != 'applied':
            raise UserError(self.env._(
                "%(adjustment)s was not applied; there is nothing to review.", adjustment=self.display_name))
        if not self.measured_on:
            raise UserError(self.env._(
                "What came of it could not be measured: %(problem)s", problem=self.effect_problem)
                if self.effect_problem else self._waiting_text())

    def _review(self, conclusion, propose=False):
        """Conclude what was learned from this adjustment.

        :param str conclusion: in the words of whoever reviews it
        :param bool propose: propose the next change, where :meth:`_proposal_obstacle` finds nothing against it
        :return: the proposal, or nothing
        """
        self.ensure_one()
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state', 'reviewed_on', 'reviewed_by_id'])
        self._check_reviewable()
        if not (conclusion or '').strip():
            raise ValidationError(self.env._("Please say what was learned: whoever plans the next change will ask."))
        self.sudo().write({  # people don't write what the actions keep
            'state': 'reviewed', 'conclusion': conclusion, 'reviewed_on': fields.Date.context_today(self),
            'reviewed_by_id': self.env.uid})
        self._tasks('review').unlink()
        self.message_post(body=self.env._(
            "Reviewed, %(verdict)s: %(conclusion)s", verdict=self._verdict_text().lower(), conclusion=conclusion))
        if propose and not self._proposal_obstacle():
            return self._propose_next()
        return self.browse()

    def _running_strategy(self):
        """Return the strategy that the customer follows now."""
        self.ensure_one()
        return self.env['customer.strategy'].search([
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'active'),
        ], limit=1)

    def _proposal_obstacle(self):
        """Return why no next change can be proposed, or an empty text."""
        self.ensure_one()
        if self.next_adjustment_id:
            return self.env._("The next change was proposed already: %(name)s.", name=self.next_adjustment_id.name)
        strategy = self._running_strategy()
        if not strategy:
            return self.env._("The customer has no running strategy that could be changed. Start one.")
        other = self.sudo().search([  # whoever proposed it
            ('strategy_id', '=', strategy.id), ('state', 'in', ('draft', 'submitted', 'approved'))], limit=1)
        if other:
            return self.env._("Another change of the strategy is on its way: %(name)s.", name=other.name)
        return ''

    def _propose_next(self):
        """Return a new draft for the strategy that did not get better by this one."""
        self.ensure_one()
        owner = self.user_id or self.partner_id.user_id
        own = self.with_context(lang=owner.lang or self.env.lang)
        proposal = self.sudo().create({  # people don't write the origin
            'strategy_id': self._running_strategy().id,
            'user_id': owner.id,
            'origin': 'verdict',
            'origin_key': f'verdict:{self.id}',
            'reason': own.env._(
                "%(adjustment)s did not do what was expected of it (%(verdict)s). %(conclusion)s",
                adjustment=self.name, verdict=own._verdict_text().lower(), conclusion=self.conclusion),
        })
        self.invalidate_recordset(['next_adjustment_id'])
        return proposal.sudo(False)  # back to the user's rights

    def _ask_for_review(self):
        """Give the owners an activity to look at what came of it, once, without an email for each."""
        asked = set(self._tasks('review').mapped('res_id')) if self else set()
        self._give_tasks(
            'review',
            [(adjustment, user) for adjustment in self if adjustment.id not in asked
             and (user := adjustment.user_id or adjustment.partner_id.user_id)],
            lambda own: own._review_summary(), deadline=fields.Date.add(fields.Date.context_today(self), days=7))

    def _review_summary(self):
        self.ensure_one()
        return self.env._(
            "%(customer)s: %(verdict)s", customer=self.partner_id.display_name, verdict=self._verdict_text())

    # ------------------------------------------------------------
    # WHAT PEOPLE READ
    # ------------------------------------------------------------

    def _verdict_text(self):
        labels = dict(self.fields_get(['verdict'], ['selection'])['verdict']['selection'])
        return labels.get(self.verdict, '')

    def _describe_effect(self):
        """Return what the page *Before and After* shows.

        :return: ``lines`` (see the KPI), ``cohort``, ``periods``, ``verdict`` with its ``label``, ``total`` and ``rule``,
            ``notes`` that one has to know, and ``open``: values by hand can be entered
        :rtype: dict or bool
        """
        self.ensure_one()
        if self.state not in ('approved', 'applied', 'reviewed'):
            return False
        lines = [line._describe_effect() for line in self.kpi_ids if line.kpi_id and not line.is_dropped]
        return {
            'lines': lines,
            'periods': self._periods_text(),
            'cohort': self._cohort_text(),
            'verdict': self.verdict or '',
            'label': self._verdict_text(),
            'total': self._total_text(),
            'rule': self.env._(
                "Effective from %(effective)s %% of the expected improvement on, partly effective from %(partly)s %% on.",
                effective=self.effective_from, partly=self.partly_from) if self.verdict else '',
            'notes': self._effect_notes(),
            'open': self.state != 'reviewed',
        }

    def _periods_text(self):
        """Return which days are compared."""
        self.ensure_one()
        days = {
            f'{side}_{end}': format_date(self.env, self[f'{side}_{end}']) for side in ('before', 'after')
            for end in ('start', 'stop')}
        if self.before_start and self.after_start:
            return self.env._(
                "Before: %(before_start)s – %(before_stop)s. After: %(after_start)s – %(after_stop)s.", **days)
        return self.env._("Before: %(before_start)s – %(before_stop)s.", **days) if self.before_start else ''

    def _cohort_text(self):
        """Return whom the customer is compared with."""
        self.ensure_one()
        if not self.cohort_size:
            return self.env._("There was no other customer in the same segment to compare with.")
        text = self.env._(
            "Compared with %(customers)s of the same segment.", customers=customers(self.env, self.cohort_size))
        if self.cohort_left_out:
            text += " " + self.env._(
                "%(count)s more were left out: their own strategy was adjusted meanwhile.", count=self.cohort_left_out)
        return text

    def _total_text(self):
        """Return what was reached over all KPIs, or why that is not known (yet)."""
        self.ensure_one()
        if not self.verdict:
            return self._waiting_text() if self.after_stop else ''
        values = {'known': self.kpi_ids._number(self.effect_known_percent)}
        if self.verdict == 'unknown':
            return self.env._("Of the KPIs, by weight, only %(known)s %% are known: too little for a verdict.", **values)
        values['percent'] = self.kpi_ids._number(self.net_percent)
        return self.env._(
            "%(percent)s %% of the expected improvement reached, net of the segment (known: %(known)s %% of the KPIs, by "
            "weight).", **values)

    def _waiting_text(self):
        return self.env._(
            "The cycle lasts until %(day)s; what came of it is measured in the night after.",
            day=format_date(self.env, self.after_stop))

    def _effect_notes(self):
        """Return sentences on what makes the figures doubtful."""
        self.ensure_one()
        notes = []
        if self.effect_problem:
            notes.append(self.env._("It could not be measured: %(problem)s", problem=self.effect_problem))
        others = self.sudo().search([  # whoever may see them
            ('partner_id', '=', self.partner_id.id), ('id', '!=', self.id), ('applied_on', '>=', self.before_start),
            ('applied_on', '<=', self.after_stop),
        ], order='applied_on') if self.before_start and self.after_stop else self.browse()
        notes += [self.env._(
            "%(other)s was applied on %(day)s: the figures hold the effect of both.",
            other=other.name, day=format_date(self.env, other.applied_on)) for other in others]
        return notes
