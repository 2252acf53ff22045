"""The days of the sample company: what happened when, and from that, when who entered it into QuickBooks.

The books were moved to QuickBooks in September 2023: everything up to then was entered in two weeks, in the order in
which it had happened, and everything since on its own day. So the clock of the file never runs backwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .step import Step, moment

#: First and last day of the books, and the first day on which things were entered as they happened.
FIRST, LAST, LIVE = date(2022, 1, 1), date(2023, 12, 15), date(2023, 9, 18)
#: The days in September 2023 on which what had happened before was entered.
_CATCHING_UP = (6, 7, 8, 11, 12, 13, 14, 15, 16)

#: The first number of each kind of form that the company numbers itself.
_NUMBERS = {
    "EstimateAdd": 301,
    "SalesOrderAdd": 51,
    "InvoiceAdd": 1071,
    "SalesReceiptAdd": 601,
    "CreditMemoAdd": 9001,
    "PurchaseOrderAdd": 401,
    "JournalEntryAdd": 1,
}
#: Checks have one row of numbers for each bank account.
_CHECKS = {
    "CheckAdd": "AccountRef",
    "BillPaymentCheckAdd": "BankAccountRef",
    "SalesTaxPaymentCheckAdd": "BankAccountRef",
}
_FIRST_CHECK = {"Checking": 2101, "Payroll Checking": 5501, "Savings": 101}


@dataclass(slots=True)
class _Event:
    day: date
    key: str
    name: str
    content: dict[str, Any]
    at: int | None


class Diary:
    """What happened, in any order. What happened on one day is entered in the order in which it was noted."""

    def __init__(self) -> None:
        self._events: list[_Event] = []

    def note(self, day: date, key: str, request: tuple[str, dict[str, Any]], *, at: int | None = None) -> None:
        """Note a request for a day; ``at`` is the second at which it is made, where that matters."""
        if not FIRST <= day <= LAST:
            raise ValueError(f"{key} is on {day}, and the books are from {FIRST} to {LAST}")
        self._events.append(_Event(day, key, *request, at))

    def steps(self, rng: random.Random) -> Iterator[Step]:
        """All that was noted, numbered, and at the time at which it was entered."""
        events = sorted(self._events, key=lambda event: event.day)  # keeps the order within a day
        self._number(events)
        early = [event for event in events if event.day < LIVE and event.at is None]
        made = list(self._caught_up(early, rng))
        made += [Step(event.at, event.key, event.name, event.content) for event in events if event.at is not None]
        yield from sorted(made, key=lambda step: step.at)
        yield from self._as_it_happened([event for event in events if event.day >= LIVE], rng)

    def _number(self, events: list[_Event]) -> None:
        next_ = {**_NUMBERS, **_FIRST_CHECK}
        for event in events:
            form = event.name.removesuffix("Rq")
            body = event.content.get(form)
            row = form if form in _NUMBERS else body[_CHECKS[form]]["FullName"] if form in _CHECKS and body else ""
            if not row or body is None or "RefNumber" in body or body.get("IsToBePrinted"):
                continue
            body["RefNumber"] = str(next_[row])
            next_[row] += 1

    def _caught_up(self, events: list[_Event], rng: random.Random) -> Iterator[Step]:
        """So many a day, from a quarter past eight until the evening."""
        each = -(-len(events) // len(_CATCHING_UP))
        pause = 9 * 3600 // each
        for number, event in enumerate(events):
            place, nth = divmod(number, each)
            at = moment(f"2023-09-{_CATCHING_UP[place]:02}T08:15:00") + nth * pause + rng.randrange(pause)
            yield Step(at, event.key, event.name, event.content)

    def _as_it_happened(self, events: list[_Event], rng: random.Random) -> Iterator[Step]:
        at = 0
        for event in events:
            at = max(at + rng.randint(90, 700), moment(f"{event.day}T08:30:00") + rng.randrange(600))
            yield Step(at, event.key, event.name, event.content)


def cents(amount: Decimal) -> Decimal:
    """An amount in whole cents; half a cent goes up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def workday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def months() -> Iterator[date]:
    """The first day of each month of the books."""
    for year in (FIRST.year, LAST.year):
        for month in range(1, 13):
            yield date(year, month, 1)
