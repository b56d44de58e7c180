from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_repr, format_date

from ..base.customer_known import COMPARED, compared_sql
from ..platform.counted import points
from ..platform.local_text import listed
from ..profile.res_partner import GROUP_USER, PREFETCH
from .customer_potential import POTENTIALS
from .customer_potential_factor import ANSWER_FIELDS, ANSWERS, QUESTIONS

#: What people write of the potential when they judge it themselves.
JUDGEMENT = {'customer_potential', 'customer_potential_reason', 'customer_potential_until'}


def _answers(question):
    """Return the answers to a question as a selection, the most promising first."""
    return [(answer, label) for answer, label in ANSWERS if answer in QUESTIONS[question]]


class CustomerJudged(models.AbstractModel):
    """What a contact shows of its potential: the grade in force, what people answer, and what they judge themselves (SEG-3).
    Contacts inherit from it.

    The grade in force is the computed one, or one that somebody wrote, always with a reason: where there is a reason, it was
    judged by hand. To write nothing for the grade takes the judgement back, and the computed one counts at once.
    """

    _name = 'customer.judged'
    _description = "Potential of a Contact"

    customer_potential = fields.Selection(
        selection=POTENTIALS, string="Potential", copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="What more this customer could buy of us: computed from what is known, or as somebody judged it, with a reason.")
    customer_potential_reason = fields.Char(
        string="Why This Potential", copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="Why somebody judged it so. Empty where the potential is computed.")
    customer_potential_date = fields.Date(
        string="Potential Judged On", readonly=True, copy=False, groups=GROUP_USER, prefetch=PREFETCH)
    customer_potential_until = fields.Date(
        string="Potential Judged Until", copy=False, groups=GROUP_USER, prefetch=PREFETCH,
        help="The last day on which the judgement counts; the day after, the computed potential counts again. Empty: until "
             "somebody takes it back.")
    customer_potential_score = fields.Float(
        string="Potential Score", digits=(5, 2), compute='_compute_customer_potential_score', aggregator='avg',
        search='_search_customer_potential_score', groups=GROUP_USER,
        help="0 to 100. Where somebody judged the potential by hand, the score that comes next to the computed one and has that "
             "grade.")
    customer_potential_text = fields.Char(
        string="Potential and Score", compute='_compute_customer_potential_text', groups=GROUP_USER)
    customer_upgrade_need = fields.Selection(
        selection=_answers('upgrade'), string="Need of Newer Technology", compute='_compute_customer_answers',
        inverse='_inverse_customer_upgrade_need', search='_search_customer_upgrade_need', copy=False, groups=GROUP_USER,
        help="Is what they work with old, or too small for what they plan? An answer that is too old is asked for again.")
    customer_expansion = fields.Selection(
        selection=_answers('expansion'), string="Expansion Into Regions", compute='_compute_customer_answers',
        inverse='_inverse_customer_expansion', search='_search_customer_expansion', copy=False, groups=GROUP_USER,
        help="Do they open plants, offices or shops where they have none yet?")
    customer_budget_trend = fields.Selection(
        selection=_answers('budget'), string="Budget Trend", compute='_compute_customer_answers',
        inverse='_inverse_customer_budget_trend', search='_search_customer_budget_trend', copy=False, groups=GROUP_USER,
        help="Where is what they can spend on things like ours going?")

    _customer_potential_until_idx = models.Index(
        '(customer_potential_until) WHERE customer_potential_until IS NOT NULL')

    # ------------------------------------------------------------
    # ANSWERS AND SCORE
    # ------------------------------------------------------------

    @api.depends_context('tz')
    def _compute_customer_answers(self):
        # whoever sees a customer sees what is answered of it
        found = self.env['customer.potential.answer']._of_partners(self._origin.ids)
        for question, name in ANSWER_FIELDS.items():
            for partner in self:
                partner[name] = found.get((partner._origin.id, question), False)

    def _inverse_customer_upgrade_need(self):
        self._answer('upgrade')

    def _inverse_customer_expansion(self):
        self._answer('expansion')

    def _inverse_customer_budget_trend(self):
        self._answer('budget')

    def _answer(self, question):
        """Note the answers to a question that were written on these contacts."""
        given = {partner: partner[ANSWER_FIELDS[question]] for partner in self}
        for answer in set(given.values()):
            partners = self.filtered(lambda partner, answer=answer: given[partner] == answer)
            self.env['customer.potential.answer']._keep(partners.commercial_partner_id, question, answer)

    def _answer_questions(self, answers, note=False):
        """Note which answers about this customer are others than until now, with what was said.

        :param dict answers: by question, nothing for one that is not known
        """
        self.ensure_one()
        for question, answer in answers.items():
            if (answer or False) != self[ANSWER_FIELDS[question]]:
                self.env['customer.potential.answer']._keep(self, question, answer, note)

    def _search_customer_upgrade_need(self, operator, value):
        return self._search_answer('customer_upgrade_need', operator, value)

    def _search_customer_expansion(self, operator, value):
        return self._search_answer('customer_expansion', operator, value)

    def _search_customer_budget_trend(self, operator, value):
        return self._search_answer('customer_budget_trend', operator, value)

    @api.model
    def _search_answer(self, name, operator, value):
        if operator != 'in':
            return NotImplemented

        def to_sql(model, alias, query):
            answer = model._customer_potential_to_sql(alias, name)
            wanted = tuple(key for key in value if key)
            found = SQL("%s IN %s", answer, wanted) if wanted else SQL("FALSE")
            return SQL("(%s OR %s IS NULL)", found, answer) if False in value else found
        return Domain.custom(to_sql=to_sql)

    @api.depends('customer_potential', 'customer_potential_reason')
    def _compute_customer_potential_score(self):
        potential, ids = self.env['customer.potential'], self._origin.ids
        potential.flush_model()
        self.flush_model(JUDGEMENT & self._fields.keys())
        scores = dict(self.env.execute_query(SQL(
            "SELECT p.id, %s FROM res_partner p LEFT JOIN customer_potential k ON k.partner_id = p.id WHERE p.id = ANY(%s)",
            potential._points_sql(SQL("p"), SQL("k")), ids))) if ids else {}
        for partner in self:
            partner.customer_potential_score = scores.get(partner._origin.id) or 0

    def _search_customer_potential_score(self, operator, value):
        def to_sql(model, alias, query):
            return compared_sql(model._customer_potential_to_sql(alias, 'customer_potential_score'), operator, value)
        return Domain.custom(to_sql=to_sql) if operator in (*COMPARED, 'in') else NotImplemented

    @api.model
    def _customer_potential_to_sql(self, alias, name):
        """Return SQL for a field of the potential that no column holds, None for other fields."""
        if name == 'customer_potential_score':
            partner = SQL.identifier(alias)
            return SQL(
                "(SELECT %s FROM (SELECT 1) AS one LEFT JOIN customer_potential k ON k.partner_id = %s)",
                self.env['customer.potential']._points_sql(partner, SQL("k")), SQL.identifier(alias, 'id'))
        question = next((question for question, field in ANSWER_FIELDS.items() if field == name), None)
        return self.env['customer.potential.answer']._of_customer_sql(
            question, SQL.identifier(alias, 'id')) if question else None

    # ------------------------------------------------------------
    # JUDGED BY HAND
    # ------------------------------------------------------------

    def _read_judgement(self):
        """Return the grade, and reason and last day where somebody judged it."""
        partner = self.sudo()  # hidden from who has no role here
        return partner.customer_potential, partner.customer_potential_reason, partner.customer_potential_until

    @api.model
    def _complete_new_judgement(self, vals):
        """Return values of a new contact, without a reason for no grade.

        :raises ValidationError: for half of a judgement
        """
        if not JUDGEMENT & vals.keys():
            return vals
        name, reason = vals.get('name') or '–', str(vals.get('customer_potential_reason') or '').strip()
        if vals.get('customer_potential'):
            if not reason:
                self._refuse_without_reason(name)
        elif 'customer_potential' in vals:
            return {key: value for key, value in vals.items() if key not in JUDGEMENT}
        elif reason or vals.get('customer_potential_until'):
            self._refuse_without_grade(name)
        self._check_judged_until(vals)
        return vals

    def _complete_judgement(self, vals, before):
        """Return values with what follows from a judgement, and the contacts of which one is taken back.

        :param dict before: what was judged of each, see :meth:`_read_judgement`; empty where nothing is written of it
        :raises ValidationError: for half of a judgement
        """
        if not before:
            return vals, self.browse()
        by_hand = self.filtered(lambda partner: before[partner][1])
        if 'customer_potential' in vals and not vals['customer_potential']:
            # the grade itself follows: what is computed counts again
            kept = {name: value for name, value in vals.items() if name not in JUDGEMENT}
            return {**kept, 'customer_potential_reason': False, 'customer_potential_until': False}, by_hand
        reason = str(vals.get('customer_potential_reason') or '').strip()
        changed = self.filtered(lambda partner: before[partner][0] != vals.get('customer_potential', before[partner][0]))
        silent = changed if not reason else self.browse()
        if 'customer_potential_reason' in vals and not reason:
            silent |= by_hand
        if silent:
            self._refuse_without_reason(listed(self.env, silent.mapped('name')))
        without = self.filtered(lambda partner: not vals.get('customer_potential', before[partner][0]))
        if (reason or vals.get('customer_potential_until')) and without:
            self._refuse_without_grade(listed(self.env, without.mapped('name')))
        if vals.get('customer_potential_until') and not reason and self - by_hand:
            self._refuse_without_reason(listed(self.env, (self - by_hand).mapped('name')))
        self._check_judged_until(vals)
        # another judgement has another end, or none
        return {'customer_potential_until': False, **vals} if reason and vals.get('customer_potential') else vals, self.browse()

    def _check_judged_until(self, vals):
        until = fields.Date.to_date(vals.get('customer_potential_until') or None)
        if until and not self.env.su and until < fields.Date.context_today(self):
            raise ValidationError(self.env._(
                "A judgement that counts until %(day)s would already be over. Choose a day to come, or none.",
                day=format_date(self.env, until)))

    @api.model
    def _refuse_without_reason(self, names):
        raise ValidationError(self.env._(
            "Please say why the potential of %(customer)s is what you say it is.", customer=names))

    @api.model
    def _refuse_without_grade(self, names):
        raise ValidationError(self.env._(
            "Please say what the potential of %(customer)s is: there is a reason or a last day, and no grade.", customer=names))

    def _note_judged(self, before, date_known=False):
        """Keep the day and the history of judgements that were written, and place the customers anew.

        :param dict before: what was judged of each until now
        :param bool date_known: the day came along
        """
        unknown, today = (False, False, False), fields.Date.context_today(self)
        judged = self.sudo().filtered(  # readonly for everybody
            lambda partner: partner.customer_potential_reason
            and before.get(self.browse(partner.id), unknown) != partner._read_judgement())
        if not judged:
            return
        if not date_known:
            judged.write({'customer_potential_date': today})
        self.env['customer.potential.change'].sudo().create([{  # kept by the addon, for nobody to write
            'partner_id': partner.id, 'date': partner.customer_potential_date or today, 'cause': 'judged',
            'old_potential': before.get(self.browse(partner.id), unknown)[0], 'new_potential': partner.customer_potential,
            'reason': partner.customer_potential_reason, 'until': partner.customer_potential_until, 'user_id': self.env.uid,
        } for partner in judged])
        if managed := judged.filtered('customer_managed'):
            self.env['customer.segmenter'].sudo()._refresh(managed.ids, cause='potential')  # as above

    def _note_cleared(self):
        """Let what is computed count again for contacts of which a judgement was taken back."""
        if not self:
            return
        partners = self.sudo()  # readonly for everybody
        partners.write({'customer_potential_date': False})
        keeper, managed = self.env['customer.potential.keeper'].sudo(), partners.filtered('customer_managed')  # as above
        keeper._left((partners - managed).ids)
        keeper._refresh(managed.ids, cause='cleared')

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _describe_potential(self):
        """Return grade and score in force, or a dash where nothing is known."""
        grade = dict(self._fields['customer_potential']._description_selection(self.env)).get(self.customer_potential)
        return f'{grade} · {float_repr(self.customer_potential_score, 0)}' if grade else "–"

    @api.depends('customer_potential', 'customer_potential_reason')
    @api.depends_context('lang')
    def _compute_customer_potential_text(self):
        for partner in self:
            partner.customer_potential_text = partner._describe_potential() if partner.customer_potential else self.env._(
                "Not known yet")

    def _describe_judgement(self):
        """Return in a sentence where the grade in force comes from."""
        if self.customer_potential_reason:
            return self.env._(
                "Potential judged on %(day)s: %(reason)s",
                day=format_date(self.env, self.customer_potential_date) or "–", reason=self.customer_potential_reason)
        if self.customer_potential:
            return self.env._(
                "The potential is computed from what is known: %(points)s of 100.",
                points=points(self.env, self.customer_potential_score))
        return self.env._("The potential is not known yet: nobody has judged it, and too little is known to compute it.")

    def _explain_potential(self):
        """Return why the potential of this customer is what it is, for the dialog.

        Besides what ``customer.potential._explain`` returns: ``judged``, a sentence where somebody judged it, and ``headline``,
        what is computed.
        """
        self.ensure_one()
        told = self.env['customer.potential']._explain(self)
        judged = self.customer_potential_reason and self.env._(
            "%(grade)s, judged by hand on %(day)s (until %(until)s): %(reason)s",
            grade=dict(self._fields['customer_potential']._description_selection(self.env))[self.customer_potential],
            day=format_date(self.env, self.customer_potential_date) or "–", reason=self.customer_potential_reason,
            until=format_date(self.env, self.customer_potential_until) or self.env._("further notice"))
        return {**told, 'judged': judged, 'headline': self._headline(told, judged)}

    def _headline(self, told, judged):
        """Return the computed potential in a sentence, and whether it counts."""
        if told['score'] is False:
            return self.env._(
                "Too little is known: %(known)s %% of what matters is known, and %(needed)s %% are needed.",
                known=told['known'], needed=told['needed']) if told['terms'] else self.env._(
                "Nothing is known yet that would tell.")
        score = float_repr(told['score'], 2)
        if judged:
            return self.env._("Computed: %(score)s of 100; it counts again when the judgement ends.", score=score)
        if not self.env['res.config.settings']._customer_success('potential_counts'):
            return self.env._("Computed: %(score)s of 100; by the settings it counts for nothing.", score=score)
        return self.env._("Computed: %(score)s of 100.", score=score)
