"""What there was before the books began: the transactions that an opening balance of a list element makes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..errors import RequestError
from ..settings import Settings
from ..storage import Element
from .accounts import BALANCE_SHEET
from .books import Books
from .engine import Transactions
from .money import rounded
from .registry import txn_kinds

#: What such a transaction and its line say.
MEMO = "Opening balance"

#: Accounts whose natural side is the debit side.
_DEBIT_SIDE = frozenset({"Bank", "OtherCurrentAsset", "FixedAsset", "OtherAsset"})
_OPEN = frozenset({"AccountsReceivable", "AccountsPayable"})


def open_with(transactions: Transactions, added: Element, given: Mapping[str, Any], settings: Settings) -> None:
    """Book what the Add of an element gives as its opening balance, against the opening balance account.

    Raises :class:`~qbsimulator.errors.RequestError` where there can be none.
    """
    if added.kind in _RULES:
        rule, amount_field, date_field = _RULES[added.kind]
        amount = _amount(given, amount_field)
        if amount:
            books = transactions.books(settings)
            name, content = rule(books, added, amount)
            day = given.get(date_field)
            content |= {"Memo": MEMO} if name != "JournalEntry" else {}
            transactions.add(txn_kinds()[name], content | ({"TxnDate": day} if day else {}), settings)


def _amount(given: Mapping[str, Any], field: str) -> Decimal:
    """What an element begins with; stock is worth its cost where nothing is said of its value."""
    amount: Decimal | None = given.get(field)
    if amount is None and field == "TotalValue":
        amount = (given.get("QuantityOnHand") or Decimal(0)) * (given.get("PurchaseCost") or Decimal(0))
    return rounded(amount or Decimal(0))


def _id(key: str) -> dict[str, str]:
    return {"ListID": key.partition(" ")[2]}


def _equity(books: Books) -> dict[str, str]:
    return _id(books.special("OpeningBalanceEquity"))


def _customer(books: Books, added: Element, amount: Decimal) -> tuple[str, dict[str, Any]]:
    """An invoice of one line, which is of no item; a credit memo where the customer has something to get."""
    name = "Invoice" if amount > 0 else "CreditMemo"
    account = {"key": books.special("OpeningBalanceEquity")}
    line = {"Desc": MEMO, "Amount": abs(amount), "_account": account}
    return name, {"CustomerRef": {"ListID": added.id}, f"{name}LineAdd": [line]}


def _vendor(books: Books, added: Element, amount: Decimal) -> tuple[str, dict[str, Any]]:
    line = {"AccountRef": _equity(books), "Amount": abs(amount), "Memo": MEMO}
    return "Bill" if amount > 0 else "VendorCredit", {"VendorRef": {"ListID": added.id}, "ExpenseLineAdd": [line]}


def _account(books: Books, added: Element, amount: Decimal) -> tuple[str, dict[str, Any]]:
    type_ = books.account_type(added.key)
    if type_ not in BALANCE_SHEET - _OPEN:
        place = f'Account list, element "{added.name}"'
        raise RequestError(3180, name=place, detail="An account of this type has no opening balance.")
    is_debit = (type_ in _DEBIT_SIDE) == (amount > 0)
    own = {"AccountRef": {"ListID": added.id}, "Amount": abs(amount), "Memo": MEMO}
    other = {**own, "AccountRef": _equity(books)}
    debit, credit = (own, other) if is_debit else (other, own)
    return "JournalEntry", {"JournalDebitLine": [debit], "JournalCreditLine": [credit]}


def _item(books: Books, added: Element, amount: Decimal) -> tuple[str, dict[str, Any]]:
    quantity = books.body(added.key).get("QuantityOnHand") or Decimal(0)
    value = {"QuantityDifference": quantity, "ValueDifference": amount}
    line = {"ItemRef": {"ListID": added.id}, "ValueAdjustment": value}
    return "InventoryAdjustment", {"AccountRef": _equity(books), "InventoryAdjustmentLineAdd": [line]}


#: By kind of element: what makes its transaction, and the fields of the Add that it follows from.
_RULES = {
    "Customer": (_customer, "OpenBalance", "OpenBalanceDate"),
    "Vendor": (_vendor, "OpenBalance", "OpenBalanceDate"),
    "Account": (_account, "OpenBalance", "OpenBalanceDate"),
    "ItemInventory": (_item, "TotalValue", "InventoryDate"),
    "ItemInventoryAssembly": (_item, "TotalValue", "InventoryDate"),
}
