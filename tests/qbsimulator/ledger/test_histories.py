"""Random histories of a company: whatever is added, changed, voided and deleted, its books stay sound.

Each kind of request that a history is made of is one line of ``ADDS`` or ``MODS``: a new kind of transaction joins by
lines of its own. A step says what is done, and by numbers to what and with how much; what the request comes to then
follows from what is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbsimulator.ledger.handlers import VOIDABLE
from qbsimulator.ledger.registry import txn_kinds
from qbxml import Record
from qbxml.model import MessageResponse
from tests.qbsimulator.ledger import bank_histories
from tests.qbsimulator.ledger.bank_histories import DELETABLE
from tests.qbsimulator.ledger.invariants import check
from tests.qbsimulator.ledger.shop import Shop, ref

#: What a request of a history may be answered: done, done with a warning, or refused for what it is about.
EXPECTED = frozenset({0, 570, 3120, 3140, 3150, 3160, 3170, 3180, 3185, 3210})
VENDORS = ("Lumber Ltd", "Office Inc")
CUSTOMERS = ("Ann", "Bob", "Bob:Kitchen", "Taxed")
AMOUNTS = ("10.00", "25.50", "33.33", "100.00", "0.01")


class Step(NamedTuple):
    """What is done, and the numbers by which it is chosen to what."""

    verb: str
    kind: int
    one: int
    other: int

    def of(self, choices: Sequence[Any], by: int | None = None) -> Any:
        """One of some choices."""
        return choices[(self.one if by is None else by) % len(choices)]

    @property
    def customer(self) -> str:
        return str(self.of(CUSTOMERS))

    @property
    def vendor(self) -> str:
        return str(self.of(VENDORS))

    @property
    def amount(self) -> str:
        return str(self.of(AMOUNTS, self.other))


#: What a request adds: the kind, and its fields; ``None`` where there is nothing that it could be about.
Add = Callable[["History", Step], tuple[str, dict[str, Any]] | None]


# -- the table of what is added ----------------------------------------------------------------------------------


def form(kind: str, name: str = "CustomerRef") -> Add:
    """A sales form of one or two lines."""

    def add(history: History, step: Step) -> tuple[str, dict[str, Any]]:
        lines: list[dict[str, Any]] = [{"ItemRef": ref("Advice"), "Amount": step.amount}]
        if step.other % 2:
            lines.append({"ItemRef": ref(step.of(("Work", "Lamp", "Board"))), "Quantity": str(1 + step.one % 3)})
        return kind, {name: ref(step.customer), f"{kind}LineAdd": lines}

    return add


def pending(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    return "Invoice", {**form("Invoice")(history, step)[1], "IsPending": True}  # type: ignore[index]


def of_order(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
    """An invoice for a whole order, or for a part of its first line."""
    orders = history.those("SalesOrder", "Estimate")
    if not orders:
        return None
    order = step.of(orders)
    given: dict[str, Any] = {"CustomerRef": {"ListID": order["CustomerRef"]["ListID"]}}
    if step.other % 2:
        return "Invoice", {**given, "LinkToTxnID": [order["TxnID"]]}
    line = order[f"{order.name.removesuffix('Ret')}LineRet"][0]
    link = {"TxnID": order["TxnID"], "TxnLineID": line["TxnLineID"]}
    return "Invoice", {**given, "InvoiceLineAdd": [{"LinkToTxn": link}]}


def with_credit(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
    held = history.those("CreditMemo", "ReceivePayment")
    if not held:
        return None
    credit = step.of(held, step.other)
    given = {"CreditTxnID": credit["TxnID"], "AppliedAmount": step.amount, "Override": bool(step.one % 2)}
    lines = [{"ItemRef": ref("Advice"), "Amount": "40.00"}]
    name = {"ListID": credit["CustomerRef"]["ListID"]}
    return "Invoice", {"CustomerRef": name, "SetCredit": [given], "InvoiceLineAdd": lines}


def charge(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    given = {"ItemRef": ref("Work"), "Quantity": str(1 + step.other % 3)}
    return "Charge", {"CustomerRef": ref(step.customer), **given}


def payment(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
    """A payment for one or two debts of a customer, with a discount, a credit, or something left now and then."""
    debts = history.those("Invoice", "Charge", "JournalEntry")
    if not debts:
        return None
    debt = step.of(debts)
    held = history.those("CreditMemo", "ReceivePayment")
    applied: dict[str, Any] = {"TxnID": debt["TxnID"], "PaymentAmount": step.amount}
    if step.other % 3 == 1:
        applied |= {"DiscountAmount": "1.00", "DiscountAccountRef": ref("Discounts")}
    if step.other % 3 == 2 and held:
        credit = {"CreditTxnID": step.of(held)["TxnID"], "AppliedAmount": "5.00"}
        applied["SetCredit"] = [credit]
        if step.other % 2:
            applied.pop("PaymentAmount")
    more = [{"TxnID": debts[-1]["TxnID"], "PaymentAmount": "3.00"}] if debts[-1] is not debt else []
    name = debt["CustomerRef"]["ListID"] if "CustomerRef" in debt else None
    fields = {"CustomerRef": ref("Ann") if name is None else {"ListID": name}, "AppliedToTxnAdd": [applied, *more]}
    return "ReceivePayment", {**fields, **({"TotalAmount": "200.00"} if step.one % 4 == 3 else {})}


def automatic(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    fields = {"CustomerRef": ref(step.customer), "TotalAmount": step.amount, "IsAutoApply": bool(step.one % 3)}
    return "ReceivePayment", fields


def refund(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
    held = history.those("CreditMemo", "ReceivePayment")
    if not held:
        return None
    credit = step.of(held)
    given = [{"TxnID": credit["TxnID"], "RefundAmount": step.amount}]
    name = {"ListID": credit["CustomerRef"]["ListID"]}
    fields = {"CustomerRef": name, "RefundFromAccountRef": ref("Card"), "RefundAppliedToTxnAdd": given}
    return "ARRefundCreditCard", fields


def purchase(kind: str, name: str = "VendorRef", account: str | None = None) -> Add:
    """What is bought, or given back: an expense, items, or both."""

    def add(history: History, step: Step) -> tuple[str, dict[str, Any]]:
        fields: dict[str, Any] = {name: ref(step.vendor), **({} if account is None else {"AccountRef": ref(account)})}
        if step.other % 3 != 1:
            fields["ExpenseLineAdd"] = [{"AccountRef": ref("Rent"), "Amount": step.amount}]
        if step.other % 3:
            item = step.of(("Lamp", "Board"))
            fields["ItemLineAdd"] = [{"ItemRef": ref(item), "Quantity": str(1 + step.one % 3)}]
        return kind, fields

    return add


def purchase_order(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    lines = [{"ItemRef": ref(one), "Quantity": str(1 + step.other % 4)} for one in ("Lamp", "Board")]
    return "PurchaseOrder", {"VendorRef": ref(step.vendor), "PurchaseOrderLineAdd": lines}


def received(kind: str) -> Add:
    """What comes of an order, or of goods that came before: the whole, or a part of a line of it."""

    def add(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
        held = history.those("PurchaseOrder", *(("ItemReceipt",) if kind == "Bill" else ()))
        if not held:
            return None
        order = step.of(held)
        given: dict[str, Any] = {"VendorRef": {"ListID": order["VendorRef"]["ListID"]}}
        if step.other % 2 or order.name == "ItemReceiptRet":
            return kind, {**given, "LinkToTxnID": [order["TxnID"]]}
        link = {"TxnID": order["TxnID"], "TxnLineID": order["PurchaseOrderLineRet"][0]["TxnLineID"]}
        return kind, {**given, "ItemLineAdd": [{"Quantity": "1", "LinkToTxn": link}]}

    return add


def bill_payment(kind: str, own: dict[str, Any]) -> Add:
    """A payment of one or two bills, with a discount or a credit now and then, or of a credit alone."""

    def add(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
        bills = history.those("Bill")
        if not bills:
            return None
        owed = step.of(bills)
        held = history.those("VendorCredit", "BillPaymentCheck", "BillPaymentCreditCard")
        applied: dict[str, Any] = {"TxnID": owed["TxnID"], "PaymentAmount": step.amount}
        if step.other % 3 == 1:
            applied |= {"DiscountAmount": "1.00", "DiscountAccountRef": ref("Discounts")}
        if step.other % 3 == 2 and held:
            applied["SetCredit"] = [{"CreditTxnID": step.of(held)["TxnID"], "AppliedAmount": "5.00"}]
            if step.other % 2:
                applied.pop("PaymentAmount")
        more = (
            [{"TxnID": bills[-1]["TxnID"], "PaymentAmount": "3.00"}] if step.one % 2 and bills[-1] is not owed else []
        )
        payee = {"ListID": owed["VendorRef"]["ListID"]}
        return kind, {"PayeeEntityRef": payee, **own, "AppliedToTxnAdd": [applied, *more]}

    return add


def applied_check(history: History, step: Step) -> tuple[str, dict[str, Any]] | None:
    """A check to a vendor, on payables, that pays a bill."""
    bills = history.those("Bill")
    if not bills:
        return None
    owed = step.of(bills)
    fields = {"AccountRef": ref("Checking"), "PayeeEntityRef": {"ListID": owed["VendorRef"]["ListID"]}}
    lines = [{"AccountRef": ref("Accounts Payable"), "Amount": step.amount}]
    return "Check", {**fields, "ApplyCheckToTxnAdd": [{"TxnID": owed["TxnID"]}], "ExpenseLineAdd": lines}


#: What is bought, ordered, received and paid.
PURCHASES: tuple[Add, ...] = (
    *(purchase("Bill"), purchase("Bill"), purchase("ItemReceipt"), purchase("VendorCredit"), purchase_order),
    *(purchase("Check", "PayeeEntityRef", "Checking"), purchase("CreditCardCharge", "PayeeEntityRef", "Card")),
    *(purchase("CreditCardCredit", "PayeeEntityRef", "Card"), received("Bill"), received("ItemReceipt")),
    bill_payment("BillPaymentCheck", {"BankAccountRef": ref("Checking"), "IsToBePrinted": False}),
    bill_payment("BillPaymentCreditCard", {"CreditCardAccountRef": ref("Card")}),
    applied_check,
)

ADDS: tuple[Add, ...] = (
    *PURCHASES,
    *bank_histories.ADDS,
    *(form("Invoice"), form("Invoice"), form("SalesReceipt"), form("CreditMemo"), form("Estimate")),
    *(form("SalesOrder"), pending, of_order, with_credit, charge, payment, payment, automatic, refund),
)


# -- the table of what is changed --------------------------------------------------------------------------------


def lines_of(name: str) -> Callable[[Record, Step], dict[str, Any]]:
    """The first line with another amount, the others left out."""

    def mod(record: Record, step: Step) -> dict[str, Any]:
        lines = record.get(f"{name}LineRet")
        if not lines or step.one % 2:
            return {"Memo": f"memo {step.other}"}
        return {f"{name}LineMod": [{"TxnLineID": lines[0]["TxnLineID"], "Amount": step.amount}]}

    return mod


def applied_anew(record: Record, step: Step) -> dict[str, Any]:
    """What a payment is applied to, with another amount for the first."""
    applied = record.get("AppliedToTxnRet")
    if not applied or step.one % 3 == 0:
        return {"TotalAmount": step.amount}
    given = {"TxnID": applied[0]["TxnID"], "PaymentAmount": step.amount}
    return {"TotalAmount": "150.00", "AppliedToTxnMod": [given]}


def of_charge(record: Record, step: Step) -> dict[str, Any]:
    return {"Quantity": str(1 + step.other % 4)} if step.one % 2 else {"Desc": "other words"}


def of_purchase(record: Record, step: Step) -> dict[str, Any]:
    """One of the lists of lines anew, or emptied."""
    if step.one % 4 == 0:
        return {"ClearItemLines" if step.other % 2 else "ClearExpenseLines": True}
    for name in ("ItemLine", "ExpenseLine")[:: 1 if step.one % 2 else -1]:
        if record.get(f"{name}Ret"):
            return {f"{name}Mod": [{"TxnLineID": record[f"{name}Ret"][0]["TxnLineID"], "Amount": step.amount}]}
    return {"Memo": f"memo {step.other}"}


def of_order_line(record: Record, step: Step) -> dict[str, Any]:
    lines = [{"TxnLineID": one["TxnLineID"]} for one in record["PurchaseOrderLineRet"]]
    return {"PurchaseOrderLineMod": [{**lines[0], "Quantity": str(1 + step.other % 4)}, *lines[1 : step.one % 3]]}


def of_bill_payment(record: Record, step: Step) -> dict[str, Any]:
    applied = record.get("AppliedToTxnRet")
    if not applied or step.one % 3 == 0:
        return {"Memo": "no more"}
    return {"AppliedToTxnMod": [{"TxnID": applied[0]["TxnID"], "PaymentAmount": step.amount}]}


MODS: Mapping[str, Callable[[Record, Step], dict[str, Any]]] = {
    **dict.fromkeys(("Bill", "ItemReceipt", "VendorCredit", "CreditCardCharge", "CreditCardCredit"), of_purchase),
    "Check": of_purchase,
    "PurchaseOrder": of_order_line,
    "BillPaymentCheck": of_bill_payment,
    **{kind: lines_of(kind) for kind in ("Invoice", "SalesReceipt", "CreditMemo", "Estimate", "SalesOrder")},
    "ReceivePayment": applied_anew,
    "Charge": of_charge,
    **bank_histories.MODS,
}


# -- what a history does, and what holds of it -------------------------------------------------------------------


class History:
    """A company in the course of a history."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def all(self) -> list[Record]:
        """All transactions as they are, with lines and links, the oldest first."""
        transactions = self.shop.company.transactions
        books = transactions.books(self.shop.company.settings)
        return [transactions.record(txn, books, links=True) for txn in transactions.store.all()]

    def those(self, *kinds: str) -> list[Record]:
        """The transactions of some kinds."""
        return [one for one in self.all() if one.name.removesuffix("Ret") in kinds]

    def state(self) -> tuple[dict[str, Record], dict[str, int]]:
        """All that may not change by itself: records without the time of their last change, balances without zeros."""
        records = {str(one["TxnID"]): one for one in self.all()}
        for one in records.values():
            one.pop("TimeModified")
        totals = self.shop.company.transactions.store.totals()
        return records, {key: cents for key, cents in totals.items() if cents}

    # -- steps -------------------------------------------------------------------------------------------------------

    def take(self, step: Step) -> None:
        """Do what a step says. Each of its requests is done as a whole, or it changes nothing."""
        before = self.state()
        own = getattr(self, f"_{step.verb}")(step)
        check(self.shop)
        after = self.state()
        if own is None:
            assert after == before
            return
        self._compare(before[0], after[0], own)

    def _compare(self, before: dict[str, Record], after: dict[str, Record], own: str) -> None:
        """EditSequence changes with an own change in a later second, and with nothing else."""
        for id_ in before.keys() & after.keys():
            old, new = (int(one[id_]["EditSequence"]) for one in (before, after))
            assert new > old if id_ == own else new == old, (id_, old, new)

    def _ask(self, answer: MessageResponse) -> bool:
        assert answer.status_code in EXPECTED, f"{answer.name} {answer.status_code} {answer.status_message}"
        return answer.status_severity != "Error"

    def _made(self, step: Step) -> MessageResponse | None:
        asked = step.of(ADDS, step.kind)(self, step)
        self.shop.time.pass_(1)
        return None if asked is None else self.shop.try_txn(asked[0], **asked[1])

    def _add(self, step: Step) -> str | None:
        answer = self._made(step)
        if answer is None or not self._ask(answer):
            return None
        # Credits alone make no transaction, and change others all the same.
        return str(answer.records[0].get("TxnID", ""))

    def _there_and_back(self, step: Step) -> str | None:
        """What is added and deleted again leaves everything as it was."""
        answer = self._made(step)
        if answer is None or not self._ask(answer):
            return None
        if "TxnID" not in answer.records[0]:
            return ""
        if answer.records[0].name.removesuffix("Ret") not in DELETABLE:
            return str(answer.records[0]["TxnID"])
        assert self.shop.remove(answer.records[0]).status_code == 0
        return None

    def _mod(self, step: Step) -> str | None:
        there = [one for one in self.all() if one.name.removesuffix("Ret") in MODS]
        if not there:
            return None
        record = step.of(there, step.kind)
        fields = MODS[record.name.removesuffix("Ret")](record, step)
        return str(record["TxnID"]) if self._ask(self.shop.change(record, **fields)) else None

    def _void(self, step: Step) -> str | None:
        there = [one for one in self.all() if one.name.removesuffix("Ret") in VOIDABLE]
        if not there:
            return None
        record = step.of(there, step.kind)
        return str(record["TxnID"]) if self._ask(self.shop.void(record)) else None

    def _delete(self, step: Step) -> str | None:
        there = [one for one in self.all() if one.name.removesuffix("Ret") in DELETABLE]
        if not there:
            return None
        record = step.of(there, step.kind)
        return str(record["TxnID"]) if self._ask(self.shop.remove(record)) else None


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a company to trade with, made once."""
    path = tmp_path_factory.mktemp("histories") / "shop.company"
    Shop(path).close()
    return path


@contextmanager
def trading(template: Path) -> Iterator[Shop]:
    """A company of its own."""
    path = template.with_name("history.company")
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(template, path)
    shop = Shop.of_file(path)
    try:
        yield shop
    finally:
        shop.close()


NUMBERS = st.integers(0, 59)
VERBS = st.sampled_from(("add", "add", "add", "there_and_back", "mod", "mod", "void", "delete"))
STEPS = st.lists(st.builds(Step, VERBS, NUMBERS, NUMBERS, NUMBERS), min_size=4, max_size=14)


@settings(max_examples=25)
@given(STEPS)
def test_the_books_stay_sound(template: Path, steps: list[Step]) -> None:
    with trading(template) as shop:
        history = History(shop)
        for step in steps:
            history.take(step)


def test_every_line_of_the_tables_is_reached(template: Path) -> None:
    made: set[int] = set()
    with trading(template) as shop:
        history = History(shop)
        for number in range(36):
            for kind in sorted({*range(len(ADDS))} - made):
                if history._add(Step("add", kind, number, number // 3 + kind)) is not None:
                    made.add(kind)
        assert made == set(range(len(ADDS)))
        assert {one.name.removesuffix("Ret") for one in history.all()} <= set(txn_kinds())
        check(shop)
