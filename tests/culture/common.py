from odoo import Command

from ..common import CustomerCase


class CultureCase(CustomerCase):
    """Customers in two countries that no library knows.

    ``ruritania`` works from Monday to Friday, ``desertia`` from Sunday to Thursday. Both have a culture profile;
    ``season`` is a festival whose days a test types in.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ruritania, cls.desertia = cls.env['res.country'].create([
            {'name': "Ruritania", 'code': 'X1'}, {'name': "Desertia", 'code': 'X2'}])
        calendars = cls.env['customer.country.calendar'].with_context(customer_calendar_wait=True)
        cls.calendar_ruritania, cls.calendar_desertia = calendars.create([
            {'country_id': cls.ruritania.id},
            {'country_id': cls.desertia.id, 'work_fri': False, 'work_sat': False, 'work_sun': True}])
        cls.ruritanian, cls.desertian = cls.env['customer.culture'].create([
            {'name': "Ruritanian", 'country_ids': [Command.set(cls.ruritania.ids)]},
            {'name': "Desertian", 'country_ids': [Command.set(cls.desertia.ids)]}])
        cls.season = cls.env['customer.festival'].create({'name': "Season", 'method': 'manual'})
        cls.dinner = cls.env.ref('customer_success.customer_channel_dinner')
        cls.env.company.resource_calendar_id.tz = 'UTC'

    @classmethod
    def _season(cls, first, last, culture=None, **period):
        """Let the season lie on these days, and mean something to a culture: forbidden unless said otherwise."""
        cls.env['customer.festival.date'].create({
            'festival_id': cls.season.id, 'year': int(first[:4]), 'date_from': first, 'date_to': last})
        return cls.env['customer.culture.period'].create({
            'culture_id': (culture or cls.desertian).id, 'festival_id': cls.season.id, 'effect': 'forbid', **period})

    @classmethod
    def _holiday(cls, day, calendar=None, **vals):
        return cls.env['customer.holiday'].create({
            'calendar_id': (calendar or cls.calendar_ruritania).id, 'name': "National Day", 'date': day, **vals})
