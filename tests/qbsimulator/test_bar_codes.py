"""Bar codes: which item has one."""

from __future__ import annotations

from tests.qbsimulator.helpers import Books


def test_an_item_is_found_by_its_bar_code(books: Books) -> None:
    cash = books.add("ItemPayment", {"Name": "Cash", "BarCode": {"BarCodeValue": "4006381333931"}})
    books.add("ItemSubtotal", {"Name": "Sum", "BarCode": {"BarCodeValue": "73513537"}})
    books.add("ItemSubtotal", "Without")
    (told,) = books.one("BarCodeQuery", {"BarCodeValue": ["4006381333931"]}).records
    assert dict(told) == {"ListType": "ItemPayment", "ListID": cash["ListID"], "FullName": "Cash"}
    partly = books.one("BarCodeQuery", {"BarCodeValue": ["0", "73513537"]})
    assert (partly.status_code, [one["FullName"] for one in partly.records]) == (500, ["Sum"])
    assert [one["FullName"] for one in books.one("BarCodeQuery").records] == ["Cash", "Sum"]
    counted = books.one("BarCodeQuery", {"metaData": "MetaDataOnly"})
    assert (counted.ret_count, counted.records) == (2, [])


def test_without_any_bar_code_nothing_is_found(books: Books) -> None:
    books.add("ItemSubtotal", "Without")
    assert books.one("BarCodeQuery").status_code == 1
