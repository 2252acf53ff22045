"""Adding, changing, voiding and deleting transactions: one way for all kinds, whose own rules stand in their modules.

A transaction is its record. Whatever a request does to it, its postings are computed anew from the record by its kind's
``postings``, which sum to zero, and take the place of the old ones in the same step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import qbxml
from qbxml.model import Record
from qbxml.schema import Schema
from qbxml.versions import NEWEST_VERSION

from ..clock import Clock
from ..contents import check_id, used_by
from ..elements import Elements
from ..errors import NO_SUCH_RECORD, RequestError
from ..kinds import ENTITIES, items
from ..settings import Settings
from ..storage import Storage
from .books import Books
from .drafts import Draft, TxnKind, ret_name
from .money import money
from .registry import txn_kinds
from .rows import Link, Posting, Txn, stored
from .store import LedgerStore
from .undeposited import must_keep


class Transactions:
    """The transactions of a company file."""

    def __init__(self, storage: Storage, elements: Elements, clock: Clock) -> None:
        self._storage = storage
        self._elements = elements
        self._clock = clock
        self.store = LedgerStore(storage.sql)

    def books(self, settings: Settings) -> Books:
        """What the rules read, for one request."""
        return Books(self._storage, self._elements, self.store, settings)

    # -- reading -----------------------------------------------------------------------------------------------------

    def record(self, txn: Txn, books: Books, *, lines: bool = True, links: bool = False) -> Record:
        """The record of a transaction, as the newest schema has it, with its lines and links if they are wanted."""
        kind = txn_kinds()[txn.kind]
        body = stored(txn)
        left_out = set() if lines else {ret_name(name) for each in kind.lines for name in each.names}
        shown = kind.shown(body, txn, books)
        length = len("2000-01-01") if kind.times_to_the_day else None
        own: dict[str, Any] = (
            {}
            if not txn.id
            else {
                "TxnID": txn.id,
                "TimeCreated": self._clock.text(txn.created)[:length],
                "TimeModified": self._clock.text(txn.modified)[:length],
                "EditSequence": txn.edit_sequence,
                "TxnNumber": txn.number,
            }
        )
        named = {
            name: books.reading.named(value)
            for name, value in {**body, **shown}.items()
            if not name.startswith("_") and name not in left_out
        }
        if links:
            own["LinkedTxn"] = self._linked(txn, books)
        return Record(kind.ret, {**named, **own})

    def _linked(self, txn: Txn, books: Books) -> list[dict[str, Any]]:
        """What a transaction is linked with: each other transaction once for each kind of link."""
        found: dict[tuple[str, str], int] = {}
        for link in self.store.links(txn.id):
            if link.type != "DEPOSIT":
                other_end, sign = (link.source, -1) if link.target == txn.id else (link.target, 1)
                place = (other_end, link.type)
                # What settles a transaction lessens what is owed on it.
                found[place] = found.get(place, 0) + (sign if link.type == "AMTTYPE" else 1) * link.cents
        linked = []
        for (id_, type_), cents in found.items():
            other = self.store.txn(id_)
            assert other is not None, f"{txn.id} is linked with {id_}, which is not there"
            linked.append(linked_txn(other, type_, cents))
        return linked

    # -- adding ------------------------------------------------------------------------------------------------------

    def add(self, kind: TxnKind, given: Mapping[str, Any], settings: Settings) -> Txn:
        """Add a transaction. Raises :class:`~qbsimulator.errors.RequestError`."""
        books = self.books(settings)
        now = self._clock.now()
        numbers = Numbers(self._storage, str(int(now)))
        id_ = numbers.next()
        for _ in range(kind.unseen):
            numbers.next()
        draft = Draft(books, kind, id_, given, None, numbers.next)
        kind.complete(draft)
        self._may_be_dated(kind, draft.date, settings, 3171)
        if settings.refuses_inactive:
            _must_be_active(draft)
        if not draft.makes_nothing:
            draft.record |= self._numbered(kind, draft)
        txn = Txn(
            kind=kind.name,
            id="" if draft.makes_nothing else id_,
            number=0 if draft.makes_nothing else self._storage.count("TxnNumber"),
            date=draft.date.isoformat(),
            ref=str(draft.record.get("RefNumber") or ""),
            entity=draft.entity,
            account=draft.key(kind.account) if kind.account else None,
            created=now,
            modified=now,
            edit_sequence=str(int(now)),
            body=qbxml.to_json(Record(kind.ret, draft.record)),
            warning=draft.warning,
        )
        if draft.makes_nothing:
            self._link(draft, (), now)
        else:
            self._write(txn, kind, draft, now)
        return txn

    def _numbered(self, kind: TxnKind, draft: Draft) -> dict[str, Any]:
        """The RefNumber that QuickBooks takes where none is given: the one after the last of this kind."""
        given = draft.record.get("RefNumber")
        # Checks are numbered by their bank account, whichever kind they are of.
        counter = f"ref {draft.key(kind.account)}" if kind.is_check and kind.account else f"ref {kind.name}"
        if given is not None:
            if str(given).isdecimal() and len(str(given)) <= 11:
                self._storage.set_counter(counter, int(given))
            return {}
        numbered = kind.numbered_by is None or getattr(draft.settings, kind.numbered_by)
        if not (kind.numbers_itself and numbered) or (kind.is_check and draft.record.get("IsToBePrinted") is True):
            return {}
        return {"RefNumber": str(self._storage.count(counter))}

    def _write(self, txn: Txn, kind: TxnKind, draft: Draft, now: float) -> None:
        """Write a transaction with all that follows from its record."""
        self.store.write(txn)
        self._storage.write_uses(txn.key, used_by(draft.record))
        self._post(txn, kind.postings(draft.record, draft.books), draft.books, now)
        self._link(draft, draft.owned, now)
        self._sound(txn)
        must_keep(draft.books, txn)

    def _link(self, draft: Draft, before: Sequence[Link], now: float) -> None:
        """Make a draft's links. The transactions at the other ends of those that are new or gone are modified by it."""
        self.store.remove_links(draft.released)
        self.store.add_links(draft.links)
        stay = set(before) & set(draft.links)
        changed = [link for link in (*before, *draft.links, *draft.released) if link not in stay]
        others = {end for link in changed for end in (link.target, link.source)} - {draft.id}
        for end in sorted(others):
            self.store.touch(end, now)
        self._replace(others, draft.books, now)

    def _replace(self, ids: Iterable[str], books: Books, now: float) -> None:
        """Post anew those whose place another has taken, as a bill does of goods that came before it, or has left."""
        for id_ in ids:
            txn = self.store.txn(id_)
            if txn is None or not txn_kinds()[txn.kind].is_replaceable:
                continue
            record = dict(stored(txn))
            if self._is_replaced(txn) == ("_replaced" in record):
                continue
            self._may_be_dated(txn_kinds()[txn.kind], date.fromisoformat(txn.date), books.settings, 3171)
            if record.pop("_replaced", None) is None:
                record["_replaced"] = True
            txn.body = qbxml.to_json(Record(f"{txn.kind}Ret", record))
            txn.modified = now
            self.store.write(txn)
            self._post(txn, txn_kinds()[txn.kind].postings(record, books), books, now)

    def _is_replaced(self, txn: Txn) -> bool:
        links = self.store.links(txn.id) if txn_kinds()[txn.kind].is_replaceable else []
        return any(link.type == "QUANTYPE" and link.target == txn.id for link in links)

    def _sound(self, txn: Txn) -> None:
        """Raise where a transaction comes to less than what is applied to it, or is linked with another's debts."""
        mine = {part.line: part for part in self.store.parts(txn.id)}
        if any(part.open * part.cents < 0 for part in mine.values()):
            detail = "It would be less than what is applied to it."
            raise RequestError(3180, name=txn.kind, detail=detail)
        for link in self.store.links(txn.id):
            if link.type != "AMTTYPE":
                continue
            ends = [(link.target, link.target_line), (link.source, link.source_line)]
            own, other = ends if link.target == txn.id else reversed(ends)
            part = mine.get(own[1])
            there = next((one for one in self.store.parts(other[0]) if one.line == other[1]), None)
            same = part and there and (part.account, part.entity) == (there.account, there.entity)
            if part is None or there is None or not same or part.cents * there.cents > 0:
                detail = f"It is linked with {other[0]}, which would not belong to it."
                raise RequestError(3180, name=txn.kind, detail=detail)

    def _post(self, txn: Txn, postings: Sequence[Posting], books: Books, now: float) -> None:
        """Put a transaction's postings in place; whoever's balance they move is modified."""
        if sum(one.cents for one in postings):
            raise RequestError(1000)
        open_accounts = {one.account for one in postings if books.is_open_account(one.account)}
        for name in self.store.replace_postings(txn.id, txn.date, postings, open_accounts):
            self.store.touch_element(name, now)
        if any(abs(one.cents) >= _LARGE for one in postings):
            keys = {one.account for one in postings} | {one.entity for one in postings if one.entity is not None}
            if any(abs(self._storage.total(key)) >= _TOO_LARGE for key in keys):
                raise RequestError(3180, name="transaction", detail="A balance would be too large.")

    def repost(self, id_: str, settings: Settings, now: float) -> None:
        """Post a transaction anew, after what it refers to has become something else."""
        txn = self.store.txn(id_)
        assert txn is not None
        books = self.books(settings)
        self._post(txn, txn_kinds()[txn.kind].postings(stored(txn), books), books, now)

    def _may_be_dated(self, kind: TxnKind, day: date, settings: Settings, code: int) -> None:
        if settings.closing_date is not None and day <= settings.closing_date:
            raise RequestError(code, name=kind.name, detail=f"({settings.closing_date}).")

    # -- changing ----------------------------------------------------------------------------------------------------

    def current(self, kind: TxnKind, given: Mapping[str, Any], books: Books) -> Txn:
        """The transaction that a Mod is to. Raises :class:`~qbsimulator.errors.RequestError` where it can't be."""
        txn = self.named(given["TxnID"], kind.name)
        if str(given["EditSequence"]) != txn.edit_sequence:
            raise RequestError(3200, value=given["EditSequence"], record=self.record(txn, books))
        return txn

    def named(self, id_: Any, kind: str | None = None) -> Txn:
        """The transaction of an id, of a kind if one is named. Raises :class:`~qbsimulator.errors.RequestError`."""
        check_id(id_, "TxnID")
        txn = self.store.txn(str(id_))
        if txn is None or (kind is not None and txn.kind != kind):
            raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
        return txn

    def modify(self, kind: TxnKind, given: Mapping[str, Any], settings: Settings) -> Txn:
        """Change what is given; the lines as :mod:`~qbsimulator.ledger.drafts` says. Raises ``RequestError``."""
        books = self.books(settings)
        txn = self.current(kind, given, books)
        now = self._clock.now()
        old = stored(txn)
        self._may_be_dated(kind, date.fromisoformat(txn.date), settings, 3171)
        # What settles the transaction itself stays, whoever made it; what it settles is told anew.
        owned = [link for link in self.store.owned(txn.id) if link.target != txn.id]
        self.store.remove_links(owned)
        draft = Draft(books, kind, txn.id, given, old, Numbers(self._storage, str(int(now))).next)
        draft.owned = owned
        _must_have(draft)
        kind.complete(draft)
        self._may_be_dated(kind, draft.date, settings, 3171)
        self._rewrite(txn, kind, draft, now)
        return txn

    def _rewrite(self, txn: Txn, kind: TxnKind, draft: Draft, now: float) -> None:
        txn.date = draft.date.isoformat()
        txn.ref = str(draft.record.get("RefNumber") or "")
        txn.entity = draft.entity
        txn.account = draft.key(kind.account) if kind.account else None
        txn.modified, txn.edit_sequence = now, str(int(now))
        txn.body = qbxml.to_json(Record(kind.ret, draft.record))
        txn.warning = draft.warning
        self._write(txn, kind, draft, now)

    def _let_go(self, links: Sequence[Link], own: str, now: float) -> set[str]:
        """Take links away; the transactions at their other ends, whose ids it returns, are modified by it."""
        others = self.store.remove_links(links) - {own}
        for end in others:
            self.store.touch(end, now)
        return others

    # -- deleting and voiding ----------------------------------------------------------------------------------------

    def delete(self, kind: TxnKind, id_: Any, settings: Settings) -> tuple[Txn, float]:
        """Delete a transaction, with its postings and links. Returns it, and when. Raises ``RequestError``."""
        txn = self.named(id_, kind.name)
        self._may_be_dated(kind, date.fromisoformat(txn.date), settings, 3161)
        if kind.deleted_by is not None and not getattr(settings, kind.deleted_by):
            raise RequestError(3160, value=id_, detail=f"A {kind.name} can't be deleted.")
        links = self.store.links(txn.id)
        applied = any(one.type == "AMTTYPE" and one.target == txn.id != one.owner for one in links)
        if applied and not settings.deletes_what_is_paid:
            raise RequestError(3160, value=id_, detail="A payment or a credit is applied to it.")
        self._may_go(txn, 3160)
        now = self._clock.now()
        others, books = self._unlink(txn, now), self.books(settings)
        self._post(txn, (), books, now)
        self._storage.write_uses(txn.key, set())
        self.store.remove(txn, now)
        self._replace(others, books, now)
        return txn, now

    def void(self, kind: TxnKind, id_: Any, settings: Settings) -> Txn:
        """Void a transaction: it stays, comes to nothing, and its links are gone. Raises ``RequestError``."""
        txn = self.named(id_, kind.name)
        self._may_be_dated(kind, date.fromisoformat(txn.date), settings, 3171)
        self._may_go(txn, 3185)
        now = self._clock.now()
        others = self._unlink(txn, now)
        record = emptied(stored(txn))
        memo = str(record.get("Memo") or "")
        record["Memo"] = memo if memo.startswith("VOID:") else f"VOID: {memo}".strip()
        txn.body = qbxml.to_json(Record(kind.ret, record))
        txn.modified, txn.edit_sequence = now, str(int(now))
        self.store.write(txn)
        self._storage.write_uses(txn.key, used_by(record))
        books = self.books(settings)
        self._post(txn, kind.postings(record, books), books, now)
        self._replace(others, books, now)
        return txn

    def _may_go(self, txn: Txn, code: int) -> None:
        """Raise where something holds a transaction, such as the deposit that a payment is in."""
        for link in self.store.links(txn.id):
            if link.type == "DEPOSIT" and link.target == txn.id:
                raise RequestError(code, value=txn.id, detail="It is in a deposit.")
        if self._is_replaced(txn):
            raise RequestError(code, value=txn.id, detail="Another transaction has taken its place.")

    def _unlink(self, txn: Txn, now: float) -> set[str]:
        """What others applied to it, or it to others, is open again. Returns the ids of these others."""
        return self._let_go([*self.store.owned(txn.id), *self.store.links(txn.id)], txn.id, now)


def _must_have(draft: Draft) -> None:
    """Raise where a Mod empties a reference without which there is no such transaction."""
    for name, field in Schema(NEWEST_VERSION, None).record(f"{draft.kind.name}Add").fields.items():
        if field.required and name.endswith("Ref") and name in draft.given and draft.record.get(name) is None:
            raise RequestError(3150, field=name)


def _must_be_active(draft: Draft) -> None:
    """Raise where a new transaction is with a name, or for an item, that is inactive."""
    for key in sorted(used_by(draft.record)):
        element = draft.books.element(key)
        if not element.is_active and element.kind in (*ENTITIES, *items()):
            name = draft.kind.name
            raise RequestError(3140, kind=element.kind, value=element.full_name, name=name, detail="It is inactive.")


class Numbers:
    """Ids for a transaction and its lines, which all come from one counter and end in the same time."""

    def __init__(self, storage: Storage, time: str) -> None:
        self._storage = storage
        self._time = time

    def next(self) -> str:
        """The next id."""
        return f"{self._storage.count('txn'):X}-{self._time}"


def linked_txn(other: Txn, type_: str, cents: int) -> dict[str, Any]:
    """A LinkedTxn: ``cents`` are negative where the other one lessens what is owed."""
    linked: dict[str, Any] = {
        "TxnID": other.id,
        "TxnType": other.kind,
        "TxnDate": date.fromisoformat(other.date),
        "LinkType": type_,
        "Amount": money(cents),
    }
    return linked | ({"RefNumber": other.ref} if other.ref else {})


#: In cents: no balance has more than 13 digits before the point, and none gets there without such amounts.
_TOO_LARGE, _LARGE = 10**15, 10**11

#: Fields that a void sets to nothing, in the header and in lines.
_AMOUNTS: Callable[[str], bool] = frozenset(
    {"Amount", "Subtotal", "SalesTaxTotal", "TotalAmount", "AmountDue", "CreditAmount", "DepositTotal", "Cost", "Rate"}
    | {"ValueDifference", "QuantityDifference"}
).__contains__

#: What is computed from amounts and links: a void drops it.
_COMPUTED = frozenset({"_taxes", "_discounts", "_shares", "_settled"})


def emptied(value: Any) -> Any:
    """A record, or a part of one, with every amount zero and without what is computed from them."""
    if isinstance(value, list):
        return [emptied(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: emptied(one) for name, one in value.items() if name not in _COMPUTED}
    changed = {name: Decimal("0.00") if _AMOUNTS(name) else one for name, one in kept.items()}
    if "_cost" in changed:
        changed["_cost"] = "0"
    return Record(value.name, changed) if isinstance(value, Record) else changed
