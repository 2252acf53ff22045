"""soap/transport.py: the wire. What is answered is the endpoint's business; here the form counts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from qbxml._files import read_schema_file
from soap import MemoryQueue, _spyne, application, single_user, wsdl
from soap.endpoint import Endpoint
from soap.transport import _spyne_application
from tests.soap.helpers import NAMESPACES, PASSWORD, USERNAME, Reply, call, soap_fixture

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

URL = "https://books.example.com/qbwc?tenant=1&file=2"
LIMIT = 20_000


@pytest.fixture
def app() -> WSGIApplication:
    return application(
        queue=MemoryQueue(),
        authenticator=single_user(USERNAME, PASSWORD),
        url=URL,
        max_content_length=LIMIT,
    )


def result(reply: Reply, method: str) -> etree._Element:
    """The result element, found only if every name and namespace on the way is Intuit's."""
    assert (reply.status, reply.fault) == (200, "")
    found = reply.tree.find(f"s:Body/q:{method}Response/q:{method}Result", NAMESPACES)
    assert found is not None, reply.body
    return found


# --- what the Web Connector sends, and the form of the answer


@pytest.mark.parametrize(
    ("fixture", "method", "text"),
    [
        ("serverVersion-with-argument", "serverVersion", "OpenQBD"),
        ("serverVersion", "serverVersion", "OpenQBD"),
        ("clientVersion", "clientVersion", ""),
        ("connectionError", "connectionError", "done"),
        ("closeConnection", "closeConnection", "OK"),
        ("sendRequestXML", "sendRequestXML", ""),
        ("receiveResponseXML-absent", "receiveResponseXML", "-1"),
        ("receiveResponseXML-refused", "receiveResponseXML", "-1"),
        ("getLastError", "getLastError", "The server does not know this update"),
    ],
)
def test_a_call_with_a_ticket_nobody_knows_is_answered_and_never_with_a_fault(
    app: WSGIApplication, fixture: str, method: str, text: str
) -> None:
    answered = result(call(app, soap_fixture(fixture)), method).text or ""
    assert answered.startswith(text)
    assert bool(answered) == bool(text)


def test_authenticate_answers_two_strings_in_the_namespace_and_keeps_the_empty_one(
    app: WSGIApplication,
) -> None:
    strings = list(result(call(app, soap_fixture("authenticate")), "authenticate"))
    assert [etree.QName(string).namespace for string in strings] == [NAMESPACES["q"]] * 2
    assert [etree.QName(string).localname for string in strings] == ["string"] * 2
    assert [string.text or "" for string in strings] == ["", "none"]


def test_an_answer_is_text_xml_of_a_stated_length_without_a_leading_byte(app: WSGIApplication) -> None:
    reply = call(app, soap_fixture("authenticate"), HTTP_ACCEPT_ENCODING="gzip")
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert "content-encoding" not in reply.headers
    assert reply.body.startswith(b"<?xml")


@pytest.mark.parametrize("content_type", ["text/xml; charset=utf-8", 'text/xml; charset="UTF-8"', "text/xml", "", None])
def test_the_media_type_of_a_call_does_not_matter(app: WSGIApplication, content_type: str | None) -> None:
    reply = call(app, soap_fixture("closeConnection"), CONTENT_TYPE=content_type)
    assert result(reply, "closeConnection").text == "OK"


# --- the WSDL


def test_the_wsdl_names_the_address_of_the_configuration_whatever_the_host_header_says(
    app: WSGIApplication,
) -> None:
    reply = call(app, method="GET", QUERY_STRING="WSDL", HTTP_HOST="evil.example.net")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert b"evil.example.net" not in reply.body
    addresses = reply.tree.findall(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert [address.get("location") for address in addresses] == [URL]
    assert reply.body == wsdl(URL)


def test_spyne_takes_the_arguments_that_the_wsdl_declares_under_the_same_names_and_in_the_same_order() -> None:
    s = "{http://www.w3.org/2001/XMLSchema}"
    endpoint = Endpoint(MemoryQueue(), single_user(USERNAME, PASSWORD))
    spyne_app = _spyne_application(endpoint, LIMIT).app
    served = {}
    for descriptor in spyne_app.interface.method_id_map.values():
        for message in (descriptor.in_message, descriptor.out_message):
            served[message.get_type_name()] = [
                (name, type_.get_type_name(), type_.Attributes.min_occurs) for name, type_ in message._type_info.items()
            ]
    declared = {
        element.get("name"): [
            (child.get("name"), str(child.get("type")).partition(":")[2], int(child.get("minOccurs", "1")))
            for child in element.iter(f"{s}element")
            if child is not element
        ]
        for element in etree.fromstring(read_schema_file("qbwc.wsdl")).iterfind(f".//{s}schema/{s}element")
    }
    assert len(declared) == 16
    assert served == declared


def test_every_soap_action_is_in_the_namespace_and_every_part_is_called_parameters() -> None:
    tree = etree.fromstring(wsdl(URL))
    operations = tree.findall(".//{http://schemas.xmlsoap.org/wsdl/}portType/*")
    actions = tree.findall(".//{http://schemas.xmlsoap.org/wsdl/soap/}operation")
    assert [action.get("soapAction") for action in actions] == [
        NAMESPACES["q"] + str(operation.get("name")) for operation in operations
    ]
    assert {part.get("name") for part in tree.iter("{http://schemas.xmlsoap.org/wsdl/}part")} == {"parameters"}


# --- HTTP


def test_a_plain_get_answers_200_so_that_the_address_can_be_the_support_page(app: WSGIApplication) -> None:
    got = call(app, method="GET", CONTENT_LENGTH="")
    assert got.status == 200
    assert b"Web Connector" in got.body
    head = call(app, method="HEAD", CONTENT_LENGTH="")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == got.headers


def test_another_method_is_refused_with_the_list_of_those_allowed(app: WSGIApplication) -> None:
    reply = call(app, b"x", method="PUT")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")


# --- the guard: each of these crashes spyne, or is better not given to it


@pytest.mark.parametrize("name", ["empty-body", "href-to-nowhere", "href-loop", "doctype", "not-well-formed"])
def test_a_hostile_envelope_is_answered_with_a_fault_of_the_client(app: WSGIApplication, name: str) -> None:
    reply = call(app, soap_fixture(f"hostile-{name}"))
    assert reply.status == 500
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.fault.startswith("Client")


GOOD_CALL = soap_fixture("closeConnection")


@pytest.mark.parametrize(
    ("body", "environ", "reason"),
    [
        (b"", {}, "no body"),
        (b"", {"CONTENT_LENGTH": None}, "no body"),
        (
            GOOD_CALL,
            {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"},
            "does not state its length",
        ),
        (GOOD_CALL, {"CONTENT_LENGTH": "-5"}, "does not state its length"),
        (GOOD_CALL, {"CONTENT_LENGTH": "many"}, "not a number"),
        (GOOD_CALL, {"CONTENT_LENGTH": str(len(GOOD_CALL) + 1)}, "ended before"),
        (b" " * (LIMIT + 1), {}, "server takes 20000"),
        (GOOD_CALL, {"CONTENT_TYPE": "text/xml; charset=klingon"}, "not in UTF-8"),
        (GOOD_CALL, {"CONTENT_TYPE": "text/xml; charset=utf-16"}, "not in UTF-8"),
        (GOOD_CALL.replace(b"TICKET", b"\xff"), {}, "not in UTF-8"),
        (GOOD_CALL.replace(b'encoding="utf-8"', b'encoding="utf-7"'), {}, "not in UTF-8"),
        (GOOD_CALL.decode().encode("utf-16"), {}, "not in UTF-8"),
        (b"\xef\xbb\xbf" + soap_fixture("hostile-doctype"), {}, "DOCTYPE"),
        (b"not XML at all", {}, "Start tag expected"),
    ],
)
def test_a_request_that_is_no_call_is_answered_with_a_fault_that_says_why(
    app: WSGIApplication, body: bytes, environ: dict[str, Any], reason: str
) -> None:
    reply = call(app, body, **environ)
    assert reply.status == 500
    assert reply.fault.startswith("Client")
    assert reason in reply.fault


def test_a_call_with_a_byte_order_mark_is_understood(app: WSGIApplication) -> None:
    assert result(call(app, b"\xef\xbb\xbf" + GOOD_CALL), "closeConnection").text == "OK"


def test_an_element_nobody_knows_is_a_fault(app: WSGIApplication) -> None:
    reply = call(app, GOOD_CALL.replace(b"closeConnection", b"openSesame"))
    assert reply.status == 500
    assert reply.fault.startswith("Client.ResourceNotFound")


def test_a_text_of_more_than_ten_megabytes_is_taken() -> None:
    app = application(queue=MemoryQueue(), authenticator=single_user(USERNAME, PASSWORD), url=URL)
    body = soap_fixture("receiveResponseXML-refused").replace(
        b"<response />", b"<response>" + b"reeds " * 2_000_000 + b"</response>"
    )
    assert result(call(app, body), "receiveResponseXML").text == "-1"


def test_a_mistake_of_ours_is_a_fault_of_the_server_that_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(username: str, password: str) -> None:
        raise RuntimeError("the database is at 192.0.2.1")

    app = application(queue=MemoryQueue(), authenticator=broken, url=URL)
    reply = call(app, soap_fixture("authenticate"))
    assert reply.status == 500
    assert reply.fault == "Server: Internal Error"
    assert "the database is at" in caplog.text


def test_no_log_has_a_password_or_a_ticket_in_it(app: WSGIApplication, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("authenticate", "hostile-not-well-formed", "closeConnection", "connectionError"):
        call(app, soap_fixture(name, ticket="a-ticket"))
    assert caplog.records, "spyne logs at this level"
    assert PASSWORD not in caplog.text
    assert "a-ticket" not in caplog.text


def test_many_endpoints_in_one_process_leave_nothing_behind_in_spyne(caplog: pytest.LogCaptureFixture) -> None:
    before = dict(_spyne.load().applications)
    for _ in range(3):
        application(queue=MemoryQueue(), authenticator=single_user(USERNAME, PASSWORD), url=URL)
    assert _spyne.load().applications == before
    assert caplog.text == ""


def test_the_exceptions_the_guard_expects_are_those_that_spyne_raises() -> None:
    """If spyne answers these by itself one day, the guard can let go of them."""
    inner = _spyne_application(Endpoint(MemoryQueue(), single_user(USERNAME, PASSWORD)), LIMIT)
    assert _spyne.load().WsgiApplication is type(inner)
    for name, expected in [
        ("empty-body", AttributeError),
        ("href-to-nowhere", KeyError),
        ("href-loop", RecursionError),
    ]:
        with pytest.raises(expected):
            call(inner, soap_fixture(f"hostile-{name}"))
