from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: What can be done otherwise when nobody answers.
CHANGES = [
    ('channel', "Another channel"),
    ('person', "Another person"),
    ('time', "Another time"),
    ('case', "A case study"),
    ('threshold', "A lower threshold"),
    ('stop', "Stop"),
]

#: So many changes are proposed at a time.
PROPOSED = 4


class CustomerApproach(models.Model):
    """What is proposed when nobody answers: for which reason, and from which attempt in a row on (CAD-7).

    The first ones that fit are proposed, of each kind of change one.
    """

    _name = 'customer.approach'
    _description = "Change of Approach"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', string="When the Reason Is", index='btree_not_null', ondelete='restrict',
        domain=[('for_no_answer', '=', True)], help="Empty: whatever the reason is.")
    attempts_from = fields.Integer(
        string="From Attempt", default=1, required=True, aggregator=None,
        help="So many attempts in a row nobody answered, this one included.")
    attempts_to = fields.Integer(
        string="Up to Attempt", default=0, aggregator=None, help="0: no matter how many more there are.")
    change = fields.Selection(selection=CHANGES, string="What Changes", required=True, default='channel')
    channel_id = fields.Many2one(
        comodel_name='customer.channel', string="To the Channel", index='btree_not_null', ondelete='restrict',
        help="Empty: the first channel to talk on that was not tried since somebody was reached.")
    days = fields.Integer(
        string="In So Many Days", default=2, aggregator=None,
        help="When the next attempt is made, on a day that suits; for a stop, how long the pause is. A stop of 0 days is for "
             "good.")
    text = fields.Char(
        string="What Is to Be Done", translate=True, help="It stands on the next follow-up. Empty: what stands there stays.")
    mail_template_id = fields.Many2one(
        comodel_name='mail.template', string="Email Template", ondelete='set null',
        domain=[('model', '=', 'res.partner')], help="With it the next email is written.")

    _attempts = models.Constraint(
        'CHECK (attempts_from >= 1 AND (attempts_to = 0 OR attempts_to >= attempts_from))',
        "A change is proposed from the first attempt on at the earliest, and up to a later one or 0 for no end.")
    _days = models.Constraint('CHECK (days >= 0)', "The days can't be negative.")

    @api.constrains('change', 'text', 'mail_template_id')
    def _check_text(self):
        for approach in self:
            if approach.change in ('case', 'threshold') and not approach.text and not approach.mail_template_id:
                raise ValidationError(self.env._(
                    "Please say what is to be done by “%(approach)s”, or choose a template.", approach=approach.name))

    @api.model
    def _proposals(self, reason, attempts):
        """Return what is proposed for a reason at an attempt: the first of each kind of change.

        :param reason: customer.followup.reason, may be empty
        :param int attempts: how often in a row nobody answered, this time included
        """
        fitting = self.search(
            Domain('reason_id', 'in', [reason.id, False]) & Domain('attempts_from', '<=', attempts)
            & (Domain('attempts_to', '=', 0) | Domain('attempts_to', '>=', attempts)))
        # what is meant for the reason comes before what is for all
        fitting = fitting.sorted(lambda approach: not approach.reason_id)
        kinds = {}
        for approach in fitting:
            kinds.setdefault(approach.change, approach)
        return self.concat(*list(kinds.values())[:PROPOSED])

    def _channel_for(self, usual, tried):
        """Return the channel to try next.

        :param usual: customer.channel that was tried now
        :param tried: customer.channel of all attempts since somebody was reached
        """
        if self.change != 'channel':
            return usual
        if self.channel_id:
            return self.channel_id
        channels = self.env['customer.channel'].search([('medium', 'in', ('phone', 'meeting', 'email', 'sms', 'other'))])
        fresh = channels.filtered(lambda channel: channel not in usual + tried)
        return fresh[:1] or (channels - usual)[:1] or usual

    def _person_for(self, partner, channel, contact, tried):
        """Return the person to try next.

        :param partner: the customer
        :param channel: customer.channel on which it will be
        :param contact: res.partner that was tried now
        :param tried: res.partner of all attempts since somebody was reached
        """
        medium = channel.medium if channel.medium in ('email', 'sms') else None
        people = partner._customer_recipients(medium) - partner
        if self.change == 'person':
            others = people - contact
            return (others - tried)[:1] or others[:1] or contact
        return contact if contact in people else people[:1] or contact

    def _day_for(self, followup):
        """Return the day of the next attempt, one that suits.

        :param followup: customer.followup that is made then, may be empty
        """
        day = fields.Date.add(fields.Date.context_today(self), days=self.days)
        if not followup:
            return day
        last = day + timedelta(days=31)
        unsuitable = followup._unsuitable_days(day, last)
        while day < last and unsuitable(day):
            day += timedelta(days=1)
        return day
