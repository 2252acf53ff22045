"""Payments of bills: what they settle, with money, discounts and credits, and what is left to pay."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.ledger.shop import Shop, ref

OWN: dict[str, dict[str, Any]] = {
    "BillPaymentCheck": {"BankAccountRef": ref("Checking"), "IsToBePrinted": False},
    "BillPaymentCreditCard": {"CreditCardAccountRef": ref("Card")},
}


def bill(shop: Shop, amount: str = "100.00", vendor: str = "Lumber Ltd", **fields: Any) -> Any:
    line = {"AccountRef": ref("Rent"), "Amount": amount}
    return shop.txn("Bill", **{"VendorRef": ref(vendor), "ExpenseLineAdd": [line], **fields})


def credit(shop: Shop, amount: str = "30.00", vendor: str = "Lumber Ltd", **fields: Any) -> Any:
    line = {"AccountRef": ref("Supplies"), "Amount": amount}
    return shop.txn("VendorCredit", **{"VendorRef": ref(vendor), "ExpenseLineAdd": [line], **fields})


def applied(target: Record, amount: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"TxnID": target["TxnID"], **({} if amount is None else {"PaymentAmount": amount}), **fields}


def setting(source: Record, amount: str, **fields: Any) -> dict[str, Any]:
    return {"CreditTxnID": source["TxnID"], "AppliedAmount": amount, **fields}


def header(kind: str = "BillPaymentCheck", vendor: str = "Lumber Ltd") -> dict[str, Any]:
    return {"PayeeEntityRef": ref(vendor), **OWN[kind]}


def pay(shop: Shop, *targets: dict[str, Any], kind: str = "BillPaymentCheck", **fields: Any) -> Any:
    return shop.txn(kind, **{**header(kind), "AppliedToTxnAdd": list(targets), **fields})


def refused(shop: Shop, *targets: dict[str, Any], kind: str = "BillPaymentCheck", **fields: Any) -> int:
    code: int = shop.try_txn(kind, **{**header(kind), "AppliedToTxnAdd": list(targets), **fields}).status_code
    return code


def state(shop: Shop, record: Record) -> tuple[str, bool | None]:
    now = shop.now(record)
    return str(now["OpenAmount"]), now.get("IsPaid")


@pytest.mark.parametrize(
    ("kind", "account", "left"),
    [("BillPaymentCheck", "Checking", "-60.00"), ("BillPaymentCreditCard", "Card", "60.00")],
)
def test_a_payment_settles_bills(shop: Shop, kind: str, account: str, left: str) -> None:
    first, second = bill(shop, "40.00", RefNumber="A"), bill(shop, "50.00")
    made = pay(shop, applied(first, "40.00"), applied(second, "20.00"), kind=kind)
    assert str(made["Amount"]) == "60.00"
    assert made["APAccountRef"]["FullName"] == "Accounts Payable"
    rows = [
        (one["TxnID"], one["TxnType"], one.get("RefNumber"), str(one["BalanceRemaining"]), str(one["Amount"]))
        for one in made["AppliedToTxnRet"]
    ]
    assert rows == [
        (first["TxnID"], "Bill", "A", "0.00", "40.00"),
        (second["TxnID"], "Bill", None, "30.00", "20.00"),
    ]
    assert (state(shop, first), state(shop, second)) == (("0.00", True), ("30.00", False))
    assert shop.balance(account) == left
    assert shop.balance("Lumber Ltd", "Vendor") == shop.balance("Accounts Payable") == "30.00"


def test_both_sides_list_each_other(shop: Shop) -> None:
    owed = bill(shop)
    made = pay(shop, applied(owed, "100.00"))
    (link,) = shop.now(owed)["LinkedTxn"]
    assert (link["TxnID"], link["TxnType"], link["LinkType"], str(link["Amount"])) == (
        made["TxnID"],
        "BillPaymentCheck",
        "AMTTYPE",
        "-100.00",
    )
    assert "LinkedTxn" not in made


def test_lines_of_a_payment_are_shown_when_they_are_asked_for(shop: Shop) -> None:
    made = pay(shop, applied(bill(shop), "100.00"))
    bare = shop.one("BillPaymentCheckQuery", {"TxnID": [made["TxnID"]]}).records[0]
    assert "AppliedToTxnRet" not in bare
    assert "AppliedToTxnRet" in shop.now(made)


def test_a_bills_time_moves_and_its_edit_sequence_stays(shop: Shop) -> None:
    owed = bill(shop)
    shop.time.pass_(5)
    pay(shop, applied(owed, "1.00"))
    now = shop.now(owed)
    assert now["EditSequence"] == owed["EditSequence"]
    assert now["TimeModified"] > owed["TimeModified"]


def test_a_discount_goes_to_its_account(shop: Shop) -> None:
    owed = bill(shop)
    made = pay(shop, applied(owed, "98.00", DiscountAmount="2.00", DiscountAccountRef=ref("Interest")))
    (row,) = made["AppliedToTxnRet"]
    assert (str(row["Amount"]), str(row["DiscountAmount"]), row["DiscountAccountRef"]["FullName"]) == (
        "98.00",
        "2.00",
        "Interest",
    )
    assert state(shop, owed) == ("0.00", True)
    assert (shop.balance("Checking"), shop.balance("Interest"), shop.balance("Accounts Payable")) == (
        "-98.00",
        "2.00",
        "0.00",
    )


def test_a_discount_needs_an_account(shop: Shop) -> None:
    owed = bill(shop)
    assert refused(shop, applied(owed, "98.00", DiscountAmount="2.00")) == 3150
    shop.company.configure(default_discount_account="Interest")
    assert refused(shop, applied(owed, "98.00", DiscountAmount="2.00")) == 0
    assert shop.balance("Interest") == "2.00"


def test_a_credit_is_set_beside_the_money(shop: Shop) -> None:
    owed, held = bill(shop), credit(shop)
    made = pay(shop, applied(owed, "50.00", SetCredit=[setting(held, "20.00")]))
    (row,) = made["AppliedToTxnRet"]
    (link,) = row["LinkedTxn"]
    assert (link["TxnID"], link["TxnType"], str(link["Amount"])) == (held["TxnID"], "VendorCredit", "-20.00")
    assert (state(shop, owed), state(shop, held)) == (("30.00", False), ("10.00", None))
    assert shop.balance("Lumber Ltd", "Vendor") == "20.00"


def test_a_payment_that_only_sets_credits_is_none(shop: Shop) -> None:
    owed, held = bill(shop), credit(shop)
    made = pay(shop, applied(owed, SetCredit=[setting(held, "30.00")]))
    assert "TxnID" not in made
    assert "TxnNumber" not in made
    assert str(made["Amount"]) == "0.00"
    assert (state(shop, owed), state(shop, held)) == (("70.00", False), ("0.00", None))
    assert shop.one("BillPaymentCheckQuery").status_code == 1
    # The credits stay where they were set, whatever else is changed ...
    shop.changed(shop.now(owed), Memo="later")
    shop.changed(shop.now(held), Memo="later")
    assert (state(shop, owed), state(shop, held)) == (("70.00", False), ("0.00", None))
    # ... and come free with what they were set on.
    shop.remove(owed)
    assert state(shop, held) == ("30.00", None)


def test_a_payment_of_zero_that_sets_credits_is_none_too(shop: Shop) -> None:
    owed, held = bill(shop, "30.00"), credit(shop)
    made = pay(shop, applied(owed, "0.00", SetCredit=[setting(held, "30.00")]))
    assert "TxnID" not in made
    assert state(shop, owed) == ("0.00", True)


def test_a_discount_alone_is_a_payment(shop: Shop) -> None:
    owed = bill(shop, "5.00")
    made = pay(shop, applied(owed, DiscountAmount="5.00", DiscountAccountRef=ref("Interest")))
    assert "TxnID" in made
    assert state(shop, owed) == ("0.00", True)
    assert (shop.balance("Checking"), shop.balance("Interest")) == ("0.00", "5.00")


def test_what_can_not_be_paid(shop: Shop) -> None:
    owed, other = bill(shop), bill(shop, vendor="Office Inc")
    assert refused(shop, applied(owed)) == 3150
    assert refused(shop, applied(owed, "0.00")) == 3180
    answer = shop.try_txn("BillPaymentCheck", **header(), AppliedToTxnAdd=[applied(owed, "100.01")])
    assert (answer.status_code, answer.status_message) == (
        3210,
        'The "AppliedToTxnAdd payment amount" field has an invalid value "100.01".  '
        "QuickBooks error message: You cannot pay more than the amount due.",
    )
    assert refused(shop, applied(other, "1.00")) == 3120
    assert refused(shop, {"TxnID": "FFFF-1700000000", "PaymentAmount": "1.00"}) == 3120
    assert refused(shop, {"TxnID": "no id", "PaymentAmount": "1.00"}) == 3000
    pay(shop, applied(owed, "100.00"))
    assert refused(shop, applied(owed, "1.00")) == 3120
    assert shop.balance("Checking") == "-100.00"


def test_goods_without_a_bill_are_not_paid(shop: Shop) -> None:
    line = {"ItemRef": ref("Lamp"), "Quantity": "1"}
    came = shop.txn("ItemReceipt", VendorRef=ref("Lumber Ltd"), ItemLineAdd=[line])
    assert refused(shop, applied(came, "18.00")) == 3120


def test_accounts_and_payees_must_agree(shop: Shop) -> None:
    owed = bill(shop)
    shop.add("Account", {"Name": "Other payables", "AccountType": "AccountsPayable"})
    assert refused(shop, applied(owed, "1.00"), APAccountRef=ref("Other payables")) == 3180
    assert refused(shop, applied(owed, "1.00"), PayeeEntityRef=ref("Ann")) == 3140
    assert refused(shop, applied(owed, "1.00"), BankAccountRef=ref("Card")) == 3140
    assert (
        refused(shop, applied(owed, "1.00"), kind="BillPaymentCreditCard", CreditCardAccountRef=ref("Checking")) == 3140
    )


def test_credits_are_no_more_than_they_are(shop: Shop) -> None:
    owed, held = bill(shop), credit(shop)
    assert refused(shop, applied(owed, SetCredit=[setting(held, "30.01")])) == 3210
    assert refused(shop, applied(owed, SetCredit=[setting(credit(shop, vendor="Office Inc"), "1.00")])) == 3120
    assert refused(shop, applied(owed, "80.00", SetCredit=[setting(held, "30.00")])) == 3210
    assert state(shop, held) == ("30.00", None)


def test_a_journal_entry_is_paid(shop: Shop) -> None:
    bill(shop)
    debit = {"AccountRef": ref("Rent"), "Amount": "25.00"}
    owed = {"AccountRef": ref("Accounts Payable"), "Amount": "25.00", "EntityRef": ref("Lumber Ltd")}
    entry = shop.txn("JournalEntry", JournalDebitLine=[debit], JournalCreditLine=[owed])
    pay(shop, applied(entry, "25.00"))
    assert refused(shop, applied(entry, "1.00")) == 3120
    assert shop.balance("Lumber Ltd", "Vendor") == "100.00"


def test_checks_of_both_kinds_have_one_row_of_numbers(shop: Shop) -> None:
    line = {"AccountRef": ref("Rent"), "Amount": "1.00"}
    check = shop.txn("Check", AccountRef=ref("Checking"), RefNumber="70", ExpenseLineAdd=[line])
    made = pay(shop, applied(bill(shop), "100.00"))
    printed = pay(shop, applied(bill(shop), "100.00"), IsToBePrinted=True)
    assert (check["RefNumber"], made["RefNumber"]) == ("70", "71")
    assert (made["IsToBePrinted"], printed["IsToBePrinted"]) == (False, True)
    assert "RefNumber" not in printed


# -- Mod ---------------------------------------------------------------------------------------------------------


def test_what_a_mod_does_not_say_stays(shop: Shop) -> None:
    owed, held = bill(shop), credit(shop)
    target = applied(owed, "50.00", SetCredit=[setting(held, "20.00")])
    made = pay(shop, {**target, "DiscountAmount": "5.00", "DiscountAccountRef": ref("Interest")})
    new = shop.changed(made, Memo="later")
    assert new["AppliedToTxnRet"] == made["AppliedToTxnRet"]
    assert str(new["Amount"]) == "50.00"
    assert (state(shop, owed), state(shop, held)) == (("25.00", False), ("10.00", None))


def test_what_a_mod_applies_is_all(shop: Shop) -> None:
    first, second = bill(shop, "40.00"), bill(shop, "50.00")
    made = pay(shop, applied(first, "40.00"))
    new = shop.changed(made, AppliedToTxnMod=[applied(second, "50.00")])
    assert [one["TxnID"] for one in new["AppliedToTxnRet"]] == [second["TxnID"]]
    assert (state(shop, first), state(shop, second)) == (("40.00", False), ("0.00", True))
    assert (str(new["Amount"]), shop.balance("Checking")) == ("50.00", "-50.00")
    assert shop.change(new, AppliedToTxnMod=[applied(first, "40.01")]).status_code == 3210
    assert state(shop, second) == ("0.00", True)


def test_a_larger_amount_leaves_a_credit(shop: Shop) -> None:
    owed = bill(shop)
    made = pay(shop, applied(owed, "40.00"))
    new = shop.changed(made, Amount="45.00")
    assert (str(new["Amount"]), shop.balance("Lumber Ltd", "Vendor")) == ("45.00", "55.00")
    assert shop.change(new, Amount="39.99").status_code == 3210
    other = bill(shop, "5.00")
    pay(shop, applied(other, SetCredit=[setting(new, "5.00")]))
    assert state(shop, other) == ("0.00", True)


# -- deleting and voiding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OWN)
def test_deleting_a_payment_opens_what_it_paid(shop: Shop, kind: str) -> None:
    owed, held = bill(shop), credit(shop)
    target = applied(owed, "50.00", SetCredit=[setting(held, "30.00")])
    made = pay(shop, target, kind=kind)
    assert shop.remove(made).status_code == 0
    assert (state(shop, owed), state(shop, held)) == (("100.00", False), ("30.00", None))
    assert "LinkedTxn" not in shop.now(owed)
    assert shop.balance("Checking") == shop.balance("Card") == "0.00"
    assert shop.balance("Lumber Ltd", "Vendor") == "70.00"


@pytest.mark.parametrize("kind", OWN)
def test_voiding_a_payment_opens_what_it_paid(shop: Shop, kind: str) -> None:
    owed = bill(shop)
    made = pay(shop, applied(owed, "50.00", DiscountAmount="1.00", DiscountAccountRef=ref("Interest")), kind=kind)
    assert shop.void(made).status_code == 0
    new = shop.now(made)
    assert (new["Memo"], str(new["Amount"])) == ("VOID:", "0.00")
    assert "AppliedToTxnRet" not in new
    assert state(shop, owed) == ("100.00", False)
    assert shop.balance("Interest") == shop.balance("Checking") == shop.balance("Card") == "0.00"


def test_deleting_a_bill_leaves_a_credit(shop: Shop) -> None:
    owed = bill(shop)
    made = pay(shop, applied(owed, "98.00", DiscountAmount="2.00", DiscountAccountRef=ref("Interest")))
    assert shop.remove(owed).status_code == 0
    assert shop.balance("Lumber Ltd", "Vendor") == "-100.00"
    (held,) = shop.one("BillToPayQuery", {"PayeeEntityRef": ref("Lumber Ltd")}).records
    assert str(held["CreditToApply"]["CreditRemaining"]) == "100.00"
    other = bill(shop)
    pay(shop, applied(other, SetCredit=[setting(made, "100.00")]))
    assert shop.balance("Lumber Ltd", "Vendor") == "0.00"
    assert state(shop, other) == ("0.00", True)


def test_a_paid_bill_keeps_what_is_applied_to_it(shop: Shop) -> None:
    owed = bill(shop)
    pay(shop, applied(owed, "60.00"))
    line = owed["ExpenseLineRet"][0]["TxnLineID"]
    assert shop.change(owed, ExpenseLineMod=[{"TxnLineID": line, "Amount": "59.99"}]).status_code == 3180
    assert shop.change(owed, VendorRef=ref("Office Inc")).status_code == 3180
    new = shop.changed(owed, ExpenseLineMod=[{"TxnLineID": line, "Amount": "60.00"}])
    assert (str(new["OpenAmount"]), new["IsPaid"]) == ("0.00", True)


def test_the_closing_date_is_kept(shop: Shop) -> None:
    made = pay(shop, applied(bill(shop), "60.00"), TxnDate="2023-06-30")
    shop.company.configure(closing_date=made["TxnDate"])
    assert shop.change(made, Memo="too late").status_code == 3171
    assert shop.remove(made).status_code == 3161


# -- what there is to pay ----------------------------------------------------------------------------------------


def test_what_there_is_to_pay(shop: Shop) -> None:
    first = bill(shop, "40.00", TxnDate="2023-10-01", RefNumber="A")
    second = bill(shop, "50.00", TxnDate="2023-11-01")
    held = credit(shop)
    bill(shop, vendor="Office Inc")
    pay(shop, applied(first, "10.00"))
    pay(shop, applied(bill(shop, "1.00"), "1.00"))
    query = {"PayeeEntityRef": ref("Lumber Ltd")}
    found = shop.one("BillToPayQuery", query).records
    owed = [one["BillToPay"] for one in found if "BillToPay" in one]
    assert [
        (one["TxnID"], one["TxnType"], one.get("RefNumber"), str(one["DueDate"]), str(one["AmountDue"])) for one in owed
    ] == [
        (first["TxnID"], "Bill", "A", "2023-10-11", "30.00"),
        (second["TxnID"], "Bill", None, "2023-11-11", "50.00"),
    ]
    (left,) = (one["CreditToApply"] for one in found if "CreditToApply" in one)
    assert (left["TxnID"], left["TxnType"], str(left["CreditRemaining"])) == (held["TxnID"], "VendorCredit", "30.00")
    assert left["APAccountRef"]["FullName"] == "Accounts Payable"
    soon = shop.one("BillToPayQuery", {**query, "DueDate": "2023-10-31"}).records
    assert [one["BillToPay"]["TxnID"] for one in soon if "BillToPay" in one] == [first["TxnID"]]


def test_nothing_to_pay(shop: Shop) -> None:
    answer = shop.one("BillToPayQuery", {"PayeeEntityRef": ref("Lumber Ltd")})
    assert (answer.status_code, answer.records) == (1, [])
    assert shop.one("BillToPayQuery", {"PayeeEntityRef": ref("Nobody")}).status_code == 3140


def test_bills_by_their_paid_status(shop: Shop) -> None:
    paid, owed = bill(shop), bill(shop)
    pay(shop, applied(paid, "100.00"))
    for status, wanted in (("PaidOnly", [paid]), ("NotPaidOnly", [owed]), ("All", [paid, owed])):
        found = shop.one("BillQuery", {"PaidStatus": status}).records
        assert [one["TxnID"] for one in found] == [one["TxnID"] for one in wanted]
