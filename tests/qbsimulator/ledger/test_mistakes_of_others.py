"""What other simulators of QuickBooks get wrong, one test to each mistake. This part is about transactions."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml
from qbsimulator import QuickBooksError
from tests.qbsimulator.helpers import document, status
from tests.qbsimulator.ledger.shop import Shop, ref


def payment(*applied: tuple[str, str], **fields: Any) -> dict[str, Any]:
    given = [{"TxnID": id_, "PaymentAmount": amount} for id_, amount in applied]
    return {"CustomerRef": ref("Ann"), "AppliedToTxnAdd": given, **fields}


def test_a_stale_edit_sequence_is_3200_and_the_record_as_it_is_now(shop: Shop) -> None:
    made = shop.txn("ReceivePayment", **payment((shop.invoice()["TxnID"], "10.00")))
    now = shop.changed(made, Memo="first")
    answer = shop.change(made, Memo="second")
    assert status(answer) == (3200, f'The provided edit sequence "{made["EditSequence"]}" is out-of-date. ')
    assert answer.records == [now]


def test_a_missing_payment_target_is_3120(shop: Shop) -> None:
    answer = shop.try_txn("ReceivePayment", **payment(("1F-1700000000", "10.00")))
    assert status(answer) == (
        3120,
        'Object "1F-1700000000" specified in the request cannot be found.  QuickBooks error message:'
        " Invalid argument.  The specified record does not exist in the list.",
    )


def test_a_target_that_is_paid_is_not_found_and_more_than_is_due_is_3210(shop: Shop) -> None:
    owed = shop.invoice()["TxnID"]
    assert shop.try_txn("ReceivePayment", **payment((owed, "100.01"))).status_code == 3210
    shop.txn("ReceivePayment", **payment((owed, "100.00")))
    assert shop.try_txn("ReceivePayment", **payment((owed, "1.00"))).status_code == 3120


def test_an_unbalanced_journal_is_a_save_error_and_no_date_range(shop: Shop) -> None:
    sides = {
        "JournalDebitLine": [{"AccountRef": ref("Rent"), "Amount": "10.00"}],
        "JournalCreditLine": [{"AccountRef": ref("Checking"), "Amount": "9.99"}],
    }
    assert shop.try_txn("JournalEntry", **sides).status_code == 3180
    assert shop.balance("Rent") == "0.00"


def test_only_minus_one_is_a_new_line(shop: Shop) -> None:
    made = shop.invoice()
    given = {"TxnLineID": "FFFF-1700000000", "ItemRef": ref("Work")}
    assert shop.change(made, InvoiceLineMod=[given]).status_code == 3120
    new = shop.changed(made, InvoiceLineMod=[{**given, "TxnLineID": "-1"}])
    assert [one["ItemRef"]["FullName"] for one in new["InvoiceLineRet"]] == ["Work"]


def test_lines_and_links_come_when_they_are_asked_for(shop: Shop) -> None:
    owed = shop.invoice()
    shop.txn("ReceivePayment", **payment((owed["TxnID"], "10.00")))
    for options, there in (
        ({}, set()),
        ({"IncludeLineItems": True}, {"InvoiceLineRet"}),
        ({"IncludeLinkedTxns": True}, {"LinkedTxn"}),
    ):
        (found,) = shop.one("InvoiceQuery", {"TxnID": [owed["TxnID"]], **options}).records
        assert {"InvoiceLineRet", "LinkedTxn"} & set(found) == there


def test_a_payment_moves_the_time_of_what_it_pays_and_not_its_edit_sequence(shop: Shop) -> None:
    owed = shop.invoice()
    shop.time.pass_(60)
    shop.txn("ReceivePayment", **payment((owed["TxnID"], "10.00")))
    now = shop.now(owed)
    assert (now["EditSequence"], str(now["AppliedAmount"])) == (owed["EditSequence"], "-10.00")
    assert (now["TimeModified"] - owed["TimeModified"]).total_seconds() == 60
    customer = shop.one("CustomerQuery", {"FullName": ["Ann"]}).records[0]
    assert customer["TimeModified"] == now["TimeModified"]
    assert shop.changed(now, Memo="its own").get("EditSequence") != owed["EditSequence"]


def test_balances_move(shop: Shop) -> None:
    fields = {"DepositToAccountRef": ref("Checking")}
    shop.txn("ReceivePayment", **payment((shop.invoice()["TxnID"], "60.00")), **fields)
    assert [shop.balance(one) for one in ("Checking", "Accounts Receivable", "Sales")] == ["60.00", "40.00", "100.00"]
    assert shop.balance("Ann", "Customer") == "40.00"


def test_lines_are_computed_and_not_sent_back(shop: Shop) -> None:
    lines = [{"ItemRef": ref("Work"), "Quantity": "3"}, {"ItemRef": ref("Work"), "Quantity": "3", "Amount": "100.00"}]
    made = shop.txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineAdd=lines)
    shown = [[str(one[name]) for name in ("Desc", "Rate", "Amount")] for one in made["InvoiceLineRet"]]
    assert shown == [["Good work", "50.00", "150.00"], ["Good work", "33.33333", "100.00"]]


def test_whether_something_was_cleared_is_no_part_of_it(shop: Shop) -> None:
    made = shop.txn("SalesReceipt", CustomerRef=ref("Ann"), SalesReceiptLineAdd=[{"ItemRef": ref("Work")}])
    clear = {"TxnID": made["TxnID"], "ClearedStatus": "Cleared"}
    assert shop.one("ClearedStatusMod", {"ClearedStatusMod": clear}).status_code == 0
    assert shop.now(made) == made


def test_transactions_are_kept(shop: Shop) -> None:
    owed = shop.invoice()
    made = shop.txn("ReceivePayment", **payment((owed["TxnID"], "10.00")))
    before = [shop.now(one) for one in (owed, made)]
    shop.reopen()
    assert [shop.now(one) for one in (owed, made)] == before
    assert shop.balance("Ann", "Customer") == "90.00"


def test_there_is_a_log_of_deleted_payments(shop: Shop) -> None:
    made = shop.txn("ReceivePayment", **payment((shop.invoice()["TxnID"], "10.00")), RefNumber="9")
    shop.remove(made)
    (noted,) = shop.one("TxnDeletedQuery", {"TxnDelType": ["ReceivePayment"]}).records
    assert (noted["TxnID"], noted["RefNumber"]) == (made["TxnID"], "9")


def test_an_invoice_is_paid_in_the_set_that_adds_it(shop: Shop) -> None:
    line = {"ItemRef": ref("Work")}
    invoice = {"defMacro": "TxnID:invoice", "CustomerRef": ref("Ann"), "InvoiceLineAdd": [line]}
    paid = {"TxnID": qbxml.UseMacro("TxnID:invoice"), "PaymentAmount": "50.00"}
    answers = shop.ask(
        {"InvoiceAddRq": {"InvoiceAdd": invoice}},
        {"ReceivePaymentAddRq": {"ReceivePaymentAdd": {"CustomerRef": ref("Ann"), "AppliedToTxnAdd": [paid]}}},
    )
    assert [one.status_code for one in answers] == [0, 0]
    assert shop.now(answers[0].records[0])["IsPaid"] is True


@pytest.mark.parametrize(
    "content",
    [
        "<CustomerRef><FullName>Ann</FullName></CustomerRef><TotalAmount>1.00</TotalAmount>",
        "<CustomerRef><FullName>Ann</FullName></CustomerRef><TotalAmount>1.00</TotalAmount>"
        "<IsAutoApply>true</IsAutoApply><AppliedToTxnAdd><TxnID>1-1</TxnID></AppliedToTxnAdd>",
        "<TotalAmount>1.00</TotalAmount><CustomerRef><FullName>Ann</FullName></CustomerRef>"
        "<IsAutoApply>true</IsAutoApply>",
    ],
    ids=["none of both", "both", "another order"],
)
def test_a_payment_is_applied_by_itself_or_as_it_says(shop: Shop, content: str) -> None:
    asked = f"<ReceivePaymentAddRq><ReceivePaymentAdd>{content}</ReceivePaymentAdd></ReceivePaymentAddRq>"
    with pytest.raises(QuickBooksError) as raised:
        shop.session.process(document(asked))
    assert raised.value.hresult == "0x80040400"


def test_an_iterator_goes_through_all_payments(shop: Shop) -> None:
    fields = {"CustomerRef": ref("Ann"), "TotalAmount": "1.00", "IsAutoApply": False}
    ids = [shop.txn("ReceivePayment", **fields)["TxnID"] for _ in range(5)]
    first = shop.one("ReceivePaymentQuery", {"iterator": "Start", "MaxReturned": 3})
    rest = {"iterator": "Continue", "iteratorID": first.iterator_id, "MaxReturned": 3}
    found = [*first.records, *shop.one("ReceivePaymentQuery", rest).records]
    assert [one["TxnID"] for one in found] == ids
    assert shop.one("ReceivePaymentQuery", rest).status_code == 3391


def test_a_reference_number_that_is_not_there_is_a_warning(shop: Shop) -> None:
    made = shop.invoice(RefNumber="7")
    answer = shop.one("InvoiceQuery", {"RefNumber": ["7", "8"]})
    assert (answer.status_code, [one["TxnID"] for one in answer.records]) == (500, [made["TxnID"]])


# -- what is bought ----------------------------------------------------------------------------------------------


def bill(shop: Shop, amount: str = "100.00", **fields: Any) -> Any:
    line = {"AccountRef": ref("Rent"), "Amount": amount}
    return shop.txn("Bill", VendorRef=ref("Lumber Ltd"), ExpenseLineAdd=[line], **fields)


def bill_payment(*applied: dict[str, Any]) -> dict[str, Any]:
    own = {"PayeeEntityRef": ref("Lumber Ltd"), "BankAccountRef": ref("Checking"), "IsToBePrinted": False}
    return {**own, "AppliedToTxnAdd": list(applied)}


def test_a_bill_that_is_not_there_is_3120_and_an_amount_that_is_not_3150(shop: Shop) -> None:
    gone = {"TxnID": "1F-1700000000", "PaymentAmount": "1.00"}
    assert shop.try_txn("BillPaymentCheck", **bill_payment(gone)).status_code == 3120
    answer = shop.try_txn("BillPaymentCheck", **bill_payment({"TxnID": bill(shop)["TxnID"]}))
    assert status(answer) == (3150, 'There is a missing element: "PaymentAmount"')


def test_a_bill_payment_moves_the_bank_and_the_vendor(shop: Shop) -> None:
    owed = bill(shop)
    shop.txn("BillPaymentCheck", **bill_payment({"TxnID": owed["TxnID"], "PaymentAmount": "60.00"}))
    assert [shop.balance(one) for one in ("Checking", "Accounts Payable", "Rent")] == ["-60.00", "40.00", "100.00"]
    assert shop.balance("Lumber Ltd", "Vendor") == "40.00"
    assert str(shop.now(owed)["OpenAmount"]) == "40.00"


def test_credits_alone_are_set_and_make_no_transaction(shop: Shop) -> None:
    line = {"AccountRef": ref("Rent"), "Amount": "30.00"}
    credit = shop.txn("VendorCredit", VendorRef=ref("Lumber Ltd"), ExpenseLineAdd=[line])
    owed = bill(shop)
    setting = {"CreditTxnID": credit["TxnID"], "AppliedAmount": "30.00"}
    answer = shop.try_txn("BillPaymentCheck", **bill_payment({"TxnID": owed["TxnID"], "SetCredit": [setting]}))
    assert (answer.status_code, "TxnID" in answer.records[0]) == (0, False)
    assert str(shop.now(owed)["OpenAmount"]) == "70.00"
    assert shop.one("BillPaymentCheckQuery").status_code == 1


def test_expenses_and_items_are_two_lists(shop: Shop) -> None:
    made = bill(shop, ItemLineAdd=[{"ItemRef": ref("Board")}])
    new = shop.changed(made, ItemLineMod=[{"TxnLineID": "-1", "ItemRef": ref("Lamp")}])
    assert new["ExpenseLineRet"] == made["ExpenseLineRet"]
    assert [one["ItemRef"]["FullName"] for one in new["ItemLineRet"]] == ["Lamp"]


def test_a_bill_of_an_account_or_vendor_that_is_not_there_is_not_made(shop: Shop) -> None:
    line = {"AccountRef": ref("Nothing"), "Amount": "1.00"}
    answer = shop.try_txn("Bill", VendorRef=ref("Lumber Ltd"), ExpenseLineAdd=[line])
    assert answer.status_code == 3140
    answer = shop.try_txn("Bill", VendorRef=ref("Nobody"), ExpenseLineAdd=[{**line, "AccountRef": ref("Rent")}])
    assert answer.status_code == 3140
    assert shop.one("BillQuery").status_code == 1


# -- the bank and the journal ------------------------------------------------------------------------------------


def test_a_deposit_moves_the_bank(shop: Shop) -> None:
    sold = shop.txn("SalesReceipt", CustomerRef=ref("Ann"), SalesReceiptLineAdd=[{"ItemRef": ref("Work")}])
    lines = [{"PaymentTxnID": sold["TxnID"]}]
    assert shop.balance("Undeposited Funds") == "50.00"
    shop.txn("Deposit", DepositToAccountRef=ref("Checking"), DepositLineAdd=lines)
    assert (shop.balance("Checking"), shop.balance("Undeposited Funds")) == ("50.00", "0.00")


def test_what_is_deposited_stays(shop: Shop) -> None:
    sold = shop.txn("SalesReceipt", CustomerRef=ref("Ann"), SalesReceiptLineAdd=[{"ItemRef": ref("Work")}])
    given = {"DepositToAccountRef": ref("Checking"), "DepositLineAdd": [{"PaymentTxnID": sold["TxnID"]}]}
    shop.txn("Deposit", **given)
    assert shop.try_txn("Deposit", **given).status_code == 3120
    assert shop.remove(sold).status_code == 3160


def test_a_line_of_an_entry_that_is_not_there_is_not_a_new_one(shop: Shop) -> None:
    sides = {
        "JournalDebitLine": [{"AccountRef": ref("Rent"), "Amount": "10.00"}],
        "JournalCreditLine": [{"AccountRef": ref("Checking"), "Amount": "10.00"}],
    }
    made = shop.txn("JournalEntry", **sides)
    line = {"TxnLineID": "FFFF-1700000000", "JournalLineType": "Debit", "AccountRef": ref("Rent"), "Amount": "1.00"}
    assert shop.change(made, JournalLineMod=[line]).status_code == 3120


@pytest.mark.parametrize("name", ["ModifiedDateRangeFilter", "TxnDateRangeFilter", "EntityFilter", "AccountFilter"])
def test_the_query_of_all_transactions_has_filters_of_other_names(shop: Shop, name: str) -> None:
    inner = f"<TransactionQueryRq><{name}/></TransactionQueryRq>"
    with pytest.raises(QuickBooksError, match="0x80040400"):
        shop.session.process(document(inner))


def test_a_transfer_can_not_be_deleted(shop: Shop) -> None:
    accounts = {"TransferFromAccountRef": ref("Checking"), "TransferToAccountRef": ref("Savings")}
    id_ = shop.txn("Transfer", **accounts, Amount="1.00")["TxnID"]
    answer = shop.raw(f"<TxnDelRq><TxnDelType>Transfer</TxnDelType><TxnID>{id_}</TxnID></TxnDelRq>")
    assert b'statusCode="3110"' in answer
