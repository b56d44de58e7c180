"""What a kind of next best action is made of; see ``customer.action.rule._kinds``."""
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass

#: A customer that a rule is met by: a figure and a day that its reason is told with, the id of the record that it is
#: about, and what a fact says besides. What a kind does not need is None.
Met = namedtuple('Met', 'partner_id, value, day, res_id, detail', defaults=[None])


@dataclass(frozen=True)
class ActionKind:
    """One kind of next best action.

    :ivar label: what an administrator chooses it by
    :ivar sql: ``sql(rule, partner_ids) -> SQL``: a query of the first four columns of :class:`Met`, in this order, with at most
        one row for a customer, for customers whose condition is met; what it reads is flushed by it
    :ivar describe: ``describe(rule, mets) -> list[str]``: a translated sentence for each, why it is proposed
    :ivar act: ``act(rule, partner, met) -> dict``: the action that one click opens
    :ivar unit: what the threshold counts, translated; empty where there is none
    :ivar contacts: it means getting in touch, so it is not proposed while contacts are paused or stopped
    :ivar fact: of the catalogue that it looks at, see ``customer.fact``; its query has all columns of :class:`Met`
    :ivar comparison: its rules say whether the threshold is the least or the most
    :ivar window: its rules look back a number of days
    """

    label: str
    sql: Callable
    describe: Callable
    act: Callable
    unit: str = ''
    contacts: bool = True
    fact: str = ''
    comparison: bool = False
    window: bool = False
