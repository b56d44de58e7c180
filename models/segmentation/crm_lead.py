from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date

from ...engine import needs
from ..platform.local_text import listed
from .customer_needs_answer import QUESTIONS

#: Who may grade leads: whoever sells.
SELLER = 'sales_team.group_sale_salesman'
#: What a change of asks for a new grade.
GRADED_BY = {*QUESTIONS.values(), 'expected_revenue', 'company_id', 'user_id', 'team_id'}  # the company follows the person
#: What the grading keeps; people set it through their answers, or by the dialog.
KEPT = {'customer_need_value', 'customer_points', 'customer_grade_id', 'customer_grade_since', 'customer_grade_manual_id',
        'customer_grade_reason', 'customer_grade_until', 'customer_grade_change_ids'}


class CrmLead(models.Model):
    """How much a lead deserves: three answers and the grade that follows from them (SEG-6)."""

    _name = 'crm.lead'
    _inherit = ['crm.lead', 'customer.guarded']

    customer_urgency_id = fields.Many2one(
        comodel_name='customer.needs.answer', string="Urgency", domain=[('question', '=', 'urgency')],
        index='btree_not_null', ondelete='restrict', groups=SELLER, help="When do they need it?")
    customer_importance_id = fields.Many2one(
        comodel_name='customer.needs.answer', string="Importance", domain=[('question', '=', 'importance')],
        index='btree_not_null', ondelete='restrict', groups=SELLER,
        help="How much is it worth? It follows the expected value; where that is not known, say what you think.")
    customer_fit_id = fields.Many2one(
        comodel_name='customer.needs.answer', string="Fit", domain=[('question', '=', 'fit')],
        index='btree_not_null', ondelete='restrict', groups=SELLER,
        help="How well does what we have answer what they need?")
    customer_core_need = fields.Text(
        string="Core Need", groups=SELLER, help="What they really want to reach, in their words.")
    customer_solution = fields.Text(
        string="Solution Direction", groups=SELLER, help="With what we want to answer it.")
    customer_need_value = fields.Float(
        string="Expected Value When Graded", readonly=True, copy=False, groups=SELLER,
        help="In the currency of the main company, at the exchange rate of the day on which it was entered.")
    customer_points = fields.Integer(string="Points", readonly=True, copy=False, aggregator=None, groups=SELLER)
    customer_grade_id = fields.Many2one(
        comodel_name='customer.needs.grade', string="Needs Grade", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups=SELLER, help="Follows from urgency, importance and fit.")
    customer_grade_color = fields.Integer(related='customer_grade_id.color')
    customer_grade_since = fields.Date(string="Graded Since", readonly=True, copy=False, groups=SELLER)
    customer_grade_manual_id = fields.Many2one(
        comodel_name='customer.needs.grade', string="Grade by Hand", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', groups=SELLER)
    customer_grade_reason = fields.Char(string="Reason of the Grade", readonly=True, copy=False, groups=SELLER)
    customer_grade_until = fields.Date(
        string="Grade by Hand Until", readonly=True, copy=False, groups=SELLER, help="The last day on which it holds.")
    customer_grade_note = fields.Char(string="Why This Grade", compute='_compute_customer_grade_note', groups=SELLER)
    customer_importance_known = fields.Boolean(
        string="Importance by Amount", compute='_compute_customer_importance_known', groups=SELLER,
        help="The importance follows from the expected value.")
    customer_grade_change_ids = fields.One2many(
        comodel_name='customer.needs.grade.change', inverse_name='lead_id', string="History of the Grade", readonly=True,
        groups=SELLER)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('expected_revenue', 'company_currency')
    def _compute_customer_importance_known(self):
        for lead in self:
            lead.customer_importance_known = bool(lead._customer_value())

    @api.depends(
        *QUESTIONS.values(), 'expected_revenue', 'company_currency', 'customer_grade_manual_id', 'customer_grade_reason',
        'customer_grade_until')
    @api.depends_context('lang')
    def _compute_customer_grade_note(self):
        for lead in self:
            lead.customer_grade_note = lead._describe_customer_grade()

    @api.onchange('expected_revenue', 'company_id', *QUESTIONS.values())
    def _onchange_customer_importance(self):
        """Show the importance that follows from the expected value while the form is filled in."""
        if self.customer_urgency_id or self.customer_fit_id or self.customer_importance_id:
            self.customer_importance_id = self._customer_importance()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        return super()._open_to_people() - KEPT

    def _say_kept(self, names):
        return self.env._(
            "These fields of a lead are kept by the grading and can't be written: %(names)s. Answer the three questions, or "
            "set the grade by hand with a reason.", names=names)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._guard(vals)
        leads = super().create(vals_list)
        leads._customer_grade()
        return leads

    def write(self, vals):
        self._guard(vals)
        result = super().write(vals)
        if GRADED_BY & vals.keys():
            self._customer_grade()
        return result

    @api.constrains(*QUESTIONS.values())
    def _check_customer_answers(self):
        for lead in self.sudo():  # whoever may write the lead may read its answers
            for question, field in QUESTIONS.items():
                if lead[field] and lead[field].question != question:
                    raise ValidationError(self.env._(
                        "“%(answer)s” is no answer to the question “%(field)s”. Choose one of those that are offered.",
                        answer=lead[field].name, field=self._fields[field]._description_string(self.env)))

    def _merge_get_fields(self):
        """What is known of the need is kept when leads are merged, the first answer that there is."""
        return [*super()._merge_get_fields(), *QUESTIONS.values()]

    def _merge_get_fields_specific(self):
        """What stands in words is put together, so that nothing is lost."""
        def together(name, leads):
            texts = [lead[name] for lead in leads.sudo()]  # whoever may merge them
            return '\n'.join(dict.fromkeys(text.strip() for text in texts if text and text.strip()))
        return {
            **super()._merge_get_fields_specific(), 'customer_core_need': together, 'customer_solution': together}

    def _merge_dependences(self, opportunities):
        """The history of the grades stays, and a grade by hand goes along where the lead that is left has none."""
        result = super()._merge_dependences(opportunities)
        own = self.sudo()  # kept by the addon, for nobody to write
        others = (opportunities - self).sudo()  # as above
        others.customer_grade_change_ids.write({'lead_id': self.id})
        if not own.customer_grade_manual_id and (by_hand := others.filtered('customer_grade_manual_id')[:1]):
            own.write({name: by_hand[name] if name != 'customer_grade_manual_id' else by_hand[name].id for name in (
                'customer_grade_manual_id', 'customer_grade_reason', 'customer_grade_until')})
            self.env['customer.needs.grader']._grade('merged', self.ids, self.env.user)
        return result

    # ------------------------------------------------------------
    # GRADING
    # ------------------------------------------------------------

    def _customer_grade(self):
        """Grade those of these leads that somebody has answered for."""
        answered = self.sudo().filtered(lambda lead: lead.customer_grade_id or any(  # whoever may write the lead
            lead[field] for field in QUESTIONS.values()))
        if not answered:
            return
        for lead in answered:
            value = lead._customer_value()
            if value != lead.customer_need_value:
                lead.customer_need_value = value
        self.env['customer.needs.grader']._grade('answers', answered.ids, self.env.user)

    def _customer_grade_changed(self):
        """Tell what hangs on the grade of these leads that it is another one; for other wings to add to."""

    def _customer_value(self):
        """Return the expected value in the currency of the main company, by the exchange rate of today; 0 where none is
        entered or its exchange rate is missing: that is not known, and not 1 : 1."""
        self.ensure_one()
        company, currency = self.env['customer.registry']._main_company(), self.company_currency
        if self.expected_revenue <= 0 or not currency or self._customer_rate_missing():
            return 0.0
        return currency._convert(
            self.expected_revenue, company.currency_id, company, fields.Date.context_today(self), round=False)

    def _customer_rate_missing(self):
        """Return whether the expected value can't be compared, because its exchange rate is missing."""
        company = self.env['customer.registry']._main_company()
        currency = self.company_currency
        return currency != company.currency_id and (
            currency.id in self.env['customer.money']._missing_rates().get(company.id, ()))

    def _customer_importance(self):
        """Return the importance: what the expected value says, else what a person said."""
        value = self._customer_value()
        if not value:
            return self.customer_importance_id
        answers = self.env['customer.needs.answer']
        return answers.browse(needs.reached(
            value, [(answer_id, minimum) for answer_id, __, minimum in answers._get_rules()['importance']]))

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    def _describe_customer_grade(self):
        """Return why the lead has its grade, or what is missing for one."""
        self.ensure_one()
        computed = self._describe_customer_points()
        if not self.customer_grade_manual_id:
            return computed
        values = {'grade': self.customer_grade_manual_id.name, 'reason': self.customer_grade_reason, 'computed': computed}
        if not self.customer_grade_until:
            return self.env._("%(grade)s by hand: %(reason)s. By the answers: %(computed)s", **values)
        return self.env._(
            "%(grade)s by hand until %(day)s: %(reason)s. By the answers: %(computed)s",
            day=format_date(self.env, self.customer_grade_until), **values)

    def _describe_customer_points(self):
        """Return how the answers add up to the grade."""
        rules = self.env['customer.needs.answer']._get_rules()
        answers = [self.customer_urgency_id, self._customer_importance(), self.customer_fit_id]
        known = {answer_id: points for answer in rules.values() for answer_id, points, __ in answer}
        grades = self.env['customer.needs.grade']._get_rules()
        points, grade_id = needs.grade([known.get(answer._origin.id) for answer in answers], grades)
        if grade_id is None:
            return self._describe_customer_missing(answers)
        parts = [self.env._(
            "%(question)s %(points)s (%(answer)s)", question=self._fields[field]._description_string(self.env),
            answer=answer.display_name, points=known[answer._origin.id])
            for field, answer in zip(QUESTIONS.values(), answers, strict=True)]
        return self.env._(
            "%(grade)s, points: %(points)s of %(most)s. %(parts)s. %(grade)s begins at %(minimum)s.",
            grade=self.env['customer.needs.grade'].browse(grade_id).name, points=points, parts=listed(self.env, parts),
            most=sum(max((one for __, one, __ in answer), default=0) for answer in rules.values()),
            minimum=dict(grades)[grade_id])

    def _describe_customer_missing(self, answers):
        """Return what is missing for a grade."""
        if not any(answers):
            return self.env._("No grade yet: answer how urgent it is, how important, and how well we fit.")
        names = [self._fields[field]._description_string(self.env) for field, answer in zip(
            QUESTIONS.values(), answers, strict=True) if not answer]
        text = self.env._("No grade yet. Still missing: %(names)s.", names=listed(self.env, names))
        if self.expected_revenue > 0 and self._customer_rate_missing():
            return self.env._(
                "%(text)s The expected value of %(amount)s can't be compared, because there is no exchange rate for "
                "%(currency)s: choose the importance yourself, or ask an administrator to enter the rate.", text=text,
                amount=format_amount(self.env, self.expected_revenue, self.company_currency), currency=self.company_currency.name)
        return text

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def action_customer_grade(self):
        """Open the dialog that sets the grade by hand."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Needs grade"),
            'res_model': 'customer.needs.manual',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_lead_ids': self.ids},
        }

    def _customer_set_grade(self, grade, reason, until):
        """Keep these leads in a grade.

        :param grade: customer.needs.grade
        :param str reason: why
        :param date until: the last day, or False
        """
        if not grade:
            raise ValidationError(self.env._("Please choose the grade."))
        if not (reason or '').strip():
            raise ValidationError(self.env._("Please say why the grade is another one: whoever looks at the lead will ask."))
        if until and until < fields.Date.context_today(self):
            raise ValidationError(self.env._("The last day of the grade is past. Choose today or a day to come."))
        self._keep({'customer_grade_manual_id': grade.id, 'customer_grade_reason': reason, 'customer_grade_until': until})
        self.env['customer.needs.grader']._grade('manual', self.ids, self.env.user)

    def _customer_end_grade(self):
        """Let the answers decide again."""
        self._customer_clear_manual_grade()
        self.env['customer.needs.grader']._grade('ended', self.ids, self.env.user)

    def _customer_clear_manual_grade(self):
        self._keep({'customer_grade_manual_id': False, 'customer_grade_reason': False, 'customer_grade_until': False})
