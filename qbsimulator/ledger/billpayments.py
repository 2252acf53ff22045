"""Payments of bills, by check and by credit card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NO_SUCH_RECORD, RequestError
from .accounts import must_be
from .applying import PAYABLE, Applying, applied_to, only_credits, settled
from .books import Books
from .drafts import Draft, LineList, TxnKind
from .money import cents, money
from .purchases import needed, number_check, payable, take_address
from .rows import Posting, Txn

_APPLIED = LineList("AppliedToTxn")


# -- what is filled in -------------------------------------------------------------------------------------------


def _check(draft: Draft) -> None:
    take_address(draft, "Address")
    number_check(draft)
    _complete(draft, "BankAccountRef", "Bank")


def _card(draft: Draft) -> None:
    _complete(draft, "CreditCardAccountRef", "CreditCard")


def _complete(draft: Draft, own: str, type_: str) -> None:
    """What both kinds have in common; ``own`` is the field of the account that pays, ``type_`` what it must be."""
    draft.default("TxnDate", draft.books.today())
    payable(draft)
    must_be(draft.books, needed(draft, own), (type_,), draft.kind.name)
    payee = needed(draft, "PayeeEntityRef")
    if not payee.startswith("Vendor "):
        name = draft.books.element(payee).full_name
        raise RequestError(3140, kind="PayeeEntity", value=name, name=draft.kind.name, detail=NO_SUCH_RECORD)
    _apply(draft, payee)


def _apply(draft: Draft, payee: str) -> None:
    """What is paid, and how much that comes to. A Mod that does not say what leaves it as it is."""
    name = "AppliedToTxnAdd" if draft.old is None else "AppliedToTxnMod"
    if name not in draft.given:
        draft.links = list(draft.owned)
        _amount(draft, sum(one.cents - one.discount for one in draft.links if one.source == draft.id))
        return
    applying = Applying(draft, payee, draft.record["APAccountRef"]["key"], PAYABLE)
    for one in draft.given[name]:
        _may_be_paid(draft, one)
        applying.apply(name, one)
    applying.finish()
    if not draft.links:
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    if not draft.changed("Amount"):
        draft.record.pop("Amount", None)
    _amount(draft, applying.paid)
    if draft.old is None and not applying.paid and not applying.discounted:
        only_credits(draft)


def _may_be_paid(draft: Draft, given: Mapping[str, Any]) -> None:
    """Raise for goods that came without their bill: these are paid by the bill that takes their place."""
    txn = draft.books.store.txn(str(given["TxnID"]))
    if txn is not None and txn.kind == "ItemReceipt":
        raise RequestError(3120, value=txn.id, detail=NO_SUCH_RECORD)


def _amount(draft: Draft, paid: int) -> None:
    """The amount is what is paid, unless there is more: the rest is a credit of the vendor."""
    draft.default("Amount", money(paid))
    if cents(draft.record["Amount"]) < paid:
        detail = "It is less than what is paid with it."
        raise RequestError(3210, field="Amount", value=draft.record["Amount"], detail=detail)


# -- what is posted, and shown -----------------------------------------------------------------------------------


def _postings(record: Mapping[str, Any], own: str) -> list[Posting]:
    vendor, account = record["PayeeEntityRef"]["key"], record["APAccountRef"]["key"]
    amount = cents(record["Amount"])
    paid = Posting(record[own]["key"], -amount, entity=vendor, memo=str(record.get("Memo") or ""))
    return [one for one in (paid, *settled(record, vendor, account, amount, PAYABLE)) if one.cents]


def _check_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _postings(record, "BankAccountRef")


def _card_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _postings(record, "CreditCardAccountRef")


def _shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    rows = applied_to(record, txn, books, PAYABLE)
    return {"AppliedToTxnRet": rows} if rows else {}


KINDS = (
    TxnKind(
        *("BillPaymentCheck", _check, _check_postings, _shown, "PayeeEntityRef", "BankAccountRef", (_APPLIED,)),
        numbers_itself=True,
        is_check=True,
    ),
    TxnKind(
        *("BillPaymentCreditCard", _card, _card_postings, _shown, "PayeeEntityRef", "CreditCardAccountRef"),
        lines=(_APPLIED,),
    ),
)
