from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..platform.locks import wait_for_update


class CustomerReviewDecision(models.Model):
    """What was decided in a review; it becomes an adjustment or a follow-up (STR-5)."""

    _name = 'customer.review.decision'
    _description = "Decision of a Review"
    _inherit = ['customer.review.item']
    _order = 'sequence, id'
    _kept = frozenset(('followup_id', 'adjustment_id'))

    name = fields.Char(string="Decision", required=True)
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", index='btree_not_null', ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    user_id = fields.Many2one(
        comodel_name='res.users', string="Responsible", index='btree_not_null', ondelete='set null',
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    date = fields.Date(string="Due By")
    becomes = fields.Selection(
        selection=[('none', "Noted"), ('followup', "Follow-up"), ('adjustment', "Adjustment of the strategy")],
        required=True, default='none')
    channel_id = fields.Many2one(
        comodel_name='customer.channel', ondelete='set null',
        default=lambda self: self.env['customer.channel']._for_screen('call', 'phone'),
        help="How the customer is contacted; for follow-ups.")
    followup_id = fields.Many2one(
        comodel_name='customer.followup', readonly=True, copy=False, ondelete='set null', index='btree_not_null')
    adjustment_id = fields.Many2one(
        comodel_name='customer.strategy.adjustment', readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    is_open = fields.Boolean(
        string="To Be Done", compute='_compute_is_open', help="It is to become something and has not yet.")

    @api.depends('becomes', 'followup_id', 'adjustment_id')
    def _compute_is_open(self):
        for decision in self:
            done = decision.sudo()._result()  # of whoever it was given to
            decision.is_open = decision.becomes != 'none' and not done

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """A decision stays as it is once something has come of it."""
        if not self.env.su and vals.keys() - {'sequence', 'id'}:
            self._check_nothing_came()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_review_open()
        self._check_nothing_came()

    def _check_nothing_came(self):
        """Refuse to change what was decided after it became something."""
        # what came of it may be a colleague's
        if came := self.filtered(lambda decision: decision.sudo()._result()):
            raise UserError(self.env._(
                "Something has come of “%(decision)s” already: change that instead.", decision=came[0].name))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _result(self):
        """Return what this decision has become: a follow-up, an adjustment or nothing."""
        self.ensure_one()
        return self.followup_id or self.adjustment_id

    def action_create(self):
        """Make of these decisions what they are to become; what became something already stays."""
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['followup_id', 'adjustment_id'])
        for decision in self.filtered('is_open'):
            decision._check_complete()
            kept = decision.sudo()  # people don't write what came of a decision
            if decision.becomes == 'followup':
                kept.followup_id = decision._create_followup()
            else:
                kept.adjustment_id = decision._create_adjustment()
        return self.action_open_result() if len(self) == 1 else True

    def action_open_result(self):
        """Open what this decision has become."""
        self._customer_one()
        self.check_access('read')
        result = self.sudo()._result()  # opening it is for whoever may see it
        return bool(result) and result._customer_open()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_complete(self):
        """Refuse decisions that say too little to become something, or that are about customers of others."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Please say which customer “%(decision)s” is about.", decision=self.name))
        if not self._in_review():
            self.partner_id._check_may_log()
        if self.becomes == 'followup':
            if not self.date:
                raise UserError(self.env._("Please say until when “%(decision)s” is to be done.", decision=self.name))
            if self.date < fields.Date.context_today(self):
                raise UserError(self.env._(
                    "“%(decision)s” was to be done until %(day)s. Choose today or a day to come.", decision=self.name,
                    day=format_date(self.env, self.date)))
            if not self.channel_id:
                raise UserError(self.env._(
                    "Please say how the customer is contacted for “%(decision)s”.", decision=self.name))

    def _in_review(self):
        """Return whether the customer is one of those that the review looks at, so that its people decide about it."""
        self.ensure_one()
        review, partner = self.review_id.sudo(), self.partner_id.sudo()  # customers of colleagues and their teams
        if partner._planning_company() != review.company_id:
            return False
        return {
            'user': partner.user_id == review.user_id, 'team': partner.user_id.customer_team_id == review.team_id,
            'company': True,
        }[review.scope]

    def _create_followup(self):
        """Open the follow-up, as an agreed next step, and return it."""
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id
        company = partner._planning_company()
        self.env['customer.responsibility']._check_able(self.user_id.id, company.id)
        responsible = self.user_id or self.env['customer.responsibility']._owner(
            'manager', partner.user_id, company) or self.env.user
        return self.env['customer.followup'].sudo().create({  # for colleagues: the review has decided who does it
            'partner_id': partner.id, 'company_id': company.id, 'channel_id': self.channel_id.id,
            'name': self.name, 'date_planned': self.date, 'user_id': responsible.id})

    def _create_adjustment(self):
        """Propose an adjustment of the customer's strategy, and return the draft."""
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id
        strategy = self.env['customer.strategy'].sudo().search([  # of a colleague: the review has decided
            ('partner_id', '=', partner.id), ('company_id', '=', self.review_id.company_id.id), ('state', '=', 'active')],
            limit=1)
        if not strategy:
            raise UserError(self.env._(
                "%(customer)s has no running strategy that could be adjusted. Start one, or make a follow-up of "
                "“%(decision)s”.", customer=partner.display_name, decision=self.name))
        return self.env['customer.strategy.adjustment'].sudo().create(self._adjustment_values(strategy))  # as above

    def _adjustment_values(self, strategy):
        """Return the values of the adjustment that this decision becomes."""
        values = {
            'strategy_id': strategy.id, 'origin': 'review', 'origin_key': f'review:{self.id}',
            'user_id': (self.user_id or strategy.user_id).id, 'reason': self.name,
        }
        if self.date:
            values['date'] = self.date
        return values
