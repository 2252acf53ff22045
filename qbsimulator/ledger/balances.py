"""The balances that elements of lists show, from the ledger's running totals."""

from __future__ import annotations

from decimal import Decimal

import qbxml

from ..storage import Element, Storage
from .money import money

#: Accounts whose natural side is the credit side: what is owed, owned and earned is positive.
CREDIT_SIDE = frozenset(
    {"AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "OtherIncome"}
)


def balances(element: Element, storage: Storage) -> dict[str, Decimal]:
    """Balance and, of customers and accounts, TotalBalance, which includes all that is below."""
    if element.kind not in ("Customer", "Vendor", "Account"):
        return {}
    sign = -1 if element.kind == "Vendor" or _is_credit_side(element) else 1
    own = _total(storage, element.key)
    if element.kind == "Vendor":
        return {"Balance": money(sign * own)}
    return {"Balance": money(sign * own), "TotalBalance": money(sign * (own + _below(storage, element.key)))}


def _is_credit_side(element: Element) -> bool:
    if element.kind != "Account":
        return False
    return str(qbxml.from_json(element.body)["AccountType"]) in CREDIT_SIDE


def _total(storage: Storage, key: str) -> int:
    row = storage.sql.execute("SELECT cents FROM totals WHERE key = ?", (key,)).fetchone()
    return 0 if row is None else int(row[0])


_TREE = """
WITH RECURSIVE below (key) AS (
    SELECT kind || ' ' || id FROM elements WHERE parent = ?
    UNION ALL SELECT e.kind || ' ' || e.id FROM elements e JOIN below ON e.parent = below.key
)
SELECT coalesce(sum(totals.cents), 0) FROM below JOIN totals ON totals.key = below.key
"""


def _below(storage: Storage, key: str) -> int:
    return int(storage.sql.execute(_TREE, (key,)).fetchone()[0])
