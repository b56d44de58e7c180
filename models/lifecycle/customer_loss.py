from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..platform.local_text import day_text, listed


class CustomerLoss(models.Model):
    """A customer was lost: when, why, and what became of it (LIF-4).

    A person says that a customer is lost; the rules only propose it. Whether it is won back follows from its orders: a loss
    is over with the first order that comes after it, and goes on when that order is set back.
    """

    _name = 'customer.loss'
    _inherit = ['customer.known', 'customer.guarded']
    _known_when = {'days_away': [('state', '=', 'won_back')], 'won_back_percent': [('state', '!=', 'withdrawn')]}
    _description = "Lost Customer"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    date = fields.Date(string="Lost On", required=True, default=fields.Date.context_today, index=True)
    reason_id = fields.Many2one(comodel_name='customer.loss.reason', required=True, index=True, ondelete='restrict')
    advice = fields.Text(related='reason_id.advice')
    note = fields.Text(help="What happened, and what was tried.")
    state = fields.Selection(
        selection=[('lost', "Still lost"), ('won_back', "Won back"), ('withdrawn', "Withdrawn")], string="Outcome",
        default='lost', required=True, readonly=True, copy=False,
        help="Won back: it ordered again. Withdrawn: it was not lost after all; such a loss does not count.")
    won_back_on = fields.Date(readonly=True, copy=False, help="The first order after the loss.")
    days_away = fields.Integer(
        string="Days Until Won Back", readonly=True, copy=False, aggregator='avg',
        help="From the loss to the first order after it. Groups show the mean of those that were won back.")
    won_back_percent = fields.Float(
        # an empty column would be left out of the mean
        string="Won Back (%)", default=0, readonly=True, copy=False, aggregator='avg', digits=(16, 1),
        help="100 for a customer that was won back, 0 for one that is still lost: in a group so many of 100 losses. The "
             "losses of the group are the denominator; what was withdrawn is none.")
    last_order_then = fields.Date(string="Last Order Before", readonly=True, copy=False)
    revenue = fields.Monetary(
        string="Revenue Then", readonly=True, copy=False, aggregator='sum', currency_field='currency_id',
        help="What the customer bought in the period of the ranking before it was lost.")
    currency_id = fields.Many2one(comodel_name='res.currency', readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', string="Tier Then", readonly=True, copy=False, ondelete='set null')
    user_id = fields.Many2one(
        comodel_name='res.users', string="Account Manager Then", readonly=True, copy=False, ondelete='set null')

    _open_uniq = models.UniqueIndex(
        "(partner_id) WHERE state = 'lost'", "This customer is marked as lost already. Open that loss instead.")

    @api.constrains('reason_id', 'note')
    def _check_note(self):
        for loss in self:
            if loss.reason_id.needs_note and not (loss.note or '').strip():
                raise ValidationError(self.env._(
                    "“%(reason)s” says little by itself. Add a sentence on what happened.", reason=loss.reason_id.name))

    @api.constrains('date')
    def _check_date(self):
        for loss in self:
            if loss.date > fields.Date.context_today(loss):
                raise ValidationError(self.env._("A loss can't be in the future. Choose the day on which you knew."))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return {'reason_id', 'note'}

    def _say_kept(self, names):
        return self.env._(
            "%(fields)s can't be changed by hand: it follows from the orders and from what was kept on the day of the loss. "
            "If it was a mistake, withdraw the loss and mark the customer anew.", fields=names)

    @api.model_create_multi
    def create(self, vals_list):
        """Mark customers as lost: they go into the stage of the lost at once."""
        for vals in vals_list:
            self._guard(vals, also_open=('partner_id', 'date'))
        if self._is_guarded():
            self.env['res.partner'].browse(
                [vals['partner_id'] for vals in vals_list if vals.get('partner_id')])._check_may_be_lost()
        values = [vals | self._kept_of(vals) for vals in vals_list]
        losses = super(CustomerLoss, self.with_context(customer_keeps=self.env.context.get('customer_keeps'))).create(values)
        losses._followed()
        return losses

    def write(self, vals):
        self._guard(vals)
        return super().write(vals)

    @api.model
    def _kept_of(self, vals):
        """Return what is kept of a customer on the day of its loss.

        :param dict vals: of the new loss
        """
        partner = self.env['res.partner'].sudo().browse(vals.get('partner_id') or ())  # readonly for everybody
        day = fields.Date.to_date(vals.get('date')) or fields.Date.context_today(self)
        before = partner.customer_last_order
        return {
            'revenue': partner.customer_revenue, 'currency_id': partner.customer_currency_id.id,
            'tier_id': partner.customer_tier_id.id, 'user_id': partner.user_id.id,
            # an order of the same day came before the loss, as far as anybody knows
            'last_order_then': before if before and before <= day else False,
        } if partner else {}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        if self._is_guarded():
            raise UserError(self.env._(
                "Losses are kept for the report of win-back. If it was a mistake, withdraw it instead."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_withdraw(self):
        """Take a loss back that was a mistake: it counts for nothing any more, and the customer goes where the rules say."""
        over = self.filtered(lambda loss: loss.state == 'withdrawn')
        if over:
            raise UserError(self.env._(
                "Withdrawn already: %(customers)s.", customers=listed(self.env, over.partner_id.mapped('name'))))
        self.check_access('write')
        self.partner_id._check_works_with()
        self._keep({'state': 'withdrawn', 'won_back_on': False, 'days_away': 0})
        self._followed()
        return True

    def action_open_customer(self):
        """Open the customer of this loss."""
        self._customer_one()
        return self.partner_id._customer_open()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _followed(self):
        """Let the stages of these customers follow. A stage that was set by hand ends with a loss."""
        lost = self.filtered(lambda loss: loss.state == 'lost').partner_id.sudo()  # readonly for everybody
        lost.filtered('customer_stage_manual_id').write({
            'customer_stage_manual_id': False, 'customer_stage_manual_until': False, 'customer_stage_manual_reason': False})
        self.env['customer.stager'].sudo()._refresh(self.partner_id.ids)  # a stage is one for all users

    @api.model
    def _latest_sql(self, partner_ids=None):
        """Return SQL with the last loss of each customer, without those withdrawn: ``partner_id``, ``state``,
        ``won_back_on``."""
        only = SQL("AND partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL()
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, id, date, state, won_back_on, last_order_then
                 FROM customer_loss WHERE state <> 'withdrawn' %s
             ORDER BY partner_id, date DESC, id DESC""", only)

    @api.model
    def _settle(self, partner_ids=None):
        """Make the outcome of losses true to the orders: won back with the first one after it, lost again without.

        :param partner_ids: ids of customers, or None for all
        :return: how many outcomes changed
        """
        for model in ('customer.loss', 'res.partner'):
            self.env[model].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE customer_loss l
                  SET state = CASE WHEN v.day IS NULL THEN 'lost' ELSE 'won_back' END, won_back_on = v.day,
                      days_away = v.day - l.date, won_back_percent = CASE WHEN v.day IS NULL THEN 0 ELSE 100 END,
                      write_date = %(now)s
                 FROM (SELECT last.id, last.state,
                              CASE WHEN p.customer_last_order >= last.date
                                    AND p.customer_last_order > COALESCE(last.last_order_then, '-infinity')
                                   -- of several orders since, the first one won it back
                                   THEN LEAST(last.won_back_on, p.customer_last_order) END AS day
                         FROM (%(latest)s) AS last
                         JOIN res_partner p ON p.id = last.partner_id) AS v
                WHERE v.id = l.id AND (l.state = 'lost') <> (v.day IS NULL)""",
            latest=self._latest_sql(partner_ids), now=self.env.cr.now()))
        changed = self.env.cr.rowcount
        if changed:
            self.invalidate_model()
        return changed

    def _describe(self):
        """Return this loss in a sentence."""
        self.ensure_one()
        values = {'day': day_text(self.env, self.date, 'yMMMd'), 'reason': self.reason_id.name}
        if self.state == 'won_back':
            return self.env._("Lost on %(day)s (%(reason)s), won back on %(won)s.",
                              won=day_text(self.env, self.won_back_on, 'yMMMd'), **values)
        return self.env._("Lost on %(day)s: %(reason)s.", **values)
