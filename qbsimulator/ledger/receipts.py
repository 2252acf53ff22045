"""Goods that came before their bill: the bill takes the place of their item receipt.

Its lines become lines of the bill. The receipt stays in the file, and posts nothing as long as the bill stands: what is
owed, and what came, counts once. What the receipt has received of orders stays received by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from qbxml.schema import AT, Schema
from qbxml.versions import NEWEST_VERSION

from ..contents import check_id
from ..errors import NO_SUCH_RECORD, RequestError, words
from .books import key_of
from .drafts import Draft, stored_lines
from .money import rounded
from .purchaselines import EXPENSES, ITEMS
from .rows import Link, Txn, stored

#: What a line does not take over as it stands.
_OWN = ("TxnLineID", AT)


def take_place(draft: Draft) -> None:
    """Put the lines of item receipts that LinkToTxnID names into what was given, and link them.

    Raises :class:`~qbsimulator.errors.RequestError`: 3120 for one of another vendor or account. One that has its bill
    is left out, with the warning 570.
    """
    if draft.old is not None:  # a Mod takes no link off
        draft.links += [one for one in draft.owned if one.type == "QUANTYPE" and not one.source_line]
        return
    store = draft.books.store
    named = list(draft.given.get("LinkToTxnID") or [])
    found = {str(one): txn for one in named if (txn := store.txn(str(one))) is not None and txn.kind == "ItemReceipt"}
    if not found:
        return
    given = {**draft.given, "LinkToTxnID": [one for one in named if str(one) not in found]}
    for which in (EXPENSES, ITEMS):
        lines = [line for txn in found.values() if _is_open(draft, txn) for line in _lines(txn, which.names)]
        lines += draft.given_lines(which) or []
        for name in which.names:
            given.pop(f"{name}Add", None)
        for number, (name, line) in enumerate(lines):
            given.setdefault(f"{name}Add", []).append({**line, AT: number})
    for txn in found.values():
        if _is_open(draft, txn):
            draft.links.append(Link("QUANTYPE", draft.id, txn.id, draft.id, 0))
        else:
            draft.warning = 570, words(570, value=txn.id)
    draft.given = given


def _is_open(draft: Draft, txn: Txn) -> bool:
    """Whether a receipt has no bill yet. Raises :class:`~qbsimulator.errors.RequestError` for another's."""
    check_id(txn.id, "TxnID")
    record = stored(txn)
    if txn.entity != draft.entity or key_of(record, "APAccountRef") != draft.key("APAccountRef"):
        raise RequestError(3120, value=txn.id, detail=NO_SUCH_RECORD)
    return not record.get("_replaced")


def _lines(txn: Txn, names: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The lines of a receipt as a request gives them."""
    which = EXPENSES if names == EXPENSES.names else ITEMS
    return [(name, _given(name, line)) for name, line in stored_lines(stored(txn), which)]


def _given(name: str, line: Mapping[str, Any]) -> dict[str, Any]:
    fields = Schema(NEWEST_VERSION, None).record(f"{name}Add").fields
    given = {
        field: {"ListID": str(value["key"]).partition(" ")[2]} if isinstance(value, Mapping) else value
        for field, value in line.items()
        if field in fields and field not in _OWN and value is not None and not isinstance(value, list)
    }
    if "ItemLineRet" in line:
        given["ItemLineAdd"] = [_given("ItemLine", one) for one in line["ItemLineRet"]]
    if name == "ItemLine":
        account = key_of(line, "_account")
        if account is not None:
            given["OverrideItemAccountRef"] = {"ListID": account.partition(" ")[2]}
        _once(line, given)
    return given


def _once(line: Mapping[str, Any], given: dict[str, Any]) -> None:
    """Of a line's amount, and what it comes from, say what the other follows from."""
    if line.get("_subtotal") or line.get("_percent") is not None:
        given.pop("Amount", None)
        given.pop("Cost", None)
    elif given.get("Cost") is not None:
        quantity = given.get("Quantity")
        product = rounded(given["Cost"] * (Decimal(1) if quantity is None else quantity))
        given.pop("Amount" if product == given.get("Amount") else "Cost", None)
