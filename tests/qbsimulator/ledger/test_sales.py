"""Sales forms: what is filled in, what lines come to, what is posted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.qbsimulator.ledger.shop import Shop, ref


def line(item: str, **fields: Any) -> dict[str, Any]:
    return {"ItemRef": ref(item), **fields}


def invoice(shop: Shop, *lines: dict[str, Any], **fields: Any) -> Any:
    return shop.txn("Invoice", **{"CustomerRef": ref("Ann"), "InvoiceLineAdd": list(lines), **fields})


def test_an_invoice_is_filled_in(shop: Shop) -> None:
    made = invoice(shop, line("Advice", Quantity="2"))
    assert made["TxnID"] == "1-1700000000"
    assert made["InvoiceLineRet"][0]["TxnLineID"] == "3-1700000000"  # the number between is of a posting
    assert made["TxnNumber"] == 1
    assert made["EditSequence"] == "1700000000"
    assert made["ARAccountRef"]["FullName"] == "Accounts Receivable"
    assert str(made["TxnDate"]) == "2023-11-14"
    assert made["DueDate"] == made["ShipDate"] == made["TxnDate"]
    figures = ("Subtotal", "SalesTaxPercentage", "SalesTaxTotal", "AppliedAmount", "BalanceRemaining")
    assert [str(made[one]) for one in figures] == ["160.00", "0.00", "0.00", "0.00", "160.00"]
    flags = ("IsPending", "IsFinanceCharge", "IsPaid", "IsToBePrinted", "IsToBeEmailed")
    assert [made[one] for one in flags] == [False, False, False, True, False]
    assert "LinkedTxn" not in made
    assert shop.balance("Ann", "Customer") == "160.00"
    assert shop.balance("Accounts Receivable") == "160.00"
    assert shop.balance("Sales") == "160.00"


def test_the_terms_of_the_customer_say_when_it_is_due(shop: Shop) -> None:
    shop.modified(shop.one("CustomerQuery", {"FullName": ["Ann"]}).records[0], TermsRef=ref("2% 10"))
    made = shop.invoice("Ann", TxnDate="2024-01-31")
    assert str(made["DueDate"]) == "2024-03-01"
    assert str(made["SuggestedDiscountAmount"]) == "2.00"
    assert str(made["SuggestedDiscountDate"]) == "2024-02-10"


@pytest.mark.parametrize(
    ("given", "rate", "amount"),
    [
        ({}, "50.00", "50.00"),
        ({"Quantity": "3"}, "50.00", "150.00"),
        ({"Quantity": "3", "Rate": "9.99"}, "9.99", "29.97"),
        ({"Quantity": "3", "Amount": "100.00"}, "33.33333", "100.00"),
        ({"Quantity": "2", "Rate": "9.00", "Amount": "30.00"}, "15.00", "30.00"),
        ({"Rate": "9.00", "Amount": "30.00"}, "30.00", "30.00"),
        ({"Amount": "30.00"}, None, "30.00"),
        ({"Quantity": "0.5", "Rate": "0.05"}, "0.05", "0.03"),  # half a cent, away from zero
    ],
)
def test_quantity_rate_and_amount(shop: Shop, given: dict[str, str], rate: str | None, amount: str) -> None:
    made = invoice(shop, line("Work", **given))["InvoiceLineRet"][0]
    assert (None if rate is None else Decimal(rate), Decimal(amount)) == (made.get("Rate"), made["Amount"])


def test_discounts_and_subtotals(shop: Shop) -> None:
    made = invoice(
        shop,
        line("Work", Quantity="2"),
        line("Ten off"),
        line("Five dollars"),
        line("Subtotal"),
        line("Ten off"),
        line("Board"),
        line("Subtotal"),
    )
    amounts = [str(one["Amount"]) for one in made["InvoiceLineRet"]]
    assert amounts == ["100.00", "-10.00", "-5.00", "85.00", "-8.50", "20.00", "11.50"]
    assert str(made["Subtotal"]) == "96.50"
    assert shop.balance("Discounts") == "-23.50"


def test_tax_is_rounded_once_and_shared(shop: Shop) -> None:
    made = invoice(
        shop, line("Work", Amount="0.10"), line("Work", Amount="99.99"), line("Advice"), CustomerRef=ref("Taxed")
    )
    assert str(made["SalesTaxPercentage"]) == "8.25"
    assert str(made["SalesTaxTotal"]) == "8.26"
    assert [one["SalesTaxCodeRef"]["FullName"] for one in made["InvoiceLineRet"]] == ["Tax", "Tax", "Non"]
    assert shop.balance("Sales Tax Payable") == "8.26"
    assert shop.balance("Taxed", "Customer") == str(made["BalanceRemaining"])
    # What is owed for sales tax is no bill: the vendors' own balances are of payables.
    assert shop.balance("State", "Vendor") == "0.00"


def test_a_customer_without_tax_pays_none(shop: Shop) -> None:
    taxed = shop.one("CustomerQuery", {"FullName": ["Taxed"]}).records[0]
    shop.modified(taxed, SalesTaxCodeRef=ref("Non"))
    made = invoice(shop, line("Work"), CustomerRef=ref("Taxed"))
    assert str(made["SalesTaxTotal"]) == "0.00"
    assert made["InvoiceLineRet"][0]["SalesTaxCodeRef"]["FullName"] == "Non"


def test_a_group_brings_its_items(shop: Shop) -> None:
    groups = [{"ItemGroupRef": ref("Shelf"), "Quantity": "2"}]
    made = shop.txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineGroupAdd=groups)
    group = made["InvoiceLineGroupRet"][0]
    assert str(group["TotalAmount"]) == "400.00"
    inner = group["InvoiceLineRet"]
    assert [(one["ItemRef"]["FullName"], str(one["Quantity"])) for one in inner] == [("Work", "4"), ("Board", "10")]
    ids = [int(one["TxnLineID"].partition("-")[0], 16) for one in (group, *inner)]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]


def test_stock_is_sold_at_its_cost(shop: Shop) -> None:
    invoice(shop, line("Lamp", Quantity="3"))
    assert [shop.balance(one) for one in ("Sales", "Goods", "Stock")] == ["90.00", "54.00", "-54.00"]


def test_a_later_change_of_an_item_leaves_the_books_alone(shop: Shop) -> None:
    made = invoice(shop, line("Work"))
    item = shop.one("ItemServiceQuery", {"FullName": ["Work"]}).records[0]
    shop.modified(item, SalesOrPurchaseMod={"Price": "60.00", "AccountRef": ref("Interest")})
    assert shop.balance("Sales") == "50.00"
    shop.changed(made, Memo="the same")
    assert shop.balance("Sales") == "50.00"


def test_a_jobs_invoice_counts_above(shop: Shop) -> None:
    shop.invoice("Bob:Kitchen")
    shown = {
        one["FullName"]: (str(one["Balance"]), str(one["TotalBalance"])) for one in shop.one("CustomerQuery").records
    }
    assert shown["Bob:Kitchen"] == ("100.00", "100.00")
    assert shown["Bob"] == ("0.00", "100.00")


def test_names_are_found_by_what_they_owe(shop: Shop) -> None:
    shop.invoice("Bob:Kitchen", "70.00")
    shop.invoice("Bob", "50.00")
    shop.invoice("Ann", "100.00")
    more = {"TotalBalanceFilter": {"Operator": "GreaterThan", "Amount": "100.00"}}
    assert shop.names("Customer", more) == ["Bob"]
    exactly = {"TotalBalanceFilter": {"Operator": "Equal", "Amount": "70.00"}}
    assert shop.names("Customer", exactly) == ["Bob:Kitchen"]


def test_nothing_on_it_is_refused(shop: Shop) -> None:
    answer = shop.try_txn("Invoice", CustomerRef=ref("Ann"))
    assert (answer.status_code, "empty" in str(answer.status_message)) == (3180, True)


def test_a_reference_to_nothing_is_named(shop: Shop) -> None:
    answer = shop.try_txn("Invoice", CustomerRef=ref("Nobody"), InvoiceLineAdd=[line("Work")])
    start = 'There is an invalid reference to QuickBooks Customer "Nobody" in the Invoice.  QuickBooks error message: '
    assert (answer.status_code, str(answer.status_message).startswith(start)) == (3140, True)
    answer = shop.try_txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineAdd=[line("Nothing")])
    assert 'QuickBooks Item "Nothing" in the Invoice line.' in str(answer.status_message)
    assert shop.one("InvoiceQuery").status_code == 1


# -- Mod ---------------------------------------------------------------------------------------------------------


def test_lines_that_are_not_sent_stay(shop: Shop) -> None:
    made = invoice(shop, line("Work"), line("Board"))
    new = shop.changed(made, Memo="later")
    assert new["InvoiceLineRet"] == made["InvoiceLineRet"]
    assert new["EditSequence"] == "1700000001"
    assert new["TimeCreated"] == made["TimeCreated"]


def test_lines_that_are_sent_are_all(shop: Shop) -> None:
    made = invoice(shop, line("Work"), line("Board"), line("Lamp"))
    first, _, third = (one["TxnLineID"] for one in made["InvoiceLineRet"])
    given = [{"TxnLineID": first}, {"TxnLineID": "-1", **line("Freight")}, {"TxnLineID": third, "Quantity": "2"}]
    new = shop.changed(made, InvoiceLineMod=given)
    shown = [(one["ItemRef"]["FullName"], str(one["Amount"])) for one in new["InvoiceLineRet"]]
    assert shown == [("Work", "50.00"), ("Freight", "15.00"), ("Lamp", "60.00")]
    assert new["InvoiceLineRet"][1]["TxnLineID"].endswith("-1700000001")
    assert shop.balance("Ann", "Customer") == "125.00"


def test_lines_in_another_order_are_refused(shop: Shop) -> None:
    made = invoice(shop, line("Work"), line("Board"))
    first, second = (one["TxnLineID"] for one in made["InvoiceLineRet"])
    answer = shop.change(made, InvoiceLineMod=[{"TxnLineID": second}, {"TxnLineID": first}])
    assert answer.status_code == 3290
    assert answer.status_message == f'The item "{first}" is placed in the request in incorrect order.'


def test_a_line_that_is_not_there_is_refused(shop: Shop) -> None:
    made = invoice(shop, line("Work"))
    assert shop.change(made, InvoiceLineMod=[{"TxnLineID": "FFFF-1700000000"}]).status_code == 3120


def test_an_old_edit_sequence_is_refused_with_the_current_record(shop: Shop) -> None:
    made = invoice(shop, line("Work"))
    shop.changed(made, Memo="first")
    answer = shop.change(made, Memo="second")
    assert (answer.status_code, answer.status_message) == (
        3200,
        f'The provided edit sequence "{made["EditSequence"]}" is out-of-date. ',
    )
    assert answer.records[0]["Memo"] == "first"


# -- deleting and voiding ----------------------------------------------------------------------------------------


def test_deleting_takes_everything_back(shop: Shop) -> None:
    made = invoice(shop, line("Work"), CustomerRef=ref("Taxed"))
    answer = shop.remove(made)
    assert answer.status_code == 0
    assert shop.balance("Taxed", "Customer") == shop.balance("Sales") == shop.balance("Sales Tax Payable") == "0.00"
    deleted = shop.one("TxnDeletedQuery", {"TxnDelType": ["Invoice"]}).records
    assert [(one["TxnDelType"], one["TxnID"], one["RefNumber"]) for one in deleted] == [
        ("Invoice", made["TxnID"], made["RefNumber"])
    ]


def test_voiding_keeps_an_empty_one(shop: Shop) -> None:
    made = invoice(shop, line("Lamp"), Memo="for Ann")
    assert shop.void(made).status_code == 0
    new = shop.now(made)
    assert (new["Memo"], str(new["BalanceRemaining"]), new["IsPaid"]) == ("VOID: for Ann", "0.00", True)
    assert [str(one["Amount"]) for one in new["InvoiceLineRet"]] == ["0.00"]
    assert shop.balance("Stock") == shop.balance("Sales") == "0.00"


def test_the_wrong_type_names_nothing(shop: Shop) -> None:
    made = shop.invoice()
    assert shop.one("TxnDel", {"TxnDelType": "CreditMemo", "TxnID": made["TxnID"]}).status_code == 3120
    assert shop.one("TxnVoid", {"TxnVoidType": "CreditMemo", "TxnID": made["TxnID"]}).status_code == 3120


# -- the other forms ---------------------------------------------------------------------------------------------


def test_a_sales_receipt_brings_money(shop: Shop) -> None:
    made = shop.txn("SalesReceipt", CustomerRef=ref("Taxed"), SalesReceiptLineAdd=[line("Work", Amount="100.00")])
    assert str(made["TotalAmount"]) == "108.25"
    assert made["DepositToAccountRef"]["FullName"] == "Undeposited Funds"
    assert shop.balance("Undeposited Funds") == "108.25"
    assert shop.balance("Taxed", "Customer") == "0.00"


def test_a_credit_memo_is_an_invoice_the_other_way(shop: Shop) -> None:
    made = shop.txn("CreditMemo", CustomerRef=ref("Taxed"), CreditMemoLineAdd=[line("Lamp", Quantity="2")])
    assert str(made["TotalAmount"]) == str(made["CreditRemaining"]) == "64.95"
    assert shop.balance("Taxed", "Customer") == "-64.95"
    assert [shop.balance(one) for one in ("Sales", "Goods", "Stock")] == ["-60.00", "-36.00", "36.00"]


def test_estimates_and_orders_post_nothing(shop: Shop) -> None:
    estimate = shop.txn("Estimate", CustomerRef=ref("Ann"), EstimateLineAdd=[line("Work")])
    order = shop.txn("SalesOrder", CustomerRef=ref("Ann"), SalesOrderLineAdd=[line("Work")])
    assert str(estimate["TotalAmount"]) == str(order["TotalAmount"]) == "50.00"
    assert estimate["IsActive"] is True
    assert (order["IsManuallyClosed"], order["SalesOrderLineRet"][0]["IsManuallyClosed"]) == (False, False)
    assert shop.balance("Ann", "Customer") == shop.balance("Sales") == "0.00"


def test_a_pending_invoice_posts_nothing(shop: Shop) -> None:
    made = shop.invoice(IsPending=True)
    assert str(made["BalanceRemaining"]) == "100.00"
    assert shop.balance("Ann", "Customer") == "0.00"
    shop.changed(made, IsPending=False)
    assert shop.balance("Ann", "Customer") == "100.00"


def test_payment_lines_lessen_what_is_owed(shop: Shop) -> None:
    made = invoice(shop, line("Advice", Amount="100.00"), line("Paid at once", Amount="30.00"))
    assert str(made["BalanceRemaining"]) == "70.00"
    assert shop.balance("Checking") == "30.00"


def test_the_closing_date_is_kept(shop: Shop) -> None:
    made = shop.invoice(TxnDate="2023-06-30")
    shop.company.configure(closing_date=made["TxnDate"])
    assert shop.change(made, Memo="too late").status_code == 3171
    assert shop.remove(made).status_code == 3161
    assert shop.try_txn(
        "Invoice", CustomerRef=ref("Ann"), TxnDate="2023-06-01", InvoiceLineAdd=[line("Work")]
    ).status_code


def test_a_sale_by_card_waits_for_its_deposit(shop: Shop) -> None:
    card = {
        "CreditCardTxnInputInfo": {
            "CreditCardNumber": "xxxxxxxxxxxx1111",
            "ExpirationMonth": 12,
            "ExpirationYear": 2030,
            "NameOnCard": "Ann",
            "TransactionMode": "CardPresent",
            "CreditCardTxnType": "Charge",
        },
        "CreditCardTxnResultInfo": {
            "ResultCode": 0,
            "ResultMessage": "STATUS OK",
            "CreditCardTransID": "V1",
            "MerchantAccountNumber": "1",
            "ReconBatchID": "420031108 1Q02584242207000704",
            "PaymentGroupingCode": 5,
            "PaymentStatus": "Completed",
            "TxnAuthorizationTime": "2023-11-14T14:00:00",
            "TxnAuthorizationStamp": 1,
        },
    }
    fields = {"CustomerRef": ref("Ann"), "SalesReceiptLineAdd": [line("Work")], "DepositToAccountRef": ref("Checking")}
    made = shop.txn("SalesReceipt", CreditCardTxnInfo=card, **fields)
    assert made["DepositToAccountRef"]["FullName"] == "Undeposited Funds"
    assert shop.txn("SalesReceipt", **fields)["DepositToAccountRef"]["FullName"] == "Checking"


def test_a_line_may_post_to_another_account(shop: Shop) -> None:
    made = invoice(shop, line("Lamp", Quantity="2", OverrideItemAccountRef=ref("Interest")))
    assert [shop.balance(one) for one in ("Interest", "Sales", "Goods", "Stock")] == [
        "60.00",
        "0.00",
        "36.00",
        "-36.00",
    ]
    first = {"TxnLineID": made["InvoiceLineRet"][0]["TxnLineID"]}
    new = shop.changed(made, InvoiceLineMod=[{**first, "Quantity": "1"}])
    assert shop.balance("Interest") == "30.00"
    shop.changed(new, InvoiceLineMod=[{**first, "OverrideItemAccountRef": ref("Sales")}])
    assert [shop.balance(one) for one in ("Interest", "Sales")] == ["0.00", "30.00"]
    answer = shop.try_txn(
        "Invoice", CustomerRef=ref("Ann"), InvoiceLineAdd=[line("Work", OverrideItemAccountRef=ref("No such"))]
    )
    assert answer.status_code == 3140


def test_an_invoice_of_nobody_is_refused(shop: Shop) -> None:
    answer = shop.change(shop.invoice(), CustomerRef={"FullName": ""})
    assert (answer.status_code, answer.status_message) == (3150, 'There is a missing element: "CustomerRef"')
