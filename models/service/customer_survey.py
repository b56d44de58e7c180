from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..platform.counted import plural
from .customer_sla_policy import CASE_TYPES

#: What is asked, with the smallest and the greatest answer.
KINDS = [('nps', "Recommendation, 0 to 10 (NPS)"), ('csat', "Satisfaction, 1 to 5 (CSAT)")]
SCALES = {'nps': (0, 10), 'csat': (1, 5)}


class CustomerSurvey(models.Model):
    """One question that customers are asked by email, whom, and when (SRV-5).

    Odoo's own pages for ratings and surveys are not used: a rating knows 1 to 5 in three steps and no 0 to 10, its link and that
    of a survey record what a mail scanner sends, and ``survey`` brings gamification along. The page is in ``controllers``.
    """

    _name = 'customer.survey'
    _description = "Survey"
    _inherit = ['customer.asking']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, help="What it is called here; customers don't see it.")
    sequence = fields.Integer(default=10, help="Whoever fits several surveys is asked by the first.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name='res.company', index='btree_not_null', help="Empty: customers of all companies are asked.")
    kind = fields.Selection(selection=KINDS, string="Asks For", required=True, default='nps')
    question = fields.Char(required=True, translate=True, help="As it stands in the email and on the page.")
    low_label = fields.Char(string="Smallest Answer Means", translate=True)
    high_label = fields.Char(string="Greatest Answer Means", translate=True)
    comment_label = fields.Char(string="Asks for Words", translate=True, help="Above the field for what else there is to say.")
    thanks = fields.Text(string="Words of Thanks", translate=True, help="What the page says after the answer.")
    mail_template_id = fields.Many2one(
        comodel_name='mail.template', string="Email Template", required=True, ondelete='restrict',
        domain=[('model', '=', 'customer.feedback.request')])
    # who is asked
    asks_on = fields.Selection(
        selection=[('round', "Regularly"), ('case', "After a case"), ('touchpoint', "By a touchpoint of a cadence")],
        string="When to Ask", required=True, default='round')
    case_when = fields.Selection(
        selection=[('closed', "Closed"), ('solved', "Solved")], string="When the Case Is", required=True, default='closed')
    case_type = fields.Selection(selection=CASE_TYPES, help="Empty: after cases of all kinds.")
    after_days = fields.Integer(string="So Many Days Later", default=1)
    repeat_days = fields.Integer(
        string="The Same Person Again After (days)", default=180,
        help="How long this survey waits at least. The days of rest of the settings hold over all surveys besides.")
    per_day = fields.Integer(
        string="At Most a Day", default=100, help="So that there is time to answer to what comes back. 0: no limit.")
    tier_ids = fields.Many2many(comodel_name='customer.tier', string="Only Tiers", help="Empty: customers of all tiers.")
    customer_domain = fields.Char(
        string="Only Customers", default='[]', help="Which customers are asked, apart from the tiers.")
    target = fields.Float(digits=(16, 1), help="What is aimed at: an NPS, or an average of 1 to 5. 0: no target.")
    # what came of it
    request_ids = fields.One2many(comodel_name='customer.feedback.request', inverse_name='survey_id', string="Questions Sent")
    asked_count = fields.Integer(string="Asked So Far", compute='_compute_result')
    answer_count = fields.Integer(string="Answers", compute='_compute_result')
    result = fields.Char(compute='_compute_result')

    _times = models.Constraint(
        'CHECK (after_days >= 0 AND repeat_days >= 0 AND per_day >= 0)', "Days and numbers of a survey can't be negative.")

    @api.constrains('customer_domain')
    def _check_customer_domain(self):
        for survey in self:
            try:
                self.env['res.partner'].search_count(survey._domain(), limit=1)
            except Exception:
                raise ValidationError(self.env._(
                    "The choice of customers of “%(survey)s” can't be read. Choose them anew.", survey=survey.name)) from None

    @api.constrains('kind')
    def _check_kind(self):
        for survey in self:
            if self.env['customer.feedback'].sudo().search_count(  # also of customers of others
                    Domain('survey_id', '=', survey.id) & Domain('kind', '!=', survey.kind), limit=1):
                raise ValidationError(self.env._(
                    "“%(survey)s” has answers on another scale. Archive it and make a new one.", survey=survey.name))

    @api.depends('kind', 'target')
    @api.depends_context('uid', 'lang')
    def _compute_result(self):
        """Of the customers that the user may see."""
        requests, feedbacks = self.env['customer.feedback.request'], self.env['customer.feedback']
        asked = {survey: count for survey, count in requests._read_group(
            [('survey_id', 'in', self.ids), ('asked_on', '!=', False)], ['survey_id'], ['__count'])}
        found = feedbacks._summaries([('survey_id', 'in', self.ids)], 'survey_id')
        for survey in self:
            own = found.get((survey._origin.id, survey.kind))
            survey.asked_count = asked.get(survey._origin, 0)
            survey.answer_count = own.n if own else 0
            survey.result = feedbacks._say_summary(own, survey.target) if own else False

    def _describe_archiving(self, active):
        waiting = self.env['customer.feedback.request'].sudo().search_count(  # of customers of everybody
            [('survey_id', '=', self.id), ('state', '=', 'waiting')])
        if active:
            return self.env._("customers are asked again.")
        return plural(
            waiting, self.env._("1 question that was about to be sent is not asked."),
            self.env._("%(count)s questions that were about to be sent are not asked.", count=waiting))

    def write(self, vals):
        """Who is not asked any more is told so on what was about to be sent."""
        result = super().write(vals)
        if vals.get('active') is False:
            self.env['customer.feedback.request'].sudo().search(  # as above
                [('survey_id', 'in', self.ids), ('state', '=', 'waiting')])._drop('survey_off')
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_answers(self):
        """Open what was answered."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_feedback_action')
        return {**action, 'domain': [('survey_id', '=', self.id)], 'context': {}}

    def action_requests(self):
        """Open who was asked."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_feedback_request_action')
        return {**action, 'domain': [('survey_id', '=', self.id)], 'context': {}}

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _domain(self):
        """Return the domain of the customers who are asked."""
        self.ensure_one()
        domain = Domain(safe_eval(self.customer_domain or '[]', {'uid': self.env.uid}))
        if self.tier_ids:
            domain &= Domain('customer_tier_id', 'in', self.tier_ids.ids)
        return domain & Domain('customer_managed', '=', True)

    def _scale(self):
        """Return the answers that can be given, the smallest first."""
        self.ensure_one()
        first, last = SCALES[self.kind]
        return list(range(first, last + 1))

    @api.model
    def _after_case(self, case, moment):
        """Return the survey that asks about a case at its end.

        :param str moment: ``solved`` or ``closed``
        """
        tier = case.sudo().partner_id.customer_tier_id  # rules bind everybody
        return self.sudo().search(  # as above
            Domain('asks_on', '=', 'case') & Domain('case_when', '=', moment)
            & Domain('case_type', 'in', (False, case.case_type)) & Domain('company_id', 'in', (False, case.company_id.id)),
        ).filtered(lambda survey: not survey.tier_ids or tier in survey.tier_ids)[:1]
