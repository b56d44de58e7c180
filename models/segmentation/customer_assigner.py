from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..profile.customer_handover import Plan

#: The places in the care team of a customer, in the order in which they are filled, each with its field.
PLACES = {
    'manager': 'user_id', 'backup': 'customer_backup_id', 'expert': 'customer_expert_id', 'team': 'customer_team_id'}

#: Says that what is written comes from the rules: nothing that comes from outside is this object.
BY_RULE = object()


class Knowledge(NamedTuple):
    """Something of a customer that whoever looks after it may have to know.

    :param field: of ``customer.expertise``, with what somebody knows
    :param column: function without parameters: SQL for what a customer ``p`` needs, as a text
    """

    field: str
    column: Callable


class Needy(NamedTuple):
    """A customer for which somebody is looked for.

    :param company_id: its own, or None where it follows from who looks after it
    :param has: by place, who is there
    :param lacks: the places that nobody fills and nobody left empty by hand
    :param kept: the places that somebody left empty by hand
    :param needs: by kind of knowledge, what the customer needs
    """

    id: int
    weight: int
    company_id: int | None
    fits: tuple
    has: dict
    lacks: tuple
    kept: tuple
    wants: dict
    needs: dict


class Given(NamedTuple):
    """Who is put in a place by a rule: ``to_id`` is a team in the place *team*, else a user."""

    partner_id: int
    place: str
    to_id: int
    rule_id: int
    facts: dict


class Unfit(NamedTuple):
    """A place for which nobody was found, and why: a key of ``customer.assignment._say_why``."""

    partner_id: int
    place: str
    why: str
    rule_id: int | bool = False


@dataclass
class Person:
    """Somebody whom customers can be given to, with what that one has already."""

    id: int
    companies: frozenset
    company_id: int
    takes_new: bool = True
    away: bool = False
    limit: int = 0
    load: int = 0
    count: int = 0
    backups: int = 0
    knows: dict = field(default_factory=dict)

    def works_for(self, customer):
        """Return whether this person works in the company of a customer, or in any for one of no company."""
        return (customer.company_id or self.company_id) in self.companies


@dataclass
class People:
    """Who can be given what: people by id, and by team its members and its product expert."""

    by_id: dict
    members: dict
    experts: dict
    teams: frozenset
    languages: dict


class CustomerAssigner(models.AbstractModel):
    """Finds somebody for customers that have nobody, by rules that are tried in their order (SEG-9).

    One customer and thousands go through the same statements: which rules fit is said by PostgreSQL, for all customers at
    once; who gets which is decided one customer after the other, the most valuable first, so that each counts for the next
    one. The outcome does not depend on the order in which customers come. People at their limit are passed by, as those who
    left, have no role in the customer's company, are away for long, or take no new customers.

    What somebody filled stays. What somebody emptied by hand stays empty, unless it is asked for in the dialog.
    """

    _name = 'customer.assigner'
    _description = "Assignment of Customers"

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    @api.model
    def _joined(self, partner_ids):
        """Fill the care team of those who have just become customers.

        :param partner_ids: ids of customers
        :rtype: customer.assignment
        """
        if not partner_ids or not self.env['customer.assignment.rule']._in_force():
            return self.env['customer.assignment']
        own = self.sudo()  # the rules are for all, whoever confirmed the order
        given, __ = own._decide(partner_ids)
        assigned = own._carry_out(given)
        return assigned.sudo(False)  # back to the user's rights

    # ------------------------------------------------------------
    # WHO IS THERE
    # ------------------------------------------------------------

    @api.model
    def _general_limit(self):
        """Return how many customers everybody looks after at most who has no limit of the own; 0 for no limit."""
        return self.env['res.config.settings']._customer_success('assignment_limit')

    @api.model
    def _language_sql(self, code):
        """Return SQL for the language of the code of one of its forms: ``de`` of ``de_AT``."""
        return SQL("split_part(split_part(%s, '_', 1), '@', 1)", code)

    @api.model
    def _knowledge(self):
        """Return what whoever looks after a customer may have to know, by name; wings add theirs.

        :rtype: dict[str, Knowledge]
        """
        return {
            'language': Knowledge('lang_ids', lambda: self._language_sql(SQL("p.lang"))),
            'industry': Knowledge('industry_ids', lambda: SQL("p.industry_id::text")),
        }

    @api.model
    def _loads(self, user_ids):
        """Return by user the load, weighted by tier, and the number of customers of those whom they look after.

        :rtype: dict[int, tuple[int, int]]
        """
        self.env['res.partner'].flush_model(['user_id', 'customer_managed', 'customer_tier_id'])
        self.env['customer.tier'].flush_model(['weight'])
        return {user_id: (load, count) for user_id, load, count in self.env.execute_query(SQL(
            """SELECT p.user_id, sum(COALESCE(t.weight, 1))::int, count(*)
                 FROM res_partner p LEFT JOIN customer_tier t ON t.id = p.customer_tier_id
                WHERE p.customer_managed IS TRUE AND p.user_id = ANY(%s) GROUP BY p.user_id""", list(user_ids)))}

    @api.model
    def _people(self, rules):
        """Return whom rules can give customers to.

        :param rules: list of ``Assigns``
        :rtype: People
        """
        self.env['crm.team.member'].flush_model(['user_id', 'crm_team_id', 'active'])
        responsibility = self.env['customer.responsibility']
        responsibility._flush()
        members, experts, teams = defaultdict(list), {}, set()
        for team_id, expert_id, user_id in self.env.execute_query(SQL(
            """SELECT t.id, t.customer_expert_id, m.user_id
                 FROM crm_team t LEFT JOIN crm_team_member m ON m.crm_team_id = t.id AND m.active
                WHERE t.id = ANY(%s) AND t.active ORDER BY t.id, m.user_id""",
            sorted({rule.team_id for rule in rules if rule.team_id}),
        )):
            teams.add(team_id)
            experts[team_id] = expert_id
            if user_id:
                members[team_id].append(user_id)
        user_ids = {user_id for ids in members.values() for user_id in ids} | {*experts.values()} | {
            user_id for rule in rules for user_id in (rule.user_id, rule.backup_id, rule.expert_id)}
        people = self._persons(sorted(filter(None, user_ids)))
        return People(people, members, experts, frozenset(teams), self._languages([i for r in rules for i in r.speak_ids]))

    @api.model
    def _languages(self, lang_ids):
        """Return by id of a form of a language what the language is called in its code."""
        if not lang_ids:
            return {}
        return dict(self.env.execute_query(SQL(
            "SELECT id, %s FROM res_lang WHERE id = ANY(%s)", self._language_sql(SQL("code")), list(lang_ids))))

    @api.model
    def _persons(self, user_ids):
        """Return those of these users who are able to do something for customers, by id, with what they have.

        :rtype: dict[int, Person]
        """
        companies = defaultdict(set)
        for user_id, company_id in self.env['customer.responsibility']._able_pairs(user_ids):
            companies[user_id].add(company_id)
        able = sorted(companies)
        own = dict(self.env.execute_query(SQL("SELECT id, company_id FROM res_users WHERE id = ANY(%s)", able)))
        loads, limit, away = self._loads(able), self._general_limit(), self._away_for_long()
        people = {}
        for user_id in able:
            load, count = loads.get(user_id, (0, 0))
            people[user_id] = Person(
                user_id, frozenset(companies[user_id]), own[user_id], away=user_id in away, limit=limit, load=load, count=count)
        self._add_backups(people)
        for expertise in self.env['customer.expertise'].search([('user_id', 'in', able)]):
            person = people[expertise.user_id.id]
            person.takes_new, person.limit = expertise.takes_new, expertise.most or limit
            person.knows = {name: self._known(expertise, known.field) for name, known in self._knowledge().items()}
        return people

    @api.model
    def _known(self, expertise, name):
        """Return what somebody knows, as the customers need it; see :meth:`_knowledge`."""
        records = expertise.with_context(active_test=False)[name]
        if records._name == 'res.lang':
            return {code.split('_')[0].split('@')[0] for code in records.mapped('code')}
        return {str(record_id) for record_id in records.ids}

    @api.model
    def _add_backups(self, people):
        """Add of how many customers people are the backup."""
        self.env['res.partner'].flush_model(['customer_backup_id'])
        for user_id, count in self.env.execute_query(SQL(
            """SELECT customer_backup_id, count(*) FROM res_partner
                WHERE customer_managed IS TRUE AND customer_backup_id = ANY(%s) GROUP BY 1""", sorted(people))):
            people[user_id].backups = count

    @api.model
    def _away_for_long(self):
        """Return the ids of the users who are away, and are so for longer than new customers wait."""
        days = self.env['res.config.settings']._customer_success('assignment_away_days')
        return {user_id for user_id, in self.env.execute_query(SQL(
            "SELECT a.user_id FROM (%s) AS a WHERE a.date_to > %s + %s", self.env['customer.responsibility']._away_sql(),
            self.env['customer.clock']._user_today_sql(SQL("a.user_id")), days))}

    # ------------------------------------------------------------
    # WHO NEEDS SOMEBODY
    # ------------------------------------------------------------

    @api.model
    def _needy(self, rules, partner_ids=None, left=False, fill=True, again=False):
        """Return the customers with an empty place, in the order in which they get somebody.

        :param rules: as of ``customer.assignment.rule._in_force``
        :param partner_ids: ids of customers, or None for all
        :param bool left: a place is empty as well when whoever has it can't do anything for the customer any more
        :param bool fill: also those who have an account manager and lack a backup, a technical contact or a team
        :param bool again: also what somebody emptied by hand
        :rtype: list[Needy]
        """
        self._flush_customers()
        places, knowledge = list(PLACES), self._knowledge()
        rows = self.env.execute_query(SQL(
            """SELECT p.id, COALESCE(t.weight, 1), p.company_id,
                      array_remove(ARRAY[%(fits)s]::int[], NULL) AS fits, %(has)s, %(wants)s, %(empty)s AS empty,
                      %(kept)s AS kept %(needs)s
                 FROM res_partner p LEFT JOIN customer_tier t ON t.id = p.customer_tier_id
                WHERE p.customer_managed IS TRUE AND (%(asked)s) %(only)s
             ORDER BY t.sequence NULLS LAST, t.id NULLS LAST, p.id""",
            fits=self._fitting_sql(rules),
            has=SQL(", ").join(SQL.identifier('p', PLACES[place]) for place in places),
            wants=SQL(", ").join(SQL("COALESCE(t.%s, FALSE)", SQL.identifier(f'wants_{place}')) for place in places),
            empty=self._empty_sql(left), kept=self._kept_sql(),
            asked=SQL("TRUE") if fill else SQL("'manager' = ANY(%s)", self._empty_sql(left)),
            needs=SQL("").join(SQL(", %s", known.column()) for known in knowledge.values()),
            only=SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()))
        found = []
        for partner_id, weight, company_id, fits, *row in rows:
            has, wants = dict(zip(places, row, strict=False)), dict(zip(places, row[4:], strict=False))
            empty, kept, needs = row[8], set(row[9] or ()), dict(zip(knowledge, row[10:], strict=True))
            has.update(dict.fromkeys(empty))
            found.append(Needy(
                partner_id, weight, company_id, tuple(fits), has,
                tuple(place for place in empty if again or place not in kept),
                () if again else tuple(place for place in empty if place in kept), wants, needs))
        return [customer for customer in found if customer.lacks or customer.kept]

    @api.model
    def _fitting_sql(self, rules):
        """Return SQL for the ids of the rules whose conditions a customer ``p`` meets, those that it does not meet as nulls."""
        model = self.env['customer.assignment.rule']
        return SQL(", ").join(
            SQL("CASE WHEN %s THEN %s END", model._fits_sql(wanted), rule.rule_id) for rule, wanted in rules) or SQL("NULL")

    @api.model
    def _flush_customers(self):
        """Write what the SQL about customers reads."""
        self.env['res.partner'].flush_model()
        self.env['customer.tier'].flush_model()
        self.env['customer.assignment'].flush_model()
        self.env['customer.responsibility']._flush()

    @api.model
    def _empty_sql(self, left):
        """Return SQL for the names of the places of a customer ``p`` that nobody fills."""
        company = self.env['customer.responsibility']._company_sql('p')
        able = self.env['customer.responsibility']._able_sql()
        terms = []
        for place, name in PLACES.items():
            column = SQL.identifier('p', name)
            gone = SQL("OR (%s, %s) NOT IN (%s)", column, company, able) if left and place != 'team' else SQL()
            terms.append(SQL("CASE WHEN %s IS NULL %s THEN %s END", column, gone, place))
        return SQL("array_remove(ARRAY[%s]::varchar[], NULL)", SQL(", ").join(terms))

    @api.model
    def _kept_sql(self):
        """Return SQL for the names of the places of a customer ``p`` that somebody emptied by hand."""
        return SQL(
            """(SELECT array_agg(last.place ORDER BY last.place)
                  FROM (SELECT DISTINCT ON (a.place) a.place, a.by_hand FROM customer_assignment a
                         WHERE a.partner_id = p.id ORDER BY a.place, a.id DESC) AS last
                 WHERE last.by_hand)""")

    @api.model
    def _count_fitting(self, rules):
        """Return how many managed customers meet the conditions of each of these rules, whoever has them, in one statement.

        :param rules: customer.assignment.rule
        :rtype: dict[int, int]
        """
        if not rules:
            return {}
        self._flush_customers()
        wanted = [rule._fits_sql(rule._wanted()) for rule in rules.sudo()]  # rules are no secret
        [counts] = self.env.execute_query(SQL(
            "SELECT %s FROM res_partner p WHERE p.customer_managed IS TRUE",
            SQL(", ").join(SQL("count(*) FILTER (WHERE %s)", condition) for condition in wanted)))
        return dict(zip(rules.ids, counts, strict=True))

    # ------------------------------------------------------------
    # WHO GETS WHICH
    # ------------------------------------------------------------

    @api.model
    def _decide(self, partner_ids=None, **options):
        """Return who would be put where by which rule, and for which places nobody is found. Nothing is changed.

        :param partner_ids: ids of customers, or None for all
        :param options: see :meth:`_needy`
        :rtype: tuple[list[Given], list[Unfit]]
        """
        in_force = self.env['customer.assignment.rule']._in_force()
        rules = {rule.rule_id: rule for rule, __ in in_force}
        customers = self._needy(in_force, partner_ids, **options)
        people = self._people(list(rules.values())) if customers else None
        given, unfit = [], []
        for customer in customers:
            unfit += [Unfit(customer.id, place, 'hand') for place in customer.kept if self._is_missed(customer, place)]
            for place in PLACES:
                if place in customer.lacks:
                    self._decide_place(customer, place, rules, people, given, unfit)
        return given, unfit

    @api.model
    def _is_missed(self, customer, place):
        """Return whether it is worth a word that a place of a customer stays empty."""
        return place == 'manager' or customer.wants[place]

    @api.model
    def _decide_place(self, customer, place, rules, people, given, unfit):
        """Find somebody for one place of a customer: by the first rule that fits and has somebody.

        :param given: gets who was found
        :param unfit: gets why nobody was
        """
        find = {
            'manager': self._find_manager, 'backup': self._find_backup, 'expert': self._find_expert, 'team': self._find_team}
        why = Unfit(customer.id, place, 'none')
        for rule_id in customer.fits:
            rule = rules[rule_id]
            if not self._offers(rule, place, customer):
                continue
            to_id, answer = find[place](rule, customer, people)
            if to_id:
                given.append(Given(customer.id, place, to_id, rule_id, answer))
                self._count_in(people, customer, place, to_id)
                return
            if why.why == 'none':
                why = Unfit(customer.id, place, answer, rule_id)
        if self._is_missed(customer, place):
            unfit.append(why)

    @api.model
    def _offers(self, rule, place, customer):
        """Return whether a rule has somebody for a place of a customer that it fits."""
        if place in ('backup', 'expert'):
            return getattr(rule, place) != 'none' and (customer.wants[place] or not rule.by_tier)
        return rule.sets_manager if place == 'manager' else rule.sets_team

    @api.model
    def _count_in(self, people, customer, place, to_id):
        """Let what somebody was just given count for the next customer."""
        customer.has[place] = to_id
        if place == 'manager':
            person = people.by_id[to_id]
            person.load, person.count = person.load + customer.weight, person.count + 1
        elif place == 'backup':
            people.by_id[to_id].backups += 1

    @api.model
    def _members(self, rule, source, user_id, people):
        """Return the ids of whom a rule names: one person, or the members of its team."""
        return [user_id] if source == 'user' else people.members.get(rule.team_id, [])

    @api.model
    def _able_for(self, customer, user_ids, people):
        """Return those of these users who are able to do something for a customer."""
        found = [people.by_id[user_id] for user_id in user_ids if user_id in people.by_id]
        return [person for person in found if person.works_for(customer)]

    @api.model
    def _find_manager(self, rule, customer, people):
        """Return who gets a customer by a rule, with the facts that say why; or None, with why nobody does."""
        ids = self._members(rule, 'user' if rule.user_id else 'team', rule.user_id, people)
        found = self._able_for(customer, ids, people)
        spoken = {people.languages[lang_id] for lang_id in rule.speak_ids}
        for why, passes in (
            ('able', lambda person: True),
            ('closed', lambda person: person.takes_new),
            ('away', lambda person: not person.away),
            ('knows', lambda person: spoken <= person.knows.get('language', set()) and all(
                customer.needs[name] and customer.needs[name] in person.knows.get(name, ()) for name in rule.matches)),
            ('full', lambda person: not person.limit or person.load + customer.weight <= person.limit),
        ):
            found = [person for person in found if passes(person)]
            if not found:
                return None, why
        person = min(found, key=lambda one: (one.load, one.count, one.id))
        return person.id, self._facts(rule, customer, person, spoken)

    @api.model
    def _facts(self, rule, customer, person, spoken):
        """Return what the sentence says that tells why somebody got a customer."""
        return {
            'speaks': sorted(spoken), 'knows': {name: customer.needs[name] for name in rule.matches},
            'load': person.load + customer.weight, 'customers': person.count + 1, 'limit': person.limit}

    @api.model
    def _find_backup(self, rule, customer, people):
        ids = self._members(rule, rule.backup, rule.backup_id, people)
        found = [person for person in self._able_for(customer, ids, people)
                 if person.id != customer.has['manager'] and not person.away]
        if not found:
            return None, 'able'
        person = min(found, key=lambda one: (one.backups, one.load, one.id))
        return person.id, {'backups': person.backups + 1}

    @api.model
    def _find_expert(self, rule, customer, people):
        user_id = rule.expert_id if rule.expert == 'user' else people.experts.get(rule.team_id)
        person = people.by_id.get(user_id)
        return (person.id, {}) if person and person.works_for(customer) else (None, 'able')

    @api.model
    def _find_team(self, rule, customer, people):
        return (rule.team_id, {}) if rule.team_id in people.teams else (None, 'able')

    # ------------------------------------------------------------
    # DOING IT
    # ------------------------------------------------------------

    @api.model
    def _carry_out(self, given):
        """Put people where they were found to belong, and keep why.

        :param given: list of :class:`Given`
        :rtype: customer.assignment
        """
        assignments = self.env['customer.assignment']
        if not given:
            return assignments
        self._tried()
        reasons = {one.partner_id: assignments._say(self.env, one) for one in given if one.place == 'manager'}
        handed = self._give_customers([one for one in given if one.place == 'manager'], reasons)
        self._fill_places([one for one in given if one.place != 'manager'])
        return assignments.create([{
            'partner_id': one.partner_id, 'place': one.place, 'rule_id': one.rule_id, 'facts': one.facts,
            'user_id': one.place != 'team' and one.to_id, 'team_id': one.place == 'team' and one.to_id,
            'handover_id': one.place == 'manager' and handed.get(one.partner_id),
        } for one in given])

    @api.model
    def _tried(self):
        """Note when the rules were tried. Two who assign at the same moment would both count the same customers: the later one
        meets this row, and begins anew."""
        self.env.cr.execute(SQL(
            "UPDATE customer_assignment_rule SET tried_at = %s WHERE active", self.env.cr.now().replace(microsecond=0)))
        self.env['customer.assignment.rule'].invalidate_model(['tried_at'])

    @api.model
    def _give_customers(self, given, reasons):
        """Let customers go to their new account managers, with what is open, as a hand-over does.

        :param given: those of the place *manager*
        :param reasons: why, by customer
        :return: ids of the hand-overs by customer
        :rtype: dict[int, int]
        """
        by_user = defaultdict(list)
        for one in given:
            by_user[one.to_id].append(one.partner_id)
        for user_id, ids in sorted(by_user.items()):
            self.env['res.partner'].browse(sorted(ids)).with_context(
                customer_handover=Plan('all', reasons=reasons), customer_assigned=BY_RULE).write({'user_id': user_id})
        handovers = self.env['customer.handover'].search(
            [('partner_id', 'in', list(reasons)), ('state', '=', 'done')], order='id')
        return {handover.partner_id.id: handover.id for handover in handovers}  # the last of each

    @api.model
    def _fill_places(self, given):
        """Write the other places of care teams, for all customers in one statement."""
        if not given:
            return
        rows = defaultdict(dict)
        for one in given:
            rows[one.partner_id][one.place] = one.to_id
        partners = self.env['res.partner'].browse(sorted(rows))
        names = [PLACES[place] for place in PLACES if place != 'manager']
        self.env['res.partner'].flush_model(names)
        self.env.cr.execute(SQL(
            """UPDATE res_partner p
                  SET customer_backup_id = COALESCE(v.backup, p.customer_backup_id),
                      customer_expert_id = COALESCE(v.expert, p.customer_expert_id),
                      customer_team_id = COALESCE(v.team, p.customer_team_id), write_date = %(now)s
                 FROM unnest(%(ids)s, %(backup)s::int[], %(expert)s::int[], %(team)s::int[]) AS v (id, backup, expert, team)
                WHERE v.id = p.id""",
            now=self.env.cr.now(), ids=partners.ids, **{
                place: [rows[partner.id].get(place) for partner in partners] for place in PLACES if place != 'manager'}))
        partners.invalidate_recordset([*names, 'write_date'])
        self._places_filled(partners)

    @api.model
    def _places_filled(self, partners):
        """Hook for the other wings: these customers have another backup, technical contact or team."""

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _describe_people(self, rule, people):
        """Return what is wrong with the people of a rule today, as sentences.

        :param rule: customer.assignment.rule
        :param people: of its team
        :rtype: list[str]
        """
        gives, notes = rule._assigns(), []
        named = {'user_id': rule.give_to == 'user', 'backup_id': rule.backup == 'user', 'expert_id': rule.expert == 'user'}
        for user in {rule[name] for name, used in named.items() if used}:
            if user.id not in people.by_id:
                name = user.sudo().name  # that of a colleague
                notes.append(self.env._(
                    "%(user)s has left or has no role any more, and gets nothing by this rule.", user=name))
        if rule.give_to == 'team' and rule.sets_manager:
            found = [people.by_id[user_id] for user_id in people.members.get(rule.team_id.id, ()) if user_id in people.by_id]
            spoken = {people.languages[lang_id] for lang_id in gives.speak_ids}
            if not found:
                notes.append(self.env._("The team has no members who could open a customer: nobody gets one."))
            elif not any(spoken <= person.knows.get('language', set()) for person in found):
                notes.append(self.env._("Nobody of the team speaks what this rule asks for."))
            elif all(person.limit and person.load >= person.limit for person in found):
                notes.append(self.env._("Everybody of the team has as many customers as they may."))
        if rule.expert == 'team' and people.experts.get(rule.team_id.id) not in people.by_id:
            notes.append(self.env._("The team has no product expert who could open a customer."))
        return notes
