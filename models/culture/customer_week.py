from odoo import fields, models

from ..platform.local_text import listed

#: The fields of a working week, Monday first.
WEEKDAYS = ('work_mon', 'work_tue', 'work_wed', 'work_thu', 'work_fri', 'work_sat', 'work_sun')


class CustomerWeek(models.AbstractModel):
    """The weekdays on which work is done: of a country, or of a culture (CUL-2)."""

    _name = 'customer.week'
    _inherit = ['customer.cached']
    _description = "Working Week"

    work_mon = fields.Boolean(string="Monday", default=True)
    work_tue = fields.Boolean(string="Tuesday", default=True)
    work_wed = fields.Boolean(string="Wednesday", default=True)
    work_thu = fields.Boolean(string="Thursday", default=True)
    work_fri = fields.Boolean(string="Friday", default=True)
    work_sat = fields.Boolean(string="Saturday")
    work_sun = fields.Boolean(string="Sunday")

    def _week_text(self):
        """Return the working weekdays in words."""
        self.ensure_one()
        return listed(
            self.env, (self._fields[name]._description_string(self.env) for name in WEEKDAYS if self[name]))

    def _write_changed(self, values):
        """Write what is different, so that a look-up without news writes nothing."""
        self.ensure_one()
        if any(self[name] != value and (self[name] or value) for name, value in values.items()):
            self.write(values)
