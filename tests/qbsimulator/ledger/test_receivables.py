"""Payments received, credits that are set, statement charges, refunds by card: what they settle and post."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.helpers import status
from tests.qbsimulator.ledger.shop import Shop, ref


def paid(shop: Shop, *applied: tuple[Record, str], customer: str = "Ann", **fields: Any) -> Record:
    given = [{"TxnID": one["TxnID"], "PaymentAmount": amount} for one, amount in applied]
    return shop.txn("ReceivePayment", **{"CustomerRef": ref(customer), "AppliedToTxnAdd": given, **fields})


def credit(shop: Shop, amount: str = "30.00", customer: str = "Ann", **fields: Any) -> Record:
    lines = [{"ItemRef": ref("Advice"), "Amount": amount}]
    return shop.txn("CreditMemo", **{"CustomerRef": ref(customer), "CreditMemoLineAdd": lines, **fields})


def texts(record: Any, *names: str) -> list[str]:
    return [str(record.get(name)) for name in names]


# -- what a payment settles --------------------------------------------------------------------------------------


def test_a_payment_is_filled_in_and_posted(shop: Shop) -> None:
    owed = shop.invoice(RefNumber="77")
    made = paid(shop, (owed, "60.00"), RefNumber="check 9")
    assert texts(made, "TotalAmount", "UnusedPayment", "UnusedCredits") == ["60.00", "0.00", "0.00"]
    assert made["DepositToAccountRef"]["FullName"] == "Undeposited Funds"
    assert made["ARAccountRef"]["FullName"] == "Accounts Receivable"
    (applied,) = made["AppliedToTxnRet"]
    assert texts(applied, "TxnID", "TxnType", "RefNumber") == [owed["TxnID"], "Invoice", "77"]
    assert texts(applied, "TxnDate", "BalanceRemaining", "Amount") == ["2023-11-14", "40.00", "60.00"]
    assert [shop.balance(one) for one in ("Undeposited Funds", "Accounts Receivable")] == ["60.00", "40.00"]
    assert shop.balance("Ann", "Customer") == "40.00"


def test_an_invoice_shows_what_was_paid(shop: Shop) -> None:
    owed = shop.invoice()
    shop.time.pass_(5)
    made = paid(shop, (owed, "100.00"), RefNumber="9")
    new = shop.now(owed)
    assert texts(new, "AppliedAmount", "BalanceRemaining", "IsPaid") == ["-100.00", "0.00", "True"]
    (link,) = new["LinkedTxn"]
    assert texts(link, "TxnID", "TxnType", "RefNumber") == [made["TxnID"], "ReceivePayment", "9"]
    assert texts(link, "TxnDate", "LinkType", "Amount") == ["2023-11-14", "AMTTYPE", "-100.00"]
    assert new["EditSequence"] == owed["EditSequence"]
    assert new["TimeModified"] > owed["TimeModified"]


def test_what_is_too_much_is_kept_as_a_credit(shop: Shop) -> None:
    made = paid(shop, (shop.invoice(), "100.00"), TotalAmount="150.00")
    assert texts(made, "TotalAmount", "UnusedPayment") == ["150.00", "50.00"]
    assert shop.balance("Ann", "Customer") == "-50.00"


def test_more_than_is_due_is_refused(shop: Shop) -> None:
    owed = shop.invoice()
    given = [{"TxnID": owed["TxnID"], "PaymentAmount": "100.01"}]
    answer = shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=given)
    assert status(answer) == (
        3210,
        'The "AppliedToTxnAdd payment amount" field has an invalid value "100.01".'
        "  QuickBooks error message: You cannot pay more than the amount due.",
    )
    assert shop.balance("Ann", "Customer") == "100.00"


def test_more_than_is_due_in_two_parts_is_refused(shop: Shop) -> None:
    one = {"TxnID": shop.invoice()["TxnID"], "PaymentAmount": "60.00"}
    answer = shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[one, one])
    assert answer.status_code == 3210


def test_more_than_the_payment_comes_to_is_refused(shop: Shop) -> None:
    given = [{"TxnID": shop.invoice()["TxnID"], "PaymentAmount": "60.00"}]
    answer = shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="50.00", AppliedToTxnAdd=given)
    assert answer.status_code == 3180


def test_nothing_applied_and_nothing_paid_is_refused(shop: Shop) -> None:
    fields = {"CustomerRef": ref("Ann"), "IsAutoApply": True}
    assert shop.try_txn("ReceivePayment", **fields).status_code == 3180


@pytest.mark.parametrize("what", ["paid", "foreign", "missing", "no debt"])
def test_what_can_not_be_found_can_not_be_paid(shop: Shop, what: str) -> None:
    owed = shop.invoice("Bob" if what == "foreign" else "Ann")
    if what == "paid":
        paid(shop, (owed, "100.00"))
    id_ = {"missing": "FFFF-1700000000", "no debt": credit(shop)["TxnID"]}.get(what, owed["TxnID"])
    given = [{"TxnID": id_, "PaymentAmount": "10.00"}]
    answer = shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=given)
    assert status(answer) == (
        3120,
        f'Object "{id_}" specified in the request cannot be found.  QuickBooks error message: Invalid argument.'
        "  The specified record does not exist in the list.",
    )


def test_an_id_of_another_form_is_refused(shop: Shop) -> None:
    given = [{"TxnID": "the last one", "PaymentAmount": "10.00"}]
    answer = shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=given)
    assert answer.status_code == 3000


def test_how_much_is_to_be_said(shop: Shop) -> None:
    given = [{"TxnID": shop.invoice()["TxnID"]}]
    answer = shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=given)
    assert status(answer) == (3150, 'There is a missing element: "PaymentAmount"')


def test_receivables_of_another_account_are_refused(shop: Shop) -> None:
    shop.add("Account", {"Name": "Other A/R", "AccountType": "AccountsReceivable"})
    owed = shop.invoice(ARAccountRef=ref("Other A/R"))
    given = [{"TxnID": owed["TxnID"], "PaymentAmount": "10.00"}]
    fields = {"CustomerRef": ref("Ann"), "AppliedToTxnAdd": given}
    shop.add("Account", {"Name": "Third A/R", "AccountType": "AccountsReceivable"})
    assert shop.try_txn("ReceivePayment", ARAccountRef=ref("Third A/R"), **fields).status_code == 3180
    assert shop.try_txn("ReceivePayment", ARAccountRef=ref("Other A/R"), **fields).status_code == 0
    assert shop.try_txn("ReceivePayment", ARAccountRef=ref("Checking"), **fields).status_code == 3140


def test_a_payment_goes_where_it_is_told(shop: Shop) -> None:
    paid(shop, (shop.invoice(), "100.00"), DepositToAccountRef=ref("Checking"))
    assert shop.balance("Checking") == "100.00"
    given = {"CustomerRef": ref("Ann"), "TotalAmount": "5.00", "IsAutoApply": False}
    assert shop.try_txn("ReceivePayment", DepositToAccountRef=ref("Sales"), **given).status_code == 3140


def test_a_customer_pays_for_jobs(shop: Shop) -> None:
    own, job = shop.invoice("Bob", "40.00"), shop.invoice("Bob:Kitchen", "60.00")
    made = paid(shop, (own, "40.00"), (job, "50.00"), customer="Bob", TotalAmount="100.00")
    assert texts(made, "UnusedPayment") == ["10.00"]
    assert texts(shop.now(job), "BalanceRemaining") == ["10.00"]
    assert [shop.balance(one, "Customer") for one in ("Bob", "Bob:Kitchen")] == ["-10.00", "10.00"]
    shop.remove(made)
    assert [shop.balance(one, "Customer") for one in ("Bob", "Bob:Kitchen")] == ["40.00", "60.00"]


# -- applied by itself -------------------------------------------------------------------------------------------


def test_the_same_amount_is_paid_first(shop: Shop) -> None:
    first, second = shop.invoice(amount="70.00"), shop.invoice(amount="50.00")
    shop.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="50.00", IsAutoApply=True)
    assert [str(shop.now(one)["BalanceRemaining"]) for one in (first, second)] == ["70.00", "0.00"]


def test_else_the_oldest_is_paid_first(shop: Shop) -> None:
    third, first, second = (shop.invoice(TxnDate=f"2023-11-{day}") for day in ("12", "10", "11"))
    made = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="150.00", IsAutoApply=True)
    assert [str(shop.now(one)["BalanceRemaining"]) for one in (first, second, third)] == ["0.00", "50.00", "100.00"]
    assert [texts(one, "TxnID", "Amount") for one in made["AppliedToTxnRet"]] == [
        [first["TxnID"], "100.00"],
        [second["TxnID"], "50.00"],
    ]


def test_not_applied_at_all(shop: Shop) -> None:
    owed = shop.invoice()
    made = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="100.00", IsAutoApply=False)
    assert texts(made, "UnusedPayment", "AppliedToTxnRet") == ["100.00", "None"]
    assert texts(shop.now(owed), "BalanceRemaining") == ["100.00"]
    assert shop.balance("Ann", "Customer") == "0.00"


# -- discounts and credits ---------------------------------------------------------------------------------------


def test_a_discount_settles_too(shop: Shop) -> None:
    owed = shop.invoice()
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "98.00", "DiscountAmount": "2.00"}
    given["DiscountAccountRef"] = ref("Discounts")
    made = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given])
    (applied,) = made["AppliedToTxnRet"]
    assert texts(applied, "Amount", "DiscountAmount", "BalanceRemaining") == ["98.00", "2.00", "0.00"]
    assert applied["DiscountAccountRef"]["FullName"] == "Discounts"
    assert texts(made, "TotalAmount", "UnusedPayment") == ["98.00", "0.00"]
    assert [shop.balance(one) for one in ("Undeposited Funds", "Discounts", "Sales")] == ["98.00", "-2.00", "100.00"]
    assert texts(shop.now(owed), "AppliedAmount", "IsPaid") == ["-100.00", "True"]


def test_a_discount_needs_an_account(shop: Shop) -> None:
    given = {"TxnID": shop.invoice()["TxnID"], "DiscountAmount": "2.00"}
    fields = {"CustomerRef": ref("Ann"), "AppliedToTxnAdd": [given]}
    assert status(shop.try_txn("ReceivePayment", **fields)) == (
        3150,
        'There is a missing element: "DiscountAccountRef"',
    )
    shop.company.configure(default_discount_account="Discounts")
    made = shop.txn("ReceivePayment", **fields)
    assert texts(made, "TotalAmount") == ["0.00"]
    assert shop.balance("Discounts") == "-2.00"


def setting(held: Record, amount: str, **fields: Any) -> dict[str, Any]:
    return {"CreditTxnID": held["TxnID"], "AppliedAmount": amount, **fields}


def test_a_credit_is_set_with_a_payment(shop: Shop) -> None:
    owed, held = shop.invoice(), credit(shop, RefNumber="C1")
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "80.00", "SetCredit": [setting(held, "20.00")]}
    made = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given])
    (applied,) = made["AppliedToTxnRet"]
    assert texts(applied, "Amount", "BalanceRemaining") == ["80.00", "0.00"]
    (used,) = applied["LinkedTxn"]
    assert texts(used, "TxnID", "TxnType", "RefNumber", "Amount") == [held["TxnID"], "CreditMemo", "C1", "-20.00"]
    assert texts(made, "TotalAmount", "UnusedPayment", "UnusedCredits") == ["80.00", "0.00", "10.00"]
    assert texts(shop.now(held), "CreditRemaining") == ["10.00"]
    assert [texts(one, "TxnID", "Amount") for one in shop.now(held)["LinkedTxn"]] == [[owed["TxnID"], "20.00"]]
    links = [texts(one, "TxnType", "Amount") for one in shop.now(owed)["LinkedTxn"]]
    assert sorted(links) == [["CreditMemo", "-20.00"], ["ReceivePayment", "-80.00"]]
    assert shop.balance("Ann", "Customer") == "-10.00"


def test_credits_alone_are_no_transaction(shop: Shop) -> None:
    owed, held = shop.invoice(), credit(shop)
    given = {"TxnID": owed["TxnID"], "SetCredit": [setting(held, "30.00")]}
    made = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount="0.00", AppliedToTxnAdd=[given])
    assert "TxnID" not in made
    assert texts(made["AppliedToTxnRet"][0], "BalanceRemaining") == ["70.00"]
    assert shop.one("ReceivePaymentQuery").status_code == 1
    assert texts(shop.now(owed), "BalanceRemaining") == ["70.00"]
    assert texts(shop.now(held), "CreditRemaining") == ["0.00"]
    new = shop.changed(owed, Memo="what was set stays")
    assert texts(new, "AppliedAmount", "BalanceRemaining") == ["-30.00", "70.00"]
    shop.remove(held)
    assert texts(shop.now(owed), "BalanceRemaining") == ["100.00"]


def test_more_than_is_left_of_a_credit_is_refused(shop: Shop) -> None:
    owed, held = shop.invoice(), credit(shop)
    given = {"TxnID": owed["TxnID"], "SetCredit": [setting(held, "30.01")]}
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given]).status_code == 3210
    given["SetCredit"] = [setting(held, "20.00"), setting(held, "20.00")]
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given]).status_code == 3210
    given["SetCredit"] = [setting(owed, "20.00")]
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given]).status_code == 3120


@pytest.mark.parametrize(
    "more",
    [
        {"PaymentAmount": "-1.00"},
        {"PaymentAmount": "5.00", "DiscountAmount": "-1.00", "DiscountAccountRef": ref("Discounts")},
        {"PaymentAmount": "99.00", "DiscountAmount": "1.01", "DiscountAccountRef": ref("Discounts")},
    ],
    ids=["a negative payment", "a negative discount", "too much with the discount"],
)
def test_amounts_that_can_not_be_are_refused(shop: Shop, more: dict[str, Any]) -> None:
    given = {"TxnID": shop.invoice()["TxnID"], **more}
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given]).status_code == 3210


def test_a_negative_credit_is_refused(shop: Shop) -> None:
    owed, held = shop.invoice(), credit(shop)
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "5.00", "SetCredit": [setting(held, "-1.00")]}
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given]).status_code == 3210


def test_what_was_paid_too_much_is_a_credit(shop: Shop) -> None:
    first = paid(shop, (shop.invoice(), "100.00"), TotalAmount="150.00")
    owed = shop.invoice(amount="80.00")
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "30.00", "SetCredit": [setting(first, "50.00")]}
    shop.txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given])
    new = shop.now(first)
    assert texts(new, "UnusedPayment") == ["0.00"]
    assert [texts(one, "Amount") for one in new["AppliedToTxnRet"]] == [["100.00"], ["50.00"]]
    assert texts(shop.now(owed), "IsPaid") == ["True"]


def test_an_invoice_takes_credits(shop: Shop) -> None:
    held = credit(shop)
    owed = shop.invoice(SetCredit=[setting(held, "20.00")])
    assert texts(owed, "AppliedAmount", "BalanceRemaining") == ["-20.00", "80.00"]
    assert texts(shop.now(held), "CreditRemaining") == ["10.00"]
    more = shop.changed(owed, SetCredit=[setting(held, "5.00")])
    assert texts(more, "AppliedAmount") == ["-25.00"]
    other = shop.changed(more, SetCredit=[setting(held, "8.00", Override=True)])
    assert texts(other, "AppliedAmount") == ["-8.00"]
    assert texts(shop.now(held), "CreditRemaining") == ["22.00"]
    assert shop.change(other, SetCredit=[setting(held, "30.01", Override=True)]).status_code == 3210
    shop.remove(other)
    assert texts(shop.now(held), "CreditRemaining") == ["30.00"]


def test_a_credit_can_not_come_to_less_than_was_set_of_it(shop: Shop) -> None:
    held = credit(shop)
    shop.invoice(SetCredit=[setting(held, "20.00")])
    line = {"TxnLineID": held["CreditMemoLineRet"][0]["TxnLineID"], "Amount": "19.99"}
    assert shop.change(held, CreditMemoLineMod=[line]).status_code == 3180
    new = shop.changed(held, CreditMemoLineMod=[{**line, "Amount": "20.00"}])
    assert texts(new, "TotalAmount", "CreditRemaining") == ["20.00", "0.00"]


def test_a_voided_credit_opens_the_invoice(shop: Shop) -> None:
    held = credit(shop)
    owed = shop.invoice(SetCredit=[setting(held, "20.00")])
    assert shop.void(held).status_code == 0
    assert texts(shop.now(owed), "AppliedAmount", "BalanceRemaining") == ["0.00", "100.00"]


def test_credits_for_more_than_an_invoice_are_refused(shop: Shop) -> None:
    held = credit(shop)
    fields = {"CustomerRef": ref("Ann"), "InvoiceLineAdd": [{"ItemRef": ref("Advice"), "Amount": "20.00"}]}
    assert shop.try_txn("Invoice", SetCredit=[setting(held, "30.00")], **fields).status_code == 3180
    assert texts(shop.now(held), "CreditRemaining") == ["30.00"]


def test_a_later_request_overrides_a_credit(shop: Shop) -> None:
    held = credit(shop)
    owed = shop.invoice(SetCredit=[setting(held, "30.00")])
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "90.00", "SetCredit": [setting(held, "10.00", Override=True)]}
    shop.txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given])
    assert texts(shop.now(owed), "IsPaid") == ["True"]
    assert texts(shop.now(held), "CreditRemaining") == ["20.00"]


# -- Mod, delete, void -------------------------------------------------------------------------------------------


def test_what_is_not_sent_stays_applied(shop: Shop) -> None:
    owed = shop.invoice()
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "40.00", "DiscountAmount": "2.00"}
    given["DiscountAccountRef"] = ref("Discounts")
    made = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given])
    before = shop.now(owed)
    new = shop.changed(made, Memo="late", TotalAmount="50.00")
    assert new["AppliedToTxnRet"] == made["AppliedToTxnRet"]
    assert texts(new, "TotalAmount", "UnusedPayment") == ["50.00", "10.00"]
    assert shop.now(owed) == before
    assert shop.change(new, TotalAmount="39.99").status_code == 3180


def test_what_is_sent_is_all_that_is_applied(shop: Shop) -> None:
    first, second = shop.invoice(), shop.invoice()
    made = paid(shop, (first, "40.00"), (second, "30.00"))
    new = shop.changed(made, AppliedToTxnMod=[{"TxnID": first["TxnID"], "PaymentAmount": "60.00"}])
    assert texts(new, "TotalAmount", "UnusedPayment") == ["70.00", "10.00"]
    assert [str(shop.now(one)["BalanceRemaining"]) for one in (first, second)] == ["40.00", "100.00"]
    full = shop.changed(new, TotalAmount="100.00", AppliedToTxnMod=[{"TxnID": first["TxnID"], "PaymentAmount": "100"}])
    assert texts(full, "UnusedPayment") == ["0.00"]


def test_a_payment_of_another_customer_does_not_fit(shop: Shop) -> None:
    made = paid(shop, (shop.invoice(), "40.00"))
    assert shop.change(made, CustomerRef=ref("Bob")).status_code == 3180


def test_a_deleted_payment_leaves_the_invoice_open(shop: Shop) -> None:
    owed = shop.invoice()
    made = paid(shop, (owed, "100.00"))
    assert shop.remove(made).status_code == 0
    new = shop.now(owed)
    assert texts(new, "AppliedAmount", "BalanceRemaining", "IsPaid") == ["0.00", "100.00", "False"]
    assert "LinkedTxn" not in new
    assert new["EditSequence"] == owed["EditSequence"]
    assert shop.balance("Undeposited Funds") == "0.00"


def test_a_payment_can_not_be_voided(shop: Shop) -> None:
    made = paid(shop, (shop.invoice(), "100.00"))
    asked = f"<TxnVoidRq><TxnVoidType>ReceivePayment</TxnVoidType><TxnID>{made['TxnID']}</TxnID></TxnVoidRq>"
    assert b'statusCode="3110"' in shop.raw(asked)


def test_a_deleted_invoice_leaves_what_was_paid(shop: Shop) -> None:
    owed = shop.invoice()
    made = paid(shop, (owed, "100.00"))
    assert shop.remove(owed).status_code == 0
    new = shop.now(made)
    assert texts(new, "UnusedPayment", "AppliedToTxnRet") == ["100.00", "None"]
    assert shop.balance("Ann", "Customer") == "-100.00"
    next_ = shop.invoice(SetCredit=[setting(made, "100.00")])
    assert next_["IsPaid"] is True


def test_a_paid_invoice_stays_where_that_is_set(shop: Shop) -> None:
    owed, free = shop.invoice(), shop.invoice()
    made = paid(shop, (owed, "10.00"))
    shop.company.configure(deletes_what_is_paid=False)
    assert shop.remove(owed).status_code == 3160
    assert shop.remove(free).status_code == 0
    assert shop.remove(made).status_code == 0
    assert shop.remove(owed).status_code == 0


def test_a_voided_invoice_frees_what_was_paid(shop: Shop) -> None:
    owed = shop.invoice()
    made = paid(shop, (owed, "100.00"))
    assert shop.void(owed).status_code == 0
    assert texts(shop.now(made), "UnusedPayment") == ["100.00"]
    assert "LinkedTxn" not in shop.now(owed)


def test_an_invoice_can_not_come_to_less_than_was_paid(shop: Shop) -> None:
    owed = shop.invoice()
    paid(shop, (owed, "80.00"))
    line = {"TxnLineID": owed["InvoiceLineRet"][0]["TxnLineID"], "Amount": "79.99"}
    assert shop.change(owed, InvoiceLineMod=[line]).status_code == 3180
    assert shop.change(owed, CustomerRef=ref("Bob")).status_code == 3180
    new = shop.changed(owed, InvoiceLineMod=[{**line, "Amount": "80.00"}])
    assert new["IsPaid"] is True


def applied(record: Record, amount: str) -> dict[str, Any]:
    return {"AppliedToTxnAdd": [{"TxnID": record["TxnID"], "PaymentAmount": amount}]}


def entry(shop: Shop, *lines: tuple[str, str], side: str = "Debit") -> Record:
    """A journal entry with lines of receivables on one side: customers and amounts; the rest on the other."""
    owed = [
        {"AccountRef": ref("Accounts Receivable"), "Amount": amount, "EntityRef": ref(name)} for name, amount in lines
    ]
    total = sum(Decimal(amount) for _, amount in lines)
    rest = [{"AccountRef": ref("Interest"), "Amount": str(total)}]
    sides = {"Debit": owed, "Credit": rest} if side == "Debit" else {"Debit": rest, "Credit": owed}
    return shop.txn("JournalEntry", **{f"Journal{name}Line": given for name, given in sides.items()})


def test_lines_of_a_journal_entry_are_paid(shop: Shop) -> None:
    shop.invoice()
    made = entry(shop, ("Ann", "30.00"), ("Bob", "50.00"), ("Ann", "20.00"))
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Bob"), **applied(made, "50.01")).status_code == 3210
    first = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), **applied(made, "40.00"))
    assert texts(first["AppliedToTxnRet"][0], "TxnType", "Amount", "BalanceRemaining") == [
        *("JournalEntry", "40.00", "10.00"),
    ]
    shop.txn("ReceivePayment", CustomerRef=ref("Ann"), **applied(made, "10.00"))
    assert shop.try_txn("ReceivePayment", CustomerRef=ref("Ann"), **applied(made, "1.00")).status_code == 3120
    assert [shop.balance(one, "Customer") for one in ("Ann", "Bob")] == ["100.00", "50.00"]


def test_a_credit_of_a_journal_entry_is_set(shop: Shop) -> None:
    owed = shop.invoice()
    made = entry(shop, ("Ann", "30.00"), ("Ann", "20.00"), side="Credit")
    given = {"TxnID": owed["TxnID"], "PaymentAmount": "10.00", "SetCredit": [setting(made, "45.00")]}
    paid_ = shop.txn("ReceivePayment", CustomerRef=ref("Ann"), AppliedToTxnAdd=[given])
    assert texts(paid_, "UnusedCredits") == ["5.00"]
    assert texts(paid_["AppliedToTxnRet"][0], "BalanceRemaining") == ["45.00"]
    assert [texts(one, "TxnType", "Amount") for one in paid_["AppliedToTxnRet"][0]["LinkedTxn"]] == [
        ["JournalEntry", "-45.00"]
    ]


# -- queries -----------------------------------------------------------------------------------------------------


def test_what_is_applied_comes_with_lines_only(shop: Shop) -> None:
    made = paid(shop, (shop.invoice(), "100.00"))
    (plain,) = shop.one("ReceivePaymentQuery").records
    assert "AppliedToTxnRet" not in plain
    (full,) = shop.one("ReceivePaymentQuery", {"IncludeLineItems": True}).records
    assert full == made


def test_paid_and_open_invoices_are_told_apart(shop: Shop) -> None:
    first, second, pending = shop.invoice(), shop.invoice(), shop.invoice(IsPending=True)
    paid(shop, (first, "100.00"))
    for wanted, expected in (("PaidOnly", [first]), ("NotPaidOnly", [second, pending]), ("All", None)):
        found = shop.one("InvoiceQuery", {"PaidStatus": wanted}).records
        everything = [first, second, pending] if expected is None else expected
        assert [one["TxnID"] for one in found] == [one["TxnID"] for one in everything]


def test_an_account_filter_looks_at_where_it_went(shop: Shop) -> None:
    paid(shop, (shop.invoice(), "100.00"), DepositToAccountRef=ref("Checking"))
    for name, code in (("Checking", 0), ("Savings", 1)):
        assert shop.one("ReceivePaymentQuery", {"AccountFilter": ref(name)}).status_code == code


# -- statement charges and refunds -------------------------------------------------------------------------------


def test_a_charge_is_owed(shop: Shop) -> None:
    made = shop.txn("Charge", CustomerRef=ref("Ann"), ItemRef=ref("Work"), Quantity="3")
    assert texts(made, "Rate", "Amount", "BalanceRemaining") == ["50.00", "150.00", "150.00"]
    assert texts(made, "IsPaid", "Desc") == ["False", "Good work"]
    assert [shop.balance("Sales"), shop.balance("Ann", "Customer")] == ["150.00", "150.00"]
    paid(shop, (made, "150.00"))
    new = shop.now(made)
    assert texts(new, "BalanceRemaining", "IsPaid") == ["0.00", "True"]
    assert [texts(one, "TxnType", "Amount") for one in new["LinkedTxn"]] == [["ReceivePayment", "-150.00"]]
    assert shop.one("ChargeQuery", {"PaidStatus": "NotPaidOnly"}).status_code == 1


def test_a_charge_is_changed_and_voided(shop: Shop) -> None:
    made = shop.txn("Charge", CustomerRef=ref("Ann"), ItemRef=ref("Work"), Quantity="3")
    new = shop.changed(made, Quantity="2")
    assert texts(new, "Amount", "BalanceRemaining") == ["100.00", "100.00"]
    kept = shop.changed(new, Memo="x") if "Memo" in new else shop.changed(new, Desc="other words")
    assert texts(kept, "Amount", "Desc") == ["100.00", "other words"]
    assert shop.void(kept).status_code == 0
    assert texts(shop.now(kept), "Amount", "BalanceRemaining") == ["0.00", "0.00"]
    assert shop.balance("Ann", "Customer") == shop.balance("Sales") == "0.00"


def test_a_charge_needs_something(shop: Shop) -> None:
    assert shop.try_txn("Charge", CustomerRef=ref("Ann")).status_code == 3150


def test_a_refund_takes_up_a_credit(shop: Shop) -> None:
    held = credit(shop, RefNumber="C1")
    given = [{"TxnID": held["TxnID"], "RefundAmount": "20.00"}]
    fields = {"CustomerRef": ref("Ann"), "RefundFromAccountRef": ref("Card"), "RefundAppliedToTxnAdd": given}
    made = shop.txn("ARRefundCreditCard", **fields)
    assert texts(made, "TotalAmount") == ["20.00"]
    (row,) = made["RefundAppliedToTxnRet"]
    assert texts(row, "TxnID", "TxnType", "RefNumber") == [held["TxnID"], "CreditMemo", "C1"]
    assert texts(row, "CreditRemaining", "RefundAmount") == ["10.00", "20.00"]
    assert [shop.balance("Card"), shop.balance("Ann", "Customer")] == ["20.00", "-10.00"]
    assert shop.try_txn("ARRefundCreditCard", **fields).status_code == 3210
    assert shop.remove(made).status_code == 0
    assert texts(shop.now(held), "CreditRemaining") == ["30.00"]
    again = shop.txn("ARRefundCreditCard", **fields)
    assert shop.void(again).status_code == 0
    assert texts(shop.now(held), "CreditRemaining") == ["30.00"]
    assert shop.balance("Card") == "0.00"


def test_a_refund_of_nothing_is_refused(shop: Shop) -> None:
    owed, held = shop.invoice(), credit(shop, customer="Bob")
    fields = {"CustomerRef": ref("Ann"), "RefundFromAccountRef": ref("Card")}
    for one in (owed, held):
        given = [{"TxnID": one["TxnID"], "RefundAmount": "1.00"}]
        assert shop.try_txn("ARRefundCreditCard", RefundAppliedToTxnAdd=given, **fields).status_code == 3120
    given = [{"TxnID": held["TxnID"], "RefundAmount": "1.00"}]
    bare = {"CustomerRef": ref("Bob"), "RefundAppliedToTxnAdd": given}
    assert status(shop.try_txn("ARRefundCreditCard", **bare)) == (
        3150,
        'There is a missing element: "RefundFromAccountRef"',
    )
