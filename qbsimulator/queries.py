"""Queries of lists: the filters, the order, and iterators.

The filters are a choice in the schema: ids, or names, or the others with ``MaxReturned``. What an iterator goes over is
fixed when it starts; it lives in the session that started it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .answers import Answer
from .clock import Clock
from .contents import shown_reference
from .customfields import CustomFields
from .elements import Elements
from .errors import NO_SUCH_RECORD, RequestError, words
from .filters import moments, pattern
from .iterators import Iterators
from .kinds import ENTITIES, TERMS, items, kinds, looks_like_an_id
from .ledger.money import cents
from .settings import Settings
from .storage import Storage

#: Queries of several kinds at once.
_SEVERAL: dict[str, Callable[[], tuple[str, ...]]] = {
    "Item": items,
    "Entity": lambda: ENTITIES,
    "Terms": lambda: TERMS,
}

_OPERATORS = {"LessThan": "<", "LessThanEqual": "<=", "Equal": "=", "GreaterThanEqual": ">=", "GreaterThan": ">"}

#: A tree in its order: a parent before its children, and those before its next sibling.
_ORDER = "replace(full_name, ':', char(1)) COLLATE NOCASE, id"

#: Accounts come by type, in the order of the chart of accounts.
_CHART = (
    *("Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset", "AccountsPayable", "CreditCard"),
    *("OtherCurrentLiability", "LongTermLiability", "Equity", "Income", "CostOfGoodsSold", "Expense", "OtherIncome"),
    *("OtherExpense", "NonPosting"),
)
_BY_TYPE = "CASE json_extract(body, '$.AccountRet.AccountType') {} END, ".format(
    " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(_CHART))
)

#: What a customer with all jobs owes, or a vendor is owed, in cents.
_TOTAL_BALANCE = """
    CASE kind WHEN 'Vendor' THEN -1 ELSE 1 END * (
        WITH RECURSIVE below (key) AS (
            SELECT elements.kind || ' ' || elements.id
            UNION ALL SELECT e.kind || ' ' || e.id FROM elements e JOIN below ON e.parent = below.key
        )
        SELECT coalesce(sum(totals.cents), 0) FROM below JOIN totals ON totals.key = below.key
    )
"""


def _held(name: str) -> str:
    """A field of a record, in SQL."""
    return f"json_extract(body, '$.' || kind || 'Ret.{name}')"


def kinds_of(query: str) -> tuple[str, ...]:
    """The kinds that a query is about, by its name without ``QueryRq``; none where there is no such list."""
    if query in _SEVERAL:
        return tuple(_SEVERAL[query]())
    return (query,) if query in kinds() else ()


class Queries:
    """The queries of a company's lists."""

    def __init__(self, storage: Storage, elements: Elements, fields: CustomFields, clock: Clock) -> None:
        self._storage = storage
        self._elements = elements
        self._fields = fields
        self._clock = clock

    def answer(self, query: str, given: Mapping[str, Any], iterators: Iterators, settings: Settings) -> Answer:
        """Answer a query by its name without ``QueryRq``. Raises :class:`~qbsimulator.errors.RequestError`."""
        among = kinds_of(query)
        answer = Answer(wanted=tuple(given.get("IncludeRetElement") or ()))
        iterator = given.get("iterator")
        if query == "ToDo":
            given = {"DoneStatus": "NotDoneOnly", **given}
        if iterator in ("Continue", "Stop"):
            found, given = iterators.going_on(query, given, answer, self._clock.now(), settings.iterator_idle)
            answer.wanted = tuple(given.get("IncludeRetElement") or ())  # as with the filters, those of the start count
        elif (listed := given.get("ListID") or given.get("FullName") or given.get("Name")) is not None:
            found = self._listed(among, listed, "ListID" in given, settings, answer)
        else:
            found = self._storage.find(
                among, *self._conditions(given, settings), _BY_TYPE + _ORDER if query == "Account" else _ORDER
            )
            if not found:
                answer.code = 1
            most = given.get("MaxReturned")
            if iterator == "Start":
                found = iterators.start(query, found, given, answer, self._clock.now())
            elif most is not None:
                found = found[: int(most)]
        self._told(found, given, answer)
        return answer

    def _told(self, found: list[tuple[str, str]], given: Mapping[str, Any], answer: Answer) -> None:
        """Put in the records that were found, or how many."""
        if not answer.count(given, len(found)):
            return
        owners = given.get("OwnerID") or ()
        for key, record in self._elements.reading().records(found):
            if owners:
                self._fields.show(record, key, owners)
            answer.content.append((record.name, record))

    def _listed(
        self, among: tuple[str, ...], listed: list[str], by_id: bool, settings: Settings, answer: Answer
    ) -> list[tuple[str, str]]:
        """Those that are listed by id or full name. What is missing makes it a warning, and the others are given."""
        found = []
        for one in listed:
            if by_id and settings.odd_id_in_query == 3000 and not looks_like_an_id(str(one)):
                raise RequestError(3000, value=one, field="ListID")
            get = self._storage.element if by_id else self._storage.named
            element = next((hit for kind in among if (hit := get(kind, str(one))) is not None), None)
            if element is not None:
                found.append((element.kind, element.id))
            elif by_id and settings.missing_id_in_query == 3120:
                raise RequestError(3120, value=one, detail=NO_SUCH_RECORD)
            elif not answer.code:
                answer.code, answer.message = 500, words(500, value=one)
        return found

    def _conditions(self, given: Mapping[str, Any], settings: Settings) -> tuple[str, list[Any]]:
        """The other filters, as a condition of SQL and its values."""
        own = "CASE WHEN parent IS NULL THEN full_name ELSE name END"
        column = "full_name" if settings.name_filter_looks_at == "FullName" else own
        parts: list[str] = []
        values: list[Any] = []
        active = given.get("ActiveStatus", "ActiveOnly")
        if active != "All":
            parts.append("is_active" if active == "ActiveOnly" else "NOT is_active")
        low, high = moments(self._clock, given.get("FromModifiedDate"), given.get("ToModifiedDate"))
        if low is not None:
            parts.append("modified >= ?")
            values.append(low)
        if high is not None:
            parts.append("modified <= ?")
            values.append(high)
        if (name := given.get("NameFilter")) is not None:
            parts.append(f"{column} LIKE ? ESCAPE '\\'")
            values.append(pattern(name, "Name"))
        if (span := given.get("NameRangeFilter")) is not None:
            first, last = span.get("FromName"), span.get("ToName")
            if first and last and str(first).lower() > str(last).lower():
                raise RequestError(3031, field="NameRangeFilter")
            if first:
                parts.append(f"{column} >= ? COLLATE NOCASE")
                values.append(first)
            if last:
                parts.append(f"{column} <= ? COLLATE NOCASE")
                values.append(last)
        if (done := given.get("DoneStatus")) is not None and done != "All":
            parts.append(f"coalesce({_held('IsDone')}, 0) = ?")
            values.append(int(done == "DoneOnly"))
        if (total := given.get("TotalBalanceFilter")) is not None:
            parts.append(f"{_TOTAL_BALANCE} {_OPERATORS[total['Operator']]} ?")
            values.append(cents(total["Amount"] or Decimal(0)))
        for name in ("AccountType", "PaymentMethodType"):
            if given.get(name):
                parts.append(f"{_held(name)} IN ({', '.join('?' * len(given[name]))})")
                values.extend(given[name])
        for keys in (self._classes(given), self._items(given)):
            if keys is not None:
                marks = ", ".join("?" * len(keys))
                parts.append(f"EXISTS (SELECT 1 FROM uses WHERE user = kind || ' ' || id AND used IN ({marks}))")
                values.extend(keys)
        return " AND ".join(parts), values

    def _classes(self, given: Mapping[str, Any]) -> list[str] | None:
        """The keys of the classes that a ClassFilter is to; ``None`` where there is none."""
        wanted = given.get("ClassFilter")
        return None if wanted is None else self._elements.keys(wanted, ("Class",), "Class", "query")

    def _items(self, given: Mapping[str, Any]) -> list[str] | None:
        """The key of the item whose price levels are wanted; ``None`` where none is named."""
        wanted = given.get("ItemRef")
        if wanted is None:
            return None
        found = self._elements.found(wanted, items())
        if found is None:
            value = shown_reference(wanted)
            raise RequestError(3140, kind="Item", value=value, name="query", detail=NO_SUCH_RECORD)
        return [found.key]
