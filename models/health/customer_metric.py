from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerMetric(models.Model):
    """Something that is counted of customers outside Odoo: logins, visits, features in use … (HEA-5)."""

    _name = 'customer.metric'
    _description = "Usage Metric"
    _order = 'sequence, id'
    _rec_names_search = ['name', 'code']

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="By what name programs and import files call it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="No more readings come in for an archived metric; the old ones stay.")
    kind = fields.Selection(
        selection=[('count', "Something that happens: readings add up"), ('level', "A state: the average tells")],
        string="What Is Counted", default='count', required=True,
        help="Logins happen, and those of a month are added up. The number of features in use is a state: adding it up "
             "would mean nothing.")
    unit = fields.Char(translate=True)
    description = fields.Text(translate=True)

    _code_uniq = models.Constraint('UNIQUE (code)', "There is already a metric with this code.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_readings(self):
        for metric in self:
            # readings of customers whom the user doesn't see hold the metric too
            if self.env['customer.reading'].sudo().search_count([('metric_id', '=', metric.id)], limit=1):
                raise UserError(self.env._(
                    "There are readings of %(metric)s. Archive it instead: no more come in, and the history stays.",
                    metric=metric.name))

    def action_view_readings(self):
        """Open the readings of this metric."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_reading_action')
        action['domain'] = [('metric_id', '=', self.id)]
        action['context'] = {'default_metric_id': self.id}
        return action
