from odoo import fields, models
from odoo.tools import SQL


class CustomerStagePreview(models.AbstractModel):
    """What the rules of stages would do to the customers, shown before they are saved (LIF-3).

    What stands on a form is put among the saved rules, and all customers are placed by that in the statement that places
    them every night. Before and after are both made so, so that nothing but the edit makes the difference. Nothing is written.
    """

    _name = 'customer.stage.preview'
    _inherit = ['customer.segment.preview']
    _description = "Preview of Changed Stages"

    preview = fields.Html(help="How many customers would go from which stage to which, before anything is saved.")

    def _preview_values(self):
        """Return what the preview shows: nothing more than ``refused`` for rules that can't be saved."""
        self.ensure_one()
        rules, stager = self.env['customer.stage.rule'], self.env['customer.stager'].sudo()  # customers of everybody
        replaced, edited, names = self._preview_edit()
        entries = self._preview_entries(rules, 'stage_id', replaced, edited)
        if not any(rule._is_for_everybody() for rule, __ in entries):
            return {'refused': rules._describe_nobody()}
        self.env.flush_all()
        changes = self.env['customer.stage.change'].sudo()  # as above
        return {'refused': False, 'in_force': True, **changes._preview_moves(SQL(
            """SELECT before.id, before.new_stage_id AS old_id, after.new_stage_id AS new_id
                 FROM (%s) AS before JOIN (%s) AS after ON after.id = before.id""",
            stager._verdict_sql(rules._get_rules(), rules_changed=True),
            stager._verdict_sql([rule._as_rule(stage) for rule, stage in entries], rules_changed=True)), names)}
