from odoo import models
from odoo.tools.misc import formatLang

from ..platform.counted import days, points

#: How a target is read: at least, or at most.
SIGNS = {'higher': '≥', 'lower': '≤'}


class CustomerKpi(models.Model):
    """How the values of a KPI are written for people: in their language, with the unit, without needless decimals."""

    _inherit = 'customer.kpi'

    def _format(self, value):
        """Return a value with its unit: "85 %", "1 day", "2", "$ 1,200".

        :param float value: in the KPI's unit; money is in the main company's currency
        """
        self.ensure_one()
        if self.unit == 'money':
            return self._format_money(value)
        if self.unit in ('days', 'points'):
            return (days if self.unit == 'days' else points)(self.env, value)
        rounded = round(value, 1)
        number = formatLang(self.env, rounded, digits=0 if rounded == int(rounded) else 1)
        return self.env._("%(number)s %%", number=number) if self.unit == 'percent' else number

    def _format_money(self, value):
        """Return an amount, in the main company's currency whichever company the user is in."""
        currency = self.env['customer.registry']._main_company().currency_id
        rounded = currency.round(value)
        number = formatLang(
            self.env, rounded, digits=0 if rounded == int(rounded) else currency.decimal_places)
        return f'{currency.symbol} {number}' if currency.position == 'before' else f'{number} {currency.symbol}'

    def _format_target(self, target):
        """Return a target with its direction and unit: "≥ 80 %", "≤ 30 days".

        :param float target: in the KPI's unit
        """
        self.ensure_one()
        return f'{SIGNS[self.better]} {self._format(target)}'
