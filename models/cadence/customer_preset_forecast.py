from collections import Counter
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..platform.counted import customers
from ..platform.local_text import listed, quoted
from ..segmentation.customer_placing import EditedRules
from .arranged import Arranged

#: So many weeks has one of a touchpoint's units of time.
WEEKS = {'day': 1 / 7, 'week': 1, 'month': 365.25 / 12 / 7, 'year': 365.25 / 7}

#: So many people are named with their contacts a week.
NAMED = 12


class Place(NamedTuple):
    """Where customers stand, today and then: ids of their tier, their segment and their cadence."""

    tier_id: int | None
    segment_id: int | None
    cadence_id: int | None


class CustomerPresetForecast(models.AbstractModel):
    """What a preset would do to the customers, worked out on what is there, without writing anything (PLT-5).

    Tiers and segments come from the statement that ranks customers every night, cadences from the one that plans them: there is
    no second ranking or planner that could differ.
    """

    _name = 'customer.preset.forecast'
    _description = "What a Preset Would Do"

    @api.model
    def _query(self, preset, plan, columns, joins=None, tail=None):
        """Return SQL over all managed customers: ``p`` as they are, ``placed`` where they would stand, ``now`` and ``then`` with
        the cadence they follow.

        :param plan: see ``customer.preset._plan``
        :param SQL columns: what is selected
        """
        for model in ('res.partner', 'customer.cadence', 'customer.cadence.step', 'customer.segment.rule'):
            self.env[model].flush_model()
        self.env['customer.responsibility']._flush()
        planner = self.env['customer.planner'].sudo()  # a preset is judged by all customers
        on, off, meant = preset._arranged(plan)
        arranged = Arranged(on, off, meant, SQL("SELECT id, tier_id, segment_id FROM placed"))
        return SQL(
            """WITH placed AS MATERIALIZED (%(placed)s),
                    now AS MATERIALIZED (%(now)s),
                    new AS MATERIALIZED (%(new)s)
             SELECT %(columns)s
               FROM res_partner p
               JOIN placed ON placed.id = p.id
          LEFT JOIN now ON now.id = p.id
          LEFT JOIN new ON new.id = p.id
              %(joins)s
              WHERE p.customer_managed IS TRUE %(tail)s""",
            placed=self._placed_sql(plan), now=planner._cadence_of_customer_sql(),
            new=planner._cadence_of_customer_sql(arranged=arranged), columns=columns, joins=joins or SQL(), tail=tail or SQL())

    @api.model
    def _placed_sql(self, plan):
        """Return SQL with the tier and the segment that each managed customer would have."""
        segments = self.env['customer.segment'].union(
            *(record for record, values in plan.writes if record._name == 'customer.segment' and values.get('active')))
        if not plan.scheme and not segments:
            return SQL("SELECT id, customer_tier_id AS tier_id, customer_segment_id AS segment_id FROM res_partner "
                       "WHERE customer_managed IS TRUE")
        scheme = plan.scheme or self.env['customer.tier.scheme']._get_current()
        if segments:
            rules = self.env['customer.segment.rule'].sudo()  # one set of rules for everybody
            rules = (rules._in_order() | rules.search([('segment_id', 'in', segments.ids)])).sorted(
                lambda rule: rule._order_key())
            scheme = scheme.with_context(customer_segment_rules=EditedRules(
                (rule.segment_id.id, rule._get_condition_values()) for rule in rules))
        return SQL("SELECT id, new_tier_id AS tier_id, new_segment_id AS segment_id FROM (%s) AS verdict",
                   scheme._foreseen_sql())

    @api.model
    def _counts(self, preset, plan):
        """Return how many customers stand where today, and would stand where then.

        :rtype: dict[tuple[Place, Place], int]
        """
        rows = self.env.execute_query(self._query(preset, plan, SQL(
            """p.customer_tier_id, p.customer_segment_id, now.cadence_id, placed.tier_id, placed.segment_id, new.cadence_id,
               count(*)"""), tail=SQL("GROUP BY 1, 2, 3, 4, 5, 6")))
        return {(Place(*row[:3]), Place(*row[3:6])): row[6] for row in rows}

    @api.model
    def _lost_by_hand(self, preset):
        """Return how many customers would get another tier than the one that people gave them, as tiers are set by hand today.

        A tier that is set by hand on the customer itself stays under every ranking.
        """
        plan = preset._plan()
        current = self.env['customer.tier.scheme']._get_current()
        if not plan.scheme or current.method != 'manual' or plan.scheme.method == 'manual':
            return 0
        return sum(count for (now, then), count in self._counts(preset, plan).items()
                   if now.tier_id and now.tier_id != then.tier_id)

    # ------------------------------------------------------------
    # LOAD
    # ------------------------------------------------------------

    @api.model
    def _load(self, preset, plan):
        """Return how many contacts a week each person makes, today and then: of the touchpoints that recur, done by hand. What
        is sent by itself is nobody's.

        :return: by id of the user, None for what nobody is there for, 0 for what is sent by itself: contacts today and then
        :rtype: dict[int | None, tuple[float, float]]
        """
        found = [{}, {}]
        for place, relation in enumerate(('now', 'new')):
            rows = self.env.execute_query(self._query(preset, plan, SQL(
                """CASE WHEN s.automatic THEN 0 ELSE COALESCE(expert.user_id, doer.owner_id) END, sum(s.touches)"""),
                joins=self._doers_sql(SQL.identifier(relation)), tail=SQL("GROUP BY 1")))
            found[place] = {user_id: float(touches) for user_id, touches in rows}
        return {user_id: (found[0].get(user_id, 0), found[1].get(user_id, 0)) for user_id in {**found[0], **found[1]}}

    @api.model
    def _doers_sql(self, followed):
        """Return SQL that joins the recurring touchpoints of a cadence, and who does them, as the planner finds it.

        :param SQL followed: the relation with the customers and their cadence
        """
        responsibility = self.env['customer.responsibility'].sudo()  # who does what is one, whoever asks
        # archived ones too: they may be switched on
        steps = self.env['customer.cadence.step'].sudo().search([
            ('kind', '=', 'recurring'), ('cadence_id.active', 'in', [True, False])])
        rows = [(step.cadence_id.id, step.role, step.automatic, 1 / (step.interval_count * WEEKS[step.interval_unit]))
                for step in steps] or [(None, None, False, 0)]
        return SQL(
            """JOIN (VALUES %(steps)s) AS s (cadence_id, role, automatic, touches) ON s.cadence_id = %(followed)s.cadence_id
          LEFT JOIN (%(doer)s) AS doer
                 ON doer.user_id = %(followed)s.user_id AND doer.company_id = %(followed)s.company_id AND doer.role = s.role
          LEFT JOIN (%(able)s) AS expert
                 ON s.role = 'expert' AND expert.user_id = %(followed)s.expert_id
                AND expert.company_id = %(followed)s.company_id""",
            steps=SQL(", ").join(SQL("(%s::int, %s::varchar, %s::boolean, %s::numeric)", *row) for row in rows),
            followed=followed, able=responsibility._able_sql(),
            doer=responsibility._doer_sql(SQL("SELECT DISTINCT user_id, company_id FROM %s", followed)))

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _describe_plan(self, preset, plan):
        """Return what would be written, in sentences.

        :rtype: list[str]
        """
        sentences = []
        if plan.scheme:
            sentences.append(self.env._(
                "Customers are ranked by “%(then)s” instead of “%(now)s”.", then=plan.scheme.name,
                now=self.env['customer.tier.scheme']._get_current().name or '–'))
        by_kind = {}
        for record, values in plan.writes:
            by_kind.setdefault(self._kind_of(record, values), []).append(record)
        for kind, records in by_kind.items():
            if kind == 'meant':
                sentences += [self._describe_meant(preset, plan, record) for record in records]
                continue
            values = {'records': listed(self.env, [quoted(self.env, record.display_name) for record in records])}
            sentences.append({
                'on': self.env._("Switched on: %(records)s.", **values),
                'off': self.env._("Switched off: %(records)s.", **values),
                'own': self.env._("Meant for nobody any more, followed where it was chosen or agreed: %(records)s.", **values),
                'other': self.env._("Changed: %(records)s.", **values)}[kind])
        return sentences

    @api.model
    def _kind_of(self, record, values):
        if 'active' in values:
            return 'on' if values['active'] else 'off'
        if record._name != 'customer.cadence':
            return 'other'
        left = [values.get(name, record[name]) for name in ('tier_ids', 'segment_ids', 'is_default')]
        return 'meant' if any(left) else 'own'

    @api.model
    def _describe_meant(self, preset, plan, cadence):
        meant = preset._arranged(plan)[2][cadence.id]
        return self.env._("“%(cadence)s” is for %(whom)s.", cadence=cadence.name, whom=self._describe_whom(meant))

    @api.model
    def _describe_whom(self, meant):
        """Return whom a cadence is meant for, in words.

        :param meant: see ``customer.planner``
        """
        names = [*self.env['customer.tier'].browse(meant.tier_ids).mapped('name'),
                 *self.env['customer.segment'].browse(meant.segment_ids).mapped('name')]
        if meant.is_default:
            names.append(self.env._("everybody else") if names else self.env._("everybody"))
        return listed(self.env, names) or self.env._("nobody")

    # ------------------------------------------------------------
    # WHAT PEOPLE SEE
    # ------------------------------------------------------------

    @api.model
    def _values(self, preset):
        """Return what the dialog shows of a preset.

        :rtype: dict
        """
        plan = preset._plan()
        counts = self._counts(preset, plan)
        total = sum(counts.values())
        moved = sum(count for (now, then), count in counts.items() if now.cadence_id != then.cadence_id)
        return {
            'same': not plan.scheme and not plan.writes, 'total': total,
            'changes': self._describe_plan(preset, plan),
            'sentence': self.env._(
                "%(moved)s of %(total)s would follow another cadence than today.", moved=moved,
                total=customers(self.env, total)),
            'tables': [table for table in (
                self._standings(self.env._("Tiers"), 'customer.tier', counts, 'tier_id', self.env._("No tier")),
                self._standings(self.env._("Segments"), 'customer.segment', counts, 'segment_id', self.env._("No segment")),
                self._standings(self.env._("Cadences"), 'customer.cadence', counts, 'cadence_id', self.env._("Nobody's rhythm")),
            ) if any(row['more'] for row in table['rows'])],
            'load': self._load_table(preset, plan),
            'elsewhere': self._describe_elsewhere(),
        }

    @api.model
    def _standings(self, title, model, counts, name, none):
        """Return how many customers are where, today and then."""
        now, then = Counter(), Counter()
        for (before, after), count in counts.items():
            now[getattr(before, name)] += count
            then[getattr(after, name)] += count
        # who sees everybody may know what they are called
        places = self.env[model].sudo().with_context(active_test=False).search([('id', 'in', list(filter(None, {*now, *then})))])
        rows = [(place.id, place.name) for place in places] + ([(None, none)] if None in now or None in then else [])
        return {'title': title, 'rows': [self._row(label, now[place], then[place]) for place, label in rows]}

    @api.model
    def _row(self, label, now, then, digits=0):
        """Return a line of a table: two numbers, and how they differ, as the reader's language writes them."""
        now, then = round(now, digits), round(then, digits)
        words = [formatLang(self.env, number, digits=digits) for number in (now, then, abs(then - now))]
        return {'label': label, 'now': words[0], 'then': words[1],
                'more': ('+' if then > now else '−') + words[2] if then != now else ''}

    @api.model
    def _load_table(self, preset, plan):
        """Return the contacts a week of each person, the busiest first, and of all together."""
        load = self._load(preset, plan)
        users = self.env['res.users'].sudo().browse([user_id for user_id in load if user_id])  # names of colleagues are no secret
        people = sorted(users, key=lambda user: (-max(load[user.id]), user.id))
        rows = [self._row(user.name, *load[user.id], digits=1) for user in people[:NAMED]]
        if people[NAMED:]:
            rest = [sum(load[user.id][place] for user in people[NAMED:]) for place in (0, 1)]
            rows.append(self._row(self.env._("All other colleagues"), *rest, digits=1))
        if None in load:
            rows.append(self._row(self.env._("Nobody: no account manager"), *load[None], digits=1))
        total = [sum(pair[place] for user_id, pair in load.items() if user_id != 0) for place in (0, 1)]
        return {
            'rows': rows, 'total': self._row(self.env._("Contacts a week, together"), *total, digits=1),
            'sent': self._row(self.env._("Sent by itself, a week"), *load[0], digits=1) if 0 in load else False}

    @api.model
    def _describe_elsewhere(self):
        """Return which companies go on by cadences of their own, as the user does not work there."""
        # that they have some is no secret
        cadences = self.env['customer.cadence'].sudo().search([('company_id', 'not in', [False, *self.env.companies.ids])])
        return self.env._(
            "Companies that you don't work in keep the cadences that are theirs alone: %(companies)s.",
            companies=listed(self.env, cadences.company_id.mapped('name'))) if cadences else ''
