import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, mute_logger

from ..base.customer_fact import COMPARISONS, PREFIX, STRANGE, Found
from ..platform.counted import days
from ..platform.local_text import listed
from .customer_action_kind import ActionKind, Met
from .customer_warning_rule import LEVELS
from .season import YEAR
from .threshold import last_day

_logger = logging.getLogger(__name__)

#: With so many customers it is tried at night whether the database accepts what a rule asks.
SAMPLE = 1000

#: What is kept of a fact until its reason is told.
KEPT = ('day', 'res_id', 'detail')

#: So many rules are asked together about a single customer.
PORTION = 4


class CustomerActionRule(models.Model):
    """What is the best thing to do next for a customer, and when: of all rules in their order, the first that is met is
    proposed (HEA-6)."""

    _name = 'customer.action.rule'
    _inherit = ['customer.fact.rule']
    _looks_at = 'kind'
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
    comparison = fields.Selection(
        selection=COMPARISONS, string="Met At", required=True, default='from',
        help="At least: the rule is met from the threshold on. At most: it is met up to the threshold.")
    window_days = fields.Integer(
        string="Period (days)", default=90, required=True, help="So many days up to today are looked at.")
    has_comparison = fields.Boolean(compute='_compute_unit')
    has_window = fields.Boolean(compute='_compute_unit')

    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "The period must be at least one day.")

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
        return self._catalogue_kinds() | self._record_kinds()

    @api.model
    def _selection_kind(self):
        return [(name, kind.label) for name, kind in self._known_kinds().items()]

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _next(self, partners):
        """Return what is best done next for customers, all of them together.

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
                return rules._first_in_portions(ids)
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

    def _first_in_portions(self, ids):
        """Return what :meth:`_first_met` does; of a single customer only as many rules are asked as it takes to find one that
        is met, since planning their queries costs more than the queries."""
        if len(ids) > 1:
            return self._first_met(ids)
        for start in range(0, len(self), PORTION):
            if found := self[start:start + PORTION]._first_met(ids):
                return found
        return {}

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

    # ------------------------------------------------------------
    # FACTS OF THE CATALOGUE
    #
    # The situations that are facts of the catalogue: a fact, a threshold, and what one click opens (HEA-6).
    #
    # Some are facts with a name and words of their own; every other fact can be chosen as it is. A rule asks with the eyes of
    # its user.
    # ------------------------------------------------------------

    @api.model
    def _catalogue_kinds(self):
        """Return the kinds that are facts of the catalogue with words of their own; see :meth:`_kinds`."""
        facts = self.env['customer.fact']._facts()
        return {
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
        facts._read_together(fact.model, [met.res_id for met in mets])
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

    @api.onchange('kind')
    def _onchange_kind(self):
        self._take_worse_direction()

    # ------------------------------------------------------------
    # RECORDS THAT WAIT
    #
    # The kinds of next best action that come with the addon (HEA-6).
    #
    # Their queries are about customers that the user looks after; what stands on records that others may keep to
    # themselves is read by the record rules.
    # ------------------------------------------------------------

    def _record_kinds(self):
        """Return the kinds that are about records that wait; see :meth:`_kinds`."""
        log = self._act_log
        return {
            'warning': ActionKind(
                self.env._("A warning is open"), self._sql_warning, self._describe_warning, self._act_warning,
                unit=self.env._("at least this level: 1 yellow, 2 orange, 3 red"), contacts=False),
            'promise': ActionKind(
                self.env._("An agreed next step is due"), self._sql_promise, self._describe_followup, self._act_followup,
                unit=self.env._("days ahead")),
            'order': ActionKind(
                self.env._("An order can be expected"), self._sql_order, self._describe_order, log,
                unit=self.env._("% of the customer's usual time between two orders")),
            'person': ActionKind(
                self.env._("No contact person is known"), self._sql_person, self._describe_person, self._act_person),
            'engagement': ActionKind(
                self.env._("The customer is hard to reach"), self._sql_engagement, self._describe_engagement, log,
                unit=self.env._("points of the health measure at most")),
            'satisfaction': ActionKind(
                self.env._("How satisfied they are is not known"), self._sql_satisfaction, self._describe_satisfaction,
                self._act_satisfaction, unit=self.env._("days since it was judged")),
            'potential': ActionKind(
                self.env._("The potential is not known"), self._sql_potential, self._describe_potential,
                self._act_potential, contacts=False),
            'profile': ActionKind(
                self.env._("The profile is incomplete"), self._sql_profile, self._describe_profile, self._act_profile,
                contacts=False),
        }

    # ------------------------------------------------------------
    # WARNINGS AND FOLLOW-UPS
    # ------------------------------------------------------------

    def _sql_warning(self, rule, partner_ids):
        levels = [level for level, __ in LEVELS if int(level) >= rule.threshold]
        self.env['customer.warning'].flush_model()
        visible = self.env['customer.warning']._search(
            self.env['res.partner']._customer_warning_domain() & Domain('state', '=', 'open')
            & Domain('level', 'in', levels) & Domain('partner_id', 'in', partner_ids))
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, level::numeric, date, id
                 FROM customer_warning WHERE id IN %s ORDER BY partner_id, level DESC, date, id""", visible.subselect())

    def _describe_warning(self, rule, mets):
        warnings = self.env['customer.warning'].browse(met.res_id for met in mets)
        signals = dict(warnings._fields['signal']._description_selection(self.env))
        levels = dict(warnings._fields['level']._description_selection(self.env))
        return [self.env._(
            "%(level)s since %(day)s: %(reason)s", level=levels[warning.level], day=format_date(self.env, warning.date),
            reason=warning.reason or signals.get(warning.signal, warning.signal)) for warning in warnings]

    def _act_warning(self, rule, partner, met):
        warning = self.env['customer.warning'].browse(met.res_id)
        warning.action_take_on()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Warning"), 'res_model': 'customer.warning',
            'res_id': warning.id, 'views': [(False, 'form')],
        }

    def _sql_followup(self, partner_ids, domain):
        self.env['customer.followup'].flush_model()
        visible = self.env['customer.followup']._search(
            domain & Domain('state', '=', 'planned') & Domain('partner_id', 'in', partner_ids))
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, NULL::numeric, date_planned, id
                 FROM customer_followup WHERE id IN %s ORDER BY partner_id, date_planned, id""", visible.subselect())

    def _sql_promise(self, rule, partner_ids):
        day = fields.Date.add(fields.Date.context_today(self), days=rule.threshold)
        return self._sql_followup(
            partner_ids, Domain('anchor_kind', '=', 'promise') & Domain('greeting_id', '=', False)
            & Domain('date_planned', '<=', day))

    def _describe_followup(self, rule, mets):
        facts, options = self.env['customer.fact'], rule._fact_options()
        facts._read_together('customer.followup', [met.res_id for met in mets])
        return [facts._say_followup(self._found(met), options) for met in mets]

    def _act_followup(self, rule, partner, met):
        return self.env['customer.followup'].browse(met.res_id).action_log()

    def _act_log(self, rule, partner, met):
        return partner.action_customer_log()

    # ------------------------------------------------------------
    # BUYING AND PAYING
    # ------------------------------------------------------------

    def _sql_order(self, rule, partner_ids):
        """Who is silent for so long; who buys in one season of the year, from the day on which it came back last time."""
        self.env['customer.rhythm'].flush_model()
        model = self.env['customer.churn']
        return SQL(
            """SELECT r.partner_id, CASE WHEN r.season_day IS NULL THEN %(usual)s ELSE %(year)s END::numeric, r.last_day,
                      NULL::int
                 FROM customer_rhythm r
                WHERE r.partner_id = ANY(%(ids)s) AND CASE
                      WHEN r.season_day IS NULL THEN round((100 * %(gap)s)::numeric, 6) >= %(threshold)s::numeric
                      ELSE %(today)s::date >= r.season_day + %(year)s END""",
            usual=model._usual_sql(), ids=partner_ids, gap=model._gap_sql(), threshold=rule.threshold, year=YEAR,
            today=fields.Date.context_today(self))

    def _describe_order(self, rule, mets):
        today = fields.Date.context_today(self)
        return [self.env._(
            "They usually order every %(usual)s; the last order is %(days)s ago.", usual=days(self.env, max(round(met.value), 1)),
            days=days(self.env, max((today - met.day).days, 0))) for met in mets]

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _sql_person(self, rule, partner_ids):
        self.env['res.partner'].flush_model(['parent_id', 'is_company', 'active', 'type'])
        return SQL(
            """SELECT p.id, NULL::numeric, NULL::date, NULL::int
                 FROM res_partner p
                WHERE p.id = ANY(%s) AND p.is_company AND NOT EXISTS (
                      SELECT FROM res_partner c
                       WHERE c.parent_id = p.id AND c.active AND c.type = 'contact' AND c.is_company IS NOT TRUE)""",
            partner_ids)

    def _describe_person(self, rule, mets):
        return [self.env._("No contact person is on file.")] * len(mets)

    def _act_person(self, rule, partner, met):
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Contact person of %(customer)s", customer=partner.name),
            'res_model': 'res.partner', 'views': [(self.env.ref('base.view_partner_simple_form').id, 'form')],
            'target': 'new',
            'context': {'default_parent_id': partner.id, 'default_is_company': False, 'default_type': 'contact',
                        'default_user_id': partner.user_id.id, 'default_lang': partner.lang},
        }

    def _sql_engagement(self, rule, partner_ids):
        self.env['customer.health.snapshot'].flush_model()
        self.env['customer.health.measure'].flush_model(['source'])
        return SQL(
            """SELECT DISTINCT ON (s.partner_id)
                      s.partner_id, (part.value ->> 'v')::numeric, NULL::date, NULL::int
                 FROM customer_health_snapshot s
           CROSS JOIN LATERAL jsonb_each(s.parts) AS part
                 JOIN customer_health_measure m ON m.id::text = part.key AND m.source = 'engagement'
                WHERE s.date_end IS NULL AND s.partner_id = ANY(%s) AND jsonb_typeof(s.parts) = 'object'
                  AND part.value ->> 's' = 'known' AND (part.value ->> 'p')::numeric <= %s
             ORDER BY s.partner_id, (part.value ->> 'p')::numeric""", partner_ids, rule.threshold)

    def _describe_engagement(self, rule, mets):
        return [self.env._(
            "Somebody was reached in %(percent)s %% of the last contacts only.", percent=round(met.value)) for met in mets]

    # ------------------------------------------------------------
    # WHAT WE KNOW
    # ------------------------------------------------------------

    def _sql_satisfaction(self, rule, partner_ids):
        self.env['customer.pulse'].flush_model(['partner_id', 'date'])
        return SQL(
            """SELECT p.id, NULL::numeric, max(pulse.date), NULL::int
                 FROM res_partner p LEFT JOIN customer_pulse pulse ON pulse.partner_id = p.id
                WHERE p.id = ANY(%s)
             GROUP BY p.id
               HAVING max(pulse.date) IS NULL OR max(pulse.date) <= %s""",
            partner_ids, last_day(fields.Date.context_today(self), rule.threshold))

    def _describe_satisfaction(self, rule, mets):
        return [
            self.env._("How satisfied they are was last judged on %(day)s.", day=format_date(self.env, met.day))
            if met.day else self.env._("How satisfied they are was never judged.") for met in mets]

    def _act_satisfaction(self, rule, partner, met):
        return partner.action_customer_pulse()

    def _sql_potential(self, rule, partner_ids):
        self.env['res.partner'].flush_model(['customer_potential'])
        return SQL(
            """SELECT p.id, NULL::numeric, NULL::date, NULL::int
                 FROM res_partner p WHERE p.id = ANY(%s) AND p.customer_potential IS NULL""", partner_ids)

    def _describe_potential(self, rule, mets):
        partners = self.env['res.partner'].browse(met.partner_id for met in mets)
        asked = self.env['customer.potential']._open_questions(partners)
        return [
            self.env._("What more this customer could buy is not known yet. Ask about: %(questions)s.",
                       questions=listed(self.env, asked[met.partner_id])) if asked[met.partner_id]
            else self.env._("What more this customer could buy is not known yet.") for met in mets]

    def _act_potential(self, rule, partner, met):
        return partner.action_customer_segment_dialog()

    def _sql_profile(self, rule, partner_ids):
        missing = Domain.OR(requirement._missing_domain()
                            for requirement in self.env['customer.profile.requirement']._get_active())
        incomplete = self.env['res.partner']._search(missing & Domain('id', 'in', partner_ids))
        return SQL(
            """SELECT p.id, NULL::numeric, NULL::date, NULL::int
                 FROM res_partner p WHERE p.id IN %s""", incomplete.subselect())

    def _describe_profile(self, rule, mets):
        partners = self.env['res.partner'].browse(met.partner_id for met in mets)
        return [self.env._("Missing: %(missing)s.", missing=partner.customer_missing) for partner in partners]

    def _act_profile(self, rule, partner, met):
        if self.env.context.get('customer_form'):
            return {
                'type': 'ir.actions.client', 'tag': 'display_notification',
                'params': {'type': 'info', 'message': self.env._(
                    "Fill in here what is missing: %(missing)s.", missing=partner.customer_missing)},
            }
        return partner._customer_open()
