import json

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...engine import potential as engine
from ..base.customer_fact import PREFIX
from .customer_potential_factor import ASKED, GROWTH, QUESTIONS

POTENTIALS = [('high', "High"), ('medium', "Medium"), ('low', "Low")]


class CustomerPotential(models.Model):
    """What more a customer could buy, as it is computed from what is known of it: one row for a customer, in a table of its own,
    so that a night writes narrow rows and not contacts (SEG-3)."""

    _name = 'customer.potential'
    _inherit = ['customer.known']
    _description = "Computed Potential"
    _order = 'score desc, id'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    score = fields.Float(
        string="Computed Score", digits=(5, 2), readonly=True, aggregator='avg',
        help="0 to 100; empty where too little is known.")
    grade = fields.Selection(selection=POTENTIALS, string="Computed Grade", readonly=True)
    known = fields.Integer(
        string="Known (%)", readonly=True, aggregator=None, help="The weight of what is known, in percent of all weights.")
    parts = fields.Text(readonly=True, export_string_translation=False)
    date = fields.Date(string="Computed On", readonly=True)

    _known_when = {'score': [('grade', '!=', False)]}

    _partner_uniq = models.Constraint('UNIQUE (partner_id)', "A customer has one potential.")

    # ------------------------------------------------------------
    # THE NUMBERS
    # ------------------------------------------------------------

    @api.model
    def _bounds(self):
        """Return from which score on a potential is high, and from which it is medium."""
        setting = self.env['res.config.settings']._customer_success
        return setting('potential_high_from'), setting('potential_medium_from')

    @api.model
    def _points_sql(self, partner, row):
        """Return SQL for the score in force of a customer, NULL where its potential is not known; see ``engine.potential``.

        :param SQL partner: alias of its row of ``res_partner``
        :param SQL row: alias of its row here, of which all may be NULL
        """
        high, medium = self._bounds()
        return SQL(
            """CASE WHEN %(partner)s.customer_potential_reason IS NULL
                    THEN CASE WHEN %(partner)s.customer_potential IS NOT NULL THEN %(row)s.score END
                    WHEN %(partner)s.customer_potential = 'high'
                    THEN GREATEST(COALESCE(%(row)s.score, round((%(high)s + 100) / 2.0, 2)), %(high)s)
                    WHEN %(partner)s.customer_potential = 'medium'
                    THEN LEAST(GREATEST(COALESCE(%(row)s.score, round((%(medium)s + %(high)s - 0.01) / 2.0, 2)), %(medium)s),
                               %(high)s - 0.01)
                    WHEN %(partner)s.customer_potential = 'low'
                    THEN LEAST(COALESCE(%(row)s.score, round((%(medium)s - 0.01) / 2.0, 2)), %(medium)s - 0.01) END""",
            partner=partner, row=row, high=high, medium=medium)

    def _get_parts(self):
        """Return what is known of a customer, by factor in their order: ``f`` its id, ``w`` weight, ``p`` points, ``v`` value,
        and ``d``, where there is one, the day or the year that it is of.

        :rtype: list[dict]
        """
        return json.loads(self.parts or '[]')

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    @api.model
    def _explain(self, customer):
        """Return why the computed potential of a customer is what it is.

        The amounts of ``terms`` add up to ``score`` to the last digit, where there is one.

        :return: ``score``, ``known`` in percent, ``needed`` in percent; ``terms``, dicts with ``name``, ``said``, ``points``,
            ``weight`` and ``amount``; ``unknown``, dicts with ``name`` and ``why``
        :rtype: dict
        """
        row = self.search([('partner_id', '=', customer.id)])
        parts = row._get_parts()
        rules = self.env['customer.potential.factor'].sudo()  # these are no secret
        factors = {factor.id: factor for factor in rules.with_context(active_test=False).search([])}
        shares = engine.shares([engine.Part(part['w'], part['p']) for part in parts], row.score) if row.grade else []
        terms = [{
            'name': factors[part['f']].name if part['f'] in factors else "–", 'points': part['p'], 'weight': part['w'],
            'said': self._say(factors.get(part['f']), part, customer), 'amount': shares[place] if shares else 0,
        } for place, part in enumerate(parts)]
        there, answers = {part['f'] for part in parts}, self.env['customer.potential.answer']._last_of(customer)
        return {
            'score': row.score if row.grade else False, 'known': row.known, 'terms': terms,
            'needed': self.env['res.config.settings']._customer_success('potential_known_percent'),
            'unknown': [
                {'name': factors[rule.id].name, 'why': self._say_unknown(factors[rule.id], customer, answers)}
                for rule in rules._get_rules() if rule.id not in there],
        }

    @api.model
    def _say(self, factor, part, customer):
        """Return what is known of a factor in words.

        :param factor: the factor, or None where it is gone
        :param dict part: its value ``v``, and ``d`` with the day or the year that it is of
        """
        source, value = factor.source if factor else '', part['v']
        if source == GROWTH:
            return self.env._(
                "%(industry)s: %(growth)s a year (%(year)s)", industry=customer.industry_id.name or "–",
                growth=self.env['customer.fact']._format(value, 'percent'), year=part.get('d'))
        if question := factor and factor.question:
            return self.env._(
                "“%(answer)s”, said on %(day)s", answer=self._answer_name(QUESTIONS[question][int(value)]),
                day=format_date(self.env, part.get('d')))
        catalogue = self.env['customer.fact']
        if factor and factor.is_money and factor.per_revenue:
            return self.env._("%(percent)s of its revenue", percent=catalogue._format(value, 'percent'))
        fact = catalogue._facts().get(source.removeprefix(PREFIX))
        return catalogue._tell(fact, value) if fact else f'{value:g}'

    @api.model
    def _say_unknown(self, factor, customer, answers):
        """Return why nothing is known of a factor.

        :param dict answers: the last answers about the customer, by question
        """
        if factor.problem:
            return self.env._("it could not be asked")
        if factor.source == GROWTH:
            industry = customer.industry_id
            if not industry:
                return self.env._("no industry is on file")
            return self.env._(
                "how fast “%(industry)s” grows is of %(year)s, which is too long ago", industry=industry.name,
                year=industry.customer_growth_year) if industry.customer_growth_year else self.env._(
                "how fast “%(industry)s” grows is not on file", industry=industry.name)
        if factor.source.startswith(ASKED):
            answer = answers.get(factor.question)
            return self.env._(
                "“%(answer)s” was said on %(day)s, which is too long ago: ask again",
                answer=self._answer_name(answer.answer), day=format_date(self.env, answer.date),
            ) if answer else self.env._("nobody has answered yet")
        return self.env._("nothing is known")

    @api.model
    def _answer_name(self, answer):
        return dict(self.env['customer.potential.answer']._fields['answer']._description_selection(self.env))[answer]

    @api.model
    def _open_questions(self, customers):
        """Return the names of the factors that a question to the customer would make known, by customer.

        :rtype: dict[int, list[str]]
        """
        rules = self.env['customer.potential.factor']._get_rules()
        asked = [rule.id for rule in rules if rule.source.startswith(ASKED)]
        names = dict(self.env['customer.potential.factor'].sudo().browse(asked).mapped(  # rules are no secret
            lambda factor: (factor.id, factor.name)))
        known = {row.partner_id.id: {part['f'] for part in row._get_parts()}
                 for row in self.sudo().search([('partner_id', 'in', customers.ids)])}  # whoever asks works with them
        return {customer.id: [names[factor] for factor in asked if factor not in known.get(customer.id, ())]
                for customer in customers}
