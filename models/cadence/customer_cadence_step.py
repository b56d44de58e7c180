from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.customer_responsibility import ROLES
from ..platform.counted import days, hours, minutes
from ..platform.local_text import listed

#: In the context while a cadence is copied; nobody outside has it.
COPIED = object()

#: How a delay is told, by its unit.
TOLD = {'minute': minutes, 'hour': hours, 'day': days}
#: A wait of more minutes than this plans nothing useful: ten years.
LONGEST = 10 * 366 * 24 * 60
MINUTES = {'minute': 1, 'hour': 60, 'day': 24 * 60}


class CustomerCadenceStep(models.Model):
    """One touchpoint of a cadence: what is done, how often, by whom (CAD-1)."""

    _name = 'customer.cadence.step'
    _inherit = ['customer.cached']
    _description = "Cadence Touchpoint"
    _order = 'cadence_id, sequence, id'

    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='cadence_id.company_id')
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="Purpose", required=True, translate=True, help="What this touch is for.")
    kind = fields.Selection(
        selection=[('recurring', "Recurring"), ('event', "Once after an event")],
        default='recurring',
        required=True,
    )
    # channels
    channel_id = fields.Many2one(
        comodel_name='customer.channel', required=True, ondelete='restrict', index=True)
    alternative_channel_ids = fields.Many2many(
        comodel_name='customer.channel',
        relation='customer_cadence_step_alternative',
        string="Or",
        help="A contact on one of these does as well.",
    )
    fallback_channel_id = fields.Many2one(
        comodel_name='customer.channel',
        ondelete='restrict',
        help="Taken for customers who opted out of the channel; without one, they are left alone. Also taken where the "
             "channel does not suit the day, if the touchpoint says so.",
    )
    # rhythm
    interval_count = fields.Integer(string="Every", default=1, help="The ideal time from contact to contact.")
    interval_unit = fields.Selection(
        selection=[('day', "days"), ('week', "weeks"), ('month', "months"), ('year', "years")],
        string="Unit",
        default='month',
        required=True,
    )
    event = fields.Selection(
        selection=[
            ('managed', "Becomes a customer"),
            ('order', "Orders"),
            ('tier', "Changes its tier"),
            ('signing', "Signs: an order is confirmed or a lead won"),
            ('handover', "Gets another account manager"),
            ('first_order', "Orders for the first time"),
            ('contact_left', "Loses a contact person, or one takes another position"),
            ('step', "Another touchpoint is over"),
        ],
        help="The touch is planned so long after this happened, once each time. What is taken back has not happened: its open "
             "follow-up is withdrawn.",
    )
    delay_count = fields.Integer(
        string="Wait", default=3, help="So long after the event the touch is due. Nothing is sent before.")
    delay_unit = fields.Selection(
        selection=[('minute', "minutes"), ('hour', "hours"), ('day', "days")],
        string="Wait In", default='day', required=True,
        help="Hours and minutes count from the moment of the event; of an event that is known by its day alone, from the "
             "beginning of that day.")
    delay_days = fields.Integer(
        string="Wait (days)", compute='_compute_delay_days', readonly=False,
        help="The wait in whole days, as files and programs of earlier versions write it.")
    delay_clock = fields.Selection(
        selection=[('wall', "All the time"), ('work', "Working time only")],
        string="Time That Counts", default='wall', required=True,
        help="Working time: by the working hours of the responsible person, else those of the company, public holidays taken "
             "out. Where it is counted all the time, a touch on a day that does not suit still moves to one that does.")
    after_step_id = fields.Many2one(
        comodel_name='customer.cadence.step', string="After Which Touchpoint", index='btree_not_null', ondelete='cascade',
        domain="[('cadence_id', '=', cadence_id), ('kind', '=', 'event'), ('id', '!=', id)]",
        help="The touch waits until that one is done or skipped.")
    wait_days = fields.Integer(
        string="Wait at Most (days)", default=7,
        help="So many days after the latest day of the other touchpoint this one waits no longer for it.")
    on_wait = fields.Selection(
        selection=[('start', "Starts all the same"), ('drop', "Is left out")],
        string="If the Other Is Not Done", default='start', required=True)
    on_timeout = fields.Selection(
        selection=[
            ('escalate', "The team leader hears of it"), ('give', "It is given to somebody"), ('cancel', "It is cancelled")],
        string="If Nobody Does It", default='escalate', required=True,
        help="What becomes of a touch after an event that nobody made by its latest day. No touch hangs for ever.")
    timeout_user_id = fields.Many2one(
        comodel_name='res.users', string="Given To", index='btree_not_null', ondelete='restrict',
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Who gets it then. Is that one not there, the team leader hears of it.")
    date_start = fields.Date(
        string="In Force Since",
        default=fields.Date.context_today,
        required=True,
        help="Events before this day plan nothing, and nobody is overdue for the time before it.",
    )
    grace_days = fields.Integer(
        string="Overdue After (days)",
        default=7,
        help="So many days after the due date is the latest: the maximum interval. From then on the follow-up is overdue.",
    )
    remind_days = fields.Integer(
        string="Remind Before (days)", default=2, help="So many days ahead the responsible person gets an activity.")
    escalation_days = fields.Integer(
        string="Escalate After (days)",
        default=7,
        help="Overdue for so many days, the follow-up goes to the team leader, once. 0: never.",
    )
    # who and what
    role = fields.Selection(
        selection=ROLES,
        string="Done By",
        default='manager',
        required=True,
        help="Account manager: the customer's salesperson. The others stand on the sales team; where a team has none, "
             "the team leader or the account manager does it.",
    )
    mail_template_id = fields.Many2one(
        comodel_name='mail.template',
        string="Message Template",
        domain=[('model', 'in', ('res.partner', 'customer.followup'))],
        ondelete='set null',
        help="Offered when the message to the customer is written, and sent where the touchpoint is sent by itself. A template "
             "for follow-ups can name the person it goes to.",
    )
    sms_template_id = fields.Many2one(
        comodel_name='sms.template',
        string="Text Message Template",
        domain=[('model', 'in', ('res.partner', 'customer.followup'))],
        ondelete='set null',
        help="Sent where the touchpoint is a text message that is sent by itself.",
    )
    automatic = fields.Boolean(
        string="Sent by Itself",
        help="The message is sent by itself on its day, made of the template, to the person last spoken to, during the "
             "customer's office hours. What can't be sent is left to the responsible person. Off: somebody does it by hand.",
    )
    spread_from = fields.Date(
        string="First Round Spread From",
        help="The first touch of customers who were not contacted before, or were due before this day, is spread evenly over "
             "one interval from this day on, so that not everybody is due at once. Empty: each is due by the interval alone.",
    )
    instructions = fields.Text(translate=True, help="What to talk about. Shown on the follow-up.")
    cycle = fields.Char(compute='_compute_cycle')
    maximum = fields.Char(string="At the Latest", compute='_compute_cycle')

    _interval_positive = models.Constraint(
        "CHECK (kind <> 'recurring' OR interval_count > 0)",
        "The interval of a touchpoint must be at least 1. To stop contacting, archive the touchpoint.")
    _delay_positive = models.Constraint(
        "CHECK (kind <> 'event' OR (delay_count >= 0 AND wait_days >= 0 AND event IS NOT NULL))",
        "A touchpoint after an event needs the event, and a wait that is not negative.")
    _after_idx = models.Index("(event) WHERE kind = 'event' AND active")
    _days_positive = models.Constraint(
        'CHECK (grace_days >= 0 AND remind_days >= 0 AND escalation_days >= 0)',
        "The days for overdue, reminder and escalation can't be negative.")

    @api.constrains('kind', 'automatic', 'cadence_id')
    def _check_of_leads(self):
        """Refuse what leads don't have: events, and messages that are sent by themselves."""
        for step in self.filtered('cadence_id.needs_grade_ids'):
            if step.kind != 'recurring' or step.automatic:
                raise ValidationError(self.env._(
                    "%(step)s: what is done for leads recurs, and people do it. Nothing waits for an event and nothing is sent "
                    "by itself.", step=step.name))

    @api.constrains('interval_count', 'interval_unit')
    def _check_interval(self):
        years = {'day': 1 / 365, 'week': 7 / 365, 'month': 1 / 12, 'year': 1}
        for step in self:
            if step.interval_count * years[step.interval_unit] > 10:
                raise ValidationError(self.env._(
                    "%(step)s: an interval of more than ten years plans nothing useful.", step=step.name))

    @api.constrains('kind', 'event', 'delay_count', 'delay_unit', 'on_timeout', 'timeout_user_id')
    def _check_wait(self):
        for step in self.filtered(lambda step: step.kind == 'event'):
            if step.delay_count * MINUTES[step.delay_unit] > LONGEST:
                raise ValidationError(self.env._("%(step)s: a wait of more than ten years plans nothing useful.", step=step.name))
            if step.on_timeout == 'give' and not step.timeout_user_id:
                raise ValidationError(self.env._("%(step)s: please say to whom it is given if nobody does it.", step=step.name))

    @api.constrains('kind', 'event', 'after_step_id', 'cadence_id')
    def _check_after(self):
        """Refuse touchpoints that wait for each other, or for what never is over."""
        waiting = self.filtered(lambda step: step.kind == 'event' and step.event == 'step')
        if self.env.context.get('customer_copied') is COPIED:
            return  # they wait for those of the original, until the copy is complete
        for step in waiting:
            other = step.after_step_id
            if not other:
                raise ValidationError(self.env._("%(step)s: please choose the touchpoint that it waits for.", step=step.name))
            if other.cadence_id != step.cadence_id or other.kind != 'event':
                raise ValidationError(self.env._(
                    "%(step)s can only wait for a touchpoint after an event, of the same cadence: a recurring one is never over.",
                    step=step.name))
        if waiting._has_cycle('after_step_id'):
            raise ValidationError(self.env._(
                "These touchpoints wait for each other, so none would ever begin: %(steps)s. Let one of them begin with an "
                "event of the customer.", steps=listed(self.env, waiting.cadence_id.step_ids.filtered(
                    lambda step: step.event == 'step' and step.kind == 'event').mapped('name'))))
        for step in self.search([('after_step_id', 'in', self.ids), ('event', '=', 'step'), ('kind', '=', 'event')]):
            if step.after_step_id.kind != 'event':
                raise ValidationError(self.env._(
                    "%(other)s waits for %(step)s: a recurring touchpoint is never over.",
                    other=step.name, step=step.after_step_id.name))

    @api.constrains('automatic', 'channel_id', 'mail_template_id', 'sms_template_id')
    def _check_automatic(self):
        for step in self.filtered('automatic'):
            if missing := step._missing_to_send():
                raise ValidationError(self.env._("%(step)s can't be sent by itself: %(reason)s", step=step.name, reason=missing))

    def _missing_to_send(self):
        """Return what a touchpoint lacks to be sent by itself, in a sentence, or '' where nothing is missing."""
        self.ensure_one()
        if not self._may_be_automatic():
            return self.env._("only emails and text messages can. Choose such a channel.")
        template = self.sms_template_id if self.channel_id.medium == 'sms' else self.mail_template_id
        return '' if template else self.env._("choose the template of its message first.")

    def _may_be_automatic(self):
        """Return whether a touchpoint is of a kind that can be sent by itself."""
        self.ensure_one()
        return self.channel_id.medium in ('email', 'sms')

    @api.depends('delay_count', 'delay_unit')
    def _compute_delay_days(self):
        for step in self:
            step.delay_days = step.delay_count * MINUTES[step.delay_unit] // MINUTES['day']

    @api.model
    def _in_units(self, vals):
        """Return values of a touchpoint with its wait in days as a number and a unit."""
        if 'delay_days' not in vals:
            return vals
        vals = {**vals, 'delay_count': vals['delay_days'], 'delay_unit': 'day'}
        del vals['delay_days']
        return vals

    @api.depends('kind', 'interval_count', 'interval_unit', 'event', 'delay_count', 'delay_unit', 'delay_clock', 'grace_days',
                 'after_step_id.name')
    @api.depends_context('lang')
    def _compute_cycle(self):
        events = dict(self._fields['event']._description_selection(self.env))
        for step in self:
            if step.kind == 'event':
                step.cycle = step._describe_wait(events.get(step.event, ''))
            else:
                step.cycle = step._describe_interval()
            step.maximum = self.env._(
                "%(cycle)s + %(days)s", cycle=step.cycle, days=days(self.env, step.grace_days))

    def _describe_wait(self, event):
        """Return the wait in the words people use: 1 hour after: Signs.

        :param str event: the event in words
        """
        self.ensure_one()
        if self.event == 'step' and self.after_step_id:
            event = self.after_step_id.name
        values = {'wait': TOLD[self.delay_unit](self.env, self.delay_count), 'event': event}
        if self.delay_clock == 'work':
            return self.env._("%(wait)s of working time after: %(event)s", **values)
        return self.env._("%(wait)s after: %(event)s", **values)

    def _describe_interval(self):
        """Return the interval in the words people use: monthly, quarterly, every 2 weeks."""
        self.ensure_one()
        count = self.interval_count
        named = {
            (1, 'day'): self.env._("daily"),
            (1, 'week'): self.env._("weekly"),
            (1, 'month'): self.env._("monthly"),
            (3, 'month'): self.env._("quarterly"),
            (6, 'month'): self.env._("half-yearly"),
            (1, 'year'): self.env._("yearly"),
        }
        counted = {
            'day': self.env._("every %s days", count),
            'week': self.env._("every %s weeks", count),
            'month': self.env._("every %s months", count),
            'year': self.env._("every %s years", count),
        }
        return named.get((count, self.interval_unit)) or counted[self.interval_unit]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create([self._in_units(vals) for vals in vals_list])
        steps.cadence_id._replan()
        return steps

    def write(self, vals):
        vals = self._in_units(vals)
        if False in (vals.get('automatic'), vals.get('active')):
            self.env['customer.delivery'].sudo()._cancel_unsent(self)  # of every salesperson
        result = super().write(vals)
        if 'active' in vals:
            self.cadence_id._check_steps()
        if self._planning_fields() & vals.keys():
            self.cadence_id._replan()
        if vals.get('automatic'):
            # whoever was reminded, of every salesperson, has nothing to do any more
            reminded = self.env['customer.followup'].sudo().search([
                ('step_id', 'in', self.ids), ('state', '=', 'planned'), ('reminded', '=', True)])
            self.env['customer.reminder'].sudo()._follow_plan(reminded.ids)  # activities of other users too
        return result

    @api.model
    def _planning_fields(self):
        """Return the fields that move follow-ups which are planned already."""
        return {
            'active', 'kind', 'channel_id', 'alternative_channel_ids', 'fallback_channel_id', 'interval_count',
            'interval_unit', 'event', 'delay_count', 'delay_unit', 'delay_clock', 'after_step_id', 'wait_days', 'on_wait',
            'on_timeout', 'grace_days', 'escalation_days', 'remind_days', 'role', 'date_start', 'name', 'spread_from',
        }

    def unlink(self):
        # done follow-ups keep their history; open ones of a touchpoint that is gone are cancelled by the planner
        cadences = self.cadence_id
        self.env['customer.delivery'].sudo()._cancel_unsent(self)  # of every salesperson
        followers = cadences._followers()
        opened = self.env['customer.followup'].sudo().search([  # of every salesperson
            ('step_id', 'in', self.ids), ('state', '=', 'planned')])
        outcomes = [
            {'cadence_id': cadence.id, 'cancelled': len(followups)}
            for cadence, followups in opened.grouped(lambda followup: followup.step_id.cadence_id).items()]
        opened._mark_cancelled('replanned', self.env._("Touchpoint removed"))
        result = super().unlink()
        cadences = cadences.exists()
        cadences._check_steps()
        # kept by the planner, for nobody else to write
        self.env['customer.cadence.outcome'].sudo().create(
            [outcome for outcome in outcomes if outcome['cadence_id'] in cadences.ids])
        cadences._replan(followers)
        return result
