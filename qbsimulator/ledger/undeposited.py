"""Money that waits in Undeposited Funds to be brought to the bank, and the deposits that it is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from qbxml.model import Record

from ..answers import Answer
from ..context import Context, wanted
from ..errors import RequestError
from .books import Books
from .money import money
from .rows import Posting, Txn


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a line of a transaction has put into Undeposited Funds, in cents. Such a line is deposited as a whole."""

    line: str
    cents: int
    entity: str | None


def header_line(id_: str) -> str:
    """The id of the line by which a transaction's header posts: the number after its own."""
    number, _, time = id_.partition("-")
    return f"{int(number, 16) + 1:X}-{time}"


def put_in(books: Books, txn: Txn, postings: Iterable[Posting]) -> list[Waiting]:
    """What postings put into Undeposited Funds, line by line; a deposit's own lines only take out of it."""
    funds = books.known_special("UndepositedFunds")
    sums: Counter[str] = Counter()
    entities: dict[str, str | None] = {}
    for one in postings:
        if one.account == funds and not (txn.kind == "Deposit" and one.line):
            line = one.line or header_line(txn.id)
            sums[line] += one.cents
            entities.setdefault(line, one.entity)
    return [Waiting(line, amount, entities[line]) for line, amount in sums.items() if amount]


def waiting(books: Books, txn: Txn) -> list[Waiting]:
    """What of a transaction is in Undeposited Funds and in no deposit yet."""
    held = {link.target_line for link in books.store.links(txn.id) if link.type == "DEPOSIT" and link.target == txn.id}
    return [one for one in put_in(books, txn, books.store.postings(txn.id)) if one.line not in held]


def all_waiting(books: Books) -> list[tuple[Txn, Waiting]]:
    """All that waits to be brought to the bank, the oldest first."""
    funds = books.known_special("UndepositedFunds")
    if funds is None:
        return []
    found = []
    for id_ in books.store.undeposited(funds):
        txn = books.store.txn(id_)
        assert txn is not None
        found += [(txn, one) for one in waiting(books, txn) if txn.kind != "Deposit"]
    return found


def must_keep(books: Books, txn: Txn) -> None:
    """Raise 3170 where a deposit has what a changed transaction no longer puts into Undeposited Funds."""
    links = [one for one in books.store.links(txn.id) if one.type == "DEPOSIT" and one.target == txn.id]
    if not links:
        return
    now = {one.line: abs(one.cents) for one in put_in(books, txn, books.store.postings(txn.id))}
    if any(now.get(one.target_line) != one.cents for one in links):
        raise RequestError(3170, name=txn.kind, detail="It is in a deposit.")


def to_deposit(context: Context, content: Mapping[str, Any]) -> Answer:
    """ReceivePaymentToDepositQuery: all that waits in Undeposited Funds."""
    books = context.company.transactions.books(context.settings)
    found = all_waiting(books)
    answer = Answer(0 if found else 1, wanted=wanted(content))
    if answer.count(content, len(found)):
        answer.content += [("ReceivePaymentToDepositRet", _record(books, txn, one)) for txn, one in found]
    return answer


def _record(books: Books, txn: Txn, one: Waiting) -> Record:
    record: dict[str, Any] = {"TxnID": txn.id, "TxnLineID": one.line, "TxnType": txn.kind}
    if one.entity is not None and one.entity.startswith("Customer "):
        customer = books.element(one.entity)
        record["CustomerRef"] = {"ListID": customer.id, "FullName": customer.full_name}
    record["TxnDate"] = date.fromisoformat(txn.date)
    if txn.ref:
        record["RefNumber"] = txn.ref
    return Record("ReceivePaymentToDepositRet", {**record, "Amount": money(one.cents)})
