"""Transactions at the edges: amounts and days out of reach, items that no line takes, groups with gaps."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml
from tests.qbsimulator.ledger.shop import Shop, ref


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Work"), "Quantity": "9999999999", "Rate": "9999999999"}]}),
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Work"), "Quantity": "0.00001", "Amount": "9999999.00"}]}),
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Work"), "Amount": "9999999999999.00"}] * 2}),
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Lamp"), "Quantity": "9999999999", "Rate": "0"}]}),
        ("Charge", {"ItemRef": ref("Work"), "Quantity": "9999999999", "Rate": "9999999999"}),
    ],
)
def test_an_amount_or_a_rate_that_is_too_long_is_refused(shop: Shop, kind: str, fields: dict[str, Any]) -> None:
    answer = shop.try_txn(kind, CustomerRef=ref("Ann"), **fields)
    dear = {"ItemRef": ref("Lamp"), "Quantity": "9999999999", "Rate": "0"}
    assert answer.status_code == (
        0 if fields.get("InvoiceLineAdd") == [dear] else 3045 if "0.00001" in str(fields) else 3040
    )


@pytest.mark.parametrize("days", [2_000_000_000, -2_000_000_000, 4_000_000])
def test_terms_beyond_the_calendar_are_due_at_its_end(shop: Shop, days: int) -> None:
    terms = {"StdDueDays": days, "StdDiscountDays": days, "DiscountPct": "2.0"}
    shop.add("StandardTerms", {"Name": "Long", **terms})
    invoice = shop.invoice(TermsRef=ref("Long"))
    end = "9999-12-31" if days > 0 else "0001-01-01"
    assert (str(invoice["DueDate"]), str(invoice["SuggestedDiscountDate"])) == (end, end)


def test_terms_by_the_day_end_with_the_calendar(shop: Shop) -> None:
    shop.add("DateDrivenTerms", {"Name": "Fifth", "DayOfMonthDue": 5, "DueNextMonthDays": 30})
    invoice = shop.invoice(TermsRef=ref("Fifth"), TxnDate="9999-12-31")
    assert str(invoice["DueDate"]) == "9999-12-31"


def test_a_group_may_have_a_line_of_nothing(shop: Shop) -> None:
    parts = [{"Quantity": "2"}, {"ItemRef": ref("Work"), "Quantity": "1"}]
    shop.add("ItemGroup", {"Name": "Gap", "ItemGroupLine": parts})
    group = {"ItemGroupRef": ref("Gap")}
    invoice = shop.txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineGroupAdd=[group])
    order = shop.txn("PurchaseOrder", VendorRef=ref("Office Inc"), PurchaseOrderLineGroupAdd=[group])
    assert len(invoice["InvoiceLineGroupRet"][0]["InvoiceLineRet"]) == 1
    assert len(order["PurchaseOrderLineGroupRet"][0]["PurchaseOrderLineRet"]) == 1


@pytest.mark.parametrize("item", ["Ten off", "Five dollars", "Subtotal", "Paid at once", "State tax", "Both taxes"])
def test_a_statement_charge_is_for_something(shop: Shop, item: str) -> None:
    assert shop.try_txn("Charge", CustomerRef=ref("Ann"), ItemRef=ref(item)).status_code == 3280


def test_a_type_of_account_that_holds_what_names_owe_stays(shop: Shop) -> None:
    shop.add("Account", {"Name": "Other receivables", "AccountType": "AccountsReceivable"})
    shop.invoice(ARAccountRef=ref("Other receivables"))
    shop.txn("Transfer", TransferFromAccountRef=ref("Checking"), TransferToAccountRef=ref("Savings"), Amount="5.00")
    shop.add("Account", {"Name": "Unused", "AccountType": "Expense"})
    shop.one("SpecialAccountAdd", {"SpecialAccountAdd": {"SpecialAccountType": "UndepositedFunds"}})
    shop.time.pass_(1)

    def change(name: str, type_: str) -> int:
        account = shop.one("AccountQuery", {"FullName": [name]}).records[0]
        return shop.mod(account, AccountType=type_).status_code

    assert change("Other receivables", "Bank") == 3210
    assert change("Checking", "AccountsReceivable") == 3210
    assert change("Undeposited Funds", "Bank") == 3210
    assert change("Checking", "OtherCurrentAsset") == 0
    assert change("Unused", "AccountsReceivable") == 0


def test_no_item_posts_to_receivables_or_payables(shop: Shop) -> None:
    shop.invoice()
    owed = ref("Accounts Receivable")
    shop.add("ItemService", {"Name": "Odd", "SalesOrPurchase": {"Price": "5.00", "AccountRef": owed}})
    stock = {"IncomeAccountRef": ref("Sales"), "COGSAccountRef": owed, "AssetAccountRef": ref("Stock")}
    shop.add("ItemInventory", {"Name": "Odder", **stock, "PurchaseCost": "3.00"})
    for item in ("Odd", "Odder"):
        for kind in ("Invoice", "SalesReceipt", "CreditMemo"):
            lines = [{"ItemRef": ref(item), "Rate": "9.00"}]
            assert shop.try_txn(kind, CustomerRef=ref("Ann"), **{f"{kind}LineAdd": lines}).status_code == 3140
        assert shop.try_txn("Charge", CustomerRef=ref("Ann"), ItemRef=ref(item)).status_code == 3140


@pytest.mark.parametrize("account", ["Accounts Receivable", "Sales"])
def test_a_sale_is_deposited_where_money_can_be(shop: Shop, account: str) -> None:
    shop.invoice()
    lines = [{"ItemRef": ref("Advice"), "Amount": "9.00"}]
    given = {"DepositToAccountRef": ref(account), "SalesReceiptLineAdd": lines}
    assert shop.try_txn("SalesReceipt", CustomerRef=ref("Ann"), **given).status_code == 3140


def test_a_range_of_numbers_may_end_beyond_all_numbers(shop: Shop) -> None:
    shop.invoice(RefNumber="12")
    far = "9" * 20
    found = shop.one("InvoiceQuery", {"RefNumberRangeFilter": {"FromRefNumber": "5", "ToRefNumber": far}})
    assert [one["RefNumber"] for one in found.records] == ["12"]
    assert shop.one("InvoiceQuery", {"RefNumberRangeFilter": {"FromRefNumber": far}}).status_code == 1


def test_a_date_that_must_be_given_is_given(shop: Shop) -> None:
    names = "<PayeeEntityRef><FullName>State</FullName></PayeeEntityRef><TxnDate></TxnDate>"
    bank = "<BankAccountRef><FullName>Checking</FullName></BankAccountRef><IsToBePrinted>true</IsToBePrinted>"
    line = "<SalesTaxPaymentCheckLineAdd><Amount>3.00</Amount></SalesTaxPaymentCheckLineAdd>"
    add = f"<SalesTaxPaymentCheckAdd>{names}{bank}{line}</SalesTaxPaymentCheckAdd>"
    answer = shop.raw(f"<SalesTaxPaymentCheckAddRq>{add}</SalesTaxPaymentCheckAddRq>")
    assert qbxml.parse(answer)[0].status_code == 3150


@pytest.mark.parametrize(("kind", "name"), [("Customer", "Ann"), ("ItemService", "Advice")])
def test_what_is_inactive_is_refused_by_the_settings(shop: Shop, kind: str, name: str) -> None:
    element = shop.one(f"{kind}Query", {"FullName": [name]}).records[0]
    shop.time.pass_(1)
    shop.modified(element, IsActive=False)
    before = shop.invoice()
    shop.company.configure(refuses_inactive=True)
    lines = [{"ItemRef": ref("Advice"), "Amount": "1.00"}]
    answer = shop.try_txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineAdd=lines)
    assert answer.status_code == 3140
    assert f'"{name}" in the Invoice' in answer.status_message
    assert shop.change(before, Memo="as it was").status_code == 0


def test_no_balance_gets_too_large_to_be_told(shop: Shop) -> None:
    most = "9999999999999.00"
    shop.invoice(amount=most)
    lines = [{"ItemRef": ref("Advice"), "Amount": most}]
    assert shop.try_txn("Invoice", CustomerRef=ref("Bob"), InvoiceLineAdd=lines).status_code == 3180
    assert shop.balance("Ann", "Customer") == most


def test_a_number_that_its_record_cannot_hold_is_too_long(shop: Shop) -> None:
    paid = {"PayeeEntityRef": ref("State"), "TxnDate": "2023-11-01", "BankAccountRef": ref("Checking")}
    line = {"ItemSalesTaxRef": ref("State tax"), "Amount": "3.00"}
    given = {**paid, "RefNumber": "7" * 12, "SalesTaxPaymentCheckLineAdd": [line]}
    assert shop.try_txn("SalesTaxPaymentCheck", **given).status_code == 3070
