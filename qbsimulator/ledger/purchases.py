"""What is bought: bills, item receipts, vendor credits, checks, charges and credits of a card, purchase orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import RequestError
from . import orders, receipts
from .accounts import must_be
from .appliedchecks import apply_check
from .books import Books, key_of
from .drafts import Draft, TxnKind
from .money import cents, money, rounded
from .purchaselines import EXPENSES, ITEMS, complete_items, complete_lines, line_postings, total_of
from .rows import Posting, Txn
from .sales import nothing_posted, nothing_shown, open_amount
from .terms import due_date

_ORDERED = orders.lines_of("PurchaseOrder")

#: Where a name keeps its address.
_ADDRESS = {
    "Vendor": "VendorAddress",
    "Customer": "BillAddress",
    "Employee": "EmployeeAddress",
    "OtherName": "OtherNameAddress",
}


# -- what is filled in -------------------------------------------------------------------------------------------


def is_new(draft: Draft, field: str) -> bool:
    """Whether a transaction has another name, or whatever ``field`` refers to, than before."""
    return draft.old is None or key_of(draft.old, field) != draft.key(field)


def needed(draft: Draft, field: str) -> str:
    """The key that a reference of the header holds. Raises 3150 where a Mod has emptied it."""
    key = draft.key(field)
    if key is None:
        raise RequestError(3150, field=field)
    return key


def take_address(draft: Draft, field: str) -> None:
    """Take over the address of whom a transaction is with, as the record's ``field``, unless the request gives one."""
    assert draft.kind.entity is not None
    if draft.changed(field) or not is_new(draft, draft.kind.entity):
        return
    draft.record.pop(field, None)
    draft.record.pop(f"{field}Block", None)
    if draft.entity is not None:
        own = _ADDRESS[draft.entity.partition(" ")[0]]
        body = draft.books.body(draft.entity)
        draft.default(field, dict(body[own]) if body.get(own) else None)
        if f"{own}Block" in body and draft.kind.name != "Bill":  # whose record has no such block
            draft.default(f"{field}Block", body[f"{own}Block"])


def number_check(draft: Draft) -> None:
    """A check that is to be printed has no number until it is; one that is given a number is not to be printed."""
    if draft.old is not None and draft.given.get("RefNumber") and not draft.changed("IsToBePrinted"):
        draft.record["IsToBePrinted"] = False
    draft.default("IsToBePrinted", False)
    if draft.record["IsToBePrinted"]:
        draft.record.pop("RefNumber", None)


def payable(draft: Draft) -> None:
    """Fill in the account of payables. Raises :class:`~qbsimulator.errors.RequestError`: it is none, or nobody's."""
    draft.default("APAccountRef", draft.books.special("AccountsPayable"))
    must_be(draft.books, needed(draft, "APAccountRef"), ("AccountsPayable",), draft.kind.name)
    needed(draft, draft.kind.entity or "")


def _lines(draft: Draft, total: str) -> None:
    """The lines, and what they come to under the name ``total``."""
    amount = complete_lines(draft)
    if amount < 0:
        raise RequestError(3180, name=draft.kind.name, detail="The total can't be negative.")
    draft.record[total] = rounded(amount)


def _terms(draft: Draft) -> None:
    """The vendor's terms, and when it is due by them."""
    if is_new(draft, "VendorRef") and not draft.changed("TermsRef") and draft.entity is not None:
        draft.default("TermsRef", key_of(draft.books.body(draft.entity), "TermsRef"))
    if not draft.changed("DueDate") and (draft.old is None or draft.changed("TermsRef", "TxnDate", "VendorRef")):
        days = 0 if draft.kind.name == "PurchaseOrder" else draft.settings.days_bills_are_due
        draft.record["DueDate"] = due_date(draft.books, draft.key("TermsRef"), draft.date, days)


def _bill(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    payable(draft)
    receipts.take_place(draft)
    take_address(draft, "VendorAddress")
    _terms(draft)
    _lines(draft, "AmountDue")


def _item_receipt(draft: Draft) -> None:
    if draft.record.get("_replaced"):
        raise RequestError(3170, name=draft.kind.name, detail="A bill has taken its place.")
    draft.default("TxnDate", draft.books.today())
    payable(draft)
    _lines(draft, "TotalAmount")


def _vendor_credit(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    payable(draft)
    _lines(draft, "CreditAmount")


def _own_account(draft: Draft, type_: str) -> None:
    must_be(draft.books, needed(draft, "AccountRef"), (type_,), draft.kind.name)


def _check(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    _own_account(draft, "Bank")
    take_address(draft, "Address")
    number_check(draft)
    _lines(draft, "Amount")
    apply_check(draft)


def _card(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    _own_account(draft, "CreditCard")
    _lines(draft, "Amount")


def _purchase_order(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    if draft.entity is not None:
        take_address(draft, "VendorAddress")
    _terms(draft)
    _ship_to(draft)
    draft.default("IsManuallyClosed", False)
    draft.default("IsToBePrinted", True)
    draft.default("IsToBeEmailed", False)
    lines = complete_items(draft, _ORDERED, "Rate")
    if not any(one.record.get("Amount") is not None or one.record.get("Desc") for one in lines):
        raise RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")
    for line in lines:
        if line.record.get("Amount") is not None:
            line.record.setdefault("IsManuallyClosed", False)
    draft.record["TotalAmount"] = rounded(total_of(lines))
    orders.let_go(draft, lines)


def _ship_to(draft: Draft) -> None:
    """The address of the customer that the goods go to."""
    key = draft.key("ShipToEntityRef")
    if key is None or draft.changed("ShipAddress") or not is_new(draft, "ShipToEntityRef"):
        return
    body = draft.books.body(key)
    for name in ("ShipAddress", "ShipAddressBlock"):
        draft.record.pop(name, None)
        draft.default(name, body.get(name))


# -- what is posted ----------------------------------------------------------------------------------------------


def _postings(record: Mapping[str, Any], account: str, total: str, payee: str, sign: int) -> list[Posting]:
    """The whole to the header's account, each line against it. ``sign`` 1: bought; -1: given back."""
    amount = -sign * cents(record[total])
    name = key_of(record, payee)
    whole = Posting(record[account]["key"], amount, entity=name, memo=str(record.get("Memo") or ""))
    return [one for one in (whole, *line_postings(record, sign)) if one.cents]


def _bill_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _postings(record, "APAccountRef", "AmountDue", "VendorRef", 1)


def _receipt_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    if record.get("_replaced"):
        return []
    return _postings(record, "APAccountRef", "TotalAmount", "VendorRef", 1)


def _credit_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _postings(record, "APAccountRef", "CreditAmount", "VendorRef", -1)


def _paid_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _postings(record, "AccountRef", "Amount", "PayeeEntityRef", 1)


def _card_credit_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _postings(record, "AccountRef", "Amount", "PayeeEntityRef", -1)


# -- what is shown -----------------------------------------------------------------------------------------------


def _bill_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    left = -open_amount(txn, books)
    return {"IsPaid": left == 0, "OpenAmount": money(left)}


def _credit_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    return {"OpenAmount": money(open_amount(txn, books))}


def _order_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    return orders.progress(record, txn, books, "ReceivedQuantity", "IsFullyReceived")


_BOTH = (EXPENSES, ITEMS)

KINDS = (
    TxnKind("Bill", _bill, _bill_postings, _bill_shown, "VendorRef", "APAccountRef", _BOTH),
    TxnKind(
        *("ItemReceipt", _item_receipt, _receipt_postings, nothing_shown, "VendorRef", "APAccountRef", _BOTH),
        is_replaceable=True,
    ),
    TxnKind("VendorCredit", _vendor_credit, _credit_postings, _credit_shown, "VendorRef", "APAccountRef", _BOTH),
    TxnKind(
        *("Check", _check, _paid_postings, nothing_shown, "PayeeEntityRef", "AccountRef", _BOTH),
        numbers_itself=True,
        is_check=True,
    ),
    TxnKind("CreditCardCharge", _card, _paid_postings, nothing_shown, "PayeeEntityRef", "AccountRef", _BOTH),
    TxnKind("CreditCardCredit", _card, _card_credit_postings, nothing_shown, "PayeeEntityRef", "AccountRef", _BOTH),
    TxnKind(
        *("PurchaseOrder", _purchase_order, nothing_posted, _order_shown, "VendorRef"),
        lines=(_ORDERED,),
        numbers_itself=True,
    ),
)
