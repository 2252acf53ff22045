"""qbxml/jsonform.py: nothing is lost on the way to JSON and back, and the JSON Schema says what the form is."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import qbxml
from qbxml import testing
from qbxml.errors import InvalidRequest, ParseError, UnknownName
from qbxml.jsonform import _PATTERNS, from_json, from_plain, json_schema, to_json, to_plain
from qbxml.model import Message, MessageRequest, MessageResponse, Record, Request, Response
from qbxml.requests import CustomerAdd, CustomerAddRq
from qbxml.schema import Schema
from qbxml.testing.generation import FULL, SPARSE, Generator, seeded
from qbxml.values import ALLOWS, UseMacro

FIXTURES = Path(__file__).parents[2] / "fixtures" / "qbxml"
SILENT: Any = {"report": lambda problem: None}


def typed(value: Any) -> Any:
    """A value with all that equality passes over: classes, names, the digits of an amount, offsets, order."""
    if isinstance(value, (Response, Request)):
        events = [typed(event) for event in getattr(value, "events", [])]
        return type(value), value.version, typed(value.sets), [typed(one) for one in value.messages], events
    if isinstance(value, Message):
        return type(value), value.name, value.message_set, typed(value.content)
    if isinstance(value, dict):
        name = value.name if isinstance(value, Record) else None
        return type(value), name, [(key, typed(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [typed(one) for one in value]
    return type(value), repr(value)


def assert_lossless(value: Any) -> None:
    back = from_json(to_json(value))
    assert back == value
    assert typed(back) == typed(value)


# -- both ways --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.xml")), ids=lambda path: path.name)
def test_a_recorded_answer_comes_back_from_json_as_it_was(path: Path) -> None:
    assert_lossless(qbxml.parse(path.read_bytes()))


@given(testing.documents("Rs"))
def test_any_response_comes_back_from_json_as_it_was(document: bytes) -> None:
    assert_lossless(qbxml.parse(document))


@given(testing.documents("Rq", version="13.0", edition="US"))
def test_any_request_comes_back_from_json_and_builds_the_same_bytes(document: bytes) -> None:
    request = qbxml.parse_request(document)
    assert_lossless(request)
    if request.messages:
        policy: Any = {"schema": Schema("13.0", "US"), "characters": "reference"}
        assert qbxml.build(from_json(to_json(request)), **policy) == qbxml.build(request, **policy)


@given(testing.damaged("Rs"))
def test_what_the_schema_does_not_allow_survives_json_too(document: bytes) -> None:
    try:
        response = qbxml.parse(document, **SILENT)
    except ParseError:  # damaged so much that it is no response any more
        return
    if all(message.message_set in response.sets for message in response):  # no messages beside events
        assert_lossless(response)


def test_a_text_among_values_of_its_name_does_not_become_one() -> None:
    response = qbxml.parse(
        b"<QBXML><QBXMLMsgsRs><CustomerQueryRs statusCode='0' statusSeverity='Info'><statusCode>5</statusCode>"
        b"<CustomerRet Balance='1.00'><Balance>1.00</Balance></CustomerRet></CustomerQueryRs></QBXMLMsgsRs></QBXML>",
        **SILENT,
    )
    assert response[0].content["statusCode"] == [0, "5"]
    assert_lossless(response)
    assert to_plain(response.records[0]) == {"CustomerRet": {"Balance": [{"#text": "1.00"}, "1.00"]}}


def test_a_value_that_stayed_text_and_an_unknown_element_stay_what_they_are() -> None:
    response = qbxml.parse(
        b"<QBXML><QBXMLMsgsRs><CustomerQueryRs statusCode='many' statusSeverity='Info'><CustomerRet>"
        b"<TimeCreated>2024-13-45T99:99:99</TimeCreated><Balance>a lot</Balance><IsActive>perhaps</IsActive>"
        b"<Sublevel></Sublevel><Mood kind='1'>fine<Since>1.00</Since></Mood></CustomerRet></CustomerQueryRs>"
        b"<CustomerGuessRs>1.00</CustomerGuessRs></QBXMLMsgsRs></QBXML>",
        **SILENT,
    )
    assert_lossless(response)
    record = response.records[0]
    assert record["Balance"] == "a lot"
    assert record["Mood"] == {"kind": "1", "Since": "1.00", "#text": "fine"}


def test_messages_of_several_sets_that_alternate_keep_their_order() -> None:
    messages = [
        MessageRequest("HostQueryRq", {"requestID": "1"}),
        MessageRequest("SignonDesktopRq", {"requestID": "2"}, message_set="SignonMsgs"),
        MessageRequest("HostQueryRq", {"requestID": "3"}),
    ]
    request = Request(messages, version="13.0", sets={"QBXMLMsgs": {"onError": "stopOnError"}})
    assert_lossless(request)
    assert to_plain(request)["SignonMsgsRq"] == {"messages": [{"SignonDesktopRq": {"requestID": "2"}, "_at": 1}]}


@pytest.mark.parametrize("document", [Response(), Request(), Response(sets={"QBXMLMsgs": {}}), Request(version="2.0")])
def test_a_document_without_messages_keeps_its_side_and_its_sets(document: Any) -> None:
    assert_lossless(document)


def test_events_are_records_by_name() -> None:
    response = Response(events=[Record("DataEvent", {"CompanyFilePath": "C:\\a.qbw"})])
    assert to_plain(response) == {"QBXMLEvents": [{"DataEvent": {"CompanyFilePath": "C:\\a.qbw"}}]}
    assert_lossless(response)


# -- the form ---------------------------------------------------------------------------------------------------


def test_each_type_has_the_form_that_loses_nothing() -> None:
    fields = {
        "Amount": Decimal("100.00"),
        "Rate": Decimal("1E+3"),
        "Float": 0.1,
        "Count": 7,
        "Flag": True,
        "Date": date(2024, 2, 29),
        "Time": datetime.fromisoformat("2024-01-31T12:00:00-08:00"),
        "Span": timedelta(hours=8, minutes=30),
        "Nothing": None,
        "Macro": UseMacro("TxnID:First"),
        "Owner": UUID("12345678-1234-1234-1234-123456789abc"),
        "Many": ("a", "b"),
    }
    assert to_plain({"AnyRq": fields}) == {
        "AnyRq": {
            "Amount": "100.00",
            "Rate": "1000",
            "Float": "0.1",
            "Count": 7,
            "Flag": True,
            "Date": "2024-02-29",
            "Time": "2024-01-31T12:00:00-08:00",
            "Span": "PT8H30M",
            "Nothing": None,
            "Macro": {"useMacro": "TxnID:First", "text": ""},
            "Owner": "{12345678-1234-1234-1234-123456789abc}",
            "Many": ["a", "b"],
        }
    }


def test_the_text_is_compact_or_laid_out_and_keeps_other_scripts() -> None:
    record = Record("CustomerRet", {"Name": "Zoë"})
    assert to_json(record) == '{"CustomerRet":{"Name":"Zoë"}}'
    assert to_json(record, indent=1) == '{\n "CustomerRet": {\n  "Name": "Zoë"\n }\n}'


def test_typed_requests_have_the_form_of_plain_ones() -> None:
    add = CustomerAddRq(CustomerAdd=CustomerAdd(Name="Ada", Phone=None))
    plain = {"CustomerAddRq": {"CustomerAdd": {"Name": "Ada", "Phone": None}}}
    assert to_plain(add) == plain
    assert to_plain([add, plain]) == [plain, plain]
    assert to_plain({"CustomerAddRq": add}) == plain


@pytest.mark.parametrize("value", [{1}, Decimal("NaN"), float("inf"), timedelta(microseconds=1), object()])
def test_a_value_without_a_json_form_is_refused_with_its_path(value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        to_json({"CustomerAddRq": {"CustomerAdd": {"Contacts": [{"FirstName": value}]}}})
    assert caught.value.problems[0].path.endswith("CustomerAddRq.CustomerAdd.Contacts[0].FirstName")


# -- what a caller may send -------------------------------------------------------------------------------------


def test_a_request_from_json_builds_with_numbers_for_amounts_and_single_digits() -> None:
    text = """{"CheckAddRq": {"CheckAdd": {
        "AccountRef": {"FullName": "Checking"}, "TxnDate": "2024-01-31", "IsToBePrinted": false, "Memo": null,
        "ExpenseLineAdd": [{"Amount": 12.5}, {"Amount": 3}, {"Amount": "4.5"}, {"Amount": 0.10}]}}}"""
    request = from_json(text)
    lines = request.content["CheckAdd"]["ExpenseLineAdd"]
    assert [repr(line["Amount"]) for line in lines] == ["Decimal('12.5')", "Decimal('3')", "'4.5'", "Decimal('0.10')"]
    built = qbxml.build(request).decode()
    assert re.findall("<Amount>(.*?)</Amount>", built) == ["12.50", "3.00", "4.50", "0.10"]


def test_a_dict_with_floats_from_another_json_reader_will_do() -> None:
    request = from_plain(json.loads('{"CheckAddRq": {"CheckAdd": {"ExpenseLineAdd": [{"Amount": 0.1}]}}}'))
    assert request.content["CheckAdd"]["ExpenseLineAdd"] == [{"Amount": Decimal("0.1")}]


def test_what_does_not_fit_is_left_for_the_builder_to_report() -> None:
    text = '{"CustomerQueryRq": {"MaxReturned": true, "ToModifiedDate": 5, "Nmae": 1.5}}'
    with pytest.raises(InvalidRequest) as caught:
        qbxml.build(from_json(text))
    paths = [problem.path.partition(".")[2] for problem in caught.value.problems]
    assert sorted(paths) == ["MaxReturned", "Nmae", "ToModifiedDate"]


def test_a_macro_may_be_referred_to_by_name_alone() -> None:
    text = '{"AppliedToTxnAdd": {"TxnID": {"useMacro": "TxnID:First"}, "PaymentAmount": 1}}'
    assert from_json(text)["TxnID"] == UseMacro("TxnID:First")


def test_the_name_may_be_given_beside_the_fields() -> None:
    assert from_json('{"MaxReturned": 10}', name="CustomerQueryRq") == MessageRequest(
        "CustomerQueryRq", {"MaxReturned": 10}
    )
    assert from_json(b'{"Balance": "1.00"}', name="CustomerRet") == {"Balance": Decimal("1.00")}
    assert from_json('{"CustomerRet": {}}', name="CustomerRet").name == "CustomerRet"


def test_several_requests_come_as_an_array_or_as_members_of_one_object() -> None:
    host, company = MessageRequest("HostQueryRq"), MessageRequest("CompanyQueryRq")
    assert from_json('[{"HostQueryRq": {}}, {"CompanyQueryRq": null}]') == [host, company]
    assert from_json('{"HostQueryRq": {}, "CompanyQueryRq": {}}') == [host, company]
    assert from_json('{"HostQueryRq": [{}, {}]}') == [host, host]
    assert qbxml.build(from_json('{"HostQueryRq": [{}, {}]}')).count(b"<HostQueryRq") == 2


def test_an_answer_of_another_version_is_read_with_that_version() -> None:
    given = {"CustomerRet": {"Balance": "1.00", "Contacts": "x"}}
    assert from_plain(given, version="13.0", edition="US") == {"Balance": Decimal("1.00"), "Contacts": "x"}


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ('{"CustomerQueryRq":\n {"MaxReturned": }}', 2, 18, "Expecting value"),
        ("", 1, 1, "Expecting value"),
        ('{"HostQueryRq": {}', 1, 19, "delimiter"),
    ],
)
def test_bad_json_is_refused_with_line_and_column(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(ParseError, match=said) as caught:
        from_json(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"HostQueryRq": "\xff"}', "byte 17 is no utf-8"),
        ('{"AnyRq": {"Amount": NaN}}', "NaN is no number"),
        ('{"AnyRq": {"Amount": 1, "Amount": 2}}', "'Amount' stands twice"),
        ("[" * 200_000, "nested too deeply"),
        ('{"AnyRq": {"Count": ' + "9" * 5000 + "}}", "no JSON for us"),
        ("7", "the JSON is a int"),
        ("{}", "an empty object"),
        ('{"HostQueryRq": 7}', "HostQueryRq is a int"),
        ('{"QBXMLMsgsRs": {}, "QBXMLMsgsRq": {}}', "requests and responses don't mix"),
        ('{"QBXMLMsgsRs": {}, "HostQueryRq": {}}', "'HostQueryRq' is no part of it"),
        ('{"QBXMLMsgsRs": 7}', "QBXMLMsgsRs: a int"),
        ('{"QBXMLMsgsRs": {"messages": [7]}}', "QBXMLMsgsRs.messages: a int"),
        ('{"QBXMLMsgsRs": {"messages": [{}]}}', "given none"),
        ('{"QBXMLMsgsRs": {"messages": [{"HostQueryRs": 7}]}}', "HostQueryRs: a int"),
        ('{"QBXMLMsgsRs": {}, "version": 13.0}', "text is wanted"),
        ('{"QBXMLEvents": [{"DataEvent": []}]}', "a list where an object"),
    ],
)
def test_json_of_another_shape_is_refused_in_our_own_words(text: str | bytes, said: str) -> None:
    with pytest.raises(ParseError, match=re.escape(said)):
        from_json(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
       | st.dictionaries(st.sampled_from(["QBXMLMsgsRq", "messages", "CustomerRet", "HostQueryRq", "_at", "version"]),
                         inner, max_size=3)))  # fmt: skip
def test_whatever_json_comes_only_our_own_errors_are_raised(value: Any) -> None:
    try:
        from_json(json.dumps(value))
    except qbxml.QbxmlError:
        pass


def test_an_unknown_record_is_named_with_those_like_it() -> None:
    with pytest.raises(UnknownName) as caught:
        from_json('{"CustomerRett": {}}')
    assert "CustomerRet" in caught.value.near


# -- JSON Schema ------------------------------------------------------------------------------------------------


@cache
def validator(name: str, version: str = "13.0", edition: str | None = "US") -> Draft202012Validator:
    return Draft202012Validator(json_schema(name, version, edition))


NAMES = [f"{name}{side}" for name in Schema("13.0", "US").messages for side in ("Rq", "Rs")]


@pytest.mark.parametrize("name", NAMES)
def test_samples_of_every_message_are_valid_by_its_json_schema(name: str) -> None:
    judge = validator(name)
    kind = MessageRequest if name.endswith("Rq") else MessageResponse
    schema = Schema("13.0", "US")
    for density in (SPARSE, 1, 2, FULL):
        content = Generator(schema, seeded((name, density)), density=density).content(schema.record(name))
        judge.validate(to_plain(kind(name, content)))


@pytest.mark.parametrize("name", ["InvoiceQueryRs", "BillAddRq", "DataExtMod", "ReportRet", "ItemLineAdd.Unlinked"])
def test_a_json_schema_is_valid_by_that_of_json_schemas(name: str) -> None:
    Draft202012Validator.check_schema(json_schema(name))


@pytest.mark.parametrize(
    ("version", "edition"), [("1.1", "US"), ("1.1", None), ("6.0", "CA"), ("7.0", "AU"), ("16.0", "UK"), ("16.0", None)]
)
def test_every_record_of_every_version_has_a_json_schema(version: str, edition: str | None) -> None:
    for name in ("InvoiceRet", "InvoiceAdd", "CustomerQueryRq", "ReportRet" if version != "1.1" else "CustomerRet"):
        validator(name, version, edition).validate({name: to_plain(testing.sample(name, version, edition))})


@given(testing.documents("Rs", version="13.0", edition="US"))
def test_the_records_of_any_valid_answer_are_valid_by_their_json_schema(document: bytes) -> None:
    for message in qbxml.parse(document):
        validator(message.name).validate(to_plain(message))
        for record in message.records:
            validator(record.name).validate(to_plain(record))


@pytest.mark.parametrize(
    ("name", "change", "value"),
    [
        ("CustomerAdd", "Name", "x" * 42),
        ("CustomerAdd", "Name", 7),
        ("CustomerAdd", "Nmae", "x"),
        ("CustomerAdd", "OpenBalance", "1,5"),
        ("CustomerAdd", "OpenBalance", True),
        ("CustomerAdd", "OpenBalanceDate", "31.01.2024"),
        ("CustomerAdd", "JobStatus", "Started"),
        ("CustomerAdd", "IsActive", "yes"),
        ("CustomerAdd", "BillAddress", "Main Street"),
        ("CustomerAdd", "ShipToAddress", [{}] * 51),
        ("CustomerRet", "Balance", 1.5),
        ("CustomerRet", "Sublevel", None),
        ("CustomerRet", "DataExtRet", {}),
        ("ReportRet", "ColDesc", []),
    ],
)
def test_the_json_schema_refuses_what_does_not_fit(name: str, change: str, value: Any) -> None:
    content = to_plain(testing.sample(name, "13.0", "US", full=False))
    judge = validator(name)
    judge.validate({name: content})
    assert not judge.is_valid({name: {**content, change: value}})
    assert not judge.is_valid(content)


def test_the_json_schema_keeps_alternatives_apart_and_asks_for_what_is_missing() -> None:
    line = validator("InvoiceLineMod")
    assert line.is_valid({"InvoiceLineMod": {"TxnLineID": "-1"}})
    assert line.is_valid({"InvoiceLineMod": {"TxnLineID": "-1", "Rate": 1.5}})
    assert not line.is_valid({"InvoiceLineMod": {"TxnLineID": "-1", "Rate": 1.5, "RatePercent": "3"}})
    assert not line.is_valid({"InvoiceLineMod": {"Rate": "1.5"}})
    value = {"OwnerID": "0", "DataExtName": "Colour", "DataExtValue": "red"}
    add = validator("DataExtAdd")
    assert not add.is_valid({"DataExtAdd": value})
    assert not add.is_valid({"DataExtAdd": {**value, "TxnDataExtType": "Bill"}})
    assert add.is_valid({"DataExtAdd": {**value, "TxnDataExtType": "Bill", "TxnID": "1-1"}})
    assert add.is_valid({"DataExtAdd": {**value, "TxnDataExtType": "Bill", "TxnID": {"useMacro": "TxnID:Bill"}}})
    assert not add.is_valid({"DataExtAdd": {**value, "OtherDataExtType": "Company", "TxnID": "1-1"}})


def test_the_place_of_a_line_is_allowed_only_where_kinds_mix() -> None:
    journal = validator("JournalEntryRet")
    assert journal.is_valid({"JournalEntryRet": {"JournalDebitLine": [{"_at": 1}]}})
    assert not journal.is_valid({"JournalEntryRet": {"JournalDebitLine": [{"_at": "1"}]}})
    assert not journal.is_valid({"JournalEntryRet": {"JournalDebitLine": [], "CurrencyRef": {"_at": 1}}})


@pytest.mark.parametrize(
    ("name", "version"), [("CustomerRett", "13.0"), ("QBXMLMsgsRq", "13.0"), ("LeadRet", "1.1"), ("LeadAddRq", "1.1")]
)
def test_there_is_no_json_schema_of_what_the_version_does_not_have(name: str, version: str) -> None:
    with pytest.raises(UnknownName):
        json_schema(name, version)


@pytest.mark.parametrize("kind", _PATTERNS)
@given(data=st.data())
def test_the_patterns_allow_what_the_types_allow(kind: str, data: st.DataObject) -> None:
    fits = re.compile(f"(?:{_PATTERNS[kind]})").fullmatch
    text = data.draw(st.text("+-0123456789.:TPHMSZ{}abF", max_size=25) | st.from_regex(_PATTERNS[kind], fullmatch=True))
    if text.isascii() and text and ALLOWS[kind](text):
        assert fits(text)
    elif kind not in ("DATETYPE", "TIMEINTERVALTYPE"):  # days of a month and 64 bits are beyond a pattern
        assert not (text and text.isascii() and fits(text))
