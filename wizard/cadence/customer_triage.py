from collections import Counter
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ...models.platform.counted import days, followups
from ...models.platform.local_text import labelled, listed

#: So many are sorted at once; whoever has more begins with these.
AT_ONCE = 60

#: What is put off to the days ahead is spread over so many days.
AHEAD = 7

CHOICES = [('today', "Today"), ('week', "This week"), ('skip', "Skip this time")]


class CustomerTriage(models.TransientModel):
    """A pile of overdue follow-ups, sorted in one go: what is done today, what in the days ahead, and what is left out (REP-1).

    What stays for today is not moved: its rhythm is kept as it was. What is put off is spread over the days that suit, and counts
    as moved; what is left out counts as skipped. The team leader hears of too many of either as ever.
    """

    _name = 'customer.triage'
    _description = "Sort the Pile"

    line_ids = fields.One2many(comodel_name='customer.triage.line', inverse_name='triage_id', string="Overdue Follow-ups")
    more = fields.Char(string="Rest of the Pile", compute='_compute_more')
    has_week = fields.Boolean(string="Put Off Some", compute='_compute_choices')
    has_skip = fields.Boolean(string="Skip Some", compute='_compute_choices')
    summary = fields.Char(compute='_compute_choices')
    move_reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', string="Why Put Off", domain=[('for_move', '=', True)])
    skip_reason_id = fields.Many2one(
        comodel_name='customer.followup.reason', string="Why Skipped", domain=[('for_skip', '=', True)])
    note = fields.Char(help="Stands on each of them.")

    @api.model
    def default_get(self, fields):
        """Fill in what is overdue, of the best customers first. What was promised, and the best customers, stay for today."""
        values = super().default_get(fields)
        if 'line_ids' in fields:
            pile = self.env['customer.day']._pile(limit=AT_ONCE)
            best = self.env['customer.tier'].search([], order='sequence, id', limit=1)
            values['line_ids'] = [Command.create({
                'followup_id': followup.id,
                'choice': 'today' if followup.anchor_kind == 'promise' or followup.tier_id == best else 'week',
            }) for followup in pile]
        return values

    @api.depends('line_ids')
    @api.depends_context('lang', 'uid')
    def _compute_more(self):
        count = self.env['customer.day']._pile_count()
        for triage in self:
            rest = count - len(triage.line_ids)
            triage.more = rest > 0 and self.env._(
                "%(rest)s more are overdue. Sort these first, and come back for the others.", rest=rest)

    @api.depends('line_ids.choice')
    @api.depends_context('lang')
    def _compute_choices(self):
        labels = dict(self.env['customer.triage.line']._fields['choice']._description_selection(self.env))
        for triage in self:
            counts = Counter(triage.line_ids.mapped('choice'))
            triage.has_week, triage.has_skip = bool(counts['week']), bool(counts['skip'])
            triage.summary = listed(self.env, [
                labelled(self.env, label, str(counts[choice])) for choice, label in labels.items() if counts[choice]])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_all_today(self):
        """Leave all of them for today."""
        return self._choose('today')

    def action_all_week(self):
        """Put all of them off to the days ahead."""
        return self._choose('week')

    def action_all_skip(self):
        """Leave all of them out, this time."""
        return self._choose('skip')

    def _choose(self, choice):
        self._customer_one()
        self.line_ids.choice = choice
        return {
            'type': 'ir.actions.act_window', 'name': self._description, 'res_model': self._name, 'res_id': self.id,
            'views': [(False, 'form')], 'target': 'new'}

    def action_apply(self):
        """Do what was chosen for each.

        :return: an action that says what was done
        :rtype: dict
        """
        self._customer_one()
        chosen = {choice: self._still_open(choice) for choice, __ in CHOICES}
        self._check_reason(chosen['week'], self.move_reason_id)
        self._check_reason(chosen['skip'], self.skip_reason_id)
        if chosen['skip']:
            chosen['skip']._skip(self.skip_reason_id, self.note or '')
        for day, group in self._spread(chosen['week']).items():
            group._move(day, self.move_reason_id, self.note or '')
        done = [(self.env._("for today"), chosen['today']), (self.env._("put off"), chosen['week']),
                (self.env._("skipped"), chosen['skip'])]
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'type': 'success', 'message': self.env._("The pile is sorted: %(what)s.", what=listed(self.env, [
                    f'{what} {len(group)}' for what, group in done if group]) or followups(self.env, 0)),
                'next': {'type': 'ir.actions.act_window_close'}}}

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _still_open(self, choice):
        """Return the follow-ups of a choice that nobody closed meanwhile."""
        return self.line_ids.filtered(lambda line: line.choice == choice).followup_id.filtered(
            lambda followup: followup.state == 'planned')

    def _check_reason(self, group, reason):
        if not group:
            return
        if not reason:
            raise ValidationError(self.env._("Please give a reason: the report on kept rhythms shows it."))
        if reason.needs_note and not (self.note or '').strip():
            raise ValidationError(self.env._("Please add a sentence: the reason “%(reason)s” asks for one.", reason=reason.name))

    def _spread(self, group):
        """Return on which of the days ahead each follow-up is to be done: on one that suits, the emptiest first.

        :param group: customer.followup, the most important first
        :rtype: dict[date, customer.followup]
        """
        day = self.env['customer.day']._day(self.env.user)
        ahead = [day.today + timedelta(days=number) for number in range(1, AHEAD + 1)]
        load = dict(self.env['customer.day']._coming(day))
        spread = {}
        for followup in group:
            unsuitable = followup._unsuitable_days(ahead[0], ahead[-1])
            suits = [one for one in ahead if not unsuitable(one)] or ahead
            chosen = min(suits, key=lambda one: (load.get(one, 0), one))
            load[chosen] = load.get(chosen, 0) + 1
            spread[chosen] = spread.get(chosen, followup.browse()) | followup
        return spread


class CustomerTriageLine(models.TransientModel):
    """One of the pile."""

    _name = 'customer.triage.line'
    _description = "Overdue Follow-up to Sort"

    triage_id = fields.Many2one(comodel_name='customer.triage', required=True, ondelete='cascade', index=True)
    followup_id = fields.Many2one(comodel_name='customer.followup', required=True, readonly=True, ondelete='cascade')
    whose = fields.Char(related='followup_id.whose', string="Customer")
    what = fields.Char(compute='_compute_what')
    tier_id = fields.Many2one(related='followup_id.tier_id')
    tier_color = fields.Integer(related='followup_id.tier_color')
    late = fields.Char(compute='_compute_what')
    choice = fields.Selection(selection=CHOICES, string="When", required=True, default='week')

    @api.depends('followup_id')
    @api.depends_context('lang', 'uid')
    def _compute_what(self):
        today = self.env['customer.clock']._today(self.env.user)
        for line in self:
            followup = line.followup_id
            line.what = followup.name or followup.step_id.name or followup.channel_id.name
            last = followup.date_planned if followup.anchor_kind == 'promise' else followup.date_limit
            line.late = last and days(self.env, max((today - last).days, 0))
