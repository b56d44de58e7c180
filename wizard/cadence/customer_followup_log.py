from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...models.cadence.customer_insight import LEARNED
from ...models.profile.customer_insight import KINDS, THREATS


class CustomerFollowupLog(models.TransientModel):
    """Log a contact: what was said, and the next step (CAD-5)."""

    _name = 'customer.followup.log'
    _inherit = ['customer.log']
    _description = "Log a Contact"
    _with = 'partner_id'

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", required=True)
    followup_id = fields.Many2one(
        domain="[('partner_id', '=', partner_id), ('state', '=', 'planned')]",
        help="The agreed next step that this contact is. Empty: only what the cadence planned is looked at.")
    has_promises = fields.Boolean(compute='_compute_has_promises')
    contact_id = fields.Many2one(
        comodel_name='res.partner', string="With", compute='_compute_contact_id', store=True, precompute=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', partner_id)]")
    outcome = fields.Selection(string="The customer")
    share_user_ids = fields.Many2many(
        comodel_name='res.users', string="Share with", domain=[('share', '=', False)],
        help="Colleagues who get these notes as a message: product, technical support, …")
    # what was learned
    insight_kind = fields.Selection(
        selection=KINDS, string="Learned", compute='_compute_insight_kind', store=True, readonly=False, precompute=True,
        help="What was said is kept among the insights about the customer, and counts there until it is settled.")
    competitor_id = fields.Many2one(comodel_name='customer.competitor', string="Which Competitor")
    competitor_offers = fields.Char(string="What they offer")
    competitor_threat = fields.Selection(selection=THREATS, string="Threat")
    # nobody answers
    reason_id = fields.Many2one(compute='_compute_reason_id', store=True, readonly=False)
    attempts = fields.Integer(compute='_compute_attempts', help="How often in a row nobody answered, this time included.")
    approach_ids = fields.Many2many(comodel_name='customer.approach', compute='_compute_approach_ids')
    approach_id = fields.Many2one(
        comodel_name='customer.approach', string="Next time", compute='_compute_approach_id', store=True, readonly=False,
        domain="[('id', 'in', approach_ids)]", help="None: what is planned stays planned.")
    approach_change = fields.Selection(related='approach_id.change')
    approach_channel_id = fields.Many2one(
        comodel_name='customer.channel', string="Then on", compute='_compute_approach', store=True, readonly=False)
    approach_contact_id = fields.Many2one(
        comodel_name='res.partner', string="Then with", compute='_compute_approach', store=True, readonly=False,
        domain="[('commercial_partner_id', '=', partner_id)]")
    approach_date = fields.Date(string="New Day", compute='_compute_approach', store=True, readonly=False)
    approach_text = fields.Char(string="What is to be done", compute='_compute_approach', store=True, readonly=False)
    meeting_id = fields.Many2one(comodel_name='calendar.event', help="The meeting of which this is the record.")
    notice = fields.Char(readonly=True, help="Why the dialog is open once more.")
    # what helps to talk
    phone = fields.Char(compute='_compute_phone')
    phone_of = fields.Char(compute='_compute_phone')
    service = fields.Html(related='partner_id.customer_demand_service')
    good_to_know = fields.Html(compute='_compute_good_to_know')

    @api.depends('partner_id')
    def _compute_has_promises(self):
        for wizard in self:
            wizard.has_promises = bool(self.env['customer.followup'].search_count(
                [('partner_id', '=', wizard.partner_id.id), ('state', '=', 'planned'), ('step_id', '=', False)], limit=1))

    def _usual_channel(self):
        return self.partner_id.customer_last_followup_id.channel_id

    @api.depends('partner_id', 'followup_id')
    def _compute_contact_id(self):
        for wizard in self:
            followup = wizard.followup_id or wizard._next_touchpoint()
            wizard.contact_id = wizard.contact_id or wizard._propose_person(
                followup.contact_id or wizard.partner_id.customer_last_followup_id.contact_id)

    def _propose_person(self, chosen):
        """Return the person who was probably spoken to: who was meant, if still there, else who was asked last.

        :param chosen: who was meant, if anybody
        """
        customer = self.partner_id._origin
        return customer and (customer._customer_recipients(chosen=chosen) - customer)[:1]

    def _next_touchpoint(self):
        """Return the next follow-up of the cadence: what was agreed for later is not what is done now."""
        self.ensure_one()
        following = self.partner_id.customer_next_followup_id
        if not following or following.step_id:
            return following
        return self.env['customer.followup'].search(
            [('partner_id', '=', self.partner_id.id), ('state', '=', 'planned'), ('step_id', '!=', False)],
            order='date_planned, id', limit=1)

    @api.depends('partner_id')
    def _compute_good_to_know(self):
        for wizard in self:
            wizard.good_to_know = self.env['ir.qweb']._render(
                'customer_success.followup_good_to_know', wizard._prepare_good_to_know(), raise_if_not_found=False)

    def _prepare_good_to_know(self):
        """Return what the panel beside the dialog shows; the place where other wings add what helps to talk."""
        self.ensure_one()
        promises = self.env['customer.followup'].search(
            Domain('partner_id', '=', self.partner_id.id) & Domain('state', '=', 'planned')
            & Domain('anchor_kind', '=', 'promise'), order='date_planned, id', limit=3)
        return {'partner': self.partner_id, 'last': self.partner_id.customer_last_followup_id, 'promises': promises}

    @api.depends('partner_id', 'contact_id')
    def _compute_phone(self):
        """The number to tap: of the person, else of the customer; none where nobody is to be contacted."""
        for wizard in self:
            customer, person = wizard.partner_id, wizard.contact_id
            stopped = customer and customer._customer_stops(fields.Date.context_today(wizard))
            stopped = stopped or person.sudo().customer_do_not_contact  # for everybody to know
            wizard.phone = not stopped and (person.phone or customer.phone)
            wizard.phone_of = wizard.phone and (person if person.phone else customer).name

    @api.depends('outcome')
    def _compute_insight_kind(self):
        """A need and a problem are learned; whoever knows better says so."""
        for wizard in self:
            if wizard.outcome in LEARNED or wizard.outcome == 'no_answer':
                wizard.insight_kind = LEARNED.get(wizard.outcome)
            else:
                wizard.insight_kind = wizard.insight_kind if wizard.insight_kind in ('competitor', 'market') else False

    # ------------------------------------------------------------
    # NOBODY ANSWERS
    # ------------------------------------------------------------

    @api.depends('outcome')
    def _compute_reason_id(self):
        """That nobody was there is the usual reason; whoever knows better says so."""
        usual = self.env.ref('customer_success.customer_reason_unreachable', raise_if_not_found=False)
        for wizard in self:
            if wizard.outcome != 'no_answer':
                wizard.reason_id = False
            elif not wizard.reason_id:
                wizard.reason_id = usual if usual and usual.active else False

    @api.depends('partner_id', 'outcome')
    def _compute_attempts(self):
        for wizard in self:
            asked = wizard.partner_id and wizard.outcome == 'no_answer'
            wizard.attempts = asked and 1 + len(wizard._attempts())

    def _attempts(self):
        """Return the attempts since somebody was reached."""
        return self.env['customer.followup.attempts']._in_a_row(self.partner_id._origin)

    @api.depends('reason_id', 'attempts')
    def _compute_approach_ids(self):
        for wizard in self:
            wizard.approach_ids = wizard.outcome == 'no_answer' and self.env['customer.approach']._proposals(
                wizard.reason_id._origin, wizard.attempts)

    @api.depends('approach_ids')
    def _compute_approach_id(self):
        """What was chosen goes with what is proposed; nothing is changed that nobody chose."""
        for wizard in self:
            if wizard.approach_id not in wizard.approach_ids._origin:
                wizard.approach_id = False

    @api.depends('approach_id')
    def _compute_approach(self):
        for wizard in self:
            approach, customer = wizard.approach_id, wizard.partner_id._origin
            if not approach or not customer:
                wizard.approach_channel_id = wizard.approach_contact_id = wizard.approach_date = wizard.approach_text = False
                continue
            tried, contact = wizard._attempts(), wizard.contact_id._origin
            channel = approach._channel_for(wizard.channel_id, tried.channel_id)
            wizard.approach_channel_id = channel
            wizard.approach_contact_id = approach._person_for(customer, channel, contact, tried.contact_id)
            wizard.approach_date = approach._day_for(wizard.followup_id or wizard._next_touchpoint())
            wizard.approach_text = approach.text

    @api.model
    def _effect_triggers(self):
        return [*super()._effect_triggers(), 'approach_id', 'approach_channel_id', 'approach_contact_id', 'approach_date']

    def _contact_record(self, day):
        return self.env['customer.contact.logger']._contact_record(self.partner_id, self.channel_id, day, self.followup_id)

    def _describe_unanswered(self):
        if not self.approach_id:
            return super()._describe_unanswered()
        if self.approach_change == 'stop':
            return self.env._("Kept as an attempt. Then you are asked for how long the customer is left alone.")
        values = {'channel': self.approach_channel_id.name, 'person': self.approach_contact_id.name,
                  'day': self.env['customer.contact.reader']._short_day(self.approach_date) if self.approach_date else ''}
        if self.approach_contact_id:
            return self.env._("Kept as an attempt. The next one: %(channel)s with %(person)s on %(day)s.", **values)
        return self.env._("Kept as an attempt. The next one: %(channel)s on %(day)s.", **values)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_done(self):
        """Record the contact, and say what comes next.

        :return: an action: what would be lost by a refusal is in the dialog that it opens
        :rtype: dict
        """
        if instead := self._instead():
            return instead
        self._log()
        coming = self.env['customer.contact.reader']._describe_coming(self.partner_id)
        return self._say(coming, self._stop() or {'type': 'ir.actions.act_window_close'})

    def action_done_next(self):
        """Record the contact, and open the dialog for the next customer who is due.

        :return: as :meth:`action_done`
        :rtype: dict
        """
        if instead := self._instead():
            return instead
        self._log()
        if stop := self._stop():
            return self._say(self.env['customer.contact.reader']._describe_coming(self.partner_id), stop)
        followup = self.env['customer.followup'].search(
            Domain('state', '=', 'planned') & Domain('user_id', '=', self.env.uid)
            & Domain('date_planned', '<=', fields.Date.context_today(self))
            & Domain('partner_id', '!=', self.partner_id.id), order='date_planned, id', limit=1)
        coming = self.env['customer.contact.reader']._describe_coming(self.partner_id)
        if followup:
            return self._say(coming, followup.action_log())
        return self._say(
            self.env._("%(coming)s. Nobody else is due today.", coming=coming),
            {'type': 'ir.actions.act_window_close'})

    def _stop(self):
        """Return the dialog that pauses the customer or ends the contacts, to be confirmed there; None where nobody chose so."""
        if self.outcome != 'no_answer' or self.approach_change != 'stop':
            return None
        days, kind = self.approach_id.days, 'pause' if self.approach_id.days else 'stop'
        fits = self.reason_id.for_pause if days else self.reason_id.for_no_contact
        action = self.partner_id.action_customer_pause()
        action['context'] |= {
            'default_kind': kind, 'default_reason_id': self.reason_id.id if fits else False,
            'default_date_to': days and fields.Date.to_string(fields.Date.add(fields.Date.context_today(self), days=days)),
            'default_note': self.env._("Nobody answered, attempt number %(count)s", count=len(self._attempts()))}
        action['views'] = [(False, 'form')]  # also called past the button that would add them
        return action

    def _instead(self):
        """Return what is opened where the contact can't be recorded as it is: what was typed stays.

        Meanwhile the customer may have been given to somebody else, or a colleague may have closed the follow-up.

        :return: an action, or nothing where it can be recorded
        """
        self._customer_one()
        partner, followup = self.partner_id, self.followup_id.sudo()  # may have become a colleague's
        if not partner._filtered_worked_with():
            return partner._action_tell(self._typed())
        if followup and followup.state != 'planned':
            self.write({'followup_id': False, 'notice': self.env._(
                "%(what)s was closed meanwhile. What you typed is still here; Done keeps it as a contact of its own.",
                what=followup.name or followup.step_id.name or followup.channel_id.name)})
            return {
                'type': 'ir.actions.act_window',
                'name': self.env._("Log a contact: %(customer)s", customer=partner.name),
                'res_model': self._name,
                'res_id': self.id,
                'views': [(False, 'form')],
                'target': 'new',
            }
        return None

    def _typed(self):
        """Return what a person typed into this dialog, in lines."""
        next_step = self.next_step and self.next_date and self.env._(
            "%(what)s on %(day)s", what=self.next_step, day=self.env['customer.contact.reader']._short_day(self.next_date))
        return "\n".join(filter(None, (self.feedback, self.issue_progress, next_step or self.next_step)))

    def _log(self):
        self.ensure_one()
        return self.partner_id._log_contact(**self._prepare_contact_values())

    def _prepare_approach_values(self):
        """Return what to do otherwise next time, the arguments of ``customer.followup.attempts._change_approach``; None where
        nothing."""
        if self.outcome != 'no_answer' or not self.approach_id:
            return None
        return {
            'approach': self.approach_id, 'channel': self.approach_channel_id or self.channel_id,
            'contact': self.approach_contact_id, 'text': self.approach_text,
            'day': self.approach_date or fields.Date.context_today(self)}

    def _prepare_contact_values(self):
        """Return the arguments for ``res.partner._log_contact``."""
        return {
            **super()._prepare_contact_values(),
            'contact': self.contact_id,
            'share_with': self.share_user_ids,
            'meeting': self.meeting_id,
            'approach': self._prepare_approach_values(),
            'insight': self._prepare_insight_values(),
        }

    def _prepare_insight_values(self):
        """Return the values of what was learned, False for nothing; see ``res.partner._log_contact``."""
        said = (self.feedback or '').strip()
        if not self.insight_kind or self.outcome == 'no_answer' or not said and self.insight_kind != 'competitor':
            return False
        values = {'kind': self.insight_kind}
        if self.insight_kind == 'competitor':
            if not self.competitor_id:
                raise ValidationError(self.env._("Please say which competitor it is, or choose something else as learned."))
            values |= {'competitor_id': self.competitor_id.id, 'offers': self.competitor_offers, 'threat': self.competitor_threat}
        return values
