"""Answers that every program can read."""
from __future__ import annotations

from typing import Any


def without_none(value: Any) -> Any:
    """Return a value of dicts and lists with False in place of None, which XML-RPC can't carry.

    >>> without_none({'gap': None, 'days': [1, None]})
    {'gap': False, 'days': [1, False]}
    """
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_none(inner) for inner in value]
    return False if value is None else value
