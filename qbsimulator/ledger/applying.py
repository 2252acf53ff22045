"""What payments to us and by us have in common: what they settle, with money, discounts and credits.

A payment settles the open parts of other transactions by links. So does a credit that it sets, without a posting. What
a payment has beyond what it settles stays open, as a credit of whom it is with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from qbxml.schema import Schema
from qbxml.versions import NEWEST_VERSION

from ..contents import Contents, check_id
from ..errors import NO_SUCH_RECORD, RequestError
from .books import Books, key_of
from .drafts import Draft, ref
from .money import cents, money
from .rows import Link, Part, Posting, Txn

#: On which side what is owed stands: a debit in receivables, a credit in payables.
RECEIVABLE, PAYABLE = 1, -1

_TOO_MUCH = "You cannot pay more than the amount due."


@dataclass(frozen=True, slots=True)
class _Place:
    """What errors call the place of a discount's references."""

    name: str
    ret: str = "AppliedToTxnRet"


class Applying:
    """What one draft settles, step by step: it adds links to the draft, and keeps count of what is left.

    ``payer`` is the key of whom it is with, ``account`` that of its receivables or payables, ``side`` where these have
    what is owed. A customer may settle what the jobs below owe. ``paid``, ``discounted`` and ``credited`` are the sums
    so far, in cents.
    """

    def __init__(self, draft: Draft, payer: str, account: str, side: int) -> None:
        self._draft = draft
        self._payer = payer
        self._account = account
        self._side = side
        self._left: Counter[tuple[str, str]] = Counter()
        self._shares: Counter[str] = Counter()
        self._lines: dict[str, str] = {payer: ""}
        for share in draft.record.get("_shares") or []:
            self._lines[share["entity"]["key"]] = share["line"]
        self._discounts: list[dict[str, Any]] = []
        self.paid = self.discounted = self.credited = 0

    # -- what a request names ----------------------------------------------------------------------------------------

    def apply(self, name: str, given: Mapping[str, Any]) -> None:
        """Settle one transaction as an element ``name`` says: AppliedToTxnAdd or AppliedToTxnMod.

        Raises :class:`~qbsimulator.errors.RequestError`: 3150 where it says of nothing how much, 3120 for what is not
        there, settled, or with somebody else, 3210 for more than is due.
        """
        amounts = {one: given.get(one) for one in ("PaymentAmount", "DiscountAmount")}
        if not given.get("SetCredit") and all(one is None for one in amounts.values()):
            raise RequestError(3150, field="PaymentAmount")
        paid, discount = (cents(one) for one in amounts.values())
        owed = self._parts(given["TxnID"], self._payers(), self._side)
        settings = self._settings(given.get("SetCredit") or [], owed)
        due = sum(self._open(part) for part in owed)
        if paid < 0 or discount < 0 or paid + discount + sum(one for _, one in settings) > due:
            shown = money(paid) if amounts["PaymentAmount"] is not None else money(discount)
            raise RequestError(3210, field=f"{name} payment amount", value=shown, detail=_TOO_MUCH)
        for held, amount in settings:
            self._link(owed, held, amount)
        self._discount(given, discount)
        self._pay(owed, paid, discount)

    def set_credits(self, given: Sequence[Mapping[str, Any]], line: str = "") -> None:
        """Set credits on the draft itself, whose own part is of ``line``: an invoice with SetCredit.

        How much it owes is not known yet: that they are no more is seen when it is written.
        """
        own = Part(self._draft.id, line, self._account, self._payer, 0, 0)
        for held, amount in self._settings(given, [own]):
            self._left[own.txn, own.line] += amount
            self._link([own], held, amount)

    def automatically(self, total: int) -> None:
        """Settle what is open with ``total`` cents: what is exactly as much, else the oldest first."""
        held: dict[str, tuple[Txn, list[Part]]] = {}
        for payer in self._payers():
            for part, txn in self._draft.books.store.open_parts(payer, self._account):
                if part.open * self._side > 0:
                    held.setdefault(txn.id, (txn, []))[1].append(part)
        oldest = [parts for _, parts in sorted(held.values(), key=lambda one: (one[0].date, one[0].number))]
        same = [parts for parts in oldest if sum(abs(part.open) for part in parts) == total]
        for parts in same[:1] or oldest:
            amount = min(total - self.paid, sum(self._open(part) for part in parts))
            self._pay(parts, amount, 0)

    def finish(self) -> None:
        """Put into the record what its postings need: the discounts, and what it settles for jobs."""
        record = self._draft.record
        for name in ("_discounts", "_shares"):
            record.pop(name, None)
        if self._discounts:
            record["_discounts"] = self._discounts
        if self._shares:
            record["_shares"] = [
                {"entity": ref(key), "line": self._lines[key], "cents": share} for key, share in self._shares.items()
            ]

    # -- parts -------------------------------------------------------------------------------------------------------

    def _payers(self) -> list[str]:
        """Whose debts it settles: the payer's own, and those of the jobs below."""
        return [self._payer, *self._draft.books.elements.below(self._payer)]

    def _parts(self, id_: Any, entities: Sequence[str], side: int, line: Any = None) -> list[Part]:
        """The open parts of a transaction on one side. Raises :class:`~qbsimulator.errors.RequestError`."""
        check_id(id_, "TxnID")
        held = [
            part
            for part in self._draft.books.store.parts(str(id_))
            if part.entity in entities and part.cents * side > 0 and line in (None, part.line)
        ]
        found = [part for part in held if part.account == self._account]
        if held and not found:
            detail = f"The account of {id_} is another one than that of the payment."
            raise RequestError(3180, name=self._draft.kind.name, detail=detail)
        if not any(self._open(part) for part in found):
            raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
        return found

    def _open(self, part: Part) -> int:
        """How much of a part is still open, in cents, and never negative."""
        return abs(part.open) + self._left[part.txn, part.line]

    # -- credits -----------------------------------------------------------------------------------------------------

    def _settings(self, given: Sequence[Mapping[str, Any]], owed: Sequence[Part]) -> list[tuple[Sequence[Part], int]]:
        """Credits and how much of each: with ``Override`` in the place of what was set of it on the same parts."""
        found: list[tuple[Sequence[Part], int]] = []
        wanted: Counter[str] = Counter()
        entities = [part.entity for part in owed if part.entity is not None]
        for one in given:
            id_, amount = one["CreditTxnID"], cents(one["AppliedAmount"])
            if one.get("Override"):
                self._override(str(id_), owed)
            held = self._parts(id_, entities, -self._side, one.get("TxnLineID"))
            wanted[str(id_)] += amount
            if amount < 0 or wanted[str(id_)] > sum(self._open(part) for part in held):
                detail = "You cannot apply more than is left of the credit."
                raise RequestError(3210, field="SetCredit AppliedAmount", value=one["AppliedAmount"], detail=detail)
            found.append((held, amount))
        return found

    def _override(self, credit: str, owed: Sequence[Part]) -> None:
        """Release what was set of a credit on these parts before."""
        places = {(part.txn, part.line) for part in owed}
        for link in self._draft.books.store.links(credit):
            mine = link.type == "AMTTYPE" and link.source == credit and (link.target, link.target_line) in places
            if mine and link.number not in {one.number for one in self._draft.released}:
                self._draft.released.append(link)
                self._left[link.target, link.target_line] += link.cents
                self._left[link.source, link.source_line] += link.cents

    def _link(self, owed: Sequence[Part], held: Sequence[Part], amount: int) -> None:
        """Set so much of a credit on parts."""
        self.credited += amount
        for target, piece in self._taken(owed, amount):
            for source, share in self._taken(held, piece):
                link = Link("AMTTYPE", self._draft.id, target.txn, source.txn, share, target.line, source.line)
                self._draft.links.append(link)

    def _taken(self, parts: Sequence[Part], amount: int) -> list[tuple[Part, int]]:
        """Take an amount off what is open of parts, in their order."""
        pieces = []
        for part in parts:
            piece = min(amount, self._open(part))
            if piece:
                self._left[part.txn, part.line] -= piece
                pieces.append((part, piece))
                amount -= piece
        return pieces

    # -- money -------------------------------------------------------------------------------------------------------

    def _discount(self, given: Mapping[str, Any], amount: int) -> None:
        """Note a discount, with the account that it goes to."""
        if not amount:
            return
        books = self._draft.books
        place = _Place(self._draft.kind.name)
        names = {one: given[one] for one in ("DiscountAccountRef", "DiscountClassRef") if one in given}
        contents = Contents(books.elements, place, {}, books.settings)
        noted = contents.merged({}, names, Schema(NEWEST_VERSION, None).record(place.ret))
        account = key_of(noted, "DiscountAccountRef") or self._usual_discount()
        if account is None:
            raise RequestError(3150, field="DiscountAccountRef")
        if books.is_open_account(account):
            name = books.element(account).full_name
            raise RequestError(3140, kind="Account", value=name, name=place.name, detail="A discount can't go there.")
        class_ = {"class": noted["DiscountClassRef"]} if "DiscountClassRef" in noted else {}
        self._discounts.append({"target": str(given["TxnID"]), "account": ref(account), "cents": amount, **class_})

    def _usual_discount(self) -> str | None:
        books = self._draft.books
        name = books.settings.default_discount_account
        return books.named_key("Account", name) if name else None

    def _pay(self, owed: Sequence[Part], paid: int, discount: int) -> None:
        """Settle parts with money, and with a discount."""
        self.paid += paid
        self.discounted += discount
        for part, piece in self._taken(owed, paid + discount):
            off, entity = min(discount, piece), part.entity or self._payer
            discount -= off
            if entity not in self._lines:
                self._lines[entity] = self._draft.new_line_id()
            if entity != self._payer:
                self._shares[entity] += piece
            own = self._draft.id
            link = Link("AMTTYPE", own, part.txn, own, piece, part.line, self._lines[entity], off)
            self._draft.links.append(link)


# -- what is posted, and shown -----------------------------------------------------------------------------------


def settled(record: Mapping[str, Any], payer: str, account: str, total: int, side: int) -> list[Posting]:
    """What a payment of ``total`` cents takes off receivables or payables, and its discounts."""
    discounts = [
        Posting(
            *(key_of(one, "account") or "", side * int(one["cents"])),
            entity=payer,
            class_=key_of(one, "class"),
            memo=str(record.get("Memo") or ""),
        )
        for one in record.get("_discounts") or []
    ]
    shares = [
        Posting(account, -side * int(one["cents"]), line=str(one["line"]), entity=key_of(one, "entity"))
        for one in record.get("_shares") or []
    ]
    rest = -side * total - sum(one.cents for one in (*discounts, *shares))
    return [one for one in (Posting(account, rest, entity=payer), *shares, *discounts) if one.cents]


def unused(txn: Txn, books: Books, side: int) -> Decimal:
    """How much of a payment settles nothing yet."""
    return money(-side * sum(part.open for part in books.store.parts(txn.id)))


def unused_credits(record: Mapping[str, Any], txn: Txn, books: Books, side: int) -> Decimal:
    """How much is left of the credits that a payment has set."""
    sources = {link.source for link in _own(record, txn, books)} - {txn.id}
    left = sum(part.open for one in sources for part in books.store.parts(one) if part.cents * side < 0)
    return money(-side * left)


def applied_to(record: Mapping[str, Any], txn: Txn, books: Books, side: int) -> list[dict[str, Any]]:
    """The AppliedToTxnRet of a payment: what it settles, in the order in which it was applied."""
    links = _own(record, txn, books)
    known = {link.number for link in links}
    others = [] if not txn.id else [one for one in books.store.links(txn.id) if one.number not in known]
    # What another transaction settled with what this one had left.
    links += [one for one in others if one.type == "AMTTYPE" and one.source == txn.id]
    rows: list[dict[str, Any]] = []
    for target in dict.fromkeys(link.target for link in links):
        rows.append(_applied(target, [one for one in links if one.target == target], record, txn, books, side))
    return rows


def _own(record: Mapping[str, Any], txn: Txn, books: Books) -> list[Link]:
    """The links that a payment made; those of one that was none, and only set credits, stand in its record."""
    if not txn.id:
        return [Link(type="AMTTYPE", owner="", **one) for one in record.get("_settled") or []]
    return [one for one in books.store.owned(txn.id) if one.type == "AMTTYPE"]


def _applied(
    id_: str, links: Sequence[Link], record: Mapping[str, Any], txn: Txn, books: Books, side: int
) -> dict[str, Any]:
    """What a payment settles of one transaction."""
    target = books.store.txn(id_)
    assert target is not None, f"{txn.id} settles {id_}, which is not there"
    lines = {link.target_line for link in links}
    parts = [part for part in books.store.parts(id_) if part.line in lines]
    mine = [link for link in links if link.source == txn.id]
    row: dict[str, Any] = {"TxnID": id_, "TxnType": target.kind, "TxnDate": date.fromisoformat(target.date)}
    if target.ref:
        row["RefNumber"] = target.ref
    row["BalanceRemaining"] = money(sum(side * part.open for part in parts))
    row["Amount"] = money(sum(link.cents - link.discount for link in mine))
    discounts = [one for one in record.get("_discounts") or [] if one["target"] == id_]
    if discounts:
        row["DiscountAmount"] = money(sum(int(one["cents"]) for one in discounts))
        row["DiscountAccountRef"] = discounts[0]["account"]
        if "class" in discounts[0]:
            row["DiscountClassRef"] = discounts[0]["class"]
    credits_: Counter[str] = Counter()
    for link in links:
        if link.source != txn.id:
            credits_[link.source] += link.cents
    if credits_:
        row["LinkedTxn"] = [_credit(one, amount, books) for one, amount in credits_.items()]
    return row


def _credit(id_: str, amount: int, books: Books) -> dict[str, Any]:
    """A credit that a payment set, as a LinkedTxn."""
    credit = books.store.txn(id_)
    assert credit is not None, f"the credit {id_} is not there"
    shown: dict[str, Any] = {"TxnID": id_, "TxnType": credit.kind, "TxnDate": date.fromisoformat(credit.date)}
    if credit.ref:
        shown["RefNumber"] = credit.ref
    return shown | {"LinkType": "AMTTYPE", "Amount": money(-amount)}


# -- credits and nothing else ------------------------------------------------------------------------------------


def only_credits(draft: Draft) -> None:
    """Make of a draft that pays nothing, and sets credits, those credits alone: no transaction comes of it.

    What is settled owns the links then.
    """
    draft.makes_nothing = True
    draft.links = [replace(link, owner=link.target) for link in draft.links]
    names = ("target", "source", "cents", "target_line", "source_line")
    draft.record["_settled"] = [{name: getattr(link, name) for name in names} for link in draft.links]
