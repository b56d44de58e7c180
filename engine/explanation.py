"""Why a health score is what it is, and why it changed: terms that add up (HEA-2).

Between two moments the data of a customer, the set of what is known, the rules and what somebody set by hand may all
have changed. :func:`explain` goes from the one to the other in this order, so that each step has one cause:

1. *data*: the measures that are known on both sides, their new values under the **old** rules and weights; with them
   the caps they bring or end;
2. *known*: measures that became known, unknown or too old, and what is put in their place; the others weigh differently;
3. *rules*: the new rules, or another scorecard, on the new data; with them the new value of a measure that asks something
   else now (another source, period or metric): it can't be told what the old question would have brought;
4. *override*: what a person set by hand.

Of the weighted mean U = Σ w·p / W, a change of the set that counts splits by measure without a remainder:
W₀·(U₁ - U₀) = Σ_kept w·(p₁ - p₀) + Σ_lost w·(U₁ - p₀) + Σ_gained w·(p₁ - U₁), because Σ w·(p₁ - U₁) = 0 over what
counts afterwards.
"""
from __future__ import annotations

import datetime
import math
from typing import NamedTuple

from . import scoring

#: The causes of a change, see :class:`Term`.
MEASURE, CAP, KNOWN_SET, RULES, OVERRIDE, REST = 'measure', 'cap', 'known', 'rules', 'override', 'rest'

#: What the value of a measure follows from besides the data: where one of these differs, values can't be compared.
QUESTION = ('source', 'window', 'metric', 'kind', 'asks')

#: Scores are kept with two decimals, so two of them may hide a hundredth.
ROUNDING = 0.0101


class Side(NamedTuple):
    """The health of a customer at one moment.

    :param rules: the rules of that time (``customer.health.rules``)
    :param card: id of the scorecard
    :param parts: what was known, see :mod:`.scoring`
    :param score: the score that was shown, or None where there was none
    :param override: the score that was set by hand, or None
    :param day: the day of that moment; needed only where rules differ in how long a value is valid
    """

    rules: dict | None
    card: object
    parts: dict | None
    score: float | None
    override: float | None = None
    day: datetime.date | None = None

    @property
    def scorecard(self):
        """The rules of the card, or None."""
        return _get(self.rules, 'cards', self.card)

    @property
    def caps(self):
        """The caps of that time."""
        return (self.rules or {}).get('caps') or []


class Term(NamedTuple):
    """One cause of a change.

    :param kind: :data:`MEASURE` (its data), :data:`CAP` (one came or ended by the data), :data:`KNOWN_SET` (what is
        known changed), :data:`RULES`, :data:`OVERRIDE`, or :data:`REST` (the rules of that time are not kept)
    :param key: the measure's id as text; ``cap`` of a :data:`KNOWN_SET` term for what a cap makes of it; ``card`` of a
        :data:`RULES` term where the customer is judged by another card; else empty
    :param amount: points of the score
    """

    kind: str
    key: str
    amount: float


class Explanation(NamedTuple):
    """Why a score changed.

    :param total: the shown change in points, or None where one of the two sides has no score
    :param terms: the causes; their amounts add up to the total
    :param unscored: the sides without a score: ``before``, ``after``
    """

    total: float | None
    terms: list
    unscored: tuple = ()

    @property
    def data(self) -> float:
        """What the customer's own data did, under the old rules and with what was known before."""
        return sum(term.amount for term in self.terms if term.kind in (MEASURE, CAP))


class Share(NamedTuple):
    """What a measure gives and what it could give.

    :param key: the measure's id as text
    :param possible: points of the score that it could give; over all measures 100
    :param earned: points that it gives; over all measures the score before caps
    :param missing: the difference
    """

    key: str
    possible: float
    earned: float
    missing: float


def explain(before: Side, after: Side) -> Explanation:
    """Return the causes of the change from one moment to a later one.

    :param before: the earlier moment, a :class:`Side` or a tuple of its values
    :param after: the later moment
    """
    before, after = Side(*before), Side(*after)
    unscored = tuple(name for name, side in (('before', before), ('after', after)) if side.score is None)
    if unscored:
        return Explanation(None, [], unscored)
    total = round(after.score - before.score, 2)
    old, new = _computed(before), _computed(after)
    if old is None or new is None:
        # set by hand where too little was known: nothing below it can be compared
        by_hand = before.override is not None or after.override is not None
        return Explanation(total, _only([Term(OVERRIDE if by_hand else REST, '', total)]))
    terms, under_old_rules = _data_terms(before, after, old)
    key = 'card' if before.rules == after.rules and str(before.card) != str(after.card) else ''
    terms.append(Term(RULES, key, new - under_old_rules))
    terms.append(Term(OVERRIDE, '', _by_hand(after, new) - _by_hand(before, old)))
    rest = total - sum(term.amount for term in terms)
    if abs(rest) > ROUNDING:
        terms.append(Term(REST, '', rest))
    return Explanation(total, _only(terms))


def judge(parts: dict, made_by: dict | None, rules: dict | None, day=None, medians: dict | None = None) -> dict:
    """Return what is known of a customer as other rules would judge it: bands, validity, and what stands for the unknown.

    :param parts: what is known
    :param made_by: the rules that the parts were made by
    :param rules: the rules to judge by
    :param day: the day on which it is judged; without it nothing grows old or young
    :param medians: points by measure id as text, for measures that take what is usual where they are not known
    """
    return {
        key: _judge(part, _get(made_by, 'measures', key), _get(rules, 'measures', key), day, (medians or {}).get(key))
        for key, part in parts.items()
    }


def earned(card: dict | None, parts: dict, digits: int | None = None) -> list[Share]:
    """Return what each counting measure gives and what it could give.

    :param digits: round to so many decimals, so that what people read still adds up to 100 and to the rounded score
    """
    weight = {key: value for key, value in scoring.weights(card).items() if scoring.counts(parts.get(key))}
    total = sum(weight.values())
    possible = [100 * value / total for value in weight.values()]
    gained = [value * parts[key]['p'] / total for key, value in weight.items()]
    if digits is not None and weight:
        possible = spread(possible, 100, digits)
        gained = spread(gained, scoring.rounded(sum(gained)), digits, possible)
    return [Share(key, could, has, could - has)
            for key, could, has in zip(weight, possible, gained, strict=True)]


def shown(terms: list[Term], total: float, digits: int = 0) -> list[Term]:
    """Return terms rounded so that they add up to the rounded total exactly, the largest first, without zeros.

    :param total: what they have to add up to: the difference of the two scores as people read them
    """
    amounts = spread([term.amount for term in terms], total, digits)
    rounded = [term._replace(amount=amount) for term, amount in zip(terms, amounts, strict=True)]
    return sorted((term for term in rounded if term.amount), key=lambda term: (-abs(term.amount), term.kind, term.key))


def spread(amounts: list[float], total: float, digits: int = 0, limits: list[float] | None = None) -> list[float]:
    """Return amounts rounded so that they add up to the rounded total: the largest remainders are rounded up.

    :param limits: no amount is rounded to more than this, where the total leaves room for it
    """
    unit = 10 ** digits
    floors = [math.floor(amount * unit + 1e-9) for amount in amounts]
    ceilings = [round(limit * unit) for limit in limits] if limits else [math.inf] * len(amounts)
    floors = [min(pair) for pair in zip(floors, ceilings, strict=True)]
    left = half_up(total * unit) - sum(floors)
    order = sorted(range(len(amounts)), key=lambda place: floors[place] - amounts[place] * unit)
    while left and order:
        step = 1 if left > 0 else -1
        movable = [place for place in (order if step > 0 else reversed(order)) if floors[place] + step <= ceilings[place]]
        for place in movable[:abs(left)]:
            floors[place] += step
            left -= step
        if not movable:
            break
    return [floor / unit for floor in floors]


def half_up(value: float) -> int:
    """Return the nearest whole number, as people round."""
    return math.floor(value + 0.5 + 1e-9)


def _get(rules, kind, key):
    found = (rules or {}).get(kind) or {}
    return found.get(str(key), found.get(key))


def _only(terms):
    return [term for term in terms if abs(term.amount) > 1e-9]


def _capped(value, caps, parts):
    cap = scoring.lowest_cap(caps, parts)
    return value if cap is None else min(value, float(cap['maximum']))


def _computed(side):
    """Return the unrounded score with its cap, None where nothing counts or the card of that time is not kept."""
    value = scoring.mean(side.scorecard, side.parts or {})
    return None if value is None else _capped(value, side.caps, side.parts)


def _by_hand(side, computed):
    return 0.0 if side.override is None else side.score - computed


def _data_terms(before, after, shown_before):
    """Return the terms of data and of what is known, and the score that the new data would have under the old rules."""
    card, caps, parts = before.scorecard, before.caps, before.parts
    # of a measure that the new card does not look at, or that asks something else now, nothing new is known: what becomes
    # of it is an effect of the rules
    data = parts | {
        key: part for key, part in judge(after.parts or {}, after.rules, before.rules, after.day).items()
        if _same_question(_get(before.rules, 'measures', key), _get(after.rules, 'measures', key))}
    new = scoring.mean(card, data)
    if new is None:
        return [], shown_before
    old = scoring.mean(card, parts)
    weight = {key: value for key, value in scoring.weights(card).items()
              if scoring.counts(parts.get(key)) or scoring.counts(data.get(key))}
    whole = sum(value for key, value in weight.items() if scoring.counts(parts.get(key)))
    terms = []
    for key, value in weight.items():
        one, two = parts.get(key), data.get(key)
        start = one['p'] if scoring.counts(one) else new
        end = two['p'] if scoring.counts(two) else new
        kind = MEASURE if scoring.known(one) and scoring.known(two) else KNOWN_SET
        terms.append(Term(kind, key, value * (end - start) / whole))
    same_known = old + sum(term.amount for term in terms if term.kind == MEASURE)
    both = {key: data[key] if scoring.known(data[key]) and scoring.known(part) else part for key, part in parts.items()}
    cap_before, cap_data = shown_before - old, _capped(same_known, caps, both) - same_known
    result = _capped(new, caps, data)
    terms.append(Term(CAP, '', cap_data - cap_before))
    terms.append(Term(KNOWN_SET, 'cap', (result - new) - cap_data))
    return terms, result


def _judge(part, made_by, rule, day, median):
    if rule is None or _same(rule, made_by):
        return part
    as_of = part.get('d') and datetime.date.fromisoformat(str(part['d']))
    if median is None and part.get('i') and (made_by or {}).get('policy') == 'median':
        median = part.get('p')
    if not day or not as_of or rule.get('validity') == (made_by or {}).get('validity'):
        # it is as old or young as it was
        day, as_of = datetime.date.max, datetime.date.max if part.get('s') == scoring.KNOWN else datetime.date.min
    judged = scoring.judge(rule, part.get('v'), as_of, day, median)
    return {**part, 'p': judged.points, 's': judged.status, 'i': judged.imputed}


def _same_question(rule, other):
    """Return whether the values of two versions of a measure can be compared."""
    return rule is None or other is None or all((rule.get(name) or None) == (other.get(name) or None) for name in QUESTION)


def _same(rule, other):
    """Return whether two versions of a measure give the same points; name and group do not matter to that."""
    names = ('bands', 'validity', 'policy')
    return other is not None and [rule.get(name) for name in names] == [other.get(name) for name in names]
