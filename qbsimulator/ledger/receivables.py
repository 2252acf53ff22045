"""What customers owe beside invoices, and how it is settled: payments received, statement charges, refunds by card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..contents import check_id
from ..errors import NO_SUCH_RECORD, RequestError
from .accounts import BALANCE_SHEET, must_be
from .applying import RECEIVABLE, Applying, applied_to, only_credits, settled, unused, unused_credits
from .books import Books, key_of
from .drafts import Draft, Line, LineList, TxnKind
from .money import cents, money
from .rows import Link, Posting, Txn
from .sales import open_amount, receivable
from .saleslines import complete_line

_APPLIED = LineList("AppliedToTxn")
_REFUNDED = LineList("RefundAppliedToTxn")

#: Kinds of items that stand for something only among the lines of a form.
_NOT_CHARGED = ("ItemDiscount ", "ItemSubtotal ", "ItemPayment ", "ItemSalesTax ", "ItemSalesTaxGroup ")


# -- payments received -------------------------------------------------------------------------------------------


def _receive_payment(draft: Draft) -> None:
    record = draft.record
    draft.default("TxnDate", draft.books.today())
    draft.default("ARAccountRef", draft.books.special("AccountsReceivable"))
    receivable(draft)
    draft.default("DepositToAccountRef", draft.books.special("UndepositedFunds"))
    _brings_money(draft)
    applying = Applying(draft, record["CustomerRef"]["key"], record["ARAccountRef"]["key"], RECEIVABLE)
    name = "AppliedToTxnAdd" if draft.old is None else "AppliedToTxnMod"
    for one in draft.given.get(name) or []:
        applying.apply(name, one)
    total = cents(record["TotalAmount"]) if record.get("TotalAmount") is not None else applying.paid
    record["TotalAmount"] = money(total)
    if total < 0:
        raise RequestError(3210, field="TotalAmount", value=money(total), detail="A payment can't be negative.")
    if draft.given.get("IsAutoApply"):
        applying.automatically(total)
    if applying.paid > total:
        detail = "It is applied to more than it comes to."
        raise RequestError(3180, name=draft.kind.name, detail=detail)
    if draft.old is not None and name not in draft.given:
        draft.links += draft.owned
        return
    applying.finish()
    if total or applying.discounted:
        return
    if draft.old is not None or not applying.credited:
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    only_credits(draft)


def _brings_money(draft: Draft) -> None:
    """Raise where a payment can't go where it is to, or has gone on from there."""
    account = draft.record["DepositToAccountRef"]["key"]
    must_be(draft.books, account, BALANCE_SHEET - {"AccountsReceivable", "AccountsPayable"}, draft.kind.name)
    if draft.old is None:
        return
    before = (key_of(draft.old, "DepositToAccountRef"), cents(draft.old["TotalAmount"]))
    deposited = any(one.type == "DEPOSIT" and one.target == draft.id for one in draft.books.store.links(draft.id))
    if deposited and before != (account, cents(draft.record.get("TotalAmount"))):
        raise RequestError(3170, name=draft.kind.name, detail="The payment is in a deposit.")


def _payment_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    payer, account, place = (record[one]["key"] for one in ("CustomerRef", "ARAccountRef", "DepositToAccountRef"))
    total = cents(record["TotalAmount"])
    cash = Posting(place, total, entity=payer, memo=str(record.get("Memo") or ""))
    return [*([cash] if total else []), *settled(record, payer, account, total, RECEIVABLE)]


def _payment_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "UnusedPayment": unused(txn, books, RECEIVABLE),
        "UnusedCredits": unused_credits(record, txn, books, RECEIVABLE),
    }
    applied = applied_to(record, txn, books, RECEIVABLE)
    return shown | ({"AppliedToTxnRet": applied} if applied else {})


# -- statement charges -------------------------------------------------------------------------------------------


def _charge(draft: Draft) -> None:
    record = draft.record
    draft.default("TxnDate", draft.books.today())
    draft.default("ARAccountRef", draft.books.special("AccountsReceivable"))
    receivable(draft)
    if draft.old is not None:
        for name in ("BalanceRemaining", "IsPaid"):
            record.pop(name, None)
    key = draft.key("ItemRef")
    if key is not None and key.startswith(_NOT_CHARGED):
        raise RequestError(3280, value=draft.books.element(key).full_name, field="ItemRef")
    line = Line("Charge", draft.given, draft.old, record)
    complete_line(draft, line, ())
    record.pop("SalesTaxCodeRef", None)
    if record.get("Amount") is None:
        raise RequestError(3150, field="ItemRef")
    if cents(record["Amount"]) < 0:
        raise RequestError(3180, name=draft.kind.name, detail="The amount of a statement charge can't be negative.")


def _charge_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    customer, owed, earned = record["CustomerRef"]["key"], record["ARAccountRef"]["key"], key_of(record, "_account")
    amount = cents(record.get("Amount"))
    if not amount or earned is None:
        return []
    quantity = record.get("Quantity")
    sale = Posting(
        *(earned, -amount),
        entity=customer,
        item=key_of(record, "ItemRef"),
        class_=key_of(record, "ClassRef"),
        quantity=None if quantity is None else str(quantity),
        memo=str(record.get("Desc") or ""),
    )
    return [Posting(owed, amount, entity=customer, memo=str(record.get("Desc") or "")), sale]


def _charge_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    left = open_amount(txn, books)
    return {"BalanceRemaining": money(left), "IsPaid": left == 0}


# -- refunds -----------------------------------------------------------------------------------------------------


def _refund(draft: Draft) -> None:
    books, record = draft.books, draft.record
    draft.default("TxnDate", books.today())
    draft.default("ARAccountRef", books.special("AccountsReceivable"))
    receivable(draft)
    customer, paid_from = record["CustomerRef"]["key"], draft.key("RefundFromAccountRef")
    if paid_from is None:
        raise RequestError(3150, field="RefundFromAccountRef")
    must_be(books, paid_from, BALANCE_SHEET - {"AccountsReceivable", "AccountsPayable"}, draft.kind.name)
    address = books.body(customer).get("BillAddress")
    if address and not draft.changed("Address"):
        draft.default("Address", dict(address))
        draft.default("AddressBlock", books.body(customer).get("BillAddressBlock"))
    total = 0
    for one in draft.given["RefundAppliedToTxnAdd"]:
        amount = cents(one["RefundAmount"])
        draft.links += _refunded(draft, one["TxnID"], amount)
        total += amount
    record["TotalAmount"] = money(total)
    if not total:
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")


def _refunded(draft: Draft, id_: Any, amount: int) -> list[Link]:
    """What links a refund with one credit. Raises :class:`~qbsimulator.errors.RequestError`."""
    check_id(id_, "TxnID")
    taken = sum(link.cents for link in draft.links if link.source == id_)
    held = [
        part
        for part in draft.books.store.parts(str(id_))
        if (part.entity, part.account) == (draft.entity, draft.key("ARAccountRef")) and part.open < 0
    ]
    left = -sum(part.open for part in held) - taken
    if left <= 0:
        raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
    if not 0 < amount <= left:
        detail = "You cannot refund more than is left of the credit."
        raise RequestError(3210, field="RefundAmount", value=money(amount), detail=detail)
    links: list[Link] = []
    for part in held:
        gone = min(taken, -part.open)
        piece = min(amount, -part.open - gone)
        taken, amount = taken - gone, amount - piece
        if piece:
            links.append(Link("AMTTYPE", draft.id, draft.id, part.txn, piece, source_line=part.line))
    return links


def _refund_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    total, memo = cents(record["TotalAmount"]), str(record.get("Memo") or "")
    customer, owed, paid_from = (record[one]["key"] for one in ("CustomerRef", "ARAccountRef", "RefundFromAccountRef"))
    if not total:
        return []
    return [Posting(paid_from, -total, entity=customer, memo=memo), Posting(owed, total, entity=customer, memo=memo)]


def _refund_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    rows = []
    amounts: dict[str, int] = {}
    for link in books.store.links(txn.id):
        if link.type == "AMTTYPE" and link.target == txn.id:
            amounts[link.source] = amounts.get(link.source, 0) + link.cents
    for id_, amount in amounts.items():
        credit = books.store.txn(id_)
        assert credit is not None, f"{txn.id} refunds {id_}, which is not there"
        row: dict[str, Any] = {
            "TxnID": id_,
            "TxnType": credit.kind,
            "TxnDate": date.fromisoformat(credit.date),
            "CreditRemaining": money(-sum(part.open for part in books.store.parts(id_) if part.cents < 0)),
            "RefundAmount": money(amount),
        }
        rows.append(row | ({"RefNumber": credit.ref} if credit.ref else {}))
    return {"RefundAppliedToTxnRet": rows} if rows else {}


KINDS = (
    TxnKind(
        *("ReceivePayment", _receive_payment, _payment_postings, _payment_shown),
        *("CustomerRef", "DepositToAccountRef", (_APPLIED,)),
    ),
    TxnKind("Charge", _charge, _charge_postings, _charge_shown, "CustomerRef", "ARAccountRef"),
    TxnKind(
        *("ARRefundCreditCard", _refund, _refund_postings, _refund_shown),
        *("CustomerRef", "RefundFromAccountRef", (_REFUNDED,)),
    ),
)
