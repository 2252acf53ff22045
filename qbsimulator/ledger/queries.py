"""Queries of transactions: the filters as conditions of SQL, the order, and the records with lines and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import txnfields
from ..answers import Answer
from ..context import Context, Handler, wanted
from ..dates import span
from ..errors import NO_SUCH_RECORD, RequestError, words
from ..filters import moments, pattern
from ..kinds import ENTITIES, items, looks_like_an_id

#: The largest number in SQL; what is larger is read as it.
_MOST = 2**63 - 1

#: The open part of a transaction in SQL.
_OPEN = "EXISTS (SELECT 1 FROM parts WHERE parts.txn = transactions.id AND parts.open <> 0)"
#: Whether it is an invoice that posts nothing yet, of which everything is open.
_PENDING = "(kind = 'Invoice' AND coalesce(json_extract(body, '$.InvoiceRet.IsPending'), 0))"
#: A transaction of which anything is open.
OPEN_TXN = f"({_OPEN} OR {_PENDING})"


def query(kinds: Sequence[str], context: Context, content: Mapping[str, Any]) -> Answer:
    """Answer a query of some kinds of transactions. Raises :class:`~qbsimulator.errors.RequestError`."""
    company, settings = context.company, context.settings
    answer = Answer(wanted=wanted(content))
    iterators, now = context.session.iterators, company.clock.now()
    iterator, given = content.get("iterator"), content
    if iterator in ("Continue", "Stop"):
        found, given = iterators.going_on(context.name, content, answer, now, settings.iterator_idle)
        answer.wanted = wanted(given)
    elif any(name in content for name in ("TxnID", "RefNumber", "RefNumberCaseSensitive")):
        found = listed(kinds, context, content, answer)
    else:
        found = company.transactions.store.find(kinds, *Conditions(context, kinds).of(content))
        answer.code = 0 if found else 1
        if iterator == "Start":
            found = iterators.start(context.name, found, content, answer, now)
        elif content.get("MaxReturned") is not None:
            found = found[: int(content["MaxReturned"])]
    _told(found, context, given, answer)
    return answer


def _wants_lines(context: Context) -> bool:
    """Whether this version knows no such record without lines, be they asked for or not."""
    record = context.schema.record(f"{context.name}Rs")
    rets = [record.record(one) for one in record.fields.values() if one.is_record]
    return any(
        one.required and one.repeats and name.endswith("LineRet") for ret in rets for name, one in ret.fields.items()
    )


def _told(found: Sequence[tuple[str, str]], context: Context, given: Mapping[str, Any], answer: Answer) -> None:
    """Put in the records that were found, or how many."""
    if not answer.count(given, len(found)):
        return
    transactions = context.company.transactions
    books = transactions.books(context.settings)
    lines = given.get("IncludeLineItems") is True or _wants_lines(context)
    links = given.get("IncludeLinkedTxns") is True
    for _, id_ in found:
        txn = transactions.store.txn(id_)
        if txn is not None:  # deleted since the iterator started
            record = transactions.record(txn, books, lines=lines, links=links)
            txnfields.show(context.company.custom_fields, record, txn.kind, given.get("OwnerID") or ())
            answer.content.append((record.name, record))


def listed(kinds: Sequence[str], context: Context, content: Mapping[str, Any], answer: Answer) -> list[tuple[str, str]]:
    """Those listed by id or RefNumber. What is missing makes it a warning, and the others are given."""
    store = context.company.transactions.store
    found: list[tuple[str, str]] = []
    for name in ("TxnID", "RefNumber", "RefNumberCaseSensitive"):
        for one in content.get(name) or []:
            if name == "TxnID":
                if context.settings.odd_id_in_query == 3000 and not looks_like_an_id(str(one)):
                    raise RequestError(3000, value=one, field="TxnID")
                txn = store.txn(str(one))
                hits = [(txn.kind, txn.id)] if txn is not None and txn.kind in kinds else []
            else:
                same = "ref = ?" if name == "RefNumber" else "ref = ? COLLATE BINARY"
                hits = store.find(kinds, same, [str(one)])
            if name == "TxnID" and not hits and context.settings.missing_id_in_query == 3120:
                raise RequestError(3120, value=one, detail=NO_SUCH_RECORD)
            found += [hit for hit in hits if hit not in found]
            if not hits and not answer.code:
                answer.code, answer.message = 500, words(500, value=one)
    return found


class Conditions:
    """The filters of one query, as a condition of SQL with its values."""

    def __init__(self, context: Context, kinds: Sequence[str]) -> None:
        self._context = context
        self._kinds = kinds
        self._parts: list[str] = []
        self._values: list[Any] = []

    def of(self, content: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The condition. Raises :class:`~qbsimulator.errors.RequestError` for a filter that can't be."""
        for name, value in content.items():
            rule = _FILTERS.get(name)
            if rule is not None:
                rule(self, value)
        return " AND ".join(self._parts), self._values

    def _add(self, part: str, *values: Any) -> None:
        self._parts.append(part)
        self._values.extend(values)

    def modified(self, given: Mapping[str, Any]) -> None:
        """ModifiedDateRangeFilter."""
        clock = self._context.company.clock
        low, high = moments(clock, given.get("FromModifiedDate"), given.get("ToModifiedDate"))
        if low is not None:
            self._add("modified >= ?", low)
        if high is not None:
            self._add("modified <= ?", high)

    def dated(self, given: Mapping[str, Any]) -> None:
        """TxnDateRangeFilter."""
        settings = self._context.settings
        begin, end = given.get("FromTxnDate"), given.get("ToTxnDate")
        if "DateMacro" in given:
            today = self._context.company.clock.today()
            begin, end = span(str(given["DateMacro"]), today, settings.first_fiscal_month, settings.first_day_of_week)
        if begin is not None and end is not None and begin > end:
            raise RequestError(3030)
        if begin is not None:
            self._add("date >= ?", begin.isoformat())
        if end is not None:
            self._add("date <= ?", end.isoformat())

    def entity(self, given: Mapping[str, Any]) -> None:
        """EntityFilter: the header's name, and with the names below it where that is asked for."""
        self._keys("entity", given, ENTITIES, "Customer")

    def account(self, given: Mapping[str, Any]) -> None:
        """AccountFilter: the header's own account."""
        self._keys("account", given, ("Account",), "Account")

    def item(self, given: Mapping[str, Any]) -> None:
        """ItemFilter: an item that a transaction uses."""
        keys = self._found(given, items(), "Item")
        marks = ", ".join("?" * len(keys))
        self._add(f"EXISTS (SELECT 1 FROM uses WHERE user = kind || ' ' || id AND used IN ({marks}))", *keys)

    def _keys(self, column: str, given: Mapping[str, Any], among: tuple[str, ...], kind: str) -> None:
        keys = self._found(given, among, kind)
        self._add(f"{column} IN ({', '.join('?' * len(keys))})", *keys)

    def _found(self, given: Mapping[str, Any], among: tuple[str, ...], kind: str) -> list[str]:
        return self._context.company.elements.keys(given, among, kind, "query")

    def ref(self, given: Mapping[str, Any]) -> None:
        """RefNumberFilter."""
        self._add("ref LIKE ? ESCAPE '\\'", pattern(given, "RefNumber"))

    def ref_range(self, given: Mapping[str, Any]) -> None:
        """RefNumberRangeFilter: compared as numbers where both ends are numbers."""
        low, high = given.get("FromRefNumber"), given.get("ToRefNumber")
        ends = [str(one) for one in (low, high) if one]
        if ends and all(one.isdecimal() for one in ends):
            self._add("ref <> '' AND ref NOT GLOB '*[^0-9]*'")
            ranks: list[Any] = [min(int(one), _MOST) for one in ends]
            column = "CAST(ref AS INTEGER)"
        else:
            ranks, column = [one.lower() for one in ends], "lower(ref)"
        if len(ranks) == 2 and ranks[0] > ranks[1]:
            raise RequestError(3031, field="RefNumberRangeFilter")
        if low:
            self._add(f"{column} >= ?", ranks[0])
        if high:
            self._add(f"{column} <= ?", ranks[-1])

    def paid(self, given: Any) -> None:
        """PaidStatus: whether anything of it is open."""
        if given == "PaidOnly":
            self._add(f"NOT {OPEN_TXN}")
        elif given == "NotPaidOnly":
            self._add(OPEN_TXN)

    def currency(self, given: Any) -> None:
        """CurrencyFilter: there is one currency."""
        raise RequestError(3250)


_FILTERS = {
    "ModifiedDateRangeFilter": Conditions.modified,
    "TxnDateRangeFilter": Conditions.dated,
    "EntityFilter": Conditions.entity,
    "TimeTrackingEntityFilter": Conditions.entity,
    "AccountFilter": Conditions.account,
    "ItemFilter": Conditions.item,
    "RefNumberFilter": Conditions.ref,
    "RefNumberRangeFilter": Conditions.ref_range,
    "PaidStatus": Conditions.paid,
    "CurrencyFilter": Conditions.currency,
}

#: Queries that go over several kinds, or that are of no kind, by their name without ``Rq``.
QUERIES: dict[str, Handler] = {}
