"""What ``parse`` and ``parse_request`` make of documents."""

from __future__ import annotations

import io
import logging
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

import qbxml
from qbxml.records import CustomerRet, VendorRet

HEAD = '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n'
FOOT = "</QBXMLMsgsRs>\n</QBXML>\n"


def document(*messages: str) -> bytes:
    return (HEAD + "".join(messages) + FOOT).encode()


def customers(*bodies: str, status: str = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"') -> bytes:
    records = "".join(f"<CustomerRet>\n{body}\n</CustomerRet>\n" for body in bodies)
    return document(f'<CustomerQueryRs requestID="1" {status}>\n{records}</CustomerQueryRs>\n')


def customer(body: str) -> qbxml.Record:
    response = qbxml.parse(customers(body))
    assert response.problems == []
    return response[0].records[0]


def test_a_record_is_a_dict_by_qbxml_names_in_schema_order() -> None:
    found = customer("<ListID>80000001-1</ListID>\n<Name>Annie&apos;s</Name>\n<Balance>1.50</Balance>")
    assert found == {"ListID": "80000001-1", "Name": "Annie's", "Balance": Decimal("1.50")}
    assert list(found) == ["ListID", "Name", "Balance"]
    assert found.name == "CustomerRet"
    with pytest.raises(AttributeError):
        found.name = "x"  # type: ignore[misc]


def test_digits_are_kept() -> None:
    assert str(customer("<Balance>100.00</Balance>")["Balance"]) == "100.00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "2023-09-05T13:57:26-07:00",
            datetime(2023, 9, 5, 13, 57, 26, tzinfo=timezone(timedelta(hours=-7))),
        ),
        ("2023-09-05T13:57:26", datetime(2023, 9, 5, 13, 57, 26)),
        ("2023-9-5T1:2", datetime(2023, 9, 5, 1, 2)),
        ("2023-09-05", date(2023, 9, 5)),
        ("2023-09-05T13", "2023-09-05T13"),
        ("2024-13-45T99:99:99", "2024-13-45T99:99:99"),
        ("", None),
    ],
)
def test_times_are_what_they_say(text: str, value: object) -> None:
    found = customer(f"<TimeCreated>{text}</TimeCreated>")["TimeCreated"]
    assert found == value
    assert type(found) is type(value)


def test_week_dates_are_no_dates_here() -> None:
    found = qbxml.parse(customers("<TimeCreated>2024-W05-1T01:02:03-08:00</TimeCreated>"), report=lambda one: None)
    assert found.records[0]["TimeCreated"] == "2024-W05-1T01:02:03-08:00"
    assert [one.kind for one in found.problems] == ["value"]


def test_one_record_is_a_list_of_one_and_none_is_an_empty_list() -> None:
    assert len(qbxml.parse(customers("<Name>A</Name>"))[0].records) == 1
    assert qbxml.parse(customers())[0].records == []
    assert "CustomerRet" not in qbxml.parse(customers())[0].content


def test_a_repeatable_element_is_always_a_list() -> None:
    found = customer("<DataExtRet>\n<OwnerID>0</OwnerID>\n<DataExtName>x</DataExtName>\n</DataExtRet>")
    assert [dict(one) for one in found["DataExtRet"]] == [{"OwnerID": "0", "DataExtName": "x"}]


def test_status_attributes_are_typed() -> None:
    message = qbxml.parse(
        document(
            '<CustomerQueryRs requestID="7" statusCode="1" statusSeverity="Info" statusMessage="m" retCount="3"'
            ' iteratorRemainingCount="2" iteratorID="{x}" />\n'
        )
    )[0]
    assert (message.name, message.request_id, message.status_code) == ("CustomerQueryRs", "7", 1)
    assert (message.status_severity, message.status_message) == ("Info", "m")
    assert (message.ret_count, message.iterator_remaining_count, message.iterator_id) == (3, 2, "{x}")


def test_records_of_several_kinds_come_in_document_order() -> None:
    body = "".join(
        f"<{kind}>\n<Name>{number}</Name>\n</{kind}>\n"
        for number, kind in enumerate(["ItemServiceRet", "ItemGroupRet", "ItemServiceRet"])
    )
    message = qbxml.parse(document(f'<ItemQueryRs statusCode="0" statusSeverity="Info">\n{body}</ItemQueryRs>\n'))[0]
    assert [one.name for one in message.records] == ["ItemServiceRet", "ItemGroupRet", "ItemServiceRet"]
    assert [one["Name"] for one in message.records] == ["0", "1", "2"]
    assert [one["_at"] for one in message.content["ItemServiceRet"]] == [0, 2]


def test_kinds_that_do_not_mix_are_not_marked() -> None:
    body = "<ItemServiceRet />\n<ItemServiceRet />\n<ItemGroupRet />\n"
    message = qbxml.parse(document(f'<ItemQueryRs statusCode="0" statusSeverity="Info">\n{body}</ItemQueryRs>\n'))[0]
    assert all("_at" not in one for one in message.records)


def test_records_of_one_kind_are_typed() -> None:
    response = qbxml.parse(customers("<Name>A</Name>"))
    assert [one["Name"] for one in response[0].records_of(CustomerRet)] == ["A"]
    assert response.records_of(VendorRet) == []


def test_what_the_schema_does_not_know_is_kept_and_reported() -> None:
    seen: list[qbxml.Problem] = []
    data = customers(
        "<Name>A</Name>\n<Balance>1.5</Balance>\n<Nickname>B</Nickname>\n<Deep x='1'><A>1</A><A>2</A></Deep>"
    )
    found = qbxml.parse(data, report=seen.append)
    assert found.records[0] == {
        "Name": "A",
        "Balance": "1.5",
        "Nickname": "B",
        "Deep": {"x": "1", "A": ["1", "2"]},
    }
    assert seen == found.problems
    assert [(one.path, one.kind) for one in seen] == [
        ("CustomerQueryRs.CustomerRet[0].Balance", "value"),
        ("CustomerQueryRs.CustomerRet[0].Nickname", "structure"),
        ("CustomerQueryRs.CustomerRet[0].Deep", "structure"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<Name>A<b/>C</Name>",
        "<Name>A</Name>stray",
        "stray<Name>A</Name>",
        "<Name odd='1'>A</Name>",
        "<BillAddress>\nx<City>B</City>\n</BillAddress>",
        "<BillAddress odd='1'>\n<City>B</City>\n</BillAddress>",
        "<Name>A</Name>\n<Name>B</Name>",
        "<Name/><Phone>1<b/>2</Phone>",
        "<Memo>\n</Memo>\n<Name>A</Name>stray",
        "<Name>\n</Name>\n<Phone>1</Phone>stray",
    ],
)
def test_nothing_is_dropped_silently(body: str) -> None:
    found = qbxml.parse(customers(body), report=lambda one: None)
    assert found.problems
    with pytest.raises(qbxml.InvalidDocument):
        qbxml.parse(customers(body), strict=True)


def test_an_attribute_named_like_a_child_is_kept_beside_it() -> None:
    data = b'<QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerQueryRq ListID="x"><ListID>a</ListID></CustomerQueryRq>'
    found = qbxml.parse_request(data + b"</QBXMLMsgsRq></QBXML>", report=lambda one: None)
    assert found[0].content == {"ListID": ["x", "a"]}
    assert [one.path for one in found.problems] == ["CustomerQueryRq@ListID"]


def test_one_line_goes_to_the_log_without_values(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "qbxml"):
        qbxml.parse(customers("<Balance>secret</Balance>"))
    assert len(caplog.records) == 1
    assert "CustomerRet[0].Balance" in caplog.text
    assert "secret" not in caplog.text


def test_an_unknown_message_is_kept() -> None:
    found = qbxml.parse(
        document("<NewQueryRs a='1'><NewRet><Name>x</Name></NewRet></NewQueryRs>"), report=lambda _: None
    )
    assert found[0].content == {"a": "1", "NewRet": {"Name": "x"}}
    assert found.problems[0].kind == "structure"


def test_strict_reading_lists_every_problem_with_its_place() -> None:
    with pytest.raises(qbxml.InvalidDocument) as caught:
        qbxml.parse(customers("<Name>A</Name>\n<Balance>x</Balance>\n<ListID>1</ListID>"), strict=True)
    assert [(one.line, one.column) for one in caught.value.problems] == [(8, 1), (7, 1)]


def test_indentation_comments_and_cdata_change_nothing() -> None:
    plain = qbxml.parse(customers("<Name>A &amp; B</Name>\n<Balance>1.00</Balance>"))
    for odd in (
        "  <Name>A &amp; B</Name>\r\n\t<Balance>1.00</Balance>",
        "<Name><![CDATA[A & B]]></Name><!-- x --><Balance>1.<!-- y -->00</Balance>",
        "<Name>A <?pi?>&#38; B</Name><?pi x?><Balance>1.00</Balance>",
        "<Name>A &amp;<!-- x --> B</Name><Balance>1.00</Balance>",
    ):
        assert qbxml.parse(customers(odd)) == plain


def test_blanks_beside_a_comment_belong_to_the_text() -> None:
    assert customer("<Name> <!-- x --></Name>")["Name"] == " "
    assert customer("<Name> <![CDATA[x]]></Name>")["Name"] == " x"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_are_those_declared(encoding: str) -> None:
    text = customers("<Name>Zürich</Name>").decode().replace(" ?>", f' encoding="{encoding.removesuffix("-sig")}"?>')
    assert qbxml.parse(text.encode(encoding)).records[0]["Name"] == "Zürich"
    assert qbxml.parse(text).records[0]["Name"] == "Zürich"


def test_files_are_read() -> None:
    data = customers("<Name>A</Name>")
    assert qbxml.parse(io.BytesIO(data)) == qbxml.parse(io.StringIO(data.decode())) == qbxml.parse(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"no xml", "not well-formed"),
        (b"<HTML></HTML>", "root element"),
        (b'<QBXML xmlns="urn:x"></QBXML>', "namespace"),
        (b"<QBXML></QBXML><QBXML></QBXML>", "not well-formed"),
        (b"<!DOCTYPE QBXML><QBXML></QBXML>", "DOCTYPE"),
        (b'<QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>', "parse_request"),
    ],
)
def test_what_is_no_response_document_is_refused_with_a_place(data: bytes, reason: str) -> None:
    with pytest.raises(qbxml.ParseError, match=reason) as caught:
        qbxml.parse(data)
    assert caught.value.line is not None


def test_a_required_attribute_that_is_missing_is_reported() -> None:
    data = b"<QBXML><QBXMLMsgsRq><HostQueryRq/></QBXMLMsgsRq></QBXML>"
    request = qbxml.parse_request(data, report=lambda _: None)
    assert [str(one) for one in request.problems] == ["QBXMLMsgsRq@onError: it is missing; wanted required"]
    assert [message.name for message in request] == ["HostQueryRq"]
    assert qbxml.parse_request(qbxml.build(request)).problems == []


@pytest.mark.parametrize("start", ["", "\n <!-- x -->  "])
def test_a_root_that_is_none_of_ours_is_named_with_its_place(start: str) -> None:
    place = (2, 14) if start else (1, 1)
    for data in (f"{start}<html><body/></html>", f'{start}<QBXML xmlns="urn:x"/>'):
        for read in (qbxml.parse, qbxml.parse_request, lambda source: list(qbxml.iterparse(source))):
            with pytest.raises(qbxml.ParseError, match="the root element is") as caught:
                read(data)
            assert (caught.value.line, caught.value.column) == place
    with pytest.raises(qbxml.ParseError, match="read it with parse_request") as caught:
        qbxml.parse(f"{start}<QBXML><SignonMsgsRs><X/></SignonMsgsRs> <QBXMLMsgsRq/></QBXML>")
    line, column = place
    assert (caught.value.line, caught.value.column) == (line, column + 41)


def test_a_response_is_no_request_document() -> None:
    with pytest.raises(qbxml.ParseError, match="read it with parse"):
        qbxml.parse_request(customers())


def test_what_is_no_source_is_refused() -> None:
    with pytest.raises(qbxml.ParseError, match="int"):
        qbxml.parse(7)


def test_limits_hold() -> None:
    data = customers("<Name>A</Name>")
    with pytest.raises(qbxml.ParseError, match="longer"):
        qbxml.parse(data, max_bytes=len(data) - 1)
    with pytest.raises(qbxml.ParseError, match="deeper"):
        qbxml.parse(data, max_depth=3)
    assert qbxml.parse(data, max_bytes=len(data), max_depth=5)


def test_the_version_is_that_of_the_document() -> None:
    data = b'<?xml version="1.0"?><?qbxml version="8.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>'
    assert qbxml.parse_request(data).version == "8.0"
    assert qbxml.parse_request(data.replace(b"<QBXML>", b"<!-- x --><QBXML>", 1)).version == "8.0"
    assert qbxml.parse(customers()).version is None


def test_empty_sets_survive() -> None:
    for data in (b"<QBXML/>", b"<QBXML><QBXMLMsgsRs/></QBXML>", b"<QBXML><QBXMLSubscriptionMsgsRs/></QBXML>"):
        read = qbxml.parse(data)
        assert list(read) == []
        assert qbxml.parse(qbxml.build(read, version="16.0", edition=None)) == read


def test_events_are_records() -> None:
    data = (
        b"<QBXML><QBXMLEvents><DataEvent><CompanyFilePath>c</CompanyFilePath><HostInfo><ProductName>p</ProductName>"
        b"<MajorVersion>1</MajorVersion><MinorVersion>2</MinorVersion><Country>US</Country></HostInfo>"
        b"<ListEvent><ListEventType>Customer</ListEventType><ListEventOperation>Add</ListEventOperation>"
        b"<ListID>1</ListID></ListEvent></DataEvent></QBXMLEvents></QBXML>"
    )
    read = qbxml.parse(data)
    assert [one.name for one in read.events] == ["DataEvent"]
    assert read.events[0]["ListEvent"]["ListID"] == "1"
    assert qbxml.parse(qbxml.build(read, version="16.0", edition=None)) == read


def test_raise_for_status_is_quiet_about_what_is_done() -> None:
    assert qbxml.parse(customers("<Name>A</Name>")).raise_for_status()
    nothing = customers(status='statusCode="1" statusSeverity="Info" statusMessage="none"')
    assert qbxml.parse(nothing).raise_for_status()


def test_a_stale_edit_sequence_brings_the_current_record() -> None:
    data = customers(
        "<ListID>1</ListID>", status='statusCode="3200" statusSeverity="Error" statusMessage="out-of-date "'
    )
    with pytest.raises(qbxml.StaleEditSequence) as caught:
        qbxml.parse(data).raise_for_status()
    error = caught.value
    assert (error.code, error.request_id, error.record) == (3200, "1", {"ListID": "1"})
    assert error.meaning
    assert error.advice


def test_any_other_refusal_is_a_status_error_with_its_meaning() -> None:
    data = customers(status='statusCode="3180" statusSeverity="Error" statusMessage="There was an error"')
    with pytest.raises(qbxml.StatusError) as caught:
        qbxml.parse(data)[0].raise_for_status()
    assert caught.value.code == 3180
    assert type(caught.value) is qbxml.StatusError


def test_a_message_set_code_is_an_error_of_its_own() -> None:
    data = b'<QBXML><QBXMLMsgsRs newMessageSetID="A" messageSetStatusCode="9002"/></QBXML>'
    read = qbxml.parse(data)
    assert (read.new_message_set_id, read.message_set_status_code) == ("A", 9002)
    with pytest.raises(qbxml.MessageSetError) as caught:
        read.raise_for_status()
    assert (caught.value.code, caught.value.message_set_id) == (9002, "A")


def test_an_error_recovery_block_is_no_record() -> None:
    message = qbxml.parse(
        document(
            '<CustomerAddRs statusCode="0" statusSeverity="Info">\n<ErrorRecovery>\n<ListID>1</ListID>\n'
            "<EditSequence>2</EditSequence>\n</ErrorRecovery>\n</CustomerAddRs>\n"
        )
    )[0]
    assert message.records == []
    assert message.error_recovery == {"ListID": "1", "EditSequence": "2"}


def test_a_code_that_is_no_number_is_no_success() -> None:
    data = customers(status='statusCode="x" statusSeverity="Error"')
    message = qbxml.parse(data, report=lambda one: None)[0]
    assert message.status_code == -1
    with pytest.raises(qbxml.StatusError):
        message.raise_for_status()
    made = qbxml.Response(
        [{"CustomerModRs": {"statusCode": "3200", "statusSeverity": "Error"}}],
        sets={"QBXMLMsgs": {"messageSetStatusCode": "9002"}},
    )
    with pytest.raises(qbxml.MessageSetError):
        made.raise_for_status()
    with pytest.raises(qbxml.StaleEditSequence):
        made[0].raise_for_status()


def test_a_raw_stream_is_read_to_its_end() -> None:
    class Slow(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.rest = data

        def read(self, size: int = -1) -> bytes:
            piece, self.rest = self.rest[:50], self.rest[50:]
            return piece

    data = customers(*["<Name>A</Name>"] * 50)
    assert qbxml.parse(Slow(data)) == qbxml.parse(data)
    with pytest.raises(qbxml.ParseError, match="encoding"):
        qbxml.parse(io.TextIOWrapper(io.BytesIO(b"<QBXML>\xff</QBXML>"), encoding="utf-8"))
