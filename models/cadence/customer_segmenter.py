from odoo import api, fields, models
from odoo.tools import SQL


class CustomerSegmenter(models.AbstractModel):
    _inherit = 'customer.segmenter'

    @api.model
    def _columns_sql(self):
        columns = super()._columns_sql()
        if not self.env['customer.segment.rule']._asks_for('silent_days'):
            return columns  # nobody looks at it
        self.env['customer.followup'].flush_model(['partner_id', 'state', 'contact_day', 'outcome'])
        return SQL("%s, %s AS heard_on", columns, self._heard_on_sql())

    @api.model
    def _heard_on_sql(self):
        """Return SQL for the day on which a customer ``p`` was last spoken with; before that, it came on that day."""
        return SQL(
            """COALESCE((SELECT max(f.contact_day) FROM customer_followup f
                          WHERE f.partner_id = p.id AND f.state = 'done' AND f.outcome IS DISTINCT FROM 'no_answer'),
                        p.customer_managed_since)""")

    @api.model
    def _condition_sql(self, name, value, relation, tier):
        if name == 'silent_days':
            return SQL("%s < %s", SQL.identifier(relation, 'heard_on'), fields.Date.subtract(
                fields.Date.context_today(self), days=value))
        return super()._condition_sql(name, value, relation, tier)

    @api.model
    def _otherwise(self):
        # silence grows by itself, and no column holds it
        if self.env['customer.segment.rule']._asks_for('silent_days') and not self._rules_changed():
            return 'silence'
        return super()._otherwise()

    @api.model
    def _segments_changed(self):
        """Re-plan customers that came into a segment with a cadence, or left one (CAD-1)."""
        result = super()._segments_changed()
        if segments := self.env['customer.cadence']._watched_segments():
            self.env['customer.plan.request']._request_changed(SQL(
                """SELECT id FROM customer_placed
                    WHERE old_segment_id = ANY(%(segments)s) OR new_segment_id = ANY(%(segments)s)""",
                segments=segments))
        return result
