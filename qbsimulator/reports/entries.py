"""The rows of detail reports: postings, or whole transactions, within some days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import qbxml

from ..ledger.money import cents as in_cents
from .asking import Question
from .filters import condition

#: What a report calls a transaction, by its kind. What is not here is in no list of transactions.
TYPE_NAMES = {
    "ARRefundCreditCard": "C Card Refund",
    "Bill": "Bill",
    "BillPaymentCheck": "Bill Pmt -Check",
    "BillPaymentCreditCard": "Bill Pmt -CCard",
    "BuildAssembly": "Build Assembly",
    "Charge": "Stmt Charge",
    "Check": "Check",
    "CreditCardCharge": "Credit Card Charge",
    "CreditCardCredit": "Credit Card Credit",
    "CreditMemo": "Credit Memo",
    "Deposit": "Deposit",
    "Estimate": "Estimate",
    "InventoryAdjustment": "Inventory Adjust",
    "Invoice": "Invoice",
    "ItemReceipt": "Item Receipt",
    "JournalEntry": "General Journal",
    "PurchaseOrder": "Purchase Order",
    "ReceivePayment": "Payment",
    "SalesOrder": "Sales Order",
    "SalesReceipt": "Sales Receipt",
    "SalesTaxPaymentCheck": "Sales Tax Payment",
    "Transfer": "Transfer",
    "TransferInventory": "Inventory Transfer",
    "VendorCredit": "Credit",
}

#: Kinds that post nothing, beside whatever is pending.
NON_POSTING = ("Estimate", "SalesOrder", "PurchaseOrder")
_IS_NON_POSTING = f"(t.kind IN {NON_POSTING} OR coalesce(json_extract(t.body, '$.' || t.kind || 'Ret.IsPending'), 0))"

#: What stands for the other account where there are several.
SPLIT = "-SPLIT-"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: a posting, or a transaction as its header posts it. ``cents`` are debit positive, names are keys.

    ``split`` is the other account, or :data:`SPLIT`; ``whole`` says that it stands for all of its transaction.
    """

    txn: str
    kind: str
    number: int
    date: date
    ref: str
    source: str | None
    modified: float
    body: str
    place: int
    line: str
    account: str | None
    cents: int
    entity: str | None
    item: str | None
    class_: str | None
    quantity: str | None
    memo: str
    split: str | None
    whole: bool = False

    @property
    def header(self) -> Mapping[str, Any]:
        """The transaction's record, references in it being keys."""
        record: Mapping[str, Any] = qbxml.from_json(self.body) if self.body else {}
        return record


#: The account that a posting is against: a line's is that of the header, the header's that of its only line.
_AGAINST = """
CASE WHEN {p}.place > (SELECT min(place) FROM postings WHERE txn = t.id)
THEN (SELECT account FROM postings WHERE txn = t.id ORDER BY place LIMIT 1)
WHEN (SELECT count(*) FROM postings WHERE txn = t.id) > 2 THEN '-SPLIT-'
ELSE (SELECT account FROM postings WHERE txn = t.id ORDER BY place DESC LIMIT 1) END
"""
_ENTRY = "t.id, t.kind, t.number, t.date, t.ref, t.entity, t.modified, t.body, p.place, p.line, p.account, p.cents,"
_ENTRY += " p.entity, p.item, p.class, p.quantity, p.memo, " + _AGAINST.format(p="p")


def postings(asked: Question) -> Iterator[Entry]:
    """What is posted within the days of a question, in the order of dates."""
    # Accounts first, so that each is found in the index of accounts and dates.
    wanted = (
        f"SELECT {_ENTRY} FROM elements e CROSS JOIN postings p ON p.account = 'Account ' || e.id"
        " CROSS JOIN transactions t ON t.id = p.txn"
        f" WHERE e.kind = 'Account' AND p.date BETWEEN ? AND ? AND {asked.where.sql}"
        " ORDER BY t.date, t.number, p.place"
    )
    for row in asked.sql.execute(wanted, (*_days(asked), *asked.where.values)):
        yield _entry(row)


def transactions(asked: Question) -> Iterator[Entry]:
    """The transactions within the days of a question, in the order of dates.

    A filter lets a transaction through that has a posting which it lets through; one that posts nothing is seen as its
    header.
    """
    status = asked.content.get("ReportPostingStatusFilter")
    where = condition(asked.context, {**asked.content, "ReportPostingStatusFilter": "Either"})
    held = {"Posting": f"NOT {_IS_NON_POSTING}", "NonPosting": _IS_NON_POSTING}.get(str(status), "true")
    if where.sql != "true":
        held += (
            " AND EXISTS (SELECT 1 FROM (SELECT account, entity, class, item, place FROM postings WHERE txn = t.id"
            " UNION ALL SELECT t.account, t.entity, NULL, NULL, 0"
            " WHERE NOT EXISTS (SELECT 1 FROM postings WHERE txn = t.id)) p"
            f" WHERE {where.sql})"
        )
    kinds = list(TYPE_NAMES)
    first = "SELECT min(place) FROM postings WHERE txn = t.id"
    wanted = (
        f"SELECT {_ENTRY} FROM transactions t LEFT JOIN postings p ON p.txn = t.id AND p.place = ({first})"
        f" WHERE t.kind IN ({', '.join('?' * len(kinds))}) AND t.date BETWEEN ? AND ? AND {held}"
        " ORDER BY t.date, t.number"
    )
    for row in asked.sql.execute(wanted, (*kinds, *_days(asked), *where.values)):
        yield _whole(row)


def _days(asked: Question) -> tuple[str, str]:
    return asked.period.begin.isoformat(), asked.period.end.isoformat()


def _entry(row: tuple[Any, ...]) -> Entry:
    values = (*row[:3], date.fromisoformat(row[3]), *row[4:])
    return Entry(*values)


def _whole(row: tuple[Any, ...]) -> Entry:
    """A transaction as it posts. Of one that is not meant to, the amount is what its record says."""
    if row[10] is not None:
        entry = _entry(row)
        return replace(entry, entity=entry.entity or entry.source, whole=True)
    txn, kind, number, day, ref, source, modified, body = row[:8]
    record = qbxml.from_json(body)
    amount = None
    if kind in NON_POSTING or record.get("IsPending"):
        subtotal, tax = record.get("Subtotal"), record.get("SalesTaxTotal")
        amount = record.get("TotalAmount", None if subtotal is None else subtotal + (tax or 0))
    memo = str(record.get("Memo") or "")
    cents = in_cents(amount) * (-1 if kind == "PurchaseOrder" else 1)
    nothing = (None, None, None)
    return Entry(
        *(txn, kind, number, date.fromisoformat(day), ref, source, modified, body, 0, "", None, cents, source),
        *(*nothing, memo, None),
        whole=True,
    )
