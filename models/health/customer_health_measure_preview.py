from odoo import api, fields, models


class CustomerHealthMeasure(models.Model):
    _name = 'customer.health.measure'
    _inherit = ['customer.health.measure', 'customer.health.preview']

    talk = fields.Text(
        string="What to Say", translate=True,
        help="What to bring up in the next talk with a customer where this measure costs points. The health panel shows it "
             "to the account manager.")

    @api.model
    def _preview_triggers(self):
        return [
            *super()._preview_triggers(), 'active', 'group_id', 'source', 'metric_id', 'reading_kind', 'window_days',
            'validity_days', 'missing_policy', 'band_ids.value_from', 'band_ids.points']

    def _preview_put(self, rules):
        key = str(self._origin.id or 0)
        on_a_card = rules['measures'].pop(key, None) is not None
        if self.active and on_a_card:
            values = self._rules_values()
            rules['measures'][key] = values | {'bands': values['bands'] or [[0, 0]]}
        rules['caps'] = [cap for cap in rules['caps'] if str(cap['measure']) in rules['measures']]

    def _preview_values(self):
        """Add whether the measure is on a scorecard at all."""
        values = super()._preview_values()
        lines = self.env['customer.health.scorecard']._get_lines()
        return values | {'on_no_card': self._origin not in lines.measure_id}
