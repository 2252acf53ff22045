"""Prices that are given relative to another one: in price levels, and in levels of billing rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import qbxml

from .errors import RequestError
from .storage import Element

_CENT = Decimal("0.01")
#: No price has more than ten digits before the point.
_TOO_MUCH = Decimal(10) ** 10

#: For each list within a record: the field that says relative to what, and the price that comes of it.
LISTS = {
    "PriceLevelPerItemRet": ("AdjustRelativeTo", "CustomPrice"),
    "BillingRatePerItemRet": ("AdjustBillingRateRelativeTo", "CustomRate"),
}

#: Where an item has what it is sold for, and what it costs: by kind of item one of these.
_PRICES = (("SalesPrice",), ("SalesOrPurchase", "Price"), ("SalesAndPurchase", "SalesPrice"))
_COSTS = (("PurchaseCost",), ("SalesOrPurchase", "Price"), ("SalesAndPurchase", "PurchaseCost"))


def absolute(list_: str, row: Mapping[str, Any], old: Iterable[Mapping[str, Any]], item: Element) -> dict[str, Any]:
    """A row of a list with a price of its own in place of a percentage of another, rounded to cents.

    ``old`` are the rows of the list before. Raises :class:`~qbsimulator.errors.RequestError` where there is no price
    that the row could be relative to.
    """
    to, price = LISTS[list_]
    kept = {name: value for name, value in row.items() if name not in ("AdjustPercentage", to)}
    base = _base(str(row[to]), price, old, item)
    if base is None:
        raise RequestError(3210, field=to, value=row[to], detail=f"{item.full_name} has no such price.")
    changed = (base * (100 + Decimal(row["AdjustPercentage"])) / 100).quantize(_CENT, ROUND_HALF_UP)
    if abs(changed) >= _TOO_MUCH:
        raise RequestError(3045, value=changed, field=price)
    return {**kept, price: changed}


def _base(to: str, price: str, old: Iterable[Mapping[str, Any]], item: Element) -> Decimal | None:
    if to.startswith("Current"):
        mine = next((one for one in old if one["ItemRef"].get("key") == item.key), {})
        if mine.get(price) is not None:
            return Decimal(mine[price])
    body = qbxml.from_json(item.body)
    for path in _COSTS if to == "Cost" else _PRICES:
        found: Any = body
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is not None:
            return Decimal(found)
    return None
