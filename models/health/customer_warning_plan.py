from odoo import fields, models


class CustomerWarningPlan(models.Model):
    """What is done when a warning is taken up: the follow-ups that open (HEA-3)."""

    _name = 'customer.warning.plan'
    _description = "Action Plan"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    description = fields.Text(string="How To Go About It", translate=True, help="Shown on the warning.")
    line_ids = fields.One2many(
        comodel_name='customer.warning.plan.line', inverse_name='plan_id', string="Steps", copy=True)
    rule_ids = fields.One2many(
        comodel_name='customer.warning.rule', inverse_name='plan_id', string="Used By", readonly=True)

    def _open_followups(self, warning):
        """Open a follow-up for each step of this plan, as agreed next steps.

        :param warning: customer.warning it is for
        :return: customer.followup
        """
        self.ensure_one()
        partner, today = warning.partner_id, fields.Date.context_today(self)
        company = partner._planning_company()
        # follow-ups for colleagues: the roles of the plan say who, whoever takes the warning on
        return self.env['customer.followup'].sudo().create([{
            'partner_id': partner.id,
            'company_id': company.id,
            'channel_id': line.channel_id.id,
            # kept as text, so in the language of whoever does it
            'name': line.with_context(lang=user.lang or self.env.lang).name,
            'date_planned': line._day(today, warning, company),
            'user_id': user.id,
            'warning_id': warning.id,
            # what is the account manager's follows the account manager; the others were asked to
            **({'given_by_id': False} if line.role == 'manager' else {}),
        } for line in self.line_ids for user in [line._user(warning)]])
