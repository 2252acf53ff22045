"""Opening balances of customers, vendors, accounts and stock, and adjustments of stock."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.ledger.shop import Shop, ref

EQUITY = "Opening Balance Equity"
STOCK = {"IncomeAccountRef": ref("Sales"), "COGSAccountRef": ref("Goods"), "AssetAccountRef": ref("Stock")}


def test_a_customer_begins_with_an_invoice(shop: Shop) -> None:
    made = shop.add("Customer", {"Name": "Old", "OpenBalance": "120.00", "OpenBalanceDate": "2023-01-31"})
    assert str(made["Balance"]) == "120.00"
    invoice = shop.one("InvoiceQuery", {"IncludeLineItems": True}).records[0]
    line = invoice["InvoiceLineRet"][0]
    assert (invoice["CustomerRef"]["FullName"], str(invoice["TxnDate"])) == ("Old", "2023-01-31")
    assert (invoice["Memo"], line["Desc"], str(line["Amount"])) == ("Opening balance", "Opening balance", "120.00")
    assert "ItemRef" not in line
    assert (shop.balance(EQUITY), shop.balance("Accounts Receivable")) == ("120.00", "120.00")


def test_such_an_invoice_is_paid_and_changed_like_any_other(shop: Shop) -> None:
    shop.add("Customer", {"Name": "Old", "OpenBalance": "120.00"})
    invoice = shop.one("InvoiceQuery", {"IncludeLineItems": True}).records[0]
    new = shop.changed(invoice, Memo="from the old books")
    assert str(new["BalanceRemaining"]) == "120.00"
    line = {"TxnLineID": new["InvoiceLineRet"][0]["TxnLineID"], "Amount": "100.00"}
    assert str(shop.changed(new, InvoiceLineMod=[line])["BalanceRemaining"]) == "100.00"
    assert shop.balance(EQUITY) == "100.00"


def test_a_customer_may_begin_with_a_credit(shop: Shop) -> None:
    made = shop.add("Customer", {"Name": "Old", "OpenBalance": "-30.00"})
    assert str(made["Balance"]) == "-30.00"
    assert str(shop.one("CreditMemoQuery").records[0]["CreditRemaining"]) == "30.00"


def test_a_vendor_begins_with_a_bill(shop: Shop) -> None:
    given = {"Name": "Mill", "OpenBalance": "75.50", "OpenBalanceDate": "2023-02-01"}
    assert str(shop.add("Vendor", given)["Balance"]) == "75.50"
    bill = shop.one("BillQuery", {"IncludeLineItems": True}).records[0]
    assert (bill["Memo"], str(bill["AmountDue"]), str(bill["TxnDate"])) == ("Opening balance", "75.50", "2023-02-01")
    assert bill["ExpenseLineRet"][0]["AccountRef"]["FullName"] == EQUITY
    assert shop.balance(EQUITY) == "-75.50"
    assert str(shop.add("Vendor", {"Name": "Pit", "OpenBalance": "-5.00"})["Balance"]) == "-5.00"


@pytest.mark.parametrize(
    ("type_", "given", "equity"),
    [
        ("Bank", "10.00", "10.00"),
        ("Bank", "-10.00", "-10.00"),
        ("CreditCard", "10.00", "-10.00"),
        ("LongTermLiability", "10.00", "-10.00"),
        ("Equity", "10.00", "-10.00"),
    ],
)
def test_an_account_begins_against_equity(shop: Shop, type_: str, given: str, equity: str) -> None:
    made = shop.add("Account", {"Name": "New", "AccountType": type_, "OpenBalance": given})
    assert (str(made["Balance"]), shop.balance(EQUITY)) == (given, equity)
    assert str(shop.one("JournalEntryQuery").records[0]["TxnDate"]) == "2023-11-14"


@pytest.mark.parametrize("type_", ["AccountsReceivable", "AccountsPayable", "Income", "Expense"])
def test_what_is_no_balance_has_none_to_open_with(shop: Shop, type_: str) -> None:
    assert shop.refused("Account", {"Name": "New", "AccountType": type_, "OpenBalance": "1.00"})[0] == 3180
    assert shop.names("Account", {"FullName": ["New"]}) == []  # nothing of it is kept


def test_nothing_opens_with_nothing(shop: Shop) -> None:
    shop.add("Customer", {"Name": "Old", "OpenBalance": "0.00", "OpenBalanceDate": "2023-01-31"})
    assert shop.one("InvoiceQuery").status_code == 1


def test_closed_books_stay_closed(shop: Shop) -> None:
    day = shop.invoice(TxnDate="2023-06-30")["TxnDate"]
    shop.company.configure(closing_date=day)
    given = {"Name": "Old", "OpenBalance": "1.00", "OpenBalanceDate": "2023-06-30"}
    assert shop.refused("Customer", given)[0] == 3171
    assert shop.names("Customer", {"FullName": ["Old"]}) == []


# -- stock -------------------------------------------------------------------------------------------------------


def test_stock_begins_with_its_value(shop: Shop) -> None:
    known = {"Name": "Nail", "QuantityOnHand": "200", "TotalValue": "31.40", "InventoryDate": "2023-03-01"}
    made = shop.add("ItemInventory", {**known, **STOCK})
    assert str(made["QuantityOnHand"]) == "200"
    assert (shop.balance("Stock"), shop.balance(EQUITY)) == ("31.40", "31.40")
    found = shop.one("InventoryAdjustmentQuery", {"IncludeLineItems": True}).records[0]
    line = found["InventoryAdjustmentLineRet"][0]
    assert (str(found["TxnDate"]), found["AccountRef"]["FullName"]) == ("2023-03-01", EQUITY)
    assert (str(line["QuantityDifference"]), str(line["ValueDifference"])) == ("200", "31.40")


def test_stock_is_worth_its_cost_where_nothing_is_said(shop: Shop) -> None:
    shop.add("ItemInventory", {"Name": "Nail", "PurchaseCost": "0.15", "QuantityOnHand": "30", **STOCK})
    assert shop.balance("Stock") == "4.50"


def adjusted(shop: Shop, item: str = "Lamp", **fields: Any) -> Any:
    line = {"ItemRef": ref(item), **fields}
    return shop.try_txn("InventoryAdjustment", AccountRef=ref("Supplies"), InventoryAdjustmentLineAdd=[line])


@pytest.fixture
def broken(shop: Shop) -> Record:
    """Two lamps are broken, at 18.00 each."""
    made: Record = adjusted(shop, QuantityAdjustment={"QuantityDifference": "-2"}).records[0]
    return made


def test_a_quantity_is_worth_its_cost(shop: Shop, broken: Record) -> None:
    line = broken["InventoryAdjustmentLineRet"][0]
    assert (str(line["QuantityDifference"]), str(line["ValueDifference"])) == ("-2", "-36.00")
    assert (shop.balance("Stock"), shop.balance("Supplies")) == ("-36.00", "36.00")


@pytest.mark.usefixtures("broken")
def test_a_value_is_given(shop: Shop) -> None:
    value = {"QuantityDifference": "0", "ValueDifference": "40.00"}
    assert adjusted(shop, ValueAdjustment=value).status_code == 0
    assert shop.balance("Stock") == "4.00"
    assert adjusted(shop, ValueAdjustment={"QuantityDifference": "0", "NewValue": "10.00"}).status_code == 0
    assert shop.balance("Stock") == "10.00"


def test_what_would_have_to_be_counted_is_refused(shop: Shop) -> None:
    assert adjusted(shop, QuantityAdjustment={"NewQuantity": "5"}).status_code == 1030
    assert adjusted(shop, ValueAdjustment={"NewQuantity": "5", "NewValue": "5.00"}).status_code == 1030
    assert adjusted(shop, LotNumberAdjustment={"LotNumber": "A", "CountAdjustment": "1"}).status_code == 1030
    assert adjusted(shop, "Board", QuantityAdjustment={"QuantityDifference": "1"}).status_code == 3280
    assert adjusted(shop, QuantityAdjustment={"QuantityDifference": "0"}).status_code == 3180


def test_an_adjustment_is_changed(shop: Shop, broken: Record) -> None:
    line = broken["InventoryAdjustmentLineRet"][0]["TxnLineID"]
    new = shop.changed(broken, InventoryAdjustmentLineMod=[{"TxnLineID": line, "QuantityDifference": "-3"}])
    assert str(new["InventoryAdjustmentLineRet"][0]["ValueDifference"]) == "-54.00"
    own = {"TxnLineID": line, "ValueDifference": "-50.00"}
    new = shop.changed(new, InventoryAdjustmentLineMod=[own])
    assert str(new["InventoryAdjustmentLineRet"][0]["QuantityDifference"]) == "-3"
    assert shop.balance("Stock") == "-50.00"


def test_an_adjustment_is_voided_and_deleted(shop: Shop, broken: Record) -> None:
    assert shop.void(broken).status_code == 0
    line = shop.now(broken)["InventoryAdjustmentLineRet"][0]
    assert (line["QuantityDifference"], str(line["ValueDifference"])) == (0, "0.00")
    assert shop.balance("Stock") == "0.00"
    assert shop.remove(broken).status_code == 0
