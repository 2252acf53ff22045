"""The chart of accounts as reports have it: by type, in its order, what is below an account behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .asking import Question
from .layout import Page
from .sums import Vector, added, shows

#: What the account of earlier years' results is called where the company has none yet.
RETAINED_EARNINGS = "Retained Earnings"

#: The order of types, in which a result's come after all others.
TYPES = (
    *("Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard"),
    *("OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome"),
    *("OtherExpense", "NonPosting"),
)

#: The types that can be posted to.
POSTING = TYPES[:-1]

#: The types whose postings make the result of a year.
RESULT = frozenset({"Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense"})


@dataclass(slots=True)
class Account:
    """An account, and those of its type directly below it. ``key`` is empty for one that the company does not have."""

    key: str
    type: str
    name: str
    full_name: str
    number: str = ""
    parent: str | None = None
    special: str = ""
    is_active: bool = True
    below: list[Account] = field(default_factory=list)

    def label(self, numbers: bool) -> str:
        """What a report calls it: with its number where there are numbers."""
        return f"{self.number} \u00b7 {self.name}" if numbers and self.number else self.name


class Chart:
    """All accounts of a company, by key and as trees."""

    def __init__(self, question: Question) -> None:
        self.numbers = question.settings.uses_account_numbers
        held = ", ".join(
            f"json_extract(body, '$.AccountRet.{name}')"
            for name in ("AccountType", "AccountNumber", "SpecialAccountType")
        )
        rows = question.sql.execute(
            f"SELECT 'Account ' || id, parent, name, full_name, is_active, {held} FROM elements WHERE kind = 'Account'"
            " ORDER BY replace(full_name, ':', char(1)) COLLATE NOCASE"
        )
        self.by_key = {
            key: Account(key, type_, name, full_name, str(number or ""), parent, special or "", bool(is_active))
            for key, parent, name, full_name, is_active, type_, number, special in rows
        }
        self._roots: dict[str, list[Account]] = {type_: [] for type_ in TYPES}
        for account in self.by_key.values():
            parent = self.by_key.get(account.parent or "")
            family = parent.below if parent is not None and parent.type == account.type else self._roots[account.type]
            family.append(account)
        self.retained_earnings = self._earnings()
        if self.numbers:
            for family in [*self._roots.values(), *(one.below for one in self.by_key.values())]:
                family.sort(key=lambda one: (not one.number, one.number))

    def _earnings(self) -> Account:
        """The account that takes up the results of earlier years."""
        equity = [one for one in self.by_key.values() if one.type == "Equity"]
        for fits in (
            lambda one: one.special == "RetainedEarnings",
            lambda one: one.full_name.casefold() == RETAINED_EARNINGS.casefold(),
        ):
            found = next(filter(fits, equity), None)
            if found is not None:
                return found
        stand_in = Account("", "Equity", RETAINED_EARNINGS, RETAINED_EARNINGS)
        self._roots["Equity"].append(stand_in)
        self.by_key[""] = stand_in
        return stand_in

    def roots(self, types: Sequence[str]) -> Iterator[Account]:
        """The accounts of some types that are below none of their type."""
        for type_ in types:
            yield from self._roots[type_]

    def flat(self, types: Sequence[str] = TYPES) -> Iterator[Account]:
        """The accounts of some types, each before what is below it."""
        waiting = [*self.roots(types)][::-1]
        while waiting:
            account = waiting.pop()
            yield account
            waiting += account.below[::-1]

    def path(self, account: Account) -> str:
        """What a report calls an account that stands without those above it."""
        own = account.label(self.numbers)
        return own if account.parent is None else f"{self.path(self.by_key[account.parent])}:{own}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """How accounts are drawn: what was posted to each, by column, and by ReturnRows which rows there are."""

    chart: Chart
    own: Mapping[str, Vector]
    width: int
    wanted: str

    def tree(self, account: Account) -> Vector | None:
        """All that was posted to an account and below it; ``None`` where there is nothing to be shown of it."""
        parts = [found for one in account.below if (found := self.tree(one)) is not None]
        own = self.own.get(account.key)
        if own is None and account.is_active and self.wanted == "All":
            own = [None] * self.width
        if own is not None and any(shows(cents, self.wanted) for cents in own):
            parts.append(own)
        if not parts:
            return None
        total: Vector = [None] * self.width
        for part in parts:
            total = added(total, part)
        return total

    def draw(self, page: Page, account: Account, shown: Callable[[Vector], Vector]) -> None:
        """Put the rows of an account and of what is below it on a page."""
        total = self.tree(account)
        if total is None:
            return
        label, about = account.label(self.chart.numbers), ("account", account.full_name)
        if not any(self.tree(one) is not None for one in account.below):
            page.row("DataRow", label, shown(total), about)
            return
        page.heading(label)
        for one in account.below:
            self.draw(page, one, shown)
        own = self.own.get(account.key)
        if own is not None and any(shows(cents, self.wanted) for cents in own):
            page.row("DataRow", f"{label} - Other", shown(own), about)
        page.row("SubtotalRow", f"Total {label}", shown(total), about)
