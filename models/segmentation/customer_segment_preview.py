from odoo import api, fields, models
from odoo.tools import SQL

GROUP_MANAGER = 'customer_success.group_customer_success_manager'


class EditedRules(tuple):
    """Rules as they stand on a form, for a preview: nobody can hand such a thing over from outside."""

    __slots__ = ()


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

    @api.model
    def _preview_entries(self, rules, owner, replaced, edited):
        """Return the rules as they would be tried, each with what it puts customers into; see :meth:`_preview_edit`.

        :param rules: the model of the rules
        :param str owner: its field for what customers are put into
        :rtype: list[tuple]
        """
        entries = [(rule, rule[owner]) for rule in rules._in_order() - replaced] + edited
        # what is not saved yet is the youngest
        return sorted(entries, key=lambda entry: (entry[0].sequence, entry[1].sequence, entry[0]._origin.id or float('inf')))

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for rules that can't be saved."""
        self.ensure_one()
        rules = self.env['customer.segment.rule']
        replaced, edited, names = self._preview_edit()
        entries = self._preview_entries(rules, 'segment_id', replaced, edited)
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
