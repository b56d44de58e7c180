from odoo import api, fields, models
from odoo.tools import SQL

from ..segmentation.customer_segment_preview import GROUP_MANAGER


class CustomerStagePreview(models.AbstractModel):
    """What the rules of stages would do to the customers, shown before they are saved (LIF-3).

    What stands on a form is put among the saved rules, and all customers are placed by that in the statement that places
    them every night. Before and after are both made so, so that nothing but the edit makes the difference. Nothing is written.
    """

    _name = 'customer.stage.preview'
    _description = "Preview of Changed Stages"

    preview = fields.Html(
        string="What It Would Do", compute='_compute_preview', sanitize=False, groups=GROUP_MANAGER,
        help="How many customers would go from which stage to which, before anything is saved.")

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

        :return: the saved rules that it takes the place of, the rules instead of them with their stage, and by id how
            stages are called now
        :rtype: tuple[customer.stage.rule, list[tuple], dict]
        """
        raise NotImplementedError

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for rules that can't be saved."""
        self.ensure_one()
        rules, stager = self.env['customer.stage.rule'], self.env['customer.stager'].sudo()  # customers of everybody
        replaced, edited, names = self._preview_edit()
        entries = [(rule, rule.stage_id) for rule in rules._in_order() - replaced] + edited
        # what is not saved yet is the youngest
        entries.sort(key=lambda entry: (entry[0].sequence, entry[1].sequence, entry[0]._origin.id or float('inf')))
        if not any(rule._is_for_everybody() for rule, __ in entries):
            return {'refused': rules._describe_nobody()}
        self.env.flush_all()
        changes = self.env['customer.stage.change'].sudo()  # as above
        return {'refused': False, 'in_force': True, **changes._preview_moves(SQL(
            """SELECT before.id, before.new_stage_id AS old_id, after.new_stage_id AS new_id
                 FROM (%s) AS before JOIN (%s) AS after ON after.id = before.id""",
            stager._verdict_sql(rules._get_rules(), rules_changed=True),
            stager._verdict_sql([rule._as_rule(stage) for rule, stage in entries], rules_changed=True)), names)}
