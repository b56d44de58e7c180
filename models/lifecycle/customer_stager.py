import json
import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from ..base.customer_fact import PREFIX
from ..base.local_day import in_company_zone
from ..platform.counted import customers as in_customers
from ..platform.counted import plural
from ..segmentation.customer_segment_rule import UNKNOWN

_logger = logging.getLogger(__name__)

PARAM_RULES = 'customer_success.stage_rules_in_force'


class CustomerStager(models.AbstractModel):
    """Puts every managed customer into exactly one stage (LIF-3).

    The rules of all active stages are tried in their order; the first that fits decides, and one without conditions fits
    everybody. What keeps customers from going back and forth:

    - Who stands in a stage is held to the values at which one leaves it, not to those at which one comes.
    - A stage has a minimum stay; only rules that do not wait (a loss, an order after one) take a customer away before. The
      first stage, given on the day the customer came, holds nobody.
    - A stage set by hand comes before everything until its last day.
    - Where a rule can't be looked up, nobody comes by it and nobody of its stage leaves because of it.

    One customer and all customers go through the same statements, which write only what changes.
    """

    _name = 'customer.stager'
    _inherit = ['customer.placer']
    _description = "Places Customers in Stages"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_refresh(self):
        """Nightly, after the health was measured: where does everybody stand?"""
        with self.env['customer.run']._measure('stage') as run:
            result = self._refresh()
            run['done'] = result['rows']
            run['failed'] = result['failed']
            run['note'] = self.env._("in another stage: %(customers)s", customers=in_customers(self.env, result['rows']))
            if result['failed']:
                run['note'] = plural(
                    result['failed'], self.env._("%(note)s. One rule could not be looked up.", note=run['note']),
                    self.env._("%(note)s. %(count)s rules could not be looked up.", note=run['note'], count=result['failed']))

    @api.model
    def _refresh(self, partner_ids=None):
        """Place managed customers anew, by what is stored of them, and write what changes with its history.

        :param partner_ids: ids of customers, or None for all; others are ignored
        :return: ``rows`` written, rules that ``failed``
        :rtype: dict[str, int]
        """
        if partner_ids is not None and not partner_ids:
            return {'rows': 0, 'failed': 0}
        self.env['customer.loss']._settle(partner_ids)
        if partner_ids is None:
            self.env['customer.statistics']._keep('res_partner', 'customer_stage_change', 'customer_loss')
        rules_changed = partner_ids is None and self._rules_changed()
        rows, failed = self._place_safely(partner_ids, rules_changed)
        if rows:
            self._write_history(partner_ids is not None)
            self._write_stages()
            self.env['res.partner'].invalidate_model(self._written_fields())
            self.env['customer.stage.change'].invalidate_model()
            self._stages_changed()
        if rules_changed:
            self._remember_rules()
        self.env.cr.execute(SQL("DROP TABLE customer_staged"))
        return {'rows': rows, 'failed': failed}

    @api.model
    def _stages_changed(self):
        """Hook: the temporary table ``customer_staged`` holds the customers (``id``) that went from ``old_stage_id`` to
        ``new_stage_id``, or whose stage by hand ended. Here those are planned anew for whom a cadence
        is meant, or a touchpoint waits (CAD-1)."""
        if 'stage' in self.env['customer.cadence.event']._awaited().events:
            self.env['customer.plan.request']._request_changed(SQL("SELECT id FROM customer_staged"))
        elif stages := self.env['customer.cadence']._watched_stages():
            self.env['customer.plan.request']._request_changed(SQL(
                "SELECT id FROM customer_staged WHERE old_stage_id = ANY(%(stages)s) OR new_stage_id = ANY(%(stages)s)",
                stages=stages))

    @api.model
    def _written_fields(self):
        """Return the fields of a customer that SQL writes."""
        return ['customer_stage_id', 'customer_stage_since', 'customer_stage_manual_id', 'customer_stage_manual_until',
                'customer_stage_manual_reason', 'customer_stage_change_ids', 'write_date']

    # ------------------------------------------------------------
    # PLACING
    # ------------------------------------------------------------

    @api.model
    def _place_safely(self, partner_ids, rules_changed):
        """Fill the temporary table ``customer_staged`` with the customers that move. A rule that can't be looked up is set
        aside with its problem, and the others go on.

        :return: how many customers move, and how many rules could not be looked up
        """
        for model in ('res.partner', 'customer.stage.change', 'customer.loss', 'customer.onboarding'):
            self.env[model].flush_model()
        rules, broken = self.env['customer.stage.rule']._get_rules(), {}
        if any(measured.kind.startswith(PREFIX) for rule in rules for measured in rule.measured):
            self.env.flush_all()  # facts don't say what they look at
        try:
            with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                rows = self._place(partner_ids, rules, rules_changed)
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction is no rule's fault
        except Exception:
            # one fact of another addon must not keep everybody where they are, whatever its code raises
            broken = self._find_broken(rules)
            rows = self._place(partner_ids, rules, rules_changed, broken)
        if partner_ids is None or broken:
            self._note_problems(rules, broken)
        return rows, len(broken)

    @api.model
    def _place(self, partner_ids, rules, rules_changed, broken=()):
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_staged"))
        self.env.cr.execute(SQL(
            # in the order of the partners, which is how they lie in the table: writing in this order is half as dear
            """CREATE TEMPORARY TABLE customer_staged ON COMMIT DROP AS
               SELECT * FROM (%s) AS verdict WHERE new_stage_id IS DISTINCT FROM old_stage_id OR expired ORDER BY id""",
            self._verdict_sql(rules, partner_ids, rules_changed, broken)))
        rows = self.env.cr.rowcount
        if rows and any(kind.startswith(PREFIX) for kind, __ in self._columns(rules, broken)):
            [[customers]] = self.env.execute_query(SQL("SELECT count(DISTINCT id) FROM customer_staged"))
            self.env['customer.fact']._refuse_counts(rows, customers, 0)
        return rows

    @api.model
    def _find_broken(self, rules):
        """Return the rules whose numbers the database does not accept, with the reason, by their place among the rules."""
        broken, facts = {}, self.env['customer.fact']
        for place, rule in enumerate(rules):
            try:
                with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                    for measured in rule.measured:
                        if measured.kind.startswith(PREFIX):
                            facts._refuse_strange(
                                SQL("(%s) AS found", self._fact_query(self._number_key(measured), None)), SQL("span_id"))
            except psycopg2.OperationalError:
                raise  # as above
            except Exception as error:
                _logger.warning("The rule %s of a stage can't be looked up", rule.id, exc_info=True)
                broken[place] = facts._problem(error)
        return broken

    @api.model
    def _note_problems(self, rules, broken):
        """Keep on the rules which could not be looked up, and why."""
        problems = {rules[place].id: problem for place, problem in broken.items()}
        for rule in self.env['customer.stage.rule'].sudo().search([]):  # the action's own note
            problem = problems.get(rule.id, False)
            if (rule.problem or False) != problem:
                rule.problem = problem

    @api.model
    def _verdict_sql(self, rules, partner_ids=None, rules_changed=False, broken=()):
        """Return SQL with a row per managed customer: the stage it is in and the one that the rules say, by which rule
        (``place``), why, and the numbers that the rules look at.

        :param rules: see ``customer.stage.rule._get_rules``
        :param partner_ids: ids of customers, or None for all
        :param bool rules_changed: they are others than the last time, so that the minimum stay holds nobody
        :param broken: places of rules that can't be looked up
        """
        columns = self._columns(rules, broken)
        return SQL(
            # OFFSET 0: else the first rule that fits would be looked for again wherever its place is needed
            """SELECT w.*, CASE WHEN w.by_hand THEN w.manual_id WHEN %(stays)s THEN w.old_stage_id
                                ELSE r.stage_id END AS new_stage_id,
                      CASE WHEN w.by_hand THEN 'manual'
                           WHEN w.old_stage_id IS NULL THEN 'first'
                           WHEN w.expired THEN 'expired'
                           WHEN %(rules_changed)s THEN 'rules'
                           WHEN r.situation = 'lost' THEN 'lost'
                           WHEN w.won_back_on >= w.since THEN 'won_back' ELSE 'facts' END AS cause
                 FROM (SELECT v.*, %(place)s AS place FROM (%(known)s) AS v OFFSET 0) AS w
            LEFT JOIN (VALUES %(rules)s) AS r (place, stage_id, at_once, situation) ON r.place = w.place
            LEFT JOIN customer_stage current ON current.id = w.old_stage_id AND current.active""",
            stays=SQL(
                """r.stage_id IS NULL OR NOT (r.at_once OR w.expired OR %(rules_changed)s)
                   AND w.since > w.managed_since AND w.since > %(today)s::date - current.minimum_stay_days""",
                rules_changed=rules_changed, today=fields.Date.context_today(self)),
            rules_changed=rules_changed, place=self._place_sql(rules, columns, broken),
            known=self._known_sql(rules, columns, partner_ids),
            rules=SQL(", ").join(
                SQL("(%s::int, %s::int, %s::boolean, %s::varchar)", place, rule.stage_id, rule.at_once,
                    dict(rule.choices).get('situation'))
                for place, rule in enumerate(rules)) if rules else SQL("(NULL::int, NULL::int, NULL::boolean, NULL::varchar)"))

    @api.model
    def _columns(self, rules, broken=()):
        """Return the columns of the numbers that rules look at, by kind and period; what only broken rules look at is left out.

        :rtype: dict[tuple[str, int], str]
        """
        every = dict.fromkeys(self._number_key(measured) for rule in rules for measured in rule.measured)
        works = {self._number_key(measured)
                 for place, rule in enumerate(rules) if place not in broken for measured in rule.measured}
        return {key: f'number_{number}' for number, key in enumerate(every) if key in works}

    @api.model
    def _number_key(self, measured):
        return measured.kind, measured.window if measured.kind.startswith(PREFIX) else 0

    @api.model
    def _place_sql(self, rules, columns, broken):
        """Return SQL for the place of the first rule that fits a customer ``v``; of a rule that can't be looked up, that is
        who stands in its stage already."""
        if not rules:
            return SQL("NULL::int")  # before the shipped rules are there
        cases = [
            SQL("WHEN %s THEN %s",
                SQL("v.old_stage_id = %s", rule.stage_id) if place in broken else self._fits_sql(rule, columns), place)
            for place, rule in enumerate(rules)]
        return SQL("(CASE %s END)::int", SQL(" ").join(cases))

    @api.model
    def _fits_sql(self, rule, columns):
        """Return SQL for whether a customer ``v`` fits a rule: by the values at which one leaves, where it stands there."""
        wanted = [SQL("TRUE"), *(self._choice_sql(name, value) for name, value in rule.choices)]
        for measured in rule.measured:
            column = SQL.identifier('v', columns[self._number_key(measured)])
            border = SQL("%s::numeric", measured.enter) if measured.enter == measured.leave else SQL(
                "CASE WHEN v.old_stage_id = %s THEN %s::numeric ELSE %s::numeric END",
                rule.stage_id, measured.leave, measured.enter)
            wanted.append(SQL("%s %s %s", column, SQL(">=") if measured.comparison == 'from' else SQL("<="), border))
        return SQL(" AND ").join(wanted)

    @api.model
    def _choice_sql(self, name, value):
        """Return SQL for whether a customer ``v`` meets a condition that is a choice.

        :param str name: of ``customer.stage.rule._conditions``
        :param value: what the rule asks for
        """
        if name == 'situation':
            return self._situation_sql(value)
        if name == 'from_stage_ids':
            return SQL("v.old_stage_id = ANY(%s)", list(value))
        if name in ('tier_ids', 'segment_ids'):
            return SQL("%s = ANY(%s)", SQL.identifier('v', name.removesuffix('_ids')), list(value))
        if value == UNKNOWN:
            return SQL("%s IS NULL", SQL.identifier('v', name))
        return SQL("%s = %s", SQL.identifier('v', name), value)

    @api.model
    def _situation_sql(self, situation):
        """Return SQL for whether a customer ``v`` is in a situation; see ``customer.stage.rule._situations``.

        :param str situation: one of them
        """
        if situation == 'lost':
            return SQL("v.loss = 'lost'")
        if situation == 'never':
            return SQL("v.first_order IS NULL")
        if situation == 'onboarding':
            return self._onboarding_sql(SQL("v.id"))
        return SQL("FALSE")  # of an addon that was taken away

    @api.model
    def _onboarding_sql(self, customer_id):
        """Return SQL for whether the onboarding of a customer is open.

        :param SQL customer_id: its id
        """
        return SQL(
            "EXISTS (SELECT FROM customer_onboarding o WHERE o.partner_id = %s AND o.state = 'running')", customer_id)

    # ------------------------------------------------------------
    # WHAT IS KNOWN
    # ------------------------------------------------------------

    @api.model
    def _known_sql(self, rules, columns, partner_ids):
        """Return SQL with what rules look at, a row per managed customer."""
        asked = {name for rule in rules for name, __ in rule.choices}
        today = fields.Date.context_today(self)
        joins = [self._fact_join_sql(key, column, partner_ids)
                 for key, column in columns.items() if key[0].startswith(PREFIX)]
        return SQL(
            """SELECT p.id, p.customer_stage_id AS old_stage_id, p.customer_stage_since AS since,
                      p.customer_managed_since AS managed_since, p.customer_first_order AS first_order,
                      p.customer_tier_id AS tier, p.customer_segment_id AS segment, p.customer_risk_level AS risk,
                      p.customer_stage_manual_id AS manual_id,
                      COALESCE(p.customer_stage_manual_until < %(today)s, FALSE) AS expired,
                      p.customer_stage_manual_id IS NOT NULL
                      AND COALESCE(p.customer_stage_manual_until >= %(today)s, TRUE) AS by_hand,
                      %(tenure)s AS tenure, %(health)s AS health, loss.state AS loss, loss.won_back_on %(numbers)s
                 FROM res_partner p
            LEFT JOIN (%(losses)s) AS loss ON loss.partner_id = p.id
            %(joins)s
                WHERE p.customer_managed IS TRUE %(only)s""",
            today=today, tenure=self._tenure_sql() if 'tenure' in asked else SQL("NULL::varchar"),
            # of what is not known nothing is looked up
            health=SQL("CASE WHEN p.customer_health_band IS NULL THEN 'none' ELSE %s END",
                       self.env['customer.segmenter']._calm_band_sql()) if 'health' in asked else SQL("NULL::varchar"),
            losses=self.env['customer.loss']._latest_sql(partner_ids), joins=SQL(" ").join(joins),
            numbers=SQL().join(
                SQL(", %s AS %s", self._number_sql(key, column), SQL.identifier(column)) for key, column in columns.items()),
            only=SQL("AND p.id = ANY(%s)", list(partner_ids)) if partner_ids is not None else SQL())

    @api.model
    def _tenure_sql(self):
        strategic, growth = self.env['res.partner']._tenure_days()
        return SQL(
            """CASE WHEN p.customer_first_order <= %s THEN 'strategic' WHEN p.customer_first_order <= %s THEN 'growth'
                    WHEN p.customer_first_order IS NOT NULL THEN 'new' END""", strategic, growth)

    @api.model
    def _number_sql(self, key, column):
        """Return SQL for a number of a customer ``p``.

        :param tuple key: its kind and period
        :param str column: how it is called, which is also the relation of a fact
        """
        day = {
            'order_days': SQL("p.customer_last_order"), 'first_order_days': SQL("p.customer_first_order"),
            'managed_days': SQL("p.customer_managed_since"),
            'won_back_days': SQL("CASE WHEN loss.state = 'won_back' THEN loss.won_back_on END"),
        }.get(key[0])
        if day is None:
            return SQL("%s::numeric", SQL.identifier(column, 'value'))
        # where the customer is, it may be tomorrow already
        return SQL("CASE WHEN %(day)s IS NOT NULL THEN GREATEST(%(today)s::date - %(day)s, 0)::numeric END",
                   day=day, today=fields.Date.context_today(self))

    @api.model
    def _fact_join_sql(self, key, column, partner_ids):
        """Return SQL that joins a fact of a customer ``p``."""
        value = SQL("%s::float8", SQL.identifier(column, 'value'))
        return SQL(
            # NaN is greater than everything
            "LEFT JOIN (%(found)s) AS %(column)s ON %(span)s = p.id AND %(value)s > '-Infinity' AND %(value)s < 'Infinity'",
            found=self._fact_query(key, partner_ids), column=SQL.identifier(column), span=SQL.identifier(column, 'span_id'),
            value=value)

    @api.model
    def _fact_query(self, key, partner_ids):
        """Return SQL with what a fact says of customers.

        :param tuple key: its kind and period
        """
        kind, window = key
        facts = self.env['customer.fact'].sudo()  # a stage is one for all users
        name = kind.removeprefix(PREFIX)
        return facts._query(name, facts._days_back(partner_ids, window), facts._usual_options(facts._get(name)) | {
            'window_days': window})

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    @api.model
    def _write_stages(self):
        """Write the stages of the customers that move."""
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_stage_id = r.new_stage_id,
                      customer_stage_since = CASE WHEN r.new_stage_id IS DISTINCT FROM r.old_stage_id THEN %(since)s
                                                  ELSE p.customer_stage_since END,
                      customer_stage_manual_id = CASE WHEN r.expired THEN NULL ELSE p.customer_stage_manual_id END,
                      customer_stage_manual_until = CASE WHEN r.expired THEN NULL ELSE p.customer_stage_manual_until END,
                      customer_stage_manual_reason = CASE WHEN r.expired THEN NULL ELSE p.customer_stage_manual_reason END,
                      write_date = %(now)s
                 FROM customer_staged r
                WHERE r.id = p.id""", now=self.env.cr.now(),
            since=self.env['customer.registry']._since_sql(
                'stage', SQL("r.id"), SQL("r.old_stage_id"), SQL("r.new_stage_id"))))

    @api.model
    def _write_history(self, by_person):
        """Keep which customers changed their stage, by which rule, and what it looked at.

        :param bool by_person: the user did it, and not the nightly action
        """
        rules = self.env['customer.stage.rule']._get_rules()
        columns = self._columns(rules)
        # what only rules look at that could not be looked up is not there
        there = {name for name, in self.env.execute_query(SQL(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('pg_temp.customer_staged')"))}
        columns = {key: column for key, column in columns.items() if column in there}
        self.env.cr.execute(SQL(
            """INSERT INTO customer_stage_change (partner_id, date, old_stage_id, new_stage_id, cause, days, rule_id, met,
                                                  reason, create_uid, create_date, write_uid, write_date)
                    SELECT r.id, %(today)s, r.old_stage_id, r.new_stage_id,
                           CASE WHEN r.cause = 'first' AND EXISTS (
                                     SELECT FROM customer_stage_change h WHERE h.partner_id = r.id)
                                THEN 'back' ELSE r.cause END,
                           %(today)s - r.since, CASE WHEN NOT r.by_hand THEN %(rule)s END,
                           CASE WHEN NOT r.by_hand THEN %(met)s END,
                           CASE WHEN r.by_hand THEN p.customer_stage_manual_reason END, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM customer_staged r JOIN res_partner p ON p.id = r.id
                     WHERE r.new_stage_id IS DISTINCT FROM r.old_stage_id
                  ORDER BY r.id""",
            today=fields.Date.context_today(self), now=self.env.cr.now(), rule=self._by_place(
                rules, lambda rule: SQL("%s::int", rule.id or None), SQL("NULL::int")),
            met=self._by_place(rules, lambda rule: self._met_sql(rule, columns), SQL("NULL::jsonb")),
            # the nightly action is nobody; an author costs two foreign keys for every line
            uid=self.env.uid if by_person else None))

    @api.model
    def _by_place(self, rules, make, otherwise):
        if not rules:
            return otherwise
        return SQL("CASE r.place %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s", place, make(rule)) for place, rule in enumerate(rules)))

    @api.model
    def _met_sql(self, rule, columns):
        """Return SQL for what a customer ``r`` met of a rule, as JSON that is read without the rule.

        :param dict columns: where its numbers are, see :meth:`_columns`
        """
        values = [
            SQL.identifier('r', columns[key]) if (key := self._number_key(measured)) in columns else SQL("NULL::numeric")
            for measured in rule.measured]
        return SQL(
            "jsonb_build_object('choices', %s::jsonb, 'measured', %s::jsonb, 'values', jsonb_build_array(%s))",
            json.dumps(rule.choices), json.dumps(rule.measured), SQL(", ").join(values))

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def _rules_key(self):
        return PARAM_RULES

    @api.model
    def _rules_fingerprint(self):
        return repr([tuple(rule) for rule in self.env['customer.stage.rule']._get_rules()])

    @api.model
    def _preview_sql(self, entries):
        rules = [rule._as_rule(stage) for rule, stage in entries]
        return self._compared_sql(
            'stage', self._verdict_sql(self.env['customer.stage.rule']._get_rules(), rules_changed=True),
            self._verdict_sql(rules, rules_changed=True))

    # ------------------------------------------------------------
    # LEAVING
    # ------------------------------------------------------------

    @api.model
    def _leave(self, partner_ids):
        """Take customers that are none any more out of their stage, and keep that in the history."""
        for model in ('res.partner', 'customer.stage.change'):
            self.env[model].flush_model()
        self.env.cr.execute(SQL(
            """WITH gone AS (
                    SELECT id, customer_stage_id, customer_stage_since FROM res_partner
                     WHERE id = ANY(%(ids)s) AND customer_stage_id IS NOT NULL
                    ), kept AS (
               INSERT INTO customer_stage_change (partner_id, date, old_stage_id, cause, days,
                                                  create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, customer_stage_id, 'left', %(today)s - customer_stage_since,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM gone
                    )
             UPDATE res_partner p SET customer_stage_id = NULL, customer_stage_since = NULL FROM gone WHERE gone.id = p.id""",
            ids=list(partner_ids), today=fields.Date.context_today(self), uid=self.env.uid, now=self.env.cr.now()))
        self.env['res.partner'].browse(partner_ids).invalidate_recordset(self._written_fields())
        self.env['customer.stage.change'].invalidate_model()
