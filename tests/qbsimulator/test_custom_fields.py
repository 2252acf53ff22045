"""Custom fields: who owns them, what they are assigned to, and where their values are told."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from qbxml.model import MessageResponse
from tests.qbsimulator.helpers import Books, status

APP = "{7d543f41-91f2-4d3c-a3b2-1f6d1d6f5a11}"
OTHER = "{0b6a1d56-6b1d-4b90-8f3e-2f8a8f2d9c42}"


def define(books: Books, name: str, *objects: str, owner: str = "0", type_: str = "STR255TYPE") -> MessageResponse:
    fields = {"OwnerID": owner, "DataExtName": name, "DataExtType": type_, "AssignToObject": list(objects)}
    return books.one("DataExtDefAdd", {"DataExtDefAdd": fields})


def put(books: Books, record: Record, name: str, value: str, *, verb: str = "Add", owner: str = "0") -> MessageResponse:
    kind = record.name.removesuffix("Ret")
    fields = {
        "OwnerID": owner,
        "DataExtName": name,
        "ListDataExtType": "Item" if kind.startswith("Item") else kind,
        "ListObjRef": {"ListID": record["ListID"]},
        "DataExtValue": value,
    }
    if verb == "Del":
        del fields["DataExtValue"]
    return books.one(f"DataExt{verb}", {f"DataExt{verb}": fields})


def values(books: Books, record: Record, *owners: str) -> dict[str, str]:
    query = record.name.removesuffix("Ret") + "Query"
    found = books.one(query, {"ListID": [record["ListID"]], "OwnerID": list(owners)}).records[0]
    return {one["DataExtName"]: one["DataExtValue"] for one in found.get("DataExtRet", [])}


def company_values(books: Books, *owners: str) -> list[dict[str, Any]]:
    found = books.one("CompanyQuery", {"OwnerID": list(owners)}).records[0].get("DataExtRet", [])
    assert isinstance(found, list)
    return found


# -- definitions -------------------------------------------------------------------------------------------------------


def test_a_definition_is_told_as_it_is(books: Books) -> None:
    answer = define(books, "Colour", "Customer", "Item")
    assert answer.status_code == 0, answer.status_message
    assert dict(answer.records[0]) == {
        "OwnerID": "0",
        "DataExtID": 1,
        "DataExtName": "Colour",
        "DataExtType": "STR255TYPE",
        "AssignToObject": ["Customer", "Item"],
        "DataExtListRequire": False,
        "DataExtTxnRequire": False,
        "DataExtFormatString": "",
    }


@pytest.mark.parametrize("object_", ["Invoice", "Company", "Account", "OtherName"])
def test_a_public_definition_is_for_names_and_items(books: Books, object_: str) -> None:
    assert define(books, "Colour", "Customer", object_).status_code == 3351
    assert define(books, "Colour", "Customer", object_, owner=APP).status_code == 0


def test_a_modification_may_not_do_either(books: Books) -> None:
    define(books, "Colour", "Customer")
    fields = {"OwnerID": "0", "DataExtName": "Colour", "AssignToObject": ["Invoice"]}
    assert books.one("DataExtDefMod", {"DataExtDefMod": fields}).status_code == 3351


def test_a_name_is_the_owners_own_in_any_case_of_letters(books: Books) -> None:
    define(books, "Colour", "Customer")
    assert status(define(books, "COLOUR")) == (3100, 'The name "COLOUR" of the list element is already in use.')
    assert define(books, "Colour", owner=APP).status_code == 0


def test_a_name_may_be_31_characters_long(books: Books) -> None:
    assert define(books, "x" * 31).status_code == 0
    add = (
        "<DataExtDefAddRq><DataExtDefAdd><OwnerID>0</OwnerID><DataExtName>{}</DataExtName>"
        "<DataExtType>STR255TYPE</DataExtType></DataExtDefAdd></DataExtDefAddRq>"
    )
    assert b'statusCode="3070"' in books.raw(add.format("y" * 32))


def test_a_definition_is_changed(books: Books) -> None:
    define(books, "Colour", "Customer", "Vendor")
    fields = {
        "OwnerID": "0",
        "DataExtName": "colour",
        "DataExtNewName": "Shade",
        "AssignToObject": ["Item"],
        "RemoveFromObject": ["Vendor"],
        "DataExtListRequire": True,
    }
    changed = books.one("DataExtDefMod", {"DataExtDefMod": fields}).records[0]
    assert (changed["DataExtName"], changed["AssignToObject"]) == ("Shade", ["Customer", "Item"])
    assert changed["DataExtListRequire"] is True


def test_one_that_is_not_there_is_not_changed(books: Books) -> None:
    fields = {"OwnerID": "0", "DataExtName": "Colour", "DataExtNewName": "Shade"}
    code, message = status(books.one("DataExtDefMod", {"DataExtDefMod": fields}))
    assert code == 3180
    assert "definition could not be found" in message


def test_values_go_where_a_definition_is_taken_away(books: Books) -> None:
    define(books, "Colour", "Customer", "Vendor")
    vendor = books.add("Vendor", "V")
    put(books, vendor, "Colour", "red")
    fields = {"OwnerID": "0", "DataExtName": "Colour", "RemoveFromObject": ["Vendor"]}
    books.one("DataExtDefMod", {"DataExtDefMod": fields})
    assert values(books, vendor, "0") == {}


def test_a_query_without_filters_matches_nothing(books: Books) -> None:
    define(books, "Colour", "Customer")
    assert books.one("DataExtDefQuery").status_code == 1


def test_a_query_by_object_gives_public_definitions_only(books: Books) -> None:
    define(books, "Colour", "Customer", "Item")
    define(books, "Size", "Vendor")
    define(books, "Secret", "Customer", owner=APP)
    found = books.one("DataExtDefQuery", {"AssignToObject": ["Customer", "Item"]})
    assert [one["DataExtName"] for one in found.records] == ["Colour"]


def test_private_definitions_come_when_their_owner_is_named(books: Books) -> None:
    define(books, "Colour", "Customer")
    define(books, "Secret", "Customer", owner=APP)
    define(books, "Theirs", "Customer", owner=OTHER)
    found = books.one("DataExtDefQuery", {"OwnerID": [APP.upper(), "0"]})
    assert [one["DataExtName"] for one in found.records] == ["Colour", "Secret"]
    counted = books.one("DataExtDefQuery", {"OwnerID": [APP], "metaData": "MetaDataOnly"})
    assert (counted.ret_count, counted.records) == (1, [])


def test_a_public_definition_can_not_be_deleted(books: Books) -> None:
    define(books, "Colour", "Customer")
    assert books.one("DataExtDefDel", {"OwnerID": "0", "DataExtName": "Colour"}).status_code == 3160
    assert books.one("DataExtDefQuery", {"OwnerID": ["0"]}).status_code == 0


def test_a_private_definition_that_is_assigned_stays_though_the_answer_is_a_success(books: Books) -> None:
    define(books, "Secret", "Customer", owner=APP)
    answer = books.one("DataExtDefDel", {"OwnerID": APP, "DataExtName": "Secret"})
    assert answer.status_code == 0
    assert set(answer.records[0]) == {"OwnerID", "DataExtName", "TimeDeleted"}
    assert books.one("DataExtDefQuery", {"OwnerID": [APP]}).status_code == 0


def test_or_it_goes(books: Books) -> None:
    books.company.configure(assigned_definition_stays=False)
    define(books, "Secret", "Customer", owner=APP)
    customer = books.add("Customer", "A")
    put(books, customer, "Secret", "x", owner=APP)
    books.one("DataExtDefDel", {"OwnerID": APP, "DataExtName": "Secret"})
    assert books.one("DataExtDefQuery", {"OwnerID": [APP]}).status_code == 1
    assert values(books, customer, APP) == {}
    assert books.one("DataExtDefDel", {"OwnerID": APP, "DataExtName": "Secret"}).status_code == 3120


# -- values ------------------------------------------------------------------------------------------------------------


def test_a_value_is_told_to_those_who_ask_for_its_owner(books: Books) -> None:
    define(books, "Colour", "Customer")
    define(books, "Secret", "Customer", owner=APP)
    customer = books.add("Customer", "A")
    answer = put(books, customer, "colour", "red")
    assert dict(answer.records[0]) == {
        "OwnerID": "0",
        "DataExtName": "Colour",
        "DataExtType": "STR255TYPE",
        "DataExtValue": "red",
    }
    put(books, customer, "Secret", "x", owner=APP)
    assert values(books, customer) == {}
    assert values(books, customer, "0") == {"Colour": "red"}
    assert values(books, customer, APP.upper()) == {"Secret": "x"}
    assert values(books, customer, "0", APP) == {"Colour": "red", "Secret": "x"}
    assert values(books, customer, OTHER) == {}


def test_an_item_of_any_kind_is_an_item(books: Books) -> None:
    define(books, "Colour", "Item")
    item = books.add("ItemPayment", "Cash")
    assert put(books, item, "Colour", "green").status_code == 0
    assert values(books, item, "0") == {"Colour": "green"}


def test_an_object_may_be_called_by_its_name(books: Books) -> None:
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "Ann")
    fields = {
        "OwnerID": "0",
        "DataExtName": "Colour",
        "ListDataExtType": "Customer",
        "ListObjRef": {"FullName": "ANN"},
        "DataExtValue": "red",
    }
    assert books.one("DataExtAdd", {"DataExtAdd": fields}).status_code == 0
    assert values(books, customer, "0") == {"Colour": "red"}
    missing = {**fields, "ListObjRef": {"FullName": "Bob"}}
    assert books.one("DataExtAdd", {"DataExtAdd": missing}).status_code == 3140
    odd = {**fields, "ListObjRef": {"ListID": "what"}}
    assert books.one("DataExtAdd", {"DataExtAdd": odd}).status_code == 3000


def test_a_value_is_added_once_and_then_changed(books: Books) -> None:
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "A")
    put(books, customer, "Colour", "red")
    assert put(books, customer, "Colour", "blue").status_code == 3180
    assert put(books, customer, "Colour", "blue", verb="Mod").status_code == 0
    assert values(books, customer, "0") == {"Colour": "blue"}


def test_an_empty_value_is_none(books: Books) -> None:
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "A")
    put(books, customer, "Colour", "red")
    assert put(books, customer, "Colour", "", verb="Mod").status_code == 0
    assert values(books, customer, "0") == {}


@pytest.mark.parametrize("verb", ["Add", "Mod"])
def test_without_a_definition_for_the_object_there_is_no_value(books: Books, verb: str) -> None:
    define(books, "Colour", "Vendor")
    customer = books.add("Customer", "A")
    for name in ("Colour", "Size"):
        code, message = status(put(books, customer, name, "red", verb=verb))
        assert code == 3180
        assert message.endswith("QuickBooks error message: The custom field definition could not be found.")


def test_a_value_is_of_its_fields_type(books: Books) -> None:
    types = {"AMTTYPE": 3040, "PRICETYPE": 3045, "QUANTYPE": 3060, "PERCENTTYPE": 3050, "DATETIMETYPE": 3020}
    customer = books.add("Customer", "A")
    for type_, code in {**types, "INTTYPE": 3085}.items():
        define(books, type_, "Customer", owner=APP, type_=type_)
        assert put(books, customer, type_, "many", owner=APP).status_code == code
    define(books, "Text", "Customer")
    assert put(books, customer, "Text", "x" * 256).status_code == 3070
    assert put(books, customer, "Text", "x" * 255).status_code == 0
    assert put(books, customer, "AMTTYPE", "12.50", owner=APP).status_code == 0


def test_a_value_is_taken_away(books: Books) -> None:
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "A")
    put(books, customer, "Colour", "red")
    answer = put(books, customer, "Colour", "", verb="Del")
    assert answer.status_code == 0
    told = answer.records[0]
    assert (told["DataExtName"], told["ListDataExtType"], "TimeDeleted" in told) == ("Colour", "Customer", True)
    assert values(books, customer, "0") == {}
    assert put(books, customer, "Colour", "", verb="Del").status_code == 3120


def test_setting_a_value_moves_time_modified_and_not_the_edit_sequence(books: Books) -> None:
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "A")
    books.time.pass_(60)
    put(books, customer, "Colour", "red")
    after = books.again(customer)
    assert (after["TimeModified"] - customer["TimeModified"]).total_seconds() == 60
    assert after["EditSequence"] == customer["EditSequence"]


def test_unless_it_is_set_to(books: Books) -> None:
    books.company.configure(custom_field_moves_edit_sequence=True)
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "A")
    books.time.pass_(60)
    put(books, customer, "Colour", "red")
    assert int(books.again(customer)["EditSequence"]) == int(customer["EditSequence"]) + 60


def test_a_deleted_element_takes_its_values_along(books: Books) -> None:
    define(books, "Colour", "Customer")
    customer = books.add("Customer", "A")
    put(books, customer, "Colour", "red")
    books.delete(customer)
    assert books.company.custom_fields.records(f"Customer {customer['ListID']}", ["0"]) == []


def test_iterators_go_on_with_the_owners_of_their_start(books: Books) -> None:
    define(books, "Colour", "Customer")
    for name in "ab":
        put(books, books.add("Customer", name), "Colour", name)
    first = books.one("CustomerQuery", {"iterator": "Start", "MaxReturned": 1, "OwnerID": ["0"]})
    going_on = {"iterator": "Continue", "iteratorID": first.iterator_id, "MaxReturned": 1}
    second = books.one("CustomerQuery", going_on)
    assert [one["DataExtRet"][0]["DataExtValue"] for one in (*first.records, *second.records)] == ["a", "b"]


def test_the_company_itself_is_stamped_with_a_value(books: Books) -> None:
    stamp = {"OwnerID": APP, "DataExtName": "FileID", "OtherDataExtType": "Company", "DataExtValue": "{one}"}
    assert books.one("DataExtAdd", {"DataExtAdd": stamp}).status_code == 3180
    define(books, "FileID", "Company", owner=APP)
    assert books.one("DataExtAdd", {"DataExtAdd": stamp}).status_code == 0
    (told,) = company_values(books, APP)
    assert (told["DataExtName"], told["DataExtValue"]) == ("FileID", "{one}")
    assert company_values(books) == []
    assert books.one("DataExtMod", {"DataExtMod": {**stamp, "DataExtValue": "{two}"}}).status_code == 0
    books.reopen()
    assert company_values(books, APP)[0]["DataExtValue"] == "{two}"


def test_what_a_recovered_set_added_is_told_by_its_owner(books: Books) -> None:
    define(books, "FileID", "Company", owner=APP)
    stamp = {"OwnerID": APP, "DataExtName": "FileID", "OtherDataExtType": "Company", "DataExtValue": "x"}
    add = {"DataExtAddRq": {"DataExtAdd": stamp}}
    books.ask(add, new_message_set_id="M1")
    again = books.ask(add, new_message_set_id="M1")[0]
    assert again.error_recovery == {"OwnerID": APP}


def test_a_transaction_that_is_not_there_has_no_values(books: Books) -> None:
    define(books, "Colour", "Invoice", owner=APP)
    fields = {
        "OwnerID": APP,
        "DataExtName": "Colour",
        "TxnDataExtType": "Invoice",
        "TxnID": "1-1",
        "DataExtValue": "red",
    }
    assert books.one("DataExtAdd", {"DataExtAdd": fields}).status_code == 3120
    assert books.one("DataExtAdd", {"DataExtAdd": {**fields, "TxnID": "what"}}).status_code == 3000


def test_whoever_may_not_write_sets_no_values(books: Books) -> None:
    books.company.configure(may_write=False)
    assert define(books, "Colour", "Customer").status_code == 3260
    assert books.one("DataExtDefQuery", {"OwnerID": ["0"]}).status_code == 1
