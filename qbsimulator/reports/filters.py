"""The filters of report requests as conditions of SQL on postings, ``p``, and their transactions, ``t``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..context import Context
from ..dates import span
from ..errors import RequestError
from ..kinds import ENTITIES, items
from ..ledger.typefilters import ACCOUNT_TYPES, ITEM_TYPES, SPECIAL_TOO

#: Which column of a posting a filter is about, and what its references may be to.
_KEYED = {
    "ReportAccountFilter": ("p.account", ("Account",), "Account"),
    "ReportEntityFilter": ("p.entity", ENTITIES, "Customer"),
    "ReportClassFilter": ("p.class", ("Class",), "Class"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of SQL, and its values. ``about_txn``: whether it needs the transaction."""

    sql: str = "true"
    values: tuple[Any, ...] = ()
    about_txn: bool = False


def condition(context: Context, content: Mapping[str, Any]) -> Condition:
    """All filters of a request together. Raises :class:`~qbsimulator.errors.RequestError`."""
    found = [_FILTERS[name](context, name, value) for name, value in content.items() if name in _FILTERS]
    found = [one for one in found if one.sql != "true"]
    if not found:
        return Condition()
    values = tuple(value for one in found for value in one.values)
    return Condition(" AND ".join(f"({one.sql})" for one in found), values, any(one.about_txn for one in found))


def _keyed(context: Context, name: str, given: Mapping[str, Any]) -> Condition:
    """Accounts, names, classes or items, by reference or by type."""
    column, among, kind = _KEYED.get(name, ("p.item", items(), "Item"))
    for field, value in given.items():
        if field.endswith("TypeFilter"):
            return _BY_TYPE[field](context, str(value))
    return _one_of(column, context.company.elements.keys(given, among, kind, "report"))


def _one_of(column: str, keys: Sequence[str]) -> Condition:
    if not keys:  # a filter that names nothing
        return Condition()
    return Condition(f"{column} IN ({', '.join('?' * len(keys))})", tuple(keys))


def _account_type(context: Context, value: str) -> Condition:
    if value == "AllowedFor1099":
        raise RequestError(1030)
    types = ACCOUNT_TYPES.get(value, (value,))
    chosen = f"json_extract(body, '$.AccountRet.AccountType') IN ({', '.join('?' * len(types))})"
    values: list[Any] = list(types)
    if value in SPECIAL_TOO:
        chosen += " OR json_extract(body, '$.AccountRet.SpecialAccountType') = ?"
        values.append(SPECIAL_TOO[value])
    wanted = f"p.account IN (SELECT 'Account ' || id FROM elements WHERE kind = 'Account' AND ({chosen}))"
    return Condition(wanted, tuple(values))


def _entity_type(context: Context, value: str) -> Condition:
    return Condition("p.entity LIKE ?", (f"{value} %",))


def _item_type(context: Context, value: str) -> Condition:
    if value == "AllExceptFixedAsset":
        return Condition("p.item NOT LIKE 'ItemFixedAsset %'")
    kinds = ITEM_TYPES.get(value, (value,))
    return Condition(" OR ".join("p.item LIKE ?" for _ in kinds), tuple(f"Item{one} %" for one in kinds))


_BY_TYPE = {"AccountTypeFilter": _account_type, "EntityTypeFilter": _entity_type, "ItemTypeFilter": _item_type}


def _txn_types(context: Context, name: str, given: Mapping[str, Any]) -> Condition:
    kinds = given.get("TxnTypeFilter") or []
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not kinds or "All" in kinds:
        return Condition()
    return Condition(f"t.kind IN ({', '.join('?' * len(kinds))})", tuple(kinds), about_txn=True)


def _modified(context: Context, name: str, given: Mapping[str, Any]) -> Condition:
    return _changed_between(context, given.get("FromReportModifiedDate"), given.get("ToReportModifiedDate"))


def _modified_macro(context: Context, name: str, given: Any) -> Condition:
    settings = context.settings
    today = context.company.clock.today()
    begin, end = span(str(given), today, settings.first_fiscal_month, settings.first_day_of_week)
    return _changed_between(context, begin, end)


def _changed_between(context: Context, begin: date | None, end: date | None) -> Condition:
    moment = context.company.clock.moment
    if begin is not None and end is not None and begin > end:
        raise RequestError(3030)
    parts, values = [], []
    if begin is not None:
        parts.append("t.modified >= ?")
        values.append(moment(begin))
    if end is not None:
        parts.append("t.modified <= ?")
        values.append(moment(end, end=True))
    return Condition(" AND ".join(parts), tuple(values), about_txn=True) if parts else Condition()


def _detail_level(context: Context, name: str, given: Any) -> Condition:
    """``SummaryOnly`` is what a transaction posts as a whole, ``AllExceptSummary`` what its lines do."""
    return Condition({"SummaryOnly": "p.place = 0", "AllExceptSummary": "p.place > 0"}.get(str(given), "true"))


def _posting_status(context: Context, name: str, given: Any) -> Condition:
    """What is non-posting has no postings."""
    return Condition("false") if given == "NonPosting" else Condition()


_FILTERS = {
    "ReportAccountFilter": _keyed,
    "ReportEntityFilter": _keyed,
    "ReportItemFilter": _keyed,
    "ReportClassFilter": _keyed,
    "ReportTxnTypeFilter": _txn_types,
    "ReportModifiedDateRangeFilter": _modified,
    "ReportModifiedDateRangeMacro": _modified_macro,
    "ReportDetailLevelFilter": _detail_level,
    "ReportPostingStatusFilter": _posting_status,
}
