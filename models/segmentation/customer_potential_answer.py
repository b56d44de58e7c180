from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ..platform.local_text import listed
from .customer_potential_factor import ANSWER_FIELDS, ANSWERS, QUESTIONS

#: Answer that takes the one before it back.
UNKNOWN = 'unknown'


class CustomerPotentialAnswer(models.Model):
    """What a customer answered, or what its account manager thinks, to one of the questions about its potential: dated, and by
    whom (SEG-3). The latest one counts, until it is too old; the others are how it came about."""

    _name = 'customer.potential.answer'
    _inherit = ['customer.of.one']
    _description = "Answer About the Potential"
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    question = fields.Selection(
        selection=[
            ('upgrade', "Do they need newer technology?"), ('expansion', "Do they expand into other regions?"),
            ('budget', "Where is their budget going?")], string="Question of the Potential", required=True)
    answer = fields.Selection(selection=[*ANSWERS, (UNKNOWN, "Not known")], string="Answer Given", required=True)
    date = fields.Date(string="Answered On", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Noted By", index=True, ondelete='set null', default=lambda self: self.env.user,
        domain=[('share', '=', False)])
    note = fields.Char(string="What They Said", help="In their words: “the old line goes out of service in spring”.")

    _question_idx = models.Index('(partner_id, question, date DESC, id DESC)')

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.constrains('question', 'answer')
    def _check_answer(self):
        questions, answers = (
            dict(self._fields[name]._description_selection(self.env)) for name in ('question', 'answer'))
        for record in self:
            possible = (*QUESTIONS[record.question], UNKNOWN)
            if record.answer not in possible:
                raise ValidationError(self.env._(
                    "“%(answer)s” is no answer to “%(question)s”. Choose one of these: %(answers)s.",
                    answer=answers[record.answer], question=questions[record.question],
                    answers=listed(self.env, [answers[key] for key in possible])))

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        for record in self:
            if record.date > today:
                raise ValidationError(self.env._(
                    "An answer can't be of a day to come (%(day)s). Choose today or an earlier day.",
                    day=format_date(self.env, record.date)))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        answers._note_answered(answers.partner_id)
        return answers

    def write(self, vals):
        before = self.partner_id
        result = super().write(vals)
        self._note_answered(before | self.partner_id)
        return result

    def unlink(self):
        before = self.partner_id
        result = super().unlink()
        self._note_answered(before)
        return result

    @api.model
    def _note_answered(self, customers):
        """Compute the potential of customers anew, and read what is answered of them."""
        customers.invalidate_recordset(list(ANSWER_FIELDS.values()), flush=False)
        # a figure is one for all users
        self.env['customer.potential.keeper'].sudo()._recompute(customers)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _keep(self, customers, question, answer, note=False):
        """Note an answer of today; one that the same person gave today is corrected.

        :param customers: res.partner
        :param str question: a key of ``QUESTIONS``
        :param answer: one of its answers, or nothing where it is not known any more
        :param note: what they said
        """
        values, today = {'answer': answer or UNKNOWN, 'note': note}, fields.Date.context_today(self)
        given = self.search([
            ('partner_id', 'in', customers.ids), ('question', '=', question), ('date', '=', today),
            ('user_id', '=', self.env.uid)])
        given.write(values)
        self.create([
            {'partner_id': customer.id, 'question': question, 'date': today, **values}
            for customer in customers - given.partner_id])

    @api.model
    def _oldest(self):
        """Return the first day of which an answer still counts."""
        return fields.Date.subtract(
            fields.Date.context_today(self),
            days=self.env['res.config.settings']._customer_success('potential_answer_days'))

    @api.model
    def _latest_sql(self, questions, partner_ids=None):
        """Return SQL with the answers to questions that count: ``partner_id``, ``question``, ``answer``, ``date``."""
        only = SQL("AND partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT partner_id, question, answer, date
                 FROM (SELECT DISTINCT ON (partner_id, question) partner_id, question, answer, date
                         FROM customer_potential_answer WHERE question = ANY(%(questions)s) %(only)s
                     ORDER BY partner_id, question, date DESC, id DESC) AS latest
                WHERE answer <> %(unknown)s AND date >= %(oldest)s""",
            questions=list(questions), only=only, unknown=UNKNOWN, oldest=self._oldest())

    @api.model
    def _of_partners(self, partner_ids):
        """Return the answers about contacts that count, by contact and question.

        :rtype: dict[tuple[int, str], str]
        """
        if not partner_ids:
            return {}
        self.flush_model()
        rows = self.env.execute_query(self._latest_sql(QUESTIONS, partner_ids))
        return {(partner_id, question): answer for partner_id, question, answer, __ in rows}

    @api.model
    def _of_customer_sql(self, question, partner_id):
        """Return SQL for the answer that counts of a customer, NULL without one.

        :param SQL partner_id: its id
        """
        return SQL(
            """(SELECT CASE WHEN a.answer <> %(unknown)s AND a.date >= %(oldest)s THEN a.answer END
                  FROM customer_potential_answer a WHERE a.partner_id = %(partner)s AND a.question = %(question)s
              ORDER BY a.date DESC, a.id DESC LIMIT 1)""",
            unknown=UNKNOWN, oldest=self._oldest(), partner=partner_id, question=question)

    @api.model
    def _last_of(self, customer):
        """Return the last answer to each question about a customer, however old, as records by question."""
        found = {}
        for answer in self.search([('partner_id', '=', customer.id)]):
            found.setdefault(answer.question, answer)
        return {question: answer for question, answer in found.items() if answer.answer != UNKNOWN}
