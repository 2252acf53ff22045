"""What the client makes of an answer that is not quite as it should be."""

from __future__ import annotations

import gzip

import pytest

from qbsimulator.connector import Outcome
from tests.qbsimulator.connector.helpers import NAMESPACE, Raw, envelope, machine, written
from tests.qbsimulator.connector.test_conversation import fault

GOOD = written("sendRequestXML", "")
WORDS = "the server's words"


def error(body: bytes, **more: str) -> Raw:
    return Raw(body, **more)  # type: ignore[arg-type]  # only texts are given


def array(inside: str, around: str = "authenticateResult") -> Raw:
    return Raw(envelope("authenticate", f"<{around}>{inside}</{around}>"))


def told(body: bytes) -> bytes:
    """An answer to getLastError in place of one to another method."""
    return body.replace(b"sendRequestXML", b"getLastError")


@pytest.mark.parametrize(
    "media_type", ["text/xml", "text/xml; charset=utf-8", 'TEXT/XML;charset="UTF-8"', "text/xml;charset=utf8"]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_text_xml_is_taken_with_or_without_a_charset_and_a_mark(media_type: str, mark: bytes) -> None:
    answer = Raw(mark + written("getLastError", WORDS), media_type=media_type)
    assert machine(sendRequestXML="", getLastError=answer).update().status == WORDS


def test_another_charset_that_is_named() -> None:
    answer = Raw(
        written("getLastError", "Müller").decode().encode("latin-1"), media_type="text/xml; charset=iso-8859-1"
    )
    assert machine(sendRequestXML="", getLastError=answer).update().status == "Müller"


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="utf-8"?>' + written("getLastError", WORDS),
        written("getLastError", WORDS).replace(b"soap:", b"e:").replace(b"xmlns:soap", b"xmlns:e"),
        envelope("getLastError", f"<getLastErrorResult><![CDATA[{WORDS}]]></getLastErrorResult>"),
        envelope(
            "getLastError",
            '<getLastErrorResult xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="x">'
            f"{WORDS}</getLastErrorResult>",
        ),
        envelope("getLastError", f"<!-- c --><getLastErrorResult>the <!-- c -->{WORDS[4:]}</getLastErrorResult>"),
        envelope("getLastError", f"<more/><getLastErrorResult>{WORDS}</getLastErrorResult>"),
    ],
)
def test_forms_that_are_as_good(body: bytes) -> None:
    assert machine(sendRequestXML="", getLastError=Raw(body)).update().status == WORDS


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Raw(GOOD, media_type="application/xml"), "Client found response content type of 'application/xml'"),
        (Raw(GOOD, media_type="text/html; charset=utf-8"), "Client found response content type of 'text/html"),
        (Raw(GOOD, media_type="application/soap+xml"), "Client found response content type of"),
        (Raw(GOOD, media_type=None), "Client found response content type of ''"),
        (Raw(b"", "302 Found", None, [("Location", "https://localhost/")]), "HTTP status 302: Found"),
        (Raw(GOOD, "301 Moved", headers=[("Location", "https://localhost/")]), "HTTP status 301"),
        (Raw(GOOD, "404 Not Found"), "HTTP status 404: Not Found"),
        (Raw(GOOD, "400 Bad Request", "text/plain"), "HTTP status 400"),
        (Raw(b"Oops", "500 Oops", "text/plain"), "Client found response content type of 'text/plain'"),
        (Raw(b'\r\n<?xml version="1.0"?>' + GOOD), "Response is not well-formed XML"),
        (Raw(b""), "Response is not well-formed XML"),
        (Raw(GOOD[:-5]), "Response is not well-formed XML"),
        (Raw(gzip.compress(GOOD), headers=[("Content-Encoding", "gzip")]), "Response is not well-formed XML"),
        (Raw(GOOD.replace(b"<send", b"&#x1;<send", 1)), "Response is not well-formed XML"),
        (Raw(b"<!DOCTYPE x [<!ENTITY x 'y'>]>" + GOOD), "a DTD is prohibited"),
        (Raw(b"<html/>"), "no SOAP 1.1 envelope"),
        (
            Raw(GOOD.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")),
            "SOAP version mismatch",
        ),
        (Raw(envelope("sendRequestXML", "<sendRequestXMLResult><QBXML/></sendRequestXMLResult>")), "error in XML"),
        (fault("Server"), "no\nluck"),
        (fault("Server", "200 OK"), "no\nluck"),
    ],
)
def test_answers_that_are_none(answer: Raw, text: str) -> None:
    one = machine(sendRequestXML=answer)
    update = one.update()
    assert (update.outcome, update.codes) == (Outcome.FAILED, ["QBWC1041"])
    assert text in update.status
    assert "QBWC1041" in one.connector.log


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace(NAMESPACE.encode(), b"http://developer.intuit.com"),
        GOOD.replace(f' xmlns="{NAMESPACE}"'.encode(), b""),
        envelope("sendRequestXML", ""),
        envelope("getLastError", "<getLastErrorResult>x</getLastErrorResult>"),
        envelope("sendRequestXML", "<sendRequestXMLResult xmlns=''>x</sendRequestXMLResult>"),
    ],
)
def test_a_text_that_is_not_where_it_belongs_is_no_text(body: bytes) -> None:
    """So of ``sendRequestXML`` it says that there is nothing to send."""
    assert machine(sendRequestXML=Raw(body)).update().calls[-2:] == ["getLastError", "closeConnection"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (array("<string xmlns=''>T1</string><string xmlns=''/>"), "Index Out Of Range"),
        (
            array('<a:string xmlns:a="http://schemas.microsoft.com/2003/10/Serialization/Arrays">T1</a:string>'),
            "Index Out Of Range",
        ),
        (array("<string>T1</string>"), "Index Out Of Range"),
        (array(""), "Index Out Of Range"),
        (Raw(envelope("authenticate", "")), "Object reference not set"),
        (array("<string>T1</string><string/>", "result"), "Object reference not set"),
        (Raw(written("authenticate", ["T1", ""]).replace(NAMESPACE.encode(), b"urn:x")), "Object reference not set"),
    ],
)
def test_arrays_that_are_none(answer: Raw, text: str) -> None:
    update = machine(authenticate=answer).update()
    assert (update.outcome, update.codes) == (Outcome.FAILED, ["QBWC1012"])
    assert text in update.status


def test_a_nil_member_is_taken_for_an_empty_one() -> None:
    nil = '<string xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/>'
    assert machine(authenticate=array(f"<string>T1</string>{nil}")).update().ok


@pytest.mark.parametrize("said", ["33.3", "", "a hundred", "0x64", "1e2", "4294967296", "１００"])
def test_what_is_no_integer(said: str) -> None:
    update = machine(receiveResponseXML=Raw(written("receiveResponseXML", said))).update()
    assert (update.outcome, update.codes) == (Outcome.FAILED, ["QBWC1042"])


def test_an_integer_that_is_missing() -> None:
    update = machine(receiveResponseXML=Raw(envelope("receiveResponseXML", ""))).update()
    assert (update.outcome, update.codes) == (Outcome.FAILED, ["QBWC1042"])


@pytest.mark.parametrize("said", [" 100\n", "+100", "0100"])
def test_integers_in_other_forms(said: str) -> None:
    assert machine(receiveResponseXML=Raw(written("receiveResponseXML", said))).update().ok
