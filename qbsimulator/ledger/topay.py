"""What there is to pay to a vendor, and what can be set against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qbxml.model import Record

from ..answers import Answer
from ..contents import shown_reference
from ..context import Context, wanted
from ..errors import NO_SUCH_RECORD, RequestError
from .books import Books
from .money import money
from .rows import Part, Txn, stored


def to_pay(context: Context, content: Mapping[str, Any]) -> Answer:
    """BillToPayQuery: what is owed to one vendor, and the credits that can be set against it; the oldest first."""
    books = context.company.transactions.books(context.settings)
    vendor = _found(books, content, "PayeeEntityRef", "Vendor")
    account = _found(books, content, "APAccountRef", "Account") if "APAccountRef" in content else None
    answer = Answer(wanted=wanted(content))
    until = content.get("DueDate")
    held: dict[tuple[str, str, bool], list[tuple[Part, Txn]]] = {}
    for part, txn in books.store.open_parts(vendor, account):
        if txn.kind != "ItemReceipt" and books.account_type(part.account) == "AccountsPayable":
            held.setdefault((txn.id, part.account, part.open < 0), []).append((part, txn))
    for (_, of, owed), parts in held.items():
        txn = parts[0][1]
        due = stored(txn).get("DueDate")
        if owed and until is not None and (due or date.fromisoformat(txn.date)) > until:
            continue
        row: dict[str, Any] = {
            "TxnID": txn.id,
            "TxnType": txn.kind,
            "APAccountRef": books.reading.named({"key": of}),
            "TxnDate": date.fromisoformat(txn.date),
        }
        if txn.ref:
            row["RefNumber"] = txn.ref
        if owed and due is not None:
            row["DueDate"] = due
        row["AmountDue" if owed else "CreditRemaining"] = money(sum(abs(part.open) for part, _ in parts))
        record = Record("BillToPayRet", {"BillToPay" if owed else "CreditToApply": row})
        answer.content.append((record.name, record))
    answer.code = 0 if answer.content else 1
    return answer


def _found(books: Books, content: Mapping[str, Any], field: str, kind: str) -> str:
    """What a reference of the query is to. Raises :class:`~qbsimulator.errors.RequestError`."""
    found = books.elements.found(content[field], (kind,))
    if found is None:
        shown = shown_reference(content[field])
        raise RequestError(3140, kind=kind, value=shown, name="query", detail=NO_SUCH_RECORD)
    return found.key
