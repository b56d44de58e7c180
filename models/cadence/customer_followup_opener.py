from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class CustomerFollowupOpener(models.AbstractModel):
    """What a follow-up that a person opens gets by itself: its company, its dates, its responsible person (CAD-5)."""

    _name = 'customer.followup.opener'
    _description = "Opens Follow-ups of People"

    @api.model
    def _complete(self, vals):
        """Fill in what an open follow-up made by a person needs; see ``customer.followup._complete_open_values``.

        :param dict vals: is filled
        """
        partner = self.env['res.partner'].browse(vals.get('partner_id')).commercial_partner_id
        lead = self.env['crm.lead'].browse(vals.get('lead_id'))
        if not partner and not lead:
            raise ValidationError(self.env._("Please choose the customer of the follow-up."))
        if not self.env.su and partner:
            partner._check_works_with()
        if not self.env.su and lead:
            lead._customer_check_may_log()
        vals['partner_id'] = partner.id
        subject = partner or lead.sudo()  # one of a colleague, whose follow-up was given to the user
        if not vals.get('company_id'):
            vals['company_id'] = (partner._planning_company() if partner else lead._customer_company()).id
        vals.setdefault('user_id', subject.user_id.id or self.env.uid)
        vals.setdefault('owner_id', vals['user_id'])
        vals.setdefault('given_by_id', self._giver(vals['user_id'], subject))
        if not self.env.su:
            self.env['customer.responsibility']._check_able(vals['user_id'], vals['company_id'])
        if vals.get('state', 'planned') == 'planned' and not vals.get('step_id'):
            vals.update(self._dates(vals))

    @api.model
    def _dates(self, vals):
        """Return the dates of a next step that was agreed on.

        :param dict vals: of the follow-up, with its day, today by default
        :rtype: dict
        """
        today = fields.Date.context_today(self)
        planned = fields.Date.to_date(vals.get('date_planned') or today)
        if not self.env.su:
            self._check_next_day(planned)
        days = self._loose_days()
        return {
            'date_planned': planned,
            'date_raw': planned,
            'date_manual': planned,
            'date_anchor': vals.get('date_anchor') or today,
            'anchor_kind': 'promise',
            'date_limit': fields.Date.add(planned, days=days['grace']),
            'date_remind': fields.Date.subtract(planned, days=days['remind']),
            'date_escalate': fields.Date.add(planned, days=days['grace'] + days['escalate'])
            if days['escalate'] else False,
        }

    @api.model
    def _check_next_day(self, day):
        """Refuse an agreed next step on a day that is past."""
        if day < fields.Date.context_today(self):
            raise ValidationError(self.env._(
                "A next step can't be due before today (%(day)s). Choose today or a day to come.",
                day=format_date(self.env, day)))

    @api.model
    def _giver(self, user_id, partner):
        """Return the id of who gives a new follow-up to somebody else than whom it would go to by itself, or False.

        :param user_id: id of the responsible person
        :param partner: the customer, or the lead
        """
        usual = partner.user_id.id or self.env.uid
        return self.env.uid if user_id and user_id != usual else False

    @api.model
    def _loose_days(self):
        """Return the days of grace, reminder and escalation of follow-ups without a touchpoint."""
        setting = self.env['res.config.settings']._customer_success
        return {name: setting(f'{name}_days') for name in ('grace', 'remind', 'escalate')}
