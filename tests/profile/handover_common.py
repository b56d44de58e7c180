"""Customers with something open of every kind, who change hands."""
from odoo import Command, fields

from ..common import CustomerCase


class HandoverCase(CustomerCase):
    """Customers of Anna's, each with a planned touch, a promise, a case, a warning and a strategy, all of them hers, and with a
    promise that a leader gave to Ben on purpose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.introduction = cls.env.ref('customer_success.customer_cadence_step_handover')
        cls.introduction.cadence_id.active = True
        cls.rule = cls.env['customer.warning.rule'].search([], limit=1)
        cls.kpi = cls.env['customer.kpi'].create({'name': "Hand-over KPI", 'source': 'manual'})
        cls.step.remind_days = 90
        cls.customer = cls._full("Handed Ltd")

    @classmethod
    def _full(cls, name):
        """Return a customer of Anna's with something open of every kind."""
        customer = cls._customer(name, customer_cadence_id=cls.cadence.id)
        cls.env['res.partner'].create({
            'name': f"Buyer of {name}", 'parent_id': customer.id, 'user_id': cls.anna.id, 'function': "Buyer"})
        day = fields.Date.add(fields.Date.context_today(customer), days=3)
        promise = {'partner_id': customer.id, 'channel_id': cls.call.id, 'date_planned': day}
        cls.env['customer.followup'].with_user(cls.anna).create({**promise, 'name': f"Send the sample of {name}"})
        cls.env['customer.followup'].with_user(cls.lena).create({**promise, 'name': "Ben's own", 'user_id': cls.ben.id})
        cls.env['customer.case'].with_user(cls.anna).create({
            'name': f"Crates broken at {name}", 'partner_id': customer.id, 'case_type': 'problem'})
        cls.env['customer.warning'].create({
            'partner_id': customer.id, 'rule_id': cls.rule.id, 'user_id': cls.anna.id, 'level': '3', 'signal': cls.rule.signal,
            'date': fields.Date.context_today(customer)})._notify_red()
        cls.env['customer.strategy'].create({
            'partner_id': customer.id, 'core_approach': f"Win {name} back", 'user_id': cls.anna.id,
            'kpi_ids': [Command.create({'kpi_id': cls.kpi.id, 'target': 80})]})
        cls._open(customer, cls.step).reminded = True
        cls.env['customer.reminder']._remind(cls._open(customer, cls.step))
        cls.env.flush_all()
        cls.env.cr.precommit.run()
        return customer

    @classmethod
    def _whose(cls, customer):
        """Return whose everything open of a customer is, by a word for it."""
        cls.env.invalidate_all()
        found = {'customer': customer.user_id.login, 'contact': customer.child_ids.user_id.login}
        for followup in cls._open(customer):
            what = {cls.step: 'touch', cls.introduction: 'introduction'}.get(followup.step_id) or (
                'given' if followup.name == "Ben's own" else 'promise')
            found[what] = followup.user_id.login
            found[f'reminder of {what}'] = followup.activity_ids.user_id.login
        for word, model in (('case', 'customer.case'), ('warning', 'customer.warning'), ('strategy', 'customer.strategy')):
            record = cls.env[model].search([('partner_id', '=', customer.id)])
            found[word] = record.user_id.login
            if word == 'warning':
                found['task of the warning'] = record.activity_ids.user_id.login
        return {key: login for key, login in found.items() if login}

    @classmethod
    def _messages(cls, customer):
        """Return the texts on a customer, the latest first."""
        cls.env.cr.precommit.run()
        return cls.env['mail.message'].search([
            ('model', '=', 'res.partner'), ('res_id', '=', customer.id)]).mapped('body')

    @classmethod
    def _told(cls, user):
        """Return the messages that a user was sent."""
        cls.env.cr.precommit.run()
        return cls.env['mail.message'].search([
            ('message_type', '=', 'user_notification'), ('partner_ids', 'in', user.partner_id.ids)])

    @classmethod
    def _handovers(cls, customers):
        return cls.env['customer.handover'].search([('partner_id', 'in', customers.ids)])

    @classmethod
    def _wizard(cls, customers, user, by=None, **vals):
        """Return the dialog that gives customers to somebody."""
        return cls.env['customer.assign'].with_user(by or cls.lena).create({
            'partner_ids': [Command.set(customers.ids)], 'user_id': user.id, **vals})
