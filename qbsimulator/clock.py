"""The time that a company goes by: seconds since 1970 from any function, shown as the Windows machine's wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

#: For so many seconds QuickBooks knows what was deleted: 90 days.
DELETED_IS_KNOWN = 90 * 86400

#: So many moments are kept as texts: what happens in one second is shown many times.
_MOST_TEXTS = 4096


class Clock:
    """A clock in a time zone. ``source`` gives seconds since 1970."""

    def __init__(self, source: Callable[[], float] | None, zone: str, *, standard_offset_only: bool = False) -> None:
        self._source = source or time.time
        self.zone = ZoneInfo(zone)
        self._standard_only = standard_offset_only
        self._texts: dict[int, str] = {}

    def now(self) -> float:
        """Seconds since 1970."""
        return self._source()

    def today(self) -> date:
        """The machine's date."""
        return self.local(self.now()).date()

    def local(self, seconds: float) -> datetime:
        """A moment as QuickBooks prints it: whole seconds, with the zone's offset of that day."""
        there = datetime.fromtimestamp(int(seconds), UTC).astimezone(self.zone)
        offset = there.utcoffset() or timedelta()
        if self._standard_only:  # the wall clock is right, and the offset is not
            offset -= there.dst() or timedelta()
        return there.replace(tzinfo=timezone(offset))

    def text(self, seconds: float) -> str:
        """A moment as QuickBooks prints it, as text."""
        second = int(seconds)
        found = self._texts.get(second)
        if found is None:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            found = self._texts[second] = self.local(second).isoformat()
        return found

    def moment(self, given: date | datetime, *, end: bool = False) -> float:
        """Seconds since 1970 of a time in a filter; one without an offset is the machine's.

        A date is the beginning of that day, or its end. What no calendar reaches is before, or after, everything.
        """
        try:
            return self._moment(given, end=end)
        except (OverflowError, ValueError):
            return float("-inf") if given.year == date.min.year else float("inf")

    def _moment(self, given: date | datetime, *, end: bool) -> float:
        if not isinstance(given, datetime):
            day = datetime.combine(given, time_of_day.min, self.zone)
            if end:
                following = datetime.combine(given + timedelta(days=1), time_of_day.min, self.zone)
                return following.timestamp() - 0.001
            return day.timestamp()
        seconds = (given if given.tzinfo is not None else given.replace(tzinfo=self.zone)).timestamp()
        return seconds + 0.999 if end else seconds
