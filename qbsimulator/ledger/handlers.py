"""The requests about transactions: Add, Mod and Query of every kind, deleting, voiding, clearing, what was deleted."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from qbxml.model import Record

from .. import deletions
from ..answers import Answer
from ..context import Context, Handler, wanted
from ..errors import NO_SUCH_RECORD, RequestError
from ..txnfields import line_records
from .drafts import TxnKind
from .queries import QUERIES, query
from .registry import txn_kinds
from .rows import Txn, stored
from .taxpayable import tax_payable
from .topay import to_pay
from .transactionquery import transaction_query
from .undeposited import to_deposit

#: What TxnVoid takes; of another kind it is a value that the request does not know.
VOIDABLE = frozenset(
    {"ARRefundCreditCard", "Bill", "BillPaymentCheck", "BillPaymentCreditCard", "Charge", "Check", "CreditCardCharge"}
    | {"CreditCardCredit", "CreditMemo", "Deposit", "InventoryAdjustment", "Invoice", "ItemReceipt", "JournalEntry"}
    | {"SalesReceipt", "VendorCredit"}
)


@functools.cache
def ledger_handlers() -> Mapping[str, Handler]:
    """The handlers of all requests about transactions, by the name of the request without ``Rq``."""
    found: dict[str, Handler] = {}
    for name, kind in txn_kinds().items():
        found[f"{name}Add"] = functools.partial(_add, kind)
        found[f"{name}Mod"] = functools.partial(_mod, kind)
        found[f"{name}Query"] = functools.partial(query, (name,))
    return {
        **found,
        **QUERIES,
        "TxnDel": _delete,
        "TxnVoid": _void,
        "TxnDeletedQuery": _deleted,
        "ClearedStatusMod": _clear,
        "ReceivePaymentToDepositQuery": to_deposit,
        "BillToPayQuery": to_pay,
        "TransactionQuery": transaction_query,
        "SalesTaxPayableQuery": tax_payable,
    }


def _add(kind: TxnKind, context: Context, content: Mapping[str, Any]) -> Answer:
    transactions = context.company.transactions
    txn = transactions.add(kind, content[context.name], context.settings)
    record = transactions.record(txn, transactions.books(context.settings))
    return _answer(txn, kind, record, content)


def _mod(kind: TxnKind, context: Context, content: Mapping[str, Any]) -> Answer:
    transactions = context.company.transactions
    txn = transactions.modify(kind, content[context.name], context.settings)
    record = transactions.record(txn, transactions.books(context.settings))
    return _answer(txn, kind, record, content)


def _answer(txn: Txn, kind: TxnKind, record: Record, content: Mapping[str, Any]) -> Answer:
    code, message = txn.warning or (0, "")
    return Answer(code=code, message=message, content=[(kind.ret, record)], wanted=wanted(content))


def _kind(name: str) -> TxnKind:
    kind = txn_kinds().get(name)
    if kind is None:
        raise RequestError(1030)
    return kind


def _delete(context: Context, content: Mapping[str, Any]) -> Answer:
    kind = _kind(str(content["TxnDelType"]))
    txn, when = context.company.transactions.delete(kind, content["TxnID"], context.settings)
    told = {"TxnDelType": kind.name, "TxnID": txn.id, "TimeDeleted": context.company.clock.local(when)}
    return Answer(content=[*told.items(), *_ref(txn.ref)])


def _void(context: Context, content: Mapping[str, Any]) -> Answer:
    name = str(content["TxnVoidType"])
    if name not in VOIDABLE:
        raise RequestError(3110, value=name, field="TxnVoidType")
    kind = _kind(name)
    txn = context.company.transactions.void(kind, content["TxnID"], context.settings)
    local = context.company.clock.local
    told = {
        "TxnVoidType": kind.name,
        "TxnID": txn.id,
        "TimeCreated": local(txn.created),
        "TimeModified": local(txn.modified),
    }
    return Answer(content=[*told.items(), *_ref(txn.ref)])


def _ref(ref: str) -> list[tuple[str, Any]]:
    return [("RefNumber", ref)] if ref else []


def _deleted(context: Context, content: Mapping[str, Any]) -> Answer:
    """What was deleted of some kinds, in the order in which it was."""
    return deletions.told(context, content, "Txn", context.company.transactions.store.deleted, "RefNumber")


def _clear(context: Context, content: Mapping[str, Any]) -> Answer:
    """ClearedStatusMod: what the bank's statement says of a transaction, or of a line of it."""
    given = content.get("ClearedStatusMod", content)
    transactions = context.company.transactions
    txn = transactions.named(given["TxnID"])
    line = given.get("TxnLineID")
    if line is not None and line not in {one["TxnLineID"] for one in line_records(stored(txn))}:
        raise RequestError(3120, value=line, detail=NO_SUCH_RECORD)
    transactions.store.clear(txn.id, str(line or ""), str(given["ClearedStatus"]))
    return Answer()
