"""Sales forms: invoices, sales receipts, credit memos, estimates, sales orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..errors import RequestError
from . import orders
from .accounts import BALANCE_SHEET, must_be
from .applying import RECEIVABLE, Applying
from .books import Books, key_of
from .drafts import Draft, LineList, TxnKind, stored_flat
from .money import cents, money
from .rows import Posting, Txn
from .saleslines import complete_lines, complete_totals, total_of
from .terms import days_after, due_date

_INVOICE = LineList("InvoiceLine", "InvoiceLineGroup")
_RECEIPT = LineList("SalesReceiptLine", "SalesReceiptLineGroup")
_MEMO = LineList("CreditMemoLine", "CreditMemoLineGroup")
_ESTIMATE = LineList("EstimateLine", "EstimateLineGroup")
_ORDER = LineList("SalesOrderLine", "SalesOrderLineGroup")

#: Fields that only the QuickBooks of other countries has: there they stand for lines of their own.
_ELSEWHERE = ("DiscountLineAdd", "SalesTaxLineAdd", "ShippingLineAdd", "DiscountLineMod", "SalesTaxLineMod")


# -- what is filled in -------------------------------------------------------------------------------------------


def _header(draft: Draft) -> Mapping[str, Any]:
    """What every sales form takes over from its customer. Returns the customer's record."""
    if draft.changed(*_ELSEWHERE, "ShippingLineMod"):
        raise RequestError(1030)
    customer: Mapping[str, Any] = {} if draft.entity is None else draft.books.body(draft.entity)
    draft.default("TxnDate", draft.books.today())
    for name, own in (("BillAddress", "BillAddress"), ("ShipAddress", "ShipAddress")):
        if customer.get(own) and not draft.changed(name) and draft.old is None:
            draft.default(name, dict(customer[own]))
            draft.default(f"{name}Block", customer.get(f"{own}Block"))
    if draft.old is None or draft.changed("CustomerRef"):
        draft.default("TermsRef", key_of(customer, "TermsRef"))
        draft.default("SalesRepRef", key_of(customer, "SalesRepRef"))
        if draft.settings.uses_sales_tax:
            draft.default("ItemSalesTaxRef", key_of(customer, "ItemSalesTaxRef"))
            code = key_of(customer, "SalesTaxCodeRef") or draft.books.named_key(
                "SalesTaxCode", draft.settings.default_taxable_code
            )
            draft.default("CustomerSalesTaxCodeRef", code)
    draft.default("IsToBePrinted", True)
    draft.default("IsToBeEmailed", False)
    return customer


def _dates(draft: Draft) -> None:
    """DueDate by the terms, unless it was given, and ShipDate."""
    if not draft.changed("DueDate") and (draft.old is None or draft.changed("TermsRef", "TxnDate")):
        draft.record["DueDate"] = due_date(draft.books, draft.key("TermsRef"), draft.date)
    draft.default("ShipDate", draft.date)


def _invoice(draft: Draft) -> None:
    _header(draft)
    draft.default("ARAccountRef", draft.books.special("AccountsReceivable"))
    receivable(draft)
    draft.default("IsPending", False)
    draft.default("IsFinanceCharge", False)
    _dates(draft)
    orders.take_over(draft, _INVOICE, ("Estimate", "SalesOrder"))
    lines = complete_lines(draft, _INVOICE)
    complete_totals(draft, lines, total=None)
    orders.link(draft, lines)
    if draft.given.get("SetCredit"):
        applying = Applying(draft, draft.record["CustomerRef"]["key"], draft.record["ARAccountRef"]["key"], RECEIVABLE)
        applying.set_credits(draft.given["SetCredit"])
    if total_of(draft.record) < 0:
        raise RequestError(3180, name="Invoice", detail="The total of an invoice can't be negative.")


def receivable(draft: Draft) -> None:
    """Raise where ARAccountRef is to an account of another type."""
    key = draft.key("ARAccountRef")
    if key is not None and draft.books.account_type(key) != "AccountsReceivable":
        name = draft.books.element(key).full_name
        raise RequestError(3140, kind="Account", value=name, name=draft.kind.name, detail="It is no receivable.")


def _sales_receipt(draft: Draft) -> None:
    _header(draft)
    draft.default("IsPending", False)
    _dates(draft)
    if draft.record.get("CreditCardTxnInfo"):  # sales by card wait there, whatever was asked
        draft.record.pop("DepositToAccountRef", None)
    draft.default("DepositToAccountRef", draft.books.special("UndepositedFunds"))
    place = draft.record["DepositToAccountRef"]["key"]
    must_be(draft.books, place, BALANCE_SHEET - {"AccountsReceivable", "AccountsPayable"}, draft.kind.name)
    complete_totals(draft, complete_lines(draft, _RECEIPT), total="TotalAmount")


def _credit_memo(draft: Draft) -> None:
    _header(draft)
    draft.default("ARAccountRef", draft.books.special("AccountsReceivable"))
    receivable(draft)
    draft.default("IsPending", False)
    draft.default("DueDate", draft.date)
    draft.default("ShipDate", draft.date)
    complete_totals(draft, complete_lines(draft, _MEMO), total="TotalAmount")


def _estimate(draft: Draft) -> None:
    _header(draft)
    draft.default("IsActive", True)
    if not draft.changed("DueDate"):
        draft.record["DueDate"] = due_date(draft.books, draft.key("TermsRef"), draft.date)
    lines = complete_lines(draft, _ESTIMATE)
    complete_totals(draft, lines, total="TotalAmount")
    orders.let_go(draft, lines)


def _sales_order(draft: Draft) -> None:
    _header(draft)
    draft.default("IsManuallyClosed", False)
    _dates(draft)
    lines = complete_lines(draft, _ORDER)
    for line in lines:
        if line.record.get("Amount") is not None:
            line.record.setdefault("IsManuallyClosed", False)
    complete_totals(draft, lines, total="TotalAmount")
    orders.let_go(draft, lines)


# -- what is posted ----------------------------------------------------------------------------------------------


def _form_postings(record: Mapping[str, Any], which: LineList, account: str, sign: int) -> list[Posting]:
    """A form's postings: the whole to ``account``, each line against it. ``sign`` 1: a sale; -1: it is taken back."""
    if record.get("IsPending"):
        return []
    customer = key_of(record, "CustomerRef")
    memo = str(record.get("Memo") or "")
    postings = [Posting(account, sign * cents(total_of(record)), entity=customer, memo=memo)]
    for line in stored_flat(record, which):
        postings += _line_postings(line, customer, sign)
    payable = key_of(record, "_tax_account")
    for tax in record.get("_taxes") or []:
        assert payable is not None
        item, vendor = key_of(tax, "item"), key_of(tax, "vendor")
        postings.append(Posting(payable, -sign * int(tax["cents"]), entity=vendor, item=item))
    return [one for one in postings if one.cents]


def _line_postings(line: Mapping[str, Any], customer: str | None, sign: int) -> list[Posting]:
    account, amount = key_of(line, "_account"), line.get("Amount")
    if account is None or amount is None or line.get("_subtotal"):
        return []
    quantity = line.get("Quantity")
    sale = Posting(
        account,
        -sign * cents(amount),
        line=str(line["TxnLineID"]),
        entity=customer,
        item=key_of(line, "ItemRef"),
        class_=key_of(line, "ClassRef"),
        quantity=None if quantity is None else str(quantity),
        memo=str(line.get("Desc") or ""),
    )
    asset, goods = key_of(line, "_asset"), key_of(line, "_goods")
    if asset is None or goods is None:
        return [sale]
    cost = sign * cents(Decimal(line["_cost"]) * (Decimal(1) if quantity is None else quantity))
    return [sale, replace(sale, account=goods, cents=cost), replace(sale, account=asset, cents=-cost)]


def _invoice_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _form_postings(record, _INVOICE, record["ARAccountRef"]["key"], 1)


def _receipt_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _form_postings(record, _RECEIPT, record["DepositToAccountRef"]["key"], 1)


def _memo_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    return _form_postings(record, _MEMO, record["ARAccountRef"]["key"], -1)


def nothing_posted(record: Mapping[str, Any], books: Books) -> list[Posting]:
    """Orders and estimates post nothing."""
    return []


# -- what is shown -----------------------------------------------------------------------------------------------


def open_amount(txn: Txn, books: Books) -> int:
    """How much of a transaction's receivables or payables is open, in cents, debit positive."""
    return sum(part.open for part in books.store.parts(txn.id))


def _invoice_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    total = cents(total_of(record))
    left = total if record.get("IsPending") else open_amount(txn, books)
    shown = {"AppliedAmount": money(left - total), "BalanceRemaining": money(left), "IsPaid": left == 0}
    discount = _early_discount(record, books) if left else None
    if discount is not None:
        shown |= discount
    return shown


def _early_discount(record: Mapping[str, Any], books: Books) -> dict[str, Any] | None:
    """What an invoice's terms offer to whom pays early: an amount, and until when."""
    key = key_of(record, "TermsRef")
    if key is None or not key.startswith("StandardTerms "):
        return None
    body = books.body(key)
    percent, days = body.get("DiscountPct"), body.get("StdDiscountDays")
    if not percent or days is None:
        return None
    until = days_after(record["TxnDate"], int(days))
    return {
        "SuggestedDiscountAmount": money(cents(record["Subtotal"] * percent / 100)),
        "SuggestedDiscountDate": until,
    }


def _memo_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    left = cents(total_of(record)) if record.get("IsPending") else -open_amount(txn, books)
    return {"CreditRemaining": money(left)}


def _order_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    return orders.progress(record, txn, books, "Invoiced", "IsFullyInvoiced")


def nothing_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    """Nothing in the record follows from what is open or linked."""
    return {}


KINDS = (
    TxnKind(
        *("Invoice", _invoice, _invoice_postings, _invoice_shown, "CustomerRef", "ARAccountRef", (_INVOICE,)),
        numbers_itself=True,
    ),
    TxnKind(
        *("SalesReceipt", _sales_receipt, _receipt_postings, nothing_shown, "CustomerRef", "DepositToAccountRef"),
        lines=(_RECEIPT,),
        numbers_itself=True,
    ),
    TxnKind(
        *("CreditMemo", _credit_memo, _memo_postings, _memo_shown, "CustomerRef", "ARAccountRef", (_MEMO,)),
        numbers_itself=True,
    ),
    TxnKind(
        "Estimate", _estimate, nothing_posted, nothing_shown, "CustomerRef", lines=(_ESTIMATE,), numbers_itself=True
    ),
    TxnKind(
        "SalesOrder", _sales_order, nothing_posted, _order_shown, "CustomerRef", lines=(_ORDER,), numbers_itself=True
    ),
)
