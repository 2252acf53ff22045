"""Detail reports: the general ledger, transactions by account, lists of transactions, the journal.

Rows are those of :mod:`~qbsimulator.reports.entries`, in groups: below a heading for each, and with a total of each
where amounts add up. Amounts are debit positive, so that a whole ledger comes to nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ..answers import Answer
from ..context import Context
from ..errors import RequestError
from .accounts import RESULT, Chart
from .asking import Question, question
from .entries import Entry, postings, transactions
from .fields import Field, Names, chosen
from .layout import About, Column, Page, row_type
from .periods import CUTS, Period, in_full, subtitle, title, years
from .sums import Slots, by_element, parts

_DAY = timedelta(days=1)

_POSTED = ("TxnType", "Date", "RefNumber", "Name", "Memo", "SplitAccount", "Amount", "RunningBalance")
_LISTED = ("TxnType", "Date", "RefNumber", "Name", "Memo", "Account", "ClearedStatus", "SplitAccount", "Amount")
_JOURNAL = ("TxnNumber", "TxnType", "Date", "RefNumber", "Name", "Memo", "Account", "Debit", "Credit")


@dataclass(frozen=True, slots=True)
class _Detail:
    """A report: its title, its groups and columns unless the request has others.

    ``of_txns``: a row is a transaction, not a posting; then there are no totals. ``carries``: accounts begin with what
    they hold on the day before. ``named``: what has nothing of the kind that groups are made of is left out.
    """

    title: str
    by: str = "TotalOnly"
    columns: tuple[str, ...] = _POSTED
    of_txns: bool = False
    carries: bool = False
    named: bool = False


_DETAILS = {
    "GeneralLedger": _Detail("General Ledger", "Account", carries=True),
    "TxnDetailByAccount": _Detail("Transaction Detail by Account", "Account"),
    "TxnListByDate": _Detail("Transaction List by Date", columns=_LISTED, of_txns=True),
    "TxnListByCustomer": _Detail("Transaction List by Customer", "Customer", _LISTED, of_txns=True, named=True),
    "TxnListByVendor": _Detail("Transaction List by Vendor", "Vendor", _LISTED, of_txns=True, named=True),
    "Journal": _Detail("Journal", "Txn", _JOURNAL),
    "CustomTxnDetail": _Detail("Custom Transaction Detail Report"),
}


@dataclass(slots=True)
class _Group:
    """Rows that belong together, in their place among others by ``rank``. ``carried`` is what there was before them.

    Without a label they have no heading; ``is_all`` are all that there are, with no total but the bottom line.
    """

    rank: Any
    label: str
    about: About | None = None
    entries: list[Entry] | None = None
    carried: int = 0
    is_all: bool = False


def detail(context: Context, content: Mapping[str, Any]) -> Answer:
    """A report of details."""
    spec = _DETAILS[str(content.get("GeneralDetailReportType", content.get("CustomDetailReportType")))]
    asked = question(context, {"SummarizeRowsBy": spec.by, **content}, "ThisMonthToDate")
    chart = Chart(asked)
    fields = chosen(content.get("IncludeColumn") or spec.columns)
    words = f"As of {in_full(asked.period.end)}" if spec.carries else _days_in_words(asked)
    columns = [column for _, _, column in fields]
    page = Page(spec.title, words, columns, basis=None if spec.of_txns else "Accrual", corner="Blank")
    drawing = _Drawing(page, fields, Names(asked, chart), totals=not spec.of_txns)
    for group in _groups(spec, asked, chart):
        drawing.draw(group)
    drawing.finish()
    return Answer(content=[("ReportRet", page.record())])


def _days_in_words(asked: Question) -> str:
    return "All Transactions" if asked.is_all else subtitle(asked.period)


# -- groups ------------------------------------------------------------------------------------------------------


def _groups(spec: _Detail, asked: Question, chart: Chart) -> list[_Group]:
    entries = transactions(asked) if spec.of_txns else postings(asked)
    place = _placing(asked, chart)
    found: dict[Any, _Group] = {}
    if spec.carries and asked.by == "Account":
        carried, closing = _carried(asked, chart)
        everybody = asked.content.get("IncludeAccounts") == "All"
        for key, cents in carried.items():
            if cents or everybody:
                group = place(replace(_CLOSING, account=key))
                found[group.rank] = replace(group, carried=cents)
        entries = iter(sorted([*entries, *closing], key=lambda one: (one.date, one.number, one.place)))
    for entry in entries:
        group = place(entry)
        if spec.named and not group.about and asked.by == spec.by:
            continue
        group = found.setdefault(group.rank, group)
        if group.entries is None:
            group.entries = []
        group.entries.append(entry)
    return [found[rank] for rank in sorted(found)]


def _placing(asked: Question, chart: Chart) -> Callable[[Entry], _Group]:
    """What says which group an entry goes to: a group of its own, without entries. Raises 1030."""
    by = asked.by or "TotalOnly"
    if by == "TotalOnly":
        return lambda entry: _Group(0, "", is_all=True)
    if by == "Txn":
        return lambda entry: _Group((entry.date.isoformat(), entry.number), "")
    if by == "Account":
        order = {account.key: number for number, account in enumerate(chart.flat())}
        return lambda entry: _of_account(entry.account, order, chart)
    if by in CUTS:
        cut = parts(asked, by)
        begins = [one.begin for one in cut]
        return lambda entry: _of_days(cut[bisect_right(begins, entry.date) - 1])
    one = by_element().get(by)
    if one is None:
        raise RequestError(1030)
    if by == "Class" and not asked.settings.uses_classes:
        raise RequestError(3250)
    column, kinds, nothing = one.column, tuple(f"{kind} " for kind in one.kinds), one.nothing
    names = Names(asked, chart)

    def element(entry: Entry) -> _Group:
        key = {"class": entry.class_, "entity": entry.entity, "item": entry.item}[column]
        if key is None or not key.startswith(kinds):
            return _Group((1, ""), nothing)
        name = names.name(key) or ""
        return _Group((0, name.casefold().replace(":", "\x01")), name, (row_type(key), name))

    return element


def _of_account(key: str | None, order: Mapping[str, int], chart: Chart) -> _Group:
    if key is None or key not in order:
        return _Group((1, 0), "No account")
    account = chart.by_key[key]
    return _Group((0, order[key]), chart.path(account), ("account", account.full_name))


def _of_days(period: Period) -> _Group:
    return _Group(period.begin.isoformat(), title(period))


# -- what accounts begin with ------------------------------------------------------------------------------------

#: The end of a fiscal year, when results go to retained earnings.
_CLOSING = Entry("", "Closing Entry", 0, date.min, "", None, 0.0, "", 0, "", "", 0, None, None, None, None, "", None)


def _carried(asked: Question, chart: Chart) -> tuple[dict[str, int], list[Entry]]:
    """What accounts hold on the day before, by key, and the entries that close fiscal years within the period."""
    held = _held(asked, asked.period.begin - _DAY)
    opened = _held(asked, asked.fiscal_year(asked.period.begin).begin - _DAY)
    earnings = chart.retained_earnings.key
    carried = {account.key: held.get(account.key, 0) for account in chart.flat() if account.type != "NonPosting"}
    closed = {key: opened.get(key, 0) for key in carried if chart.by_key[key].type in RESULT}
    for key, cents in closed.items():
        carried[key] -= cents
        carried[earnings] += cents
    entries: list[Entry] = []
    for year in years(asked.fiscal, asked.period):
        if year.end < asked.period.end:
            now = _held(asked, year.end)
            for key in closed:
                cents, closed[key] = now.get(key, 0) - closed[key], now.get(key, 0)
                if cents:
                    entries.append(_closing(year.end, key, -cents, earnings))
                    entries.append(_closing(year.end, earnings, cents, key))
    return carried, entries


def _closing(day: date, account: str, cents: int, against: str) -> Entry:
    # Behind all that is dated that day.
    return replace(_CLOSING, date=day, number=1 << 62, account=account, cents=cents, split=against)


def _held(asked: Question, day: date) -> dict[str, int]:
    """What was posted to each account up to a day, as far as the filters let it through."""
    slots = Slots(replace(asked, period=Period(day, day), by=None), as_of=True)
    (held,) = slots.until(lambda end: end)
    return {key: vector[0] or 0 for key, vector in held.items()}


# -- rows --------------------------------------------------------------------------------------------------------


class _Drawing:
    """Rows being put on a page, and what they add up to."""

    def __init__(self, page: Page, fields: Sequence[tuple[str, Field, Column]], names: Names, *, totals: bool) -> None:
        self._page = page
        self._fields = fields
        self._names = names
        self._totals = totals and any(field.adds for _, field, _ in fields)
        self._sums: list[int | None] = [None] * len(fields)
        self._balance = 0

    def draw(self, group: _Group) -> None:
        """Put a group on the page."""
        if group.label:
            self._page.heading(group.label)
        balance = group.carried
        sums: list[int | None] = [None] * len(self._fields)
        for entry in group.entries or ():
            balance += entry.cents
            cells = [self._cell(name, field, entry, balance) for name, field, _ in self._fields]
            for place, (_, field, _) in enumerate(self._fields):
                if field.adds and cells[place] is not None:
                    sums[place] = (sums[place] or 0) + cells[place]
            self._page.row("DataRow", "", cells)
        for place, cents in enumerate(sums):
            if cents is not None:
                self._sums[place] = (self._sums[place] or 0) + cents
        self._balance += balance
        if self._totals and not group.is_all:
            label = f"Total {group.label}" if group.label else ""
            self._page.row("SubtotalRow", label, self._summed(sums, balance), group.about)

    def finish(self) -> None:
        """Put the bottom line on the page."""
        if self._totals:
            self._page.row("TotalRow", "TOTAL", self._summed([cents or 0 for cents in self._sums], self._balance))

    def _cell(self, name: str, field: Field, entry: Entry, balance: int) -> Any:
        return balance if name == "RunningBalance" else field.value(entry, self._names)

    def _summed(self, sums: Sequence[int | None], balance: int) -> list[Any]:
        return [
            balance if name == "RunningBalance" else cents if field.adds else None
            for (name, field, _), cents in zip(self._fields, sums, strict=True)
        ]


#: By the value of GeneralDetailReportType.
DETAILS = {name: detail for name in _DETAILS if name != "CustomTxnDetail"}
#: By the value of CustomDetailReportType.
CUSTOM_DETAILS = {"CustomTxnDetail": detail}
