from odoo import api, models


class CustomerDayNews(models.AbstractModel):
    """Records that stand in somebody's day: who looks at it sees at once what others did to it.

    A message on Odoo's bus says that something changed, not what: the day is asked for anew by whoever may see it.
    """

    _name = 'customer.day.news'
    _description = "What Changes Somebody's Day"

    #: Fields of users whose day it stands in.
    _day_people = ('user_id',)
    #: Fields whose change changes a day, besides those of the people.
    _day_fields = frozenset({'state'})

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._tell_day(records._day_users())
        return records

    def write(self, vals):
        if not vals.keys() & {*self._day_people, *self._day_fields}:
            return super().write(vals)
        before = self._day_users()
        result = super().write(vals)
        self._tell_day(before | self._day_users())
        return result

    def _day_users(self):
        """Return in whose day these records stand."""
        own = self.sudo()  # of colleagues as well, who learn nothing but that something changed
        return self.env['res.users'].sudo().union(*(own[name] for name in self._day_people))  # as above

    @api.model
    def _tell_day(self, users):
        users.filtered('active')._bus_send('customer_success.day', {})
