"""The terms of a change add up to the change that is shown (HEA-2)."""
import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import explanation, scoring
from odoo.addons.customer_success.engine.explanation import CAP, KNOWN_SET, MEASURE, OVERRIDE, REST, RULES, Side, Term

from . import common  # noqa: F401

DAY = datetime.timedelta(days=1)
TODAY = datetime.date(2026, 6, 1)
MEASURES = ('1', '2', '3', '4', '5')
GROUPS = {'1': 1, '2': 1, '3': 2, '4': 3, '5': 3}

whole_points = st.integers(0, 100)


@st.composite
def rules(draw, gates=True):
    """Return a version of the rules with two cards, any bands, weights, policies and caps; with gates, a score may be thin."""
    measures = {}
    for key in MEASURES:
        bounds = sorted(draw(st.sets(st.integers(1, 99), max_size=3)))
        measures[key] = {
            'name': key, 'group': GROUPS[key], 'bands': [[bound, draw(whole_points)] for bound in [0, *bounds]],
            'validity': draw(st.sampled_from((0, 30, 90))),
            'policy': draw(st.sampled_from(('leave_out', 'neutral', 'worst', 'median')))}
    cards = {
        card: {'name': card, 'healthy': 75, 'watch': 50, 'coverage': draw(st.integers(0, 60)) if gates else 0,
               'groups': draw(st.integers(0, 2)) if gates else 0,
               'weights': draw(st.dictionaries(st.sampled_from(MEASURES), st.integers(1, 40), min_size=1))}
        for card in ('7', '8')}
    caps = [{'id': number, 'name': '', 'measure': int(draw(st.sampled_from(MEASURES))), 'value': draw(st.integers(0, 100)),
             'comparison': draw(st.sampled_from(('from', 'below'))), 'maximum': draw(whole_points)}
            for number in range(draw(st.integers(0, 2)))]
    return {'measures': measures, 'cards': cards, 'caps': caps}


@st.composite
def parts(draw, version, card, day):
    """Return what is known of a customer on a day, made by a version of the rules the way the refresh makes it."""
    made = {}
    for key, weight in version['cards'][card]['weights'].items():
        rule = version['measures'][key]
        value = draw(st.integers(0, 120) | st.integers(0, 120) | st.none())
        age = draw(st.integers(0, 120))
        fresh = value is not None and (not rule['validity'] or age <= rule['validity'])
        imputed = {'neutral': 50, 'worst': 0, 'median': draw(whole_points)}.get(rule['policy'])
        given = scoring.points(rule['bands'], value) if fresh else imputed
        made[key] = {
            'w': weight, 'p': given, 'v': value, 'd': None if value is None else str(day - age * DAY),
            's': 'known' if fresh else 'missing' if value is None else 'stale', 'g': GROUPS[key],
            'i': not fresh and given is not None}
    return made


@st.composite
def sides(draw, version, day, by_hand=True):
    """Return a moment of a customer under a version of the rules, perhaps with a score that was set by hand."""
    card = draw(st.sampled_from(('7', '8')))
    made = draw(parts(version, card, day))
    result = scoring.score(version['cards'][card], made, version['caps'])
    override = draw(st.none() | st.none() | whole_points) if by_hand else None
    given = result.computed if result.state == scoring.SCORED else None
    return Side(version, card, made, given if override is None else override, override, day), result


@st.composite
def histories(draw):
    """Return two scored moments; between them nothing, data, what is known, card, rules or an override may change."""
    version = draw(rules())
    other = draw(st.just(version) | rules())
    return draw(sides(version, TODAY - 30 * DAY)), draw(sides(other, TODAY))


def part(given, value=0, status='known', group=1, imputed=False, day=None):
    return {'w': 1, 'p': given, 'v': value, 'd': day, 's': status, 'g': group, 'i': imputed}


def plain_rules(weights, caps=(), bands=((0, 0), (10, 10), (50, 50), (90, 90)), **card):
    """Return plain rules: a measure's points are about its value."""
    measures = {key: {'name': key, 'group': 1, 'bands': [list(band) for band in bands], 'validity': 0, 'policy': 'leave_out'}
                for key in weights}
    return {'measures': measures, 'caps': list(caps), 'cards': {
        '7': {'name': '', 'weights': weights, 'healthy': 75, 'watch': 50, 'coverage': 0, 'groups': 0, **card}}}


@tagged('post_install', '-at_install')
class TestExplanation(BaseCase):

    @given(histories())
    def test_hea_2_terms_add_up(self, history):
        """HEA-2: measures, re-weighting, cap, rules and override add up to the shown change, whatever happened."""
        (before, __), (after, __) = history
        result = explanation.explain(before, after)
        if before.score is None or after.score is None:
            self.assertIsNone(result.total)
            self.assertFalse(result.terms)
            return
        self.assertAlmostEqual(result.total, after.score - before.score, 6)
        self.assertLessEqual(abs(sum(term.amount for term in result.terms) - result.total), 0.0101)
        self.assertNotIn(REST, {term.kind for term in result.terms}, "nothing is left unexplained")

    @given(histories())
    def test_hea_2_each_cause_has_its_kind(self, history):
        """HEA-2: without new rules there is no rules term, without an override none, and the same moment explains nothing."""
        (before, __), (after, __) = history
        if before.score is None or after.score is None:
            return
        kinds = {term.kind for term in explanation.explain(before, after).terms}
        if before.rules == after.rules and before.card == after.card and [] not in (
                explanation.earned(before.scorecard, before.parts), explanation.earned(after.scorecard, after.parts)):
            self.assertNotIn(RULES, kinds)
        if before.override is None and after.override is None:
            self.assertNotIn(OVERRIDE, kinds)
        self.assertEqual(explanation.explain(before, before).terms, [])

    @given(st.data())
    def test_hea_2_rules_alone_are_no_data(self, data):
        """HEA-2: where only the rules changed, the data's part is nothing, however the score jumped (HEA-3 relies on it)."""
        old, new = data.draw(rules(gates=False)), data.draw(rules(gates=False))
        before, result = data.draw(sides(old, TODAY, by_hand=False))
        judged = explanation.judge(before.parts, old, new, TODAY)
        after = scoring.score(new['cards'][before.card], judged, new['caps'])
        if result.computed is None or after.computed is None:  # nothing is thin without gates
            return
        told = explanation.explain(before, Side(new, before.card, judged, after.computed, None, TODAY))
        self.assertAlmostEqual(told.data, 0, 6)

    @given(st.data())
    def test_hea_2_unknown_is_no_data(self, data):
        """HEA-2: where values only grew too old or came to be known, the data's part is nothing, caps included."""
        old = data.draw(rules(gates=False))
        before, result = data.draw(sides(old, TODAY, by_hand=False))
        kept = data.draw(st.sets(st.sampled_from(sorted(before.parts))))
        now = {key: one if key in kept else {**one, 'p': None, 's': 'stale', 'i': False}
               for key, one in before.parts.items()}
        after = scoring.score(before.scorecard, now, old['caps'])
        if result.computed is None or after.computed is None:  # nothing is thin without gates
            return
        for one, two in ((before, before._replace(parts=now, score=after.computed)),
                         (before._replace(parts=now, score=after.computed), before)):
            told = explanation.explain(one, two)
            self.assertAlmostEqual(told.data, 0, 6)
            self.assertLessEqual(abs(sum(term.amount for term in told.terms) - told.total), 0.0101)

    @given(histories(), st.integers(0, 2))
    def test_hea_2_shown_terms_add_up_exactly(self, history, digits):
        """HEA-2: what people read adds up exactly, and no term is off by more than a unit and what the total was rounded."""
        (before, __), (after, __) = history
        if before.score is None or after.score is None:
            return
        told = explanation.explain(before, after)
        unit = 10 ** digits
        total = (explanation.half_up(after.score * unit) - explanation.half_up(before.score * unit)) / unit
        if not told.terms:
            return
        read = explanation.shown(told.terms, total, digits)
        self.assertEqual(sum(round(term.amount * unit) for term in read), round(total * unit))
        raw = {(term.kind, term.key): term.amount for term in told.terms}
        for term in read:
            self.assertLess(abs(term.amount - raw[term.kind, term.key]), 2.1 / unit)

    @given(st.data(), st.integers(0, 2))
    def test_hea_2_earned_and_missing(self, data, digits):
        """HEA-2: earned points add up to the score before caps, earned and missing to 100, rounded ones too."""
        old = data.draw(rules())
        before, result = data.draw(sides(old, TODAY))
        if result.uncapped is None:
            return
        shares = explanation.earned(before.scorecard, before.parts)
        self.assertLessEqual(abs(sum(share.earned for share in shares) - result.uncapped), 0.00501)
        self.assertAlmostEqual(sum(share.earned + share.missing for share in shares), 100, 6)
        unit = 10 ** digits
        shares = explanation.earned(before.scorecard, before.parts, digits)
        self.assertEqual(sum(round(share.possible * unit) for share in shares), 100 * unit)
        self.assertEqual(
            round(sum(share.earned for share in shares) * unit), explanation.half_up(result.uncapped * unit),
            "what the header shows")
        for share in shares:
            self.assertGreaterEqual(share.earned, 0)
            self.assertGreaterEqual(share.missing, -1e-9)

    def test_hea_2_golden_data(self):
        """HEA-2: two measures of equal weight; one loses 40 of its points, so the score loses 20."""
        old = plain_rules({'1': 10, '2': 10})
        told = explanation.explain(
            Side(old, 7, {'1': part(90, 95), '2': part(90, 99)}, 90.0),
            Side(old, 7, {'1': part(50, 60), '2': part(90, 99)}, 70.0))
        self.assertEqual(told, (-20.0, [Term(MEASURE, '1', -20.0)], ()))
        self.assertEqual(told.data, -20.0)

    def test_hea_2_golden_known(self):
        """HEA-2: the better of two measures grew too old; the score is the worse one's, and no data changed."""
        old = plain_rules({'1': 10, '2': 10})
        told = explanation.explain(
            Side(old, 7, {'1': part(90, 95), '2': part(50, 55)}, 70.0),
            Side(old, 7, {'1': part(None, 95, 'stale'), '2': part(50, 55)}, 50.0))
        self.assertEqual(told, (-20.0, [Term(KNOWN_SET, '1', -20.0)], ()))
        self.assertEqual(told.data, 0)

    def test_hea_2_golden_cap(self):
        """HEA-2: a cap that the data bring is a term of its own."""
        cap = {'id': 3, 'name': "Invoices", 'measure': 2, 'comparison': 'below', 'value': 60, 'maximum': 40}
        old = plain_rules({'1': 30, '2': 10}, [cap])
        told = explanation.explain(
            Side(old, 7, {'1': part(90, 95), '2': part(90, 99)}, 90.0),
            Side(old, 7, {'1': part(90, 95), '2': part(50, 55)}, 40.0))
        self.assertEqual(told.terms, [Term(MEASURE, '2', -10.0), Term(CAP, '', -40.0)])
        self.assertEqual(told.data, -50)

    def test_hea_2_golden_cap_hides_what_became_known(self):
        """HEA-2: that a cap swallows a better re-weighted score is no bad news from the data."""
        cap = {'id': 3, 'name': "Invoices", 'measure': 2, 'comparison': 'from', 'value': 0, 'maximum': 60}
        old = plain_rules({'1': 10, '2': 10}, [cap])
        told = explanation.explain(
            Side(old, 7, {'1': part(None, None, 'missing'), '2': part(50, 55)}, 50.0),
            Side(old, 7, {'1': part(90, 95), '2': part(50, 55)}, 60.0))
        self.assertEqual(told.terms, [Term(KNOWN_SET, '1', 20.0), Term(KNOWN_SET, 'cap', -10.0)])
        self.assertEqual(told.data, 0)

    def test_hea_2_golden_rules_and_card(self):
        """HEA-2: other weights are a rules term; another card under the same rules is named as such."""
        old, new = plain_rules({'1': 10, '2': 10}), plain_rules({'1': 30, '2': 10})
        both = {'1': part(50, 55), '2': part(90, 99)}
        told = explanation.explain(Side(old, 7, both, 70.0), Side(new, 7, both, 60.0))
        self.assertEqual(told.terms, [Term(RULES, '', -10.0)])
        old['cards']['8'] = new['cards']['7']
        told = explanation.explain(Side(old, 7, both, 70.0), Side(old, 8, both, 60.0))
        self.assertEqual(told.terms, [Term(RULES, 'card', -10.0)])

    def test_hea_2_golden_another_question(self):
        """HEA-2, T3: a value that answers another question (period, source, metric, kind, what the ranking counts) is an
        effect of the rules; what the other measures did stays data."""
        both = {'1': part(90, 95), '2': part(80, 85)}
        for name, then, now in (('window', 90, 30), ('source', 'rhythm', 'payment'), ('metric', 4, 5), ('kind', 'sum', 'trend'),
                                ('asks', None, {'basis': 'invoices'})):
            old, new = plain_rules({'1': 10, '2': 10}), plain_rules({'1': 10, '2': 10})
            old['measures']['1'][name] = then
            new['measures']['1'][name] = now
            told = explanation.explain(
                Side(old, 7, both, 85.0), Side(new, 7, {'1': part(10, 15), '2': part(70, 75)}, 40.0))
            self.assertEqual(told.terms, [Term(MEASURE, '2', -5.0), Term(RULES, '', -40.0)], name)
            self.assertEqual(told.data, -5)
            new['measures']['1'][name] = then
            told = explanation.explain(Side(old, 7, both, 85.0), Side(new, 7, {'1': part(10, 15), '2': part(70, 75)}, 40.0))
            self.assertEqual(told.data, -45, name)

    def test_hea_2_golden_override(self):
        """HEA-2: what is set by hand is a term, also above data that went on changing."""
        old = plain_rules({'1': 10})
        told = explanation.explain(
            Side(old, 7, {'1': part(90, 95)}, 90.0), Side(old, 7, {'1': part(50, 55)}, 80.0, 80.0))
        self.assertEqual(told.terms, [Term(MEASURE, '1', -40.0), Term(OVERRIDE, '', 30.0)])
        thin = Side(old, 7, {'1': part(None, None, 'missing')}, 80.0, 80.0)
        self.assertEqual(explanation.explain(thin, thin._replace(score=60.0, override=60.0)).terms, [Term(OVERRIDE, '', -20.0)])

    def test_hea_2_unscored(self):
        """HEA-2: without a score on both sides there is no change, and it says on which side."""
        old = plain_rules({'1': 10})
        scored, empty = Side(old, 7, {'1': part(90, 95)}, 90.0), Side(old, 7, {}, None)
        self.assertEqual(explanation.explain(scored, empty), (None, [], ('after',)))
        self.assertEqual(explanation.explain(empty, scored), (None, [], ('before',)))

    def test_hea_2_forgotten_rules(self):
        """HEA-2: where the rules of that time are not kept any more, the change is still shown, as unexplained."""
        told = explanation.explain(
            Side(None, 7, {'1': part(90, 95)}, 90.0), Side(plain_rules({'1': 1}), 7, {'1': part(50, 55)}, 50.0))
        self.assertEqual(told.terms, [Term(REST, '', -40.0)])

    def test_hea_2_validity_and_policy_of_other_rules(self):
        """HEA-2: a value is judged by the age and the stand-in that the other rules give it."""
        old, new = plain_rules({'1': 10}), plain_rules({'1': 10})
        new['measures']['1'].update(validity=30, policy='neutral')
        one = {'1': part(90, 95, day='2026-04-01')}
        self.assertEqual(explanation.judge(one, old, new, TODAY)['1'] | {}, {**one['1'], 'p': 50, 's': 'stale', 'i': True})
        back = explanation.judge(explanation.judge(one, old, new, TODAY), new, old, TODAY)
        self.assertEqual(back, one)
