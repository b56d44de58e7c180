from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_date

from ...engine import explanation, scoring
from ...engine.explanation import CAP, KNOWN_SET, MEASURE, OVERRIDE, RULES, Side
from ..platform.counted import points
from .customer_health_snapshot import BANDS

#: How far the chart goes back.
CHART_MONTHS = 12

#: A value that is valid for no longer than this is about to be missing.
SOON_DAYS = 14


class Moment(NamedTuple):
    """The health of a customer on a day: a snapshot, and what its rules were.

    :param snapshot: ``customer.health.snapshot``, may be empty
    :param side: the same for the explanation
    """

    snapshot: models.BaseModel
    side: Side

    @property
    def score(self):
        """The score as people read it, None where there is none."""
        return None if self.side.score is None else explanation.half_up(self.side.score)


class CustomerHealthWhy(models.AbstractModel):
    """Why the health of a customer is what it is, and why it changed, in words and numbers that add up (HEA-2).

    The numbers come from the snapshots and the rules they were made with, the words from the sources of the measures.
    """

    _name = 'customer.health.why'
    _description = "Why a Customer's Health Is What It Is"

    @api.model
    def _panel(self, partner, days):
        """Return what the health panel shows.

        :param partner: one managed customer
        :param int days: how far back the change is explained
        :return: ``customer`` id and name; ``may`` do what; ``hidden``: who looks after the customer, where the user may not
            see its health, and nothing else then; ``now`` (score, band, cap, override, …), ``groups`` with their measures,
            ``change`` with its terms, ``history`` for the chart, ``facts`` as pairs of label and value, ``next`` action with
            its reason, ``say`` for the next talk, ``churn`` in sentences
        :rtype: dict
        """
        today = fields.Date.context_today(partner)
        now = self._moment(partner, today)
        panel = {
            'customer': {'id': partner.id, 'name': partner.display_name}, 'today': fields.Date.to_string(today),
            'days': days, 'hidden': '' if now.snapshot else self._who_may_see(partner),
            'may': {'pulse': self.env['customer.pulse'].has_access('create'),
                    'override': self.env['customer.health.override'].has_access('create')}}
        if panel['hidden']:
            return panel
        panel |= {
            'now': self._describe_now(now), 'groups': [], 'change': {}, 'history': {}, 'say': [],
            'facts': self._facts(partner), 'next': self._next(partner), 'churn': self._churn(partner)}
        if not now.snapshot:
            return panel
        measures = self._measures(partner, now.side)
        change = self._change(self._moment(partner, fields.Date.subtract(today, days=days)), now, days)
        return panel | {
            'groups': self._by_group(measures),
            'change': change,
            'history': self._history(partner, today),
            'say': self._say(measures, change),
        }

    @api.model
    def _who_may_see(self, partner):
        """Return who looks after a customer whose health this user may not see; empty where there is nothing to see."""
        # nothing but whether there is a health, and the name to ask
        partner = partner.sudo()
        if not partner.customer_snapshot_ids:
            return ''
        return partner.user_id.name or self.env._("Somebody else")

    # ------------------------------------------------------------
    # MOMENTS
    # ------------------------------------------------------------

    @api.model
    def _moment(self, partner, day):
        """Return the :class:`Moment` of a customer on a day, an empty one where nothing was measured yet."""
        snapshot = self.env['customer.health.snapshot'].search([
            ('partner_id', '=', partner.id), ('date', '<=', day),
            '|', ('date_end', '=', False), ('date_end', '>=', day)], order='date desc, id desc', limit=1)
        return Moment(snapshot, self._side(snapshot))

    @api.model
    def _side(self, snapshot):
        """Return a snapshot as the explanation takes it."""
        has_score = bool(snapshot) and snapshot.band != 'none'
        by_hand = has_score and snapshot.override_id
        return Side(
            rules=snapshot.rules_id.rules or None,
            card=snapshot.scorecard_id.id or None,
            parts=snapshot.parts or {},
            score=snapshot.score if has_score else None,
            override=float(by_hand.score) if by_hand else None,
            day=snapshot.date or None)

    @api.model
    def _describe_now(self, now):
        """Return score, band and what they follow from, for the head of the panel."""
        snapshot, card = now.snapshot, now.side.scorecard or {}
        bands = dict(self.env['customer.health.snapshot']._fields['band']._description_selection(self.env))
        band = snapshot.band or 'none'
        return {
            'score': now.score,
            'band': band,
            'band_label': bands.get(band, dict(BANDS)[band]),
            'since': fields.Date.to_string(snapshot.date) if snapshot else False,
            'computed': explanation.half_up(snapshot.computed) if snapshot.state == 'scored' else None,
            'coverage': snapshot.coverage,
            'card': snapshot.scorecard_id.name or card.get('name') or '',
            'healthy': card.get('healthy'), 'watch': card.get('watch'),
            'why_none': '' if now.score is not None else self._why_none(snapshot, card),
            'cap': {
                'name': snapshot.cap_id.name,
                'maximum': self._cap_maximum(now),
                'uncapped': explanation.half_up(snapshot.uncapped),
            } if snapshot.cap_id else False,
            'override': self._describe_override(snapshot.override_id) if snapshot.override_id else False,
        }

    def _cap_maximum(self, now):
        """Return the maximum of the cap that holds, by the rules of that time."""
        caps = {cap['id']: cap['maximum'] for cap in now.side.caps}
        return caps.get(now.snapshot.cap_id.id, now.snapshot.cap_id.maximum)

    def _describe_override(self, override):
        return {
            'id': override.id,
            'score': override.score,
            'reason': override.reason,
            'until': fields.Date.to_string(override.date_to),
            'user': override.user_id.sudo().name or '',  # the name alone; users of other companies are hidden
            'may_end': override.has_access('write'),
        }

    def _why_none(self, snapshot, card):
        """Return why there is no score, in one sentence."""
        if not snapshot:
            return self.env._("The health of this customer has not been measured yet. That happens every night.")
        if snapshot.state == 'no_card':
            return self.env._("No scorecard fits this customer's segment and tier.")
        if card and snapshot.coverage < card['coverage']:
            return self.env._(
                "Too little is known: %(known)s %% of what the score is made of, and it takes %(needed)s %%.",
                known=snapshot.coverage, needed=card['coverage'])
        if card and snapshot.groups_known < card['groups']:
            return self.env._(
                "Too few sides of the relation are known: %(known)s, and it takes %(needed)s.",
                known=snapshot.groups_known, needed=card['groups'])
        return self.env._("Too little is known for a score.")

    # ------------------------------------------------------------
    # WHAT IT IS MADE OF
    # ------------------------------------------------------------

    @api.model
    def _measures(self, partner, side):
        """Return the measures of a customer's card with what each gives, in their order, and what is known by now."""
        return self._measure_rows(side, self._live(partner, side.parts))

    @api.model
    def _measures_then(self, snapshot):
        """Return the measures of a snapshot as they were, see :meth:`_measure_row`."""
        side = self._side(snapshot)
        return self._measure_rows(side, side.parts, snapshot.date)

    def _measure_rows(self, side, live, day=None):
        shares = {share.key: share for share in explanation.earned(side.scorecard, side.parts, 0)}
        measures = self.env['customer.health.measure'].with_context(active_test=False).search(
            [('id', 'in', [int(key) for key in side.parts])])
        return [
            self._measure_row(measure, side, live[str(measure.id)], shares.get(str(measure.id)), day)
            for measure in measures]

    def _measure_row(self, measure, side, live, share, day=None):
        """Return one measure as the panel shows it, in the words of a day: today by default."""
        key = str(measure.id)
        part, card = side.parts[key], side.scorecard
        weights = (card or {}).get('weights') or {}
        given = part.get('p')
        until = measure.validity_days and live.get('d') and fields.Date.add(
            fields.Date.to_date(live['d']), days=measure.validity_days)
        return {
            'id': measure.id,
            'name': measure.name,
            'group': measure.group_id.name,
            'points': None if given is None else explanation.half_up(given),
            'tone': scoring.band(card, given),
            'possible': share.possible if share else None,
            'earned': share.earned if share else None,
            'missing': share.missing if share else None,
            'status': part.get('s'),
            'imputed': bool(part.get('i')),
            'sentence': self._sentence(measure, live, day),
            'note': self._note(measure, part, live),
            'weight': explanation.half_up(100 * weights.get(key, 0) / (sum(weights.values()) or 1)),
            'until': fields.Date.to_string(until) if until and live.get('s') == 'known' else False,
            'ends_soon': bool(until) and until <= fields.Date.add(fields.Date.context_today(measure), days=SOON_DAYS),
            'talk': measure.talk or '',
        }

    def _live(self, partner, parts):
        """Return what is known at this moment, in the form of the parts."""
        return parts | self.env['customer.health.refresh']._measure_live(partner)

    @api.model
    def _sentence(self, measure, part, day=None):
        """Return what a part says, in words; empty where nothing is known."""
        if not part or part.get('v') is None:
            return ''
        return measure._describe(part['v'], fields.Date.to_date(part.get('d')), day)

    def _note(self, measure, part, live):
        """Return what is to be said about a measure that is not simply known, empty where it is."""
        given = part.get('p')
        if live.get('p') is not None and live.get('s') == 'known' and given is not None and live['p'] != given:
            return self.env._(
                "by now %(points)s; it counts from tonight on", points=points(self.env, explanation.half_up(live['p'])))
        if part.get('s') == 'known':
            return ''
        known = self.env._("too old") if part.get('s') == 'stale' else self.env._("not known")
        if not part.get('i'):
            return self.env._("%(known)s: left out, the others weigh more", known=known)
        if measure.missing_policy == 'median':
            return self.env._("%(known)s: counts as usual in this segment", known=known)
        return self.env._(
            "%(known)s: counts as %(points)s", known=known, points=points(self.env, explanation.half_up(given)))

    def _by_group(self, measures):
        """Return the measures by group, the groups in the order of their first measure."""
        groups = {}
        for measure in measures:
            groups.setdefault(measure['group'], []).append(measure)
        return [{'name': name, 'measures': rows} for name, rows in groups.items()]

    # ------------------------------------------------------------
    # WHY IT CHANGED
    # ------------------------------------------------------------

    @api.model
    def _change(self, before, now, days):
        """Return the change of the shown score with its terms, which add up to it.

        :param before: the :class:`Moment` so many days ago
        :return: ``total`` (whole points, or None), ``was``, ``terms`` and a ``note`` where there is nothing to compare
        """
        told = explanation.explain(before.side, now.side)
        if told.total is None:
            return {'total': None, 'was': before.score, 'terms': [], 'note': self._why_no_change(before, now, days)}
        total = now.score - before.score
        # whichever way a cap came to hold, it is one thing to read
        terms = [term for term in told.terms if term.kind != CAP and term.key != 'cap']
        cap = sum(term.amount for term in told.terms if term.kind == CAP or term.key == 'cap')
        if abs(cap) > 1e-9:
            terms.append(explanation.Term(CAP, '', cap))
        return {
            'total': total,
            'was': before.score,
            'note': '',
            'terms': [self._describe_term(term, before, now) for term in explanation.shown(terms, total)],
        }

    def _why_no_change(self, before, now, days):
        if now.score is None:
            return self.env._("There is no score today, so there is no change to explain.")
        if not before.snapshot:
            return self.env._("%(days)s days ago the health of this customer was not measured yet.", days=days)
        return self.env._("%(days)s days ago there was no score: too little was known.", days=days)

    def _describe_term(self, term, before, now):
        """Return a term with a label, what happened, and the measure it is about."""
        row = {'kind': term.kind, 'amount': int(term.amount), 'label': '', 'detail': '', 'measure': False}
        if term.kind in (MEASURE, KNOWN_SET):
            measure = self.env['customer.health.measure'].browse(int(term.key)).exists()
            row |= {'measure': measure.id, 'label': measure.name or self._name_then(term.key, before, now),
                    'detail': self._describe_data(measure, term, before, now)}
        elif term.kind == CAP:
            row |= self._describe_cap(before, now)
        elif term.kind == RULES and term.key == 'card':
            row |= {'label': self.env._("Another scorecard"), 'detail': self.env._(
                "Judged by “%(card)s” now: its segment or tier changed.", card=now.snapshot.scorecard_id.name or '')}
        elif term.kind == RULES:
            row |= {'label': self.env._("Rules changed"), 'detail': self._rules_between(before, now)}
        elif term.kind == OVERRIDE:
            row |= {'label': self.env._("Set by hand"), 'detail': self._describe_by_hand(before, now)}
        else:
            row |= {'label': self.env._("Not explained"),
                    'detail': self.env._("The rules of that time are not kept any more.")}
        return row

    def _name_then(self, key, before, now):
        for side in (now.side, before.side):
            rule = ((side.rules or {}).get('measures') or {}).get(key)
            if rule:
                return rule['name']
        return self.env._("A measure that was deleted")

    def _describe_data(self, measure, term, before, now):
        """Return what became of a measure: before and now, or that it became known or unknown."""
        was, is_now = before.side.parts.get(term.key) or {}, now.side.parts.get(term.key) or {}
        if term.kind == MEASURE:
            then = self._sentence(measure, was, before.snapshot.date)
            today = self._sentence(measure, is_now, now.snapshot.date)
            if then and today and then != today:
                return self.env._("%(now)s; before: %(before)s", now=today, before=then)
            return today or then
        if is_now.get('s') == 'stale':
            last = format_date(self.env, is_now.get('d')) if is_now.get('d') else ''
            return self.env._("Too old to count, last known on %(day)s.", day=last)
        if is_now.get('s') == 'known':
            sentence = self._sentence(measure, is_now, now.snapshot.date)
            return self.env._("Known now: %(now)s", now=sentence) if sentence else self.env._("Known now.")
        if was.get('s') == 'known':
            return self.env._("Not known any more.")
        return self.env._("Not known: what counts in its place changed.")

    def _describe_cap(self, before, now):
        if now.snapshot.cap_id:
            return {'label': now.snapshot.cap_id.name, 'detail': self.env._(
                "As long as this holds, the score is at most %(maximum)s.", maximum=self._cap_maximum(now))}
        return {'label': before.snapshot.cap_id.name or self.env._("Cap"),
                'detail': self.env._("This held the score down and does not any more.")}

    def _describe_by_hand(self, before, now):
        override = now.snapshot.override_id
        if override:
            return self.env._(
                "%(user)s, until %(until)s: %(reason)s", user=override.user_id.sudo().name or '',  # the name alone
                until=format_date(self.env, override.date_to), reason=override.reason)
        return self.env._("What was set by hand has ended; the computed score counts again.")

    def _rules_between(self, before, now):
        """Return what changed in the rules between two moments, in the words of the versions."""
        versions = self.env['customer.health.rules'].search([
            ('id', '>', before.snapshot.rules_id.id), ('id', '<=', now.snapshot.rules_id.id)], order='id')
        return " · ".join(summary for summary in versions.mapped('summary') if summary)

    # ------------------------------------------------------------
    # HISTORY, FACTS, WHAT TO SAY
    # ------------------------------------------------------------

    @api.model
    def _history(self, partner, today):
        """Return the line of the chart as stretches, and marks where the rules changed."""
        start = fields.Date.subtract(today, months=CHART_MONTHS)
        stretches = self.env['customer.health.snapshot'].search_fetch(
            [('partner_id', '=', partner.id), '|', ('date_end', '=', False), ('date_end', '>=', start)],
            ['date', 'date_end', 'score', 'band', 'override_id', 'cap_id'], order='date')
        if not stretches:
            return {}
        first = max(start, stretches[0].date)
        first_version = self.env['customer.health.rules'].search([], order='id', limit=1)
        versions = self.env['customer.health.rules'].search(
            [('date', '>=', first), ('id', '!=', first_version.id)], order='id')
        return {
            'start': fields.Date.to_string(start),
            'stretches': [{
                'from': fields.Date.to_string(max(stretch.date, start)),
                'to': fields.Date.to_string(stretch.date_end or today),
                'score': None if stretch.band == 'none' else explanation.half_up(stretch.score),
                'band': stretch.band,
                'by_hand': bool(stretch.override_id),
            } for stretch in stretches],
            'marks': [{
                'date': fields.Date.to_string(version.date),
                'label': format_date(self.env, version.date),
                'summary': version.summary or self.env._("The rules changed."),
                'user': version.user_id.sudo().name or '',  # the name alone; users of other companies are hidden
            } for version in versions],
        }

    @api.model
    def _facts(self, partner):
        """Return segment, risk and what the churn model says, as pairs of label and value."""
        facts = []
        if partner.customer_segment_id:
            facts.append((self.env._("Segment"), partner.customer_segment_id.name))
        if partner.customer_risk_level:
            risks = dict(partner._fields['customer_risk_level']._description_selection(self.env))
            facts.append((self.env._("Risk of losing it"), risks[partner.customer_risk_level]))
        return facts

    @api.model
    def _churn(self, partner):
        """Return what the model of buying says, in sentences."""
        return partner.get_customer_churn().get('sentences', [])

    @api.model
    def _next(self, partner):
        """Return the next best action with its reason, False where there is none."""
        if not partner.customer_next_action:
            return False
        return {'action': partner.customer_next_action, 'reason': partner.customer_next_reason or ''}

    @api.model
    def _say(self, measures, change):
        """Return what to bring up in the next talk: of what cost most lately, then of what gives least, at most three."""
        talk = {row['id']: row for row in measures if row['talk']}
        fell = [term['measure'] for term in change['terms'] if term['amount'] < 0 and term['measure'] in talk]
        weak = sorted((row for row in talk.values() if (row['missing'] or 0) > 0 and row['tone'] == 'risk'),
                      key=lambda row: -row['missing'])
        chosen = dict.fromkeys([*fell, *(row['id'] for row in weak)])
        return [{'measure': talk[key]['name'], 'text': talk[key]['talk']} for key in list(chosen)[:3]]
