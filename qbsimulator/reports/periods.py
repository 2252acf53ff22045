"""Spans of days: how they are cut into columns, and how a report says them in subtitles and titles."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..dates import span

_DAY = timedelta(days=1)

#: Parts that a period may be cut into: ten years of days, beyond which nobody reads a report.
MOST_PARTS = 3660


class TooMany(Exception):
    """A period has more parts of a kind than a report has room for."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class Year:
    """How a company divides its time: the first month of a year, and the first day of a week."""

    first_month: int = 1
    week_begins: str = "Monday"

    def around(self, unit: str, day: date) -> Period:
        """The ``Week``, ``Month``, ``Quarter`` or ``Year`` that a day is in."""
        begin, end = span(f"This{unit}", day, self.first_month, self.week_begins)
        assert begin is not None
        assert end is not None
        return Period(begin, end)

    def cut(self, period: Period, unit: str) -> list[Period]:
        """A period in parts, such as ``Month``. The first and the last may be cut off.

        Raises :class:`KeyError` for what is no such part, and :class:`TooMany` for more than :data:`MOST_PARTS`.
        """
        pieces, parts, day = CUTS[unit], list[Period](), period.begin
        while day <= period.end:
            if len(parts) == MOST_PARTS:
                raise TooMany(unit)
            end = min(pieces(self, day), period.end)
            parts.append(Period(day, end))
            day = end + _DAY
        return parts


def _weeks(number: int) -> Callable[[Year, date], date]:
    return lambda year, day: year.around("Week", day).end + 7 * (number - 1) * _DAY


def _half_month(year: Year, day: date) -> date:
    return day.replace(day=15) if day.day <= 15 else year.around("Month", day).end


#: The last day of the part that begins on a day.
CUTS: dict[str, Callable[[Year, date], date]] = {
    "Day": lambda year, day: day,
    "Week": _weeks(1),
    "TwoWeek": _weeks(2),
    "FourWeek": _weeks(4),
    "HalfMonth": _half_month,
    "Month": lambda year, day: year.around("Month", day).end,
    "Quarter": lambda year, day: year.around("Quarter", day).end,
    "Year": lambda year, day: year.around("Year", day).end,
}


def years(year: Year, period: Period) -> Iterator[Period]:
    """The whole years that a period reaches into."""
    now = year.around("Year", period.begin)
    while now.begin <= period.end:
        yield now
        now = year.around("Year", now.end + _DAY)


# -- in words ----------------------------------------------------------------------------------------------------


def in_full(day: date) -> str:
    """A day as a subtitle has it: ``March 20, 2025``."""
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"


def subtitle(period: Period) -> str:
    """A period as a subtitle has it: ``January through December 2024``, ``February 1 - 7, 2011``."""
    begin, end = period.begin, period.end
    first, last = calendar.month_name[begin.month], calendar.month_name[end.month]
    same_year = begin.year == end.year
    if begin == end:
        return in_full(end)
    if _is_whole_months(period):
        if same_year and begin.month == end.month:
            return f"{last} {end.year}"
        return f"{first}{'' if same_year else f' {begin.year}'} through {last} {end.year}"
    if same_year and begin.month == end.month:
        return f"{last} {begin.day} - {end.day}, {end.year}"
    return f"{first} {begin.day}{'' if same_year else f', {begin.year}'} through {in_full(end)}"


def short(day: date) -> str:
    """A day as the title of a column has it: ``Mar 20, 25``."""
    return f"{calendar.month_abbr[day.month]} {day.day}, {day.year % 100:02}"


def title(period: Period) -> str:
    """A period as the title of a column has it: ``Jan 24``, ``Jan - Mar 24``, ``Feb 1 - 7, 11``."""
    begin, end = period.begin, period.end
    first, last = calendar.month_abbr[begin.month], calendar.month_abbr[end.month]
    same_year, ending = begin.year == end.year, f"{end.year % 100:02}"
    if begin == end:
        return short(end)
    if _is_whole_months(period):
        if same_year and begin.month == end.month:
            return f"{last} {ending}"
        return f"{first}{'' if same_year else f' {_century_less(begin)}'} - {last} {ending}"
    if same_year and begin.month == end.month:
        return f"{last} {begin.day} - {end.day}, {ending}"
    return f"{first} {begin.day}{'' if same_year else f', {_century_less(begin)}'} - {last} {end.day}, {ending}"


def _century_less(day: date) -> str:
    return f"'{day.year % 100:02}"


def _is_whole_months(period: Period) -> bool:
    return period.begin.day == 1 and (period.end + _DAY).day == 1
