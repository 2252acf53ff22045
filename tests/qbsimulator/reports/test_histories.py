"""Random histories, and what their reports say of any day: it agrees with itself, and with the lists.

Each kind of transaction is a line of ``MADE``. A step says on which day one is made, of how much, and whether it is
voided or deleted afterwards.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbxml import Record
from qbxml.reports import Report
from tests.qbsimulator.ledger.invariants import check
from tests.qbsimulator.ledger.shop import ref
from tests.qbsimulator.reports.desk import Desk, amount, days

FIRST = date(2021, 1, 1)
#: So many days may go by: all are before the today of the tests.
LAST = 1000
CUSTOMERS = ("Ann", "Bob", "Bob:Kitchen", "Taxed")
VENDORS = ("Lumber Ltd", "Office Inc")
EXPECTED = frozenset({0, 570, 3120, 3140, 3150, 3160, 3180, 3210})


class Step(NamedTuple):
    """A transaction of a kind, on a day, of so many cents, with one of the names; and what becomes of it."""

    kind: str
    day: int
    cents: int
    who: int
    fate: str

    @property
    def date(self) -> str:
        return (FIRST + timedelta(days=self.day)).isoformat()

    @property
    def amount(self) -> str:
        return str(Decimal(self.cents).scaleb(-2))

    @property
    def customer(self) -> dict[str, str]:
        return ref(CUSTOMERS[self.who % len(CUSTOMERS)])

    @property
    def vendor(self) -> dict[str, str]:
        return ref(VENDORS[self.who % len(VENDORS)])


def entry(debit: str, credit: str, name: str = "") -> Callable[[Step, History], dict[str, Any]]:
    """A journal entry between two accounts, the first of which may be an open one."""

    def made(step: Step, history: History) -> dict[str, Any]:
        entity = {"customer": step.customer, "vendor": step.vendor}.get(name)
        first = {"AccountRef": ref(debit), "Amount": step.amount, **({"EntityRef": entity} if entity else {})}
        second = {"AccountRef": ref(credit), "Amount": step.amount}
        return {"JournalDebitLine": [first], "JournalCreditLine": [second]}

    return made


def sale(line: str) -> Callable[[Step, History], dict[str, Any]]:
    """A sales form of a taxed and an untaxed line."""

    def made(step: Step, history: History) -> dict[str, Any]:
        lines = [{"ItemRef": ref("Advice"), "Amount": step.amount}, {"ItemRef": ref("Lamp"), "Quantity": "2"}]
        return {"CustomerRef": step.customer, f"{line}LineAdd": lines}

    return made


def purchase(name: str) -> Callable[[Step, History], dict[str, Any]]:
    """A form with an expense and an item."""

    def made(step: Step, history: History) -> dict[str, Any]:
        own = {"AccountRef": ref(name)} if name != "VendorRef" else {}
        whom = {"VendorRef" if name == "VendorRef" else "PayeeEntityRef": step.vendor}
        lines = [{"AccountRef": ref("Rent"), "Amount": step.amount}]
        return {**own, **whom, "ExpenseLineAdd": lines, "ItemLineAdd": [{"ItemRef": ref("Board"), "Quantity": "1"}]}

    return made


def payment(step: Step, history: History) -> dict[str, Any] | None:
    """A payment of an invoice, with more money than it takes now and then."""
    owed = history.those("Invoice")
    if not owed:
        return {"CustomerRef": step.customer, "TotalAmount": step.amount, "IsAutoApply": True}
    one = owed[step.who % len(owed)]
    part = str(min(Decimal(step.amount), one["BalanceRemaining"]))
    whom = {"ListID": one["CustomerRef"]["ListID"]}
    return {
        "CustomerRef": whom,
        "TotalAmount": step.amount,
        "AppliedToTxnAdd": [{"TxnID": one["TxnID"], "PaymentAmount": part}],
    }


def bill_payment(step: Step, history: History) -> dict[str, Any] | None:
    """A check for a part of a bill."""
    owed = history.those("Bill")
    if not owed:
        return None
    one = owed[step.who % len(owed)]
    part = str(min(Decimal(step.amount), one["AmountDue"]))
    return {
        "PayeeEntityRef": {"ListID": one["VendorRef"]["ListID"]},
        "BankAccountRef": ref("Checking"),
        "IsToBePrinted": False,
        "AppliedToTxnAdd": [{"TxnID": one["TxnID"], "PaymentAmount": part}],
    }


#: By a name: the kind of the transaction, and its fields; ``None`` where there is nothing that it could be about.
MADE: Mapping[str, tuple[str, Callable[[Step, History], dict[str, Any] | None]]] = {
    "capital": ("JournalEntry", entry("Checking", "Capital")),
    "rent": ("JournalEntry", entry("Rent", "Card")),
    "interest": ("JournalEntry", entry("Savings", "Interest")),
    "lent": ("JournalEntry", entry("Accounts Receivable", "Checking", "customer")),
    "repaid": ("JournalEntry", entry("Accounts Payable", "Loan", "vendor")),
    "invoice": ("Invoice", sale("Invoice")),
    "receipt": ("SalesReceipt", sale("SalesReceipt")),
    "memo": ("CreditMemo", sale("CreditMemo")),
    "estimate": ("Estimate", sale("Estimate")),
    "payment": ("ReceivePayment", payment),
    "bill": ("Bill", purchase("VendorRef")),
    "credit": ("VendorCredit", purchase("VendorRef")),
    "check": ("Check", purchase("Checking")),
    "card": ("CreditCardCharge", purchase("Card")),
    "bill payment": ("BillPaymentCheck", bill_payment),
}


class History:
    """A company in the course of a history."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def those(self, kind: str) -> list[Record]:
        return self.desk.one(f"{kind}Query").records

    def take(self, step: Step) -> None:
        kind, fields = MADE[step.kind]
        made = fields(step, self)
        self.desk.time.pass_(1)
        if made is None:
            return
        answer = self.desk.try_txn(kind, **{"TxnDate": step.date, **made})
        assert answer.status_code in EXPECTED, f"{kind} {answer.status_code} {answer.status_message}"
        if answer.status_severity == "Error" or "TxnID" not in answer.records[0]:
            return
        if step.fate == "void" and kind not in ("Estimate", "ReceivePayment"):
            assert self.desk.void(answer.records[0]).status_code == 0
        elif step.fate == "delete":
            assert self.desk.remove(answer.records[0]).status_code == 0

    def count(self) -> int:
        """How many transactions there are."""
        return len(self.desk.company.transactions.store.all())


# -- what reports say --------------------------------------------------------------------------------------------


def at(desk: Desk, type_: str, day: date, **fields: Any) -> Report:
    """A report of what there is at a day."""
    return desk.report(type_, **days(end=day.isoformat()), **fields)


def sides(report: Report) -> dict[str, Decimal]:
    """The accounts of a trial balance, debit positive."""
    nothing = Decimal(0)
    rows = [one for one in report.rows if one.kind == "DataRow"]
    return {str(one.value): (one["Debit"] or nothing) - (one["Credit"] or nothing) for one in rows}


def judge_day(desk: Desk, day: date) -> None:
    """The reports of a day agree with each other."""
    trial = at(desk, "TrialBalance", day)
    held = sides(trial)
    assert sum(held.values()) == 0
    assert trial.rows[-1]["Debit"] == trial.rows[-1]["Credit"]
    sheet = at(desk, "BalanceSheetStandard", day)
    assert amount(sheet, "TOTAL ASSETS") == amount(sheet, "TOTAL LIABILITIES & EQUITY")
    for type_, account in (("AR", "Accounts Receivable"), ("AP", "Accounts Payable")):
        sign = 1 if type_ == "AR" else -1
        assert amount(at(desk, f"{type_}AgingSummary", day), "TOTAL", 6) == sign * held.get(account, 0)
    ledger = desk.report("GeneralLedger", **days(FIRST.isoformat(), day.isoformat()))
    balances = {str(one.value): one["Balance"] for one in ledger.rows if one.kind == "SubtotalRow"}
    assert {name: cents for name, cents in balances.items() if cents} == held
    assert ledger.rows[-1]["Balance"] == ledger.rows[-1]["Amount"] == 0


def judge_period(desk: Desk, begin: date, end: date) -> None:
    """What was earned in a period is what equity grew by, beside what the owner put in."""
    period = days(begin.isoformat(), end.isoformat())
    result = desk.report("ProfitAndLossStandard", **period)
    before, after = (at(desk, "BalanceSheetStandard", day) for day in (begin - timedelta(days=1), end))
    grown = amount(after, "Total Equity") - amount(before, "Total Equity")
    put_in = amount(after, "Capital") - amount(before, "Capital")
    assert amount(result, "Net Income") == grown - put_in
    for by in ("Month", "Quarter", "Customer"):
        columns = desk.report("ProfitAndLossStandard", SummarizeColumnsBy=by, **period)
        for one in columns.rows:
            if one.kind != "TextRow" and len(one.cells) > 2:
                assert sum(cell or 0 for cell in one.cells[1:-1]) == one.cells[-1]
        # One column alone has no total beside it.
        assert columns.rows[-1].cells[-1] == amount(result, "Net Income")


def judge_now(desk: Desk, history: History) -> None:
    """At the end of all days reports say what the lists say."""
    end = FIRST + timedelta(days=LAST)
    accounts = {one["FullName"]: one for one in desk.one("AccountQuery").records}
    sheet = at(desk, "BalanceSheetStandard", end)
    shown = {str(one.value): one.cells[1] for one in sheet.rows if one.kind == "DataRow" and one.row_type == "account"}
    assert {name: cents for name, cents in shown.items() if name != "Retained Earnings"} == {
        name: one["Balance"]
        for name, one in accounts.items()
        if one["Balance"] and not one["AccountType"].endswith(("Income", "Expense", "CostOfGoodsSold"))
    }
    for type_, kind in (("AR", "Customer"), ("AP", "Vendor")):
        aging = at(desk, f"{type_}AgingSummary", end)
        owed = {str(one.value): one["TOTAL"] for one in aging.rows if one.kind == "DataRow" and one["TOTAL"]}
        names = desk.one(f"{kind}Query").records
        assert owed == {one.get("FullName", one["Name"]): one["Balance"] for one in names if one["Balance"]}
    listed = desk.report("TxnListByDate", ReportDateMacro="All")
    assert len(listed.rows) == history.count()
    dates = [one["Date"] for one in listed.rows]
    assert dates == sorted(dates)


# -- the histories -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a company to trade with, made once."""
    path = tmp_path_factory.mktemp("histories") / "desk.company"
    desk = Desk(path)
    for special in ("AccountsReceivable", "AccountsPayable"):
        desk.one("SpecialAccountAdd", {"SpecialAccountAdd": {"SpecialAccountType": special}})
    desk.close()
    return path


@contextmanager
def trading(template: Path) -> Iterator[Desk]:
    """A company of its own."""
    path = template.with_name("history.company")
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(template, path)
    desk = Desk.of_file(path)
    try:
        yield desk
    finally:
        desk.close()


DAYS = st.integers(0, LAST)
FATES = st.sampled_from(("stays", "stays", "stays", "void", "delete"))
STEPS = st.lists(
    st.builds(Step, st.sampled_from(sorted(MADE)), DAYS, st.integers(1, 100_000), st.integers(0, 5), FATES),
    min_size=3,
    max_size=10,
)


@settings(max_examples=20)
@given(STEPS, DAYS, DAYS, st.integers(1, 12))
def test_reports_agree_with_each_other_and_with_the_lists(
    template: Path, steps: list[Step], one: int, other: int, month: int
) -> None:
    with trading(template) as desk:
        desk.company.configure(first_fiscal_month=month)
        history = History(desk)
        for step in steps:
            history.take(step)
        check(desk)
        begin, end = (FIRST + timedelta(days=day) for day in sorted((one, other)))
        judge_day(desk, begin)
        judge_day(desk, end)
        judge_period(desk, begin, end)
        judge_now(desk, history)


def test_every_line_of_the_table_is_reached(template: Path) -> None:
    with trading(template) as desk:
        history = History(desk)
        for number, kind in enumerate([*MADE, "bill payment", "payment"]):
            before = history.count()
            history.take(Step(kind, 40 * number, 1000 + number, number, "stays"))
            assert history.count() == before + 1, kind
        for day in (100, 350, 365, 366, 700, LAST):
            judge_day(desk, FIRST + timedelta(days=day))
        judge_period(desk, FIRST, FIRST + timedelta(days=LAST))
        judge_now(desk, history)
