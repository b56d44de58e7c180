from odoo import models

from ...engine import suitability
from ...models.culture.customer_planner import LOOK_AHEAD


class CustomerCadenceDryRun(models.TransientModel):
    _inherit = 'customer.cadence.dry.run'

    def _prepare_move(self, first, last):
        """Let the customer's calendar and culture have their say, as the planner does (CUL-2)."""
        move = super()._prepare_move(first, last)
        planner, works = self.env['customer.planner'], self._working_days()
        suitability_of, subject = self.env['customer.suitability'].sudo(), self._subject()  # etiquette is no secret
        key = suitability_of._key_of_lead(subject) if self.of_leads else suitability_of._key(subject)
        side = suitability_of._side(key, first - LOOK_AHEAD, last + LOOK_AHEAD)

        def move_in_culture(step, day):
            choice = suitability.choose(day, planner._wish(step, step.channel_id.id), works, side.verdict)
            return {
                **move(step, day), 'date': choice.day, 'channel_id': choice.channel,
                'why': self._describe_choice(choice), 'unfit': choice.unfit}

        return move_in_culture

    def _describe_choice(self, choice):
        """Return why it is not the wished day and channel, or nothing."""
        model, cause_id = choice.cause or (None, None)
        if model:
            cause = self.env[model].sudo().browse(cause_id)  # etiquette is no secret
            return cause.festival_id.name if model == 'customer.culture.period' else cause.name
        if choice.kind == 'customer_day':
            return self.env._("Not a working day at the customer's")
        return self.env._("Not a working day") if choice.kind == 'workday' else False
