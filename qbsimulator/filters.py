"""What filters of several families of queries have in common: spans of time, and how a text is matched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from .clock import Clock
from .errors import RequestError

#: What the values of MatchCriterion make of a text, as a pattern of SQL.
_PATTERNS = {"StartsWith": "{}%", "Contains": "%{}%", "EndsWith": "%{}"}


def pattern(given: Mapping[str, str], name: str) -> str:
    """What a filter with a MatchCriterion looks for, for ``LIKE`` with the backslash as ``ESCAPE``.

    ``name`` is the field with the text.
    """
    escaped = str(given[name]).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _PATTERNS[str(given["MatchCriterion"])].format(escaped)


def moments(
    clock: Clock, begin: date | datetime | None, end: date | datetime | None
) -> tuple[float | None, float | None]:
    """The ends of a span in seconds since 1970; ``None``: it is open there.

    Raises :class:`~qbsimulator.errors.RequestError` where it ends before it begins.
    """
    low = None if begin is None else clock.moment(begin)
    high = None if end is None else clock.moment(end, end=True)
    if low is not None and high is not None and low > high:
        raise RequestError(3030)
    return low, high
