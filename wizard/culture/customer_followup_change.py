from odoo import api, fields, models
from odoo.tools.i18n import format_list

from ...models.platform.counted import plural

#: So many customers are named; the others are counted.
NAMES = 5


class CustomerFollowupChange(models.TransientModel):
    _inherit = 'customer.followup.change'

    advice_warning = fields.Html(compute='_compute_advice_warning', sanitize=False)  # made by the server
    better_day = fields.Date(compute='_compute_advice_warning')

    @api.depends('followup_ids', 'action', 'date')
    def _compute_advice_warning(self):
        service = self.env['customer.advice']
        for wizard in self:
            wizard.advice_warning = wizard.better_day = False
            followups = wizard.followup_ids._origin
            if wizard.action != 'move' or not wizard.date or not followups.partner_id:
                continue
            if len(followups) > 1:
                wizard.advice_warning = wizard._warn_of_many(followups)
                continue
            step = followups.step_id.sudo()  # which cadence applies is no secret
            advice = followups.partner_id._customer_advice(
                wizard.date, followups.channel_id, fallback=step.fallback_channel_id, user=followups.user_id or None)
            if advice['warnings']:
                wizard.advice_warning = service._alert({**advice, 'hints': []})
                wizard.better_day = advice['better_day']

    def _warn_of_many(self, followups):
        """Return a warning that says how many follow-ups would land on a bad day, and whose they are."""
        service = self.env['customer.advice']
        misfits = service._misfits(followups.filtered('partner_id'), self.date)
        if not misfits:
            return False
        names = misfits.partner_id.mapped('name')
        values = {
            'count': len(misfits), 'total': len(followups), 'day': service._date(self.date),
            'names': format_list(self.env, names[:NAMES]), 'more': len(names) - NAMES,
        }
        if len(names) > NAMES:
            text = self.env._(
                "%(day)s does not suit %(count)s of these %(total)s follow-ups: %(names)s and others (%(more)s).",
                **values)
        else:
            text = plural(
                len(followups), self.env._("%(day)s does not suit %(names)s.", **values),
                self.env._("%(day)s does not suit %(count)s of these %(total)s follow-ups: %(names)s.", **values))
        return service._render('culture_alert', warnings=[text], better='', welcome=[], hints=[], level='warning')
