"""qbxml/data_extensions.py: values by owner and name, and the requests that set and delete one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

import qbxml
from qbxml import testing
from qbxml.data_extensions import custom_field, custom_fields, delete_custom_field, set_custom_field
from qbxml.errors import InvalidRequest
from qbxml.model import Record
from qbxml.modifying import CannotModify
from qbxml.schema import Schema

FIXTURES = Path(__file__).parents[2] / "fixtures" / "qbxml"
SCHEMA = Schema("13.0", "US")
GUID = "{12345678-1234-1234-1234-123456789ABC}"


def field(name: str, value: str, kind: str = "STR255TYPE", owner: str | None = "0") -> dict[str, Any]:
    given = {} if owner is None else {"OwnerID": owner}
    return {**given, "DataExtName": name, "DataExtType": kind, "DataExtValue": value}


def customer(*fields: dict[str, Any]) -> Record:
    return Record("CustomerRet", {"ListID": "1-1", **({"DataExtRet": list(fields)} if fields else {})})


def invoice() -> Record:
    line = {"TxnLineID": "A", "DataExtRet": [field("Colour", "red")]}
    group = {"TxnLineID": "G", "InvoiceLineRet": [{"TxnLineID": "G1"}]}
    return Record("InvoiceRet", {"TxnID": "2-2", "InvoiceLineRet": [line], "InvoiceLineGroupRet": [group]})


# -- reading ----------------------------------------------------------------------------------------------------


def test_values_are_found_by_owner_and_name() -> None:
    fields = custom_fields(
        customer(field("Colour", "red"), field("Key", "7", "INTTYPE", GUID), field("Old", "x", owner=None))
    )
    assert dict(fields) == {("0", "Colour"): "red", (GUID, "Key"): 7, ("0", "Old"): "x"}
    assert fields[GUID.lower(), "Key"] == 7
    assert ("0", "Key") not in fields
    assert fields.public == {"Colour": "red", "Old": "x"}
    assert (fields.text("Key", GUID), fields.type("Key", GUID)) == ("7", "INTTYPE")
    assert repr(fields).startswith("CustomFields({('0', 'Colour'): 'red'")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("STR255TYPE", "7", "7"),
        ("STR1024TYPE", "", ""),
        ("INTTYPE", "7", 7),
        ("AMTTYPE", "1.50", Decimal("1.50")),
        ("PRICETYPE", "1.2345", Decimal("1.2345")),
        ("QUANTYPE", "", None),
        ("PERCENTTYPE", "8.25%", "8.25%"),
        ("DATETIMETYPE", "2024-01-31T12:00:00-08:00", datetime.fromisoformat("2024-01-31T12:00:00-08:00")),
        ("DATETIMETYPE", "2024-01-31", date(2024, 1, 31)),
        ("NEWTYPE", "x", "x"),
    ],
)
def test_a_value_has_the_python_type_of_its_data_ext_type(kind: str, text: str, value: Any) -> None:
    found = custom_field(customer(field("F", text, kind)), "F")
    assert (type(found), found) == (type(value), value)


def test_a_record_without_custom_fields_has_none() -> None:
    assert len(custom_fields(customer())) == 0
    assert custom_field(customer(), "Colour") is None
    assert custom_field(customer(field("Colour", "red")), "Colour", GUID, default="?") == "?"
    with pytest.raises(KeyError):
        custom_fields(customer())["0", "Colour"]
    assert cast("Any", "Colour") not in custom_fields(customer(field("Colour", "red")))
    with pytest.raises(KeyError):
        custom_fields(customer()).text("Colour")


def test_a_recorded_company_keeps_its_file_id_as_a_custom_field() -> None:
    response = qbxml.parse((FIXTURES / "HostCompanyPreferencesRs.xml").read_bytes())
    company = next(record for record in response.records if record.name == "CompanyRet")
    ((owner, name),) = custom_fields(company)
    assert (owner[0], name) == ("{", "FileID")


def test_the_fields_of_a_line_are_read_in_the_same_way() -> None:
    assert custom_field(invoice()["InvoiceLineRet"][0], "Colour") == "red"


# -- setting ----------------------------------------------------------------------------------------------------


def test_a_field_that_is_there_is_changed_and_another_added() -> None:
    record = customer(field("Colour", "red"))
    target = {"ListDataExtType": "Customer", "ListObjRef": {"ListID": "1-1"}}
    content = {"OwnerID": "0", "DataExtName": "Colour", **target, "DataExtValue": "blue"}
    assert set_custom_field(record, "Colour", "blue") == {"DataExtModRq": {"DataExtMod": content}}
    assert list(set_custom_field(record, "Mood", "fine")) == ["DataExtAddRq"]
    assert list(set_custom_field(record, "Colour", "blue", GUID)) == ["DataExtAddRq"]


def test_the_caller_may_know_better_whether_the_field_is_there() -> None:
    assert list(set_custom_field(customer(), "Colour", "blue", exists=True)) == ["DataExtModRq"]
    assert list(set_custom_field(customer(field("Colour", "red")), "Colour", "blue", exists=False)) == ["DataExtAddRq"]


def has_custom_fields(ret: str) -> bool:
    return "DataExtRet" in SCHEMA.record(ret).fields


#: Those that a query is named for.
HOLDERS = [
    ret
    for ret in (f"{name.removesuffix('Query')}Ret" for name in SCHEMA.messages if name.endswith("Query"))
    if SCHEMA.query_of(ret) and has_custom_fields(ret)
]


@pytest.mark.parametrize("name", [*HOLDERS, "ItemServiceRet", "ItemSalesTaxGroupRet"])
def test_the_custom_fields_of_every_record_that_has_them_can_be_set_and_deleted(name: str) -> None:
    record = Record(name, testing.sample(name, "13.0", "US"))
    qbxml.build([set_custom_field(record, "Colour", "x"), delete_custom_field(record, "Colour")])


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (Record("ItemServiceRet", {"ListID": "1-1"}), "Item"),
        (Record("ItemReceiptRet", {"TxnID": "1-1"}), "ItemReceipt"),
        (Record("CompanyRet"), "Company"),
        (Record("VendorCreditRet", {"TxnID": "1-1"}), "VendorCredit"),
    ],
)
def test_the_kind_of_an_object_is_that_of_the_schema(record: Record, kind: str) -> None:
    assert kind in delete_custom_field(record, "Colour")["DataExtDelRq"]["DataExtDel"].values()


def test_the_custom_field_of_a_line_names_the_line() -> None:
    record = invoice()
    target = {"TxnDataExtType": "Invoice", "TxnID": "2-2", "TxnLineID": "A"}
    deleted = delete_custom_field(record, "Colour", line="A")
    assert deleted == {"DataExtDelRq": {"DataExtDel": {"OwnerID": "0", "DataExtName": "Colour", **target}}}
    for line in ("A", record["InvoiceLineRet"][0]):
        request = set_custom_field(record, "Colour", "blue", line=line)
        assert request["DataExtModRq"]["DataExtMod"].items() >= target.items()
        qbxml.build(request)
    request = set_custom_field(record, "Colour", "blue", line="G1")
    assert request["DataExtAddRq"]["DataExtAdd"]["TxnLineID"] == "G1"
    assert "TxnLineID" not in set_custom_field(record, "Colour", "blue")["DataExtAddRq"]["DataExtAdd"]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("STR255TYPE", "red", "red"),
        ("STR255TYPE", Decimal("1.50"), "1.50"),
        ("STR255TYPE", True, "true"),
        ("STR255TYPE", 7, "7"),
        ("STR255TYPE", date(2024, 1, 31), "2024-01-31"),
        ("STR255TYPE", timedelta(minutes=90), "PT1H30M"),
        ("STR255TYPE", 0.1, "0.1"),
        ("AMTTYPE", Decimal("1.5"), "1.50"),
        ("AMTTYPE", 3, "3.00"),
        ("INTTYPE", "7", "7"),
        ("DATETIMETYPE", datetime.fromisoformat("2024-01-31T12:00:00-08:00"), "2024-01-31T12:00:00-08:00"),
        ("AMTTYPE", None, ""),
        ("STR255TYPE", "", ""),
    ],
)
def test_a_value_is_written_as_the_field_wants_it(kind: str, value: Any, text: str) -> None:
    request = set_custom_field(customer(field("F", "", kind)), "F", value)
    assert request["DataExtModRq"]["DataExtMod"]["DataExtValue"] == text
    qbxml.build(request)


@pytest.mark.parametrize(
    ("kind", "value"), [("AMTTYPE", "much"), ("INTTYPE", 1.5), ("STR255TYPE", {1}), ("AMTTYPE", True)]
)
def test_a_value_that_does_not_fit_is_refused_with_its_path(kind: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        set_custom_field(customer(field("F", "", kind)), "F", value)
    assert caught.value.problems[0].path == "DataExtModRq.DataExtMod.DataExtValue"


@pytest.mark.parametrize(
    ("record", "line", "said"),
    [
        (Record("TermsRet", {"ListID": "1-1"}), None, "keeps no custom fields for it"),
        (Record("CustomerTypeRet", {"ListID": "1-1"}), None, "keeps no custom fields for it"),
        (Record("ToDoRet", {"ListID": "1-1"}), None, "keeps no custom fields for it"),
        (Record("NothingRet"), None, "keeps no custom fields for it"),
        (Record("CustomerRet"), None, "it has no ListID"),
        (Record("InvoiceRet"), None, "it has no TxnID"),
        (Record("CustomerRet", {"ListID": "1-1"}), "A", "it is no transaction"),
        (invoice(), "X", "it has no line 'X'"),
        (invoice(), {"Desc": "x"}, "the line has no TxnLineID"),
        ({"ListID": "1-1"}, None, "a dict does not say what it is"),
    ],
)
def test_what_can_not_have_the_custom_field_is_refused(record: Any, line: Any, said: str) -> None:
    with pytest.raises(CannotModify, match=said):
        set_custom_field(record, "F", "x", line=line)
    with pytest.raises(CannotModify, match=said):
        delete_custom_field(record, "F", line=line)


def test_a_version_before_custom_fields_has_none() -> None:
    with pytest.raises(CannotModify, match="keeps no custom fields"):
        set_custom_field(customer(), "F", "x", schema=Schema("1.0", "US"))
