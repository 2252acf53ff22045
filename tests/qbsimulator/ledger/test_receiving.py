"""Orders, the goods that come of them, and their bills."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from qbxml.model import MessageResponse
from tests.qbsimulator.ledger.shop import Shop, ref

VENDOR = {"VendorRef": ref("Lumber Ltd")}


def item(name: str, **fields: Any) -> dict[str, Any]:
    return {"ItemRef": ref(name), **fields}


def order(shop: Shop, *lines: dict[str, Any], **fields: Any) -> Any:
    given = list(lines) or [item("Lamp", Quantity="4"), item("Board", Quantity="10", Rate="11.00")]
    return shop.txn("PurchaseOrder", **{**VENDOR, "PurchaseOrderLineAdd": given, **fields})


def of(record: Record, line: int = 0, **fields: Any) -> dict[str, Any]:
    """A line that takes over one of an order."""
    id_ = record["PurchaseOrderLineRet"][line]["TxnLineID"]
    return {**fields, "LinkToTxn": {"TxnID": record["TxnID"], "TxnLineID": id_}}


def whole(*records: Record) -> dict[str, Any]:
    return {**VENDOR, "LinkToTxnID": [one["TxnID"] for one in records]}


def received(shop: Shop, record: Record) -> tuple[list[str], bool]:
    now = shop.now(record)
    return [str(one["ReceivedQuantity"]) for one in now["PurchaseOrderLineRet"]], now["IsFullyReceived"]


def money(shop: Shop) -> tuple[str, str, str]:
    return shop.balance("Lumber Ltd", "Vendor"), shop.balance("Stock"), shop.balance("Accounts Payable")


def shown(record: Record) -> list[tuple[str, str, str]]:
    return [(one["ItemRef"]["FullName"], str(one.get("Quantity")), str(one["Amount"])) for one in record["ItemLineRet"]]


def code(answer: MessageResponse) -> int:
    return answer.status_code


# -- orders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Bill", "ItemReceipt"])
def test_a_whole_order_is_taken_over(shop: Shop, kind: str) -> None:
    ordered = order(shop)
    assert received(shop, ordered) == (["0", "0"], False)
    made = shop.txn(kind, **whole(ordered))
    assert shown(made) == [("Lamp", "4", "72.00"), ("Board", "10", "110.00")]
    assert received(shop, ordered) == (["4", "10"], True)
    (link,) = shop.now(ordered)["LinkedTxn"]
    assert (link["TxnID"], link["TxnType"], link["LinkType"]) == (made["TxnID"], kind, "QUANTYPE")
    (back,) = shop.now(made)["LinkedTxn"]
    assert (back["TxnID"], back["TxnType"], back["LinkType"]) == (ordered["TxnID"], "PurchaseOrder", "QUANTYPE")
    assert money(shop) == ("182.00", "72.00", "182.00")


def test_an_order_comes_in_parts(shop: Shop) -> None:
    ordered = order(shop)
    first = shop.txn("ItemReceipt", **VENDOR, ItemLineAdd=[of(ordered, Quantity="1"), item("Work", Cost="5.00")])
    assert shown(first) == [("Lamp", "1", "18.00"), ("Work", "None", "5.00")]
    assert received(shop, ordered) == (["1", "0"], False)
    rest = shop.txn("Bill", **whole(ordered))
    assert shown(rest) == [("Lamp", "3", "54.00"), ("Board", "10", "110.00")]
    assert received(shop, ordered) == (["4", "10"], True)


def test_a_line_follows_the_changes_of_what_received_it(shop: Shop) -> None:
    ordered = order(shop)
    made = shop.txn("Bill", **whole(ordered))
    lamp, board = (one["TxnLineID"] for one in made["ItemLineRet"])
    new = shop.changed(made, ItemLineMod=[{"TxnLineID": lamp, "Quantity": "3"}, {"TxnLineID": board}])
    assert received(shop, ordered) == (["3", "10"], False)
    new = shop.changed(new, Memo="later")
    assert received(shop, ordered) == (["3", "10"], False)
    shop.changed(new, ItemLineMod=[{"TxnLineID": lamp}])
    assert received(shop, ordered) == (["3", "0"], False)


@pytest.mark.parametrize("go", [Shop.remove, Shop.void])
def test_what_is_gone_is_open_again(shop: Shop, go: Any) -> None:
    ordered = order(shop)
    made = shop.txn("Bill", **whole(ordered))
    assert code(go(shop, made)) == 0
    assert received(shop, ordered) == (["0", "0"], False)
    assert "LinkedTxn" not in shop.now(ordered)


def test_a_deleted_order_lets_its_goods_be(shop: Shop) -> None:
    ordered = order(shop)
    made = shop.txn("Bill", **whole(ordered))
    assert code(shop.remove(ordered)) == 0
    assert "LinkedTxn" not in shop.now(made)
    shop.changed(made, Memo="later")
    assert money(shop) == ("182.00", "72.00", "182.00")


def test_a_closed_order_is_not_linked(shop: Shop) -> None:
    ordered = order(shop)
    closed = shop.changed(ordered, IsManuallyClosed=True)
    own = {**whole(closed), "ItemLineAdd": [item("Lamp")]}
    answer = shop.try_txn("Bill", **own)
    assert (answer.status_code, answer.status_message) == (
        570,
        f'Unable to link to transaction "{ordered["TxnID"]}" because it has already been closed.',
    )
    assert shown(answer.records[0]) == [("Lamp", "None", "18.00")]
    assert code(shop.try_txn("Bill", **whole(closed))) == 3180
    shop.changed(closed, IsManuallyClosed=False)
    lines = [{"TxnLineID": one["TxnLineID"]} for one in ordered["PurchaseOrderLineRet"]]
    half = shop.changed(shop.now(ordered), PurchaseOrderLineMod=[{**lines[0], "IsManuallyClosed": True}, lines[1]])
    assert shown(shop.txn("Bill", **whole(half))) == [("Board", "10", "110.00")]
    assert received(shop, ordered) == (["0", "10"], True)


def test_what_can_not_be_linked(shop: Shop) -> None:
    ordered = order(shop)
    office = {**whole(ordered), "VendorRef": ref("Office Inc")}
    assert code(shop.try_txn("Bill", **office)) == 3120
    assert code(shop.try_txn("Bill", **VENDOR, LinkToTxnID=["FFFF-1700000000"])) == 3120
    assert code(shop.try_txn("Bill", **VENDOR, LinkToTxnID=[shop.invoice()["TxnID"]])) == 3120
    wrong = {"LinkToTxn": {"TxnID": ordered["TxnID"], "TxnLineID": "FFFF-1700000000"}}
    assert code(shop.try_txn("Bill", **VENDOR, ItemLineAdd=[wrong])) == 3120


def test_a_groups_lines_are_received(shop: Shop) -> None:
    group = [{"ItemGroupRef": ref("Shelf"), "Quantity": "2"}]
    ordered = shop.txn("PurchaseOrder", **VENDOR, PurchaseOrderLineGroupAdd=group)
    made = shop.txn("ItemReceipt", **whole(ordered))
    inner = made["ItemGroupLineRet"][0]["ItemLineRet"]
    assert [(one["ItemRef"]["FullName"], str(one["Quantity"])) for one in inner] == [("Work", "4"), ("Board", "10")]
    now = shop.now(ordered)
    lines = now["PurchaseOrderLineGroupRet"][0]["PurchaseOrderLineRet"]
    assert ([str(one["ReceivedQuantity"]) for one in lines], now["IsFullyReceived"]) == (["4", "10"], True)


# -- goods before their bill -------------------------------------------------------------------------------------


def receipt(shop: Shop, **fields: Any) -> Any:
    lines = {
        "ExpenseLineAdd": [{"AccountRef": ref("Rent"), "Amount": "7.00", "Memo": "freight"}],
        "ItemLineAdd": [item("Lamp", Quantity="4"), item("Board", Quantity="3", Amount="100.00")],
    }
    return shop.txn("ItemReceipt", **{**VENDOR, **lines, **fields})


def test_a_bill_takes_the_place_of_a_receipt(shop: Shop) -> None:
    came = receipt(shop)
    assert money(shop) == ("179.00", "72.00", "179.00")
    made = shop.txn("Bill", **whole(came))
    assert shown(made) == [("Lamp", "4", "72.00"), ("Board", "3", "100.00")]
    assert [(str(one["Amount"]), one["Memo"]) for one in made["ExpenseLineRet"]] == [("7.00", "freight")]
    assert str(made["AmountDue"]) == str(made["OpenAmount"]) == "179.00"
    assert money(shop) == ("179.00", "72.00", "179.00")
    assert shop.balance("Rent") == "7.00"
    (link,) = shop.now(made)["LinkedTxn"]
    assert (link["TxnID"], link["TxnType"], link["LinkType"]) == (came["TxnID"], "ItemReceipt", "QUANTYPE")
    assert str(shop.now(came)["TotalAmount"]) == "179.00"


def test_a_bill_may_be_of_more_than_came(shop: Shop) -> None:
    came = receipt(shop)
    line = {"AccountRef": ref("Supplies"), "Amount": "1.00"}
    made = shop.txn("Bill", **whole(came), ExpenseLineAdd=[line], ItemLineAdd=[item("Lamp")])
    assert [str(one["Amount"]) for one in made["ExpenseLineRet"]] == ["7.00", "1.00"]
    assert shown(made)[2:] == [("Lamp", "None", "18.00")]
    lamp = made["ItemLineRet"][0]["TxnLineID"]
    shop.changed(made, ItemLineMod=[{"TxnLineID": lamp, "Quantity": "1"}])
    assert money(shop) == ("26.00", "18.00", "26.00")
    assert len(shop.now(came)["LinkedTxn"]) == 1


def test_a_receipt_with_a_bill_is_left_alone(shop: Shop) -> None:
    came = receipt(shop)
    made = shop.txn("Bill", **whole(came))
    assert code(shop.change(came, Memo="too late")) == 3170
    assert code(shop.remove(came)) == 3160
    assert code(shop.void(came)) != 0
    answer = shop.try_txn("Bill", **whole(came), ExpenseLineAdd=[{"AccountRef": ref("Rent"), "Amount": "1.00"}])
    assert answer.status_code == 570
    assert str(answer.records[0]["AmountDue"]) == "1.00"
    shop.remove(made)
    assert shop.changed(shop.now(came), Memo="in time")["Memo"] == "in time"


@pytest.mark.parametrize("go", [Shop.remove, Shop.void])
def test_without_its_bill_a_receipt_counts_again(shop: Shop, go: Any) -> None:
    came = receipt(shop)
    made = shop.txn("Bill", **whole(came))
    assert code(go(shop, made)) == 0
    assert money(shop) == ("179.00", "72.00", "179.00")
    assert "LinkedTxn" not in shop.now(came)
    shop.txn("Bill", **whole(came))
    assert money(shop) == ("179.00", "72.00", "179.00")
    assert code(shop.remove(came)) == 3160


def test_an_orders_goods_count_once(shop: Shop) -> None:
    ordered = order(shop)
    came = shop.txn("ItemReceipt", **whole(ordered))
    made = shop.txn("Bill", **whole(came))
    assert received(shop, ordered) == (["4", "10"], True)
    assert money(shop) == ("182.00", "72.00", "182.00")
    shop.remove(made)
    shop.remove(came)
    assert received(shop, ordered) == (["0", "0"], False)
    assert money(shop) == ("0.00", "0.00", "0.00")


def test_another_account_of_a_receipts_line_is_kept(shop: Shop) -> None:
    came = receipt(shop, ItemLineAdd=[item("Board", Quantity="1", OverrideItemAccountRef=ref("Tools"))])
    shop.txn("Bill", **whole(came))
    assert (shop.balance("Tools"), shop.balance("Supplies")) == ("12.00", "0.00")


def test_a_receipt_of_another_vendor_is_not_there(shop: Shop) -> None:
    came = receipt(shop)
    assert code(shop.try_txn("Bill", **{**whole(came), "VendorRef": ref("Office Inc")})) == 3120


def test_a_receipt_of_a_closed_time_is_left_alone(shop: Shop) -> None:
    came, other = receipt(shop, TxnDate="2023-06-30"), receipt(shop, TxnDate="2023-06-30")
    made = shop.txn("Bill", **whole(other))
    shop.company.configure(closing_date=came["TxnDate"])
    assert code(shop.try_txn("Bill", **whole(came))) == 3171
    assert code(shop.remove(made)) == code(shop.void(made)) == 3171
    shop.changed(made, Memo="without a change of the receipt")
    assert money(shop)[0] == "358.00"
