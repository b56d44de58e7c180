from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..platform.counted import days as in_days

#: What may be changed of a score once it was set by hand; for anything else another one is set.
CHANGEABLE = {'score', 'reason', 'date_to'}


class CustomerHealthOverride(models.Model):
    """A score that a person set, with the reason and an end; the computed score stays visible beside it (HEA-2).

    A customer has one at a time: another one ends the one before.
    """

    _name = 'customer.health.override'
    _inherit = ['customer.guarded']
    _description = "Health Score Set by Hand"
    _order = 'date_from desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    score = fields.Integer(required=True, default=0, help="0 to 100, 100 is best.")
    reason = fields.Char(required=True, help="What you know that the measures don't.")
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today, readonly=True)
    date_to = fields.Date(
        string="Until", required=True, default=lambda self: self._default_date_to(),
        help="The last day. After it the computed score is shown again.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="Set By", readonly=True, default=lambda self: self.env.user, ondelete='set null')
    ended_on = fields.Date(string="Ended Early On", readonly=True, copy=False)
    ended_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    is_running = fields.Boolean(string="In Force", compute='_compute_is_running', search='_search_is_running')

    _score_range = models.Constraint(
        'CHECK (score BETWEEN 0 AND 100)', "A health score is between 0 (the worst) and 100 (the best).")
    _running_idx = models.Index('(partner_id) WHERE ended_on IS NULL')

    @api.model
    def _default_date_to(self):
        days = self.env['res.config.settings']._customer_success('health_override_days')
        return fields.Date.add(fields.Date.context_today(self), days=days)

    @api.constrains('reason')
    def _check_reason(self):
        if any(not (override.reason or '').strip() for override in self):
            raise ValidationError(self.env._("Please say why the score is set by hand."))

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        longest = self.env['res.config.settings']._customer_success('health_override_max_days')
        for override in self:
            if override.date_to < override.date_from:
                raise ValidationError(self.env._("The score set by hand would already have ended. Choose a day to come."))
            if (override.date_to - override.date_from).days > longest:
                raise ValidationError(self.env._(
                    "A score can be set by hand for %(days)s at most, here until %(until)s.", days=in_days(self.env, longest),
                    until=format_date(self.env, fields.Date.add(override.date_from, days=longest))))

    @api.constrains('partner_id')
    def _check_partner(self):
        for override in self:
            if not override.partner_id.customer_managed:
                raise ValidationError(self.env._(
                    "%(customer)s is no managed customer and has no health score.", customer=override.partner_id.display_name))

    @api.depends('date_from', 'date_to', 'ended_on')
    def _compute_is_running(self):
        today = fields.Date.context_today(self)
        for override in self:
            override.is_running = bool(
                not override.ended_on and override.date_from and override.date_from <= today
                and override.date_to and override.date_to >= today)

    def _search_is_running(self, operator, value):
        return self._running_domain() if operator == 'in' else NotImplemented

    @api.model
    def _running_domain(self):
        """Return the domain of what is in force today."""
        today = fields.Date.context_today(self)
        return Domain('ended_on', '=', False) & Domain('date_from', '<=', today) & Domain('date_to', '>=', today)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Set scores by hand from today on, end those before, and show them at once."""
        today = fields.Date.context_today(self)
        partner_ids = [vals.get('partner_id') for vals in vals_list]
        self.env['res.partner'].browse(filter(None, partner_ids))._check_works_with()
        vals_list = [{**vals, 'date_from': today, 'user_id': self.env.uid} for vals in vals_list]
        if len(set(partner_ids)) < len(partner_ids):
            raise ValidationError(self.env._("A customer has one score set by hand at a time."))
        overrides = super().create(vals_list)
        self.search(
            self._running_domain() & Domain('partner_id', 'in', partner_ids) & Domain('id', 'not in', overrides.ids),
        )._mark_ended()
        for override in overrides:
            override._note(self.env._(
                "Health set to %(score)s by hand until %(until)s: %(reason)s", score=override.score,
                until=format_date(self.env, override.date_to), reason=override.reason))
        overrides._apply()
        return overrides

    def _open_to_people(self):
        return CHANGEABLE

    def _say_kept(self, names):
        return self.env._("This can't be changed any more: %(names)s. End this score and set another one.", names=names)

    def write(self, vals):
        self.check_access('write')
        self._guard(vals)
        result = super().write(vals)
        if vals.keys() & CHANGEABLE:
            self._apply()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_end(self):
        """Show the computed score again from now on."""
        running = self.filtered('is_running')
        running.check_access('write')
        running._mark_ended()
        for override in running:
            override._note(self.env._("The health score set by hand was ended. The computed score is shown again."))
        running._apply()
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _mark_ended(self):
        """End these scores, whoever set them, without showing the computed ones yet."""
        self.sudo().write({  # the fields are for actions only
            'ended_on': fields.Date.context_today(self), 'ended_by_id': self.env.uid})

    def _apply(self):
        """Show the scores of these customers as they are now."""
        self.env['customer.health.refresh'].sudo()._refresh(self.partner_id.ids)  # figures are for the addon to write

    def _note(self, text):
        """Put a note on the customer."""
        self.ensure_one()
        self.partner_id.sudo().message_post(body=Markup("%s") % text)  # who may set a score may not edit the contact
