"""The books computed anew from the records and links alone, and compared with what the file keeps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from .books import Books
from .registry import txn_kinds
from .rows import Posting, Txn, stored
from .store import LedgerStore, parts_of


def faults(books: Books, store: LedgerStore) -> Iterator[str]:
    """What is wrong with the books of a company, in words; nothing where all is well."""
    totals: Counter[str] = Counter()
    for txn in store.all():
        postings = txn_kinds()[txn.kind].postings(stored(txn), books)
        yield from _posted(txn, postings, store)
        totals.update(_sums(txn, postings, books))
        yield from _parted(txn, postings, books, store)
    kept = store.totals()
    for key in sorted({*totals, *kept}):
        if totals[key] != kept.get(key, 0):
            yield f"{key}: its total is {kept.get(key, 0)} cents, and its postings come to {totals[key]}"
    yield from _linked(store)


def _posted(txn: Txn, postings: list[Posting], store: LedgerStore) -> Iterator[str]:
    if sum(one.cents for one in postings):
        yield f"{txn.key}: its postings come to {sum(one.cents for one in postings)} cents, not to 0"
    if postings != store.postings(txn.id):
        yield f"{txn.key}: it has posted otherwise than its record says"


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


def _linked(store: LedgerStore) -> Iterator[str]:
    known = {txn.id for txn in store.all()}
    for link in store.all_links():
        for end in {link.owner, link.target, link.source} - known:
            yield f"a link is to {end}, which is not there"
