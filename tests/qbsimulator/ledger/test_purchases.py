"""What is bought: what is filled in, what lines come to, what is posted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.qbsimulator.ledger.shop import Shop, ref

#: Kinds with both lists of lines: their name field, own account, total, and the sign of what lines post.
BOTH_LISTS = {
    "Bill": ("VendorRef", None, "AmountDue", 1),
    "ItemReceipt": ("VendorRef", None, "TotalAmount", 1),
    "VendorCredit": ("VendorRef", None, "CreditAmount", -1),
    "Check": ("PayeeEntityRef", "Checking", "Amount", 1),
    "CreditCardCharge": ("PayeeEntityRef", "Card", "Amount", 1),
    "CreditCardCredit": ("PayeeEntityRef", "Card", "Amount", -1),
}


def expense(account: str = "Rent", amount: str = "100.00", **fields: Any) -> dict[str, Any]:
    return {"AccountRef": ref(account), "Amount": amount, **fields}


def item(name: str, **fields: Any) -> dict[str, Any]:
    return {"ItemRef": ref(name), **fields}


def header(kind: str) -> dict[str, Any]:
    name, account, _, _ = BOTH_LISTS[kind]
    return {name: ref("Lumber Ltd"), **({"AccountRef": ref(account)} if account else {})}


def bought(shop: Shop, kind: str = "Bill", **fields: Any) -> Any:
    given = {"ExpenseLineAdd": [expense()]} if not {"ExpenseLineAdd", "ItemLineAdd"} & {*fields} else {}
    return shop.txn(kind, **{**header(kind), **given, **fields})


def test_a_bill_is_filled_in(shop: Shop) -> None:
    made = bought(shop)
    assert (made["TxnID"], made["ExpenseLineRet"][0]["TxnLineID"]) == ("1-1700000000", "3-1700000000")
    assert made["APAccountRef"]["FullName"] == "Accounts Payable"
    assert (str(made["TxnDate"]), str(made["DueDate"])) == ("2023-11-14", "2023-11-24")
    assert (str(made["AmountDue"]), str(made["OpenAmount"]), made["IsPaid"]) == ("100.00", "100.00", False)
    assert "RefNumber" not in made
    assert shop.balance("Lumber Ltd", "Vendor") == shop.balance("Accounts Payable") == shop.balance("Rent") == "100.00"


def test_a_bill_is_due_by_the_terms_of_the_vendor(shop: Shop) -> None:
    shop.add("Vendor", {"Name": "Slow Inc", "TermsRef": ref("Net 30"), "VendorAddress": {"Addr1": "1 Road"}})
    made = bought(shop, VendorRef=ref("Slow Inc"), TxnDate="2024-01-31")
    assert str(made["DueDate"]) == "2024-03-01"
    assert made["TermsRef"]["FullName"] == "Net 30"
    assert made["VendorAddress"]["Addr1"] == "1 Road"
    assert str(shop.changed(made, TxnDate="2024-02-01")["DueDate"]) == "2024-03-02"
    shop.company.configure(days_bills_are_due=3)
    assert str(bought(shop, TxnDate="2024-01-31")["DueDate"]) == "2024-02-03"


@pytest.mark.parametrize("kind", BOTH_LISTS)
def test_both_lists_post(shop: Shop, kind: str) -> None:
    _, account, total, sign = BOTH_LISTS[kind]
    expenses = [expense("Rent", "10.00", Memo="May"), expense("Tools", "20.00")]
    items = [item("Board", Quantity="2"), item("Lamp", Quantity="3")]
    made = bought(shop, kind, ExpenseLineAdd=expenses, ItemLineAdd=items)
    assert str(made[total]) == "108.00"
    assert made["ExpenseLineRet"][0]["Memo"] == "May"
    assert [one.get("Desc") for one in made["ItemLineRet"]] == ["A raw board", None]
    assert [(str(one["Cost"]), str(one["Amount"])) for one in made["ItemLineRet"]] == [
        ("12.00", "24.00"),
        ("18.00", "54.00"),
    ]
    posted = {"Rent": "10.00", "Tools": "20.00", "Supplies": "24.00", "Stock": "54.00"}
    assert {one: shop.balance(one) for one in posted} == {
        one: str(sign * Decimal(amount)) for one, amount in posted.items()
    }
    own = Decimal(shop.balance(account or "Accounts Payable"))
    assert own == (-108 if account == "Checking" else sign * 108)
    vendor = shop.balance("Lumber Ltd", "Vendor")
    assert vendor == ("0.00" if account else shop.balance("Accounts Payable"))


@pytest.mark.parametrize(
    ("given", "cost", "amount"),
    [
        ({}, "12.00", "12.00"),
        ({"Quantity": "3"}, "12.00", "36.00"),
        ({"Quantity": "3", "Cost": "9.99"}, "9.99", "29.97"),
        ({"Quantity": "3", "Amount": "100.00"}, "33.33333", "100.00"),
        ({"Quantity": "2", "Cost": "9.00", "Amount": "30.00"}, "15.00", "30.00"),
        ({"Cost": "9.00", "Amount": "30.00"}, "30.00", "30.00"),
        ({"Amount": "30.00"}, None, "30.00"),
        ({"Quantity": "0.5", "Cost": "0.05"}, "0.05", "0.03"),
    ],
)
def test_quantity_cost_and_amount(shop: Shop, given: dict[str, str], cost: str | None, amount: str) -> None:
    made = bought(shop, ItemLineAdd=[item("Board", **given)])["ItemLineRet"][0]
    assert (None if cost is None else Decimal(cost), Decimal(amount)) == (made.get("Cost"), made["Amount"])


def test_a_group_brings_its_items(shop: Shop) -> None:
    made = shop.txn("Bill", VendorRef=ref("Lumber Ltd"), ItemGroupLineAdd=[{"ItemGroupRef": ref("Shelf")}])
    group = made["ItemGroupLineRet"][0]
    assert [(one["ItemRef"]["FullName"], str(one["Amount"])) for one in group["ItemLineRet"]] == [
        ("Work", "100.00"),
        ("Board", "60.00"),
    ]
    assert str(group["TotalAmount"]) == str(made["AmountDue"]) == "160.00"
    member = group["ItemLineRet"][1]["TxnLineID"]
    new = shop.changed(
        made,
        ItemGroupLineMod=[
            {"TxnLineID": group["TxnLineID"], "ItemLineMod": [{"TxnLineID": member, "Quantity": "1"}]},
        ],
    )
    assert str(new["AmountDue"]) == "12.00"


def test_per_cents_and_subtotals_follow_the_lines_above(shop: Shop) -> None:
    extra = {"PricePercent": "10.0", "AccountRef": ref("Goods")}
    shop.add("ItemOtherCharge", {"Name": "Ten more", "SalesOrPurchase": extra})
    names = ("Board", "Ten more", "Subtotal", "Ten off", "Five dollars")
    made = bought(shop, ItemLineAdd=[item(one) for one in names])
    assert [str(one["Amount"]) for one in made["ItemLineRet"]] == ["12.00", "1.20", "13.20", "-1.32", "-5.00"]
    assert str(made["AmountDue"]) == "6.88"
    lines = [{"TxnLineID": one["TxnLineID"]} for one in made["ItemLineRet"]]
    new = shop.changed(made, ItemLineMod=[{**lines[0], "Quantity": "2"}, *lines[1:]])
    assert [str(one["Amount"]) for one in new["ItemLineRet"]] == ["24.00", "2.40", "26.40", "-2.64", "-5.00"]
    assert (shop.balance("Goods"), shop.balance("Discounts"), shop.balance("Supplies")) == ("2.40", "7.64", "24.00")
    fixed = shop.changed(new, ItemLineMod=[lines[0], {**lines[1], "Amount": "3.00"}, *lines[2:]])
    assert str(fixed["ItemLineRet"][1]["Amount"]) == "3.00"


def test_a_later_change_of_an_item_leaves_the_books_alone(shop: Shop) -> None:
    made = bought(shop, ItemLineAdd=[item("Board")])
    board = shop.one("ItemNonInventoryQuery", {"FullName": ["Board"]}).records[0]
    shop.modified(board, SalesAndPurchaseMod={"PurchaseCost": "1.00", "ExpenseAccountRef": ref("Goods")})
    shop.changed(made, Memo="the same")
    assert (shop.balance("Supplies"), shop.balance("Goods")) == ("12.00", "0.00")


def test_another_item_brings_its_own(shop: Shop) -> None:
    made = bought(shop, ItemLineAdd=[item("Board", Quantity="2")])
    id_ = made["ItemLineRet"][0]["TxnLineID"]
    (line,) = shop.changed(made, ItemLineMod=[{"TxnLineID": id_, **item("Lamp")}])["ItemLineRet"]
    assert (line["TxnLineID"], line.get("Desc"), str(line["Cost"]), str(line["Amount"])) == (
        id_,
        None,
        "18.00",
        "36.00",
    )
    assert (shop.balance("Supplies"), shop.balance("Stock")) == ("0.00", "36.00")


def test_another_account_for_an_item(shop: Shop) -> None:
    bought(shop, ItemLineAdd=[item("Board", OverrideItemAccountRef=ref("Tools"))])
    assert (shop.balance("Supplies"), shop.balance("Tools")) == ("0.00", "12.00")
    answer = shop.try_txn(
        "Bill", VendorRef=ref("Lumber Ltd"), ItemLineAdd=[item("Board", OverrideItemAccountRef=ref("None"))]
    )
    assert answer.status_code == 3140


@pytest.mark.parametrize("kind", BOTH_LISTS)
def test_without_lines_it_is_empty(shop: Shop, kind: str) -> None:
    answer = shop.try_txn(kind, **header(kind))
    assert answer.status_code == 3180
    assert "empty" in str(answer.status_message)


def test_what_can_not_be_bought_is_refused(shop: Shop) -> None:
    for name, code in (("Paid at once", 3280), ("State tax", 3280), ("Shelf", 3280)):
        answer = shop.try_txn("Bill", VendorRef=ref("Lumber Ltd"), ItemLineAdd=[item(name)])
        assert answer.status_code == code, name


def test_what_a_line_lacks_or_names_wrongly(shop: Shop) -> None:
    bill = {"VendorRef": ref("Lumber Ltd")}
    for lines in ({"ExpenseLineAdd": [{"Amount": "1.00"}]}, {"ItemLineAdd": [{"Amount": "1.00"}]}):
        assert shop.try_txn("Bill", **bill, **lines).status_code == 3150
    answer = shop.try_txn("Bill", **bill, ExpenseLineAdd=[expense("Nothing")])
    assert answer.status_code == 3140
    assert 'QuickBooks Account "Nothing" in the Bill line.' in str(answer.status_message)
    answer = shop.try_txn("Bill", VendorRef=ref("Ann"), ExpenseLineAdd=[expense()])
    assert answer.status_code == 3140
    assert 'QuickBooks Vendor "Ann" in the Bill.' in str(answer.status_message)
    assert shop.one("BillQuery").status_code == 1


def test_an_account_of_the_wrong_type_is_refused(shop: Shop) -> None:
    given = {"VendorRef": ref("Lumber Ltd"), "ExpenseLineAdd": [expense()]}
    assert shop.try_txn("Bill", **given, APAccountRef=ref("Checking")).status_code == 3140
    paid = {"ExpenseLineAdd": [expense()]}
    assert shop.try_txn("Check", **paid, AccountRef=ref("Card")).status_code == 3140
    assert shop.try_txn("CreditCardCharge", **paid, AccountRef=ref("Checking")).status_code == 3140
    bought(shop)
    answer = shop.try_txn("Bill", VendorRef=ref("Lumber Ltd"), ExpenseLineAdd=[expense("Accounts Payable")])
    assert answer.status_code == 3180


def test_a_negative_total_is_refused(shop: Shop) -> None:
    answer = shop.try_txn("Bill", VendorRef=ref("Lumber Ltd"), ExpenseLineAdd=[expense(amount="-1.00")])
    assert answer.status_code == 3180
    bought(shop, ExpenseLineAdd=[expense(amount="5.00"), expense("Tools", "-1.00")])
    assert (shop.balance("Rent"), shop.balance("Tools")) == ("5.00", "-1.00")


# -- checks and cards --------------------------------------------------------------------------------------------


def test_a_check_has_the_address_of_its_payee(shop: Shop) -> None:
    address = {"Addr1": "2 Street", "City": "Town", "State": "CA", "PostalCode": "90001"}
    shop.add("Vendor", {"Name": "Here Inc", "VendorAddress": address})
    shop.add("OtherName", "Somebody")
    made = bought(shop, "Check", PayeeEntityRef=ref("Here Inc"))
    assert (made["AddressBlock"]["Addr1"], made["AddressBlock"]["Addr2"]) == ("2 Street", "Town, CA  90001")
    new = shop.changed(made, PayeeEntityRef=ref("Somebody"))
    assert "AddressBlock" not in new
    given = shop.changed(new, PayeeEntityRef=ref("Here Inc"), Address={"Addr1": "Elsewhere"})
    assert given["AddressBlock"]["Addr1"] == "Elsewhere"


def test_checks_are_numbered_unless_they_are_to_be_printed(shop: Shop) -> None:
    first = bought(shop, "Check", RefNumber="500")
    second = bought(shop, "Check")
    printed = bought(shop, "Check", IsToBePrinted=True)
    other = bought(shop, "Check", AccountRef=ref("Savings"))
    assert [one.get("RefNumber") for one in (first, second, printed, other)] == ["500", "501", None, "1"]
    assert [one["IsToBePrinted"] for one in (first, second, printed)] == [False, False, True]
    new = shop.changed(printed, RefNumber="777")
    assert (new["RefNumber"], new["IsToBePrinted"]) == ("777", False)
    assert "RefNumber" not in shop.changed(new, IsToBePrinted=True)


def test_a_check_may_be_to_nobody(shop: Shop) -> None:
    made = shop.txn("Check", AccountRef=ref("Checking"), ExpenseLineAdd=[expense()])
    assert "PayeeEntityRef" not in made
    assert shop.balance("Checking") == "-100.00"


def test_lines_of_receivables_and_payables_are_with_a_name(shop: Shop) -> None:
    bought(shop)
    shop.invoice()
    bought(shop, "Check", ExpenseLineAdd=[expense("Accounts Payable", "30.00")])
    assert shop.balance("Lumber Ltd", "Vendor") == shop.balance("Accounts Payable") == "70.00"
    bought(shop, "Check", ExpenseLineAdd=[expense("Accounts Receivable", "5.00", CustomerRef=ref("Ann"))])
    assert shop.balance("Ann", "Customer") == shop.balance("Accounts Receivable") == "105.00"
    bank = {"AccountRef": ref("Checking")}
    nobody = shop.try_txn("Check", **bank, ExpenseLineAdd=[expense("Accounts Payable")])
    assert nobody.status_code == 3150
    wrong = shop.try_txn("Check", **bank, PayeeEntityRef=ref("Ann"), ExpenseLineAdd=[expense("Accounts Payable")])
    assert wrong.status_code == 3140


def applied(shop: Shop, target: Any, line: dict[str, Any], amount: str | None = None, **fields: Any) -> Any:
    """A check whose line is applied to a transaction, whatever comes of it."""
    one = {"TxnID": target["TxnID"], **({} if amount is None else {"Amount": amount})}
    given = {**header("Check"), "ApplyCheckToTxnAdd": [one], "ExpenseLineAdd": [line]}
    return shop.try_txn("Check", **{**given, **fields})


def test_a_check_pays_bills(shop: Shop) -> None:
    first, second = bought(shop), bought(shop)
    line = expense("Accounts Payable", "130.00")
    both = [{"TxnID": first["TxnID"]}, {"TxnID": second["TxnID"], "Amount": "20.00"}]
    made = shop.txn("Check", **header("Check"), ApplyCheckToTxnAdd=both, ExpenseLineAdd=[line])
    assert [str(shop.now(one)["OpenAmount"]) for one in (first, second)] == ["0.00", "80.00"]
    assert [(one["TxnID"], str(one["Amount"])) for one in shop.now(made)["LinkedTxn"]] == [
        (first["TxnID"], "100.00"),
        (second["TxnID"], "20.00"),
    ]
    assert shop.balance("Lumber Ltd", "Vendor") == "70.00"
    new = shop.changed(made, Memo="the same")
    assert str(shop.now(second)["OpenAmount"]) == "80.00"
    new = shop.changed(new, ApplyCheckToTxnMod=[{"TxnID": second["TxnID"]}])
    assert [str(shop.now(one)["OpenAmount"]) for one in (first, second)] == ["100.00", "0.00"]
    id_ = new["ExpenseLineRet"][0]["TxnLineID"]
    assert shop.change(new, ExpenseLineMod=[{"TxnLineID": id_, "Amount": "99.99"}]).status_code == 3180
    shop.remove(new)
    assert [str(shop.now(one)["OpenAmount"]) for one in (first, second)] == ["100.00", "100.00"]


def test_a_check_gives_a_credit_back(shop: Shop) -> None:
    credit = shop.txn("CreditMemo", CustomerRef=ref("Ann"), CreditMemoLineAdd=[item("Advice")])
    line = expense("Accounts Receivable", "80.00")
    assert applied(shop, credit, line, PayeeEntityRef=ref("Ann")).status_code == 0
    assert str(shop.now(credit)["CreditRemaining"]) == "0.00"
    assert shop.balance("Ann", "Customer") == "0.00"


def test_what_a_check_can_not_be_applied_to(shop: Shop) -> None:
    owed, other = bought(shop), bought(shop, VendorRef=ref("Office Inc"))
    line = expense("Accounts Payable", "130.00")
    assert applied(shop, owed, line, "100.01").status_code == 3210
    assert applied(shop, owed, expense("Accounts Payable", "30.00"), "30.01").status_code == 3210
    assert applied(shop, other, line).status_code == 3120
    assert applied(shop, owed, expense("Rent")).status_code == 3120
    assert applied(shop, {"TxnID": "FFFF-1700000000"}, line).status_code == 3120
    assert applied(shop, owed, line).status_code == 0
    assert applied(shop, owed, line).status_code == 3120


def test_a_job_is_charged_and_the_vendor_owed(shop: Shop) -> None:
    line = expense(CustomerRef=ref("Bob:Kitchen"), ClassRef=ref("North"), BillableStatus="Billable")
    made = bought(shop, ExpenseLineAdd=[line])["ExpenseLineRet"][0]
    assert (made["CustomerRef"]["FullName"], made["ClassRef"]["FullName"], made["BillableStatus"]) == (
        "Bob:Kitchen",
        "North",
        "Billable",
    )
    assert shop.balance("Bob:Kitchen", "Customer") == "0.00"
    assert shop.balance("Lumber Ltd", "Vendor") == "100.00"


# -- Mod ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BOTH_LISTS)
def test_each_list_is_replaced_on_its_own(shop: Shop, kind: str) -> None:
    total = BOTH_LISTS[kind][2]
    made = bought(
        shop, kind, ExpenseLineAdd=[expense("Rent", "10.00"), expense("Tools", "20.00")], ItemLineAdd=[item("Board")]
    )
    second = made["ExpenseLineRet"][1]["TxnLineID"]
    new = shop.changed(made, ExpenseLineMod=[{"TxnLineID": "-1", **expense("Supplies", "1.00")}, {"TxnLineID": second}])
    assert [(one["AccountRef"]["FullName"], str(one["Amount"])) for one in new["ExpenseLineRet"]] == [
        ("Supplies", "1.00"),
        ("Tools", "20.00"),
    ]
    assert new["ItemLineRet"] == made["ItemLineRet"]
    assert str(new[total]) == "33.00"
    bare = shop.changed(new, ClearExpenseLines=True)
    assert "ExpenseLineRet" not in bare
    assert str(bare[total]) == "12.00"
    assert shop.change(bare, ClearItemLines=True).status_code == 3180
    shop.changed(bare, ClearItemLines=True, ExpenseLineMod=[{"TxnLineID": "-1", **expense()}])
    assert shop.balance("Supplies") == shop.balance("Tools") == "0.00"


def test_lines_keep_their_order(shop: Shop) -> None:
    made = bought(shop, ExpenseLineAdd=[expense("Rent"), expense("Tools")])
    first, second = (one["TxnLineID"] for one in made["ExpenseLineRet"])
    assert shop.change(made, ExpenseLineMod=[{"TxnLineID": second}, {"TxnLineID": first}]).status_code == 3290
    assert shop.change(made, ExpenseLineMod=[{"TxnLineID": "FFFF-1700000000"}]).status_code == 3120
    assert shop.change(made, ItemLineMod=[{"TxnLineID": first}]).status_code == 3120


@pytest.mark.parametrize("kind", BOTH_LISTS)
def test_what_is_needed_can_not_be_emptied(shop: Shop, kind: str) -> None:
    name, account, _, _ = BOTH_LISTS[kind]
    made = bought(shop, kind, ItemLineAdd=[item("Board", OverrideItemAccountRef=ref("Tools"))])
    answer = shop.change(made, **{"AccountRef" if account else name: {"FullName": ""}})
    assert (answer.status_code, answer.status_message) == (
        3150,
        f'There is a missing element: "{"AccountRef" if account else name}"',
    )
    id_ = made["ItemLineRet"][0]["TxnLineID"]
    shop.changed(made, ItemLineMod=[{"TxnLineID": id_, "OverrideItemAccountRef": {"FullName": ""}}])
    assert (shop.balance("Tools"), shop.balance("Supplies").lstrip("-")) == ("0.00", "12.00")


def test_another_vendor_is_owed(shop: Shop) -> None:
    made = bought(shop)
    shop.changed(made, VendorRef=ref("Office Inc"))
    assert (shop.balance("Lumber Ltd", "Vendor"), shop.balance("Office Inc", "Vendor")) == ("0.00", "100.00")


def test_a_vendors_time_moves_and_its_edit_sequence_stays(shop: Shop) -> None:
    before = shop.one("VendorQuery", {"FullName": ["Lumber Ltd"]}).records[0]
    shop.time.pass_(5)
    bought(shop)
    after = shop.one("VendorQuery", {"FullName": ["Lumber Ltd"]}).records[0]
    assert after["EditSequence"] == before["EditSequence"]
    assert after["TimeModified"] > before["TimeModified"]


# -- deleting and voiding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BOTH_LISTS)
def test_deleting_takes_everything_back(shop: Shop, kind: str) -> None:
    made = bought(shop, kind, ExpenseLineAdd=[expense()], ItemLineAdd=[item("Lamp")])
    assert shop.remove(made).status_code == 0
    for account in ("Checking", "Card", "Rent", "Stock", "Accounts Payable"):
        assert shop.balance(account) == "0.00"
    assert shop.balance("Lumber Ltd", "Vendor") == "0.00"
    assert shop.one(f"{kind}Query").status_code == 1


@pytest.mark.parametrize("kind", BOTH_LISTS)
def test_voiding_keeps_an_empty_one(shop: Shop, kind: str) -> None:
    made = bought(shop, kind, ExpenseLineAdd=[expense()], ItemLineAdd=[item("Lamp")], Memo="lamps")
    assert shop.void(made).status_code == 0
    new = shop.now(made)
    assert (new["Memo"], str(new[BOTH_LISTS[kind][2]])) == ("VOID: lamps", "0.00")
    assert [str(one["Amount"]) for one in (*new["ExpenseLineRet"], *new["ItemLineRet"])] == ["0.00", "0.00"]
    assert shop.balance("Stock") == shop.balance("Rent") == "0.00"


def test_the_closing_date_is_kept(shop: Shop) -> None:
    made = bought(shop, TxnDate="2023-06-30")
    shop.company.configure(closing_date=made["TxnDate"])
    assert shop.change(made, Memo="too late").status_code == 3171
    assert shop.remove(made).status_code == 3161
    assert shop.void(made).status_code == 3171
    given = {"VendorRef": ref("Lumber Ltd"), "ExpenseLineAdd": [expense()]}
    assert shop.try_txn("Bill", **given, TxnDate="2023-06-01").status_code == 3171


# -- orders ------------------------------------------------------------------------------------------------------


def test_a_purchase_order_posts_nothing(shop: Shop) -> None:
    lines = [item("Lamp", Quantity="4"), {"Desc": "soon, please"}, item("Board", Rate="10.00")]
    made = shop.txn("PurchaseOrder", VendorRef=ref("Lumber Ltd"), PurchaseOrderLineAdd=lines)
    assert (str(made["TotalAmount"]), made["RefNumber"]) == ("82.00", "1")
    assert (made["IsManuallyClosed"], made["IsFullyReceived"]) == (False, False)
    shown = [(one.get("Desc"), str(one.get("Rate")), str(one.get("Amount"))) for one in made["PurchaseOrderLineRet"]]
    assert shown == [(None, "18.00", "72.00"), ("soon, please", "None", "None"), ("A raw board", "10.00", "10.00")]
    assert shop.balance("Lumber Ltd", "Vendor") == shop.balance("Stock") == "0.00"
    assert shop.try_txn("PurchaseOrder", PurchaseOrderLineAdd=[{"Other1": "nothing"}]).status_code == 3180


def test_a_purchase_order_goes_where_it_is_told(shop: Shop) -> None:
    shop.add("Customer", {"Name": "Far", "ShipAddress": {"Addr1": "9 Hill"}})
    line = item("Lamp")
    made = shop.txn("PurchaseOrder", ShipToEntityRef=ref("Far"), PurchaseOrderLineAdd=[line])
    assert made["ShipAddress"]["Addr1"] == made["ShipAddressBlock"]["Addr1"] == "9 Hill"
