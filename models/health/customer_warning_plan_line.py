from odoo import fields, models

from ...engine import workdays
from ..base.customer_responsibility import ROLES


class CustomerWarningPlanLine(models.Model):
    """One follow-up of an action plan (HEA-3)."""

    _name = 'customer.warning.plan.line'
    _description = "Step of an Action Plan"
    _order = 'plan_id, sequence, id'

    plan_id = fields.Many2one(comodel_name='customer.warning.plan', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)
    name = fields.Char(string="What", required=True, translate=True)
    channel_id = fields.Many2one(comodel_name='customer.channel', required=True, ondelete='restrict')
    delay_days = fields.Integer(
        string="After (days)", default=0, required=True,
        help="So many days after the plan started; what falls on a free day of the person is due on the next working day.")
    role = fields.Selection(
        selection=ROLES, string="Done By", default='manager', required=True)

    _delay = models.Constraint('CHECK (delay_days >= 0)', "A step can't be due before the plan starts.")

    def _user(self, warning):
        """Return who does this step for the customer of a warning; of a customer that nobody looks after, who is responsible
        for the warning.

        :param warning: customer.warning
        """
        self.ensure_one()
        partner, responsibility = warning.partner_id, self.env['customer.responsibility']
        return (responsibility._owner(self.role, partner.user_id, responsibility._company_of(partner))
                or warning.user_id or self.env.user)

    def _day(self, start, warning, company):
        """Return the day on which this step is due."""
        day = fields.Date.add(start, days=self.delay_days)
        employee = self._user(warning).sudo().resource_ids[:1]  # the working week of a colleague
        calendar = employee.calendar_id or company.sudo().resource_calendar_id  # no secret either
        return workdays.next_working_day(
            day, self.env['resource.calendar']._customer_is_working(calendar.id, company.id))
