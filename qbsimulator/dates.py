"""What the schema's words for a time mean on a day: ``ThisMonthToDate``, ``LastFiscalQuarter``, ``NextFourWeeks``.

Requests have two lists of such words. That of filters says whether a quarter or a year is the calendar's or the
company's own (``DateMacro``); that of reports does not, and means the company's own (``ReportDateMacro``).
``Last…ToDate`` ends on the day of the last week, month, quarter or year that today is of this one.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

#: From the first day to the last, both included; ``None`` is an open end.
Span = tuple[date | None, date | None]

#: The days on which a week may begin.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MACRO = re.compile("(This|Last|Next)(Week|Month|(Calendar|Fiscal)?(Quarter|Year))(ToDate)?")
_SHIFT = {"This": 0, "Last": -1, "Next": 1}
_MONTHS = {"Month": 1, "Quarter": 3, "Year": 12}
_DAY = timedelta(days=1)


def span(macro: str, today: date, fiscal_month: int = 1, week_begins: str = "Monday") -> Span:
    """The days that a word of ``DateMacro`` or ``ReportDateMacro`` stands for.

    ``fiscal_month`` is the first month of the fiscal year, 1 to 12. Raises :class:`KeyError` for a word that is in
    neither list.
    """
    if macro == "All":
        return None, None
    if macro in ("Today", "Yesterday"):
        day = today if macro == "Today" else today - _DAY
        return day, day
    week = today - timedelta(days=(today.weekday() - WEEKDAYS.index(week_begins)) % 7)
    if macro == "NextFourWeeks":
        return week + 7 * _DAY, week + 35 * _DAY - _DAY
    found = _MACRO.fullmatch(macro)
    if found is None:
        raise KeyError(macro)
    which, unit, base, period, to_date = found.groups()
    shift = _SHIFT[which]
    if unit == "Week":
        begin = week + 7 * shift * _DAY
        return begin, today + 7 * shift * _DAY if to_date else begin + 6 * _DAY
    months = _MONTHS[period or unit]
    first = 1 if unit == "Month" or base == "Calendar" else fiscal_month
    begin = _moved(today.replace(day=1), -((today.month - first) % months) + shift * months)
    if to_date:
        return begin, _moved(today, shift * months)
    return begin, _moved(begin, months) - _DAY


def fiscal_year(day: date, fiscal_month: int = 1) -> tuple[date, date]:
    """The first and the last day of the fiscal year that a day is in."""
    begin = _moved(day.replace(day=1), -((day.month - fiscal_month) % 12))
    return begin, _moved(begin, 12) - _DAY


def _moved(day: date, months: int) -> date:
    """A day some months away; the last of its month where that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
