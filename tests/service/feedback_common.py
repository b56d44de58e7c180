"""What the tests of feedback work with."""
from datetime import timedelta

from odoo import Command, fields

from odoo.addons.customer_success.models.base.customer_fact import Span

from .common import ServiceCase


class FeedbackCase(ServiceCase):
    """The harbour is asked; nobody else is. ``nps`` asks regularly, ``csat`` after a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nps = cls.env.ref('customer_success.customer_survey_nps')
        cls.csat = cls.env.ref('customer_success.customer_survey_case')
        cls.nps.write({'active': True, 'customer_domain': [('id', 'in', cls.harbour.ids)]})
        cls.harbour.country_id = cls.env.ref('base.be')

    @classmethod
    def _set(cls, **settings):
        """Change settings."""
        for name, value in settings.items():
            cls.env['ir.config_parameter'].set_param(f'customer_success.{name}', value)

    @classmethod
    def _feedback(cls, score, **vals):
        """Return what the captain answered now."""
        return cls.env['customer.feedback'].create({
            'partner_id': cls.harbour.id, 'contact_id': cls.captain.id, 'kind': 'nps', 'score': score, 'source': 'phone', **vals})

    @classmethod
    def _note(cls, feedbacks, user=None, **texts):
        """Note what was done in the dialog."""
        wizard = cls.env['customer.feedback.note'].with_user(user or cls.anna).create({
            'feedback_ids': [Command.set(feedbacks.ids)], **texts})
        return wizard.action_apply()

    @classmethod
    def _request(cls, person=None, survey=None, **vals):
        """Return a question that was sent just now."""
        person, now = person or cls.captain, fields.Datetime.now()
        return cls.env['customer.feedback.request'].create({
            'survey_id': (survey or cls.nps).id, 'contact_id': person.id, 'partner_id': person.commercial_partner_id.id,
            'company_id': cls.env.company.id, 'date_planned': now.date(), 'asked_at': now, 'asked_on': now.date(),
            'expires_at': now + timedelta(days=30), 'state': 'sent', **vals})

    @classmethod
    def _fact(cls, *names, days=90):
        """Return by name what facts say of the harbour: the value and the sentence."""
        facts, today = cls.env['customer.fact'].sudo(), fields.Date.context_today(cls.harbour)
        found = {}
        for name in names:
            options = {'window_days': days, 'today': today, 'threshold': 1}
            rows, problems = facts._measure({name: (name, options, [Span(1, cls.harbour.id, fields.Date.subtract(
                today, days=days), today)])})
            assert not problems, problems
            for row in rows[name].values():
                found[name] = (row.value, facts._say(name, facts._get(name), row, options))
        return found
