"""What random histories do with the bank, the journal, stock and hours: lines for the tables of ``test_histories``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from qbsimulator.ledger.undeposited import all_waiting
from qbxml import Record
from qbxml.checking import interleave
from qbxml.schema import Schema
from tests.qbsimulator.ledger.shop import ref

if TYPE_CHECKING:
    from tests.qbsimulator.ledger.test_histories import Add, History, Step

#: What TxnDel takes; of transfers there is no such type.
DELETABLE = frozenset(Schema("16.0", "US").record("TxnDelRq").fields["TxnDelType"].values or ())


def line(account: str, amount: str, name: str | None = None) -> dict[str, Any]:
    made = {"AccountRef": ref(account), "Amount": amount}
    return made if name is None else {**made, "EntityRef": ref(name)}


def journal(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    """Receivables, payables or money that waits for a deposit, on either side, against an account or two."""
    amount = step.amount
    sides = (
        [line("Accounts Receivable", amount, step.customer)],
        [line("Accounts Payable", amount, step.vendor)],
        [line("Undeposited Funds", amount, step.customer)],
        [line("Accounts Receivable", amount, "Ann"), line("Accounts Receivable", "4.00", "Bob")],
    )
    one = step.of(sides)
    total = [line("Rent", amount), *([line("Supplies", "4.00")] if len(one) > 1 else [])]
    debits, credits = (one, total) if step.other % 2 else (total, one)
    return "JournalEntry", {"JournalDebitLine": debits, "JournalCreditLine": credits}


def deposit(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    """What waits, or a part of it, with money from elsewhere, and cash that is taken back, now and then."""
    company = history.shop.company
    waiting = all_waiting(company.transactions.books(company.settings))
    lines: list[dict[str, Any]] = [
        {"PaymentTxnID": txn.id, "PaymentTxnLineID": one.line} for txn, one in waiting[: 1 + step.one % 3]
    ]
    if step.other % 3 == 1:
        lines.append(line("Accounts Receivable", step.amount, step.customer))
    if step.other % 3 == 2 or not lines:
        lines.append(line("Capital", step.amount))
    back = {"CashBackInfoAdd": {"AccountRef": ref("Savings"), "Amount": "2.00"}} if step.one % 4 == 3 else {}
    return "Deposit", {"DepositToAccountRef": ref("Checking"), **back, "DepositLineAdd": lines}


def transfer(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    accounts = {"TransferFromAccountRef": ref("Checking"), "TransferToAccountRef": ref(step.of(("Savings", "Card")))}
    return "Transfer", {**accounts, "Amount": step.amount}


def tax_check(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    tax = {"ItemSalesTaxRef": ref(step.of(("State tax", "City tax"))), "Amount": step.amount}
    fields = {"PayeeEntityRef": ref("State"), "TxnDate": "2023-11-20", "BankAccountRef": ref("Checking")}
    return "SalesTaxPaymentCheck", {**fields, "IsToBePrinted": False, "SalesTaxPaymentCheckLineAdd": [tax]}


def adjustment(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    given = {"ItemRef": ref("Lamp"), "QuantityAdjustment": {"QuantityDifference": str(step.other % 7 - 3)}}
    return "InventoryAdjustment", {"AccountRef": ref("Supplies"), "InventoryAdjustmentLineAdd": [given]}


def hours(history: History, step: Step) -> tuple[str, dict[str, Any]]:
    return "TimeTracking", {"EntityRef": ref("Eve Worker"), "Duration": f"PT{1 + step.other % 8}H"}


ADDS: tuple[Add, ...] = (journal, journal, journal, deposit, deposit, deposit, transfer, tax_check, adjustment, hours)


def of_journal(record: Record, step: Step) -> dict[str, Any]:
    """All lines again: with other amounts, one on the other side, or with one more on each side."""
    both = [(side, record.get(f"Journal{side}Line") or []) for side in ("Debit", "Credit")]
    sides = [(side, one) for side, _, one in interleave(both)]
    if step.one % 4 == 0:
        return {"IsAdjustment": bool(step.other % 2)}
    lines: list[dict[str, Any]] = [{"TxnLineID": one["TxnLineID"]} for _, one in sides]
    if step.one % 4 == 1 and len(sides) == 2:
        lines = [{**one, "Amount": step.amount} for one in lines]
    elif step.one % 4 == 2 and len(sides) == 2:
        flipped = {"Debit": "Credit", "Credit": "Debit"}
        lines = [{**one, "JournalLineType": flipped[side]} for one, (side, _) in zip(lines, sides, strict=True)]
    else:
        new = {"TxnLineID": "-1", **line("Rent", step.amount)}
        lines += [{**new, "JournalLineType": "Debit"}, {**new, "JournalLineType": "Credit"}]
    return {"JournalLineMod": lines}


def of_deposit(record: Record, step: Step) -> dict[str, Any]:
    if step.one % 3 == 0:
        return {"DepositToAccountRef": ref(step.of(("Savings", "Checking"), step.other))}
    kept = record["DepositLineRet"][step.one % 2 :]
    lines: list[dict[str, Any]] = [{"TxnLineID": one["TxnLineID"]} for one in kept]
    if step.other % 2 or not lines:
        lines.append({"TxnLineID": "-1", **line("Capital", step.amount)})
    return {"DepositLineMod": lines}


def of_adjustment(record: Record, step: Step) -> dict[str, Any]:
    own = {"TxnLineID": record["InventoryAdjustmentLineRet"][0]["TxnLineID"], "QuantityDifference": str(step.other % 5)}
    return {"InventoryAdjustmentLineMod": [own]}


MODS: Mapping[str, Callable[[Record, Step], dict[str, Any]]] = {
    "JournalEntry": of_journal,
    "Deposit": of_deposit,
    "Transfer": lambda record, step: {"Amount": step.amount},
    "SalesTaxPaymentCheck": lambda record, step: {"RefNumber": str(step.other)},
    "InventoryAdjustment": of_adjustment,
    "TimeTracking": lambda record, step: {"EntityRef": ref("Lumber Ltd"), "Duration": f"PT{step.other}M"},
}
