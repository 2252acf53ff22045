"""soap/transport.py: the wire. What is answered is the endpoint's business; here the form counts."""

from __future__ import annotations

import gc
import http.client
import io
import logging
import socket
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from qbxml._files import read_schema_file
from soap import Account, MemoryQueue, _spyne, application, single_user
from soap._envelope import MAX_MARKUP
from soap.endpoint import Endpoint
from soap.serving import serving
from soap.transport import _caller, _Guard, _spyne_application, _trusted
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


def envelope(method: str, arguments: str = "") -> bytes:
    return (
        f'<soap:Envelope xmlns:soap="{NAMESPACES["s"]}"><soap:Body>'
        f'<{method} xmlns="{NAMESPACES["q"]}">{arguments}</{method}></soap:Body></soap:Envelope>'
    ).encode()


GOOD_CALL = soap_fixture("closeConnection")
RECEIVE = soap_fixture("receiveResponseXML-refused")


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
    assert reply.headers["cache-control"] == "no-store"
    assert len(reply.headers) == 3
    assert reply.body.startswith(b"<?xml")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml; charset=utf-8",
        'text/xml; charset="UTF-8"',
        "Text/XML",
        "application/xml",
        "application/soap+xml",
        "",
        None,
    ],
)
def test_a_call_may_have_any_media_type_of_xml_or_none(app: WSGIApplication, content_type: str | None) -> None:
    reply = call(app, soap_fixture("closeConnection"), CONTENT_TYPE=content_type)
    assert result(reply, "closeConnection").text == "OK"


def test_spyne_has_the_arguments_and_results_that_the_wsdl_declares_under_the_same_names_and_in_the_same_order() -> (
    None
):
    s = "{http://www.w3.org/2001/XMLSchema}"
    endpoint = Endpoint(MemoryQueue(), single_user(USERNAME, PASSWORD))
    served = {}
    for descriptor in _spyne_application(endpoint, LIMIT).app.interface.method_id_map.values():
        served[descriptor.name] = list(descriptor.in_message._type_info)
        served[f"{descriptor.name}Response"] = [
            (name, type_.get_type_name(), type_.Attributes.min_occurs)
            for name, type_ in descriptor.out_message._type_info.items()
        ]
    declared: dict[str, list[Any]] = {}
    for element in etree.fromstring(read_schema_file("qbwc.wsdl")).iterfind(f".//{s}schema/{s}element"):
        parts = [child for child in element.iter(f"{s}element") if child is not element]
        name = str(element.get("name"))
        declared[name] = [
            (part.get("name"), str(part.get("type")).partition(":")[2], int(part.get("minOccurs", "1")))
            if name.endswith("Response")
            else part.get("name")
            for part in parts
        ]
    assert len(declared) == 16
    assert {name: served[name] for name in declared} == declared


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("getServerVersion", "", "OpenQBD"),
        ("getServerVersion", "<ticket>x</ticket>", "OpenQBD"),
        ("getInteractiveURL", "<wcTicket>x</wcTicket><sessionID>1</sessionID>", ""),
        ("interactiveDone", "<wcTicket>x</wcTicket>", "Done"),
        ("isInteractiveDone", "<wcTicket>x</wcTicket>", "Done"),
        ("interactiveRejected", "<wcTicket>x</wcTicket><reason>no</reason>", "This server has no interactive mode."),
    ],
)
def test_the_calls_of_the_guide_that_the_wsdl_does_not_have_are_answered_too(
    app: WSGIApplication, name: str, arguments: str, text: str
) -> None:
    answered = result(call(app, envelope(name, arguments)), name).text or ""
    assert answered.startswith(text)
    assert bool(answered) == bool(text)


class Echo:
    """An endpoint that answers what it was given, so that a test sees what arrives."""

    def __init__(self, answer: str = "") -> None:
        self.given: list[tuple[str | int | None, ...]] = []
        self.answer = answer

    def __getattr__(self, name: str) -> Any:
        def method(*arguments: str | int | None, **more: object) -> str | int | list[str]:
            self.given.append(arguments)
            if name == "authenticate":
                return [self.answer, ""]
            return -1 if name == "receive_response_xml" else self.answer

        return method


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def echoing(echo: Any) -> WSGIApplication:
    return _Guard(_spyne_application(echo, 1 << 30), b"", 1 << 30, partial(_caller, _trusted(["10.0.0.0/8"])))


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ("<ticket>x</ticket><hresult>h</hresult><message>m</message>", ("x", "h", "m")),
        ("<message>m</message><hresult>h</hresult><ticket>x</ticket>", ("x", "h", "m")),
        ("<ticket/><hresult></hresult>", ("", "", "")),
        ("", ("", "", "")),
        ('<ticket xmlns="">x</ticket><more>than is known</more>', ("x", "", "")),
        ("<ticket>a<!-- what a comment would cut --><?pi as well?>b</ticket>", ("ab", "", "")),
        ("<ticket><![CDATA[<&a]]> &lt;b</ticket>", ("<&a <b", "", "")),
        ("<ticket>a\r\nb&#13;c &#x1F426;</ticket>", ("a\nb\rc \N{BIRD}", "", "")),
        ('<ticket hresult="attributes are not arguments">x</ticket>', ("x", "", "")),
        (
            '<ticket xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true" xsi:type="n:o"/>',
            ("", "", ""),
        ),
    ],
)
def test_arguments_arrive_whole_in_whatever_order_and_those_left_out_are_empty(
    echoing: WSGIApplication, echo: Echo, arguments: str, given: tuple[str, ...]
) -> None:
    result(call(echoing, envelope("connectionError", arguments)), "connectionError")
    assert echo.given == [given]


@pytest.mark.parametrize(
    ("text", "number"),
    [("13", 13), (" 13\n", 13), ("", None), ("13.0", None), ("-1", None), ("thirteen", None), ("9" * 5000, None)],
)
def test_a_version_that_is_no_number_is_left_to_the_conversation(
    echoing: WSGIApplication, echo: Echo, text: str, number: int | None
) -> None:
    result(call(echoing, envelope("sendRequestXML", f"<qbXMLMajorVers>{text}</qbXMLMajorVers>")), "sendRequestXML")
    assert echo.given[0][-2:] == (number, None)


def test_the_endpoint_gets_what_the_call_says_and_the_address_it_came_from(
    echoing: WSGIApplication, echo: Echo
) -> None:
    call(echoing, soap_fixture("authenticate"), REMOTE_ADDR="10.1.1.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.7")
    call(echoing, soap_fixture("authenticate"))
    names = "ticket strHCPResponse strCompanyFileName qbXMLCountry"
    texts = "".join(f"<{name}>{name} &amp;</{name}>" for name in reversed(names.split()))
    numbers = "<qbXMLMinorVers>0</qbXMLMinorVers><qbXMLMajorVers>16</qbXMLMajorVers>"
    call(echoing, envelope("sendRequestXML", numbers + texts))
    assert echo.given == [
        (USERNAME, PASSWORD, "198.51.100.7"),
        (USERNAME, PASSWORD, None),
        (*(f"{name} &" for name in names.split()), 16, 0),
    ]


def test_what_xml_cannot_write_is_left_out_of_every_answer(echoing: WSGIApplication, echo: Echo) -> None:
    echo.answer = "a\0\x01\x0b\x1f\ud800\udfff\ufffe\uffffb\t\r\n\x7f\xe9\N{BIRD}&<"
    kept = "ab\t\r\n\x7f\xe9\N{BIRD}&<"
    assert result(call(echoing, GOOD_CALL), "closeConnection").text == kept
    ticket, _ = result(call(echoing, soap_fixture("authenticate")), "authenticate")
    assert ticket.text == kept


# --- HTTP


def test_a_plain_get_answers_200_so_that_the_address_can_be_the_support_page(app: WSGIApplication) -> None:
    got = call(app, method="GET", CONTENT_LENGTH="")
    assert got.status == 200
    assert b"Web Connector" in got.body
    head = call(app, method="HEAD", CONTENT_LENGTH="")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == got.headers


def test_another_method_is_refused_with_those_allowed(app: WSGIApplication) -> None:
    assert call(app, b"x", method="PUT").headers["allow"] == "GET, HEAD, POST"


# --- the guard


def test_markup_that_is_text_is_not_counted(echoing: WSGIApplication, echo: Echo) -> None:
    many = "<a/>" * (MAX_MARKUP + 1) + "<!DOCTYPE a>"
    body = envelope("getLastError", f"<!--{many}--><ticket><![CDATA[{many}]]></ticket>")
    result(call(echoing, body), "getLastError")
    assert echo.given == [(many,)]


def test_a_call_with_a_byte_order_mark_is_understood(app: WSGIApplication) -> None:
    assert result(call(app, b"\xef\xbb\xbf" + GOOD_CALL), "closeConnection").text == "OK"


def test_a_mistake_of_ours_is_a_fault_of_the_server_that_tells_nothing_and_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(username: str, password: str, *more: object) -> Account:
        try:
            raise KeyError(f"no {password}")
        except KeyError as error:
            raise RuntimeError(f"the database at 192.0.2.1 does not know {password}\nparameters: {username}") from error

    app = application(queue=MemoryQueue(), authenticator=SimpleNamespace(authenticate=broken), url=URL)
    reply = call(app, soap_fixture("authenticate"))
    assert (reply.status, reply.fault) == (500, "Server: Internal Error")
    assert "RuntimeError: the database at 192.0.2.1 does not know [...]\n" in caplog.text + "\n"
    assert "KeyError" in caplog.text
    assert "in broken" in caplog.text
    assert PASSWORD not in caplog.text.replace("{password}", "")
    assert "parameters: annie" not in caplog.text


# --- size


class Source:
    """``wsgi.input`` that makes its bytes when they are read, so that nobody else holds them."""

    def __init__(self, head: bytes, line: bytes, lines: int, tail: bytes) -> None:
        self.length = len(head) + len(line) * lines + len(tail)
        self._parts = (head, line, lines, tail)

    def read(self, size: int = -1) -> bytes:
        head, line, lines, tail = self._parts
        return b"".join([head, *[line] * lines, tail])


@pytest.fixture
def measured() -> Iterator[None]:
    """Counts Python's memory, with no collector to tidy up after a call."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


def test_a_large_answer_is_taken_with_one_copy_in_memory_and_leaves_none_behind(
    echoing: WSGIApplication, echo: Echo, measured: None
) -> None:
    """The body, and when it is gone the text in it. What libxml2 takes meanwhile, as much again, is not seen here."""
    head, tail = RECEIVE.split(b"<response />")
    line = b"&lt;Name&gt;reeds \xc3\xa9&lt;/Name&gt;\n" * 1000
    source = Source(head + b"<response>", line, 300, b"</response>" + tail)
    assert source.length > 10_000_000, "more than libxml2 takes in one text, unless told"
    environ: dict[str, Any] = {"CONTENT_LENGTH": str(source.length), "wsgi.input": source}
    assert result(call(echoing, **environ), "receiveResponseXML").text == "-1"
    assert echo.given[0][1] == "<Name>reeds \xe9</Name>\n" * 300_000
    echo.given.clear()
    after, peak = tracemalloc.get_traced_memory()
    assert peak < 1.5 * source.length
    assert after < 0.1 * source.length


def test_a_large_request_leaves_no_copy_behind(echoing: WSGIApplication, echo: Echo, measured: None) -> None:
    echo.answer = "reeds " * 1_000_000
    before, _ = tracemalloc.get_traced_memory()
    assert len(result(call(echoing, soap_fixture("sendRequestXML")), "sendRequestXML").text or "") == 6_000_000
    after, _ = tracemalloc.get_traced_memory()
    assert after - before < 1_000_000


def test_a_call_of_too_many_bytes_is_a_fault_with_both_figures_and_is_read_to_its_end(app: WSGIApplication) -> None:
    sent = io.BytesIO(b" " * (LIMIT + 1))
    environ: dict[str, Any] = {"CONTENT_LENGTH": str(LIMIT + 1), "wsgi.input": sent}
    reply = call(app, **environ)
    assert reply.fault == f"Client: The request has {LIMIT + 1} bytes, and the server takes {LIMIT}."
    assert sent.read() == b""


@pytest.mark.parametrize(
    ("environ", "read"),
    [
        ({"CONTENT_LENGTH": "10000000"}, 2 * LIMIT),
        ({"CONTENT_LENGTH": "1000", "CONTENT_TYPE": "text/plain"}, 1000),
        ({"CONTENT_LENGTH": "1000", "REQUEST_METHOD": "PUT"}, 1000),
        ({"CONTENT_LENGTH": "1000", "REQUEST_METHOD": "GET"}, 1000),
        ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 0),
        ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, 2 * LIMIT),
        ({"CONTENT_LENGTH": "-1"}, 0),
        ({"CONTENT_LENGTH": "9" * 30}, 2 * LIMIT),
    ],
)
def test_a_refused_body_is_read_up_to_a_bound_and_never_without_an_end(
    app: WSGIApplication, environ: dict[str, Any], read: int
) -> None:
    sent = io.BytesIO(b"x" * 10_000_000)
    call(app, **{"CONTENT_LENGTH": "", **environ, "wsgi.input": sent})
    assert sent.tell() == read


def test_a_body_that_comes_in_pieces_is_put_together(app: Any) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 100))

    environ: dict[str, Any] = {"CONTENT_LENGTH": str(len(GOOD_CALL)), "wsgi.input": Slow(GOOD_CALL)}
    assert result(call(app, **environ), "closeConnection").text == "OK"


def test_a_client_that_goes_away_is_no_mistake_of_ours(app: WSGIApplication, caplog: pytest.LogCaptureFixture) -> None:
    class Gone(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    environ: dict[str, Any] = {"CONTENT_LENGTH": "100", "wsgi.input": Gone()}
    assert call(app, **environ).status == 400
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_over_a_socket_a_client_that_sends_too_much_gets_the_answer_and_not_a_reset() -> None:
    limit = 2_000_000
    with serving(
        lambda url: application(
            queue=MemoryQueue(), authenticator=single_user("a", "b"), url=url, max_content_length=limit
        )
    ) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        connection.request("POST", "/", b" " * (limit * 3 // 2), {"Content-Type": "text/xml"})
        response = connection.getresponse()
        assert (response.status, b"server takes 2000000" in response.read()) == (500, True)
        connection.close()


def test_a_client_that_expects_to_be_told_to_continue_is_served() -> None:
    with serving(lambda url: application(queue=MemoryQueue(), authenticator=single_user("a", "b"), url=url)) as url:
        where = urlsplit(url)
        with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
            head = (
                f"POST / HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: text/xml; charset=utf-8\r\n"
                f"Content-Length: {len(GOOD_CALL)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
            )
            connection.sendall(head.encode())
            connection.sendall(GOOD_CALL)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"200 OK" in received
    assert b"<closeConnectionResult>OK" in received.partition(b"\r\n\r\n")[2].replace(b"tns:", b"")


# --- whose call it is


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address"),
    [
        ((), "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (("10.0.0.0/8",), "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (("10.0.0.0/8",), "10.1.2.3", "198.51.100.7", "198.51.100.7"),
        (("10.0.0.0/8",), "10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (("10.0.0.0/8", "198.51.100.0/24"), "10.1.2.3", "6.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (("10.0.0.0/8",), "10.1.2.3", "10.9.9.9,10.8.8.8", "10.9.9.9"),
        (("10.0.0.0/8",), "10.1.2.3", "", "10.1.2.3"),
        (("10.0.0.0/8",), "10.1.2.3", "198.51.100.7, unknown", "10.1.2.3"),
        (("10.0.0.0/8",), "10.1.2.3", "198.51.100.7:4711", "198.51.100.7"),
        (("::1",), "::1", "[2001:db8::7]:4711", "2001:db8::7"),
        (("::1",), "::1", "2001:db8::7", "2001:db8::7"),
        (("10.0.0.0/8",), "::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7"),
        (("10.0.0.0/8",), "", "198.51.100.7", ""),
        (("unix",), "", "198.51.100.7", "198.51.100.7"),
        (("unix",), "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (("unix",), "", "", ""),
    ],
)
def test_a_forwarded_address_is_believed_as_far_as_trusted_proxies_wrote_it(
    proxies: tuple[str, ...], remote: str, forwarded: str, address: str
) -> None:
    environ = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded, "HTTP_X_FORWARDED_HOST": "6.6.6.6"}
    assert _caller(_trusted(proxies), environ) == address


def test_the_log_says_who_was_refused_and_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "soap")
    app = application(
        queue=MemoryQueue(), authenticator=single_user("a", "b"), url=URL, trusted_proxies=["127.0.0.0/8"]
    )
    call(app, b"<a/>", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert [record.getMessage() for record in caplog.records] == [
        "a call from 198.51.100.7 was refused: The request is no SOAP envelope."
    ]


@pytest.mark.parametrize("proxies", [["10.0.0.0/33"], ["proxy.example.com"], ["10.1.2.3/8"], "10.0.0.0/8"])
def test_a_trusted_proxy_that_is_no_network_is_refused_when_the_application_is_made(proxies: Any) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        application(queue=MemoryQueue(), authenticator=single_user("a", "b"), url=URL, trusted_proxies=proxies)


# --- several endpoints, several threads


def test_many_endpoints_in_one_process_leave_nothing_behind_in_spyne(caplog: pytest.LogCaptureFixture) -> None:
    before = dict(_spyne.load().applications)
    for _ in range(3):
        application(queue=MemoryQueue(), authenticator=single_user(USERNAME, PASSWORD), url=URL)
    assert _spyne.load().applications == before
    assert caplog.text == ""


def test_endpoints_called_from_many_threads_do_not_mix_their_answers() -> None:
    queues = [MemoryQueue() for _ in range(3)]
    apps = [
        application(
            queue=queue,
            authenticator=single_user(USERNAME, PASSWORD, Account(f"c{number}", f"{number}.qbw")),
            url=URL,
        )
        for number, queue in enumerate(queues)
    ]
    for number, queue in enumerate(queues):
        queue.enqueue(f"c{number}", {"CustomerQueryRq": {"MaxReturned": 1}})
    wrong: list[object] = []
    start = threading.Barrier(9)

    def signs_in(number: int) -> None:
        start.wait()
        for _ in range(30):
            answer = [text.text for text in result(call(apps[number], soap_fixture("authenticate")), "authenticate")]
            if answer[1] != f"{number}.qbw":
                wrong.append((number, answer))

    threads = [threading.Thread(target=signs_in, args=(index % 3,)) for index in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_call_makes_spyne_collect_garbage(app: WSGIApplication) -> None:
    """With many calls held open a full collection stops them all, and spyne would have one each second."""
    collected: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2:
            collected.append(phase)

    _spyne.load()
    sys.modules["spyne.context"].__dict__["_LAST_GC_RUN"] = 0.0
    gc.disable()
    gc.callbacks.append(note)
    try:
        result(call(app, GOOD_CALL), "closeConnection")
    finally:
        gc.callbacks.remove(note)
        gc.enable()
    assert collected == []
