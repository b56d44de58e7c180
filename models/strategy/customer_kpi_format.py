from odoo import models

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
        return self.env['customer.fact']._format(value, self.unit)

    def _format_target(self, target):
        """Return a target with its direction and unit: "≥ 80 %", "≤ 30 days".

        :param float target: in the KPI's unit
        """
        self.ensure_one()
        return f'{SIGNS[self.better]} {self._format(target)}'
