"""Estimates and orders, and what bills or receives them: their lines are taken over, and linked by quantity.

A line of an order is open until as much of it is linked as it is of, unless it, or the order, was closed by hand. A
line without a quantity counts as one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import qbxml
from qbxml.model import Record
from qbxml.schema import AT, RecordType, Schema
from qbxml.versions import NEWEST_VERSION

from ..contents import check_id
from ..errors import NO_SUCH_RECORD, RequestError, words
from .books import Books, key_of
from .drafts import Draft, Line, LineList, stored_flat, stored_lines
from .money import cents
from .rows import Link, Txn

#: What a line's own words about money put out of force of what it takes over.
_MONEY = ("Quantity", "Rate", "RatePercent", "Amount", "Cost")
#: What a line does not take over as it stands.
_OWN = ("TxnLineID", "IsManuallyClosed", AT)


def lines_of(kind: str) -> LineList:
    """The lines of a kind of order."""
    return LineList(f"{kind}Line", f"{kind}LineGroup")


# -- taking over -------------------------------------------------------------------------------------------------


def take_over(draft: Draft, into: LineList, kinds: Collection[str]) -> None:
    """Put lines of orders of some kinds into what was given: those that LinkToTxnID and LinkToTxn name.

    The lines of a whole order come first. What is closed is left out, with the warning 570. Raises
    :class:`~qbsimulator.errors.RequestError`: 3120 for what is not there, or with somebody else.
    """
    if draft.old is not None:
        return
    found: list[tuple[str, Mapping[str, Any]]] = []
    orders: dict[str, _Order] = {}
    for id_ in draft.given.get("LinkToTxnID") or []:
        found += _order(orders, draft, id_, kinds).whole(into)
    given = draft.given_lines(into) or []
    if not found and not any("LinkToTxn" in one for _, one in given):
        return
    for name, one in given:
        at = one.get("LinkToTxn")
        order = None if at is None else _order(orders, draft, at["TxnID"], kinds)
        taken = None if at is None or order is None else order.line(into, str(at["TxnLineID"]), one)
        if taken is not None:
            found.append((name, taken))
        elif at is None or "ItemRef" in one:
            found.append((name, {field: value for field, value in one.items() if field != "LinkToTxn"}))
    others = {name: value for name, value in draft.given.items() if name not in {f"{one}Add" for one in into.names}}
    for number, (name, one) in enumerate(found):
        others.setdefault(f"{name}Add", []).append({**one, AT: number})
    draft.given = others


def _order(orders: dict[str, _Order], draft: Draft, id_: Any, kinds: Collection[str]) -> _Order:
    """An order by its TxnID: one for all that a draft takes from it, so that nothing is taken twice."""
    if str(id_) not in orders:
        orders[str(id_)] = _Order(draft, id_, kinds)
    return orders[str(id_)]


class _Order:
    """One order from which a draft takes lines over."""

    def __init__(self, draft: Draft, id_: Any, kinds: Collection[str]) -> None:
        check_id(id_, "TxnID")
        books = draft.books
        txn = books.store.txn(str(id_))
        if txn is None or txn.kind not in kinds or txn.entity != draft.entity:
            raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
        body = qbxml.from_json(txn.body)
        assert isinstance(body, Record)
        self._draft = draft
        self._txn = txn
        self._body: Mapping[str, Any] = body
        self._done = done(txn, books)
        progress = txn.kind != "Estimate" or books.settings.uses_progress_invoicing
        is_closed = body.get("IsManuallyClosed") is True or body.get("IsActive") is False
        self._is_closed = is_closed or (bool(self._done) and not progress)

    def whole(self, into: LineList) -> list[tuple[str, Mapping[str, Any]]]:
        """All that is open of it, as lines that were given."""
        lines = stored_lines(self._body, lines_of(self._txn.kind))
        taken = [(_counts(line) or name.endswith("Group"), self._open(name, line, into)) for name, line in lines]
        if not any(counts and one is not None for counts, one in taken):
            self._warn(self._txn.id)
            return []
        return [one for _, one in taken if one is not None]

    def _open(self, name: str, line: Mapping[str, Any], into: LineList) -> tuple[str, Mapping[str, Any]] | None:
        """What is open of a line or of a group of lines, as one that was given; ``None`` where nothing is."""
        if not name.endswith("Group"):
            one = self._taken(line, into.name, {}) if _counts(line) else self._copied(line, f"{into.name}Add")
            return None if one is None else (into.name, one)
        members = (self._taken(one, into.name, {}) for one in line.get(f"{self._txn.kind}LineRet") or [])
        inner = [one for one in members if one is not None]
        group = {**self._copied(line, f"{into.group}Add"), f"{into.name}Add": inner}
        return (str(into.group), group) if inner else None

    def line(self, into: LineList, id_: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """One line of it, with what is given for it; ``None`` where it is closed."""
        check_id(id_, "TxnLineID")
        line = next((one for one in stored_flat(self._body, lines_of(self._txn.kind)) if one["TxnLineID"] == id_), None)
        if line is None:
            raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
        taken = self._taken(line, into.name, given)
        if taken is None:
            self._warn(self._txn.id)
        return taken

    def _warn(self, id_: str) -> None:
        self._draft.warning = 570, words(570, value=id_)

    def _taken(self, line: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What is open of a line, as a line that was given; ``None`` where nothing is."""
        left = wanted(line) - self._done.get(str(line["TxnLineID"]), Decimal(0))
        if self._is_closed or line.get("IsManuallyClosed") is True or (left <= 0 and _counts(line)):
            return None
        copied = self._copied(line, f"{name}Add")
        if line.get("Quantity") is not None:
            copied["Quantity"] = left
        own = {field for field in _MONEY if field in given}
        if line.get("_subtotal"):
            gone = {"Rate", "RatePercent", "Cost", "Amount"}
        elif line.get("RatePercent") is not None or own or left != wanted(line):
            gone = {"Amount"} if line.get("Rate", line.get("RatePercent")) is not None else set()
        else:
            gone = set()
        if "Amount" in own:
            gone |= {"Rate", "RatePercent", "Cost"}
        kept = {field: value for field, value in copied.items() if field not in gone}
        link = {"TxnID": self._txn.id, "TxnLineID": line["TxnLineID"]}
        taken = {**kept, **{field: value for field, value in given.items() if field != AT}, "LinkToTxn": link}
        id_ = str(line["TxnLineID"])
        self._done[id_] = self._done.get(id_, Decimal(0)) + wanted(taken)
        return taken

    def _copied(self, line: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The fields of a line that another kind's line has too, as a request gives them."""
        record = Schema(NEWEST_VERSION, None).record(name)
        named = {**line, "Cost": line.get("Rate")} if "Rate" not in record.fields else line
        return {
            field: _as_given(value, record, field)
            for field, value in named.items()
            if field in record.fields and field not in _OWN and value is not None and not isinstance(value, list)
        }


def _as_given(value: Any, record: RecordType, field: str) -> Any:
    """A value of a record as a request gives it: references by ListID."""
    if isinstance(value, Mapping) and "key" in value:
        return {"ListID": str(value["key"]).partition(" ")[2]}
    return value


# -- links -------------------------------------------------------------------------------------------------------


def link(draft: Draft, lines: Iterable[Line]) -> None:
    """Link a draft with the orders whose lines it took over; in a Mod the links of lines that stay do so."""
    by_id = {str(line.record["TxnLineID"]): line for line in lines}
    for one in draft.owned:
        if one.type == "QUANTYPE" and one.source_line in by_id:
            record = by_id[one.source_line].record
            draft.links.append(replace(one, cents=cents(record.get("Amount")), quantity=str(wanted(record))))
    for id_, line in by_id.items():
        at = line.given.get("LinkToTxn")
        if at is not None and draft.old is None:
            ends = (draft.id, str(at["TxnID"]), draft.id, cents(line.record.get("Amount")), str(at["TxnLineID"]), id_)
            draft.links.append(Link("QUANTYPE", *ends, quantity=str(wanted(line.record))))


def let_go(draft: Draft, lines: Iterable[Line]) -> None:
    """Take away the links of lines that a Mod of an order leaves out."""
    stay = {str(line.record["TxnLineID"]) for line in lines}
    for one in draft.books.store.links(draft.id):
        if one.type == "QUANTYPE" and one.target == draft.id and one.target_line not in stay:
            draft.released.append(one)


def wanted(line: Mapping[str, Any]) -> Decimal:
    """How much a line is of; one where it does not say."""
    quantity: Decimal | None = line.get("Quantity")
    return Decimal(1) if quantity is None else quantity


def _counts(line: Mapping[str, Any]) -> bool:
    """Whether a line is of something, and no mere text or subtotal."""
    return key_of(line, "ItemRef") is not None and not line.get("_subtotal")


def done(txn: Txn, books: Books) -> dict[str, Decimal]:
    """How much of each line of an order is billed or received, by TxnLineID."""
    found: dict[str, Decimal] = {}
    for one in books.store.links(txn.id):
        if one.type == "QUANTYPE" and one.target == txn.id:
            found[one.target_line] = found.get(one.target_line, Decimal(0)) + Decimal(one.quantity)
    return found


# -- what is shown -----------------------------------------------------------------------------------------------


def progress(record: Mapping[str, Any], txn: Txn, books: Books, of_line: str, of_all: str) -> dict[str, Any]:
    """The fields of an order that follow from its links: ``of_line`` in each line, ``of_all`` in the header."""
    counted = done(txn, books)
    which = lines_of(txn.kind)
    shown: dict[str, Any] = {}
    for name in which.names:
        if record.get(f"{name}Ret"):
            shown[f"{name}Ret"] = [_line_shown(one, which, counted, of_line) for one in record[f"{name}Ret"]]
    shown[of_all] = is_complete(list(stored_flat(record, which)), counted)
    return shown


def is_complete(lines: Sequence[Mapping[str, Any]], counted: Mapping[str, Decimal]) -> bool:
    """Whether nothing of an order's lines is open."""
    counting = [line for line in lines if _counts(line)]
    some = any(counted.get(str(line["TxnLineID"])) for line in counting)
    return some and all(
        line.get("IsManuallyClosed") is True or counted.get(str(line["TxnLineID"]), Decimal(0)) >= wanted(line)
        for line in counting
    )


def _line_shown(
    line: Mapping[str, Any], which: LineList, counted: Mapping[str, Decimal], of_line: str
) -> dict[str, Any]:
    shown = dict(line)
    members = f"{which.name}Ret"
    if members in shown:
        shown[members] = [_line_shown(one, which, counted, of_line) for one in shown[members]]
    elif _counts(line):
        shown[of_line] = counted.get(str(line["TxnLineID"]), Decimal(0))
    return shown
