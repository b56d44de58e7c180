from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime


class CustomerCase(models.Model):
    """Who is in charge of a case: whoever takes it keeps it until a colleague has accepted it (首问负责制, SRV-2)."""

    _inherit = 'customer.case'

    offered_to_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="Is asked to take it. Until then the responsible person is in charge.")
    offered_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    offered_at = fields.Datetime(readonly=True, copy=False)
    offer_note = fields.Char(string="Why It Is Offered", readonly=True, copy=False)
    offer = fields.Char(compute='_compute_offer')
    is_offered_to_me = fields.Boolean(compute='_compute_is_mine')
    is_mine = fields.Boolean(compute='_compute_is_mine')

    _offer_idx = models.Index("(offered_at) WHERE offered_to_id IS NOT NULL")

    @api.depends('user_id', 'offered_to_id')
    @api.depends_context('uid')
    def _compute_is_mine(self):
        for case in self:
            case.is_mine = case.user_id == self.env.user
            case.is_offered_to_me = case.offered_to_id == self.env.user

    @api.depends('offered_to_id', 'offered_at', 'offer_note')
    @api.depends_context('lang', 'tz')
    def _compute_offer(self):
        for case in self:
            values = {'user': case.sudo().offered_to_id.name, 'reason': case.offer_note,  # who is asked is no secret
                      'moment': case.offered_at and format_datetime(self.env, case.offered_at, dt_format='short')}
            case.offer = case.offered_at and (
                self.env._("Offered to %(user)s since %(moment)s: %(reason)s", **values) if case.offer_note else
                self.env._("Offered to %(user)s since %(moment)s", **values))

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever writes a case down for a colleague is in charge until that one has accepted it."""
        offered = {}
        if not self.env.su:
            vals_list = [dict(vals) for vals in vals_list]
            for index, vals in enumerate(vals_list):
                if vals.get('user_id') not in (self.env.uid, False, None) and not self._may_assign():
                    offered[index] = self.env['res.users'].browse(vals['user_id'])
                    vals['user_id'] = self.env.uid
        cases = super().create(vals_list)
        for index, user in offered.items():
            cases[index]._offer(user, '')
        return cases

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_take(self):
        """Take these cases, which nobody has, or nobody has begun with."""
        self._lock_in(('new', 'working', 'waiting', 'solved'))
        self.invalidate_recordset(['user_id', 'taken_at'])
        for case in self:
            if case.user_id not in (self.env.user, self.env['res.users']) and case.taken_at and not case.is_offered_to_me:
                raise UserError(self.env._(
                    # who is in charge is no secret
                    "%(user)s is in charge of %(case)s. Ask for a hand-over.", user=case.sudo().user_id.name,
                    case=case.display_name))
            case._take(self.env.user)
        return True

    def action_hand_over(self):
        """Open the dialog that offers these cases to a colleague."""
        return self._action_change('hand_over')

    def action_accept(self):
        """Take what a colleague offers."""
        self._lock_in(('new', 'working', 'waiting', 'solved'))
        for case in self:
            case._check_offered()
            giver = case.sudo().offered_by_id  # may be a colleague of another company
            case._take(self.env.user)
            case.message_post(body=self.env._(
                "%(user)s has taken over from %(giver)s.", user=self.env.user.name, giver=giver.name))
        return True

    def action_refuse(self):
        """Open the dialog that says why somebody does not take it."""
        return self._action_change('refuse')

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _may_assign(self):
        """Return whether the user may give a case to somebody who was not asked: who leads may."""
        return self.env.su or self.env.user.has_group('customer_success.group_customer_success_leader')

    def _with_giver(self, vals):
        """Return what is written when the responsible person changes: who gave it, no absence that would take it back, and
        no offer. Only who leads gives a case to somebody who was not asked.

        :param dict vals: with ``user_id``
        :raises UserError: when somebody else is in charge
        """
        if self.env.su:
            return vals
        for case in self.filtered(lambda case: case.user_id.id != vals['user_id']):
            if not self._may_assign() and case.user_id:
                raise UserError(self.env._(
                    "%(user)s is in charge of %(case)s until a colleague has accepted it. Use “Hand over”.",
                    # who is in charge is no secret
                    user=case.sudo().user_id.name, case=case.display_name))
        self.sudo().write({  # people don't write what the buttons keep
            'given_by_id': self.env.uid if vals['user_id'] != self.env.uid else False, 'absence_id': False,
            'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False})
        return vals

    def _take(self, user):
        """Put somebody in charge of this case."""
        self.ensure_one()
        own = self.sudo()  # people don't write what the buttons keep
        self.env['customer.responsibility']._check_able(user.id, own.company_id.id)
        giver = own.offered_by_id if own.offered_to_id == user else own.given_by_id if own.user_id == user else False
        values = {
            'user_id': user.id, 'taken_at': own.taken_at or fields.Datetime.now(), 'absence_id': False,
            'given_by_id': giver.id if giver else False,
            'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False}
        if own.state == 'new':
            values['state'] = 'working'
        own.with_context(mail_auto_subscribe_no_notify=True).write(values)
        self._tasks('offer').unlink()
        own._follow_user()
        # what is to be asked or told goes along
        own.followup_ids.filtered(lambda followup: followup.state == 'planned').with_context(
            mail_auto_subscribe_no_notify=True).user_id = user

    def _offer(self, user, note):
        """Ask a colleague to take these cases. Until that one has accepted, nothing changes.

        :param user: res.users
        :param str note: why
        """
        self._lock_in(('new', 'working', 'waiting', 'solved'))
        for case in self:
            own = case.sudo()  # people don't write what the buttons keep
            if own.user_id and own.user_id != self.env.user and not self._may_assign():
                raise UserError(self.env._(
                    "%(user)s is in charge of %(case)s, and hands it over.", user=own.user_id.name, case=case.display_name))
            if user == own.user_id:
                raise ValidationError(self.env._("%(user)s is in charge already. Choose somebody else.", user=user.name))
            self.env['customer.responsibility']._check_able(user.id, own.company_id.id)
            own.write({
                'offered_to_id': user.id, 'offered_by_id': self.env.uid, 'offered_at': fields.Datetime.now(),
                'offer_note': note})
            case._tasks('offer').unlink()
            own._give_task('offer', user, lambda own: own.env._(
                "To take over from %(user)s: %(reason)s", user=self.env.user.name, reason=note) if note else
                own.env._("To take over from %(user)s", user=self.env.user.name))

    def _refuse(self, note):
        """Say that the user does not take these cases; they stay with whoever is in charge.

        :param str note: why
        """
        self._lock_in(('new', 'working', 'waiting', 'solved'))
        if not (note or '').strip():
            raise ValidationError(self.env._("Please say why, so that the colleague can ask somebody else."))
        for case in self:
            case._check_offered()
            case._give_back_offer(lambda says: says._(
                "%(user)s does not take it: %(reason)s", user=self.env.user.name, reason=note))

    def _check_offered(self):
        """Refuse to answer for somebody else."""
        self.ensure_one()
        if not self.is_offered_to_me:
            raise UserError(self.env._("%(case)s is not offered to you any more. Reload the page.", case=self.display_name))

    def _give_back_offer(self, why):
        """Take an offer back, and tell whoever made it.

        :param why: function of an environment that says why in its language
        """
        self.ensure_one()
        own = self.sudo()  # people don't write what the buttons keep
        giver = own.offered_by_id
        self._tasks('offer').unlink()
        own.write({'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False})
        own.message_post(body=why(own.env))
        doer = self.env['customer.responsibility']._stands_for(giver, own.company_id) or own.user_id
        if doer:
            own._give_task('case', doer, lambda own: why(own.env))

    def _withdraw_offer(self):
        """Take offers back that have no object any more."""
        offered = self.sudo().filtered('offered_to_id')  # people don't write what the buttons keep
        offered._tasks('offer').unlink()
        offered.write({'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False})

    def _follow_user(self):
        """Let the activities about these cases go to whoever is in charge now."""
        self._hand_over_tasks('case', lambda case: case.sudo().user_id)  # of a colleague
