import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from .customer_action_kind import Met

_logger = logging.getLogger(__name__)

#: With so many customers it is tried at night whether the database accepts what a rule asks.
SAMPLE = 1000


class CustomerActionRule(models.Model):
    """What is the best thing to do next for a customer, and when: of all rules in their order, the first that is met is
    proposed (HEA-6)."""

    _name = 'customer.action.rule'
    _description = "Next Best Action"
    _order = 'sequence, id'

    name = fields.Char(string="What to Do", required=True, translate=True, help="What is proposed, in a few words.")
    sequence = fields.Integer(default=10, help="The first rule that is met is proposed.")
    active = fields.Boolean(default=True)
    kind = fields.Selection(selection='_selection_kind', string="Situation", required=True)
    threshold = fields.Integer(
        default=0, required=True, aggregator=None, help="From where on the rule is met; what it counts stands beside it.")
    unit = fields.Char(compute='_compute_unit')
    tier_ids = fields.Many2many(comodel_name='customer.tier', string="Tiers", help="Empty: customers of any tier.")
    problem = fields.Char(
        readonly=True, copy=False, help="Why the rule could not be looked up last night. The other rules went on.")

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_unit(self):
        kinds = self._known_kinds()
        for rule in self:
            kind = kinds.get(rule.kind)
            rule.unit = kind.unit if kind else ''
            rule.has_comparison, rule.has_window = bool(kind and kind.comparison), bool(kind and kind.window)

    @api.model
    def _kinds(self):
        """Return the kinds of actions that rules can be made of, and that are more than a fact of the catalogue: facts with words
        of their own, and records that wait. **Other wings and addons add what they know as facts**
        (``customer.fact._facts``), and extend this only where a fact and a threshold are not enough: ``return
        super()._kinds() | {'name': ActionKind(…)}``.

        :rtype: dict[str, ActionKind]
        """
        return {}

    @api.model
    def _selection_kind(self):
        return [(name, kind.label) for name, kind in self._known_kinds().items()]

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _next(self, partners):
        """Return what is best done next for customers, all of them in one query.

        Nothing is proposed for customers that the user does not look after.

        :param partners: res.partner
        :return: by partner id, the rule and what it was met by; customers of whom nothing is to be done are missing
        :rtype: dict[int, tuple]
        """
        kinds = self._known_kinds()
        rules = self.search([]).filtered(lambda rule: rule.kind in kinds)
        ids = partners._customers_looked_after().ids
        if not rules or not ids:
            return {}
        try:
            with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                return rules._first_met(ids)
        except psycopg2.OperationalError:
            raise  # another transaction was in the way, which is no fault of a rule
        except Exception:
            # one fact or kind of another addon must not take all proposals away, whatever its code raises
            return rules._that_work(ids)._first_met(ids)

    @api.model
    def _look_over(self):
        """Note on the rules which of them can't be looked up, and why; the others go on without them.

        :return: how many can't
        """
        self.env.flush_all()
        ids, failed = self.env['res.partner'].search([('customer_managed', '=', True)], limit=SAMPLE).ids, 0
        for rule in self.search([]):
            problem = rule._find_problem(ids)
            failed += bool(problem)
            if (rule.problem or False) != problem:
                rule.problem = problem
        return failed

    def _find_problem(self, ids):
        """Return why this rule can't be looked up, or False: a fact is asked about all customers, anything else about some.

        :param ids: of these customers
        """
        facts = self.env['customer.fact']
        try:
            with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                if not (kind := self._known_kinds().get(self.kind)):
                    raise UserError(self.env._(
                        "What it looks at, “%(name)s”, is not there any more: was an addon taken away?", name=self.kind))
                if kind.fact:
                    facts._refuse_strange(SQL("(%s) AS found", facts._query(
                        kind.fact, facts._days_back(None, self.window_days), self._fact_options())), SQL("span_id"))
                else:
                    self.env.cr.execute(SQL("SELECT count(*) FROM (%s) AS met", kind.sql(self, ids)))
        except psycopg2.OperationalError:
            raise  # another transaction was in the way, which is no fault of a rule
        except Exception as error:  # whatever another addon's code raises
            _logger.warning("The next best action %s can't be looked up", self.kind, exc_info=True)
            return facts._problem(error)
        return False

    def _that_work(self, ids):
        """Return those of the rules whose query the database accepts."""
        broken = self.browse()
        for rule in self:
            try:
                with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                    rule._first_met(ids)
            except psycopg2.OperationalError:
                raise  # as above
            except Exception:
                _logger.exception("The next best action %s can't be looked up and is left out.", rule.kind)
                broken += rule
        return self - broken

    def _first_met(self, ids):
        """Return which of these rules each customer meets first, and by what; see :meth:`_next`."""
        if not self:
            return {}
        self.env['res.partner'].flush_model([
            'customer_managed', 'customer_tier_id', 'customer_do_not_contact', 'parent_id', 'is_company', 'active'])
        self.env['customer.pause'].flush_model()
        kinds, today = self._known_kinds(), fields.Date.context_today(self)
        if any(kinds[rule.kind].fact for rule in self):
            self.env.flush_all()  # facts don't say what they look at
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT ON (met.partner_id) met.*
                 FROM (%(queries)s) AS met (place, contacts, tier_ids, partner_id, value, day, res_id, detail)
                 JOIN res_partner p ON p.id = met.partner_id
                WHERE p.customer_managed IS TRUE AND (met.tier_ids = '{}' OR p.customer_tier_id = ANY(met.tier_ids))
                  AND %(whose)s
                  AND NOT (met.contacts AND (
                          p.customer_do_not_contact IS TRUE
                          OR EXISTS (SELECT FROM customer_pause pause
                                      WHERE pause.partner_id = p.id AND %(today)s BETWEEN pause.date_from AND pause.date_to)))
             ORDER BY met.partner_id, met.place""",
            queries=SQL(" UNION ALL ").join(
                SQL("SELECT %s, %s, %s::int[], kind.*%s FROM (%s) AS kind", place, kinds[rule.kind].contacts, rule.tier_ids.ids,
                    SQL() if kinds[rule.kind].fact else SQL(", NULL::jsonb"), kinds[rule.kind].sql(rule, ids))
                for place, rule in enumerate(self)),
            today=today, whose=self._whose_sql()))
        return {row[3]: (self[row[0]], Met(*row[3:])) for row in rows}

    def _whose_sql(self):
        """Return a condition on the customer ``p`` and the place of a rule among these, ``met.place``, for other wings to narrow
        whom rules are about."""
        return SQL("TRUE")

    @api.model
    def _describe(self, found):
        """Return the reasons of what :meth:`_next` found, by partner id."""
        kinds, by_rule = self._known_kinds(), {}
        for rule, met in found.values():
            by_rule.setdefault(rule, []).append(met)
        return {
            met.partner_id: reason
            for rule, mets in by_rule.items()
            for met, reason in zip(mets, kinds[rule.kind].describe(rule, mets), strict=True)}
