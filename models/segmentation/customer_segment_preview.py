from odoo import api, fields, models
from odoo.tools import SQL

from .customer_segment_rule import EditedRules

GROUP_MANAGER = 'customer_success.group_customer_success_manager'


class CustomerSegmentPreview(models.AbstractModel):
    """What the rules of segments would do to the customers, shown before they are saved (SEG-4).

    The rules of all segments are one set, tried in one order; so what stands on a form is put among the saved ones, and all
    customers are placed by that in the statement that places them every night. Before and after are both made so, so that
    nothing but the edit makes the difference. Nothing is written.
    """

    _name = 'customer.segment.preview'
    _description = "Preview of Changed Segments"

    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False, groups=GROUP_MANAGER,
        help="How many customers would go from which segment to which, before anything is saved.")

    @api.depends(lambda self: self._preview_triggers())
    @api.depends_context('lang', 'uid')
    def _compute_preview(self):
        for record in self:
            record.preview = self.env['ir.qweb']._render('customer_success.customer_moves_preview', record._preview_values())

    @api.model
    def _preview_triggers(self):
        """Return the fields whose change is worth another look."""
        return []

    def _preview_edit(self):
        """Return what stands on the form.

        :return: the saved rules that it takes the place of, the rules instead of them with their segment, and by id how
            segments are called now
        :rtype: tuple[customer.segment.rule, list[tuple], dict]
        """
        raise NotImplementedError

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for rules that can't be saved."""
        self.ensure_one()
        rules = self.env['customer.segment.rule']
        replaced, edited, names = self._preview_edit()
        entries = [(rule, rule.segment_id) for rule in rules._in_order() - replaced] + edited
        # what is not saved yet is the youngest
        entries.sort(key=lambda entry: (entry[0].sequence, entry[1].sequence, entry[0]._origin.id or float('inf')))
        if not any(rule._is_for_everybody() for rule, __ in entries):
            return {'refused': rules._describe_nobody()}
        # customers of every salesperson are placed together; nothing but the edit makes the difference
        saved = self.env['customer.segmenter'].sudo()
        edited = saved.with_context(customer_segment_rules=EditedRules(
            (segment._origin.id or 0, rule._get_condition_values()) for rule, segment in entries))
        self.env['res.partner'].flush_model()
        moves = self.env['customer.segment.change'].sudo()  # as above
        return {'refused': False, 'in_force': True, **moves._preview_moves(SQL(
            """SELECT before.id, before.new_segment_id AS old_id, after.new_segment_id AS new_id
                 FROM (%s) AS before JOIN (%s) AS after ON after.id = before.id""",
            saved._verdict_sql(), edited._verdict_sql()), names)}


class CustomerSegment(models.Model):
    _name = 'customer.segment'
    _inherit = ['customer.segment', 'customer.segment.preview']

    @api.model
    def _preview_triggers(self):
        rules = self.env['customer.segment.rule']
        return ['name', 'active', 'sequence', *(f'rule_ids.{name}' for name in ('sequence', *rules._conditions()))]

    def _preview_edit(self):
        saved = self._origin.with_context(active_test=False).rule_ids
        edited = [(rule, self) for rule in self.rule_ids] if self.active else []
        return saved, edited, {self._origin.id or 0: self.name}


class CustomerSegmentRule(models.Model):
    _name = 'customer.segment.rule'
    _inherit = ['customer.segment.rule', 'customer.segment.preview']

    waits = fields.Boolean(related='segment_id.waits')
    report = fields.Char(related='segment_id.report')

    @api.model
    def _preview_triggers(self):
        return ['sequence', 'segment_id', *self._conditions()]

    def _preview_edit(self):
        segment = self.segment_id
        return self._origin, [(self, segment)] if segment.active else [], {}

    def action_place_customers(self):
        """Put all customers into the segments that the rules say now, and say what changed since the rules were."""
        self.check_access('write')
        return (self.segment_id or self.env['customer.segment'].search([], limit=1)).action_place_customers()
