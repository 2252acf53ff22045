"""TransactionQuery: transactions of all kinds in rows of one shape, one to a transaction or one to a posting.

The row of a transaction (its summary) is what it posts to its own account: the bank of a check, the receivables of an
invoice. Its other postings are the rows of ``AllExceptSummary``; ``All`` gives both. What posts nothing has its summary
alone, with its total. Amounts are positive on the debit side. A filter by account, item, class or name finds a
transaction for any of its rows; where rows are asked for, it gives those that fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from qbxml.model import Record

from ..answers import Answer
from ..context import Context, wanted
from ..dates import span
from ..errors import RequestError, words
from ..kinds import ENTITIES, items
from .books import Books
from .money import money
from .queries import OPEN_TXN, Conditions, listed
from .registry import txn_kinds
from .rows import Posting, Txn, stored
from .typefilters import ACCOUNT_TYPES, ITEM_TYPES, SPECIAL_TOO

#: Kinds that are no transactions in this query: they are asked for by their own.
_OTHERS = frozenset({"TimeTracking", "VehicleMileage", "TransferInventory"})

#: What posts nothing: orders and estimates, and what is pending.
_NON_POSTING = (
    "(kind IN ('Estimate', 'SalesOrder', 'PurchaseOrder')"
    " OR coalesce(json_extract(body, '$.' || kind || 'Ret.IsPending'), 0))"
)


class _Filters(Conditions):
    """The filters of a TransactionQuery: conditions of transactions, and of the rows that they are shown by."""

    def __init__(self, context: Context, kinds: Sequence[str]) -> None:
        super().__init__(context, kinds)
        self.kinds = list(kinds)
        self.rows: list[tuple[str, list[str]]] = []

    def of(self, content: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The condition of transactions. Raises :class:`~qbsimulator.errors.RequestError`."""
        for name, value in content.items():
            if name in _FILTERS:
                _FILTERS[name](self, value)
        return " AND ".join(self._parts), self._values

    def refs(self, given: Sequence[Any]) -> None:
        """RefNumber: any of some."""
        self._add(f"ref IN ({_marks(given)})", *(str(one) for one in given))

    def exact_refs(self, given: Sequence[Any]) -> None:
        """RefNumberCaseSensitive: any of some, in just these letters."""
        texts = [str(one) for one in given]
        self._add(f"ref IN ({_marks(given)}) AND ref COLLATE BINARY IN ({_marks(given)})", *texts, *texts)

    def modified_by_macro(self, given: Mapping[str, Any]) -> None:
        """TransactionModifiedDateRangeFilter, which may have a DateMacro."""
        if "DateMacro" in given:
            settings, today = self._context.settings, self._context.company.clock.today()
            macro = str(given["DateMacro"])
            begin, end = span(macro, today, settings.first_fiscal_month, settings.first_day_of_week)
            given = {"FromModifiedDate": begin, "ToModifiedDate": end}
        self.modified({name: value for name, value in given.items() if value is not None})

    def names(self, given: Mapping[str, Any]) -> None:
        """TransactionEntityFilter: a name, or a kind of names."""
        if "EntityTypeFilter" in given:
            part, values = _of_kinds("entity", (str(given["EntityTypeFilter"]),))
        else:
            part, values = _among("entity", self._found(given, ENTITIES, "Customer"))
        self._add(f"({part} OR id IN (SELECT txn FROM postings WHERE {part}))", *values, *values)
        self.rows.append((f"({part} OR (entity IS NULL AND {part.replace('entity', 'header')}))", [*values, *values]))

    def accounts(self, given: Mapping[str, Any]) -> None:
        """TransactionAccountFilter: an account, or a kind of accounts."""
        if "AccountTypeFilter" in given:
            keys = self._of_type(str(given["AccountTypeFilter"]))
        else:
            keys = self._found(given, ("Account",), "Account")
        self._posted(*_among("account", keys))

    def _of_type(self, value: str) -> list[str]:
        if value == "AllowedFor1099":  # which accounts those are is nowhere said
            raise RequestError(1030)
        company = self._context.company
        store = company.transactions.store
        keys = store.accounts_of(ACCOUNT_TYPES.get(value, (value,)))
        if value in SPECIAL_TOO:
            special = company.transactions.books(self._context.settings).known_special(SPECIAL_TOO[value])
            keys += [special] if special is not None else []
        return keys

    def used_items(self, given: Mapping[str, Any]) -> None:
        """TransactionItemFilter: an item, or a kind of items."""
        if "ItemTypeFilter" in given:
            value = str(given["ItemTypeFilter"])
            if value == "AllExceptFixedAsset":
                kinds = [one for one in items() if one != "ItemFixedAsset"]
            else:
                kinds = [f"Item{one}" for one in ITEM_TYPES.get(value, (value,))]
            self._used("item", *_of_kinds("item", kinds))
        else:
            self._used("item", *_among("item", self._found(given, items(), "Item")))

    def classes(self, given: Mapping[str, Any]) -> None:
        """TransactionClassFilter."""
        self._used("class", *_among("class", self._found(given, ("Class",), "Class")))

    def _posted(self, part: str, values: list[str]) -> None:
        self._add(f"id IN (SELECT txn FROM postings WHERE {part})", *values)
        self.rows.append((part, values))

    def _used(self, column: str, part: str, values: list[str]) -> None:
        used = part.replace(column, "used")
        self._add(f"id IN (SELECT substr(user, instr(user, ' ') + 1) FROM uses WHERE {used})", *values)
        self.rows.append((part, values))

    def types(self, given: Mapping[str, Any]) -> None:
        """TransactionTypeFilter: some kinds."""
        chosen = {str(one) for one in given["TxnTypeFilter"]}
        if "All" not in chosen:
            self.kinds = [one for one in self.kinds if one in chosen]

    def posting(self, given: Any) -> None:
        """TransactionPostingStatusFilter."""
        if given != "Either":
            self._add(_NON_POSTING if given == "NonPosting" else f"NOT {_NON_POSTING}")

    def open(self, given: Any) -> None:
        """TransactionPaidStatusFilter: whether anything of it is open."""
        if given != "Either":
            self._add(OPEN_TXN if given == "Open" else f"NOT {OPEN_TXN}")


_FILTERS: dict[str, Callable[[_Filters, Any], None]] = {
    "RefNumber": _Filters.refs,
    "RefNumberCaseSensitive": _Filters.exact_refs,
    "RefNumberFilter": _Filters.ref,
    "RefNumberRangeFilter": _Filters.ref_range,
    "TransactionModifiedDateRangeFilter": _Filters.modified_by_macro,
    "TransactionDateRangeFilter": _Filters.dated,
    "TransactionEntityFilter": _Filters.names,
    "TransactionAccountFilter": _Filters.accounts,
    "TransactionItemFilter": _Filters.used_items,
    "TransactionClassFilter": _Filters.classes,
    "TransactionTypeFilter": _Filters.types,
    "TransactionPostingStatusFilter": _Filters.posting,
    "TransactionPaidStatusFilter": _Filters.open,
    "CurrencyFilter": _Filters.currency,
}


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _among(column: str, keys: list[str]) -> tuple[str, list[str]]:
    return f"{column} IN ({_marks(keys)})", keys


def _of_kinds(column: str, kinds: Iterable[str]) -> tuple[str, list[str]]:
    """The condition that a key is of some kinds: it begins with the kind and a blank."""
    names = list(kinds)
    ranges = " OR ".join(f"({column} >= ? AND {column} < ?)" for _ in names)
    return f"({ranges})", [limit for name in names for limit in (f"{name} ", f"{name}!")]


# -- what is found -----------------------------------------------------------------------------------------------

#: A row to show: the place of its posting, or this for the summary of a transaction; and the transaction's id.
_SUMMARY = ""


def transaction_query(context: Context, content: Mapping[str, Any]) -> Answer:
    """Answer a TransactionQuery. Raises :class:`~qbsimulator.errors.RequestError`."""
    answer = Answer(wanted=wanted(content))
    iterators, now = context.session.iterators, context.company.clock.now()
    iterator, given = content.get("iterator"), content
    if iterator in ("Continue", "Stop"):
        idle = context.settings.iterator_idle
        found, given = iterators.going_on(context.name, content, answer, now, idle)
        answer.wanted = wanted(given)
    else:
        found = _found(context, content, answer)
        if not found and not answer.code:
            answer.code = 1
        if iterator == "Start":
            found = iterators.start(context.name, found, content, answer, now)
        elif content.get("MaxReturned") is not None:
            found = found[: int(content["MaxReturned"])]
    if answer.count(given, len(found)):
        _told(context, found, answer)
    return answer


def _found(context: Context, content: Mapping[str, Any], answer: Answer) -> list[tuple[str, str]]:
    """The rows to show. An id or a RefNumber without a transaction makes it a warning."""
    store = context.company.transactions.store
    kinds = [one for one in txn_kinds() if one not in _OTHERS]
    filters = _Filters(context, kinds)
    if "TxnID" in content:
        found = listed(kinds, context, content, answer)
    else:
        where, values = filters.of(content)
        found = store.find(filters.kinds, where, values)
        _missing_refs(context, content, found, answer)
    level = content.get("TransactionDetailLevelFilter") or "SummaryOnly"
    if level == "SummaryOnly":
        return [(_SUMMARY, id_) for _, id_ in found]
    rows: list[tuple[str, str]] = []
    books = context.company.transactions.books(context.settings)
    where = " AND ".join(part for part, _ in filters.rows)
    values = [value for _, some in filters.rows for value in some]
    for _, id_ in found:
        txn = store.txn(id_)
        assert txn is not None
        rows += [(place, id_) for place in _rows(txn, level == "All", store.places(id_, where, values), books)]
    return rows


def _rows(txn: Txn, with_summary: bool, places: Sequence[int], books: Books) -> list[str]:
    """The rows of one transaction, of the postings at some places."""
    postings = books.store.postings(txn.id)
    own = _own(txn, postings)
    summary = [_SUMMARY] if with_summary and (not postings or any(place in own for place in places)) else []
    return summary + [str(place) for place in places if place not in own]


def _missing_refs(context: Context, content: Mapping[str, Any], found: list[tuple[str, str]], answer: Answer) -> None:
    wanted_refs = content.get("RefNumber") or content.get("RefNumberCaseSensitive") or ()
    if not wanted_refs:
        return
    store = context.company.transactions.store
    known = {txn.ref.lower() for _, id_ in found if (txn := store.txn(id_)) is not None}
    for one in wanted_refs:
        if str(one).lower() not in known:
            answer.code, answer.message = 500, words(500, value=one)
            return


# -- what is told ------------------------------------------------------------------------------------------------


def _own(txn: Txn, postings: Sequence[Posting]) -> set[int]:
    """The places of the postings that are a transaction's summary: those to its own account, else the first."""
    if not postings:
        return set()
    at = next((place for place, one in enumerate(postings) if not one.line and one.account == txn.account), 0)
    chosen = postings[at]
    return {place for place, one in enumerate(postings) if (one.account, one.line) == (chosen.account, chosen.line)}


def _told(context: Context, found: Sequence[tuple[str, str]], answer: Answer) -> None:
    books = context.company.transactions.books(context.settings)
    for place, id_ in found:
        txn = books.store.txn(id_)
        postings = [] if txn is None else books.store.postings(id_)
        if txn is None or (place and int(place) >= len(postings)):
            continue  # gone since the iterator started
        row = _summary(txn, postings) if place == _SUMMARY else _row(txn, postings[int(place)])
        local = context.company.clock.local
        own = {
            "TxnType": txn.kind,
            "TxnID": txn.id,
            "TimeCreated": local(txn.created),
            "TimeModified": local(txn.modified),
            "TxnDate": date.fromisoformat(txn.date),
        }
        refs = {"RefNumber": txn.ref} if txn.ref else {}
        shown = {name: value for name, value in row.items() if value not in (None, "")}
        answer.content.append(
            ("TransactionRet", Record("TransactionRet", {**own, **refs, **books.reading.named(shown)}))
        )


def _ref(key: str | None) -> dict[str, str] | None:
    return None if key is None else {"key": key}


def _summary(txn: Txn, postings: Sequence[Posting]) -> dict[str, Any]:
    record = stored(txn)
    row: dict[str, Any] = {"EntityRef": _ref(txn.entity), "Memo": record.get("Memo")}
    if postings:
        own = [postings[place] for place in sorted(_own(txn, postings))]
        account, amount = own[0].account, sum(one.cents for one in own)
        row["EntityRef"], row["Memo"] = _ref(txn.entity or own[0].entity), row["Memo"] or own[0].memo
        return {**row, "AccountRef": _ref(account), "Amount": money(amount)}
    return {**row, "AccountRef": _ref(txn.account), "Amount": _total(record)}


def _total(record: Mapping[str, Any]) -> Decimal:
    """What a transaction that posts nothing comes to."""
    total: Decimal | None = record.get("TotalAmount")
    if total is None:
        total = (record.get("Subtotal") or Decimal(0)) + (record.get("SalesTaxTotal") or Decimal(0))
    return total


def _row(txn: Txn, posting: Posting) -> dict[str, Any]:
    return {
        "TxnLineID": posting.line,
        "EntityRef": _ref(posting.entity or txn.entity),
        "AccountRef": _ref(posting.account),
        "Amount": money(posting.cents),
        "Memo": posting.memo,
    }
