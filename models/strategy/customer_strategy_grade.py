from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import formatLang

from ..platform.local_text import listed

#: No KPI can count for more, see the setting.
HIGHEST = 200


class CustomerStrategyGrade(models.Model):
    """How well a strategy works, from its attainment: excellent, good, fair, poor (STR-2)."""

    _name = 'customer.strategy.grade'
    _description = "Grade of a Strategy's Effect"
    _order = 'minimum desc, id'

    name = fields.Char(required=True, translate=True)
    minimum = fields.Float(
        string="From Attainment (%)", required=True, help="The lowest attainment, in percent, that gets this grade.")
    color = fields.Integer()
    is_failure = fields.Boolean(
        string="Counts as Failed", help="Cycles in a row with such a grade make the addon propose an adjustment.")
    description = fields.Char(translate=True)
    rule = fields.Text(compute='_compute_rule', string="The Rule")

    _minimum_uniq = models.Constraint('UNIQUE (minimum)', "Two grades can't begin at the same attainment.")

    @api.constrains('minimum')
    def _check_minimum(self):
        for grade in self:
            if not 0 <= grade.minimum <= HIGHEST:
                raise ValidationError(self.env._(
                    "“%(grade)s” has to begin between 0 and %(highest)s percent.", grade=grade.name, highest=HIGHEST))
        if not self.search_count([('minimum', '=', 0)], limit=1):
            raise ValidationError(self.env._(
                "The lowest grade has to begin at 0 percent: else the worst strategies would get no grade."))

    @api.depends_context('lang')
    @api.depends('minimum', 'name')
    def _compute_rule(self):
        self.rule = self._explain()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_lowest(self):
        if any(not grade.minimum for grade in self):
            raise UserError(self.env._(
                "The grade that begins at 0 percent can't be deleted: the worst strategies would get no grade."))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _explain(self):
        """Return the rule that grades follow from, in words."""
        setting = self.env['res.config.settings']._customer_success
        grades = self.search([])
        parts = [self.env._("from %(minimum)s %% %(grade)s", minimum=self._number(grade.minimum), grade=grade.name)
                 for grade in grades if grade.minimum]
        parts += [self.env._("below that %(grade)s", grade=grade.name) for grade in grades if not grade.minimum]
        return self.env._(
            "The attainment is the weighted mean of the KPIs: the actual value in percent of the target, where less is better "
            "the target in percent of the actual value; each counts %(cap)s %% at most. The grade: %(grades)s. There is none "
            "where less than %(known)s %% of the KPIs, by weight, are known.",
            cap=setting('strategy_attainment_cap'), known=setting('strategy_known_percent'), grades=listed(self.env, parts))

    @api.model
    def _number(self, value):
        return formatLang(self.env, value, digits=0 if value == round(value) else 1)
