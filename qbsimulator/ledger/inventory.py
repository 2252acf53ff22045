"""Inventory adjustments, by what they do to the books: the value of stock against an account.

How much of an item is on hand is not counted here. So an adjustment says by how much the quantity changes, and is
worth that much at the item's cost unless it says so itself; one to a new quantity is refused (1030).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..errors import RequestError
from .accounts import may_post
from .books import Books, key_of
from .drafts import Draft, Line, LineList, TxnKind, ref, stored_lines
from .money import cents, money, rounded
from .rows import Posting
from .sales import nothing_shown

_LINES = LineList("InventoryAdjustmentLine")

#: What is known of serial numbers, lots and places in a warehouse: nothing.
_UNCOUNTED = (
    *("SerialNumberAdjustment", "LotNumberAdjustment", "SerialNumber", "LotNumber", "CountAdjustment"),
    *("ExpirationDateForSerialLotNumber", "InventorySiteLocationRef", "NewQuantity"),
)


def _adjustment(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    account = draft.key("AccountRef")
    if account is None:
        raise RequestError(3150, field="AccountRef")
    may_post(draft.books, account, None, draft.kind.name)
    lines = draft.lines(_LINES)
    for line in lines:
        _complete(draft, line)
    if not any(line.record["QuantityDifference"] or line.record["ValueDifference"] for line in lines):
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    draft.put(_LINES, lines)


def _complete(draft: Draft, line: Line) -> None:
    record = line.record
    key = key_of(record, "ItemRef")
    if key is None:
        raise RequestError(3150, field="ItemRef")
    item = draft.books.item(key)
    if not item.is_stock or item.asset is None:
        raise RequestError(3280, value=draft.books.element(key).full_name, field="ItemRef")
    given = line.given
    for inner in (given, given.get("QuantityAdjustment") or {}, given.get("ValueAdjustment") or {}):
        if any(inner.get(field) is not None for field in _UNCOUNTED):
            raise RequestError(1030)
    if line.old is None or "ItemRef" in given:
        record["_asset"] = ref(item.asset)
    by_quantity = given.get("QuantityAdjustment") or {}
    by_value = given.get("ValueAdjustment") or {}
    quantity = _first(by_quantity, by_value, given, field="QuantityDifference")
    if quantity is not None or line.old is None:
        record["QuantityDifference"] = quantity or Decimal(0)
    value = _first(by_value, given, field="ValueDifference")
    if value is None and by_value.get("NewValue") is not None:
        value = by_value["NewValue"] - money(draft.books.store.value_of(item.asset, key))
    if value is None and (line.old is None or quantity is not None or "ItemRef" in given):
        value = record["QuantityDifference"] * (item.cost or Decimal(0))
    if value is not None:
        record["ValueDifference"] = rounded(value)


def _first(*given: Mapping[str, Any], field: str) -> Decimal | None:
    return next((one[field] for one in given if one.get(field) is not None), None)


def _postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    account, customer = key_of(record, "AccountRef"), key_of(record, "CustomerRef")
    class_, memo = key_of(record, "ClassRef"), str(record.get("Memo") or "")
    postings: list[Posting] = []
    for _, line in stored_lines(record, _LINES):
        asset, item, value = key_of(line, "_asset"), key_of(line, "ItemRef"), cents(line["ValueDifference"])
        assert account is not None
        assert asset is not None
        id_, quantity = str(line["TxnLineID"]), str(line["QuantityDifference"])
        postings.append(Posting(asset, value, id_, customer, item, class_, quantity, memo))
        postings.append(Posting(account, -value, id_, customer, item, class_, quantity, memo))
    return [one for one in postings if one.cents]


KINDS = (
    TxnKind(
        *("InventoryAdjustment", _adjustment, _postings, nothing_shown, "CustomerRef", "AccountRef", (_LINES,)),
        numbers_itself=True,
    ),
)
