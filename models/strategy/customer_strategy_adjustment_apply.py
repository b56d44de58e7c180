import logging

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.fields import Domain

from ..base.local_day import in_company_zone
from ..platform.local_text import listed

_logger = logging.getLogger(__name__)


class CustomerStrategyAdjustment(models.Model):
    _inherit = 'customer.strategy.adjustment'

    current_approach = fields.Text(related='strategy_id.core_approach', string="Approach Now")
    current_cadence_id = fields.Many2one(related='strategy_id.cadence_id', string="Cadence Now")
    current_start = fields.Date(related='strategy_id.date_start', string="Cycle From")
    current_end = fields.Date(related='strategy_id.date_end', string="Cycle Until")
    current_effect_id = fields.Many2one(
        comodel_name='customer.strategy.grade', string="Effect Now", compute='_compute_current')
    current_attainment = fields.Float(string="Attainment Now (%)", compute='_compute_current', digits=(16, 0))
    current_color = fields.Integer(compute='_compute_current')
    current_doubt = fields.Char(string="Open Warning", compute='_compute_current')
    must_inform = fields.Boolean(compute='_compute_must_inform', search='_search_must_inform')

    @api.depends('state', 'strategy_id.effect_color', 'strategy_id.attainment', 'effect_id', 'attainment')
    def _compute_current(self):
        """Show how the strategy of a draft stands today, and later what was frozen with the submission."""
        for adjustment in self:
            source = adjustment.strategy_id if adjustment.state == 'draft' else adjustment
            adjustment.current_effect_id = source.effect_id
            adjustment.current_attainment = source.attainment
            # what was frozen stays as it was
            adjustment.current_color = source.effect_color if adjustment.state == 'draft' else source.effect_id.color
            adjustment.current_doubt = source.doubt if adjustment.state == 'draft' else False

    @api.depends('state', 'needs_informing', 'informed_on')
    def _compute_must_inform(self):
        must = self.filtered_domain(self._must_inform_domain())
        for adjustment in self:
            adjustment.must_inform = adjustment in must

    def _search_must_inform(self, operator, value):
        return self._must_inform_domain() if operator == 'in' else NotImplemented

    @api.model
    def _must_inform_domain(self):
        """Return the domain of what can't be applied because nobody told the customer."""
        return Domain([('state', '=', 'approved'), ('needs_informing', '=', True), ('informed_on', '=', False)])

    # ------------------------------------------------------------
    # TELLING THE CUSTOMER
    # ------------------------------------------------------------

    def action_inform(self):
        """Open the dialog that notes that the customer was told."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("The customer was told"),
            'res_model': 'customer.adjustment.inform', 'view_mode': 'form', 'target': 'new',
            'context': {'default_adjustment_id': self.id},
        }

    def _inform(self, contact_at, channel, note, contact=None):
        """Note that the customer was told of the change, and keep that as a contact.

        :param datetime contact_at: when, in UTC, not in the future
        :param channel: customer.channel
        :param str note: what was said
        :param contact: res.partner, whom it was said to
        """
        self.ensure_one()
        self._begin_step('approved')
        if not (note or '').strip():
            raise ValidationError(self.env._("Please note what the customer was told."))
        record = self.partner_id._log_contact(channel=channel, contact_at=contact_at, feedback=note, contact=contact)
        self.sudo().write({  # people don't write what the steps keep
            'informed_on': record.contact_day, 'informed_by_id': self.env.uid, 'informed_followup_id': record.id,
            'problem': False})
        self._tasks('follow').unlink()

    # ------------------------------------------------------------
    # APPLYING
    # ------------------------------------------------------------

    def action_apply(self):
        """Apply these adjustments today, on their day or before it."""
        for adjustment in self._begin_step('approved'):
            if not adjustment._may_apply():
                raise AccessError(self.env._(
                    "%(adjustment)s is applied by its owner or by whoever approved it.", adjustment=adjustment.name))
            adjustment._apply(fields.Date.context_today(self))
        return True

    def _apply(self, day):
        """Begin the new version of the strategy.

        :param date day: its first day
        :raises UserError: with a sentence that says why it can't be
        """
        self.ensure_one()
        if self.must_inform:
            raise UserError(self.env._(
                "%(customer)s has to be told before %(adjustment)s applies: it changes %(kinds)s.",
                customer=self.partner_id.display_name, adjustment=self.name,
                kinds=listed(self.env, self.kind_ids.filtered('announce').mapped('name'))))
        strategy, why_not = self.env['customer.strategy.proposer']._in_force(self.strategy_id)
        if why_not:
            raise UserError(why_not)
        new = strategy._replace(self._prepare_strategy_values(), day)
        self.sudo().write({  # people don't write what the steps keep
            'state': 'applied', 'applied_on': day, 'new_strategy_id': new.id, 'after_start': day,
            'after_stop': fields.Date.add(day, days=self.cycle_days - 1), 'problem': False})
        self._tasks('decide', 'follow').unlink()
        self.partner_id.sudo().message_post(body=self.env._(  # whoever applies it need not be able to write customers
            "The strategy was adjusted (%(adjustment)s): %(approach)s", adjustment=self.name, approach=self.core_approach))

    def _prepare_strategy_values(self):
        """Return the fields of the new version of the strategy; see ``customer.strategy._replace``."""
        self.ensure_one()
        own = self.sudo()  # a rule of the cadence may be hidden from the owner
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

    @api.model
    @in_company_zone
    def _cron_apply(self):
        """Apply what is approved and due where its owner is, one transaction each; what can't be applied says why, once."""
        with self.env['customer.run']._measure('adjust') as run:
            self._hand_on()
            self._ask_anew()
            due = self.search(Domain('state', '=', 'approved') & self.env['customer.clock']._reached_domain(
                'date', 'user_id', 'decided_by_id'), order='date, id')

            def apply(adjustment):
                if outcome := adjustment._apply_safely():
                    run[outcome] += 1

            self.env['customer.routine']._work_through(due, apply)
            run['note'] = self.env._("%(done)s applied, %(failed)s waiting for somebody", **{
                key: run[key] for key in ('done', 'failed')})

    def _apply_safely(self):
        """Apply this adjustment if nobody else does, or set it aside with the reason.

        :return: ``done``, ``failed`` when it is newly set aside, or None
        """
        if self.try_lock_for_update(allow_referencing=True).state != 'approved':
            return None  # somebody is at it, or was meanwhile
        owner, clock = self.user_id or self.decided_by_id, self.env['customer.clock']

        def apply():
            self.with_context(lang=owner.lang, tz=clock._zone(owner))._apply(clock._today(owner))
            return 'done'

        def set_aside(error):
            if isinstance(error, LockError):
                return None  # somebody works on the strategy: next time
            problem = str(error)
            if not isinstance(error, UserError):
                _logger.exception("Adjustment %s could not be applied", self.id)
                problem = self.env._("An error prevented it: %(error)s", error=problem or type(error).__name__)
            return 'failed' if self._set_aside(problem) else None

        return self.env['customer.routine']._attempt(apply, set_aside)

    def _set_aside(self, problem):
        """Keep why this adjustment could not be applied, and ask its owner to see to it.

        :return: whether that is news
        """
        self.ensure_one()
        if self.problem == problem:
            return False
        self.problem = problem
        owner = self.user_id or self.decided_by_id
        if owner:
            self._tasks('follow').unlink()
            self._give_task('follow', owner, lambda own: own._say_not_applied())
        return True

    # ------------------------------------------------------------
    # WAYS TO GO
    # ------------------------------------------------------------

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self._open_record(self.partner_id)

    def action_open_strategy(self):
        """Open the strategy that is adjusted."""
        self._customer_one()
        return self._open_record(self.strategy_id)

    def action_open_new_strategy(self):
        """Open the version that came of it."""
        self._customer_one()
        return self._open_record(self.new_strategy_id)

    def _open_record(self, record):
        return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'view_mode': 'form'}
