"""``iterparse`` gives what ``parse`` gives, a record at a time."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import qbxml

RECORD = (
    "<CustomerRet>\n<ListID>{0:X}-1</ListID>\n<Name>Customer &amp; {0}</Name>\n<Balance>{0}.00</Balance>\n"
    "<BillAddress>\n<Addr1>{0} Main</Addr1>\n<City>Fresno</City>\n</BillAddress>\n</CustomerRet>\n"
)
HEAD = (
    '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs newMessageSetID="A" messageSetStatusCode="0">\n'
    '<CustomerQueryRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="Status OK">\n'
)
FOOT = "</CustomerQueryRs>\n</QBXMLMsgsRs>\n</QBXML>\n"


def document(count: int) -> bytes:
    return (HEAD + "".join(RECORD.format(number) for number in range(count)) + FOOT).encode()


def records(source: Any, **options: Any) -> list[qbxml.Record]:
    return [record for _, record in qbxml.iterparse(source, **options) if record is not None]


@pytest.mark.parametrize("count", [0, 1, 2, 5000])
def test_it_gives_what_parse_gives(count: int) -> None:
    data = document(count)
    assert records(data) == qbxml.parse(data).records


def test_the_status_comes_first() -> None:
    pairs = qbxml.iterparse(document(2))
    message, nothing = next(pairs)
    assert nothing is None
    assert (message.name, message.request_id, message.status_code) == ("CustomerQueryRs", "1", 0)
    assert [one["Name"] for _, one in pairs if one] == ["Customer & 0", "Customer & 1"]


def test_the_attributes_of_the_message_set_are_there_with_the_first_message() -> None:
    stream = qbxml.iterparse(document(2))
    assert stream.sets == {}
    next(stream)
    assert stream.sets == {"QBXMLMsgs": {"newMessageSetID": "A", "messageSetStatusCode": 0}}
    assert stream.sets == qbxml.parse(document(2)).sets
    stream.close()
    assert list(stream) == []
    empty = qbxml.iterparse(b'<QBXML><QBXMLMsgsRs messageSetStatusCode="9001"/></QBXML>')
    assert list(empty) == []
    assert empty.sets == {"QBXMLMsgs": {"messageSetStatusCode": 9001}}


def test_records_come_before_the_document_has_ended() -> None:
    def slowly() -> Iterator[bytes]:
        yield document(3)[: -len(FOOT)]
        raise AssertionError("the rest was asked for too early")

    pairs = qbxml.iterparse(slowly())
    assert [one["ListID"] for _, one in (next(pairs), next(pairs), next(pairs)) if one] == ["0-1", "1-1"]


@pytest.mark.parametrize("size", [1, 7, 1000, 10**7])
def test_pieces_may_be_cut_anywhere(size: int) -> None:
    data = document(30)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert records(pieces) == qbxml.parse(data).records


def test_files_texts_and_sockets_are_sources() -> None:
    data = document(3000)
    wanted = qbxml.parse(data).records
    assert records(io.BytesIO(data)) == records(io.StringIO(data.decode())) == records(data.decode()) == wanted
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def send() -> None:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        assert records(ours) == wanted
        sender.join()


def test_what_is_no_source_is_refused() -> None:
    with pytest.raises(qbxml.ParseError):
        records(7)


def test_several_messages_come_one_after_another() -> None:
    data = document(2).replace(
        b"</QBXMLMsgsRs>",
        b'<ListDelRs requestID="2" statusCode="0" statusSeverity="Info">\n<ListDelType>Customer</ListDelType>\n'
        b"<ListID>1-1</ListID>\n</ListDelRs>\n<VendorQueryRs statusCode='1' statusSeverity='Info' />\n</QBXMLMsgsRs>",
    )
    pairs = list(qbxml.iterparse(data))
    assert [(message.name, record is None) for message, record in pairs] == [
        ("CustomerQueryRs", True),
        ("CustomerQueryRs", False),
        ("CustomerQueryRs", False),
        ("ListDelRs", True),
        ("VendorQueryRs", True),
    ]
    assert pairs[3][0].content == qbxml.parse(data)[1].content


def test_odd_things_are_kept_and_reported_with_their_place() -> None:
    data = document(3).replace(b"<Name>Customer &amp; 1</Name>", b"<Name>A<b/></Name><New>x</New>stray")
    seen: list[qbxml.Problem] = []
    found = records(data, report=seen.append)
    whole = qbxml.parse(data, report=lambda one: None)
    assert found == whole.records
    assert [one.path for one in seen] == [one.path for one in whole.problems]
    assert {one.path for one in seen} == {
        "CustomerQueryRs.CustomerRet[1]",
        "CustomerQueryRs.CustomerRet[1].Name",
        "CustomerQueryRs.CustomerRet[1].New",
    }
    with pytest.raises(qbxml.InvalidDocument):
        records(data, strict=True)


def test_text_between_records_is_reported() -> None:
    seen: list[qbxml.Problem] = []
    records(
        document(2).replace(b"</CustomerRet>\n<CustomerRet>", b"</CustomerRet>stray<CustomerRet>"), report=seen.append
    )
    assert [one.given for one in seen] == ["stray"]


def test_a_document_cut_short_ends_in_an_error_after_what_was_good() -> None:
    data = document(5)
    for end in range(0, len(data) - 1, 13):
        got: list[qbxml.Record | None] = []
        with pytest.raises(qbxml.ParseError):
            got.extend(record for _, record in qbxml.iterparse(data[:end]))
        assert got[1:] == qbxml.parse(data).records[: max(len(got) - 1, 0)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<HTML/>", "root element"),
        (b"<!DOCTYPE QBXML [<!ENTITY a 'b'>]><QBXML/>", "DOCTYPE"),
        (b"<QBXML><QBXMLMsgsRq onError='stopOnError'><HostQueryRq/></QBXMLMsgsRq></QBXML>", "parse_request"),
        (b"<QBXML><QBXMLEvents><UIEvent/></QBXMLEvents></QBXML>", "read it with parse"),
        (document(1) + document(1), "not well-formed"),
    ],
)
def test_what_is_no_response_is_refused(data: bytes, reason: str) -> None:
    for source in (data, [data[:9], data[9:]]):
        with pytest.raises(qbxml.ParseError, match=reason):
            records(source)


def test_a_record_without_end_is_refused() -> None:
    def endless() -> Iterator[bytes]:
        yield HEAD.encode() + b"<CustomerRet><Notes>"
        while True:
            yield b"x" * 1000

    with pytest.raises(qbxml.ParseError, match="100000"):
        records(endless(), max_record=100_000)


def test_a_text_file_is_text_whatever_it_declares() -> None:
    text = document(1).decode().replace("Fresno", "Zürich").replace(" ?>", ' encoding="ISO-8859-1"?>', 1)
    for source in (text, io.StringIO(text)):
        assert records(source)[0]["BillAddress"]["City"] == "Zürich"


def test_what_stands_before_the_root_is_bounded() -> None:
    with pytest.raises(qbxml.ParseError, match="no qbXML element"):
        records(b"<!--" + b"<!DOCTYPE " * 200_000 + b"--><QBXML/>")


def test_pieces_that_are_no_bytes_are_refused() -> None:
    with pytest.raises(qbxml.ParseError, match="int"):
        records([1])
    assert records([bytearray(document(1))]) == records(document(1))
