from odoo import api, models


class CustomerHealthScorecard(models.Model):
    _name = 'customer.health.scorecard'
    _inherit = ['customer.health.scorecard', 'customer.health.preview']

    @api.model
    def _preview_triggers(self):
        return [
            *super()._preview_triggers(), 'active', 'sequence', 'tier_ids', 'segment_ids', 'healthy_from', 'watch_from',
            'minimum_coverage', 'minimum_groups', 'line_ids.measure_id', 'line_ids.weight']

    def _preview_put(self, rules):
        key = self._origin.id or 0
        rules['cards'].pop(str(key), None)
        order = [card for card in self.search([]) if card != self._origin]
        if self.active:
            rules['cards'][str(key)] = self._rules_values()
            self._preview_use(rules, self.line_ids.measure_id)
            order.append(self)
        # a card that is not saved yet is the youngest
        order.sort(key=lambda card: (card.sequence, card._origin.id or float('inf')))
        rules['order'] = [card._origin.id or 0 for card in order]
