from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_domain_extract, format_date, html2plaintext

from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS as PUBLIC

from ...engine.delivery import without_quotes

#: So much of an answer stands on the follow-up; all of it stands in the messages below.
EXCERPT = 500


class CustomerSent(models.AbstractModel):
    """The part of a follow-up that leaves by itself: why it waits or was left to a person, and what the customer answered
    (CAD-10)."""

    _name = 'customer.sent'
    _description = "What Leaves by Itself"

    mail_id = fields.Many2one(
        comodel_name='mail.mail', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        help="The email in Odoo's queue, as long as it is kept.")
    sent_message_id = fields.Many2one(
        comodel_name='mail.message', string="Message Sent", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')
    send_error = fields.Char(string="Not Sent Because", readonly=True, copy=False)
    send_problem = fields.Selection(
        selection=[
            ('nobody', "Nobody may be written to"), ('text', "The text could not be made"),
            ('failed', "It did not arrive"), ('answered', "The customer has answered"), ('stopped', "Stopped in the queue"),
        ], string="Left to People Because", readonly=True, copy=False,
        help="It would have left by itself, and a person does it instead.")
    send_tries = fields.Integer(
        string="Sent in Vain", readonly=True, copy=False, help="How often it was sent and did not arrive.")
    retry_at = fields.Datetime(string="Sent Again From", readonly=True, copy=False)
    answered_at = fields.Datetime(
        string="Answered On", readonly=True, copy=False, help="When the customer answered to what we sent.")
    send_wait = fields.Selection(
        selection='_selection_send_wait', string="Waits Because", compute='_compute_send_wait', search='_search_send_wait',
        help="It leaves by itself as soon as this is over.")
    send_note = fields.Char(string="What Becomes of It", compute='_compute_send_wait')

    @api.model
    def _selection_send_wait(self):
        return [(key, text) for key, (text, __) in self.env['customer.sender']._waits().items()]

    @api.depends('state', 'automatic', 'send_error', 'retry_at', 'date_planned', 'partner_id', 'channel_id', 'step_id')
    @api.depends_context('lang')
    def _compute_send_wait(self):
        """What waits for nothing in particular leaves in the next office hour of its customer's."""
        waits = self.env['customer.sender']._waits()
        left = self.filtered(lambda followup: (
            followup.state == 'planned' and followup.automatic and not followup.send_error
            and followup.channel_id == followup.step_id.channel_id))
        for followup in self:
            followup.send_wait = followup.send_note = False
        # the first reason counts
        for key, (text, domain) in waits.items():
            for followup in left.filtered_domain(domain):
                followup.send_wait, followup.send_note = key, followup._say_wait(key, text)
                left -= followup
        for followup in left:
            followup.send_note = followup.env._(
                "Leaves by itself from %(day)s on, in the customer's office hours.",
                day=format_date(followup.env, followup.date_planned)) if followup.date_planned else False

    def _search_send_wait(self, operator, value):
        if operator != 'in':
            return NotImplemented
        open_ones = Domain([('state', '=', 'planned'), ('step_id.automatic', '=', True), ('send_error', '=', False)]) & (
            self.env['customer.sender']._channel_domain('='))
        waits, before, found = self.env['customer.sender']._waits(), Domain.FALSE, Domain.FALSE
        for key, (__, domain) in waits.items():
            if key in value:
                found |= domain & ~before
            before |= domain
        if False in value:
            return (open_ones & found) | ~open_ones | ~before
        return open_ones & found

    def _say_wait(self, key, text):
        """Return why this follow-up waits, in a sentence.

        :param str key: see ``customer.sender._waits``
        :param str text: the reason in short
        """
        if key == 'retry':
            return self.env._(
                "It did not arrive, and is sent again from %(day)s on. Sent in vain so far: %(count)s.",
                day=format_date(self.env, self.retry_at), count=self.send_tries)
        return self.env._("Waits: %(reason)s.", reason=text)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_send_by_itself(self):
        """Let what was left to people leave by itself again, after they set right what was in the way."""
        self._check_open()
        if wrong := self.filtered(lambda followup: not followup.automatic):
            raise UserError(self.env._(
                "%(followup)s is not of a touchpoint that is sent by itself. Log the contact when you have made it.",
                followup=wrong[0].display_name))
        self.sudo().write({  # columns of the planner, for those who may write the follow-up
            'send_error': False, 'send_problem': False, 'retry_at': False, 'send_tries': 0})
        self.env['customer.reminder'].sudo()._follow_plan(self.ids)  # activities of other users too
        return True

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        """What the customer answers to a message that left by itself is a contact; what a machine answers is none."""
        result = super().message_update(msg_dict, update_vals=update_vals)
        if not self.env.context.get('customer_by_itself'):
            for followup in self.sudo():  # the gateway is nobody who works with the customer
                if followup._is_answer(msg_dict):
                    followup._take_answer(html2plaintext(msg_dict.get('body') or ''), msg_dict.get('author_id'))
        return result

    def _is_answer(self, msg_dict):
        """Return whether an email is the customer's answer to what was sent for this follow-up: from somebody of the customer,
        or from an unknown address of the same domain, unless that belongs to everybody."""
        self.ensure_one()
        if self.state != 'done' or not self.sent_message_id:
            return False
        author = self.env['res.partner'].browse(msg_dict.get('author_id') or ())
        if author:
            return author.commercial_partner_id == self.partner_id
        domain = email_domain_extract(msg_dict.get('email_from') or '')
        own = {email_domain_extract(person.email_normalized or '') for person in self.contact_id | self.partner_id}
        return bool(domain) and domain in own and domain not in PUBLIC

    def _take_answer(self, text, author_id=False):
        """Note what the customer answered, and leave the next message of this touchpoint to a person.

        :param str text: of the answer
        :param author_id: id of who wrote it, if known
        """
        self.ensure_one()
        now, said = fields.Datetime.now(), without_quotes(text, EXCERPT)
        says = self.with_context(lang=self.user_id.lang or self.env.lang)
        feedback = says.env._("Answered: %(text)s", text=said) if said else says.env._("Answered, without words.")
        vals = {
            'answered_at': self.answered_at or now, 'outcome': self.outcome if self.qualifies and self.outcome else 'neutral',
            'feedback': '\n'.join(filter(None, (self.feedback, feedback)))}
        if author_id and author_id != self.partner_id.id:
            vals['contact_id'] = author_id
        if not self.qualifies:
            vals.update(qualifies=True, send_error=False, send_problem=False)  # it did arrive
        self.write(vals)
        self.env['customer.planner']._plan(self.partner_id.ids)
        coming = self.env['customer.delivery']._coming(self)[self]
        self.env['customer.sender']._leave_to_people(coming, 'answered', lambda own: own.env._(
            "The customer answered to the last message on %(day)s.", day=format_date(own.env, now)))
        if self.user_id.active:
            # whoever looks after the customer reads the answer
            self.message_subscribe(partner_ids=self.user_id.partner_id.ids)
