from odoo import api, fields, models
from odoo.tools import SQL

from ..base.customer_fact import COMPARISONS, PREFIX, STRANGE, Found
from .customer_action_kind import ActionKind

#: What is kept of a fact until its reason is told.
KEPT = ('day', 'res_id', 'detail')


class CustomerActionRule(models.Model):
    """The situations that are facts of the catalogue: a fact, a threshold, and what one click opens (HEA-6).

    Some are facts with a name and words of their own; every other fact can be chosen as it is. A rule asks with the eyes of
    its user.
    """

    _inherit = 'customer.action.rule'

    comparison = fields.Selection(
        selection=COMPARISONS, string="Met At", required=True, default='from',
        help="At least: the rule is met from the threshold on. At most: it is met up to the threshold.")
    window_days = fields.Integer(
        string="Period (days)", default=90, required=True, help="So many days up to today are looked at.")
    has_comparison = fields.Boolean(compute='_compute_unit')
    has_window = fields.Boolean(compute='_compute_unit')

    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "The period must be at least one day.")

    def _kinds(self):
        facts = self.env['customer.fact']._facts()
        return super()._kinds() | {
            'overdue': self._fact_kind('overdue_followup', facts),
            'payment': self._fact_kind(
                'payment', facts, unit=self.env._("days overdue"), label=self.env._("Invoices are overdue"),
                describe=self._describe_payment),
            'silence': self._fact_kind('silence', facts),
        }

    @api.model
    def _known_kinds(self):
        """Return all situations that rules can be made of: those of :meth:`_kinds`, and every fact that is none of them."""
        kinds = self._kinds()
        named, facts = {kind.fact for kind in kinds.values()}, self.env['customer.fact']._offered()
        return kinds | {PREFIX + name: self._fact_kind(name, facts, None) for name in facts if name not in named}

    @api.model
    def _fact_kind(self, name, facts, comparison='from', **values):
        """Return a fact of the catalogue as a kind of actions.

        :param str name: of the fact
        :param dict facts: the catalogue
        :param comparison: ``from`` or ``to``, None where the rule says it
        :param values: of the kind, where they differ from what the fact says
        :rtype: ActionKind
        """
        fact = facts[name]
        return ActionKind(**{
            'label': fact.label, 'unit': self.env['customer.fact']._unit_name(fact), 'contacts': fact.contacts, 'fact': name,
            'sql': lambda rule, partner_ids: rule._fact_sql(name, comparison or rule.comparison, partner_ids),
            'describe': lambda rule, mets: rule._describe_fact(name, mets), 'act': self._act_fact(fact),
            'comparison': not comparison, 'window': not comparison and fact.period, **values})

    def _fact_options(self):
        """Return what this rule tells a fact."""
        return {
            'window_days': self.window_days, 'threshold': self.threshold, 'today': fields.Date.context_today(self)}

    def _fact_sql(self, name, comparison, partner_ids):
        """Return SQL with the customers of whom a fact says something bad enough, see :class:`Met`."""
        facts = self.env['customer.fact']
        found = facts._query(name, facts._days_back(partner_ids, self.window_days), self._fact_options(), *KEPT)
        return SQL(
            """SELECT span_id, value::numeric, day, res_id, detail
                 FROM (%s) AS fact WHERE %s AND NOT %s""",
            found, facts._holds_sql(facts._get(name), comparison, self.threshold), STRANGE)

    def _describe_fact(self, name, mets):
        """Return why this rule is met by customers, a sentence each."""
        facts = self.env['customer.fact']
        fact, options = facts._get(name), self._fact_options()
        return [
            facts._say(name, fact, self._found(met), options, known=KEPT) for met in mets]

    @api.model
    def _found(self, met):
        return Found(met.value, day=met.day, res_id=met.res_id, detail=met.detail)

    @api.model
    def _act_fact(self, fact):
        """Return what one click does: what the fact opens, else the dialog that logs a contact."""
        if not fact.open:
            return self._act_log
        return lambda rule, partner, met: fact.open(partner, self._found(met))

    @api.model
    def _describe_payment(self, rule, mets):
        overdue = self.env['customer.overdue']
        return [
            overdue._describe((met.detail or {}).get('count') or 1, int(met.value), (met.detail or {}).get('amount')) + "."
            for met in mets]

    # ------------------------------------------------------------
    # THRESHOLDS
    # ------------------------------------------------------------

    def _chosen_fact(self):
        """Return the fact that this rule looks at as it is, or None."""
        self.ensure_one()
        name = (self.kind or '').removeprefix(PREFIX)
        return self.env['customer.fact']._facts().get(name) if name != self.kind else None

    @api.constrains('kind', 'comparison', 'threshold')
    def _check_fact_threshold(self):
        for rule in self:
            if fact := rule._chosen_fact():
                self.env['customer.fact']._check_threshold(fact, rule.comparison, rule.threshold, rule.name)

    @api.onchange('kind')
    def _onchange_kind(self):
        if fact := self._chosen_fact():
            self.comparison = self.env['customer.fact']._worse(fact)

    @api.model_create_multi
    def create(self, vals_list):
        """Make rules; a fact is bad in its worse direction where nothing else is said."""
        return super().create(self.env['customer.fact']._complete_rules(vals_list, 'kind'))
