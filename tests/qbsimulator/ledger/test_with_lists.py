"""What transactions share with lists: custom fields, merged elements, macros."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml
from qbsimulator.macros import ITS_REQUEST_FAILED
from qbxml import Record, UseMacro
from tests.qbsimulator.ledger.shop import Shop, ref

APP = "{7d543f41-91f2-4d3c-a3b2-1f6d1d6f5a11}"


def define(shop: Shop, name: str, *objects: str, owner: str = "0") -> None:
    fields = {"OwnerID": owner, "DataExtName": name, "DataExtType": "STR255TYPE", "AssignToObject": list(objects)}
    assert shop.one("DataExtDefAdd", {"DataExtDefAdd": fields}).status_code == 0


def put(shop: Shop, invoice: Record, name: str, value: str, owner: str = "0", **line: str) -> int:
    fields = {"OwnerID": owner, "DataExtName": name, "TxnDataExtType": "Invoice", "TxnID": invoice["TxnID"], **line}
    return shop.one("DataExtAdd", {"DataExtAdd": {**fields, "DataExtValue": value}}).status_code


def told(shop: Shop, invoice: Record, *owners: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The custom fields of an invoice, and those of each of its lines."""
    query = {"TxnID": [invoice["TxnID"]], "IncludeLineItems": True, "OwnerID": list(owners)}
    record = shop.one("InvoiceQuery", query).records[0]
    lines = [one for name in ("InvoiceLineRet", "InvoiceLineGroupRet") for one in record.get(name, [])]
    header, *others = (
        {field["DataExtName"]: field["DataExtValue"] for field in one.get("DataExtRet", [])} for one in (record, *lines)
    )
    return header, others


# -- custom fields -----------------------------------------------------------------------------------------------


def test_a_transaction_holds_the_fields_of_names_and_its_lines_those_of_items(shop: Shop) -> None:
    define(shop, "Route", "Customer")
    define(shop, "Colour", "Item")
    invoice = shop.invoice()
    line = {"TxnLineID": invoice["InvoiceLineRet"][0]["TxnLineID"]}
    assert put(shop, invoice, "Route", "North") == 0
    assert put(shop, invoice, "Colour", "red", **line) == 0
    assert put(shop, invoice, "Colour", "red") == 3180
    assert put(shop, invoice, "Route", "North", **line) == 3180
    assert told(shop, invoice, "0") == ({"Route": "North"}, [{"Colour": "red"}])
    assert told(shop, invoice) == ({}, [{}])


def test_a_private_field_is_assigned_to_the_kind_of_transaction(shop: Shop) -> None:
    define(shop, "Mark", "Invoice", owner=APP)
    define(shop, "Other", "Bill", owner=APP)
    invoice = shop.invoice()
    line = {"TxnLineID": invoice["InvoiceLineRet"][0]["TxnLineID"]}
    assert put(shop, invoice, "Mark", "x", APP) == 0
    assert put(shop, invoice, "Mark", "y", APP, **line) == 0
    assert put(shop, invoice, "Other", "x", APP) == 3180
    assert told(shop, invoice, APP) == ({"Mark": "x"}, [{"Mark": "y"}])


def test_a_field_moves_the_time_of_its_transaction(shop: Shop) -> None:
    define(shop, "Route", "Customer")
    invoice = shop.invoice()
    shop.time.pass_(60)
    put(shop, invoice, "Route", "North")
    after = shop.now(invoice)
    assert (after["TimeModified"] - invoice["TimeModified"]).total_seconds() == 60
    assert after["EditSequence"] == invoice["EditSequence"]


def test_a_line_that_is_not_there_holds_nothing(shop: Shop) -> None:
    define(shop, "Colour", "Item")
    invoice = shop.invoice()
    assert put(shop, invoice, "Colour", "red", TxnLineID="FFFF-1") == 3120


def test_lines_come_with_their_fields(shop: Shop) -> None:
    define(shop, "Colour", "Item")
    red = [{"OwnerID": "0", "DataExtName": "Colour", "DataExtValue": "red"}]
    lines = [{"ItemRef": ref("Work")}, {"ItemRef": ref("Advice"), "DataExt": red}]
    invoice = shop.invoice(InvoiceLineAdd=lines)
    assert told(shop, invoice, "0") == ({}, [{}, {"Colour": "red"}])
    shop.reopen()
    assert told(shop, invoice, "0") == ({}, [{}, {"Colour": "red"}])


def test_a_line_with_an_unknown_field_is_refused_with_its_invoice(shop: Shop) -> None:
    red = [{"OwnerID": "0", "DataExtName": "Colour", "DataExtValue": "red"}]
    answer = shop.try_txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineAdd=[{"ItemRef": ref("Work"), "DataExt": red}])
    assert (answer.status_code, answer.records) == (3180, [])
    assert shop.one("InvoiceQuery").status_code == 1


def test_fields_go_with_their_lines_and_with_the_transaction(shop: Shop) -> None:
    define(shop, "Colour", "Item")
    red = [{"OwnerID": "0", "DataExtName": "Colour", "DataExtValue": "red"}]
    lines = [{"ItemRef": ref("Work"), "DataExt": red}, {"ItemRef": ref("Advice"), "DataExt": red}]
    invoice = shop.invoice(InvoiceLineAdd=lines)
    first, second = (one["TxnLineID"] for one in invoice["InvoiceLineRet"])
    shop.changed(invoice, InvoiceLineMod=[{"TxnLineID": second}])
    fields = shop.company.custom_fields
    assert fields.records(f"Invoice {invoice['TxnID']} {first}", ["0"]) == []
    assert told(shop, invoice, "0") == ({}, [{"Colour": "red"}])
    assert shop.remove(invoice).status_code == 0
    assert fields.records(f"Invoice {invoice['TxnID']} {second}", ["0"]) == []


# -- merged elements ---------------------------------------------------------------------------------------------


def merged(shop: Shop, kind: str, old: str, new: str, type_: str | None = None) -> tuple[Record, Record]:
    ends = [shop.one(f"{kind}Query", {"FullName": [name]}).records[0] for name in (old, new)]
    given = [{"ListID": one["ListID"], "EditSequence": one["EditSequence"]} for one in ends]
    content = {"ListMergeType": type_ or kind, "MergeFrom": given[0], "MergeTo": given[1]}
    answer = shop.one("ListMerge", content)
    assert answer.status_code == 0, answer.status_message
    return ends[0], ends[1]


def test_a_customers_invoices_are_the_others(shop: Shop) -> None:
    first, second = shop.invoice("Ann", "100.00"), shop.invoice("Bob:Kitchen", "20.00")
    shop.invoice("Taxed", "7.00")
    _, target = merged(shop, "Customer", "Taxed", "Ann")
    assert shop.balance("Ann", "Customer") == "107.00"
    assert shop.names("Customer") == ["Ann", "Bob", "Bob:Kitchen"]
    found = shop.one("InvoiceQuery", {"EntityFilter": ref("Ann")}).records
    assert [one["CustomerRef"]["ListID"] for one in found] == [target["ListID"]] * 2
    assert shop.now(first)["EditSequence"] == first["EditSequence"]
    assert shop.now(second)["CustomerRef"]["FullName"] == "Bob:Kitchen"


def test_a_job_goes_to_the_other_customer_with_what_it_owes(shop: Shop) -> None:
    shop.invoice("Bob:Kitchen", "20.00")
    shop.invoice("Bob", "1.00")
    merged(shop, "Customer", "Bob", "Ann")
    record = shop.one("CustomerQuery", {"FullName": ["Ann"]}).records[0]
    assert (str(record["Balance"]), str(record["TotalBalance"])) == ("1.00", "21.00")


def test_accounts_and_items_are_merged_with_what_was_posted(shop: Shop) -> None:
    shop.invoice("Ann", "100.00")
    invoice = shop.invoice("Ann", InvoiceLineAdd=[{"ItemRef": ref("Work"), "Amount": "30.00"}])
    merged(shop, "Account", "Sales", "Discounts")
    assert shop.balance("Discounts") == "130.00"
    merged(shop, "ItemService", "Work", "Advice")
    assert shop.now(invoice)["InvoiceLineRet"][0]["ItemRef"]["FullName"] == "Advice"


def test_an_account_that_quickbooks_made_is_not_merged_away(shop: Shop) -> None:
    shop.invoice()
    account = next(
        one for one in shop.one("AccountQuery").records if one.get("SpecialAccountType") == "AccountsReceivable"
    )
    other = shop.add("Account", {"Name": "Other claims", "AccountType": "AccountsReceivable"})
    given = [{"ListID": one["ListID"], "EditSequence": one["EditSequence"]} for one in (account, other)]
    content = {"ListMergeType": "Account", "MergeFrom": given[0], "MergeTo": given[1]}
    assert shop.one("ListMerge", content).status_code == 3500


# -- macros ------------------------------------------------------------------------------------------------------


def set_of(shop: Shop, *requests: dict[str, Any]) -> list[Any]:
    return list(qbxml.parse(shop.session.process(qbxml.build(list(requests), on_error="continueOnError"))))


@pytest.mark.parametrize("customer", ["Ann", "Nobody"])
def test_what_is_only_being_added_is_referred_to_by_its_macro(shop: Shop, customer: str) -> None:
    lines = [{"ItemRef": ref("Work"), "defMacro": "TxnLineID:line"}]
    invoice = {"CustomerRef": ref(customer), "InvoiceLineAdd": lines, "defMacro": "TxnID:invoice"}
    cleared = {"TxnID": UseMacro("TxnID:invoice"), "TxnLineID": UseMacro("TxnLineID:line"), "ClearedStatus": "Cleared"}
    field = {"OwnerID": "0", "DataExtName": "Route", "TxnDataExtType": "Invoice", "TxnID": UseMacro("TxnID:invoice")}
    define(shop, "Route", "Customer")
    first, second, third = set_of(
        shop,
        {"InvoiceAddRq": {"InvoiceAdd": invoice}},
        {"ClearedStatusModRq": {"ClearedStatusMod": cleared}},
        {"DataExtAddRq": {"DataExtAdd": {**field, "DataExtValue": "North"}}},
    )
    if customer == "Nobody":
        assert (first.status_code, second.status_code, third.status_code) == (3140, *[ITS_REQUEST_FAILED] * 2)
    else:
        assert (first.status_code, second.status_code, third.status_code) == (0, 0, 0)
        assert told(shop, first.records[0], "0")[0] == {"Route": "North"}
