"""The rows of the ledger: what is read from the company file and written to it. No rule of accounting stands here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import qbxml
from qbxml.model import Record

#: How two transactions are linked: by money, by quantity, or as a payment that was brought to the bank.
LinkType = Literal["AMTTYPE", "QUANTYPE", "DEPOSIT"]


@dataclass(slots=True)
class Txn:
    """One transaction. Times are seconds since 1970, ``date`` is in ISO form, ``body`` is its record as JSON.

    ``entity`` and ``account`` are the keys of the header's name and of its own account, where it has them.
    """

    kind: str
    id: str
    #: Its TxnNumber: the order in which transactions were made.
    number: int
    date: str
    ref: str
    entity: str | None
    account: str | None
    created: float
    modified: float
    edit_sequence: str
    body: str
    #: The warning with which a request was done, not kept: code and message.
    warning: tuple[int, str] | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """What names it in the file, beside the elements of lists."""
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class Posting:
    """What a transaction does to one account: ``cents``, debit positive.

    ``line`` is the TxnLineID that it comes from; empty: the header. The others are keys of elements.
    """

    account: str
    cents: int
    line: str = ""
    entity: str | None = None
    item: str | None = None
    class_: str | None = None
    quantity: str | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a transaction has in receivables or payables, and how much of it is open. Signed: debit positive."""

    txn: str
    line: str
    account: str
    entity: str | None
    cents: int
    open: int


@dataclass(frozen=True, slots=True)
class Link:
    """Two transactions that belong together: ``source`` settles, bills or holds ``target``.

    ``owner`` is the transaction whose request made the link, with which it goes. ``cents`` is never negative:
    with ``AMTTYPE`` it brings the open parts of both ends nearer to zero, ``discount`` being a share of it.
    """

    type: LinkType
    owner: str
    target: str
    source: str
    cents: int
    target_line: str = ""
    source_line: str = ""
    discount: int = 0
    quantity: str = ""
    number: int = field(default=0, compare=False)


def stored(txn: Txn) -> Record:
    """A transaction's record as the file keeps it: references are keys."""
    body = qbxml.from_json(txn.body)
    assert isinstance(body, Record)
    return body
