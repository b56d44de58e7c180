from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerCaseAssigner(models.AbstractModel):
    """Who is in charge of a case: whoever takes it keeps it until a colleague has accepted it (首问负责制, SRV-2)."""

    _name = 'customer.case.assigner'
    _description = "Assigning of Cases"

    @api.model
    def _keep_offered(self, vals_list):
        """Let the user be in charge of new cases that somebody writes down for colleagues, as long as these have not accepted.

        :param list[dict] vals_list: their values; are changed
        :return: the colleagues by index
        :rtype: dict[int, res.users]
        """
        offered = {}
        if not self.env.su:
            for index, vals in enumerate(vals_list):
                if vals.get('user_id') not in (self.env.uid, False, None) and not self._may_assign(self.env['customer.case']):
                    offered[index] = self.env['res.users'].browse(vals['user_id'])
                    vals['user_id'] = self.env.uid
        return offered

    @api.model
    def _first_responsible(self, partner, company):
        """Return who is in charge of a new case: who writes it down, else the customer's account manager or who stands in."""
        responsibility = self.env['customer.responsibility']
        if not self.env.su and responsibility._is_able(self.env.user, company):
            return self.env.user
        return responsibility._doer('manager', partner.sudo().user_id, company)  # may be a colleague of another company

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _may_assign(self, cases):
        """Return whether the user may give a case to somebody who was not asked: who leads may."""
        return cases.env.su or cases.env.user.has_group('customer_success.group_customer_success_leader')

    def _with_giver(self, cases, vals):
        """Return what is written when the responsible person changes: who gave it, no absence that would take it back, and
        no offer. Only who leads gives a case to somebody who was not asked.

        :param cases: customer.case
        :param dict vals: with ``user_id``
        :raises UserError: when somebody else is in charge
        """
        if cases.env.su:
            return vals
        for case in cases.filtered(lambda case: case.user_id.id != vals['user_id']):
            if not self._may_assign(cases) and case.user_id:
                raise UserError(cases.env._(
                    "%(user)s is in charge of %(case)s until a colleague has accepted it. Use “Hand over”.",
                    # who is in charge is no secret
                    user=case.sudo().user_id.name, case=case.display_name))
        cases.sudo().write({  # people don't write what the buttons keep
            'given_by_id': cases.env.uid if vals['user_id'] != cases.env.uid else False, 'absence_id': False,
            'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False})
        return vals

    def _take(self, case, user):
        """Put somebody in charge of this case."""
        case.ensure_one()
        own = case.sudo()  # people don't write what the buttons keep
        case.env['customer.responsibility']._check_able(user.id, own.company_id.id)
        giver = own.offered_by_id if own.offered_to_id == user else own.given_by_id if own.user_id == user else False
        values = {
            'user_id': user.id, 'taken_at': own.taken_at or fields.Datetime.now(), 'absence_id': False,
            'given_by_id': giver.id if giver else False,
            'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False}
        if own.state == 'new':
            values['state'] = 'working'
        own.with_context(mail_auto_subscribe_no_notify=True).write(values)
        case._tasks('offer').unlink()
        self._follow_user(own)
        # what is to be asked or told goes along
        own.followup_ids.filtered(lambda followup: followup.state == 'planned').with_context(
            mail_auto_subscribe_no_notify=True).user_id = user

    def _offer(self, cases, user, note):
        """Ask a colleague to take these cases. Until that one has accepted, nothing changes.

        :param cases: customer.case
        :param user: res.users
        :param str note: why
        """
        cases.env['customer.case.course']._lock_in(cases, ('new', 'working', 'waiting', 'solved'))
        for case in cases:
            own = case.sudo()  # people don't write what the buttons keep
            if own.user_id and own.user_id != cases.env.user and not self._may_assign(cases):
                raise UserError(cases.env._(
                    "%(user)s is in charge of %(case)s, and hands it over.", user=own.user_id.name, case=case.display_name))
            if user == own.user_id:
                raise ValidationError(cases.env._("%(user)s is in charge already. Choose somebody else.", user=user.name))
            cases.env['customer.responsibility']._check_able(user.id, own.company_id.id)
            own.write({
                'offered_to_id': user.id, 'offered_by_id': cases.env.uid, 'offered_at': fields.Datetime.now(),
                'offer_note': note})
            case._tasks('offer').unlink()
            own._give_task('offer', user, lambda own: own.env._(
                "To take over from %(user)s: %(reason)s", user=cases.env.user.name, reason=note) if note else
                own.env._("To take over from %(user)s", user=cases.env.user.name))

    def _refuse(self, cases, note):
        """Say that the user does not take these cases; they stay with whoever is in charge.

        :param cases: customer.case
        :param str note: why
        """
        cases.env['customer.case.course']._lock_in(cases, ('new', 'working', 'waiting', 'solved'))
        if not (note or '').strip():
            raise ValidationError(cases.env._("Please say why, so that the colleague can ask somebody else."))
        for case in cases:
            self._check_offered(case)
            self._give_back_offer(case, lambda says: says._(
                "%(user)s does not take it: %(reason)s", user=cases.env.user.name, reason=note))

    def _check_offered(self, case):
        """Refuse to answer for somebody else."""
        case.ensure_one()
        if not case.is_offered_to_me:
            raise UserError(case.env._("%(case)s is not offered to you any more. Reload the page.", case=case.display_name))

    def _give_back_offer(self, case, why):
        """Take an offer back, and tell whoever made it.

        :param case: customer.case
        :param why: function of an environment that says why in its language
        """
        case.ensure_one()
        own = case.sudo()  # people don't write what the buttons keep
        giver = own.offered_by_id
        case._tasks('offer').unlink()
        own.write({'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False})
        own.message_post(body=why(own.env))
        doer = case.env['customer.responsibility']._stands_for(giver, own.company_id) or own.user_id
        if doer:
            own._give_task('case', doer, lambda own: why(own.env))

    def _withdraw_offer(self, cases):
        """Take offers back that have no object any more."""
        offered = cases.sudo().filtered('offered_to_id')  # people don't write what the buttons keep
        offered._tasks('offer').unlink()
        offered.write({'offered_to_id': False, 'offered_by_id': False, 'offered_at': False, 'offer_note': False})

    def _follow_user(self, cases):
        """Let the activities about these cases go to whoever is in charge now."""
        cases._hand_over_tasks('case', lambda case: case.sudo().user_id)  # of a colleague
