"""Aging: what customers owe and vendors are owed, by how long it has been due.

By the preference, something ages from the day on which it is due, or from its own date. Credits age as what they are
held against does, and are negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..answers import Answer
from ..context import Context
from ..errors import RequestError
from .asking import Question, question
from .layout import Column, Page, row_type
from .opens import OpenPart, open_parts
from .periods import in_full

#: The columns, each with the last day of its age.
_AGES: tuple[tuple[str, int | None], ...] = (("Current", 0), ("1 - 30", 30), ("31 - 60", 60), ("61 - 90", 90))
_OLDER = "> 90"


@dataclass(frozen=True, slots=True)
class _Side:
    """Receivables or payables."""

    title: str
    account: str
    sign: int

    def shown(self, amounts: Iterable[int]) -> list[int]:
        """Amounts as they stand on the page."""
        return [self.sign * cents for cents in amounts]


_SIDES = {
    "ARAgingSummary": _Side("A/R Aging Summary", "AccountsReceivable", 1),
    "APAgingSummary": _Side("A/P Aging Summary", "AccountsPayable", -1),
}

#: What stands in the place of a name where a part has none.
_NO_NAME = "No name"


@dataclass(slots=True)
class _Name:
    """A customer or vendor, with the amounts of its own by age, and the jobs below it."""

    name: str
    full_name: str
    key: str
    own: list[int] = field(default_factory=lambda: [0] * (len(_AGES) + 2))
    below: list[_Name] = field(default_factory=list)

    def total(self) -> list[int]:
        """The amounts of its own and of what is below it."""
        return [sum(cents) for cents in zip(self.own, *(one.total() for one in self.below), strict=True)]

    def is_open(self) -> bool:
        """Whether there is anything to be shown of it."""
        return any(self.own) or any(one.is_open() for one in self.below)


def aging_summary(context: Context, content: Mapping[str, Any]) -> Answer:
    """ARAgingSummary and APAgingSummary."""
    if content.get("IncludeColumn"):
        raise RequestError(1030)
    side = _SIDES[str(content["AgingReportType"])]
    # What is owed does not depend on the basis, and the preference is not asked.
    asked = question(context, {**content, "ReportBasis": "Accrual"}, "Today")
    day = asked.today if content.get("ReportAgingAsOf") == "Today" else asked.period.end
    columns = [Column(title) for title, _ in _AGES] + [Column(_OLDER), Column("TOTAL", "Total")]
    page = Page(side.title, f"As of {in_full(day)}", columns, basis=None)
    roots = _names(asked, side, _wanted(asked, side, day), day)
    everything = _Name("", "", "", below=roots)
    for one in roots:
        _draw(page, one, side)
    page.row("TotalRow", "TOTAL", side.shown(everything.total()))
    return Answer(content=[("ReportRet", page.record())])


def _wanted(asked: Question, side: _Side, day: date) -> list[OpenPart]:
    """The open parts of the accounts of a side, as far as the filters let them through."""
    wanted = "SELECT 'Account ' || id FROM elements WHERE kind = 'Account'"
    of_type = f"{wanted} AND json_extract(body, '$.AccountRet.AccountType') = ?"
    accounts = {key for (key,) in asked.sql.execute(of_type, (side.account,))}
    found = [one for one in open_parts(asked.sql, day) if one.account in accounts]
    if asked.where.sql == "true":
        return found
    held = (
        "SELECT 1 FROM postings p JOIN transactions t ON t.id = p.txn"
        f" WHERE p.txn = ? AND p.line = ? AND p.account = ? AND {asked.where.sql}"
    )
    let = (asked.sql.execute(held, (one.txn, one.line, one.account, *asked.where.values)).fetchone() for one in found)
    return [one for one, hit in zip(found, let, strict=True) if hit is not None]


def _names(asked: Question, side: _Side, parts: Iterable[OpenPart], day: date) -> list[_Name]:
    """The names with anything open, in their order, those of jobs below their customers."""
    from_due = asked.settings.aging_report_basis == "AgeFromDueDate"
    found: dict[str, _Name] = {}
    roots: list[_Name] = []
    for part in parts:
        name = _name(asked, part.entity or "", found, roots)
        for place in (_age((day - (part.due if from_due else part.made)).days), -1):
            name.own[place] += part.open
    for family in (roots, *(one.below for one in found.values())):
        family.sort(key=lambda one: (not one.key, one.name.casefold()))
    return roots


def _age(days: int) -> int:
    """The place of the column for an age."""
    return next((place for place, (_, last) in enumerate(_AGES) if last is not None and days <= last), len(_AGES))


def _name(asked: Question, key: str, found: dict[str, _Name], roots: list[_Name]) -> _Name:
    if key in found:
        return found[key]
    kind, _, id_ = key.partition(" ")
    element = asked.context.company._storage.element(kind, id_) if key else None
    if element is None:
        found[key] = _Name(_NO_NAME, "", "")
        roots.append(found[key])
        return found[key]
    found[key] = _Name(element.name, element.full_name, key)
    (roots if element.parent is None else _name(asked, element.parent, found, roots).below).append(found[key])
    return found[key]


def _draw(page: Page, name: _Name, side: _Side) -> None:
    """Put a name and what is below it on a page, as far as anything is open."""
    below = [one for one in name.below if one.is_open()]
    label, about = name.name, (row_type(name.key), name.full_name)
    if below:
        page.heading(label)
        for one in below:
            _draw(page, one, side)
        label = f"{name.name} - Other"
    if any(name.own):
        page.row("DataRow", label, side.shown(name.own), about)
    if below:
        page.row("SubtotalRow", f"Total {name.name}", side.shown(name.total()), about)


#: By the value of AgingReportType.
AGING = dict.fromkeys(_SIDES, aging_summary)
