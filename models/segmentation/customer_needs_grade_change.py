from odoo import api, fields, models


class CustomerNeedsGradeChange(models.Model):
    """One change of a lead's needs grade, with its cause (SEG-6)."""

    _name = 'customer.needs.grade.change'
    _description = "Change of a Needs Grade"
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'

    lead_id = fields.Many2one(comodel_name='crm.lead', required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True, index=True)
    old_grade_id = fields.Many2one(
        comodel_name='customer.needs.grade', readonly=True, ondelete='restrict')
    new_grade_id = fields.Many2one(
        comodel_name='customer.needs.grade', readonly=True, ondelete='restrict')
    cause = fields.Selection(
        selection=[('answers', "The answers"), ('rules', "Changed rules"), ('manual', "Given by hand"),
                   ('ended', "Set by hand, ended"), ('expired', "Grade set by hand expired"), ('merged', "Leads were merged")],
        required=True, readonly=True)
    points = fields.Integer(string="Points Then", readonly=True, aggregator=None)
    reason = fields.Char(readonly=True, help="What the person who set the grade by hand wrote.")
    user_id = fields.Many2one(
        comodel_name='res.users', string="By", readonly=True, ondelete='set null', help="Empty: by a scheduled action.")

    @api.depends('lead_id')
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.lead_id.sudo().name  # whoever sees the row knows the lead by name
