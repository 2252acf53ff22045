"""How answers look: bytes, attributes, what is left out; and what becomes of the other requests of a set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbsimulator import Settings
from qbxml import requests as rq
from tests.qbsimulator.helpers import Books, document

RECORDED = Path(__file__).parents[2] / "fixtures" / "qbxml"


def test_an_answer_is_byte_for_byte_in_the_form_of_those_recorded(tmp_path: Path) -> None:
    # The fixture's customer owes money, which takes a ledger; and nobody had a PreferredDeliveryMethod yet.
    books = Books(tmp_path / "a.company")
    books.time.seconds = 1693947446
    books.add("Customer", "Annie's Alligators")
    answer = books.raw('<CustomerQueryRq requestID="1"></CustomerQueryRq>', version="5.0")
    books.close()
    recorded = (RECORDED / "CustomerQueryRs.xml").read_bytes()
    expected = (
        recorded.replace(b"35693.49", b"0.00")
        .replace(b"2023-09-17T18:13:59", b"2023-09-05T13:57:26")
        .replace(b"1694999639", b"1693947446")
    )
    assert answer == expected


def test_a_query_without_a_match_is_byte_for_byte_as_recorded(books: Books) -> None:
    recorded = (RECORDED / "CustomerQueryRs-nothing.xml").read_bytes()
    request_id = qbxml.parse(recorded)[0].request_id
    assert books.raw(f'<CustomerQueryRq requestID="{request_id}"/>') == recorded


def test_a_stale_change_is_in_the_form_of_the_one_recorded(books: Books) -> None:
    recorded = qbxml.parse((RECORDED / "CustomerModRs-stale.xml").read_bytes())[0]
    customer = books.add("Customer", "Annie's Alligators")
    books.time.pass_(60)
    current = books.modified(customer, Phone="555-0142")
    answer = books.mod(customer, Phone="1")
    assert answer.status_code == recorded.status_code
    assert (answer.records[0].name, answer.records[0]) == ("CustomerRet", current)
    # The blank at the end was recorded elsewhere.
    assert answer.status_message == f'The provided edit sequence "{customer["EditSequence"]}" is out-of-date. '


def test_the_host_is_in_the_form_of_the_one_recorded(books: Books) -> None:
    recorded = (RECORDED / "HostQueryRs.xml").read_bytes()
    answer = books.raw("<HostQueryRq/>")
    versions = b"".join(line for line in answer.splitlines(keepends=True) if b"<SupportedQBXMLVersion>" in line)
    first, last = (b"<SupportedQBXMLVersion>%s</SupportedQBXMLVersion>\n" % one for one in (b"13.0", b"16.0"))
    assert versions.startswith(b"<SupportedQBXMLVersion>1.0<")
    assert answer.replace(versions, first + last) == recorded


def test_the_declaration_has_its_blank_and_every_tag_a_line_of_its_own_without_indentation(books: Books) -> None:
    lines = books.raw("<HostQueryRq/>").decode("ascii").split("\n")
    assert lines[:3] == ['<?xml version="1.0" ?>', "<QBXML>", "<QBXMLMsgsRs>"]
    assert lines[-3:] == ["</QBXMLMsgsRs>", "</QBXML>", ""]
    assert all(line.startswith("<") and line.endswith(">") for line in lines[:-1])
    assert "\r" not in "".join(lines)


def test_attributes_of_an_answer_come_in_their_order(books: Books) -> None:
    books.add("Customer", "A")
    books.add("Customer", "B")
    answer = books.raw(
        '<CustomerQueryRq requestID="x" metaData="MetaDataAndResponseData" iterator="Start">'
        "<MaxReturned>1</MaxReturned></CustomerQueryRq>"
    ).decode()
    (line,) = (one for one in answer.splitlines() if one.startswith("<CustomerQueryRs"))
    assert [part.partition("=")[0] for part in line.replace("Status OK", "").split()[1:]] == [
        *("requestID", "statusCode", "statusSeverity", "statusMessage"),
        *("retCount", "iteratorRemainingCount", "iteratorID"),
    ]


def test_what_is_not_ascii_is_written_as_a_reference(books: Books) -> None:
    name = "Zo\u00eb & <\u20ac> \U0001f600"
    answer = books.session.process(
        document(f"<CustomerAddRq><CustomerAdd><Name>{qbxml_escape(name)}</Name></CustomerAdd></CustomerAddRq>")
    )
    assert answer.isascii()
    assert b"<Name>Zo&#235; &amp; &lt;&#8364;&gt; &#128512;</Name>" in answer
    assert qbxml.parse(answer)[0].records[0]["Name"] == name


def qbxml_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def test_an_empty_set_is_answered_by_an_empty_one(books: Books) -> None:
    assert books.raw("") == b'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs />\n</QBXML>\n'


# -- values ------------------------------------------------------------------------------------------------------


def test_amounts_have_two_decimals_quantities_the_shortest_form(books: Books) -> None:
    answer = books.raw(
        "<CustomerAddRq><CustomerAdd><Name>A</Name><CreditLimit>1500</CreditLimit></CustomerAdd></CustomerAddRq>"
        "<AccountAddRq><AccountAdd><Name>I</Name><AccountType>Income</AccountType></AccountAdd></AccountAddRq>"
        "<ItemServiceAddRq><ItemServiceAdd><Name>S</Name><SalesOrPurchase><Price>48</Price>"
        "<AccountRef><FullName>I</FullName></AccountRef></SalesOrPurchase></ItemServiceAdd></ItemServiceAddRq>"
        "<ItemGroupAddRq><ItemGroupAdd><Name>G</Name>"
        "<ItemGroupLine><ItemRef><FullName>S</FullName></ItemRef><Quantity>2.500</Quantity></ItemGroupLine>"
        "<ItemGroupLine><ItemRef><FullName>S</FullName></ItemRef><Quantity>30</Quantity></ItemGroupLine>"
        "</ItemGroupAdd></ItemGroupAddRq>"
    )
    assert b"<CreditLimit>1500.00<" in answer
    assert b"<Price>48.00<" in answer
    assert b"<Quantity>2.5<" in answer
    assert b"<Quantity>30<" in answer


def test_what_has_no_value_is_left_out(books: Books) -> None:
    answer = books.raw(
        "<CustomerAddRq><CustomerAdd><Name>A</Name><Phone></Phone><TermsRef></TermsRef></CustomerAdd></CustomerAddRq>"
    )
    assert b"Phone" not in answer
    assert b"TermsRef" not in answer


# -- the answer as the request wants it --------------------------------------------------------------------------


def test_a_request_id_comes_back_as_it_was_given(books: Books) -> None:
    ids = ["1", "a b", "&lt;x&gt;", "9" * 50]
    answer = books.raw("".join(f'<HostQueryRq requestID="{one}"/>' for one in ids)).decode()
    assert [line.split('"')[1] for line in answer.splitlines() if line.startswith("<HostQueryRs")] == ids


def test_a_request_id_of_more_than_fifty_characters_is_1060(books: Books) -> None:
    too_long = "9" * 51
    answer = qbxml.parse(books.session.process(document(f'<HostQueryRq requestID="{too_long}"/>')))[0]
    assert answer.status_code == 1060
    assert answer.status_message == f'The request ID "{too_long}" is invalid, possibly too long, max 50 chars.'


def test_no_request_id_no_attribute(books: Books) -> None:
    assert b"requestID" not in books.raw("<HostQueryRq/><CustomerQueryRq/>")


def test_include_none_leaves_only_the_status(books: Books) -> None:
    add = '<CustomerAddRq requestID="1"><CustomerAdd><Name>A</Name></CustomerAdd></CustomerAddRq>'
    answer = books.raw(add, attributes='onError="stopOnError" responseData="includeNone"').decode()
    assert answer.splitlines()[3] == (
        '<CustomerAddRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="Status OK" />'
    )
    assert books.names("Customer") == ["A"], "and it was done"


def test_only_the_elements_asked_for_come_back_in_the_order_of_the_schema(books: Books) -> None:
    books.add("Customer", {"Name": "A", "BillAddress": {"Addr1": "1", "City": "Miami"}})
    wanted = ["BillAddress", "FullName", "NoSuchThing"]
    record = books.one("CustomerQuery", {"IncludeRetElement": wanted}).records[0]
    assert list(record.items()) == [("FullName", "A"), ("BillAddress", {"Addr1": "1", "City": "Miami"})]
    answer = books.one("CustomerAdd", {"CustomerAdd": {"Name": "B"}, "IncludeRetElement": ["EditSequence"]})
    assert list(answer.records[0]) == ["EditSequence"]


def test_the_version_of_the_document_decides_what_an_answer_has(books: Books) -> None:
    books.add("Class", "East")
    customer = books.add("Customer", {"Name": "A", "ClassRef": {"FullName": "East"}})
    assert customer["ClassRef"]["FullName"] == "East"
    old = books.one("CustomerQuery", version="2.0").records[0]
    assert "ClassRef" not in old
    assert "PreferredDeliveryMethod" not in old
    assert old["FullName"] == "A"


# -- several requests --------------------------------------------------------------------------------------------

MIXED: list[Any] = [
    {"CustomerAddRq": {"CustomerAdd": {"Name": "A"}}},
    {"CustomerAddRq": {"CustomerAdd": {"Name": "a"}}},
    {"CustomerAddRq": {"CustomerAdd": {"Name": "B"}}},
    rq.CustomerQueryRq(FullName=["B"]),
]


def test_stop_on_error_leaves_the_rest_unprocessed_and_undoes_nothing(books: Books) -> None:
    answers = books.ask(*MIXED, on_error="stopOnError")
    assert [one.status_code for one in answers] == [0, 3100, 3231, 3231]
    assert answers[2].status_message == "The request has not been processed."
    assert books.names("Customer") == ["A"]


def test_continue_on_error_runs_every_request(books: Books) -> None:
    answers = books.ask(*MIXED, on_error="continueOnError")
    assert [one.status_code for one in answers] == [0, 3100, 0, 0]


def test_information_and_warnings_stop_nothing(books: Books) -> None:
    answers = books.ask(rq.CustomerQueryRq(), rq.CustomerQueryRq(FullName=["none"]), rq.HostQueryRq())
    assert [(one.status_code, one.status_severity) for one in answers] == [(1, "Info"), (500, "Warn"), (0, "Info")]


# -- host, company, preferences ----------------------------------------------------------------------------------


def test_the_company_and_its_preferences_are_those_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(company_name="Larry's Landscaping", uses_classes=False, file_mode="MultiUser")
    books = Books(tmp_path / "a.company", settings)
    assert books.one("CompanyQuery").records[0]["CompanyName"] == "Larry's Landscaping"
    assert books.one("HostQuery").records[0]["QBFileMode"] == "MultiUser"
    assert books.one("PreferencesQuery").records[0]["AccountingPreferences"]["IsUsingClassTracking"] is False
    books.close()


def test_a_user_without_the_right_reads_and_changes_nothing(books: Books) -> None:
    customer = books.add("Customer", "A")
    books.company.configure(may_write=False)
    assert books.refused("Customer", "B") == (3260, "Insufficient permission level to perform this action.")
    assert books.mod(customer, Phone="1").status_code == 3260
    assert books.delete(customer).status_code == 3260
    assert books.names("Customer") == ["A"]


@pytest.mark.parametrize("request_name", ["WorkersCompCodeQuery", "TxnDisplayAdd", "PayrollSummaryReportQuery"])
def test_what_there_are_no_rules_for_is_not_supported(books: Books, request_name: str) -> None:
    content = qbxml.testing.sample(f"{request_name}Rq", full=False)
    assert books.one(request_name, content).status_code == 1030
