from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...engine import schedule
from ..platform.counted import customers, plural

#: So many customers are asked whether somebody may be written to; of more, one in so many.
SAMPLE = 2000


class CustomerAutomaticPreview(models.AbstractModel):
    """What would be sent to whom, before it is switched on (CAD-10)."""

    _name = 'customer.automatic.preview'
    _description = "Automatic Touches Before They Are Switched On"

    @api.model
    def _describe_volume(self, steps, partner_ids):
        """Return how many messages a week touchpoints mean to how many customers, and at how many nobody may be written to.

        :param steps: customer.cadence.step that are sent by themselves, or would be
        :param partner_ids: ids of the customers on their cadence
        """
        sample = partner_ids[::-(-len(partner_ids) // SAMPLE) or 1]
        today, parts = fields.Date.context_today(self), []
        for step in steps:
            count = round(len(self._able(step, sample)) * len(partner_ids) / len(sample))
            values = {'step': step.name, 'customers': customers(self.env, count)}
            if step.kind == 'event':
                text = self.env._("%(step)s: one message after each event, to %(customers)s.", **values)
            else:
                days = (schedule.Interval(step.interval_count, step.interval_unit).after(today) - today).days
                weekly = round(count * 7 / days, 1)
                text = self.env._(
                    "%(step)s: about %(messages)s a week, to %(customers)s.", **values, messages=formatLang(
                        self.env, weekly, digits=0 if weekly >= 10 or weekly == int(weekly) else 1))
            parts.append(text)
            if nobody := len(partner_ids) - count:
                parts.append(plural(
                    nobody, self.env._("At 1 more nobody may be written to; a person does it there."),
                    self.env._("At %(count)s more nobody may be written to; a person does it there.", count=nobody)))
        return " ".join(parts)

    @api.model
    def _able(self, step, partner_ids):
        """Return those of some customers at whom somebody may be written to, by their ids."""
        pairs = [(partner_id, 0) for partner_id in partner_ids]
        return [customer_id for customer_id, __ in
                self.env['customer.addressee']._first_people(pairs, step.channel_id.medium)]

    @api.model
    def _preview(self, step, partner):
        """Return the message of a touchpoint as it would be written to a customer today; nothing is kept.

        :return: ``to``, ``subject`` and ``body``, with a ``note`` where there is something to know; or the ``problem``
        :rtype: dict
        """
        sender, medium = self.env['customer.sender'], step.channel_id.medium
        template = sender._template(step)
        followup = self.env['customer.followup'].new({
            'partner_id': partner._origin.id, 'step_id': step.id, 'channel_id': step.channel_id.id,
            'user_id': partner.user_id.id or self.env.uid, 'company_id': partner._origin._planning_company().id,
            'date_planned': fields.Date.context_today(self)})
        person = partner._origin._customer_recipients(medium)[:1]
        if not person:
            return {'problem': partner._origin._customer_nobody(medium)}
        followup.contact_id = person
        letters = self.env['customer.letter']
        language = letters._languages([(person, followup.company_id)])[person.id]
        own, about = template.with_context(lang=language), partner._origin if template.model == 'res.partner' else followup
        try:
            texts = {name: letters._render_one(own, name, about)
                     for name in ('subject', sender._body_name(template)) if name in template._fields}
        except Exception as error:
            return {'to': person.display_name, 'problem': letters._say_error(template, error)}
        return {
            'to': person.display_name, 'subject': texts.get('subject'), 'body': texts[sender._body_name(template)],
            'note': '' if letters._is_translated(template, sender._body_name(template), language) else self.env._(
                "The template has no text in %(language)s, so it is sent as it was written first.",
                language=self.env['res.lang']._lang_get(language).name)}
