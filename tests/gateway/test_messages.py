from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbxml
from qbgateway import messages
from qbgateway.errors import Refused
from qbgateway.service.records import Numbers
from qbxml.model import MAIN_SET, Response
from qbxml.schema import Schema
from qbxml.testing import responses, sample

SCHEMA = Schema()
NAMES = sorted(name for name, one in SCHEMA.messages.items() if one.message_set == MAIN_SET)


def answered(name: str, content: str, attributes: str = "", numbers: Numbers = "schema") -> Any:
    """The body of the answer to a request of that name, from what QuickBooks says."""
    text = (
        f'<QBXML><QBXMLMsgsRs><{name}Rs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="OK"'
        f"{attributes}>{content}</{name}Rs></QBXMLMsgsRs></QBXML>"
    )
    return messages.answer(f"{name}Rq", qbxml.parse(text)[0], numbers)


def shuffled(value: Any) -> Any:
    """The same with the members of all objects in another order."""
    if isinstance(value, dict):
        return {name: shuffled(one) for name, one in reversed(value.items())}
    return [shuffled(one) for one in value] if isinstance(value, list) else value


# -- in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_request_can_be_sent_with_its_members_in_any_order(name: str) -> None:
    content = sample(f"{name}Rq", version="16.0", edition=None)
    wanted = qbxml.build({f"{name}Rq": content}, version="16.0", edition=None)
    body = json.loads(qbxml.to_json({f"{name}Rq": content}))
    read, values = messages.request(messages.load(json.dumps(shuffled(body)).encode()))
    if "iterator" not in content:
        values.pop("iterator", None)
    assert qbxml.build({read: values}, version="16.0", edition=None) == wanted


def test_one_value_stands_for_an_array_of_one_and_a_number_for_its_text() -> None:
    given_ = (
        b'{"InvoiceModRq":{"InvoiceMod":{"EditSequence":1694999639,"TxnID":"1-1","RefNumber":12,"CustomField":null,'
        b'"InvoiceLineMod":{"TxnLineID":-1,"Quantity":2,"Rate":10.10}}}}'
    )
    body = messages.load(given_)
    del body["InvoiceModRq"]["InvoiceMod"]["CustomField"]
    name, content = messages.request(body)
    built = qbxml.build({name: content}, version="13.0").decode()
    for part in (
        "<EditSequence>1694999639</EditSequence>",
        "<RefNumber>12</RefNumber>",
        "<TxnLineID>-1</TxnLineID><Quantity>2</Quantity><Rate>10.10</Rate>",
    ):
        assert part in built


@pytest.mark.parametrize(
    ("content", "iterator"),
    [
        ({"MaxReturned": 10}, "Start"),
        ({"MaxReturned": 10, "ActiveStatus": "All"}, "Start"),
        ({}, None),
        ({"MaxReturned": 10, "ListID": "1"}, None),
        ({"MaxReturned": 10, "FullName": ["A"]}, None),
        ({"MaxReturned": 10, "iterator": "Stop", "iteratorID": "{x}"}, "Stop"),
        ({"MaxReturned": 10, "Iterator": "Continue", "IteratorID": "{x}"}, "Continue"),
    ],
)
def test_a_page_is_asked_for_by_max_returned(content: dict[str, Any], iterator: str | None) -> None:
    _, values = messages.request({"CustomerQueryRq": content})
    assert values.get("iterator") == iterator


def test_what_has_no_pages_is_only_capped() -> None:
    _, values = messages.request({"AccountQueryRq": {"MaxReturned": 10}})
    assert "iterator" not in values


def test_the_next_page_is_asked_for_beside_the_request() -> None:
    name, values = messages.request({"CustomerQueryRq": {"MaxReturned": 10}, "IteratorID": "{x}"})
    assert (name, values["iterator"], values["iteratorID"]) == ("CustomerQueryRq", "Continue", "{x}")


# -- out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_answer_has_an_array_for_each_kind_of_a_query(name: str) -> None:
    inside = answered(name, "")[f"{name}Rs"]
    if name.endswith("Query") and not name.endswith("ReportQuery"):
        assert inside
        assert all(value == [] for value in inside.values())
    else:
        assert inside == {}


def test_amounts_are_text_and_quantities_are_numbers() -> None:
    line = "<InvoiceLineRet><TxnLineID>1</TxnLineID><Quantity>2.50</Quantity><Rate>10.00</Rate></InvoiceLineRet>"
    invoice = (
        "<InvoiceRet><TxnID>1-1</TxnID><TimeCreated>2023-09-05T13:57:26-07:00</TimeCreated>"
        "<EditSequence>1694999639</EditSequence><TxnNumber>7</TxnNumber><TxnDate>2023-09-05</TxnDate>"
        f"<RefNumber>001</RefNumber><IsPending>false</IsPending><Subtotal>25.00</Subtotal>{line}</InvoiceRet>"
    )
    (found,) = answered("InvoiceQuery", invoice)["InvoiceQueryRs"]["InvoiceRet"]
    assert found == {
        "TxnID": "1-1",
        "TimeCreated": "2023-09-05T13:57:26-07:00",
        "EditSequence": "1694999639",
        "TxnNumber": 7,
        "TxnDate": "2023-09-05",
        "RefNumber": "001",
        "IsPending": False,
        "Subtotal": "25.00",
        "InvoiceLineRet": [{"TxnLineID": "1", "Quantity": 2.5, "Rate": "10.00"}],
    }
    (found,) = answered("InvoiceQuery", invoice, numbers="inferred")["InvoiceQueryRs"]["InvoiceRet"]
    assert (found["EditSequence"], found["Subtotal"], found["RefNumber"]) == (1694999639, 25, "001")
    assert found["InvoiceLineRet"] == [{"TxnLineID": 1, "Quantity": 2.5, "Rate": 10}]
    assert (found["TxnDate"], found["TimeCreated"]) == ("2023-09-05", "2023-09-05T13:57:26-07:00")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("9007199254740992", 9007199254740992),
        ("9007199254740993", "9007199254740993"),
        ("-3", -3),
        ("0", 0),
        ("-0.5", -0.5),
        ("1234567890.12345", 1234567890.12345),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("007", "007"),
        ("1e5", "1e5"),
        ("1.", "1."),
        (".5", ".5"),
        ("", ""),
    ],
)
def test_only_what_json_has_exactly_becomes_a_number(text: str, shown: Any) -> None:
    (found,) = answered("CustomerQuery", f"<CustomerRet><Name>{text}</Name></CustomerRet>", numbers="inferred")[
        "CustomerQueryRs"
    ]["CustomerRet"]
    assert found["Name"] == shown
    assert type(found["Name"]) is type(shown)


def test_attributes_of_a_report_have_a_capital() -> None:
    report = (
        '<ReportRet><ReportTitle>T</ReportTitle><ColDesc colID="1" dataType="STRTYPE">'
        '<ColTitle titleRow="1" value="A"/><ColType>Blank</ColType></ColDesc>'
        '<ReportData><DataRow rowNumber="1"><RowData rowType="account" value="X"/>'
        '<ColData colID="1" value="10.00" dataType="AMTTYPE"/></DataRow></ReportData></ReportRet>'
    )
    found = answered("GeneralSummaryReportQuery", report)["GeneralSummaryReportQueryRs"]["ReportRet"]
    (column,) = found["ColDesc"]
    assert (column["ColID"], column["DataType"]) == (1, "STRTYPE")
    (title,) = column["ColTitle"]
    assert (title["TitleRow"], title["Value"]) == (1, "A")
    (row,) = found["ReportData"]["DataRow"]
    assert row["RowNumber"] == 1
    (cell,) = row["ColData"]
    assert (cell["ColID"], cell["Value"], cell["DataType"]) == (1, "10.00", "AMTTYPE")


def test_rows_of_a_report_have_their_number_and_no_other_place() -> None:
    cells = '<ColData colID="1" value="x"/>'
    report = (
        "<ReportRet><ReportTitle>T</ReportTitle><ReportData>"
        f'<DataRow rowNumber="1">{cells}</DataRow><SubtotalRow rowNumber="2">{cells}</SubtotalRow>'
        f'<DataRow rowNumber="3">{cells}</DataRow></ReportData></ReportRet>'
    )
    found = answered("GeneralSummaryReportQuery", report)["GeneralSummaryReportQueryRs"]["ReportRet"]["ReportData"]
    assert [list(row) for row in found["DataRow"]] == [["RowNumber", "ColData"]] * 2
    assert [row["RowNumber"] for row in (*found["DataRow"], *found["SubtotalRow"])] == [1, 3, 2]


def test_a_page_tells_of_the_next_inside_and_beside() -> None:
    attributes = ' iteratorRemainingCount="{left}" iteratorID="{{x}}"'
    body = answered("CustomerQuery", "", attributes.format(left=5))
    assert (body["IteratorID"], body["IteratorRemainingCount"]) == ("{x}", 5)
    assert (body["CustomerQueryRs"]["IteratorID"], body["CustomerQueryRs"]["IteratorRemainingCount"]) == ("{x}", 5)
    last = answered("CustomerQuery", "", attributes.format(left=0))
    assert last == {"CustomerQueryRs": {"CustomerRet": []}}


def test_an_answer_without_a_record_has_its_fields_beside_it_as_well() -> None:
    inside = {"ListDelType": "Customer", "ListID": "8-1"}
    text = "<ListDelType>Customer</ListDelType><ListID>8-1</ListID>"
    assert answered("ListDel", text) == {"ListDelRs": inside, **inside}
    inside = {"TxnDelType": "Invoice", "TxnID": "1-1"}
    text = "<TxnDelType>Invoice</TxnDelType><TxnID>1-1</TxnID>"
    assert answered("TxnDel", text) == {"TxnDelRs": inside, **inside}


def test_what_the_schema_does_not_know_is_kept() -> None:
    found = answered("CustomerQuery", "<CustomerRet><ListID>1</ListID><Mood>good</Mood></CustomerRet><Extra>x</Extra>")
    assert found["CustomerQueryRs"]["CustomerRet"] == [{"ListID": "1", "Mood": "good"}]
    assert found["CustomerQueryRs"]["Extra"] == "x"


# -- whatever there is -------------------------------------------------------------------------------------------


@given(responses(version="16.0"))
def test_any_answer_can_be_written_as_json(response: Response) -> None:
    """And what is a number was that number in the answer."""
    for message in response:
        request = f"{message.name.removesuffix('Rs')}Rq"
        for numbers in ("schema", "inferred"):
            body = messages.answer(request, message, numbers)
            assert json.loads(json.dumps(body)) == body
            assert message.name in body


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
)


@given(_ANYTHING)
def test_any_body_is_a_request_or_refused(content: Any) -> None:
    for body in ({"CustomerAddRq": content}, content if isinstance(content, dict) else {"x": content}):
        try:
            name, _ = messages.request(body)
        except Refused:
            continue
        assert name == "CustomerAddRq"
