"""A culture of its own, so that no test depends on the shipped profiles."""
from odoo import Command

from ..common import CustomerCase


class AdviceCase(CustomerCase):
    """A Gulf customer in the March of 2026: Ramadan from Monday 2 to Thursday 19, the feast from Friday 20 to Sunday 22,
    Friday and Saturday off, National Day on Wednesday 25. In Ramadan visits and dinners are forbidden and calls better
    not made; messengers are welcome at the feast, when everything else is forbidden."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.dinner = cls.env.ref('customer_success.customer_channel_dinner')
        cls.country = cls.env['res.country'].create({'name': "Gulfland", 'code': 'QZ'})
        cls.calendar = cls.env['customer.country.calendar'].create({
            'country_id': cls.country.id, 'work_fri': False, 'work_sat': False, 'work_sun': True})
        cls.holiday = cls.env['customer.holiday'].create({
            'calendar_id': cls.calendar.id, 'name': "National Day", 'date': '2026-03-25'})
        cls.ramadan = cls._festival("Month of fasting", '2026-03-02', '2026-03-19')
        cls.feast = cls._festival("Feast", '2026-03-20', '2026-03-22')
        cls.parent_culture = cls.env['customer.culture'].create({
            'name': "Wider region", 'tone': "Patient and personal", 'advice_do': "Greet the eldest first", 'notice_days': 14})
        cls.culture = cls.env['customer.culture'].create({
            'name': "Gulfland business", 'parent_id': cls.parent_culture.id, 'country_ids': [Command.set(cls.country.ids)],
            'summary': "Trust first, business second.", 'advice_avoid': "Showing the sole\n\n Refusing coffee ",
            'preferred_channel_ids': [Command.set((cls.call + cls.messenger).ids)],
        })
        cls.ban = cls._period(cls.ramadan, 'forbid', cls.visit + cls.dinner, "no business meals by day")
        cls._period(cls.ramadan, 'discourage', cls.call, "calls are short before sunset")
        cls._period(cls.feast, 'forbid', cls.env['customer.channel'], "families are together")
        cls._period(cls.feast, 'suggest', cls.messenger, "a short greeting is welcome", greet=True)
        cls.gulf = cls._customer("Gulf Trading", country_id=cls.country.id, tz='Asia/Riyadh', lang='en_US')
        cls.plain = cls._customer("Nowhere Ltd")

    @classmethod
    def _festival(cls, name, start, end):
        """Return a festival with typed-in days of 2026."""
        return cls.env['customer.festival'].create({
            'name': name, 'method': 'manual',
            'date_ids': [Command.create({'year': 2026, 'date_from': start, 'date_to': end})]})

    @classmethod
    def _period(cls, festival, effect, channels, note=False, **vals):
        return cls.env['customer.culture.period'].create({
            'culture_id': cls.culture.id, 'festival_id': festival.id, 'effect': effect,
            'channel_ids': [Command.set(channels.ids)], 'note': note, **vals})

    def _advice(self, day=None, channel=None, partner=None, user=None, **options):
        """Return the advice that a user, by default Anna, gets."""
        partner = (partner or self.gulf).with_user(user or self.anna)
        return partner._customer_advice(day, channel, **options)
