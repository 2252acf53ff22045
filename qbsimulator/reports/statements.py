"""The statements: profit and loss, the balance sheet, and the trial balance.

The first two are trees of sections with accounts of some types in them. A section in which nothing is to be shown is
missing, with its total.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..answers import Answer
from ..context import Context
from ..errors import RequestError
from .accounts import POSTING, RESULT, Chart, Drawing
from .asking import Question, question
from .layout import Column, Page
from .periods import in_full, subtitle
from .sums import Slots, Vector, added, less, shows

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interim:
    """A row between sections: the sum of those that stand before it at its level. ``sign`` as that of a section."""

    label: str
    sign: int = -1


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the accounts and sections below it, and a total. ``sign`` is -1 where credits are positive.

    ``last`` totals are the bottom line of their part of the page, and are always there. ``has_result``: the result of
    the year stands below the accounts.
    """

    heading: str
    types: tuple[str, ...] = ()
    parts: tuple[Section | Interim, ...] = ()
    total: str = ""
    sign: int = 1
    last: bool = False
    has_result: bool = False


_PROFIT_AND_LOSS = (
    Section(
        "Ordinary Income/Expense",
        parts=(
            Section("Income", ("Income",), sign=-1),
            Section("Cost of Goods Sold", ("CostOfGoodsSold",), total="Total COGS"),
            Interim("Gross Profit"),
            Section("Expense", ("Expense",)),
        ),
        total="Net Ordinary Income",
        sign=-1,
    ),
    Section(
        "Other Income/Expense",
        parts=(
            Section("Other Income", ("OtherIncome",), sign=-1),
            Section("Other Expense", ("OtherExpense",)),
        ),
        total="Net Other Income",
        sign=-1,
    ),
)

_BALANCE_SHEET = (
    Section(
        "ASSETS",
        parts=(
            Section(
                "Current Assets",
                parts=(
                    Section("Checking/Savings", ("Bank",)),
                    Section("Accounts Receivable", ("AccountsReceivable",)),
                    Section("Other Current Assets", ("OtherCurrentAsset",)),
                ),
            ),
            Section("Fixed Assets", ("FixedAsset",)),
            Section("Other Assets", ("OtherAsset",)),
        ),
        total="TOTAL ASSETS",
        last=True,
    ),
    Section(
        "LIABILITIES & EQUITY",
        parts=(
            Section(
                "Liabilities",
                parts=(
                    Section(
                        "Current Liabilities",
                        parts=(
                            Section("Accounts Payable", ("AccountsPayable",), sign=-1),
                            Section("Credit Cards", ("CreditCard",), sign=-1),
                            Section("Other Current Liabilities", ("OtherCurrentLiability",), sign=-1),
                        ),
                        sign=-1,
                    ),
                    Section("Long Term Liabilities", ("LongTermLiability",), sign=-1),
                ),
                sign=-1,
            ),
            Section("Equity", ("Equity",), sign=-1, has_result=True),
        ),
        total="TOTAL LIABILITIES & EQUITY",
        sign=-1,
        last=True,
    ),
)


class _Statement:
    """A statement in the making. Amounts are debit positive until they are put on the page.

    ``result`` is that of the year, for the section that has it.
    """

    def __init__(
        self, page: Page, drawing: Drawing, kept: list[int], result: Vector | None = None, result_label: str = ""
    ) -> None:
        self._page = page
        self._drawing = drawing
        self._kept = kept
        self._result = result
        self._result_label = result_label

    def amount(self, section: Section | Interim) -> Vector | None:
        """What a section comes to; ``None`` where there is nothing to be shown of it."""
        if isinstance(section, Interim):
            return None
        found = [self._drawing.tree(one) for one in self._drawing.chart.roots(section.types)]
        found += [self.amount(one) for one in section.parts]
        if section.has_result and self._shows_result():
            found.append(self._result)
        return _sum(found)

    def draw(self, section: Section) -> None:
        """Put a section on the page."""
        amount = self.amount(section)
        if amount is not None:
            self._page.heading(section.heading)
            self._within(section)
        total = section.total or f"Total {section.heading}"
        if section.last:
            self.bottom_line(total, amount, section.sign)
        elif amount is not None:
            self._page.row("SubtotalRow", total, self._shown(section.sign)(amount))

    def _within(self, section: Section) -> None:
        for account in self._drawing.chart.roots(section.types):
            self._drawing.draw(self._page, account, self._shown(section.sign))
        before: list[Vector | None] = []
        for part in section.parts:
            if isinstance(part, Section):
                self.draw(part)
                before.append(self.amount(part))
            elif (interim := _sum(before)) is not None:
                self._page.row("SubtotalRow", part.label, self._shown(part.sign)(interim))
        if section.has_result and self._shows_result():
            assert self._result is not None
            self._page.row("DataRow", self._result_label, self._shown(section.sign)(self._result))

    def _shows_result(self) -> bool:
        return self._result is not None and any(shows(cents, self._drawing.wanted) for cents in self._result)

    def bottom_line(self, label: str, amount: Vector | None, sign: int) -> None:
        """A TotalRow, which is there whatever it comes to."""
        whole = amount or [None] * self._drawing.width
        self._page.row("TotalRow", label, self._shown(sign)([cents or 0 for cents in whole]))

    def _shown(self, sign: int) -> Callable[[Vector], Vector]:
        """Amounts as they stand on the page: with their sign, in the columns that stay."""
        zero = 0 if self._drawing.wanted == "All" else None

        def shown(vector: Vector) -> Vector:
            return [zero if (cents := vector[place]) is None else sign * cents for place in self._kept]

        return shown


def _sum(vectors: list[Vector | None]) -> Vector | None:
    found: Vector | None = None
    for one in vectors:
        if one is not None:
            found = one if found is None else added(found, one)
    return found


# -- profit and loss ---------------------------------------------------------------------------------------------

#: Title, and what columns are about unless the request says it.
_PROFIT_AND_LOSS_TYPES = {
    "ProfitAndLossStandard": ("Profit & Loss", "TotalOnly"),
    "ProfitAndLossByClass": ("Profit & Loss by Class", "Class"),
    "ProfitAndLossByJob": ("Profit & Loss by Job", "Customer"),
}


def profit_and_loss(context: Context, content: Mapping[str, Any]) -> Answer:
    """ProfitAndLossStandard, and the same by class and by job."""
    name, by = _PROFIT_AND_LOSS_TYPES[str(content["GeneralSummaryReportType"])]
    asked = question(context, {"SummarizeColumnsBy": by, **content}, "ThisMonthToDate")
    chart, slots = Chart(asked), Slots(asked, as_of=False)
    own = {key: vector for key, vector in slots.moved().items() if chart.by_key[key].type in RESULT}
    kept = slots.kept(list(own.values()))
    words = "All Transactions" if asked.is_all else subtitle(asked.period)
    page = Page(name, words, [slots.columns[place] for place in kept])
    statement = _Statement(page, Drawing(chart, own, len(slots.slots), asked.rows), kept)
    for section in _PROFIT_AND_LOSS:
        statement.draw(section)
    statement.bottom_line("Net Income", _sum([statement.amount(one) for one in _PROFIT_AND_LOSS]), -1)
    return Answer(content=[("ReportRet", page.record())])


# -- balances at a day -------------------------------------------------------------------------------------------


def balances(asked: Question, chart: Chart, slots: Slots) -> dict[str, Vector]:
    """What every account holds at the end of each column's days, once earlier years are closed.

    The results of fiscal years before that day's are in the account of retained earnings, and accounts of income and
    expense hold those of its own year.
    """
    held, before = slots.until(lambda day: day, lambda day: asked.fiscal_year(day).begin - _DAY)
    closed = {key: vector for key, vector in before.items() if chart.by_key[key].type in RESULT}
    for key, vector in closed.items():
        held[key] = less(held[key], vector)
    earlier = _sum(list(closed.values()))
    if earlier is not None:
        key = chart.retained_earnings.key
        held[key] = added(held[key], earlier) if key in held else earlier
    return held


def balance_sheet(context: Context, content: Mapping[str, Any]) -> Answer:
    """BalanceSheetStandard."""
    asked = question(context, content, "ThisYearToDate")
    chart, slots = Chart(asked), Slots(asked, as_of=True)
    held = balances(asked, chart, slots)
    result = _sum([vector for key, vector in held.items() if chart.by_key[key].type in RESULT])
    own = {key: vector for key, vector in held.items() if chart.by_key[key].type not in RESULT}
    kept = slots.kept([*own.values(), *([] if result is None else [result])])
    page = Page("Balance Sheet", _as_of(asked.period.end), [slots.columns[place] for place in kept])
    statement = _Statement(page, Drawing(chart, own, len(slots.slots), asked.rows), kept, result, "Net Income")
    for section in _BALANCE_SHEET:
        statement.draw(section)
    return Answer(content=[("ReportRet", page.record())])


def trial_balance(context: Context, content: Mapping[str, Any]) -> Answer:
    """TrialBalance: every account with what it holds, on the side where it holds it."""
    asked = question(context, content, "ThisMonthToDate")
    if asked.by not in (None, "TotalOnly"):
        raise RequestError(1030)
    chart, slots = Chart(asked), Slots(asked, as_of=True)
    held = balances(asked, chart, slots)
    page = Page("Trial Balance", _as_of(asked.period.end), [Column("Debit", "Debit"), Column("Credit", "Credit")])
    sides = [0, 0]
    for account in chart.flat(POSTING):
        cents = held.get(account.key, [None])[0]
        if not shows(cents, asked.rows) or (cents is None and not (account.is_active and account.key)):
            continue
        amount = cents or 0
        cells = [amount, None] if amount >= 0 else [None, -amount]
        sides = [side + (cell or 0) for side, cell in zip(sides, cells, strict=True)]
        page.row("DataRow", chart.path(account), cells, ("account", account.full_name))
    page.row("TotalRow", "TOTAL", sides)
    return Answer(content=[("ReportRet", page.record())])


def _as_of(day: date) -> str:
    return f"As of {in_full(day)}"


#: By the value of GeneralSummaryReportType.
SUMMARIES = {
    **dict.fromkeys(_PROFIT_AND_LOSS_TYPES, profit_and_loss),
    "BalanceSheetStandard": balance_sheet,
    "TrialBalance": trial_balance,
}
