from odoo import api, models


class CustomerHealthCap(models.Model):
    _name = 'customer.health.cap'
    _inherit = ['customer.health.cap', 'customer.health.preview']

    @api.model
    def _preview_triggers(self):
        return [*super()._preview_triggers(), 'active', 'measure_id', 'comparison', 'value', 'maximum']

    def _preview_put(self, rules):
        key = self._origin.id or 0
        rules['caps'] = [cap for cap in rules['caps'] if cap['id'] != key]
        if self.active and self.measure_id.active:
            self._preview_use(rules, self.measure_id)
            rules['caps'].append({
                'id': key, 'name': self.name or '', 'measure': self.measure_id.id, 'comparison': self.comparison,
                'value': self.value, 'maximum': self.maximum})
