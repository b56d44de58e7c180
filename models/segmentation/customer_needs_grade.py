from odoo import api, fields, models
from odoo.tools import ormcache


class CustomerNeedsGrade(models.Model):
    """How much a lead deserves: A, B, C (SEG-6)."""

    _name = 'customer.needs.grade'
    _inherit = ['customer.named', 'customer.needs.rule']
    _description = "Needs Grade"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The best grade comes first.")
    minimum = fields.Integer(
        string="From Points", required=True, aggregator=None,
        help="A lead has the highest grade whose points its answers reach. Less than all of them is the lowest grade.")
    color = fields.Integer(help="Colour of the badge on cards and lists.")
    description = fields.Text(translate=True, help="What a lead of this grade can expect of us.")
    lead_count = fields.Integer(string="Leads With It", compute='_compute_lead_count')

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a grade with this name.")
    _minimum_uniq = models.Constraint(
        'UNIQUE (minimum)', "Two grades begin at the same points. Give each its own, or the lead would have two grades.")

    def _compute_lead_count(self):
        counts = dict(self.env['crm.lead']._read_group(
            [('customer_grade_id', 'in', self.ids)], ['customer_grade_id'], ['__count']))
        for grade in self:
            grade.lead_count = counts.get(grade._origin, 0)

    @api.model
    @ormcache()
    def _get_rules(self):
        """Return the ids of the grades with the points from which they begin."""
        return [(grade.id, grade.minimum) for grade in self.sudo().search([], order='id')]  # rules are no secret

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for grade in self:
            # those of colleagues count as well
            self._refuse_in_use(self.env['crm.lead'].sudo().with_context(active_test=False).search(
                ['|', ('customer_grade_id', '=', grade.id), ('customer_grade_manual_id', '=', grade.id)]), grade.name)

    def action_view_leads(self):
        """Open the leads of this grade."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.crm_lead_action_graded')
        action['domain'] = [('customer_grade_id', 'in', self.ids)]
        return action
