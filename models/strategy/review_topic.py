"""What a review looks at."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class ReviewTopic(NamedTuple):
    """One look at the data, for any number of reviews at once; see ``customer.review._topics``.

    :param kind: ``success``, ``shortfall`` or ``point``
    :param sequence: its place among the topics of its kind, the most important first
    :param model: what its findings are
    :param sql: ``sql(covered) -> odoo.tools.SQL`` with the columns ``review_id``, ``partner_id``, ``res_id`` (of the model),
        ``weight`` (greater is more important) and ``facts`` (jsonb: what the sentence needs)
    :param describe: ``describe(finding) -> str``, a translated sentence with the customer and the figure
    :param more: ``more(count) -> str``, a translated phrase for those that are not listed: *and so many more …*
    :param opens: field of the model with what a finding opens, where that is not the finding itself
    """

    kind: str
    sequence: int
    model: str
    sql: Callable
    describe: Callable
    more: Callable
    opens: str = ''


class Finding(NamedTuple):
    """What a topic found.

    :param review: customer.review it is for, in the language of its reader, as the following records
    :param partner: res.partner, may be empty
    :param record: what it opens
    :param facts: dict of what the query said
    """

    review: Any
    partner: Any
    record: Any
    facts: dict
