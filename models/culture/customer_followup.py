from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...engine.suitability import GOOD
from ..platform.counted import days


class CustomerFollowup(models.Model):
    _inherit = 'customer.followup'

    move_kind = fields.Selection(
        selection_add=[('customer_day', "Not a working day at the customer's"), ('culture', "Does not suit the culture")],
        ondelete={'customer_day': 'set default', 'culture': 'set default'})
    move_period_id = fields.Many2one(
        comodel_name='customer.culture.period', string="Moved By", readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    move_holiday_id = fields.Many2one(
        comodel_name='customer.holiday', string="Moved By Holiday", readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    switched = fields.Boolean(
        string="Fallback Channel", readonly=True, copy=False,
        help="The channel of the touchpoint does not suit the day, so its fallback channel was taken.")
    unfit = fields.Boolean(
        string="Does Not Suit", readonly=True, copy=False,
        help="No day up to the latest one suits, so the follow-up stays where it is.")
    culture_id = fields.Many2one(related='partner_id.customer_culture_id')
    anchor_kind = fields.Selection(selection_add=[('occasion', "occasion")], ondelete={'occasion': 'set null'})
    may_tell = fields.Boolean(
        string="May Be Told", copy=False,
        help="What was said may stand in a greeting as it is. Otherwise it is for whoever writes the greeting.")
    # the greeting it is for
    greeting_id = fields.Many2one(
        comodel_name='customer.greeting', readonly=True, copy=False, ondelete='set null', index='btree_not_null')
    greeting_kind_id = fields.Many2one(related='greeting_id.kind_id', string="Occasion")
    greeting_icon = fields.Char(related='greeting_id.kind_id.icon', string="Occasion Icon")
    greeting_date = fields.Date(related='greeting_id.date', string="Occasion On")
    greeting_state = fields.Selection(related='greeting_id.state', string="Greeting State")
    greeting_hint = fields.Char(related='greeting_id.hint', related_sudo=False)
    greeting_aside = fields.Text(related='greeting_id.aside', related_sudo=False, string="For Your Eyes")
    greeting_by_email = fields.Boolean(
        compute='_compute_greeting_by_email', help="The person may be written an email, whatever channel is planned.")
    greeting_subject = fields.Char(related='greeting_id.subject', readonly=False, string="Greeting Subject")
    greeting_draft = fields.Text(
        related='greeting_id.draft', readonly=False, string="Greeting Text",
        help="What you write or say. It is kept with the greeting.")

    _greeting_uniq = models.UniqueIndex(
        "(greeting_id) WHERE greeting_id IS NOT NULL AND state = 'planned'", "This greeting has its follow-up already.")

    # for whoever opens a follow-up, never in lists: each customer's calendar is read
    advice_html = fields.Html(string="Good to Know", compute='_compute_advice', sanitize=False)  # made by the server
    advice_warning = fields.Html(compute='_compute_advice', sanitize=False)  # as above
    better_day = fields.Date(compute='_compute_advice')

    @api.depends('partner_id', 'channel_id', 'date_planned', 'state', 'unfit', 'step_id', 'user_id')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_advice(self):
        service = self.env['customer.advice']
        for followup in self:
            customer = followup.partner_id.commercial_partner_id
            followup.advice_html = followup.advice_warning = followup.better_day = False
            if not customer or followup.state != 'planned':
                continue
            # what is overdue is done today at the earliest
            day = max(followup.date_planned or date.min, customer._customer_now().date())
            advice = customer._customer_advice(
                day, followup.channel_id, planned=bool(followup._origin), user=followup.user_id or None,
                # which cadence applies is no secret
                fallback=followup.step_id.sudo().fallback_channel_id)
            notes = [self.env._("It stays on this day, because waiting would pass the latest one.")] if followup.unfit else ()
            followup.advice_html = service._card(customer, advice)
            followup.advice_warning = service._alert(advice, notes)
            followup.better_day = advice['better_day']

    @api.depends('move_period_id', 'move_holiday_id', 'switched', 'unfit', 'channel_id')
    def _compute_move_note(self):
        return super()._compute_move_note()

    def _describe_move(self):
        """Add what the customer's calendar and culture had to say."""
        notes = super()._describe_move()
        raw = format_date(self.env, self.date_raw)
        # what a follow-up was moved by is no secret, whoever keeps the calendars
        period, holiday = self.move_period_id.sudo(), self.move_holiday_id.sudo()
        why = period.festival_id.name or holiday.name or (
            self.env._("not a working day at the customer's") if self.move_kind == 'customer_day' else '')
        if not why:
            return notes
        if self.unfit:
            notes.append(self.env._(
                "%(why)s: no day up to the latest one suits, so it stays", why=why))
        elif self.switched:
            notes.append(self.env._(
                "%(channel)s instead of %(planned)s: %(why)s", channel=self.channel_id.name,
                planned=self.step_id.channel_id.name, why=why))
        else:
            notes.append(self.env._("moved from %(day)s: %(why)s", day=raw, why=why))
        return notes

    # ------------------------------------------------------------
    # GREETINGS
    # ------------------------------------------------------------

    @api.model
    def _open_to_people(self):
        return super()._open_to_people() | {'greeting_draft', 'greeting_subject', 'may_tell'}

    @api.depends('greeting_id', 'state', 'partner_id', 'contact_id.email')
    def _compute_greeting_by_email(self):
        open_ones = self.filtered(lambda followup: followup.greeting_id and followup.state == 'planned')
        pairs = {followup: (followup.greeting_id.sudo()._person().id, followup.partner_id.id)  # who is greeted is no secret
                 for followup in open_ones}
        refused = self.env['customer.addressee']._refused(pairs.values(), 'email', chosen=True)
        for followup in self:
            followup.greeting_by_email = followup in open_ones and pairs[followup][0] not in refused

    @api.model
    def _complete_open_values(self, vals):
        """A greeting is due because of its occasion; nobody agreed on it."""
        result = super()._complete_open_values(vals)
        if vals.get('greeting_id') and vals.get('state', 'planned') == 'planned':
            vals['anchor_kind'] = 'occasion'
        return result

    def write(self, vals):
        """A greeting follows what becomes of its follow-up."""
        result = super().write(vals)
        if vals.get('state') in ('done', 'skipped', 'cancelled'):
            for followup in self.sudo().filtered('greeting_id'):  # people write the text of a greeting, nothing else
                followup.greeting_id._close_with(followup.state, followup.channel_id.medium)
        return result

    def action_write_email(self):
        """For a greeting, open the composer with its text."""
        action = super().action_write_email()
        if self.greeting_id:
            action['name'] = self.display_name
            action['context'] = {
                **action['context'],
                'default_template_id': False,
                'default_customer_greeting_id': self.greeting_id.id,
                'default_subject': self.greeting_subject,
                'default_body': self.greeting_id._draft_html(),
            }
        return action

    def _email_recipient(self):
        """A greeting is for its person, and for nobody else."""
        if not self.greeting_id:
            return super()._email_recipient()
        addressee, person = self.env['customer.addressee'], self.greeting_id._person()
        why_not = addressee._refused([(person.id, self.partner_id.id)], 'email', chosen=True).get(person.id)
        if why_not and why_not != 'no_address':  # that the composer asks for
            raise UserError(addressee._describe_refused(self.partner_id, 'email', [(person, why_not)]))
        return person

    def action_greeting_redraft(self):
        """Write the draft of this greeting anew, with what is known now."""
        self.greeting_id.action_redraft()
        return True

    # ------------------------------------------------------------
    # PUT OFF
    # ------------------------------------------------------------

    def _unsuitable_days(self, first, last):
        """Add the days on which the customer is closed or its culture speaks against the channel, and those that come too
        soon for a visit: what the dialog warns of."""
        by_person, advice = super()._unsuitable_days(first, last), self.env['customer.advice']
        if not self.partner_id:
            return by_person
        look = advice._look(self.partner_id.commercial_partner_id, last, self.channel_id)

        def unsuitable(day):
            if why := by_person(day):
                return why
            verdict = look.side.verdict(day, self.channel_id.id)
            if verdict.fit != GOOD:
                return advice._cause_name(look, verdict) or self.env._("not a working day at the customer's")
            return '' if advice._in_time(look, self.channel_id, day) else self.env._(
                "a visit is announced %(days)s ahead", days=days(self.env, advice._notice_days(look.culture)))

        return unsuitable
