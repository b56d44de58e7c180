from odoo import api, fields, models
from odoo.tools import format_amount, ormcache

#: The three questions, and the field of a lead in which each is answered.
QUESTIONS = {'urgency': 'customer_urgency_id', 'importance': 'customer_importance_id', 'fit': 'customer_fit_id'}


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
