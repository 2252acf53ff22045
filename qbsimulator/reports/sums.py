"""Sums of postings by account and column: one grouped query for each span of days.

A column is a part of the period, or what has to do with one class or name, or the whole. An amount is in cents, debit
positive; ``None`` is one that nothing was posted to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..errors import RequestError
from ..kinds import ENTITIES, items
from ..settings import Settings
from .asking import Question
from .layout import Column
from .periods import CUTS, Period, TooMany, short, title

_DAY = timedelta(days=1)

#: An amount for each column.
Vector = list[int | None]


@dataclass(frozen=True, slots=True)
class By:
    """Something of a posting that columns or rows can be made of: its column in SQL, the kinds of its elements."""

    column: str
    kinds: tuple[str, ...]
    row_type: str
    #: Where what is posted without one goes.
    nothing: str


def by_element() -> Mapping[str, By]:
    """By the value of SummarizeColumnsBy and SummarizeRowsBy."""
    return {
        "Class": By("class", ("Class",), "class", "Unclassified"),
        "Customer": By("entity", ("Customer",), "customer", "No name"),
        "Vendor": By("entity", ("Vendor",), "vendor", "No name"),
        "Employee": By("entity", ("Employee",), "employee", "No name"),
        "Payee": By("entity", ENTITIES, "name", "No name"),
        "ItemDetail": By("item", items(), "item", "No item"),
    }


@dataclass(frozen=True, slots=True)
class Slot:
    """A column: its title, its part of the period, and the key it is about; ``total`` adds up all of them."""

    title: str
    period: Period
    key: str | None = None
    total: bool = False


class Slots:
    """The columns of a summary report, and what is posted in each."""

    def __init__(self, question: Question, *, as_of: bool) -> None:
        """``as_of``: columns are about what there is at the end of their days, so those of days have no total."""
        self._question = question
        self._as_of = as_of
        by = question.by or "TotalOnly"
        self._by = by_element().get(by)
        if self._by is not None:
            self._allowed(question.settings)
            self.slots = self._of_elements(self._by)
        elif by == "TotalOnly":
            self.slots = [self._slot(question.period)]
        elif by in CUTS:
            self.slots = [self._slot(one) for one in parts(question, by)]
            if not as_of and len(self.slots) > 1:
                self.slots.append(Slot("TOTAL", question.period, total=True))
        else:
            raise RequestError(1030)

    def _allowed(self, settings: Settings) -> None:
        if self._question.by == "Class" and not settings.uses_classes:
            raise RequestError(3250)

    def _slot(self, period: Period) -> Slot:
        if self._as_of:
            return Slot(short(period.end), period)
        whole = self._question.is_all and period == self._question.period
        return Slot("TOTAL" if whole else title(period), period)

    def _of_elements(self, by: By) -> list[Slot]:
        period = self._question.period
        marks = ", ".join("?" * len(by.kinds))
        rows = self._question.sql.execute(
            f"SELECT kind || ' ' || id, full_name FROM elements WHERE kind IN ({marks})"
            " ORDER BY replace(full_name, ':', char(1)) COLLATE NOCASE",
            by.kinds,
        )
        slots = [Slot(name, period, key) for key, name in rows]
        return [*slots, Slot(by.nothing, period, ""), Slot("TOTAL", period, total=True)]

    @property
    def columns(self) -> list[Column]:
        """The columns, as a page has them."""
        return [Column(one.title, "Total" if one.total else "Amount") for one in self.slots]

    # -- what is posted ----------------------------------------------------------------------------------------------

    def moved(self) -> dict[str, Vector]:
        """What is posted within the days of each column, by account."""
        if self._by is not None:
            return self._spread({self._question.period: self._sums(self._question.period)})
        return self._spread({one.period: self._sums(one.period) for one in self.slots if not one.total})

    def until(self, *last_days: Callable[[date], date]) -> list[dict[str, Vector]]:
        """What is posted up to days that follow from the end of each column's days, by account: for each of them."""
        periods = {one.period for one in self.slots}
        running: dict[tuple[str, str], int] = {}
        found: dict[date, dict[tuple[str, str], int]] = {}
        begin = date.min
        for day in sorted({last_day(one.end) for one in periods for last_day in last_days}):
            for place, cents in self._sums(Period(begin, day)).items():
                running[place] = running.get(place, 0) + cents
            found[day], begin = dict(running), day + _DAY
        return [self._spread({one: found[last_day(one.end)] for one in periods}) for last_day in last_days]

    def _sums(self, period: Period) -> dict[tuple[str, str], int]:
        """By account, and by the key of what columns are about."""
        where = self._question.where
        joined = "CROSS JOIN transactions t ON t.id = p.txn" if where.about_txn else ""
        held = f"p.account = 'Account ' || e.id AND p.date BETWEEN ? AND ? AND {where.sql}"
        # Accounts first, so that the postings of each are found in the index of accounts, dates and amounts.
        if self._by is None:
            sums = f"(SELECT sum(p.cents) FROM postings p {joined} WHERE {held})"
            wanted = f"SELECT 'Account ' || e.id, '', {sums} FROM elements e WHERE e.kind = 'Account'"
        else:
            kinds = " OR ".join(f"p.{self._by.column} LIKE '{kind} %'" for kind in self._by.kinds)
            key = f"CASE WHEN {kinds} THEN p.{self._by.column} ELSE '' END"
            wanted = f"SELECT p.account, {key} AS key, sum(p.cents) FROM elements e CROSS JOIN postings p {joined}"
            wanted += f" WHERE e.kind = 'Account' AND {held} GROUP BY p.account, key"
        rows = self._question.sql.execute(wanted, (period.begin.isoformat(), period.end.isoformat(), *where.values))
        return {(account, key): cents for account, key, cents in rows if cents is not None}

    def _spread(self, sums: Mapping[Period, Mapping[tuple[str, str], int]]) -> dict[str, Vector]:
        """Sums in the columns where they belong."""
        places = {(one.period, one.key or ""): number for number, one in enumerate(self.slots) if not one.total}
        total = next((number for number, one in enumerate(self.slots) if one.total), None)
        found: dict[str, Vector] = {}
        for period, part in sums.items():
            for (account, key), cents in part.items():
                vector = found.setdefault(account, [None] * len(self.slots))
                for number in (places.get((period, key)), total):
                    if number is not None:
                        vector[number] = (vector[number] or 0) + cents
        return found

    # -- leaving columns out -----------------------------------------------------------------------------------------

    def kept(self, vectors: Sequence[Vector]) -> list[int]:
        """The places of the columns that stay, by ReturnColumns.

        Where the request says nothing, those of days all do, and of the others those that something is in.
        """
        wanted = self._question.columns or ("All" if self._by is None else "ActiveOnly")
        return [
            number
            for number, one in enumerate(self.slots)
            if one.total
            or len(self.slots) == 1
            or wanted == "All"
            or any(shows(vector[number], wanted) for vector in vectors)
        ]


def parts(question: Question, unit: str) -> list[Period]:
    """The parts of a report's period. Raises 1030 where there are too many."""
    try:
        return question.year.cut(question.period, unit)
    except TooMany:
        raise RequestError(1030) from None


def shows(cents: int | None, wanted: str) -> bool:
    """Whether an amount is reason enough to show its row or column, by ReturnRows or ReturnColumns."""
    return wanted == "All" or (cents is not None if wanted == "ActiveOnly" else bool(cents))


def added(first: Vector, second: Vector) -> Vector:
    """The sum of two vectors; what is in neither stays out."""
    return [
        second_one if one is None else one if second_one is None else one + second_one
        for one, second_one in zip(first, second, strict=True)
    ]


def less(first: Vector, second: Vector) -> Vector:
    """The difference of two vectors."""
    return added(first, [None if one is None else -one for one in second])
