from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, html_sanitize
from odoo.tools.i18n import format_list
from odoo.tools.misc import formatLang

from ...engine import schedule
from ...models.platform.counted import customers, plural

#: So many customers are asked whether somebody may be written to; of more, one in so many.
SAMPLE = 2000

#: So many days on which a message leaves are named.
NAMED = 3


class CustomerCadenceDryRun(models.TransientModel):
    """The messages that a cadence would send by itself: as this customer would read them, on which days, and how many a week
    that means to how many customers; and the switch that is turned after reading that (CAD-10)."""

    _inherit = 'customer.cadence.dry.run'

    able_step_ids = fields.Many2many(comodel_name='customer.cadence.step', compute='_compute_able_step_ids')
    step_ids = fields.Many2many(
        comodel_name='customer.cadence.step', relation='customer_cadence_dry_run_step', string="Sent by Themselves",
        compute='_compute_step_ids', store=True, readonly=False,
        help="The touchpoints whose message is sent by itself. The others are done by people.")
    spread = fields.Boolean(
        string="Spread the First Round", default=True,
        help="Who is due already, or was never contacted, gets the first message on one of the days of the first interval, so "
             "that not everybody gets it on one day.")
    unable = fields.Char(string="What Is Missing", compute='_compute_able_step_ids')
    volume = fields.Char(string="How Many Messages", compute='_compute_volume')
    letters = fields.Html(string="What They Read", compute='_compute_letters', sanitize=False)  # made by the server
    may_switch = fields.Boolean(compute='_compute_may_switch')

    @api.depends('cadence_id')
    @api.depends_context('lang')
    def _compute_able_step_ids(self):
        for wizard in self:
            missing = {step: step._missing_to_send() for step in wizard.cadence_id.step_ids.filtered('active')}
            wizard.able_step_ids = wizard.cadence_id.step_ids.filtered(lambda step, missing=missing: missing.get(step) == '')
            wizard.unable = format_list(self.env, [
                self.env._("%(step)s: %(reason)s", step=step.name, reason=reason)
                for step, reason in missing.items() if reason and step._may_be_automatic()], style='unit') or False

    @api.depends('able_step_ids')
    def _compute_step_ids(self):
        for wizard in self:
            already = wizard.able_step_ids.filtered('automatic')
            wizard.step_ids = [Command.set((already or wizard.able_step_ids)._origin.ids)]

    @api.depends('cadence_id')
    @api.depends_context('uid')
    def _compute_may_switch(self):
        for wizard in self:
            wizard.may_switch = wizard.cadence_id.has_access('write') if wizard.cadence_id else False

    @api.depends('step_ids', 'cadence_id')
    @api.depends_context('lang')
    def _compute_volume(self):
        for wizard in self:
            steps, reached = wizard.step_ids._origin, wizard._reached()
            wizard.volume = False
            if steps and reached:
                wizard.volume = wizard._say_volume(steps, reached)

    def _say_volume(self, steps, reached):
        """Return how many messages a week touchpoints mean to how many customers, and at how many nobody may be written to.

        :param reached: ids of the customers on the cadence
        """
        sample = reached[::-(-len(reached) // SAMPLE) or 1]
        today, parts = fields.Date.context_today(self), []
        for step in steps:
            able = self.env['customer.automatic'].sudo()._able(step, sample)  # a cadence is judged by all customers it touches
            count = round(len(able) * len(reached) / len(sample))
            if step.kind == 'event':
                text = self.env._("%(step)s: one message after each event, to %(customers)s.",
                                  step=step.name, customers=customers(self.env, count))
            else:
                days = (schedule.Interval(step.interval_count, step.interval_unit).after(today) - today).days
                weekly = round(count * 7 / days, 1)
                text = self.env._(
                    "%(step)s: about %(messages)s a week, to %(customers)s.", step=step.name, messages=formatLang(
                        self.env, weekly, digits=0 if weekly >= 10 or weekly == int(weekly) else 1),
                    customers=customers(self.env, count))
            nobody = len(reached) - count
            if nobody:
                text += " " + plural(
                    nobody, self.env._("At 1 more nobody may be written to; a person does it there."),
                    self.env._("At %(count)s more nobody may be written to; a person does it there.", count=nobody))
            parts.append(text)
        return " ".join(parts)

    @api.depends('step_ids', 'partner_id', 'line_ids')
    @api.depends_context('lang')
    def _compute_letters(self):
        for wizard in self:
            letters = [
                {**wizard._preview_of(step), 'step': step.name, 'days': wizard._days_of(step)}
                for step in wizard.step_ids._origin] if wizard.partner_id else []
            wizard.letters = self.env['ir.qweb']._render('customer_success.customer_cadence_letters', {
                'letters': letters}) if letters else False

    def _preview_of(self, step):
        """Return the message of a touchpoint as this customer would read it: ``to``, ``subject``, ``body``, or the
        ``problem``."""
        partner = self.partner_id.commercial_partner_id
        letter = self.env['customer.automatic']._preview(step, partner)
        return {**letter, 'body': html_sanitize(letter['body'])} if letter.get('body') else letter

    def _days_of(self, step):
        """Return the first days on which a touchpoint's message would leave."""
        days = sorted(line.date for line in self.line_ids if line.step_id._origin == step and line.date)
        return format_list(self.env, [format_date(self.env, day) for day in days[:NAMED]], style='unit') if days else ''

    def _spread_from(self, step):
        """What is about to be switched on is spread from today on."""
        if super()._spread_from(step) or step.kind != 'recurring':
            return super()._spread_from(step)
        turned_on = step._origin in self.step_ids._origin and not step.automatic
        return fields.Date.context_today(self) if self.spread and turned_on else None

    def action_switch(self):
        """Let the chosen touchpoints be sent by themselves from now on, and the others be done by people."""
        self._customer_one()
        self.cadence_id.check_access('write')
        chosen, today = self.step_ids, fields.Date.context_today(self)
        if wrong := chosen - self.able_step_ids:
            raise UserError(self.env._(
                "%(step)s can't be sent by itself: %(reason)s", step=wrong[0].name,
                reason=wrong[0]._missing_to_send() or self.env._("it is not a touchpoint of this cadence.")))
        on = chosen.filtered(lambda step: not step.automatic)
        recurring = on.filtered(lambda step: step.kind == 'recurring')
        if self.spread:
            recurring.filtered(lambda step: not step.spread_from).write({'automatic': True, 'spread_from': today})
            on -= recurring.filtered('automatic')
        on.write({'automatic': True})
        (self.cadence_id.step_ids - chosen).filtered('automatic').write({'automatic': False})
        return {'type': 'ir.actions.act_window_close'}
