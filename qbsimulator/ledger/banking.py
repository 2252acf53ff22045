"""Money in the bank: transfers, deposits, and the checks that pay sales tax."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import qbxml
from qbxml.schema import Schema
from qbxml.versions import NEWEST_VERSION

from ..contents import Contents, check_id
from ..errors import NO_SUCH_RECORD, RequestError
from .accounts import BALANCE_SHEET, may_post, must_be
from .books import Books, key_of
from .drafts import Draft, Line, LineList, TxnKind, ref, stored_lines
from .money import cents, money, rounded
from .purchases import number_check, take_address
from .rows import Link, Posting, Txn
from .sales import nothing_shown
from .undeposited import waiting

_DEPOSIT = LineList("DepositLine")
_TAX = LineList("SalesTaxPaymentCheckLine")

#: Accounts that money is brought to, and moved between: those of a balance sheet that are with nobody.
_HOLDS_MONEY = BALANCE_SHEET - {"AccountsReceivable", "AccountsPayable"}

#: What a line of a deposit says of a payment otherwise than the payment does.
_OVERRIDES = {"OverrideMemo": "Memo", "OverrideCheckNumber": "CheckNumber", "OverrideClassRef": "ClassRef"}
#: What a line of a deposit holds that is no payment.
_OWN_FIELDS = ("EntityRef", "AccountRef", "Memo", "CheckNumber", "PaymentMethodRef", "ClassRef", "Amount")
_PAYMENT_FIELDS = ("TxnType", "TxnID", "PaymentTxnLineID")


def _empty(draft: Draft) -> RequestError:
    return RequestError(3180, name=draft.kind.name, detail="The transaction is empty.")


# -- transfers ---------------------------------------------------------------------------------------------------


def _transfer(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    for field in ("TransferFromAccountRef", "TransferToAccountRef"):
        account = draft.key(field)
        if account is None:
            raise RequestError(3150, field=field)
        must_be(draft.books, account, _HOLDS_MONEY, "Transfer")
    if draft.record.get("Amount") is None:
        raise RequestError(3150, field="Amount")
    draft.record["Amount"] = rounded(draft.record["Amount"])
    if not draft.record["Amount"]:
        raise _empty(draft)


def _transfer_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    source, target = key_of(record, "TransferFromAccountRef"), key_of(record, "TransferToAccountRef")
    assert source is not None
    assert target is not None
    amount, class_, memo = cents(record["Amount"]), key_of(record, "ClassRef"), str(record.get("Memo") or "")
    return [
        Posting(source, -amount, class_=class_, memo=memo),
        Posting(target, amount, class_=class_, memo=memo),
    ]


def _transfer_shown(record: Mapping[str, Any], txn: Txn, books: Books) -> dict[str, Any]:
    """What the two accounts hold now."""
    shown = {}
    for side in ("From", "To"):
        account = key_of(record, f"Transfer{side}AccountRef")
        assert account is not None
        shown[f"{side}AccountBalance"] = books.elements.record(books.element(account))["Balance"]
    return shown


# -- deposits ----------------------------------------------------------------------------------------------------


def _deposit(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    account = draft.key("DepositToAccountRef")
    if account is None:
        raise RequestError(3150, field="DepositToAccountRef")
    must_be(draft.books, account, _HOLDS_MONEY, "Deposit")
    _cash_back(draft)
    lines = draft.lines(_DEPOSIT, given=_given(draft))
    taken: set[tuple[str, str]] = set()
    for line in lines:
        _complete(draft, line, taken)
    if not any(line.record["Amount"] for line in lines):
        raise _empty(draft)
    total = sum((line.record["Amount"] for line in lines), Decimal(0))
    draft.record["DepositTotal"] = rounded(total - (draft.record.get("CashBackInfoRet") or {}).get("Amount", 0))
    draft.put(_DEPOSIT, lines)


def _cash_back(draft: Draft) -> None:
    """What of a deposit is taken out again at once."""
    given = draft.given.get("CashBackInfoAdd") or draft.given.get("CashBackInfoMod")
    if not given:
        return
    before = {} if draft.old is None else draft.old.get("CashBackInfoRet") or {}
    schema = Schema(NEWEST_VERSION, None).record("CashBackInfoRet")
    contents = Contents(draft.books.elements, draft.kind, before, draft.settings)
    record = contents.merged(before, given, schema)
    for field in ("AccountRef", "Amount"):
        if record.get(field) is None:
            raise RequestError(3150, field=field)
    account = key_of(record, "AccountRef")
    assert account is not None
    must_be(draft.books, account, _HOLDS_MONEY, "Deposit")
    record["Amount"] = rounded(record["Amount"])
    draft.record["CashBackInfoRet"] = {"TxnLineID": before.get("TxnLineID") or draft.new_line_id(), **record}


def _given(draft: Draft) -> list[tuple[str, Mapping[str, Any]]] | None:
    """The lines that a request has, with what they say of payments under the names of the record."""
    name = "DepositLineAdd" if draft.old is None else "DepositLineMod"
    if name not in draft.given:
        return None if draft.old is not None else []
    return [
        ("DepositLine", {_OVERRIDES.get(field, field): value for field, value in one.items()})
        for one in draft.given[name]
    ]


def _complete(draft: Draft, line: Line, taken: set[tuple[str, str]]) -> None:
    record = line.record
    if line.given.get("PaymentTxnID"):
        _payment(draft, line, str(line.given["PaymentTxnID"]), line.given.get("PaymentTxnLineID"), taken)
    elif line.given.get("AccountRef") or "TxnID" not in record:
        for field in _PAYMENT_FIELDS:
            record.pop(field, None)
        _own(draft, record)
    elif record["Amount"]:  # a line without an amount is what a void left of it
        _payment(draft, line, str(record["TxnID"]), record["PaymentTxnLineID"], taken)


def _own(draft: Draft, record: dict[str, Any]) -> None:
    """A line of money that is no payment: it comes from an account of its own."""
    for field in ("AccountRef", "Amount"):
        if record.get(field) is None:
            raise RequestError(3150, field=field)
    account = key_of(record, "AccountRef")
    assert account is not None
    may_post(draft.books, account, key_of(record, "EntityRef"), "Deposit line")
    record["Amount"] = rounded(record["Amount"])


def _payment(draft: Draft, line: Line, id_: str, wanted: Any, taken: set[tuple[str, str]]) -> None:
    """A line that brings a payment to the bank. Raises 3120 for what does not wait to be brought there."""
    check_id(id_, "PaymentTxnID")
    check_id(wanted, "PaymentTxnLineID")
    books, record = draft.books, line.record
    txn = books.store.txn(id_)
    there = [] if txn is None else [one for one in waiting(books, txn) if (id_, one.line) not in taken]
    found = next((one for one in there if not wanted or one.line == wanted), None)
    if txn is None or found is None or id_ == draft.id:
        raise RequestError(3120, value=wanted or id_, detail=NO_SUCH_RECORD)
    taken.add((id_, found.line))
    if record.get("TxnID") != id_ or record.get("PaymentTxnLineID") != found.line:
        _take_over(record, line.given, txn, found.entity)
    record["PaymentTxnLineID"] = found.line
    record["AccountRef"] = ref(books.special("UndepositedFunds"))
    record["Amount"] = money(found.cents)
    link = Link("DEPOSIT", draft.id, id_, draft.id, abs(found.cents), found.line, str(record["TxnLineID"]))
    draft.links.append(link)


def _take_over(record: dict[str, Any], given: Mapping[str, Any], txn: Txn, entity: str | None) -> None:
    """What a line says of a payment, other than what the request says."""
    for field in _OWN_FIELDS:
        if field not in given:
            record.pop(field, None)
    payment: Mapping[str, Any] = qbxml.from_json(txn.body)
    known: dict[str, Any] = {
        "EntityRef": None if entity is None else ref(entity),
        "Memo": payment.get("Memo"),
        "CheckNumber": payment.get("RefNumber") if txn.kind == "ReceivePayment" else payment.get("CheckNumber"),
        "PaymentMethodRef": payment.get("PaymentMethodRef"),
        "ClassRef": payment.get("ClassRef"),
    }
    record |= {name: value for name, value in known.items() if value is not None and name not in record}
    record |= {"TxnType": txn.kind, "TxnID": txn.id}


def _deposit_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    memo = str(record.get("Memo") or "")
    bank = key_of(record, "DepositToAccountRef")
    assert bank is not None
    postings = [Posting(bank, cents(record["DepositTotal"]), memo=memo)]
    back = record.get("CashBackInfoRet")
    if back:
        account = str(key_of(back, "AccountRef"))
        words = str(back.get("Memo") or "")
        postings.append(Posting(account, cents(back["Amount"]), line=str(back["TxnLineID"]), memo=words))
    for _, line in stored_lines(record, _DEPOSIT):
        postings.append(
            Posting(
                str(key_of(line, "AccountRef")),
                -cents(line["Amount"]),
                line=str(line["TxnLineID"]),
                entity=key_of(line, "EntityRef"),
                class_=key_of(line, "ClassRef"),
                memo=str(line.get("Memo") or ""),
            )
        )
    return [one for one in postings if one.cents]


# -- sales tax ---------------------------------------------------------------------------------------------------


def _tax_check(draft: Draft) -> None:
    bank, payee = draft.key("BankAccountRef"), draft.entity
    for field, key in (("BankAccountRef", bank), ("PayeeEntityRef", payee)):
        if key is None:
            raise RequestError(3150, field=field)
    assert bank is not None
    assert payee is not None
    must_be(draft.books, bank, ("Bank",), draft.kind.name)
    if not payee.startswith("Vendor "):
        name = draft.books.element(payee).full_name
        raise RequestError(3140, kind="Vendor", value=name, name=draft.kind.name, detail=NO_SUCH_RECORD)
    take_address(draft, "Address")
    number_check(draft)
    lines = draft.lines(_TAX)
    for line in lines:
        line.record["Amount"] = rounded(line.record.get("Amount") or Decimal(0))
        item = key_of(line.record, "ItemSalesTaxRef")
        if item is not None and not item.startswith("ItemSalesTax "):
            name = draft.books.element(item).full_name
            raise RequestError(3140, kind="Item", value=name, name=f"{draft.kind.name} line", detail=NO_SUCH_RECORD)
    draft.record["Amount"] = sum((line.record["Amount"] for line in lines), Decimal("0.00"))
    if not any(line.record["Amount"] for line in lines) and draft.old is None:
        raise _empty(draft)
    draft.default("_tax_account", ref(draft.books.special("SalesTaxPayable")))
    draft.put(_TAX, lines)


def _tax_postings(record: Mapping[str, Any], books: Books) -> list[Posting]:
    vendor = key_of(record, "PayeeEntityRef")
    memo = str(record.get("Memo") or "")
    bank, payable = str(key_of(record, "BankAccountRef")), str(key_of(record, "_tax_account"))
    postings = [Posting(bank, -cents(record["Amount"]), entity=vendor, memo=memo)]
    for _, line in stored_lines(record, _TAX):
        item = key_of(line, "ItemSalesTaxRef")
        postings.append(Posting(payable, cents(line["Amount"]), str(line["TxnLineID"]), vendor, item, memo=memo))
    return [one for one in postings if one.cents]


KINDS = (
    TxnKind("Transfer", _transfer, _transfer_postings, _transfer_shown, account="TransferFromAccountRef"),
    TxnKind(
        *("Deposit", _deposit, _deposit_postings, nothing_shown),
        account="DepositToAccountRef",
        lines=(_DEPOSIT,),
    ),
    TxnKind(
        *("SalesTaxPaymentCheck", _tax_check, _tax_postings, nothing_shown, "PayeeEntityRef", "BankAccountRef"),
        lines=(_TAX,),
        numbers_itself=True,
        is_check=True,
    ),
)
