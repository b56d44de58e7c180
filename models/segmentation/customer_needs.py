"""The rules of the needs grade: which answers there are and what each is worth, and from how many points a grade begins."""
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, ormcache

from ..platform.counted import plural

#: The three questions, and the field of a lead in which each is answered.
QUESTIONS = {'urgency': 'customer_urgency_id', 'importance': 'customer_importance_id', 'fit': 'customer_fit_id'}
#: What a rule of the grade changes for leads that have their answers.
MATTERS = {'question', 'points', 'minimum'}


class CustomerNeedsRule(models.AbstractModel):
    """A rule of the needs grade: when it changes, the leads are graded anew."""

    _name = 'customer.needs.rule'
    _inherit = ['customer.cached']
    _description = "Rule of the Needs Grade"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env['customer.needs.grader']._rules_changed()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if MATTERS & vals.keys():
            self.env['customer.needs.grader']._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self.env['customer.needs.grader']._rules_changed()
        return result

    @api.model
    def _refuse_in_use(self, leads, name):
        """Refuse to delete a rule that leads hang on.

        :param leads: crm.lead
        :param str name: of the rule
        """
        if leads:
            raise UserError(self.env._(
                "“%(rule)s” can't be deleted: %(leads)s. Change its name or its points instead.", rule=name, leads=plural(
                    len(leads), self.env._("one lead has it"), self.env._("%(count)s leads have it", count=len(leads)))))


class CustomerNeedsAnswer(models.Model):
    """One answer to one of the three questions about a lead, with what it is worth (SEG-6)."""

    _name = 'customer.needs.answer'
    _inherit = ['customer.named', 'customer.needs.rule']
    _description = "Answer about a Need"
    _order = 'question, points desc, id'

    name = fields.Char(required=True, translate=True)
    question = fields.Selection(
        string="Answer To", selection=[
            ('urgency', "Urgency: when do they need it?"), ('importance', "Importance: how much is it worth?"),
            ('fit', "Fit: how well does what we have answer it?")], required=True)
    points = fields.Integer(
        required=True, default=1, aggregator=None, help="What this answer adds. The three together give the grade.")
    minimum = fields.Monetary(
        aggregator=None, string="From an Expected Value Of",
        help="Importance follows the expected value of the lead: the highest answer whose amount is reached. Less than all of "
             "them is the lowest one.")
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_currency_id')
    lead_count = fields.Integer(string="Leads With It", compute='_compute_lead_count')

    _points_positive = models.Constraint(
        'CHECK (points BETWEEN 0 AND 1000)',
        "An answer has 0 to 1,000 points. Give 0 to the answer that adds nothing.")
    _minimum_positive = models.Constraint(
        'CHECK (minimum >= 0)', "An expected value that begins below 0 makes no sense. Enter 0 for the lowest answer.")
    _named_within = ('question',)
    _name_uniq = models.Constraint('UNIQUE (question, name)', "This question already has an answer of this name.")
    _amount_uniq = models.UniqueIndex(
        "(minimum) WHERE question = 'importance'", "Two answers begin at the same expected value. Give each one of its own.")

    def _compute_currency_id(self):
        self.currency_id = self.env['customer.registry']._main_company().currency_id

    @api.depends('name', 'question', 'minimum')
    @api.depends_context('lang')
    def _compute_display_name(self):
        """The amount from which an importance begins is a rule: it is said as it stands there."""
        for answer in self:
            answer.display_name = answer.name if answer.question != 'importance' or not answer.minimum else self.env._(
                "%(answer)s: from %(amount)s", answer=answer.name,
                amount=format_amount(self.env, answer.minimum, answer.currency_id, trailing_zeroes=False))

    def _compute_lead_count(self):
        for question, field in QUESTIONS.items():
            answers = self.filtered(lambda answer, question=question: answer.question == question)
            counts = dict(self.env['crm.lead']._read_group([(field, 'in', answers.ids)], [field], ['__count']))
            for answer in answers:
                answer.lead_count = counts.get(answer._origin, 0)
        self.filtered(lambda answer: not answer.question).lead_count = 0

    @api.model
    @ormcache()
    def _get_rules(self):
        """Return the answers to each question: id, points and minimum, by the question.

        :rtype: dict[str, list[tuple]]
        """
        rules = {question: [] for question in QUESTIONS}
        for answer in self.sudo().search([], order='id'):  # rules are no secret
            rules[answer.question].append((answer.id, answer.points, answer.minimum))
        return rules

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for answer in self:
            # those of colleagues count as well
            self._refuse_in_use(self.env['crm.lead'].sudo().with_context(active_test=False).search(
                [(QUESTIONS[answer.question], '=', answer.id)]), answer.name)


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
