"""The books computed anew from the records and links alone, and compared with what the file keeps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ..contents import used_by
from .books import Books, key_of
from .drafts import TxnKind
from .registry import txn_kinds
from .rows import Link, Part, Posting, Txn, stored
from .store import LedgerStore, parts_of
from .undeposited import put_in


def faults(books: Books, store: LedgerStore) -> Iterator[str]:
    """What is wrong with the books of a company, in words; nothing where all is well."""
    yield from (f"the file is damaged: {one}" for one in store.damages())
    totals: Counter[str] = Counter()
    for txn in store.all():
        kind, record = txn_kinds()[txn.kind], stored(txn)
        missing = sorted(used_by(record) - store.known(used_by(record)))
        if missing:
            yield f"{txn.key}: it refers to what is not there: {', '.join(missing)}"
            continue
        postings = kind.postings(record, books)
        yield from _headed(txn, kind, record)
        yield from _posted(txn, postings, store)
        totals.update(_sums(txn, postings, books))
        yield from _parted(txn, postings, books, store)
        if store.uses(txn.key) != used_by(record):
            yield f"{txn.key}: what it is noted to use is not what its record refers to"
        yield from _deposited(txn, books, store)
    kept = store.totals()
    for key in sorted({*totals, *kept}):
        if totals[key] != kept.get(key, 0):
            yield f"{key}: its total is {kept.get(key, 0)} cents, and its postings come to {totals[key]}"
    yield from (f"{table}: it has rows of {id_}, which is not there" for table, id_ in store.strays())
    yield from _linked(store)
    yield from _elements(store)


def _headed(txn: Txn, kind: TxnKind, record: Mapping[str, Any]) -> Iterator[str]:
    """Compare what a transaction is found by with its record."""
    found = {
        "date": (txn.date, record[kind.date].isoformat()),
        "RefNumber": (txn.ref, str(record.get("RefNumber") or "")),
        "name": (txn.entity, key_of(record, kind.entity) if kind.entity else None),
        "account": (txn.account, key_of(record, kind.account) if kind.account else None),
    }
    for what, (kept, wanted) in found.items():
        if kept != wanted:
            yield f"{txn.key}: its {what} is {wanted}, and it is found by {kept}"


def _posted(txn: Txn, postings: list[Posting], store: LedgerStore) -> Iterator[str]:
    if sum(one.cents for one in postings):
        yield f"{txn.key}: its postings come to {sum(one.cents for one in postings)} cents, not to 0"
    if postings != store.postings(txn.id):
        yield f"{txn.key}: it has posted otherwise than its record says"
    if store.posting_dates(txn.id) - {txn.date}:
        yield f"{txn.key}: it has posted on another day than its own"


def _sums(txn: Txn, postings: list[Posting], books: Books) -> Counter[str]:
    """What a transaction adds to totals: those of accounts, and those of names by their open accounts."""
    sums: Counter[str] = Counter()
    for one in postings:
        sums[one.account] += one.cents
        if one.entity is not None and books.is_open_account(one.account):
            sums[one.entity] += one.cents
    return sums


def _parted(txn: Txn, postings: list[Posting], books: Books, store: LedgerStore) -> Iterator[str]:
    """Compare the parts that are kept, and how much of each is open, with postings and links."""
    accounts = {one.account for one in postings if books.is_open_account(one.account)}
    wanted = {(line, account, entity): cents for (line, account, entity), cents in parts_of(postings, accounts).items()}
    kept = {(one.line, one.account, one.entity): one for one in store.parts(txn.id)}
    if {place: one.cents for place, one in kept.items()} != wanted:
        yield f"{txn.key}: its receivables or payables are not what it posted"
    taken: dict[str, int] = defaultdict(int)
    for link in store.links(txn.id):
        if link.type == "AMTTYPE":
            taken[link.target_line if link.target == txn.id else link.source_line] += link.cents
    for one in kept.values():
        left = one.cents - taken[one.line] if one.cents >= 0 else one.cents + taken[one.line]
        if left != one.open or left * one.cents < 0:
            yield f"{txn.key}: {one.open} cents of {one.cents} are open, and by its links {left}"


def _deposited(txn: Txn, books: Books, store: LedgerStore) -> Iterator[str]:
    """What deposits have of a transaction is what it put into Undeposited Funds, and each line is in one deposit."""
    links = [one for one in store.links(txn.id) if one.type == "DEPOSIT" and one.target == txn.id]
    if not links:
        return
    there = {one.line: abs(one.cents) for one in put_in(books, txn, store.postings(txn.id))}
    if any(there.get(one.target_line) != one.cents for one in links):
        yield f"{txn.key}: a deposit has another amount of it than it put into Undeposited Funds"
    if len({one.target_line for one in links}) < len(links):
        yield f"{txn.key}: it is in more than one deposit"


def _linked(store: LedgerStore) -> Iterator[str]:
    known = {txn.id for txn in store.all()}
    for link in store.all_links():
        lost = {link.owner, link.target, link.source} - known
        for end in lost:
            yield f"a link is to {end}, which is not there"
        if not lost and link.type == "AMTTYPE":
            yield from _settled(link, store)


def _settled(link: Link, store: LedgerStore) -> Iterator[str]:
    """Money can be applied between parts of the same account and name, one a debit and the other a credit."""
    target, source = _part(store, link.target, link.target_line), _part(store, link.source, link.source_line)
    if target is None or source is None:
        yield f"{link.source} is applied to {link.target}, and one of them has no such part"
    elif (target.account, target.entity) != (source.account, source.entity) or target.cents * source.cents > 0:
        yield f"{link.source} is applied to {link.target}, which is not of the same account, name, or another side"


def _part(store: LedgerStore, txn: str, line: str) -> Part | None:
    return next((one for one in store.parts(txn) if one.line == line), None)


def _elements(store: LedgerStore) -> Iterator[str]:
    """Compare what elements of lists are noted to use with their records."""
    for key, parent, body in store.bodies():
        used = used_by(body) | ({parent} if parent is not None else set())
        if store.uses(key) != used:
            yield f"{key}: what it is noted to use is not what its record refers to"
        for one in sorted(used - store.known(used)):
            yield f"{key}: it refers to {one}, which is not there"
